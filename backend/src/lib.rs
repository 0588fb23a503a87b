//! Singularity Registry Server: container images for an institution, in one binary.
//!
//! `ARCHITECTURE.md` beside this crate tells how the pieces fit. Modules import downwards only:
//! `cli → app → {http, jobs} → services → {repo, plugins} → domain`.

pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod plugins;
pub mod repo;
pub mod services;
