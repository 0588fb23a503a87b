//! Who may do what, for every operation of the document, asked for real over HTTP.
//!
//! Rule: an operation that is missing here fails the test, unless `openapi/exceptions.txt` says why it is not here.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
    rc::Rc,
};

use bytes::Bytes;
use entity::audit_entry;
use reqwest::{Client, Method, RequestBuilder};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use shared_types::Scope;
use sregistry_server::{domain::access::Membership, services::users};

use crate::{
    common::{PASSWORD, TestApp, with_token},
    openapi, seed,
    seed::Pushed,
};

mod library;
mod oci;
mod robots;
mod sregistry;
mod teams;
mod webhooks;

/// Who asks, in the order of the columns.
const ACTORS: [&str; 9] = [
    "anonymous",
    "stranger",
    // Is in a team with the owner, which grants nothing in collections.
    "team mate",
    "contributor",
    "owner",
    "admin",
    "superuser",
    // Of the collection, with a token of the widest scope that robots have.
    "robot",
    // The owner's, without the scope for anything but reading.
    "pull token",
];

/// The status for each actor.
type Expected = [u16; ACTORS.len()];

/// What an operation is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Target {
    /// One that only its people may see.
    Private,
    /// One that everybody may see.
    Public,
    /// A team of the owner and the team mate, into which one is invited; the contributor asks to be let in.
    Team,
    /// None is needed.
    None,
}

/// One operation, tried by everybody.
struct Row {
    id: &'static str,
    ask: fn(&Cell) -> RequestBuilder,
    target: Target,
    expected: Expected,
}

/// A collection or a team of `owner` to try things on; `contributor` contributes.
struct Site {
    name: String,
    /// What is in it as `tool:v1`.
    pushed: Pushed,
    /// The row's id of an image of the same container whose bytes have not come.
    announced: i64,
    /// Those bytes.
    coming: Bytes,
    /// The id of a token: of the collection's robot, or of `owner`. Of a team the code of an invitation.
    token: String,
    /// The ids of a webhook of the collection, and of a message to it.
    hook: [String; 2],
}

/// Where one actor tries one operation.
struct Cell {
    client: Client,
    base: String,
    site: Rc<Site>,
}

impl std::ops::Deref for Cell {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Cell {
    fn send(&self, method: &str, path: &str) -> RequestBuilder {
        self.client
            .request(method.parse().unwrap(), format!("{}{path}", self.base))
    }

    fn api(&self, method: &str, path: &str) -> RequestBuilder {
        self.send(method, &format!("/api/v1{path}"))
    }

    /// Below the collection.
    fn within(&self, method: &str, path: &str) -> RequestBuilder {
        self.api(method, &format!("/collections/{}{path}", self.name))
    }

    /// Below the container.
    fn tool(&self, method: &str, path: &str) -> RequestBuilder {
        self.within(method, &format!("/containers/tool{path}"))
    }
}

const fn row(
    id: &'static str,
    target: Target,
    ask: fn(&Cell) -> RequestBuilder,
    expected: Expected,
) -> Row {
    Row {
        id,
        ask,
        target,
        expected,
    }
}

/// Reading: everybody where it is public, its people and administrators where it is not.
const fn read(id: &'static str, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    [
        row(
            id,
            Target::Private,
            ask,
            [404, 404, 404, 200, 200, 200, 200, 200, 200],
        ),
        row(id, Target::Public, ask, [200; _]),
    ]
}

/// Changing: its owners and administrators, with a token that reaches so far.
const fn change(id: &'static str, good: u16, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    [
        row(
            id,
            Target::Private,
            ask,
            [401, 404, 404, 403, good, good, good, good, 403],
        ),
        row(
            id,
            Target::Public,
            ask,
            [401, 403, 403, 403, good, good, good, good, 403],
        ),
    ]
}

/// As `change`, for what robots may not do whatever their token says.
const fn govern(id: &'static str, good: u16, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    let mut rows = change(id, good, ask);
    rows[0].expected[7] = 403;
    rows[1].expected[7] = 403;
    rows
}

/// Administrators alone, also where others own it.
const fn allot(id: &'static str, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    let mut rows = govern(id, 200, ask);
    rows[0].expected[4] = 403;
    rows[1].expected[4] = 403;
    rows
}

/// People who may see it, with a credential that reaches so far.
const fn star(id: &'static str, ask: fn(&Cell) -> RequestBuilder) -> [Row; 2] {
    [
        row(
            id,
            Target::Private,
            ask,
            [401, 404, 404, 204, 204, 204, 204, 403, 403],
        ),
        row(
            id,
            Target::Public,
            ask,
            [401, 204, 204, 204, 204, 204, 204, 403, 403],
        ),
    ]
}

/// Anybody who is signed in.
const fn signed_in(
    id: &'static str,
    good: u16,
    pull: u16,
    ask: fn(&Cell) -> RequestBuilder,
) -> Row {
    row(
        id,
        Target::None,
        ask,
        [401, good, good, good, good, good, good, good, pull],
    )
}

/// Any person, with a credential that reaches so far.
const fn person(id: &'static str, good: u16, ask: fn(&Cell) -> RequestBuilder) -> Row {
    row(
        id,
        Target::None,
        ask,
        [401, good, good, good, good, good, good, 403, 403],
    )
}

/// Superusers alone.
const fn superuser(id: &'static str, good: u16, ask: fn(&Cell) -> RequestBuilder) -> Row {
    row(
        id,
        Target::None,
        ask,
        [401, 403, 403, 403, 403, 403, good, 403, 403],
    )
}

/// Everybody.
const fn anybody(id: &'static str, status: u16, ask: fn(&Cell) -> RequestBuilder) -> Row {
    row(id, Target::None, ask, [status; _])
}

fn table() -> Vec<Row> {
    let mut rows = content();
    rows.extend(registry());
    rows.extend(people());
    rows.extend(library::rows());
    rows.extend(oci::rows());
    rows.extend(sregistry::rows());
    rows.extend(teams::rows());
    rows.extend(robots::rows());
    rows.extend(webhooks::rows());
    rows
}

/// The registry as a whole.
fn registry() -> Vec<Row> {
    vec![
        anybody("list_collections", 200, |c| c.api("GET", "/collections")),
        anybody("list_containers", 200, |c| c.api("GET", "/containers")),
        anybody("get_stats", 200, |c| c.api("GET", "/stats")),
        anybody("get_treemap", 200, |c| c.api("GET", "/treemap")),
        anybody("list_labels", 200, |c| c.api("GET", "/labels")),
        // An owner of something that everybody may see.
        row(
            "get_profile",
            Target::Public,
            |c| c.api("GET", "/profiles/owner"),
            [200; _],
        ),
        superuser("list_jobs", 200, |c| c.api("GET", "/administration/jobs")),
        superuser("run_job", 202, |c| {
            c.api("POST", "/administration/jobs/sweep_sessions/run")
        }),
        superuser("get_storage", 200, |c| {
            c.api("GET", "/administration/storage")
        }),
        row(
            "get_limits",
            Target::None,
            |c| c.api("GET", "/administration/limits"),
            [401, 403, 403, 403, 403, 200, 200, 403, 403],
        ),
        superuser("list_settings", 200, |c| {
            c.api("GET", "/administration/settings")
        }),
        anybody("list_topics", 200, |c| c.api("GET", "/topics")),
        anybody("list_label_values", 200, |c| {
            c.api("GET", "/label_values?key=x")
        }),
    ]
}

fn content() -> Vec<Row> {
    let mut rows: Vec<Row> = vec![
        signed_in("check_name", 200, 200, |c| {
            c.api("GET", "/collection-names/free")
        }),
        signed_in("list_uploads", 200, 200, |c| c.api("GET", "/uploads")),
        signed_in("get_upload", 404, 404, |c| c.api("GET", "/uploads/none")),
        signed_in("append_upload", 404, 404, |c| {
            c.api("PUT", "/uploads/none/bytes?offset=0").body("x")
        }),
        signed_in("finish_upload", 404, 404, |c| {
            let end = json!({ "digest": format!("sha256:{}", "a".repeat(64)) });
            c.api("POST", "/uploads/none/complete").json(&end)
        }),
        signed_in("delete_upload", 404, 404, |c| {
            c.api("DELETE", "/uploads/none")
        }),
        person("create_collection", 201, |c| {
            c.api("POST", "/collections")
                .json(&json!({ "name": format!("{}-new", c.name) }))
        }),
    ];
    let pairs = [
        read("get_collection", |c| c.within("GET", "")),
        read("get_container", |c| c.tool("GET", "")),
        read("get_collection_activity", |c| c.within("GET", "/activity")),
        read("get_container_activity", |c| c.tool("GET", "/activity")),
        read("get_collection_badge", |c| c.within("GET", "/badge.svg")),
        read("get_container_badge", |c| c.tool("GET", "/badge.svg")),
        star("put_star", |c| c.within("PUT", "/star")),
        star("delete_star", |c| c.within("DELETE", "/star")),
        read("list_images", |c| c.tool("GET", "/images")),
        read("get_image", |c| c.tool("GET", "/images/v1")),
        read("download_image", |c| c.tool("GET", "/images/v1/file")),
        read("get_collection_limit", |c| {
            c.within("GET", "/download_limit")
        }),
        read("get_container_limit", |c| c.tool("GET", "/download_limit")),
        read("download_file", |c| {
            c.send("GET", &format!("/download/{}/tool/v1.sif", c.name))
        }),
        change("set_collection_limit", 200, |c| {
            c.within("PUT", "/download_limit")
                .json(&json!({ "rule": "unlimited" }))
        }),
        change("get_collection_quota", 200, |c| c.within("GET", "/quota")),
        allot("set_collection_quota", |c| {
            c.within("PUT", "/quota")
                .json(&json!({ "rule": "unlimited" }))
        }),
        change("set_container_limit", 200, |c| {
            c.tool("PUT", "/download_limit")
                .json(&json!({ "rule": "own", "limit": 1000 }))
        }),
        change("create_share_link", 201, |c| {
            c.tool("POST", "/images/v1/share_links")
                .json(&json!({ "expires_in_hours": 1 }))
        }),
        change("list_image_share_links", 200, |c| {
            c.tool("GET", "/images/v1/share_links")
        }),
        read("list_collection_members", |c| c.within("GET", "/members")),
        govern("list_collection_audit", 200, |c| c.within("GET", "/audit")),
        govern("list_candidates", 200, |c| c.within("GET", "/candidates")),
        // Out of a team that the owner is in.
        govern("put_collection_member", 200, |c| {
            c.within("PUT", "/members/mate")
                .json(&json!({ "role": "contributor" }))
        }),
        govern("transfer_collection", 200, |c| {
            c.within("POST", "/transfer")
                .json(&json!({ "username": "mate" }))
        }),
        govern("rename_collection", 200, |c| {
            c.within("POST", "/rename")
                .json(&json!({ "name": format!("{}-x", c.name) }))
        }),
        read("list_history", |c| c.tool("GET", "/history")),
        change("change_collection", 200, |c| {
            c.within("PATCH", "").json(&json!({ "readme": "x" }))
        }),
        change("delete_collection", 204, |c| c.within("DELETE", "")),
        change("change_container", 200, |c| {
            c.tool("PATCH", "").json(&json!({ "description": "x" }))
        }),
        change("delete_container", 204, |c| c.tool("DELETE", "")),
        change("delete_image", 204, |c| {
            c.tool("DELETE", &format!("/images/{}", c.pushed.digest))
        }),
        change("put_tag", 200, |c| {
            c.tool("PUT", "/tags/v2")
                .json(&json!({ "digest": c.pushed.digest }))
        }),
        change("put_tag", 200, |c| {
            c.tool("PUT", "/tags/v1").json(&json!({ "frozen": true }))
        }),
        change("delete_tag", 204, |c| c.tool("DELETE", "/tags/v1")),
    ];
    rows.extend(pairs.into_iter().flatten());
    rows.extend(exceptions());
    rows
}

/// What follows a rule but for one column.
fn exceptions() -> Vec<Row> {
    let mut rows = Vec::new();
    // The contributor leaves.
    let mut leave = govern("remove_collection_member", 204, |c| {
        c.within("DELETE", "/members/contributor")
    });
    for row in &mut leave {
        row.expected[3] = 204;
    }
    rows.extend(leave);
    let mut begin = change("begin_upload", 201, |c| {
        let new =
            json!({ "collection": c.name, "container": "tool", "tag": "v3", "size_bytes": 9 });
        c.api("POST", "/uploads").json(&new)
    });
    // A push makes a collection that is missing, and this name is in use: as for whoever makes one.
    begin[0].expected[1] = 409;
    begin[0].expected[2] = 409;
    rows.extend(begin);
    rows
}

fn people() -> Vec<Row> {
    vec![
        anybody("get_session", 200, |c| c.api("GET", "/session")),
        anybody("delete_session", 204, |c| c.api("DELETE", "/session")),
        anybody("create_session", 200, |c| {
            let login = json!({ "username": "owner", "password": PASSWORD });
            c.api("POST", "/login/local").json(&login)
        }),
        anybody("check_setup", 200, |c| c.api("GET", "/setup/no-such-code")),
        anybody("finish_setup", 404, |c| {
            let setup = json!({ "code": "no-such-code", "username": "eve", "password": PASSWORD });
            c.api("POST", "/setup").json(&setup)
        }),
        anybody("get_terms", 200, |c| c.api("GET", "/terms")),
        person("accept_terms", 409, |c| {
            c.api("POST", "/terms").json(&json!({ "version": "1" }))
        }),
        signed_in("change_password", 403, 403, |c| {
            c.api("PUT", "/account/password")
                .json(&json!({ "current": PASSWORD, "new": "another good one" }))
        }),
        anybody("begin_sign_in", 303, |c| c.send("GET", "/login/none/")),
        anybody("finish_sign_in", 303, |c| {
            c.send("GET", "/complete/none/?code=x&state=y")
        }),
        anybody("receive_sign_in", 303, |c| {
            c.send("POST", "/complete/none/")
                .form(&[("SAMLResponse", "x")])
        }),
        anybody("get_saml_metadata", 404, |c| {
            c.send("GET", "/saml_auth/saml.xml")
        }),
        person("export_account", 200, |c| c.api("GET", "/account/export")),
        signed_in("preview_account_deletion", 403, 403, |c| {
            c.api("GET", "/account/deletion")
        }),
        signed_in("delete_account", 403, 403, |c| {
            c.api("POST", "/account/deletion")
                .json(&json!({ "username": "owner", "password": PASSWORD }))
        }),
        person("list_logins", 200, |c| c.api("GET", "/account/logins")),
        person("connect_login", 403, |c| {
            c.api("POST", "/account/logins")
                .json(&json!({ "provider": "none" }))
        }),
        person("disconnect_login", 403, |c| {
            c.api("DELETE", "/account/logins/1")
        }),
        person("list_tokens", 200, |c| c.api("GET", "/tokens")),
        person("create_token", 201, |c| {
            c.api("POST", "/tokens").json(&json!({ "name": "x" }))
        }),
        row(
            "rotate_token",
            Target::None,
            |c| c.api("POST", &format!("/tokens/{}/rotate", c.token)),
            [401, 404, 404, 404, 200, 404, 404, 403, 403],
        ),
        row(
            "delete_token",
            Target::None,
            |c| c.api("DELETE", &format!("/tokens/{}", c.token)),
            [401, 404, 404, 404, 204, 404, 404, 403, 403],
        ),
        signed_in("list_share_links", 200, 403, |c| {
            c.api("GET", "/share_links")
        }),
        signed_in("delete_share_link", 404, 403, |c| {
            c.api("DELETE", "/share_links/none")
        }),
        row(
            "list_audit",
            Target::None,
            |c| c.api("GET", "/audit"),
            [401, 403, 403, 403, 403, 200, 200, 403, 403],
        ),
        superuser("list_users", 200, |c| c.api("GET", "/users")),
        superuser("create_user", 201, |c| {
            c.api("POST", "/users")
                .json(&json!({ "username": format!("u-{}", c.name) }))
        }),
        superuser("preview_user_deletion", 200, |c| {
            c.api("GET", "/users/stranger/deletion")
        }),
        superuser("delete_user", 404, |c| c.api("DELETE", "/users/nobody")),
        superuser("get_user", 200, |c| c.api("GET", "/users/stranger")),
        superuser("change_user", 200, |c| {
            c.api("PATCH", "/users/stranger")
                .json(&json!({ "display_name": "S" }))
        }),
        anybody("check_health", 200, |c| c.send("GET", "/healthz")),
        anybody("check_readiness", 200, |c| c.send("GET", "/readyz")),
        anybody("get_document", 200, |c| c.send("GET", "/api/openapi.json")),
    ]
}

/// The actors' clients, in the order of the columns.
async fn clients(app: &TestApp) -> Vec<Client> {
    let stranger = app.user("stranger").await.client;
    let mate = app.user("mate").await.client;
    let contributor = app.user("contributor").await.client;
    let owner = app.user_with_password("owner").await.client;
    seed::team(app, "owner", "mates", &["mate"]).await;
    let admin = app.admin().await.client;
    let superuser = app.superuser().await.client;
    seed::robot(app, "robot-ci").await;
    let robot = with_token(&app.token("robot-ci", Scope::Manage, None).await);
    let pull = with_token(&app.token("owner", Scope::Pull, None).await);
    vec![
        app.client(),
        stranger,
        mate,
        contributor,
        owner,
        admin,
        superuser,
        robot,
        pull,
    ]
}

async fn site(app: &TestApp, number: u64, target: Target) -> Rc<Site> {
    let mut site = Site {
        name: format!("c{number}"),
        pushed: Pushed {
            digest: String::new(),
            size: 0,
            bytes: Bytes::new(),
            ids: [0; 3],
        },
        announced: 0,
        coming: seed::sif(1000 + number),
        token: String::new(),
        hook: Default::default(),
    };
    let name = &site.name;
    match target {
        Target::Private | Target::Public => {
            seed::collection(app, "owner", name, target == Target::Private).await;
            seed::member(app, name, "contributor", Membership::Contributor).await;
            seed::member(app, name, "robot-ci", Membership::Robot).await;
            site.token = robots::furnish(app, name).await;
            site.hook = webhooks::furnish(app, name).await;
            site.pushed = seed::push(app, "owner", &format!("{name}/tool"), "v1", 1).await;
            site.announced = seed::announce(app, "owner", site.pushed.ids[1], 1000 + number).await;
        }
        Target::Team => {
            seed::team(app, "owner", name, &["mate"]).await;
            site.token = teams::furnish(app, name).await;
        }
        Target::None => {
            let secret = app.token("owner", Scope::Pull, None).await;
            secret
                .split('_')
                .nth(1)
                .unwrap()
                .clone_into(&mut site.token);
        }
    }
    Rc::new(site)
}

/// Operations that leave no entry in the audit log when they succeed, and why.
const UNLOGGED: &[(&str, &str)] = &[
    (
        "begin_upload",
        "an image is pushed when the upload ends well",
    ),
    (
        "put_star",
        "a star is a mark that people set for themselves",
    ),
    (
        "delete_star",
        "a star is a mark that people set for themselves",
    ),
];

/// What is wrong with the entries that a change left in the audit log.
async fn unlogged(
    app: &TestApp,
    id: &str,
    actor: &str,
    response: &reqwest::Response,
) -> Option<String> {
    let request = response.headers().get("x-request-id")?.to_str().ok()?;
    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::RequestId.eq(request))
        .all(app.core().db.read())
        .await
        .unwrap();
    let excused = UNLOGGED.iter().any(|(known, _)| *known == id)
        // Who is in it already stays, and who is not signed in does not sign out.
        || (id == "join_team" && matches!(actor, "team mate" | "owner"))
        || id == "delete_session";
    // The key may be here already; then nothing changes.
    let either = id == "bring_keys";
    let problem = match entries.first() {
        None if excused || either => return None,
        None => "left no entry",
        Some(_) if excused => "is not expected to leave an entry",
        Some(entry) if entry.address.is_none() => "left an entry without the address",
        // Signing in is done by nobody yet, or by who signs in.
        Some(entry) if entry.actor_id.is_none() => "left an entry without who did it",
        Some(_) => return None,
    };
    Some(format!("{id} by {actor}: {problem} in the audit log"))
}

#[tokio::test]
async fn everybody_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let clients = clients(&app).await;
    let mut wrong = Vec::new();
    let mut number = 0;
    // What was only looked at, or refused, is as it was: the next one may try it too.
    let mut untouched: HashMap<Target, Rc<Site>> = HashMap::new();
    for row in table() {
        for ((client, actor), expected) in clients.iter().zip(ACTORS).zip(row.expected) {
            number += 1;
            let site = match untouched.remove(&row.target) {
                Some(site) => site,
                None => site(&app, number, row.target).await,
            };
            let cell = Cell {
                client: client.clone(),
                base: app.url(""),
                site: Rc::clone(&site),
            };
            let request = (row.ask)(&cell).build().unwrap();
            let looking = request.method() == Method::GET;
            let api = request.url().path().starts_with("/api/v1/");
            let response = client.execute(request).await.unwrap();
            let found = response.status().as_u16();
            if !looking && found < 300 && api {
                wrong.extend(unlogged(&app, row.id, actor, &response).await);
            }
            let text = response.bytes().await.unwrap_or_default();
            let text = String::from_utf8_lossy(text.get(..300).unwrap_or(&text));
            if found != expected {
                wrong.push(format!(
                    "{} ({:?}) by {actor}: {found}, not {expected}: {text}",
                    row.id, row.target
                ));
            }
            if looking || found >= 400 {
                untouched.insert(row.target, site);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_operation_is_in_the_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/exceptions.txt");
    let text = fs::read_to_string(file).unwrap();
    let mut exceptions = BTreeSet::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (id, reason) = line
            .split_once(": ")
            .expect("each exception is “id: reason”");
        assert!(!reason.trim().is_empty(), "{id}: why?");
        exceptions.insert(id.to_owned());
    }
    let described: BTreeSet<String> = openapi::operations()
        .iter()
        .map(|operation| operation.id().to_owned())
        .collect();
    let tried: BTreeSet<String> = table().iter().map(|row| row.id.to_owned()).collect();
    let untried: Vec<_> = described
        .difference(&tried)
        .filter(|id| !exceptions.contains(*id))
        .collect();
    assert!(untried.is_empty(), "not in the table: {untried:?}");
    let unknown: Vec<_> = tried
        .union(&exceptions)
        .filter(|id| !described.contains(*id))
        .collect();
    assert!(unknown.is_empty(), "not in the document: {unknown:?}");
    let twice: Vec<_> = tried.intersection(&exceptions).collect();
    assert!(twice.is_empty(), "in the table, so no exception: {twice:?}");
}

#[tokio::test]
async fn a_disabled_user_and_a_wrong_token_get_nothing_at_all() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let change = shared_types::UserChange {
        disabled: Some(true),
        ..Default::default()
    };
    users::change(app.core(), &users::operator(), "amy", change)
        .await
        .unwrap();
    let wrong = with_token(&format!("{}x", amy.token));
    for client in [&amy.client, &wrong] {
        for path in [
            "/api/v1/collections",
            "/api/v1/stats",
            "/api/v1/tokens",
            "/api/v1/session",
        ] {
            let response = client.get(app.url(path)).send().await.unwrap();
            assert_eq!(response.status(), 401, "{path}");
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["code"], "unauthenticated", "{path}");
        }
    }
}
