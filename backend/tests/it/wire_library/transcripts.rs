//! What real clients were seen to send, replayed word for word.
//!
//! A transcript is a text: `>` begins a request (`> METHOD path`, then its body), `<` what must come back (`< status`, then lines
//! that must be true of the body: `path = JSON`, or `path -> name` to use a value later as `{name}`). `{token}`, `{base}` and the
//! facts of the image pushed are filled in.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::Value;
use sif::Arch;

use super::{Answer, client::hex_of, image_for};
use crate::common::{TestApp, TestUser};

struct Replay<'a> {
    app: &'a TestApp,
    user: &'a TestUser,
    bytes: bytes::Bytes,
    values: HashMap<String, String>,
}

impl Replay<'_> {
    fn fill(&self, text: &str) -> String {
        let fill = |text: String, (name, value): (&String, &String)| {
            text.replace(&format!("{{{name}}}"), value)
        };
        self.values.iter().fold(text.to_owned(), fill)
    }

    async fn run(&mut self, transcript: &str) {
        let exchanges = transcript.split("\n> ").skip(1);
        for exchange in exchanges {
            let (request, expected) = exchange
                .split_once("\n< ")
                .unwrap_or_else(|| panic!("no answer: {exchange}"));
            let answer = self.ask(&self.fill(request)).await;
            self.check(request, &answer, expected);
        }
    }

    async fn ask(&self, request: &str) -> Answer {
        let (line, body) = request.split_once('\n').unwrap_or((request, ""));
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let method: Method = method.parse().unwrap();
        let by_ticket = target.starts_with("http");
        let url = if by_ticket {
            target.to_owned()
        } else {
            self.app.url(target)
        };
        let mut request = self.app.client().request(method, url);
        let mut body = bytes::Bytes::copy_from_slice(body.trim().as_bytes());
        for word in words {
            match word.split_once('=') {
                Some(("auth", "none")) => {}
                Some(("auth", scheme)) => {
                    request =
                        request.header("authorization", format!("{scheme} {}", self.user.token));
                }
                Some(("range", range)) => {
                    request = request.header("range", format!("bytes={range}"));
                }
                Some(("agent", agent)) => request = request.header("user-agent", agent),
                Some(("send", "image")) => {
                    body = self.bytes.clone();
                    request = request.header("content-type", "application/octet-stream");
                }
                other => panic!("{other:?} in {line}"),
            }
        }
        assert!(
            !by_ticket || !line.contains("auth="),
            "clients send no credentials with tickets"
        );
        Answer::of(request.body(body).send().await.unwrap()).await
    }

    fn check(&mut self, request: &str, answer: &Answer, expected: &str) {
        let mut lines = expected
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let status: u16 = lines.next().unwrap().trim().parse().unwrap();
        assert_eq!(answer.status, status, "{request}: {}", answer.text());
        for line in lines {
            if line == "image" {
                assert_eq!(answer.bytes, self.bytes, "{request}");
            } else if let Some(name) = line.strip_prefix("location -> ") {
                self.values
                    .insert(name.to_owned(), answer.header("location").to_owned());
            } else if let Some((path, name)) = line.split_once(" -> ") {
                let value = at(&answer.json(), path).as_str().unwrap().to_owned();
                self.values.insert(name.to_owned(), value);
            } else {
                let (path, value) = line.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
                let value: Value = serde_json::from_str(&self.fill(value)).unwrap();
                assert_eq!(
                    at(&answer.json(), path),
                    value,
                    "{request}: {line}: {}",
                    answer.text()
                );
            }
        }
    }
}

fn at(value: &Value, path: &str) -> Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    value
        .pointer(&pointer)
        .cloned()
        .unwrap_or_else(|| panic!("{path} is not in {value}"))
}

async fn replay(transcript: &str) {
    let app = TestApp::start().await;
    let user = app.user("amy").await;
    let bytes = image_for(Arch::Amd64, 1);
    let values = [
        ("base", app.url("")),
        ("hex", hex_of(&bytes)),
        ("size", bytes.len().to_string()),
        ("last", (bytes.len() - 1).to_string()),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value)).into();
    let mut replay = Replay {
        app: &app,
        user: &user,
        bytes,
        values,
    };
    replay.run(&format!("\n{transcript}")).await;
}

macro_rules! transcripts {
    ($($name:ident: $file:literal),+ $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            replay(include_str!(concat!("transcripts/", $file))).await;
        })+
    };
}

transcripts! {
    apptainer_1_4_5_pushes_and_pulls: "apptainer-1.4.5.txt",
    singularity_3_8_pushes_and_pulls: "singularity-3.8.txt",
    singularity_3_2_pushes_and_pulls: "singularity-3.2.txt",
    singularity_3_9_pulls_in_ranges_after_a_probe: "singularity-3.9.txt",
}
