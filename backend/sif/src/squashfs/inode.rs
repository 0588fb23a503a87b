//! Inodes of directories and files, and the content of files.

use std::io::{Read, Seek};

use super::Error;
use super::stream::{Blocks, Position, stored_len};
use super::superblock::Superblock;
use crate::wire::Fields;

/// A file whose tail is in no fragment block.
const NO_FRAGMENT: u32 = u32::MAX;
/// Entries of the fragment table in one metadata block: 8192 / 16.
const FRAGMENTS_PER_BLOCK: u32 = 512;

/// Where an inode is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NodeRef {
    /// Metadata block, in bytes from the start of the inode table.
    pub(super) block: u64,
    /// Byte within the decompressed block.
    pub(super) offset: u16,
}

impl NodeRef {
    pub(super) fn from_raw(raw: u64) -> Self {
        Self {
            block: (raw >> 16) & 0xffff_ffff,
            offset: (raw & 0xffff) as u16,
        }
    }
}

pub(crate) enum Node {
    Directory(Directory),
    File(File),
    /// Links, devices, pipes, sockets: never followed.
    Other,
}

/// Where the entries of a directory are.
pub(crate) struct Directory {
    pub(super) block: u64,
    pub(super) offset: usize,
    /// Bytes of entries.
    pub(super) len: u32,
}

/// Where the content of a file is.
pub(crate) struct File {
    start: u64,
    size: u64,
    fragment: u32,
    fragment_offset: u32,
    /// Where the list of block sizes follows in the inode table.
    sizes: Position,
}

impl File {
    /// Bytes of the file.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }
}

pub(super) fn read<R: Read + Seek>(
    blocks: &mut Blocks<'_, R>,
    superblock: &Superblock,
    at: NodeRef,
) -> Result<Node, Error> {
    let block = superblock.inodes.saturating_add(at.block);
    let mut position = Position {
        block,
        offset: usize::from(at.offset),
    };
    // Common to all: type, permissions, owner, group, time, number.
    let [t0, t1, ..] = blocks.bytes::<16>(&mut position)?;
    let kind = u16::from_le_bytes([t0, t1]);
    let short = Error::Corrupt("an inode ends early");
    match kind {
        1 => directory(&blocks.bytes::<16>(&mut position)?).ok_or(short),
        8 => long_directory(&blocks.bytes::<24>(&mut position)?).ok_or(short),
        2 => {
            let bytes = blocks.bytes::<16>(&mut position)?;
            file(&bytes, position).ok_or(short)
        }
        9 => {
            let bytes = blocks.bytes::<40>(&mut position)?;
            long_file(&bytes, position).ok_or(short)
        }
        3..=7 | 10..=14 => Ok(Node::Other),
        _ => Err(Error::Corrupt("an inode has an unknown type")),
    }
}

fn directory(bytes: &[u8]) -> Option<Node> {
    let mut fields = Fields::new(bytes);
    let [block, _links] = [fields.u32()?, fields.u32()?];
    let [size, offset] = [fields.u16()?, fields.u16()?];
    Some(entries(block, offset, u32::from(size)))
}

fn long_directory(bytes: &[u8]) -> Option<Node> {
    let mut fields = Fields::new(bytes);
    let [_links, size, block, _parent] =
        [fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?];
    let [_indexes, offset] = [fields.u16()?, fields.u16()?];
    Some(entries(block, offset, size))
}

/// The stored size counts three bytes for `.` and `..`, which are not stored.
fn entries(block: u32, offset: u16, size: u32) -> Node {
    Node::Directory(Directory {
        block: u64::from(block),
        offset: usize::from(offset),
        len: size.saturating_sub(3),
    })
}

fn file(bytes: &[u8], sizes: Position) -> Option<Node> {
    let mut fields = Fields::new(bytes);
    let [start, fragment, fragment_offset, size] =
        [fields.u32()?, fields.u32()?, fields.u32()?, fields.u32()?];
    let [start, size] = [u64::from(start), u64::from(size)];
    Some(Node::File(File {
        start,
        size,
        fragment,
        fragment_offset,
        sizes,
    }))
}

fn long_file(bytes: &[u8], sizes: Position) -> Option<Node> {
    let mut fields = Fields::new(bytes);
    let [start, size, _sparse] = [fields.u64()?, fields.u64()?, fields.u64()?];
    let [_links, fragment, fragment_offset] = [fields.u32()?, fields.u32()?, fields.u32()?];
    Some(Node::File(File {
        start,
        size,
        fragment,
        fragment_offset,
        sizes,
    }))
}

pub(super) fn read_file<R: Read + Seek>(
    blocks: &mut Blocks<'_, R>,
    superblock: &Superblock,
    file: &File,
) -> Result<Vec<u8>, Error> {
    let size = usize::try_from(file.size).map_err(|_| Error::Corrupt("a file is too large"))?;
    let block_size = superblock.block_size as usize;
    let mut out = Vec::new();
    let mut sizes = file.sizes;
    let mut at = file.start;
    let has_tail = file.fragment != NO_FRAGMENT;
    while out.len() < size {
        let left = size - out.len();
        if has_tail && left < block_size {
            let (at, size) = fragment(blocks, superblock, file.fragment)?;
            let block = blocks.data_block(at, size)?;
            let start = file.fragment_offset as usize;
            let tail = start
                .checked_add(left)
                .and_then(|end| block.get(start..end));
            out.extend_from_slice(tail.ok_or(Error::Corrupt("a file is past its fragment"))?);
            break;
        }
        let stored = u32::from_le_bytes(blocks.bytes::<4>(&mut sizes)?);
        let len = left.min(block_size);
        if stored_len(stored) == 0 {
            out.resize(out.len() + len, 0);
            continue;
        }
        let block = blocks.data_block(at, stored)?;
        out.extend_from_slice(
            block
                .get(..len)
                .ok_or(Error::Corrupt("a block is too short"))?,
        );
        at = at.saturating_add(stored_len(stored) as u64);
    }
    Ok(out)
}

/// Place and size word of a fragment block.
fn fragment<R: Read + Seek>(
    blocks: &mut Blocks<'_, R>,
    superblock: &Superblock,
    index: u32,
) -> Result<(u64, u32), Error> {
    let wrong = Error::Corrupt("a fragment is not in its table");
    let table = superblock
        .fragments
        .filter(|_| index < superblock.fragment_count);
    let entry = u64::from(index / FRAGMENTS_PER_BLOCK) * 8;
    let Some(pointer) = table.and_then(|table| table.checked_add(entry)) else {
        return Err(wrong);
    };
    let pointer = blocks.raw(pointer, 8)?;
    let block = pointer
        .first_chunk()
        .copied()
        .map(u64::from_le_bytes)
        .ok_or(wrong)?;
    let offset = (index % FRAGMENTS_PER_BLOCK) as usize * 16;
    let entry = blocks.bytes::<16>(&mut Position { block, offset })?;
    let mut fields = Fields::new(&entry);
    fields
        .u64()
        .zip(fields.u32())
        .ok_or(Error::Corrupt("a fragment entry ends early"))
}
