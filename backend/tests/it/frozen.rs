//! Frozen means frozen: what every door builds on refuses to move or remove a frozen tag, its image, its container, its collection.

use shared_types::TagChange;
use sregistry_server::services::{
    Error, collections, containers,
    images::{self, ImagePath},
    push,
    tags::{self, TagPath},
};

use crate::{common::TestApp, db_test, seed};

fn is_frozen<T: std::fmt::Debug>(answer: Result<T, Error>) {
    assert!(matches!(answer, Err(Error::Frozen(_))), "{answer:?}");
}

const fn tag(name: &str) -> TagPath<'_> {
    TagPath {
        collection: "climate",
        container: "model",
        tag: name,
        arch: None,
    }
}

db_test!(
    a_frozen_tag_holds_all_that_it_stands_on,
    async |app: TestApp| {
        app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        let kept = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
        let other = seed::push(&app, "amy", "climate/model", "2.0", 2).await;
        seed::freeze(&app, "amy", "climate/model", "1.0", true).await;
        app.admin().await;
        let core = app.core();
        for who in ["amy", "admin"] {
            let viewer = seed::viewer(&app, who).await;
            let [_, container, image] = other.ids;
            // The same tag again is no move.
            push::tag(core, &viewer, container, "1.0", Some("amd64"), kept.ids[2])
                .await
                .unwrap();
            is_frozen(push::tag(core, &viewer, container, "1.0", Some("amd64"), image).await);
            let change = TagChange {
                digest: Some(other.digest.clone()),
                frozen: None,
            };
            is_frozen(tags::put(core, &viewer, tag("1.0"), change.clone()).await);
            is_frozen(tags::delete(core, &viewer, tag("1.0")).await);
            let path = ImagePath {
                collection: "climate",
                container: "model",
                reference: &kept.digest,
                arch: None,
            };
            is_frozen(images::delete(core, &viewer, path).await);
            is_frozen(containers::delete(core, &viewer, "climate", "model").await);
            is_frozen(collections::delete(core, &viewer, "climate").await);
            // What is beside it is free.
            let back = TagChange {
                digest: Some(kept.digest.clone()),
                frozen: None,
            };
            tags::put(core, &viewer, tag("2.0"), back).await.unwrap();
            tags::put(core, &viewer, tag("2.0"), change).await.unwrap();
        }
        let viewer = seed::viewer(&app, "amy").await;
        seed::freeze(&app, "amy", "climate/model", "1.0", false).await;
        collections::delete(core, &viewer, "climate").await.unwrap();
    }
);
