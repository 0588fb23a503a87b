//! HKP: how `key push|search|pull` of SingularityCE and Apptainer, and `gpg --send-keys|--search-keys|--recv-keys`, speak to a key
//! server.
//!
//! The paths are fixed at the root of the host. A search that finds nothing is 404: clients that know several key servers ask the next
//! one only then. Refusals are in the envelope of the library protocol, whose message those clients show.

mod index;

use std::sync::Arc;

use poem::{
    Request, Response, Route,
    http::{Method, StatusCode, header},
};
use serde_json::json;

use super::{Door, Entry, Handler, find, json as json_answer, library, nothing, query, viewer};
use crate::{
    http::api::docs::Operation,
    services::{
        Core, Error,
        keyserver::{self, Brought, Change, lookup},
        paging::Window,
    },
};

/// The largest body: the longest text, each letter escaped as `%XX`, and the name before it.
const LARGEST_BODY: usize = 3 * keyserver::LONGEST + 1024;

/// Most keys of one page of an index.
const LARGEST_PAGE: u32 = 250;

/// What may be asked for.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// Bring keys.
    Add,
    /// Look for keys.
    Lookup,
}

/// The table of what is served.
pub const ROUTES: &[Entry<Call>] = &[
    (
        Call::Add,
        Operation {
            method: "post",
            path: "/pks/add",
            id: "add_keys",
            summary: "Bring public keys: a form whose `keytext` holds them, armoured",
            tag: "HKP",
            request: "the bytes of the form",
            statuses: &[
                (200, "What became of each key, in plain text."),
                (
                    400,
                    "There is no public key in it; the message says what there is.",
                ),
                (401, "Keys are taken from people who are signed in."),
                (403, "The token may only pull."),
                (413, "It is too large, or holds too much."),
            ],
        },
    ),
    (
        Call::Lookup,
        Operation {
            method: "get",
            path: "/pks/lookup",
            id: "lookup_keys",
            summary: "Keys by fingerprint, key id, address or words (`search`): themselves (`op=get`) or a list of them (`op=index`)",
            tag: "HKP",
            request: "",
            statuses: &[
                (
                    200,
                    "The keys, armoured; or the list, for programs with `options=mr`, else as a page.",
                ),
                (400, "There is nothing to search for."),
                (401, "The credentials are not valid."),
                (404, "No key fits."),
                (501, "There is no such operation."),
            ],
        },
    ),
];

/// Adds the protocol's paths to the router.
pub fn mount(mut route: Route) -> Route {
    for path in ["/pks", "/pks/*rest"] {
        let door = Door {
            handler: Hkp,
            envelope: library::error::answer,
        };
        route = route.at(path, door);
    }
    route
}

/// Answers the requests of the protocol.
#[derive(Debug, Clone, Copy)]
pub struct Hkp;

impl Handler for Hkp {
    async fn handle(&self, core: &Arc<Core>, request: Request) -> Result<Response, Error> {
        let path = request.uri().path().to_owned();
        let found = find(ROUTES, request.method(), &path).ok_or_else(nothing)?;
        match found.call {
            Call::Add => add(core, request).await,
            Call::Lookup => {
                let head = request.method() == Method::HEAD;
                let mut response = search(core, &request).await?;
                if head {
                    response.take_body();
                }
                Ok(response)
            }
        }
    }
}

async fn add(core: &Core, mut request: Request) -> Result<Response, Error> {
    let viewer = viewer(&request).await?;
    let read = request.take_body().into_bytes_limit(LARGEST_BODY).await;
    let bytes = read.map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge => {
            Error::TooLarge("a text with keys has 1 MiB at most".to_owned())
        }
        other => Error::BadRequest(format!("the body could not be read: {other}")),
    })?;
    let brought = keyserver::add(core, &viewer, keytext(&bytes)?).await?;
    let lines = brought.iter().map(line);
    Ok(text("text/plain; charset=utf-8", lines.collect()))
}

/// The keys in a body: in the field of the form that all clients send, or bare.
fn keytext(body: &[u8]) -> Result<String, Error> {
    if body.trim_ascii_start().starts_with(b"-----") {
        return Ok(String::from_utf8_lossy(body).into_owned());
    }
    url::form_urlencoded::parse(body)
        .find(|(name, _)| name == "keytext")
        .map(|(_, text)| text.into_owned())
        .ok_or_else(|| {
            Error::BadRequest("send a form with the armoured keys as `keytext`".to_owned())
        })
}

/// What the client shows its user.
fn line(brought: &Brought) -> String {
    let change = match brought.change {
        Change::Added => "added",
        Change::Updated => "updated",
        Change::Unchanged => "known already",
    };
    format!("OK: key {} {change}\n", brought.fingerprint)
}

async fn search(core: &Core, request: &Request) -> Result<Response, Error> {
    // Everybody may look, and what is found is the same for all; but credentials that are not valid are told so.
    viewer(request).await?;
    let words = query(request, "search").unwrap_or_default();
    let exact = query(request, "exact").is_some_and(|value| value.eq_ignore_ascii_case("on"));
    match query(request, "op").as_deref() {
        Some("get") | None => {
            let keys = lookup::get(core, &words, exact).await?;
            Ok(text("application/pgp-keys", keys))
        }
        Some("index" | "vindex") => list(core, request, &words, exact).await,
        Some(other) => {
            let message = format!("this key server does not know the operation “{other}”");
            let body = json!({ "error": { "code": 501, "message": message } });
            Ok(json_answer(StatusCode::NOT_IMPLEMENTED, &body))
        }
    }
}

async fn list(core: &Core, request: &Request, words: &str, exact: bool) -> Result<Response, Error> {
    let size: Option<u32> = query(request, "x-pagesize").and_then(|size| size.parse().ok());
    let window = Window {
        cursor: query(request, "x-pagetoken").filter(|token| !token.is_empty()),
        limit: Some(size.unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE)),
    };
    let page = lookup::search(core, words, exact, &window).await?;
    let options = query(request, "options").unwrap_or_default();
    let machine = options.split(',').any(|option| option == "mr");
    if page.items.is_empty() {
        return Err(lookup::missing(words));
    }
    let now = core.clock.now();
    let mut response = if machine {
        text(
            "text/plain; charset=utf-8",
            index::machine(&page.items, now),
        )
    } else {
        text("text/html; charset=utf-8", index::page(words, &page, now))
    };
    if let Some(next) = page.next.and_then(|next| next.parse().ok()) {
        response.headers_mut().insert("x-hkp-next-page-token", next);
    }
    Ok(response)
}

fn text(kind: &str, body: String) -> Response {
    Response::builder()
        .content_type(kind)
        .header(header::CACHE_CONTROL, "no-cache")
        .body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_a_form_or_bare() {
        let armour = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\na+b/=\n";
        let form = format!(
            "options=nm&keytext={}",
            url::form_urlencoded::byte_serialize(armour.as_bytes()).collect::<String>()
        );
        assert_eq!(keytext(form.as_bytes()).unwrap(), armour);
        assert_eq!(keytext(armour.as_bytes()).unwrap(), armour);
        for body in ["", "key=x", "{}"] {
            assert!(keytext(body.as_bytes()).is_err(), "{body}");
        }
    }
}
