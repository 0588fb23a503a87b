//! A browser as the server sees one: it keeps cookies, says where a request comes from, and sends the CSRF token.

use reqwest::{Client, Method, RequestBuilder, Response, header, redirect::Policy};
use serde_json::{Value, json};
use shared_types::{Session, Terms};

use super::good;
use crate::common::{TestApp, client_builder};

/// The password of every test user who has one.
pub const PASSWORD: &str = "correct horse battery staple";

/// A browser with an open page of the registry.
pub struct Browser {
    client: Client,
    base: String,
    /// What the page sends with changes.
    pub csrf: Option<String>,
}

impl Browser {
    /// A browser without a session.
    pub fn open(app: &TestApp) -> Self {
        let client = client_builder()
            .redirect(Policy::default())
            .cookie_store(true)
            .build()
            .unwrap();
        Self {
            client,
            base: app.url("/api/v1"),
            csrf: None,
        }
    }

    /// A browser whose user has signed in and accepted the terms.
    pub async fn signed_in(app: &TestApp, username: &str) -> Self {
        let mut browser = Self::open(app);
        browser.sign_in(username, PASSWORD).await;
        let terms: Terms = good(browser.get("/terms").await, 200).await;
        let _: Session = good(
            browser
                .post("/terms", &json!({"version": terms.version}))
                .await,
            200,
        )
        .await;
        browser
    }

    /// A request as the registry's own page makes it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let request = request.header("sec-fetch-site", "same-origin");
        match &self.csrf {
            Some(token) => request.header("x-csrf-token", token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path)
            .json(body)
            .send()
            .await
            .unwrap()
    }

    pub async fn send(&self, method: Method, path: &str) -> Response {
        self.request(method, path).send().await.unwrap()
    }

    /// Goes to a page of the registry as a provider sends it there; returns where that led.
    pub async fn visit(&self, path: &str) -> String {
        let site = self.base.trim_end_matches("/api/v1");
        let response = self
            .client
            .get(format!("{site}{path}"))
            .send()
            .await
            .unwrap();
        response.url().to_string()
    }

    /// Tries to sign in.
    pub async fn try_sign_in(&self, username: &str, password: &str) -> Response {
        let body = json!({"username": username, "password": password});
        self.post("/login/local", &body).await
    }

    /// Signs in, which must succeed; returns the cookie as the server set it.
    pub async fn sign_in(&mut self, username: &str, password: &str) -> String {
        let response = self.try_sign_in(username, password).await;
        let cookie = set_cookie(&response).unwrap_or_default();
        let session: Session = good(response, 200).await;
        self.csrf = session.csrf_token;
        cookie
    }

    /// Who is signed in, as the server sees it.
    pub async fn session(&self) -> Session {
        good(self.get("/session").await, 200).await
    }

    /// The user name, if someone is signed in.
    pub async fn username(&self) -> Option<String> {
        self.session().await.account.map(|account| account.username)
    }
}

/// The cookie that a response sets.
pub fn set_cookie(response: &Response) -> Option<String> {
    let header = response.headers().get(header::SET_COOKIE)?;
    Some(header.to_str().unwrap().to_owned())
}
