//! Keys derived from the one secret key, and random values.

use chacha20poly1305::{
    ChaCha20Poly1305, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Bytes of the nonce that stands before each sealed value.
const NONCE: usize = 12;

/// Keys derived from the secret key, one for each use, so that none can be turned to another.
#[derive(Clone)]
pub struct Keys {
    seal: [u8; 32],
    ticket: [u8; 32],
    csrf: [u8; 32],
    pseudonym: [u8; 32],
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Derives the keys.
    pub fn derive(secret_key: &[u8]) -> Self {
        let source = Hkdf::<Sha256>::new(Some(b"sregistry-server"), secret_key);
        let key = |purpose: &[u8]| {
            let mut out = [0; 32];
            // HKDF fails only for outputs above 255 hashes; this is one.
            let _ = source.expand(purpose, &mut out);
            out
        };
        Self {
            seal: key(b"seal"),
            ticket: key(b"ticket"),
            csrf: key(b"csrf"),
            pseudonym: key(b"pseudonym"),
        }
    }

    /// Encrypts a secret for the database; `context` must be given again to open it.
    ///
    /// # Errors
    /// The value is larger than the cipher takes (256 GiB).
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = random::<NONCE>();
        let payload = Payload {
            msg: secret,
            aad: context.as_bytes(),
        };
        let sealed = ChaCha20Poly1305::new(&self.seal.into())
            .encrypt(Nonce::from_slice(&nonce), payload)
            .map_err(|_| SealError)?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Opens what `seal` made.
    ///
    /// # Errors
    /// The value was sealed with another secret key or for another context, or is damaged.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, body) = sealed.split_at_checked(NONCE).ok_or(SealError)?;
        ChaCha20Poly1305::new(&self.seal.into())
            .decrypt(
                Nonce::from_slice(nonce),
                Payload {
                    msg: body,
                    aad: context.as_bytes(),
                },
            )
            .map_err(|_| SealError)
    }

    /// Signs a ticket: proof in a URL that this server allowed something.
    pub fn sign_ticket(&self, message: &str) -> String {
        mac(&self.ticket, message)
    }

    /// Whether a ticket's signature is right, in constant time.
    pub fn verify_ticket(&self, message: &str, signature: &str) -> bool {
        equal(&mac(&self.ticket, message), signature)
    }

    /// A name for something that is not to be kept as it is, such as an address: the same each time, and nothing can be read from it.
    pub fn pseudonym(&self, text: &str) -> String {
        mac(&self.pseudonym, text)
    }

    /// The CSRF token of a session, from the hash of its secret.
    pub fn csrf(&self, session_hash: &str) -> String {
        mac(&self.csrf, session_hash)
    }
}

/// A sealed value could not be made or opened.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not belong to this secret key")]
pub struct SealError;

/// Signs a message with a key that others know: HMAC-SHA256, in hexadecimal digits.
pub fn sign(key: &[u8], message: &str) -> String {
    mac(key, message)
}

fn mac(key: &[u8], message: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(message.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Compares two texts in constant time.
pub fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// The SHA-256 of a text, in hexadecimal digits: how secrets are kept for look-up.
pub fn hash(text: &str) -> String {
    hash_bytes(text.as_bytes())
}

/// SHA-256 of bytes, in hexadecimal digits.
pub fn hash_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that draws random bytes"
    )]
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A random text of letters and digits: the given number of random bytes in hexadecimal digits.
pub fn random_text<const N: usize>() -> String {
    hex::encode(random::<N>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_with_its_key_and_context() {
        let keys = Keys::derive(b"one");
        let sealed = keys.seal("token:1", b"secret").unwrap();
        assert_eq!(keys.open("token:1", &sealed).unwrap(), b"secret");
        assert!(keys.open("token:2", &sealed).is_err());
        assert!(Keys::derive(b"two").open("token:1", &sealed).is_err());
        assert!(keys.open("token:1", b"short").is_err());
        let twice = keys.seal("token:1", b"secret").unwrap();
        assert_ne!(sealed, twice, "each sealing has its own nonce");
    }

    #[test]
    fn tickets_and_csrf_tokens_have_keys_of_their_own() {
        let keys = Keys::derive(b"one");
        let signature = keys.sign_ticket("blob 1");
        assert!(keys.verify_ticket("blob 1", &signature));
        assert!(!keys.verify_ticket("blob 2", &signature));
        assert_ne!(keys.csrf("blob 1"), signature);
    }
}
