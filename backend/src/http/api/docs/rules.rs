//! What a request may hold, for the document: from the same constants that the checks of `services` use.
//!
//! Rule: what is written here holds. The fuzzer of the end-to-end tests sends what keeps the rules and what breaks them, and wants
//! the first to be taken and the second to be refused.

mod values;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use values::{TEXT, fields, parameters};

/// The operations that are ours to shape.
const OURS: &str = "/api/v1/";

/// Writes the rules into the document.
pub fn apply(document: &mut Value) {
    let mut bodies = BTreeSet::new();
    let paths = document
        .pointer_mut("/paths")
        .and_then(Value::as_object_mut);
    for (_, path) in paths
        .into_iter()
        .flatten()
        .filter(|(path, _)| path.starts_with(OURS))
    {
        for operation in path.as_object_mut().into_iter().flat_map(Map::values_mut) {
            apply_to_parameters(operation);
            // A body that is not JSON is a file, or a piece of one.
            let file = "/requestBody/content/application~1octet-stream/schema";
            if let Some(schema) = operation.pointer_mut(file) {
                merge(schema, &json!({ "minLength": 1 }));
            }
            let body = operation.pointer("/requestBody/content/application~1json/schema/$ref");
            bodies.extend(body.and_then(Value::as_str).map(schema_name));
        }
    }
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for (schema, body) in schemas
        .into_iter()
        .flatten()
        .filter(|(name, _)| bodies.contains(*name))
    {
        apply_to_body(schema, body);
    }
}

fn schema_name(reference: &str) -> String {
    reference.rsplit('/').next().unwrap_or_default().to_owned()
}

fn apply_to_parameters(operation: &mut Value) {
    let id = operation["operationId"].as_str().map(str::to_owned);
    let all = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for parameter in all.into_iter().flatten() {
        let named = parameter["name"].as_str().unwrap_or_default().to_owned();
        let fits = |of: Option<&str>| of.is_none() || of == id.as_deref();
        let rule = parameters()
            .into_iter()
            .find(|(of, name, _)| *name == named && fits(*of));
        let Some(schema) = parameter.get_mut("schema") else {
            continue;
        };
        if let Some((.., rule)) = rule {
            merge(schema, &rule);
        }
        general(schema);
    }
}

fn apply_to_body(name: &str, body: &mut Value) {
    let Some(body) = body.as_object_mut() else {
        return;
    };
    // What is not known is refused: a misspelt field would otherwise be a change that is not made.
    body.insert("additionalProperties".to_owned(), Value::Bool(false));
    let properties = body.get_mut("properties").and_then(Value::as_object_mut);
    for (property, schema) in properties.into_iter().flatten() {
        let rules = fields();
        let rule = rules
            .iter()
            .find(|(of, field, _)| of == &name && field == property);
        if let Some((.., rule)) = rule {
            merge(schema, rule);
        }
        general(schema);
    }
}

/// What holds for all values of a kind.
fn general(schema: &mut Value) {
    if let Some(items) = schema.get_mut("items") {
        general(items);
    }
    let free = ["pattern", "enum", "format"]
        .iter()
        .all(|word| schema.get(word).is_none());
    if let Some(schema) = schema.as_object_mut()
        && free
        && schema.get("type").is_some_and(|kind| kind == "string")
    {
        schema.insert("pattern".to_owned(), json!(TEXT));
    }
}

/// Adds the keywords of a rule to a schema.
fn merge(schema: &mut Value, rule: &Value) {
    match (schema, rule) {
        (Value::Object(schema), Value::Object(rule)) => {
            // A rule that has a type of its own takes the place of one that is named.
            if rule.contains_key("type") {
                schema.remove("$ref");
            }
            for (keyword, value) in rule {
                merge(schema.entry(keyword).or_insert(Value::Null), value);
            }
        }
        (schema, rule) => *schema = rule.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        serde_json::from_str(&crate::http::api::document()).unwrap()
    }

    #[test]
    fn every_rule_is_about_something_that_is_there() {
        let document = document();
        for (schema, field, rule) in fields() {
            let found = &document["components"]["schemas"][schema]["properties"][field];
            for (keyword, value) in rule.as_object().unwrap() {
                if keyword != "items" {
                    assert_eq!(&found[keyword], value, "{schema}.{field}");
                }
            }
        }
        let paths = document["paths"].as_object().unwrap().values();
        let operations: Vec<&Value> = paths
            .flat_map(|path| path.as_object().unwrap().values())
            .collect();
        for (id, name, _) in parameters() {
            let takes = |operation: &Value| {
                let all = operation["parameters"].as_array();
                all.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == name))
            };
            let mut of_id = operations
                .iter()
                .filter(|operation| id.is_none_or(|id| operation["operationId"] == id));
            assert!(of_id.any(|operation| takes(operation)), "{id:?} {name}");
        }
    }

    #[test]
    fn every_number_of_a_request_has_its_bounds_and_every_text_its_letters() {
        let document = document();
        let mut wrong = Vec::new();
        for (schema, body) in document["components"]["schemas"].as_object().unwrap() {
            if body["additionalProperties"] != Value::Bool(false) {
                continue;
            }
            for (field, value) in body["properties"].as_object().unwrap() {
                let bounded = value["minimum"].is_number() && value["maximum"].is_number();
                let lettered = ["pattern", "enum"]
                    .iter()
                    .any(|word| !value[word].is_null());
                let good = match value["type"].as_str() {
                    Some("integer") => bounded,
                    Some("string") => lettered,
                    _ => true,
                };
                if !good {
                    wrong.push(format!("{schema}.{field}"));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }
}
