//! An OpenPGP certificate: what people call a public key. Only what its owner has signed is in one.
//!
//! Rule: signatures of others are left out unread, those of the owner are verified before anything believes them, and what anybody
//! could have written beside a signature is cut off. So nobody but its owner can change, or bloat, a key that is kept here.

use pgp::{
    packet::{Packet, PacketParser, PacketTrait, PublicKey, PublicSubkey, Signature, UserId},
    types::{KeyDetails, KeyVersion, Tag},
};

use super::{
    super::{Error, Result},
    facts::bits,
    owned::{binds, is_binding, same, sound, tidy, trimmed, union},
};

/// Most user ids of one key.
const MOST_USERS: usize = 64;
/// Most subkeys of one key.
const MOST_SUBKEYS: usize = 64;
/// Most signatures of the owner that are verified for one key at a time.
const MOST_CANDIDATES: usize = 400;
/// Most packets of one text.
const MOST_PACKETS: usize = 50_000;
/// Most keys in one text.
const MOST_KEYS: usize = 25;
/// The most bits of a key: what is longer only costs time.
const MOST_BITS: u16 = 8192;
/// The largest key that is kept, in bytes.
const LARGEST: usize = 256 * 1024;

/// A public key with what its owner signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    pub(super) primary: PublicKey,
    /// Signatures about the key as a whole, revocations among them.
    pub(super) direct: Vec<Signature>,
    pub(super) users: Vec<User>,
    pub(super) subkeys: Vec<Subkey>,
}

/// A user id.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct User {
    pub(super) id: UserId,
    pub(super) signatures: Vec<Signature>,
}

/// A subkey.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subkey {
    pub(super) key: PublicSubkey,
    pub(super) signatures: Vec<Signature>,
}

/// What the signatures that follow are about.
#[derive(Clone, Copy)]
enum Place {
    /// Nothing that is kept.
    Nowhere,
    Key,
    User(usize),
    Subkey(usize),
}

impl Certificate {
    /// The keys in these packets, as their sender wrote them: nothing is verified yet.
    ///
    /// # Errors
    /// `BadRequest` for secret keys and for what is no key, `TooLarge`.
    pub fn read(packets: &[u8]) -> Result<Vec<Self>> {
        let mut found: Vec<Self> = Vec::new();
        let mut place = Place::Nowhere;
        for (number, packet) in PacketParser::new(packets).enumerate() {
            if number == MOST_PACKETS {
                return Err(too_large("too many packets"));
            }
            place = match packet {
                Ok(Packet::PublicKey(key)) => {
                    if found.len() == MOST_KEYS {
                        return Err(too_large("too many keys at once"));
                    }
                    found.push(Self::of(key));
                    Place::Key
                }
                Ok(packet) => match found.last_mut() {
                    Some(certificate) => certificate.take(packet, place)?,
                    None => Self::refuse_secret(&packet).map(|()| Place::Nowhere)?,
                },
                // A kind or version of packet that is not known here, or one that is damaged: what follows it goes with it.
                Err(_) => Place::Nowhere,
            };
        }
        Ok(found)
    }

    fn of(primary: PublicKey) -> Self {
        Self {
            primary,
            direct: Vec::new(),
            users: Vec::new(),
            subkeys: Vec::new(),
        }
    }

    fn refuse_secret(packet: &Packet) -> Result<()> {
        if matches!(packet, Packet::SecretKey(_) | Packet::SecretSubkey(_)) {
            return Err(secret());
        }
        Ok(())
    }

    fn take(&mut self, packet: Packet, place: Place) -> Result<Place> {
        Self::refuse_secret(&packet)?;
        Ok(match packet {
            Packet::UserId(id) => self.user(id),
            Packet::PublicSubkey(key) => self.subkey(key),
            Packet::Signature(signature) => {
                if self.is_own(&signature) {
                    self.attach(signature, place)?;
                }
                place
            }
            // What keyrings write between the parts of a key.
            Packet::Trust(_) | Packet::Marker(_) | Packet::Padding(_) => place,
            // Pictures, and what has no business in a key.
            _ => Place::Nowhere,
        })
    }

    fn user(&mut self, id: UserId) -> Place {
        let known = self.users.iter().position(|user| user.id.id() == id.id());
        Place::User(known.unwrap_or_else(|| {
            let signatures = Vec::new();
            self.users.push(User { id, signatures });
            self.users.len() - 1
        }))
    }

    fn subkey(&mut self, key: PublicSubkey) -> Place {
        let fingerprint = key.fingerprint();
        let mut known = self.subkeys.iter();
        let known = known.position(|subkey| subkey.key.fingerprint() == fingerprint);
        Place::Subkey(known.unwrap_or_else(|| {
            let signatures = Vec::new();
            self.subkeys.push(Subkey { key, signatures });
            self.subkeys.len() - 1
        }))
    }

    /// Whether a signature says that this key made it, and may leave its owner's machine.
    fn is_own(&self, signature: &Signature) -> bool {
        let (ids, fingerprints) = (signature.issuer_key_id(), signature.issuer_fingerprint());
        let named = ids.contains(&&self.primary.legacy_key_id())
            || fingerprints.contains(&&self.primary.fingerprint());
        let unnamed = ids.is_empty() && fingerprints.is_empty();
        (named || unnamed) && signature.exportable_certification()
    }

    fn attach(&mut self, signature: Signature, place: Place) -> Result<()> {
        let users = self.users.iter().map(|user| user.signatures.len());
        let subkeys = self.subkeys.iter().map(|subkey| subkey.signatures.len());
        let count = self.direct.len() + users.sum::<usize>() + subkeys.sum::<usize>();
        if count >= MOST_CANDIDATES {
            return Err(too_large("too many signatures"));
        }
        let list = match place {
            Place::Nowhere => None,
            Place::Key => Some(&mut self.direct),
            Place::User(index) => self.users.get_mut(index).map(|user| &mut user.signatures),
            Place::Subkey(index) => self.subkeys.get_mut(index).map(|key| &mut key.signatures),
        };
        if let Some((list, signature)) = list.zip(trimmed(signature))
            && !list.iter().any(|known| same(known, &signature))
        {
            list.push(signature);
        }
        Ok(())
    }

    /// Verifies every signature and keeps what holds.
    ///
    /// # Errors
    /// `BadRequest` where nothing is left that makes it a key, `TooLarge`.
    pub fn verified(mut self) -> Result<Self> {
        if !matches!(self.primary.version(), KeyVersion::V4 | KeyVersion::V6) {
            return Err(Error::BadRequest(
                "keys of version 4 and 6 are taken; this one is of another".to_owned(),
            ));
        }
        if self.users.len() > MOST_USERS || self.subkeys.len() > MOST_SUBKEYS {
            return Err(too_large("too many user ids or subkeys"));
        }
        if bits(&self.primary) > MOST_BITS {
            return Err(too_large("the key is too long"));
        }
        self.subkeys.retain(|subkey| bits(&subkey.key) <= MOST_BITS);
        let primary = &self.primary;
        self.direct
            .retain(|signature| sound(signature) && signature.verify_key(primary).is_ok());
        for User { id, signatures } in &mut self.users {
            signatures.retain(|signature| {
                sound(signature)
                    && signature
                        .verify_certification(primary, Tag::UserId, id)
                        .is_ok()
            });
        }
        for subkey in &mut self.subkeys {
            let key = &subkey.key;
            subkey
                .signatures
                .retain(|signature| sound(signature) && binds(primary, key, signature));
        }
        self.users
            .retain(|user| user.signatures.iter().any(Signature::is_certification));
        self.subkeys
            .retain(|key| key.signatures.iter().any(is_binding));
        if self.users.is_empty() && self.direct.is_empty() {
            return Err(Error::BadRequest(format!(
                "key {} has no user id that it signed itself",
                hex::encode_upper(self.primary.fingerprint().as_bytes())
            )));
        }
        self.tidy();
        self.checked()
    }

    /// Adds what another copy of the same key has; both were verified.
    ///
    /// # Errors
    /// `TooLarge`.
    pub fn merge(mut self, other: Self) -> Result<Self> {
        union(&mut self.direct, other.direct);
        for User { id, signatures } in other.users {
            if let Place::User(index) = self.user(id)
                && let Some(user) = self.users.get_mut(index)
            {
                union(&mut user.signatures, signatures);
            }
        }
        for Subkey { key, signatures } in other.subkeys {
            if let Place::Subkey(index) = self.subkey(key)
                && let Some(subkey) = self.subkeys.get_mut(index)
            {
                union(&mut subkey.signatures, signatures);
            }
        }
        self.users.truncate(MOST_USERS);
        self.subkeys.truncate(MOST_SUBKEYS);
        self.tidy();
        self.checked()
    }

    /// Puts everything into one order, and drops what newer signatures replaced.
    fn tidy(&mut self) {
        tidy(&mut self.direct);
        for user in &mut self.users {
            tidy(&mut user.signatures);
        }
        for subkey in &mut self.subkeys {
            tidy(&mut subkey.signatures);
        }
        // The name that the owner goes by comes first, as clients show it; the others stay in order.
        self.users
            .sort_by_key(|user| !user.signatures.iter().any(Signature::is_primary));
    }

    fn checked(self) -> Result<Self> {
        if self.packets()?.len() > LARGEST {
            return Err(too_large("the key is too large"));
        }
        Ok(self)
    }

    /// The key as bytes, in the order of the standard.
    ///
    /// # Errors
    /// `Internal`.
    pub fn packets(&self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.write(&mut out).map_err(Error::internal)?;
        Ok(out)
    }

    fn write(&self, out: &mut Vec<u8>) -> pgp::errors::Result<()> {
        self.primary.to_writer_with_header(out)?;
        let all = |signatures: &[Signature], out: &mut Vec<u8>| {
            signatures
                .iter()
                .try_for_each(|signature| signature.to_writer_with_header(out))
        };
        all(&self.direct, out)?;
        for user in &self.users {
            user.id.to_writer_with_header(out)?;
            all(&user.signatures, out)?;
        }
        for subkey in &self.subkeys {
            subkey.key.to_writer_with_header(out)?;
            all(&subkey.signatures, out)?;
        }
        Ok(())
    }
}

pub(super) fn secret() -> Error {
    Error::BadRequest(
        "this is a secret key; it was not kept. Send the public key, and think about replacing this one: it has left its owner's machine"
            .to_owned(),
    )
}

fn too_large(what: &str) -> Error {
    Error::TooLarge(format!("{what}; this does not look like a key in use"))
}
