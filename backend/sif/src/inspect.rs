//! The JSON that `inspect --json` prints and that builds store as `inspect-metadata.json`:
//! `{"data": {"attributes": {...}}, "type": "container"}`; older builds leave `data` out.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::metadata::{App, Metadata, environment, script, text};

/// Name of the object that holds this JSON.
pub(crate) const OBJECT_NAME: &str = "inspect-metadata.json";

/// The facts in an inspect JSON; none where it is no such JSON.
pub(crate) fn parse(json: &[u8], max_entries: usize) -> Option<Metadata> {
    let mut root = entries(json, max_entries)?;
    if let Some(Value::Map(mut data)) = root.remove("data") {
        data.remove("attributes")
            .and_then(Value::map)
            .map(attributes)
    } else {
        root.remove("attributes")
            .and_then(Value::map)
            .map(attributes)
    }
}

/// Labels in a flat JSON object.
pub(crate) fn labels(json: &[u8], max_entries: usize) -> Option<BTreeMap<String, String>> {
    entries(json, max_entries).map(strings)
}

fn attributes(mut map: Map) -> Metadata {
    let apps = map.remove("apps").and_then(Value::map).unwrap_or_default();
    let app = |(name, value): (String, Value)| value.map().map(|map| (name, app(map)));
    Metadata {
        deffile: take(&mut map, "deffile"),
        labels: take_map(&mut map, "labels"),
        environment: take_environment(&mut map),
        runscript: script(take(&mut map, "runscript")),
        startscript: script(take(&mut map, "startscript")),
        help: take(&mut map, "helpfile"),
        test: script(take(&mut map, "test")),
        apps: apps.into_iter().filter_map(app).collect(),
        bootstrap: None,
        from: None,
    }
}

fn app(mut map: Map) -> App {
    App {
        runscript: script(take(&mut map, "runscript")),
        help: take(&mut map, "helpfile"),
        labels: take_map(&mut map, "labels"),
        environment: take_environment(&mut map),
        test: script(take(&mut map, "test")),
        install: None,
    }
}

fn take(map: &mut Map, key: &str) -> Option<String> {
    map.remove(key)
        .and_then(Value::text)
        .and_then(|value| text(value.as_bytes()))
}

fn take_map(map: &mut Map, key: &str) -> BTreeMap<String, String> {
    map.remove(key)
        .and_then(Value::map)
        .map(strings)
        .unwrap_or_default()
}

/// A map from path to script, or (older builds) one script.
fn take_environment(map: &mut Map) -> Option<String> {
    match map.remove("environment")? {
        Value::Text(only) => environment([("", only)]),
        Value::Map(files) => {
            let files = strings(files);
            environment(
                files
                    .iter()
                    .map(|(path, text)| (path.as_str(), text.clone())),
            )
        }
        Value::Other => None,
    }
}

fn strings(map: Map) -> BTreeMap<String, String> {
    map.into_iter()
        .filter_map(|(key, value)| Some((key, value.text()?)))
        .collect()
}

type Map = BTreeMap<String, Value>;

/// JSON as far as this format uses it: objects and scalars. Arrays are skipped unread, so that
/// memory stays a small multiple of the text.
enum Value {
    Text(String),
    Map(Map),
    Other,
}

impl Value {
    fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn map(self) -> Option<Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }
}

fn entries(json: &[u8], max_entries: usize) -> Option<Map> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let json = String::from_utf8_lossy(json);
    let json = json.trim_end_matches('\0');
    let left = Cell::new(max_entries.saturating_mul(MAX_MAPS));
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = Seed {
        depth: 0,
        max_entries,
        left: &left,
    }
    .deserialize(&mut reader)
    .ok()?;
    value.map()
}

/// Objects nest no deeper than: root, data, attributes, apps, an app, its labels.
const MAX_DEPTH: u8 = 6;
/// The whole may hold this many times the entries of one map: a map costs far more memory than the
/// few characters that make one.
const MAX_MAPS: usize = 10;

#[derive(Clone, Copy)]
struct Seed<'a> {
    depth: u8,
    max_entries: usize,
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let depth = self.depth + 1;
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            // What is past the bounds is read over, so that the rest is still understood.
            let left = self.left.get();
            if depth > MAX_DEPTH || map.len() >= self.max_entries || left == 0 {
                access.next_value::<IgnoredAny>()?;
                continue;
            }
            self.left.set(left - 1);
            let value = access.next_value_seed(Seed { depth, ..self })?;
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_are_read() {
        let new = br#"{"data":{"attributes":{"helpfile":"h","labels":{"A":"1"}}},"type":"x"}"#;
        let old = br#"{"attributes":{"helpfile":"h","labels":{"A":"1"}},"type":"x"}"#;
        let metadata = parse(new, 10).unwrap();
        assert_eq!(metadata.help.as_deref(), Some("h"));
        assert_eq!(metadata.labels["A"], "1");
        assert_eq!(parse(old, 10), Some(metadata));
    }

    #[test]
    fn values_of_another_type_do_no_harm() {
        let json = br#"{"data":{"attributes":{"deffile":["x"],"labels":{"n":1,"b":true,"o":{},
            "s":"t"},"apps":[],"environment":"export A=1","runscript":null}}}"#;
        let metadata = parse(json, 10).unwrap();
        let labels: Vec<_> = metadata
            .labels
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        assert_eq!(labels, ["b=true", "n=1", "s=t"]);
        assert_eq!(metadata.deffile, None);
        assert_eq!(metadata.environment.as_deref(), Some("export A=1"));
    }

    #[test]
    fn entries_are_bounded() {
        let many: Vec<String> = (0..50).map(|n| format!("\"k{n:02}\":\"v\"")).collect();
        let json = format!("{{{}}}", many.join(","));
        assert_eq!(labels(json.as_bytes(), 7).unwrap().len(), 7);
    }

    #[test]
    fn deep_or_broken_json_is_none() {
        let deep = "{\"a\":".repeat(100_000);
        assert_eq!(parse(deep.as_bytes(), 10), None);
        assert_eq!(parse(b"[]", 10), None);
        assert_eq!(parse(b"{\"data\":{\"attributes\":{", 10), None);
        assert_eq!(labels(b"\xff\xfe", 10), None);
    }
}
