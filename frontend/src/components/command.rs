//! The command that pulls an image, for the client that the person uses.

use leptos::prelude::*;
use shared_types::Registry;

use super::copy::CommandBlock;
use crate::state::{
    choice::{Client, use_client},
    use_session,
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
            Client::Curl => format!(
                "curl -fLo {}.sif {}{}{}",
                self.container,
                if self.private {
                    "-H \"Authorization: Bearer $TOKEN\" "
                } else {
                    ""
                },
                registry.url,
                crate::api::containers::file_url(
                    &self.collection,
                    &self.container,
                    reference,
                    self.arch.as_deref().unwrap_or_default(),
                ),
            ),
        }
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
            private: false,
        };
        let all = |target: &Target, registry: &Registry| {
            Client::ALL.map(|client| target.command(client, registry))
        };
        let [singularity, _, shub, curl] = all(&target, &registry);
        assert_eq!(singularity, "singularity pull library://bio/samtools:1.17");
        assert_eq!(
            shub,
            "singularity pull shub://containers.example.org/bio/samtools:1.17"
        );
        assert!(curl.ends_with("/api/v1/collections/bio/containers/samtools/images/1.17/file"));
        registry.url = "http://127.0.0.1".to_owned();
        target.reference = "sha256:00ff".to_owned();
        target.arch = Some("arm64".to_owned());
        let [singularity, _, _, curl] = all(&target, &registry);
        assert_eq!(
            singularity,
            "singularity pull --arch arm64 library://bio/samtools:sha256.00ff"
        );
        assert!(curl.ends_with("/images/sha256:00ff/file?arch=arm64"));
    }

    #[test]
    fn shub_is_offered_only_where_its_clients_can_follow() {
        let mut registry = Registry::sample();
        let mut target = Target {
            collection: "bio".to_owned(),
            container: "samtools".to_owned(),
            reference: "1.17".to_owned(),
            arch: None,
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
