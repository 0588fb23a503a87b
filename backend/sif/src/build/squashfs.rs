//! The file system of a built image, by backhand's writer.

use std::io::{self, Cursor, Seek, Write};

use backhand::compression::{CompressionAction, Compressor};
use backhand::kind::Kind;
use backhand::{BackhandError, FilesystemCompressor, FilesystemWriter, NodeHeader, SuperBlock};

/// How a file system is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// zlib, the default of `mksquashfs`.
    Gzip,
    /// xz.
    Xz,
    /// Zstandard.
    Zstd,
    /// Every block as it is (`mksquashfs -noI -noD -noF`), in a file system that says zlib.
    Stored,
}

/// Claims that nothing gets smaller, so that every block is stored as it is.
struct Incompressible;

impl CompressionAction for Incompressible {
    type Error = BackhandError;
    type Compressor = Compressor;
    type FilesystemCompressor = FilesystemCompressor;
    type SuperBlock = SuperBlock;

    fn decompress(
        &self,
        _bytes: &[u8],
        _out: &mut Vec<u8>,
        _compressor: Compressor,
    ) -> Result<(), BackhandError> {
        Err(BackhandError::CorruptedOrInvalidSquashfs)
    }

    fn compress(
        &self,
        bytes: &[u8],
        _compressor: FilesystemCompressor,
        _block_size: u32,
    ) -> Result<Vec<u8>, BackhandError> {
        Ok(vec![0; bytes.len() + 1])
    }
}

/// Writes a file system at `offset` of `out`; gives its size in bytes, padding included.
pub(super) fn write<W: Write + Seek>(
    files: &[(String, Vec<u8>)],
    compression: Compression,
    padded: bool,
    time: u32,
    out: W,
    offset: u64,
) -> io::Result<u64> {
    let id = match compression {
        Compression::Gzip | Compression::Stored => Compressor::Gzip,
        Compression::Xz => Compressor::Xz,
        Compression::Zstd => Compressor::Zstd,
    };
    let mut writer = FilesystemWriter::default();
    writer.set_compressor(FilesystemCompressor::new(id, None).map_err(io::Error::other)?);
    if compression == Compression::Stored {
        writer.set_kind(Kind::new_v4(&Incompressible));
    }
    if !padded {
        writer.set_no_padding();
    }
    writer.set_time(time);
    writer.set_root_mode(0o755);
    let header = NodeHeader::new(0o755, 0, 0, time);
    writer
        .push_dir_all("/.singularity.d", header)
        .map_err(io::Error::other)?;
    for (path, content) in files {
        if let Some((directory, _)) = path.rsplit_once('/') {
            let directory = if directory.is_empty() { "/" } else { directory };
            writer
                .push_dir_all(directory, header)
                .map_err(io::Error::other)?;
        }
        writer
            .push_file(Cursor::new(content.as_slice()), path, header)
            .map_err(io::Error::other)?;
    }
    let (_, size) = writer
        .write_with_offset(out, offset)
        .map_err(io::Error::other)?;
    Ok(size)
}
