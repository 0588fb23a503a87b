//! `cargo +nightly fuzz run read` in `backend/sif`: whatever the bytes, reading them ends with a result, and so does holding
//! the signatures inside against them.
#![no_main]

use std::io::Cursor;

use sif::{Integrity, Limits, Link, read, read_header};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let header = read_header(&mut &*bytes, bytes.len() as u64);
    let image = read(Cursor::new(bytes), &Limits::default());
    // What the check at the end of a push accepts and refuses is what the reader does.
    assert!(image.is_err() || header.is_ok());
    let Ok(mut integrity) = Integrity::open(Cursor::new(bytes), &Limits::default()) else {
        return;
    };
    assert!(header.is_ok());
    for object in integrity.signatures().unwrap_or_default() {
        // Whoever holds a key chooses the text that is signed.
        let mut texts = vec![String::from_utf8_lossy(&object.message).into_owned()];
        if let Some(Link::Group(group)) = object.signature.signs {
            texts.extend(integrity.signed_text(group));
        }
        for text in texts {
            if let Ok(covered) = integrity.check(&object.signature, &text) {
                assert!(covered.problem.is_none() || !covered.complete);
            }
        }
    }
});
