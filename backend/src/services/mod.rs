//! Use cases: what people and clients come to do, one module a topic.
//!
//! Rule: a use case checks rights, makes at most one write transaction, and does no IO inside it. It knows nothing of HTTP.

pub mod access;
pub mod account;
pub mod activity;
pub mod administration;
pub mod audit;
pub mod badges;
mod blobs;
pub mod catalog;
pub mod clock;
pub mod collections;
pub mod containers;
pub mod downloads;
pub mod error;
pub mod health;
pub mod images;
pub mod inspect;
pub mod keys;
pub mod keyserver;
pub mod labels;
pub mod limits;
pub mod login;
pub mod members;
pub mod oci;
pub mod paging;
pub mod passes;
pub mod passwords;
pub mod people;
pub mod profiles;
pub mod providers;
pub mod pull;
pub mod push;
pub mod queue;
pub mod quota;
pub mod rates;
pub mod readme;
pub mod relocate;
pub mod robots;
pub mod search;
pub mod secret;
pub mod setup;
pub mod shares;
pub mod stars;
pub mod stats;
pub mod sweep;
pub mod tags;
pub mod teams;
pub mod terms;
pub mod tickets;
pub mod tokens;
pub mod topics;
pub mod treemap;
pub mod uploads;
pub mod users;
pub mod view;
pub mod webhooks;

use std::sync::Arc;

use crate::{config::Settings, db::Db, domain::access::Openness, plugins::auth::Providers};
pub use error::{Error, Result};

/// What every use case works with. Built once by `app`, shared by all.
pub struct Core {
    /// The database.
    pub db: Db,
    /// The bytes of images.
    pub blobs: store::BlobStore,
    /// The settings in force.
    pub settings: Arc<Settings>,
    /// What time it is.
    pub clock: clock::Clock,
    /// Keys derived from the secret key.
    pub keys: keys::Keys,
    /// Where jobs are handed in.
    pub queue: queue::Queue,
    /// What is remembered of people between requests.
    pub people: people::Memory,
    /// How often anybody may ask.
    pub rates: rates::Limiter,
    /// Ways to sign in with other providers.
    pub providers: Providers,
    /// Sends messages to webhooks.
    pub webhooks: webhooks::Sender,
    /// Downloads counted but not yet written.
    pub counters: pull::Counters,
}

impl Core {
    /// What this registry shows to strangers.
    pub fn openness(&self) -> Openness {
        if self.settings.registry.private_only {
            Openness::PrivateOnly
        } else {
            Openness::Open
        }
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Core(…)")
    }
}
