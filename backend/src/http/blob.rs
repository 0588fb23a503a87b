//! The one answer with the bytes of an image, for every door: whole or a range, conditional, or headers alone.
//!
//! Rule: the store is opened only when bytes are sent, memory stays the same whatever the size, and the entity tag is the digest.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::SystemTime,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::Stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::{
    Body, Request, Response,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
};
use store::{
    BlobKey,
    range::{Conditional, Representation, Selected},
};

use crate::{
    domain::access::Viewer,
    http::extract::client_address,
    services::{
        Core, Error,
        pull::{self, Claim, File, Transfer},
    },
};

/// The digest of the whole file, whatever part of it is sent (RFC 9530).
const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// What a file name may hold as it is in an extended parameter (RFC 8187).
const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// Bytes to send.
#[derive(Debug)]
pub struct Served {
    /// The key in the store.
    pub key: String,
    /// What the store said of the bytes when they were verified: other bytes do not leave.
    pub mark: Option<String>,
    /// Length in bytes.
    pub size: u64,
    /// 64 lower case hexadecimal digits.
    pub sha256: String,
    /// The name to save the file under.
    pub filename: String,
    /// The image whose download this is, with the right to it; absent for what is no image and counts for nothing.
    pub image: Option<(Arc<Core>, File, Claim)>,
    /// Whether the client may be sent to the object store, if that is how the registry is set up.
    pub elsewhere: bool,
}

impl Served {
    /// The bytes of an image, counted as a download of whoever `who` tells from others.
    pub fn image(core: &Arc<Core>, file: File, filename: String, who: String) -> Self {
        Self::claimed(core, file, filename, Claim::Caller(who))
    }

    /// The bytes of an image, by whatever right.
    pub fn claimed(core: &Arc<Core>, file: File, filename: String, claim: Claim) -> Self {
        Self {
            key: file.key.clone(),
            mark: file.mark.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
            filename,
            image: Some((Arc::clone(core), file, claim)),
            elsewhere: false,
        }
    }
}

/// What tells one caller of an image from others, so that ranges and resumed transfers of the same one belong together.
pub fn caller(core: &Core, request: &Request, viewer: &Viewer, image: i64) -> String {
    if let Some(person) = viewer.person() {
        return format!("{} {image}", person.username);
    }
    let address = client_address(core, request);
    format!(
        "@{} {image}",
        address.map(|ip| ip.to_string()).unwrap_or_default()
    )
}

/// Answers a GET or HEAD for these bytes.
///
/// # Errors
/// The store failed before the first byte, or the bytes may not leave (`pull::begin`).
pub async fn respond(
    core: &Core,
    method: &Method,
    headers: &HeaderMap,
    served: Served,
) -> Result<Response, Error> {
    let etag = format!("\"sha256:{}\"", served.sha256);
    let selected = select(method, headers, &etag, served.size);
    let mut response = Response::builder()
        .header(header::ETAG, &etag)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CACHE_CONTROL, "private, no-cache, no-transform");
    let range = match selected {
        Selected::NotModified => return Ok(response.status(StatusCode::NOT_MODIFIED).finish()),
        Selected::PreconditionFailed => {
            return Ok(response.status(StatusCode::PRECONDITION_FAILED).finish());
        }
        Selected::Unsatisfiable => {
            let outside = format!("bytes */{}", served.size);
            return Ok(response
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, outside)
                .finish());
        }
        Selected::Full => 0..served.size,
        Selected::Partial(range) => {
            let (start, last) = (range.start, range.end.saturating_sub(1));
            response = response.status(StatusCode::PARTIAL_CONTENT).header(
                header::CONTENT_RANGE,
                format!("bytes {start}-{last}/{}", served.size),
            );
            range
        }
    };
    response = response
        .content_type("application/octet-stream")
        .header(
            header::CONTENT_LENGTH,
            range.end.saturating_sub(range.start),
        )
        .header(header::CONTENT_DISPOSITION, disposition(&served.filename));
    if let Ok(digest) = hex::decode(&served.sha256) {
        let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(digest));
        response = response.header(REPR_DIGEST, digest);
    }
    if method == Method::HEAD {
        return Ok(response.finish());
    }
    if served.elsewhere
        && let Some(url) = pull::elsewhere(core, &served.key).await?
    {
        if let Some((core, file, claim)) = served.image {
            let bytes = range.end.saturating_sub(range.start);
            // Nobody sees how it ends: who is sent there has had it.
            pull::begin(&core, &file, claim, range).await?.hand(bytes);
        }
        return Ok(Response::builder()
            .status(StatusCode::TEMPORARY_REDIRECT)
            .header(header::LOCATION, url.as_str())
            .header(header::CACHE_CONTROL, "no-store")
            .finish());
    }
    let key: BlobKey = served.key.parse().map_err(Error::internal)?;
    let blob = key.marked(served.mark.as_deref());
    let stream = core.blobs.open(blob, Some(range.clone())).await?;
    let transfer = match served.image {
        Some((core, file, claim)) => Some(pull::begin(&core, &file, claim, range).await?),
        None => None,
    };
    Ok(response.body(Body::from_bytes_stream(Delivery { stream, transfer })))
}

fn select(method: &Method, headers: &HeaderMap, etag: &str, size: u64) -> Selected {
    let line = |name: HeaderName| {
        let lines: Vec<_> = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    };
    let (if_match, if_none_match) = (line(header::IF_MATCH), line(header::IF_NONE_MATCH));
    let (if_range, range) = (line(header::IF_RANGE), line(header::RANGE));
    let asked = Conditional {
        if_match: if_match.as_deref(),
        if_none_match: if_none_match.as_deref(),
        if_modified_since: None,
        if_unmodified_since: None,
        if_range: if_range.as_deref(),
        range: range.as_deref().filter(|_| method == Method::GET),
    };
    asked.select(&Representation {
        etag,
        last_modified: None,
        len: size,
        now: SystemTime::UNIX_EPOCH,
    })
}

/// `attachment` with the name for old and new readers (RFC 6266).
fn disposition(filename: &str) -> String {
    let plain: String = filename
        .chars()
        .map(|c| match c {
            '"' | '\\' | '/' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    if plain == filename {
        return format!("attachment; filename=\"{plain}\"");
    }
    let extended = utf8_percent_encode(filename, ATTRIBUTE);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}")
}

/// A stream that tells its transfer what it gave.
struct Delivery {
    stream: store::BlobReader,
    transfer: Option<Transfer>,
}

impl Stream for Delivery {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.stream).poll_next(cx);
        if let (Poll::Ready(Some(Ok(frame))), Some(transfer)) = (&polled, &mut self.transfer) {
            transfer.hand(frame.len() as u64);
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn file_names_survive_old_and_new_readers() {
        assert_eq!(
            disposition("a_1.0.sif"),
            "attachment; filename=\"a_1.0.sif\""
        );
        assert_eq!(
            disposition("ä\"b\".sif"),
            "attachment; filename=\"__b_.sif\"; filename*=UTF-8''%C3%A4%22b%22.sif"
        );
    }
}
