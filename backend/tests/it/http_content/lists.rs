//! Lists: pages, orders, filters, words to search for, and how many statements they cost.

use std::collections::BTreeSet;

use chrono::Duration;
use shared_types::{
    CollectionPage, ContainerPage, ErrorCode, Problem, RegistryStats, TagEventPage,
};

use crate::{
    common::TestApp,
    db_test, seed,
    seed::{answered, read},
};

async fn page(app: &TestApp, client: &reqwest::Client, query: &str) -> CollectionPage {
    read(
        client.get(app.url(&format!("/api/v1/collections?{query}"))),
        200,
    )
    .await
}

fn names(page: &CollectionPage) -> Vec<&str> {
    page.items.iter().map(|item| item.name.as_str()).collect()
}

/// Walks a list page by page; `between` runs after the first page.
async fn walk(
    app: &TestApp,
    client: &reqwest::Client,
    query: &str,
    between: impl AsyncFn(),
) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = page(app, client, &format!("{query}&limit=3{cursor}")).await;
        if found.is_empty() {
            between().await;
        }
        found.extend(page.items.into_iter().map(|item| item.name));
        match page.next {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

db_test!(
    all_pages_together_are_the_whole_list_in_every_order,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        for number in 0..10 {
            seed::collection(
                &app,
                "amy",
                &format!("c{}", (number * 7) % 10),
                number % 2 == 0,
            )
            .await;
            // Some are made in the same millisecond, so that the id decides.
            if number % 3 == 0 {
                app.clock.advance(Duration::seconds(5));
            }
        }
        for number in 0..4 {
            seed::push(&app, "amy", &format!("c{number}/tool"), "v1", number).await;
        }
        for sort in ["updated", "name", "size", "downloads", "stars"] {
            let whole = page(&app, &amy.client, &format!("sort={sort}&limit=250")).await;
            assert_eq!(
                (whole.total, whole.items.len(), whole.next.clone()),
                (10, 10, None)
            );
            let walked = walk(&app, &amy.client, &format!("sort={sort}"), async || {}).await;
            assert_eq!(walked, names(&whole), "{sort}");
        }
        let by_name = page(&app, &amy.client, "sort=name").await;
        assert!(names(&by_name).is_sorted());
        let by_size = page(&app, &amy.client, "sort=size").await;
        assert!(
            by_size
                .items
                .is_sorted_by(|a, b| a.size_bytes >= b.size_bytes)
        );
        assert!(by_size.items[0].size_bytes > 0);
        let by_change = page(&app, &amy.client, "sort=updated").await;
        assert!(
            by_change
                .items
                .is_sorted_by(|a, b| a.updated_at >= b.updated_at)
        );
    }
);

db_test!(
    what_comes_or_goes_meanwhile_does_not_shift_the_pages,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        for number in 0..9 {
            seed::collection(&app, "amy", &format!("m{number}"), false).await;
        }
        let before = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8"];
        let meanwhile = async || {
            // One before the cursor, one of those already seen goes.
            seed::collection(&app, "amy", "a-new-one", false).await;
            answered(amy.client.delete(app.url("/api/v1/collections/m1")), 204).await;
        };
        let walked = walk(&app, &amy.client, "sort=name", meanwhile).await;
        assert_eq!(walked, before, "nothing twice, nothing left out");
    }
);

#[tokio::test]
async fn a_window_that_makes_no_sense_is_refused() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    for number in 0..3 {
        seed::collection(&app, "amy", &format!("c{number}"), false).await;
    }
    let other = page(&app, &amy.client, "sort=name&limit=1")
        .await
        .next
        .unwrap();
    let crossed = format!("sort=size&cursor={other}");
    for query in [
        "limit=0",
        "limit=251",
        "limit=-1",
        "limit=x",
        "cursor=x",
        "cursor=bnVsbA",
        "cursor=WyJ1cGRhdGVkIiwieCIsMV0",
        "sort=age",
        "filter=theirs",
        &crossed,
    ] {
        let url = app.url(&format!("/api/v1/collections?{query}"));
        let problem: Problem = read(amy.client.get(url), 400).await;
        assert_eq!(problem.code, ErrorCode::BadRequest, "{query}");
    }
    let long = "x".repeat(201);
    answered(
        amy.client
            .get(app.url(&format!("/api/v1/containers?q={long}"))),
        400,
    )
    .await;
}

db_test!(
    words_are_found_in_any_case_and_wildcards_are_letters,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        seed::collection(&app, "amy", "genomics", false).await;
        seed::push(&app, "amy", "climate/ocean_model", "V2.0_rc", 1).await;
        seed::push(&app, "amy", "genomics/samtools", "1.17", 2).await;
        let found = async |q: &str| {
            let request = amy
                .client
                .get(app.url("/api/v1/containers"))
                .query(&[("q", q)]);
            let page: ContainerPage = read(request, 200).await;
            assert_eq!(page.total, page.items.len() as u64);
            page.items
                .iter()
                .map(|item| item.name.clone())
                .collect::<BTreeSet<_>>()
        };
        let only = |name: &str| BTreeSet::from([name.to_owned()]);
        assert_eq!(
            found("OCEAN").await,
            only("ocean_model"),
            "the container's name"
        );
        assert_eq!(
            found("Genom").await,
            only("samtools"),
            "the collection's name"
        );
        assert_eq!(found("v2.0_RC").await, only("ocean_model"), "a tag");
        assert_eq!(
            found("_").await,
            only("ocean_model"),
            "an underscore is a letter"
        );
        assert_eq!(found("%").await, BTreeSet::new(), "so is a percent sign");
        assert_eq!(found("\\").await, BTreeSet::new(), "and a backslash");
        assert_eq!(found("' OR 1=1 --").await, BTreeSet::new());
        assert_eq!(found("  ").await.len(), 2, "no words, no filter");
        let change = serde_json::json!({ "description": "Ökologie der Moore" });
        let genomics = app.url("/api/v1/collections/genomics");
        answered(amy.client.patch(&genomics).json(&change), 200).await;
        let by_words = page(&app, &amy.client, "q=%C3%96KOLOGIE").await;
        assert_eq!(names(&by_words), ["genomics"], "letters beyond ASCII too");
        answered(
            amy.client
                .patch(&genomics)
                .json(&serde_json::json!({ "description": "What amy keeps" })),
            200,
        )
        .await;
        let by_words = page(&app, &amy.client, "q=WHAT%20AMY").await;
        assert_eq!(by_words.total, 2, "the description of collections");
    }
);

#[tokio::test]
async fn filters_narrow_the_list_down() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "open", false).await;
    seed::collection(&app, "amy", "closed", true).await;
    seed::collection(&app, "ben", "shared", true).await;
    seed::contributor(&app, "shared", "amy").await;
    let list = async |client: &reqwest::Client, filter: &str| {
        let page = page(&app, client, &format!("filter={filter}&sort=name")).await;
        names(&page).join(" ")
    };
    assert_eq!(list(&amy.client, "all").await, "closed open shared");
    assert_eq!(list(&amy.client, "mine").await, "closed open shared");
    assert_eq!(list(&amy.client, "private").await, "closed shared");
    assert_eq!(list(&ben.client, "all").await, "open shared");
    assert_eq!(list(&ben.client, "mine").await, "shared");
    assert_eq!(list(&app.client(), "private").await, "");
    answered(
        app.client().get(app.url("/api/v1/collections?filter=mine")),
        401,
    )
    .await;
    let one: ContainerPage = read(
        amy.client
            .get(app.url("/api/v1/containers?collection=open")),
        200,
    )
    .await;
    assert_eq!(one.total, 0);
}

#[tokio::test]
async fn a_list_costs_the_same_number_of_statements_however_long_it_is() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let lists = [
        "/api/v1/collections",
        "/api/v1/containers?q=o",
        "/api/v1/containers?q=o&owners=true",
        "/api/v1/collections/many/containers/one/images",
        "/api/v1/collections/many/containers/one/history",
    ];
    // Others use the database too, so the least of several tries counts.
    let cost = async |path: &str| {
        let mut least = u64::MAX;
        for _ in 0..5 {
            let before = app.core().db.statements();
            answered(amy.client.get(app.url(path)), 200).await;
            least = least.min(app.core().db.statements() - before);
        }
        least
    };
    seed::collection(&app, "amy", "many", false).await;
    seed::push(&app, "amy", "many/one", "t0", 0).await;
    let mut short = Vec::new();
    for path in lists {
        short.push(cost(path).await);
    }
    for number in 1..8 {
        seed::collection(&app, "amy", &format!("other{number}"), false).await;
        seed::push(&app, "amy", "many/one", &format!("t{number}"), number).await;
        seed::push(
            &app,
            "amy",
            &format!("other{number}/tool"),
            "latest",
            number,
        )
        .await;
    }
    for (path, before) in lists.into_iter().zip(short) {
        assert_eq!(cost(path).await, before, "{path}");
        assert!(before <= 10, "{path}: {before} statements");
    }
}

db_test!(
    the_history_is_newest_first_and_pages_too,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "climate", false).await;
        for number in 0..5 {
            seed::push(&app, "amy", "climate/model", "latest", number).await;
        }
        let url = app.url("/api/v1/collections/climate/containers/model/history?limit=2");
        let first: TagEventPage = read(amy.client.get(&url), 200).await;
        assert_eq!((first.total, first.items.len()), (5, 2));
        let (new, old) = (&first.items[0], &first.items[1]);
        assert_eq!(new.from_digest, old.to_digest);
        assert_eq!(new.by.as_deref(), Some("amy"));
        let next = format!("{url}&cursor={}", first.next.unwrap());
        let second: TagEventPage = read(amy.client.get(next), 200).await;
        assert_eq!(second.items[0].to_digest, old.from_digest);
    }
);

db_test!(
    the_figures_count_what_the_caller_may_see,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "open", false).await;
        seed::collection(&app, "amy", "closed", true).await;
        let open = seed::push(&app, "amy", "open/a", "v1", 1).await;
        let closed = seed::push(&app, "amy", "closed/b", "v1", 2).await;
        for digest in [&open.digest, &closed.digest] {
            let home = if *digest == open.digest {
                "open/containers/a"
            } else {
                "closed/containers/b"
            };
            let file = app.url(&format!("/api/v1/collections/{home}/images/{digest}/file"));
            let response = amy.client.get(file).send().await.unwrap();
            assert_eq!(response.status(), 200);
            response.bytes().await.unwrap();
        }
        let figures = async |client: &reqwest::Client| -> RegistryStats {
            sregistry_server::services::pull::flush(app.core())
                .await
                .unwrap();
            read(client.get(app.url("/api/v1/stats")), 200).await
        };
        let seen = figures(&app.client()).await;
        assert_eq!((seen.collections, seen.containers, seen.images), (1, 1, 1));
        assert_eq!((seen.size_bytes, seen.downloads_this_week), (open.size, 1));
        let own = figures(&amy.client).await;
        assert_eq!((own.collections, own.containers, own.images), (2, 2, 2));
        assert_eq!(
            (own.size_bytes, own.downloads_this_week),
            (open.size + closed.size, 2)
        );
        app.clock.advance(Duration::days(7));
        assert_eq!(figures(&amy.client).await.downloads_this_week, 0);
    }
);
