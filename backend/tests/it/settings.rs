//! The generated files about the settings are those of the code. `UPDATE=1` writes them anew.

use std::{fs, path::Path};

use sregistry_server::config::render;

fn is_current(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, text).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == text,
        "{path} is not what the code says; run the tests with UPDATE=1"
    );
}

#[test]
fn the_example_file_is_current() {
    is_current("settings.example.yaml", &render::example());
}

#[test]
fn the_page_of_the_documentation_is_current() {
    is_current("docs/src/settings.md", &render::page());
}
