//! What went wrong, in our words: the one error of all use cases.
//!
//! `Display` is safe to show to the caller. What it must not say is in the source, which is only logged.

use std::{collections::BTreeMap, time::Duration};

use sea_orm::{DbErr, RuntimeErr, SqlErr};
use shared_types::{ErrorCode, SignInProblem};

use crate::db::TransactionError;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What lies behind an error: logged, never shown.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What was not found. The text is what the caller named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// A collection, by name.
    Collection(String),
    /// A container, by `collection/container`.
    Container(String),
    /// An image, by reference.
    Image(String),
    /// A tag, by name.
    Tag(String),
    /// A token.
    Token,
    /// A user, by name.
    User(String),
    /// A person among those of whom the caller may choose, by name.
    Mate(String),
    /// A person of a collection or a team, by name, and of which.
    Member(String, String),
    /// A team, by name.
    Team(String),
    /// The picture of a team, by the team's name.
    Picture(String),
    /// An invitation into a team, by its public id.
    Invitation,
    /// A request to be let into a team, by who asks.
    Request(String),
    /// A robot, by name.
    Robot(String),
    /// An upload.
    Upload,
    /// A SIF image, where something else is called so: by reference, and by the address at which that is.
    Sif(String, String),
    /// A manifest, by reference.
    Manifest(String),
    /// A blob, by digest.
    Blob(String),
    /// A job, by name.
    Job(String),
    /// A one-time link.
    Link,
    /// A public key, by what it was looked for.
    Key(String),
    /// A link that shares an image, by its public id.
    ShareLink,
    /// A login at another provider.
    Login,
    /// A webhook, or a message to it.
    Webhook,
    /// A path of the API.
    Path,
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Collection(name) => write!(f, "collection “{name}” not found"),
            Self::Container(name) => write!(f, "container “{name}” not found"),
            Self::Image(name) => write!(f, "image “{name}” not found"),
            Self::Tag(name) => write!(f, "tag “{name}” not found"),
            Self::Token => f.write_str("token not found"),
            Self::User(name) => write!(f, "user “{name}” not found"),
            Self::Mate(name) => write!(
                f,
                "there is no “{name}” in the teams that you are in; people are picked from them"
            ),
            Self::Member(name, place) => write!(f, "“{name}” does not belong to {place}"),
            Self::Team(name) => write!(f, "team “{name}” not found"),
            Self::Picture(team) => write!(f, "team “{team}” has no picture"),
            Self::Invitation => {
                f.write_str("this invitation does not exist; it was taken, revoked, or is too old")
            }
            Self::Request(name) => write!(f, "“{name}” does not ask to be let in"),
            Self::Robot(name) => write!(f, "robot “{name}” not found"),
            Self::Upload => f.write_str("this upload does not exist, or it has ended; start again"),
            Self::Sif(name, address) => write!(
                f,
                "image “{name}” not found: what is called so is no SIF file; get it with {address}"
            ),
            Self::Manifest(name) => write!(f, "manifest “{name}” not found"),
            Self::Blob(digest) => write!(f, "blob “{digest}” not found here"),
            Self::Job(name) => write!(f, "job “{name}” not found"),
            Self::Link => {
                f.write_str("this link does not work; it was used, is too old, or is not complete")
            }
            Self::Key(text) => write!(f, "key “{text}” not found"),
            Self::ShareLink => {
                f.write_str("this share link does not exist; check that it is complete")
            }
            Self::Login => f.write_str("login not found"),
            Self::Webhook => f.write_str("there is no such webhook, or no such message to it"),
            Self::Path => f.write_str("there is nothing at this address"),
        }
    }
}

/// Fields whose values cannot be taken: field to sentence.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(pub BTreeMap<String, String>);

impl Problems {
    /// One field's problem.
    pub fn one(field: &str, sentence: impl Into<String>) -> Self {
        Self(BTreeMap::from([(field.to_owned(), sentence.into())]))
    }

    /// Adds a problem where a check found one.
    pub fn check(&mut self, field: &str, checked: std::result::Result<(), String>) {
        if let Err(sentence) = checked {
            self.0.insert(field.to_owned(), sentence);
        }
    }

    /// An error if there is any problem.
    ///
    /// # Errors
    /// The problems found.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self))
        }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sentences: Vec<_> = self.0.values().map(String::as_str).collect();
        f.write_str(&sentences.join("; "))
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the caller may not know that it does.
    #[error("{0}")]
    NotFound(Resource),
    /// No credentials were given, or they are not valid.
    #[error("{0}")]
    Unauthenticated(String),
    /// User name or password is wrong.
    #[error("user name or password is wrong")]
    WrongCredentials,
    /// Signing in through another provider did not work.
    #[error("{}", .0.sentence())]
    SignIn(SignInProblem),
    /// Known who asks, and what for, but it may not be done.
    #[error("{0}")]
    Forbidden(String),
    /// The terms of use must be accepted first.
    #[error("accept the terms of use first")]
    TermsRequired,
    /// A change in the name of a browser session that did not come from the registry's own pages.
    #[error("this did not come from the registry's own pages; reload the page and try again")]
    CrossSite,
    /// The request as a whole cannot be understood.
    #[error("{0}")]
    BadRequest(String),
    /// Some fields cannot be taken.
    #[error("{0}")]
    Invalid(Problems),
    /// The name is in use.
    #[error("{0}")]
    NameTaken(String),
    /// A frozen tag stands in the way.
    #[error("{0}")]
    Frozen(String),
    /// The change clashes with what is there.
    #[error("{0}")]
    Conflict(String),
    /// An upload goes on elsewhere than the client thinks.
    #[error("this upload goes on at byte {expected}; send the bytes from there")]
    Offset {
        /// How many bytes have arrived: where the next one belongs.
        expected: u64,
    },
    /// The bytes are not what the client said.
    #[error("{0}")]
    DigestMismatch(String),
    /// The file is not a SIF image, or is damaged.
    #[error("{0}")]
    NotAnImage(String),
    /// A manifest cannot be taken as it is.
    #[error("{0}")]
    BadManifest(String),
    /// A manifest names blobs or manifests that are not here.
    #[error("{0}")]
    MissingContent(String),
    /// The registry does not do this.
    #[error("{0}")]
    Unsupported(String),
    /// The body is larger than allowed.
    #[error("{0}")]
    TooLarge(String),
    /// A quota is used up.
    #[error("{0}")]
    Quota(String),
    /// It was there once, and will not be again.
    #[error("{0}")]
    Gone(String),
    /// What may be downloaded this week has been.
    #[error("{sentence}")]
    DownloadLimit {
        /// Whose limit it is, and when downloads go on.
        sentence: String,
        /// When to come back.
        retry_after: Duration,
    },
    /// Too many requests.
    #[error("too many requests; try again in {} s", .retry_after.as_secs().max(1))]
    RateLimited {
        /// When to come back.
        retry_after: Duration,
    },
    /// The store is full.
    #[error("the registry has no space left; ask its administrator")]
    NoSpace(#[source] Cause),
    /// Something needed is not there just now.
    #[error("the registry is busy; try again shortly")]
    Busy(#[source] Cause),
    /// The object store does not answer, or not as it should.
    #[error("the registry's storage does not answer as it should; try again in a minute")]
    Storage(#[source] Cause),
    /// A fault of ours.
    #[error("something went wrong in the registry; it has been logged")]
    Internal(#[source] Cause),
}

impl Error {
    /// The stable word for programs.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound(Resource::Collection(_)) => ErrorCode::CollectionNotFound,
            Self::NotFound(Resource::Container(_)) => ErrorCode::ContainerNotFound,
            Self::NotFound(Resource::Image(_) | Resource::Sif(..)) => ErrorCode::ImageNotFound,
            Self::NotFound(Resource::Tag(_)) => ErrorCode::TagNotFound,
            Self::NotFound(Resource::Token) => ErrorCode::TokenNotFound,
            Self::NotFound(Resource::User(_) | Resource::Mate(_) | Resource::Member(..)) => {
                ErrorCode::UserNotFound
            }
            Self::NotFound(Resource::Team(_)) => ErrorCode::TeamNotFound,
            Self::NotFound(Resource::Robot(_)) => ErrorCode::RobotNotFound,
            Self::NotFound(Resource::Upload) => ErrorCode::UploadNotFound,
            Self::NotFound(Resource::Key(_)) => ErrorCode::KeyNotFound,
            Self::NotFound(
                Resource::Job(_)
                | Resource::Link
                | Resource::ShareLink
                | Resource::Picture(_)
                | Resource::Invitation
                | Resource::Request(_)
                | Resource::Login
                | Resource::Webhook
                | Resource::Path,
            ) => ErrorCode::NotFound,
            Self::NotFound(Resource::Manifest(_)) => ErrorCode::ManifestNotFound,
            Self::NotFound(Resource::Blob(_)) => ErrorCode::BlobNotFound,
            Self::Unauthenticated(_) => ErrorCode::Unauthenticated,
            Self::WrongCredentials => ErrorCode::WrongCredentials,
            Self::SignIn(SignInProblem::Unavailable) => ErrorCode::Unavailable,
            Self::SignIn(SignInProblem::UnknownProvider) => ErrorCode::NotFound,
            Self::SignIn(_) => ErrorCode::Forbidden,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::TermsRequired => ErrorCode::TermsRequired,
            Self::CrossSite => ErrorCode::CrossSite,
            Self::BadRequest(_) => ErrorCode::BadRequest,
            Self::Invalid(_) => ErrorCode::Invalid,
            Self::NameTaken(_) => ErrorCode::NameTaken,
            Self::Frozen(_) => ErrorCode::Frozen,
            Self::Conflict(_) => ErrorCode::Conflict,
            Self::Offset { .. } => ErrorCode::WrongOffset,
            Self::DigestMismatch(_) => ErrorCode::DigestMismatch,
            Self::NotAnImage(_) => ErrorCode::NotAnImage,
            Self::BadManifest(_) => ErrorCode::BadManifest,
            Self::MissingContent(_) => ErrorCode::MissingContent,
            Self::Unsupported(_) => ErrorCode::Unsupported,
            Self::TooLarge(_) => ErrorCode::TooLarge,
            Self::Quota(_) => ErrorCode::QuotaExceeded,
            Self::Gone(_) => ErrorCode::Gone,
            Self::DownloadLimit { .. } => ErrorCode::DownloadLimit,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::NoSpace(_) => ErrorCode::NoSpace,
            Self::Busy(_) | Self::Storage(_) => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// When to come back, where the error says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } | Self::DownloadLimit { retry_after, .. } => {
                Some(*retry_after)
            }
            _ => None,
        }
    }

    /// “Sign in to do this.”
    pub fn sign_in() -> Self {
        Self::Unauthenticated("sign in to do this".to_owned())
    }

    /// One field's problem.
    pub fn invalid(field: &str, sentence: impl Into<String>) -> Self {
        Self::Invalid(Problems::one(field, sentence))
    }

    /// A fault of ours, with what lies behind it.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether a unique key was violated: the row is there already.
    pub fn is_duplicate(&self) -> bool {
        self.database().is_some_and(is_duplicate)
    }
}

/// Whether a database error says that a unique key was violated.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether a database error says that the row which another one points at is not there (any more).
fn is_orphan(error: &DbErr) -> bool {
    matches!(
        error.sql_err(),
        Some(SqlErr::ForeignKeyConstraintViolation(_))
    )
}

/// Whether the database has no space left to write to: `SQLITE_FULL`, or `disk_full` of PostgreSQL.
fn is_disk_full(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return false;
    };
    let code = cause
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| matches!(code.as_ref(), "13" | "53100"))
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Busy(error.into()),
            _ if is_disk_full(&error) => Self::NoSpace(error.into()),
            // Rights were checked and names looked up before the transaction; only a deletion can have come between.
            _ if is_orphan(&error) => Self::Conflict(
                "what this belongs to was deleted in the meantime; start again".to_owned(),
            ),
            _ => Self::Internal(error.into()),
        }
    }
}

impl TransactionError for Error {
    fn database(&self) -> Option<&DbErr> {
        match self {
            Self::Internal(cause) | Self::Busy(cause) => cause.downcast_ref(),
            _ => None,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NoSpace => Self::NoSpace(error.into()),
            store::Error::TooLarge { .. } => Self::TooLarge(error.to_string()),
            store::Error::DigestMismatch { .. } | store::Error::Length { .. } => {
                Self::DigestMismatch(error.to_string())
            }
            error if error.is_remote() => Self::Storage(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}
