//! Reads Singularity image files (SIF): header, descriptors, and what a person wants to know of an
//! image without running it. Pure and synchronous: bytes in, facts out.
//!
//! The rule of this crate: every byte of an image is written by a stranger. Offsets and sizes are
//! checked against the length of the file before use, memory and work are bounded by [`Limits`],
//! recursion depth is fixed, and no input panics.
//!
//! ```no_run
//! let file = std::fs::File::open("image.sif")?;
//! let image = sif::read(file, &sif::Limits::default())?;
//! println!("{:?} built from {:?}", image.arch, image.metadata.from);
//! # Ok::<(), sif::Error>(())
//! ```

#![warn(missing_docs)]

mod arch;
#[cfg(feature = "build")]
pub mod build;
mod deffile;
mod descriptor;
mod digests;
mod error;
mod header;
mod image;
mod inspect;
mod integrity;
mod limits;
mod metadata;
mod source;
mod squashfs;
mod tree;
mod wire;

pub use arch::{Arch, UnknownArch};
pub use descriptor::{Descriptor, FsType, HashType, Kind, Link, PartType, Partition, Signature};
pub use error::Error;
pub use header::{Header, read_header};
pub use image::{Image, read};
pub use integrity::{Covered, Integrity, SignatureFormat, SignatureObject};
pub use limits::Limits;
pub use metadata::{App, Metadata};
