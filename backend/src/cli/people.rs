//! `collection …` and `team …`: who is in them, from the server's machine. Works beside a running server.

use clap::Subcommand;
use shared_types::{CollectionRole, TeamRole};

use super::Context;
use crate::services::{error::Cause, members, teams, users};

/// What to do with collections.
#[derive(Debug, Subcommand)]
pub(super) enum OfCollection {
    /// Make somebody an owner of a collection: they manage it, push and delete, and choose its people.
    AddOwner {
        /// The collection's name.
        collection: String,
        /// The user name.
        user: String,
    },
    /// Make somebody a contributor of a collection: they pull, and push where the collection says so. An owner becomes one.
    AddContributor {
        /// The collection's name.
        collection: String,
        /// The user name.
        user: String,
    },
}

/// What to do with teams.
#[derive(Debug, Subcommand)]
pub(super) enum OfTeam {
    /// Put somebody into a team. Who is in it already gets the role that is asked for.
    AddMember {
        /// The team's name.
        team: String,
        /// The user name.
        user: String,
        /// As an owner of the team.
        #[arg(long)]
        owner: bool,
    },
}

/// Runs a command about a collection.
pub(super) async fn run_collection(context: &Context, command: OfCollection) -> Result<(), Cause> {
    let core = context.build().await?.core;
    let (name, user, role) = match &command {
        OfCollection::AddOwner { collection, user } => (collection, user, CollectionRole::Owner),
        OfCollection::AddContributor { collection, user } => {
            (collection, user, CollectionRole::Contributor)
        }
    };
    let member = members::put(&core, &users::operator(), name, user, role).await?;
    let sentence = format!("{} is {} of {name}", member.username, article(member.role));
    said(context, &member, &sentence)
}

fn article(role: CollectionRole) -> &'static str {
    match role {
        CollectionRole::Owner => "an owner",
        CollectionRole::Contributor => "a contributor",
    }
}

/// Runs a command about a team.
pub(super) async fn run_team(context: &Context, command: OfTeam) -> Result<(), Cause> {
    let core = context.build().await?.core;
    let OfTeam::AddMember { team, user, owner } = command;
    let role = if owner {
        TeamRole::Owner
    } else {
        TeamRole::Member
    };
    let member = teams::put_member(&core, &users::operator(), &team, &user, role).await?;
    let what = if owner { "an owner" } else { "a member" };
    said(
        context,
        &member,
        &format!("{} is {what} of {team}", member.username),
    )
}

fn said(context: &Context, member: &impl serde::Serialize, sentence: &str) -> Result<(), Cause> {
    if context.json {
        println!("{}", serde_json::to_string_pretty(member)?);
    } else {
        println!("{sentence}");
    }
    Ok(())
}
