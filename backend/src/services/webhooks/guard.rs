//! Where messages may go: an address that somebody chose must not lead into this machine or its surroundings.
//!
//! Rule: what is checked is the address that is connected to. Names are resolved here, once, so that nothing can change between the check and
//! the connection.

use std::net::{IpAddr, SocketAddr};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::{config::Network, domain::address::is_public};

/// Reads an address that messages could go to.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub fn parse(text: &str) -> Result<Url, String> {
    let refused = "write an address such as https://ci.example.org/hook";
    let url = Url::parse(text).map_err(|_| refused.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(refused.to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address holds no user name and no password here".to_owned());
    }
    Ok(url)
}

/// An address without what may be secret in it.
pub fn shown(url: &Url) -> String {
    format!("{}/…", url.origin().ascii_serialization())
}

/// Whether messages may go to this address.
fn is_allowed(address: IpAddr, networks: &[Network]) -> bool {
    is_public(address) || networks.iter().any(|network| network.contains(address))
}

/// Refuses a host that is written as an address which nothing may be sent to. Names are checked when they are resolved.
///
/// # Errors
/// That it may not, in a sentence.
pub fn check_literal(url: &Url, networks: &[Network]) -> Result<(), String> {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) if !is_allowed(address, networks) => Err(refused()),
        _ => Ok(()),
    }
}

fn refused() -> String {
    "messages go to public addresses; WEBHOOKS_PRIVATE_NETWORKS names others that may be used"
        .to_owned()
}

/// Resolves names to addresses that messages may go to, and to no others.
#[derive(Debug, Clone)]
pub struct Guard(pub Vec<Network>);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| is_allowed(address.ip(), &networks))
                .collect();
            if allowed.is_empty() {
                return Err(refused().into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_are_taken() {
        for text in ["https://ci.example.org/x?y=1", "http://8.8.8.8:81/"] {
            assert!(parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "ci.example.org",
            "ftp://ci.example.org/",
            "file:///etc/passwd",
            "unix:/run/docker.sock",
            "http://",
            "https://amy:secret@ci.example.org/",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_in_disguise_is_refused() {
        let own: Vec<Network> = vec!["10.1.2.0/24".parse().unwrap()];
        for text in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:169.254.169.254]/",
            "http://10.1.3.1/",
        ] {
            assert!(
                check_literal(&parse(text).unwrap(), &own).is_err(),
                "{text}"
            );
        }
        for text in ["http://10.1.2.7/", "http://8.8.8.8/", "http://localhost/"] {
            assert!(check_literal(&parse(text).unwrap(), &own).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_shown_ends_with_the_host() {
        let url = parse("https://ci.example.org:8443/hooks/s3cret?token=x").unwrap();
        assert_eq!(shown(&url), "https://ci.example.org:8443/…");
    }
}
