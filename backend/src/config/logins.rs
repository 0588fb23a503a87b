//! Ways to sign in with accounts of other providers, by the names that the original gave them.

use super::{
    kind::{Flag, Hidden, Optional, Text, Time, Words},
    section::section,
};

section! {
    /// Ways to sign in with accounts of other providers.
    pub struct Logins: "Signing in with other providers" {
        /// Plugins in use: ldap_auth, pam_auth, saml_auth and globus are ways to sign in. pgp and google_build are known and need nothing here.
        plugins_enabled: Words = ("PLUGINS_ENABLED", ""),
        /// Whether someone who signs in with a provider for the first time gets an account.
        /// Without it, people sign in another way first and connect the login to their account.
        create_accounts: Flag = ("CREATE_ACCOUNTS", "true"),
        /// Whether a login belongs to the account with the same e-mail address, where the provider vouches for the address.
        /// Accounts of administrators are never found this way. Say yes only where every provider in use is trusted with that.
        link_by_email: Flag = ("LINK_ACCOUNTS_BY_EMAIL", "false"),
        /// How long a provider may take for one answer.
        timeout: Time = ("PROVIDER_TIMEOUT", "10s"),
        /// Whether people can sign in with an OpenID Connect provider, such as Keycloak or Entra ID.
        /// Its call-back address is DOMAIN_NAME/complete/oidc/.
        enable_oidc: Flag = ("ENABLE_OIDC_AUTH", "false"),
        /// The provider's address: what stands before /.well-known/openid-configuration.
        oidc_endpoint: Optional<Text> = ("SOCIAL_AUTH_OIDC_OIDC_ENDPOINT", ""),
        /// The client id that the provider gave to this registry.
        oidc_key: Optional<Text> = ("SOCIAL_AUTH_OIDC_KEY", ""),
        /// The client secret; absent for a client without one.
        oidc_secret: Hidden<Text> = ("SOCIAL_AUTH_OIDC_SECRET", ""),
        /// What is asked for.
        oidc_scope: Words = ("SOCIAL_AUTH_OIDC_SCOPE", "openid,profile,email"),
        /// The claim that a new user is called after.
        oidc_username: Text = ("SOCIAL_AUTH_OIDC_USERNAME_KEY", "preferred_username"),
        /// What the button says.
        oidc_label: Text = ("SOCIAL_AUTH_OIDC_LABEL", "OpenID Connect"),
        /// Whether people can sign in with Google. Its call-back address is DOMAIN_NAME/complete/google-oauth2/.
        enable_google: Flag = ("ENABLE_GOOGLE_AUTH", "false"),
        /// The client id.
        google_key: Optional<Text> = ("SOCIAL_AUTH_GOOGLE_OAUTH2_KEY", ""),
        /// The client secret.
        google_secret: Hidden<Text> = ("SOCIAL_AUTH_GOOGLE_OAUTH2_SECRET", ""),
        /// Whether people can sign in with GitHub, once there are key and secret.
        /// Its call-back address is DOMAIN_NAME/complete/github/.
        enable_github: Flag = ("ENABLE_GITHUB_AUTH", "true"),
        /// The client id.
        github_key: Optional<Text> = ("SOCIAL_AUTH_GITHUB_KEY", ""),
        /// The client secret.
        github_secret: Hidden<Text> = ("SOCIAL_AUTH_GITHUB_SECRET", ""),
        /// Whether people can sign in with a GitHub Enterprise server.
        /// Its call-back address is DOMAIN_NAME/complete/github-enterprise/.
        enable_github_enterprise: Flag = ("ENABLE_GITHUB_ENTERPRISE_AUTH", "false"),
        /// The server's address.
        github_enterprise_url: Optional<Text> = ("SOCIAL_AUTH_GITHUB_ENTERPRISE_URL", ""),
        /// The address of its API; without it, /api/v3 below the server's address.
        github_enterprise_api_url: Optional<Text> = ("SOCIAL_AUTH_GITHUB_ENTERPRISE_API_URL", ""),
        /// The client id.
        github_enterprise_key: Optional<Text> = ("SOCIAL_AUTH_GITHUB_ENTERPRISE_KEY", ""),
        /// The client secret.
        github_enterprise_secret: Hidden<Text> = ("SOCIAL_AUTH_GITHUB_ENTERPRISE_SECRET", ""),
        /// Whether people can sign in with GitLab. Its call-back address is DOMAIN_NAME/complete/gitlab/.
        enable_gitlab: Flag = ("ENABLE_GITLAB_AUTH", "false"),
        /// The address of the GitLab server, for one of your own.
        gitlab_url: Text = ("SOCIAL_AUTH_GITLAB_API_URL", "https://gitlab.com"),
        /// The application's id.
        gitlab_key: Optional<Text> = ("SOCIAL_AUTH_GITLAB_KEY", ""),
        /// The application's secret.
        gitlab_secret: Hidden<Text> = ("SOCIAL_AUTH_GITLAB_SECRET", ""),
        /// What is asked for beside read_user.
        gitlab_scope: Words = ("SOCIAL_AUTH_GITLAB_SCOPE", ""),
        /// Whether people can sign in with Bitbucket. Its call-back address is DOMAIN_NAME/complete/bitbucket-oauth2/.
        enable_bitbucket: Flag = ("ENABLE_BITBUCKET_AUTH", "false"),
        /// The client id.
        bitbucket_key: Optional<Text> = ("SOCIAL_AUTH_BITBUCKET_OAUTH2_KEY", ""),
        /// The client secret.
        bitbucket_secret: Hidden<Text> = ("SOCIAL_AUTH_BITBUCKET_OAUTH2_SECRET", ""),
        /// Whether only people come in whose e-mail address Bitbucket has confirmed.
        bitbucket_verified_only: Flag = ("SOCIAL_AUTH_BITBUCKET_OAUTH2_VERIFIED_EMAILS_ONLY", "false"),
        /// Whether people can sign in with Twitter / X. Its call-back address is DOMAIN_NAME/complete/twitter/.
        enable_twitter: Flag = ("ENABLE_TWITTER_AUTH", "false"),
        /// The API key.
        twitter_key: Optional<Text> = ("SOCIAL_AUTH_TWITTER_KEY", ""),
        /// The API key's secret.
        twitter_secret: Hidden<Text> = ("SOCIAL_AUTH_TWITTER_SECRET", ""),
        /// The client id at Globus, with which people can sign in where PLUGINS_ENABLED names globus.
        /// Its call-back address is DOMAIN_NAME/complete/globus/.
        globus_key: Optional<Text> = ("SOCIAL_AUTH_GLOBUS_KEY", ""),
        /// The client secret.
        globus_secret: Hidden<Text> = ("SOCIAL_AUTH_GLOBUS_SECRET", ""),
    }
}

/// Plugins of the original that are known here.
const PLUGINS: &[&str] = &[
    "globus",
    "google_build",
    "ldap_auth",
    "pam_auth",
    "pgp",
    "saml_auth",
];

impl Logins {
    /// Whether a plugin is in use.
    pub fn has_plugin(&self, name: &str) -> bool {
        self.plugins_enabled.iter().any(|plugin| plugin == name)
    }

    /// Notes what cannot work.
    pub(super) fn validate(&self, require: &mut impl FnMut(bool, &str, &str)) {
        for plugin in &self.plugins_enabled {
            require(
                PLUGINS.contains(&plugin.as_str()),
                "PLUGINS_ENABLED",
                &format!(
                    "“{plugin}” is no plugin of this version; there are {}",
                    PLUGINS.join(", ")
                ),
            );
        }
        require(
            self.timeout.as_secs() >= 1,
            "PROVIDER_TIMEOUT",
            "leaves providers no time; write 1s or more",
        );
        let mut client = |on: bool, flag: &str, key: &Option<String>, secret: &str, name: &str| {
            require(
                !on || key.is_some(),
                &format!("{name}_KEY"),
                &format!(
                    "is missing; register this registry at the provider and write the client id here, or switch {flag} off"
                ),
            );
            require(
                !on || !secret.is_empty() || name == "SOCIAL_AUTH_OIDC",
                &format!("{name}_SECRET"),
                &format!("is missing; it comes with the client id, or switch {flag} off"),
            );
        };
        client(
            self.enable_oidc,
            "ENABLE_OIDC_AUTH",
            &self.oidc_key,
            self.oidc_secret.reveal(),
            "SOCIAL_AUTH_OIDC",
        );
        client(
            self.enable_google,
            "ENABLE_GOOGLE_AUTH",
            &self.google_key,
            self.google_secret.reveal(),
            "SOCIAL_AUTH_GOOGLE_OAUTH2",
        );
        client(
            self.enable_github && self.github_key.is_some(),
            "ENABLE_GITHUB_AUTH",
            &self.github_key,
            self.github_secret.reveal(),
            "SOCIAL_AUTH_GITHUB",
        );
        client(
            self.enable_github_enterprise,
            "ENABLE_GITHUB_ENTERPRISE_AUTH",
            &self.github_enterprise_key,
            self.github_enterprise_secret.reveal(),
            "SOCIAL_AUTH_GITHUB_ENTERPRISE",
        );
        client(
            self.enable_gitlab,
            "ENABLE_GITLAB_AUTH",
            &self.gitlab_key,
            self.gitlab_secret.reveal(),
            "SOCIAL_AUTH_GITLAB",
        );
        client(
            self.enable_bitbucket,
            "ENABLE_BITBUCKET_AUTH",
            &self.bitbucket_key,
            self.bitbucket_secret.reveal(),
            "SOCIAL_AUTH_BITBUCKET_OAUTH2",
        );
        client(
            self.enable_twitter,
            "ENABLE_TWITTER_AUTH",
            &self.twitter_key,
            self.twitter_secret.reveal(),
            "SOCIAL_AUTH_TWITTER",
        );
        client(
            self.has_plugin("globus"),
            "globus in PLUGINS_ENABLED",
            &self.globus_key,
            self.globus_secret.reveal(),
            "SOCIAL_AUTH_GLOBUS",
        );
        self.validate_addresses(require);
    }

    fn validate_addresses(&self, require: &mut impl FnMut(bool, &str, &str)) {
        let addresses = [
            (
                self.enable_oidc,
                &self.oidc_endpoint,
                "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT",
            ),
            (
                self.enable_github_enterprise,
                &self.github_enterprise_url,
                "SOCIAL_AUTH_GITHUB_ENTERPRISE_URL",
            ),
            (
                self.enable_github_enterprise && self.github_enterprise_api_url.is_some(),
                &self.github_enterprise_api_url,
                "SOCIAL_AUTH_GITHUB_ENTERPRISE_API_URL",
            ),
            (
                self.enable_gitlab,
                &Some(self.gitlab_url.clone()),
                "SOCIAL_AUTH_GITLAB_API_URL",
            ),
        ];
        for (on, address, name) in addresses {
            let url = address
                .as_deref()
                .and_then(|text| url::Url::parse(text).ok());
            let good = url.is_some_and(|url| {
                matches!(url.scheme(), "http" | "https") && url.has_host() && url.query().is_none()
            });
            require(
                !on || good,
                name,
                "must be the provider's address, such as https://login.example.org",
            );
        }
    }
}
