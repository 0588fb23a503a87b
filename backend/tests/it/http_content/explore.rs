//! The treemap and the labels: what there is, as far as the caller may see it.

use shared_types::{ContainerPage, LabelKeys, LabelValues, Treemap, TreemapLevel};
use sregistry_server::domain::access::Membership;

use crate::{
    common::TestApp,
    db_test, seed,
    seed::{answered, read},
};

async fn treemap(app: &TestApp, client: &reqwest::Client, query: &str) -> Treemap {
    read(client.get(app.url(&format!("/api/v1/treemap{query}"))), 200).await
}

async fn some(app: &TestApp) {
    seed::collection(app, "amy", "open", false).await;
    seed::collection(app, "amy", "empty", false).await;
    seed::collection(app, "amy", "closed", true).await;
    for (path, seed) in [("open/b", 1), ("open/a", 2), ("closed/c", 3)] {
        seed::push(app, "amy", path, "v1", seed).await;
    }
}

db_test!(
    a_treemap_holds_what_the_caller_may_see,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        some(&app).await;
        let all = treemap(&app, &amy.client, "").await;
        assert_eq!((all.level, all.containers), (TreemapLevel::Containers, 3));
        let names: Vec<_> = all
            .collections
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(names, ["closed", "open"], "what is empty has no rectangle");
        let open = &all.collections[1];
        assert_eq!(open.names, ["a", "b"]);
        assert_eq!((open.containers, open.counts.as_slice()), (2, &[0, 0][..]));
        assert_eq!(open.sizes.iter().sum::<u64>(), open.size_bytes);
        assert!(open.sizes.iter().all(|size| *size > 0));

        let seen = treemap(&app, &app.client(), "").await;
        assert_eq!(
            (seen.collections.as_slice(), seen.containers),
            (&all.collections[1..], 2)
        );
        let one = treemap(&app, &amy.client, "?collection=closed").await;
        assert_eq!(one.collections, all.collections[..1]);
        for hidden in ["closed", "nothing"] {
            let path = app.url(&format!("/api/v1/treemap?collection={hidden}"));
            answered(app.client().get(path), 404).await;
        }
    }
);

#[tokio::test]
async fn above_the_number_of_the_settings_a_treemap_shows_collections() {
    let app =
        TestApp::settings_with(|settings| settings.registry.treemap_collection_switch = 2).await;
    let amy = app.user("amy").await;
    some(&app).await;
    let all = treemap(&app, &amy.client, "").await;
    assert_eq!((all.level, all.containers), (TreemapLevel::Collections, 3));
    assert!(all.collections.iter().all(|one| one.names.is_empty()));
    assert_eq!(all.collections[1].containers, 2);
    let one = treemap(&app, &amy.client, "?collection=open").await;
    assert_eq!(one.level, TreemapLevel::Containers);
    assert_eq!(one.collections[0].names, ["a", "b"]);
    // A visitor sees fewer, and those fit.
    let seen = treemap(&app, &app.client(), "").await;
    assert_eq!(seen.level, TreemapLevel::Containers);
}

/// Writes labels on the image that a push made, as reading it does.
async fn label(app: &TestApp, image: i64, labels: &[(&str, &str)]) {
    let labels: Vec<(String, String)> = labels
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    app.core()
        .db
        .write(async move |tx| sregistry_server::repo::label::replace(tx, image, &labels).await)
        .await
        .unwrap();
}

db_test!(
    labels_are_counted_and_lead_to_containers,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::collection(&app, "amy", "open", false).await;
        seed::collection(&app, "amy", "closed", true).await;
        for (path, seed, value) in [
            ("open/a", 1, "Amy"),
            ("open/b", 2, "Amy"),
            ("open/c", 3, "100%_sure"),
            ("closed/d", 4, "secret"),
        ] {
            let pushed = seed::push(&app, "amy", path, "v1", seed).await;
            label(&app, pushed.ids[2], &[("maintainer", value), (path, "x")]).await;
        }
        let keys = async |client: &reqwest::Client, query: &str| -> LabelKeys {
            read(client.get(app.url(&format!("/api/v1/labels{query}"))), 200).await
        };
        let found = keys(&amy.client, "").await;
        assert_eq!(found.total, 5);
        let first = &found.items[0];
        assert_eq!(
            (first.key.as_str(), first.values, first.images),
            ("maintainer", 3, 4)
        );
        assert_eq!(keys(&app.client(), "").await.items[0].values, 2);
        let narrowed = keys(&app.client(), "?q=OPEN/").await;
        assert_eq!((narrowed.items.len(), narrowed.total), (3, 3));
        assert_eq!(keys(&app.client(), "?q=closed").await.total, 0);

        let values = async |query: &str| -> LabelValues {
            let url = app.url(&format!("/api/v1/label_values?key={query}"));
            read(app.client().get(url), 200).await
        };
        let all: Vec<_> = values("maintainer").await.items;
        assert_eq!(
            all.iter()
                .map(|one| (one.value.as_str(), one.images))
                .collect::<Vec<_>>(),
            [("Amy", 2), ("100%_sure", 1)]
        );
        assert_eq!(values("maintainer&q=%25_").await.total, 1);
        assert_eq!(values("maintainer&q=secret").await.total, 0);
        assert_eq!(values("nothing").await.items, []);

        let containers = async |query: &str| -> Vec<String> {
            let url = app.url(&format!("/api/v1/containers?sort=name&{query}"));
            let page: ContainerPage = read(app.client().get(url), 200).await;
            page.items.into_iter().map(|one| one.name).collect()
        };
        assert_eq!(containers("label=maintainer").await, ["a", "b", "c"]);
        assert_eq!(
            containers("label=maintainer&label_value=Amy").await,
            ["a", "b"]
        );
        assert_eq!(
            containers("label=maintainer&label_value=Amy&q=b").await,
            ["b"]
        );
        assert_eq!(
            containers("label=maintainer&label_value=amy").await,
            [""; 0]
        );
        assert_eq!(containers("arch=amd64").await, ["a", "b", "c"]);
        assert_eq!(containers("arch=riscv64").await, [""; 0]);
        let alone = app.url("/api/v1/containers?label_value=Amy");
        answered(app.client().get(alone), 400).await;
    }
);

db_test!(
    owners_of_what_is_found_are_counted_and_narrow_it_down,
    async |app: TestApp| {
        app.user("amy").await;
        let (ben, cara) = (app.user("ben").await, app.user("cara").await);
        for (owner, name, private) in [
            ("amy", "open", false),
            ("amy", "shared", false),
            ("ben", "closed", true),
        ] {
            seed::collection(&app, owner, name, private).await;
        }
        seed::member(&app, "shared", "ben", Membership::Owner).await;
        seed::contributor(&app, "open", "cara").await;
        for (by, path, seed) in [
            ("amy", "open/a", 1),
            ("amy", "open/b", 2),
            ("amy", "shared/c", 3),
            ("ben", "closed/d", 4),
        ] {
            seed::push(&app, by, path, "v1", seed).await;
        }
        let find = async |client: &reqwest::Client, query: &str| -> (String, String) {
            let url = app.url(&format!("/api/v1/containers?sort=name&{query}"));
            let page: ContainerPage = read(client.get(url), 200).await;
            assert_eq!(page.total, page.items.len() as u64, "{query}");
            let names: Vec<_> = page.items.into_iter().map(|one| one.name).collect();
            let owners = page.owners.into_iter();
            let owners: Vec<_> = owners
                .map(|one| format!("{} {}", one.username, one.containers))
                .collect();
            (names.join(" "), owners.join(", "))
        };
        let found = |names: &str, owners: &str| (names.to_owned(), owners.to_owned());
        let visitor = app.client();
        for (client, query, expected) in [
            (&visitor, "owners=true", found("a b c", "amy 3, ben 1")),
            (&visitor, "", found("a b c", "")),
            (&visitor, "owners=true&q=open", found("a b", "amy 2")),
            // Who chose one owner can choose another.
            (
                &visitor,
                "owners=true&owner=ben",
                found("c", "amy 3, ben 1"),
            ),
            (&visitor, "owner=amy&q=shared", found("c", "")),
            (&visitor, "owners=true&q=closed", found("", "")),
            (&cara.client, "owners=true", found("a b c", "amy 3, ben 1")),
            (&ben.client, "owners=true", found("a b c d", "amy 3, ben 2")),
            (&ben.client, "owner=ben", found("c d", "")),
            // Whoever only contributes owns nothing, and what nobody is called is nobody's.
            (&visitor, "owner=cara", found("", "")),
            (&visitor, "owner=Amy", found("", "")),
            (&visitor, "owner=no%20body", found("", "")),
        ] {
            assert_eq!(find(client, query).await, expected, "{query}");
        }
        let one_page = find(&visitor, "owners=true&collection=open").await;
        assert_eq!(one_page, found("a b", "amy 2"));
        answered(visitor.get(app.url("/api/v1/containers?owners=2")), 400).await;
    }
);
