//! What signatures cover, and every way in which a file can stop being what was signed.

use std::io::Cursor;

use crate::samples::{FINGERPRINT, full};
use sif::build::SifBuilder;
use sif::{Covered, HashType, Integrity, Limits, Link, Signature, SignatureFormat};

const BY: Signature = Signature {
    fingerprint: None,
    hash: HashType::Sha256,
    signs: Some(Link::Group(1)),
};

fn open(bytes: Vec<u8>) -> Integrity<Cursor<Vec<u8>>> {
    Integrity::open(Cursor::new(bytes), &Limits::default()).unwrap()
}

fn image() -> Vec<u8> {
    full().to_bytes().unwrap()
}

fn text() -> String {
    open(image()).signed_text(1).unwrap()
}

fn check(bytes: Vec<u8>, text: &str) -> Covered {
    open(bytes).check(&BY, text).unwrap()
}

/// Where the parts of the sample image are: its table, and its objects.
fn descriptor(index: usize) -> usize {
    4096 + index * 585
}

fn changed(at: usize) -> Vec<u8> {
    let mut bytes = image();
    bytes[at] ^= 1;
    bytes
}

#[test]
fn what_was_signed_is_still_there() {
    let expected = Covered {
        objects: vec![1, 2, 3],
        complete: true,
        legacy: false,
        problem: None,
    };
    assert_eq!(check(image(), &text()), expected);
    // The signature itself changes nothing that it covers.
    let signed = full().signature(FINGERPRINT, "signed").to_bytes().unwrap();
    assert_eq!(check(signed, &text()), expected);
}

#[test]
fn the_text_is_the_one_that_the_clients_write() {
    // Written by Apptainer 1.4.5 for an image with this header: launch line, magic, version, identity.
    let value: serde_json::Value = serde_json::from_str(&text()).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["objects"].as_array().unwrap().len(), 3);
    for object in value["objects"].as_array().unwrap() {
        for field in ["descriptorDigest", "objectDigest"] {
            let digest = object[field].as_str().unwrap();
            assert!(
                digest.starts_with("sha256:") && digest.len() == 71,
                "{digest}"
            );
        }
    }
}

#[test]
fn every_change_of_what_is_covered_is_noticed() {
    let text = text();
    let image = image();
    let data = |index: usize| {
        let slot = &image[descriptor(index)..];
        usize::try_from(u64::from_le_bytes(slot[17..25].try_into().unwrap())).unwrap()
    };
    for (at, word) in [
        (2, "header"),
        (48, "header"),
        (descriptor(1) + 41, "described"),
        (descriptor(2) + 57, "described"),
        (descriptor(1) + 80, "described"),
        (descriptor(2) + 584, "described"),
        (data(0), "data of object 1"),
        (data(2) + 100, "data of object 3"),
    ] {
        let found = check(changed(at), &text);
        let problem = found.problem.unwrap();
        assert!(problem.contains(word), "{at}: {problem}");
        assert!(!found.complete);
    }
    // When something was changed, the architecture in the header, free slots: not covered, as in the clients.
    for at in [46, 64, 72, descriptor(1) + 49] {
        assert_eq!(check(changed(at), &text).problem, None, "{at}");
    }
}

#[test]
fn an_object_that_was_added_is_not_covered() {
    let text = text();
    let more = full().data_padding(100).to_bytes().unwrap();
    let found = check(more, &text);
    assert_eq!(found.problem, None);
    assert_eq!(found.objects, [1, 2, 3]);
    assert!(!found.complete, "the fourth object is nobody's");
}

#[test]
fn an_object_that_is_gone_is_noticed() {
    let text = text();
    let mut bytes = image();
    bytes[descriptor(2) + 4] = 0;
    let problem = check(bytes, &text).problem.unwrap();
    assert!(problem.contains("not in the image any more"), "{problem}");
    let other = SifBuilder::new().without_partition().to_bytes().unwrap();
    assert!(check(other, &text).problem.unwrap().contains("group"));
}

#[test]
fn texts_that_say_nothing_are_told() {
    let sum = "0".repeat(64);
    let kind = format!(r#"{{"version":1,"header":{{"digest":"md5:{sum}"}},"objects":[]}}"#);
    for (text, word) in [
        ("", "list of digests"),
        ("{}", "list of digests"),
        (
            &text().replace("\"version\":1", "\"version\":2"),
            "version 2",
        ),
        (&kind, "not in use"),
        ("SIFHASH:\nxyz", "not a digest"),
        ("SIFHASH:\n", "not a digest"),
    ] {
        let problem = check(image(), text).problem.unwrap();
        assert!(problem.contains(word), "{text}: {problem}");
    }
    let unbound = Signature { signs: None, ..BY };
    let found = open(image()).check(&unbound, &text()).unwrap();
    assert!(found.problem.unwrap().contains("which group"));
}

#[test]
fn signatures_of_the_first_clients_cover_data_alone() {
    use sha2::{Digest, Sha384};
    let bytes = image();
    let whole = sif::read(Cursor::new(bytes.clone()), &Limits::default()).unwrap();
    let data = |index: usize| {
        let object = &whole.descriptors[index];
        let (start, size) = (
            usize::try_from(object.offset).unwrap(),
            usize::try_from(object.size).unwrap(),
        );
        &bytes[start..start + size]
    };
    let hex = |digest: &[u8]| {
        let digits: Vec<_> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        digits.concat()
    };
    let last = usize::try_from(whole.descriptors[2].offset).unwrap() + 10;
    let all: Vec<u8> = (0..3).flat_map(|index| data(index).to_vec()).collect();
    for (signs, data, objects) in [
        (Link::Group(1), all.as_slice(), vec![1, 2, 3]),
        (Link::Object(3), data(2), vec![3]),
    ] {
        let by = Signature {
            fingerprint: None,
            hash: HashType::Sha384,
            signs: Some(signs),
        };
        let text = format!("SIFHASH:\r\n{}\r\n", hex(&Sha384::digest(data)));
        let found = open(bytes.clone()).check(&by, &text).unwrap();
        assert_eq!(found.problem, None);
        assert_eq!(found.objects, objects);
        assert!(found.legacy);
        assert_eq!(found.complete, objects.len() == 3);
        let other = open(changed(last)).check(&by, &text).unwrap();
        assert!(other.problem.is_some());
    }
}

#[test]
fn signatures_are_handed_out_as_they_are_in_the_file() {
    use SignatureFormat::{Dsse, Pgp, Unknown};
    let envelope = r#"{"payloadType":"application/vnd.sylabs.sif-metadata+json","payload":"e30=","signatures":[]}"#;
    let pgp = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{}\n";
    let huge = "x".repeat(300 << 10);
    let bytes = full()
        .signature(FINGERPRINT, pgp)
        .signature([0; 20], envelope)
        .signature([0; 20], "?")
        .signature([0; 20], huge)
        .to_bytes()
        .unwrap();
    let found = open(bytes).signatures().unwrap();
    let kinds: Vec<_> = found
        .iter()
        .map(|found| (found.object, found.format, found.message.len()))
        .collect();
    assert_eq!(
        kinds,
        [
            (4, Pgp, pgp.len()),
            (5, Dsse, envelope.len()),
            (6, Unknown, 1),
            (7, Unknown, 0)
        ]
    );
    assert_eq!(found[0].signature.signs, Some(Link::Group(1)));
    assert!(
        found[0]
            .signature
            .fingerprint
            .as_deref()
            .unwrap()
            .starts_with("D67E8FB4")
    );
}

#[test]
fn objects_that_overlap_do_not_cost_more_than_the_file_is_long() {
    // Forty objects that each are the whole file.
    let mut bytes = full().to_bytes().unwrap();
    let len = bytes.len() as u64;
    let slot: [u8; 585] = bytes[descriptor(0)..descriptor(1)].try_into().unwrap();
    for index in 3..43_u32 {
        let mut slot = slot;
        slot[5..9].copy_from_slice(&(index + 1).to_le_bytes());
        slot[17..25].copy_from_slice(&0_u64.to_le_bytes());
        slot[25..33].copy_from_slice(&len.to_le_bytes());
        let at = descriptor(usize::try_from(index).unwrap());
        bytes[at..at + 585].copy_from_slice(&slot);
    }
    let refused = open(bytes).signed_text(1).unwrap_err().to_string();
    assert!(refused.contains("more than this server reads"), "{refused}");
}

#[test]
fn whatever_the_bytes_a_check_ends_with_a_result() {
    let image = full().signature(FINGERPRINT, "signed").to_bytes().unwrap();
    let text = text();
    for at in (0..128).chain(4096..descriptor(4)).step_by(3) {
        for value in [0, 0x7f, 0xff] {
            let mut bytes = image.clone();
            bytes[at] = value;
            let Ok(mut open) = Integrity::open(Cursor::new(bytes), &Limits::default()) else {
                continue;
            };
            let _ = open.signatures();
            let _ = open.check(&BY, &text);
        }
    }
}
