//! The last run of a scheduled job.

use sea_orm::entity::prelude::*;

/// The last run of a scheduled job.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_runs")]
pub struct Model {
    /// The job's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    pub started_at: DateTimeUtc,
    /// Absent while it runs, or where the server ended first.
    pub ended_at: Option<DateTimeUtc>,
    /// Why it failed; absent where it did not.
    pub problem: Option<String>,
}

/// Joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
