//! How OCI clients sign in: a challenge with each refusal, and passes for tokens, as docker's registries have it.

use poem::{
    Request, Response,
    http::{Method, StatusCode},
};
use serde_json::json;

use super::{
    super::{base_url, json as json_answer},
    WithHeader,
    routes::{self, Call, Read},
};
use crate::{
    domain::access::Viewer,
    services::{Core, Error, passes},
};

/// What a refused client is told: where passes are to be had, and for what it needs one.
pub fn challenge(core: &Core, request: &Request) -> String {
    let base = base_url(core, request);
    let service = base
        .split_once("://")
        .map_or(base.as_str(), |(_, host)| host);
    let scope = scope(request.method(), request.uri().path())
        .map(|scope| format!(",scope=\"{scope}\""))
        .unwrap_or_default();
    format!("Bearer realm=\"{base}/v2/token\",service=\"{service}\"{scope}")
}

fn scope(method: &Method, path: &str) -> Option<String> {
    let Read::Asked(asked) = routes::read(method, path) else {
        return None;
    };
    let actions = match asked.call {
        Call::Base | Call::Token => return None,
        Call::Catalog => return Some("registry:catalog:*".to_owned()),
        Call::ListTags | Call::ListReferrers | Call::GetManifest | Call::GetBlob => "pull",
        Call::DeleteManifest | Call::DeleteBlob => "pull,push,delete",
        Call::PutManifest
        | Call::StartUpload
        | Call::GetUpload
        | Call::PatchUpload
        | Call::FinishUpload
        | Call::AbortUpload => "pull,push",
    };
    // What is no name is not repeated: it could end the quotes.
    let plain = |c: u8| c.is_ascii_alphanumeric() || b"._-/".contains(&c);
    asked
        .name
        .bytes()
        .all(plain)
        .then(|| format!("repository:{}:{actions}", asked.name))
}

/// Gives a pass for the caller's token; anonymous callers get one that is good for what is public.
pub async fn token(core: &Core, viewer: &Viewer, request: &Request) -> Result<Response, Error> {
    let query = request.uri().query().unwrap_or_default();
    let scopes: Vec<String> = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == "scope")
        .map(|(_, value)| value.into_owned())
        .collect();
    let pass = passes::issue(core, viewer, &scopes).await?;
    let issued_at = core
        .clock
        .now()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let body = json!({
        "token": pass,
        "access_token": pass,
        "expires_in": passes::LIFETIME,
        "issued_at": issued_at,
    });
    Ok(json_answer(StatusCode::OK, &body).with_header("cache-control", "no-store"))
}
