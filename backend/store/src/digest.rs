//! SHA-256 of a blob, as a value that prints and reads as `sha256:<hex>`.

use std::{fmt, io, str::FromStr};

use aws_lc_rs::digest::{self, Context, SHA256};

/// The SHA-256 of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

/// A text that is not a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is `sha256:` and 64 hexadecimal digits")]
pub struct InvalidDigest;

impl Digest {
    /// The digest of `bytes`; for what is already in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Reads 64 hexadecimal digits without the `sha256:` in front.
    pub fn from_hex(hex: &str) -> Result<Self, InvalidDigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(hex, &mut bytes).map_err(|_| InvalidDigest)?;
        Ok(Self(bytes))
    }

    /// 64 lower-case hexadecimal digits, without the `sha256:` in front.
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Fails where something else was announced.
    pub(crate) fn expect(self, expected: Option<Self>) -> crate::Result<()> {
        match expected {
            Some(expected) if expected != self => Err(crate::Error::DigestMismatch {
                expected,
                actual: self,
            }),
            _ => Ok(()),
        }
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// SHA-256 over bytes that come one after the other.
///
/// By aws-lc, which TLS brings along anyway: without the processor's own SHA instructions it is
/// twice as fast as `sha2`, with them the two are alike.
#[derive(Clone)]
pub struct Hasher(Context);

impl Hasher {
    /// The hash of nothing yet.
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was added.
    pub fn finish(self) -> Digest {
        let digest: digest::Digest = self.0.finish();
        let mut bytes = [0; 32];
        // SHA-256 has 32 bytes: the slices are of one length.
        bytes.copy_from_slice(digest.as_ref());
        Digest(bytes)
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Digest {
    type Err = InvalidDigest;

    fn from_str(text: &str) -> Result<Self, InvalidDigest> {
        Self::from_hex(text.strip_prefix("sha256:").ok_or(InvalidDigest)?)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.to_hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_reads() {
        // FIPS 180-2, appendix B.1.
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), abc);
        assert_eq!(abc.parse::<Digest>().unwrap(), Digest::of(b"abc"));
        assert_eq!(
            abc.to_uppercase().replace("SHA256", "sha256").parse(),
            Ok(Digest::of(b"abc"))
        );
    }

    #[test]
    fn refuses_what_is_no_digest() {
        let hex = "b".repeat(64);
        for text in [
            "",
            "sha256:",
            &hex,
            &format!("sha512:{hex}"),
            &format!("sha256:{hex}b"),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(InvalidDigest), "{text}");
        }
    }
}
