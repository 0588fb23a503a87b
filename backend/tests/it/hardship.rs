//! What happens when things go wrong around the server: a client that stops reading, a full disk, a deletion in the middle of a push.

use reqwest::Method;
use sea_orm::{ConnectionTrait, DatabaseBackend};
use serde_json::json;
use shared_types::{ErrorCode, Problem};
use sregistry_server::{
    repo,
    services::{Error, collections, push},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use crate::{
    common::{TestApp, eventually},
    db_test, seed,
    seed::read,
    wire_library::{Library, image_of_size},
};

#[tokio::test]
async fn a_client_that_stops_reading_is_let_go() {
    let app = TestApp::settings_with(|settings| {
        settings.server.stall_timeout = std::time::Duration::from_secs(1);
    })
    .await;
    let amy = app.user("amy").await;
    // More than the system's buffers between the two take.
    let image = image_of_size(48 << 20, 1);
    let library = Library::of(&app, &amy);
    library.push("amy/tools/big", &["1"], "amd64", &image).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(app.address()).await.unwrap();
    let request = b"GET /download/tools/big/1.sif HTTP/1.1\r\nhost: registry\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    let counters = &app.core().counters;
    assert_eq!(counters.sending(), 1);
    eventually("the server gives up", async || {
        (counters.sending() == 0).then_some(())
    })
    .await;
    // What was on its way still comes; the end does not, however it shows.
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.len() < image.len() / 2, "{} bytes", rest.len());
}

/// Lets the database have no more space from now on.
async fn fill(app: &TestApp) {
    let statement = match app.core().db.backend() {
        DatabaseBackend::Sqlite => "PRAGMA max_page_count = 1",
        _ => {
            "CREATE FUNCTION no_space() RETURNS trigger AS $$ BEGIN \
             RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql; \
             CREATE TRIGGER no_space BEFORE INSERT OR UPDATE ON collections FOR EACH ROW EXECUTE FUNCTION no_space()"
        }
    };
    app.core()
        .db
        .write(async |tx| tx.execute_unprepared(statement).await)
        .await
        .unwrap();
}

db_test!(
    a_full_disk_under_the_database_is_said_to_be_one,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        fill(&app).await;
        let change = json!({ "readme": "x".repeat(200_000) });
        let url = app.url("/api/v1/collections/climate");
        let problem: Problem = read(amy.client.patch(&url).json(&change), 507).await;
        assert_eq!(problem.code, ErrorCode::NoSpace);
        assert!(problem.message.contains("no space left"), "{problem:?}");
        // Reading goes on.
        seed::answered(amy.client.get(&url), 200).await;
    }
);

#[tokio::test]
async fn other_protocols_say_it_in_their_own_words() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    fill(&app).await;
    let library = Library::of(&app, &amy);
    let description = "x".repeat(1000);
    let mut number = 0;
    // The pages that are there have room for a few rows yet.
    let sentence = loop {
        number += 1;
        let name = format!("c{number}-{}", "x".repeat(100));
        let new = json!({ "name": name, "entity": "e-amy", "description": description });
        let answer = library
            .ask(Method::POST, "/v1/collections", Some(new))
            .await;
        if answer.status != 200 {
            break answer.refusal(507);
        }
        assert!(number < 200, "the database is not full");
    };
    assert!(sentence.contains("no space left"), "{sentence}");
}

db_test!(
    what_a_push_builds_on_may_go_at_any_moment,
    async |app: TestApp| {
        app.user("amy").await;
        let core = app.core();
        let viewer = seed::viewer(&app, "amy").await;
        // The row itself, when the deletion came between the check of rights and the transaction.
        let none = repo::push::NewImage {
            container_id: 4_000_000,
            sha256: "a".repeat(64),
            description: String::new(),
            created_by: viewer.person().unwrap().id,
            created_at: core.clock.now(),
        };
        let orphan = core
            .db
            .write(async move |tx| {
                repo::push::ensure_image(tx, &none)
                    .await
                    .map_err(Error::from)
            })
            .await;
        assert!(matches!(orphan, Err(Error::Conflict(_))), "{orphan:?}");
        let now = core.clock.now();
        let orphan = core
            .db
            .write(async move |tx| {
                let made = repo::container::ensure(tx, 4_000_000, "tool", "", now).await;
                made.map_err(Error::from)
            })
            .await;
        assert!(matches!(orphan, Err(Error::Conflict(_))), "{orphan:?}");
        // And both at once, over and over.
        for round in 0..15_u64 {
            let name = format!("c{round}");
            seed::collection(&app, "amy", &name, false).await;
            let pushing = async {
                let home = push::ensure_collection(core, &viewer, "amy", &name).await?;
                let row = push::ensure_container(core, &viewer, home.id, "tool", "").await?;
                let hash = format!("sha256.{}", "b".repeat(64));
                push::register_image(core, &viewer, row.id, &hash, "").await
            };
            let (pushed, deleted) =
                tokio::join!(pushing, collections::delete(core, &viewer, &name));
            for error in [pushed.err(), deleted.err()].into_iter().flatten() {
                let told = matches!(error, Error::NotFound(_) | Error::Conflict(_));
                assert!(told, "round {round}: {error:?}");
            }
        }
    }
);
