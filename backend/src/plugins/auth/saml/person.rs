//! Who an assertion is about, by the attributes that the settings name.

use saml_rs::{NameIdFormat, SsoSession};

use crate::{
    config,
    plugins::auth::{ExternalIdentity, Roles},
};

/// Longest value taken, in bytes.
const LONGEST: usize = 256;

/// Reads what an assertion says. `issuer` is whose it is.
///
/// # Errors
/// It says nothing that stays the same.
pub fn identity(
    session: &SsoSession,
    issuer: &str,
    settings: &config::Saml,
) -> Result<ExternalIdentity, String> {
    let value = |ours: &str| {
        settings.attributes_of(ours).find_map(|theirs| {
            let values = session.attributes().get(theirs)?.values();
            values.iter().find_map(|value| text(value.as_str()))
        })
    };
    let name_id = session.name_id();
    // A transient name is another one each time.
    let lasting = !matches!(name_id.format(), Some(NameIdFormat::Transient));
    let own = if settings.attributes_of("id").next().is_some() {
        value("id")
    } else {
        text(name_id.value()).filter(|_| lasting)
    };
    let own = own.ok_or(
        "it names nobody for good: have the identity provider send a lasting NameID, or name an attribute as id",
    )?;
    let is_email = matches!(name_id.format(), Some(NameIdFormat::EmailAddress));
    let email = value("email").or_else(|| text(name_id.value()).filter(|_| is_email));
    let login = value("username")
        .or_else(|| email.clone())
        .unwrap_or_else(|| own.clone());
    let parts = [value("first_name"), value("last_name")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let display_name = value("full_name").or_else(|| (!parts.is_empty()).then(|| parts.join(" ")));
    Ok(ExternalIdentity {
        // The same name at two identity providers is two people.
        subject: format!("{issuer}!{own}"),
        login,
        display_name,
        // The institution's own word, as in a directory.
        email_verified: email.is_some(),
        email,
        roles: Roles::default(),
    })
}

/// A value worth taking.
fn text(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty() && value.len() <= LONGEST && !value.contains(char::is_control))
        .then(|| value.to_owned())
}
