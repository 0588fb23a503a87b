//! The ways to sign in that the settings switch on.

use std::sync::Arc;

use super::{
    Cause, PasswordProvider, Provider, RedirectProvider, Way,
    bitbucket::{self, Bitbucket},
    github::GitHub,
    gitlab::GitLab,
    http::Http,
    ldap::Ldap,
    oauth::Client,
    oidc::Oidc,
    twitter::{self, Twitter},
};
use crate::config::{Logins, Secret, Settings};

/// Where GitHub is, and its API.
const GITHUB: [&str; 2] = ["https://github.com", "https://api.github.com"];
/// The word of SAML: its identity providers share the address to come back to.
#[cfg(feature = "saml")]
const SAML: &str = "saml";
/// What is asked for where the settings say nothing.
const SCOPE: [&str; 3] = ["openid", "profile", "email"];

/// Where the OpenID Connect providers are that no setting names: what stands before their own descriptions.
#[derive(Debug, Clone)]
pub struct Sites {
    /// Google.
    pub google: String,
    /// Globus.
    pub globus: String,
}

impl Default for Sites {
    fn default() -> Self {
        Self {
            google: "https://accounts.google.com".to_owned(),
            globus: "https://auth.globus.org".to_owned(),
        }
    }
}

/// All ways to sign in but that of local accounts, in the order of the sign-in page.
#[derive(Debug, Default)]
pub struct Providers {
    all: Vec<Provider>,
    metadata: Option<String>,
}

impl Providers {
    /// Those that the settings switch on.
    ///
    /// # Errors
    /// Something that they need is not there: TLS, certificates, the system's PAM.
    pub fn build(settings: &Settings, sites: &Sites) -> Result<Self, Cause> {
        let logins = &settings.logins;
        let http = Http::new(logins.timeout)?;
        let mut providers = connect(logins, &http, sites);
        providers.extend(forges(logins, &http));
        if logins.has_plugin("ldap_auth") {
            let ldap = Ldap::new(&settings.ldap, logins.timeout)?;
            providers.push(form("ldap", &settings.ldap.label, ldap));
        }
        #[cfg(feature = "pam")]
        if logins.has_plugin("pam_auth") {
            let pam = super::pam::Pam::new(&settings.pam)?;
            providers.push(form("pam", &settings.pam.label, pam));
        }
        #[cfg_attr(
            not(feature = "saml"),
            expect(unused_mut, reason = "only SAML has any")
        )]
        let mut metadata = None;
        #[cfg(feature = "saml")]
        if logins.has_plugin("saml_auth") {
            let service = Arc::new(super::saml::Service::new(settings)?);
            metadata = Some(service.metadata().to_owned());
            for idp in settings.saml.idps() {
                let saml = super::saml::Saml::new(&service, &http, settings, &idp)?;
                providers.push(Provider {
                    id: format!("{SAML}-{}", idp.name),
                    door: SAML.to_owned(),
                    label: idp.label,
                    way: Way::Redirect(Arc::new(saml)),
                });
            }
        }
        Ok(Self {
            all: providers,
            metadata,
        })
    }

    /// A way by its word, or the first one of a door.
    pub fn get(&self, id: &str) -> Option<&Provider> {
        let exact = self.all.iter().find(|provider| provider.id == id);
        exact.or_else(|| self.behind(id).next())
    }

    /// The ways that share the address to come back to.
    pub fn behind(&self, door: &str) -> impl Iterator<Item = &Provider> {
        self.all
            .iter()
            .filter(move |provider| provider.door == door)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.all.iter()
    }

    /// What SAML identity providers need to know about this registry, where SAML is in use.
    pub fn saml_metadata(&self) -> Option<&str> {
        self.metadata.as_deref()
    }
}

/// The providers that speak OpenID Connect.
fn connect(logins: &Logins, http: &Http, sites: &Sites) -> Vec<Provider> {
    let usual = SCOPE.map(str::to_owned);
    let mut providers = Vec::new();
    if let (true, Some(endpoint), Some(client)) = (
        logins.enable_oidc,
        &logins.oidc_endpoint,
        client(logins.oidc_key.as_ref(), &logins.oidc_secret),
    ) {
        let (scope, name) = (&logins.oidc_scope, &logins.oidc_username);
        let oidc = Oidc::new(http.clone(), endpoint, client, scope, name);
        providers.push(page("oidc", &logins.oidc_label, oidc));
    }
    if let (true, Some(client)) = (
        logins.enable_google,
        client(logins.google_key.as_ref(), &logins.google_secret),
    ) {
        let google = Oidc::new(http.clone(), &sites.google, client, &usual, "email");
        providers.push(page("google-oauth2", "Google", google));
    }
    if let (true, Some(client)) = (
        logins.has_plugin("globus"),
        client(logins.globus_key.as_ref(), &logins.globus_secret),
    ) {
        let (at, name) = (&sites.globus, "preferred_username");
        let globus = Oidc::new(http.clone(), at, client, &usual, name);
        providers.push(page("globus", "Globus", globus));
    }
    providers
}

/// The providers that each have a way of their own.
fn forges(logins: &Logins, http: &Http) -> Vec<Provider> {
    let mut providers = Vec::new();
    if let (true, Some(client)) = (
        logins.enable_github,
        client(logins.github_key.as_ref(), &logins.github_secret),
    ) {
        let [site, api] = GITHUB;
        let github = GitHub::new(http.clone(), site, api, client);
        providers.push(page("github", "GitHub", github));
    }
    if let (true, Some(site), Some(client)) = (
        logins.enable_github_enterprise,
        &logins.github_enterprise_url,
        client(
            logins.github_enterprise_key.as_ref(),
            &logins.github_enterprise_secret,
        ),
    ) {
        let usual = format!("{}/api/v3", site.trim_end_matches('/'));
        let api = logins.github_enterprise_api_url.as_ref().unwrap_or(&usual);
        let github = GitHub::new(http.clone(), site, api, client);
        providers.push(page("github-enterprise", "GitHub Enterprise", github));
    }
    if let (true, Some(client)) = (
        logins.enable_gitlab,
        client(logins.gitlab_key.as_ref(), &logins.gitlab_secret),
    ) {
        let gitlab = GitLab::new(
            http.clone(),
            &logins.gitlab_url,
            client,
            &logins.gitlab_scope,
        );
        providers.push(page("gitlab", "GitLab", gitlab));
    }
    if let (true, Some(client)) = (
        logins.enable_bitbucket,
        client(logins.bitbucket_key.as_ref(), &logins.bitbucket_secret),
    ) {
        let (at, strict) = (
            bitbucket::Addresses::default(),
            logins.bitbucket_verified_only,
        );
        let bitbucket = Bitbucket::new(http.clone(), at, client, strict);
        providers.push(page("bitbucket-oauth2", "Bitbucket", bitbucket));
    }
    if let (true, Some(client)) = (
        logins.enable_twitter,
        client(logins.twitter_key.as_ref(), &logins.twitter_secret),
    ) {
        let twitter = Twitter::new(http.clone(), twitter::API, client);
        providers.push(page("twitter", "Twitter / X", twitter));
    }
    providers
}

fn client(key: Option<&String>, secret: &Secret<String>) -> Option<Client> {
    key.map(|key| Client {
        id: key.clone(),
        secret: secret.clone(),
    })
}

fn page(id: &str, label: &str, provider: impl RedirectProvider + 'static) -> Provider {
    Provider {
        id: id.to_owned(),
        door: id.to_owned(),
        label: label.to_owned(),
        way: Way::Redirect(Arc::new(provider)),
    }
}

fn form(id: &str, label: &str, provider: impl PasswordProvider + 'static) -> Provider {
    Provider {
        id: id.to_owned(),
        door: id.to_owned(),
        label: label.to_owned(),
        way: Way::Password(Arc::new(provider)),
    }
}
