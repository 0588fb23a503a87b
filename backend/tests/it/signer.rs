//! People with OpenPGP keys: the secret side, which the server never sees.

use std::sync::OnceLock;

use bytes::Bytes;
use pgp::{
    composed::{
        ArmorOptions, CleartextSignedMessage, EncryptionCaps, KeyType, SecretKeyParamsBuilder,
        SignedPublicKey, SignedSecretKey, SubkeyParamsBuilder,
    },
    packet::{
        KeyFlags, PacketTrait, RevocationCode, Signature, SignatureConfig, SignatureType,
        Subpacket, SubpacketData, UserId,
    },
    types::{Duration, KeyDetails, Password, SignedUser, Timestamp},
};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

/// Someone with a key.
pub struct Signer {
    pub key: SignedSecretKey,
    rng: ChaCha8Rng,
}

/// A moment this many seconds from now.
pub fn from_now(seconds: i64) -> Timestamp {
    let now = i64::from(Timestamp::now().as_secs());
    Timestamp::from_secs(u32::try_from(now + seconds).unwrap())
}

/// When the keys of this process were made: an hour ago. The same seed gives the same key.
fn made() -> Timestamp {
    static MADE: OnceLock<Timestamp> = OnceLock::new();
    *MADE.get_or_init(|| from_now(-3600))
}

impl Signer {
    /// A key made an hour ago whose primary key signs, with these user ids; another seed gives another key.
    pub fn new(seed: u64, users: &[&str]) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (first, others) = users.split_first().unwrap();
        let encryption = SubkeyParamsBuilder::default()
            .key_type(KeyType::X25519)
            .can_encrypt(EncryptionCaps::All)
            .created_at(made())
            .build()
            .unwrap();
        let signing = SubkeyParamsBuilder::default()
            .key_type(KeyType::Ed25519Legacy)
            .can_sign(true)
            .created_at(made())
            .build()
            .unwrap();
        let key = SecretKeyParamsBuilder::default()
            .key_type(KeyType::Ed25519Legacy)
            .can_certify(true)
            .can_sign(true)
            .created_at(made())
            .primary_user_id((*first).to_owned())
            .user_ids(others.iter().map(|&user| user.to_owned()).collect())
            .subkeys(vec![encryption, signing])
            .build()
            .unwrap()
            .generate(&mut rng)
            .unwrap();
        Self { key, rng }
    }

    pub fn public(&self) -> SignedPublicKey {
        self.key.to_public_key()
    }

    pub fn armored(&self) -> String {
        armored(&self.public())
    }

    pub fn fingerprint(&self) -> String {
        hex::encode_upper(self.key.fingerprint().as_bytes())
    }

    pub fn fingerprint_bytes(&self) -> [u8; 20] {
        self.key.fingerprint().as_bytes().try_into().unwrap()
    }

    /// The ids of the primary key and then of the subkeys.
    pub fn key_ids(&self) -> Vec<String> {
        let subkeys = self.public().public_subkeys;
        let subkeys = subkeys
            .iter()
            .map(|key| hex::encode_upper(key.legacy_key_id()));
        [hex::encode_upper(self.key.legacy_key_id())]
            .into_iter()
            .chain(subkeys)
            .collect()
    }

    fn config(&mut self, kind: SignatureType, about: Vec<SubpacketData>) -> SignatureConfig {
        let primary = &self.key.primary_key;
        let mut config = SignatureConfig::from_key(&mut self.rng, primary, kind).unwrap();
        let issuer = SubpacketData::IssuerFingerprint(primary.fingerprint());
        let created = about
            .iter()
            .any(|data| matches!(data, SubpacketData::SignatureCreationTime(_)));
        let now = (!created).then(|| SubpacketData::SignatureCreationTime(Timestamp::now()));
        config.hashed_subpackets = about
            .into_iter()
            .chain([issuer])
            .chain(now)
            .map(|data| Subpacket::regular(data).unwrap())
            .collect();
        config
    }

    fn certification(&mut self, id: &UserId, about: Vec<SubpacketData>) -> Signature {
        let mut flags = KeyFlags::default();
        flags.set_certify(true);
        flags.set_sign(true);
        let about = about
            .into_iter()
            .chain([SubpacketData::KeyFlags(flags)])
            .collect();
        let config = self.config(SignatureType::CertPositive, about);
        let primary = &self.key.primary_key;
        config
            .sign_certification(
                primary,
                primary.public_key(),
                &Password::empty(),
                id.tag(),
                id,
            )
            .unwrap()
    }

    /// Adds a user id to the key.
    pub fn add_user(&mut self, text: &str) {
        let id = UserId::from_str(pgp::types::PacketHeaderVersion::New, text).unwrap();
        let signature = self.certification(&id, Vec::new());
        self.key
            .details
            .users
            .push(SignedUser::new(id, vec![signature]));
    }

    /// Certifies the first user id again, this many seconds from now, so that the key ends so many seconds after it was made.
    pub fn expire_after(&mut self, seconds: u32, at: i64) {
        let id = self.key.details.users[0].id.clone();
        let end = SubpacketData::KeyExpirationTime(Duration::from_secs(seconds));
        let later = SubpacketData::SignatureCreationTime(from_now(at));
        let signature = self.certification(&id, vec![end, later, SubpacketData::IsPrimary(true)]);
        self.key.details.users[0].signatures.push(signature);
    }

    /// Takes the whole key back.
    pub fn revoke(&mut self, why: RevocationCode) {
        let reason = SubpacketData::RevocationReason(why, Bytes::new());
        let config = self.config(SignatureType::KeyRevocation, vec![reason]);
        let primary = &self.key.primary_key;
        let signature = config
            .sign_key(primary, &Password::empty(), primary.public_key())
            .unwrap();
        self.key.details.revocation_signatures.push(signature);
    }

    /// Certifies another's first user id, as people do at key signing parties.
    pub fn certify(&mut self, other: &mut Self) {
        let about = other.key.primary_key.public_key().clone();
        let user = &mut other.key.details.users[0];
        let primary = &self.key.primary_key;
        let mut signed = user
            .id
            .sign_third_party(
                &mut self.rng,
                primary,
                &Password::empty(),
                &about,
                SignatureType::CertGeneric,
            )
            .unwrap();
        user.signatures.append(&mut signed.signatures);
    }

    /// A text with a signature of the primary key, as clients put it into images.
    pub fn clearsign(&mut self, text: &str) -> Vec<u8> {
        self.clearsign_at(text, Timestamp::now())
    }

    /// The same, dated otherwise.
    pub fn clearsign_at(&mut self, text: &str, at: Timestamp) -> Vec<u8> {
        let created = SubpacketData::SignatureCreationTime(at);
        let config = self.config(SignatureType::Text, vec![created]);
        let primary = &self.key.primary_key;
        CleartextSignedMessage::new(text, config, primary, &Password::empty())
            .unwrap()
            .to_armored_bytes(ArmorOptions::default())
            .unwrap()
    }

    /// A text with a signature of the subkey that signs.
    pub fn clearsign_with_subkey(&mut self, text: &str) -> Vec<u8> {
        let subkey = &self.key.secret_subkeys[1].key;
        CleartextSignedMessage::sign(&mut self.rng, text, subkey, &Password::empty())
            .unwrap()
            .to_armored_bytes(ArmorOptions::default())
            .unwrap()
    }
}

/// A public key as clients send it.
pub fn armored(key: &SignedPublicKey) -> String {
    key.to_armored_string(ArmorOptions::default()).unwrap()
}
