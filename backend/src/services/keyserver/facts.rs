//! What a key says of itself, from its verified signatures.

use chrono::{DateTime, TimeZone, Utc};
use pgp::{
    crypto::ecc_curve::ECCCurve,
    packet::{RevocationCode, Signature, SignatureType},
    ser::Serialize,
    types::{EcdsaPublicParams, Fingerprint, KeyDetails, PublicParams, Timestamp},
};

use super::{
    certificate::{Certificate, Subkey, User},
    owned::is_binding,
};

/// Longest user id that is shown, in characters.
const LONGEST_TEXT: usize = 1000;

/// What a key says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Of the primary key, in upper case hexadecimal digits.
    pub fingerprint: String,
    /// The algorithm's number in the standard.
    pub algorithm: u8,
    /// Bits of the primary key.
    pub bits: u16,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Its owner took it back.
    pub revoked: bool,
    /// Its user ids, the main one first.
    pub users: Vec<UserFacts>,
    /// The primary key and the subkeys.
    pub parts: Vec<Part>,
}

/// A user id.
#[derive(Debug, Clone, PartialEq)]
pub struct UserFacts {
    /// As it was written, without control characters.
    pub text: String,
    /// The address in it, in lower case.
    pub email: Option<String>,
    /// When it was last certified by its owner.
    pub created_at: DateTime<Utc>,
    /// Its owner took it back.
    pub revoked: bool,
}

/// The primary key or a subkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// In upper case hexadecimal digits.
    pub fingerprint: String,
    /// The key id, 16 digits.
    pub long_id: String,
}

/// How a key or subkey was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It may be in wrong hands: nothing that it signed counts.
    Always,
    /// It is not used any more: what it signed before this moment still counts.
    Since(DateTime<Utc>),
}

impl Certificate {
    /// The fingerprint of the primary key, in upper case hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        upper(&self.primary.fingerprint())
    }

    /// What the key says of itself.
    pub fn facts(&self) -> Facts {
        let mut parts = vec![part(&self.primary)];
        parts.extend(self.subkeys.iter().map(|subkey| part(&subkey.key)));
        Facts {
            fingerprint: self.fingerprint(),
            algorithm: self.primary.algorithm().into(),
            bits: bits(&self.primary),
            created_at: self.created_at(),
            expires_at: self.expires_at(),
            revoked: self.revoked().is_some(),
            users: self.users.iter().map(user).collect(),
            parts,
        }
    }

    /// When the primary key was made.
    pub(super) fn created_at(&self) -> DateTime<Utc> {
        moment(self.primary.created_at().as_secs())
    }

    /// When the key ends: the word about the whole key counts, else the newest about any user id.
    pub(super) fn expires_at(&self) -> Option<DateTime<Utc>> {
        let direct = self
            .direct
            .iter()
            .filter(|s| s.typ() == Some(SignatureType::Key));
        let word = newest(direct).and_then(|newest| ends(newest, self.created_at()));
        let users = self.users.iter().filter(|user| !is_revoked(user));
        let certified = users
            .flat_map(|user| &user.signatures)
            .filter(|s| s.is_certification());
        word.or_else(|| newest(certified).and_then(|newest| ends(newest, self.created_at())))
    }

    /// How the whole key was taken back, if it was.
    pub(super) fn revoked(&self) -> Option<Revoked> {
        worst(
            self.direct
                .iter()
                .filter(|s| s.typ() == Some(SignatureType::KeyRevocation)),
        )
    }

    /// Whether the primary key may sign files: keys that say nothing of their use may.
    pub(super) fn signs(&self) -> bool {
        let users = self.users.iter().flat_map(|user| &user.signatures);
        let words = self.direct.iter().chain(users);
        let words = words.filter(|s| s.is_certification() || s.typ() == Some(SignatureType::Key));
        newest(words.filter(|signature| has_flags(signature)))
            .is_none_or(|newest| newest.key_flags().sign())
    }
}

impl Subkey {
    /// Whether it may sign files.
    pub(super) fn signs(&self) -> bool {
        self.binding()
            .is_some_and(|binding| binding.key_flags().sign())
    }

    /// When it ends.
    pub(super) fn expires_at(&self) -> Option<DateTime<Utc>> {
        let created = moment(self.key.created_at().as_secs());
        self.binding().and_then(|binding| ends(binding, created))
    }

    /// How it was taken back, if it was.
    pub(super) fn revoked(&self) -> Option<Revoked> {
        worst(
            self.signatures
                .iter()
                .filter(|s| s.typ() == Some(SignatureType::SubkeyRevocation)),
        )
    }

    fn binding(&self) -> Option<&Signature> {
        newest(
            self.signatures
                .iter()
                .filter(|signature| is_binding(signature)),
        )
    }
}

/// Digits of a fingerprint as they are kept and shown.
pub(super) fn upper(fingerprint: &Fingerprint) -> String {
    hex::encode_upper(fingerprint.as_bytes())
}

/// A moment as OpenPGP counts them.
pub(super) fn moment(seconds: u32) -> DateTime<Utc> {
    Utc.timestamp_opt(i64::from(seconds), 0)
        .single()
        .unwrap_or_default()
}

fn part(key: &impl KeyDetails) -> Part {
    Part {
        fingerprint: upper(&key.fingerprint()),
        long_id: hex::encode_upper(key.legacy_key_id()),
    }
}

fn has_flags(signature: &Signature) -> bool {
    use pgp::packet::SubpacketData::KeyFlags;
    signature.config().is_some_and(|config| {
        let mut covered = config.hashed_subpackets.iter();
        covered.any(|subpacket| matches!(subpacket.data, KeyFlags(_)))
    })
}

fn newest<'a>(signatures: impl Iterator<Item = &'a Signature>) -> Option<&'a Signature> {
    signatures.max_by_key(|signature| signature.created().map(Timestamp::as_secs))
}

/// When a signature says that a key of this age ends; 0 means never.
fn ends(signature: &Signature, created: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let seconds = signature.key_expiration_time()?.as_secs();
    (seconds > 0).then(|| created + chrono::TimeDelta::seconds(i64::from(seconds)))
}

/// The revocation that says most.
fn worst<'a>(revocations: impl Iterator<Item = &'a Signature>) -> Option<Revoked> {
    let mut found = None;
    for revocation in revocations {
        let since = moment(revocation.created()?.as_secs());
        let soft = matches!(
            revocation.revocation_reason_code(),
            Some(RevocationCode::KeySuperseded | RevocationCode::KeyRetired)
        );
        found = Some(match found {
            _ if !soft => Revoked::Always,
            Some(Revoked::Always) => Revoked::Always,
            Some(Revoked::Since(earlier)) => Revoked::Since(earlier.min(since)),
            None => Revoked::Since(since),
        });
    }
    found
}

/// Whether the newest word about a user id takes it back.
fn is_revoked(user: &User) -> bool {
    newest(user.signatures.iter()).is_some_and(|newest| !newest.is_certification())
}

fn user(user: &User) -> UserFacts {
    let written = String::from_utf8_lossy(user.id.id());
    let shown = written.chars().filter(|letter| !letter.is_control());
    let text: String = shown.take(LONGEST_TEXT).collect();
    let certified = user.signatures.iter().filter(|s| s.is_certification());
    let created = newest(certified).and_then(Signature::created);
    UserFacts {
        email: email(&text),
        created_at: moment(created.map_or(0, Timestamp::as_secs)),
        revoked: is_revoked(user),
        text,
    }
}

/// The address in a user id, in lower case: between `<` and `>`, or the whole of it.
pub(super) fn email(text: &str) -> Option<String> {
    let inner = text
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(text, |(inner, _)| inner);
    let address = inner.trim();
    let (name, host) = address.split_once('@')?;
    let plain = !name.is_empty() && !host.is_empty() && !address.contains(char::is_whitespace);
    plain.then(|| address.to_lowercase())
}

/// How long a key is.
pub(super) fn bits(key: &impl KeyDetails) -> u16 {
    let params = key.public_params();
    match params {
        PublicParams::EdDSALegacy(_) | PublicParams::Ed25519(_) | PublicParams::X25519(_) => 256,
        PublicParams::Ed448(_) | PublicParams::X448(_) => 448,
        PublicParams::ECDSA(EcdsaPublicParams::Unsupported { .. }) => 0,
        PublicParams::ECDSA(params) => match params.curve() {
            ECCCurve::P384 => 384,
            ECCCurve::P521 => 521,
            _ => 256,
        },
        PublicParams::RSA(_) | PublicParams::DSA(_) | PublicParams::Elgamal(_) => {
            // The first number of these is as long as the key is strong, and starts with its length.
            let bytes = params.to_bytes().unwrap_or_default();
            bytes
                .first_chunk()
                .map_or(0, |bits| u16::from_be_bytes(*bits))
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::email;

    #[test]
    fn an_address_is_found_in_a_user_id() {
        let found = |text: &str| email(text).unwrap_or_default();
        assert_eq!(found("Ada (work) <Ada@Example.org>"), "ada@example.org");
        assert_eq!(found("ada@example.org"), "ada@example.org");
        assert_eq!(found("Ada <b> <ada@example.org>"), "ada@example.org");
        for text in [
            "",
            "Ada",
            "Ada @ home",
            "<@example.org>",
            "ada@",
            "two words@x",
        ] {
            assert_eq!(found(text), "", "{text}");
        }
    }
}
