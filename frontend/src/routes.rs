//! Every address of the application: the only place where paths are written.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What must be encoded in one segment of a path or one value of a query. Colons and `@` stay readable.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'/')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Encodes one segment of a path, or one value of a query.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The first page.
    Home,
    /// Sign in, and where to go afterwards.
    Login(Option<String>),
    /// The terms of use.
    Terms,
    /// What a new person sees first.
    Welcome,
    /// All collections.
    Collections,
    /// A new collection.
    NewCollection,
    /// A collection.
    Collection(String),
    /// A collection's settings.
    CollectionSettings(String),
    /// The robots of a collection, in its settings.
    CollectionRobots(String),
    /// Where images are uploaded to a collection; to this container, where one is named.
    Upload(String, Option<String>),
    /// A container, at its newest tag.
    Container(String, String),
    /// An image: collection, container, and tag or `sha256:…`.
    Image(String, String, String),
    /// What a search finds.
    Search(String),
    /// Public keys.
    Keys,
    /// A public key, by its fingerprint.
    Key(String),
    /// The keys of labels.
    Labels,
    /// The values of a label.
    Label(String),
    /// What carries a label of this value.
    LabelValue(String, String),
    /// Topics.
    Topics,
    /// The containers of a topic.
    Topic(String),
    /// Ways to look at the whole registry.
    Tools,
    /// What programs talk to.
    Api,
    /// The treemap.
    Treemap,
    /// All teams.
    Teams,
    /// A new team.
    NewTeam,
    /// A team.
    Team(String),
    /// The robots that the person manages.
    Robots,
    /// A robot.
    Robot(String),
    /// The person who is signed in.
    Profile,
    /// Tokens.
    Token,
    /// The own password.
    Password,
    /// The logins of the own account.
    Logins,
    /// The way to a provider's page: it, and where to go afterwards. Not a page of this application.
    Provider(String, String),
    /// A person.
    User(String),
    /// A part of the administration.
    Admin(&'static str),
    /// What this registry is.
    About,
}

impl Route {
    /// The address.
    pub fn href(&self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Login(None) => "/login".to_owned(),
            Self::Login(Some(next)) => format!("/login?next={}", encode(next)),
            Self::Terms => "/terms".to_owned(),
            Self::Welcome => "/welcome".to_owned(),
            Self::Collections => "/collections".to_owned(),
            Self::NewCollection => "/collections/new".to_owned(),
            Self::Collection(name) => format!("/collections/{}", encode(name)),
            Self::CollectionSettings(name) => format!("/collections/{}/settings", encode(name)),
            Self::CollectionRobots(name) => {
                format!("/collections/{}/settings?part=robots", encode(name))
            }
            Self::Upload(name, None) => format!("/collections/{}/upload", encode(name)),
            Self::Upload(name, Some(container)) => format!(
                "/collections/{}/upload?container={}",
                encode(name),
                encode(container)
            ),
            Self::Container(collection, name) => {
                format!("/containers/{}/{}", encode(collection), encode(name))
            }
            Self::Image(collection, name, reference) => {
                let separator = if reference.starts_with("sha256:") {
                    '@'
                } else {
                    ':'
                };
                format!(
                    "/containers/{}/{}{separator}{}",
                    encode(collection),
                    encode(name),
                    encode(reference)
                )
            }
            Self::Keys => "/keys".to_owned(),
            Self::Key(fingerprint) => format!("/keys/{}", encode(fingerprint)),
            Self::Labels => "/labels".to_owned(),
            Self::Label(key) => format!("/labels/{}", encode(key)),
            Self::LabelValue(key, value) => format!("/labels/{}/{}", encode(key), encode(value)),
            Self::Topics => "/topics".to_owned(),
            Self::Topic(topic) => format!("/topics/{}", encode(topic)),
            Self::Tools => "/tools".to_owned(),
            Self::Api => "/tools/api".to_owned(),
            Self::Treemap => "/tools/treemap".to_owned(),
            Self::Teams => "/teams".to_owned(),
            Self::NewTeam => "/teams/new".to_owned(),
            Self::Team(name) => format!("/teams/{}", encode(name)),
            Self::Robots => "/robots".to_owned(),
            Self::Robot(name) => format!("/robots/{}", encode(name)),
            Self::Profile => "/profile".to_owned(),
            Self::Search(words) if words.is_empty() => "/search".to_owned(),
            Self::Search(words) => format!("/search?q={}", encode(words)),
            Self::Token => "/token".to_owned(),
            Self::Password => "/account/password".to_owned(),
            Self::Logins => "/account/logins".to_owned(),
            Self::Provider(id, next) => {
                format!("/login/{}/?next={}", encode(id), encode(next))
            }
            Self::User(name) => format!("/users/{}", encode(name)),
            Self::Admin(part) => format!("/admin/{part}"),
            Self::About => "/about".to_owned(),
        }
    }
}

/// Splits the last segment of a container's address: name, and tag or digest.
pub fn split_reference(segment: &str) -> (String, Option<String>) {
    let split = segment.split_once('@').or_else(|| segment.split_once(':'));
    match split {
        Some((name, reference)) => (name.to_owned(), Some(reference.to_owned())),
        None => (segment.to_owned(), None),
    }
}

/// The address to go to after signing in: a path of this application, never another site.
pub fn safe_next(next: Option<String>) -> String {
    next.filter(|path| shared_types::is_local_path(path))
        .unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_addressed_by_tag_or_digest() {
        let image = |reference: &str| {
            Route::Image(
                "bio".to_owned(),
                "samtools".to_owned(),
                reference.to_owned(),
            )
            .href()
        };
        assert_eq!(image("1.17"), "/containers/bio/samtools:1.17");
        assert_eq!(image("sha256:00ff"), "/containers/bio/samtools@sha256:00ff");
        assert_eq!(
            split_reference("samtools:1.17"),
            ("samtools".to_owned(), Some("1.17".to_owned()))
        );
        assert_eq!(
            split_reference("samtools@sha256:00ff"),
            ("samtools".to_owned(), Some("sha256:00ff".to_owned()))
        );
        assert_eq!(split_reference("samtools"), ("samtools".to_owned(), None));
    }

    #[test]
    fn odd_words_are_encoded() {
        assert_eq!(
            Route::Search("a b&c=ü".to_owned()).href(),
            "/search?q=a%20b%26c%3D%C3%BC"
        );
    }

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert_eq!(safe_next(Some("/token".to_owned())), "/token");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
        ] {
            assert_eq!(safe_next(Some(bad.to_owned())), "/", "{bad}");
        }
    }
}
