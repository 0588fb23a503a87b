//! The protocols that other programs dictate: `library://`, `oras://` and `docker://` (OCI), the original registry's with `shub://`,
//! HKP, and the tickets that carry their bytes.
//!
//! Rule: a table is both what is served and what is described, so nothing is served that is not described. Each protocol has its own
//! envelope for errors, and answers everything below its paths in it: what is unknown is 404 there, never 405 and never a page.

pub mod hkp;
pub mod https;
pub mod library;
pub mod oci;
pub mod sign_in;
pub mod sregistry;
pub mod tickets;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt};
use percent_encoding::percent_decode_str;
use poem::{
    Endpoint, FromRequest, Request, Response, Route,
    error::ReadBodyError,
    http::{HeaderValue, Method, StatusCode, header, uri::Authority},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    config,
    domain::access::Viewer,
    http::{api::docs::Operation, extract::Caller, meter, middleware::request_id::RequestId},
    services::{Core, Error, error::Resource, rates::Kind},
};

/// The largest JSON body.
const LARGEST_BODY: usize = 1024 * 1024;

/// How much of a refused upload is still read, so that its sender gets to read the refusal.
const DRAIN: (u64, Duration) = (64 << 20, Duration::from_secs(5));

/// Something that may be asked for, with its description.
pub type Entry<C> = (C, Operation);

/// Adds the protocols' doors to the router.
pub fn mount(route: Route) -> Route {
    let route = tickets::mount(oci::mount(library::mount(route)));
    sign_in::mount(https::mount(hkp::mount(sregistry::mount(route))))
}

/// All operations, for the document.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    let library = library::routes::ROUTES
        .iter()
        .map(|(_, operation)| operation);
    let tickets = tickets::ROUTES.iter().map(|(_, operation)| operation);
    let sregistry = sregistry::ROUTES.iter().map(|(_, operation)| operation);
    let hkp = hkp::ROUTES.iter().map(|(_, operation)| operation);
    let https = https::ROUTES.iter().map(|(_, operation)| operation);
    let oci = oci::routes::ROUTES.iter().map(|(_, operation)| operation);
    let sign_in = sign_in::ROUTES.iter().map(|(_, operation)| operation);
    let others = oci.chain(hkp).chain(https).chain(sign_in);
    library.chain(tickets).chain(sregistry).chain(others)
}

/// What was asked for, and the values in its path.
#[derive(Debug)]
pub struct Found<C> {
    /// Which entry of the table.
    pub call: C,
    parameters: Vec<(&'static str, String)>,
}

impl<C> Found<C> {
    /// The value of a part of the path that the entry names.
    pub fn get(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// Looks a request up in a protocol's table. Slashes that are doubled or trail count for nothing; HEAD is found as GET.
pub fn find<C: Copy>(table: &'static [Entry<C>], method: &Method, path: &str) -> Option<Found<C>> {
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    table.iter().find_map(|(call, operation)| {
        let same = operation.method.eq_ignore_ascii_case(method.as_str());
        let parameters = if same {
            matches(operation.path, &segments)?
        } else {
            return None;
        };
        Some(Found {
            call: *call,
            parameters,
        })
    })
}

/// The values of a template's parts, if a path fits it. `{reference}` takes all segments that are left.
fn matches(template: &'static str, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
    let mut rest = segments;
    let mut values = Vec::new();
    for part in template.split('/').filter(|part| !part.is_empty()) {
        let (first, others) = rest.split_first()?;
        match part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'))
        {
            Some("reference") => {
                values.push(("reference", rest.join("/")));
                return Some(values);
            }
            Some(name) => values.push((name, first.clone())),
            None if part == first => {}
            None => return None,
        }
        rest = others;
    }
    rest.is_empty().then_some(values)
}

/// How a protocol says that something went wrong.
pub type Envelope = fn(&Error) -> Response;

/// A protocol as an endpoint: whatever goes wrong in it, a panic too, is answered in its envelope.
pub struct Door<H> {
    /// Answers requests.
    pub handler: H,
    /// Puts errors into words.
    pub envelope: Envelope,
}

/// Answers the requests of a protocol.
pub trait Handler: Send + Sync + 'static {
    /// What its requests count as; nothing where they do not count.
    const COUNTS: Option<Kind> = Some(Kind::Program);

    /// Answers one.
    ///
    /// # Errors
    /// Anything; it is put into the protocol's envelope.
    fn handle(
        &self,
        core: &Arc<Core>,
        request: Request,
    ) -> impl Future<Output = Result<Response, Error>> + Send;
}

impl<H: Handler> Endpoint for Door<H> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let id = request
            .data::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default();
        let Some(core) = request.data::<Arc<Core>>().cloned() else {
            return Ok((self.envelope)(&Error::internal(
                "the core is not in the request",
            )));
        };
        let counted = async {
            if let Some(kind) = H::COUNTS {
                meter::count(&request, kind).await?;
            }
            self.handler.handle(&core, request).await
        };
        let answer = AssertUnwindSafe(counted).catch_unwind();
        let error = match answer.await {
            Ok(Ok(response)) => return Ok(response),
            Ok(Err(error)) => error,
            Err(_) => Error::internal("panic in a handler"),
        };
        let mut response = (self.envelope)(&error);
        log(&error, response.status(), &id);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(retry_after) = error.retry_after() {
            let seconds = retry_after.as_secs().max(1);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        Ok(response)
    }
}

/// Writes down what went wrong, once: ours loudly, theirs quietly.
fn log(error: &Error, status: StatusCode, request_id: &str) {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    if status.is_server_error() {
        tracing::error!(request_id, code = %error.code(), cause, "{error}");
    } else {
        tracing::debug!(request_id, code = %error.code(), "{error}");
    }
}

/// Who asks.
///
/// # Errors
/// `Unauthenticated` where credentials were presented that are not valid.
pub async fn viewer(request: &Request) -> Result<Viewer, Error> {
    match Caller::from_request_without_body(request).await {
        Ok(Caller(viewer)) => Ok(viewer),
        Err(error) => Err(error.downcast::<Error>().unwrap_or_else(|error| {
            Error::internal(format!("the caller could not be told: {error}"))
        })),
    }
}

/// “There is nothing at this address.”
pub fn nothing() -> Error {
    Error::NotFound(Resource::Path)
}

/// Reads a body of bounded size.
///
/// # Errors
/// `BadRequest`, `TooLarge`.
pub async fn body(request: &mut Request) -> Result<Bytes, Error> {
    let read = request.take_body().into_bytes_limit(LARGEST_BODY).await;
    read.map_err(|error| match error {
        ReadBodyError::PayloadTooLarge => {
            Error::TooLarge("the body is larger than 1 MiB".to_owned())
        }
        other => Error::BadRequest(format!("the body could not be read: {other}")),
    })
}

/// Reads a JSON body. No `Content-Type` is needed, because the clients send none; an empty body is an empty object.
///
/// # Errors
/// `BadRequest`, `TooLarge`.
pub async fn json_body<T: DeserializeOwned>(request: &mut Request) -> Result<T, Error> {
    let bytes = body(request).await?;
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| Error::BadRequest(format!("the body is not JSON: {error}")))?;
    if !value.is_object() {
        // Structures could be read from lists too, by the order of their fields.
        return Err(Error::BadRequest(
            "the body must be a JSON object".to_owned(),
        ));
    }
    serde_json::from_value(value)
        .map_err(|error| Error::BadRequest(format!("the body does not fit: {error}")))
}

/// An answer in JSON.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    Response::builder()
        .status(status)
        .content_type("application/json")
        .body(body)
}

/// The value of a parameter in the query.
pub fn query(request: &Request, name: &str) -> Option<String> {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// How many bytes a request says it brings.
pub fn content_length(request: &Request) -> Option<u64> {
    request.header(header::CONTENT_LENGTH)?.trim().parse().ok()
}

/// The bytes of a request as they come.
pub fn body_stream(
    request: &mut Request,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + Unpin + use<> {
    Box::pin(request.take_body().into_bytes_stream())
}

/// Reads on for a moment after a refusal: many senders listen only when they have sent all.
pub async fn drain(mut body: impl Stream<Item = std::io::Result<Bytes>> + Unpin) {
    let (limit, time) = DRAIN;
    let read = async {
        let mut left = limit;
        while let Some(Ok(frame)) = body.next().await {
            left = left.saturating_sub(frame.len() as u64);
            if left == 0 {
                break;
            }
        }
    };
    // Whether it ended in time does not matter.
    let _ = tokio::time::timeout(time, read).await;
}

/// The address that clients reach this server by, without a slash at its end.
///
/// It is `DOMAIN_NAME` where that is set. Where it is not, it is what the client itself said in `Host`, with the scheme that a trusted
/// proxy tells: then a server behind a changing port or name works without any setting.
pub fn base_url(core: &Core, request: &Request) -> String {
    let server = &core.settings.server;
    if server.domain_name != config::local_address(server.listen) {
        return server.domain_name.clone();
    }
    let named = request
        .header(header::HOST)
        .and_then(|host| host.parse::<Authority>().ok());
    let Some(host) = named.or_else(|| request.uri().authority().cloned()) else {
        return server.domain_name.clone();
    };
    format!("{}://{}{}", scheme(core, request), host.host(), port(&host))
}

fn port(host: &Authority) -> String {
    host.port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default()
}

fn scheme(core: &Core, request: &Request) -> &'static str {
    let peer = request
        .remote_addr()
        .as_socket_addr()
        .map(std::net::SocketAddr::ip);
    let trusted = peer.is_some_and(|peer| {
        let proxies = &core.settings.server.trusted_proxies;
        proxies.iter().any(|network| network.contains(peer))
    });
    match request.header("x-forwarded-proto") {
        Some("https") if trusted => "https",
        _ => "http",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn operation(method: &'static str, path: &'static str) -> Operation {
        Operation {
            method,
            path,
            id: "",
            summary: "",
            tag: "",
            request: "",
            statuses: &[],
        }
    }

    const TABLE: &[Entry<u8>] = &[
        (1, operation("get", "/v1/images/{reference}")),
        (2, operation("post", "/v1/images")),
        (3, operation("put", "/v2/imagefile/{image}/_complete")),
    ];

    fn found(method: &Method, path: &str) -> Option<(u8, String, String)> {
        let found = find(TABLE, method, path)?;
        let (reference, image) = (
            found.get("reference").to_owned(),
            found.get("image").to_owned(),
        );
        Some((found.call, reference, image))
    }

    #[test]
    fn paths_are_found_whatever_their_slashes_and_escapes() {
        let reference = |text: &str| Some((1, text.to_owned(), String::new()));
        assert_eq!(
            found(&Method::GET, "/v1/images/a/b/c:t"),
            reference("a/b/c:t")
        );
        assert_eq!(
            found(&Method::HEAD, "//v1/images//b/c%3At/"),
            reference("b/c:t")
        );
        assert_eq!(found(&Method::GET, "/v1/images"), None);
        assert_eq!(
            found(&Method::POST, "/v1/images/"),
            Some((2, String::new(), String::new()))
        );
        assert_eq!(
            found(&Method::PUT, "/v2/imagefile/i4/_complete"),
            Some((3, String::new(), "i4".to_owned()))
        );
        assert_eq!(found(&Method::PUT, "/v2/imagefile/i4/_complete/x"), None);
        assert_eq!(found(&Method::POST, "/v2/imagefile/i4/_complete"), None);
    }
}
