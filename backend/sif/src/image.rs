//! One image, read: the header, the objects, and the metadata from whichever source has it.

use std::io::{Read, Seek};

use crate::descriptor::{self, Kind, PartType, Partition, Signature};
use crate::metadata::text;
use crate::source::Source;
use crate::squashfs::{self, Squashfs};
use crate::{Arch, Descriptor, Error, FsType, Header, Limits, Metadata, deffile, inspect, tree};

/// Labels that builds write about themselves.
const LABEL_FROM: &str = "org.label-schema.usage.singularity.deffile.from";
const LABEL_BOOTSTRAP: &str = "org.label-schema.usage.singularity.deffile.bootstrap";

/// What an image file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The header.
    pub header: Header,
    /// The objects, in the order of the table.
    pub descriptors: Vec<Descriptor>,
    /// The architecture, where the header or the primary partition names one.
    pub arch: Option<Arch>,
    /// Whether the file system can only be read with a key.
    pub encrypted: bool,
    /// The signatures that the image carries.
    pub signatures: Vec<Signature>,
    /// What the image says about itself.
    pub metadata: Metadata,
    /// What could not be read, and why: sentences to show beside the metadata.
    pub notes: Vec<String>,
}

/// Reads an image. Whatever the bytes, this ends with a result, within the limits.
///
/// Metadata that cannot be read (an encrypted file system, an unusual compression, a text past the
/// limits, a damaged object) leaves a note, not an error: the image may still be good to run.
/// Errors are for what is no whole SIF, and for reading itself.
pub fn read<R: Read + Seek>(source: R, limits: &Limits) -> Result<Image, Error> {
    let mut source = Source::new(source)?;
    let len = source.len();
    let head = source.read_at(0, usize::try_from(len.min(128)).unwrap_or(128))?;
    let header = crate::read_header(&mut head.as_slice(), len)?;
    let descriptors = descriptors(&mut source, &header, limits)?;
    let primary = primary(&descriptors);
    let signatures = descriptors
        .iter()
        .filter_map(|descriptor| match &descriptor.kind {
            Kind::Signature(signature) => Some(signature.clone()),
            _ => None,
        });
    let mut image = Image {
        arch: header
            .arch
            .or(primary.and_then(|(_, partition)| partition.arch)),
        encrypted: primary.is_some_and(|(_, partition)| partition.is_encrypted()),
        signatures: signatures.collect(),
        metadata: Metadata::default(),
        notes: Vec::new(),
        header,
        descriptors: Vec::new(),
    };
    let mut budget = Budget {
        limits,
        left: limits.max_total_text,
    };
    image.read_objects(&mut source, &descriptors, &mut budget)?;
    if let Some((descriptor, partition)) = primary {
        image.read_partition(&mut source, descriptor, partition, &mut budget)?;
    }
    image.read_recipe(limits);
    image.descriptors = descriptors;
    Ok(image)
}

/// How much text may still be taken.
pub(crate) struct Budget<'a> {
    pub(crate) limits: &'a Limits,
    left: u64,
}

impl Budget<'_> {
    /// Takes `size` bytes, or says why not.
    pub(crate) fn take(&mut self, what: &str, size: u64) -> Result<usize, String> {
        if size > self.limits.max_object {
            let limit = self.limits.max_object;
            return Err(format!(
                "The {what} has {size} bytes; at most {limit} are read."
            ));
        }
        let left = self.left.checked_sub(size).zip(usize::try_from(size).ok());
        let Some((left, size)) = left else {
            return Err(format!(
                "The {what} is left out: the image holds too much text."
            ));
        };
        self.left = left;
        Ok(size)
    }
}

fn descriptors<R: Read + Seek>(
    source: &mut Source<R>,
    header: &Header,
    limits: &Limits,
) -> Result<Vec<Descriptor>, Error> {
    let table = table(source, header, limits)?;
    let slots = table.chunks_exact(descriptor::SIZE);
    slots
        .filter_map(|slot| descriptor::parse(slot, source.len()).transpose())
        .collect()
}

/// The descriptor table as bytes: whole slots, used or free.
pub(crate) fn table<R: Read + Seek>(
    source: &mut Source<R>,
    header: &Header,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    let found = header.descriptors_total;
    let limit = u64::from(limits.max_descriptors);
    let slots = usize::try_from(found).ok().filter(|_| found <= limit);
    let Some(slots) = slots else {
        return Err(Error::TooLarge {
            what: "descriptors",
            found,
            limit,
        });
    };
    let size = slots.saturating_mul(descriptor::SIZE);
    source.read_at(header.descriptors_offset, size)
}

/// The partition that is the root of the container.
fn primary(descriptors: &[Descriptor]) -> Option<(&Descriptor, Partition)> {
    descriptors
        .iter()
        .find_map(|descriptor| match descriptor.kind {
            Kind::Partition(partition) if partition.part == PartType::Primary => {
                Some((descriptor, partition))
            }
            _ => None,
        })
}

impl Image {
    /// The objects made for reading: they are short, and cost no decompression.
    fn read_objects<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        descriptors: &[Descriptor],
        budget: &mut Budget<'_>,
    ) -> Result<(), Error> {
        let mut own = Metadata::default();
        let mut inspected = None;
        let max_entries = budget.limits.max_entries;
        for object in descriptors {
            let what = match object.kind {
                Kind::Deffile if own.deffile.is_none() => "definition file",
                Kind::Environment if own.environment.is_none() => "environment",
                Kind::Labels if own.labels.is_empty() => "labels",
                Kind::Json if inspected.is_none() && object.name == inspect::OBJECT_NAME => {
                    "inspect metadata"
                }
                _ => continue,
            };
            let size = match budget.take(what, object.size) {
                Ok(size) => size,
                Err(note) => {
                    self.notes.push(note);
                    continue;
                }
            };
            let bytes = source.read_at(object.offset, size)?;
            let understood = match object.kind {
                Kind::Deffile => {
                    own.deffile = text(&bytes);
                    true
                }
                Kind::Environment => {
                    own.environment = text(&bytes);
                    true
                }
                Kind::Labels => {
                    let labels = inspect::labels(&bytes, max_entries);
                    let understood = labels.is_some();
                    own.labels = labels.unwrap_or_default();
                    understood
                }
                _ => {
                    inspected = inspect::parse(&bytes, max_entries);
                    inspected.is_some()
                }
            };
            if !understood {
                self.notes
                    .push(format!("The {what} object is not the JSON it should be."));
            }
        }
        self.metadata.fill_from(own);
        self.metadata.fill_from(inspected.unwrap_or_default());
        Ok(())
    }

    /// The files of the image itself.
    fn read_partition<R: Read + Seek>(
        &mut self,
        source: &mut Source<R>,
        descriptor: &Descriptor,
        partition: Partition,
        budget: &mut Budget<'_>,
    ) -> Result<(), Error> {
        let note = match partition.fs {
            FsType::Squashfs => {
                match Squashfs::open(source, descriptor.offset, descriptor.size, budget.limits) {
                    Ok(mut files) => {
                        let (found, notes) = tree::read(&mut files, budget)?;
                        self.metadata.fill_from(found);
                        self.notes.extend(notes);
                        return Ok(());
                    }
                    Err(squashfs::Error::Read(error)) => return Err(error),
                    Err(error) => error.to_string(),
                }
            }
            FsType::EncryptedSquashfs | FsType::GocryptfsSquashfs => "it is encrypted".to_owned(),
            FsType::Ext3 => "it is an ext3 file system".to_owned(),
            _ => "it is of an unknown kind".to_owned(),
        };
        self.notes.push(unread(&note));
        Ok(())
    }

    /// What the definition file and the labels say of the origin, and what nobody else said.
    fn read_recipe(&mut self, limits: &Limits) {
        if let Some(recipe) = &self.metadata.deffile {
            let recipe = deffile::parse(recipe, limits.max_entries);
            self.metadata.fill_from(recipe);
        }
        let label = |key| self.metadata.labels.get(key).cloned();
        let origin = Metadata {
            from: label(LABEL_FROM),
            bootstrap: label(LABEL_BOOTSTRAP),
            ..Metadata::default()
        };
        self.metadata.fill_from(origin);
    }
}

/// The sentence for files that could not be read.
pub(crate) fn unread(why: &str) -> String {
    format!("The files inside the image could not be read: {why}.")
}
