//! A service that is down, silent or lies, between the server and the real one: clients get a sentence in their own shape, and
//! nothing is lost or half there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt};
use poem::{
    Endpoint, Request, Response, Server,
    http::{HeaderMap, Method, StatusCode, header},
    listener::{Acceptor, Listener, TcpListener},
};
use serde_json::json;
use sif::Arch;
use url::Url;

use super::{app, service};
use crate::{
    common::{TestApp, TestUser, within},
    wire_library::{Library, hex_of, image_for, image_of_size},
};

/// How the stand-in treats requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Passes them on.
    Honest,
    /// Answers 500.
    Broken,
    /// Answers nothing.
    Silent,
    /// Says that it has kept what it was given, and has not.
    Forgetful,
    /// Says that it has kept what it was given, and has cut off the end.
    Careless,
    /// Gives what it is asked for, in pieces and with pauses.
    Slow,
}

/// In how many pieces, and how long the pauses are: each shorter than the server waits, together longer.
const PIECES: usize = 6;
const PAUSE: Duration = Duration::from_millis(600);

/// How long the server waits for the service: more than the real one needs while other tests want the same machine.
const PATIENCE: Duration = Duration::from_secs(3);

const MOODS: [Mood; 6] = [
    Mood::Honest,
    Mood::Broken,
    Mood::Silent,
    Mood::Forgetful,
    Mood::Careless,
    Mood::Slow,
];

/// Stands between a server and the real service.
#[derive(Clone)]
struct StandIn {
    service: Url,
    mood: Arc<AtomicU8>,
    client: reqwest::Client,
}

impl StandIn {
    /// Starts one; gives the address by which the service is reached through it.
    async fn start(service: &Url) -> (Self, Url) {
        let acceptor = TcpListener::bind("127.0.0.1:0")
            .into_acceptor()
            .await
            .unwrap();
        let address = acceptor.local_addr()[0].clone();
        let stand_in = Self {
            service: service.clone(),
            mood: Arc::default(),
            client: crate::common::client(HeaderMap::new()),
        };
        tokio::spawn(Server::new_with_acceptor(acceptor).run(stand_in.clone()));
        let mut through = service.clone();
        let port = address.as_socket_addr().unwrap().port();
        through.set_port(Some(port)).unwrap();
        (stand_in, through)
    }

    fn turn(&self, mood: Mood) {
        let index = MOODS.iter().position(|known| *known == mood).unwrap();
        self.mood
            .store(u8::try_from(index).unwrap(), Ordering::SeqCst);
    }
}

impl Endpoint for StandIn {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let mood = MOODS[usize::from(self.mood.load(Ordering::SeqCst))];
        let mut body = request.take_body().into_bytes().await?;
        let storing = request.method() == Method::PUT;
        match mood {
            Mood::Broken => {
                return Ok(Response::builder()
                    .status(StatusCode::INTERNAL_SERVER_ERROR)
                    .body("<Error><Code>Broken</Code></Error>"));
            }
            Mood::Silent => std::future::pending().await,
            Mood::Forgetful if storing => {
                return Ok(Response::builder().header("etag", "\"0\"").finish());
            }
            Mood::Careless if storing => body.truncate(body.len() / 2),
            _ => {}
        }
        let path = request.original_uri().path_and_query().unwrap().as_str();
        let url = format!("{}{path}", self.service.origin().ascii_serialization());
        // The signature covers the name of the host that the server knows: it stays as it is.
        let mut headers = request.headers().clone();
        headers.remove(header::CONTENT_LENGTH);
        let asked = self.client.request(request.method().clone(), url);
        let answer = asked.headers(headers).body(body).send().await.unwrap();
        let mut response = Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        if request.method() == Method::HEAD {
            return Ok(response.finish());
        }
        if mood == Mood::Slow {
            let body = answer.bytes().await.unwrap();
            let piece = body.len().div_ceil(PIECES).max(1);
            let pieces: Vec<_> = body
                .chunks(piece)
                .map(|piece| body.slice_ref(piece))
                .collect();
            let paced = futures_util::stream::iter(pieces).then(async |piece| {
                tokio::time::sleep(PAUSE).await;
                Ok::<_, std::io::Error>(piece)
            });
            return Ok(response.body(poem::Body::from_bytes_stream(paced)));
        }
        let frames = answer.bytes_stream().map_err(std::io::Error::other);
        Ok(response.body(poem::Body::from_bytes_stream(frames)))
    }
}

/// A server whose service is the stand-in, and somebody who pushes.
async fn stage(direct: bool) -> Option<(TestApp, StandIn, TestUser)> {
    let (stand_in, through) = StandIn::start(&service()?).await;
    let app = app(&through, |settings| {
        settings.storage.timeout = PATIENCE;
        settings.storage.direct_uploads = direct;
    })
    .await;
    let amy = app.user("amy").await;
    Some((app, stand_in, amy))
}

#[tokio::test]
async fn a_push_while_the_service_fails_is_refused_and_works_afterwards() {
    let Some((app, stand_in, amy)) = stage(false).await else {
        return;
    };
    let library = Library::of(&app, &amy);
    let kept = image_for(Arch::Amd64, 1);
    library
        .push("amy/tools/kept", &["v1"], "amd64", &kept)
        .await;
    for (index, size) in [1 << 10, 9 << 20].into_iter().enumerate() {
        let image = image_of_size(size, 2 + index as u64);
        for mood in [Mood::Broken, Mood::Silent, Mood::Forgetful, Mood::Careless] {
            let hash = format!("sha256.{}", hex_of(&image));
            let name = format!("amy/tools/try{index}");
            let announced = library.announce(&name, &hash, "amd64").await.unwrap();
            stand_in.turn(mood);
            let what = format!("{mood:?}, {size} bytes");
            let answer = within(&what, library.upload(&announced.image, &image)).await;
            let said = answer.refusal(503);
            assert!(said.contains("storage"), "{what}: {said}");
            stand_in.turn(Mood::Honest);
            let seen = library.get(&format!("/v1/images/{name}:{hash}")).await;
            assert_eq!(seen.data()["uploaded"], false, "{what}");
        }
        let name = format!("amy/tools/try{index}");
        library.push(&name, &["v1"], "amd64", &image).await;
        assert!(library.pull(&format!("{name}:v1")).await == image);
    }
    assert!(library.pull("amy/tools/kept:v1").await == kept);
}

#[tokio::test]
async fn a_pull_while_the_service_fails_says_so_by_every_door() {
    let Some((app, stand_in, amy)) = stage(false).await else {
        return;
    };
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 3);
    library.push("amy/tools/x", &["v1"], "amd64", &image).await;
    let ticket = library.ticket("amy/tools/x:v1").await;
    let blob = app.url(&format!("/v2/tools/x/blobs/sha256:{}", hex_of(&image)));
    for mood in [Mood::Broken, Mood::Silent] {
        stand_in.turn(mood);
        let answer = within("the library answers", library.fetch(&ticket, &[])).await;
        let said = answer.refusal(503);
        assert!(said.contains("storage"), "{said}");
        let answer = within("OCI answers", amy.client.get(&blob).send()).await;
        let answer = answer.unwrap();
        assert_eq!(answer.status().as_u16(), 503);
        let body: serde_json::Value = answer.json().await.unwrap();
        let said = body["errors"][0]["message"].as_str().unwrap();
        assert!(said.contains("storage"), "{said}");
        // What needs no bytes goes on.
        library.get("/v1/images/amy/tools/x:v1").await.data();
    }
    stand_in.turn(Mood::Honest);
    assert!(library.pull("amy/tools/x:v1").await == image);
}

#[tokio::test]
async fn a_verification_while_the_service_fails_can_be_repeated() {
    let Some((app, stand_in, amy)) = stage(true).await else {
        return;
    };
    let library = Library::of(&app, &amy);
    let image = image_for(Arch::Amd64, 4);
    let hash = format!("sha256.{}", hex_of(&image));
    let announced = library
        .announce("amy/tools/d", &hash, "amd64")
        .await
        .unwrap();
    let asked = json!({ "filesize": image.len() });
    let path = format!("/v2/imagefile/{}", announced.image);
    let opened = library.post(&path, asked).await.data();
    let url = opened["uploadURL"].as_str().unwrap().to_owned();
    assert_eq!(library.send(&url, image.clone()).await.status, 200);
    let done = format!("{path}/_complete");
    for mood in [Mood::Broken, Mood::Silent, Mood::Forgetful] {
        stand_in.turn(mood);
        let answer = within("the answer", library.put(&done, json!({}))).await;
        let said = answer.refusal(503);
        assert!(said.contains("storage"), "{mood:?}: {said}");
    }
    stand_in.turn(Mood::Honest);
    library.put(&done, json!({})).await.data();
    let reference = format!("amy/tools/d:{hash}");
    assert!(library.pull(&reference).await == image);
}

#[tokio::test]
async fn a_service_that_is_slow_is_waited_for_as_long_as_bytes_come() {
    let Some((app, stand_in, amy)) = stage(false).await else {
        return;
    };
    let library = Library::of(&app, &amy);
    let image = image_of_size(2 << 20, 5);
    library.push("amy/tools/x", &["v1"], "amd64", &image).await;
    stand_in.turn(Mood::Slow);
    let begun = std::time::Instant::now();
    assert!(library.pull("amy/tools/x:v1").await == image);
    assert!(begun.elapsed() > PATIENCE);
}
