//! Counting requests, once each, before they are worked on.
//!
//! Rule: every door counts what comes in unless it says why not, and refuses in its own words. Health, files of the web application
//! and signed addresses do not count: the first two cost nothing, and the third were counted when they were given out.

use std::sync::atomic::{AtomicBool, Ordering};

use poem::{Endpoint, Request, http::header};

use crate::{
    domain::{access::Viewer, hmac::is_signed},
    http::{api::error::into_poem, extract::client_address, middleware::auth::Credentials},
    services::{
        Core, Error,
        login::Identity,
        rates::{self, Kind},
    },
};

/// Counts a request under who sends it: a token, a person, or everybody at an address.
///
/// # Errors
/// `RateLimited`.
pub async fn count(request: &Request, kind: Kind) -> Result<(), Error> {
    let credentials = request
        .data::<Credentials>()
        .ok_or_else(|| Error::internal("a route without the middleware that reads credentials"))?;
    let (core, address) = (credentials.core(), credentials.address());
    look_for_proxy(core, request);
    let signed = request.header(header::AUTHORIZATION);
    if signed.is_some_and(is_signed) {
        // Whose it is shows when the signature is checked, and counts for them then.
        return rates::admit_signed(core, address).await;
    }
    let identity = match credentials.resolve().await {
        Ok(identity) => identity,
        Err(error @ Error::RateLimited { .. }) => return Err(error),
        // Some requests need no credentials, and what is wrong with them is said where they are needed.
        Err(_) => Identity::anonymous(core),
    };
    rates::admit(core, &identity.viewer, address, kind).await
}

/// Says once that a proxy in front is not trusted: then everybody behind it counts as one.
fn look_for_proxy(core: &Core, request: &Request) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if core.settings.server.trusted_proxies.is_empty()
        && !SAID.load(Ordering::Relaxed)
        && request.headers().contains_key("x-forwarded-for")
        && !SAID.swap(true, Ordering::Relaxed)
    {
        tracing::warn!(
            "requests carry X-Forwarded-For and no proxy is trusted: if there is one in front, limits count everybody \
             behind it as one; name its address in TRUSTED_PROXIES"
        );
    }
}

/// Counts a request whose signature was checked: for the token that signed it, or where it is wrong, for the address.
///
/// # Errors
/// `RateLimited`.
pub async fn count_signed(
    core: &Core,
    request: &Request,
    signer: Result<Viewer, Error>,
) -> Result<Viewer, Error> {
    let nobody = Viewer::anonymous(core.openness());
    let viewer = signer.as_ref().unwrap_or(&nobody);
    let address = client_address(core, request);
    rates::admit(core, viewer, address, Kind::Program).await?;
    signer
}

/// Counts the requests of the JSON API.
///
/// # Errors
/// What the endpoint says, and `RateLimited`.
pub async fn api<E: Endpoint>(
    endpoint: std::sync::Arc<E>,
    request: Request,
) -> poem::Result<E::Output> {
    count(&request, Kind::View).await.map_err(into_poem)?;
    endpoint.call(request).await
}
