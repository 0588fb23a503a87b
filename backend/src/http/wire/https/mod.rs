//! Plain HTTPS: a stable address for each tag and each digest, and the addresses of share links. For browsers, `curl`, `wget` and
//! whatever else fetches files.
//!
//! Rule: the file is served as by every other door (`http::blob`); what is named by a digest never changes and may be cached for
//! good, what is named by a tag is asked for anew each time. Errors are a sentence, or a `Problem` where the client wants JSON.

mod error;
mod routes;

use std::sync::Arc;

use poem::{
    Endpoint, Request, Response, Route,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};
use shared_types::{ImageRef, Reference};

use super::{Door, Found, Handler, find, nothing, query, viewer};
use crate::{
    domain::access::Viewer,
    http::{
        blob::{self, Served},
        extract::client_address,
    },
    services::{
        Core, Error,
        pull::{self, Claim, File},
        shares,
    },
};

pub use routes::{Call, ROUTES};

/// What the addresses of images end with.
const SUFFIX: &str = ".sif";
/// What the addresses of their checksums end with.
const CHECKSUM_SUFFIX: &str = ".sha256";

/// The digest of the whole file, for those who do not know the newer header.
const CHECKSUM: HeaderName = HeaderName::from_static("x-checksum-sha256");
/// Keeps what is shared out of search engines that come by a link.
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Caching of what a tag names: it may move.
const BY_TAG: &str = "private, no-cache, no-transform";
/// Caching of what a digest names, where anybody may have it.
const BY_DIGEST: &str = "public, max-age=31536000, immutable, no-transform";
/// The same where not everybody may.
const BY_DIGEST_PRIVATE: &str = "private, max-age=31536000, immutable, no-transform";
/// Caching of what a share link gives: it may end.
const SHARED: &str = "private, no-store, no-transform";

/// Adds the addresses to the router.
pub fn mount(route: Route) -> Route {
    ["/download", "/download/*rest", "/share", "/share/*rest"]
        .into_iter()
        .fold(route, |route, path| route.at(path, Spoken))
}

/// The door, with errors in the form that the client wants.
struct Spoken;

impl Endpoint for Spoken {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let form = error::Form::of(&request);
        let door = Door {
            handler: Https,
            envelope: error::answer,
        };
        Ok(form.write(door.call(request).await?))
    }
}

/// Answers the requests.
#[derive(Debug, Clone, Copy)]
pub struct Https;

impl Handler for Https {
    async fn handle(&self, core: &Arc<Core>, request: Request) -> Result<Response, Error> {
        let found = find(ROUTES, request.method(), request.uri().path()).ok_or_else(nothing)?;
        match found.call {
            Call::Download => download(core, &found, &request).await,
            Call::Share => share(core, &found, &request).await,
        }
    }
}

async fn download(
    core: &Arc<Core>,
    found: &Found<Call>,
    request: &Request,
) -> Result<Response, Error> {
    let viewer = viewer(request).await?;
    let name = found.get("file");
    let (name, checksum) = match name.strip_suffix(CHECKSUM_SUFFIX) {
        Some(name) => (name, true),
        None => (name, false),
    };
    let reference = name.strip_suffix(SUFFIX).ok_or_else(|| {
        Error::BadRequest(
            "an image's address ends with “.sif”, its checksum's with “.sif.sha256”".to_owned(),
        )
    })?;
    let text = format!(
        "{}/{}:{reference}",
        found.get("collection"),
        found.get("container")
    );
    let image: ImageRef = text.parse().map_err(Error::BadRequest)?;
    let arch = query(request, "arch");
    let (file, filename) = pull::open(core, &viewer, &image, arch.as_deref()).await?;
    let caching = caching(&viewer, &file, &image.reference);
    if checksum {
        return Ok(checksum_file(request, &file, name, caching));
    }
    let sha256 = file.sha256.clone();
    let who = blob::caller(core, request, &viewer, file.counted.image);
    let served = Served::image(core, file, filename, who);
    let mut response = blob::respond(core, request.method(), request.headers(), served).await?;
    describe(&mut response, &sha256, caching);
    Ok(response)
}

fn caching(viewer: &Viewer, file: &File, reference: &Reference) -> &'static str {
    match reference {
        Reference::Tag(_) => BY_TAG,
        // An answer to somebody stays with them: it may be one that others would not get.
        Reference::Digest(_) if file.public && viewer.is_anonymous() => BY_DIGEST,
        Reference::Digest(_) => BY_DIGEST_PRIVATE,
    }
}

async fn share(
    core: &Arc<Core>,
    found: &Found<Call>,
    request: &Request,
) -> Result<Response, Error> {
    let address = client_address(core, request);
    let shared = shares::open(core, found.get("secret"), address).await?;
    let name = found.get("file");
    let mut response = if let Some(name) = name.strip_suffix(CHECKSUM_SUFFIX) {
        checksum_file(request, &shared.file, name, SHARED)
    } else {
        let sha256 = shared.file.sha256.clone();
        let claim = Claim::Share(shared.visit);
        let served = Served::claimed(core, shared.file, shared.filename, claim);
        let mut response = blob::respond(core, request.method(), request.headers(), served).await?;
        describe(&mut response, &sha256, SHARED);
        response
    };
    response
        .headers_mut()
        .insert(ROBOTS, HeaderValue::from_static("noindex"));
    Ok(response)
}

/// Adds what this door says beyond the others.
fn describe(response: &mut Response, sha256: &str, caching: &'static str) {
    let good = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    if !good {
        return;
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    checksum_header(headers, sha256);
}

fn checksum_header(headers: &mut HeaderMap, sha256: &str) {
    if let Ok(digest) = HeaderValue::from_str(sha256) {
        headers.insert(CHECKSUM, digest);
    }
}

/// A line for `sha256sum --check`, for the file under the name that the address ends with.
fn checksum_file(request: &Request, file: &File, name: &str, caching: &'static str) -> Response {
    let line = format!("{}  {name}\n", file.sha256);
    let mut response = Response::builder()
        .content_type("text/plain; charset=utf-8")
        .header(header::CACHE_CONTROL, caching)
        .header(header::CONTENT_LENGTH, line.len())
        .body(line);
    checksum_header(response.headers_mut(), &file.sha256);
    if request.method() == Method::HEAD {
        response.take_body();
    }
    response
}
