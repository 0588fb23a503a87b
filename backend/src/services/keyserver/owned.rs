//! Signatures of a key's owner: which count, what is kept beside them, and in what order.

use std::cmp::Reverse;

use pgp::{
    crypto::hash::HashAlgorithm,
    packet::{PublicKey, PublicSubkey, Signature, SignatureType, Subpacket, SubpacketData},
    ser::Serialize,
    types::Timestamp,
};

/// How many signatures of each kind are kept for one part of a key; the newest count.
const KEPT: usize = 6;

/// Whether a signature binds a subkey to its key, or revokes it. A subkey that signs must have agreed.
pub(super) fn binds(primary: &PublicKey, key: &PublicSubkey, signature: &Signature) -> bool {
    if signature.verify_subkey_binding(primary, key).is_err() {
        return false;
    }
    if !is_binding(signature) || !signature.key_flags().sign() {
        return true;
    }
    signature
        .embedded_signature()
        .is_some_and(|back| sound(back) && back.verify_primary_key_binding(key, primary).is_ok())
}

pub(super) fn is_binding(signature: &Signature) -> bool {
    signature.typ() == Some(SignatureType::SubkeyBinding)
}

pub(super) fn is_revocation(signature: &Signature) -> bool {
    use SignatureType::{CertRevocation, KeyRevocation, SubkeyRevocation};
    matches!(
        signature.typ(),
        Some(CertRevocation | KeyRevocation | SubkeyRevocation)
    )
}

/// MD5 proves nothing any more. SHA-1 still binds keys to their own parts (collisions are detected), as in old keys it must.
pub(super) fn sound(signature: &Signature) -> bool {
    signature.created().is_some() && signature.hash_alg() != Some(HashAlgorithm::Md5)
}

/// The signature without what anybody could have added: the part that it does not cover keeps only hints to its issuer and the
/// consent of a subkey. Nothing where it cannot be cut.
pub(super) fn trimmed(mut signature: Signature) -> Option<Signature> {
    let needed = |subpacket: &Subpacket| {
        matches!(
            subpacket.data,
            SubpacketData::IssuerKeyId(_)
                | SubpacketData::IssuerFingerprint(_)
                | SubpacketData::EmbeddedSignature(_)
        )
    };
    while let Some(index) = signature
        .config()?
        .unhashed_subpackets
        .iter()
        .position(|subpacket| !needed(subpacket))
    {
        signature.unhashed_subpacket_remove(index).ok()?;
    }
    Some(signature)
}

/// Whether two packets hold the same signature, whatever is written beside it.
pub(super) fn same(one: &Signature, other: &Signature) -> bool {
    one.signature() == other.signature() && one.typ() == other.typ()
}

pub(super) fn union(list: &mut Vec<Signature>, others: Vec<Signature>) {
    for other in others {
        if !list.iter().any(|known| same(known, &other)) {
            list.push(other);
        }
    }
}

/// Newest first, and only so many of each kind.
pub(super) fn tidy(list: &mut Vec<Signature>) {
    let order = |signature: &Signature| {
        let created = signature.created().map(Timestamp::as_secs);
        (Reverse(created), signature.to_bytes().unwrap_or_default())
    };
    list.sort_by_cached_key(order);
    let (mut revocations, mut others) = (0, 0);
    list.retain(|signature| {
        let count = if is_revocation(signature) {
            &mut revocations
        } else {
            &mut others
        };
        *count += 1;
        *count <= KEPT
    });
}
