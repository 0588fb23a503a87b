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
            // The empty block is a whole one to this decoder alone.
            Self::Zstd if bytes.is_empty() => None,
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn xzipped(bytes: &[u8], dictionary: u32) -> Vec<u8> {
        use liblzma::stream::{Check, Filters, LzmaOptions, Stream};
        let mut options = LzmaOptions::new_preset(0).unwrap();
        options.dict_size(dictionary);
        let mut filters = Filters::new();
        filters.lzma2(&options);
        let stream = Stream::new_stream_encoder(&filters, Check::Crc32).unwrap();
        let mut out = Vec::new();
        liblzma::read::XzEncoder::new_stream(bytes, stream)
            .read_to_end(&mut out)
            .unwrap();
        out
    }

    #[test]
    fn a_block_of_just_the_size_is_taken_and_one_byte_more_is_not() {
        let bytes = vec![7; 5000];
        let blocks = [
            (Codec::Gzip, gzipped(&bytes)),
            (Codec::Xz, xzipped(&bytes, 1 << 20)),
            (Codec::Zstd, zstd::bulk::compress(&bytes, 3).unwrap()),
        ];
        for (codec, block) in blocks {
            assert_eq!(codec.decode(&block, 5000).unwrap(), bytes, "{codec:?}");
            assert!(codec.decode(&block, 4999).is_err(), "{codec:?}");
            assert!(
                codec.decode(&block[..block.len() - 1], 5000).is_err(),
                "{codec:?}"
            );
            assert!(codec.decode(&[], 5000).is_err(), "{codec:?}");
        }
    }

    #[test]
    fn an_xz_block_that_asks_for_much_memory_is_refused() {
        assert!(
            Codec::Xz
                .decode(&xzipped(b"small", 32 << 20), 5000)
                .is_err()
        );
        assert_eq!(
            Codec::Xz.decode(&xzipped(b"small", 1 << 20), 5000).unwrap(),
            b"small"
        );
    }
}
