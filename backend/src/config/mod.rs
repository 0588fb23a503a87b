//! Settings: what an administrator can decide, from defaults, a file and the environment.
//!
//! Rule: each setting is declared once, in its section's file; parsing, the example file, the documentation and
//! `config show` all come from that declaration. Nothing here changes after the start.

pub mod kind;
mod layers;
pub mod ldap;
mod logins;
pub mod look;
mod names;
pub mod network;
mod original;
mod pam;
mod rates;
mod registry;
pub mod render;
pub mod saml;
mod secret;
mod secret_key;
mod section;
mod security;
mod server;
mod storage;
mod validate;
mod webhooks;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use kind::Rgb;
pub use layers::{Layers, Source};
pub use ldap::Ldap;
pub use logins::Logins;
pub use look::{Logo, Look};
pub use network::Network;
pub use pam::Pam;
pub use rates::{Rate, Rates};
pub use registry::Registry;
pub use render::Shown;
pub use saml::Saml;
pub use secret::Secret;
pub use secret_key::keep_secret_key;
pub use section::Setting;
pub use security::Security;
pub use server::{LogFormat, Server, local_address};
pub use storage::Storage;
pub use validate::{Problem, Problems};
pub use webhooks::Webhooks;

/// All settings, in the groups that code asks for.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server itself: address, data, database, logs.
    pub server: Server,
    /// Where images are kept, and how they come and go.
    pub storage: Storage,
    /// What this registry is called and allows.
    pub registry: Registry,
    /// How the web pages look.
    pub look: Look,
    /// Keys, sessions and ways to sign in.
    pub security: Security,
    /// How often anybody may ask, and where that is counted.
    pub rates: Rates,
    /// Ways to sign in with accounts of other providers.
    pub logins: Logins,
    /// A directory with accounts.
    pub ldap: Ldap,
    /// The machine's own accounts.
    pub pam: Pam,
    /// Messages to other servers.
    pub webhooks: Webhooks,
    /// Each of them as it is in force, for people to look at.
    pub shown: Vec<Shown>,
    /// SAML 2 identity providers.
    pub saml: Saml,
}

/// Settings together with where each came from.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The values as they were found.
    pub layers: Layers,
}

/// A group of settings, for the documentation.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What the group is about, in a few words.
    pub title: &'static str,
    /// Its settings.
    pub settings: &'static [Setting],
}

/// Every setting there is, group by group.
pub const GROUPS: &[Group] = &[
    Group {
        title: Server::TITLE,
        settings: Server::SETTINGS,
    },
    Group {
        title: Storage::TITLE,
        settings: Storage::SETTINGS,
    },
    Group {
        title: Registry::TITLE,
        settings: Registry::SETTINGS,
    },
    Group {
        title: Look::TITLE,
        settings: Look::SETTINGS,
    },
    Group {
        title: Security::TITLE,
        settings: Security::SETTINGS,
    },
    Group {
        title: Rates::TITLE,
        settings: Rates::SETTINGS,
    },
    Group {
        title: Logins::TITLE,
        settings: Logins::SETTINGS,
    },
    Group {
        title: Ldap::TITLE,
        settings: Ldap::SETTINGS,
    },
    Group {
        title: Pam::TITLE,
        settings: Pam::SETTINGS,
    },
    Group {
        title: Saml::TITLE,
        settings: Saml::SETTINGS,
    },
    Group {
        title: Webhooks::TITLE,
        settings: Webhooks::SETTINGS,
    },
];

/// Every setting there is.
pub fn all_settings() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

impl Settings {
    /// Reads the settings of this process: defaults, then the file, then `SREGISTRY_…` variables.
    ///
    /// The file is the one given, else the one that `SREGISTRY_SETTINGS_FILE` names, else `settings.yaml` in the working
    /// folder if there is one.
    ///
    /// # Errors
    /// Everything that is wrong with the settings, at once.
    pub fn load(file: Option<&Path>) -> Result<Loaded, Problems> {
        let environment: Vec<_> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let named = environment
            .iter()
            .find(|(name, value)| name == "SREGISTRY_SETTINGS_FILE" && !value.is_empty())
            .map(|(_, value)| PathBuf::from(value));
        let usual = Some(PathBuf::from("settings.yaml")).filter(|path| path.is_file());
        let file = file.map(Path::to_path_buf).or(named).or(usual);
        Self::load_from(file.as_deref(), environment)
    }

    /// Reads the settings from a file and these variables.
    ///
    /// # Errors
    /// Everything that is wrong with the settings, at once.
    pub fn load_from(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Loaded, Problems> {
        let mut problems = Problems::default();
        let layers = Layers::gather(file, environment, &mut problems);
        let server = Server::read(&layers, &mut problems);
        let storage = Storage::read(&layers, &mut problems);
        let registry = Registry::read(&layers, &mut problems);
        let look = Look::read(&layers, &mut problems);
        let security = Security::read(&layers, &mut problems);
        let rates = Rates::read(&layers, &mut problems);
        let logins = Logins::read(&layers, &mut problems);
        let ldap = Ldap::read(&layers, &mut problems);
        let pam = Pam::read(&layers, &mut problems);
        let saml = Saml::read(&layers, &mut problems);
        let webhooks = Webhooks::read(&layers, &mut problems);
        let (Some(server), Some(storage), Some(registry), Some(security)) =
            (server, storage, registry, security)
        else {
            return Err(problems);
        };
        let (Some(rates), Some(logins), Some(ldap), Some(pam)) = (rates, logins, ldap, pam) else {
            return Err(problems);
        };
        let (Some(saml), Some(webhooks), Some(look)) = (saml, webhooks, look) else {
            return Err(problems);
        };
        let mut settings = Self {
            server,
            storage,
            registry,
            look,
            security,
            rates,
            logins,
            ldap,
            pam,
            webhooks,
            shown: render::show(&layers),
            saml,
        };
        settings.complete();
        settings.validate(&mut problems);
        problems.into_result()?;
        Ok(Loaded { settings, layers })
    }

    /// Settings for a test: everything under this folder, a port that the system chooses, a fixed secret key.
    pub fn for_tests(data_dir: &Path) -> Self {
        let environment = [
            (
                "SREGISTRY_DATA_DIR",
                data_dir.to_string_lossy().into_owned(),
            ),
            ("SREGISTRY_LISTEN", "127.0.0.1:0".to_owned()),
            ("SREGISTRY_SECRET_KEY", "for tests only: ".repeat(4)),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        match Self::load_from(None, environment) {
            Ok(loaded) => loaded.settings,
            Err(problems) => unreachable!("the defaults are valid: {problems}"),
        }
    }

    /// Fills in what follows from other settings.
    fn complete(&mut self) {
        let server = &mut self.server;
        server.data_dir =
            std::path::absolute(&server.data_dir).unwrap_or_else(|_| server.data_dir.clone());
        server.domain_name = server.domain_name.trim_end_matches('/').to_owned();
        if server.domain_name.is_empty() {
            server.domain_name = local_address(server.listen);
        }
        if server.database_url.reveal().is_empty() {
            let path = server.data_dir.join("registry.db");
            server.database_url = Secret::new(crate::db::Db::sqlite_url(&path));
        }
        if self.storage.url.is_empty() {
            self.storage.url = format!("file://{}", server.data_dir.join("images").display());
        }
    }
}
