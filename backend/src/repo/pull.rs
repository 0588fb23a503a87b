//! From a reference to bytes: the one query behind every pull, and the ones for search.
//!
//! Written out in SQL, because this is the hot path: one round trip, whatever the reference.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use crate::domain::access::Openness;

/// An image with all around it that decides who may have it, and where its bytes are.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Row {
    pub collection_id: i64,
    pub collection: String,
    pub private: bool,
    pub contributors_may_push: bool,
    /// The user name of who made the collection: the entity of library references.
    pub entity: Option<String>,
    /// What the caller is in the collection.
    pub role: Option<String>,
    pub container_id: i64,
    pub container: String,
    pub container_description: String,
    pub container_downloads: i64,
    pub image_id: i64,
    pub sha256: String,
    pub size: i64,
    pub arch: Option<String>,
    pub description: String,
    pub signed: bool,
    pub encrypted: bool,
    pub created_at: DateTime<Utc>,
    pub pushed_at: Option<DateTime<Utc>>,
    /// The key in the store; absent until the bytes have arrived.
    pub blob_key: Option<String>,
    /// What the store said of the bytes when they were verified.
    pub blob_mark: Option<String>,
    /// The tag that led here, as stored.
    pub tag: Option<String>,
    /// The architecture that the tag is for.
    pub tag_arch: Option<String>,
    pub tag_frozen: Option<bool>,
    /// The names of all tags of this image, comma separated.
    pub tags: Option<String>,
    pub collection_limit: Option<i64>,
    pub collection_week: i32,
    pub collection_week_downloads: i64,
    pub container_limit: Option<i64>,
    pub container_week: i32,
    pub container_week_downloads: i64,
}

const COLUMNS: &str = "c.id AS collection_id, c.name AS collection, c.private, c.contributors_may_push, \
    u.username AS entity, m.role, n.id AS container_id, n.name AS container, \
    n.description AS container_description, n.downloads AS container_downloads, i.id AS image_id, i.sha256, \
    i.size, i.arch, i.description, i.signed, i.encrypted, i.created_at, i.pushed_at, b.key AS blob_key, b.store_mark AS blob_mark, \
    c.weekly_limit AS collection_limit, c.week AS collection_week, c.week_downloads AS collection_week_downloads, \
    n.weekly_limit AS container_limit, n.week AS container_week, n.week_downloads AS container_week_downloads";

const PEOPLE: &str = "LEFT JOIN users u ON u.id = c.created_by \
    LEFT JOIN collection_members m ON m.collection_id = c.id AND m.user_id = $1";

/// The columns about tags where no tag led to the image.
const NO_TAG: &str = "NULL AS tag, NULL AS tag_arch, NULL AS tag_frozen";

/// All architectures of a tag, those in the spelling given first. Images whose bytes have not arrived are left out.
pub async fn by_tag(
    db: &impl ConnectionTrait,
    user: Option<i64>,
    collection: &str,
    container: &str,
    tag: &str,
) -> Result<Vec<Row>, DbErr> {
    let engine = db.get_database_backend();
    let sql = format!(
        "SELECT {COLUMNS}, t.name AS tag, t.arch AS tag_arch, t.frozen AS tag_frozen, {} AS tags \
         FROM collections c \
         JOIN containers n ON n.collection_id = c.id AND n.name = $3 \
         JOIN tags t ON t.container_id = n.id AND t.name IN ($4, $5) \
         JOIN images i ON i.id = t.image_id \
         JOIN blobs b ON b.id = i.blob_id {PEOPLE} \
         WHERE c.name = $2 ORDER BY CASE WHEN t.name = $4 THEN 0 ELSE 1 END, t.arch",
        all_tags(engine)
    );
    let lower = tag.to_ascii_lowercase();
    let values = [
        user.into(),
        collection.into(),
        container.into(),
        tag.into(),
        lower.into(),
    ];
    rows(db, engine, &sql, values).await
}

/// The image with a digest, whether or not its bytes have arrived.
pub async fn by_digest(
    db: &impl ConnectionTrait,
    user: Option<i64>,
    collection: &str,
    container: &str,
    sha256: &str,
) -> Result<Option<Row>, DbErr> {
    let engine = db.get_database_backend();
    let sql = format!(
        "SELECT {COLUMNS}, {}, {} AS tags FROM collections c \
         JOIN containers n ON n.collection_id = c.id AND n.name = $3 \
         JOIN images i ON i.container_id = n.id AND i.sha256 = $4 AND i.kind = 'sif' \
         LEFT JOIN blobs b ON b.id = i.blob_id {PEOPLE} \
         WHERE c.name = $2",
        no_tag(engine),
        all_tags(engine)
    );
    let values = [
        user.into(),
        collection.into(),
        container.into(),
        sha256.into(),
    ];
    Ok(rows(db, engine, &sql, values).await?.into_iter().next())
}

/// The image with an id.
pub async fn by_id(
    db: &impl ConnectionTrait,
    user: Option<i64>,
    image: i64,
) -> Result<Option<Row>, DbErr> {
    let engine = db.get_database_backend();
    let sql = format!(
        "SELECT {COLUMNS}, {}, {} AS tags FROM images i \
         JOIN containers n ON n.id = i.container_id \
         JOIN collections c ON c.id = n.collection_id \
         LEFT JOIN blobs b ON b.id = i.blob_id {PEOPLE} \
         WHERE i.id = $2",
        no_tag(engine),
        all_tags(engine)
    );
    let values = [user.into(), image.into()];
    Ok(rows(db, engine, &sql, values).await?.into_iter().next())
}

/// What a search asks for.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// Who asks; absent for anonymous callers.
    pub user: Option<i64>,
    /// The caller sees every collection.
    pub sees_all: bool,
    /// What the registry shows to strangers.
    pub openness: Openness,
    /// The only collections whose private images the caller's credential reaches; empty for no limit.
    pub limited_to: &'a [String],
    /// Part of a name, a description or a tag, in lower case.
    pub word: &'a str,
    /// Architectures; empty for all.
    pub archs: &'a [String],
    /// Signed images only.
    pub signed: bool,
    /// How many at most.
    pub limit: u64,
}

/// A found image.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Hit {
    #[sea_orm(nested)]
    pub row: Row,
    /// What was read inside, as JSON.
    pub metadata: Option<String>,
}

/// Images with at least one tag whose names, description or tags contain a word, newest first.
pub async fn search(db: &impl ConnectionTrait, search: Search<'_>) -> Result<Vec<Hit>, DbErr> {
    let engine = db.get_database_backend();
    let mut values: Vec<Value> = vec![
        search.user.into(),
        format!("%{}%", escape(search.word)).into(),
    ];
    let mut list = |items: &[String]| {
        let places: Vec<_> = items
            .iter()
            .map(|item| {
                values.push(item.clone().into());
                format!("${}", values.len())
            })
            .collect();
        places.join(", ")
    };
    let archs = list(search.archs);
    let limited_to = list(search.limited_to);
    let mut conditions = String::new();
    if !search.archs.is_empty() {
        let _ = write!(
            conditions,
            " AND (i.arch IN ({archs}) OR EXISTS (SELECT 1 FROM tags a WHERE a.image_id = i.id AND a.arch IN ({archs})))"
        );
    }
    if search.signed {
        conditions += " AND i.signed = TRUE";
    }
    let reached = if limited_to.is_empty() {
        String::new()
    } else {
        format!(" AND c.name IN ({limited_to})")
    };
    let member = if search.sees_all {
        "TRUE"
    } else {
        "m.role IS NOT NULL"
    };
    let _ = write!(
        conditions,
        " AND ({} OR ({member}{reached}))",
        public(search.openness)
    );
    values.push(i64::try_from(search.limit).unwrap_or(i64::MAX).into());
    let sql = format!(
        "SELECT {COLUMNS}, {}, {} AS tags, i.metadata FROM images i \
         JOIN containers n ON n.id = i.container_id \
         JOIN collections c ON c.id = n.collection_id \
         JOIN blobs b ON b.id = i.blob_id {PEOPLE} \
         WHERE EXISTS (SELECT 1 FROM tags t WHERE t.image_id = i.id) \
         AND (lower(n.name) LIKE $2 ESCAPE '!' OR lower(c.name) LIKE $2 ESCAPE '!' \
              OR lower(n.description) LIKE $2 ESCAPE '!' OR lower(i.description) LIKE $2 ESCAPE '!' \
              OR EXISTS (SELECT 1 FROM tags w WHERE w.image_id = i.id AND lower(w.name) LIKE $2 ESCAPE '!')){conditions} \
         ORDER BY i.pushed_at DESC, i.id DESC LIMIT ${}",
        no_tag(engine),
        all_tags(engine),
        values.len()
    );
    let found = db
        .query_all_raw(Statement::from_sql_and_values(engine, sql, values))
        .await?;
    found
        .iter()
        .map(|row| Hit::from_query_result(row, ""))
        .collect()
}

/// “Strangers may see the collection `c`.”
pub(super) fn public(openness: Openness) -> &'static str {
    match openness {
        Openness::Open => "c.private = FALSE",
        Openness::PrivateOnly => "FALSE",
    }
}

async fn rows(
    db: &impl ConnectionTrait,
    engine: DbBackend,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<Row>, DbErr> {
    let found = db
        .query_all_raw(Statement::from_sql_and_values(engine, sql, values))
        .await?;
    found
        .iter()
        .map(|row| Row::from_query_result(row, ""))
        .collect()
}

/// The names of all tags of image `i`. Names have no commas.
fn all_tags(engine: DbBackend) -> &'static str {
    match engine {
        DbBackend::Postgres => {
            "(SELECT string_agg(DISTINCT o.name, ',') FROM tags o WHERE o.image_id = i.id)"
        }
        _ => "(SELECT group_concat(DISTINCT o.name) FROM tags o WHERE o.image_id = i.id)",
    }
}

/// PostgreSQL must be told the type of a column of nothing.
fn no_tag(engine: DbBackend) -> &'static str {
    match engine {
        DbBackend::Postgres => {
            "NULL::text AS tag, NULL::text AS tag_arch, NULL::boolean AS tag_frozen"
        }
        _ => NO_TAG,
    }
}

/// A text inside a LIKE pattern, where `!` escapes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '!' | '%' | '_') {
            escaped.push('!');
        }
        escaped.push(c);
    }
    escaped
}

/// Adds downloads to the totals of an image, its container and its collection, by id; to those of the week too.
pub async fn add_to_totals(
    tx: &impl ConnectionTrait,
    (image, container, collection): (i64, i64, i64),
    week: i32,
    count: i64,
) -> Result<(), DbErr> {
    let engine = tx.get_database_backend();
    let sql = "UPDATE images SET downloads = downloads + $1 WHERE id = $2";
    let values = [Value::from(count), image.into()];
    tx.execute_raw(Statement::from_sql_and_values(engine, sql, values))
        .await?;
    for (table, id) in [("containers", container), ("collections", collection)] {
        let sql = format!(
            "UPDATE {table} SET downloads = downloads + $1, \
             week_downloads = CASE WHEN week = $3 THEN week_downloads + $1 ELSE $1 END, week = $3 WHERE id = $2"
        );
        let values = [Value::from(count), id.into(), week.into()];
        tx.execute_raw(Statement::from_sql_and_values(engine, sql, values))
            .await?;
    }
    Ok(())
}
