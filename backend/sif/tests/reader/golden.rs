//! What the reader finds in images that are as they should be, from each source of metadata.

use std::io::Cursor;

use crate::samples::{FINGERPRINT, RECIPE, files_only, full, metadata};
use sif::build::{Compression, SifBuilder};
use sif::{Arch, FsType, HashType, Image, Kind, Limits, Link, Metadata, PartType, read_header};

fn read(builder: &SifBuilder) -> Image {
    let bytes = builder.to_bytes().unwrap();
    sif::read(Cursor::new(bytes), &Limits::default()).unwrap()
}

#[test]
fn a_build_is_read_whole() {
    let image = read(&full());
    assert_eq!(image.metadata, metadata());
    assert_eq!(image.arch, Some(Arch::Amd64));
    assert_eq!(image.notes, [""; 0]);
    assert!(!image.encrypted);
    assert_eq!(image.signatures, []);
    assert_eq!(image.header.created, 1_704_067_200);
    assert_eq!(image.header.descriptors_total, 48);
    assert_eq!(image.header.descriptors_free, 45);
    assert_eq!(image.header.data_offset, 32_176);
    let names: Vec<_> = image
        .descriptors
        .iter()
        .map(|d| (d.id, d.name.as_str()))
        .collect();
    assert_eq!(names, [(1, ""), (2, "inspect-metadata.json"), (3, "")]);
    let Kind::Partition(partition) = image.descriptors[2].kind else {
        panic!("a partition")
    };
    assert_eq!(
        (partition.fs, partition.part),
        (FsType::Squashfs, PartType::Primary)
    );
    assert_eq!(image.descriptors[2].offset % 4096, 0);
}

#[test]
fn the_files_say_the_same_as_the_inspect_json_in_every_compression() {
    use Compression::{Gzip, Stored, Xz, Zstd};
    for compression in [Gzip, Xz, Zstd, Stored] {
        let image = read(&files_only(compression));
        assert_eq!(image.descriptors.len(), 1);
        assert_eq!(image.notes, [""; 0], "{compression:?}");
        assert_eq!(image.metadata, metadata(), "{compression:?}");
    }
}

#[test]
fn the_inspect_json_alone_is_enough() {
    assert_eq!(read(&full().without_partition()).metadata, metadata());
}

#[test]
fn objects_come_first_then_json_then_files() {
    let json = r#"{"data":{"attributes":{"runscript":"json run","helpfile":"json help",
        "deffile":"json recipe","environment":{"/env/90-environment.sh":"json=1"}}}}"#;
    let image = read(
        &SifBuilder::new()
            .environment("object=1")
            .inspect_json(json)
            .file("/.singularity.d/runscript", "file run")
            .file("/.singularity.d/test", "file test")
            .file("/.singularity.d/Singularity", "file recipe"),
    );
    let found = image.metadata;
    assert_eq!(found.environment.as_deref(), Some("object=1"));
    assert_eq!(found.runscript.as_deref(), Some("json run"));
    assert_eq!(found.deffile.as_deref(), Some("json recipe"));
    assert_eq!(found.help.as_deref(), Some("json help"));
    assert_eq!(found.test.as_deref(), Some("file test"));
}

#[test]
fn every_architecture_is_named() {
    for arch in Arch::ALL {
        let image = read(&SifBuilder::new().arch(arch));
        assert_eq!(image.arch, Some(arch));
        let Kind::Partition(partition) = image.descriptors[0].kind else {
            panic!("a partition")
        };
        assert_eq!(partition.arch, Some(arch));
    }
    assert_eq!(read(&SifBuilder::new().arch(None)).arch, None);
}

#[test]
fn the_partition_names_the_architecture_where_the_header_does_not() {
    let mut bytes = SifBuilder::new().arch(Arch::S390x).to_bytes().unwrap();
    bytes[45..48].copy_from_slice(b"00\0");
    let image = sif::read(Cursor::new(bytes), &Limits::default()).unwrap();
    assert_eq!((image.header.arch, image.arch), (None, Some(Arch::S390x)));
}

#[test]
fn signatures_are_listed_with_their_keys() {
    let image = read(
        &full()
            .signature(FINGERPRINT, "one")
            .signature([0; 20], "two"),
    );
    let [pgp, other] = image.signatures.as_slice() else {
        panic!("two signatures")
    };
    let expected = "D67E8FB4CF66AD111188889055755B2698F52180";
    assert_eq!(pgp.fingerprint.as_deref(), Some(expected));
    assert_eq!(
        (pgp.hash, pgp.signs),
        (HashType::Sha256, Some(Link::Group(1)))
    );
    assert_eq!(other.fingerprint, None);
    assert_eq!(image.descriptors.last().unwrap().group, None);
}

#[test]
fn a_32_byte_fingerprint_is_read_whole() {
    let mut bytes = SifBuilder::new()
        .signature([0x11; 20], "v6")
        .compact()
        .to_bytes()
        .unwrap();
    let extra = 128 + 585 + 201;
    bytes[extra + 4..extra + 36].fill(0xab);
    let image = sif::read(Cursor::new(bytes), &Limits::default()).unwrap();
    assert_eq!(image.signatures[0].fingerprint, Some("AB".repeat(32)));
}

#[test]
fn an_encrypted_image_tells_what_its_recipe_says() {
    for fs in [FsType::EncryptedSquashfs, FsType::GocryptfsSquashfs] {
        let image = read(&SifBuilder::new().deffile(RECIPE).partition(fs, "LUKS"));
        assert!(image.encrypted);
        assert_eq!(image.metadata.from.as_deref(), Some("alpine:3.20"));
        assert_eq!(
            image.metadata.runscript.as_deref(),
            Some("    exec cowsay \"$@\"")
        );
        assert_eq!(
            image.metadata.apps["hello"].install.as_deref(),
            Some("    make hello")
        );
        let note = "The files inside the image could not be read: it is encrypted.";
        assert_eq!(image.notes, [note]);
    }
}

#[test]
fn labels_name_the_origin_where_there_is_no_recipe() {
    let image = read(&SifBuilder::new().labels([
        (
            "org.label-schema.usage.singularity.deffile.bootstrap",
            "docker",
        ),
        (
            "org.label-schema.usage.singularity.deffile.from",
            "ubuntu:22.04",
        ),
    ]));
    assert_eq!(image.metadata.bootstrap.as_deref(), Some("docker"));
    assert_eq!(image.metadata.from.as_deref(), Some("ubuntu:22.04"));
}

#[test]
fn environment_files_of_the_runtime_are_left_out() {
    let home = "/.singularity.d/env";
    let image = read(
        &SifBuilder::new()
            .file(
                format!("{home}/01-base.sh"),
                "export SECRET_OF_THE_RUNTIME=1",
            )
            .file(
                format!("{home}/10-docker2singularity.sh"),
                "#!/bin/sh\nexport A=1\n",
            )
            .file(
                format!("{home}/90-environment.sh"),
                "#!/bin/sh\nexport B=2\n",
            )
            .file(format!("{home}/notes.txt"), "export C=3"),
    );
    let expected = format!(
        "# {home}/10-docker2singularity.sh\nexport A=1\n\n# {home}/90-environment.sh\nexport B=2"
    );
    assert_eq!(image.metadata.environment, Some(expected));
}

#[test]
fn texts_that_are_not_utf8_are_shown_with_replacements() {
    let image = read(
        &SifBuilder::new()
            .deffile(b"From: \xff\xfe\n".to_vec())
            .file("/.singularity.d/runscript.help", b"caf\xe9".to_vec()),
    );
    assert_eq!(image.metadata.from.as_deref(), Some("\u{fffd}\u{fffd}"));
    assert_eq!(image.metadata.help.as_deref(), Some("caf\u{fffd}"));
}

#[test]
fn files_of_many_blocks_and_wide_directories_are_read() {
    // Past one data block of 128 KiB, its tail in a fragment, a hole in the middle; and more names
    // than one metadata block holds.
    let line = "# a long help text, line after line\n".repeat(20_000);
    let help = format!("{line}{}end", "\0".repeat(300_000));
    let mut builder = SifBuilder::new().file("/.singularity.d/runscript.help", help.as_str());
    for n in 0..1500 {
        builder = builder.file(format!("/data/a-file-with-a-rather-long-name-{n:05}"), "x");
    }
    for compression in [Compression::Gzip, Compression::Zstd] {
        let image = read(&builder.clone().compression(compression));
        assert_eq!(image.metadata.help.as_deref(), Some(help.as_str()));
    }
}

#[test]
fn an_image_without_anything_is_still_an_image() {
    let image = read(&SifBuilder::new().without_partition().without_launch());
    assert_eq!(image.metadata, Metadata::default());
    assert_eq!(image.descriptors, []);
    assert_eq!(image.notes, [""; 0]);
}

#[test]
fn the_header_can_be_read_alone() {
    let bytes = full().data_padding(100_000).to_bytes().unwrap();
    let len = bytes.len() as u64;
    let header = read_header(&mut bytes.as_slice(), len).unwrap();
    assert_eq!(header.data_offset + header.data_size, len);
    assert_eq!(read_header(&mut &bytes[..128], len).unwrap(), header);
}

#[test]
fn equal_seeds_give_equal_images() {
    let build = |seed| full().seed(seed).data_padding(70_000).to_bytes().unwrap();
    assert_eq!(build(1), build(1));
    let (one, two) = (build(1), build(2));
    assert_eq!(one.len(), two.len());
    assert_ne!(one[48..64], two[48..64], "the identity");
    assert_ne!(one[one.len() - 64..], two[two.len() - 64..], "the padding");
}
