//! The command that pulls an image, for the client that the person uses.

use leptos::prelude::*;
use shared_types::Registry;

use super::copy::CommandBlock;
use crate::{
    routes::encode,
    state::{
        choice::{Client, use_client},
        use_session,
    },
};

/// The image that a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The collection.
    pub collection: String,
    /// The container.
    pub container: String,
    /// Tag, or `sha256:…`.
    pub reference: String,
    /// The architecture, where the image is not for the client's own.
    pub arch: Option<String>,
    /// The digest of the file, where it is known.
    pub digest: Option<String>,
    /// Only people with a token can pull it.
    pub private: bool,
}

impl Target {
    /// The `library://` address. Collection names are unique, so it needs no entity.
    pub fn uri(&self) -> String {
        let reference = self.reference.replacen("sha256:", "sha256.", 1);
        format!(
            "library://{}/{}:{reference}",
            self.collection, self.container
        )
    }

    /// The path of the file for browsers and programs of the web: stable, and it goes on after a break.
    pub fn path(&self) -> String {
        let parts = self
            .arch
            .as_ref()
            .map(|arch| format!("?arch={}", encode(arch)))
            .unwrap_or_default();
        format!(
            "/download/{}/{}/{}.sif{parts}",
            encode(&self.collection),
            encode(&self.container),
            encode(&self.reference)
        )
    }

    /// What the file is called, as the clients call it.
    fn file(&self) -> String {
        let version = match self.reference.strip_prefix("sha256:") {
            Some(hex) => hex.get(..12).unwrap_or(hex),
            None => &self.reference,
        };
        format!("{}_{version}.sif", self.container)
    }

    /// The commands that get the file and compare it with its digest.
    fn fetch(&self, client: Client, registry: &Registry) -> String {
        let token = if self.private {
            match client {
                Client::Wget => "--header \"Authorization: Bearer $TOKEN\" ",
                _ => "-H \"Authorization: Bearer $TOKEN\" ",
            }
        } else {
            ""
        };
        let (file, url) = (self.file(), format!("{}{}", registry.url, self.path()));
        // Both go on where an earlier try ended.
        let get = match client {
            Client::Wget => format!("wget -c -O {file} {token}{}", quoted(&url)),
            _ => format!("curl -fL -C - -o {file} {token}{}", quoted(&url)),
        };
        match self
            .digest
            .as_deref()
            .and_then(|digest| digest.strip_prefix("sha256:"))
        {
            Some(hex) => format!("{get}\necho \"{hex}  {file}\" | sha256sum --check"),
            None => get,
        }
    }

    /// Whether a client can pull this image from this registry at all: those of `shub://` know no ports, no tokens and no
    /// digests of 64 digits.
    pub fn fits(&self, client: Client, registry: &Registry) -> bool {
        let host = registry
            .url
            .split_once("://")
            .map_or(registry.url.as_str(), |(_, host)| host);
        client != Client::Shub
            || !(host.contains(':') || self.private || self.reference.starts_with("sha256:"))
    }

    /// The command.
    pub fn command(&self, client: Client, registry: &Registry) -> String {
        let arch = self
            .arch
            .as_ref()
            .map(|arch| format!("--arch {arch} "))
            .unwrap_or_default();
        let host = registry
            .url
            .split_once("://")
            .map_or(registry.url.as_str(), |(_, host)| host);
        let plain = if registry.url.starts_with("http://") {
            "--no-https "
        } else {
            ""
        };
        let (name, reference) = (
            format!("{}/{}", self.collection, self.container),
            &self.reference,
        );
        match client {
            Client::Singularity => format!("singularity pull {arch}{}", self.uri()),
            Client::Apptainer => format!("apptainer pull {arch}{}", self.uri()),
            Client::Shub => format!("singularity pull {plain}shub://{host}/{name}:{reference}"),
            Client::Curl | Client::Wget => self.fetch(client, registry),
        }
    }
}

/// An address as a word of the shell: `?` is a pattern to some of them.
fn quoted(url: &str) -> String {
    if url.contains(['?', '&', '*']) {
        format!("'{url}'")
    } else {
        url.to_owned()
    }
}

/// The hero of a page: the pull command, with a switch for the client. The choice is remembered.
#[component]
pub fn PullCommand(
    /// The image.
    #[prop(into)]
    target: Signal<Target>,
) -> impl IntoView {
    let choice = use_client();
    let session = use_session();
    let fits = move |client| {
        session
            .registry()
            .is_some_and(|registry| target.with(|target| target.fits(client, &registry)))
    };
    // A remembered client that cannot pull this image gives way to the first one, for this image only.
    let client = Memo::new(move |_| {
        let chosen = choice.0.get();
        if fits(chosen) {
            chosen
        } else {
            Client::Singularity
        }
    });
    let text = Signal::derive(move || {
        session
            .registry()
            .map(|registry| target.get().command(client.get(), &registry))
            .unwrap_or_default()
    });
    view! {
        <div class="pull">
            <div class="segments" role="group" aria-label="Client">
                {Client::ALL
                    .into_iter()
                    .map(|one| {
                        view! {
                            <Show when=move || fits(one)>
                                <button
                                    type="button"
                                    aria-pressed=move || (client.get() == one).to_string()
                                    on:click=move |_| choice.choose(one)
                                >
                                    {one.label()}
                                </button>
                            </Show>
                        }
                    })
                    .collect_view()}
            </div>
            <CommandBlock text label="Copy the pull command" />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn commands_fit_their_client() {
        let mut registry = Registry::sample();
        let mut target = Target {
            collection: "bio".to_owned(),
            container: "samtools".to_owned(),
            reference: "1.17".to_owned(),
            arch: None,
            digest: None,
            private: false,
        };
        let all = |target: &Target, registry: &Registry| {
            Client::ALL.map(|client| target.command(client, registry))
        };
        let [singularity, _, shub, curl, wget] = all(&target, &registry);
        assert_eq!(singularity, "singularity pull library://bio/samtools:1.17");
        assert_eq!(
            shub,
            "singularity pull shub://containers.example.org/bio/samtools:1.17"
        );
        let url = "https://containers.example.org/download/bio/samtools/1.17.sif";
        assert_eq!(curl, format!("curl -fL -C - -o samtools_1.17.sif {url}"));
        assert_eq!(wget, format!("wget -c -O samtools_1.17.sif {url}"));
        registry.url = "http://127.0.0.1".to_owned();
        target.reference = "sha256:00ff".to_owned();
        target.digest = Some("sha256:00ff".to_owned());
        target.arch = Some("arm64".to_owned());
        let [singularity, _, _, curl, _] = all(&target, &registry);
        assert_eq!(
            singularity,
            "singularity pull --arch arm64 library://bio/samtools:sha256.00ff"
        );
        assert_eq!(
            curl,
            "curl -fL -C - -o samtools_00ff.sif 'http://127.0.0.1/download/bio/samtools/sha256:00ff.sif?arch=arm64'\n\
             echo \"00ff  samtools_00ff.sif\" | sha256sum --check"
        );
    }

    #[test]
    fn shub_is_offered_only_where_its_clients_can_follow() {
        let mut registry = Registry::sample();
        let mut target = Target {
            collection: "bio".to_owned(),
            container: "samtools".to_owned(),
            reference: "1.17".to_owned(),
            arch: None,
            digest: None,
            private: false,
        };
        assert!(target.fits(Client::Shub, &registry));
        registry.url = "http://127.0.0.1:8080".to_owned();
        assert!(!target.fits(Client::Shub, &registry));
        assert!(target.fits(Client::Singularity, &registry));
        registry.url = "http://127.0.0.1".to_owned();
        assert!(
            target
                .command(Client::Shub, &registry)
                .contains("--no-https shub://127.0.0.1/bio/")
        );
        target.private = true;
        assert!(!target.fits(Client::Shub, &registry));
        assert!(
            target
                .command(Client::Curl, &registry)
                .contains("-H \"Authorization: Bearer $TOKEN\" http")
        );
        target.private = false;
        target.reference = "sha256:00ff".to_owned();
        assert!(!target.fits(Client::Shub, &registry));
    }
}
