//! Lists: tags, what refers to a manifest, repositories.

use poem::{Request, Response, http::StatusCode};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{Ask, WithHeader};
use crate::{
    domain::access::Viewer,
    http::wire::{json as json_answer, query},
    services::{
        Core, Error,
        oci::{self, Listed, Referrer, Wanted, manifest::OCI_INDEX},
    },
};

type Answer = Result<Response, Error>;

/// The tags of a repository.
pub(super) async fn tags(core: &Core, ask: &Ask<'_>, request: &Request) -> Answer {
    let (n, last) = window(request)?;
    let listed = oci::tags(core, ask.viewer, &ask.repository, n, &last).await?;
    let name = &ask.repository.name;
    let body = json!({ "name": name, "tags": listed.names });
    Ok(linked(
        json_answer(StatusCode::OK, &body),
        &format!("/v2/{name}/tags/list"),
        n,
        &listed,
    ))
}

/// The repositories that the caller may see.
pub(super) async fn repositories(core: &Core, viewer: &Viewer, request: &Request) -> Answer {
    let (n, last) = window(request)?;
    let listed = oci::repositories(core, viewer, n, &last).await?;
    let body = json!({ "repositories": listed.names });
    let response = json_answer(StatusCode::OK, &body);
    Ok(linked(response, "/v2/_catalog", n, &listed))
}

/// Which part of a list is asked for.
fn window(request: &Request) -> Result<(Option<u64>, String), Error> {
    let n = query(request, "n").map(|text| {
        text.parse()
            .map_err(|_| Error::invalid("n", "n is how many names to list"))
    });
    Ok((n.transpose()?, query(request, "last").unwrap_or_default()))
}

/// Adds where the list goes on.
fn linked(response: Response, path: &str, n: Option<u64>, listed: &Listed) -> Response {
    let Some(last) = listed.names.last().filter(|_| listed.more) else {
        return response;
    };
    let mut next = form_urlencoded::Serializer::new(String::new());
    if let Some(n) = n {
        next.append_pair("n", &n.to_string());
    }
    next.append_pair("last", last);
    response.with_header("link", &format!("<{path}?{}>; rel=\"next\"", next.finish()))
}

/// What refers to a manifest.
pub(super) async fn referrers(core: &Core, ask: &Ask<'_>, request: &Request) -> Answer {
    let (n, last) = window(request)?;
    let after = Some(last).filter(|last| !last.is_empty());
    let after = after.map(|last| {
        let begun = "last is from the link of the page before";
        last.parse().map_err(|_| Error::invalid("last", begun))
    });
    let wanted = Wanted {
        artifact_type: query(request, "artifactType").filter(|wanted| !wanted.is_empty()),
        n,
        after: after.transpose()?,
    };
    let (viewer, repository) = (ask.viewer, &ask.repository);
    let found = oci::referrers(core, viewer, repository, ask.last, &wanted).await?;
    let manifests: Vec<Value> = found.items.iter().map(described).collect();
    let body = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests });
    let mut response = json_answer(StatusCode::OK, &body).with_header("content-type", OCI_INDEX);
    if wanted.artifact_type.is_some() {
        response = response.with_header("oci-filters-applied", "artifactType");
    }
    let Some(next) = found.next else {
        return Ok(response);
    };
    let mut link = form_urlencoded::Serializer::new(String::new());
    if let Some(kind) = &wanted.artifact_type {
        link.append_pair("artifactType", kind);
    }
    if let Some(n) = n {
        link.append_pair("n", &n.to_string());
    }
    link.append_pair("last", &next.to_string());
    let (name, subject) = (&repository.name, ask.last);
    let link = format!(
        "</v2/{name}/referrers/{subject}?{}>; rel=\"next\"",
        link.finish()
    );
    Ok(response.with_header("link", &link))
}

fn described(referrer: &Referrer) -> Value {
    let mut descriptor = Map::new();
    descriptor.insert("mediaType".to_owned(), json!(referrer.media_type));
    descriptor.insert(
        "digest".to_owned(),
        json!(format!("sha256:{}", referrer.sha256)),
    );
    descriptor.insert("size".to_owned(), json!(referrer.size));
    if let Some(kind) = &referrer.artifact_type {
        descriptor.insert("artifactType".to_owned(), json!(kind));
    }
    if !referrer.annotations.is_empty() {
        descriptor.insert("annotations".to_owned(), json!(referrer.annotations));
    }
    Value::Object(descriptor)
}
