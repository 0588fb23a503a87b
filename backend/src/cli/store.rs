//! `store`: moving what is stored to another place.

use std::time::{Duration, Instant};

use clap::Subcommand;
use store::BlobStore;

use super::{Context, log_to_stderr};
use crate::{
    config::{Loaded, LogFormat},
    db::Db,
    services::{
        error::Cause,
        relocate::{self, Progress},
    },
};

/// How often a line about the progress is written.
const PACE: Duration = Duration::from_secs(5);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Copy all that is stored to another store and verify it. May be repeated: what is there already is passed over.
    Copy {
        /// Where it is now [default: STORAGE_URL].
        #[arg(long, value_name = "URL")]
        from: Option<String>,
        /// Where it is to be: file:///path, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix.
        #[arg(long, value_name = "URL")]
        to: String,
        /// The settings file with endpoint and keys of the new place, where they are not those of the old one.
        #[arg(long, value_name = "FILE")]
        to_settings: Option<std::path::PathBuf>,
    },
}

pub(super) async fn run(context: &Context, command: Command) -> Result<(), Cause> {
    let Command::Copy {
        from,
        to,
        to_settings,
    } = command;
    let Loaded { settings, .. } = context.load()?;
    log_to_stderr("warn", LogFormat::Text);
    let scratch = settings.server.data_dir.join("incoming");
    let access = settings.storage.access();
    let to_access = match to_settings {
        Some(file) => {
            let loaded = crate::config::Settings::load_from(Some(&file), [])?;
            loaded.settings.storage.access()
        }
        None => access.clone(),
    };
    let from = from.unwrap_or(settings.storage.url);
    let source = BlobStore::open_url(&from, &access, scratch.clone()).await?;
    let target = BlobStore::open_url(&to, &to_access, scratch).await?;
    let db = Db::open(settings.server.database_url.reveal()).await?;
    let mut said = Instant::now();
    let copied = relocate::copy(&db, &source, &target, |progress| {
        if said.elapsed() >= PACE {
            eprintln!("{}", line(progress));
            said = Instant::now();
        }
    })
    .await;
    db.close().await?;
    let progress = copied?;
    if context.json {
        println!("{}", serde_json::to_string(&progress)?);
    } else {
        println!("{}", line(&progress));
    }
    if progress.lost.is_empty() {
        eprintln!("everything is there; set STORAGE_URL to {to} and start the server");
        return Ok(());
    }
    for digest in &progress.lost {
        eprintln!("{digest} is missing in {from}, or damaged there");
    }
    Err(format!("{} could not be copied", progress.lost.len()).into())
}

fn line(progress: &Progress) -> String {
    let Progress {
        total,
        copied,
        bytes,
        present,
        ..
    } = progress;
    let done = copied + present;
    format!(
        "{done} of {total} are there: {copied} copied now ({} MiB), {present} before",
        bytes >> 20
    )
}
