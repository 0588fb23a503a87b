//! What a new token may be.

use std::collections::BTreeSet;

use shared_types::NewToken;

use super::super::{
    Core, Error, Result,
    access::{self, Action},
    error::Problems,
};
use crate::domain::access::Viewer;

/// Most collections that a token can be limited to.
pub const MOST_COLLECTIONS: usize = 100;
/// Longest name, in characters.
pub const LONGEST_NAME: usize = 100;
/// Longest life, in days.
pub const LONGEST_LIFE: u32 = 3650;

/// Checks what a token shall be; gives the names of its collections.
pub(super) async fn checked(core: &Core, viewer: &Viewer, new: &NewToken) -> Result<Vec<String>> {
    let mut problems = Problems::default();
    problems.check("name", check_name(&new.name));
    if let Some(days) = new.expires_in_days {
        let fits = (1..=LONGEST_LIFE).contains(&days);
        let sentence = format!("a token lives 1 to {LONGEST_LIFE} days, or without end");
        problems.check("expires_in_days", fits.then_some(()).ok_or(sentence));
    }
    let wanted = new.collections.as_deref().unwrap_or_default();
    let names: BTreeSet<&str> = wanted.iter().map(|name| name.trim()).collect();
    if wanted.len() > MOST_COLLECTIONS {
        let sentence = format!("a token is limited to {MOST_COLLECTIONS} collections at most");
        problems.check("collections", Err(sentence));
    } else {
        problems.check("collections", visible(core, viewer, &names).await?);
    }
    problems.into_result()?;
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn check_name(name: &str) -> Result<(), String> {
    if name.trim().is_empty() {
        return Err("give the token a name, such as the machine it is for".to_owned());
    }
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(format!(
            "a token's name is one line of {LONGEST_NAME} characters at most"
        ));
    }
    Ok(())
}

async fn visible(
    core: &Core,
    viewer: &Viewer,
    names: &BTreeSet<&str>,
) -> Result<Result<(), String>> {
    for name in names {
        match access::collection(core, viewer, name, Action::See).await {
            Ok(_) => {}
            Err(error @ Error::NotFound(_)) => return Ok(Err(error.to_string())),
            Err(error) => return Err(error),
        }
    }
    Ok(Ok(()))
}
