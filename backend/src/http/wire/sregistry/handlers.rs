//! Answers to the requests of this protocol: each understands a request, calls one use case and puts the result into its words.

use std::sync::Arc;

use poem::{
    Request, Response,
    http::{StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared_types::{Login, Reference, names};

use super::{
    caller::{Named, anybody, caller, cid, could_sign, read_cid, signature},
    form::{self, Fields, Form},
    routes::Call,
    types,
};
use crate::{
    domain::{
        access::Viewer,
        hmac::{Names, Op},
    },
    http::{
        extract::client_address,
        wire::{Found, base_url, content_length, json as json_answer, json_body, nothing, query},
    },
    services::{
        Core, Error,
        catalog::{self, Listed, Part, Wanted},
        images::{self, ImagePath},
        labels, pull, push, tokens, uploads,
    },
};

type Answer = Result<Response, Error>;

/// What is meant where no tag is named.
const LATEST: &str = "latest";

/// Answers a request.
///
/// # Errors
/// What the use case says; `BadRequest` where the request cannot be understood.
pub async fn call(core: &Arc<Core>, found: &Found<Call>, mut request: Request) -> Answer {
    match found.call {
        Call::Manifest => manifest(core, found, &request).await,
        Call::Delete => delete(core, found, &request).await,
        Call::Announce => announce(core, &mut request).await,
        Call::Upload => upload(core, &mut request).await,
        Call::Collections => collections(core, &request).await,
        Call::CollectionById => {
            let viewer = anybody(core, &request).await?;
            let home = catalog::collection_by_id(core, &viewer, id(found)?).await?;
            Ok(ok(&types::collection(&home, &base_url(core, &request))))
        }
        Call::Collection => collection(core, found, &request).await,
        Call::SearchCollections => {
            let viewer = anybody(core, &request).await?;
            let homes = catalog::search(core, &viewer, found.get("reference")).await?;
            let base = base_url(core, &request);
            let homes = homes.iter().map(|home| types::collection(home, &base));
            Ok(ok(&homes.collect()))
        }
        Call::Containers => containers(core, &request).await,
        Call::ContainerById => {
            let viewer = anybody(core, &request).await?;
            let entry = catalog::entry_by_id(core, &viewer, id(found)?).await?;
            Ok(ok(&types::container(&entry)))
        }
        Call::SearchContainers => search_containers(core, found, &request).await,
        Call::SearchLabels => {
            let viewer = anybody(core, &request).await?;
            let (key, value) = (given(found, "key"), given(found, "value"));
            let labels = labels::search(core, &viewer, key, value).await?;
            Ok(ok(&labels.iter().map(types::label).collect()))
        }
        Call::Identity => Ok(ok(&json!({
            "name": core.settings.registry.name,
            "id": core.settings.registry.uri,
            "url": base_url(core, &request),
        }))),
        Call::TokenAuth => token_auth(core, &mut request).await,
    }
}

fn ok(value: &Value) -> Response {
    json_answer(StatusCode::OK, value)
}

fn given<'a>(found: &'a Found<Call>, name: &str) -> Option<&'a str> {
    Some(found.get(name)).filter(|text| !text.is_empty())
}

fn id(found: &Found<Call>) -> Result<i64, Error> {
    found.get("id").parse().map_err(|_| nothing())
}

async fn manifest(core: &Core, found: &Found<Call>, request: &Request) -> Answer {
    let named = Named::parse(found.get("reference"))?;
    let viewer = caller(core, request, Op::Pull, &named.names).await?;
    let resolved = pull::resolve(core, &viewer, &named.reference, None).await;
    let image = match resolved {
        Err(Error::NotFound(_)) if viewer.is_anonymous() && could_sign(request) => {
            return Err(Error::Forbidden(
                "Authentication Required: it is private, or not there".to_owned(),
            ));
        }
        other => other?,
    };
    let ticket = pull::ticket(core, &viewer, &named.reference, None).await?;
    let url = format!("{}{ticket}", base_url(core, request));
    let mut response = ok(&types::manifest(&image, &url));
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    Ok(response)
}

async fn delete(core: &Core, found: &Found<Call>, request: &Request) -> Answer {
    let named = Named::parse(found.get("reference"))?;
    let viewer = caller(core, request, Op::Delete, &named.names).await?;
    signed_in(&viewer)?;
    let tag = match &named.reference.reference {
        Reference::Tag(tag) if named.has_tag => tag,
        _ => return Ok(no_container()),
    };
    let path = ImagePath {
        collection: &named.reference.collection,
        container: &named.reference.container,
        reference: tag,
        arch: None,
    };
    match images::delete_by_tag(core, &viewer, path).await {
        Err(Error::NotFound(_)) => Ok(no_container()),
        other => {
            other?;
            Ok(Response::builder().status(StatusCode::NO_CONTENT).finish())
        }
    }
}

fn no_container() -> Response {
    json_answer(
        StatusCode::NOT_FOUND,
        &json!({ "detail": "Container Not Found" }),
    )
}

fn signed_in(viewer: &Viewer) -> Result<(), Error> {
    if viewer.is_anonymous() {
        return Err(Error::Unauthenticated(
            "Authentication Required: sign the request, or send a token".to_owned(),
        ));
    }
    Ok(())
}

/// What is to be sent.
#[derive(Debug, Deserialize)]
struct Announced {
    collection: Option<String>,
    name: Option<String>,
    tag: Option<String>,
}

async fn announce(core: &Core, request: &mut Request) -> Answer {
    let new: Announced = json_body(request).await?;
    let field = |name: &str, value: Option<String>| {
        let missing = || Error::invalid(name, format!("“{name}” is missing"));
        value.filter(|text| !text.is_empty()).ok_or_else(missing)
    };
    let collection = field("collection", new.collection)?;
    let name = field("name", new.name)?;
    let tag = new.tag.filter(|tag| !tag.is_empty());
    let tag = tag.unwrap_or_else(|| LATEST.to_owned());
    let kept = names::normalise_collection(&collection);
    let spellings = Names::new([kept.as_str(), collection.as_str()], &name, &tag);
    let viewer = caller(core, request, Op::Push, &spellings).await?;
    signed_in(&viewer)?;
    let id = push::prepare(core, &viewer, &collection, &name, &tag).await?;
    Ok(ok(&json!({ "cid": cid(id, &collection) })))
}

async fn upload(core: &Core, request: &mut Request) -> Answer {
    // Who shows nothing gets no further than the header.
    let proof = if let Some(header) = signature(request) {
        tokens::current(core, header, Op::Upload)?;
        Proof::Signature(header.to_owned())
    } else {
        let viewer = anybody(core, request).await?;
        signed_in(&viewer)?;
        Proof::Viewer(viewer)
    };
    let most = content_length(request);
    let mut form = Form::of(request)?;
    let received = receive(core, &mut form, proof, most).await;
    if received.is_err() {
        form.drain().await;
    }
    received?;
    Ok(ok(&json!({ "message": "Upload Complete" })))
}

/// How a sender shows who they are; a signature can be checked only with the fields of the form.
enum Proof {
    Signature(String),
    Viewer(Viewer),
}

async fn receive(
    core: &Core,
    form: &mut Form,
    proof: Proof,
    most: Option<u64>,
) -> Result<(), Error> {
    let (fields, file) = form.fields().await?;
    let Fields {
        collection,
        name,
        tag,
    } = fields;
    let tag = if tag.is_empty() { LATEST } else { &tag };
    let (id, written) = read_cid(&collection)
        .ok_or_else(|| Error::invalid("collection", "this is no collection's id"))?;
    let viewer = match proof {
        Proof::Viewer(viewer) => viewer,
        Proof::Signature(header) => {
            let kept = push::collection_name(core, id).await?.unwrap_or_default();
            let written = written.filter(|written| names::normalise_collection(written) == kept);
            let spellings = Names::new(
                [Some(kept.as_str()), written].into_iter().flatten(),
                &name,
                tag,
            );
            tokens::signed(core, &header, Op::Upload, &spellings).await?
        }
    };
    let container = push::destination(core, &viewer, id, &name, tag).await?;
    let bytes = form::bytes(file);
    let image = uploads::push_unannounced(core, &viewer, container, most, bytes).await?;
    push::tag(core, &viewer, container, tag, None, image.id).await?;
    Ok(())
}

async fn collections(core: &Core, request: &Request) -> Answer {
    let viewer = anybody(core, request).await?;
    let (part, base) = (part(request), base_url(core, request));
    let listed = catalog::collections(core, &viewer, part).await?;
    let shown = listed.items.iter();
    let shown = shown.map(|home| types::collection(home, &base)).collect();
    Ok(page(request, &base, part, &listed, shown))
}

/// Of a collection that is not there, the client expects an object with nothing in it.
async fn collection(core: &Core, found: &Found<Call>, request: &Request) -> Answer {
    let viewer = anybody(core, request).await?;
    match catalog::collection(core, &viewer, found.get("reference")).await {
        Err(Error::NotFound(_)) => Ok(ok(&json!({}))),
        home => Ok(ok(&types::collection(&home?, &base_url(core, request)))),
    }
}

async fn containers(core: &Core, request: &Request) -> Answer {
    let viewer = anybody(core, request).await?;
    let (part, base) = (part(request), base_url(core, request));
    let listed = catalog::entries(core, &viewer, Wanted::default(), part).await?;
    let shown = listed.items.iter().map(types::container).collect();
    Ok(page(request, &base, part, &listed, shown))
}

async fn search_containers(core: &Core, found: &Found<Call>, request: &Request) -> Answer {
    let viewer = anybody(core, request).await?;
    let collection = given(found, "collection").map(names::normalise_collection);
    let name = found.get("name").to_lowercase();
    let wanted = Wanted {
        collection: collection.as_deref(),
        container: Some(&name),
        tag: given(found, "tag"),
    };
    let listed = catalog::entries(core, &viewer, wanted, None).await?;
    Ok(ok(&listed.items.iter().map(types::container).collect()))
}

/// The part of a list that is asked for. What is no number, or 0, is as good as absent, as it was with the original.
fn part(request: &Request) -> Option<Part> {
    let number = |name: &str| query(request, name).and_then(|text| text.parse::<u64>().ok());
    let limit = number("limit").filter(|limit| *limit > 0);
    let offset = number("offset").unwrap_or(0);
    (limit.is_some() || offset > 0).then(|| Part {
        limit: limit.unwrap_or(u64::MAX),
        offset,
    })
}

/// A list. `next` is null where no limit is given: the client asks for the same page for ever otherwise.
fn page<T>(
    request: &Request,
    base: &str,
    part: Option<Part>,
    listed: &Listed<T>,
    results: Vec<Value>,
) -> Response {
    let path = request.uri().path().trim_end_matches('/');
    let link = |limit: u64, offset: u64| match offset {
        0 => format!("{base}{path}/?limit={limit}"),
        _ => format!("{base}{path}/?limit={limit}&offset={offset}"),
    };
    let limited = part.filter(|part| part.limit != u64::MAX);
    let next = limited.and_then(|Part { limit, offset }| {
        let end = offset.saturating_add(limit);
        (end < listed.total).then(|| link(limit, end))
    });
    let previous = limited
        .filter(|part| part.offset > 0)
        .map(|part| link(part.limit, part.offset.saturating_sub(part.limit)));
    ok(&json!({ "count": listed.total, "next": next, "previous": previous, "results": results }))
}

/// A user name and a password.
#[derive(Debug, Default, Deserialize)]
struct Given {
    username: Option<String>,
    password: Option<String>,
}

async fn token_auth(core: &Core, request: &mut Request) -> Answer {
    let Given { username, password } = credentials(request).await?;
    let (username, password) = (
        username.filter(|text| !text.is_empty()),
        password.filter(|text| !text.is_empty()),
    );
    let (Some(username), Some(password)) = (&username, &password) else {
        let fields = [("username", &username), ("password", &password)];
        let missing = fields.into_iter().filter(|(_, value)| value.is_none());
        let sentences =
            missing.map(|(name, _)| (name.to_owned(), json!(["This field is required."])));
        let body = Value::Object(sentences.collect());
        return Ok(json_answer(StatusCode::BAD_REQUEST, &body));
    };
    let login = Login {
        username: username.clone(),
        password: password.clone(),
    };
    match tokens::by_password(core, login, client_address(core, request)).await {
        Err(Error::WrongCredentials) => {
            let sentence = "Unable to log in with provided credentials.";
            let body = json!({ "non_field_errors": [sentence] });
            Ok(json_answer(StatusCode::BAD_REQUEST, &body))
        }
        token => {
            let mut response = ok(&json!({ "token": token? }));
            let headers = response.headers_mut();
            headers.insert(
                header::CACHE_CONTROL,
                header::HeaderValue::from_static("no-store"),
            );
            Ok(response)
        }
    }
}

async fn credentials(request: &mut Request) -> Result<Given, Error> {
    let form = request.header(header::CONTENT_TYPE).unwrap_or_default();
    if !form.starts_with("application/x-www-form-urlencoded") {
        return json_body(request).await;
    }
    let bytes = super::super::body(request).await?;
    let mut given = Given::default();
    for (name, value) in url::form_urlencoded::parse(&bytes) {
        match &*name {
            "username" => given.username = Some(value.into_owned()),
            "password" => given.password = Some(value.into_owned()),
            _ => {}
        }
    }
    Ok(given)
}
