//! Reading what is inside an image, after its bytes have arrived.

use std::{
    collections::BTreeMap,
    io::{Read, Seek},
};

use shared_types::{ImageApp, ImageMetadata, SifObject, Signature, SignatureState};
use sif::{FsType, HashType, Kind, PartType};

use super::{Core, Error, Result, blobs, keyserver::verify, labels, queue::Job};
use crate::repo::{
    self,
    signature::Found,
    upkeep::{self, Inspected},
};

/// How many missed images are handed in at once.
const MISSED: u64 = 500;

/// Reads one image and keeps what was found. An image that is gone, has no bytes, or was read before is left alone.
///
/// # Errors
/// The store or the database failed; the image stays to be read. What is wrong with the image itself is no error: it is
/// kept as the image's problem.
pub async fn run(core: &Core, image_id: i64) -> Result<()> {
    let Some((image, blob)) = upkeep::image_with_blob(core.db.read(), image_id).await? else {
        return Ok(());
    };
    if image.inspected_at.is_some() {
        return Ok(());
    }
    let file = blobs::open_file(core, &blob).await?;
    let read = tokio::task::spawn_blocking(move || read(file));
    let (found, signatures) = match read.await.map_err(Error::internal)? {
        Ok((found, signatures)) => (inspected(found)?, signatures),
        Err(sif::Error::Io(error)) => return Err(Error::internal(error)),
        Err(problem) => (
            Inspected {
                problem: Some(problem.to_string()),
                ..Inspected::default()
            },
            Vec::new(),
        ),
    };
    let signed = !signatures.is_empty();
    let now = core.clock.now();
    core.db
        .write(async |tx| {
            if upkeep::set_inspected(tx, image.clone(), &found, now).await? {
                let state = SignatureState::NotChecked.as_str();
                repo::signature::replace(tx, image_id, state, signatures.clone()).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    if signed {
        verify::pending(core).await?;
    }
    Ok(())
}

/// What is inside a file, and the signatures in it.
fn read(mut file: impl Read + Seek) -> std::result::Result<(sif::Image, Vec<Found>), sif::Error> {
    let image = sif::read(&mut file, &sif::Limits::default())?;
    let signatures = if image.signatures.is_empty() {
        Vec::new()
    } else {
        verify::read(&mut file)?
    };
    Ok((image, signatures))
}

/// Hands in the images that were never read: their job was lost, or their reading failed.
///
/// # Errors
/// The database failed.
pub async fn missed(core: &Core) -> Result<()> {
    for image_id in upkeep::not_inspected(core.db.read(), MISSED).await? {
        core.queue.send(Job::InspectImage { image_id }).await;
    }
    Ok(())
}

fn inspected(image: sif::Image) -> Result<Inspected> {
    let (arch, encrypted) = (
        image.arch.map(|arch| arch.name().to_owned()),
        image.encrypted,
    );
    let signed = !image.signatures.is_empty();
    let nothing = image.metadata == sif::Metadata::default();
    // A note beside metadata is a detail; a note in place of it is why there is none.
    let problem = (nothing && !image.notes.is_empty()).then(|| image.notes.join(" "));
    let metadata = metadata(image);
    let text = serde_json::to_string(&metadata).map_err(Error::internal)?;
    Ok(Inspected {
        arch,
        signed,
        encrypted,
        metadata: Some(text),
        labels: labels::of(metadata.labels),
        problem,
    })
}

fn metadata(image: sif::Image) -> ImageMetadata {
    let objects = image.descriptors.iter().map(|object| SifObject {
        id: object.id,
        kind: kind(&object.kind),
        name: object.name.clone(),
        size_bytes: object.size,
    });
    let signatures = image.signatures.iter().map(|signature| Signature {
        fingerprint: signature.fingerprint.clone(),
    });
    let found = image.metadata;
    ImageMetadata {
        objects: objects.collect(),
        signatures: signatures.collect(),
        deffile: found.deffile,
        from: found.from,
        labels: found.labels,
        environment: found.environment,
        runscript: found.runscript,
        startscript: found.startscript,
        help: found.help,
        test: found.test,
        apps: apps(found.apps),
    }
}

fn apps(found: BTreeMap<String, sif::App>) -> Vec<ImageApp> {
    let app = |(name, app): (String, sif::App)| ImageApp {
        name,
        runscript: app.runscript,
        help: app.help,
        test: app.test,
        environment: app.environment,
        labels: app.labels,
    };
    found.into_iter().map(app).collect()
}

/// What an object is, in the words of `singularity sif list`.
fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Deffile => "Def.FILE".to_owned(),
        Kind::Environment => "Env.Vars".to_owned(),
        Kind::Labels => "JSON.Labels".to_owned(),
        Kind::Partition(partition) => format!(
            "FS ({}/{}/{})",
            file_system(partition.fs),
            purpose(partition.part),
            partition.arch.map_or("unknown", sif::Arch::name)
        ),
        Kind::Signature(signature) => format!("Signature ({})", hash(signature.hash)),
        Kind::Json => "JSON.Generic".to_owned(),
        Kind::Generic => "Generic/Raw".to_owned(),
        Kind::CryptoMessage => "Cryptographic Message".to_owned(),
        Kind::Sbom => "SBOM".to_owned(),
        Kind::OciRootIndex => "OCI.RootIndex".to_owned(),
        Kind::OciBlob => "OCI.Blob".to_owned(),
        Kind::Other(number) => format!("Unknown ({number:#x})"),
    }
}

fn file_system(fs: FsType) -> &'static str {
    match fs {
        FsType::Squashfs => "Squashfs",
        FsType::Ext3 => "Ext3",
        FsType::Archive => "Archive",
        FsType::Raw => "Raw",
        FsType::EncryptedSquashfs => "Encrypted squashfs",
        FsType::GocryptfsSquashfs => "Gocryptfs squashfs",
        FsType::Other(_) => "Unknown",
    }
}

fn purpose(part: PartType) -> &'static str {
    match part {
        PartType::System => "System",
        PartType::Primary => "*System",
        PartType::Data => "Data",
        PartType::Overlay => "Overlay",
        PartType::Other(_) => "Unknown",
    }
}

fn hash(hash: HashType) -> &'static str {
    match hash {
        HashType::Sha256 => "SHA-256",
        HashType::Sha384 => "SHA-384",
        HashType::Sha512 => "SHA-512",
        HashType::Blake2s256 => "BLAKE2s-256",
        HashType::Blake2b256 => "BLAKE2b-256",
        HashType::Other(_) => "unknown hash",
    }
}
