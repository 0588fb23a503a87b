//! Teams, their people, invitations and requests.

use gloo_net::http::Method;
use shared_types::{
    IssuedTeamInvitation, NewTeam, NewTeamInvitation, NewTeamRequest, Team, TeamChange,
    TeamInvitationOffer, TeamInvitationPage, TeamMember, TeamMemberChange, TeamMemberPage,
    TeamPage, TeamRequestPage, TeamRole,
};

use web_sys::Blob;

use super::{Call, client, query};
use crate::routes::encode;

fn path(team: &str, rest: &str) -> String {
    format!("/teams/{}{rest}", encode(team))
}

/// A page of teams that words find: all, or (`mine`) those that the person is in.
pub fn list(filter: &str, words: &str, cursor: &str) -> Call<TeamPage> {
    let parts = query(&[("filter", filter), ("q", words), ("cursor", cursor)]);
    client::get(&format!("/teams{parts}"))
}

/// The teams of a person, as far as the visitor may know them.
pub fn of(username: &str) -> Call<TeamPage> {
    let parts = query(&[("member", username), ("limit", "100")]);
    client::get(&format!("/teams{parts}"))
}

/// One team.
pub fn get(team: &str) -> Call<Team> {
    client::get(&path(team, ""))
}

/// Makes a team.
pub fn create(new: &NewTeam) -> Call<Team> {
    client::send(Method::POST, "/teams", new)
}

/// Changes a team.
pub fn change(team: &str, change: &TeamChange) -> Call<Team> {
    client::send(Method::PATCH, &path(team, ""), change)
}

/// Deletes a team.
pub fn delete(team: &str) -> Call<()> {
    client::delete(&path(team, ""))
}

/// The people of a team.
pub fn members(team: &str, cursor: &str) -> Call<TeamMemberPage> {
    let parts = query(&[("cursor", cursor), ("limit", "100")]);
    client::get(&path(team, &format!("/members{parts}")))
}

/// Makes somebody an owner or a member.
pub fn put_member(team: &str, username: &str, role: TeamRole) -> Call<TeamMember> {
    let path = path(team, &format!("/members/{}", encode(username)));
    client::send(Method::PUT, &path, &TeamMemberChange { role })
}

/// Takes somebody out, or leaves.
pub fn remove_member(team: &str, username: &str) -> Call<()> {
    client::delete(&path(team, &format!("/members/{}", encode(username))))
}

/// Joins an open team.
pub fn join(team: &str) -> Call<Team> {
    client::act(Method::POST, &path(team, "/join"))
}

/// Asks to be let in.
pub fn ask(team: &str, request: &NewTeamRequest) -> Call<Team> {
    client::send(Method::POST, &path(team, "/requests"), request)
}

/// Gives the team a picture.
pub fn put_picture(team: &str, picture: &Blob) -> Call<()> {
    client::send_file(Method::PUT, &path(team, "/picture"), picture)
}

/// Takes the picture away.
pub fn delete_picture(team: &str) -> Call<()> {
    client::delete(&path(team, "/picture"))
}

/// Who asks to be let in.
pub fn requests(team: &str) -> Call<TeamRequestPage> {
    client::get(&path(team, "/requests?limit=250"))
}

/// Lets somebody in who asked.
pub fn approve(team: &str, username: &str) -> Call<TeamMember> {
    let path = path(team, &format!("/requests/{}/approve", encode(username)));
    client::act(Method::POST, &path)
}

/// Refuses somebody who asked, or takes the own request back.
pub fn refuse(team: &str, username: &str) -> Call<()> {
    client::delete(&path(team, &format!("/requests/{}", encode(username))))
}

/// The invitations that still work.
pub fn invitations(team: &str) -> Call<TeamInvitationPage> {
    client::get(&path(team, "/invitations?limit=250"))
}

/// Makes an invitation.
pub fn invite(team: &str, new: &NewTeamInvitation) -> Call<IssuedTeamInvitation> {
    client::send(Method::POST, &path(team, "/invitations"), new)
}

/// Ends an invitation.
pub fn revoke(team: &str, id: &str) -> Call<()> {
    client::delete(&path(team, &format!("/invitations/{}", encode(id))))
}

/// What an invitation grants.
pub fn offer(code: &str) -> Call<TeamInvitationOffer> {
    client::get(&format!("/team_invitations/{}", encode(code)))
}

/// Accepts an invitation.
pub fn accept(code: &str) -> Call<Team> {
    client::act(
        Method::POST,
        &format!("/team_invitations/{}/accept", encode(code)),
    )
}

/// Declines an invitation: it ends.
pub fn decline(code: &str) -> Call<()> {
    client::delete(&format!("/team_invitations/{}", encode(code)))
}
