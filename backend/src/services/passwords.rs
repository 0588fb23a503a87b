//! Passwords: argon2id, on threads of their own, a few at once.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};

use super::{Core, Error, Result, keys};

/// Memory in KiB, passes and lanes: what OWASP's password storage guide asks for at least.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// How long a sign-in waits for its turn before the registry calls itself busy.
const PATIENCE: Duration = Duration::from_secs(10);

fn argon2() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params =
        Params::new(memory, passes, lanes, None).map_err(|e| Error::internal(e.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String> {
    let salt = SaltString::encode_b64(&keys::random::<16>());
    let salt = salt.map_err(|error| Error::internal(error.to_string()))?;
    let hash = argon2()?.hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string())
        .map_err(|error| Error::internal(error.to_string()))
}

fn verify_now(password: &str, hash: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(|error| Error::internal(error.to_string()))?;
    Ok(argon2()?
        .verify_password(password.as_bytes(), &hash)
        .is_ok())
}

/// The hash of no password, so that an unknown user costs as much time as a known one.
fn nobodys() -> Result<&'static str> {
    static NOBODYS: OnceLock<String> = OnceLock::new();
    if let Some(hash) = NOBODYS.get() {
        return Ok(hash);
    }
    let hash = hash_now(&keys::random_text::<16>())?;
    Ok(NOBODYS.get_or_init(|| hash))
}

/// Hashes a new password into the form that the database keeps.
///
/// # Errors
/// `Busy` where too many others wait.
pub async fn hash(core: &Core, password: String) -> Result<String> {
    off_the_reactor(core, move || hash_now(&password)).await
}

/// Whether a password is the one of this hash. Without a hash it is not, after the same time.
///
/// # Errors
/// `Busy` where too many others wait.
pub async fn verify(core: &Core, password: String, hash: Option<String>) -> Result<bool> {
    off_the_reactor(core, move || match hash {
        Some(hash) => verify_now(&password, &hash),
        None => verify_now(&password, nobodys()?).map(|_| false),
    })
    .await
}

async fn off_the_reactor<T: Send + 'static>(
    core: &Core,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let turns = Arc::clone(&core.people.passwords);
    let turn = tokio::time::timeout(PATIENCE, turns.acquire_owned()).await;
    let turn = turn
        .map_err(|late| Error::Busy(late.into()))?
        .map_err(Error::internal)?;
    // The turn lasts as long as the work, also when whoever asked has hung up.
    let work = move || {
        let result = work();
        drop(turn);
        result
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hash = hash_now("correct horse").unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(verify_now("correct horse", &hash).unwrap());
        assert!(!verify_now("correct house", &hash).unwrap());
        assert_ne!(
            hash,
            hash_now("correct horse").unwrap(),
            "each hash has its own salt"
        );
        assert!(verify_now("x", "not a hash").is_err());
    }
}
