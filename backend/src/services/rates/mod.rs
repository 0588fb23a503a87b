//! How often anybody may ask: a bucket of requests for each token, else for each person, else for each address.
//!
//! Rule: a limit stops what runs wild and never becomes an outage itself. What counts is in memory, bounded, or in a Redis that
//! all servers of a registry share; where that fails, each server counts for itself until it is back.

pub(super) mod attempts;
mod bucket;
mod memory;
mod shared;

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{Core, Error, Result};
use crate::{
    config::{Rate, Rates},
    domain::access::{Grant, Viewer},
};
use attempts::Attempts;
use memory::Buckets;
use shared::Shared;

/// What is asked for, as far as limits tell things apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What pages show.
    View,
    /// What programs ask for.
    Program,
}

/// Whose bucket it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A token's.
    Token(i64),
    /// A person's.
    Person(i64),
    /// That of everybody without credentials at an address.
    Address(Kind, IpAddr),
    /// That of all requests with a signature from an address, before anybody knows whose they are.
    Signed(IpAddr),
}

impl Key {
    /// Its name among those of all servers.
    fn name(self) -> String {
        match self {
            Self::Token(id) => format!("sregistry:rate:token:{id}"),
            Self::Person(id) => format!("sregistry:rate:person:{id}"),
            Self::Address(Kind::View, address) => format!("sregistry:rate:view:{address}"),
            Self::Address(Kind::Program, address) => format!("sregistry:rate:anon:{address}"),
            Self::Signed(address) => format!("sregistry:rate:signed:{address}"),
        }
    }
}

/// What was counted since the start, for those who watch the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Requests refused.
    pub refused: u64,
    /// Times that the shared memory did not answer, so that this server counted for itself.
    pub alone: u64,
    /// Buckets that are not full, in this server's memory.
    pub buckets: usize,
}

/// The limits, and what has been used of them.
#[derive(Debug)]
pub struct Limiter {
    rates: Rates,
    local: Buckets,
    shared: Option<Shared>,
    /// Failed sign-ins.
    pub(super) attempts: Attempts,
    refused: AtomicU64,
}

impl Limiter {
    /// With these settings. Nothing is connected yet.
    ///
    /// # Errors
    /// The address of the shared memory cannot be understood.
    pub fn new(rates: &Rates) -> std::result::Result<Self, super::error::Cause> {
        let url = rates.redis_url.reveal();
        let shared = (!url.is_empty()).then(|| Shared::new(url)).transpose()?;
        Ok(Self {
            rates: rates.clone(),
            local: Buckets::default(),
            attempts: Attempts::new(shared.clone()),
            shared,
            refused: AtomicU64::new(0),
        })
    }

    /// Connects to the shared memory, if there is one. Without an answer the server starts all the same.
    pub async fn connect(&self) {
        if let Some(shared) = &self.shared {
            shared.connect().await;
        }
    }

    /// What was counted so far.
    pub fn figures(&self) -> Figures {
        Figures {
            refused: self.refused.load(Ordering::Relaxed),
            alone: self.shared.as_ref().map_or(0, Shared::failures),
            buckets: self.local.len(),
        }
    }

    /// The rate of a bucket; nothing where there is no limit.
    fn rate(&self, key: Key) -> Option<Rate> {
        match key {
            Key::Token(_) | Key::Person(_) | Key::Signed(_) => self.rates.api_user_throttle_rate,
            Key::Address(Kind::Program, _) => self.rates.api_anon_throttle_rate,
            Key::Address(Kind::View, _) => self.rates.view_rate_limit,
        }
    }

    /// Takes a request out of the bucket of everybody at an address: the price of a look-up that may be in vain.
    ///
    /// # Errors
    /// `RateLimited` where it is empty.
    pub(super) async fn spare(&self, address: Option<IpAddr>, now: DateTime<Utc>) -> Result<()> {
        match address {
            Some(address) => {
                let key = Key::Address(Kind::Program, network(address));
                self.take(key, now).await
            }
            None => Ok(()),
        }
    }

    /// Takes a request out of a bucket.
    ///
    /// # Errors
    /// `RateLimited` where it is empty.
    pub async fn take(&self, key: Key, now: DateTime<Utc>) -> Result<()> {
        let Some(rate) = self.rate(key) else {
            return Ok(());
        };
        let shared = match &self.shared {
            Some(shared) => shared.take(&key.name(), rate).await,
            None => None,
        };
        let taken = shared.unwrap_or_else(|| self.local.take(key, rate, now));
        let Err(wait) = taken else {
            return Ok(());
        };
        if matches!(key, Key::Address(Kind::View, _)) && !self.rates.view_rate_limit_block {
            tracing::debug!(?key, "more often than VIEW_RATE_LIMIT");
            return Ok(());
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        Err(too_often(wait))
    }
}

/// The refusal of who has to wait, in whole seconds: nobody is told to come back too early.
fn too_often(wait: Duration) -> Error {
    let part = u64::from(wait.subsec_nanos() > 0);
    Error::RateLimited {
        retry_after: Duration::from_secs(wait.as_secs() + part),
    }
}

/// Counts a request of this caller from there.
///
/// # Errors
/// `RateLimited`.
pub async fn admit(
    core: &Core,
    viewer: &Viewer,
    address: Option<IpAddr>,
    kind: Kind,
) -> Result<()> {
    let key = match (viewer.person(), viewer.grant()) {
        (_, Some(Grant::Token { id, .. })) => Key::Token(*id),
        (Some(person), Some(Grant::Session(_))) => Key::Person(person.id),
        _ => match address {
            Some(address) => Key::Address(kind, network(address)),
            // A socket of this machine: nobody comes that way whom one does not let in.
            None => return Ok(()),
        },
    };
    core.rates.take(key, core.clock.now()).await
}

/// Counts a request that claims to be signed, before its signature is looked at.
///
/// # Errors
/// `RateLimited`.
pub async fn admit_signed(core: &Core, address: Option<IpAddr>) -> Result<()> {
    match address {
        Some(address) => {
            let key = Key::Signed(network(address));
            core.rates.take(key, core.clock.now()).await
        }
        None => Ok(()),
    }
}

/// What counts as one address: of IPv6 the first half, for whoever has one address there has 2^64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_ipv6_count_as_one() {
        let [one, two, other] = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"]
            .map(|address| network(address.parse().unwrap()));
        assert_eq!(one, two);
        assert_ne!(one, other);
        let mapped = network("::ffff:203.0.113.9".parse().unwrap());
        assert_eq!(mapped.to_string(), "203.0.113.9");
    }

    #[test]
    fn nobody_is_told_to_come_back_too_early() {
        let told = |millis| match too_often(Duration::from_millis(millis)) {
            Error::RateLimited { retry_after } => retry_after.as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!([told(1), told(1000), told(1001)], [1, 1, 2]);
    }
}
