//! The descriptor table: what objects an image holds, and where.
//!
//! Layout of one descriptor (packed, little endian, 585 bytes), from the reference implementation
//! (`sif.rawDescriptor`): i32 type, u8 used, u32 id, u32 group, u32 link, i64: offset size
//! size-with-padding ctime mtime uid gid, name[128], extra[384].

use crate::wire::{Fields, c_string};
use crate::{Arch, Error};

/// Bytes of one descriptor.
pub(crate) const SIZE: usize = 585;
/// Group numbers carry this mask, which tells them from object ids where either may stand.
pub(crate) const GROUP_MASK: u32 = 0xf000_0000;

/// One object of an image; its bytes lie within the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Number of the object within the image, from 1.
    pub id: u32,
    /// What the object is.
    pub kind: Kind,
    /// The group the object belongs to.
    pub group: Option<u32>,
    /// What the object is about.
    pub link: Option<Link>,
    /// Where the object starts, in bytes from the start of the file.
    pub offset: u64,
    /// Bytes of the object.
    pub size: u64,
    /// When the object was added, seconds since 1970.
    pub created: i64,
    /// When it was last changed, seconds since 1970.
    pub modified: i64,
    /// Name given by whoever added it; may be empty.
    pub name: String,
}

/// What an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The definition file.
    Deffile,
    /// Environment variables.
    Environment,
    /// Labels as JSON.
    Labels,
    /// A file system.
    Partition(Partition),
    /// A signature.
    Signature(Signature),
    /// JSON of any meaning; the name says which.
    Json,
    /// Bytes of any meaning.
    Generic,
    /// A cryptographic message, such as the key of an encrypted file system.
    CryptoMessage,
    /// A software bill of materials.
    Sbom,
    /// The root index of an OCI image layout (OCI-SIF).
    OciRootIndex,
    /// A blob of an OCI image layout (OCI-SIF).
    OciBlob,
    /// A type this reader does not know.
    Other(i32),
}

/// The facts of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The kind of file system.
    pub fs: FsType,
    /// What the partition is for.
    pub part: PartType,
    /// The architecture it is built for.
    pub arch: Option<Arch>,
}

/// The kind of file system in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FsType {
    /// squashfs.
    Squashfs,
    /// ext3, writable (deprecated).
    Ext3,
    /// An archive of immutable objects.
    Archive,
    /// Raw data.
    Raw,
    /// squashfs within an encrypted (LUKS) container.
    EncryptedSquashfs,
    /// squashfs within gocryptfs (Apptainer's unprivileged encryption).
    GocryptfsSquashfs,
    /// A type this reader does not know.
    Other(i32),
}

/// What a partition is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartType {
    /// An operating system.
    System,
    /// The primary operating system: the root of the container.
    Primary,
    /// Data only.
    Data,
    /// A writable overlay.
    Overlay,
    /// A type this reader does not know.
    Other(i32),
}

/// What an object is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// One object, by its id.
    Object(u32),
    /// A group of objects.
    Group(u32),
}

/// A signature that the image carries. Whether it holds is for `verify` to say, with the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Fingerprint of the signing PGP key, upper-case hex; none for other kinds of signature.
    pub fingerprint: Option<String>,
    /// The hash that the signature is made over.
    pub hash: HashType,
    /// The object or group that is signed.
    pub signs: Option<Link>,
}

/// The hash of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashType {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// BLAKE2s-256.
    Blake2s256,
    /// BLAKE2b-256.
    Blake2b256,
    /// A hash this reader does not know.
    Other(i32),
}

impl Partition {
    /// Whether the contents can only be read with a key.
    pub fn is_encrypted(&self) -> bool {
        matches!(
            self.fs,
            FsType::EncryptedSquashfs | FsType::GocryptfsSquashfs
        )
    }
}

/// Parses one slot of the table: none when it is free.
pub(crate) fn parse(slot: &[u8], file_len: u64) -> Result<Option<Descriptor>, Error> {
    let short = || Error::corrupt("its descriptor table ends early");
    let mut fields = Fields::new(slot);
    let kind = fields.i32().ok_or_else(short)?;
    if fields.u8().ok_or_else(short)? == 0 {
        return Ok(None);
    }
    let rest = Raw::parse(&mut fields).ok_or_else(short)?;
    let place = u64::try_from(rest.offset)
        .ok()
        .zip(u64::try_from(rest.size).ok());
    let Some((offset, size)) = place else {
        return Err(Error::corrupt(format!(
            "object {} has a negative place or size",
            rest.id
        )));
    };
    let expected = offset.saturating_add(size);
    if expected > file_len {
        return Err(Error::Truncated {
            expected,
            actual: file_len,
        });
    }
    let link = link(rest.link);
    Ok(Some(Descriptor {
        id: rest.id,
        kind: Kind::from_wire(kind, rest.extra, link),
        group: group(rest.group),
        link,
        offset,
        size,
        created: rest.created,
        modified: rest.modified,
        name: rest.name,
    }))
}

struct Raw<'a> {
    id: u32,
    group: u32,
    link: u32,
    offset: i64,
    size: i64,
    created: i64,
    modified: i64,
    name: String,
    extra: &'a [u8],
}

impl<'a> Raw<'a> {
    fn parse(fields: &mut Fields<'a>) -> Option<Self> {
        let [id, group, link] = [fields.u32()?, fields.u32()?, fields.u32()?];
        let [offset, size, _padded] = [fields.i64()?, fields.i64()?, fields.i64()?];
        let [created, modified] = [fields.i64()?, fields.i64()?];
        let _owner: [u8; 16] = fields.array()?;
        let name = c_string(fields.take(128)?);
        let extra = fields.take(384)?;
        Some(Self {
            id,
            group,
            link,
            offset,
            size,
            created,
            modified,
            name,
            extra,
        })
    }
}

fn group(value: u32) -> Option<u32> {
    Some(value & !GROUP_MASK).filter(|group| *group != 0)
}

fn link(value: u32) -> Option<Link> {
    match value {
        0 => None,
        _ if value & GROUP_MASK == GROUP_MASK => group(value).map(Link::Group),
        _ => Some(Link::Object(value)),
    }
}

impl Kind {
    fn from_wire(kind: i32, extra: &[u8], link: Option<Link>) -> Self {
        match kind {
            0x4001 => Self::Deffile,
            0x4002 => Self::Environment,
            0x4003 => Self::Labels,
            0x4004 => Partition::parse(extra).map_or(Self::Other(kind), Self::Partition),
            0x4005 => Signature::parse(extra, link).map_or(Self::Other(kind), Self::Signature),
            0x4006 => Self::Json,
            0x4007 => Self::Generic,
            0x4008 => Self::CryptoMessage,
            0x4009 => Self::Sbom,
            0x400a => Self::OciRootIndex,
            0x400b => Self::OciBlob,
            other => Self::Other(other),
        }
    }
}

impl Partition {
    fn parse(extra: &[u8]) -> Option<Self> {
        let mut fields = Fields::new(extra);
        let fs = match fields.i32()? {
            1 => FsType::Squashfs,
            2 => FsType::Ext3,
            3 => FsType::Archive,
            4 => FsType::Raw,
            5 => FsType::EncryptedSquashfs,
            6 => FsType::GocryptfsSquashfs,
            other => FsType::Other(other),
        };
        let part = match fields.i32()? {
            1 => PartType::System,
            2 => PartType::Primary,
            3 => PartType::Data,
            4 => PartType::Overlay,
            other => PartType::Other(other),
        };
        let arch = Arch::from_code(fields.array()?);
        Some(Self { fs, part, arch })
    }
}

impl Signature {
    fn parse(extra: &[u8], signs: Option<Link>) -> Option<Self> {
        let mut fields = Fields::new(extra);
        let hash = match fields.i32()? {
            1 => HashType::Sha256,
            2 => HashType::Sha384,
            3 => HashType::Sha512,
            4 => HashType::Blake2s256,
            5 => HashType::Blake2b256,
            other => HashType::Other(other),
        };
        // 20 bytes for the PGP keys of today, 32 for version 6 keys; signatures that are not PGP
        // leave the field empty.
        let entity: [u8; 32] = fields.array()?;
        let (short, rest) = entity.split_at(20);
        let fingerprint = if rest.iter().any(|byte| *byte != 0) {
            &entity
        } else {
            short
        };
        let fingerprint = fingerprint
            .iter()
            .any(|byte| *byte != 0)
            .then(|| hex(fingerprint));
        Some(Self {
            fingerprint,
            hash,
            signs,
        })
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            for digit in [byte >> 4, byte & 15] {
                text.extend(
                    char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()),
                );
            }
            text
        })
}
