//! A directory: LDAP or Active Directory.
//!
//! Rule: whoever signs in proves it by a bind of their own. What a person typed reaches a filter or a name only escaped, and referrals are
//! not followed: they would carry the password to another server.

mod groups;
mod tls;

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use ldap3::{
    Ldap as Connection, LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry, dn_escape,
    ldap_escape,
};

use super::{ExternalIdentity, PasswordProvider, Roles, Trouble};
use crate::config::{Ldap as Settings, Secret, ldap::USER};

/// The answer of a directory to a wrong password.
const INVALID_CREDENTIALS: u32 = 49;
/// Answers to names that cannot be: no such object, invalid name.
const NO_SUCH_NAME: [u32; 2] = [32, 34];
/// Most entries of an answer that are read.
const MOST_ENTRIES: i32 = 1000;

/// A directory.
pub struct Ldap {
    settings: Settings,
    timeout: Duration,
    tls: Option<Arc<rustls::ClientConfig>>,
}

/// Somebody in the directory.
struct Entry {
    dn: String,
    values: HashMap<String, Vec<String>>,
}

impl Entry {
    fn of(entry: SearchEntry) -> Self {
        let lower = |(name, values): (String, Vec<String>)| (name.to_lowercase(), values);
        Self {
            dn: entry.dn,
            values: entry.attrs.into_iter().map(lower).collect(),
        }
    }

    /// The values of an attribute, whose name has no case.
    fn all(&self, name: &str) -> &[String] {
        self.values
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    fn first(&self, name: &str) -> Option<String> {
        let value = self.all(name).first()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}

impl Ldap {
    /// The directory that the settings name.
    ///
    /// # Errors
    /// The authorities cannot be read.
    pub fn new(settings: &Settings, timeout: Duration) -> Result<Self, super::Cause> {
        let secure = settings.start_tls || settings.server_uri.starts_with("ldaps:");
        let file = settings.ca_file.as_deref();
        Ok(Self {
            tls: if secure {
                Some(tls::client(file)?)
            } else {
                None
            },
            settings: settings.clone(),
            timeout,
        })
    }

    async fn connect(&self) -> Result<Connection, Trouble> {
        let mut settings = LdapConnSettings::new()
            .set_conn_timeout(self.timeout)
            .set_starttls(self.settings.start_tls);
        if let Some(tls) = &self.tls {
            settings = settings.set_config(Arc::clone(tls));
        }
        let connecting = LdapConnAsync::with_settings(settings, &self.settings.server_uri);
        // The library's own limit is for the connection alone, not for the TLS that follows.
        let (driver, connection) = tokio::time::timeout(self.timeout, connecting)
            .await
            .map_err(Trouble::down)?
            .map_err(Trouble::down)?;
        tokio::spawn(async move {
            if let Err(error) = driver.drive().await {
                tracing::debug!(%error, "connection to the directory ended");
            }
        });
        Ok(connection)
    }

    /// Signs in to the directory. An empty password would be no proof, whatever it answers.
    async fn bind(
        &self,
        connection: &mut Connection,
        dn: &str,
        password: &str,
    ) -> Result<Bound, Trouble> {
        if dn.is_empty() || password.is_empty() {
            return Ok(Bound::No);
        }
        let answer = connection
            .with_timeout(self.timeout)
            .simple_bind(dn, password)
            .await
            .map_err(Trouble::down)?;
        match answer.rc {
            0 => Ok(Bound::Yes),
            INVALID_CREDENTIALS => Ok(Bound::No),
            rc if NO_SUCH_NAME.contains(&rc) => Ok(Bound::No),
            _ => Err(Trouble::down(LdapError::from(answer))),
        }
    }

    /// Signs in with the account that may search.
    async fn bind_service(&self, connection: &mut Connection) -> Result<(), Trouble> {
        let (dn, password) = (&self.settings.bind_dn, self.settings.bind_password.reveal());
        if dn.is_empty() {
            return Ok(());
        }
        match self.bind(connection, dn, password).await? {
            Bound::Yes => Ok(()),
            Bound::No => Err(Trouble::down(
                "the directory refuses AUTH_LDAP_BIND_DN and its password",
            )),
        }
    }

    async fn search(
        &self,
        connection: &mut Connection,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[String],
    ) -> Result<Vec<Entry>, Trouble> {
        let options = ldap3::SearchOptions::new().sizelimit(MOST_ENTRIES);
        let found = connection
            .with_search_options(options)
            .with_timeout(self.timeout)
            .search(base, scope, filter, attributes.to_vec())
            .await
            .map_err(Trouble::down)?;
        let (entries, _) = found.success().map_err(Trouble::down)?;
        let people = entries.into_iter().filter(|entry| !entry.is_ref());
        Ok(people
            .map(|entry| Entry::of(SearchEntry::construct(entry)))
            .collect())
    }

    /// The attributes that are needed of a person.
    fn attributes(&self) -> Vec<String> {
        let settings = &self.settings;
        let named = ["first_name", "last_name", "email", "id"];
        let mut wanted: Vec<String> = named
            .iter()
            .filter_map(|name| settings.attribute(name))
            .map(str::to_owned)
            .collect();
        wanted.push(settings.username_attribute.clone());
        wanted.extend(["cn", "displayName", "memberOf"].map(str::to_owned));
        wanted
    }

    /// The one entry of a user name.
    async fn find(
        &self,
        connection: &mut Connection,
        base: &str,
        username: &str,
    ) -> Result<Entry, Trouble> {
        let filter = self
            .settings
            .user_filter
            .replace(USER, &ldap_escape(username));
        let attributes = self.attributes();
        let mut found = self
            .search(connection, base, Scope::Subtree, &filter, &attributes)
            .await?;
        match (found.pop(), found.is_empty()) {
            (Some(entry), true) => Ok(entry),
            (None, _) => Err(Trouble::WrongCredentials),
            // Whose password would it be?
            (Some(_), false) => Err(Trouble::down(
                "the directory has several entries for one user name",
            )),
        }
    }

    /// The person's entry, once the password has proved right; the connection may search for groups then.
    async fn prove(
        &self,
        connection: &mut Connection,
        username: &str,
        password: &str,
    ) -> Result<Entry, Trouble> {
        let settings = &self.settings;
        if let Some(template) = &settings.user_dn_template {
            let dn = template.replace(USER, &dn_escape(username));
            self.must_bind(connection, &dn, password).await?;
            return match &settings.user_search {
                Some(base) => self.find(connection, base, username).await,
                None => self.own_entry(connection, &dn).await,
            };
        }
        let base = settings.user_search.as_deref().unwrap_or_default();
        self.bind_service(connection).await?;
        let entry = self.find(connection, base, username).await?;
        // On a connection of its own: the one at hand keeps the rights to search.
        let mut own = self.connect().await?;
        let bound = self.must_bind(&mut own, &entry.dn, password).await;
        let _ = own.unbind().await;
        bound.map(|()| entry)
    }

    async fn must_bind(
        &self,
        connection: &mut Connection,
        dn: &str,
        password: &str,
    ) -> Result<(), Trouble> {
        match self.bind(connection, dn, password).await? {
            Bound::Yes => Ok(()),
            Bound::No => Err(Trouble::WrongCredentials),
        }
    }

    async fn own_entry(&self, connection: &mut Connection, dn: &str) -> Result<Entry, Trouble> {
        let attributes = self.attributes();
        let mut found = self
            .search(connection, dn, Scope::Base, "(objectClass=*)", &attributes)
            .await?;
        found
            .pop()
            .ok_or_else(|| Trouble::down("the directory hides the person's own entry"))
    }

    fn identity(&self, username: &str, entry: &Entry, roles: Roles) -> ExternalIdentity {
        let get = |name: &str| {
            self.settings
                .attribute(name)
                .and_then(|theirs| entry.first(theirs))
        };
        let login = entry
            .first(&self.settings.username_attribute)
            .unwrap_or_else(|| username.to_owned());
        let names: Vec<String> = [get("first_name"), get("last_name")]
            .into_iter()
            .flatten()
            .collect();
        let display_name = (names.len() == 2)
            .then(|| names.join(" "))
            .or_else(|| entry.first("displayName"))
            .or_else(|| entry.first("cn"));
        let email = get("email");
        ExternalIdentity {
            subject: get("id").unwrap_or_else(|| login.to_lowercase()),
            login,
            display_name,
            // The institution itself says whose address it is.
            email_verified: email.is_some(),
            email,
            roles,
        }
    }
}

/// What came of signing in to the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Yes,
    No,
}

#[async_trait]
impl PasswordProvider for Ldap {
    async fn verify(
        &self,
        username: &str,
        password: &Secret<String>,
    ) -> Result<ExternalIdentity, Trouble> {
        let mut connection = self.connect().await?;
        let proven = async {
            let entry = self
                .prove(&mut connection, username, password.reveal())
                .await?;
            let roles = self.roles(&mut connection, username, &entry).await?;
            Ok(self.identity(username, &entry, roles))
        };
        // However many questions there are: a directory that hangs must not hang us.
        let proven = tokio::time::timeout(self.timeout * 2, proven).await;
        let _ = connection.unbind().await;
        proven.map_err(Trouble::down)?
    }
}
