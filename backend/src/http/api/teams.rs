//! Teams of the JSON API: themselves, their pictures, the people in them.

use std::sync::Arc;

use poem::{
    IntoResponse, Request, Response,
    http::{StatusCode, header},
    web::Data,
};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Path, Query},
    payload::Json,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};
use shared_types::{
    NewTeam, Team, TeamChange, TeamFilter, TeamMember, TeamMemberChange, TeamMemberPage, TeamPage,
};

use super::{
    Tag,
    error::ApiError,
    reply::{Created, Done},
};
use crate::{
    http::extract::{ApiCaller, Body, Octets, SignedIn},
    services::{
        Core, Error,
        paging::Window,
        teams::{self, Listing, MAX_PICTURE, Picture},
    },
};

/// The kinds of pictures.
const PICTURES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];

/// A picture, or that the caller has it already.
struct PictureReply(Response);

impl IntoResponse for PictureReply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for PictureReply {
    fn meta() -> MetaResponses {
        let schema =
            MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")));
        let answer = |status, description, kinds: &[&'static str]| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: kinds
                .iter()
                .map(|content_type| MetaMediaType {
                    content_type,
                    schema: schema.clone(),
                })
                .collect(),
            headers: Vec::new(),
        };
        MetaResponses {
            responses: vec![
                answer(200, "The picture. `ETag` is its digest.", &PICTURES),
                answer(
                    304,
                    "The caller has it already: `If-None-Match` named its digest.",
                    &[],
                ),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}

fn respond(request: &Request, picture: Picture) -> PictureReply {
    let etag = format!("\"sha256:{}\"", picture.sha256);
    let known = request
        .header(header::IF_NONE_MATCH)
        .is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag));
    let response = Response::builder()
        .header(header::ETAG, etag)
        .header(header::CACHE_CONTROL, "private, max-age=3600");
    if known {
        return PictureReply(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    PictureReply(
        response
            .content_type(&picture.media_type)
            .body(picture.bytes),
    )
}

/// The bytes of a picture that is sent.
async fn received(octets: Octets) -> Result<Vec<u8>, Error> {
    let too_large = || {
        let most = MAX_PICTURE / 1024;
        Error::TooLarge(format!("a picture has {most} KiB at most"))
    };
    if octets
        .length
        .is_some_and(|length| length > MAX_PICTURE as u64)
    {
        return Err(too_large());
    }
    let bytes = octets.body.into_bytes_limit(MAX_PICTURE).await;
    Ok(bytes.map_err(|_| too_large())?.to_vec())
}

/// The operations.
#[derive(Debug, Clone, Copy)]
pub struct Teams;

#[OpenApi(tag = "Tag::Teams")]
impl Teams {
    /// List teams
    ///
    /// By name. Being in a team grants nothing; owners of collections pick people from the teams that they are in.
    #[oai(path = "/teams", method = "get", operation_id = "list_teams")]
    #[expect(clippy::too_many_arguments, reason = "one for each parameter")]
    async fn list(
        &self,
        core: Data<&Arc<Core>>,
        caller: ApiCaller,
        /// Which of them; `mine` needs someone signed in.
        filter: Query<Option<TeamFilter>>,
        /// Words of the name or the description, in any case.
        q: Query<Option<String>>,
        /// The user name of somebody who is in them; for anonymous callers, who owns them.
        member: Query<Option<String>>,
        /// `next` of the page before; the first page where absent.
        cursor: Query<Option<String>>,
        /// How many items; 25 where absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "250")))]
        limit: Query<Option<u32>>,
    ) -> Result<Json<TeamPage>, ApiError> {
        let listing = Listing {
            filter: filter.0.unwrap_or(TeamFilter::All),
            q: q.0,
            member: member.0,
            window: Window {
                cursor: cursor.0,
                limit: limit.0,
            },
        };
        Ok(Json(teams::list(&core, &caller.0, &listing).await?))
    }

    /// Create a team
    ///
    /// The caller becomes its owner. Whoever may create collections may. The token needs the scope `manage`.
    #[oai(path = "/teams", method = "post", operation_id = "create_team")]
    async fn create(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        new: Body<NewTeam>,
    ) -> Result<Created<Team>, ApiError> {
        let made = teams::create(&core, &caller.0, new.0).await?;
        let name = made.name.clone();
        Ok(Created::at(&["teams", &name], made))
    }

    /// Show a team
    #[oai(path = "/teams/:team", method = "get", operation_id = "get_team")]
    async fn get(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
    ) -> Result<Json<Team>, ApiError> {
        Ok(Json(teams::get(&core, &caller.0, &team).await?))
    }

    /// Change a team
    ///
    /// Its owners may, and administrators. What is absent stays as it is.
    #[oai(path = "/teams/:team", method = "patch", operation_id = "change_team")]
    async fn change(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        change: Body<TeamChange>,
    ) -> Result<Json<Team>, ApiError> {
        Ok(Json(
            teams::change(&core, &caller.0, &team, change.0).await?,
        ))
    }

    /// Delete a team
    ///
    /// Nobody loses a right by it: what people may do in collections stays as it is.
    #[oai(path = "/teams/:team", method = "delete", operation_id = "delete_team")]
    async fn delete(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
    ) -> Result<Done, ApiError> {
        teams::delete(&core, &caller.0, &team).await?;
        Ok(Done::Done)
    }

    /// Show a team's picture
    ///
    /// `picture` of the team is its address, with a version that changes with the picture.
    #[oai(
        path = "/teams/:team/picture",
        method = "get",
        operation_id = "get_team_picture"
    )]
    async fn picture(
        &self,
        core: Data<&Arc<Core>>,
        _caller: ApiCaller,
        request: &Request,
        /// The team's name.
        team: Path<String>,
    ) -> Result<PictureReply, ApiError> {
        Ok(respond(request, teams::picture(&core, &team).await?))
    }

    /// Give a team a picture
    ///
    /// A PNG, JPEG or WebP file of 256 KiB and 2048 pixels a side at most.
    #[oai(
        path = "/teams/:team/picture",
        method = "put",
        operation_id = "put_team_picture"
    )]
    async fn set_picture(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        bytes: Octets,
    ) -> Result<Done, ApiError> {
        let bytes = received(bytes).await?;
        teams::set_picture(&core, &caller.0, &team, bytes).await?;
        Ok(Done::Done)
    }

    /// Take a team's picture away
    #[oai(
        path = "/teams/:team/picture",
        method = "delete",
        operation_id = "delete_team_picture"
    )]
    async fn delete_picture(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
    ) -> Result<Done, ApiError> {
        teams::delete_picture(&core, &caller.0, &team).await?;
        Ok(Done::Done)
    }

    /// List the people of a team
    ///
    /// By name.
    #[oai(
        path = "/teams/:team/members",
        method = "get",
        operation_id = "list_team_members"
    )]
    async fn members(
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
    ) -> Result<Json<TeamMemberPage>, ApiError> {
        let window = Window {
            cursor: cursor.0,
            limit: limit.0,
        };
        Ok(Json(
            teams::members(&core, &caller.0, &team, &window).await?,
        ))
    }

    /// Change what a person is in a team
    ///
    /// Its owners make others owners, or members again; the last owner stays one. Administrators may also add people this way.
    #[oai(
        path = "/teams/:team/members/:username",
        method = "put",
        operation_id = "put_team_member"
    )]
    async fn put_member(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        /// The person's user name.
        username: Path<String>,
        change: Body<TeamMemberChange>,
    ) -> Result<Json<TeamMember>, ApiError> {
        let role = change.0.role;
        Ok(Json(
            teams::put_member(&core, &caller.0, &team, &username, role).await?,
        ))
    }

    /// Remove a person from a team
    ///
    /// With one's own name: leave the team. The last owner stays.
    #[oai(
        path = "/teams/:team/members/:username",
        method = "delete",
        operation_id = "remove_team_member"
    )]
    async fn remove_member(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
        /// The person's user name.
        username: Path<String>,
    ) -> Result<Done, ApiError> {
        teams::remove_member(&core, &caller.0, &team, &username).await?;
        Ok(Done::Done)
    }

    /// Join a team
    ///
    /// An open one. Into others people come by an invitation, or by a request that an owner approves.
    #[oai(
        path = "/teams/:team/join",
        method = "post",
        operation_id = "join_team"
    )]
    async fn join(
        &self,
        core: Data<&Arc<Core>>,
        caller: SignedIn,
        /// The team's name.
        team: Path<String>,
    ) -> Result<Json<Team>, ApiError> {
        Ok(Json(teams::join(&core, &caller.0, &team).await?))
    }
}
