//! The kinds of store that the contract is checked on, each on a folder of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::{ObjectStore, local::LocalFileSystem, memory::InMemory};
use store::{Access, BlobKey, BlobStore, PartStored, PartsId, Stored};
use tempfile::TempDir;
use url::Url;

/// Where `make test` starts an S3 service: `http://key:secret@host:port/bucket`.
const S3: &str = "SREGISTRY_TEST_S3_URL";

/// Where it starts a stand-in for Azure Blob Storage: `http://account:key@host:port/container`.
const AZURE: &str = "SREGISTRY_TEST_AZURE_URL";

/// Small enough for many parts, no divisor of the frame lengths used.
pub const PART: u64 = 10_007;

pub enum Kind {
    Mapped,
    Read,
    Object(Arc<dyn ObjectStore>),
    Service(String, Access),
}

/// One store and the folder it is on; opening it again is what a restart does.
pub struct Bed {
    pub folder: TempDir,
    pub kind: Kind,
}

impl Bed {
    pub fn mapped() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            kind: Kind::Mapped,
        }
    }

    pub fn read() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            kind: Kind::Read,
        }
    }

    pub fn memory() -> Self {
        let kind = Kind::Object(Arc::new(InMemory::new()));
        Self {
            folder: tempfile::tempdir().unwrap(),
            kind,
        }
    }

    /// An object store whose unfinished uploads can be seen on the disk.
    pub fn objects() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let objects = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        Self {
            folder,
            kind: Kind::Object(Arc::new(objects)),
        }
    }

    /// A prefix of its own on a real S3 service.
    pub fn service() -> Option<Self> {
        let url = address(S3)?;
        let access = Access {
            endpoint: Some(url.origin().ascii_serialization()),
            region: Some("us-east-1".to_owned()),
            ..keys_of(&url)
        };
        Some(Self::placed("s3", &url, access))
    }

    /// A prefix of its own on Azure Blob Storage.
    pub fn azure() -> Option<Self> {
        let url = address(AZURE)?;
        // Where hosts have no names, the account is in the path.
        let endpoint = format!("{}/{}", url.origin().ascii_serialization(), url.username());
        let access = Access {
            endpoint: Some(endpoint),
            ..keys_of(&url)
        };
        Some(Self::placed("az", &url, access))
    }

    fn placed(scheme: &str, url: &Url, access: Access) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let prefix = folder.path().file_name().unwrap().to_string_lossy();
        let prefix = prefix.trim_matches('.');
        let place = format!("{scheme}:/{}/{prefix}/blobs", url.path());
        Self {
            folder,
            kind: Kind::Service(place, access),
        }
    }

    pub async fn open(&self) -> BlobStore {
        let root = self.folder.path().to_path_buf();
        match &self.kind {
            Kind::Mapped => BlobStore::local(root).await.unwrap(),
            Kind::Read => BlobStore::local_without_map(root).await.unwrap(),
            Kind::Object(objects) => BlobStore::object(Arc::clone(objects), root.join("scratch")),
            Kind::Service(url, access) => BlobStore::open_url(url, access, root.join("scratch"))
                .await
                .unwrap(),
        }
    }

    /// Whether blobs are files of this store, not objects.
    pub fn on_folder(&self) -> bool {
        matches!(self.kind, Kind::Mapped | Kind::Read)
    }

    /// Files that are no blobs: what unfinished uploads have on the disk.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        files(self.folder.path(), &mut found);
        found.retain(|path| {
            let key = path
                .file_name()
                .unwrap()
                .to_string_lossy()
                .parse::<BlobKey>();
            !key.is_ok_and(|key| path.ends_with(key.path()))
        });
        found
    }
}

/// The address of a service. Says so loudly when there is none: `make test` always has one.
fn address(variable: &str) -> Option<Url> {
    let url = std::env::var(variable).ok();
    if url.is_none() {
        eprintln!("NOT RUN: {variable} is not set; `make test` starts a service");
    }
    url.map(|url| Url::parse(&url).unwrap())
}

fn keys_of(url: &Url) -> Access {
    Access {
        access_key: Some(url.username().to_owned()),
        secret_key: url.password().map(str::to_owned),
        ..Access::default()
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Bytes that differ at each place and for each seed.
pub fn bytes(seed: u64, len: u64) -> Bytes {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut made = Vec::with_capacity(usize::try_from(len).unwrap() + 8);
    while (made.len() as u64) < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        made.extend_from_slice(&state.to_le_bytes());
    }
    made.truncate(usize::try_from(len).unwrap());
    made.into()
}

/// Writes `data` in frames of `frame` bytes.
pub async fn put(store: &BlobStore, data: &Bytes, frame: usize) -> Stored {
    let mut writer = store.begin(data.len() as u64).await.unwrap();
    for chunk in data.chunks(frame) {
        writer.write(data.slice_ref(chunk)).await.unwrap();
    }
    writer.finish(None).await.unwrap()
}

pub async fn get(store: &BlobStore, key: &BlobKey) -> Vec<u8> {
    let reader = store.open(key, None).await.unwrap();
    let len = reader.len();
    let read: Vec<Bytes> = reader.try_collect().await.unwrap();
    let read = read.concat();
    assert_eq!(read.len() as u64, len);
    read
}

pub async fn keys(store: &BlobStore) -> Vec<BlobKey> {
    let mut keys: Vec<_> = store
        .list()
        .map_ok(|(key, ..)| key)
        .try_collect()
        .await
        .unwrap();
    keys.sort();
    keys
}

/// The bytes of part `number` of `whole`.
pub fn part(whole: &Bytes, number: u32) -> Bytes {
    let start = (u64::from(number) - 1) * PART;
    let end = (start + PART).min(whole.len() as u64);
    whole.slice(usize::try_from(start).unwrap()..usize::try_from(end).unwrap())
}

pub async fn send(
    store: &BlobStore,
    id: &PartsId,
    number: u32,
    data: Bytes,
) -> store::Result<PartStored> {
    let mut writer = store.write_part(id, number).await?;
    for chunk in data.chunks(4_096) {
        writer.write(data.slice_ref(chunk)).await?;
    }
    writer.finish().await
}
