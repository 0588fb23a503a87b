//! `reset-limits`: all downloads of this week are forgotten, so that every limit begins anew.

use super::Context;
use crate::services::{error::Cause, limits};

/// Resets the counters of the week. Totals stay; a running server goes on with what it has not yet written, a few seconds' worth.
pub(super) async fn reset(context: &Context) -> Result<(), Cause> {
    let core = context.build().await?.core;
    let containers = limits::reset(&core).await?;
    if context.json {
        println!("{}", serde_json::json!({ "containers": containers }));
    } else {
        println!("download limits begin anew ({containers} containers had given something)");
    }
    Ok(())
}
