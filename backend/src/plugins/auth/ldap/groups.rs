//! Groups of a directory: who is in which, and what that means here.

use std::collections::BTreeSet;

use ldap3::{Ldap as Connection, Scope, ldap_escape};

use super::{Entry, Ldap};
use crate::plugins::auth::{Roles, Trouble};

/// How many groups may lie inside each other.
const DEEPEST: usize = 10;
/// Most groups of one person that are looked into.
const MOST_GROUPS: usize = 500;

impl Ldap {
    /// What the person's groups mean.
    ///
    /// # Errors
    /// `NotAdmitted` where a group is missing, or one is in the way; `Down`.
    pub(super) async fn roles(
        &self,
        connection: &mut Connection,
        username: &str,
        entry: &Entry,
    ) -> Result<Roles, Trouble> {
        let settings = &self.settings;
        let asked = [
            &settings.staff_groups,
            &settings.superuser_groups,
            &settings.require_groups,
            &settings.deny_groups,
        ];
        if asked.into_iter().all(Vec::is_empty) {
            return Ok(Roles::default());
        }
        let groups = self.groups(connection, username, entry).await?;
        let is_in = |wanted: &[String]| wanted.iter().any(|group| groups.contains(&plain(group)));
        let required = &settings.require_groups;
        if is_in(&settings.deny_groups) || !(required.is_empty() || is_in(required)) {
            return Err(Trouble::NotAdmitted(
                "by the groups in the directory".into(),
            ));
        }
        let decides = |wanted: &[String]| (!wanted.is_empty()).then(|| is_in(wanted));
        Ok(Roles {
            admin: decides(&settings.staff_groups),
            superuser: decides(&settings.superuser_groups),
        })
    }

    /// All groups that the person is in, directly or through others.
    async fn groups(
        &self,
        connection: &mut Connection,
        username: &str,
        entry: &Entry,
    ) -> Result<BTreeSet<String>, Trouble> {
        let mut groups: BTreeSet<String> = BTreeSet::new();
        let mut news: Vec<String> = entry.all("memberOf").to_vec();
        let uid = entry
            .first(&self.settings.username_attribute)
            .unwrap_or_else(|| username.to_owned());
        let own = format!("{}(memberUid={})", members(&entry.dn), ldap_escape(uid));
        news.extend(self.holders(connection, &own).await?);
        for _ in 0..DEEPEST {
            news.retain(|group| groups.insert(plain(group)));
            if news.is_empty() || !self.settings.nested_groups || groups.len() > MOST_GROUPS {
                break;
            }
            let any: String = news.iter().map(|group| members(group)).collect();
            news = self.holders(connection, &any).await?;
        }
        Ok(groups)
    }

    /// The groups that fit one of these filters.
    async fn holders(
        &self,
        connection: &mut Connection,
        any: &str,
    ) -> Result<Vec<String>, Trouble> {
        let Some(base) = &self.settings.group_search else {
            return Ok(Vec::new());
        };
        let filter = format!("(&{}(|{any}))", self.settings.group_filter);
        let none = ["1.1".to_owned()];
        let found = self
            .search(connection, base, Scope::Subtree, &filter, &none)
            .await?;
        Ok(found.into_iter().map(|group| group.dn).collect())
    }
}

/// The filters that find what holds this name as a member.
fn members(dn: &str) -> String {
    let dn = ldap_escape(dn);
    format!("(member={dn})(uniqueMember={dn})")
}

/// A name as it can be compared: case and space around its signs mean nothing.
fn plain(dn: &str) -> String {
    let parts = dn.split(',').map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        format!("{}={}", name.trim(), value.trim())
    });
    parts.collect::<Vec<_>>().join(",").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_space() {
        assert_eq!(
            plain("CN=Admins, OU=Groups,dc=example , DC = org"),
            plain("cn=admins,ou=groups,dc=example,dc=org")
        );
        assert_ne!(plain("cn=admins,dc=org"), plain("cn=admin,dc=org"));
    }

    #[test]
    fn signs_of_filters_in_names_are_letters() {
        assert_eq!(
            members("cn=a*(b)\\c"),
            "(member=cn=a\\2a\\28b\\29\\5cc)(uniqueMember=cn=a\\2a\\28b\\29\\5cc)"
        );
    }
}
