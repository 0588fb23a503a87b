//! Where values come from: the settings file, then the environment over it, each value with its source.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Problem, Problems, Setting, all_settings, kind::Kind, names, original::Original};

/// What every variable of ours begins with.
pub const PREFIX: &str = "SREGISTRY_";

/// Variables that belong to the tools around the server, not to its settings.
const OTHER_VARIABLES: &[&str] = &[
    "SETTINGS_FILE",
    "TEST_POSTGRES_URL",
    "TEST_S3_URL",
    "TEST_AZURE_URL",
    "TEST_BINARY",
];

/// A value as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raw {
    /// One text.
    Text(String),
    /// A list of the settings file.
    List(Vec<String>),
}

impl Raw {
    /// The value as one text.
    ///
    /// # Errors
    /// It is a list.
    pub fn text(&self) -> Result<&str, String> {
        match self {
            Self::Text(text) => Ok(text),
            Self::List(_) => Err("one value is expected here, not a list".to_owned()),
        }
    }

    /// The value as a list: of the settings file, or separated by commas.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::Text(text) => (Some(text), &[][..]),
            Self::List(items) => (None, items.as_slice()),
        };
        let one = one.into_iter().flat_map(|text| text.split(','));
        let many = many.iter().map(String::as_str);
        one.chain(many)
            .map(str::trim)
            .filter(|item| !item.is_empty())
    }
}

impl From<&str> for Raw {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nothing was set.
    Default,
    /// The settings file.
    File(PathBuf),
    /// A variable of the environment, by name.
    Environment(String),
    /// A file with one secret in it, and who named that file.
    SecretFile(PathBuf, Box<Source>),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::SecretFile(path, by) => write!(f, "{} (named by {by})", path.display()),
        }
    }
}

/// The values that were set, each with its source; and what was found that nobody asked for.
#[derive(Default)]
pub struct Layers {
    values: BTreeMap<&'static str, (Raw, Source)>,
    original: Original,
    warnings: Vec<String>,
}

/// Names and sources only: values may be secrets.
impl std::fmt::Debug for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sources = self.values.iter().map(|(name, (_, source))| (name, source));
        f.debug_map().entries(sources).finish()
    }
}

impl Layers {
    /// Reads the settings file, then the environment over it. A value that is empty counts as not set.
    pub fn gather(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        problems: &mut Problems,
    ) -> Self {
        let mut layers = Self::default();
        if let Some(path) = file {
            layers.file(path, problems);
        }
        layers.environment(environment, problems);
        for (name, raw, source) in layers.original.translate() {
            layers.values.entry(name).or_insert((raw, source));
        }
        layers
    }

    /// What a person should hear about, though the server can start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Where a setting's value came from.
    pub fn source(&self, name: &str) -> &Source {
        self.values
            .get(name)
            .map_or(&Source::Default, |(_, source)| source)
    }

    /// The value that was set, if any was.
    pub fn raw(&self, name: &str) -> Option<&Raw> {
        self.values.get(name).map(|(raw, _)| raw)
    }

    /// Reads one setting; notes what is wrong with it.
    pub(super) fn read<K: Kind>(
        &self,
        name: &'static str,
        default: &'static str,
        problems: &mut Problems,
    ) -> Option<K::Value> {
        let raw = self
            .raw(name)
            .cloned()
            .unwrap_or_else(|| Raw::from(default));
        match K::parse(&raw) {
            Ok(value) => Some(value),
            Err(sentence) => {
                problems.push(Problem::new(name, sentence).from(self.source(name)));
                None
            }
        }
    }

    fn file(&mut self, path: &Path, problems: &mut Problems) {
        let entries = match entries(path) {
            Ok(entries) => entries,
            Err(sentence) => {
                problems.push(Problem::new("SETTINGS_FILE", sentence));
                return;
            }
        };
        let source = Source::File(path.to_path_buf());
        for (name, value) in entries {
            match (known(&name), scalar_or_list(&value)) {
                (_, Ok(None)) => {}
                (Some((setting, by_file)), Ok(Some(raw))) => {
                    self.set(setting, by_file, raw, source.clone(), problems);
                }
                (Some(_), Err(sentence)) => {
                    problems.push(Problem::new(&name, sentence).from(&source));
                }
                (None, Ok(Some(raw))) if self.original.take(&name, &raw, &source) => {}
                (None, _) if names::is_original(&name) => {
                    self.warnings.push(format!(
                        "{name} in {} has no effect in this version",
                        path.display()
                    ));
                }
                // A mistyped name in a file that is about nothing but this server: say no rather than guess. Someone who
                // wrote PRIVAT_ONLY must not find the registry public.
                (None, _) => {
                    problems.push(Problem::new(&name, names::unknown(&name)).from(&source));
                }
            }
        }
    }

    fn environment(
        &mut self,
        environment: impl IntoIterator<Item = (String, String)>,
        problems: &mut Problems,
    ) {
        for (variable, value) in environment {
            let bare = Original::is_bare(&variable).then_some(variable.as_str());
            let Some(name) = variable.strip_prefix(PREFIX).or(bare) else {
                continue;
            };
            if value.is_empty() || OTHER_VARIABLES.contains(&name) {
                continue;
            }
            match known(name) {
                Some((setting, by_file)) => {
                    let source = Source::Environment(variable.clone());
                    self.set(setting, by_file, Raw::Text(value), source, problems);
                }
                None if self.original.take(
                    name,
                    &Raw::Text(value),
                    &Source::Environment(variable.clone()),
                ) => {}
                None if names::is_original(name) => {
                    self.warnings
                        .push(format!("{variable} has no effect in this version"));
                }
                // Others write variables too: Kubernetes sets SREGISTRY_SERVICE_HOST for a service of that name.
                None => self
                    .warnings
                    .push(format!("{variable}: {}", names::unknown(name))),
            }
        }
    }

    fn set(
        &mut self,
        setting: &'static Setting,
        by_file: bool,
        raw: Raw,
        source: Source,
        problems: &mut Problems,
    ) {
        let (raw, source) = if by_file {
            let path = PathBuf::from(raw.text().unwrap_or_default());
            match std::fs::read_to_string(&path) {
                Ok(text) => (
                    Raw::from(text.trim_end_matches(['\n', '\r'])),
                    Source::SecretFile(path, Box::new(source)),
                ),
                Err(error) => {
                    let sentence = format!("cannot read {}: {error}", path.display());
                    problems.push(
                        Problem::new(&format!("{}_FILE", setting.name), sentence).from(&source),
                    );
                    return;
                }
            }
        } else {
            (raw, source)
        };
        self.values.insert(setting.name, (raw, source));
    }
}

/// The setting of this name, and whether the name is that of the file its secret is in.
fn known(name: &str) -> Option<(&'static Setting, bool)> {
    let exact = all_settings().find(|setting| setting.name == name);
    exact.map(|setting| (setting, false)).or_else(|| {
        let secret = name.strip_suffix("_FILE")?;
        let setting = all_settings().find(|setting| setting.secret && setting.name == secret)?;
        Some((setting, true))
    })
}

/// The names and values of a settings file.
fn entries(path: &Path) -> Result<Vec<(String, serde_yaml_ng::Value)>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let value: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text)
        .map_err(|error| format!("{} is not valid YAML: {error}", path.display()))?;
    match value {
        serde_yaml_ng::Value::Null => Ok(Vec::new()),
        serde_yaml_ng::Value::Mapping(entries) => entries
            .into_iter()
            .map(|(name, value)| match name {
                serde_yaml_ng::Value::String(name) => Ok((name, value)),
                other => Err(format!(
                    "{}: a name must be text, not {other:?}",
                    path.display()
                )),
            })
            .collect(),
        _ => Err(format!(
            "{} must hold lines of the form NAME: value",
            path.display()
        )),
    }
}

/// A value of the settings file; none where it is null or empty.
fn scalar_or_list(value: &serde_yaml_ng::Value) -> Result<Option<Raw>, String> {
    if let serde_yaml_ng::Value::Sequence(items) = value {
        let items: Option<Vec<_>> = items.iter().map(scalar).collect();
        return items
            .map(|items| Some(Raw::List(items)))
            .ok_or_else(|| "a list here holds plain values only".to_owned());
    }
    if value.is_null() {
        return Ok(None);
    }
    match scalar(value) {
        Some(text) if text.is_empty() => Ok(None),
        Some(text) => Ok(Some(Raw::Text(text))),
        None => Err("a plain value or a list is expected here; settings are not nested".to_owned()),
    }
}

fn scalar(value: &serde_yaml_ng::Value) -> Option<String> {
    match value {
        serde_yaml_ng::Value::String(text) => Some(text.trim().to_owned()),
        serde_yaml_ng::Value::Bool(flag) => Some(flag.to_string()),
        serde_yaml_ng::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
