//! Images that the tests, the fuzz corpus and the checks against a real client share.

use std::collections::BTreeMap;
use std::io::Cursor;

use sha2::{Digest, Sha256};
use sif::build::{Compression, SifBuilder};
use sif::{App, Arch, FsType, Integrity, Limits, Metadata};

pub const RECIPE: &str = "Bootstrap: docker\nFrom: alpine:3.20\n\n%labels\n    Author Amy\n\n\
                          %runscript\n    exec cowsay \"$@\"\n\n%appinstall hello\n    make hello\n";
pub const FINGERPRINT: [u8; 20] = *b"\xd6\x7e\x8f\xb4\xcf\x66\xad\x11\x11\x88\x88\x90\x55\x75\x5b\
                                    \x26\x98\xf5\x21\x80";

/// Metadata with every field filled, as a build from `RECIPE` would leave it.
pub fn metadata() -> Metadata {
    let app = App {
        runscript: Some("#!/bin/sh\n\necho hello".to_owned()),
        help: Some("Says hello.".to_owned()),
        labels: map([("SCIF_APP_NAME", "hello")]),
        environment: Some("export GREETING=hello".to_owned()),
        test: Some("#!/bin/sh\n\ntrue".to_owned()),
        install: Some("    make hello".to_owned()),
    };
    Metadata {
        deffile: Some(RECIPE.trim_end().to_owned()),
        labels: map([("Author", "Amy"), ("org.label-schema.build-arch", "amd64")]),
        environment: Some("export COW=moo".to_owned()),
        runscript: Some("#!/bin/sh\n\nexec cowsay \"$@\"".to_owned()),
        startscript: Some("#!/bin/sh\n\nexec cowd".to_owned()),
        help: Some("A cow that speaks.".to_owned()),
        test: Some("#!/bin/sh\n\ncowsay test".to_owned()),
        apps: BTreeMap::from([("hello".to_owned(), app)]),
        bootstrap: Some("docker".to_owned()),
        from: Some("alpine:3.20".to_owned()),
    }
}

/// The image of a build, by its objects and by its files.
pub fn full() -> SifBuilder {
    SifBuilder::new().built_from(&metadata())
}

/// The same with nothing but the files.
pub fn files_only(compression: Compression) -> SifBuilder {
    full().without_objects().compression(compression)
}

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// Small images without files, to be signed.
fn unsigned() -> SifBuilder {
    full().without_partition().compact()
}

/// One whose signature covers all of it, in the text alone, without a key.
fn signed() -> SifBuilder {
    let bytes = unsigned().to_bytes().unwrap_or_default();
    let text = Integrity::open(Cursor::new(bytes), &Limits::default())
        .and_then(|mut integrity| integrity.signed_text(1))
        .unwrap_or_default();
    unsigned().signature(FINGERPRINT, text)
}

/// The same as the first clients wrote it: one digest over the data.
fn signed_by_the_first_clients() -> SifBuilder {
    let bytes = unsigned().to_bytes().unwrap_or_default();
    let image = sif::read(Cursor::new(&bytes), &Limits::default());
    let mut hasher = Sha256::new();
    for object in image.map(|image| image.descriptors).unwrap_or_default() {
        let start = usize::try_from(object.offset).unwrap_or(usize::MAX);
        let data = bytes.iter().skip(start);
        let data: Vec<u8> = data
            .take(usize::try_from(object.size).unwrap_or(0))
            .copied()
            .collect();
        hasher.update(data);
    }
    let digits: Vec<String> = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let digits = digits.concat();
    unsigned().signature(FINGERPRINT, format!("SIFHASH:\n{digits}\n"))
}

/// One small image for each way through the reader.
pub fn corpus() -> Vec<(&'static str, SifBuilder)> {
    let objects = SifBuilder::new()
        .deffile(RECIPE)
        .environment("export COW=moo")
        .labels([("Author", "Amy")])
        .signature(FINGERPRINT, "signed")
        .arch(Arch::Arm64)
        .without_partition();
    let encrypted = SifBuilder::new()
        .deffile(RECIPE)
        .partition(FsType::EncryptedSquashfs, "LUKS");
    let inspect = full().without_partition();
    vec![
        ("objects", objects.compact()),
        ("inspect", inspect.compact()),
        ("encrypted", encrypted.compact()),
        (
            "empty",
            SifBuilder::new()
                .arch(None)
                .without_partition()
                .without_launch()
                .compact(),
        ),
        ("stored", files_only(Compression::Stored).compact()),
        ("gzip", files_only(Compression::Gzip).compact()),
        ("xz", files_only(Compression::Xz).compact()),
        ("zstd", files_only(Compression::Zstd).compact()),
        ("signed", signed()),
        ("signed-legacy", signed_by_the_first_clients()),
    ]
}
