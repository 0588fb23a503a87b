//! Credentials: what a request presents is read once, and looked up when a handler asks who calls.
//!
//! Rule: whatever is presented in `Authorization` must be good, or the request fails; a cookie that is not is as good as none,
//! because browsers send it whether one wants or not.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use poem::{Endpoint, Middleware, Request, Result, http::header};
use tokio::sync::OnceCell;

use crate::{
    http::extract::client_address,
    services::{
        Core, Error,
        login::{self, Identity},
        passes, tokens,
    },
};

/// The name of the session's cookie without TLS.
const COOKIE: &str = "sregistry";
/// Its name with TLS: browsers take such a cookie from this very host and path only.
const HOST_COOKIE: &str = "__Host-sregistry";

/// The name of the session's cookie at this registry.
pub fn cookie_name(core: &Core) -> &'static str {
    if is_https(core) { HOST_COOKIE } else { COOKIE }
}

/// The header that gives a browser its session, for so many seconds; an empty value and 0 take it away.
pub fn set_cookie(core: &Core, value: &str, seconds: u64) -> String {
    let secure = if is_https(core) { "; Secure" } else { "" };
    let name = cookie_name(core);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// The name of the cookie of a sign-in on its way, without TLS.
const JOURNEY_COOKIE: &str = "sregistry-journey";
/// Its name with TLS.
const HOST_JOURNEY_COOKIE: &str = "__Host-sregistry-journey";

/// The header that lets a browser take a sealed value along to a provider; an empty value takes it away.
pub fn set_journey_cookie(core: &Core, value: &str, seconds: u64) -> String {
    let secure = if is_https(core) { "; Secure" } else { "" };
    let name = journey_name(core);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// The value that a browser took along.
pub fn journey_value(core: &Core, request: &Request) -> Option<String> {
    cookie_value(request, journey_name(core))
}

fn journey_name(core: &Core) -> &'static str {
    if is_https(core) {
        HOST_JOURNEY_COOKIE
    } else {
        JOURNEY_COOKIE
    }
}

fn is_https(core: &Core) -> bool {
    core.settings.server.domain_name.starts_with("https://")
}

/// What a request presents.
#[derive(Debug)]
enum Presented {
    /// Nothing, or a scheme with nothing after it, which clients send when signed out.
    Nothing,
    /// The value of a session's cookie.
    Cookie(String),
    /// A token.
    Token(String),
    /// A pass that an OCI client got for a token; it opens the OCI paths alone.
    Pass(String),
    /// Something else.
    Unknown,
}

/// The credentials of the request at hand, in its extensions.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    core: Arc<Core>,
    presented: Presented,
    address: Option<IpAddr>,
    /// Who it is, or what is wrong with what was presented.
    identity: OnceCell<Result<Identity, String>>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(…)")
    }
}

impl Credentials {
    fn new(core: &Arc<Core>, request: &Request) -> Self {
        Self(Arc::new(Inner {
            core: Arc::clone(core),
            presented: presented(request, cookie_name(core)),
            address: client_address(core, request),
            identity: OnceCell::new(),
        }))
    }

    /// Who it is: looked up at the first call, remembered for the next.
    ///
    /// # Errors
    /// `Unauthenticated` with a sentence where the credentials are not good; `RateLimited` where they are guessed.
    pub async fn resolve(&self) -> Result<Identity, Error> {
        let Inner {
            core,
            presented,
            address,
            identity,
        } = &*self.0;
        let look = async || match presented {
            Presented::Nothing => Ok(Identity::anonymous(core)),
            Presented::Cookie(value) => login::resume(core, value).await,
            Presented::Token(token) => {
                let viewer = tokens::authenticate(core, token, *address).await;
                viewer.map(Identity::of)
            }
            Presented::Pass(pass) => passes::authenticate(core, pass).await.map(Identity::of),
            Presented::Unknown => Err(Error::Unauthenticated(
                "send a token as “Authorization: Bearer <token>”".to_owned(),
            )),
        };
        let found = identity.get_or_try_init(async || match look().await {
            Ok(identity) => Ok(Ok(identity)),
            // Remembered too: what is wrong does not get right, and is one guess and not two.
            Err(Error::Unauthenticated(sentence)) => Ok(Err(sentence)),
            Err(other) => Err(other),
        });
        found.await?.clone().map_err(Error::Unauthenticated)
    }

    /// The registry that they are for.
    pub fn core(&self) -> &Core {
        &self.0.core
    }

    /// The address that the request comes from, as far as proxies are trusted.
    pub fn address(&self) -> Option<IpAddr> {
        self.0.address
    }

    /// The value of the session's cookie, if one was sent and counts.
    pub fn cookie(&self) -> Option<&str> {
        match &self.0.presented {
            Presented::Cookie(value) => Some(value),
            _ => None,
        }
    }
}

fn presented(request: &Request, cookie: &str) -> Presented {
    match request.headers().get(header::AUTHORIZATION) {
        Some(value) => match value.to_str().map_or(Presented::Unknown, authorization) {
            Presented::Token(pass)
                if pass.starts_with(passes::PREFIX) && takes_passes(request.uri().path()) =>
            {
                Presented::Pass(pass)
            }
            other => other,
        },
        None => cookie_value(request, cookie).map_or(Presented::Nothing, Presented::Cookie),
    }
}

/// Whether passes count at a path: below `/v2`, but not where they are made, else they could be renewed without end.
fn takes_passes(path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.next() == Some("v2") && !matches!(segments.next(), Some(second) if is_token(second))
}

fn is_token(segment: &str) -> bool {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy() == "token"
}

/// Reads `Bearer <token>`, `Token <token>`, or `Basic` with a token as password: schemes in any case.
fn authorization(value: &str) -> Presented {
    let value = value.trim();
    let (scheme, rest) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
    let rest = rest.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "token" | "" if rest.is_empty() => Presented::Nothing,
        "bearer" | "token" => Presented::Token(rest.to_owned()),
        "basic" => match basic_password(rest) {
            Some(password) if password.is_empty() => Presented::Nothing,
            Some(password) => Presented::Token(password),
            None => Presented::Unknown,
        },
        _ => Presented::Unknown,
    }
}

fn basic_password(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    decoded
        .split_once(':')
        .map(|(_, password)| password.to_owned())
}

fn cookie_value(request: &Request, name: &str) -> Option<String> {
    let headers = request.headers().get_all(header::COOKIE).iter();
    let pairs = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// Reads the credentials of every request.
#[derive(Debug, Clone)]
pub struct ReadCredentials(Arc<Core>);

impl ReadCredentials {
    /// For this registry.
    pub fn new(core: Arc<Core>) -> Self {
        Self(core)
    }
}

impl<E: Endpoint> Middleware<E> for ReadCredentials {
    type Output = WithCredentials<E>;

    fn transform(&self, inner: E) -> Self::Output {
        WithCredentials {
            inner,
            core: Arc::clone(&self.0),
        }
    }
}

/// An endpoint whose requests carry `Credentials`.
#[derive(Debug)]
pub struct WithCredentials<E> {
    inner: E,
    core: Arc<Core>,
}

impl<E: Endpoint> Endpoint for WithCredentials<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        let credentials = Credentials::new(&self.core, &request);
        request.set_data(credentials);
        self.inner.call(request).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> Presented {
        presented(&Request::builder().header(name, value).finish(), COOKIE)
    }

    #[test]
    fn a_token_is_read_from_each_scheme_in_any_case() {
        let basic = format!("Basic {}", BASE64_STANDARD.encode("amy:sreg_x"));
        for value in [
            "Bearer sreg_x",
            "BEARER sreg_x",
            "bearer  sreg_x ",
            "Token sreg_x",
            "TOKEN sreg_x",
            &basic,
        ] {
            assert!(
                matches!(with("authorization", value), Presented::Token(t) if t == "sreg_x"),
                "{value}"
            );
        }
    }

    #[test]
    fn a_scheme_with_nothing_after_it_is_nothing() {
        let basic = format!("Basic {}", BASE64_STANDARD.encode("amy:"));
        for value in ["Bearer", "BEARER ", "Token", "", &basic] {
            assert!(
                matches!(with("authorization", value), Presented::Nothing),
                "{value}"
            );
        }
    }

    #[test]
    fn what_is_no_credential_is_not_taken_for_none() {
        for value in ["Digest x", "sreg_x", "Basic %%%", "Basic YQ==", "Basic"] {
            assert!(
                matches!(with("authorization", value), Presented::Unknown),
                "{value}"
            );
        }
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        assert!(
            matches!(with("cookie", "a=b; sregistry=s3; c=d"), Presented::Cookie(v) if v == "s3")
        );
        assert!(matches!(
            with("cookie", "xsregistry=s3; sregistry="),
            Presented::Nothing
        ));
    }

    #[test]
    fn a_token_counts_before_a_cookie() {
        let request = Request::builder()
            .header("cookie", "sregistry=s3")
            .header("authorization", "Bearer t");
        assert!(matches!(
            presented(&request.finish(), COOKIE),
            Presented::Token(_)
        ));
    }
}
