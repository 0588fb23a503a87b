//! What signatures inside an image cover, and whether the file is still what was signed.
//!
//! A signature is an object of its own whose text lists digests: of the fields of the header that do not change, of the descriptor and
//! of the data of each object of a group (format version 1). Signatures of the first clients hold one digest over the data alone. Whether
//! a key made the signature is not looked at here: whoever verifies the text hands it to [`Integrity::check`].

use std::collections::HashMap;
use std::io::{Read, Seek};

use serde::{Deserialize, Serialize};
use sha2::digest::DynDigest;

use crate::digests::{bytes_of, digest, hasher, is_digest_of, parse, written};
use crate::source::Source;
use crate::{
    Descriptor, Error, HashType, Header, Kind, Limits, Link, Signature, descriptor, image,
};

/// The largest text of a signature.
const LARGEST_MESSAGE: u64 = 256 << 10;
/// Most signatures that are looked at.
const MOST_SIGNATURES: usize = 64;
/// How often each byte of the file may be hashed: objects can be made to overlap.
const MOST_PASSES: u64 = 4;
/// What a text of the first clients starts with.
const LEGACY: &str = "SIFHASH:";
/// What an envelope of DSSE says it holds.
const DSSE: &str = "application/vnd.sylabs.sif-metadata+json";
/// The fields of the header that signatures cover: launch line, magic, version; then, past the architecture, the identity.
const HEADER_FIELDS: [std::ops::Range<usize>; 2] = [0..45, 48..64];

/// How a signature is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureFormat {
    /// A clear text signature of OpenPGP.
    Pgp,
    /// An envelope of DSSE, as signatures with X.509 and PEM keys have.
    Dsse,
    /// Something else.
    Unknown,
}

/// A signature as it is in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureObject {
    /// The number of the signature's own object.
    pub object: u32,
    /// What its descriptor says.
    pub signature: Signature,
    /// How it is written down.
    pub format: SignatureFormat,
    /// The signature; empty where it is larger than signatures are.
    pub message: Vec<u8>,
}

/// What a signature covers, and what of it is not in the file any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// The numbers of the objects.
    pub objects: Vec<u32>,
    /// Every object that is not a signature is covered.
    pub complete: bool,
    /// It is a signature of the first clients, which covers data alone.
    pub legacy: bool,
    /// Why the file is not what was signed: a sentence.
    pub problem: Option<String>,
}

/// The text of a signature, version 1.
#[derive(Serialize, Deserialize)]
struct Signed {
    version: u32,
    header: SignedHeader,
    objects: Vec<SignedObject>,
}

#[derive(Serialize, Deserialize)]
struct SignedHeader {
    digest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedObject {
    relative_id: u32,
    descriptor_digest: String,
    object_digest: String,
}

/// The envelope of a DSSE signature, as far as it is looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload_type: String,
}

/// An image whose signatures are checked.
pub struct Integrity<R> {
    source: Source<R>,
    head: Vec<u8>,
    table: Vec<u8>,
    descriptors: Vec<(usize, Descriptor)>,
    /// Digests of data that are known already, by algorithm and place in the table.
    known: HashMap<(&'static str, usize), Vec<u8>>,
    /// How many bytes may still be hashed.
    left: u64,
}

/// Why a check ends: the file differs, or it could not be read.
enum Stop {
    Differs(String),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

fn differs<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Differs(why.into()))
}

/// What came of a digest, where it is of a kind in use.
fn in_use<T>(found: Option<T>) -> Result<T, Stop> {
    match found {
        Some(found) => Ok(found),
        None => differs("A digest is of a kind that is not in use."),
    }
}

impl<R: Read + Seek> Integrity<R> {
    /// Reads the tables of an image.
    pub fn open(source: R, limits: &Limits) -> Result<Self, Error> {
        let mut source = Source::new(source)?;
        let len = source.len();
        let head = source.read_at(0, usize::try_from(len.min(128)).unwrap_or(128))?;
        let header: Header = crate::read_header(&mut head.as_slice(), len)?;
        let table = image::table(&mut source, &header, limits)?;
        let mut descriptors = Vec::new();
        for (index, slot) in table.chunks_exact(descriptor::SIZE).enumerate() {
            if let Some(descriptor) = descriptor::parse(slot, len)? {
                descriptors.push((index, descriptor));
            }
        }
        Ok(Self {
            source,
            head,
            table,
            descriptors,
            known: HashMap::new(),
            left: len.saturating_mul(MOST_PASSES),
        })
    }

    /// The signatures, in the order of the file; the first 64 of them.
    pub fn signatures(&mut self) -> Result<Vec<SignatureObject>, Error> {
        let mut found = Vec::new();
        for (_, descriptor) in &self.descriptors {
            let Kind::Signature(signature) = &descriptor.kind else {
                continue;
            };
            if found.len() == MOST_SIGNATURES {
                break;
            }
            let size = usize::try_from(descriptor.size.min(LARGEST_MESSAGE + 1)).unwrap_or(0);
            let mut message = self.source.read_at(descriptor.offset, size)?;
            if message.len() as u64 > LARGEST_MESSAGE {
                message.clear();
            }
            found.push(SignatureObject {
                object: descriptor.id,
                signature: signature.clone(),
                format: format(&message),
                message,
            });
        }
        Ok(found)
    }

    /// Holds the text that a signature signs against the file. What is wrong with the text or the file is no error, it is the problem
    /// of what comes back.
    pub fn check(&mut self, signature: &Signature, text: &str) -> Result<Covered, Error> {
        let mut covered = Covered {
            legacy: text.starts_with(LEGACY),
            ..Covered::default()
        };
        let checked = if covered.legacy {
            self.check_legacy(signature, text, &mut covered)
        } else {
            self.check_group(signature, text, &mut covered)
        };
        match checked {
            Ok(()) => Ok(covered),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Differs(problem)) => {
                covered.problem = Some(problem);
                Ok(covered)
            }
        }
    }

    /// The text that signers of a group sign.
    pub fn signed_text(&mut self, group: u32) -> Result<String, Error> {
        let stopped = |stop| match stop {
            Stop::Failed(error) => error,
            Stop::Differs(problem) => Error::corrupt(problem),
        };
        let text = self.text_of(group).map_err(stopped)?;
        serde_json::to_string(&text).map_err(|error| Error::corrupt(error.to_string()))
    }

    fn text_of(&mut self, group: u32) -> Result<Signed, Stop> {
        const NAME: &str = "sha256";
        let (members, first) = self.members(group)?;
        let mut objects = Vec::with_capacity(members.len());
        for (index, descriptor) in members {
            let relative_id = descriptor.id - first;
            let data = self.data_digest(NAME, index, &descriptor)?;
            let fields = self.descriptor_fields(index, relative_id);
            let digest = in_use(digest(NAME, [fields.as_slice()]))?;
            objects.push(SignedObject {
                relative_id,
                descriptor_digest: written(NAME, &digest),
                object_digest: written(NAME, &data),
            });
        }
        let digest = written(NAME, &in_use(digest(NAME, self.header_fields()))?);
        Ok(Signed {
            version: 1,
            header: SignedHeader { digest },
            objects,
        })
    }

    /// Version 1: the objects that the text lists, each with its descriptor, and the header.
    fn check_group(
        &mut self,
        by: &Signature,
        text: &str,
        covered: &mut Covered,
    ) -> Result<(), Stop> {
        let Ok(signed) = serde_json::from_str::<Signed>(text) else {
            return differs("What is signed is not a list of digests.");
        };
        if signed.version != 1 {
            return differs(format!("What is signed is of version {}.", signed.version));
        }
        let Some(Link::Group(group)) = by.signs else {
            return differs("The signature does not say which group it signs.");
        };
        let (members, first) = self.members(group)?;
        let of = |descriptor: &Descriptor| {
            let relative_id = descriptor.id - first;
            let mut listed = signed.objects.iter();
            listed.find(|object| object.relative_id == relative_id)
        };
        for object in &signed.objects {
            let id = first.checked_add(object.relative_id);
            if !members
                .iter()
                .any(|(_, descriptor)| Some(descriptor.id) == id)
            {
                return differs("An object that was signed is not in the image any more.");
            }
        }
        let header = in_use(is_digest_of(&signed.header.digest, self.header_fields()))?;
        if !header {
            return differs("The header is not the one that was signed.");
        }
        for (index, descriptor) in &members {
            let Some(object) = of(descriptor) else {
                continue;
            };
            let fields = self.descriptor_fields(*index, object.relative_id);
            if !in_use(is_digest_of(&object.descriptor_digest, [fields.as_slice()]))? {
                return differs(format!(
                    "Object {} is described in another way than when it was signed.",
                    descriptor.id
                ));
            }
            let (name, expected) = in_use(parse(&object.object_digest))?;
            if self.data_digest(name, *index, descriptor)? != expected {
                return differs(changed(descriptor));
            }
            covered.objects.push(descriptor.id);
        }
        let listed =
            |descriptor: &Descriptor| descriptor.group == Some(group) && of(descriptor).is_some();
        covered.complete = self.data_objects().all(listed);
        Ok(())
    }

    /// One digest over the data of a group or of an object.
    fn check_legacy(
        &mut self,
        by: &Signature,
        text: &str,
        covered: &mut Covered,
    ) -> Result<(), Stop> {
        let name = match by.hash {
            HashType::Sha256 => "sha256",
            HashType::Sha384 => "sha384",
            HashType::Sha512 => "sha512",
            _ => return differs("The signature names a hash that is not in use."),
        };
        let digits = text.strip_prefix(LEGACY).unwrap_or_default().trim();
        let Some(expected) = bytes_of(digits) else {
            return differs("What is signed is not a digest.");
        };
        let members = match by.signs {
            Some(Link::Group(group)) => self.members(group)?.0,
            Some(Link::Object(id)) => {
                let all = self.descriptors.iter();
                all.filter(|(_, descriptor)| descriptor.id == id)
                    .cloned()
                    .collect()
            }
            None => Vec::new(),
        };
        if members.is_empty() {
            return differs("An object that was signed is not in the image any more.");
        }
        let mut hasher = in_use(hasher(name))?;
        for (_, descriptor) in &members {
            self.feed(&mut *hasher, descriptor)?;
        }
        if *hasher.finalize() != *expected {
            return differs("What is in the image is not what was signed.");
        }
        covered.objects = members
            .iter()
            .map(|(_, descriptor)| descriptor.id)
            .collect();
        covered.complete = self
            .data_objects()
            .all(|object| covered.objects.contains(&object.id));
        Ok(())
    }

    /// The objects of a group, and the smallest number among them, from which the text counts.
    fn members(&self, group: u32) -> Result<(Vec<(usize, Descriptor)>, u32), Stop> {
        let all = self.descriptors.iter();
        let members: Vec<_> = all
            .filter(|(_, descriptor)| descriptor.group == Some(group))
            .cloned()
            .collect();
        match members.iter().map(|(_, descriptor)| descriptor.id).min() {
            Some(first) => Ok((members, first)),
            None => differs("The group that was signed is not in the image."),
        }
    }

    fn data_objects(&self) -> impl Iterator<Item = &Descriptor> {
        let all = self.descriptors.iter().map(|(_, descriptor)| descriptor);
        all.filter(|descriptor| !matches!(descriptor.kind, Kind::Signature(_)))
    }

    fn header_fields(&self) -> [&[u8]; 2] {
        HEADER_FIELDS.map(|field| self.head.get(field).unwrap_or_default())
    }

    /// The fields of a descriptor that a signature covers: all but where the data is and when it was changed, with the number counted
    /// from the group's first and without the group.
    fn descriptor_fields(&self, index: usize, relative_id: u32) -> Vec<u8> {
        let start = index * descriptor::SIZE;
        let slot = self.table.get(start..).unwrap_or_default();
        let field = |range: std::ops::Range<usize>| slot.get(range).unwrap_or_default();
        // Type; “in use”, which is 1 whatever stands there; number.
        let mut fields = field(0..4).to_vec();
        fields.push(1);
        fields.extend(relative_id.to_le_bytes());
        // Link, size, time of creation; owner; name and what is specific to the type.
        for range in [13..17, 25..33, 41..49, 57..73, 73..descriptor::SIZE] {
            fields.extend_from_slice(field(range));
        }
        fields
    }

    fn data_digest(
        &mut self,
        name: &'static str,
        index: usize,
        descriptor: &Descriptor,
    ) -> Result<Vec<u8>, Stop> {
        if let Some(known) = self.known.get(&(name, index)) {
            return Ok(known.clone());
        }
        let mut hasher = in_use(hasher(name))?;
        self.feed(&mut *hasher, descriptor)?;
        let digest = hasher.finalize().into_vec();
        self.known.insert((name, index), digest.clone());
        Ok(digest)
    }

    fn feed(&mut self, hasher: &mut dyn DynDigest, descriptor: &Descriptor) -> Result<(), Stop> {
        match self.left.checked_sub(descriptor.size) {
            Some(left) => self.left = left,
            None => return differs("The signatures cover more than this server reads."),
        }
        self.source
            .read_through(descriptor.offset, descriptor.size, |bytes| {
                hasher.update(bytes);
            })?;
        Ok(())
    }
}

fn changed(descriptor: &Descriptor) -> String {
    format!(
        "The data of object {} is not what was signed.",
        descriptor.id
    )
}

fn format(message: &[u8]) -> SignatureFormat {
    if message.starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----") {
        return SignatureFormat::Pgp;
    }
    match serde_json::from_slice::<Envelope>(message) {
        Ok(envelope) if envelope.payload_type == DSSE => SignatureFormat::Dsse,
        _ => SignatureFormat::Unknown,
    }
}
