//! Blocks of a file system: raw, metadata (8 KiB, read as one stream), and data. All work is
//! charged here.

use std::collections::VecDeque;
use std::io::{Read, Seek};
use std::rc::Rc;

use super::Error;
use super::codec::Codec;
use crate::source::Source;

/// Bytes of a metadata block, decompressed (`SQUASHFS_METADATA_SIZE`).
const METADATA_SIZE: usize = 8192;
/// What a block costs besides its bytes, so that many tiny blocks are not free.
const BLOCK_COST: u64 = 256;
/// Metadata blocks kept: a lookup goes back and forth between inodes and directories.
const KEPT_METADATA: usize = 16;
/// Data blocks kept: small files share a fragment block.
const KEPT_DATA: usize = 2;

/// A place in a stream of metadata blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// Where the block starts, in bytes from the start of the partition.
    pub(super) block: u64,
    /// Byte within the decompressed block.
    pub(super) offset: usize,
}

struct Block {
    at: u64,
    /// Where the next metadata block starts.
    next: u64,
    bytes: Rc<Vec<u8>>,
}

pub(super) struct Blocks<'s, R> {
    source: &'s mut Source<R>,
    offset: u64,
    size: u64,
    work_left: u64,
    codec: Codec,
    block_size: u32,
    metadata: VecDeque<Block>,
    data: VecDeque<Block>,
}

impl<'s, R: Read + Seek> Blocks<'s, R> {
    pub(super) fn new(source: &'s mut Source<R>, offset: u64, size: u64, max_work: u64) -> Self {
        Self {
            source,
            offset,
            size,
            work_left: max_work,
            codec: Codec::Gzip,
            block_size: 0,
            metadata: VecDeque::new(),
            data: VecDeque::new(),
        }
    }

    pub(super) fn set_codec(&mut self, codec: Codec, block_size: u32) {
        self.codec = codec;
        self.block_size = block_size;
    }

    /// Bytes of the partition.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Error> {
        let cost = (bytes as u64).saturating_add(BLOCK_COST);
        self.work_left = self
            .work_left
            .checked_sub(cost)
            .ok_or(Error::Limit("data in the way of its files"))?;
        Ok(())
    }

    /// Bytes as they are stored, which must lie within the partition.
    pub(super) fn raw(&mut self, at: u64, len: usize) -> Result<Vec<u8>, Error> {
        let end = at.checked_add(len as u64).filter(|end| *end <= self.size);
        let start = end.and_then(|_| self.offset.checked_add(at));
        let start = start.ok_or(Error::Corrupt("something lies outside the partition"))?;
        self.charge(len)?;
        self.source.read_at(start, len).map_err(Error::Read)
    }

    /// The next `N` bytes of the metadata stream.
    pub(super) fn bytes<const N: usize>(&mut self, at: &mut Position) -> Result<[u8; N], Error> {
        let mut out = [0; N];
        self.fill(at, &mut out)?;
        Ok(out)
    }

    /// The next `len` bytes of the metadata stream; the caller has bounded `len`.
    pub(super) fn vec(&mut self, at: &mut Position, len: usize) -> Result<Vec<u8>, Error> {
        let mut out = vec![0; len];
        self.fill(at, &mut out)?;
        Ok(out)
    }

    fn fill(&mut self, at: &mut Position, mut out: &mut [u8]) -> Result<(), Error> {
        while !out.is_empty() {
            let (bytes, next) = self.metadata_block(at.block)?;
            let rest = bytes
                .get(at.offset..)
                .ok_or(Error::Corrupt("an offset is past a block"))?;
            let len = rest.len().min(out.len());
            let (head, tail) = out.split_at_mut(len);
            head.copy_from_slice(rest.get(..len).unwrap_or_default());
            out = tail;
            at.offset += len;
            if at.offset >= bytes.len() {
                *at = Position {
                    block: next,
                    offset: 0,
                };
            }
        }
        Ok(())
    }

    fn metadata_block(&mut self, at: u64) -> Result<(Rc<Vec<u8>>, u64), Error> {
        if let Some(block) = self.metadata.iter().find(|block| block.at == at) {
            return Ok((Rc::clone(&block.bytes), block.next));
        }
        let head = self.raw(at, 2)?;
        let head = head.first_chunk().copied().map_or(0, u16::from_le_bytes);
        let len = usize::from(head & 0x7fff);
        if len > METADATA_SIZE || len == 0 {
            return Err(Error::Corrupt("a metadata block has a wrong size"));
        }
        let start = at.saturating_add(2);
        let stored = self.raw(start, len)?;
        let is_compressed = head & 0x8000 == 0;
        let bytes = if is_compressed {
            self.decode(&stored, METADATA_SIZE)?
        } else {
            stored
        };
        let block = Block {
            at,
            next: start.saturating_add(len as u64),
            bytes: Rc::new(bytes),
        };
        let found = (Rc::clone(&block.bytes), block.next);
        keep(&mut self.metadata, block, KEPT_METADATA);
        Ok(found)
    }

    /// A data or fragment block by its place and its size word: bit 24 says that it is stored as
    /// it is.
    pub(super) fn data_block(&mut self, at: u64, size: u32) -> Result<Rc<Vec<u8>>, Error> {
        if let Some(block) = self.data.iter().find(|block| block.at == at) {
            return Ok(Rc::clone(&block.bytes));
        }
        let max = self.block_size as usize;
        let len = stored_len(size);
        if len > max {
            return Err(Error::Corrupt("a block is too large"));
        }
        let stored = self.raw(at, len)?;
        let is_compressed = size & (1 << 24) == 0;
        let bytes = Rc::new(if is_compressed {
            self.decode(&stored, max)?
        } else {
            stored
        });
        keep(
            &mut self.data,
            Block {
                at,
                next: at,
                bytes: Rc::clone(&bytes),
            },
            KEPT_DATA,
        );
        Ok(bytes)
    }

    /// Charged for the most it can give, before the work is done.
    fn decode(&mut self, stored: &[u8], max: usize) -> Result<Vec<u8>, Error> {
        self.charge(max)?;
        self.codec.decode(stored, max)
    }
}

/// Bytes that a data block takes in the file.
pub(super) fn stored_len(size: u32) -> usize {
    (size & 0x00ff_ffff) as usize
}

fn keep(cache: &mut VecDeque<Block>, block: Block, max: usize) {
    if cache.len() >= max {
        cache.pop_front();
    }
    cache.push_back(block);
}
