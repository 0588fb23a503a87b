//! Any bytes give a result: the seed corpus of the fuzz target, and mutations of valid images.

use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;

use crate::samples;
use sif::{App, Image, Integrity, Limits, Link, Metadata};

/// Limits close enough to real images for mutations to reach them.
fn limits() -> Limits {
    Limits {
        max_descriptors: 64,
        max_object: 2000,
        max_total_text: 6000,
        max_nodes: 500,
        max_decoded: 4 << 20,
        max_entries: 20,
    }
}

/// What must hold of everything that is read.
fn check(image: &Image, len: u64, limits: &Limits) {
    assert!(image.descriptors.len() <= limits.max_descriptors as usize);
    for object in &image.descriptors {
        assert!(object.offset.checked_add(object.size).unwrap() <= len);
    }
    let Metadata {
        deffile,
        labels,
        environment,
        runscript,
        startscript,
        help,
        test,
        apps,
        ..
    } = &image.metadata;
    let mut texts = vec![deffile, environment, runscript, startscript, help, test];
    // The labels of a JSON and those of a recipe are each within the limit.
    assert!(labels.len() <= limits.max_entries);
    for App {
        runscript,
        help,
        labels,
        environment,
        test,
        install,
    } in apps.values()
    {
        texts.extend([runscript, help, environment, test, install]);
        assert!(labels.len() <= limits.max_entries);
    }
    for text in texts.into_iter().flatten() {
        // A replacement character takes three bytes where one was wrong. An environment joins
        // several files under their names.
        assert!(text.len() as u64 <= 3 * limits.max_total_text + 6000);
    }
}

fn read(bytes: &[u8], limits: &Limits) {
    if let Ok(image) = sif::read(Cursor::new(bytes), limits) {
        check(&image, bytes.len() as u64, limits);
    }
    verify(bytes, limits);
}

/// Holds the signatures inside against the file, as the fuzz target does; gives how many cover all of it.
fn verify(bytes: &[u8], limits: &Limits) -> usize {
    let Ok(mut integrity) = Integrity::open(Cursor::new(bytes), limits) else {
        return 0;
    };
    let mut complete = 0;
    for object in integrity.signatures().unwrap_or_default() {
        // Whoever holds a key chooses the text that is signed.
        let mut texts = vec![String::from_utf8_lossy(&object.message).into_owned()];
        if let Some(Link::Group(group)) = object.signature.signs {
            texts.extend(integrity.signed_text(group));
        }
        for text in texts {
            if let Ok(covered) = integrity.check(&object.signature, &text) {
                assert!(covered.problem.is_none() || !covered.complete);
                complete += usize::from(covered.complete);
            }
        }
    }
    complete
}

fn corpus_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/read")
}

#[test]
fn the_corpus_is_read() {
    let mut files = 0;
    for entry in std::fs::read_dir(corpus_folder()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        read(&bytes, &Limits::default());
        files += 1;
    }
    assert!(files >= samples::corpus().len());
}

#[test]
fn the_corpus_has_signatures_that_hold() {
    for (name, complete) in [
        ("signed", 2),
        ("signed-legacy", 2),
        ("objects", 1),
        ("empty", 0),
    ] {
        let bytes = std::fs::read(corpus_folder().join(format!("{name}.sif"))).unwrap();
        assert_eq!(verify(&bytes, &Limits::default()), complete, "{name}");
    }
}

#[test]
fn the_seeds_of_the_corpus_are_valid_and_as_built() {
    for (name, builder) in samples::corpus() {
        let bytes = std::fs::read(corpus_folder().join(format!("{name}.sif"))).unwrap();
        let built = builder.to_bytes().unwrap();
        assert!(
            bytes == built,
            "{name}: write the corpus again with the example write-corpus"
        );
        sif::read(Cursor::new(bytes), &Limits::default()).unwrap();
    }
}

#[derive(Clone, Debug)]
enum Change {
    Set(prop::sample::Index, u8),
    /// Little-endian numbers are where the lies are.
    Number(prop::sample::Index, i64),
    Cut(prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    let edge = prop::sample::select(vec![0, 1, -1, 127, 255, 585, 65_535, i64::MAX, i64::MIN]);
    prop_oneof![
        8 => (index(), any::<u8>()).prop_map(|(at, value)| Change::Set(at, value)),
        4 => (index(), prop_oneof![edge, any::<i64>()]).prop_map(|(at, n)| Change::Number(at, n)),
        1 => index().prop_map(Change::Cut),
        2 => (index(), index(), any::<u8>()).prop_map(|(from, to, n)| Change::Repeat(from, to, n)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    match change {
        Change::Set(at, value) => *at.get_mut(bytes) = *value,
        Change::Number(at, value) => {
            let at = at.index(bytes.len());
            for (byte, new) in bytes[at..].iter_mut().zip(value.to_le_bytes()) {
                *byte = new;
            }
        }
        Change::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Change::Repeat(from, to, len) => {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            let len = usize::from(*len).min(bytes.len() - from.max(to));
            bytes.copy_within(from..from + len, to);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_images_give_a_result_within_the_limits(
        seed in 0..samples::corpus().len(),
        changes in prop::collection::vec(change(), 1..12),
    ) {
        let (name, _) = &samples::corpus()[seed];
        let mut bytes = std::fs::read(corpus_folder().join(format!("{name}.sif"))).unwrap();
        for change in &changes {
            apply(&mut bytes, change);
        }
        read(&bytes, &limits());
        read(&bytes, &Limits::default());
    }

    #[test]
    fn mutated_file_systems_give_a_result_within_the_limits(
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let mut bytes = std::fs::read(corpus_folder().join("stored.sif")).unwrap();
        let mut partition = bytes.split_off(128 + 585);
        for change in &changes {
            apply(&mut partition, change);
        }
        partition.resize(partition.len().max(4000), 0);
        bytes.extend_from_slice(&partition);
        read(&bytes, &limits());
    }

    #[test]
    fn random_bytes_give_a_result(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        read(&bytes, &limits());
        let mut bytes = bytes;
        if bytes.len() > 45 {
            bytes[32..45].copy_from_slice(b"SIF_MAGIC\x0001\0");
            read(&bytes, &limits());
        }
    }
}
