//! The last runs of scheduled jobs.

use chrono::{DateTime, Utc};
use entity::job_run::{self, Column};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

/// Notes that a job begins. What is known of the run before is forgotten.
pub async fn started(
    tx: &impl ConnectionTrait,
    job: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let row = job_run::ActiveModel {
        job: Set(job.to_owned()),
        started_at: Set(now),
        ended_at: Set(None),
        problem: Set(None),
    };
    let anew = OnConflict::column(Column::Job)
        .update_columns([Column::StartedAt, Column::EndedAt, Column::Problem])
        .to_owned();
    job_run::Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Notes that a job ended.
pub async fn ended(
    tx: &impl ConnectionTrait,
    job: &str,
    problem: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    job_run::Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(Column::Problem, Expr::value(problem.map(str::to_owned)))
        .filter(Column::Job.eq(job))
        .exec(tx)
        .await?;
    Ok(())
}

/// The last run of every job that ever ran.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<job_run::Model>, DbErr> {
    job_run::Entity::find().all(db).await
}
