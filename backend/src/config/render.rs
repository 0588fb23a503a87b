//! The settings as an example file, as a page of the documentation, and as they are in force.

use std::fmt::Write;

use super::{GROUPS, Layers, Setting, all_settings, layers::Raw};

/// A settings file with every setting, its default and what it does.
pub fn example() -> String {
    let mut out = String::from(
        "# Settings of Singularity Registry Server. Every line that matters is commented out: these are the defaults.\n\
         # The environment wins over this file: SREGISTRY_LISTEN over LISTEN, and so on.\n",
    );
    for group in GROUPS {
        let _ = write!(out, "\n# --- {} ---\n", group.title);
        for setting in group.settings {
            out.push('\n');
            for line in sentences(setting) {
                let _ = writeln!(out, "# {line}");
            }
            let _ = writeln!(out, "#{}:{}", setting.name, spaced(setting.default));
        }
    }
    out
}

/// The page of the documentation.
pub fn page() -> String {
    let mut out = String::from(
        "# Settings\n\n\
         A setting called `NAME` is read from the variable `SREGISTRY_NAME`, else from `NAME` in the settings file, else it has\n\
         its default. The file is the one given with `--settings`, or named by `SREGISTRY_SETTINGS_FILE`, or `settings.yaml` in\n\
         the working folder. `sregistry-server config check` finds what is wrong with them, `config show --sources` tells where\n\
         each value in force comes from, and `config example` prints a file with all of them.\n\n\
         Times are written `90s`, `5m`, `2h`, `7d`; sizes `500MiB`, `10GiB`, `1TB`; lists with commas, or as a YAML list. A\n\
         secret can also be in a file of its own: `SREGISTRY_SECRET_KEY_FILE=/run/secrets/key`. An empty value counts as not set.\n\n\
         An unknown name in the settings file is an error, so that a slip of the finger never goes unnoticed; an unknown\n\
         variable is only reported, because others write variables too.\n",
    );
    for group in GROUPS {
        let _ = write!(out, "\n## {}\n", group.title);
        for setting in group.settings {
            let _ = write!(out, "\n### `{}`\n\n", setting.name);
            for line in sentences(setting) {
                let _ = writeln!(out, "{line}");
            }
            let default = match setting.default {
                "" => "none".to_owned(),
                text => format!("`{text}`"),
            };
            let secret = if setting.secret {
                " Secret: never shown."
            } else {
                ""
            };
            let _ = write!(
                out,
                "\nTakes: {}. Default: {default}.{secret}\n",
                setting.kind
            );
        }
    }
    out
}

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// Its name.
    pub name: &'static str,
    /// Its value as one would write it; dots for a secret, nothing where it is not set.
    pub value: String,
    /// Where the value came from.
    pub source: String,
    /// Somebody set it.
    #[serde(skip)]
    pub changed: bool,
}

/// Every setting in force, with where it came from.
pub fn show(layers: &Layers) -> Vec<Shown> {
    let value = |setting: &Setting| match layers.raw(setting.name) {
        Some(_) if setting.secret => "•••".to_owned(),
        Some(Raw::Text(text)) => text.clone(),
        Some(Raw::List(items)) => items.join(","),
        None => setting.default.to_owned(),
    };
    all_settings()
        .map(|setting| Shown {
            name: setting.name,
            value: value(setting),
            source: layers.source(setting.name).to_string(),
            changed: layers.raw(setting.name).is_some(),
        })
        .collect()
}

fn sentences(setting: &Setting) -> impl Iterator<Item = &'static str> {
    setting
        .doc
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
}

fn spaced(value: &str) -> String {
    if value.is_empty() {
        String::new()
    } else {
        format!(" {value}")
    }
}
