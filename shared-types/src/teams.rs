//! Teams: people who work together. Being in one grants nothing; it is where a collection's people are picked from.

use crate::{Timestamp, object, page, request, samples, words};

words! {
    /// How people come into a team.
    pub enum TeamPermission {
        /// Whoever wants joins.
        Open = "open",
        /// By an invitation, or by a request that an owner approves.
        Invite = "invite",
    }
}

words! {
    /// What a person is in a team.
    pub enum TeamRole {
        /// Changes the team, its people and its invitations.
        Owner = "owner",
        /// Belongs to it.
        Member = "member",
    }
}

words! {
    /// Which teams a list shows.
    pub enum TeamFilter {
        /// All.
        All = "all",
        /// Those that the caller is in.
        Mine = "mine",
    }
}

object! {
    /// A team.
    pub struct Team {
        /// The name, unique in the registry.
        pub name: String,
        /// One line of who they are.
        pub description: String,
        /// How people come into it.
        pub permission: TeamPermission,
        /// The path of its picture on this server; absent where it has none. Another picture has another path.
        pub picture: Option<String>,
        /// The user names of its owners.
        pub owners: Vec<String>,
        /// How many people are in it, owners included.
        pub members: u64,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it or its people last changed.
        pub updated_at: Timestamp,
        /// What the caller is in it; absent where the caller is not in it.
        pub role: Option<TeamRole>,
        /// The caller has asked to be let in, and nobody has answered yet.
        pub requested: bool,
        /// The caller may change the team, its people and its invitations.
        pub may_manage: bool,
    } = Team {
        name: "climate-group".to_owned(),
        description: "Everybody who works on the climate models".to_owned(),
        permission: TeamPermission::Invite,
        picture: Some("/api/v1/teams/climate-group/picture?v=9f86d081884c7d65".to_owned()),
        owners: vec!["amy".to_owned()],
        members: 7,
        created_at: samples::moment(),
        updated_at: samples::moment(),
        role: Some(TeamRole::Owner),
        requested: false,
        may_manage: true,
    }
}

page! {
    /// A page of teams.
    TeamPage, Team
}

request! {
    /// A new team.
    pub struct NewTeam {
        /// The name: lower case letters, digits and single `-`, 50 at most.
        pub name: String,
        /// One line of who they are.
        pub description: Option<String>,
        /// How people come into it; `invite` where absent.
        pub permission: Option<TeamPermission>,
    } = NewTeam {
        name: "climate-group".to_owned(),
        description: Some("Everybody who works on the climate models".to_owned()),
        permission: Some(TeamPermission::Invite),
    }
}

request! {
    /// Changes to a team; what is absent stays.
    #[derive(Default)]
    pub struct TeamChange {
        /// Another name.
        pub name: Option<String>,
        /// One line of who they are.
        pub description: Option<String>,
        /// How people come into it.
        pub permission: Option<TeamPermission>,
    } = TeamChange {
        name: None,
        description: Some("Climate and weather".to_owned()),
        permission: Some(TeamPermission::Open),
    }
}

object! {
    /// A person of a team.
    pub struct TeamMember {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// Owner or member.
        pub role: TeamRole,
        /// Since when.
        pub since: Timestamp,
    } = TeamMember {
        username: "ben".to_owned(),
        display_name: "Ben".to_owned(),
        role: TeamRole::Member,
        since: samples::moment(),
    }
}

page! {
    /// A page of the people of a team.
    TeamMemberPage, TeamMember
}

request! {
    /// What a person shall be in a team.
    pub struct TeamMemberChange {
        /// Owner or member.
        pub role: TeamRole,
    } = TeamMemberChange { role: TeamRole::Owner }
}

object! {
    /// An invitation into a team, without its code.
    pub struct TeamInvitation {
        /// The public id.
        pub id: String,
        /// Whom it is for, in the words of who made it.
        pub note: String,
        /// The user name of who made it; absent once they are gone.
        pub created_by: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it stops working.
        pub expires_at: Timestamp,
    } = TeamInvitation {
        id: "7h2k9m4p".to_owned(),
        note: "for Cara".to_owned(),
        created_by: Some("amy".to_owned()),
        created_at: samples::moment(),
        expires_at: samples::moment(),
    }
}

page! {
    /// A page of the invitations of a team that still work.
    TeamInvitationPage, TeamInvitation
}

request! {
    /// A new invitation into a team.
    pub struct NewTeamInvitation {
        /// In how many hours it stops working: 1 to 720; 7 days where absent.
        pub expires_in_hours: Option<u32>,
        /// Whom it is for, for one's own memory; 200 characters at most.
        pub note: Option<String>,
    } = NewTeamInvitation { expires_in_hours: Some(168), note: Some("for Cara".to_owned()) }
}

object! {
    /// An invitation just made: the only time that its link is shown.
    pub struct IssuedTeamInvitation {
        /// The invitation.
        pub invitation: TeamInvitation,
        /// The link to give to one person. It works once.
        pub url: String,
    } = IssuedTeamInvitation {
        invitation: crate::Sample::sample(),
        url: "https://containers.example.org/invite/2d0f6a1b9c3e4857".to_owned(),
    }
}

object! {
    /// What the holder of an invitation is invited to.
    pub struct TeamInvitationOffer {
        /// The team.
        pub team: Team,
        /// The user name of who invites; absent once they are gone.
        pub invited_by: Option<String>,
        /// When it stops working.
        pub expires_at: Timestamp,
    } = TeamInvitationOffer {
        team: crate::Sample::sample(),
        invited_by: Some("amy".to_owned()),
        expires_at: samples::moment(),
    }
}

object! {
    /// A person who asks to be let into a team.
    pub struct TeamRequest {
        /// The user name.
        pub username: String,
        /// The name for people.
        pub display_name: String,
        /// What they say to the owners.
        pub message: String,
        /// Since when.
        pub created_at: Timestamp,
    } = TeamRequest {
        username: "cara".to_owned(),
        display_name: "Cara".to_owned(),
        message: "I have joined the group this week.".to_owned(),
        created_at: samples::moment(),
    }
}

page! {
    /// A page of requests to be let into a team.
    TeamRequestPage, TeamRequest
}

request! {
    /// A request to be let into a team.
    pub struct NewTeamRequest {
        /// What to say to the owners; 500 characters at most.
        pub message: Option<String>,
    } = NewTeamRequest { message: Some("I have joined the group this week.".to_owned()) }
}
