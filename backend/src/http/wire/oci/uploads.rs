//! Sending blobs: at once, in one stream, or in chunks; and taking them from another repository.

use poem::{
    Request, Response,
    http::{StatusCode, header},
};

use super::{Ask, WithHeader, created, error};
use crate::{
    http::wire::{body_stream, content_length, drain, query},
    services::{Core, Error, oci, uploads::sessions::Session},
};

type Answer = Result<Response, Error>;

/// The digest of no bytes: the one blob that needs no body.
const NO_BYTES: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Begins an upload, unless the blob is there already or comes with the request.
pub(super) async fn start(core: &Core, ask: &Ask<'_>, request: &mut Request) -> Answer {
    if let Some(digest) = query(request, "mount") {
        let from = query(request, "from");
        let (viewer, repository) = (ask.viewer, &ask.repository);
        if oci::mount(core, viewer, repository, &digest, from.as_deref()).await? {
            return Ok(created(&ask.repository.name, "blobs", &digest));
        }
    }
    let Some(digest) = query(request, "digest") else {
        let session = oci::begin(core, ask.viewer, &ask.repository).await?;
        return Ok(accepted(ask, &session));
    };
    oci::digest(&digest)?;
    let session = oci::begin(core, ask.viewer, &ask.repository).await?;
    if !has_body(request) && digest != NO_BYTES {
        return Ok(accepted(ask, &session));
    }
    let whole = async {
        receive(core, ask, &session.id, request).await?;
        oci::finish(core, ask.viewer, &ask.repository, &session.id, &digest).await
    };
    let done = whole.await;
    if done.is_err() {
        // Nobody knows its address: nothing of it would be of use.
        let _ = oci::abort(core, ask.viewer, &ask.repository, &session.id).await;
    }
    done?;
    Ok(created(&ask.repository.name, "blobs", &digest))
}

/// Takes the next bytes.
pub(super) async fn patch(core: &Core, ask: &Ask<'_>, request: &mut Request) -> Answer {
    match receive(core, ask, ask.last, request).await {
        Ok(session) => Ok(accepted(ask, &session)),
        Err(error) => elsewhere(ask, error),
    }
}

/// Takes the last bytes, if any come, and makes all of them a blob.
pub(super) async fn finish(core: &Core, ask: &Ask<'_>, request: &mut Request) -> Answer {
    let digest = query(request, "digest")
        .ok_or_else(|| Error::invalid("digest", "say what the blob is, with “?digest=”"))?;
    oci::digest(&digest)?;
    if has_body(request)
        && let Err(error) = receive(core, ask, ask.last, request).await
    {
        return elsewhere(ask, error);
    }
    oci::finish(core, ask.viewer, &ask.repository, ask.last, &digest).await?;
    Ok(created(&ask.repository.name, "blobs", &digest))
}

/// How much has arrived.
pub(super) async fn state(core: &Core, ask: &Ask<'_>) -> Answer {
    let session = oci::state(core, ask.viewer, &ask.repository, ask.last).await?;
    Ok(progress(ask, &session.id, session.received).with_status(StatusCode::NO_CONTENT))
}

/// Gives up.
pub(super) async fn abort(core: &Core, ask: &Ask<'_>) -> Answer {
    oci::abort(core, ask.viewer, &ask.repository, ask.last).await?;
    Ok(Response::builder().status(StatusCode::NO_CONTENT).finish())
}

/// Takes the bytes of a request.
async fn receive(
    core: &Core,
    ask: &Ask<'_>,
    id: &str,
    request: &mut Request,
) -> Result<Session, Error> {
    let length = content_length(request);
    let range = content_range(request)?;
    if let (Some(range), Some(length)) = (&range, length)
        && range.end - range.start != length
    {
        return Err(Error::invalid(
            "range",
            "Content-Range and Content-Length do not say the same",
        ));
    }
    let offset = range.as_ref().map(|range| range.start);
    let length = length.or_else(|| range.as_ref().map(|range| range.end - range.start));
    let mut body = body_stream(request);
    let to = (&ask.repository, id);
    let taken = oci::append(core, ask.viewer, to, offset, length, &mut body).await;
    if taken.is_err() {
        drain(&mut body).await;
    }
    let session = taken?;
    if range.is_some_and(|range| range.end != session.received) {
        return Err(Error::invalid(
            "range",
            "there were not as many bytes as Content-Range said",
        ));
    }
    Ok(session)
}

/// The bytes that a request says it brings: `first-last`, as this protocol writes it.
fn content_range(request: &Request) -> Result<Option<std::ops::Range<u64>>, Error> {
    let Some(text) = request.header(header::CONTENT_RANGE) else {
        return Ok(None);
    };
    let plain = text
        .trim()
        .trim_start_matches("bytes")
        .trim_start_matches(['=', ' ']);
    let plain = plain.split('/').next().unwrap_or_default();
    let ends = plain
        .split_once('-')
        .and_then(|(first, last)| Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?)));
    match ends {
        Some((first, last)) if first <= last && last < u64::MAX => Ok(Some(first..last + 1)),
        _ => Err(Error::invalid(
            "range",
            "Content-Range is “first-last”, both of them counted from 0",
        )),
    }
}

/// Whether bytes come with a request, as far as it says.
fn has_body(request: &Request) -> bool {
    match content_length(request) {
        Some(length) => length > 0,
        None => request.headers().contains_key(header::TRANSFER_ENCODING),
    }
}

fn address(ask: &Ask<'_>, id: &str) -> String {
    // Relative: whatever name the client reached this server by is right.
    format!("/v2/{}/blobs/uploads/{id}", ask.repository.name)
}

fn progress(ask: &Ask<'_>, id: &str, received: u64) -> Response {
    let last = received.saturating_sub(1);
    Response::builder()
        .finish()
        .with_header("location", &address(ask, id))
        .with_header("range", &format!("0-{last}"))
        .with_header("docker-upload-uuid", id)
}

fn accepted(ask: &Ask<'_>, session: &Session) -> Response {
    progress(ask, &session.id, session.received).with_status(StatusCode::ACCEPTED)
}

/// A chunk that does not follow the bytes that are here: the answer says where the upload goes on.
fn elsewhere(ask: &Ask<'_>, error: Error) -> Answer {
    let Error::Offset { expected } = error else {
        return Err(error);
    };
    let last = expected.saturating_sub(1);
    Ok(error::answer(&error)
        .with_header("location", &address(ask, ask.last))
        .with_header("range", &format!("0-{last}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_say_where_they_belong() {
        let range = |text: &str| {
            let request = Request::builder().header("content-range", text).finish();
            content_range(&request)
        };
        assert_eq!(range("0-9").unwrap(), Some(0..10));
        assert_eq!(range("bytes 5-5/*").unwrap(), Some(5..6));
        assert_eq!(range("bytes=5-7").unwrap(), Some(5..8));
        for bad in ["", "5", "9-5", "a-b", "-5", "5-", "0-18446744073709551615"] {
            assert!(matches!(range(bad), Err(Error::Invalid(_))), "{bad}");
        }
        assert_eq!(content_range(&Request::builder().finish()).unwrap(), None);
    }
}
