//! Guesses at passwords and tokens, and the pauses that grow with them.
//!
//! Rule: a guess counts before it is known how it ends, and a name that nobody has counts like any other. A pause holds up who
//! guesses, not who knows: neither a person at a place where they have signed in before, nor a token that is right.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::{ops::compute::Op, sync::Cache};
use redis::Script;

use super::{network, shared::Shared, too_often};
use crate::services::{Result, keys};

/// In how much time of quiet all failures are forgiven, one after the other.
const WINDOW: Duration = Duration::from_mins(15);
/// The first pause in seconds; each failure after it doubles it.
const FIRST_PAUSE: i64 = 15;
/// The longest pause in seconds.
const LONGEST_PAUSE: i64 = 900;
/// Most accounts, addresses and tokens remembered.
const MOST: u64 = 100_000;
/// How long it is remembered where somebody has signed in.
const KNOWN: Duration = Duration::from_hours(30 * 24);
/// How long it is remembered that a token has worked, or is unknown.
const TOKEN: Duration = Duration::from_hours(24);

/// Failed sign-ins to one account from one address before a pause.
const PER_PLACE: u32 = 5;
/// Failed sign-ins to one account from all addresses together.
const PER_ACCOUNT: u32 = 50;
/// Failed sign-ins from one address: many people may share one.
const PER_ADDRESS: u32 = 100;
/// Different tokens that nobody knows, from one address.
const TOKENS: u32 = 100;

/// Counts a guess. KEYS: the counts to check; then one that frees from those before it if it is there, or an empty name; ARGV: how many
/// keys it frees from; then the window, the first and the longest pause in milliseconds; then how many failures each count takes, 0 for
/// only looking. The answer is how long to wait, in milliseconds.
const GUESS: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free = tonumber(ARGV[1])
local window, first, longest = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local start = 1
if free > 0 and redis.call('EXISTS', KEYS[#KEYS]) == 1 then start = 1 + free end
local counts = {}
for i = start, #KEYS - 1 do
  local kept = redis.call('HMGET', KEYS[i], 'failed', 'last', 'until')
  local count = { failed = tonumber(kept[1]) or 0, last = tonumber(kept[2]) or now, pause = tonumber(kept[3]) or 0 }
  if count.pause > now then return math.ceil(count.pause - now) end
  counts[i] = count
end
for i = start, #KEYS - 1 do
  local most, count = tonumber(ARGV[4 + i]), counts[i]
  if most > 0 then
    local quiet = math.max(now - math.max(count.last, count.pause), 0)
    local failed = math.max(count.failed - math.floor(quiet / (window / most)), 0) + 1
    local pause = 0
    if failed >= most then pause = math.min(first * 2 ^ math.min(failed - most, 16), longest) end
    redis.call('HSET', KEYS[i], 'failed', failed, 'last', string.format('%.0f', now), 'until', string.format('%.0f', pause > 0 and now + pause or 0))
    redis.call('PEXPIRE', KEYS[i], string.format('%.0f', window + pause))
  end
end
return 0
";

/// Forgives. KEYS: one to forget, two to forgive one failure each, one to remember; ARGV: for how many seconds.
const FORGIVE: &str = r"
redis.call('DEL', KEYS[1])
for i = 2, 3 do
  if (tonumber(redis.call('HGET', KEYS[i], 'failed')) or 0) > 0 then redis.call('HINCRBY', KEYS[i], 'failed', -1) end
end
if tonumber(ARGV[1]) > 0 then redis.call('SET', KEYS[4], '1', 'EX', ARGV[1]) end
return 0
";

/// Whether KEYS[1] is new; it is remembered for ARGV[1] seconds.
const FRESH: &str = r"
if redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 1 end
return 0
";

/// Failures of one account at one address, of one account, or of one address.
#[derive(Debug, Clone, Copy)]
struct Count {
    failed: u32,
    last: DateTime<Utc>,
    /// The end of the pause; long ago where there is none.
    until: DateTime<Utc>,
}

impl Count {
    /// With one more failure.
    fn and_one(before: Option<Self>, most: u32, now: DateTime<Utc>) -> Self {
        let failed = before.map_or(0, |count| {
            let quiet = (now - count.last.max(count.until))
                .to_std()
                .unwrap_or_default();
            let forgiven = quiet.as_millis() / (WINDOW / most.max(1)).as_millis().max(1);
            let forgiven = u32::try_from(forgiven).unwrap_or(u32::MAX);
            count.failed.saturating_sub(forgiven)
        });
        let failed = failed.saturating_add(1);
        let end = (failed >= most).then(|| {
            let doublings = (failed - most).min(16);
            let pause = FIRST_PAUSE
                .saturating_mul(1 << doublings)
                .min(LONGEST_PAUSE);
            now + TimeDelta::seconds(pause)
        });
        Self {
            failed,
            last: now,
            until: end.unwrap_or_default(),
        }
    }
}

/// What is remembered of guesses: all of it may be lost at any moment.
pub(in crate::services) struct Attempts {
    counts: Cache<String, Count>,
    /// Accounts at addresses where they have signed in.
    known: Cache<String, ()>,
    /// Hashes of tokens that have worked.
    good: Cache<String, ()>,
    /// Hashes of tokens that nobody knows.
    wrong: Cache<String, ()>,
    shared: Option<Shared>,
    guess: Script,
    forgive: Script,
    fresh: Script,
}

impl std::fmt::Debug for Attempts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attempts(…)")
    }
}

/// What an attempt to sign in is counted under. Hashed, so that long names take no more room than short ones.
struct Names {
    account: String,
    place: String,
    address: String,
    known: String,
}

impl Names {
    fn of(account: &str, address: Option<IpAddr>) -> Self {
        let address = shown(address);
        let place = keys::hash(&format!("{address} {account}"));
        Self {
            account: format!("sregistry:guess:account:{}", keys::hash(account)),
            known: format!("sregistry:known:{place}"),
            place: format!("sregistry:guess:place:{place}"),
            address: format!("sregistry:guess:address:{address}"),
        }
    }
}

fn shown(address: Option<IpAddr>) -> String {
    let address = address.map(|address| network(address).to_string());
    address.unwrap_or_default()
}

fn cache<V: Clone + Send + Sync + 'static>(life: Duration) -> Cache<String, V> {
    Cache::builder()
        .max_capacity(MOST)
        .time_to_idle(life)
        .build()
}

impl Attempts {
    /// Remembered here, or by all servers together.
    pub(super) fn new(shared: Option<Shared>) -> Self {
        Self {
            counts: cache(WINDOW * 2),
            known: cache(KNOWN),
            good: cache(TOKEN),
            wrong: cache(TOKEN),
            shared,
            guess: Script::new(GUESS),
            forgive: Script::new(FORGIVE),
            fresh: Script::new(FRESH),
        }
    }

    /// Counts an attempt to sign in, before it is known how it ends: attempts at the same time count too.
    ///
    /// # Errors
    /// `RateLimited` where there were too many.
    pub(in crate::services) async fn begin(
        &self,
        account: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let names = Names::of(account, address);
        let counts = [
            (names.account.as_str(), PER_ACCOUNT),
            (names.address.as_str(), PER_ADDRESS),
            (names.place.as_str(), PER_PLACE),
        ];
        self.count(&counts, Some(&names.known), now).await
    }

    /// Forgets what an account failed at from this address: its owner has signed in.
    pub(in crate::services) async fn succeeded(&self, account: &str, address: Option<IpAddr>) {
        self.forgive(&Names::of(account, address), KNOWN).await;
    }

    /// Takes an attempt back that did not say anything about the password.
    pub(in crate::services) async fn undecided(&self, account: &str, address: Option<IpAddr>) {
        self.forgive(&Names::of(account, address), Duration::ZERO)
            .await;
    }

    /// Says of a token that is not known to have worked whether it comes from an address that guesses.
    ///
    /// # Errors
    /// `RateLimited`, which is for tokens that turn out to be wrong.
    pub(in crate::services) async fn before_token(
        &self,
        hash: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if self.good.contains_key(hash) {
            return Ok(());
        }
        let name = tokens_of(address);
        self.count(&[(name.as_str(), 0)], None, now).await
    }

    /// Remembers that a token has worked.
    pub(in crate::services) fn good_token(&self, hash: &str) {
        // Looking first spares a write for each request.
        if !self.good.contains_key(hash) {
            self.good.insert(hash.to_owned(), ());
        }
    }

    /// Counts a token that nobody knows. The same one again is no other guess: a machine with an old token guesses nothing.
    pub(in crate::services) async fn wrong_token(
        &self,
        hash: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let name = format!("sregistry:guess:wrong:{hash}");
        let local = self.wrong.entry(name.clone()).or_insert(()).is_fresh();
        if !local {
            return Ok(());
        }
        if let Some(shared) = &self.shared {
            let mut call = self.fresh.key(&name);
            call.arg(TOKEN.as_secs());
            if shared.ask::<u8>(&call).await == Some(0) {
                return Ok(());
            }
        }
        let name = tokens_of(address);
        self.count(&[(name.as_str(), TOKENS)], None, now).await
    }

    /// Looks whether one of these must wait, and counts a failure for each that has a number of failures that it takes. Where `known`
    /// is remembered, the first does not count.
    async fn count(
        &self,
        counts: &[(&str, u32)],
        known: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        if let Some(shared) = &self.shared {
            let mut call = self.guess.prepare_invoke();
            for (name, _) in counts {
                call.key(*name);
            }
            call.key(known.unwrap_or_default());
            call.arg(u8::from(known.is_some()));
            call.arg(u64::try_from(WINDOW.as_millis()).unwrap_or_default());
            call.arg(FIRST_PAUSE * 1000).arg(LONGEST_PAUSE * 1000);
            for (_, most) in counts {
                call.arg(*most);
            }
            if let Some(wait) = shared.ask::<u64>(&call).await {
                return waited(Duration::from_millis(wait));
            }
        }
        let free = known.is_some_and(|known| self.known.contains_key(known));
        let counts = counts.get(usize::from(free)..).unwrap_or_default();
        let longest = counts
            .iter()
            .filter_map(|(name, _)| self.counts.get(*name))
            .filter_map(|count| (count.until - now).to_std().ok())
            .max();
        waited(longest.unwrap_or_default())?;
        for (name, most) in counts.iter().filter(|(_, most)| *most > 0) {
            self.counts
                .entry((*name).to_owned())
                .and_upsert_with(|entry| {
                    Count::and_one(entry.map(moka::Entry::into_value), *most, now)
                });
        }
        Ok(())
    }

    async fn forgive(&self, names: &Names, known: Duration) {
        if let Some(shared) = &self.shared {
            let mut call = self.forgive.prepare_invoke();
            call.key(&names.place).key(&names.account);
            call.key(&names.address).key(&names.known);
            call.arg(known.as_secs());
            // Where nobody answers, what is here counts, and is forgiven here.
            let _: Option<u8> = shared.ask(&call).await;
        }
        self.counts.invalidate(&names.place);
        for name in [&names.account, &names.address] {
            let entry = self.counts.entry_by_ref(name);
            entry.and_compute_with(|entry| match entry {
                None => Op::Nop,
                Some(entry) => {
                    let mut count = entry.into_value();
                    count.failed = count.failed.saturating_sub(1);
                    Op::Put(count)
                }
            });
        }
        if !known.is_zero() {
            self.known.insert(names.known.clone(), ());
        }
    }
}

/// What is let through before there are pauses, for people to look at.
pub(in crate::services) fn allowed() -> [(&'static str, String); 4] {
    let longest = LONGEST_PAUSE / 60;
    [
        ("Failed sign-ins to one account from one address", PER_PLACE),
        (
            "Failed sign-ins to one account from all addresses",
            PER_ACCOUNT,
        ),
        ("Failed sign-ins from one address", PER_ADDRESS),
        ("Tokens that nobody knows from one address", TOKENS),
    ]
    .map(|(what, most)| {
        (
            what,
            format!("{most}, then pauses of {FIRST_PAUSE} s to {longest} min"),
        )
    })
}

fn tokens_of(address: Option<IpAddr>) -> String {
    format!("sregistry:guess:tokens:{}", shown(address))
}

fn waited(wait: Duration) -> Result<()> {
    if wait.is_zero() {
        return Ok(());
    }
    Err(too_often(wait))
}

#[cfg(test)]
mod tests;
