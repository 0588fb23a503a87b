//! Pages of lists: the one way to page.
//!
//! A page starts after the last row of the one before, by its value and its id, not at a number of rows: rows that come or go
//! meanwhile neither shift the pages nor show a row twice. The cursor is opaque to callers.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeZone, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, ModelTrait, Order,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value,
};

use super::{Error, Result};

/// Items of a page where the caller does not say.
pub const DEFAULT_LIMIT: u32 = 25;
/// Most items of a page.
pub const MAX_LIMIT: u32 = 250;
/// Longest text to search for, in characters.
pub const MAX_QUERY: usize = 200;

/// Which part of a list a caller wants.
#[derive(Debug, Clone, Default)]
pub struct Window {
    /// `next` of the page before; absent for the first page.
    pub cursor: Option<String>,
    /// How many items, `DEFAULT_LIMIT` where absent.
    pub limit: Option<u32>,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// How many items the whole list has.
    pub total: u64,
    /// The cursor of the next page; absent on the last one.
    pub next: Option<String>,
}

/// What a column sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Time,
}

/// The order of a list: a column, then the row's id in the same direction.
#[derive(Debug, Clone, Copy)]
pub struct By<C> {
    word: &'static str,
    column: C,
    id: C,
    kind: Kind,
    direction: Direction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

/// The place after which a page starts: the order's word, the sort value, the id.
type Cursor = (String, serde_json::Value, i64);

impl<C: ColumnTrait> By<C> {
    /// From A to Z. `word` tells this order from the others of the same list.
    pub fn text(word: &'static str, column: C, id: C) -> Self {
        Self::new(word, column, id, Kind::Text, Direction::Ascending)
    }

    /// Largest first.
    pub fn largest(word: &'static str, column: C, id: C) -> Self {
        Self::new(word, column, id, Kind::Number, Direction::Descending)
    }

    /// Newest first.
    pub fn newest(word: &'static str, column: C, id: C) -> Self {
        Self::new(word, column, id, Kind::Time, Direction::Descending)
    }

    fn new(word: &'static str, column: C, id: C, kind: Kind, direction: Direction) -> Self {
        Self {
            word,
            column,
            id,
            kind,
            direction,
        }
    }

    fn encode<M: ModelTrait>(&self, row: &M) -> Option<String>
    where
        M::Entity: EntityTrait<Column = C>,
    {
        let value = match row.get(self.column) {
            Value::String(Some(text)) => serde_json::Value::from(text),
            Value::BigInt(Some(number)) => number.into(),
            Value::ChronoDateTimeUtc(Some(at)) => at.timestamp_micros().into(),
            _ => return None,
        };
        let Value::BigInt(Some(id)) = row.get(self.id) else {
            return None;
        };
        let cursor: Cursor = (self.word.to_owned(), value, id);
        Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).ok()?))
    }

    /// The rows after the cursor's.
    fn after(&self, cursor: &str) -> Result<Condition> {
        let refused = || {
            Error::BadRequest("this cursor is not one of this list; start at the first page".into())
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
        let (word, value, id): Cursor = serde_json::from_slice(&bytes).map_err(|_| refused())?;
        let value = self.parse(&value).filter(|_| word == self.word);
        let value = value.ok_or_else(refused)?;
        let (beyond, next) = match self.direction {
            Direction::Ascending => (self.column.gt(value.clone()), self.id.gt(id)),
            Direction::Descending => (self.column.lt(value.clone()), self.id.lt(id)),
        };
        let tied = Condition::all().add(self.column.eq(value)).add(next);
        Ok(Condition::any().add(beyond).add(tied))
    }

    fn parse(&self, value: &serde_json::Value) -> Option<Value> {
        match self.kind {
            Kind::Text => value.as_str().map(Value::from),
            Kind::Number => value.as_i64().map(Value::from),
            Kind::Time => value.as_i64().and_then(moment).map(Value::from),
        }
    }

    fn order(&self) -> Order {
        match self.direction {
            Direction::Ascending => Order::Asc,
            Direction::Descending => Order::Desc,
        }
    }
}

fn moment(micros: i64) -> Option<DateTime<Utc>> {
    Utc.timestamp_micros(micros).single()
}

impl Window {
    fn limit(&self) -> Result<u32> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            Ok(limit)
        } else {
            Err(Error::BadRequest(format!(
                "limit is a number from 1 to {MAX_LIMIT}"
            )))
        }
    }
}

impl<T> Page<T> {
    /// The same page of other items.
    pub fn with<U>(self, items: Vec<U>) -> Page<U> {
        Page {
            items,
            total: self.total,
            next: self.next,
        }
    }
}

/// Fetches a page: one query for the rows, one for the number of all.
///
/// # Errors
/// `BadRequest` where the limit or the cursor cannot be understood.
pub async fn fetch<E>(
    db: &impl ConnectionTrait,
    select: Select<E>,
    window: &Window,
    by: By<E::Column>,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: FromQueryResult + ModelTrait<Entity = E> + Send + Sync,
{
    let limit = window.limit()?;
    let after = window
        .cursor
        .as_deref()
        .map(|cursor| by.after(cursor))
        .transpose()?;
    let total = select.clone().count(db).await?;
    let mut rows = select;
    if let Some(after) = after {
        rows = rows.filter(after);
    }
    // One more than asked for tells whether there is a next page.
    let mut items = rows
        .order_by(by.column, by.order())
        .order_by(by.id, by.order())
        .limit(u64::from(limit) + 1)
        .all(db)
        .await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > wanted;
    items.truncate(wanted);
    let next = items.last().filter(|_| more).and_then(|row| by.encode(row));
    Ok(Page { items, total, next })
}

/// Words to search for: trimmed; none where nothing is left.
///
/// # Errors
/// `BadRequest` where they are too long.
pub fn words(q: Option<&str>) -> Result<Option<&str>> {
    if q.is_some_and(|words| words.chars().count() > MAX_QUERY || words.contains('\0')) {
        return Err(Error::BadRequest(format!(
            "q has {MAX_QUERY} characters at most, and no NUL among them"
        )));
    }
    Ok(q.map(str::trim).filter(|words| !words.is_empty()))
}

/// A number of the database as the API writes it.
pub fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
