//! Decompression of one block into at most its known size.

use super::Error;

/// Memory that one xz block may ask for: its dictionary is at most the 1 MiB of a block.
const XZ_MEMORY: u64 = 16 << 20;

/// The compression of a file system.
#[derive(Clone, Copy, Debug)]
pub(super) enum Codec {
    Gzip,
    Xz,
    Zstd,
}

impl Codec {
    pub(super) fn from_id(id: u16) -> Result<Self, Error> {
        match id {
            1 => Ok(Self::Gzip),
            2 => Err(Error::Compression("lzma")),
            3 => Err(Error::Compression("lzo")),
            4 => Ok(Self::Xz),
            5 => Err(Error::Compression("lz4")),
            6 => Ok(Self::Zstd),
            _ => Err(Error::Compression("unknown")),
        }
    }

    /// Decompresses a whole block; more than `max` bytes is an error.
    pub(super) fn decode(self, bytes: &[u8], max: usize) -> Result<Vec<u8>, Error> {
        // The decoders are other people's code fed with strangers' bytes: should one panic, only
        // this block is lost.
        let decode = || match self {
            Self::Gzip => gzip(bytes, max),
            Self::Xz => xz(bytes, max),
            Self::Zstd => zstd::bulk::decompress(bytes, max).ok(),
        };
        std::panic::catch_unwind(decode)
            .ok()
            .flatten()
            .ok_or(Error::Corrupt("a block does not decompress"))
    }
}

fn gzip(bytes: &[u8], max: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(max);
    let mut decoder = flate2::Decompress::new(true);
    let done = decoder
        .decompress_vec(bytes, &mut out, flate2::FlushDecompress::Finish)
        .ok()?;
    (done == flate2::Status::StreamEnd).then_some(out)
}

fn xz(bytes: &[u8], max: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(max);
    let mut decoder = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, 0).ok()?;
    let done = decoder
        .process_vec(bytes, &mut out, liblzma::stream::Action::Finish)
        .ok()?;
    (done == liblzma::stream::Status::StreamEnd).then_some(out)
}
