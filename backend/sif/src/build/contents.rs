//! What a real build puts into an image for given metadata.

use serde_json::{Map, Value, json};

use super::SifBuilder;
use crate::inspect::OBJECT_NAME;
use crate::{App, Metadata};

const HEAD: &str = "#!/bin/sh\n\n";
const ENV_HEAD: &str = "#!/bin/sh\n# Custom environment shell code should follow\n\n";

impl SifBuilder {
    /// Everything that a build from a definition file leaves in an image that has this metadata:
    /// the definition file, the inspect JSON, and the files of the image.
    pub fn built_from(mut self, metadata: &Metadata) -> Self {
        if let Some(deffile) = &metadata.deffile {
            self = self.deffile(deffile.as_str());
        }
        let json = json!({ "data": { "attributes": attributes(metadata) }, "type": "container" });
        self = self.inspect_json(json.to_string());
        self.files(metadata)
    }

    fn files(mut self, metadata: &Metadata) -> Self {
        let home = "/.singularity.d";
        let labels = metadata
            .labels
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let parts = [
            ("Singularity", metadata.deffile.clone()),
            ("labels.json", Some(labels_json(labels))),
            ("runscript", Some(with_head(metadata.runscript.as_deref()))),
            (
                "startscript",
                Some(with_head(metadata.startscript.as_deref())),
            ),
            ("runscript.help", metadata.help.clone()),
            (
                "test",
                metadata.test.as_deref().map(|test| with_head(Some(test))),
            ),
            (
                "env/90-environment.sh",
                Some(environment(metadata.environment.as_deref())),
            ),
        ];
        for (name, text) in parts {
            if let Some(text) = text {
                self = self.file(format!("{home}/{name}"), text);
            }
        }
        for (name, app) in &metadata.apps {
            self = self.app_files(&app_home(name), app);
        }
        self
    }

    fn app_files(mut self, home: &str, app: &App) -> Self {
        let labels = app
            .labels
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let labels = (!app.labels.is_empty()).then(|| labels_json(labels));
        let environment = app.environment.as_deref();
        let parts = [
            (
                "runscript",
                app.runscript.as_deref().map(|text| with_head(Some(text))),
            ),
            ("runscript.help", app.help.clone()),
            ("labels.json", labels),
            (
                "test",
                app.test.as_deref().map(|text| with_head(Some(text))),
            ),
            (
                "env/90-environment.sh",
                environment.map(|text| self::environment(Some(text))),
            ),
        ];
        for (name, text) in parts {
            if let Some(text) = text {
                self = self.file(format!("{home}/{name}"), text);
            }
        }
        self
    }
}

pub(super) fn labels_json<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let labels = labels
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.into()));
    Value::Object(labels.collect()).to_string()
}

/// Name of the object that `inspect` reads.
pub(super) const INSPECT: &str = OBJECT_NAME;

fn attributes(metadata: &Metadata) -> Value {
    let apps: Map<String, Value> = metadata
        .apps
        .iter()
        .map(|(name, app)| (name.clone(), app_attributes(name, app)))
        .collect();
    let mut map = Map::new();
    map.insert("labels".to_owned(), json!(metadata.labels));
    if !apps.is_empty() {
        map.insert("apps".to_owned(), Value::Object(apps));
    }
    let script = |text: &Option<String>| text.as_deref().map(|text| with_head(Some(text)));
    let files = environment_files("/.singularity.d", metadata.environment.as_deref());
    insert(&mut map, "environment", files);
    insert(
        &mut map,
        "runscript",
        script(&metadata.runscript).map(Value::String),
    );
    insert(
        &mut map,
        "startscript",
        script(&metadata.startscript).map(Value::String),
    );
    insert(&mut map, "test", script(&metadata.test).map(Value::String));
    insert(
        &mut map,
        "helpfile",
        metadata.help.clone().map(Value::String),
    );
    insert(
        &mut map,
        "deffile",
        metadata.deffile.clone().map(Value::String),
    );
    Value::Object(map)
}

fn app_attributes(name: &str, app: &App) -> Value {
    let mut map = Map::new();
    let script = |text: &Option<String>| text.as_deref().map(|text| with_head(Some(text)));
    if !app.labels.is_empty() {
        map.insert("labels".to_owned(), json!(app.labels));
    }
    insert(
        &mut map,
        "environment",
        environment_files(&app_home(name), app.environment.as_deref()),
    );
    insert(
        &mut map,
        "runscript",
        script(&app.runscript).map(Value::String),
    );
    insert(&mut map, "test", script(&app.test).map(Value::String));
    insert(&mut map, "helpfile", app.help.clone().map(Value::String));
    Value::Object(map)
}

fn app_home(name: &str) -> String {
    format!("/scif/apps/{name}/scif")
}

fn insert(map: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value);
    }
}

fn environment_files(home: &str, text: Option<&str>) -> Option<Value> {
    let path = format!("{home}/env/90-environment.sh");
    text.map(|text| json!({ path: environment(Some(text)) }))
}

fn environment(text: Option<&str>) -> String {
    format!("{ENV_HEAD}{}\n", text.unwrap_or_default())
}

fn with_head(text: Option<&str>) -> String {
    match text {
        Some(text) if text.starts_with("#!") => text.to_owned(),
        text => format!("{HEAD}{}\n", text.unwrap_or_default()),
    }
}
