//! The images of the sample content: small, but with all that a build from a definition file leaves inside.

use std::{collections::BTreeMap, io};

use sha2::{Digest, Sha256};
use sif::{Arch, Metadata, build::SifBuilder};

use super::content::SampleContainer;

/// Bytes that a sample image has beside its metadata, at most: enough for sizes to differ.
const PADDING: u64 = 192 << 10;

/// Builds one image. Equal calls give equal bytes, so that a second run finds the first one's.
pub(super) fn build(sample: &SampleContainer, version: &str, arch: Arch) -> io::Result<Vec<u8>> {
    let seed = seed(&format!("{} {version} {}", sample.name, arch.name()));
    let image = SifBuilder::new()
        .arch(arch)
        .seed(seed)
        .built_from(&metadata(sample, version));
    image.data_padding(seed % PADDING).to_bytes()
}

fn seed(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(8)
        .fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

fn metadata(sample: &SampleContainer, version: &str) -> Metadata {
    let labels = [
        ("org.opencontainers.image.title", sample.name),
        ("org.opencontainers.image.version", version),
        ("org.opencontainers.image.description", sample.description),
        ("maintainer", "Research computing"),
    ];
    let labels: BTreeMap<_, _> = labels
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    Metadata {
        deffile: Some(deffile(sample, version, &labels)),
        environment: Some("export LC_ALL=C.UTF-8".to_owned()),
        runscript: Some(format!("exec {} \"$@\"", sample.runs)),
        help: Some(format!(
            "{}.\n\n    singularity run {}.sif --help",
            sample.description, sample.name
        )),
        test: Some(format!("command -v {}", first_word(sample.runs))),
        bootstrap: Some("docker".to_owned()),
        from: Some(sample.from.to_owned()),
        labels,
        ..Metadata::default()
    }
}

fn deffile(sample: &SampleContainer, version: &str, labels: &BTreeMap<String, String>) -> String {
    let labels = labels.iter().fold(String::new(), |text, (name, value)| {
        text + "    " + name + " " + value + "\n"
    });
    format!(
        "Bootstrap: docker\nFrom: {from}\n\n\
         %post\n    # {name} {version}\n    apt-get update\n    apt-get install -y --no-install-recommends {packages}\n\n\
         %environment\n    export LC_ALL=C.UTF-8\n\n\
         %runscript\n    exec {runs} \"$@\"\n\n\
         %test\n    command -v {program}\n\n\
         %labels\n{labels}\n\
         %help\n    {description}.\n\n    singularity run {name}.sif --help\n",
        from = sample.from,
        name = sample.name,
        packages = sample.packages,
        runs = sample.runs,
        program = first_word(sample.runs),
        description = sample.description,
    )
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{super::content::COLLECTIONS, *};

    #[test]
    fn every_sample_is_a_real_image_and_the_same_each_time() {
        let mut images = 0;
        for sample in COLLECTIONS
            .iter()
            .flat_map(|collection| collection.containers)
        {
            let (version, arch) = (sample.versions[0], sample.architectures[0]);
            let bytes = build(sample, version, arch).unwrap();
            assert_eq!(bytes, build(sample, version, arch).unwrap());
            let read = sif::read(Cursor::new(bytes), &sif::Limits::default()).unwrap();
            assert_eq!(read.metadata.from.as_deref(), Some(sample.from));
            assert_eq!(read.arch, Some(arch));
            assert_eq!(read.notes, Vec::<String>::new());
            images += sample.versions.len() * sample.architectures.len();
        }
        assert!((24..=100).contains(&images), "a few dozen, not {images}");
    }

    #[test]
    fn frozen_samples_are_among_the_versions() {
        for sample in COLLECTIONS
            .iter()
            .flat_map(|collection| collection.containers)
        {
            assert!(
                sample
                    .frozen
                    .is_none_or(|frozen| sample.versions.contains(&frozen)),
                "{}",
                sample.name
            );
        }
    }
}
