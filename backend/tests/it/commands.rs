//! The binary itself: its commands, what they print, and how they end.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};

use crate::common::{client, within};

/// A command with its data in this folder and none of the variables of whoever runs the tests.
fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sregistry-server"));
    command
        .args(arguments)
        .env_clear()
        .env("SREGISTRY_DATA_DIR", dir.join("data"))
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

struct Ended {
    status: ExitStatus,
    out: String,
    err: String,
}

async fn run(command: &mut Command) -> Ended {
    let output = within("the command ends", command.output()).await.unwrap();
    Ended {
        status: output.status,
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A server started as people start it.
struct Served {
    child: Child,
    lines: Lines<BufReader<ChildStderr>>,
    address: String,
}

async fn serve(dir: &Path) -> Served {
    let mut child = command(dir, &["serve"])
        .env("SREGISTRY_LISTEN", "127.0.0.1:0")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = next(&mut lines, "listening").await;
    let address = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"))
        .unwrap()
        .to_owned();
    Served {
        child,
        lines,
        address,
    }
}

async fn next(lines: &mut Lines<BufReader<ChildStderr>>, wanted: &str) -> String {
    within(wanted, async {
        loop {
            let line = lines
                .next_line()
                .await
                .unwrap()
                .unwrap_or_else(|| panic!("it ended before it said “{wanted}”"));
            if line.contains(wanted) {
                return line;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_server_prints_the_link_for_the_first_administrator_and_ends_well_when_asked() {
    let dir = TempDir::new().unwrap();
    let mut served = serve(dir.path()).await;
    let link = next(&mut served.lines, "/setup?code=").await;
    assert!(link.trim().starts_with(&served.address), "{link}");
    let answer = client(reqwest::header::HeaderMap::new())
        .get(format!("{}/readyz", served.address))
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 200);

    let id = served.child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .await
            .unwrap()
            .success()
    );
    let status = within("the server ends", served.child.wait())
        .await
        .unwrap();
    assert!(status.success(), "{status}");
    assert!(dir.path().join("data/secret-key").is_file());
}

#[tokio::test]
async fn health_is_told_by_the_exit_code() {
    let dir = TempDir::new().unwrap();
    let served = serve(dir.path()).await;
    let listen = served.address.trim_start_matches("http://").to_owned();
    let check =
        async || run(command(dir.path(), &["healthcheck"]).env("SREGISTRY_LISTEN", &listen)).await;
    let alive = check().await;
    assert!(alive.status.success(), "{}", alive.err);
    assert_eq!(alive.out, "ok\n");
    drop(served);
    let dead = crate::common::eventually("the server is gone", async || {
        let ended = check().await;
        (!ended.status.success()).then_some(ended)
    })
    .await;
    assert_eq!(dead.status.code(), Some(1));
    assert!(dead.err.contains("no answer"), "{}", dead.err);
}

#[tokio::test]
async fn an_address_in_use_is_told_in_a_sentence() {
    let dir = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(command(dir.path(), &["serve"]).env("SREGISTRY_LISTEN", &address)).await;
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        ended.err.contains(&format!("cannot listen on {address}")),
        "{}",
        ended.err
    );
    assert!(
        !dir.path().join("data").exists(),
        "nothing was made before the address was known to be free"
    );
}

#[tokio::test]
async fn settings_are_checked_shown_and_explained() {
    let dir = TempDir::new().unwrap();
    std::fs::write(
        dir.path().join("settings.yaml"),
        "REGISTRY_NAME: Tacos\nPRIVAT_ONLY: true\n",
    )
    .unwrap();
    let wrong = run(&mut command(dir.path(), &["config", "check"])).await;
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        wrong.err.contains("PRIVAT_ONLY") && wrong.err.contains("PRIVATE_ONLY"),
        "{}",
        wrong.err
    );

    std::fs::write(dir.path().join("other.yaml"), "REGISTRY_NAME: Tacos\n").unwrap();
    let arguments = ["--settings", "other.yaml", "config", "show", "--sources"];
    let shown =
        run(command(dir.path(), &arguments).env("SREGISTRY_SECRET_KEY", "k".repeat(40))).await;
    assert!(shown.status.success(), "{}", shown.err);
    let line = shown
        .out
        .lines()
        .find(|line| line.starts_with("REGISTRY_NAME"))
        .unwrap();
    assert!(
        line.contains("Tacos") && line.contains("other.yaml"),
        "{line}"
    );
    assert!(!shown.out.contains("kkkk"), "{}", shown.out);

    let json = run(&mut command(
        dir.path(),
        &["--json", "--settings", "other.yaml", "config", "show"],
    ))
    .await;
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert!(
        json.as_array()
            .unwrap()
            .iter()
            .any(|row| row["name"] == "REGISTRY_NAME" && row["value"] == "Tacos")
    );
}

#[tokio::test]
async fn wrong_usage_ends_with_two_and_help_with_zero() {
    let dir = TempDir::new().unwrap();
    for arguments in [
        &["no-such-command"][..],
        &["config"],
        &["serve", "--no-such-flag"],
        &[],
    ] {
        let ended = run(&mut command(dir.path(), arguments)).await;
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {}", ended.err);
    }
    assert!(
        run(&mut command(dir.path(), &["--help"]))
            .await
            .status
            .success()
    );
    assert!(
        run(&mut command(dir.path(), &["--version"]))
            .await
            .out
            .starts_with("sregistry-server ")
    );
}

#[tokio::test]
async fn sample_content_is_made_once_beside_a_running_server() {
    let dir = TempDir::new().unwrap();
    let served = serve(dir.path()).await;
    let first = run(&mut command(dir.path(), &["demo"])).await;
    assert!(first.status.success(), "{}", first.err);
    let get = async |path: &str| {
        let client = client(reqwest::header::HeaderMap::new());
        let answer = client
            .get(format!("{}{path}", served.address))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.json::<serde_json::Value>().await.unwrap()
    };
    let collections = get("/api/v1/collections").await;
    assert_eq!(
        collections["total"], 5,
        "a stranger does not see the private one: {collections}"
    );
    let image =
        get("/api/v1/collections/genomics/containers/samtools/images/latest?arch=amd64").await;
    assert_eq!(image["image"]["state"], "ready", "{image}");
    assert_eq!(
        image["metadata"]["labels"]["maintainer"], "Research computing",
        "{image}"
    );

    let stats = get("/api/v1/stats").await;
    let again = run(&mut command(dir.path(), &["demo"])).await;
    assert!(again.status.success(), "{}", again.err);
    assert_eq!(again.out, first.out);
    assert_eq!(
        get("/api/v1/stats").await,
        stats,
        "a second run changes nothing"
    );
}

#[tokio::test]
async fn a_database_is_made_ready_without_a_server() {
    let dir = TempDir::new().unwrap();
    for _ in 0..2 {
        let ended = run(&mut command(dir.path(), &["migrate"])).await;
        assert!(ended.status.success(), "{}", ended.err);
    }
    assert!(dir.path().join("data/registry.db").is_file());
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_without_its_password() {
    let dir = TempDir::new().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("postgres://me:hunter2@127.0.0.1:{port}/registry");
    let ended = tokio::time::timeout(
        Duration::from_mins(1),
        command(dir.path(), &["migrate"])
            .env("SREGISTRY_DATABASE_URL", url)
            .output(),
    )
    .await
    .unwrap()
    .unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{err}");
    assert!(!err.contains("hunter2"), "{err}");
}
