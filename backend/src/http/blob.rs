//! The one answer with the bytes of an image, for every door: whole or a range, conditional, or headers alone.
//!
//! Rule: the store is opened only when bytes are sent, memory stays the same whatever the size, and the entity tag is the digest.

use std::{
    ops::Range,
    pin::Pin,
    task::{Context, Poll},
    time::SystemTime,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::Stream;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::{
    Body, Response,
    http::{HeaderMap, HeaderName, Method, StatusCode, header},
};
use store::range::{Conditional, Representation, Selected};

use crate::services::{Core, Error, pull::File};

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

/// Told which bytes were handed over, when the transfer has ended or was cut off.
pub type Delivered = Box<dyn FnOnce(Range<u64>) + Send>;

/// Bytes to send.
pub struct Served {
    /// The key in the store.
    pub key: String,
    /// Length in bytes.
    pub size: u64,
    /// 64 lower case hexadecimal digits.
    pub sha256: String,
    /// The name to save the file under.
    pub filename: String,
    /// What is told how much was delivered.
    pub delivered: Delivered,
}

impl std::fmt::Debug for Served {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Served")
            .field("key", &self.key)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Served {
    /// The bytes of an image, counted as a download of whoever holds `ticket`.
    pub fn image(
        core: &std::sync::Arc<Core>,
        file: File,
        filename: String,
        ticket: String,
    ) -> Self {
        let (core, what, size) = (std::sync::Arc::clone(core), file.counted, file.size);
        Self {
            key: file.key,
            size,
            sha256: file.sha256,
            filename,
            delivered: Box::new(move |range| core.counters.delivered(&ticket, what, range, size)),
        }
    }
}

/// Answers a GET or HEAD for these bytes.
///
/// # Errors
/// The store failed before the first byte.
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
    let key = served.key.parse().map_err(Error::internal)?;
    let stream = core.blobs.open(&key, Some(range.clone())).await?;
    Ok(response.body(Body::from_bytes_stream(Delivery {
        stream,
        range: range.start..range.start,
        delivered: Some(served.delivered),
    })))
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

/// A stream that tells, when it ends or is dropped, which bytes it gave.
struct Delivery {
    stream: store::BlobReader,
    range: Range<u64>,
    delivered: Option<Delivered>,
}

impl Stream for Delivery {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.stream).poll_next(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.range.end += frame.len() as u64;
        }
        polled
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(delivered) = self.delivered.take() {
            delivered(self.range.clone());
        }
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
