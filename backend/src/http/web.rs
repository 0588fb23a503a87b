//! The web application: its page for every path that no protocol owns, and its files.
//!
//! Rule: an unknown path is the page, because the application knows its own paths; an unknown file is 404. A request is for
//! a file when the browser says that it is not for a document, never because there is a dot in its name.

mod accent;
mod brand;
mod bundle;
mod page;

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

pub use brand::Brand;
pub use bundle::Bundle;
use bundle::{Coding, File};
use poem::{
    Endpoint, Request, Response, Result,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
};

/// Tells what a browser wants a response for.
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Serves the web application.
#[derive(Debug)]
pub struct Web {
    source: Source,
    brand: Brand,
    current: RwLock<(Option<SystemTime>, Arc<Bundle>)>,
}

/// Where the files are.
#[derive(Debug)]
enum Source {
    /// Inside the binary.
    Inside,
    /// In a folder that may change while the server runs.
    Folder(PathBuf),
    /// Nowhere.
    Missing,
}

impl Web {
    /// The application from this folder, else from inside the binary, else from `frontend/dist` of the source tree around
    /// the binary or the working folder. The page wears the registry's name and colours.
    pub fn find(folder: Option<PathBuf>, brand: Brand) -> Self {
        let source = match folder {
            Some(folder) => Source::Folder(folder),
            None if bundle::is_inside() => Source::Inside,
            None => built_folder().map_or(Source::Missing, Source::Folder),
        };
        let bundle = match &source {
            Source::Inside => Bundle::inside(&brand),
            Source::Folder(_) | Source::Missing => Bundle::missing(),
        };
        Self {
            source,
            brand,
            current: RwLock::new((None, Arc::new(bundle))),
        }
    }

    /// The files as they are now. Those of a folder are read again when its page has changed.
    fn bundle(&self) -> Arc<Bundle> {
        let known = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let Source::Folder(folder) = &self.source else {
            return Arc::clone(&known.1);
        };
        let changed = std::fs::metadata(folder.join(page::INDEX))
            .and_then(|data| data.modified())
            .ok();
        if changed.is_some() && changed == known.0 {
            return Arc::clone(&known.1);
        }
        drop(known);
        let fresh = Arc::new(Bundle::folder(folder, &self.brand));
        let mut known = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *known = (changed, Arc::clone(&fresh));
        fresh
    }
}

impl Endpoint for Web {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Ok(plain(
                StatusCode::METHOD_NOT_ALLOWED,
                "only GET and HEAD work here\n",
            )
            .with_header(header::ALLOW, "GET, HEAD"));
        }
        let bundle = self.bundle();
        let path = request.uri().path().trim_start_matches('/');
        if let Some(file) = bundle.file(path) {
            return Ok(deliver(&request, file));
        }
        if path.starts_with("assets/") || !is_navigation(&request) {
            return Ok(plain(StatusCode::NOT_FOUND, "there is no such file\n"));
        }
        Ok(deliver(&request, bundle.page()))
    }
}

/// Adds a header to a response under construction.
trait WithHeader {
    fn with_header(self, name: HeaderName, value: &'static str) -> Self;
}

impl WithHeader for Response {
    fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers_mut()
            .insert(name, HeaderValue::from_static(value));
        self
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    Response::builder()
        .status(status)
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

/// Whether a browser goes to a page, as far as it tells; clients that tell nothing get the page.
fn is_navigation(request: &Request) -> bool {
    request
        .header(&SEC_FETCH_DEST)
        .is_none_or(|dest| dest == "document")
}

/// Answers with a file, encoded as the client likes best, or says that what it has is still right.
fn deliver(request: &Request, file: &File) -> Response {
    let accepted = request.header(header::ACCEPT_ENCODING).unwrap_or_default();
    let (coding, bytes) = file.best(accepted);
    let etag = file.etag(coding);
    let mut response = Response::builder()
        .status(file.status)
        .header(header::ETAG, &etag)
        .header(header::CACHE_CONTROL, file.cache_control())
        .header(header::VARY, "Accept-Encoding");
    if let Some(policy) = &file.policy {
        response = response.header(header::CONTENT_SECURITY_POLICY, policy);
    }
    let known = request.header(header::IF_NONE_MATCH).unwrap_or_default();
    let unchanged = known
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag);
    if unchanged && file.status == StatusCode::OK {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    response = response.header(header::CONTENT_TYPE, &file.content_type);
    if coding != Coding::Identity {
        response = response.header(header::CONTENT_ENCODING, coding.word());
    }
    response = response.header(header::CONTENT_LENGTH, bytes.len());
    if request.method() == Method::HEAD {
        return response.finish();
    }
    response.body(bytes)
}

/// The folder that `make frontend` fills, if this runs inside a source tree.
fn built_folder() -> Option<PathBuf> {
    let starts = [std::env::current_dir().ok(), std::env::current_exe().ok()];
    starts.into_iter().flatten().find_map(|start| {
        start
            .ancestors()
            .map(|folder| folder.join("frontend/dist"))
            .find(|folder| folder.join(page::INDEX).is_file())
    })
}
