//! Who may import whom: the table of the architecture, held against every source file.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A folder or file below `src`, and what nothing in it may name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "sea_orm",
            "poem",
            "tokio",
            "store::",
            "entity::",
            "crate::services",
            "crate::repo",
            "crate::http",
            "crate::db",
            "async fn",
            "Utc::now",
        ],
    ),
    (
        "repo",
        &[
            "poem",
            "store::",
            "sif::",
            "crate::services",
            "crate::http",
            "crate::jobs",
            "crate::app",
            "shared_types::Error",
        ],
    ),
    (
        "services",
        &[
            "poem",
            "hyper",
            "apalis",
            "crate::http",
            "crate::jobs",
            "crate::app",
            "crate::cli",
            "StatusCode",
        ],
    ),
    (
        "http",
        &[
            "sea_orm",
            "entity::",
            "crate::repo",
            "crate::db",
            "crate::jobs",
            "crate::app",
            "crate::cli",
            "sif::",
        ],
    ),
    (
        "jobs",
        &[
            "sea_orm",
            "entity::",
            "crate::repo",
            "poem",
            "crate::http",
            "crate::app",
            "crate::cli",
        ],
    ),
    (
        "plugins",
        &[
            "sea_orm",
            "entity::",
            "crate::repo",
            "poem",
            "crate::http",
            "crate::jobs",
            "crate::app",
        ],
    ),
    (
        "config",
        &[
            "sea_orm",
            "poem",
            "crate::services",
            "crate::http",
            "crate::repo",
            "crate::app",
        ],
    ),
    ("cli", &["entity::", "crate::repo", "poem"]),
    (
        "db.rs",
        &[
            "poem",
            "crate::services",
            "crate::http",
            "crate::repo",
            "entity::",
        ],
    ),
];

/// How long a file may be, in lines before its tests.
const LONGEST: usize = 400;

/// How long a table of routes may be: one looks things up in it, and splitting it would hide what is served.
const LONGEST_TABLE: usize = 600;

#[test]
fn no_module_imports_what_lies_above_it() {
    let mut wrong = Vec::new();
    for (part, words) in FORBIDDEN {
        let files = files_of(&source().join(part));
        assert!(
            !files.is_empty(),
            "src/{part} is gone; the table must follow"
        );
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in text.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in words.iter().filter(|word| names(code, word)) {
                    wrong.push(format!("{}:{}: {word}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "forbidden in these places:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<_> = files_of(&source())
        .into_iter()
        .filter(|file| !fs::read_to_string(file).unwrap().starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "no sentence at the head of {silent:#?}");
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<_> = files_of(&source())
        .into_iter()
        .map(|file| (length(&fs::read_to_string(&file).unwrap()), file))
        .filter(|(lines, file)| {
            let table = file.ends_with("routes.rs");
            *lines > if table { LONGEST_TABLE } else { LONGEST }
        })
        .collect();
    assert!(long.is_empty(), "more than {LONGEST} lines in {long:#?}");
}

#[test]
fn the_check_finds_what_it_looks_for() {
    assert!(names("use sea_orm::Set;", "sea_orm"));
    assert!(names("    crate::repo::image::find(db)", "crate::repo"));
    assert!(names("use entity::{image, tag};", "entity::"));
    assert!(!names("let my_entity::x = 1;", "entity::"));
    assert!(!names("restore::all()", "store::"));
}

fn length(text: &str) -> usize {
    let (code, _) = text
        .split_once("#[cfg(test)]\nmod tests {")
        .unwrap_or((text, ""));
    code.lines().count()
}

/// Whether code names something: the word, not as the end of a longer one.
fn names(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    })
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files_of(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .flat_map(|entry| files_of(&entry.unwrap().path()))
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
}
