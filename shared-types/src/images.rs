//! Images: one SIF file each, and what is inside.

use std::collections::BTreeMap;

use crate::{ImageSignature, Rights, SignatureSummary, Timestamp, object, page, samples, words};

words! {
    /// How far the registry is with an image.
    pub enum ImageState {
        /// Its bytes have not arrived.
        Uploading = "uploading",
        /// Its bytes are here; the server is reading what is inside.
        Inspecting = "inspecting",
        /// All is known.
        Ready = "ready",
        /// Its bytes are safe, but what is inside could not be read; `problem` says why.
        Unreadable = "unreadable",
    }
}

words! {
    /// What an image is.
    pub enum ImageKind {
        /// One SIF file.
        Sif = "sif",
        /// Whatever else an OCI manifest says: the image of another runtime, an artefact, an index.
        Oci = "oci",
    }
}

object! {
    /// An image: one SIF file in a container, or what else an OCI client pushed there.
    pub struct Image {
        /// The collection's name.
        pub collection: String,
        /// The container's name.
        pub container: String,
        /// What it is.
        pub kind: ImageKind,
        /// `sha256:` and 64 hexadecimal digits, of the whole file; of the manifest where it is no file.
        pub digest: String,
        /// The tags that point at it, as `name`.
        pub tags: Vec<String>,
        /// The architecture as the clients write it, such as `amd64`; absent until it is known.
        pub arch: Option<String>,
        /// The size of the file.
        pub size_bytes: u64,
        /// What its pusher said of it.
        pub description: String,
        /// How far the registry is with it.
        pub state: ImageState,
        /// Why what is inside could not be read.
        pub problem: Option<String>,
        /// It carries signatures.
        pub signed: bool,
        /// What its signatures say together; absent where it has none, or where they were not read yet.
        pub signature: Option<SignatureSummary>,
        /// It is encrypted.
        pub encrypted: bool,
        /// A frozen tag points at it: it cannot be deleted.
        pub frozen: bool,
        /// How often it was downloaded.
        pub downloads: u64,
        /// Who pushed it; absent where the account is gone.
        pub pushed_by: Option<String>,
        /// When it was pushed.
        pub pushed_at: Timestamp,
    } = Image {
        collection: "climate".to_owned(),
        container: "samtools".to_owned(),
        kind: ImageKind::Sif,
        digest: samples::digest(),
        tags: vec!["1.17".to_owned()],
        arch: Some("amd64".to_owned()),
        size_bytes: 1_085_440,
        description: String::new(),
        state: ImageState::Ready,
        problem: None,
        signed: true,
        signature: Some(crate::Sample::sample()),
        encrypted: false,
        frozen: false,
        downloads: 42,
        pushed_by: Some("amy".to_owned()),
        pushed_at: samples::moment(),
    }
}

page! {
    /// A page of a container's images, newest first.
    ImagePage, Image
}

object! {
    /// One application inside an image (SCIF).
    pub struct ImageApp {
        /// Its name.
        pub name: String,
        /// Its runscript.
        pub runscript: Option<String>,
        /// Its help text.
        pub help: Option<String>,
        /// Its test script.
        pub test: Option<String>,
        /// Its environment script.
        pub environment: Option<String>,
        /// Its labels.
        pub labels: BTreeMap<String, String>,
    } = ImageApp {
        name: "align".to_owned(),
        runscript: Some("exec align \"$@\"".to_owned()),
        help: None,
        test: None,
        environment: None,
        labels: BTreeMap::new(),
    }
}

object! {
    /// One data object of the SIF file, in the order of the file.
    pub struct SifObject {
        /// Its number in the file.
        pub id: u32,
        /// What it is, such as `FS (Squashfs/*System/amd64)`.
        pub kind: String,
        /// Its name.
        pub name: String,
        /// Its size.
        pub size_bytes: u64,
    } = SifObject { id: 1, kind: "Def.FILE".to_owned(), name: "samtools.def".to_owned(), size_bytes: 312 }
}

object! {
    /// A signature inside an image.
    pub struct Signature {
        /// The fingerprint of the signing key, in hexadecimal digits.
        pub fingerprint: Option<String>,
    } = Signature { fingerprint: Some("0123456789ABCDEF0123456789ABCDEF01234567".to_owned()) }
}

object! {
    /// What the server read inside an image.
    pub struct ImageMetadata {
        /// The definition file.
        pub deffile: Option<String>,
        /// The `From:` of the definition file.
        pub from: Option<String>,
        /// The labels.
        pub labels: BTreeMap<String, String>,
        /// The environment script.
        pub environment: Option<String>,
        /// The runscript.
        pub runscript: Option<String>,
        /// The start script of instances.
        pub startscript: Option<String>,
        /// The help text.
        pub help: Option<String>,
        /// The test script.
        pub test: Option<String>,
        /// The applications inside.
        pub apps: Vec<ImageApp>,
        /// The data objects of the file.
        pub objects: Vec<SifObject>,
        /// The signatures.
        pub signatures: Vec<Signature>,
    } = ImageMetadata {
        deffile: Some("Bootstrap: docker\nFrom: debian:12\n".to_owned()),
        from: Some("debian:12".to_owned()),
        labels: BTreeMap::from([("maintainer".to_owned(), "amy".to_owned())]),
        environment: Some("export LC_ALL=C".to_owned()),
        runscript: Some("exec samtools \"$@\"".to_owned()),
        startscript: None,
        help: None,
        test: None,
        apps: vec![crate::Sample::sample()],
        objects: vec![crate::Sample::sample()],
        signatures: Vec::new(),
    }
}

object! {
    /// A layer of an image that is no SIF; of an index, one of its manifests.
    pub struct OciLayer {
        /// What it is.
        pub media_type: String,
        /// Its digest.
        pub digest: String,
        /// Its size.
        pub size_bytes: u64,
        /// What it is called.
        pub title: Option<String>,
    } = OciLayer {
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        digest: samples::digest(),
        size_bytes: 3_208_942,
        title: None,
    }
}

object! {
    /// What the manifest of an image that is no SIF says.
    pub struct OciMetadata {
        /// What the manifest is.
        pub media_type: String,
        /// What kind of artefact it is, where that is said.
        pub artifact_type: Option<String>,
        /// The digest of what it refers to, such as the image that it signs.
        pub subject: Option<String>,
        /// What it runs on, such as `amd64` or `linux/arm64/v8`.
        pub platforms: Vec<String>,
        /// Its layers; of an index, its manifests.
        pub layers: Vec<OciLayer>,
        /// What is said of it.
        pub annotations: BTreeMap<String, String>,
    } = OciMetadata {
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        artifact_type: Some("application/vnd.oci.image.config.v1+json".to_owned()),
        subject: None,
        platforms: vec!["amd64".to_owned()],
        layers: vec![crate::Sample::sample()],
        annotations: BTreeMap::new(),
    }
}

object! {
    /// An image with all that its page shows.
    pub struct ImageDetail {
        /// The image.
        pub image: Image,
        /// What is inside; absent until it was read.
        pub metadata: Option<ImageMetadata>,
        /// What its manifest says, where it is no SIF.
        pub oci: Option<OciMetadata>,
        /// The signatures inside, and what the server knows of them.
        pub signatures: Vec<ImageSignature>,
        /// What the caller may do.
        pub rights: Rights,
    } = ImageDetail {
        image: crate::Sample::sample(),
        metadata: Some(crate::Sample::sample()),
        oci: None,
        signatures: vec![crate::Sample::sample()],
        rights: crate::Sample::sample(),
    }
}
