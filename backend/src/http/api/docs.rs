//! The published description: the JSON API as the framework describes it, made exact, and the protocols that other programs
//! dictate, from the tables beside their handlers.

mod rules;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::http::wire;

/// What the API is called.
pub const TITLE: &str = "Singularity Registry Server";

/// What the API is, for readers of the document.
pub const DESCRIPTION: &str = "\
A registry for Singularity and Apptainer images.

The operations below `/api/v1` speak JSON and take a token (`Authorization: Bearer …`) or a browser session. Every failure \
is a `Problem` with a stable `code`, a sentence for people and the id under which the server logged the request. Lists come in \
pages: pass `next` of one page as `cursor` to get the one after it. What a caller may not see is answered as if it did not exist.

The other operations are dictated by the clients that use them: SingularityCE and Apptainer (`library://`, `shub://`), \
the older command line client `sregistry`, HKP, which key servers speak, and plain HTTPS.";

/// An operation of a protocol that other programs dictate.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The method, in lower case.
    pub method: &'static str,
    /// The path with `{name}` for what varies; a part at the end may hold several segments.
    pub path: &'static str,
    /// The operation's id, `verb_noun`.
    pub id: &'static str,
    /// One line of what it does.
    pub summary: &'static str,
    /// The protocol.
    pub tag: &'static str,
    /// What the body holds; empty where there is none. The word “bytes” makes it a file, else it is JSON.
    pub request: &'static str,
    /// What may come back, and what it means.
    pub statuses: &'static [(u16, &'static str)],
}

/// Operations that belong to no protocol.
pub const OPERATIONS: &[Operation] = &[
    Operation {
        method: "get",
        path: "/healthz",
        id: "check_health",
        summary: "Whether the server runs",
        tag: "Operation",
        request: "",
        statuses: &[(200, "It runs.")],
    },
    Operation {
        method: "get",
        path: "/readyz",
        id: "check_readiness",
        summary: "Whether the server can work: database and store answer",
        tag: "Operation",
        request: "",
        statuses: &[(200, "It can."), (503, "It cannot; the body says why.")],
    },
    Operation {
        method: "get",
        path: "/api/openapi.json",
        id: "get_document",
        summary: "This document",
        tag: "Operation",
        request: "",
        statuses: &[(200, "The document.")],
    },
];

/// The tables of all protocols.
pub fn tables() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().chain(wire::operations())
}

/// Makes the published document from the framework's.
pub fn describe(spec: &str) -> String {
    let mut document: Value = serde_json::from_str(spec).unwrap_or_default();
    exact(&mut document);
    rules::apply(&mut document);
    for operation in tables() {
        add(&mut document, operation);
    }
    add_tags(&mut document);
    if let Some(object) = document.as_object_mut() {
        // Relative to where the document came from: a registry does not know all the names it is reached by.
        object.insert("servers".to_owned(), json!([{ "url": "/" }]));
    }
    serde_json::to_string_pretty(&sorted(document)).unwrap_or_default()
}

/// Says what the framework leaves out: a media type without its parameter, fields that may be null, what an answer is.
fn exact(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(exact),
        Value::Object(object) => {
            if let Some(content) = object.remove("application/json; charset=utf-8") {
                object.insert("application/json".to_owned(), content);
            }
            nullable(object);
            if object.get("description").is_some_and(|text| text == "") {
                object.insert("description".to_owned(), json!("What was asked for."));
            }
            object.values_mut().for_each(exact);
        }
        _ => {}
    }
}

/// Marks the properties of an object that need not be there: they are written as `null`.
fn nullable(schema: &mut Map<String, Value>) {
    let required: Vec<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| {
            names
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default();
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return;
    }
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, property) in properties.iter_mut() {
        if required.contains(name) {
            continue;
        }
        if let Some(reference) = property.get("$ref").cloned() {
            *property = json!({ "allOf": [{ "$ref": reference }] });
        }
        if let Some(property) = property.as_object_mut() {
            property.insert("nullable".to_owned(), Value::Bool(true));
        }
    }
}

/// Adds an operation to the document.
fn add(document: &mut Value, operation: &Operation) {
    let parameters: Vec<Value> = parameters(operation.path)
        .map(|name| {
            json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
        })
        .collect();
    let responses: BTreeMap<String, Value> = operation
        .statuses
        .iter()
        .map(|(status, meaning)| (status.to_string(), json!({ "description": meaning })))
        .collect();
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": parameters,
        "responses": responses,
        "security": [{ "token": [] }, {}],
    });
    if let Some(described) = described.as_object_mut()
        && !operation.request.is_empty()
    {
        let (media_type, schema) = if operation.request.contains("bytes") {
            (
                "application/octet-stream",
                json!({ "type": "string", "format": "binary" }),
            )
        } else {
            ("application/json", json!({ "type": "object" }))
        };
        let body = json!({
            "description": operation.request,
            "content": { media_type: { "schema": schema } },
        });
        described.insert("requestBody".to_owned(), body);
    }
    let paths = document
        .pointer_mut("/paths")
        .and_then(Value::as_object_mut);
    let Some(paths) = paths else { return };
    let path = paths.entry(operation.path).or_insert_with(|| json!({}));
    if let Some(path) = path.as_object_mut() {
        path.insert(operation.method.to_owned(), described);
    }
}

/// The names in braces of a path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{')
        .skip(1)
        .filter_map(|part| Some(part.split_once('}')?.0))
}

/// Lists the protocols beside the tags of the JSON API.
fn add_tags(document: &mut Value) {
    let mut names: Vec<&str> = tables().map(|operation| operation.tag).collect();
    names.sort_unstable();
    names.dedup();
    let tags = document.pointer_mut("/tags").and_then(Value::as_array_mut);
    let Some(tags) = tags else { return };
    let known = |tags: &[Value], name: &str| tags.iter().any(|tag| tag["name"] == name);
    for name in names {
        if !known(tags, name) {
            tags.push(json!({ "name": name }));
        }
    }
}

/// The same value with the keys of every object in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(object) => {
            let ordered: BTreeMap<String, Value> = object
                .into_iter()
                .map(|(key, value)| (key, sorted(value)))
                .collect();
            Value::Object(ordered.into_iter().collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_fields_may_be_null_even_when_they_are_references() {
        let mut schema = json!({
            "type": "object",
            "required": ["a"],
            "properties": { "a": { "type": "string" }, "b": { "type": "string" }, "c": { "$ref": "#/x" } },
        });
        exact(&mut schema);
        assert_eq!(schema["properties"]["a"], json!({ "type": "string" }));
        assert_eq!(schema["properties"]["b"]["nullable"], json!(true));
        assert_eq!(
            schema["properties"]["c"],
            json!({ "allOf": [{ "$ref": "#/x" }], "nullable": true })
        );
    }

    #[test]
    fn parameters_are_the_names_in_braces() {
        let found: Vec<_> = parameters("/v1/{a}/x/{b}").collect();
        assert_eq!(found, ["a", "b"]);
    }
}
