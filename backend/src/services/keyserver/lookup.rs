//! Finding keys by what clients know of them: fingerprint, key id, address, words.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{key, key_user_id};
use sea_orm::{QueryOrder, QuerySelect};

use super::super::{
    Core, Error, Result,
    error::Resource,
    paging::{self, By, Page, Window},
};
use crate::repo::{self, key::Wanted};

/// How many keys one answer to `get` holds at most.
const MOST_KEYS: u64 = 50;
/// Longest text to search for, in characters.
const LONGEST: usize = 300;
/// Most words of a search.
const MOST_WORDS: usize = 8;

/// A key with what is shown of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The row.
    pub key: key::Model,
    /// Its user ids, the main one first.
    pub users: Vec<key_user_id::Model>,
    /// Who brought it.
    pub username: Option<String>,
}

impl Found {
    /// The user ids that were not taken back.
    pub fn names(&self) -> Vec<String> {
        let users = self.users.iter().filter(|user| !user.revoked);
        users.map(|user| user.text.clone()).collect()
    }

    /// Whether its time is over.
    pub fn expired(&self, now: DateTime<Utc>) -> bool {
        self.key.expires_at.is_some_and(|end| end <= now)
    }
}

/// What a text asks for, as clients write it: `0x` and digits, digits alone, an address, or words. `exact` makes words mean the whole
/// user id.
///
/// # Errors
/// `BadRequest` where it asks for nothing.
pub fn parse(text: &str, exact: bool) -> Result<Vec<Wanted>> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.contains('\0') {
        return Err(Error::BadRequest(format!(
            "search for a fingerprint, a key id, an address or words, {LONGEST} characters at most"
        )));
    }
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return hexadecimal(digits, true)
            .map(|wanted| vec![wanted])
            .ok_or_else(|| {
                Error::BadRequest("0x is followed by a fingerprint or a key id".to_owned())
            });
    }
    let lower = text.to_lowercase();
    let mut wanted: Vec<Wanted> = hexadecimal(text, false).into_iter().collect();
    if let Some(address) = super::facts::email(text) {
        wanted.push(Wanted::Email(address));
    }
    wanted.push(if exact {
        Wanted::Text(lower)
    } else {
        let words = lower.split_whitespace().take(MOST_WORDS);
        Wanted::Words(words.map(str::to_owned).collect())
    });
    Ok(wanted)
}

/// A fingerprint or a key id. Clients leave out the zeros that a key id starts with.
fn hexadecimal(digits: &str, short: bool) -> Option<Wanted> {
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.to_ascii_uppercase();
    match digits.len() {
        32 | 40 | 64 => Some(Wanted::Fingerprint(digits)),
        8 => Some(Wanted::ShortId(digits)),
        16 => Some(Wanted::LongId(digits)),
        9..16 if short => Some(Wanted::LongId(format!("{digits:0>16}"))),
        1..8 if short => Some(Wanted::ShortId(format!("{digits:0>8}"))),
        _ => None,
    }
}

/// The keys that a text asks for, one page of them: the first meaning of the text that finds any counts.
///
/// # Errors
/// `BadRequest`.
pub async fn search(core: &Core, text: &str, exact: bool, window: &Window) -> Result<Page<Found>> {
    let mut meanings = parse(text, exact)?.into_iter().peekable();
    loop {
        let Some(wanted) = meanings.next() else {
            return Err(Error::internal("a text without a meaning"));
        };
        let page = page(core, &wanted, window).await?;
        if page.total > 0 || meanings.peek().is_none() {
            return Ok(page);
        }
    }
}

/// A page of the keys that are wanted, newest here first.
///
/// # Errors
/// `BadRequest` for a bad window.
pub async fn page(core: &Core, wanted: &Wanted, window: &Window) -> Result<Page<Found>> {
    let by = By::largest("keys", key::Column::Id, key::Column::Id);
    let mut page = paging::fetch(core.db.read(), repo::key::search(wanted), window, by).await?;
    let rows = std::mem::take(&mut page.items);
    let found = with_details(core, rows).await?;
    Ok(page.with(found))
}

/// The keys that a text asks for, as one text.
///
/// # Errors
/// `BadRequest`, `NotFound` where there is none.
pub async fn get(core: &Core, text: &str, exact: bool) -> Result<String> {
    for wanted in parse(text, exact)? {
        let rows = repo::key::search(&wanted)
            .order_by_asc(key::Column::Id)
            .limit(MOST_KEYS)
            .all(core.db.read())
            .await?;
        if !rows.is_empty() {
            let packets: Vec<u8> = rows.into_iter().flat_map(|row| row.packets).collect();
            return Ok(super::armored(&packets));
        }
    }
    Err(missing(text))
}

/// One key by the fingerprint of its primary key.
///
/// # Errors
/// `NotFound`.
pub async fn one(core: &Core, fingerprint: &str) -> Result<Found> {
    let digits = fingerprint.to_ascii_uppercase();
    let known = matches!(digits.len(), 40 | 64) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let row = if known {
        repo::key::by_fingerprint(core.db.read(), &digits).await?
    } else {
        None
    };
    let row = row.ok_or_else(|| missing(fingerprint))?;
    let found = with_details(core, vec![row]).await?;
    found.into_iter().next().ok_or_else(|| missing(fingerprint))
}

/// Keys by their rows' ids, in no order.
///
/// # Errors
/// The database failed.
pub async fn by_ids(core: &Core, ids: impl IntoIterator<Item = i64>) -> Result<Vec<Found>> {
    let ids: Vec<i64> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = repo::key::by_ids(core.db.read(), ids).await?;
    with_details(core, rows).await
}

/// What a caller gets where there is no such key.
pub fn missing(text: &str) -> Error {
    Error::NotFound(Resource::Key(text.chars().take(100).collect()))
}

async fn with_details(core: &Core, rows: Vec<key::Model>) -> Result<Vec<Found>> {
    let db = core.db.read();
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut users: HashMap<i64, Vec<key_user_id::Model>> = HashMap::new();
    for user in repo::key::users_of(db, ids.iter().copied()).await? {
        users.entry(user.key_id).or_default().push(user);
    }
    let owners: HashMap<i64, String> = repo::key::owners_of(db, ids).await?.into_iter().collect();
    let found = |key: key::Model| Found {
        users: users.remove(&key.id).unwrap_or_default(),
        username: owners.get(&key.id).cloned(),
        key,
    };
    Ok(rows.into_iter().map(found).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meanings(text: &str) -> Vec<Wanted> {
        parse(text, false).unwrap()
    }

    #[test]
    fn digits_are_understood_in_every_length_that_clients_send() {
        let long = Wanted::LongId("0123456789ABCDEF".to_owned());
        assert_eq!(meanings("0x0123456789abcdef"), std::slice::from_ref(&long));
        // A 64-bit number written without its leading zeros.
        assert_eq!(meanings("0x123456789abcdef"), [long]);
        assert_eq!(
            meanings("0x89ABCDEF"),
            [Wanted::ShortId("89ABCDEF".to_owned())]
        );
        assert_eq!(
            meanings("0x9abcdef"),
            [Wanted::ShortId("09ABCDEF".to_owned())]
        );
        let fingerprint = "0123456789abcdef0123456789abcdef01234567";
        let wanted = Wanted::Fingerprint(fingerprint.to_uppercase());
        assert_eq!(
            meanings(&format!("0x{fingerprint}")),
            std::slice::from_ref(&wanted)
        );
        assert_eq!(meanings(fingerprint)[0], wanted);
    }

    #[test]
    fn digits_alone_may_be_a_word_too() {
        let expected = [
            Wanted::ShortId("DEADBEEF".to_owned()),
            Wanted::Words(vec!["deadbeef".to_owned()]),
        ];
        assert_eq!(meanings("DeadBeef"), expected);
        assert_eq!(meanings("cafe"), [Wanted::Words(vec!["cafe".to_owned()])]);
    }

    #[test]
    fn an_address_is_looked_for_as_such_first() {
        let expected = [
            Wanted::Email("ada@example.org".to_owned()),
            Wanted::Words(vec!["ada@example.org".to_owned()]),
        ];
        assert_eq!(meanings("Ada@example.org"), expected);
        let exact = parse("Ada <ada@example.org>", true).unwrap();
        assert_eq!(exact[1], Wanted::Text("ada <ada@example.org>".to_owned()));
    }

    #[test]
    fn what_asks_for_nothing_is_refused() {
        for text in ["", "   ", "0x", "0xnothex", "0x0123456789abcdef0", "a\0b"] {
            assert!(parse(text, false).is_err(), "{text:?}");
        }
        assert!(parse(&"x".repeat(LONGEST + 1), false).is_err());
    }
}
