//! Ways into teams, of the JSON API: invitations and requests.

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
    payload::Json,
};
use shared_types::{
    IssuedTeamInvitation, NewTeamInvitation, NewTeamRequest, Team, TeamInvitationOffer,
    TeamInvitationPage, TeamMember, TeamRequestPage,
};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::{
        extract::{ApiCaller, Body, SignedIn},
        wire::base_url,
    },
    services::{Core, paging::Window, teams},
};

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct TeamEntries;

#[OpenApi(tag = "Tag::Teams")]
impl TeamEntries {
    /// Invite somebody into a team
    ///
    /// Makes a link for one person, which works once and for a time. The answer is the only time that it is shown.
    #[oai(
        path = "/teams/:team/invitations",
        method = "post",
        operation_id = "create_team_invitation"
    )]
    async fn invite(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        request: &Request,
        /// The team's name.
        team: Path<String>,
        new: Body<NewTeamInvitation>,
    ) -> Result<Created<IssuedTeamInvitation>, ApiError> {
        let issued = teams::invite(&core, &caller.0, &team, new.0).await?;
        let id = issued.invitation.id.clone();
        let body = IssuedTeamInvitation {
            invitation: issued.invitation,
            url: format!("{}{}", base_url(&core, request), issued.path),
        };
        Ok(Created::at(&["teams", &team, "invitations", &id], body))
    }

    /// List the invitations into a team
    ///
    /// Those that still work, newest first, without their links.
    #[oai(
        path = "/teams/:team/invitations",
        method = "get",
        operation_id = "list_team_invitations"
    )]
    async fn invitations(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<TeamInvitationPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        Ok(Json(
            teams::invitations(&core, &caller.0, &team, &window).await?,
        ))
    }

    /// Revoke an invitation
    ///
    /// Its link works no longer.
    #[oai(
        path = "/teams/:team/invitations/:id",
        method = "delete",
        operation_id = "delete_team_invitation"
    )]
    async fn revoke(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        /// The invitation's id.
        id: Path<String>,
    ) -> Result<Done, ApiError> {
        teams::revoke_invitation(&core, &caller.0, &team, &id).await?;
        Ok(Done::Done)
    }

    /// Show what an invitation invites to
    ///
    /// Whoever holds the code may ask, also before signing in.
    #[oai(
        path = "/team_invitations/:code",
        method = "get",
        operation_id = "get_team_invitation"
    )]
    async fn offer(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// The code of the link.
        #[oai(name = "code")]
        link: Path<String>,
    ) -> Result<Json<TeamInvitationOffer>, ApiError> {
        Ok(Json(teams::offer(&core, &caller.0, &link).await?))
    }

    /// Accept an invitation
    ///
    /// The caller comes into the team, and the invitation is used up.
    #[oai(
        path = "/team_invitations/:code/accept",
        method = "post",
        operation_id = "accept_team_invitation"
    )]
    async fn accept(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The code of the link.
        #[oai(name = "code")]
        link: Path<String>,
    ) -> Result<Json<Team>, ApiError> {
        Ok(Json(teams::accept(&core, &caller.0, &link).await?))
    }

    /// Decline an invitation
    ///
    /// It is used up.
    #[oai(
        path = "/team_invitations/:code",
        method = "delete",
        operation_id = "decline_team_invitation"
    )]
    async fn decline(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The code of the link.
        #[oai(name = "code")]
        link: Path<String>,
    ) -> Result<Done, ApiError> {
        teams::decline(&core, &caller.0, &link).await?;
        Ok(Done::Done)
    }

    /// Ask to be let into a team
    ///
    /// Its owners approve or decline. Asking again changes the message.
    #[oai(
        path = "/teams/:team/requests",
        method = "post",
        operation_id = "create_team_request"
    )]
    async fn ask(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        new: Body<NewTeamRequest>,
    ) -> Result<Json<Team>, ApiError> {
        Ok(Json(teams::ask(&core, &caller.0, &team, new.0).await?))
    }

    /// List who asks to be let into a team
    ///
    /// By name, for its owners.
    #[oai(
        path = "/teams/:team/requests",
        method = "get",
        operation_id = "list_team_requests"
    )]
    async fn requests(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<TeamRequestPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        Ok(Json(
            teams::requests(&core, &caller.0, &team, &window).await?,
        ))
    }

    /// Approve a request
    ///
    /// The person comes into the team.
    #[oai(
        path = "/teams/:team/requests/:username/approve",
        method = "post",
        operation_id = "approve_team_request"
    )]
    async fn approve(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        /// The user name of who asks.
        username: Path<String>,
    ) -> Result<Json<TeamMember>, ApiError> {
        Ok(Json(
            teams::approve(&core, &caller.0, &team, &username).await?,
        ))
    }

    /// Decline a request
    ///
    /// With one's own name: take it back.
    #[oai(
        path = "/teams/:team/requests/:username",
        method = "delete",
        operation_id = "delete_team_request"
    )]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        /// The user name of who asks.
        username: Path<String>,
    ) -> Result<Done, ApiError> {
        teams::delete_request(&core, &caller.0, &team, &username).await?;
        Ok(Done::Done)
    }
}
