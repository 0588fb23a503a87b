//! Private means: strangers get what does-not-exist gets, word for word, by every door of this API.

use serde_json::{Value, json};
use shared_types::{CollectionPage, ContainerPage, RegistryStats, Scope};

use crate::{
    common::{TestApp, with_token},
    seed,
    seed::read,
};

/// Everything one can ask about a collection: method, path below it, body.
const DOORS: &[(&str, &str, &str)] = &[
    ("GET", "", ""),
    ("PATCH", "", "{}"),
    ("DELETE", "", ""),
    ("GET", "/containers/tool", ""),
    ("PATCH", "/containers/tool", "{}"),
    ("DELETE", "/containers/tool", ""),
    ("GET", "/containers/tool/images", ""),
    ("GET", "/containers/tool/images/v1", ""),
    ("GET", "/containers/tool/images/v1/file", ""),
    ("GET", "/containers/tool/history", ""),
    ("DELETE", "/containers/tool/images/DIGEST", ""),
    ("GET", "/containers/tool/images/DIGEST", ""),
    ("PUT", "/containers/tool/tags/v1", "{\"frozen\":true}"),
    ("DELETE", "/containers/tool/tags/v1", ""),
];

/// An answer without what is different in every answer, and with the collection's name taken out.
async fn answer(
    app: &TestApp,
    client: &reqwest::Client,
    door: (&str, &str, &str),
    name: &str,
    digest: &str,
) -> (u16, String) {
    let (method, path, body) = door;
    let path = path.replace("DIGEST", digest);
    let url = app.url(&format!("/api/v1/collections/{name}{path}"));
    let mut request = client.request(method.parse().unwrap(), url);
    if !body.is_empty() {
        request = request
            .header("content-type", "application/json")
            .body(body.to_owned());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let mut headers: Vec<String> = response
        .headers()
        .keys()
        .map(ToString::to_string)
        .filter(|name| name != "content-length")
        .collect();
    headers.sort();
    let text = response.text().await.unwrap();
    let mut body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status} {text}"));
    body["request_id"] = json!("");
    (status, format!("{headers:?} {body}").replace(name, "NAME"))
}

#[tokio::test]
async fn a_private_collection_answers_like_one_that_does_not_exist() {
    let app = TestApp::start().await;
    let (_amy, ben) = (app.user("amy").await, app.user("ben").await);
    seed::collection(&app, "amy", "hidden", true).await;
    seed::collection(&app, "ben", "bens", false).await;
    let pushed = seed::push(&app, "amy", "hidden/tool", "v1", 1).await;
    let elsewhere = Some(vec!["bens".to_owned()]);
    let limited = with_token(&app.token("amy", Scope::Admin, elsewhere).await);
    for (who, client) in [
        ("anonymous", &app.client()),
        ("stranger", &ben.client),
        ("limited", &limited),
    ] {
        for door in DOORS {
            let private = answer(&app, client, *door, "hidden", &pushed.digest).await;
            let missing = answer(&app, client, *door, "absent", &pushed.digest).await;
            assert_eq!(private, missing, "{who} {door:?}");
            let expected = if who == "anonymous" && door.0 != "GET" {
                401
            } else {
                404
            };
            assert_eq!(private.0, expected, "{who} {door:?}");
        }
    }
}

#[tokio::test]
async fn a_private_collection_is_in_no_list_count_search_or_figure_of_strangers() {
    let app = TestApp::start().await;
    let (amy, ben) = (app.user("amy").await, app.user("ben").await);
    let admin = app.admin().await;
    seed::collection(&app, "amy", "hidden", true).await;
    seed::collection(&app, "ben", "bens", false).await;
    seed::push(&app, "amy", "hidden/tool", "v1", 1).await;
    let elsewhere = Some(vec!["bens".to_owned()]);
    let limited = with_token(&app.token("amy", Scope::Admin, elsewhere).await);
    let here = Some(vec!["hidden".to_owned()]);
    let here = with_token(&app.token("amy", Scope::Pull, here).await);
    let anonymous = app.client();
    for (client, seen) in [
        (&anonymous, 0),
        (&ben.client, 0),
        (&limited, 0),
        (&amy.client, 1),
        (&here, 1),
        (&admin.client, 1),
    ] {
        for query in ["?q=hid", "?filter=private"] {
            let url = app.url(&format!("/api/v1/collections{query}"));
            let page: CollectionPage = read(client.get(url), 200).await;
            assert_eq!(
                (page.total, page.items.len() as u64),
                (seen, seen),
                "{query}"
            );
        }
        for query in ["", "?q=hidden", "?q=v1", "?q=tool"] {
            let url = app.url(&format!("/api/v1/containers{query}"));
            let page: ContainerPage = read(client.get(url), 200).await;
            assert_eq!(
                (page.total, page.items.len() as u64),
                (seen, seen),
                "{query}"
            );
        }
        let stats: RegistryStats = read(client.get(app.url("/api/v1/stats")), 200).await;
        let figures = (stats.collections, stats.containers, stats.images);
        assert_eq!(figures, (1 + seen, seen, seen), "beside the open one");
    }
}
