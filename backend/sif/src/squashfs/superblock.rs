//! The superblock, with every table it names checked to lie within the partition.

use std::io::{Read, Seek};

use super::Error;
use super::codec::Codec;
use super::inode::NodeRef;
use super::stream::Blocks;
use crate::wire::Fields;

const MAGIC: u32 = 0x7371_7368;
const SIZE: usize = 96;
/// A table that is not there.
const NOT_SET: u64 = u64::MAX;

pub(super) struct Superblock {
    pub(super) block_size: u32,
    pub(super) codec: Codec,
    pub(super) root: NodeRef,
    pub(super) fragment_count: u32,
    /// Start of the inode table, in bytes from the start of the partition; likewise below.
    pub(super) inodes: u64,
    pub(super) directories: u64,
    pub(super) fragments: Option<u64>,
}

impl Superblock {
    pub(super) fn read<R: Read + Seek>(blocks: &mut Blocks<'_, R>) -> Result<Self, Error> {
        let bytes = blocks.raw(0, SIZE)?;
        Self::parse(&bytes, blocks.size()).ok_or(Error::Corrupt("it has no superblock"))?
    }

    fn parse(bytes: &[u8], size: u64) -> Option<Result<Self, Error>> {
        let mut fields = Fields::new(bytes);
        if fields.u32()? != MAGIC {
            return None;
        }
        let [_inodes, _time, block_size, fragment_count] =
            [fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?];
        let [codec, block_log, _flags, _ids, major, minor] = [
            fields.u16()?,
            fields.u16()?,
            fields.u16()?,
            fields.u16()?,
            fields.u16()?,
            fields.u16()?,
        ];
        let root = fields.u64()?;
        let [used, _ids, _xattrs] = [fields.u64()?, fields.u64()?, fields.u64()?];
        let [inodes, directories, fragments] = [fields.u64()?, fields.u64()?, fields.u64()?];
        let codec = match Codec::from_id(codec) {
            Ok(codec) => codec,
            Err(error) => return Some(Err(error)),
        };
        let fault = if (major, minor) != (4, 0) {
            Some("its version is not 4.0")
        } else if !(12..=20).contains(&block_log) || block_size != 1 << block_log {
            Some("its block size is wrong")
        } else if used > size {
            Some("it is longer than its partition")
        } else if inodes >= used || directories >= used || inodes > directories {
            Some("its tables lie outside")
        } else if fragments != NOT_SET && fragments >= used {
            Some("its fragment table lies outside")
        } else {
            None
        };
        Some(match fault {
            Some(fault) => Err(Error::Corrupt(fault)),
            None => Ok(Self {
                block_size,
                codec,
                root: NodeRef::from_raw(root),
                fragment_count,
                inodes,
                directories,
                fragments: (fragments != NOT_SET).then_some(fragments),
            }),
        })
    }
}
