//! Who may do what: the one policy that every door asks.

use shared_types::{Rights, Role, Scope, TeamRole};

/// A person of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// Manages, pushes, deletes.
    Owner,
    /// Pulls; pushes where the collection says so.
    Contributor,
    /// A robot: does what the scope of its token says, and chooses no people.
    Robot,
}

impl Membership {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Contributor => "contributor",
            Self::Robot => "robot",
        }
    }

    /// The membership that a word of the database stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "owner" => Some(Self::Owner),
            "contributor" => Some(Self::Contributor),
            "robot" => Some(Self::Robot),
            _ => None,
        }
    }
}

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody who signs in.
    Person,
    /// A program, which has tokens alone.
    Robot,
}

impl Kind {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Robot => "robot",
        }
    }

    /// The kind that a word of the database stands for.
    pub fn from_word(word: &str) -> Self {
        if word == "robot" {
            Self::Robot
        } else {
            Self::Person
        }
    }
}

/// The user behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The row's id.
    pub id: i64,
    /// The user name.
    pub username: String,
    /// The role.
    pub role: Role,
    /// A person or a robot.
    pub kind: Kind,
}

/// How the person proved who they are, and how far that goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// A browser session: all that the person may do. Holds the session's id.
    Session(i64),
    /// A token: what its scope allows, in its collections. Empty `collections` means all.
    Token {
        /// The row's id.
        id: i64,
        /// What its owner calls it.
        name: String,
        /// What it may be used for.
        scope: Scope,
        /// The collections that it is limited to; empty for no limit.
        collections: Vec<String>,
    },
    /// The server's own commands and jobs, in the name of a person.
    Local,
}

/// What a registry shows to strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// The collections that are public.
    Open,
    /// Nothing: every collection counts as private, whatever it says of itself.
    PrivateOnly,
}

impl Openness {
    /// Whether a collection is private that says this of itself.
    pub fn is_private(self, private: bool) -> bool {
        private || self == Self::PrivateOnly
    }
}

/// Who asks, at which kind of registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    who: Option<(Person, Grant)>,
    openness: Openness,
}

/// What a decision about a collection depends on.
#[derive(Debug, Clone, Copy)]
pub struct CollectionFacts<'a> {
    /// Its name.
    pub name: &'a str,
    /// Only its people may see it.
    pub private: bool,
    /// Contributors may push too.
    pub contributors_may_push: bool,
    /// What the person is in it.
    pub membership: Option<Membership>,
}

impl Viewer {
    /// Nobody in particular.
    pub fn anonymous(openness: Openness) -> Self {
        Self {
            who: None,
            openness,
        }
    }

    /// A person, as far as the grant goes.
    pub fn of(person: Person, grant: Grant, openness: Openness) -> Self {
        Self {
            who: Some((person, grant)),
            openness,
        }
    }

    /// What the registry shows to strangers.
    pub fn openness(&self) -> Openness {
        self.openness
    }

    /// The person, if there is one.
    pub fn person(&self) -> Option<&Person> {
        self.who.as_ref().map(|(person, _)| person)
    }

    /// How the person proved who they are.
    pub fn grant(&self) -> Option<&Grant> {
        self.who.as_ref().map(|(_, grant)| grant)
    }

    /// Whether nobody is signed in.
    pub fn is_anonymous(&self) -> bool {
        self.who.is_none()
    }

    /// Whether a robot asks.
    pub fn is_robot(&self) -> bool {
        self.person()
            .is_some_and(|person| person.kind == Kind::Robot)
    }

    /// Whether the credential reaches so far, in general.
    pub fn has_scope(&self, needed: Scope) -> bool {
        match self.grant() {
            Some(Grant::Session(_) | Grant::Local) => true,
            Some(Grant::Token { scope, .. }) => *scope >= needed,
            None => false,
        }
    }

    /// Whether the credential is limited to some collections.
    pub fn limited_to(&self) -> Option<&[String]> {
        match self.grant() {
            Some(Grant::Token { collections, .. }) if !collections.is_empty() => Some(collections),
            _ => None,
        }
    }

    /// The person, where the credential reaches this collection; a token limited to others counts for nothing here.
    fn person_in(&self, collection: &str) -> Option<&Person> {
        let reaches = self
            .limited_to()
            .is_none_or(|names| names.iter().any(|name| name == collection));
        self.person().filter(|_| reaches)
    }

    /// Whether the person manages every collection.
    pub fn is_admin(&self) -> bool {
        self.person()
            .is_some_and(|person| person.role >= Role::Admin)
    }

    /// May see that the collection exists, and pull from it.
    pub fn can_see(&self, collection: CollectionFacts<'_>) -> bool {
        !self.openness.is_private(collection.private)
            || self
                .person_in(collection.name)
                .is_some_and(|person| person.role >= Role::Admin || collection.membership.is_some())
    }

    /// May push images and move tags.
    pub fn can_push(&self, collection: CollectionFacts<'_>) -> bool {
        let member = match collection.membership {
            Some(Membership::Owner | Membership::Robot) => true,
            Some(Membership::Contributor) => collection.contributors_may_push,
            None => false,
        };
        self.has_scope(Scope::Push)
            && self
                .person_in(collection.name)
                .is_some_and(|person| member || person.role >= Role::Admin)
    }

    /// May delete single images and tags: what an owner may do with a token that pushes.
    pub fn can_delete_images(&self, collection: CollectionFacts<'_>) -> bool {
        self.has_scope(Scope::Push) && self.owns(collection)
    }

    /// May change settings, freeze, and delete the whole.
    pub fn can_manage(&self, collection: CollectionFacts<'_>) -> bool {
        self.has_scope(Scope::Manage) && self.owns(collection)
    }

    fn owns(&self, collection: CollectionFacts<'_>) -> bool {
        self.person_in(collection.name).is_some_and(|person| {
            let member = matches!(
                collection.membership,
                Some(Membership::Owner | Membership::Robot)
            );
            member || person.role >= Role::Admin
        })
    }

    /// May say who belongs to a collection, rename it and hand it over, and make robots for it: never a robot itself.
    pub fn can_govern(&self, collection: CollectionFacts<'_>) -> bool {
        self.can_manage(collection) && !self.is_robot()
    }

    /// May say how many bytes a collection holds: administrators alone, also of their own.
    pub fn can_allot(&self, collection: CollectionFacts<'_>) -> bool {
        self.can_govern(collection) && self.is_admin()
    }

    /// May create collections, where `open` says whether ordinary users may. A push token may, because clients create what they push to.
    pub fn can_create_collections(&self, open: bool) -> bool {
        self.has_scope(Scope::Push)
            && self.limited_to().is_none()
            && !self.is_robot()
            && (open || self.is_admin())
    }

    /// May join teams and work in them: people alone, with a credential that reaches everywhere.
    pub fn can_take_part(&self) -> bool {
        self.has_scope(Scope::Manage) && self.limited_to().is_none() && !self.is_robot()
    }

    /// May create teams: whoever may create collections.
    pub fn can_create_teams(&self, open: bool) -> bool {
        self.can_take_part() && (open || self.is_admin())
    }

    /// May change a team, its people and its invitations.
    pub fn can_manage_team(&self, role: Option<TeamRole>) -> bool {
        self.can_take_part() && (role == Some(TeamRole::Owner) || self.is_admin())
    }

    /// May manage every robot, also those that belong to no collection.
    pub fn can_manage_robots(&self) -> bool {
        self.can_take_part() && self.is_admin()
    }

    /// May manage users and settings.
    pub fn can_administer(&self) -> bool {
        self.has_scope(Scope::Admin)
            && self
                .person()
                .is_some_and(|person| person.role == Role::Superuser)
    }

    /// May read the whole audit log, addresses and all, and manage webhooks of the registry.
    pub fn can_oversee(&self) -> bool {
        self.has_scope(Scope::Admin) && self.limited_to().is_none() && self.is_admin()
    }

    /// What the pages show of a person's rights.
    pub fn rights(&self, collection: CollectionFacts<'_>) -> Rights {
        Rights {
            push: self.can_push(collection),
            manage: self.can_manage(collection),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(private: bool, membership: Option<Membership>) -> CollectionFacts<'static> {
        CollectionFacts {
            name: "climate",
            private,
            contributors_may_push: false,
            membership,
        }
    }

    fn person(role: Role) -> Person {
        Person {
            id: 1,
            username: "amy".to_owned(),
            role,
            kind: Kind::Person,
        }
    }

    fn by_token(role: Role, scope: Scope, collections: &[&str]) -> Viewer {
        let collections = collections.iter().map(|name| (*name).to_owned()).collect();
        Viewer::of(
            person(role),
            Grant::Token {
                id: 1,
                name: "ci".to_owned(),
                scope,
                collections,
            },
            Openness::Open,
        )
    }

    fn nobody() -> Viewer {
        Viewer::anonymous(Openness::Open)
    }

    #[test]
    fn where_everything_is_private_only_its_people_and_administrators_see_a_collection() {
        let closed = |viewer: Viewer| Viewer {
            openness: Openness::PrivateOnly,
            ..viewer
        };
        let (public, own) = (
            facts(false, None),
            facts(false, Some(Membership::Contributor)),
        );
        assert!(!closed(nobody()).can_see(public));
        let user = closed(by_token(Role::User, Scope::Admin, &[]));
        assert!(!user.can_see(public) && user.can_see(own));
        let elsewhere = closed(by_token(Role::User, Scope::Admin, &["genomics"]));
        assert!(!elsewhere.can_see(own));
        assert!(closed(by_token(Role::Admin, Scope::Pull, &[])).can_see(public));
        let admin = closed(by_token(Role::Admin, Scope::Pull, &["genomics"]));
        assert!(!admin.can_see(public));
    }

    #[test]
    fn strangers_see_public_collections_only() {
        for viewer in [nobody(), by_token(Role::User, Scope::Admin, &[])] {
            assert!(viewer.can_see(facts(false, None)));
            assert!(!viewer.can_see(facts(true, None)));
            assert!(!viewer.can_push(facts(false, None)));
            assert!(!viewer.can_manage(facts(false, None)));
        }
    }

    #[test]
    fn contributors_pull_and_push_only_where_the_collection_says_so() {
        let viewer = by_token(Role::User, Scope::Manage, &[]);
        let mut collection = facts(true, Some(Membership::Contributor));
        assert!(viewer.can_see(collection));
        assert!(!viewer.can_push(collection));
        collection.contributors_may_push = true;
        assert!(viewer.can_push(collection));
        assert!(!viewer.can_manage(collection));
        assert!(!viewer.can_delete_images(collection));
    }

    #[test]
    fn a_token_does_no_more_than_its_scope() {
        let own = facts(true, Some(Membership::Owner));
        let pull = by_token(Role::User, Scope::Pull, &[]);
        assert!(pull.can_see(own) && !pull.can_push(own) && !pull.can_manage(own));
        let push = by_token(Role::User, Scope::Push, &[]);
        assert!(push.can_push(own) && push.can_delete_images(own) && !push.can_manage(own));
        let manage = by_token(Role::Superuser, Scope::Manage, &[]);
        assert!(manage.can_manage(own) && !manage.can_administer());
        assert!(by_token(Role::Superuser, Scope::Admin, &[]).can_administer());
        assert!(!by_token(Role::Admin, Scope::Admin, &[]).can_administer());
    }

    #[test]
    fn a_token_limited_to_other_collections_counts_for_nothing_here() {
        let elsewhere = by_token(Role::Superuser, Scope::Admin, &["genomics"]);
        assert!(!elsewhere.can_see(facts(true, Some(Membership::Owner))));
        assert!(elsewhere.can_see(facts(false, None)));
        assert!(!elsewhere.can_push(facts(false, Some(Membership::Owner))));
        assert!(!elsewhere.can_create_collections(true));
        let here = by_token(Role::User, Scope::Push, &["climate"]);
        assert!(here.can_push(facts(true, Some(Membership::Owner))));
    }

    #[test]
    fn admins_manage_every_collection() {
        let admin = by_token(Role::Admin, Scope::Admin, &[]);
        assert!(admin.can_see(facts(true, None)));
        assert!(admin.can_manage(facts(true, None)) && admin.can_allot(facts(true, None)));
        let owner = by_token(Role::User, Scope::Admin, &[]);
        assert!(!owner.can_allot(facts(true, Some(Membership::Owner))));
        let narrow = by_token(Role::Admin, Scope::Push, &[]);
        assert!(!narrow.can_allot(facts(true, Some(Membership::Owner))));
        assert!(admin.can_create_collections(false));
    }

    #[test]
    fn robots_do_what_their_token_says_in_their_collections_and_govern_nothing() {
        let robot = |scope| {
            let person = Person {
                kind: Kind::Robot,
                ..person(Role::User)
            };
            let collections = Vec::new();
            Viewer::of(
                person,
                Grant::Token {
                    id: 1,
                    name: "ci".to_owned(),
                    scope,
                    collections,
                },
                Openness::Open,
            )
        };
        let own = facts(true, Some(Membership::Robot));
        let pull = robot(Scope::Pull);
        assert!(pull.can_see(own) && !pull.can_push(own));
        let push = robot(Scope::Push);
        assert!(push.can_push(own) && push.can_delete_images(own) && !push.can_manage(own));
        let manage = robot(Scope::Manage);
        assert!(manage.can_manage(own) && !manage.can_govern(own));
        assert!(!manage.can_see(facts(true, None)) && !manage.can_push(facts(false, None)));
        assert!(!manage.can_create_collections(true) && !manage.can_take_part());
        assert!(!manage.can_create_teams(true) && !manage.can_manage_robots());
    }

    #[test]
    fn teams_are_for_people_with_a_credential_that_reaches_everywhere() {
        let amy = by_token(Role::User, Scope::Manage, &[]);
        assert!(amy.can_manage_team(Some(TeamRole::Owner)));
        assert!(!amy.can_manage_team(Some(TeamRole::Member)) && !amy.can_manage_team(None));
        assert!(amy.can_create_teams(true) && !amy.can_create_teams(false));
        let admin = by_token(Role::Admin, Scope::Manage, &[]);
        assert!(admin.can_manage_team(None) && admin.can_create_teams(false));
        for less in [
            by_token(Role::Admin, Scope::Push, &[]),
            by_token(Role::Admin, Scope::Admin, &["climate"]),
            nobody(),
        ] {
            assert!(!less.can_take_part() && !less.can_manage_team(Some(TeamRole::Owner)));
        }
    }
}
