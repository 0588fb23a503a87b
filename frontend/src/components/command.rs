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
            Client::Shub => match reference.strip_prefix("sha256:") {
                Some(hex) => format!("singularity pull {plain}shub://{host}/{name}@{hex}"),
                None => format!("singularity pull {plain}shub://{host}/{name}:{reference}"),
            },
            Client::Curl => format!(
                "curl -fLo {}.sif {}{}",
                self.container,
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
    let text = Signal::derive(move || {
        session
            .registry()
            .map(|registry| target.get().command(choice.0.get(), &registry))
            .unwrap_or_default()
    });
    view! {
        <div class="pull">
            <div class="segments" role="group" aria-label="Client">
                {Client::ALL
                    .into_iter()
                    .map(|client| {
                        view! {
                            <button
                                type="button"
                                aria-pressed=move || (choice.0.get() == client).to_string()
                                on:click=move |_| choice.choose(client)
                            >
                                {client.label()}
                            </button>
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
        let [singularity, _, shub, curl] = all(&target, &registry);
        assert_eq!(
            singularity,
            "singularity pull --arch arm64 library://bio/samtools:sha256.00ff"
        );
        assert_eq!(
            shub,
            "singularity pull --no-https shub://127.0.0.1/bio/samtools@00ff"
        );
        assert!(curl.ends_with("/images/sha256:00ff/file?arch=arm64"));
    }
}
