//! What handlers ask a request for: who calls, and the JSON body.
//!
//! Rule: credentials become a `Viewer` here, once; a change in the name of a browser session passes the cross-site check here.

mod body;

use std::net::IpAddr;

pub use body::{Body, Octets};
use poem::{
    FromRequest, Request, RequestBody,
    http::{HeaderName, Method, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use crate::{
    domain::access::Viewer,
    http::{
        api::error::into_poem,
        middleware::auth::{Credentials, set_journey_cookie},
        remote_address,
    },
    services::{
        Core, Error,
        keys::equal,
        login::{BrowserSession, Identity, Origin},
        providers,
    },
};

/// The header that proves that a change came from our own page.
pub const CSRF_HEADER: HeaderName = HeaderName::from_static("x-csrf-token");

/// The header in which proxies say for whom they ask.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Says where a browser's request comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The two kinds of credentials, as the document names them.
const SCHEMES: [&str; 2] = ["token", "session"];

/// Who calls, for handlers of any protocol. Anonymous callers too; wrong credentials fail with `services::Error` inside
/// the `poem::Error`, for the protocol to put into its own words.
#[derive(Debug, Clone)]
pub struct Caller(pub Viewer);

/// Who calls an operation of the JSON API that anonymous callers may use. Like `Caller`, and the document shows the credentials.
#[derive(Debug, Clone)]
pub struct ApiCaller(pub Viewer);

/// Who calls an operation of the JSON API that needs someone signed in: anonymous callers get 401.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Viewer);

/// As `SignedIn`, for operations that take many bytes: a refusal is left to them, because they read on before they answer.
#[derive(Debug)]
pub struct Sender(pub Result<Viewer, Error>);

/// Who calls one of the operations that come before everything else: the session itself, signing in, the terms of use.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who it is.
    pub identity: Identity,
    /// The value of the session's cookie, where it was good.
    pub cookie: Option<String>,
}

/// Where someone signs in from. A browser that is signed in may sign in again, from our own pages and from nowhere else:
/// another site must not sign people in as someone they are not.
#[derive(Debug, Clone)]
pub struct Arrival(pub Origin);

impl<'a> FromRequest<'a> for Caller {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        caller(request).await.map(Self).map_err(into_poem)
    }
}

async fn caller(request: &Request) -> Result<Viewer, Error> {
    let identity = identify(request).await?;
    match &identity.session {
        Some(session) if !session.terms_accepted => Err(Error::TermsRequired),
        _ => Ok(identity.viewer),
    }
}

async fn viewer(request: &Request, body: &mut RequestBody) -> poem::Result<Viewer> {
    let Caller(viewer) = <Caller as FromRequest>::from_request(request, body).await?;
    Ok(viewer)
}

fn credentials(request: &Request) -> Result<&Credentials, Error> {
    request
        .data::<Credentials>()
        .ok_or_else(|| Error::internal("a route without the middleware that reads credentials"))
}

/// Who calls. A change in the name of a browser session must prove that it comes from our own page.
async fn identify(request: &Request) -> Result<Identity, Error> {
    let identity = credentials(request)?.resolve().await?;
    if let Some(session) = &identity.session
        && is_change(request.method())
    {
        check_session(request, session)?;
    }
    Ok(identity)
}

fn is_change(method: &Method) -> bool {
    !matches!(
        *method,
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
    )
}

fn check_session(request: &Request, session: &BrowserSession) -> Result<(), Error> {
    let sent = request.header(&CSRF_HEADER).unwrap_or_default();
    if from_other_site(request) || !equal(sent, &session.csrf_token) {
        return Err(Error::CrossSite);
    }
    Ok(())
}

/// Whether a browser says that another site, or a sibling of ours, made the request. Other clients say nothing.
fn from_other_site(request: &Request) -> bool {
    request
        .header(&SEC_FETCH_SITE)
        .is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

/// Describes the credentials in the document; whether they are good is decided by `identify`.
fn register_schemes(registry: &mut Registry) {
    let [token, session] = SCHEMES;
    let scheme = |ty, description| MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(
        token,
        MetaSecurityScheme {
            scheme: Some("bearer"),
            ..scheme("http", "A token, as “Authorization: Bearer sreg_…”.")
        },
    );
    registry.create_security_scheme(
        session,
        MetaSecurityScheme {
            name: Some("sregistry"),
            key_in: Some("cookie"),
            ..scheme(
                "apiKey",
                "A browser session. Changes carry the session's token as “X-CSRF-Token” too. \
                 Where the registry has an https:// address, the cookie is called “__Host-sregistry”.",
            )
        },
    );
}

macro_rules! shows_credentials {
    ($name:ident, optional: $optional:literal, $from:expr) => {
        impl<'a> ApiExtractor<'a> for $name {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                register_schemes(registry);
            }

            fn security_schemes() -> Vec<&'static str> {
                SCHEMES.to_vec()
            }

            fn has_security_fallback() -> bool {
                $optional
            }

            async fn from_request(
                request: &'a Request,
                body: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                $from(request, body).await
            }
        }
    };
}

shows_credentials!(ApiCaller, optional: true, async |request: &Request, body: &mut RequestBody| {
    let viewer = viewer(request, body).await?;
    let credentials = credentials(request).map_err(into_poem)?;
    if viewer.is_anonymous() && credentials.core().settings.security.api_require_auth {
        return Err(into_poem(Error::sign_in()));
    }
    Ok(ApiCaller(viewer))
});

shows_credentials!(SignedIn, optional: false, async |request: &Request, body: &mut RequestBody| {
    let viewer = viewer(request, body).await?;
    if viewer.is_anonymous() {
        return Err(into_poem(Error::sign_in()));
    }
    Ok(SignedIn(viewer))
});

shows_credentials!(Sender, optional: false, async |request: &Request, _: &mut RequestBody| {
    Ok::<_, poem::Error>(Sender(caller(request).await))
});

shows_credentials!(Visitor, optional: true, async |request: &Request, _: &mut RequestBody| {
    let identity = identify(request).await.map_err(into_poem)?;
    let cookie = credentials(request).map_err(into_poem)?.cookie();
    let cookie = cookie.filter(|_| identity.session.is_some()).map(str::to_owned);
    Ok(Visitor { identity, cookie })
});

shows_credentials!(Arrival, optional: true, async |request: &Request, _: &mut RequestBody| {
    if from_other_site(request) {
        return Err(into_poem(Error::CrossSite));
    }
    let (_, origin) = arrival(request).await.map_err(into_poem)?;
    Ok(Arrival(origin))
});

/// Who a browser belongs to so far, and where it is.
///
/// # Errors
/// `Unauthenticated` where credentials were presented that are not valid.
pub async fn arrival(request: &Request) -> Result<(Identity, Origin), Error> {
    let credentials = credentials(request)?;
    let identity = credentials.resolve().await?;
    let origin = Origin {
        address: credentials.address(),
        user_agent: request
            .header(header::USER_AGENT)
            .unwrap_or_default()
            .to_owned(),
        before: identity.session.as_ref().map(|session| session.id),
    };
    Ok((identity, origin))
}

/// The header that lets a browser take a sealed value along to a provider; an empty one takes it away.
pub fn journey_cookie(core: &Core, value: &str) -> String {
    let seconds = if value.is_empty() {
        0
    } else {
        providers::LIFETIME.as_secs()
    };
    set_journey_cookie(core, value, seconds)
}

/// The address of whoever sent the request. Where a trusted proxy did, it is the last one that it and its like added to
/// `X-Forwarded-For`; what clients write there themselves stands further left and counts for nothing.
pub fn client_address(core: &Core, request: &Request) -> Option<IpAddr> {
    let trusted = &core.settings.server.trusted_proxies;
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = remote_address(request)?;
    if !is_trusted(address) {
        return Some(address);
    }
    let headers = request.headers().get_all(FORWARDED_FOR);
    let named: Vec<&str> = headers
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    for name in named.into_iter().rev() {
        if !is_trusted(address) {
            break;
        }
        match name.trim().parse() {
            Ok(before) => address = before,
            Err(_) => break,
        }
    }
    Some(address)
}
