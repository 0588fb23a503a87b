//! SAML 2: a small identity provider inside the test, which lies where it is told to. A real one is in the end-to-end tests.

mod forged;
mod journeys;

use std::{path::Path, process::Command, sync::OnceLock};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use reqwest::header;
use saml_rs::{
    AuthnRequest, BrowserInput, CertificatePem, Credentials, EntityId, IdpConfig,
    IdpValidationPolicy, MetadataTrustPolicy, PrivateKeyPem, ReplayPolicy, Saml,
    SamlValidationContext, SpDescriptor, SsoEndpoint,
    constants::{signature_algorithm::RSA_SHA256, transform_algorithm},
    crypto::{construct_saml_signature, keys::load_private_key},
};
use sregistry_server::config::{Secret, Settings};

use super::{Traveller, location};
use crate::common::TestApp;

/// What the identity provider is called.
pub const IDP: &str = "https://idp.example.org/metadata";
/// Where its sign-in page is.
pub const PAGE: &str = "https://idp.example.org/sso?tenant=1";

/// A key with its certificate.
pub struct Pair {
    pub key: String,
    pub certificate: String,
}

impl Pair {
    fn make(dir: &Path) -> Self {
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            ])
            .args([
                "-subj", "/CN=test", "-keyout", "key.pem", "-out", "cert.pem",
            ])
            .current_dir(dir)
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let read = |name| std::fs::read_to_string(dir.join(name)).unwrap();
        Self {
            key: read("key.pem"),
            certificate: read("cert.pem"),
        }
    }

    /// The key of the identity provider, of somebody else, and of the registry. Made once: it takes a moment.
    pub fn all() -> &'static [Self; 3] {
        static PAIRS: OnceLock<[Pair; 3]> = OnceLock::new();
        PAIRS.get_or_init(|| [(); 3].map(|()| Self::make(tempfile::tempdir().unwrap().path())))
    }
}

/// The identity provider's key.
pub fn own() -> &'static Pair {
    &Pair::all()[0]
}

/// Settings with the identity provider.
pub fn settings(settings: &mut Settings) {
    settings.logins.plugins_enabled = vec!["saml_auth".to_owned()];
    settings.saml.first = Some("institute".to_owned());
    settings.saml.idp_entity_id = Some(IDP.to_owned());
    PAGE.clone_into(&mut settings.saml.idp_url);
    settings.saml.idp_certificate.clone_from(&own().certificate);
    settings.saml.institutions = vec!["The institute".to_owned()];
}

/// As `settings`, with a key of the registry.
pub fn settings_with_key(to: &mut Settings) {
    settings(to);
    to.saml.certificate.clone_from(&Pair::all()[2].certificate);
    to.saml.private_key = Secret::new(Pair::all()[2].key.clone());
}

/// What is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signed {
    Assertion,
    Response,
    Both,
    Nothing,
}

/// An answer, honest unless it is changed.
#[derive(Clone)]
pub struct Says {
    pub issuer: String,
    pub answers: String,
    pub destination: String,
    pub recipient: String,
    pub audience: String,
    pub name_id: String,
    pub format: String,
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub status: String,
    pub attributes: Vec<(String, String)>,
    pub signed: Signed,
    pub signer: &'static Pair,
    pub shown: &'static Pair,
}

pub fn now() -> DateTime<Utc> {
    DateTime::<Utc>::from(std::time::SystemTime::now())
}

impl Says {
    /// The truth about Amy.
    pub fn honest(app: &TestApp, answers: &str) -> Self {
        let domain = &app.core().settings.server.domain_name;
        let acs = format!("{domain}/complete/saml/");
        let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Self {
            issuer: IDP.to_owned(),
            answers: answers.to_owned(),
            destination: acs.clone(),
            recipient: acs,
            audience: format!("{domain}/saml_auth/saml.xml"),
            name_id: "a-1".to_owned(),
            format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned(),
            begins: now() - TimeDelta::seconds(5),
            ends: now() + TimeDelta::seconds(300),
            status: "urn:oasis:names:tc:SAML:2.0:status:Success".to_owned(),
            attributes: vec![
                attribute("urn:oid:0.9.2342.19200300.100.1.1", "Amy"),
                attribute("mail", "amy@example.org"),
                attribute("givenName", "Amy"),
                attribute("sn", "A."),
            ],
            signed: Signed::Assertion,
            signer: own(),
            shown: own(),
        }
    }

    pub fn assertion(&self, id: &str) -> String {
        let [now, begins, ends] = [now(), self.begins, self.ends].map(instant);
        let attributes: Vec<_> = self
            .attributes
            .iter()
            .map(|(name, value)| {
                format!(
                    r#"<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>"#
                )
            })
            .collect();
        let attributes = attributes.concat();
        let Self {
            issuer,
            answers,
            recipient,
            audience,
            name_id,
            format,
            ..
        } = self;
        let audience = match audience.as_str() {
            "" => String::new(),
            name => format!(
                "<saml:AudienceRestriction><saml:Audience>{name}</saml:Audience></saml:AudienceRestriction>"
            ),
        };
        format!(
            r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" Version="2.0" IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{format}">{name_id}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{recipient}" InResponseTo="{answers}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}">{audience}</saml:Conditions><saml:AuthnStatement AuthnInstant="{now}" SessionIndex="{id}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"#
        )
    }

    pub fn around(&self, inside: &str) -> String {
        let id = format!("_{}", ulid::Ulid::new());
        let Self {
            issuer,
            answers,
            destination,
            status,
            ..
        } = self;
        let now = instant(now());
        format!(
            r#"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{id}" Version="2.0" IssueInstant="{now}" Destination="{destination}" InResponseTo="{answers}"><saml:Issuer>{issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="{status}"/></samlp:Status>{inside}</samlp:Response>"#
        )
    }

    pub fn sign(&self, xml: &str, message: bool) -> String {
        let key = load_private_key(&self.signer.key, None).unwrap();
        let transforms = [
            transform_algorithm::ENVELOPED_SIGNATURE,
            transform_algorithm::EXC_C14N,
        ]
        .map(str::to_owned);
        let shown = &self.shown.certificate;
        construct_saml_signature(xml, message, &key, shown, RSA_SHA256, &transforms, None).unwrap()
    }

    /// The whole answer.
    pub fn xml(&self) -> String {
        let id = format!("_{}", ulid::Ulid::new());
        let mut xml = self.around(&self.assertion(&id));
        if matches!(self.signed, Signed::Assertion | Signed::Both) {
            xml = self.sign(&xml, false);
        }
        if matches!(self.signed, Signed::Response | Signed::Both) {
            xml = self.sign(&xml, true);
        }
        xml
    }
}

fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A request that reached the identity provider.
pub struct Asked {
    pub id: String,
    pub state: String,
    pub signed: bool,
}

/// Leaves for the identity provider, which reads the request as the standard says.
pub async fn leave(app: &TestApp, browser: &Traveller, path: &str) -> Asked {
    let url = location(&browser.go(path).await);
    read(app, &url).await
}

/// Reads a request. With a signature, it must be right.
pub async fn read(app: &TestApp, url: &str) -> Asked {
    let query = url.strip_prefix(PAGE).unwrap().strip_prefix('&').unwrap();
    let signed = query.contains("&Signature=");
    let response = app.get("/saml_auth/saml.xml").await;
    let sp = SpDescriptor::from_metadata_xml(
        &response.text().await.unwrap(),
        MetadataTrustPolicy::UnsignedForCompatibility,
    )
    .unwrap();
    let mut policy = IdpValidationPolicy::recommended();
    if signed {
        policy.authn_requests = saml_rs::AuthnRequestValidationPolicy::RequireSigned;
    }
    let config = IdpConfig::builder(EntityId::try_new(IDP).unwrap())
        .sso_endpoint(SsoEndpoint::redirect(PAGE).unwrap())
        .credentials(Credentials {
            signing_key: Some(PrivateKeyPem::new(own().key.clone())),
            signing_certificate: Some(CertificatePem::new(own().certificate.clone())),
            ..Credentials::default()
        })
        .validation(policy)
        .build()
        .unwrap();
    let idp = Saml::idp(config).unwrap();
    let context = SamlValidationContext::new(
        std::time::SystemTime::now(),
        ReplayPolicy::DisabledForCompatibility,
    );
    let request = idp
        .receive_sso(&sp, BrowserInput::<AuthnRequest>::redirect(query), context)
        .unwrap();
    let state = request.relay_state().as_deref().unwrap().to_owned();
    Asked {
        id: request.message().id().as_str().to_owned(),
        state,
        signed,
    }
}

/// What the browser does with an answer: it comes from another site, so no cookies come with it. Where that leads.
pub async fn post(app: &TestApp, xml: &str, state: &str) -> String {
    post_encoded(app, &BASE64_STANDARD.encode(xml), state).await
}

pub async fn post_encoded(app: &TestApp, answer: &str, state: &str) -> String {
    let response = app
        .client()
        .post(app.url("/complete/saml/"))
        .header(header::ORIGIN, "https://idp.example.org")
        .form(&[("SAMLResponse", answer), ("RelayState", state)])
        .send()
        .await
        .unwrap();
    assert!(response.headers().get(header::SET_COOKIE).is_none());
    location(&response)
}

/// The whole way with an honest answer. Where it led.
pub async fn sign_in(app: &TestApp, browser: &Traveller) -> String {
    let asked = leave(app, browser, "/login/saml/?next=/token").await;
    let on = post(app, &Says::honest(app, &asked.id).xml(), &asked.state).await;
    location(&browser.go(&on).await)
}
