//! Signing in with accounts of a directory: LDAP or Active Directory.

use super::{
    kind::{Flag, Groups, Hidden, Optional, Path, Text, Words},
    section::section,
};

section! {
    /// Signing in with accounts of a directory: LDAP or Active Directory.
    pub struct Ldap: "LDAP and Active Directory" {
        /// The directory: ldap://host or ldaps://host. It is asked where PLUGINS_ENABLED names ldap_auth.
        server_uri: Text = ("AUTH_LDAP_SERVER_URI", ""),
        /// What the form is called on the sign-in page.
        label: Text = ("AUTH_LDAP_LABEL", "Institute account"),
        /// Whether TLS begins on an ldap:// connection before anything is said.
        start_tls: Flag = ("AUTH_LDAP_START_TLS", "false"),
        /// A file with the authorities (PEM) that the directory's certificate may come from. Without it, those of the system.
        ca_file: Optional<Path> = ("AUTH_LDAP_CA_CERTIFICATES", ""),
        /// The account with which people are searched for; without it, anybody may search.
        bind_dn: Text = ("AUTH_LDAP_BIND_DN", ""),
        /// Its password.
        bind_password: Hidden<Text> = ("AUTH_LDAP_BIND_PASSWORD", ""),
        /// Where people are searched for, such as ou=people,dc=example,dc=org.
        user_search: Optional<Text> = ("AUTH_LDAP_USER_SEARCH", ""),
        /// What people are searched by; %(user)s is the user name. For Active Directory (sAMAccountName=%(user)s).
        user_filter: Text = ("AUTH_LDAP_USER_FILTER", "(uid=%(user)s)"),
        /// The name that people sign in to the directory with, in place of a search: uid=%(user)s,ou=people,dc=example,dc=org,
        /// or %(user)s@example.org with Active Directory, where AUTH_LDAP_USER_SEARCH then finds the person's entry.
        user_dn_template: Optional<Text> = ("AUTH_LDAP_USER_DN_TEMPLATE", ""),
        /// The attribute that is the user name.
        username_attribute: Text = ("AUTH_LDAP_USERNAME_ATTRIBUTE", "uid"),
        /// Other attributes: first_name, last_name, email and id (what never changes), each with = and the directory's word.
        attributes: Words = ("AUTH_LDAP_USER_ATTR_MAP", "first_name=givenName,last_name=sn,email=mail"),
        /// Where groups are searched for. Without it, only what a person's memberOf says counts.
        group_search: Optional<Text> = ("AUTH_LDAP_GROUP_SEARCH", ""),
        /// Which entries are groups.
        group_filter: Text = (
            "AUTH_LDAP_GROUP_FILTER",
            "(|(objectClass=posixGroup)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group))"
        ),
        /// Whether whoever is in a group is in those that the group is in.
        nested_groups: Flag = ("AUTH_LDAP_NESTED_GROUPS", "true"),
        /// The groups (full names, separated by ;) whose members are administrators. Whoever leaves them is one no more.
        staff_groups: Groups = ("AUTH_LDAP_STAFF_GROUP_FLAGS", ""),
        /// The groups whose members are superusers.
        superuser_groups: Groups = ("AUTH_LDAP_SUPERUSER_GROUP_FLAGS", ""),
        /// The groups of which one is needed to come in at all.
        require_groups: Groups = ("AUTH_LDAP_REQUIRE_GROUP", ""),
        /// The groups whose members do not come in.
        deny_groups: Groups = ("AUTH_LDAP_DENY_GROUP", ""),
    }
}

/// What stands for the user name in a filter or name.
pub const USER: &str = "%(user)s";

/// What attributes can be called.
const ATTRIBUTES: &[&str] = &["email", "first_name", "id", "last_name"];

impl Ldap {
    /// The directory's word for an attribute.
    pub fn attribute(&self, ours: &str) -> Option<&str> {
        let mut pairs = self
            .attributes
            .iter()
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(name, _)| *name == ours)
            .map(|(_, theirs)| theirs)
    }

    /// Notes what cannot work, where the directory is in use.
    pub(super) fn validate(&self, require: &mut impl FnMut(bool, &str, &str)) {
        let url = url::Url::parse(&self.server_uri).ok();
        let tls = url.as_ref().is_some_and(|url| url.scheme() == "ldaps");
        require(
            url.is_some_and(|url| matches!(url.scheme(), "ldap" | "ldaps") && url.has_host()),
            "AUTH_LDAP_SERVER_URI",
            "must be the directory's address, such as ldaps://ldap.example.org",
        );
        require(
            !(tls && self.start_tls),
            "AUTH_LDAP_START_TLS",
            "is for ldap://; ldaps:// has TLS from the start",
        );
        require(
            self.user_search.is_some() || self.user_dn_template.is_some(),
            "AUTH_LDAP_USER_SEARCH",
            "is missing; write where people are searched for, such as ou=people,dc=example,dc=org, or AUTH_LDAP_USER_DN_TEMPLATE",
        );
        require(
            self.user_filter.contains(USER)
                && self.user_filter.starts_with('(')
                && self.user_filter.ends_with(')'),
            "AUTH_LDAP_USER_FILTER",
            "must be a filter in brackets with %(user)s in it, such as (uid=%(user)s)",
        );
        require(
            self.user_dn_template
                .as_ref()
                .is_none_or(|template| template.contains(USER)),
            "AUTH_LDAP_USER_DN_TEMPLATE",
            "must hold %(user)s, else everybody would be the same person",
        );
        require(
            self.group_filter.starts_with('(') && self.group_filter.ends_with(')'),
            "AUTH_LDAP_GROUP_FILTER",
            "must be a filter in brackets, such as (objectClass=groupOfNames)",
        );
        let known = |pair: &String| {
            pair.split_once('=')
                .is_some_and(|(name, theirs)| ATTRIBUTES.contains(&name) && !theirs.is_empty())
        };
        require(
            self.attributes.iter().all(known),
            "AUTH_LDAP_USER_ATTR_MAP",
            "takes first_name, last_name, email and id, each with = and the directory's word, such as email=mail",
        );
        require(
            self.ca_file
                .as_ref()
                .is_none_or(|path| std::fs::read(path).is_ok()),
            "AUTH_LDAP_CA_CERTIFICATES",
            "cannot be read; check the path and its permissions",
        );
    }
}
