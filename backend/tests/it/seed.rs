//! Content for tests: collections with people, and real images pushed by the use cases that clients reach.

use bytes::Bytes;
use entity::collection_member;
use futures_util::stream;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use shared_types::{NewCollection, TagChange};
use sif::build::SifBuilder;
use sregistry_server::{
    domain::access::{Membership, Viewer},
    services::{
        collections, inspect, push,
        tags::{self, TagPath},
        uploads, users,
    },
};

use crate::common::TestApp;

/// An image that was pushed.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// `sha256:` and the digits.
    pub digest: String,
    /// Bytes of the file.
    pub size: u64,
    /// The file.
    pub bytes: Bytes,
    /// The rows' ids: collection, container, image.
    pub ids: [i64; 3],
}

/// Says that the image of a seed will come, and sends nothing.
pub async fn announce(app: &TestApp, by: &str, container_id: i64, seed: u64) -> i64 {
    let (core, viewer) = (app.core(), viewer(app, by).await);
    let hash = format!("sha256.{}", hex::encode(Sha256::digest(sif(seed))));
    push::register_image(core, &viewer, container_id, &hash, "")
        .await
        .unwrap()
        .id
}

/// The user, as use cases see one.
pub async fn viewer(app: &TestApp, username: &str) -> Viewer {
    users::acting(app.core(), username).await.unwrap()
}

/// Makes a collection.
pub async fn collection(app: &TestApp, owner: &str, name: &str, private: bool) {
    let new = NewCollection {
        name: name.to_owned(),
        description: Some(format!("What {owner} keeps in {name}")),
        private: Some(private),
    };
    let viewer = viewer(app, owner).await;
    collections::create(app.core(), &viewer, new).await.unwrap();
}

/// Makes a user a contributor of a collection.
pub async fn contributor(app: &TestApp, collection: &str, username: &str) {
    let core = app.core();
    let id = viewer(app, username).await.person().unwrap().id;
    let db = core.db.read();
    let found = sregistry_server::repo::collection::with_membership(db, collection, None);
    let (row, _) = found.await.unwrap().unwrap();
    let member = collection_member::ActiveModel {
        collection_id: Set(row.id),
        user_id: Set(id),
        role: Set(Membership::Contributor.as_str().to_owned()),
        created_at: Set(core.clock.now()),
    };
    let insert = async |tx: &sea_orm::DatabaseTransaction| {
        collection_member::Entity::insert(member.clone())
            .exec_without_returning(tx)
            .await?;
        Ok::<_, DbErr>(())
    };
    core.db.write(insert).await.unwrap();
}

/// A small real image; another seed gives other bytes.
pub fn sif(seed: u64) -> Bytes {
    let labels = [("maintainer", "amy")];
    let image = SifBuilder::new()
        .seed(seed)
        .deffile("Bootstrap: docker\nFrom: debian:12\n")
        .labels(labels);
    image.to_bytes().unwrap().into()
}

/// Pushes the image of a seed, tags it, and has it read.
pub async fn push(app: &TestApp, by: &str, path: &str, tag: &str, seed: u64) -> Pushed {
    let (core, viewer) = (app.core(), viewer(app, by).await);
    let (collection, container) = path.split_once('/').unwrap();
    let bytes = sif(seed);
    let hex = hex::encode(Sha256::digest(&bytes));
    let home = push::ensure_collection(core, &viewer, by, collection)
        .await
        .unwrap();
    let row = push::ensure_container(core, &viewer, home.id, container, "")
        .await
        .unwrap();
    let image = push::register_image(core, &viewer, row.id, &format!("sha256.{hex}"), "")
        .await
        .unwrap();
    let size = bytes.len() as u64;
    if !image.uploaded {
        let body = bytes.clone();
        let body = stream::once(async { Ok(body) });
        uploads::push_whole(core, &viewer, image.id, Some(size), body)
            .await
            .unwrap();
        inspect::run(core, image.id).await.unwrap();
    }
    push::tag(core, &viewer, row.id, tag, Some("amd64"), image.id)
        .await
        .unwrap();
    Pushed {
        digest: format!("sha256:{hex}"),
        size,
        bytes,
        ids: [home.id, row.id, image.id],
    }
}

/// Freezes or unfreezes a tag.
pub async fn freeze(app: &TestApp, by: &str, path: &str, tag: &str, frozen: bool) {
    let (collection, container) = path.split_once('/').unwrap();
    let path = TagPath {
        collection,
        container,
        tag,
        arch: None,
    };
    let change = TagChange {
        digest: None,
        frozen: Some(frozen),
    };
    let viewer = viewer(app, by).await;
    tags::put(app.core(), &viewer, path, change).await.unwrap();
}

/// What came back: the status, and the body as this type. A failure shows the body.
pub async fn read<T: DeserializeOwned>(request: reqwest::RequestBuilder, status: u16) -> T {
    let text = answered(request, status).await;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What came back, where the body has to be of no type.
pub async fn answered(request: reqwest::RequestBuilder, status: u16) -> String {
    let response = request.send().await.unwrap();
    let (found, url) = (response.status().as_u16(), response.url().to_string());
    let text = response.text().await.unwrap();
    assert_eq!(found, status, "{url}: {text}");
    text
}
