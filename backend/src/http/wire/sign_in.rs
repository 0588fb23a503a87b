//! Signing in on another provider's page: the way there, and the way back at the original's addresses.
//!
//! Rule: whoever comes here is a browser that goes to a page, so every answer is a redirect: to the provider, to the page that somebody
//! wanted, or back to the sign-in page with a word that says why not.

use std::sync::Arc;

use percent_encoding::{CONTROLS, utf8_percent_encode};
use poem::{
    Endpoint, Request, Response, Route,
    http::{HeaderValue, StatusCode, header},
};
use shared_types::SignInProblem;

use super::{Door, Entry, Found, Handler, find, query};
use crate::{
    http::{
        api::docs::Operation,
        extract::{arrival, journey_cookie},
        middleware::auth::{journey_value, set_cookie},
    },
    plugins::auth::Reply,
    services::{Core, Error, error::Resource, providers, rates::Kind},
};

/// What may be asked for.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// To the provider.
    Depart,
    /// Back from it.
    Arrive,
    /// Back from it with a post.
    Receive,
    /// What SAML identity providers need to know.
    Metadata,
}

/// The table of what is served.
pub const ROUTES: &[Entry<Call>] = &[
    (
        Call::Depart,
        Operation {
            method: "get",
            path: "/login/{provider}",
            id: "begin_sign_in",
            summary: "Go to a provider's page to sign in; `?next=` is the path to come back to",
            tag: "Sign-in",
            request: "",
            statuses: &[(
                303,
                "To the provider, or to the sign-in page with `?problem=` where that is not possible.",
            )],
        },
    ),
    (
        Call::Arrive,
        Operation {
            method: "get",
            path: "/complete/{provider}",
            id: "finish_sign_in",
            summary: "Come back from a provider's page: the call-back address to register there",
            tag: "Sign-in",
            request: "",
            statuses: &[(
                303,
                "Signed in, on to the path that was wanted; or to the sign-in page with `?problem=`.",
            )],
        },
    ),
    (
        Call::Receive,
        Operation {
            method: "post",
            path: "/complete/{provider}",
            id: "receive_sign_in",
            summary: "Come back from a SAML identity provider: the address of the assertion consumer service, with the binding HTTP-POST",
            tag: "Sign-in",
            request: "The bytes of a form with `SAMLResponse` and `RelayState`",
            statuses: &[(
                303,
                "On to the same address with what the answer proves; or to the sign-in page with `?problem=`.",
            )],
        },
    ),
    (
        Call::Metadata,
        Operation {
            method: "get",
            path: "/saml_auth/saml.xml",
            id: "get_saml_metadata",
            summary: "What SAML identity providers need to know about this registry",
            tag: "Sign-in",
            request: "",
            statuses: &[
                (200, "The metadata, in XML."),
                (404, "SAML is not in use here."),
            ],
        },
    ),
];

/// The largest form that is read. Answers themselves must be smaller.
const LARGEST_FORM: usize = 512 << 10;

/// Adds the addresses to the router.
pub fn mount(route: Route) -> Route {
    [
        "/login/*rest",
        "/complete",
        "/complete/*rest",
        "/saml_auth/*rest",
    ]
    .into_iter()
    .fold(route, |route, path| route.at(path, Spoken))
}

/// The door, which is never cached.
struct Spoken;

impl Endpoint for Spoken {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let door = Door {
            handler: SignIn,
            envelope: back,
        };
        let mut response = door.call(request).await?;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // The address holds a code.
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        );
        Ok(response)
    }
}

/// Answers the requests.
#[derive(Debug, Clone, Copy)]
pub struct SignIn;

impl Handler for SignIn {
    const COUNTS: Option<Kind> = Some(Kind::View);

    async fn handle(&self, core: &Arc<Core>, mut request: Request) -> Result<Response, Error> {
        let found = find(ROUTES, request.method(), request.uri().path())
            .ok_or(Error::NotFound(Resource::Path))?;
        match found.call {
            Call::Depart => depart(core, &found, &request).await,
            Call::Arrive => Ok(arrive(core, &found, &request).await),
            Call::Receive => receive(core, &found, &mut request).await,
            Call::Metadata => Ok(metadata(core)),
        }
    }
}

async fn depart(core: &Core, found: &Found<Call>, request: &Request) -> Result<Response, Error> {
    let next = query(request, "next");
    let departing = providers::depart(core, found.get("provider"), next.as_deref(), None).await?;
    let mut response = go(&departing.url);
    append_cookie(&mut response, &journey_cookie(core, &departing.cookie));
    Ok(response)
}

/// An answer that another site has the browser post. It comes without our cookies, so all it can do is to send the browser on.
async fn receive(
    core: &Core,
    found: &Found<Call>,
    request: &mut Request,
) -> Result<Response, Error> {
    let read = request.take_body().into_bytes_limit(LARGEST_FORM).await;
    let form = read.map_err(|_| Error::SignIn(SignInProblem::NotGenuine))?;
    let path = providers::receive(core, found.get("provider"), &fields(&form)).await?;
    Ok(go(&path))
}

fn metadata(core: &Core) -> Response {
    match providers::saml_metadata(core) {
        Ok(xml) => Response::builder()
            .content_type("text/xml; charset=utf-8")
            .body(xml.to_owned()),
        Err(error) => Response::builder()
            .status(StatusCode::NOT_FOUND)
            .content_type("text/plain; charset=utf-8")
            .body(format!("{error}\n")),
    }
}

/// The fields of a query or form. Where a name comes twice, the first one counts here and everywhere.
fn fields(encoded: &[u8]) -> Reply {
    let mut reply = Reply::new();
    for (name, value) in url::form_urlencoded::parse(encoded) {
        reply
            .entry(name.into_owned())
            .or_insert_with(|| value.into_owned());
    }
    reply
}

async fn arrive(core: &Core, found: &Found<Call>, request: &Request) -> Response {
    let mut response = match arrived(core, found.get("provider"), request).await {
        Ok(arrived) => {
            let mut response = go(&arrived.next);
            if let Some(opened) = arrived.opened {
                let seconds = core.settings.security.session_lifetime.as_secs();
                append_cookie(&mut response, &set_cookie(core, &opened.cookie, seconds));
            }
            response
        }
        Err(error) => {
            tracing::debug!(code = %error.code(), "{error}");
            back(&error)
        }
    };
    // It counted, or never will.
    append_cookie(&mut response, &journey_cookie(core, ""));
    response
}

async fn arrived(
    core: &Core,
    provider: &str,
    request: &Request,
) -> Result<providers::Arrived, Error> {
    let reply = fields(request.uri().query().unwrap_or_default().as_bytes());
    let (identity, origin) = arrival(request).await?;
    let cookie = journey_value(core, request);
    providers::arrive(
        core,
        provider,
        cookie.as_deref(),
        &reply,
        &identity,
        &origin,
    )
    .await
}

/// To the sign-in page, with a word that says why.
fn back(error: &Error) -> Response {
    let problem = match error {
        Error::SignIn(problem) => *problem,
        Error::NotFound(_) => SignInProblem::UnknownProvider,
        _ => SignInProblem::Unavailable,
    };
    go(&format!("/login?problem={problem}"))
}

fn go(address: &str) -> Response {
    let address = utf8_percent_encode(address, CONTROLS).to_string();
    Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, address)
        .finish()
}

fn append_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
