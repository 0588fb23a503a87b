//! Images that lie: each is refused with a sentence, or read as far as it is true.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use crate::samples::{RECIPE, files_only, full};
use sif::build::{Compression, SifBuilder};
use sif::{Error, Image, Limits, read_header};

/// Where a compact image has its descriptors.
const TABLE: usize = 128;
const SLOT: usize = 585;

fn read(bytes: &[u8]) -> Result<Image, Error> {
    sif::read(Cursor::new(bytes), &Limits::default())
}

fn set(bytes: &mut [u8], at: usize, value: i64) {
    bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

#[test]
fn other_files_are_no_images() {
    for bytes in [
        &b""[..],
        b"SIF_MAGIC",
        &[0; 5000],
        b"#!/bin/sh\nexit 0\n",
        &[0xff; 200],
    ] {
        assert!(matches!(read(bytes), Err(Error::NotSif)));
        let len = bytes.len() as u64;
        assert!(matches!(read_header(&mut &*bytes, len), Err(Error::NotSif)));
    }
}

#[test]
fn an_image_cut_anywhere_is_refused() {
    let whole = full()
        .signature(crate::samples::FINGERPRINT, "s")
        .compact()
        .to_bytes()
        .unwrap();
    for len in 0..whole.len() {
        let cut = &whole[..len];
        let header = read_header(&mut &*cut, len as u64);
        match (len, read(cut), header) {
            (0..42, Err(Error::NotSif), Err(Error::NotSif)) => {}
            (42.., Err(Error::Truncated { expected, actual }), Err(Error::Truncated { .. })) => {
                assert_eq!(actual, len as u64);
                assert!(expected > actual);
            }
            (_, image, _) => panic!("cut at {len}: {image:?}"),
        }
    }
    assert!(read(&whole).is_ok());
}

#[test]
fn a_cut_image_says_what_is_missing() {
    let whole = full().to_bytes().unwrap();
    let error = read(&whole[..40_000]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The image is cut short: it needs at least 40960 bytes and has 40000."
    );
}

#[test]
fn a_future_version_is_unsupported() {
    let mut bytes = full().compact().to_bytes().unwrap();
    bytes[42..45].copy_from_slice(b"02\0");
    let error = read(&bytes).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
    assert_eq!(
        error.to_string(),
        "This server cannot read SIF version \"02\"."
    );
}

#[test]
fn wild_numbers_in_the_header_are_refused() {
    // free, total, table offset, table size, data offset, data size
    for at in (80..128).step_by(8) {
        for value in [-1, i64::MIN, i64::MAX, i64::MAX - 584, 1 << 40] {
            let mut bytes = full().compact().to_bytes().unwrap();
            set(&mut bytes, at, value);
            assert!(read(&bytes).is_err(), "{value} at {at}");
            assert!(read_header(&mut bytes.as_slice(), bytes.len() as u64).is_err());
        }
    }
}

#[test]
fn a_table_within_the_header_is_refused() {
    let mut bytes = full().compact().to_bytes().unwrap();
    set(&mut bytes, 96, 64);
    assert!(matches!(read(&bytes), Err(Error::Corrupt(_))));
}

#[test]
fn wild_numbers_in_a_descriptor_are_refused() {
    let whole = full().compact().to_bytes().unwrap();
    let objects = read(&whole).unwrap().descriptors.len();
    for object in 0..objects {
        for field in [17, 25] {
            for value in [
                -1,
                i64::MIN,
                i64::MAX,
                i64::try_from(whole.len()).unwrap() + 1,
            ] {
                let mut bytes = whole.clone();
                set(&mut bytes, TABLE + object * SLOT + field, value);
                assert!(read(&bytes).is_err(), "{value} in object {object}");
            }
        }
    }
}

#[test]
fn objects_may_share_bytes() {
    // Nothing in the format forbids it, and reading them twice does no harm.
    let mut bytes = SifBuilder::new()
        .deffile(RECIPE)
        .environment("x")
        .compact()
        .to_bytes()
        .unwrap();
    let first: [u8; 16] = bytes[TABLE + 17..TABLE + 33].try_into().unwrap();
    bytes[TABLE + SLOT + 17..TABLE + SLOT + 33].copy_from_slice(&first);
    let metadata = read(&bytes).unwrap().metadata;
    assert_eq!(metadata.deffile.as_deref(), Some(RECIPE.trim_end()));
    assert_eq!(metadata.environment, metadata.deffile);
}

#[test]
fn too_many_descriptors_are_refused() {
    let limits = Limits {
        max_descriptors: 47,
        ..Limits::default()
    };
    let bytes = full().to_bytes().unwrap();
    let error = sif::read(Cursor::new(bytes), &limits).unwrap_err();
    assert!(matches!(
        error,
        Error::TooLarge {
            found: 48,
            limit: 47,
            ..
        }
    ));
}

#[test]
fn a_text_past_the_limit_leaves_a_note() {
    let limits = Limits {
        max_object: 100,
        ..Limits::default()
    };
    let bytes = SifBuilder::new()
        .deffile("x".repeat(101))
        .environment("e".repeat(100))
        .file("/.singularity.d/runscript", "r".repeat(101))
        .to_bytes()
        .unwrap();
    let image = sif::read(Cursor::new(bytes), &limits).unwrap();
    assert_eq!(image.metadata.deffile, None);
    assert_eq!(image.metadata.runscript, None);
    assert_eq!(image.metadata.environment.map(|text| text.len()), Some(100));
    assert_eq!(
        image.notes,
        [
            "The definition file has 101 bytes; at most 100 are read.",
            "The runscript has 101 bytes; at most 100 are read."
        ]
    );
}

#[test]
fn all_texts_together_are_bounded() {
    let limits = Limits {
        max_total_text: 150,
        ..Limits::default()
    };
    let bytes = SifBuilder::new()
        .deffile("x".repeat(100))
        .environment("e".repeat(100))
        .file("/.singularity.d/runscript.help", "h".repeat(50))
        .to_bytes()
        .unwrap();
    let image = sif::read(Cursor::new(bytes), &limits).unwrap();
    assert_eq!(image.metadata.environment, None);
    assert_eq!(image.metadata.help.map(|text| text.len()), Some(50));
    assert_eq!(
        image.notes,
        ["The environment is left out: the image holds too much text."]
    );
}

#[test]
fn entries_and_work_in_the_file_system_are_bounded() {
    let bytes = files_only(Compression::Gzip).to_bytes().unwrap();
    let read = |limits| sif::read(Cursor::new(bytes.as_slice()), &limits).unwrap();
    let entries = read(Limits {
        max_nodes: 3,
        ..Limits::default()
    });
    let note = "The files inside the image could not be read: it has more directory entries than \
                this server reads.";
    assert_eq!(entries.notes, [note]);
    let work = read(Limits {
        max_decoded: 10_000,
        ..Limits::default()
    });
    assert_eq!(work.notes.len(), 1);
    let apps = read(Limits {
        max_entries: 0,
        ..Limits::default()
    });
    assert_eq!(apps.metadata.apps.len(), 0);
}

#[test]
fn labels_that_are_no_json_leave_a_note() {
    let bytes = SifBuilder::new().labels_json("{\"a\":").to_bytes().unwrap();
    let image = read(&bytes).unwrap();
    assert!(image.metadata.labels.is_empty());
    assert_eq!(
        image.notes,
        ["The labels object is not the JSON it should be."]
    );
}

#[test]
fn a_damaged_file_system_leaves_the_rest() {
    let whole = full().compact().to_bytes().unwrap();
    let partition = read(&whole).unwrap().descriptors[2].clone();
    let start = usize::try_from(partition.offset).unwrap();
    // The superblock, then each of its tables.
    let version = start + 28;
    for (at, value) in [
        (0, 0),
        (12, 1),
        (20, 5),
        (20, 77),
        (32, 1 << 40),
        (40, i64::MAX),
    ]
    .into_iter()
    .chain(
        [64, 72, 80]
            .into_iter()
            .flat_map(|at| [(at, 0), (at, 90), (at, i64::MAX)]),
    ) {
        let mut bytes = whole.clone();
        if at == 20 {
            // Two bytes, with others that matter behind them.
            bytes[start + at..start + at + 2].copy_from_slice(&value.to_le_bytes()[..2]);
        } else {
            set(&mut bytes, start + at, value);
        }
        let image = read(&bytes).unwrap();
        assert_eq!(image.metadata.from.as_deref(), Some("alpine:3.20"));
        assert_eq!(image.notes.len(), 1, "{value} at {at}: {:?}", image.notes);
    }
    let mut bytes = whole;
    bytes[version] = 3;
    let notes = read(&bytes).unwrap().notes;
    let expected = "The files inside the image could not be read: the file system is damaged (its \
                    version is not 4.0).";
    assert_eq!(notes, [expected]);
}

#[test]
fn a_directory_that_holds_itself_ends() {
    // Every inode reference in the directory table points at the root directory.
    let mut bytes = files_only(Compression::Stored)
        .compact()
        .to_bytes()
        .unwrap();
    let whole = read(&bytes).unwrap();
    let start = usize::try_from(whole.descriptors[0].offset).unwrap();
    let word = |bytes: &[u8], at: usize| {
        usize::from_le_bytes(bytes[start + at..start + at + 8].try_into().unwrap())
    };
    let (root, table) = (word(&bytes, 32), word(&bytes, 72));
    let scif = bytes
        .windows(4)
        .rposition(|window| window == b"scif")
        .unwrap();
    assert!(scif > start + table);
    bytes[scif - 8..scif - 6].copy_from_slice(&root.to_le_bytes()[..2]);
    let image = read(&bytes).unwrap();
    assert!(
        image
            .metadata
            .apps
            .values()
            .all(|app| app.runscript.is_none())
    );
}

#[test]
fn a_disk_that_fails_is_no_fault_of_the_image() {
    struct Failing(Cursor<Vec<u8>>, u64);
    impl Read for Failing {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.0.position() >= self.1 {
                return Err(io::Error::other("a bad sector"));
            }
            self.0.read(out)
        }
    }
    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }
    // In the header, the table, a text, the file system.
    for good in [0, 4096, 32_176, 36_864] {
        let source = Failing(Cursor::new(full().to_bytes().unwrap()), good);
        let error = sif::read(source, &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Io(_)), "{good}");
        assert_eq!(
            error.to_string(),
            "The image could not be read from the disk."
        );
    }
}
