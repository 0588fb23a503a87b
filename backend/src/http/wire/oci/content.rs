//! Blobs and manifests: getting, keeping and removing them.

use std::sync::Arc;

use poem::{
    Request, Response,
    error::ReadBodyError,
    http::{Method, StatusCode, header},
};

use super::{Ask, WithHeader, created};
use crate::{
    http::{
        blob::{self, Served},
        wire::{body_stream, content_length, drain},
    },
    services::{
        Core, Error,
        oci::{self, Sent, Where},
        pull::Claim,
    },
};

type Answer = Result<Response, Error>;

/// The largest manifest: the smallest limit that the specification allows.
const LARGEST_MANIFEST: usize = 4 * 1024 * 1024;

/// Sends a blob, whole or a range.
pub(super) async fn blob(core: &Arc<Core>, ask: &Ask<'_>, request: &Request) -> Answer {
    let found = oci::blob(core, ask.viewer, &ask.repository, ask.last).await?;
    let digest = format!("sha256:{}", found.sha256);
    if is_backwards(request) {
        let outside = format!("bytes */{}", found.size);
        return Ok(Response::builder()
            .status(StatusCode::RANGE_NOT_SATISFIABLE)
            .finish()
            .with_header("content-range", &outside));
    }
    let (key, mark) = match found.bytes {
        Where::Here(bytes) => {
            return Ok(whole(
                request,
                "application/octet-stream",
                &digest,
                bytes.to_vec(),
            ));
        }
        Where::Store(key, mark) => (key, mark),
    };
    let image = found.image.map(|file| {
        let who = blob::caller(core, request, ask.viewer, file.counted.image);
        (Arc::clone(core), file, Claim::Caller(who))
    });
    let served = Served {
        key,
        mark,
        size: found.size,
        filename: format!("sha256-{}", found.sha256),
        sha256: found.sha256,
        image,
        elsewhere: true,
    };
    let response = blob::respond(core, request.method(), request.headers(), served).await?;
    Ok(response.with_header("docker-content-digest", &digest))
}

/// Whether a range ends before it begins. Elsewhere that is no range at all; clients of this protocol expect a refusal.
fn is_backwards(request: &Request) -> bool {
    let Some(range) = request.header(header::RANGE) else {
        return false;
    };
    let ends = range
        .trim()
        .strip_prefix("bytes=")
        .and_then(|ends| ends.split_once('-'));
    let number = |text: &str| text.trim().parse::<u64>().ok();
    ends.and_then(|(first, last)| Some(number(first)? > number(last)?))
        .unwrap_or(false)
}

/// Removes a blob.
pub(super) async fn delete_blob(core: &Core, ask: &Ask<'_>) -> Answer {
    oci::delete_blob(core, ask.viewer, &ask.repository, ask.last).await?;
    Ok(Response::builder().status(StatusCode::ACCEPTED).finish())
}

/// Sends a manifest. Which types the client would take does not matter: what is here has one.
pub(super) async fn manifest(core: &Core, ask: &Ask<'_>, request: &Request) -> Answer {
    let found = oci::get(core, ask.viewer, &ask.repository, ask.last).await?;
    let digest = format!("sha256:{}", found.sha256);
    let response = whole(request, &found.media_type, &digest, found.bytes);
    if let Some(what) = found.counted
        && request.method() == Method::GET
        && response.status() == StatusCode::OK
    {
        core.counters
            .count(what.image, what.container, what.collection);
    }
    Ok(response)
}

/// Something small, in one piece.
fn whole(request: &Request, media_type: &str, digest: &str, bytes: Vec<u8>) -> Response {
    let etag = format!("\"{digest}\"");
    let known = request
        .header(header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag));
    let response = Response::builder()
        .header("docker-content-digest", digest)
        .header(header::ETAG, etag)
        .header(header::CACHE_CONTROL, "private, no-cache");
    if known {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    let response = response
        .content_type(media_type)
        .header(header::CONTENT_LENGTH, bytes.len());
    if request.method() == Method::HEAD {
        response.finish()
    } else {
        response.body(bytes)
    }
}

/// Keeps a manifest.
pub(super) async fn put(core: &Core, ask: &Ask<'_>, request: &mut Request) -> Answer {
    let too_large = || Error::TooLarge("a manifest has 4 MiB at most".to_owned());
    if content_length(request).is_some_and(|length| length > LARGEST_MANIFEST as u64) {
        drain(body_stream(request)).await;
        return Err(too_large());
    }
    let read = request.take_body().into_bytes_limit(LARGEST_MANIFEST).await;
    let bytes = read.map_err(|error| match error {
        ReadBodyError::PayloadTooLarge => too_large(),
        other => Error::BadRequest(format!("the body could not be read: {other}")),
    })?;
    let sent = Sent {
        reference: ask.last,
        content_type: request.header(header::CONTENT_TYPE),
        bytes,
    };
    let kept = oci::put(core, ask.viewer, &ask.repository, sent).await?;
    let digest = format!("sha256:{}", kept.sha256);
    let response = created(&ask.repository.name, "manifests", &digest);
    Ok(match kept.subject {
        Some(hex) => response.with_header("oci-subject", &format!("sha256:{hex}")),
        None => response,
    })
}

/// Removes a tag or a manifest.
pub(super) async fn delete(core: &Core, ask: &Ask<'_>) -> Answer {
    oci::delete(core, ask.viewer, &ask.repository, ask.last).await?;
    Ok(Response::builder().status(StatusCode::ACCEPTED).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_end_before_they_begin_are_told_from_others() {
        let backwards =
            |range: &str| is_backwards(&Request::builder().header("range", range).finish());
        assert!(backwards("bytes=500-0"));
        for range in [
            "bytes=0-500",
            "bytes=5-5",
            "bytes=-5",
            "bytes=5-",
            "lines=5-0",
        ] {
            assert!(!backwards(range), "{range}");
        }
    }
}
