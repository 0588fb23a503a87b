//! Invitations into a team: links that work once, for a time.
//!
//! Rule: the code is the whole authority; it leaves once, only its hash is kept, and taking it removes the row.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{team_invitation, team_invitation::Column};
use shared_types::{
    AuditAction, AuditThing, NewTeamInvitation, Team, TeamInvitation, TeamInvitationOffer,
    TeamInvitationPage, TeamRole,
};

use super::{
    super::{
        Core, Error, Result,
        audit::{Actor, Entry},
        error::{Problems, Resource},
        keys,
        paging::{self, By, Window},
    },
    by, lock, managed, one, taking_part,
};
use crate::{domain::access::Viewer, repo};

/// Random bytes of a code.
const CODE: usize = 24;
/// How long an invitation works where nobody says, in hours.
const USUAL_LIFE: u32 = 7 * 24;
/// The longest life, in hours.
pub const LONGEST_LIFE: u32 = 30 * 24;
/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 200;
/// Most invitations of one team that still work.
const MOST: u64 = 500;

/// An invitation just made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its description.
    pub invitation: TeamInvitation,
    /// The path of its page on this server: the only time that it is known.
    pub path: String,
}

/// Makes an invitation.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid`, `Conflict` where there are too many.
pub async fn invite(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    new: NewTeamInvitation,
) -> Result<Issued> {
    let found = managed(core, viewer, name).await?;
    let maker = taking_part(viewer)?;
    let hours = new.expires_in_hours.unwrap_or(USUAL_LIFE);
    let note = new.note.as_deref().unwrap_or_default();
    let mut problems = Problems::default();
    if !(1..=LONGEST_LIFE).contains(&hours) {
        let sentence = format!("an invitation works for 1 to {LONGEST_LIFE} hours");
        problems.check("expires_in_hours", Err(sentence));
    }
    problems.check("note", check_line(note, LONGEST_NOTE));
    problems.into_result()?;
    let (link, now) = (keys::random_text::<CODE>(), core.clock.now());
    let new = repo::team_entry::New {
        public_id: keys::random_text::<8>(),
        code_hash: keys::hash(&link),
        team_id: found.team.id,
        note: note.trim().to_owned(),
        created_by: maker.id,
        expires_at: now + TimeDelta::hours(i64::from(hours)),
    };
    let (actor, team) = (Actor::of(core, viewer), found.team.name);
    let row = core
        .db
        .write(async move |tx| {
            if repo::team_entry::count_invitations(tx, new.team_id, now).await? >= MOST {
                return Err(Error::Conflict(format!(
                    "{MOST} invitations are enough; revoke some that are not needed"
                )));
            }
            let row = repo::team_entry::insert(tx, new, now).await?;
            let entry = on_invitation(AuditAction::TeamInvitationCreate, &row);
            entry.with("team", team).record(tx, &actor).await?;
            Ok(row)
        })
        .await?;
    tracing::info!(
        user = maker.username,
        team = name,
        invitation = row.public_id,
        "invitation made"
    );
    Ok(Issued {
        invitation: shown(row, Some(maker.username.clone())),
        path: format!("/invite/{link}"),
    })
}

/// Something done to an invitation, for the log.
fn on_invitation(action: AuditAction, row: &team_invitation::Model) -> Entry {
    Entry::new(action, AuditThing::TeamInvitation, row.id, &row.public_id)
}

/// One line of text.
fn check_line(text: &str, most: usize) -> Result<(), String> {
    if text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(format!("this is one line of {most} characters at most"));
    }
    Ok(())
}

fn shown(row: team_invitation::Model, created_by: Option<String>) -> TeamInvitation {
    TeamInvitation {
        id: row.public_id,
        note: row.note,
        created_by,
        created_at: row.created_at.into(),
        expires_at: row.expires_at.into(),
    }
}

/// The invitations of a team that still work, newest first.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `BadRequest` for a bad window.
pub async fn invitations(
    core: &Core,
    viewer: &Viewer,
    name: &str,
    window: &Window,
) -> Result<TeamInvitationPage> {
    let found = managed(core, viewer, name).await?;
    let select = repo::team_entry::invitations(found.team.id, core.clock.now());
    let order = By::largest("invitation", Column::Id, Column::Id);
    let page = paging::fetch(core.db.read(), select, window, order).await?;
    let makers = page.items.iter().filter_map(|row| row.created_by);
    let names = repo::collection::usernames(core.db.read(), makers).await?;
    let show = |row: team_invitation::Model| {
        let maker = row.created_by.and_then(|id| names.get(&id).cloned());
        shown(row, maker)
    };
    Ok(TeamInvitationPage {
        items: page.items.into_iter().map(show).collect(),
        total: page.total,
        next: page.next,
    })
}

/// Ends an invitation.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn revoke(core: &Core, viewer: &Viewer, name: &str, public_id: &str) -> Result<()> {
    let team = managed(core, viewer, name).await?.team;
    let missing = || Error::NotFound(Resource::Invitation);
    // PostgreSQL refuses some characters with an error of its own, so nothing odd is looked up.
    if !public_id.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return Err(missing());
    }
    let id = public_id.to_owned();
    let (actor, revoked) = (Actor::of(core, viewer), AuditAction::TeamInvitationRevoke);
    core.db
        .write(async move |tx| {
            if !repo::team_entry::revoke(tx, team.id, &id).await? {
                return Err(missing());
            }
            Entry::new(revoked, AuditThing::TeamInvitation, None, &id)
                .with("team", team.name)
                .record(tx, &actor)
                .await
        })
        .await?;
    tracing::info!(
        by = by(viewer),
        team = name,
        invitation = public_id,
        "invitation revoked"
    );
    Ok(())
}

async fn held(core: &Core, link: &str, now: DateTime<Utc>) -> Result<team_invitation::Model> {
    let found = repo::team_entry::by_code(core.db.read(), &keys::hash(link), now).await?;
    found.ok_or(Error::NotFound(Resource::Link))
}

/// What the holder of a code is invited to. The code says enough about who asks.
///
/// # Errors
/// `NotFound` where the invitation works no longer.
pub async fn offer(core: &Core, viewer: &Viewer, link: &str) -> Result<TeamInvitationOffer> {
    let invitation = held(core, link, core.clock.now()).await?;
    let team = repo::team::find(core.db.read(), invitation.team_id).await?;
    let team = team.ok_or(Error::NotFound(Resource::Link))?;
    let names = repo::collection::usernames(core.db.read(), invitation.created_by).await?;
    Ok(TeamInvitationOffer {
        team: one(core, viewer, team).await?,
        invited_by: invitation.created_by.and_then(|id| names.get(&id).cloned()),
        expires_at: invitation.expires_at.into(),
    })
}

/// Comes into a team by an invitation, which is used up by it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound` where it works no longer, `Conflict` for who is in the team already.
pub async fn accept(core: &Core, viewer: &Viewer, link: &str) -> Result<Team> {
    let joining = taking_part(viewer)?;
    let now = core.clock.now();
    let invitation = held(core, link, now).await?;
    let user = joining.id;
    let actor = Actor::of(core, viewer);
    let entry = Entry::new(
        AuditAction::TeamMemberPut,
        AuditThing::User,
        user,
        &joining.username,
    );
    let team = core
        .db
        .write(async move |tx| {
            let gone = || Error::NotFound(Resource::Link);
            let team = repo::team::find(tx, invitation.team_id).await?;
            let team = team.ok_or_else(gone)?;
            lock(tx, &team, now).await?;
            if repo::team::role(tx, team.id, user).await?.is_some() {
                return Err(Error::Conflict(format!(
                    "you are in team “{}” already; the invitation still works for somebody else",
                    team.name
                )));
            }
            // Of several who try at once, one gets in.
            if !repo::team_entry::take(tx, invitation.id).await? {
                return Err(gone());
            }
            repo::team::add(tx, team.id, user, TeamRole::Member, now).await?;
            let entry = entry.with("team", &team.name).with("by", "invitation");
            entry.record(tx, &actor).await?;
            Ok(team)
        })
        .await?;
    tracing::info!(
        user = joining.username,
        team = team.name,
        "joined a team by invitation"
    );
    one(core, viewer, team).await
}

/// Declines an invitation, which is used up by it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound` where it works no longer.
pub async fn decline(core: &Core, viewer: &Viewer, link: &str) -> Result<()> {
    let person = taking_part(viewer)?;
    let invitation = held(core, link, core.clock.now()).await?;
    let public_id = invitation.public_id.clone();
    let actor = Actor::of(core, viewer);
    let entry = on_invitation(AuditAction::TeamInvitationDecline, &invitation);
    core.db
        .write(async move |tx| {
            if repo::team_entry::take(tx, invitation.id).await? {
                entry.record(tx, &actor).await?;
            }
            Ok::<_, Error>(())
        })
        .await?;
    tracing::info!(
        user = person.username,
        invitation = public_id,
        "invitation declined"
    );
    Ok(())
}
