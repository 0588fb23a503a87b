//! What a command is about, and the command of each client for it.
//!
//! Rule: a command is offered only where it works as it stands, for this host, this image and this client.

use shared_types::{Container, Image, ImageDetail, ImageKind, Registry};

use crate::{routes::encode, state::choice::Client};

/// What a client gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Content {
    /// A SIF file.
    #[default]
    Sif,
    /// An image of another runtime, with the media type of its manifest.
    Runnable(String),
    /// Anything else that a manifest can say, with its media type.
    Artefact(String),
}

impl Content {
    /// What an image is, as far as its manifest tells.
    pub fn of(detail: &ImageDetail) -> Self {
        if detail.image.kind == ImageKind::Sif {
            return Self::Sif;
        }
        let Some(oci) = &detail.oci else {
            return Self::Artefact("application/vnd.oci.image.manifest.v1+json".to_owned());
        };
        let runs = |media_type: &str| {
            media_type.starts_with("application/vnd.oci.image.layer.")
                || media_type.starts_with("application/vnd.docker.image.rootfs.")
        };
        let index = oci.media_type.contains("index") || oci.media_type.contains("manifest.list");
        let runnable = oci.subject.is_none()
            && if index {
                !oci.platforms.is_empty()
            } else {
                oci.layers.iter().any(|layer| runs(&layer.media_type))
            };
        if runnable {
            Self::Runnable(oci.media_type.clone())
        } else {
            Self::Artefact(oci.media_type.clone())
        }
    }
}

/// The image that a command is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// What it is.
    pub content: Content,
    /// The collection.
    pub collection: String,
    /// The container.
    pub container: String,
    /// Tag, or `sha256:…`.
    pub reference: String,
    /// The architecture, where the image is not for the client's own.
    pub arch: Option<String>,
    /// The tag has images for several architectures.
    pub several: bool,
    /// The digest of the file, where it is known.
    pub digest: Option<String>,
    /// Only people with a token can pull it.
    pub private: bool,
}

impl Target {
    /// An image of a container, by one of its tags, or by its digest where it has no such tag. What it is remains to be said where it is
    /// no SIF.
    pub fn of(container: &Container, image: &Image, tag: &str) -> Self {
        let several = container
            .tags
            .iter()
            .filter(|tag| image.tags.contains(&tag.name))
            .any(|tag| Some(&tag.arch) != image.arch.as_ref());
        let tagged = image.tags.iter().any(|own| own == tag);
        let reference = if tagged { tag } else { image.digest.as_str() };
        let arch = image.arch.clone();
        Self {
            content: Content::Sif,
            collection: image.collection.clone(),
            container: image.container.clone(),
            reference: reference.to_owned(),
            arch: arch.filter(|arch| several || arch != "amd64"),
            several,
            digest: Some(image.digest.clone()),
            private: container.private,
        }
    }

    /// The client that a person chose, or, where that one cannot pull this image, the usual one.
    pub fn client(&self, chosen: Client, registry: &Registry) -> Client {
        if self.fits(chosen, registry) {
            chosen
        } else {
            self.usual()
        }
    }

    /// The address that says what it is: `library://` for a SIF file (collection names are unique, so it needs no entity), else that
    /// of its repository.
    pub fn uri(&self) -> String {
        if self.content == Content::Sif {
            let reference = self.reference.replacen("sha256:", "sha256.", 1);
            format!(
                "library://{}/{}:{reference}",
                self.collection, self.container
            )
        } else {
            self.repository()
        }
    }

    fn by_digest(&self) -> bool {
        self.reference.starts_with("sha256:")
    }

    /// `collection/container:tag` or `collection/container@sha256:…`.
    pub fn repository(&self) -> String {
        let separator = if self.by_digest() { '@' } else { ':' };
        format!(
            "{}/{}{separator}{}",
            self.collection, self.container, self.reference
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

    /// The tag, or the beginning of the digest.
    fn version(&self) -> &str {
        match self.reference.strip_prefix("sha256:") {
            Some(hex) => hex.get(..12).unwrap_or(hex),
            None => &self.reference,
        }
    }

    /// What the file is called, as the clients call it.
    fn file(&self) -> String {
        format!("{}_{}.sif", self.container, self.version())
    }

    /// The header that says who asks, where that is needed.
    fn credentials(&self, flag: &str) -> String {
        if self.private {
            format!("{flag} \"Authorization: Bearer $TOKEN\" ")
        } else {
            String::new()
        }
    }

    /// The commands that get the file and compare it with its digest.
    fn fetch(&self, client: Client, registry: &Registry) -> String {
        let (file, url) = (self.file(), format!("{}{}", registry.url, self.path()));
        // Both go on where an earlier try ended.
        let get = match client {
            Client::Wget => format!(
                "wget -c -O {file} {}{}",
                self.credentials("--header"),
                quoted(&url)
            ),
            _ => format!(
                "curl -fL -C - -o {file} {}{}",
                self.credentials("-H"),
                quoted(&url)
            ),
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

    /// The command that gets a manifest as it was pushed.
    fn manifest(&self, media_type: &str, registry: &Registry) -> String {
        format!(
            "curl -fL {}-H 'Accept: {media_type}' -o {}_{}.json {}/v2/{}/{}/manifests/{}",
            self.credentials("-H"),
            self.container,
            self.version(),
            registry.url,
            self.collection,
            self.container,
            self.reference
        )
    }

    /// The client that is shown to whoever chose none that fits.
    pub fn usual(&self) -> Client {
        match self.content {
            Content::Sif | Content::Runnable(_) => Client::Singularity,
            Content::Artefact(_) => Client::Oras,
        }
    }

    /// Whether a client can pull this image from this registry at all.
    pub fn fits(&self, client: Client, registry: &Registry) -> bool {
        match &self.content {
            Content::Sif => self.file_fits(client, registry),
            Content::Runnable(_) => matches!(
                client,
                Client::Singularity
                    | Client::Apptainer
                    | Client::Oras
                    | Client::Skopeo
                    | Client::Docker
                    | Client::Curl
            ),
            Content::Artefact(_) => matches!(client, Client::Oras | Client::Skopeo | Client::Curl),
        }
    }

    fn file_fits(&self, client: Client, registry: &Registry) -> bool {
        match client {
            // Its clients know no ports, no tokens and no digests of 64 digits.
            Client::Shub => {
                !(host(registry).contains(':') || self.private || self.by_digest() || self.several)
            }
            // The digest of a file is not that of the manifest that these clients ask for; and `oras://` takes what is for the machine
            // that it runs on.
            Client::OrasUri => !self.by_digest() && !self.several,
            Client::Oras => !self.by_digest(),
            Client::Sregistry => !self.by_digest() && !self.several,
            Client::Skopeo | Client::Docker => false,
            _ => true,
        }
    }

    /// The command.
    pub fn command(&self, client: Client, registry: &Registry) -> String {
        let arch = flag("--arch", self.arch.as_deref());
        let host = host(registry);
        let plain = |word: &'static str| {
            if registry.url.starts_with("http://") {
                word
            } else {
                ""
            }
        };
        let repository = format!("{host}/{}", self.repository());
        let no_https = plain("--no-https ");
        match (client, &self.content) {
            (Client::Singularity | Client::Apptainer, Content::Sif) => {
                format!("{} pull {arch}{}", client.program(), self.uri())
            }
            (Client::Singularity | Client::Apptainer, _) => {
                format!("{} pull {no_https}docker://{repository}", client.program())
            }
            (Client::OrasUri, _) => format!("apptainer pull {no_https}oras://{repository}"),
            (Client::Shub, _) => format!("singularity pull {no_https}shub://{repository}"),
            (Client::Sregistry, _) => {
                format!(
                    "SREGISTRY_CLIENT=registry sregistry pull {}",
                    self.repository()
                )
            }
            (Client::Oras, _) => {
                let platform = self
                    .arch
                    .as_ref()
                    .filter(|_| self.several)
                    .map(|arch| format!("--platform linux/{arch} "))
                    .unwrap_or_default();
                format!("oras pull {}{platform}{repository}", plain("--plain-http "))
            }
            (Client::Skopeo, _) => format!(
                "skopeo copy --all {}docker://{repository} oci:{}:{}",
                plain("--src-tls-verify=false "),
                self.container,
                self.version()
            ),
            (Client::Docker, _) => format!("docker pull {repository}"),
            (Client::Curl, Content::Runnable(kind) | Content::Artefact(kind)) => {
                self.manifest(kind, registry)
            }
            (Client::Curl | Client::Wget, _) => self.fetch(client, registry),
        }
    }
}

fn host(registry: &Registry) -> &str {
    registry
        .url
        .split_once("://")
        .map_or(registry.url.as_str(), |(_, host)| host)
}

fn flag(name: &str, value: Option<&str>) -> String {
    value
        .map(|value| format!("{name} {value} "))
        .unwrap_or_default()
}

/// An address as a word of the shell: `?` is a pattern to some of them.
fn quoted(url: &str) -> String {
    if url.contains(['?', '&', '*']) {
        format!("'{url}'")
    } else {
        url.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use shared_types::{OciMetadata, Sample, Tag};

    use super::*;

    fn target() -> Target {
        Target {
            collection: "bio".to_owned(),
            container: "samtools".to_owned(),
            reference: "1.17".to_owned(),
            ..Target::default()
        }
    }

    fn offered(target: &Target, registry: &Registry) -> Vec<(Client, String)> {
        Client::ALL
            .into_iter()
            .filter(|client| target.fits(*client, registry))
            .map(|client| (client, target.command(client, registry)))
            .collect()
    }

    fn one(target: &Target, client: Client, registry: &Registry) -> String {
        assert!(target.fits(client, registry), "{client:?}");
        target.command(client, registry)
    }

    #[test]
    fn an_image_is_named_by_its_tag_and_told_from_those_for_other_machines() {
        let (mut container, image) = (Container::sample(), Image::sample());
        let tagged = Target::of(&container, &image, "1.17");
        assert_eq!(tagged.uri(), "library://climate/samtools:1.17");
        assert_eq!((tagged.arch, tagged.several), (None, false));
        let untagged = Target::of(&container, &image, "");
        assert_eq!(untagged.reference, image.digest);
        container.tags.push(Tag {
            arch: "arm64".to_owned(),
            ..Tag::sample()
        });
        let one = Target::of(&container, &image, "1.17");
        assert_eq!((one.arch.as_deref(), one.several), (Some("amd64"), true));
        let registry = Registry::sample();
        assert_eq!(one.client(Client::Curl, &registry), Client::Curl);
        assert_eq!(one.client(Client::Docker, &registry), Client::Singularity);
    }

    #[test]
    fn a_file_has_a_command_for_each_client() {
        let registry = Registry::sample();
        let url = "https://containers.example.org/download/bio/samtools/1.17.sif";
        let wanted = [
            (
                Client::Singularity,
                "singularity pull library://bio/samtools:1.17".to_owned(),
            ),
            (
                Client::Apptainer,
                "apptainer pull library://bio/samtools:1.17".to_owned(),
            ),
            (
                Client::OrasUri,
                "apptainer pull oras://containers.example.org/bio/samtools:1.17".to_owned(),
            ),
            (
                Client::Shub,
                "singularity pull shub://containers.example.org/bio/samtools:1.17".to_owned(),
            ),
            (
                Client::Sregistry,
                "SREGISTRY_CLIENT=registry sregistry pull bio/samtools:1.17".to_owned(),
            ),
            (
                Client::Oras,
                "oras pull containers.example.org/bio/samtools:1.17".to_owned(),
            ),
            (
                Client::Curl,
                format!("curl -fL -C - -o samtools_1.17.sif {url}"),
            ),
            (Client::Wget, format!("wget -c -O samtools_1.17.sif {url}")),
        ];
        assert_eq!(offered(&target(), &registry), wanted);
    }

    #[test]
    fn by_digest_and_for_one_of_several_architectures() {
        let mut registry = Registry::sample();
        registry.url = "http://127.0.0.1:8080".to_owned();
        let mut target = target();
        target.arch = Some("arm64".to_owned());
        target.several = true;
        assert_eq!(
            one(&target, Client::Oras, &registry),
            "oras pull --plain-http --platform linux/arm64 127.0.0.1:8080/bio/samtools:1.17"
        );
        assert!(!target.fits(Client::OrasUri, &registry));
        target.reference = "sha256:00ff".to_owned();
        target.digest = Some("sha256:00ff".to_owned());
        assert_eq!(
            one(&target, Client::Singularity, &registry),
            "singularity pull --arch arm64 library://bio/samtools:sha256.00ff"
        );
        assert_eq!(
            one(&target, Client::Curl, &registry),
            "curl -fL -C - -o samtools_00ff.sif 'http://127.0.0.1:8080/download/bio/samtools/sha256:00ff.sif?arch=arm64'\n\
             echo \"00ff  samtools_00ff.sif\" | sha256sum --check"
        );
        for client in [
            Client::Oras,
            Client::OrasUri,
            Client::Shub,
            Client::Sregistry,
        ] {
            assert!(!target.fits(client, &registry), "{client:?}");
        }
    }

    #[test]
    fn shub_is_offered_only_where_its_clients_can_follow() {
        let mut registry = Registry::sample();
        let mut target = target();
        assert!(target.fits(Client::Shub, &registry));
        registry.url = "http://127.0.0.1:8080".to_owned();
        assert!(!target.fits(Client::Shub, &registry));
        registry.url = "http://127.0.0.1".to_owned();
        assert!(one(&target, Client::Shub, &registry).contains("--no-https shub://127.0.0.1/bio/"));
        target.private = true;
        assert!(!target.fits(Client::Shub, &registry));
        assert!(
            one(&target, Client::Curl, &registry)
                .contains("-H \"Authorization: Bearer $TOKEN\" http")
        );
    }

    #[test]
    fn what_is_no_sif_is_offered_to_clients_that_take_it() {
        let mut registry = Registry::sample();
        registry.url = "http://localhost:8080".to_owned();
        let mut detail = ImageDetail::sample();
        detail.image.kind = ImageKind::Oci;
        detail.oci = Some(OciMetadata::sample());
        let mut target = target();
        target.content = Content::of(&detail);
        let clients: Vec<Client> = offered(&target, &registry)
            .into_iter()
            .map(|(one, _)| one)
            .collect();
        assert_eq!(
            clients,
            [
                Client::Singularity,
                Client::Apptainer,
                Client::Oras,
                Client::Skopeo,
                Client::Docker,
                Client::Curl
            ]
        );
        assert_eq!(
            one(&target, Client::Apptainer, &registry),
            "apptainer pull --no-https docker://localhost:8080/bio/samtools:1.17"
        );
        assert_eq!(
            one(&target, Client::Skopeo, &registry),
            "skopeo copy --all --src-tls-verify=false docker://localhost:8080/bio/samtools:1.17 oci:samtools:1.17"
        );
        if let Some(oci) = &mut detail.oci {
            oci.layers[0].media_type = "text/x-notes".to_owned();
        }
        target.content = Content::of(&detail);
        target.reference = "sha256:00ff".to_owned();
        assert_eq!(target.usual(), Client::Oras);
        assert_eq!(target.uri(), "bio/samtools@sha256:00ff");
        assert_eq!(
            offered(&target, &registry).last().unwrap().1,
            "curl -fL -H 'Accept: application/vnd.oci.image.manifest.v1+json' -o samtools_00ff.json \
             http://localhost:8080/v2/bio/samtools/manifests/sha256:00ff"
        );
    }
}
