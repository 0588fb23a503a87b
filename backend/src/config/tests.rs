//! What settings come to, from files and variables.

use std::{collections::HashSet, fs, path::PathBuf, time::Duration};

use tempfile::TempDir;

use super::*;

/// Settings from the lines of a file and these variables.
pub(super) fn load(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let dir = TempDir::new().unwrap();
    let path = file.map(|text| {
        let path = dir.path().join("settings.yaml");
        fs::write(&path, text).unwrap();
        path
    });
    let variables = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::load_from(path.as_deref(), variables)
}

fn problems(file: Option<&str>, variables: &[(&str, &str)]) -> Vec<(String, String)> {
    let problems = load(file, variables).unwrap_err();
    problems
        .iter()
        .map(|problem| (problem.setting.clone(), problem.sentence.clone()))
        .collect()
}

#[test]
fn without_anything_set_the_defaults_serve() {
    let settings = load(None, &[]).unwrap().settings;
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.server.domain_name, "http://127.0.0.1:8080");
    assert!(settings.server.data_dir.is_absolute() && settings.server.data_dir.ends_with("data"));
    assert!(
        settings
            .server
            .database_url
            .reveal()
            .ends_with("data/registry.db?mode=rwc")
    );
    assert!(settings.storage.url.ends_with("data/images"));
    assert_eq!(settings.storage.part_size, 64 << 20);
    assert!(settings.registry.user_collections);
    assert_eq!(settings.registry.user_collection_limit, None);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "LISTEN: 0.0.0.0:80\nREGISTRY_NAME: From the file\nUSER_QUOTA: 10GiB\nUPLOAD_EXPIRY: null\n";
    let loaded = load(
        Some(file),
        &[
            ("SREGISTRY_REGISTRY_NAME", "From outside"),
            ("PATH", "/bin"),
        ],
    )
    .unwrap();
    let Loaded { settings, layers } = loaded;
    assert_eq!(settings.registry.name, "From outside");
    assert_eq!(settings.server.listen.port(), 80);
    assert_eq!(
        settings.server.domain_name, "http://127.0.0.1:80",
        "nobody can go to 0.0.0.0"
    );
    assert_eq!(settings.registry.user_quota, Some(10 << 30));
    assert_eq!(settings.storage.upload_expiry, Duration::from_hours(24));
    assert_eq!(
        *layers.source("REGISTRY_NAME"),
        Source::Environment("SREGISTRY_REGISTRY_NAME".to_owned())
    );
    assert!(
        matches!(layers.source("LISTEN"), Source::File(path) if path.ends_with("settings.yaml"))
    );
    assert_eq!(*layers.source("UPLOAD_EXPIRY"), Source::Default);
}

#[test]
fn an_empty_variable_counts_as_not_set_and_none_as_no_limit() {
    let file = "USER_COLLECTION_LIMIT: 2\nREGISTRY_NAME: Mine\n";
    let variables = [
        ("SREGISTRY_USER_COLLECTION_LIMIT", "none"),
        ("SREGISTRY_REGISTRY_NAME", ""),
    ];
    let settings = load(Some(file), &variables).unwrap().settings;
    assert_eq!(settings.registry.user_collection_limit, None);
    assert_eq!(settings.registry.name, "Mine");
}

#[test]
fn lists_come_with_commas_or_as_lists() {
    let address = "10.1.2.3".parse().unwrap();
    let inside = |settings: &Settings| {
        settings
            .server
            .trusted_proxies
            .iter()
            .any(|proxy| proxy.contains(address))
    };
    let file = load(Some("TRUSTED_PROXIES: [127.0.0.1, 10.0.0.0/8]\n"), &[]).unwrap();
    assert!(inside(&file.settings));
    let variable = load(
        None,
        &[("SREGISTRY_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")],
    )
    .unwrap();
    assert!(inside(&variable.settings));
    assert_eq!(variable.settings.server.trusted_proxies.len(), 2);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_where_it_was_set() {
    let file =
        "LISTEN: everywhere\nPRIVATE_ONLY: perhaps\nMAX_IMAGE_SIZE: huge\nDATABASE_URL: {a: b}\n";
    let found = problems(Some(file), &[("SREGISTRY_UPLOAD_EXPIRY", "soon")]);
    let names: HashSet<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        HashSet::from([
            "LISTEN",
            "PRIVATE_ONLY",
            "MAX_IMAGE_SIZE",
            "DATABASE_URL",
            "UPLOAD_EXPIRY"
        ])
    );
    let of = |name: &str| &found.iter().find(|(found, _)| found == name).unwrap().1;
    assert!(
        of("UPLOAD_EXPIRY").contains("SREGISTRY_UPLOAD_EXPIRY")
            && of("UPLOAD_EXPIRY").contains("5m")
    );
    assert!(of("LISTEN").contains("settings.yaml") && of("LISTEN").contains("0.0.0.0:8080"));
}

#[test]
fn values_that_cannot_work_are_refused_with_what_to_write() {
    for (name, value) in [
        ("DOMAIN_NAME", "registry.example.org"),
        ("DOMAIN_NAME", "https://example.org/registry"),
        ("DOMAIN_NAME", "ftp://example.org"),
        ("DATABASE_URL", "mysql://x"),
        ("STORAGE_URL", "file://relative"),
        ("PART_SIZE", "1KiB"),
        ("MAX_IMAGE_SIZE", "0"),
        ("UPLOAD_EXPIRY", "1s"),
        ("TICKET_LIFETIME", "1s"),
        ("SECRET_KEY", "12345"),
        ("SESSION_LIFETIME", "1s"),
        ("REGISTRY_URI", "Not A Word"),
        ("REGISTRY_NAME", " "),
        ("HELP_CONTACT_EMAIL", "nobody"),
        ("TERMS_FILE", "/does/not/exist"),
        ("REGISTRY_ACCENT", "red"),
        ("REGISTRY_ACCENT", "#12345"),
        ("REGISTRY_LOGO", "/does/not/exist"),
        ("REGISTRY_LOGO", "/dev/null"),
        ("GOOGLE_ANALYTICS", "<script>"),
        ("GOOGLE_ANALYTICS", "yes"),
        ("WEB_DIR", "/does/not/exist"),
        ("LOG", "louder=very"),
        ("LOG_FORMAT", "xml"),
        ("TRUSTED_PROXIES", "all"),
    ] {
        let found = problems(None, &[(&format!("SREGISTRY_{name}"), value)]);
        assert_eq!(found.len(), 1, "{name}={value}: {found:?}");
        assert_eq!(found[0].0, name);
    }
}

#[test]
fn a_slip_in_the_file_is_an_error_and_in_the_environment_a_warning() {
    let found = problems(Some("PRIVAT_ONLY: true\n"), &[]);
    assert_eq!(found[0].0, "PRIVAT_ONLY");
    assert!(
        found[0].1.contains("did you mean PRIVATE_ONLY?"),
        "{found:?}"
    );
    let loaded = load(
        None,
        &[
            ("SREGISTRY_LISTN", "x"),
            ("SREGISTRY_SERVICE_HOST", "10.0.0.1"),
        ],
    )
    .unwrap();
    let warnings = loaded.layers.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("did you mean LISTEN?"), "{warnings:?}");
}

#[test]
fn a_secret_can_be_in_a_file_of_its_own_and_is_never_shown() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("key");
    let key = "k".repeat(40);
    fs::write(&path, format!("{key}\n")).unwrap();
    let loaded = load(
        None,
        &[("SREGISTRY_SECRET_KEY_FILE", path.to_str().unwrap())],
    )
    .unwrap();
    assert_eq!(*loaded.settings.security.secret_key.reveal(), key);
    let shown = render::show(&loaded.layers);
    let secret = shown
        .iter()
        .find(|shown| shown.name == "SECRET_KEY")
        .unwrap();
    assert_eq!(secret.value, "•••");
    assert!(
        secret.source.contains("SREGISTRY_SECRET_KEY_FILE"),
        "{}",
        secret.source
    );
    for text in [
        format!("{loaded:?}"),
        serde_json::to_string(&shown).unwrap(),
    ] {
        assert!(!text.contains(&key), "the key is in {text}");
    }
}

#[test]
fn a_password_in_the_database_address_is_never_shown() {
    let loaded = load(
        None,
        &[(
            "SREGISTRY_DATABASE_URL",
            "postgres://me:hunter2@db/registry",
        )],
    )
    .unwrap();
    assert!(!format!("{:?}", loaded.settings).contains("hunter2"));
    assert!(
        render::show(&loaded.layers)
            .iter()
            .all(|shown| !shown.value.contains("hunter2"))
    );
}

#[test]
fn a_secret_file_that_is_missing_is_named() {
    let found = problems(None, &[("SREGISTRY_SECRET_KEY_FILE", "/does/not/exist")]);
    assert_eq!(found[0].0, "SECRET_KEY_FILE");
    assert!(found[0].1.contains("/does/not/exist"));
    let loaded = load(None, &[("SREGISTRY_LISTEN_FILE", "/x")]).unwrap();
    assert_eq!(loaded.layers.warnings().len(), 1, "only secrets have files");
}

#[test]
fn a_file_that_is_missing_or_is_no_mapping_is_told() {
    let missing =
        Settings::load_from(Some(&PathBuf::from("/does/not/exist.yaml")), []).unwrap_err();
    assert!(missing.to_string().contains("/does/not/exist.yaml"));
    for text in ["- a list\n", "just text\n", "a: [unclosed\n", "1: 2\n"] {
        assert_eq!(problems(Some(text), &[])[0].0, "SETTINGS_FILE", "{text}");
    }
    assert!(load(Some("# only comments\n"), &[]).is_ok());
}

#[test]
fn the_example_is_a_settings_file_with_the_defaults() {
    let uncommented: String = render::example()
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' '))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_eq!(uncommented.lines().count(), all_settings().count());
    let mut from_example = load(Some(&uncommented), &[]).unwrap().settings;
    let mut from_nothing = load(None, &[]).unwrap().settings;
    // They come from different places, and only that is shown.
    from_example.shown.clear();
    from_nothing.shown.clear();
    assert_eq!(format!("{from_example:?}"), format!("{from_nothing:?}"));
}

#[test]
fn every_setting_is_explained_and_named_once() {
    let names: HashSet<_> = all_settings().map(|setting| setting.name).collect();
    assert_eq!(names.len(), all_settings().count());
    for setting in all_settings() {
        assert!(
            setting.doc.trim().ends_with('.'),
            "{} ends without a full stop",
            setting.name
        );
        assert!(
            setting
                .name
                .bytes()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'_'),
            "{}",
            setting.name
        );
        assert!(
            !setting.name.ends_with("_FILE") || setting.name == "TERMS_FILE",
            "{} looks like a secret's file",
            setting.name
        );
    }
}

#[test]
fn a_secret_key_is_made_once_and_kept_for_its_owner_alone() {
    let dir = TempDir::new().unwrap();
    let made = keep_secret_key(dir.path(), || "a".repeat(64)).unwrap();
    let again = keep_secret_key(dir.path(), || "b".repeat(64)).unwrap();
    assert_eq!(
        (made.as_str(), again.as_str()),
        ("a".repeat(64).as_str(), "a".repeat(64).as_str())
    );
    let path = dir.path().join("secret-key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
        "no draft is left"
    );
    fs::write(&path, "short").unwrap();
    assert!(
        keep_secret_key(dir.path(), || "c".repeat(64)).is_err(),
        "a damaged key is not replaced in silence"
    );
}

#[test]
fn what_needs_an_object_store_is_refused_without_one() {
    for (name, value, problem) in [
        ("SREGISTRY_STORAGE_REDIRECT", "true", "STORAGE_REDIRECT"),
        (
            "SREGISTRY_STORAGE_DIRECT_UPLOADS",
            "true",
            "STORAGE_DIRECT_UPLOADS",
        ),
        ("SREGISTRY_STORAGE_URL", "ftp://x", "STORAGE_URL"),
        (
            "SREGISTRY_STORAGE_ENDPOINT",
            "minio:9000",
            "STORAGE_ENDPOINT",
        ),
    ] {
        let problems = load(None, &[(name, value)]).unwrap_err();
        assert_eq!(problems.iter().next().unwrap().setting, problem);
    }
    let azure = [
        ("SREGISTRY_STORAGE_URL", "az://images"),
        ("SREGISTRY_STORAGE_DIRECT_UPLOADS", "true"),
    ];
    assert!(load(None, &azure).is_err());
}
