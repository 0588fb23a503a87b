//! Clear text signatures, as they are in images, and whether a key made them.

use chrono::{DateTime, TimeDelta, Utc};
use pgp::{
    composed::CleartextSignedMessage,
    crypto::hash::HashAlgorithm,
    packet::{Signature, SignatureType},
    types::{KeyDetails, VerifyingKey},
};
use shared_types::SignatureState;

use super::{
    super::{Error, Result},
    armor::guarded,
    certificate::Certificate,
    facts::{Revoked, moment},
};

/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::days(1);

/// A text with signatures.
pub struct SignedMessage {
    message: CleartextSignedMessage,
    text: String,
}

/// What is to be said of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How it stands, whatever the time.
    pub state: SignatureState,
    /// Why.
    pub problem: Option<String>,
    /// When it was made, as it says itself.
    pub signed_at: Option<DateTime<Utc>>,
    /// When its key, or itself, ends.
    pub valid_until: Option<DateTime<Utc>>,
}

impl Judgement {
    /// One with a reason.
    pub fn of(state: SignatureState, problem: impl Into<String>) -> Self {
        Self {
            state,
            problem: Some(problem.into()),
            signed_at: None,
            valid_until: None,
        }
    }
}

impl SignedMessage {
    /// Reads one.
    ///
    /// # Errors
    /// `BadRequest` where it is damaged.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        guarded(|| {
            let damaged = || Error::BadRequest("The signature cannot be read.".to_owned());
            let text = std::str::from_utf8(bytes).map_err(|_| damaged())?;
            let (message, _) = CleartextSignedMessage::from_string(text).map_err(|_| damaged())?;
            let text = message.signed_text();
            Ok(Self { message, text })
        })
    }

    /// What is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The id of the key that the first signature names, in upper case digits.
    pub fn signer(&self) -> Option<String> {
        let first = self.message.signatures().first()?;
        let named = first.issuer_key_id().first().map(hex::encode_upper);
        named.or_else(|| {
            let fingerprints = first.issuer_fingerprint();
            let bytes = fingerprints.first()?.as_bytes();
            // Version 6 keys take the id from the start of the fingerprint, older ones from its end.
            let id = if bytes.len() == 32 {
                bytes.get(..8)
            } else {
                bytes.get(bytes.len().checked_sub(8)?..)
            };
            id.map(hex::encode_upper)
        })
    }

    /// What a key has to do with the text: nothing where it made none of the signatures.
    pub fn judge(&self, by: &Certificate, now: DateTime<Utc>) -> Option<Judgement> {
        let judged = guarded(|| {
            let mut signatures = self.message.signatures().iter();
            Ok(signatures.find_map(|signature| self.judge_one(signature, by, now)))
        });
        judged
            .unwrap_or_else(|error| Some(Judgement::of(SignatureState::Invalid, error.to_string())))
    }

    fn judge_one(
        &self,
        signature: &Signature,
        by: &Certificate,
        now: DateTime<Utc>,
    ) -> Option<Judgement> {
        let (key, created, ends, revoked, signs): (&dyn Verify, _, _, _, _) =
            if names(signature, &by.primary) {
                (
                    &by.primary,
                    by.created_at(),
                    by.expires_at(),
                    by.revoked(),
                    by.signs(),
                )
            } else {
                let mut subkeys = by.subkeys.iter();
                let subkey = subkeys.find(|subkey| names(signature, &subkey.key))?;
                let ends = [by.expires_at(), subkey.expires_at()]
                    .into_iter()
                    .flatten()
                    .min();
                let created = moment(subkey.key.created_at().as_secs());
                let revoked = worse(by.revoked(), subkey.revoked());
                (&subkey.key, created, ends, revoked, subkey.signs())
            };
        let signed_at = signature.created().map(|created| moment(created.as_secs()));
        let state = state(signature, &self.text, key, (created, now), revoked, signs);
        let own_end = signed_at
            .zip(signature.signature_expiration_time())
            .and_then(|(at, time)| {
                (time.as_secs() > 0).then(|| at + TimeDelta::seconds(i64::from(time.as_secs())))
            });
        Some(Judgement {
            state: state.0,
            problem: state.1.map(str::to_owned),
            signed_at,
            valid_until: ends.into_iter().chain(own_end).min(),
        })
    }
}

/// Keys that can verify a signature of a text.
trait Verify {
    fn holds(&self, signature: &Signature, text: &str) -> bool;
}

impl<K: VerifyingKey> Verify for K {
    fn holds(&self, signature: &Signature, text: &str) -> bool {
        signature.verify(self, text.as_bytes()).is_ok()
    }
}

fn state(
    signature: &Signature,
    text: &str,
    key: &dyn Verify,
    (key_made, now): (DateTime<Utc>, DateTime<Utc>),
    revoked: Option<Revoked>,
    signs: bool,
) -> (SignatureState, Option<&'static str>) {
    use SignatureState::{Invalid, KeyRevoked, Valid};
    let Some(at) = signature.created().map(|created| moment(created.as_secs())) else {
        return (
            Invalid,
            Some("The signature does not say when it was made."),
        );
    };
    if !matches!(
        signature.typ(),
        Some(SignatureType::Text | SignatureType::Binary)
    ) {
        return (Invalid, Some("The signature is not one of a text."));
    }
    if matches!(
        signature.hash_alg(),
        Some(HashAlgorithm::Md5 | HashAlgorithm::Sha1 | HashAlgorithm::Ripemd160)
    ) {
        return (
            Invalid,
            Some("The signature is made with a hash that can be forged."),
        );
    }
    if !key.holds(signature, text) {
        return (Invalid, Some("The key did not sign this text."));
    }
    if at < key_made || at > now + SKEW {
        return (
            Invalid,
            Some("The signature is dated before its key, or in the future."),
        );
    }
    if !signs {
        return (Invalid, Some("The key is not one for signing files."));
    }
    match revoked {
        Some(Revoked::Always) => (KeyRevoked, Some("The owner took the key back.")),
        Some(Revoked::Since(since)) if at >= since => (
            KeyRevoked,
            Some("The owner took the key back before this signature was made."),
        ),
        _ => (Valid, None),
    }
}

/// Whether a signature names this key.
fn names(signature: &Signature, key: &impl KeyDetails) -> bool {
    signature.issuer_key_id().contains(&&key.legacy_key_id())
        || signature.issuer_fingerprint().contains(&&key.fingerprint())
}

fn worse(one: Option<Revoked>, other: Option<Revoked>) -> Option<Revoked> {
    match (one, other) {
        (Some(Revoked::Always), _) | (_, Some(Revoked::Always)) => Some(Revoked::Always),
        (Some(Revoked::Since(a)), Some(Revoked::Since(b))) => Some(Revoked::Since(a.min(b))),
        (found, None) | (None, found) => found,
    }
}
