//! Webhooks against a real receiver: what arrives, when it comes again, and where nothing is ever sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use hmac::{Hmac, Mac};
use poem::{
    EndpointExt, Request, Response, Route, Server, handler, http::StatusCode,
    listener::TcpAcceptor, web::Data,
};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::Sha256;
use shared_types::{
    AuditAction, Delivery, DeliveryPage, DeliveryState, IssuedWebhook, WebhookEvent,
    WebhookMessage, WebhookPage,
};
use sregistry_server::{config::Settings, domain::access::Membership, services::webhooks};
use tokio::task::JoinHandle;

use crate::{
    common::{Engine, TestApp, eventually},
    seed,
    seed::{answered, read},
};

/// A message as it arrived.
#[derive(Debug, Clone)]
struct Received {
    path: String,
    id: String,
    event: String,
    timestamp: String,
    signature: String,
    body: String,
}

impl Received {
    fn message(&self) -> WebhookMessage {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether it was signed with this secret.
    fn is_signed_with(&self, secret: &str) -> bool {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{}.{}", self.timestamp, self.body).as_bytes());
        self.signature == format!("v1={}", hex::encode(mac.finalize().into_bytes()))
    }
}

/// What a receiver does with the next message; 204 where nothing else is said.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Status(u16),
    Never,
}

#[derive(Clone, Default)]
struct Shared {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

/// A server that takes messages.
struct Receiver {
    url: String,
    shared: Shared,
    server: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[handler]
async fn receive(shared: Data<&Shared>, request: &Request, body: poem::Body) -> Response {
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    let received = Received {
        path: request.uri().path().to_owned(),
        id: header("x-sregistry-delivery"),
        event: header("x-sregistry-event"),
        timestamp: header("x-sregistry-timestamp"),
        signature: header("x-sregistry-signature"),
        body: body.into_string().await.unwrap(),
    };
    shared.received.lock().unwrap().push(received);
    let next = shared.answers.lock().unwrap().pop_front();
    match next {
        Some(Answer::Never) => std::future::pending().await,
        Some(Answer::Status(status)) => Response::builder()
            .status(status.try_into().unwrap())
            .header("location", "/elsewhere")
            .body("x".repeat(5000)),
        None => Response::builder().status(StatusCode::NO_CONTENT).finish(),
    }
}

impl Receiver {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared::default();
        let app = Route::new().at("/*path", receive).data(shared.clone());
        let server = tokio::spawn(async move {
            let acceptor = TcpAcceptor::from_std(listener).unwrap();
            Server::new_with_acceptor(acceptor).run(app).await.unwrap();
        });
        Self {
            url,
            shared,
            server,
        }
    }

    fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.answers.lock().unwrap().extend(answers);
    }

    fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    async fn got(&self, many: usize) -> Vec<Received> {
        eventually("messages arrive", async || {
            Some(self.received()).filter(|received| received.len() >= many)
        })
        .await
    }
}

/// A registry that may send to this machine.
async fn registry(engine: Engine, change: impl FnOnce(&mut Settings)) -> TestApp {
    TestApp::start_with(engine, |settings| {
        settings.webhooks.private_networks = vec!["127.0.0.0/8".parse().unwrap()];
        change(settings);
    })
    .await
}

async fn hook(app: &TestApp, client: &Client, new: Value) -> IssuedWebhook {
    let request = client.post(app.url("/api/v1/webhooks")).json(&new);
    read(request, 201).await
}

async fn sent(app: &TestApp, client: &Client, hook: &IssuedWebhook) -> Vec<Delivery> {
    let path = format!("/api/v1/webhooks/{}/deliveries", hook.webhook.id);
    let page: DeliveryPage = read(client.get(app.url(&path)), 200).await;
    page.items
}

/// The newest message to a webhook, once it fits.
async fn newest(
    app: &TestApp,
    client: &Client,
    hook: &IssuedWebhook,
    fits: impl Fn(&Delivery) -> bool,
) -> Delivery {
    eventually("a message is as it shall be", async || {
        let found = sent(app, client, hook).await.into_iter().next();
        found.filter(|delivery| fits(delivery))
    })
    .await
}

async fn ping(app: &TestApp, client: &Client, hook: &IssuedWebhook) -> Delivery {
    let path = format!("/api/v1/webhooks/{}/ping", hook.webhook.id);
    read(client.post(app.url(&path)), 200).await
}

#[tokio::test]
async fn what_happens_in_a_collection_is_told_signed_to_its_own_webhooks_and_the_registrys() {
    for engine in Engine::all() {
        let app = registry(engine, |_| {}).await;
        let (own, other, whole) = (Receiver::start(), Receiver::start(), Receiver::start());
        let amy = app.user("amy").await.client;
        let admin = app.admin().await.client;
        seed::collection(&app, "amy", "dinos", true).await;
        seed::collection(&app, "amy", "birds", true).await;
        let new = json!({ "collection": "dinos", "url": format!("{}/a/b?c=d", own.url) });
        let dinos = hook(&app, &amy, new).await;
        let birds = hook(
            &app,
            &amy,
            json!({ "collection": "birds", "url": other.url }),
        )
        .await;
        let all = hook(
            &app,
            &admin,
            json!({ "url": whole.url, "events": ["freeze"] }),
        )
        .await;

        let pushed = seed::push(&app, "amy", "dinos/tacos", "v1", 1).await;
        let tag = app.url("/api/v1/collections/dinos/containers/tacos/tags/v1");
        for change in [json!({ "frozen": true }), json!({ "frozen": false })] {
            let _: Value = read(amy.put(&tag).json(&change), 200).await;
        }
        answered(
            amy.delete(app.url("/api/v1/collections/dinos/containers/tacos")),
            204,
        )
        .await;

        let mut received = own.got(5).await;
        received.sort_by_key(|received| received.message().at);
        let told: Vec<_> = received
            .iter()
            .map(|received| (received.event.clone(), received.message().action))
            .collect();
        for expected in [
            ("push", AuditAction::ImagePush),
            ("tag", AuditAction::TagCreate),
            ("freeze", AuditAction::TagFreeze),
            ("unfreeze", AuditAction::TagUnfreeze),
            ("delete", AuditAction::ContainerDelete),
        ] {
            let expected = (expected.0.to_owned(), expected.1);
            assert!(told.contains(&expected), "{expected:?} in {told:?}");
        }
        for received in &received {
            assert!(received.is_signed_with(&dinos.secret));
            assert!(!received.is_signed_with(&birds.secret));
            assert_eq!(received.path, "/a/b");
            let message = received.message();
            assert_eq!(message.delivery, received.id);
            assert_eq!(message.actor.as_deref(), Some("amy"));
            assert_eq!(message.collection.as_deref(), Some("dinos"));
            assert_eq!(message.registry, app.url(""));
        }
        let tagged = received.iter().find(|received| received.event == "tag");
        let message = tagged.unwrap().message();
        assert_eq!(message.thing, "dinos/tacos:v1");
        assert_eq!(message.details["to"], pushed.digest);

        let frozen = whole.got(1).await;
        assert_eq!(frozen[0].event, "freeze");
        assert!(frozen[0].is_signed_with(&all.secret));
        assert!(
            sent(&app, &amy, &birds).await.is_empty(),
            "another collection's"
        );
        assert!(other.received().is_empty());
    }
}

#[tokio::test]
async fn a_message_comes_again_after_a_pause_until_it_is_taken() {
    let app = registry(Engine::Sqlite, |_| {}).await;
    let receiver = Receiver::start();
    receiver.answer([Answer::Status(500)]);
    let admin = app.admin().await.client;
    let hook = hook(&app, &admin, json!({ "url": receiver.url })).await;
    let first = ping(&app, &admin, &hook).await;
    assert_eq!(first.state, DeliveryState::Pending);
    let waits = newest(&app, &admin, &hook, |delivery| delivery.attempts == 1).await;
    assert_eq!((waits.id, waits.status), (first.id, Some(500)));
    assert_eq!(waits.state, DeliveryState::Pending);
    assert_eq!(
        waits.answer.unwrap().len(),
        1024,
        "the beginning of the answer"
    );
    assert!(waits.next_attempt_at > waits.attempted_at);
    assert_eq!(
        webhooks::deliver(app.core()).await.unwrap(),
        0,
        "not before its time"
    );

    app.clock.advance(TimeDelta::seconds(20));
    let taken = newest(&app, &admin, &hook, |delivery| delivery.attempts == 2).await;
    assert_eq!(
        (taken.state, taken.status),
        (DeliveryState::Delivered, Some(204))
    );
    assert_eq!((taken.next_attempt_at, taken.answer), (None, None));
    let [one, two] = &receiver.received()[..] else {
        panic!("{:?}", receiver.received());
    };
    assert_eq!((&one.id, &one.body), (&two.id, &two.body));
    assert_ne!(one.timestamp, two.timestamp);
    assert!(two.is_signed_with(&hook.secret));
}

#[tokio::test]
async fn a_message_that_nobody_takes_is_given_up_and_can_be_sent_again() {
    let app = registry(Engine::Sqlite, |_| {}).await;
    let receiver = Receiver::start();
    receiver.answer([Answer::Status(503); 8]);
    let admin = app.admin().await.client;
    let hook = hook(&app, &admin, json!({ "url": receiver.url })).await;
    ping(&app, &admin, &hook).await;
    for attempt in 1..=8 {
        newest(&app, &admin, &hook, |delivery| delivery.attempts == attempt).await;
        app.clock.advance(TimeDelta::days(1));
    }
    let given_up = newest(&app, &admin, &hook, |delivery| delivery.attempts == 8).await;
    assert_eq!(given_up.state, DeliveryState::Failed);
    assert_eq!(given_up.next_attempt_at, None);
    assert_eq!(webhooks::deliver(app.core()).await.unwrap(), 0);
    assert_eq!(receiver.received().len(), 8);

    let path = format!(
        "/api/v1/webhooks/{}/deliveries/{}/redeliver",
        hook.webhook.id, given_up.id
    );
    let again: Delivery = read(admin.post(app.url(&path)), 200).await;
    assert_ne!(again.id, given_up.id);
    assert_eq!(again.redelivery_of, Some(given_up.id));
    let taken = newest(&app, &admin, &hook, |delivery| delivery.attempts == 1).await;
    assert_eq!(
        (taken.id, taken.state),
        (again.id.clone(), DeliveryState::Delivered)
    );
    let messages = receiver.received();
    assert_eq!(messages[8].id, again.id);
    assert_eq!(
        messages[8].message().at,
        messages[0].message().at,
        "it tells the same"
    );
    let path = format!(
        "/api/v1/webhooks/{}/deliveries/none/redeliver",
        hook.webhook.id
    );
    answered(admin.post(app.url(&path)), 404).await;

    app.clock.advance(TimeDelta::days(40));
    webhooks::sweep(app.core()).await.unwrap();
    assert!(
        sent(&app, &admin, &hook).await.is_empty(),
        "old ones are forgotten"
    );
}

#[tokio::test]
async fn a_message_is_sent_once_however_many_send() {
    let app = registry(Engine::Sqlite, |_| {}).await;
    let receiver = Receiver::start();
    let admin = app.admin().await.client;
    let hook = hook(&app, &admin, json!({ "url": receiver.url })).await;
    for _ in 0..12 {
        ping(&app, &admin, &hook).await;
    }
    let core = app.core();
    let senders = (0..4).map(|_| webhooks::deliver(core));
    futures_util::future::join_all(senders).await;
    eventually("all are taken", async || {
        let sent = sent(&app, &admin, &hook).await;
        sent.iter()
            .all(|delivery| delivery.state == DeliveryState::Delivered)
            .then_some(())
    })
    .await;
    let mut ids: Vec<_> = receiver.received().into_iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 12);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 12);
}

#[tokio::test]
async fn the_secret_is_shown_once_and_kept_sealed() {
    let app = registry(Engine::Sqlite, |_| {}).await;
    let receiver = Receiver::start();
    let admin = app.admin().await.client;
    let new = json!({ "url": receiver.url, "secret": "sixteen letters." });
    let made = hook(&app, &admin, new).await;
    assert_eq!(made.secret, "sixteen letters.");
    let path = app.url(&format!("/api/v1/webhooks/{}", made.webhook.id));
    let next = "quite another secret";
    let mut shown = answered(admin.patch(&path).json(&json!({ "secret": next })), 200).await;
    for path in [
        path.as_str(),
        &app.url("/api/v1/webhooks"),
        &app.url("/api/v1/audit"),
    ] {
        shown += &answered(admin.get(path), 200).await;
    }
    let kept = std::fs::read(app.data_dir().join("registry.db")).unwrap();
    let log = std::fs::read(app.data_dir().join("registry.db-wal")).unwrap_or_default();
    for secret in [made.secret.as_str(), next] {
        assert!(!shown.contains(secret));
        for bytes in [&kept, &log] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} is in the database as it is");
        }
    }
    ping(&app, &admin, &made).await;
    assert!(receiver.got(1).await[0].is_signed_with(next));
}

#[tokio::test]
async fn nothing_is_sent_to_addresses_that_are_not_public() {
    // As it is without a setting.
    let app = TestApp::start().await;
    let receiver = Receiver::start();
    let admin = app.admin().await.client;
    let port = receiver.url.rsplit(':').next().unwrap();
    for url in [
        receiver.url.clone(),
        format!("http://127.1:{port}/"),
        format!("http://[::1]:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://example.org/".to_owned(),
        "https://amy:secret@example.org/".to_owned(),
        "x".repeat(3000),
    ] {
        let request = admin.post(app.url("/api/v1/webhooks"));
        let text = answered(request.json(&json!({ "url": url })), 422).await;
        assert!(text.contains("\"url\""), "{url}: {text}");
    }
    // A name says nothing about where it leads until it is resolved.
    let new = json!({ "url": format!("http://localhost:{port}/") });
    let hook = hook(&app, &admin, new).await;
    ping(&app, &admin, &hook).await;
    let refused = newest(&app, &admin, &hook, |delivery| delivery.attempts == 1).await;
    assert!(refused.problem.unwrap().contains("public addresses"));
    assert_eq!(refused.status, None);
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn redirects_are_not_followed_and_receivers_that_hang_are_left() {
    let app = registry(Engine::Sqlite, |settings| {
        settings.webhooks.timeout = Duration::from_millis(500);
    })
    .await;
    let receiver = Receiver::start();
    receiver.answer([Answer::Status(302)]);
    let admin = app.admin().await.client;
    let hook = hook(&app, &admin, json!({ "url": receiver.url })).await;
    ping(&app, &admin, &hook).await;
    let moved = newest(&app, &admin, &hook, |delivery| delivery.attempts == 1).await;
    assert_eq!(
        (moved.status, moved.state),
        (Some(302), DeliveryState::Pending)
    );
    assert!(moved.problem.unwrap().contains("redirects"));
    assert!(
        receiver
            .received()
            .iter()
            .all(|one| one.path != "/elsewhere")
    );

    receiver.answer([Answer::Never]);
    ping(&app, &admin, &hook).await;
    let left = newest(&app, &admin, &hook, |delivery| delivery.attempts == 1).await;
    assert!(left.problem.unwrap().contains("in time"));
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_hears_of_tests_alone() {
    let app = registry(Engine::Sqlite, |_| {}).await;
    let receiver = Receiver::start();
    let amy = app.user("amy").await.client;
    seed::collection(&app, "amy", "dinos", false).await;
    let new = json!({ "collection": "dinos", "url": receiver.url, "active": false });
    let hook = hook(&app, &amy, new).await;
    seed::push(&app, "amy", "dinos/tacos", "v1", 1).await;
    assert!(sent(&app, &amy, &hook).await.is_empty());
    ping(&app, &amy, &hook).await;
    let messages = receiver.got(1).await;
    assert_eq!(messages[0].message().event, WebhookEvent::Ping);
    assert_eq!(messages[0].message().collection.as_deref(), Some("dinos"));
}

#[tokio::test]
async fn what_did_not_happen_is_not_told() {
    let app = registry(Engine::Sqlite, |_| {}).await;
    let receiver = Receiver::start();
    let amy = app.user("amy").await.client;
    seed::collection(&app, "amy", "dinos", false).await;
    seed::push(&app, "amy", "dinos/tacos", "v1", 1).await;
    seed::freeze(&app, "amy", "dinos/tacos", "v1", true).await;
    let hook = hook(
        &app,
        &amy,
        json!({ "collection": "dinos", "url": receiver.url }),
    )
    .await;
    answered(
        amy.delete(app.url("/api/v1/collections/dinos/containers/tacos")),
        409,
    )
    .await;
    assert!(sent(&app, &amy, &hook).await.is_empty());
}

#[tokio::test]
async fn owners_manage_the_webhooks_of_their_collection_and_nobody_elses() {
    let app = registry(Engine::Sqlite, |_| {}).await;
    let amy = app.user("amy").await.client;
    let bob = app.user("bob").await.client;
    let admin = app.admin().await.client;
    seed::collection(&app, "amy", "dinos", true).await;
    let new = json!({ "collection": "dinos", "url": "http://127.0.0.1:9/" });
    let own = hook(&app, &amy, new.clone()).await;
    let registrys = hook(&app, &admin, json!({ "url": "http://127.0.0.1:9/" })).await;
    for id in [&own.webhook.id, &registrys.webhook.id, "none", "a%00b"] {
        answered(bob.get(app.url(&format!("/api/v1/webhooks/{id}"))), 404).await;
    }
    seed::member(&app, "dinos", "bob", Membership::Contributor).await;
    answered(bob.post(app.url("/api/v1/webhooks")).json(&new), 403).await;
    let page: WebhookPage = read(amy.get(app.url("/api/v1/webhooks?collection=dinos")), 200).await;
    assert_eq!(page.items, std::slice::from_ref(&own.webhook));
    for bad in [
        json!({ "collection": "dinos", "url": "http://127.0.0.1:9/", "events": [] }),
        json!({ "collection": "dinos", "url": "http://127.0.0.1:9/", "secret": "short" }),
    ] {
        answered(amy.post(app.url("/api/v1/webhooks")).json(&bad), 422).await;
    }
    for _ in 1..20 {
        hook(&app, &amy, new.clone()).await;
    }
    answered(amy.post(app.url("/api/v1/webhooks")).json(&new), 409).await;
    answered(amy.delete(app.url("/api/v1/collections/dinos")), 204).await;
    answered(
        admin.get(app.url(&format!("/api/v1/webhooks/{}", own.webhook.id))),
        404,
    )
    .await;
}
