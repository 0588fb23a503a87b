//! `demo`: sample content, so that the pages have something to show. It goes through the same use cases as a client's push.

mod content;
mod image;

use bytes::Bytes;
use clap::Args;
use content::{COLLECTIONS, SampleCollection, SampleContainer};
use futures_util::stream;
use sha2::{Digest, Sha256};
use shared_types::{CollectionChange, NewCollection, NewUser, TagChange};

use super::Context;
use crate::{
    domain::access::Viewer,
    services::{
        Core, Error, collections,
        error::Cause,
        inspect, push,
        tags::{self, TagPath},
        uploads, users,
    },
};

/// Fills the registry with a few dozen small images. A second run adds what is missing and changes nothing else.
#[derive(Debug, Clone, Args)]
pub(super) struct Demo {
    /// The user who owns the content; made if there is none of this name.
    #[arg(long, default_value = "demo")]
    user: String,
}

/// Runs the command.
pub(super) async fn run(context: &Context, demo: Demo) -> Result<(), Cause> {
    let core = context.build().await?.core;
    let viewer = owner(&core, &demo.user).await?;
    let mut images = 0;
    for collection in COLLECTIONS {
        create(&core, &viewer, collection).await?;
        for container in collection.containers {
            images += fill(&core, &viewer, collection, container).await?;
        }
        eprintln!(
            "{}: {} containers",
            collection.name,
            collection.containers.len()
        );
    }
    println!(
        "{images} images in {} collections, owned by {}",
        COLLECTIONS.len(),
        demo.user
    );
    Ok(())
}

/// The user who owns the content, made without a password where there is none.
async fn owner(core: &Core, username: &str) -> Result<Viewer, Error> {
    match users::acting(core, username).await {
        Err(Error::NotFound(_)) => {}
        found => return found,
    }
    let new = NewUser {
        username: username.to_owned(),
        display_name: None,
        email: None,
        password: None,
        role: None,
    };
    users::create(core, &users::operator(), new).await?;
    users::acting(core, username).await
}

async fn create(core: &Core, viewer: &Viewer, sample: &SampleCollection) -> Result<(), Error> {
    let new = NewCollection {
        name: sample.name.to_owned(),
        description: Some(sample.description.to_owned()),
        private: Some(sample.private),
    };
    match collections::create(core, viewer, new).await {
        Ok(_) => {}
        Err(Error::NameTaken(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    let change = CollectionChange {
        description: None,
        readme: Some(sample.readme.to_owned()),
        private: None,
        contributors_may_push: None,
    };
    collections::change(core, viewer, sample.name, change)
        .await
        .map(drop)
}

/// Pushes all versions of a container. Returns how many images it has.
async fn fill(
    core: &Core,
    viewer: &Viewer,
    collection: &SampleCollection,
    sample: &SampleContainer,
) -> Result<usize, Cause> {
    let row = push::ensure_collection(core, viewer, "", collection.name).await?;
    let container =
        push::ensure_container(core, viewer, row.id, sample.name, sample.description).await?;
    let mut images = 0;
    for version in sample.versions {
        for arch in sample.architectures {
            let bytes = image::build(sample, version, *arch)?;
            let image_id = put(core, viewer, container.id, bytes).await?;
            push::tag(
                core,
                viewer,
                container.id,
                version,
                Some(arch.name()),
                image_id,
            )
            .await?;
            if Some(version) == sample.versions.last() {
                push::tag(
                    core,
                    viewer,
                    container.id,
                    "latest",
                    Some(arch.name()),
                    image_id,
                )
                .await?;
            }
            if sample.frozen == Some(*version) {
                freeze(core, viewer, collection, sample, version, arch.name()).await?;
            }
            images += 1;
        }
    }
    Ok(images)
}

/// Pushes one image, unless it is there, and reads what is inside: there may be no server whose worker would.
async fn put(core: &Core, viewer: &Viewer, container: i64, bytes: Vec<u8>) -> Result<i64, Error> {
    let hash = format!("sha256.{}", hex::encode(Sha256::digest(&bytes)));
    let image = push::register_image(core, viewer, container, &hash, "").await?;
    if !image.uploaded {
        let length = u64::try_from(bytes.len()).ok();
        let body = stream::once(async { Ok(Bytes::from(bytes)) });
        uploads::push_whole(core, viewer, image.id, length, body).await?;
    }
    inspect::run(core, image.id).await?;
    Ok(image.id)
}

async fn freeze(
    core: &Core,
    viewer: &Viewer,
    collection: &SampleCollection,
    container: &SampleContainer,
    tag: &str,
    arch: &str,
) -> Result<(), Error> {
    let path = TagPath {
        collection: collection.name,
        container: container.name,
        tag,
        arch: Some(arch),
    };
    let change = TagChange {
        digest: None,
        frozen: Some(true),
    };
    tags::put(core, viewer, path, change).await.map(drop)
}
