//! A signature inside an image, and what is known of it.

use sea_orm::entity::prelude::*;

/// A signature inside an image.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "image_signatures")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub image_id: i64,
    /// The number of the signature's object in the file.
    pub object_id: i64,
    /// `pgp`, `pgp_legacy`, `dsse` or `unknown`.
    pub kind: String,
    /// Of the primary key that the file names: upper case hexadecimal digits.
    pub fingerprint: Option<String>,
    /// The key id that the signature itself names: 16 upper case hexadecimal digits.
    pub signer: Option<String>,
    /// The stored key that it was checked with.
    pub key_id: Option<i64>,
    /// A word of `shared_types::SignatureState`, without regard to `valid_until`.
    pub state: String,
    /// Why it is in this state.
    pub problem: Option<String>,
    /// Why what was signed is not what is in the file; it never changes, for the file does not.
    pub file_problem: Option<String>,
    /// Comma separated numbers of the objects that it covers.
    pub objects: String,
    /// It covers every object that is not a signature.
    pub complete: bool,
    /// The signature as it is in the file, to check it again when a key comes or changes.
    pub message: Vec<u8>,
    /// When it was made, as it says itself.
    pub signed_at: Option<DateTimeUtc>,
    /// When its key, or itself, expires.
    pub valid_until: Option<DateTimeUtc>,
    /// Absent until it was looked at.
    pub checked_at: Option<DateTimeUtc>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
