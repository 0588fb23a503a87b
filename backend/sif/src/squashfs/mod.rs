//! A squashfs reader that walks to single files: no tables are loaded, nothing recurses, and all
//! work is charged to the limits.
//!
//! General squashfs libraries load every inode and build the whole tree first, whose size and depth
//! the image decides. Here a lookup decodes only the metadata blocks on its path.
//!
//! Format: squashfs 4.0, little endian (Linux `fs/squashfs/squashfs_fs.h`).

mod codec;
mod inode;
mod stream;
mod superblock;

use std::io::{Read, Seek};

use crate::Limits;
use crate::source::Source;

pub(crate) use inode::{Directory, File, Node, NodeRef};
use stream::{Blocks, Position};
use superblock::Superblock;

/// Longest name in a directory (`SQUASHFS_NAME_LEN`).
const MAX_NAME: u16 = 256;
/// Entries below one header of a directory (`SQUASHFS_DIR_COUNT`).
const MAX_RUN: u32 = 256;

/// Why the files of an image could not be read, as a clause to put after a colon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the file system is damaged ({0})")]
    Corrupt(&'static str),
    #[error("its {0} compression is not supported")]
    Compression(&'static str),
    #[error("it has more {0} than this server reads")]
    Limit(&'static str),
    #[error(transparent)]
    Read(crate::Error),
}

/// A squashfs inside a file.
pub(crate) struct Squashfs<'s, R> {
    blocks: Blocks<'s, R>,
    superblock: Superblock,
    nodes_left: u32,
}

impl<'s, R: Read + Seek> Squashfs<'s, R> {
    /// Opens the file system in `size` bytes at `offset`.
    pub(crate) fn open(
        source: &'s mut Source<R>,
        offset: u64,
        size: u64,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let mut blocks = Blocks::new(source, offset, size, limits.max_decoded);
        let superblock = Superblock::read(&mut blocks)?;
        blocks.set_codec(superblock.codec, superblock.block_size);
        Ok(Self {
            blocks,
            superblock,
            nodes_left: limits.max_nodes,
        })
    }

    pub(crate) fn root(&mut self) -> Result<Directory, Error> {
        match self.node(self.superblock.root)? {
            Node::Directory(root) => Ok(root),
            _ => Err(Error::Corrupt("its root is not a directory")),
        }
    }

    pub(crate) fn node(&mut self, at: NodeRef) -> Result<Node, Error> {
        inode::read(&mut self.blocks, &self.superblock, at)
    }

    /// The node of that name in a directory.
    pub(crate) fn find(&mut self, at: &Directory, name: &str) -> Result<Option<Node>, Error> {
        let mut found = None;
        self.entries(at, |entry, node| {
            if entry == name.as_bytes() {
                found = Some(node);
            }
            found.is_none()
        })?;
        found.map(|node| self.node(node)).transpose()
    }

    /// The wanted entries of a directory, at most `max`.
    pub(crate) fn list(
        &mut self,
        at: &Directory,
        max: usize,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<(String, NodeRef)>, Error> {
        let mut list = Vec::new();
        self.entries(at, |name, node| {
            let name = String::from_utf8_lossy(name);
            if list.len() < max && wanted(&name) {
                list.push((name.into_owned(), node));
            }
            list.len() < max
        })?;
        Ok(list)
    }

    /// Shows each entry until `visit` has seen enough.
    fn entries(
        &mut self,
        at: &Directory,
        mut visit: impl FnMut(&[u8], NodeRef) -> bool,
    ) -> Result<(), Error> {
        let mut position = Position {
            block: self.superblock.directories.saturating_add(at.block),
            offset: at.offset,
        };
        let mut left = at.len;
        while left > 0 {
            let header = self.blocks.bytes::<12>(&mut position)?;
            let (count, block) = directory_header(header);
            if count >= MAX_RUN {
                return Err(Error::Corrupt("a directory has a wrong count"));
            }
            left = left.saturating_sub(12);
            for _ in 0..=count {
                self.nodes_left = self
                    .nodes_left
                    .checked_sub(1)
                    .ok_or(Error::Limit("directory entries"))?;
                let (offset, name_len) = directory_entry(self.blocks.bytes::<8>(&mut position)?);
                if name_len > MAX_NAME {
                    return Err(Error::Corrupt("a name is too long"));
                }
                let name = self.blocks.vec(&mut position, usize::from(name_len))?;
                left = left.saturating_sub(8 + u32::from(name_len));
                if !visit(
                    &name,
                    NodeRef {
                        block: u64::from(block),
                        offset,
                    },
                ) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The whole content of a file, whose size the caller has bounded.
    pub(crate) fn read(&mut self, file: &File) -> Result<Vec<u8>, Error> {
        inode::read_file(&mut self.blocks, &self.superblock, file)
    }
}

/// Entries below this header less one, and the metadata block of their inodes.
fn directory_header([c0, c1, c2, c3, b0, b1, b2, b3, ..]: [u8; 12]) -> (u32, u32) {
    (
        u32::from_le_bytes([c0, c1, c2, c3]),
        u32::from_le_bytes([b0, b1, b2, b3]),
    )
}

/// Offset of the inode in its metadata block, and bytes of the name.
fn directory_entry([o0, o1, _, _, _, _, s0, s1]: [u8; 8]) -> (u16, u16) {
    (
        u16::from_le_bytes([o0, o1]),
        u16::from_le_bytes([s0, s1]).saturating_add(1),
    )
}
