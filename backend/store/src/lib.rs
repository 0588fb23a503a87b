//! Verified, durable blobs on a folder or an object store.
//!
//! A blob gets a random key when it is written and never changes afterwards; what it is called and
//! whether its bytes are known already is the business of the caller's database. Nothing is visible
//! under a key before all its bytes are hashed and on disk, and nothing stays behind when an upload
//! is cut. The rule of this crate: it knows neither HTTP (but for the pure [`range`] functions) nor
//! a database.

mod address;
mod append;
mod aside;
mod digest;
mod direct;
mod disk;
mod error;
mod file;
mod key;
mod landing;
mod local;
mod mark;
mod object;
mod parts;
pub mod range;
mod read;
mod remote;
mod store;
mod upload;
mod writer;

pub use append::AppendWriter;
pub use digest::{Digest, Hasher, InvalidDigest};
pub use direct::Direct;
pub use error::{Error, Result};
pub use file::LocalFile;
pub use key::{AppendId, BlobKey, InvalidKey, PartsId};
pub use mark::Blob;
pub use parts::{PartStored, PartWriter};
pub use read::BlobReader;
pub use remote::Access;
pub use store::{BlobStore, Stored, Swept};
pub use writer::BlobWriter;
