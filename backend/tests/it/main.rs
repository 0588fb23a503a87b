//! Tests of the server from the outside: one binary, so that it is linked once.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what must not happen fails the test, in helpers too"
)]

mod common;

mod administration;
mod architecture;
mod audit;
mod authz_coverage;
mod commands;
mod db_schema;
mod db_write;
mod frozen;
mod hardship;
mod http_content;
mod http_people;
mod http_uploads;
mod jobs;
mod limits;
mod object_store;
mod openapi;
mod providers;
mod quotas;
mod rates;
mod seed;
mod settings;
mod share_links;
mod signatures;
mod signer;
mod web;
mod web_look;
mod webhooks;
mod wire_hkp;
mod wire_https;
mod wire_library;
mod wire_oci;
mod wire_sregistry;
