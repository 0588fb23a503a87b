//! Content for tests: collections with people, and real images pushed by the use cases that clients reach.

use bytes::Bytes;
use entity::{collection_member, user};
use futures_util::stream;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use shared_types::{NewCollection, NewTeam, Role, TagChange, TeamPermission, TeamRole};
use sif::build::SifBuilder;
use sregistry_server::{
    domain::access::{Kind, Membership, Viewer},
    repo,
    services::{
        collections, inspect, push,
        tags::{self, TagPath},
        teams, uploads, users,
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
    member(app, collection, username, Membership::Contributor).await;
}

/// Makes a robot that belongs to nobody yet.
pub async fn robot(app: &TestApp, username: &str) {
    let robot = user::ActiveModel {
        username: Set(username.to_owned()),
        display_name: Set(username.to_owned()),
        role: Set(Role::User.as_str().to_owned()),
        kind: Set(Kind::Robot.as_str().to_owned()),
        created_at: Set(app.core().clock.now()),
        ..Default::default()
    };
    let insert = async |tx: &sea_orm::DatabaseTransaction| {
        user::Entity::insert(robot.clone())
            .exec_without_returning(tx)
            .await?;
        Ok::<_, DbErr>(())
    };
    app.core().db.write(insert).await.unwrap();
}

/// Puts a user or a robot into a collection.
pub async fn member(app: &TestApp, collection: &str, username: &str, role: Membership) {
    let core = app.core();
    let db = core.db.read();
    let user = repo::user::by_name(db, username).await.unwrap().unwrap();
    let found = repo::collection::with_membership(db, collection, None);
    let (row, _) = found.await.unwrap().unwrap();
    let member = collection_member::ActiveModel {
        collection_id: Set(row.id),
        user_id: Set(user.id),
        role: Set(role.as_str().to_owned()),
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

/// Makes a team of an owner and some members.
pub async fn team(app: &TestApp, owner: &str, name: &str, members: &[&str]) {
    let core = app.core();
    let new = NewTeam {
        name: name.to_owned(),
        description: Some(format!("The team {name}")),
        permission: Some(TeamPermission::Invite),
    };
    let owner = viewer(app, owner).await;
    teams::create(core, &owner, new).await.unwrap();
    let operator = users::operator();
    for member in members {
        teams::put_member(core, &operator, name, member, TeamRole::Member)
            .await
            .unwrap();
    }
}

/// A picture of one pixel.
pub fn picture() -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0".to_vec();
    file.extend(b"\x3a\x7e\x9b\x55\0\0\0\x0aIDAT\x78\x9c\x63\x68\0\0\0\x82\0\x81");
    file.extend(b"\x77\xcd\x72\xb6\0\0\0\0IEND\xae\x42\x60\x82");
    file
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
