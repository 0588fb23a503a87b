//! SAML 2: identity providers of institutions and federations.
//!
//! Rule: nothing is believed but what is covered by a signature of the identity provider's own key, was made for this registry, answers
//! a request of this registry, and is in time. The library checks that; `shape` first refuses whatever it could be led astray with.

mod peer;
mod person;
mod shape;

use std::{sync::Arc, time::SystemTime};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use saml_rs::{
    AcsEndpoint, AudienceValidationPolicy, AuthnRequest, AuthnRequestSigningPolicy, BrowserInput,
    CertificatePem, ClockSkew, Credentials, EntityId, FormField, IdpDescriptor,
    NameIdCreationPolicy, NameIdFormat, Pending, PendingSnapshot, PrivateKeyPem, RelayStateParam,
    ReplayPolicy, SamlError, SamlValidationContext, Sp, SpConfig, SpValidationPolicy, SsoResponse,
    SsoSession, StartSso, XmlPolicy, XmlSignatureProfile,
};

use super::{
    Cause, Departure, ExternalIdentity, Journey, Posted, RedirectProvider, Reply, Trouble,
    http::Http,
};
use crate::config::{self, Settings, saml::certificate_text};
use peer::Peer;

/// The field with the answer.
const RESPONSE: &str = "SAMLResponse";
/// How far clocks may be apart, in milliseconds.
const SKEW: i64 = 60_000;

/// This registry, as identity providers know it.
pub struct Service {
    sp: saml_rs::Saml<Sp>,
    acs: String,
    signs: bool,
}

impl Service {
    /// What the settings say.
    ///
    /// # Errors
    /// Certificate or key cannot be used.
    pub fn new(settings: &Settings) -> Result<Self, Cause> {
        let (saml, domain) = (&settings.saml, &settings.server.domain_name);
        let acs = format!("{domain}/complete/saml/");
        let usual = format!("{domain}/saml_auth/saml.xml");
        let entity_id = saml.entity_id.clone().unwrap_or(usual);
        let signs = !saml.certificate.is_empty();
        let credentials = if signs {
            let certificate = peer::pem("CERTIFICATE", &certificate_text(&saml.certificate)?);
            let key = peer::pem("PRIVATE KEY", saml.private_key.reveal());
            // Better now than at the first sign-in.
            saml_rs::crypto::keys::load_certificate(&certificate)?;
            saml_rs::crypto::keys::load_private_key(&key, None)?;
            Credentials {
                signing_key: Some(PrivateKeyPem::new(key)),
                signing_certificate: Some(CertificatePem::new(certificate)),
                ..Credentials::default()
            }
        } else {
            Credentials::default()
        };
        let config = SpConfig::builder(EntityId::try_new(entity_id)?)
            .acs_endpoint(AcsEndpoint::post(acs.clone())?.with_index(0).mark_default())
            // The first is what requests ask for: whatever the identity provider likes best.
            .name_id_format(NameIdFormat::Unspecified)
            .name_id_format(NameIdFormat::Persistent)
            .name_id_format(NameIdFormat::EmailAddress)
            .credentials(credentials)
            .validation(policy(signs))
            .xml(XmlPolicy {
                limits: shape::LIMITS,
                ..XmlPolicy::default()
            })
            .build()?;
        Ok(Self {
            sp: saml_rs::Saml::sp(config)?,
            acs,
            signs,
        })
    }

    /// The document for identity providers.
    pub fn metadata(&self) -> &str {
        self.sp.metadata_xml()
    }
}

/// What is asked of an answer.
fn policy(signs: bool) -> SpValidationPolicy {
    SpValidationPolicy {
        // RSA with SHA-2 and one plain reference: nothing that leaves room for interpretation.
        xml_signatures: XmlSignatureProfile::StrictRsaSha2,
        authn_requests: if signs {
            AuthnRequestSigningPolicy::Sign
        } else {
            AuthnRequestSigningPolicy::DoNotSignForCompatibility
        },
        // One that is for everybody is for nobody.
        audience: AudienceValidationPolicy::Validate,
        name_id_creation: NameIdCreationPolicy::AllowCreate,
        ..SpValidationPolicy::recommended()
    }
}

/// An identity provider.
pub struct Saml {
    service: Arc<Service>,
    peer: Peer,
    settings: config::Saml,
}

impl Saml {
    /// The identity provider that the settings name.
    ///
    /// # Errors
    /// Its metadata cannot be used.
    pub fn new(
        service: &Arc<Service>,
        http: &Http,
        settings: &Settings,
        idp: &config::saml::Idp,
    ) -> Result<Self, Cause> {
        Ok(Self {
            service: Arc::clone(service),
            peer: Peer::new(http.clone(), &settings.saml, idp, service.signs)?,
            settings: settings.saml.clone(),
        })
    }

    /// Checks an answer to a request.
    fn check(
        &self,
        idp: &IdpDescriptor,
        answers: &str,
        posted: &str,
        now: DateTime<Utc>,
    ) -> Result<SsoSession, SamlError> {
        let snapshot = PendingSnapshot::<AuthnRequest>::authn_request(
            answers,
            RelayStateParam::absent(),
            idp.entity_id().as_str(),
            "post",
            self.service.acs.as_str(),
            "post",
        );
        let pending = Pending::<AuthnRequest>::from_snapshot(snapshot)?;
        let input = BrowserInput::<SsoResponse>::post(vec![FormField::new(RESPONSE, posted)]);
        // Whether it counts is decided where the registry remembers across processes.
        let replay = ReplayPolicy::DisabledForCompatibility;
        let validation = SamlValidationContext::new(SystemTime::from(now), replay)
            .with_clock_skew(ClockSkew::from_millis(-SKEW, SKEW));
        let session = self
            .service
            .sp
            .finish_sso(idp, &pending, input, validation)?;
        if session.verified_xml_signatures().is_empty() {
            return Err(SamlError::SignatureMissing);
        }
        Ok(session)
    }
}

#[async_trait]
impl RedirectProvider for Saml {
    async fn depart(&self, journey: &Journey) -> Result<Departure, Trouble> {
        let idp = self.peer.known().await?;
        let state =
            RelayStateParam::try_from_option(Some(journey.state.clone())).map_err(Trouble::down)?;
        let request = StartSso::redirect()
            .relay_state(state)
            .apply_web_browser_sso_generation_rules();
        let started = self
            .service
            .sp
            .start_sso(&idp, request)
            .map_err(Trouble::down)?;
        let url = started.outbound.redirect_url().map_err(Trouble::down)?;
        Ok(Departure {
            url: url.to_owned(),
            kept: started.pending.request_id().as_str().to_owned(),
        })
    }

    async fn arrive(
        &self,
        _journey: &Journey,
        _reply: &Reply,
        _now: DateTime<Utc>,
    ) -> Result<ExternalIdentity, Trouble> {
        Err(Trouble::not_genuine("an answer is posted, not linked to"))
    }

    async fn receive(&self, form: &Reply, now: DateTime<Utc>) -> Result<Option<Posted>, Trouble> {
        let posted = form
            .get(RESPONSE)
            .ok_or_else(|| Trouble::not_genuine("there is no answer in it"))?;
        let claim = shape::claim(posted).map_err(Trouble::not_genuine)?;
        let idp = self.peer.known().await?;
        let entity_id = idp.entity_id().as_str();
        if claim.issuer != entity_id {
            return Ok(None);
        }
        let session = match self.check(&idp, &claim.answers, posted, now) {
            // It may have changed its keys.
            Err(error) if is_about_keys(&error) => match self.peer.renewed(&idp).await {
                Some(idp) => self.check(&idp, &claim.answers, posted, now),
                None => Err(error),
            },
            other => other,
        };
        let session = session.map_err(|error| match error {
            SamlError::StatusNotSuccess { .. } => Trouble::Denied(error.into()),
            error => Trouble::not_genuine(error),
        })?;
        let identity = person::identity(&session, entity_id, &self.settings)
            .map_err(|cause| Trouble::NotAdmitted(cause.into()))?;
        Ok(Some(Posted {
            identity,
            answers: claim.answers,
            id: format!("{entity_id}!{}", session.assertion_id().as_str()),
        }))
    }
}

/// Whether another key could make the difference.
fn is_about_keys(error: &SamlError) -> bool {
    matches!(
        error,
        SamlError::SignatureVerification { .. }
            | SamlError::CertificateMismatch
            | SamlError::NoTrustedCertificate
            | SamlError::Crypto(_)
    )
}
