//! The published description of the API: the committed file is what the code says, it is complete, and what it describes is served.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sregistry_server::{http::api, services::error::Resource};

use crate::common::TestApp;

/// The prefix of the operations that are ours to shape.
const OURS: &str = "/api/v1/";

/// An operation of the document.
pub struct Described {
    /// The method, in capitals.
    pub method: String,
    /// The path, with `{name}` for what varies.
    pub path: String,
    /// What the document says.
    pub operation: Value,
}

impl Described {
    /// The operation's id.
    pub fn id(&self) -> &str {
        self.operation["operationId"].as_str().unwrap_or_default()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn document() -> Value {
    serde_json::from_str(&api::document()).unwrap()
}

/// Every operation of the document.
pub fn operations() -> Vec<Described> {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let of_path = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().clone();
        let path = path.clone();
        methods
            .into_iter()
            .map(move |(method, operation)| Described {
                method: method.to_uppercase(),
                path: path.clone(),
                operation,
            })
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn the_committed_document_is_what_the_code_says() {
    let path = root().join("openapi/openapi.json");
    let now = api::document() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    // Not assert_eq: two documents of 200 KB tell nobody anything.
    let line = committed.lines().zip(now.lines()).position(|(a, b)| a != b);
    assert!(
        committed == now,
        "openapi/openapi.json differs from the code at line {:?}; write it anew with `make openapi` and look at the difference",
        line.map(|line| line + 1)
    );
}

#[test]
fn keys_are_sorted_and_the_server_is_relative() {
    let document = document();
    assert_eq!(document["servers"], serde_json::json!([{ "url": "/" }]));
    let text = api::document();
    let top: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("  \""))
        .filter_map(|line| Some(line.split_once('"')?.0))
        .collect();
    assert!(top.is_sorted() && top.contains(&"paths"), "{top:?}");
    assert!(!text.contains("charset"));
}

#[test]
fn every_operation_is_described_in_full() {
    let document = document();
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    let mut ids = BTreeSet::new();
    let mut wrong = Vec::new();
    for described in operations() {
        let (id, operation) = (described.id().to_owned(), &described.operation);
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!(
                    "{} {} ({id}): {what}",
                    described.method, described.path
                ));
            }
        };
        let words: Vec<&str> = id.split('_').collect();
        let lower = |word: &&str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        check(
            words.len() >= 2 && words.iter().all(lower),
            "the id is not `verb_noun`",
        );
        check(ids.insert(id.clone()), "the id is used twice");
        let summary = operation["summary"].as_str().unwrap_or_default();
        check(
            !summary.is_empty() && summary.len() <= 120,
            "the summary is not one line",
        );
        check(!summary.ends_with('.'), "the summary ends with a full stop");
        let own: Vec<_> = operation["tags"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        check(
            own.len() == 1 && own.iter().all(|tag| tags.contains(tag)),
            "there is not one known tag",
        );
        check(
            operation["security"].is_array(),
            "nothing is said of credentials",
        );
        check(
            operation["responses"]
                .as_object()
                .is_some_and(|r| !r.is_empty()),
            "nothing is said of answers",
        );
        let named: BTreeSet<String> = names_in(&described.path);
        let in_path: BTreeSet<String> = parameters(operation, "path")
            .map(|(name, _)| name)
            .collect();
        check(named == in_path, "the parameters are not those of the path");
        if described.path.starts_with(OURS) {
            for problem in problems(&document, operation) {
                check(false, &problem);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ids.len() > 40, "only {} operations", ids.len());
}

/// What is missing in the description of an operation of ours.
fn problems(document: &Value, operation: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, parameter) in parameters(operation, "query").chain(parameters(operation, "path")) {
        if parameter["description"].as_str().is_none_or(str::is_empty) {
            found.push(format!("parameter {name} is not described"));
        }
    }
    let mut bodies = vec![(
        "the request".to_owned(),
        &operation["requestBody"]["content"],
    )];
    for (status, response) in operation["responses"].as_object().unwrap() {
        let content = &response["content"];
        if status.starts_with('2') {
            bodies.push((format!("the answer {status}"), content));
        } else if status != "304" && status != "416" {
            let schema = &content["application/json"]["schema"]["$ref"];
            if schema != "#/components/schemas/Problem" {
                found.push(format!("{status} is no Problem"));
            }
        }
        if response["description"].as_str().is_none_or(str::is_empty) {
            found.push(format!("{status} is not described"));
        }
    }
    for (what, content) in bodies {
        for (media_type, body) in content.as_object().into_iter().flatten() {
            if media_type == "application/octet-stream" || media_type.starts_with("image/") {
                continue;
            }
            if media_type != "application/json" {
                found.push(format!("{what} is {media_type}"));
            }
            let name = body["schema"]["$ref"].as_str().unwrap_or_default();
            let schema = document
                .pointer(name.trim_start_matches('#'))
                .unwrap_or(&Value::Null);
            if schema["example"].is_null() {
                found.push(format!("{what} has no example"));
            }
        }
    }
    if !operation["responses"]
        .as_object()
        .unwrap()
        .contains_key("500")
    {
        found.push("its failures are not described".to_owned());
    }
    found
}

fn parameters<'a>(
    operation: &'a Value,
    place: &'a str,
) -> impl Iterator<Item = (String, &'a Value)> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(move |parameter| parameter["in"] == place)
        .map(|parameter| {
            (
                parameter["name"].as_str().unwrap_or_default().to_owned(),
                parameter,
            )
        })
}

fn names_in(path: &str) -> BTreeSet<String> {
    path.split('{')
        .skip(1)
        .filter_map(|part| Some(part.split_once('}')?.0.to_owned()))
        .collect()
}

#[test]
fn the_lint_finds_what_it_looks_for() {
    let mut operation = operations()
        .into_iter()
        .find(|o| o.id() == "create_collection")
        .unwrap()
        .operation;
    assert_eq!(problems(&document(), &operation), Vec::<String>::new());
    operation["responses"]["404"]["content"]["application/json"]["schema"]["$ref"] = "#/x".into();
    operation["requestBody"]["content"]["application/json"]["schema"]["$ref"] =
        "#/components/schemas/Rightsx".into();
    assert_eq!(
        problems(&document(), &operation),
        ["404 is no Problem", "the request has no example"]
    );
}

/// What the web application calls is described, with the same type of answer.
#[test]
fn the_web_application_calls_only_what_is_described() {
    let source = fs::read_to_string(root().join("frontend/src/api/endpoints.rs")).unwrap();
    let list = source
        .split_once("ENDPOINTS: ")
        .unwrap()
        .1
        .split_once("];")
        .unwrap()
        .0;
    let words: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    let operations = operations();
    let mut wrong = Vec::new();
    let mut count = 0;
    for triple in words.chunks(3) {
        let [method, path, answer] = triple else {
            panic!("not three words: {triple:?}")
        };
        count += 1;
        let full = format!("/api/v1{path}");
        let found = operations
            .iter()
            .find(|o| o.method == *method && same_shape(&o.path, &full));
        let Some(found) = found else {
            wrong.push(format!("{method} {path} is not described"));
            continue;
        };
        let described = answer_of(&found.operation);
        if described != *answer {
            wrong.push(format!("{method} {path}: the document answers {described:?}, the application expects {answer:?}"));
        }
    }
    assert!(wrong.is_empty() && count > 10, "{}", wrong.join("\n"));
}

fn same_shape(a: &str, b: &str) -> bool {
    let shape = |path: &str| -> Vec<String> {
        path.split('/')
            .map(|part| {
                if part.starts_with('{') {
                    "{}".to_owned()
                } else {
                    part.to_owned()
                }
            })
            .collect()
    };
    shape(a) == shape(b)
}

/// The name of the type that an operation answers with when it succeeds; empty where there is none.
fn answer_of(operation: &Value) -> String {
    let responses = operation["responses"].as_object().unwrap();
    let good = responses
        .iter()
        .find(|(status, _)| status.starts_with('2'))
        .unwrap()
        .1;
    let schema = good["content"]["application/json"]["schema"]["$ref"]
        .as_str()
        .unwrap_or_default();
    schema.rsplit('/').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn everything_described_is_served() {
    let app = TestApp::start().await;
    let amy = app.superuser().await;
    let nothing = Resource::Path.to_string();
    let mut missing = Vec::new();
    for described in operations() {
        // An operation that is there to say no, and one that does not exist for those without a signature.
        let says_no = described.operation["responses"]
            .as_object()
            .unwrap()
            .keys()
            .eq(["404"]);
        if says_no || described.id() == "get_blob" {
            continue;
        }
        let mut path = described.path.clone();
        for name in names_in(&described.path) {
            path = path.replace(&format!("{{{name}}}"), "1");
        }
        let request = amy
            .client
            .request(described.method.parse().unwrap(), app.url(&path));
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let html = response
            .headers()
            .get("content-type")
            .is_some_and(|kind| kind.to_str().unwrap().contains("html"));
        let text = response.text().await.unwrap();
        if status == 405 || html || text.contains(&nothing) {
            missing.push(format!(
                "{} {}: {status} {text}",
                described.method, described.path
            ));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Paths given to a router outside of the tables that are both what is served and what is described.
#[test]
fn nothing_is_served_that_is_not_described() {
    /// A path of a router, and why it is covered.
    const KNOWN: &[(&str, &str)] = &[
        ("/", "the page of the API"),
        ("/openapi.json", "described as /api/openapi.json"),
        ("/healthz", "described"),
        ("/readyz", "described"),
        ("/v1", "the JSON API: described by the code that serves it"),
        ("/api", "all of the above"),
    ];
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();
    for file in sources(&root().join("backend/src/http")) {
        let text = fs::read_to_string(&file).unwrap();
        for call in [".at(\"", ".nest(\"", ".nest_no_strip(\""] {
            for part in text.split(call).skip(1) {
                let path = part.split('"').next().unwrap();
                found.insert(path.to_owned());
                // The doors of the wire protocols: below them a table decides.
                let by_table = file.components().any(|part| part.as_os_str() == "wire")
                    && path.ends_with("/*rest");
                if !by_table && KNOWN.iter().all(|(known, _)| *known != path) {
                    wrong.push(format!("{}: {path}", file.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "described by nothing:\n{}",
        wrong.join("\n")
    );
    for (path, why) in KNOWN {
        assert!(
            found.contains(*path),
            "{path} ({why}) is served no more; the list must follow"
        );
    }
    let described: BTreeSet<String> = operations()
        .into_iter()
        .map(|operation| operation.path)
        .collect();
    for path in ["/healthz", "/readyz", "/api/openapi.json"] {
        assert!(described.contains(path), "{path}");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let of = |path: PathBuf| {
        if path.is_dir() {
            sources(&path)
        } else {
            vec![path]
        }
    };
    entries
        .flat_map(of)
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .collect()
}

#[tokio::test]
async fn what_is_not_described_is_not_found_in_the_words_of_the_api() {
    let app = TestApp::start().await;
    for path in [
        "/api/v1/nothing",
        "/api/v1",
        "/api/nothing",
        "/api/v1/collections/a/b/c/d/e/f",
    ] {
        let response = app.get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["code"], "not_found", "{path}");
    }
    let response = app
        .client()
        .post(app.url("/api/v1/stats"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET, HEAD");
    assert_eq!(
        response.json::<Value>().await.unwrap()["code"],
        "method_not_allowed"
    );
}

#[tokio::test]
async fn the_document_and_its_page_are_served() {
    let app = TestApp::start().await;
    let response = app.get("/api/openapi.json").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), api::document());
    for path in ["/api", "/api/"] {
        let response = app.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        let policy = response.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.contains("script-src 'sha256-") && !policy.contains("script-src 'unsafe"),
            "{policy}"
        );
        assert!(response.text().await.unwrap().contains("SwaggerUIBundle("));
    }
}
