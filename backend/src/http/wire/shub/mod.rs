//! `shub://`: the manifest that old clients ask for, and the original registry's scripts. No credentials come with it, so private images are
//! not there.

use std::sync::Arc;

use poem::{
    Request, Response, Route,
    http::{Method, StatusCode},
};
use serde_json::json;
use shared_types::{ImageRef, Reference, digest_hex};

use super::{Door, Entry, Handler, base_url, find, json as json_answer, nothing, viewer};
use crate::{
    http::api::docs::Operation,
    services::{Core, Error, pull},
};

/// What may be asked for.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// The manifest of an image.
    Manifest,
}

const STATUSES: &[(u16, &str)] = &[
    (200, "The manifest."),
    (400, "This is no reference."),
    (401, "The credentials are not valid."),
    (404, "There is no such image, or the caller may not see it."),
];

/// The table of what is served. A client that is given three names puts the first before `/api`.
pub const ROUTES: &[Entry<Call>] = &[
    (
        Call::Manifest,
        Operation {
            method: "get",
            path: "/api/container/{reference}",
            id: "get_shub_manifest",
            summary: "Where to get an image: collection/container[:tag][@version]",
            tag: "shub",
            request: "",
            statuses: STATUSES,
        },
    ),
    (
        Call::Manifest,
        Operation {
            method: "get",
            path: "/{entity}/api/container/{reference}",
            id: "get_shub_manifest_of_entity",
            summary: "Where to get an image, named with its entity",
            tag: "shub",
            request: "",
            statuses: STATUSES,
        },
    ),
];

/// Adds the protocol's paths to the router.
pub fn mount(route: Route) -> Route {
    let door = || Door {
        handler: Shub,
        envelope: answer,
    };
    route
        .at("/api/container/*rest", door())
        .at("/:entity/api/container/*rest", door())
}

/// Answers the requests of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Shub;

impl Handler for Shub {
    async fn handle(&self, core: &Arc<Core>, request: Request) -> Result<Response, Error> {
        let path = request.uri().path().to_owned();
        let found = find(ROUTES, request.method(), &path).ok_or_else(nothing)?;
        let Call::Manifest = found.call;
        let viewer = viewer(&request).await?;
        let reference = reference(found.get("reference"))?;
        let image = pull::resolve(core, &viewer, &reference, None).await?;
        let ticket = pull::ticket(core, &viewer, &reference, None).await?;
        let url = format!("{}{ticket}", base_url(core, &request));
        let mut response = json_answer(StatusCode::OK, &manifest(&image, &url));
        if request.method() == Method::HEAD {
            response.take_body();
        }
        Ok(response)
    }
}

/// The reference of a path. What stands behind `@` decides where it is a digest; other versions, which this registry does not have,
/// are passed over as the original did.
fn reference(text: &str) -> Result<ImageRef, Error> {
    let (name, version) = text.split_once('@').unwrap_or((text, ""));
    let mut parsed: ImageRef = name.parse().map_err(Error::BadRequest)?;
    let hex = version
        .strip_prefix("sha256:")
        .or_else(|| version.strip_prefix("sha256."));
    if let Ok(hex) = digest_hex(hex.unwrap_or(version)) {
        parsed.reference = Reference::Digest(hex);
    }
    Ok(parsed)
}

/// `commit` is the key under which clients cache the file: it must be there and change with the content.
fn manifest(image: &pull::Image, url: &str) -> serde_json::Value {
    let tag = image
        .tag
        .as_deref()
        .or(image.tags.first().map(String::as_str));
    json!({
        "id": image.id,
        "name": image.container,
        "image": url,
        "tag": tag.unwrap_or("latest"),
        "add_date": image.pushed_at.unwrap_or(image.created_at).to_rfc3339(),
        "metrics": {},
        "version": format!("sha256.{}", image.sha256),
        "commit": image.sha256,
        "frozen": image.frozen,
        "metadata": {},
        "collection": image.collection,
    })
}

/// The envelope of the original registry: a sentence under `detail`.
fn answer(error: &Error) -> Response {
    let detail = match error {
        Error::NotFound(_) => "Not found.".to_owned(),
        other => other.to_string(),
    };
    json_answer(
        super::library::error::status(error),
        &json!({ "detail": detail }),
    )
}
