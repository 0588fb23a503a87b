//! Writes small, valid SIFs: for tests, and for the content of a demonstration.
//!
//! The layout is that of a real build (48 descriptor slots at 4096, data after them, the partition
//! aligned to 4096), and equal calls give equal bytes.

mod contents;
mod squashfs;
mod write;

use std::fs::File;
use std::io::{self, BufWriter, Cursor, Seek, Write};
use std::path::Path;

pub use squashfs::Compression;

use crate::{Arch, FsType};

/// 2024-01-01, so that images do not depend on the day they are made.
const CREATED: u32 = 1_704_067_200;

/// Describes a SIF; the `write_…` methods make it.
#[derive(Clone, Debug)]
pub struct SifBuilder {
    arch: Option<Arch>,
    seed: u64,
    created: u32,
    launch: bool,
    compact: bool,
    compression: Compression,
    deffile: Option<Vec<u8>>,
    environment: Option<Vec<u8>>,
    labels: Option<Vec<u8>>,
    inspect: Option<Vec<u8>>,
    files: Vec<(String, Vec<u8>)>,
    partition: Option<(FsType, Vec<u8>)>,
    without_partition: bool,
    signatures: Vec<([u8; 20], Vec<u8>)>,
    padding: u64,
}

impl Default for SifBuilder {
    fn default() -> Self {
        Self {
            arch: Some(Arch::Amd64),
            seed: 0,
            created: CREATED,
            launch: true,
            compact: false,
            compression: Compression::Gzip,
            deffile: None,
            environment: None,
            labels: None,
            inspect: None,
            files: Vec::new(),
            partition: None,
            without_partition: false,
            signatures: Vec::new(),
            padding: 0,
        }
    }
}

impl SifBuilder {
    /// An amd64 image with an empty file system.
    pub fn new() -> Self {
        Self::default()
    }

    /// What tells two otherwise equal images apart: the identity and the padding.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// When the image was made, seconds since 1970.
    pub fn created(mut self, seconds: u32) -> Self {
        self.created = seconds;
        self
    }

    /// The architecture; none is written as "unknown".
    pub fn arch(mut self, arch: impl Into<Option<Arch>>) -> Self {
        self.arch = arch.into();
        self
    }

    /// Leaves the launch line empty, as `sif new` does.
    pub fn without_launch(mut self) -> Self {
        self.launch = false;
        self
    }

    /// As few bytes as the format allows: no free descriptors, nothing aligned. Readers take it,
    /// runtimes may not.
    pub fn compact(mut self) -> Self {
        self.compact = true;
        self
    }

    /// How the file system is compressed.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Adds the definition file as an object.
    pub fn deffile(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.deffile = Some(text.into());
        self
    }

    /// Adds the environment as an object.
    pub fn environment(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.environment = Some(text.into());
        self
    }

    /// Adds the labels as an object.
    pub fn labels<'a>(self, labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.labels_json(contents::labels_json(labels))
    }

    /// Adds the labels as an object, whatever the bytes.
    pub fn labels_json(mut self, json: impl Into<Vec<u8>>) -> Self {
        self.labels = Some(json.into());
        self
    }

    /// Adds the object that `inspect` reads.
    pub fn inspect_json(mut self, json: impl Into<Vec<u8>>) -> Self {
        self.inspect = Some(json.into());
        self
    }

    /// Adds a file to the file system, with its directories.
    pub fn file(mut self, path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.into(), content.into()));
        self
    }

    /// Puts these bytes in place of the file system, as an encrypted or ext3 image has.
    pub fn partition(mut self, fs: FsType, bytes: impl Into<Vec<u8>>) -> Self {
        self.partition = Some((fs, bytes.into()));
        self
    }

    /// Leaves out the objects made for reading; the files of the image stay.
    pub fn without_objects(mut self) -> Self {
        (self.deffile, self.environment, self.labels, self.inspect) = (None, None, None, None);
        self
    }

    /// Leaves the file system out.
    pub fn without_partition(mut self) -> Self {
        self.without_partition = true;
        self
    }

    /// Adds a signature object over the group of the image. Zeros mean no fingerprint.
    pub fn signature(mut self, fingerprint: [u8; 20], bytes: impl Into<Vec<u8>>) -> Self {
        self.signatures.push((fingerprint, bytes.into()));
        self
    }

    /// Makes the image larger by this many random bytes, in an object of their own.
    pub fn data_padding(mut self, bytes: u64) -> Self {
        self.padding = bytes;
        self
    }

    /// Writes the image from the start of `out`, which must be empty; gives its size in bytes.
    pub fn write_to<W: Write + Seek>(&self, out: W) -> io::Result<u64> {
        write::image(self, out)
    }

    /// Writes the image to a new file; gives its size in bytes.
    pub fn write_file(&self, path: impl AsRef<Path>) -> io::Result<u64> {
        let mut out = BufWriter::new(File::create(path)?);
        let size = self.write_to(&mut out)?;
        out.flush()?;
        Ok(size)
    }

    /// The image as bytes.
    pub fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut out = Cursor::new(Vec::new());
        self.write_to(&mut out)?;
        Ok(out.into_inner())
    }
}
