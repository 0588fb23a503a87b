//! Public keys, and what they say of the signatures inside images.

use crate::{Timestamp, object, page, request, samples, words};

/// A fingerprint for samples.
const FINGERPRINT: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

words! {
    /// How a signature is written down.
    pub enum SignatureKind {
        /// OpenPGP, over the objects and how they are described.
        Pgp = "pgp",
        /// OpenPGP of the first clients, over the data of objects alone.
        PgpLegacy = "pgp_legacy",
        /// An envelope of DSSE: signed with an X.509 or PEM key.
        Dsse = "dsse",
        /// A kind that this server does not know.
        Unknown = "unknown",
    }
}

words! {
    /// What is known of a signature.
    pub enum SignatureState {
        /// The key made it, over what is in the image.
        Valid = "valid",
        /// It is not over what is in the image, or the key did not make it.
        Invalid = "invalid",
        /// The key that it names is not here.
        UnknownKey = "unknown_key",
        /// The owner took the key back.
        KeyRevoked = "key_revoked",
        /// The key, or the signature itself, has expired.
        KeyExpired = "key_expired",
        /// The server cannot check it, or has not yet.
        NotChecked = "not_checked",
    }
}

object! {
    /// The key that made a signature, where it is here.
    pub struct KeySigner {
        /// Its fingerprint, in upper case hexadecimal digits.
        pub fingerprint: String,
        /// Its user ids that were not taken back, the main one first. Nobody but the key itself vouches for them.
        pub user_ids: Vec<String>,
        /// The account that brought the key here; absent where nobody was signed in.
        pub username: Option<String>,
    } = KeySigner {
        fingerprint: FINGERPRINT.to_owned(),
        user_ids: vec!["Amy <amy@example.org>".to_owned()],
        username: Some("amy".to_owned()),
    }
}

object! {
    /// A signature inside an image, and what the server knows of it.
    pub struct ImageSignature {
        /// The number of its object in the file.
        pub object: u32,
        /// How it is written down.
        pub kind: SignatureKind,
        /// What is known of it.
        pub state: SignatureState,
        /// Why, or what it does not cover: a sentence.
        pub problem: Option<String>,
        /// The fingerprint of the key that the image names, in upper case hexadecimal digits.
        pub fingerprint: Option<String>,
        /// The key that made it.
        pub signer: Option<KeySigner>,
        /// The numbers of the objects that it covers.
        pub objects: Vec<u32>,
        /// It covers every object that is not a signature.
        pub complete: bool,
        /// When it was made, as it says itself.
        pub signed_at: Option<Timestamp>,
        /// When it, or its key, ends.
        pub valid_until: Option<Timestamp>,
    } = ImageSignature {
        object: 4,
        kind: SignatureKind::Pgp,
        state: SignatureState::Valid,
        problem: None,
        fingerprint: Some(FINGERPRINT.to_owned()),
        signer: Some(crate::Sample::sample()),
        objects: vec![1, 2, 3],
        complete: true,
        signed_at: Some(samples::moment()),
        valid_until: None,
    }
}

object! {
    /// What all signatures of an image say together.
    pub struct SignatureSummary {
        /// What is known of the worst of them.
        pub state: SignatureState,
        /// One of them covers everything in the image.
        pub complete: bool,
    } = SignatureSummary { state: SignatureState::Valid, complete: true }
}

impl SignatureSummary {
    /// Of these signatures: the state of each, and whether it covers everything. Nothing where there are none.
    pub fn of(signatures: impl IntoIterator<Item = (SignatureState, bool)>) -> Option<Self> {
        let each = signatures
            .into_iter()
            .map(|(state, complete)| Self { state, complete });
        each.reduce(|a, b| Self {
            state: a.state.worse_of(b.state),
            complete: a.complete || b.complete,
        })
    }
}

impl SignatureState {
    /// The one of two that weighs more for whoever wants to trust an image: the worse.
    fn worse_of(self, other: Self) -> Self {
        if other.weight() > self.weight() {
            other
        } else {
            self
        }
    }

    fn weight(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::NotChecked => 1,
            Self::UnknownKey => 2,
            Self::KeyExpired => 3,
            Self::KeyRevoked => 4,
            Self::Invalid => 5,
        }
    }
}

object! {
    /// A user id of a key.
    pub struct KeyUserId {
        /// A name and an address, mostly.
        pub text: String,
        /// The address in it, in lower case.
        pub email: Option<String>,
        /// The owner of the key took it back.
        pub revoked: bool,
    } = KeyUserId {
        text: "Amy <amy@example.org>".to_owned(),
        email: Some("amy@example.org".to_owned()),
        revoked: false,
    }
}

object! {
    /// A public key.
    pub struct Key {
        /// Its fingerprint, in upper case hexadecimal digits.
        pub fingerprint: String,
        /// What it is made with, such as `RSA` or `EdDSA`.
        pub algorithm: String,
        /// Its length in bits.
        pub bits: u32,
        /// Its user ids, the main one first.
        pub user_ids: Vec<KeyUserId>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it ends.
        pub expires_at: Option<Timestamp>,
        /// Its time is over.
        pub expired: bool,
        /// Its owner took it back.
        pub revoked: bool,
        /// The account that brought it; absent where nobody was signed in.
        pub username: Option<String>,
        /// When it came here.
        pub added_at: Timestamp,
        /// When something in it last changed here.
        pub updated_at: Timestamp,
        /// The caller may remove it.
        pub deletable: bool,
    } = Key {
        fingerprint: FINGERPRINT.to_owned(),
        algorithm: "RSA".to_owned(),
        bits: 4096,
        user_ids: vec![crate::Sample::sample()],
        created_at: samples::moment(),
        expires_at: None,
        expired: false,
        revoked: false,
        username: Some("amy".to_owned()),
        added_at: samples::moment(),
        updated_at: samples::moment(),
        deletable: false,
    }
}

page! {
    /// A page of keys, newest here first.
    KeyPage, Key
}

object! {
    /// A public key with its text.
    pub struct KeyDetail {
        /// The key.
        pub key: Key,
        /// The key as clients and `gpg` read it.
        pub armored: String,
    } = KeyDetail {
        key: crate::Sample::sample(),
        armored: samples::key(),
    }
}

request! {
    /// Public keys to bring.
    pub struct NewKeys {
        /// One or more keys as `gpg --export --armor` writes them, 1 MiB at most.
        pub armored: String,
    } = NewKeys {
        armored: samples::key(),
    }
}

words! {
    /// What became of a key that was brought.
    pub enum KeyChange {
        /// It was not here.
        Added = "added",
        /// It brought something new.
        Updated = "updated",
        /// All of it was here.
        Unchanged = "unchanged",
    }
}

object! {
    /// A key that was brought.
    pub struct BroughtKey {
        /// Its fingerprint.
        pub fingerprint: String,
        /// What became of it.
        pub change: KeyChange,
    } = BroughtKey { fingerprint: FINGERPRINT.to_owned(), change: KeyChange::Added }
}

object! {
    /// The keys that were brought.
    pub struct BroughtKeys {
        /// In the order of the text.
        pub items: Vec<BroughtKey>,
    } = BroughtKeys { items: vec![crate::Sample::sample()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_signature_decides() {
        assert_eq!(SignatureSummary::of([]), None);
        for state in SignatureState::ALL.iter().copied() {
            for both in [
                [(SignatureState::Valid, false), (state, true)],
                [(state, true), (SignatureState::Valid, false)],
            ] {
                let complete = true;
                assert_eq!(
                    SignatureSummary::of(both),
                    Some(SignatureSummary { state, complete })
                );
            }
        }
        let mixed = [SignatureState::UnknownKey, SignatureState::Invalid];
        let said = SignatureSummary::of(mixed.map(|state| (state, false))).unwrap();
        assert_eq!(
            (said.state, said.complete),
            (SignatureState::Invalid, false)
        );
    }
}
