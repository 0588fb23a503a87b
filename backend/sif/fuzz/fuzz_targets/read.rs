//! `cargo +nightly fuzz run read` in `backend/sif`: whatever the bytes, `read` ends with a result.
#![no_main]

use std::io::Cursor;

use sif::{Limits, read, read_header};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let header = read_header(&mut &*bytes, bytes.len() as u64);
    let image = read(Cursor::new(bytes), &Limits::default());
    // What the check at the end of a push accepts and refuses is what the reader does.
    assert!(image.is_err() || header.is_ok());
});
