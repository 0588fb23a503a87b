//! Teams, their people, invitations and requests.

use std::future::Future;

use gloo_net::http::Method;
use shared_types::{
    IssuedTeamInvitation, NewTeam, NewTeamInvitation, NewTeamRequest, Team, TeamChange,
    TeamInvitationOffer, TeamInvitationPage, TeamMember, TeamMemberChange, TeamMemberPage,
    TeamPage, TeamRequestPage, TeamRole,
};

use web_sys::Blob;

use super::{ApiResult, client, query};
use crate::routes::encode;

fn path(team: &str, rest: &str) -> String {
    format!("/teams/{}{rest}", encode(team))
}

/// A page of teams that words find: all, or (`mine`) those that the person is in.
pub fn list(
    filter: &str,
    words: &str,
    cursor: &str,
) -> impl Future<Output = ApiResult<TeamPage>> + use<> {
    let parts = query(&[("filter", filter), ("q", words), ("cursor", cursor)]);
    client::get(&format!("/teams{parts}"))
}

/// The teams of a person, as far as the visitor may know them.
pub fn of(username: &str) -> impl Future<Output = ApiResult<TeamPage>> + use<> {
    let parts = query(&[("member", username), ("limit", "100")]);
    client::get(&format!("/teams{parts}"))
}

/// One team.
pub fn get(team: &str) -> impl Future<Output = ApiResult<Team>> + use<> {
    client::get(&path(team, ""))
}

/// Makes a team.
pub async fn create(new: &NewTeam) -> ApiResult<Team> {
    client::send(Method::POST, "/teams", new).await
}

/// Changes a team.
pub async fn change(team: &str, change: &TeamChange) -> ApiResult<Team> {
    client::send(Method::PATCH, &path(team, ""), change).await
}

/// Deletes a team.
pub async fn delete(team: &str) -> ApiResult<()> {
    client::delete(&path(team, "")).await
}

/// The people of a team.
pub fn members(
    team: &str,
    cursor: &str,
) -> impl Future<Output = ApiResult<TeamMemberPage>> + use<> {
    let parts = query(&[("cursor", cursor), ("limit", "100")]);
    client::get(&path(team, &format!("/members{parts}")))
}

/// Makes somebody an owner or a member.
pub async fn put_member(team: &str, username: &str, role: TeamRole) -> ApiResult<TeamMember> {
    let path = path(team, &format!("/members/{}", encode(username)));
    client::send(Method::PUT, &path, &TeamMemberChange { role }).await
}

/// Takes somebody out, or leaves.
pub async fn remove_member(team: &str, username: &str) -> ApiResult<()> {
    client::delete(&path(team, &format!("/members/{}", encode(username)))).await
}

/// Joins an open team.
pub async fn join(team: &str) -> ApiResult<Team> {
    client::act(Method::POST, &path(team, "/join")).await
}

/// Asks to be let in.
pub async fn ask(team: &str, request: &NewTeamRequest) -> ApiResult<Team> {
    client::send(Method::POST, &path(team, "/requests"), request).await
}

/// Gives the team a picture.
pub async fn put_picture(team: &str, picture: &Blob) -> ApiResult<()> {
    client::send_file(Method::PUT, &path(team, "/picture"), picture).await
}

/// Takes the picture away.
pub async fn delete_picture(team: &str) -> ApiResult<()> {
    client::delete(&path(team, "/picture")).await
}

/// Who asks to be let in.
pub fn requests(team: &str) -> impl Future<Output = ApiResult<TeamRequestPage>> + use<> {
    client::get(&path(team, "/requests?limit=250"))
}

/// Lets somebody in who asked.
pub async fn approve(team: &str, username: &str) -> ApiResult<TeamMember> {
    let path = path(team, &format!("/requests/{}/approve", encode(username)));
    client::act(Method::POST, &path).await
}

/// Refuses somebody who asked, or takes the own request back.
pub async fn refuse(team: &str, username: &str) -> ApiResult<()> {
    client::delete(&path(team, &format!("/requests/{}", encode(username)))).await
}

/// The invitations that still work.
pub fn invitations(team: &str) -> impl Future<Output = ApiResult<TeamInvitationPage>> + use<> {
    client::get(&path(team, "/invitations?limit=250"))
}

/// Makes an invitation.
pub async fn invite(team: &str, new: &NewTeamInvitation) -> ApiResult<IssuedTeamInvitation> {
    client::send(Method::POST, &path(team, "/invitations"), new).await
}

/// Ends an invitation.
pub async fn revoke(team: &str, id: &str) -> ApiResult<()> {
    client::delete(&path(team, &format!("/invitations/{}", encode(id)))).await
}

/// What an invitation grants.
pub fn offer(code: &str) -> impl Future<Output = ApiResult<TeamInvitationOffer>> + use<> {
    client::get(&format!("/team_invitations/{}", encode(code)))
}

/// Accepts an invitation.
pub async fn accept(code: &str) -> ApiResult<Team> {
    client::act(
        Method::POST,
        &format!("/team_invitations/{}/accept", encode(code)),
    )
    .await
}

/// Declines an invitation: it ends.
pub async fn decline(code: &str) -> ApiResult<()> {
    client::delete(&format!("/team_invitations/{}", encode(code))).await
}
