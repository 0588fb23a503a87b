//! What is known of an identity provider: its name, its sign-in page and its keys, from metadata or from the settings.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use saml_rs::{
    IdpDescriptor, MetadataTrustPolicy,
    constants::CertUse,
    metadata::IdpMetadata,
    raw::{
        Binding,
        metadata::{Endpoint, IdpMetadataConfig, generate_idp_metadata},
    },
};
use tokio::sync::Mutex;

use super::super::{Cause, Trouble, http::Http};
use crate::config::{
    Saml as Settings,
    saml::{Idp, IdpSource, certificate_text},
};

/// How long metadata from an address is believed.
const BELIEVED: Duration = Duration::from_hours(1);
/// How soon it is asked for again where a key seems to have changed. Anybody can send an answer with a wrong signature.
const PATIENCE: Duration = Duration::from_mins(1);

/// An identity provider.
pub struct Peer {
    http: Http,
    /// Where its metadata is, where that is an address.
    url: Option<String>,
    signs: bool,
    known: Mutex<Option<Known>>,
}

/// What was found, and when to look again.
struct Known {
    found: Arc<IdpDescriptor>,
    asked: Instant,
    until: Instant,
}

impl Known {
    fn new(found: Arc<IdpDescriptor>) -> Self {
        let asked = Instant::now();
        let until = asked + BELIEVED;
        Self {
            found,
            asked,
            until,
        }
    }
}

impl Peer {
    /// The one that the settings name. With `signs`, it gets signed requests.
    ///
    /// # Errors
    /// Its metadata cannot be used.
    pub fn new(http: Http, settings: &Settings, idp: &Idp, signs: bool) -> Result<Self, Cause> {
        let named = |error: Cause| -> Cause { format!("SAML, “{}”: {error}", idp.name).into() };
        let (url, known) = match &idp.source {
            IdpSource::Settings => (None, Some(by_hand(settings, signs).map_err(named)?)),
            IdpSource::Metadata(place) if place.contains("://") => (Some(place.clone()), None),
            IdpSource::Metadata(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| named(error.into()))?;
                (None, Some(described(&text, signs).map_err(named)?))
            }
        };
        Ok(Self {
            http,
            url,
            signs,
            known: Mutex::new(known.map(|found| Known::new(Arc::new(found)))),
        })
    }

    /// What is known: fetched once in a while, by one caller for all.
    pub async fn known(&self) -> Result<Arc<IdpDescriptor>, Trouble> {
        let mut known = self.known.lock().await;
        if let Some(known) = &mut *known {
            if self.url.is_some() && Instant::now() >= known.until {
                self.renew(known).await;
            }
            return Ok(Arc::clone(&known.found));
        }
        let found = self.fetch().await?;
        *known = Some(Known::new(Arc::clone(&found)));
        Ok(found)
    }

    /// What is known after asking again; nothing where that is no news.
    pub async fn renewed(&self, before: &IdpDescriptor) -> Option<Arc<IdpDescriptor>> {
        self.url.as_ref()?;
        let mut known = self.known.lock().await;
        let known = known.as_mut()?;
        if known.asked.elapsed() >= PATIENCE {
            self.renew(known).await;
        }
        (known.found.metadata_xml() != before.metadata_xml()).then(|| Arc::clone(&known.found))
    }

    /// Its metadata may be away for a while; its keys are still its keys.
    async fn renew(&self, known: &mut Known) {
        match self.fetch().await {
            Ok(found) => *known = Known::new(found),
            Err(trouble) => {
                let cause = std::error::Error::source(&trouble).map(ToString::to_string);
                tracing::warn!(url = self.url, cause, "metadata was not renewed: {trouble}");
                known.asked = Instant::now();
                known.until = known.asked + PATIENCE;
            }
        }
    }

    async fn fetch(&self) -> Result<Arc<IdpDescriptor>, Trouble> {
        let url = self.url.as_deref().unwrap_or_default();
        let request = self
            .http
            .get(url)
            .header("accept", "application/samlmetadata+xml, */*");
        let answer = self.http.send(request).await?;
        if !answer.status.is_success() {
            return Err(Trouble::down(format!(
                "metadata: status {}: {}",
                answer.status,
                answer.shown()
            )));
        }
        let text = String::from_utf8(answer.body).map_err(Trouble::down)?;
        let found = described(&text, self.signs).map_err(Trouble::Down)?;
        Ok(Arc::new(found))
    }
}

/// An identity provider by its own metadata.
fn described(text: &str, signs: bool) -> Result<IdpDescriptor, Cause> {
    let metadata = IdpMetadata::from_xml(text)?;
    let entity_id = metadata
        .get_entity_id()
        .ok_or("the metadata names no entity id")?;
    let url = metadata
        .get_single_sign_on_service(Binding::Redirect)
        .ok_or("the metadata names no sign-in page for HTTP-Redirect")?;
    if metadata.is_want_authn_requests_signed() && !signs {
        let needed = "the identity provider wants signed requests: set SOCIAL_AUTH_SAML_SP_PUBLIC_CERT and SOCIAL_AUTH_SAML_SP_PRIVATE_KEY";
        return Err(needed.into());
    }
    let certificates = metadata.x509_certificates(CertUse::Signing);
    descriptor(entity_id, &url, &certificates, signs)
}

/// An identity provider by what the settings say.
fn by_hand(settings: &Settings, signs: bool) -> Result<IdpDescriptor, Cause> {
    let entity_id = settings.idp_entity_id.as_deref().unwrap_or_default();
    let certificate = certificate_text(&settings.idp_certificate)?;
    descriptor(entity_id, &settings.idp_url, &[certificate], signs)
}

/// What the library wants to know, and no more: it takes an identity provider's wish for signed requests for a rule that works both ways.
fn descriptor(
    entity_id: &str,
    url: &str,
    certificates: &[String],
    signs: bool,
) -> Result<IdpDescriptor, Cause> {
    let certificates: Vec<String> = certificates
        .iter()
        .map(|text| pem("CERTIFICATE", text))
        .filter(|certificate| saml_rs::crypto::keys::load_certificate(certificate).is_ok())
        .collect();
    if certificates.is_empty() {
        return Err("there is no certificate that can be read".into());
    }
    let page = url::Url::parse(url)?;
    if !matches!(page.scheme(), "http" | "https") {
        return Err(format!("{url} is no address of a page").into());
    }
    let xml = generate_idp_metadata(&IdpMetadataConfig {
        entity_id: entity_id.to_owned(),
        signing_certs: certificates,
        want_authn_requests_signed: signs,
        single_sign_on_service: vec![Endpoint::new(Binding::Redirect, url)],
        ..IdpMetadataConfig::default()
    });
    // What it is made from was trusted already: by the settings, the file or TLS.
    let trust = MetadataTrustPolicy::UnsignedForCompatibility;
    Ok(IdpDescriptor::from_metadata_xml(&xml, trust)?)
}

/// PEM, also where only its body is given. Keys come in two kinds, which their first bytes tell apart.
pub fn pem(kind: &str, text: &str) -> String {
    if text.contains("-----BEGIN") {
        return text.trim().to_owned() + "\n";
    }
    let body: String = text.split_ascii_whitespace().collect();
    let kind = match BASE64_STANDARD.decode(&body) {
        Ok(der) if kind == "PRIVATE KEY" && !is_pkcs8(&der) => "RSA PRIVATE KEY",
        _ => kind,
    };
    let mut lines = String::new();
    for (position, letter) in body.chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    format!("-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n")
}

/// RFC 5208: after the version comes an algorithm, not a number.
fn is_pkcs8(der: &[u8]) -> bool {
    matches!(der, [0x30, 0x82, _, _, 0x02, 0x01, 0x00, 0x30, ..])
}
