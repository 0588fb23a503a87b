//! `gc`: the clean-up that the server does by itself from time to time, done now.

use super::Context;
use crate::services::{error::Cause, sweep};

/// Removes uploads that were given up, and bytes that no image has used for the grace period. Beside a running server, too:
/// what is under way or within its time stays.
pub(super) async fn run(context: &Context) -> Result<(), Cause> {
    let core = context.build().await?.core;
    sweep::uploads(&core).await?;
    sweep::blobs(&core).await?;
    println!("removed what was given up and what is no longer used");
    Ok(())
}
