//! Stars, topics, activity and badges: what people say of things, and what happens with them.

use chrono::Duration;
use serde_json::json;
use shared_types::{
    Activity, ActivityDay, CollectionDetail, CollectionPage, Container, ContainerPage, ErrorCode,
    Topic, Topics,
};
use sregistry_server::services::pull;

use crate::{
    common::TestApp,
    db_test,
    http_people::refused,
    seed,
    seed::{answered, read},
};

async fn list(app: &TestApp, client: &reqwest::Client, query: &str) -> Vec<String> {
    let path = app.url(&format!("/api/v1/collections?{query}"));
    let page: CollectionPage = read(client.get(path), 200).await;
    page.items.into_iter().map(|item| item.name).collect()
}

db_test!(
    a_star_counts_once_and_can_be_taken_back,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        for name in ["climate", "genomes", "tools"] {
            seed::collection(&app, "amy", name, false).await;
        }
        let star = |name: &str| app.url(&format!("/api/v1/collections/{name}/star"));
        for _ in 0..2 {
            answered(ben.client.put(star("genomes")), 204).await;
        }
        answered(amy.client.put(star("genomes")), 204).await;
        answered(ben.client.put(star("tools")), 204).await;
        assert_eq!(
            list(&app, &app.client(), "sort=stars").await,
            ["genomes", "tools", "climate"]
        );
        let mut mine = list(&app, &ben.client, "filter=starred&sort=name").await;
        assert_eq!(mine, ["genomes", "tools"]);
        let path = app.url("/api/v1/collections/genomes");
        let seen: CollectionDetail = read(app.client().get(&path), 200).await;
        assert_eq!((seen.collection.stars, seen.collection.starred), (2, false));
        for _ in 0..2 {
            answered(ben.client.delete(star("genomes")), 204).await;
        }
        let own: CollectionDetail = read(amy.client.get(&path), 200).await;
        assert_eq!((own.collection.stars, own.collection.starred), (1, true));
        mine = list(&app, &ben.client, "filter=starred").await;
        assert_eq!(mine, ["tools"]);
        let anonymous = app
            .client()
            .get(app.url("/api/v1/collections?filter=starred"));
        answered(anonymous, 401).await;
    }
);

#[tokio::test]
async fn a_star_does_not_show_what_became_private() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "climate", false).await;
    let path = app.url("/api/v1/collections/climate");
    answered(ben.client.put(format!("{path}/star")), 204).await;
    let hide = amy.client.patch(&path).json(&json!({ "private": true }));
    answered(hide, 200).await;
    assert!(list(&app, &ben.client, "filter=starred").await.is_empty());
    answered(ben.client.delete(format!("{path}/star")), 404).await;
}

db_test!(
    containers_are_found_by_what_they_are_about,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "open", false).await;
        seed::collection(&app, "amy", "closed", true).await;
        for (path, topics) in [
            ("open/bwa", json!(["Genomics", " alignment "])),
            ("open/star", json!(["genomics"])),
            ("closed/gatk", json!(["genomics", "secret"])),
        ] {
            seed::push(&app, "amy", path, "v1", 1).await;
            let (collection, container) = path.split_once('/').unwrap();
            let path = format!("/api/v1/collections/{collection}/containers/{container}");
            let change = json!({ "topics": topics });
            let changed = amy.client.patch(app.url(&path)).json(&change);
            let changed: Container = read(changed, 200).await;
            assert!(changed.topics.contains(&"genomics".to_owned()));
            assert_eq!(changed.tags.len(), 1);
        }
        let topics = async |client: &reqwest::Client, query: &str| -> Vec<(String, u64)> {
            let path = app.url(&format!("/api/v1/topics{query}"));
            let found: Topics = read(client.get(path), 200).await;
            assert_eq!(found.total, found.items.len() as u64);
            let pair = |topic: Topic| (topic.name, topic.containers);
            found.items.into_iter().map(pair).collect()
        };
        let seen = topics(&app.client(), "").await;
        assert_eq!(
            seen,
            [("genomics".to_owned(), 2), ("alignment".to_owned(), 1)]
        );
        assert_eq!(topics(&amy.client, "").await.len(), 3);
        assert_eq!(
            topics(&amy.client, "?q=SEC").await,
            [("secret".to_owned(), 1)]
        );
        let containers = async |client: &reqwest::Client, topic: &str| -> Vec<String> {
            let path = app.url(&format!("/api/v1/containers?sort=name&topic={topic}"));
            let page: ContainerPage = read(client.get(path), 200).await;
            page.items.into_iter().map(|item| item.name).collect()
        };
        assert_eq!(containers(&app.client(), "genomics").await, ["bwa", "star"]);
        assert_eq!(containers(&amy.client, "secret").await, ["gatk"]);
        for nothing in ["secret", "Genomics", "gen"] {
            assert!(
                containers(&app.client(), nothing).await.is_empty(),
                "{nothing}"
            );
        }

        let path = app.url("/api/v1/collections/open/containers/bwa");
        let many: Vec<_> = (0..21).map(|number| format!("t{number}")).collect();
        for bad in [json!(["two words"]), json!([""]), json!(many)] {
            let answer = amy.client.patch(&path).json(&json!({ "topics": bad }));
            refused(answer.send().await.unwrap(), 422, ErrorCode::Invalid).await;
        }
        let emptied = amy.client.patch(&path).json(&json!({ "topics": [] }));
        let emptied: Container = read(emptied, 200).await;
        assert!(emptied.topics.is_empty());
    }
);

db_test!(
    activity_counts_pushes_and_downloads_by_day,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "open", false).await;
        seed::push(&app, "amy", "open/bwa", "v1", 1).await;
        seed::push(&app, "amy", "open/bwa", "v2", 2).await;
        seed::push(&app, "amy", "open/star", "v1", 3).await;
        let file = app.url("/api/v1/collections/open/containers/bwa/images/v1/file");
        let answer = amy.client.get(file).send().await.unwrap();
        answer.error_for_status().unwrap().bytes().await.unwrap();
        pull::flush(app.core()).await.unwrap();
        app.clock.advance(Duration::days(1));
        seed::push(&app, "amy", "open/bwa", "v3", 4).await;
        let activity = async |path: &str| -> Vec<(u64, u64)> {
            let path = app.url(&format!("/api/v1/collections/open{path}"));
            let found: Activity = read(app.client().get(path), 200).await;
            assert!(found.days.is_sorted_by(|one, next| one.date < next.date));
            let today = app.core().clock.now().date_naive().to_string();
            assert_eq!(found.days.last().unwrap().date, today);
            let pair = |day: ActivityDay| (day.pushes, day.downloads);
            found.days.into_iter().map(pair).collect()
        };
        assert_eq!(activity("/activity?days=3").await, [(0, 0), (3, 1), (1, 0)]);
        assert_eq!(
            activity("/containers/star/activity?days=2").await,
            [(1, 0), (0, 0)]
        );
        assert_eq!(activity("/activity?days=1").await, [(1, 0)]);
        assert_eq!(activity("/activity").await.len(), 90);
        for days in ["0", "367", "-1", "x"] {
            let path = app.url(&format!("/api/v1/collections/open/activity?days={days}"));
            answered(app.client().get(path), 400).await;
        }
    }
);

#[tokio::test]
async fn a_badge_says_one_thing_to_those_who_may_know_it() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::collection(&app, "amy", "open", false).await;
    seed::collection(&app, "amy", "closed", true).await;
    seed::push(&app, "amy", "open/bwa", "v1.2", 1).await;
    let badge = |path: &str| app.url(&format!("/api/v1/collections/{path}"));
    for (path, said) in [
        ("open/badge.svg", "collection: open"),
        ("open/badge.svg?show=containers", "containers: 1"),
        ("open/badge.svg?show=stars", "stars: 0"),
        ("open/badge.svg?show=downloads", "downloads: 0"),
        ("open/containers/bwa/badge.svg", "container: open/bwa"),
        ("open/containers/bwa/badge.svg?show=tag", "tag: v1.2"),
    ] {
        let answer = app.client().get(badge(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "image/svg+xml");
        assert_eq!(answer.headers()["cache-control"], "public, max-age=300");
        let svg = answer.text().await.unwrap();
        assert!(svg.contains(&format!("<title>{said}</title>")), "{svg}");
    }
    for (path, status) in [
        ("closed/badge.svg", 404),
        ("nothing/badge.svg", 404),
        ("open/badge.svg?show=tag", 400),
        ("open/containers/bwa/badge.svg?show=stars", 400),
        ("open/badge.svg?show=everything", 400),
    ] {
        answered(app.client().get(badge(path)), status).await;
    }
    let own = amy
        .client
        .get(badge("closed/badge.svg"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (own.status().as_u16(), &own.headers()["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
}
