//! `serve` and `migrate`.

use tokio::signal::unix::{SignalKind, signal};

use super::{Context, log_to_stderr};
use crate::{app::App, config::Loaded, db::Db, services::error::Cause};

/// Starts the server and stays until it is asked to stop.
pub(super) async fn run(context: &Context) -> Result<(), Cause> {
    let Loaded { settings, layers } = context.load()?;
    log_to_stderr(&settings.server.log, settings.server.log_format);
    for warning in layers.warnings() {
        tracing::warn!("{warning}");
    }
    // Before anything else: a supervisor may ask us to stop at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let app = Box::pin(App::bind(settings)).await?;
    let domain = app.core().settings.server.domain_name.clone();
    tracing::info!(address = %app.address(), version = env!("CARGO_PKG_VERSION"), "listening; people and clients use {domain}");
    if let Some(link) = app.setup_link().await? {
        // Not a log line: the link is a secret, and a person waits for it.
        eprintln!(
            "\n  There is no administrator yet. This link creates the first one, once:\n\n    {link}\n"
        );
    }
    app.run(async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    })
    .await?;
    Ok(())
}

/// Brings the database up to date.
pub(super) async fn migrate(context: &Context) -> Result<(), Cause> {
    let Loaded { settings, .. } = context.load()?;
    tokio::fs::create_dir_all(&settings.server.data_dir).await?;
    let db = Db::open(settings.server.database_url.reveal()).await?;
    crate::jobs::Storage::open(&db).await?;
    db.close().await?;
    println!("the database is up to date");
    Ok(())
}
