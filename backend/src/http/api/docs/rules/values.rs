//! The values that requests may hold, as the keywords of JSON schemas.
//!
//! Rule: a number or a shape is named where it is checked, and here only told.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared_types::{AuditAction, Badge, LARGEST_NUMBER, names};

use crate::services::{
    audit, keyserver, limits, paging, robots, shares, teams, tokens, users, webhooks,
};

/// A text of any letters but NUL, which no database and no C program takes.
pub const TEXT: &str = r"^[^\u0000]*$";
/// A text of one line.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*$";
/// A text of one line that is not only blanks.
const WORDS: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
/// A text of several lines, with no other characters that steer a terminal.
const LINES: &str = r"^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f]*$";
/// An e-mail address, or nothing, which takes one away.
const EMAIL: &str =
    r"^\s*([^\s@\u0000-\u001f\u007f-\u009f]+@[^\s@\u0000-\u001f\u007f-\u009f]+)?\s*$";
/// The digest of a file.
const DIGEST: &str = "^sha256:[0-9a-fA-F]{64}$";
/// The digest of a file that is here; the word before it may be left out.
const HEX: &str = "^(sha256:)?[0-9a-fA-F]{64}$";
/// An address that messages may be sent to.
const URL: &str = r"^[hH][tT][tT][pP][sS]?://[^\u0000-\u001f\u007f-\u009f]+$";

fn text(most: usize) -> Value {
    json!({ "maxLength": most, "pattern": TEXT })
}

fn line(most: usize) -> Value {
    json!({ "maxLength": most, "pattern": LINE })
}

fn words(most: usize) -> Value {
    json!({ "minLength": 1, "maxLength": most, "pattern": WORDS })
}

fn name(shape: &str, most: usize) -> Value {
    json!({ "minLength": 1, "maxLength": most, "pattern": shape })
}

fn number(least: u64, most: u64) -> Value {
    json!({ "minimum": least, "maximum": most })
}

fn lines(most: usize) -> Value {
    json!({ "maxLength": most, "pattern": LINES })
}

fn at_most(items: usize) -> Value {
    json!({ "maxItems": items })
}

fn some() -> Value {
    json!({ "minItems": 1 })
}

fn shape(pattern: &str) -> Value {
    json!({ "pattern": pattern })
}

fn password() -> Value {
    json!({ "minLength": names::MIN_PASSWORD, "maxLength": names::MAX_PASSWORD, "pattern": TEXT })
}

fn email() -> Value {
    json!({ "maxLength": users::LONGEST_EMAIL, "pattern": EMAIL })
}

fn secret() -> Value {
    let lengths = webhooks::SECRET;
    json!({ "minLength": lengths.start(), "maxLength": lengths.end(), "pattern": LINE })
}

fn address() -> Value {
    json!({ "maxLength": webhooks::LONGEST_URL, "pattern": URL })
}

fn description() -> Value {
    text(names::MAX_DESCRIPTION)
}

fn collection() -> Value {
    name(names::DASHED, names::MAX_NAME)
}

fn team() -> Value {
    name(names::DASHED, names::MAX_TEAM)
}

fn username() -> Value {
    name(names::COMPONENT, names::MAX_USERNAME)
}

fn robot() -> Value {
    name(names::COMPONENT, names::MAX_USERNAME - robots::PREFIX.len())
}

fn topics() -> Value {
    let topic = name(names::TOPIC, names::MAX_TOPIC);
    json!({ "maxItems": names::MAX_TOPICS, "items": topic })
}

/// What a field of a body may hold: the name of the schema, that of the field, and the keywords.
pub type Field = (&'static str, &'static str, Value);

/// What the fields of all bodies may hold.
pub fn fields() -> Vec<Field> {
    [content(), people()].concat()
}

fn content() -> Vec<Field> {
    vec![
        ("CollectionChange", "description", description()),
        ("CollectionChange", "readme", text(names::MAX_README)),
        ("CollectionRename", "name", collection()),
        ("CompleteUpload", "digest", shape(DIGEST)),
        ("ContainerChange", "description", description()),
        ("ContainerChange", "topics", topics()),
        ("DownloadLimitChange", "limit", number(0, limits::LARGEST)),
        ("NewCollection", "description", description()),
        ("NewCollection", "name", collection()),
        ("NewKeys", "armored", text(keyserver::LONGEST)),
        (
            "NewShareLink",
            "expires_in_hours",
            number(1, u32::MAX.into()),
        ),
        ("NewShareLink", "max_uses", number(1, shares::MOST_USES)),
        ("NewShareLink", "note", line(shares::LONGEST_NOTE)),
        ("NewUpload", "arch", shape(names::ARCH)),
        ("NewUpload", "collection", collection()),
        (
            "NewUpload",
            "container",
            name(names::COMPONENT, names::MAX_NAME),
        ),
        ("NewUpload", "description", description()),
        ("NewUpload", "digest", shape(DIGEST)),
        ("NewUpload", "size_bytes", number(1, LARGEST_NUMBER)),
        ("NewUpload", "tag", name(names::TAG, names::MAX_NAME)),
        ("NewWebhook", "events", some()),
        ("NewWebhook", "secret", secret()),
        ("NewWebhook", "url", address()),
        ("TagChange", "digest", shape(HEX)),
        ("WebhookChange", "events", some()),
        ("WebhookChange", "secret", secret()),
        ("WebhookChange", "url", address()),
    ]
}

fn people() -> Vec<Field> {
    vec![
        ("Login", "password", text(names::MAX_PASSWORD)),
        ("NewRobot", "collections", at_most(robots::MOST_COLLECTIONS)),
        ("NewRobot", "description", description()),
        ("NewRobot", "name", robot()),
        ("NewTeam", "description", description()),
        ("NewTeam", "name", team()),
        (
            "NewTeamInvitation",
            "expires_in_hours",
            number(1, teams::LONGEST_LIFE.into()),
        ),
        ("NewTeamInvitation", "note", line(teams::LONGEST_NOTE)),
        ("NewTeamRequest", "message", lines(teams::LONGEST_MESSAGE)),
        ("NewToken", "collections", at_most(tokens::MOST_COLLECTIONS)),
        (
            "NewToken",
            "expires_in_days",
            number(1, tokens::LONGEST_LIFE.into()),
        ),
        ("NewToken", "name", words(tokens::LONGEST_NAME)),
        ("NewUser", "display_name", line(users::LONGEST_DISPLAY_NAME)),
        ("NewUser", "email", email()),
        ("NewUser", "password", password()),
        ("NewUser", "username", username()),
        ("PasswordChange", "new", password()),
        (
            "RobotChange",
            "collections",
            at_most(robots::MOST_COLLECTIONS),
        ),
        ("RobotChange", "description", description()),
        ("Setup", "email", email()),
        ("Setup", "password", password()),
        ("Setup", "username", username()),
        ("TeamChange", "description", description()),
        (
            "CollectionQuotaChange",
            "limit_bytes",
            number(0, LARGEST_NUMBER),
        ),
        ("TeamChange", "name", team()),
        (
            "UserChange",
            "display_name",
            words(users::LONGEST_DISPLAY_NAME),
        ),
        ("UserChange", "email", email()),
        ("UserChange", "password", password()),
        ("UserChange", "quota_bytes", number(0, LARGEST_NUMBER)),
    ]
}

/// What parameters may hold: of one operation, or of all where none is named.
pub fn parameters() -> Vec<(Option<&'static str>, &'static str, Value)> {
    let audit = || line(audit::LONGEST_NAME);
    vec![
        (None, "q", text(paging::MAX_QUERY)),
        (None, "cursor", shape("^[A-Za-z0-9_-]*$")),
        (Some("append_upload"), "offset", number(0, LARGEST_NUMBER)),
        (
            Some("get_collection_badge"),
            "show",
            json!({ "type": "string", "enum": badges(&[Badge::Tag]) }),
        ),
        (
            Some("get_container_badge"),
            "show",
            json!({ "type": "string", "enum": badges(&[Badge::Stars, Badge::Containers]) }),
        ),
        (Some("delete_image"), "reference", shape(names::DIGEST)),
        (None, "reference", name(names::REFERENCE, names::MAX_NAME)),
        (Some("put_tag"), "tag", name(names::TAG, names::MAX_NAME)),
        (Some("put_tag"), "arch", shape(names::ARCH)),
        (Some("list_audit"), "action", json!({ "enum": actions() })),
        (Some("list_audit"), "actor", audit()),
        (Some("list_audit"), "thing", audit()),
        (Some("list_audit"), "collection", audit()),
        (Some("list_audit"), "address", audit()),
        (
            Some("list_collection_audit"),
            "action",
            json!({ "enum": actions() }),
        ),
        (Some("list_collection_audit"), "actor", audit()),
        (Some("list_collection_audit"), "thing", audit()),
    ]
}

/// The words that the log can be asked for: each action, and what stands before the dot.
fn actions() -> BTreeSet<&'static str> {
    let all = AuditAction::ALL.iter().map(|action| action.as_str());
    all.flat_map(|word| [Some(word), word.split('.').next()])
        .flatten()
        .collect()
}

/// What a badge can say, but for what there is none of.
fn badges(without: &[Badge]) -> Vec<&'static str> {
    let all = Badge::ALL.iter().filter(|badge| !without.contains(badge));
    all.map(|badge| badge.as_str()).collect()
}
