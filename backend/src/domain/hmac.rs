//! Signed requests of the older command line client: what is signed, and how the signature is checked.
//!
//! `Authorization: SREGISTRY-HMAC-SHA256 Credential=<op>/<base64 user name>/<hour>,Signature=<hex>`. The key is the text of one of the
//! user's tokens; signed is what is done with which image in which hour, and nothing else of the request.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The scheme, as it stands in `Authorization`.
pub const SCHEME: &str = "SREGISTRY-HMAC-SHA256";

/// Longest header that is looked at: a user name has 150 letters at most.
const LONGEST: usize = 1024;

/// What a signature allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Announce an image.
    Push,
    /// Send its bytes.
    Upload,
    /// Read one.
    Pull,
    /// Remove one.
    Delete,
}

impl Op {
    /// The word that is signed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Upload => "upload",
            Self::Pull => "pull",
            Self::Delete => "delete",
        }
    }
}

/// What a header says, before anything is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// What it claims to be for.
    pub op: String,
    /// Who claims to have signed.
    pub username: String,
    /// The hour, as signed: `20261121T02Z`.
    pub hour: String,
    signature: Vec<u8>,
}

/// Whether a value of `Authorization` is of this scheme.
pub fn is_signed(header: &str) -> bool {
    header.split_whitespace().next() == Some(SCHEME)
}

impl Credential {
    /// Reads the value of the header; nothing where it is not well formed.
    pub fn parse(header: &str) -> Option<Self> {
        let rest = header.trim().strip_prefix(SCHEME)?.trim_start();
        if header.len() > LONGEST {
            return None;
        }
        let (mut credential, mut signature) = (None, None);
        for part in rest.split(',') {
            match part.trim().split_once('=')? {
                ("Credential", value) => credential = Some(value),
                ("Signature", value) => signature = Some(value),
                _ => return None,
            }
        }
        // The name in the middle may hold a slash of its own: base64 has one.
        let (op, rest) = credential?.split_once('/')?;
        let (name, hour) = rest.rsplit_once('/')?;
        let username = String::from_utf8(BASE64_STANDARD.decode(name).ok()?).ok()?;
        Some(Self {
            op: op.to_owned(),
            username,
            hour: hour.to_owned(),
            signature: hex::decode(signature?).ok()?,
        })
    }

    /// Whether it was signed in this hour, the one before or the one after: requests take a while, and clocks differ.
    pub fn is_current(&self, now: DateTime<Utc>) -> bool {
        [-1, 0, 1]
            .into_iter()
            .filter_map(|hours| now.checked_add_signed(TimeDelta::hours(hours)))
            .any(|hour| hour_of(hour) == self.hour)
    }

    /// Whether this key signed this operation on one of these names. Each comparison takes constant time.
    pub fn proves(&self, key: &[u8], op: Op, names: &Names) -> bool {
        op.as_str() == self.op
            && names.each(|collection, image, tag| {
                let text = payload(op, collection, &self.hour, image, tag);
                // HMAC takes keys of any length.
                <Hmac<Sha256> as Mac>::new_from_slice(key)
                    .map(|mac| mac.chain_update(text))
                    .is_ok_and(|mac| mac.verify_slice(&self.signature).is_ok())
            })
    }
}

/// The hour of a moment, as it is signed.
pub fn hour_of(moment: DateTime<Utc>) -> String {
    moment.format("%Y%m%dT%HZ").to_string()
}

fn payload(op: Op, collection: &str, hour: &str, image: &str, tag: &str) -> String {
    format!("{}|{collection}|{hour}|{image}|{tag}|", op.as_str())
}

/// The header's value for an operation signed with this key: what a client does.
#[cfg(test)]
fn sign(
    key: &[u8],
    username: &str,
    hour: &str,
    op: Op,
    [collection, image, tag]: [&str; 3],
) -> String {
    let text = payload(op, collection, hour, image, tag);
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(key).map(|mac| mac.chain_update(text));
    let signature = mac.map(|mac| hex::encode(mac.finalize().into_bytes()));
    format!(
        "{SCHEME} Credential={}/{}/{hour},Signature={}",
        op.as_str(),
        BASE64_STANDARD.encode(username),
        signature.unwrap_or_default()
    )
}

/// The spellings of what is asked for that a client may have signed: as it wrote them, in lower case, and as they are kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    collection: Vec<String>,
    image: Vec<String>,
    tag: Vec<String>,
}

impl Names {
    /// Of a collection known by these names, and an image and a tag as they were written.
    pub fn new<'a>(collection: impl IntoIterator<Item = &'a str>, image: &str, tag: &str) -> Self {
        Self {
            collection: spellings(collection),
            image: spellings([image]),
            tag: spellings([tag]),
        }
    }

    fn each(&self, mut holds: impl FnMut(&str, &str, &str) -> bool) -> bool {
        let mut held = false;
        for collection in &self.collection {
            for image in &self.image {
                for tag in &self.tag {
                    // All are tried: which one it was is nobody's business.
                    held |= holds(collection, image, tag);
                }
            }
        }
        held
    }
}

fn spellings<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in names {
        for spelling in [name.to_owned(), name.to_lowercase()] {
            if !found.contains(&spelling) {
                found.push(spelling);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const KEY: &[u8] = b"4663ea637c6688ee750707dabbaece3a78ceb284";
    const HOUR: &str = "20261121T02Z";

    fn names(collection: &str, image: &str, tag: &str) -> Names {
        Names::new([collection], image, tag)
    }

    fn header(op: &str, signature: &str) -> String {
        format!("{SCHEME} Credential={op}/YWxpY2U=/{HOUR},Signature={signature}")
    }

    /// Recorded from the client.
    const VECTORS: [(Op, [&str; 3], &str); 3] = [
        (
            Op::Push,
            ["dinos", "tacos", "v1"],
            "02f31b73046480ee5d20389bdba7a23954c6549aa6a907c23cd97c3acae6495e",
        ),
        (
            Op::Upload,
            ["dinos", "tacos", "v1"],
            "f952b7bef62771a0319f9f9a5c598ecbb89f5c7b0071786024c126faa084211b",
        ),
        (
            Op::Delete,
            ["dinos", "tacos", "latest"],
            "7489d0e7e6085713d9df0516fda161e154d9569baae0849e99c7b25fc0e8b184",
        ),
    ];

    #[test]
    fn what_the_client_signs_is_accepted_and_signed_alike() {
        for (op, of, signature) in VECTORS {
            let text = header(op.as_str(), signature);
            let credential = Credential::parse(&text).unwrap();
            assert_eq!(credential.username, "alice");
            assert!(credential.proves(KEY, op, &names(of[0], of[1], of[2])));
            assert_eq!(sign(KEY, "alice", HOUR, op, of), text);
        }
    }

    #[test]
    fn another_operation_name_key_or_hour_is_not_proved() {
        let (op, [c, i, t], signature) = VECTORS[0];
        let credential = Credential::parse(&header("push", signature)).unwrap();
        assert!(credential.proves(KEY, op, &names(c, i, t)));
        assert!(!credential.proves(KEY, Op::Upload, &names(c, i, t)));
        assert!(!credential.proves(b"other", op, &names(c, i, t)));
        for other in [names("d", i, t), names(c, "d", t), names(c, i, "d")] {
            assert!(!credential.proves(KEY, op, &other));
        }
        let claims_upload = Credential::parse(&header("upload", signature)).unwrap();
        assert!(!claims_upload.proves(KEY, Op::Upload, &names(c, i, t)));
        let later = header("push", signature).replace(HOUR, "20261121T03Z");
        assert!(
            !Credential::parse(&later)
                .unwrap()
                .proves(KEY, op, &names(c, i, t))
        );
        let cut = header("push", &signature[..62]);
        assert!(
            !Credential::parse(&cut)
                .unwrap()
                .proves(KEY, op, &names(c, i, t))
        );
    }

    #[test]
    fn each_spelling_may_be_signed() {
        for signed in [
            ["My_Coll", "Tacos", "V1"],
            ["my_coll", "tacos", "v1"],
            ["my-coll", "tacos", "V1"],
        ] {
            let text = sign(KEY, "alice", HOUR, Op::Pull, signed);
            let credential = Credential::parse(&text).unwrap();
            let names = Names::new(["my-coll", "My_Coll"], "Tacos", "V1");
            assert!(credential.proves(KEY, Op::Pull, &names), "{signed:?}");
        }
    }

    #[test]
    fn the_hour_and_its_neighbours_count() {
        let credential = Credential::parse(&header("push", "00")).unwrap();
        let at = |hour, minute| {
            Utc.with_ymd_and_hms(2026, 11, 21, hour, minute, 59)
                .unwrap()
        };
        for (now, current) in [
            (at(0, 59), false),
            (at(1, 0), true),
            (at(2, 30), true),
            (at(3, 59), true),
            (at(4, 0), false),
        ] {
            assert_eq!(credential.is_current(now), current, "{now}");
        }
    }

    #[test]
    fn a_user_name_may_bring_a_slash_into_base64() {
        let text = sign(KEY, "o?o?o?~~~", HOUR, Op::Pull, ["c", "i", "t"]);
        assert!(text.contains("bz9v"));
        assert_eq!(Credential::parse(&text).unwrap().username, "o?o?o?~~~");
    }

    #[test]
    fn what_is_not_well_formed_is_nothing() {
        let good = header("push", "00");
        assert!(Credential::parse(&good).is_some());
        let long = header("push", &"00".repeat(LONGEST));
        for text in [
            "",
            SCHEME,
            "Bearer x",
            "SREGISTRY-HMAC-SHA256 x",
            "SREGISTRY-HMAC-SHA256 Credential=push/YWxpY2U=/20261121T02Z",
            "SREGISTRY-HMAC-SHA256 Signature=00",
            "SREGISTRY-HMAC-SHA256 Credential=push,Signature=00",
            "SREGISTRY-HMAC-SHA256 Credential=push/YWxpY2U=,Signature=00",
            "SREGISTRY-HMAC-SHA256 Credential=push/%%%/20261121T02Z,Signature=00",
            "SREGISTRY-HMAC-SHA256 Credential=push/YWxpY2U=/20261121T02Z,Signature=xy",
            "SREGISTRY-HMAC-SHA256 Credential=push/YWxpY2U=/20261121T02Z,Signature=00,More=1",
            long.as_str(),
        ] {
            assert_eq!(Credential::parse(text), None, "{text}");
        }
        assert!(is_signed(&good) && !is_signed("Bearer x") && !is_signed(""));
    }
}
