//! Digests as they are written in signatures: the name of a hash, a colon, digits.

use sha2::digest::DynDigest;
use sha2::{Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use crate::descriptor;

/// The hashes that signatures may name.
const NAMES: [&str; 6] = [
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha512_224",
    "sha512_256",
];

/// Computes the hash of this name; nothing where it is none of those in use.
pub(crate) fn hasher(name: &str) -> Option<Box<dyn DynDigest>> {
    Some(match name {
        "sha224" => Box::new(Sha224::default()),
        "sha256" => Box::new(Sha256::default()),
        "sha384" => Box::new(Sha384::default()),
        "sha512" => Box::new(Sha512::default()),
        "sha512_224" => Box::new(Sha512_224::default()),
        "sha512_256" => Box::new(Sha512_256::default()),
        _ => return None,
    })
}

/// The digest of a few short texts, one after the other.
pub(crate) fn digest<'a>(name: &str, parts: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut hasher = hasher(name)?;
    for part in parts {
        hasher.update(part);
    }
    Some(hasher.finalize().into_vec())
}

/// Whether these texts have a digest that is written down; nothing where it cannot be understood.
pub(crate) fn is_digest_of<'a>(
    written: &str,
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> Option<bool> {
    let (name, expected) = parse(written)?;
    Some(digest(name, parts)? == expected)
}

/// The name of the hash, and the digest.
pub(crate) fn parse(written: &str) -> Option<(&'static str, Vec<u8>)> {
    let (found, digits) = written.split_once(':')?;
    let name = NAMES.into_iter().find(|name| found == *name)?;
    Some((name, bytes_of(digits)?))
}

/// A digest as signatures write it.
pub(crate) fn written(name: &str, digest: &[u8]) -> String {
    let digits = descriptor::hex(digest).to_ascii_lowercase();
    format!("{name}:{digits}")
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |digit: u8| {
        let value = char::from(digit).to_digit(16)?;
        u8::try_from(value).ok()
    };
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(value(*high)? << 4 | value(*low)?),
        _ => None,
    };
    digits.chunks_exact(2).map(byte).collect()
}
