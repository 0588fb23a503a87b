//! What all servers of a registry count together, in a Redis.
//!
//! Rule: each question is one script, so nothing is lost between two servers, and its time is that of Redis, so their clocks do
//! not matter. No request waits for a connection: while there is none, the answer is “nobody knows”, and one is made aside.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, RedisError, Script, ScriptInvocation,
    aio::MultiplexedConnection,
};

use crate::{config::Rate, services::error::Cause};

/// How long an answer may take: far more than it does, and little enough that nobody notices.
const ANSWER: Duration = Duration::from_millis(250);
/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(2);
/// How long to leave it alone after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Takes a request out of the bucket KEYS[1]; ARGV: microseconds that it takes to fill, and that one request takes. The answer is how
/// long to wait, in microseconds; 0 where there was one.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local period, each = tonumber(ARGV[1]), tonumber(ARGV[2])
local owed = math.min(math.max((tonumber(redis.call('GET', KEYS[1])) or 0) - now, 0), period)
local over = owed + each - period
if over > 0 then return math.ceil(over) end
local full = owed + each
redis.call('SET', KEYS[1], string.format('%.0f', now + full), 'PX', math.max(math.ceil(full / 1000), 1))
return 0
";

/// The shared memory.
#[derive(Clone)]
pub(super) struct Shared(Arc<Inner>);

struct Inner {
    client: Client,
    connection: RwLock<Option<MultiplexedConnection>>,
    /// Somebody is making a connection.
    connecting: AtomicBool,
    /// When the next connection may be tried.
    next: RwLock<Option<Instant>>,
    /// It has been said that it cannot be reached.
    said: AtomicBool,
    failures: AtomicU64,
    take: Script,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shared(…)")
    }
}

impl Shared {
    /// At this address. Nothing is connected yet.
    ///
    /// # Errors
    /// The address cannot be understood.
    pub(super) fn new(url: &str) -> Result<Self, Cause> {
        Ok(Self(Arc::new(Inner {
            client: Client::open(url)?,
            connection: RwLock::default(),
            connecting: AtomicBool::new(false),
            next: RwLock::default(),
            said: AtomicBool::new(false),
            failures: AtomicU64::new(0),
            take: Script::new(TAKE),
        })))
    }

    /// Takes a request out of a bucket: how long to wait where it is empty. Nothing where nobody knows.
    pub(super) async fn take(&self, name: &str, rate: Rate) -> Option<Result<(), Duration>> {
        let period = rate.period.as_micros();
        let each = period as f64 / f64::from(rate.count.max(1));
        let mut call = self.0.take.key(name);
        call.arg(u64::try_from(period).unwrap_or(u64::MAX))
            .arg(each);
        let wait: u64 = self.ask(&call).await?;
        Some(match wait {
            0 => Ok(()),
            wait => Err(Duration::from_micros(wait)),
        })
    }

    /// Runs a script; nothing where there is no answer in time.
    pub(super) async fn ask<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Option<T> {
        let Some(mut connection) = self.connection() else {
            self.0.failures.fetch_add(1, Ordering::Relaxed);
            self.connect_aside();
            return None;
        };
        let answer = tokio::time::timeout(ANSWER, call.invoke_async(&mut connection)).await;
        let trouble: Cause = match answer {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.into(),
            Err(late) => late.into(),
        };
        self.0.failures.fetch_add(1, Ordering::Relaxed);
        self.lost(&trouble);
        None
    }

    fn connection(&self) -> Option<MultiplexedConnection> {
        let connection = self.0.connection.read();
        connection.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, connection: Option<MultiplexedConnection>) {
        let mut place = self
            .0
            .connection
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *place = connection;
    }

    /// Gives the connection up, whatever the reason: a new one leads to whoever answers now.
    fn lost(&self, trouble: &Cause) {
        self.set(None);
        let mut next = self.0.next.write().unwrap_or_else(PoisonError::into_inner);
        *next = Some(Instant::now() + PAUSE);
        if !self.0.said.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                cause = %trouble,
                "Redis does not answer; until it does, this server counts for itself"
            );
        }
    }

    /// Connects; whether it worked is found out by the next question.
    pub(super) async fn connect(&self) {
        if self.0.connecting.swap(true, Ordering::Acquire) {
            return;
        }
        match self.reach().await {
            Ok(connection) => {
                self.set(Some(connection));
                if self.0.said.swap(false, Ordering::Relaxed) {
                    tracing::info!("Redis answers again");
                }
            }
            Err(trouble) => self.lost(&trouble.into()),
        }
        self.0.connecting.store(false, Ordering::Release);
    }

    async fn reach(&self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(CONNECT));
        let client = &self.0.client;
        let mut connection = client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        // One that is still reading its data accepts connections and answers nothing else.
        redis::cmd("PING").exec_async(&mut connection).await?;
        Ok(connection)
    }

    fn connect_aside(&self) {
        let next = *self.0.next.read().unwrap_or_else(PoisonError::into_inner);
        let early = next.is_some_and(|next| Instant::now() < next);
        if early || self.0.connecting.load(Ordering::Acquire) {
            return;
        }
        let shared = self.clone();
        tokio::spawn(async move { shared.connect().await });
    }

    /// How often there was no answer.
    pub(super) fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_cannot_be_reached_is_no_error_with_tls_and_without() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        for scheme in ["redis", "rediss"] {
            let shared = Shared::new(&format!("{scheme}://127.0.0.1:{port}/0")).unwrap();
            shared.connect().await;
            let rate = Rate {
                count: 1,
                period: Duration::from_secs(1),
            };
            assert_eq!(shared.take("x", rate).await, None);
            assert_eq!(shared.failures(), 1);
        }
    }
}
