//! What must hold between settings and the world, each with how to mend it.

use std::time::Duration;

use super::{Settings, Source};

/// How long a secret key is at least, in characters.
pub const SECRET_KEY_LENGTH: usize = 32;

/// The limits that S3 sets to the parts of an upload.
const PART_SIZE: std::ops::RangeInclusive<u64> = 5 << 20..=5 << 30;

/// One thing that is wrong with the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting's name.
    pub setting: String,
    /// What is wrong, and what to do.
    pub sentence: String,
}

impl Problem {
    /// A problem with a setting.
    pub fn new(setting: &str, sentence: impl Into<String>) -> Self {
        Self {
            setting: setting.to_owned(),
            sentence: sentence.into(),
        }
    }

    /// Says where the value came from.
    pub(super) fn from(mut self, source: &Source) -> Self {
        if *source != Source::Default {
            self.sentence = format!("{} (from {source})", self.sentence);
        }
        self
    }
}

/// Everything that is wrong with the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// An error if there is any.
    ///
    /// # Errors
    /// The problems found.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the settings cannot be used:")?;
        for Problem { setting, sentence } in &self.0 {
            write!(f, "\n  {setting}: {sentence}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Settings {
    /// Notes everything that cannot work.
    pub(super) fn validate(&self, problems: &mut Problems) {
        let mut require = |holds: bool, setting: &str, sentence: &str| {
            if !holds {
                problems.push(Problem::new(setting, sentence));
            }
        };
        self.validate_server(&mut require);
        self.validate_storage(&mut require);
        self.validate_registry(&mut require);
        self.look.validate(&mut require);
        let redis = self.rates.redis_url.reveal();
        require(
            redis.is_empty() || redis::parse_redis_url(redis).is_some(),
            "REDIS_URL",
            "must be an address such as redis://host:6379/0, rediss://host/0 or redis+unix:///run/redis.sock",
        );
        self.logins.validate(&mut require);
        if self.logins.has_plugin("ldap_auth") {
            self.ldap.validate(&mut require);
        }
        if self.logins.has_plugin("pam_auth") {
            self.pam.validate(&mut require);
        }
        if self.logins.has_plugin("saml_auth") {
            self.saml.validate(&mut require);
        }
        let key = self.security.secret_key.reveal();
        require(
            key.is_empty() || key.chars().count() >= SECRET_KEY_LENGTH,
            "SECRET_KEY",
            "is too short; leave it out to have one made, or take 32 characters or more, such as from `openssl rand -hex 32`",
        );
        require(
            self.security.session_lifetime >= Duration::from_mins(1),
            "SESSION_LIFETIME",
            "is too short to work with; write 1m or more",
        );
        require(
            self.security.session_max_age >= Duration::from_mins(1),
            "SESSION_MAX_AGE",
            "is too short to work with; write 1m or more",
        );
    }

    fn validate_server(&self, require: &mut impl FnMut(bool, &str, &str)) {
        let server = &self.server;
        let domain = url::Url::parse(&server.domain_name).ok();
        require(
            domain.is_some_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.path() == "/"
                    && url.query().is_none()
                    && url.username().is_empty()
            }),
            "DOMAIN_NAME",
            "must be an address such as https://registry.example.org, without a path",
        );
        let database = server.database_url.reveal();
        require(
            ["sqlite:", "postgres://", "postgresql://"]
                .iter()
                .any(|scheme| database.starts_with(scheme)),
            "DATABASE_URL",
            "must begin with sqlite:// or postgres://",
        );
        let filter = server.log.parse::<tracing_subscriber::filter::Targets>();
        require(
            filter.is_ok(),
            "LOG",
            "must be error, warn, info, debug or trace, or a filter such as info,sregistry_server=debug",
        );
        require(
            server.stall_timeout >= Duration::from_secs(1),
            "STALL_TIMEOUT",
            "ends connections that only take a breath; write 1s or more",
        );
        require(
            server.web_dir.as_ref().is_none_or(|dir| dir.is_dir()),
            "WEB_DIR",
            "is no folder; build the web application first, or leave this setting out",
        );
    }

    fn validate_storage(&self, require: &mut impl FnMut(bool, &str, &str)) {
        let storage = &self.storage;
        let kind = storage
            .url
            .split_once("://")
            .map_or("", |(scheme, _)| scheme);
        let folder = storage.url.strip_prefix("file://");
        require(
            folder.map_or(matches!(kind, "s3" | "gs" | "az"), |path| {
                path.starts_with('/')
            }),
            "STORAGE_URL",
            "must be file:// and the full path of a folder, such as file:///srv/images, or a bucket, such as s3://images",
        );
        for (setting, endpoint) in [
            ("STORAGE_ENDPOINT", &storage.endpoint),
            ("STORAGE_EXTERNAL_ENDPOINT", &storage.external_endpoint),
        ] {
            let url = endpoint.as_ref().map(|text| url::Url::parse(text));
            require(
                url.is_none_or(|url| {
                    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
                }),
                setting,
                "must be an address such as https://s3.example.org",
            );
        }
        require(
            !storage.redirect || storage.is_remote(),
            "STORAGE_REDIRECT",
            "needs an object store; set STORAGE_URL, or leave this out",
        );
        require(
            !storage.direct_uploads || matches!(kind, "s3" | "gs"),
            "STORAGE_DIRECT_UPLOADS",
            "needs a store at s3:// or gs://; set STORAGE_URL, or leave this out",
        );
        require(
            storage.timeout >= Duration::from_secs(1),
            "STORAGE_TIMEOUT",
            "leaves no time for an answer; write 1s or more",
        );
        require(
            PART_SIZE.contains(&storage.part_size),
            "PART_SIZE",
            "must be between 5MiB and 5GiB",
        );
        require(
            storage.max_image_size > 0,
            "MAX_IMAGE_SIZE",
            "must be more than nothing",
        );
        require(
            storage.upload_expiry >= Duration::from_mins(1),
            "UPLOAD_EXPIRY",
            "leaves no time for an upload; write 1m or more",
        );
        require(
            storage.ticket_lifetime >= Duration::from_secs(10),
            "TICKET_LIFETIME",
            "leaves no time for a client to begin; write 10s or more",
        );
    }

    fn validate_registry(&self, require: &mut impl FnMut(bool, &str, &str)) {
        let registry = &self.registry;
        require(
            registry.share_link_max_age >= Duration::from_hours(1),
            "SHARE_LINK_MAX_AGE",
            "is less than the shortest life of a link; write 1h or more",
        );
        require(
            !registry.name.trim().is_empty(),
            "REGISTRY_NAME",
            "must not be empty",
        );
        require(
            (1..=12).contains(&registry.uri.len())
                && registry
                    .uri
                    .bytes()
                    .all(|c| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'-')),
            "REGISTRY_URI",
            "takes 1 to 12 lower case letters, digits and -",
        );
        require(
            registry
                .help_contact_email
                .as_ref()
                .is_none_or(|mail| mail.contains('@')),
            "HELP_CONTACT_EMAIL",
            "is no e-mail address",
        );
        require(
            registry
                .terms_file
                .as_ref()
                .is_none_or(|path| std::fs::read_to_string(path).is_ok()),
            "TERMS_FILE",
            "cannot be read as text; check the path and its permissions",
        );
    }
}
