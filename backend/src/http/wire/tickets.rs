//! Where bytes go in and out by ticket: `/uploads/…` and `/blobs/…`. Errors are in the envelope of the library protocol, whose clients
//! these are.

use std::sync::Arc;

use poem::{
    Request, Response, Route,
    http::{StatusCode, header},
};

use super::{
    Door, Entry, Found, Handler, body_stream, content_length, drain, find, nothing, query, viewer,
};
use crate::{
    http::{
        api::docs::Operation,
        blob::{self, Served},
        wire::library,
    },
    services::{
        Core, Error,
        pull::{self, Claim},
        rates::Kind,
        tickets::{self, Door as Ticket},
        uploads,
    },
};

/// What may be asked for here.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// Send the bytes of an upload.
    PutUpload,
    /// Send the bytes of one part.
    PutPart,
    /// Read the bytes of an image.
    GetBlob,
}

/// The table of what is served.
pub const ROUTES: &[Entry<Call>] = &[
    (
        Call::PutUpload,
        Operation {
            method: "put",
            path: "/uploads/{upload}",
            id: "put_upload",
            summary: "Send the bytes of an image to an address given out for them",
            tag: "Library",
            request: "The bytes of the file",
            statuses: &[
                (200, "The bytes are here and are what was announced."),
                (
                    400,
                    "They are not what was announced, or the sender stopped.",
                ),
                (403, "The address is not valid, or no longer."),
                (404, "The upload has ended."),
                (507, "No space is left."),
            ],
        },
    ),
    (
        Call::PutPart,
        Operation {
            method: "put",
            path: "/uploads/{upload}/{part}",
            id: "put_part",
            summary: "Send one part of an image to an address given out for it",
            tag: "Library",
            request: "The bytes of the part",
            statuses: &[
                (200, "The part is here; `ETag` names it."),
                (
                    400,
                    "It has another length than the part must have, or the sender stopped.",
                ),
                (403, "The address is not valid, or no longer."),
                (404, "The upload has ended."),
                (507, "No space is left."),
            ],
        },
    ),
    (
        Call::GetBlob,
        Operation {
            method: "get",
            path: "/blobs/{image}",
            id: "get_blob",
            summary: "Get the bytes of an image from an address given out for them, whole or in ranges",
            tag: "Library",
            request: "",
            statuses: &[
                (200, "The file."),
                (206, "The range asked for."),
                (304, "What the client has is still right."),
                (403, "The address is not valid, or no longer."),
                (404, "The image is gone."),
                (412, "A condition does not hold."),
                (416, "The range lies outside the file."),
            ],
        },
    ),
];

/// Adds the addresses to the router.
pub fn mount(route: Route) -> Route {
    let door = || Door {
        handler: Tickets,
        envelope: library::error::answer,
    };
    route
        .at("/uploads/*rest", door())
        .at("/blobs/*rest", door())
}

/// Answers by ticket.
#[derive(Debug, Clone, Copy)]
pub struct Tickets;

impl Handler for Tickets {
    /// Asking for the address counted; how many ranges or parts a client makes of it is its own affair.
    const COUNTS: Option<Kind> = None;

    async fn handle(&self, core: &Arc<Core>, request: Request) -> Result<Response, Error> {
        let found = find(ROUTES, request.method(), request.uri().path()).ok_or_else(nothing)?;
        match found.call {
            Call::PutUpload | Call::PutPart => put(core, &found, request).await,
            Call::GetBlob => get(core, &found, &request).await,
        }
    }
}

/// Takes bytes. Clients take exactly 200 for success; of a part they keep the `ETag` to show it at completion.
async fn put(
    core: &Arc<Core>,
    found: &Found<Call>,
    mut request: Request,
) -> Result<Response, Error> {
    let mut body = body_stream(&mut request);
    let taken = take(core, found, &request, &mut body).await;
    if taken.is_err() {
        drain(&mut body).await;
    }
    let response = Response::builder().status(StatusCode::OK);
    Ok(match taken? {
        Some(etag) => response
            .header(header::ETAG, format!("\"{etag}\""))
            .finish(),
        None => response.finish(),
    })
}

async fn take(
    core: &Core,
    found: &Found<Call>,
    request: &Request,
    body: impl futures_util::Stream<Item = std::io::Result<bytes::Bytes>> + Send,
) -> Result<Option<String>, Error> {
    let upload = found.get("upload");
    let part = match found.get("part") {
        "" => None,
        text => Some(text.parse::<u32>().map_err(|_| nothing())?),
    };
    let (expires, signature) = stamp(request);
    tickets::check(core, Ticket::Upload { upload, part }, expires, &signature)?;
    let length = content_length(request);
    match part {
        None => uploads::receive(core, upload, length, body)
            .await
            .map(|()| None),
        Some(part) => uploads::receive_part(core, upload, part, length, body)
            .await
            .map(Some),
    }
}

/// Sends bytes: by ticket, or to a caller whose own credentials allow it.
async fn get(core: &Arc<Core>, found: &Found<Call>, request: &Request) -> Result<Response, Error> {
    let image = library::id("i", found.get("image")).ok_or_else(nothing)?;
    let (found, claim) = if let Some(signature) = query(request, "signature") {
        let nonce = query(request, "nonce").unwrap_or_default();
        let filename = query(request, "filename").unwrap_or_default();
        let ticket = Ticket::Download {
            image,
            nonce: &nonce,
            filename: &filename,
        };
        tickets::check(core, ticket, stamp(request).0, &signature)?;
        (
            (pull::file(core, image).await?, filename),
            Claim::Ticket(signature),
        )
    } else {
        let viewer = viewer(request).await?;
        let found = pull::file_for(core, &viewer, image).await?;
        let who = blob::caller(core, request, &viewer, image);
        (found, Claim::Caller(who))
    };
    let (file, filename) = found;
    let served = Served::claimed(core, file, filename, claim);
    blob::respond(core, request.method(), request.headers(), served).await
}

/// When a ticket ends, and its signature.
fn stamp(request: &Request) -> (i64, String) {
    let expires = query(request, "expires").and_then(|text| text.parse().ok());
    (
        expires.unwrap_or(0),
        query(request, "signature").unwrap_or_default(),
    )
}
