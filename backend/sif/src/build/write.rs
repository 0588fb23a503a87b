//! Header, descriptor table and objects, in the order a real build writes them.

use std::io::{self, Seek, SeekFrom, Write};

use super::{SifBuilder, contents, squashfs};
use crate::descriptor::{self, GROUP_MASK};
use crate::{FsType, header};

const TABLE_AT: u64 = 4096;
const SLOTS: usize = 48;
/// The file system is read through a loop device, which wants whole pages.
const PARTITION_ALIGN: u64 = 4096;
/// Every object of a built image belongs to one group, except what is about the group.
const GROUP: u32 = GROUP_MASK | 1;
const NO_GROUP: u32 = GROUP_MASK;
const LAUNCH: &[u8; 32] = b"#!/usr/bin/env run-singularity\n\0";

/// Where things go.
struct Layout {
    table_at: u64,
    slots: usize,
    align: u64,
}

impl Layout {
    fn of(builder: &SifBuilder) -> Self {
        if builder.compact {
            return Self {
                table_at: header::SIZE as u64,
                slots: count(builder),
                align: 1,
            };
        }
        Self {
            table_at: TABLE_AT,
            slots: SLOTS,
            align: PARTITION_ALIGN,
        }
    }

    fn table_size(&self) -> u64 {
        (self.slots * descriptor::SIZE) as u64
    }

    fn data_at(&self) -> u64 {
        self.table_at + self.table_size()
    }
}

/// Objects that the image will have.
fn count(builder: &SifBuilder) -> usize {
    let texts = [
        &builder.deffile,
        &builder.environment,
        &builder.labels,
        &builder.inspect,
    ];
    let texts = texts.iter().filter(|text| text.is_some()).count();
    let others = usize::from(!builder.without_partition) + usize::from(builder.padding > 0);
    texts + others + builder.signatures.len()
}

struct Entry {
    kind: i32,
    group: u32,
    link: u32,
    offset: u64,
    size: u64,
    name: &'static str,
    extra: Vec<u8>,
}

pub(super) fn image<W: Write + Seek>(builder: &SifBuilder, mut out: W) -> io::Result<u64> {
    let layout = Layout::of(builder);
    if count(builder) > layout.slots {
        return Err(io::Error::other("more objects than descriptor slots"));
    }
    // Also gives the gap before the data its zeros in writers that have no sparse files.
    out.write_all(&vec![
        0;
        usize::try_from(layout.data_at())
            .map_err(io::Error::other)?
    ])?;
    let entries = objects(builder, &layout, &mut out)?;
    let end = out.stream_position()?;
    out.seek(SeekFrom::Start(0))?;
    let free = (layout.slots - entries.len()) as u64;
    out.write_all(&head(builder, &layout, free, end))?;
    out.seek(SeekFrom::Start(layout.table_at))?;
    for (id, entry) in (1_u32..).zip(&entries) {
        out.write_all(&slot(id, entry, builder.created))?;
    }
    out.seek(SeekFrom::Start(end))?;
    Ok(end)
}

fn objects<W: Write + Seek>(
    builder: &SifBuilder,
    layout: &Layout,
    out: &mut W,
) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let texts = [
        (0x4001, "", &builder.deffile),
        (0x4002, "", &builder.environment),
        (0x4003, "", &builder.labels),
        (0x4006, contents::INSPECT, &builder.inspect),
    ];
    for (kind, name, text) in texts {
        if let Some(text) = text {
            entries.push(object(out, kind, name, text)?);
        }
    }
    if !builder.without_partition {
        entries.push(partition(builder, layout, out)?);
    }
    if builder.padding > 0 {
        let offset = out.stream_position()?;
        random(out, builder.seed, builder.padding)?;
        let (kind, name, extra) = (0x4007, "padding.bin", Vec::new());
        let size = builder.padding;
        entries.push(Entry {
            kind,
            group: GROUP,
            link: 0,
            offset,
            size,
            name,
            extra,
        });
    }
    for (fingerprint, bytes) in &builder.signatures {
        let mut extra = 1_i32.to_le_bytes().to_vec();
        extra.extend_from_slice(fingerprint);
        let signature = object(out, 0x4005, "", bytes)?;
        entries.push(Entry {
            group: NO_GROUP,
            link: GROUP,
            extra,
            ..signature
        });
    }
    Ok(entries)
}

fn object<W: Write + Seek>(
    out: &mut W,
    kind: i32,
    name: &'static str,
    bytes: &[u8],
) -> io::Result<Entry> {
    let offset = out.stream_position()?;
    out.write_all(bytes)?;
    let size = bytes.len() as u64;
    Ok(Entry {
        kind,
        group: GROUP,
        link: 0,
        offset,
        size,
        name,
        extra: Vec::new(),
    })
}

fn partition<W: Write + Seek>(
    builder: &SifBuilder,
    layout: &Layout,
    out: &mut W,
) -> io::Result<Entry> {
    let at = out.stream_position()?;
    let offset = at.next_multiple_of(layout.align);
    for _ in at..offset {
        out.write_all(&[0])?;
    }
    let (fs, size) = if let Some((fs, bytes)) = &builder.partition {
        out.write_all(bytes)?;
        (*fs, bytes.len() as u64)
    } else {
        let (files, time) = (&builder.files, builder.created);
        let size = squashfs::write(
            files,
            builder.compression,
            !builder.compact,
            time,
            &mut *out,
            offset,
        )?;
        out.seek(SeekFrom::Start(offset + size))?;
        (FsType::Squashfs, size)
    };
    let mut extra = fs_code(fs).to_le_bytes().to_vec();
    extra.extend_from_slice(&2_i32.to_le_bytes());
    extra.extend_from_slice(&arch_code(builder));
    Ok(Entry {
        kind: 0x4004,
        group: GROUP,
        link: 0,
        offset,
        size,
        name: "",
        extra,
    })
}

fn head(builder: &SifBuilder, layout: &Layout, free: u64, end: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(header::SIZE);
    bytes.extend_from_slice(if builder.launch { LAUNCH } else { &[0; 32] });
    bytes.extend_from_slice(&header::MAGIC);
    bytes.extend_from_slice(&header::VERSION);
    bytes.extend_from_slice(&arch_code(builder));
    bytes.extend_from_slice(&uuid(builder.seed));
    let created = u64::from(builder.created);
    let slots = layout.slots as u64;
    let (table_at, table_size) = (layout.table_at, layout.table_size());
    let (data_at, data_size) = (layout.data_at(), end - layout.data_at());
    let numbers = [
        created, created, free, slots, table_at, table_size, data_at, data_size,
    ];
    bytes.extend(numbers.into_iter().flat_map(u64::to_le_bytes));
    bytes
}

fn slot(id: u32, entry: &Entry, created: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(descriptor::SIZE);
    bytes.extend_from_slice(&entry.kind.to_le_bytes());
    bytes.push(1);
    bytes.extend(
        [id, entry.group, entry.link]
            .into_iter()
            .flat_map(u32::to_le_bytes),
    );
    let created = u64::from(created);
    let numbers = [entry.offset, entry.size, entry.size, created, created, 0, 0];
    bytes.extend(numbers.into_iter().flat_map(u64::to_le_bytes));
    bytes.extend_from_slice(entry.name.as_bytes());
    bytes.resize(descriptor::SIZE - 384, 0);
    bytes.extend_from_slice(&entry.extra);
    bytes.resize(descriptor::SIZE, 0);
    bytes
}

fn arch_code(builder: &SifBuilder) -> [u8; 3] {
    builder.arch.map_or(*b"00\0", crate::Arch::code)
}

fn fs_code(fs: FsType) -> i32 {
    match fs {
        FsType::Squashfs => 1,
        FsType::Ext3 => 2,
        FsType::Archive => 3,
        FsType::Raw => 4,
        FsType::EncryptedSquashfs => 5,
        FsType::GocryptfsSquashfs => 6,
        FsType::Other(code) => code,
    }
}

/// A version 4 UUID that the seed decides.
fn uuid(seed: u64) -> [u8; 16] {
    let mut state = seed;
    let number = u128::from(next(&mut state)) << 64 | u128::from(next(&mut state));
    let mask = 0xffff_ffff_ffff_0fff_3fff_ffff_ffff_ffff;
    (number & mask | 0x0000_0000_0000_4000_8000_0000_0000_0000).to_be_bytes()
}

fn random<W: Write>(out: &mut W, seed: u64, mut left: u64) -> io::Result<()> {
    let mut state = seed ^ 0x5349_4600;
    let mut chunk = [0_u8; 1 << 13];
    while left > 0 {
        for word in chunk.chunks_exact_mut(8) {
            word.copy_from_slice(&next(&mut state).to_le_bytes());
        }
        let len = left.min(chunk.len() as u64);
        let part = usize::try_from(len).ok().and_then(|len| chunk.get(..len));
        out.write_all(part.unwrap_or_default())?;
        left -= len;
    }
    Ok(())
}

/// SplitMix64: small, and good enough to be incompressible.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
