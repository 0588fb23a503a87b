//! The JSON API under `/api/v1`, one file a resource, with its description and a page to try it.
//!
//! Rule: an operation understands a request, calls one use case and answers; every failure is a `Problem`.

mod account;
mod activity;
mod administration;
mod audit;
mod badges;
mod collections;
mod containers;
pub mod docs;
pub mod error;
mod explore;
mod images;
mod keys;
mod limits;
mod members;
mod page;
mod reply;
mod robots;
mod session;
mod shares;
mod stars;
mod stats;
mod tags;
mod team_entries;
mod teams;
mod tokens;
mod uploads;
mod users;
mod webhooks;

use poem::{
    Endpoint, EndpointExt, Response, Route,
    http::{HeaderValue, header},
};
use poem_openapi::{OpenApi, OpenApiService, Tags as DocumentTags};

use super::meter;
use error::Problems;

/// The parts of the document.
#[derive(DocumentTags)]
pub enum Tag {
    /// Who is signed in, signing in and out, the first administrator, the terms of use.
    Session,
    /// One's own account, and the logins that open it.
    Account,
    /// Tokens: the credentials of clients.
    Tokens,
    /// Collections: what holds containers, and who may do what in them.
    Collections,
    /// Containers: names in a collection.
    Containers,
    /// Images: SIF files in a container, and what is inside them.
    Images,
    /// Tags: names that point at images, and what happened to them.
    Tags,
    /// Uploads of files in pieces, which can be gone on with after a break.
    Uploads,
    /// Public keys: what signatures inside images are checked with.
    Keys,
    /// Share links: one image for people without an account, for a time.
    Shares,
    /// Teams: people who work together, from whom a collection's people are picked.
    Teams,
    /// Robots: accounts of programs, with tokens of their own.
    Robots,
    /// Users: for administrators, and what everybody may know of a person.
    Users,
    /// Webhooks: messages to other servers about what happens here.
    Webhooks,
    /// Who did what to which thing, from where and when.
    Audit,
    /// The registry as a whole.
    Registry,
    /// Jobs, the store, limits and the settings, for those who run the registry.
    Administration,
}

/// All operations. A tuple holds 16; nest tuples for more.
type Operations = (
    session::Sessions,
    account::Accounts,
    tokens::Tokens,
    users::Users,
    collections::Collections,
    containers::Containers,
    images::Images,
    tags::Tags,
    uploads::Uploads,
    stats::Stats,
    keys::Keys,
    limits::Limits,
    shares::Shares,
    (
        teams::Teams,
        team_entries::TeamEntries,
        members::Members,
        robots::Robots,
        audit::Audit,
        webhooks::Webhooks,
    ),
    (
        explore::Explore,
        stars::Stars,
        activity::Activities,
        badges::Badges,
        administration::Administration,
    ),
);

const OPERATIONS: Operations = (
    session::Sessions,
    account::Accounts,
    tokens::Tokens,
    users::Users,
    collections::Collections,
    containers::Containers,
    images::Images,
    tags::Tags,
    uploads::Uploads,
    stats::Stats,
    keys::Keys,
    limits::Limits,
    shares::Shares,
    (
        teams::Teams,
        team_entries::TeamEntries,
        members::Members,
        robots::Robots,
        audit::Audit,
        webhooks::Webhooks,
    ),
    (
        explore::Explore,
        stars::Stars,
        activity::Activities,
        badges::Badges,
        administration::Administration,
    ),
);

/// Where the operations are.
const PREFIX: &str = "/api/v1";

fn service() -> OpenApiService<Operations, ()> {
    OpenApiService::new(OPERATIONS, docs::TITLE, env!("CARGO_PKG_VERSION"))
        .description(docs::DESCRIPTION)
        .url_prefix(PREFIX)
}

/// Everything below `/api`: the operations, their description, and the page to try them.
pub fn endpoint() -> impl Endpoint<Output = Response> + 'static {
    let operations = service()
        .around(meter::api)
        .with(Problems::of::<Operations>())
        .after(private);
    Route::new()
        .at("/", poem::get(page::show))
        .at("/openapi.json", poem::get(page::document))
        .nest("/v1", operations)
        .with(Problems::of_paths(Vec::new()))
}

/// Keeps answers that depend on who asks out of caches, where the operation says nothing else.
async fn private(answer: poem::Result<Response>) -> poem::Result<Response> {
    let mut response = answer?;
    let headers = response.headers_mut();
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// The description of everything this server answers, as pretty JSON with sorted keys.
pub fn document() -> String {
    docs::describe(&service().spec())
}

/// Every operation of the JSON API: method and path as in the document.
pub fn operations() -> Vec<(String, String)> {
    let paths = Operations::meta().into_iter().flat_map(|api| api.paths);
    let named = paths.flat_map(|path| {
        let full = format!("{PREFIX}{}", path.path);
        path.operations
            .into_iter()
            .map(move |operation| (operation.method.to_string(), full.clone()))
    });
    named.collect()
}
