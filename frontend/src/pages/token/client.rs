//! The lines that a client needs to know this registry, as far as today's clients understand them.

use shared_types::Registry;

/// What stands for the token until one is shown.
pub const PLACEHOLDER: &str = "YOUR-TOKEN";

/// A program of the library protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// SingularityCE and SingularityPRO.
    Singularity,
    /// Apptainer.
    Apptainer,
}

impl Program {
    /// All.
    pub const ALL: [Self; 2] = [Self::Singularity, Self::Apptainer];

    /// The command.
    pub const fn command(self) -> &'static str {
        match self {
            Self::Singularity => "singularity",
            Self::Apptainer => "apptainer",
        }
    }
}

/// One thing to do, and the lines for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub title: String,
    /// Why, or what to mind.
    pub note: String,
    /// The lines.
    pub lines: String,
}

/// Everything that a client needs, in order.
pub fn steps(program: Program, registry: &Registry, username: &str, token: &str) -> Vec<Step> {
    let name = program.command();
    let mut steps = Vec::new();
    if by_command(&registry.url) {
        steps.push(add(name, registry));
        steps.push(sign_in(name, registry));
    } else {
        steps.push(file(name, registry, token));
    }
    steps.push(Step {
        title: "See that it works".to_owned(),
        note: "The server tells its version, and whether the token is good.".to_owned(),
        lines: format!("{name} remote status {}", registry.uri),
    });
    steps.push(Step {
        title: "Push".to_owned(),
        note:
            "“-U” says that the image need not be signed. The collection is made by the first push."
                .to_owned(),
        lines: format!(
            "{name} push -U image.sif library://{username}/my-collection/my-container:1.0"
        ),
    });
    steps.push(Step {
        title: "Public images, without an account".to_owned(),
        note: "One flag tells where to look; nothing has to be set up.".to_owned(),
        lines: format!(
            "{name} pull --library {} library://my-collection/my-container:1.0",
            registry.url
        ),
    });
    steps.push(Step {
        title: "Programs".to_owned(),
        note: "Any HTTP client can use the API with the token in a header.".to_owned(),
        lines: format!(
            "export TOKEN='{token}'\ncurl -f -H \"Authorization: Bearer $TOKEN\" {}/api/v1/session",
            registry.url
        ),
    });
    steps
}

/// Whether `remote add` can be told this address: it drops the scheme of an address with a port, and later commands fail.
fn by_command(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = host.split('/').next().unwrap_or(host);
    let after_address = authority
        .rsplit_once(']')
        .map_or(authority, |(_, rest)| rest);
    !after_address.contains(':')
}

fn add(name: &str, registry: &Registry) -> Step {
    // Without the flag, the client asks for https only.
    let insecure = if registry.url.starts_with("http://") {
        "--insecure "
    } else {
        ""
    };
    let (uri, url) = (&registry.uri, &registry.url);
    Step {
        title: "Tell your client where this registry is".to_owned(),
        note:
            "Once on each machine. The second line makes it the registry that “library://” means."
                .to_owned(),
        lines: format!(
            "{name} remote add --no-login {insecure}{uri} {url}\n{name} remote use {uri}"
        ),
    }
}

fn sign_in(name: &str, registry: &Registry) -> Step {
    Step {
        title: "Sign in".to_owned(),
        note: "It asks for the token; paste it. In scripts, add “--tokenfile FILE”.".to_owned(),
        lines: format!("{name} remote login {}", registry.uri),
    }
}

fn file(name: &str, registry: &Registry, token: &str) -> Step {
    let (uri, url) = (&registry.uri, &registry.url);
    let insecure = url.starts_with("http://");
    Step {
        title: format!("Write ~/.{name}/remote.yaml"),
        note: "This registry's address has a port, which “remote add” does not keep. The file does all that it would do, and signs in.".to_owned(),
        lines: format!(
            "Active: {uri}\nRemotes:\n  {uri}:\n    URI: {url}\n    Token: {token}\n    System: false\n    Exclusive: false\n    Insecure: {insecure}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    fn at(url: &str) -> Vec<String> {
        let registry = Registry {
            url: url.to_owned(),
            ..Registry::sample()
        };
        steps(Program::Apptainer, &registry, "amy", "sreg_1")
            .into_iter()
            .map(|step| step.lines)
            .collect()
    }

    #[test]
    fn an_address_without_a_port_is_added_by_command() {
        let lines = at("https://containers.example.org");
        assert_eq!(
            lines[0],
            "apptainer remote add --no-login institute https://containers.example.org\napptainer remote use institute"
        );
        assert_eq!(lines[1], "apptainer remote login institute");
        assert!(at("http://containers.example.org")[0].contains("--insecure institute http://"));
        assert!(at("http://[::1]")[0].contains("remote add"));
    }

    #[test]
    fn an_address_with_a_port_goes_into_the_file() {
        for (url, insecure) in [
            ("http://127.0.0.1:8080", "true"),
            ("https://containers.example.org:8443", "false"),
            ("http://[::1]:8080", "true"),
        ] {
            let first = at(url)[0].clone();
            assert!(first.contains(&format!("URI: {url}\n")), "{first}");
            assert!(first.contains("Token: sreg_1\n"), "{first}");
            assert!(first.ends_with(&format!("Insecure: {insecure}")), "{first}");
        }
    }

    #[test]
    fn programs_send_the_token_in_a_header() {
        let lines = at("https://containers.example.org");
        let last = lines.last().unwrap();
        assert!(last.starts_with("export TOKEN='sreg_1'\n"));
        assert!(last.contains("Authorization: Bearer $TOKEN"));
    }
}
