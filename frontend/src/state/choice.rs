//! What a person chose, kept in the browser: never a secret, and no page depends on it.

use leptos::prelude::*;

/// A remembered choice.
pub fn read(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Remembers a choice, or forgets it.
pub fn write(name: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    // A browser that keeps nothing only forgets the choice.
    let _ = match value {
        Some(value) => storage.set_item(name, value),
        None => storage.remove_item(name),
    };
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}

/// The program that a person pulls images with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// `singularity pull library://…`
    Singularity,
    /// `apptainer pull library://…`
    Apptainer,
    /// `apptainer pull oras://…`
    OrasUri,
    /// `singularity pull shub://…`
    Shub,
    /// `sregistry pull …`
    Sregistry,
    /// `oras pull …`
    Oras,
    /// `skopeo copy docker://…`
    Skopeo,
    /// `docker pull …`
    Docker,
    /// `curl`
    Curl,
    /// `wget`
    Wget,
}

impl Client {
    /// All, in the order of the switch.
    pub const ALL: [Self; 10] = [
        Self::Singularity,
        Self::Apptainer,
        Self::OrasUri,
        Self::Shub,
        Self::Sregistry,
        Self::Oras,
        Self::Skopeo,
        Self::Docker,
        Self::Curl,
        Self::Wget,
    ];

    /// What the switch says.
    pub fn label(self) -> &'static str {
        match self {
            Self::OrasUri => "oras://",
            Self::Shub => "shub://",
            other => other.program(),
        }
    }

    /// The program that is run.
    pub fn program(self) -> &'static str {
        match self {
            Self::Singularity | Self::Shub => "singularity",
            Self::Apptainer | Self::OrasUri => "apptainer",
            Self::Sregistry => "sregistry",
            Self::Oras => "oras",
            Self::Skopeo => "skopeo",
            Self::Docker => "docker",
            Self::Curl => "curl",
            Self::Wget => "wget",
        }
    }

    fn remembered() -> Self {
        let word = read("client");
        Self::ALL
            .into_iter()
            .find(|client| Some(client.label()) == word.as_deref())
            .unwrap_or(Self::Singularity)
    }
}

/// The chosen client, shared by all commands on all pages.
#[derive(Debug, Clone, Copy)]
pub struct ClientChoice(pub RwSignal<Client>);

impl ClientChoice {
    /// Provides the choice to all pages.
    pub fn provide() {
        provide_context(Self(RwSignal::new(Client::remembered())));
    }

    /// Chooses and remembers.
    pub fn choose(self, client: Client) {
        write("client", Some(client.label()));
        self.0.set(client);
    }
}

/// The choice that `App` provides.
pub fn use_client() -> ClientChoice {
    use_context().unwrap_or_else(|| ClientChoice(RwSignal::new(Client::Singularity)))
}
