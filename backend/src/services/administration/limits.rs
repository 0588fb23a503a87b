//! The limits in force, where they come from, and who has used most of a quota.
//!
//! Rule: administrators look at them; what users hold is for superusers, who manage users. Nothing is kept for it.

use shared_types::{LimitInForce, LimitRule, LimitsInForce, QuotaUse};

use crate::{
    domain::access::Viewer,
    repo::{self, limit::Filled},
    services::{Core, Error, Result, access, paging::unsigned, quota::General, rates::attempts},
};

/// How many of those with the fullest quotas are shown.
const FULLEST: u64 = 10;

/// The settings that limit requests, and what they limit.
const REQUESTS: [(&str, &str); 4] = [
    (
        "API_USER_THROTTLE_RATE",
        "Requests with one token, or of one person who is signed in",
    ),
    (
        "API_ANON_THROTTLE_RATE",
        "Requests of programs without credentials from one address",
    ),
    (
        "VIEW_RATE_LIMIT",
        "Looks at pages from one address without signing in",
    ),
    (
        "VIEW_RATE_LIMIT_BLOCK",
        "Whether more looks are refused, and not only logged",
    ),
];

/// The settings that limit what goes out and what is kept, and what they limit.
const CONTENT: [(&str, &str); 6] = [
    (
        "CONTAINER_WEEKLY_GET_LIMIT",
        "Downloads of one container in a week",
    ),
    (
        "COLLECTION_WEEKLY_GET_LIMIT",
        "Downloads of all containers of a collection in a week",
    ),
    ("USER_QUOTA", "Bytes that all collections of a user hold"),
    ("COLLECTION_QUOTA", "Bytes that one collection holds"),
    ("MAX_IMAGE_SIZE", "Bytes of one image"),
    (
        "USER_COLLECTION_LIMIT",
        "Collections that one user may create",
    ),
];

/// The limits in force, and who has used most of a quota.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub async fn limits(core: &Core, viewer: &Viewer) -> Result<LimitsInForce> {
    access::person(viewer)?;
    if !viewer.can_oversee() {
        return Err(Error::Forbidden(
            "only administrators look at all limits, with a credential that reaches everywhere"
                .to_owned(),
        ));
    }
    let (db, general) = (core.db.read(), General::of(core));
    let collections = repo::limit::fullest_collections(db, general.collection, FULLEST).await?;
    let users = if viewer.can_administer() {
        let users = repo::limit::fullest_users(db, general.user, FULLEST).await?;
        Some(shown(users, general.user))
    } else {
        None
    };
    Ok(LimitsInForce {
        items: in_force(core),
        collections: shown(collections, general.collection),
        users,
        refused_requests: core.rates.figures().refused,
    })
}

fn in_force(core: &Core) -> Vec<LimitInForce> {
    let set = |(name, what): &(&str, &str)| {
        let shown = &core.settings.shown;
        let shown = shown.iter().find(|shown| shown.name == *name)?;
        Some(LimitInForce {
            what: (*what).to_owned(),
            value: shown.value.clone(),
            setting: Some(shown.name.to_owned()),
            source: shown.source.clone(),
        })
    };
    let fixed = attempts::allowed()
        .into_iter()
        .map(|(what, value)| LimitInForce {
            what: what.to_owned(),
            value,
            setting: None,
            source: "built in".to_owned(),
        });
    let requests = REQUESTS.iter().filter_map(set);
    let content = CONTENT.iter().filter_map(set);
    requests.chain(fixed).chain(content).collect()
}

fn shown(rows: Vec<Filled>, general: Option<i64>) -> Vec<QuotaUse> {
    let show = |row: Filled| QuotaUse {
        name: row.name,
        used_bytes: unsigned(row.used),
        limit_bytes: unsigned(row.own.or(general).unwrap_or_default()),
        rule: match row.own {
            Some(_) => LimitRule::Own,
            None => LimitRule::Default,
        },
    };
    rows.into_iter().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_a_setting() {
        for (name, _) in REQUESTS.iter().chain(&CONTENT) {
            let found = crate::config::all_settings().any(|setting| setting.name == *name);
            assert!(found, "{name}");
        }
    }
}
