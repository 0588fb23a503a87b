//! The 128 bytes at the start of every SIF.
//!
//! Layout (packed, little endian), from the reference implementation (`sif.header`):
//! launch[32] magic[10] version[3] arch[3] uuid[16], then i64: ctime mtime free-descriptors
//! total-descriptors descriptors-offset descriptors-size data-offset data-size.

use std::io::Read;

use crate::descriptor;
use crate::wire::Fields;
use crate::{Arch, Error};

/// Bytes of the header.
pub(crate) const SIZE: usize = 128;
/// Where the magic is. The launch line before it may be empty, so it says nothing.
const MAGIC_AT: usize = 32;
pub(crate) const MAGIC: [u8; 10] = *b"SIF_MAGIC\0";
pub(crate) const VERSION: [u8; 3] = *b"01\0";

/// The header of a SIF whose tables lie within the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The architecture of the primary system, where the image names one.
    pub arch: Option<Arch>,
    /// Identity given when the image was made.
    pub uuid: [u8; 16],
    /// When the image was made, seconds since 1970.
    pub created: i64,
    /// When it was last changed (signing changes it), seconds since 1970.
    pub modified: i64,
    /// Free slots of the descriptor table.
    pub descriptors_free: u64,
    /// All slots of the descriptor table.
    pub descriptors_total: u64,
    /// Where the descriptor table starts, in bytes from the start of the file.
    pub descriptors_offset: u64,
    /// Bytes of the descriptor table.
    pub descriptors_size: u64,
    /// Where the data starts, in bytes from the start of the file.
    pub data_offset: u64,
    /// Bytes of data.
    pub data_size: u64,
}

/// Reads and checks the header alone: whether this is a SIF at all, and whether `len` bytes are
/// enough for the tables and the data it announces. Cheap enough for the end of every push.
pub fn read_header<R: Read>(source: &mut R, len: u64) -> Result<Header, Error> {
    let mut bytes = Vec::with_capacity(SIZE);
    source.take(SIZE as u64).read_to_end(&mut bytes)?;
    parse(&bytes, len)
}

fn parse(bytes: &[u8], len: u64) -> Result<Header, Error> {
    if bytes.get(MAGIC_AT..MAGIC_AT + MAGIC.len()) != Some(&MAGIC) {
        return Err(Error::NotSif);
    }
    let header = fields(bytes).ok_or(Error::Truncated {
        expected: SIZE as u64,
        actual: len,
    })??;
    header.check(len)?;
    Ok(header)
}

/// None where the bytes end too early.
fn fields(bytes: &[u8]) -> Option<Result<Header, Error>> {
    let mut fields = Fields::new(bytes);
    fields.take(MAGIC_AT + MAGIC.len())?;
    let version: [u8; 3] = fields.array()?;
    let arch = Arch::from_code(fields.array()?);
    let uuid = fields.array()?;
    let created = fields.i64()?;
    let modified = fields.i64()?;
    let mut sizes = [0_u64; 6];
    for size in &mut sizes {
        match u64::try_from(fields.i64()?) {
            Ok(value) => *size = value,
            Err(_) => return Some(Err(Error::corrupt("its header has a negative size"))),
        }
    }
    if version != VERSION {
        let what = format!("SIF version {:?}", crate::wire::c_string(&version));
        return Some(Err(Error::Unsupported { what }));
    }
    let [
        free,
        total,
        table_offset,
        table_size,
        data_offset,
        data_size,
    ] = sizes;
    Some(Ok(Header {
        arch,
        uuid,
        created,
        modified,
        descriptors_free: free,
        descriptors_total: total,
        descriptors_offset: table_offset,
        descriptors_size: table_size,
        data_offset,
        data_size,
    }))
}

impl Header {
    fn check(&self, len: u64) -> Result<(), Error> {
        if self.descriptors_offset < SIZE as u64 {
            return Err(Error::corrupt("its descriptor table overlaps the header"));
        }
        if self.descriptors_free > self.descriptors_total {
            return Err(Error::corrupt(
                "it has more free descriptors than descriptors",
            ));
        }
        let slots = self
            .descriptors_total
            .saturating_mul(descriptor::SIZE as u64);
        let table_end = self
            .descriptors_offset
            .saturating_add(self.descriptors_size.max(slots));
        let data_end = self.data_offset.saturating_add(self.data_size);
        let expected = table_end.max(data_end).max(SIZE as u64);
        if expected > len {
            return Err(Error::Truncated {
                expected,
                actual: len,
            });
        }
        Ok(())
    }
}
