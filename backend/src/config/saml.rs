//! Signing in with SAML 2 identity providers.

use std::path::Path;

use super::{
    kind::{Groups, Hidden, Optional, Text, Words},
    section::section,
};

section! {
    /// Signing in with SAML 2 identity providers.
    pub struct Saml: "SAML 2" {
        /// What this registry is called there. Without it, the address of its metadata: DOMAIN_NAME/saml_auth/saml.xml.
        entity_id: Optional<Text> = ("SOCIAL_AUTH_SAML_SP_ENTITY_ID", ""),
        /// The registry's certificate (PEM, or the path of a file with it), which identity providers check its requests with.
        certificate: Text = ("SOCIAL_AUTH_SAML_SP_PUBLIC_CERT", ""),
        /// The key of that certificate (PEM). With both, requests are signed.
        private_key: Hidden<Text> = ("SOCIAL_AUTH_SAML_SP_PRIVATE_KEY", ""),
        /// Identity providers in use where PLUGINS_ENABLED names saml_auth: each a name, = and where its metadata is,
        /// a file or an address with https. A name is for good: it says whose logins are whose.
        identity_providers: Words = ("SOCIAL_AUTH_SAML_ENABLED_IDPS", ""),
        /// An identity provider without metadata: its entity id. It is called as AUTH_SAML_IDP says.
        idp_entity_id: Optional<Text> = ("SOCIAL_AUTH_SAML_IDP_ENTITY_ID", ""),
        /// The address of its sign-in page, for the binding HTTP-Redirect.
        idp_url: Text = ("SOCIAL_AUTH_SAML_IDP_URL", ""),
        /// The certificate that its answers are signed with (PEM, or the path of a file with it).
        idp_certificate: Text = ("SOCIAL_AUTH_SAML_IDP_X509CERT", ""),
        /// The name of the identity provider behind /login/saml/. Without it, the first one.
        first: Optional<Text> = ("AUTH_SAML_IDP", ""),
        /// What the buttons say, in the order of the identity providers. Without it, their names.
        institutions: Groups = ("AUTH_SAML_INSTITUTION", ""),
        /// Which attributes count as username, email, first_name, last_name, full_name and id (what never changes; without it, the NameID).
        /// Of several for the same, the first one that is there.
        attributes: Words = (
            "SOCIAL_AUTH_SAML_ATTRIBUTES",
            "username=urn:oid:0.9.2342.19200300.100.1.1,username=uid,username=urn:oid:1.3.6.1.4.1.5923.1.1.1.6,username=http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name,email=urn:oid:0.9.2342.19200300.100.1.3,email=mail,email=email,email=http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress,full_name=urn:oid:2.16.840.1.113730.3.1.241,full_name=displayName,full_name=urn:oid:2.5.4.3,full_name=cn,first_name=urn:oid:2.5.4.42,first_name=givenName,first_name=http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname,last_name=urn:oid:2.5.4.4,last_name=sn,last_name=http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"
        ),
    }
}

/// What attributes can be called.
const ATTRIBUTES: &[&str] = &[
    "email",
    "first_name",
    "full_name",
    "id",
    "last_name",
    "username",
];
/// What an identity provider without metadata is called where nothing else is said.
const NAMELESS: &str = "saml";

/// How an identity provider is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdpSource {
    /// By the metadata in a file or at an address.
    Metadata(String),
    /// By what the settings say.
    Settings,
}

/// An identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idp {
    /// The word for it.
    pub name: String,
    /// What the button says.
    pub label: String,
    /// How it is known.
    pub source: IdpSource,
}

impl Saml {
    /// The identity providers; the one behind `/login/saml/` comes first.
    pub fn idps(&self) -> Vec<Idp> {
        let by_hand = self.idp_entity_id.as_ref().map(|_| {
            let name = self.first.clone().unwrap_or_else(|| NAMELESS.to_owned());
            (name, IdpSource::Settings)
        });
        let listed = self.identity_providers.iter().map(|entry| {
            let (name, place) = entry.split_once('=').unwrap_or((entry, ""));
            let source = IdpSource::Metadata(place.trim().to_owned());
            (name.trim().to_owned(), source)
        });
        let labels = self.institutions.iter().map(Some);
        let labels = labels.chain(std::iter::repeat(None));
        let mut idps: Vec<_> = by_hand
            .into_iter()
            .chain(listed)
            .zip(labels)
            .map(|((name, source), label)| Idp {
                label: label.unwrap_or(&name).clone(),
                name,
                source,
            })
            .collect();
        idps.sort_by_key(|idp| self.first.as_ref() != Some(&idp.name));
        idps
    }

    /// The attributes that count as this, in their order.
    pub fn attributes_of(&self, ours: &str) -> impl Iterator<Item = &str> {
        self.attributes
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .filter(move |(name, _)| *name == ours)
            .map(|(_, theirs)| theirs)
    }

    /// Notes what cannot work, where SAML is in use.
    pub(super) fn validate(&self, require: &mut impl FnMut(bool, &str, &str)) {
        require(
            cfg!(feature = "saml"),
            "PLUGINS_ENABLED",
            "names saml_auth, but this server was built without it; build it with --features saml",
        );
        require(
            self.certificate.is_empty() == self.private_key.reveal().is_empty(),
            "SOCIAL_AUTH_SAML_SP_PRIVATE_KEY",
            "belongs to SOCIAL_AUTH_SAML_SP_PUBLIC_CERT; write both or none",
        );
        require(
            is_certificate(&self.certificate) || self.certificate.is_empty(),
            "SOCIAL_AUTH_SAML_SP_PUBLIC_CERT",
            "must be a certificate (PEM), or the path of a file with one that can be read",
        );
        self.validate_idps(require);
        let known = |pair: &String| {
            pair.split_once('=')
                .is_some_and(|(name, theirs)| ATTRIBUTES.contains(&name) && !theirs.is_empty())
        };
        require(
            self.attributes.iter().all(known),
            "SOCIAL_AUTH_SAML_ATTRIBUTES",
            "takes username, email, first_name, last_name, full_name and id, each with = and the provider's word, such as email=mail",
        );
    }

    fn validate_idps(&self, require: &mut impl FnMut(bool, &str, &str)) {
        let idps = self.idps();
        let list = "SOCIAL_AUTH_SAML_ENABLED_IDPS";
        require(
            !idps.is_empty(),
            list,
            "is missing; write where the identity provider's metadata is, such as institute=https://login.example.org/metadata",
        );
        for idp in &idps {
            let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            require(
                (1..=32).contains(&idp.name.len()) && idp.name.chars().all(good),
                list,
                &format!(
                    "“{}” is no name for an identity provider; take 1 to 32 lower case letters, digits and -",
                    idp.name
                ),
            );
            require(
                idps.iter().filter(|other| other.name == idp.name).count() == 1,
                list,
                &format!("“{}” is there twice", idp.name),
            );
            if let IdpSource::Metadata(place) = &idp.source {
                require(
                    is_safe_address(place) || std::fs::read_to_string(place).is_ok(),
                    list,
                    &format!(
                        "“{place}” must be a file with metadata that can be read, or its address with https"
                    ),
                );
            }
        }
        require(
            self.first
                .as_ref()
                .is_none_or(|first| idps.iter().any(|idp| idp.name == *first)),
            "AUTH_SAML_IDP",
            "names none of the identity providers in SOCIAL_AUTH_SAML_ENABLED_IDPS",
        );
        if self.idp_entity_id.is_some() {
            let url = url::Url::parse(&self.idp_url).ok();
            require(
                url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()),
                "SOCIAL_AUTH_SAML_IDP_URL",
                "must be the address of the identity provider's sign-in page",
            );
            require(
                is_certificate(&self.idp_certificate),
                "SOCIAL_AUTH_SAML_IDP_X509CERT",
                "must be a certificate (PEM), or the path of a file with one that can be read",
            );
        }
    }
}

/// The text of a certificate: what is written, or what is in the file that is named.
///
/// # Errors
/// The file cannot be read.
pub fn certificate_text(written: &str) -> std::io::Result<String> {
    // Base64 of a certificate begins with “MII”, and PEM with a line of its own.
    if written.starts_with('/') || written.starts_with('.') {
        return std::fs::read_to_string(Path::new(written));
    }
    Ok(written.to_owned())
}

fn is_certificate(written: &str) -> bool {
    certificate_text(written)
        .is_ok_and(|text| text.contains("-----BEGIN CERTIFICATE") || text.trim().starts_with("MII"))
}

/// Whether metadata may be fetched from there: keys that anybody on the way could change are none.
fn is_safe_address(place: &str) -> bool {
    url::Url::parse(place).is_ok_and(|url| {
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        url.scheme() == "https" || (url.scheme() == "http" && here)
    })
}
