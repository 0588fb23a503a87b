//! What the sample content is: collections of an institute that does not exist, with containers that could.

/// A collection of the sample content.
pub struct SampleCollection {
    /// Its name.
    pub name: &'static str,
    /// One line of what it is for.
    pub description: &'static str,
    /// Markdown.
    pub readme: &'static str,
    /// Only its people see it.
    pub private: bool,
    /// What it holds.
    pub containers: &'static [SampleContainer],
}

/// A container of the sample content.
pub struct SampleContainer {
    /// Its name.
    pub name: &'static str,
    /// One line of what it is.
    pub description: &'static str,
    /// The image that it is built from.
    pub from: &'static str,
    /// The packages that it installs.
    pub packages: &'static str,
    /// The program that it runs.
    pub runs: &'static str,
    /// Versions, oldest first; the last one is `latest` too.
    pub versions: &'static [&'static str],
    /// Architectures that each version is built for.
    pub architectures: &'static [sif::Arch],
    /// A frozen version, if there is one.
    pub frozen: Option<&'static str>,
}

const BOTH: &[sif::Arch] = &[sif::Arch::Amd64, sif::Arch::Arm64];
const AMD64: &[sif::Arch] = &[sif::Arch::Amd64];

macro_rules! container {
    ($name:literal, $description:literal, $from:literal, $packages:literal, $runs:literal, $versions:expr, $architectures:expr, $frozen:expr) => {
        SampleContainer {
            name: $name,
            description: $description,
            from: $from,
            packages: $packages,
            runs: $runs,
            versions: &$versions,
            architectures: $architectures,
            frozen: $frozen,
        }
    };
}

/// The sample content.
pub const COLLECTIONS: &[SampleCollection] = &[
    SampleCollection {
        name: "genomics",
        description: "Sequence analysis, as the sequencing core facility runs it",
        readme: "# Genomics\n\nThe versions here are the ones that our pipelines are validated with.\n\n\
                 | tool | use |\n| --- | --- |\n| `bwa` | align reads |\n| `samtools` | sort, index, call |\n| `fastqc` | look at quality |\n\n\
                 Frozen tags belong to published results: **they do not move**.\n",
        private: false,
        containers: &[
            container!(
                "samtools",
                "Reads and writes sequence alignments",
                "debian:12",
                "samtools bcftools tabix",
                "samtools",
                ["1.16", "1.17", "1.19"],
                BOTH,
                Some("1.17")
            ),
            container!(
                "bwa",
                "Burrows-Wheeler aligner for short reads",
                "debian:12",
                "bwa",
                "bwa",
                ["0.7.17"],
                AMD64,
                None
            ),
            container!(
                "fastqc",
                "Quality control of raw reads",
                "eclipse-temurin:17",
                "fastqc",
                "fastqc",
                ["0.11.9", "0.12.1"],
                AMD64,
                None
            ),
            container!(
                "bedtools",
                "A Swiss army knife for genome arithmetic",
                "debian:12",
                "bedtools",
                "bedtools",
                ["2.30.0", "2.31.1"],
                BOTH,
                None
            ),
            container!(
                "star",
                "Spliced aligner for RNA reads",
                "ubuntu:22.04",
                "rna-star",
                "STAR",
                ["2.7.10b"],
                AMD64,
                None
            ),
        ],
    },
    SampleCollection {
        name: "climate",
        description: "Models and tools of the climate group",
        readme: "# Climate\n\nBuilt for the cluster's MPI. Bind the scratch file system:\n\n```\nsingularity exec --bind /scratch cdo.sif cdo --version\n```\n",
        private: false,
        containers: &[
            container!(
                "cdo",
                "Climate data operators",
                "ubuntu:22.04",
                "cdo netcdf-bin",
                "cdo",
                ["2.0.4", "2.2.0"],
                BOTH,
                None
            ),
            container!(
                "wrf",
                "Weather research and forecasting model",
                "rockylinux:9",
                "netcdf-fortran openmpi",
                "wrf.exe",
                ["4.4", "4.5.1"],
                AMD64,
                Some("4.4")
            ),
            container!(
                "nco",
                "Arithmetic on netCDF files",
                "debian:12",
                "nco",
                "ncks",
                ["5.1.4"],
                BOTH,
                None
            ),
        ],
    },
    SampleCollection {
        name: "machine-learning",
        description: "Python environments with and without GPUs",
        readme: "# Machine learning\n\nRun with `--nv` on nodes with GPUs.\n",
        private: false,
        containers: &[
            container!(
                "pytorch",
                "PyTorch with CUDA",
                "nvidia/cuda:12.2.0-runtime-ubuntu22.04",
                "python3-pip",
                "python3",
                ["2.1", "2.2", "2.3"],
                AMD64,
                None
            ),
            container!(
                "jax",
                "JAX with CUDA",
                "nvidia/cuda:12.2.0-runtime-ubuntu22.04",
                "python3-pip",
                "python3",
                ["0.4.26"],
                AMD64,
                None
            ),
            container!(
                "scikit",
                "Classic machine learning on CPUs",
                "python:3.12-slim",
                "python3-sklearn",
                "python3",
                ["1.4", "1.5"],
                BOTH,
                None
            ),
            container!(
                "jupyter",
                "Notebook server",
                "python:3.12-slim",
                "jupyter-notebook",
                "jupyter",
                ["7.1"],
                BOTH,
                None
            ),
        ],
    },
    SampleCollection {
        name: "statistics",
        description: "R and its friends",
        readme: "# Statistics\n\nOne image for each release of R.\n",
        private: false,
        containers: &[
            container!(
                "r-base",
                "R with the recommended packages",
                "rocker/r-ver:4.4",
                "r-recommended",
                "R",
                ["4.2.3", "4.3.3", "4.4.1"],
                BOTH,
                None
            ),
            container!(
                "rstudio",
                "RStudio server",
                "rocker/rstudio:4.4",
                "rstudio-server",
                "rserver",
                ["2024.04"],
                AMD64,
                None
            ),
        ],
    },
    SampleCollection {
        name: "library",
        description: "Base images: what `library://NAME` finds",
        readme: "# Library\n\nA name alone, as in `singularity pull library://debian`, means this collection.\n",
        private: false,
        containers: &[
            container!(
                "debian",
                "Debian, as small as it comes",
                "debian:12-slim",
                "ca-certificates",
                "/bin/sh",
                ["11", "12"],
                BOTH,
                None
            ),
            container!(
                "alpine",
                "Alpine Linux",
                "alpine:3.19",
                "ca-certificates",
                "/bin/sh",
                ["3.18", "3.19"],
                BOTH,
                None
            ),
            container!(
                "lolcow",
                "The cow that says it",
                "ubuntu:22.04",
                "fortune cowsay lolcat",
                "fortune | cowsay | lolcat",
                ["1.0"],
                AMD64,
                None
            ),
        ],
    },
    SampleCollection {
        name: "clinical-trials",
        description: "Restricted: tools that come with patient data",
        readme: "# Clinical trials\n\nPrivate. Ask the owners for access.\n",
        private: true,
        containers: &[container!(
            "deidentify",
            "Removes names from reports",
            "python:3.12-slim",
            "python3-spacy",
            "deidentify",
            ["0.3", "0.4"],
            AMD64,
            None
        )],
    },
];
