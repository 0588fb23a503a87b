//! Who is counted as whom, what does not count, and how each door refuses.

use bytes::Bytes;
use chrono::TimeDelta;
use reqwest::{Method, StatusCode, header::LOCATION};
use serde_json::Value;
use shared_types::{Problem, Scope};
use sif::Arch;

use super::{ask, behind_a_proxy, few, hourly, status, through};
use crate::{
    common::{TestApp, with_token},
    http_people::Browser,
    seed,
    wire_library::image_for,
    wire_sregistry::Cli,
};

const SESSION: &str = "/api/v1/session";
const LIBRARY: &str = "/v1/images/climate/model:1.0";

#[tokio::test]
async fn every_door_refuses_in_its_own_words() {
    let app = TestApp::settings_with(|settings| {
        few(settings, 1);
        behind_a_proxy(settings);
    })
    .await;
    let client = app.client();
    let doors = [
        SESSION,
        LIBRARY,
        "/v2/climate/model/tags/list",
        "/api/collections/",
        "/pks/lookup?search=amy",
        "/download/climate/model/1.0.sif",
        "/share/secret/file.sif",
    ];
    let mut said = Vec::new();
    for (number, path) in doors.iter().enumerate() {
        let from = format!("203.0.113.{number}");
        assert_ne!(status(&app, &client, path, &from).await, 429, "{path}");
        let refused = ask(&app, &client, path, &from).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS, "{path}");
        let pause = refused.headers()["retry-after"].to_str().unwrap();
        let pause: u64 = pause.parse().unwrap();
        assert!((3500..=3600).contains(&pause), "{path}: {pause}");
        assert_eq!(refused.headers()["cache-control"], "no-store", "{path}");
        said.push((pause, refused.text().await.unwrap()));
    }
    let json = |number: usize| -> Value { serde_json::from_str(&said[number].1).unwrap() };
    let problem: Problem = serde_json::from_value(json(0)).unwrap();
    assert_eq!(problem.code.as_str(), "rate_limited");
    assert!(problem.message.contains("too many requests"));
    for envelope in [json(1), json(4)] {
        assert_eq!(envelope["error"]["code"], 429);
        let message = envelope["error"]["message"].as_str().unwrap();
        assert!(message.contains("too many requests"), "{message}");
    }
    assert_eq!(json(2)["errors"][0]["code"], "TOOMANYREQUESTS");
    let pause = said[3].0;
    let throttled = format!("Request was throttled. Expected available in {pause} seconds.");
    assert_eq!(json(3), serde_json::json!({ "detail": throttled }));
    for (_, text) in &said[5..] {
        assert!(text.starts_with("too many requests"), "{text}");
    }
    // Who waits as long as they are told gets through, and no earlier.
    let pause = TimeDelta::seconds(i64::try_from(said[0].0).unwrap());
    app.clock.advance(pause - TimeDelta::minutes(2));
    assert_eq!(status(&app, &client, SESSION, "203.0.113.0").await, 429);
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(status(&app, &client, SESSION, "203.0.113.0").await, 200);
}

#[tokio::test]
async fn a_browser_on_its_way_to_a_provider_comes_back_to_a_page() {
    let app = TestApp::settings_with(|settings| few(settings, 1)).await;
    app.get("/login/github/").await;
    let refused = app.get("/login/github/").await;
    assert_eq!(refused.status(), StatusCode::SEE_OTHER);
    assert_eq!(refused.headers()[LOCATION], "/login?problem=unavailable");
    assert!(refused.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn health_pages_and_signed_addresses_do_not_count() {
    let app = TestApp::settings_with(|settings| few(settings, 2)).await;
    app.user("amy").await;
    seed::collection(&app, "amy", "climate", false).await;
    let pushed = seed::push(&app, "amy", "climate/model", "1.0", 1).await;
    let client = app.client();
    let answer = app.get("/v1/imagefile/climate/model:1.0").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let blob = answer.headers()[LOCATION].to_str().unwrap();
    let blob = if blob.starts_with("http") {
        blob.to_owned()
    } else {
        app.url(blob)
    };
    for start in 0..20 {
        let range = format!("bytes={start}-{start}");
        let request = client.get(&blob).header("range", range);
        let piece: Bytes = request.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(piece[..], pushed.bytes[start..=start]);
        for path in ["/healthz", "/readyz", "/", "/collections/climate"] {
            assert_ne!(app.get(path).await.status(), 429, "{path}");
        }
    }
    assert_eq!(app.get(LIBRARY).await.status(), 200, "one was left");
    assert_eq!(app.get(LIBRARY).await.status(), 429);
}

#[tokio::test]
async fn tokens_people_and_addresses_have_buckets_of_their_own() {
    let app = TestApp::settings_with(|settings| few(settings, 3)).await;
    let amy = app.user_with_password("amy").await;
    let here = "127.0.0.1";
    assert_eq!(through(&app, &app.client(), SESSION, here).await, 3);
    assert_eq!(through(&app, &amy.client, SESSION, here).await, 3);
    let other = with_token(&app.token("amy", Scope::Pull, None).await);
    assert_eq!(through(&app, &other, LIBRARY, here).await, 3);
    assert_eq!(through(&app, &other, SESSION, here).await, 0, "by any door");
    // A pass is the token that it was got for.
    let again = TestApp::settings_with(|settings| few(settings, 3)).await;
    let amy = again.user("amy").await;
    let pass: Value = seed::read(amy.client.get(again.url("/v2/token")), 200).await;
    let pass = with_token(pass["token"].as_str().unwrap());
    assert_eq!(through(&again, &pass, "/v2/", here).await, 2);
    assert_eq!(through(&again, &amy.client, SESSION, here).await, 0);
}

#[tokio::test]
async fn a_person_has_one_bucket_in_all_their_browsers() {
    let app = TestApp::start().await;
    app.user_with_password("amy").await;
    let app = app.restart_with(|settings| {
        settings.rates.api_user_throttle_rate = Some(hourly(10));
    });
    let app = app.await;
    let (one, two) = (
        Browser::signed_in(&app, "amy").await,
        Browser::signed_in(&app, "amy").await,
    );
    let mut through = 0;
    loop {
        let browser = if through % 2 == 0 { &one } else { &two };
        if browser.get("/collections").await.status() == 429 {
            break;
        }
        through += 1;
        assert!(through <= 10);
    }
    assert!(through < 10, "signing in counted");
    assert_eq!(two.get("/collections").await.status(), 429);
    assert_eq!(app.get(SESSION).await.status(), 200, "others go on");
}

#[tokio::test]
async fn only_a_trusted_proxy_says_who_asks() {
    let app = TestApp::settings_with(|settings| few(settings, 3)).await;
    let client = app.client();
    let mut refused = 0;
    for number in 0..6 {
        let from = format!("203.0.113.{number}");
        refused += u32::from(status(&app, &client, LIBRARY, &from).await == 429);
    }
    assert_eq!(refused, 3, "whatever it says, it is one address");
    let app = TestApp::settings_with(|settings| {
        few(settings, 3);
        behind_a_proxy(settings);
    })
    .await;
    assert_eq!(through(&app, &client, LIBRARY, "203.0.113.1").await, 3);
    assert_eq!(through(&app, &client, LIBRARY, "203.0.113.2").await, 3);
    let claimed = "198.51.100.7, 203.0.113.1";
    assert_eq!(through(&app, &client, LIBRARY, claimed).await, 0);
    assert_eq!(through(&app, &client, LIBRARY, "2001:db8::1").await, 3);
    assert_eq!(through(&app, &client, LIBRARY, "2001:db8::ffff").await, 0);
    assert_eq!(through(&app, &client, LIBRARY, "2001:db8:0:1::1").await, 3);
}

/// The defaults, and the figures of a large cluster.
#[tokio::test]
async fn a_thousand_nodes_behind_one_address_pull_with_tokens() {
    let app = TestApp::start().await;
    app.user("amy").await;
    seed::collection(&app, "amy", "climate", true).await;
    seed::push(&app, "amy", "climate/model", "1.0", 1).await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(with_token(&app.token("amy", Scope::Pull, None).await));
    }
    // Somebody at the same address asks for too much without a token.
    let flood = async || {
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (client, url) = (app.client(), app.url("/v1/images/none/none:none"));
            requests.spawn(async move {
                for _ in 0..100 {
                    client.get(&url).send().await.unwrap();
                }
            });
        }
        requests.join_all().await;
    };
    flood().await;
    let mut nodes = tokio::task::JoinSet::new();
    for client in clients.into_iter().take(10) {
        let urls = [app.url(LIBRARY), app.url("/v1/imagefile/climate/model:1.0")];
        nodes.spawn(async move {
            for _node in 0..100 {
                for (url, status) in urls.iter().zip([200, 303]) {
                    let answer = client.get(url).send().await.unwrap();
                    assert_eq!(answer.status().as_u16(), status);
                }
            }
        });
    }
    nodes.join_all().await;
    assert_eq!(app.core().rates.figures().refused, 0);
}

#[tokio::test]
async fn a_limit_on_an_address_holds_up_no_token() {
    let app = TestApp::settings_with(|settings| {
        settings.rates.api_anon_throttle_rate = Some(hourly(1));
    })
    .await;
    let amy = app.user("amy").await;
    assert_eq!(through(&app, &app.client(), LIBRARY, "").await, 1);
    assert_eq!(through(&app, &amy.client, LIBRARY, "").await, 50);
    // A token that is not valid is no way around it.
    let wrong = with_token(&"0".repeat(40));
    assert_eq!(status(&app, &wrong, LIBRARY, "").await, 429);
}

#[tokio::test]
async fn pages_may_be_counted_without_being_refused_and_limits_left_out() {
    let app = TestApp::settings_with(|settings| {
        few(settings, 1);
        settings.rates.view_rate_limit_block = false;
        settings.rates.api_anon_throttle_rate = None;
    })
    .await;
    assert_eq!(through(&app, &app.client(), SESSION, "").await, 50);
    assert_eq!(through(&app, &app.client(), LIBRARY, "").await, 50);
    assert_eq!(app.core().rates.figures().refused, 0);
}

#[tokio::test]
async fn what_is_signed_counts_for_the_token_and_a_wrong_signature_for_the_address() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let bytes = image_for(Arch::Amd64, 1);
    Cli::of(&app, &amy)
        .pushed(["dinos", "tacos", "v1"], &bytes)
        .await;
    let app = app.restart_with(|settings| {
        settings.rates.api_anon_throttle_rate = Some(hourly(2));
        settings.rates.api_user_throttle_rate = Some(hourly(20));
    });
    let app = app.await;
    let cli = Cli::of(&app, &amy);
    let pull = async |cli: &Cli<'_>| {
        let names = ["dinos", "tacos", "v1"];
        let header = cli.sign("pull", names);
        let answer = cli.ask(Method::GET, "/api/container/dinos/tacos:v1", &header);
        answer.await.status
    };
    for _ in 0..5 {
        assert_eq!(pull(&cli).await, 200, "not by the limit of the address");
    }
    let key = "0".repeat(40);
    let stranger = Cli::with_key(&app, "amy", &key);
    assert_eq!(pull(&stranger).await, 403);
    assert_eq!(pull(&stranger).await, 403);
    assert_eq!(pull(&stranger).await, 429);
    assert_eq!(pull(&cli).await, 200);
    assert_eq!(through(&app, &amy.client, SESSION, "").await, 14);
    assert_eq!(pull(&cli).await, 429);
}
