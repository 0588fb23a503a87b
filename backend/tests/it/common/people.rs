//! People of a test: accounts with a token each, and clients that carry it.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use shared_types::{NewToken, NewUser, Role, Scope};
use sregistry_server::services::{terms, tokens, users};

use super::{TestApp, client};

/// The password of every test user.
pub const PASSWORD: &str = "correct horse battery staple";

/// A user with a token that may do everything the user may.
pub struct TestUser {
    /// The user name.
    pub username: String,
    /// The token.
    pub token: String,
    /// Sends the token with every request; follows no redirects.
    pub client: reqwest::Client,
}

impl TestApp {
    /// Makes an ordinary user. The account has a token but no password: hashing one takes a while.
    pub async fn user(&self, username: &str) -> TestUser {
        self.person(username, Role::User, None).await
    }

    /// Makes a user who can sign in with `PASSWORD`.
    pub async fn user_with_password(&self, username: &str) -> TestUser {
        self.person(username, Role::User, Some(PASSWORD)).await
    }

    /// Makes an administrator of all collections.
    pub async fn admin(&self) -> TestUser {
        self.person("admin", Role::Admin, None).await
    }

    /// Makes an administrator of everything.
    pub async fn superuser(&self) -> TestUser {
        self.person("root", Role::Superuser, None).await
    }

    /// Accepts the terms of use for a user, as they would in the browser.
    pub async fn accept_terms(&self, username: &str) {
        let core = self.core();
        let viewer = users::acting(core, username).await.unwrap();
        let version = terms::get(core).await.unwrap().version.clone();
        terms::accept(core, &viewer, &version).await.unwrap();
    }

    async fn person(&self, username: &str, role: Role, password: Option<&str>) -> TestUser {
        let new = NewUser {
            username: username.to_owned(),
            password: password.map(str::to_owned),
            display_name: None,
            email: None,
            role: Some(role),
        };
        users::create(self.core(), &users::operator(), new)
            .await
            .unwrap();
        let token = self.token(username, Scope::Admin, None).await;
        TestUser {
            username: username.to_owned(),
            client: with_token(&token),
            token,
        }
    }

    /// Makes another token for a user: only this far, only in these collections.
    pub async fn token(
        &self,
        username: &str,
        scope: Scope,
        collections: Option<Vec<String>>,
    ) -> String {
        let new = NewToken {
            name: "test".to_owned(),
            scope: Some(scope),
            collections,
            expires_in_days: None,
        };
        tokens::create_for(self.core(), username, new)
            .await
            .unwrap()
            .secret
    }
}

/// A client that sends this token with every request.
pub fn with_token(token: &str) -> reqwest::Client {
    let mut headers = HeaderMap::new();
    headers.insert(
        AUTHORIZATION,
        HeaderValue::from_str(&format!("Bearer {token}")).unwrap(),
    );
    client(headers)
}
