//! Search as the clients' command asks for it.

use serde_json::Value;
use sif::Arch;

use super::{Library, image_for};
use crate::{common::TestApp, db_test, seed};

fn found(answer: &Value) -> Vec<String> {
    let images = answer["image"].as_array().unwrap().iter();
    let mut names: Vec<_> = images
        .map(|image| {
            let name = |field: &str| image[field].as_str().unwrap().to_owned();
            let tags: Vec<_> = image["tags"]
                .as_array()
                .unwrap()
                .iter()
                .map(|tag| tag.as_str().unwrap())
                .collect();
            format!(
                "{}/{}/{}:{}",
                name("entityName"),
                name("collectionName"),
                name("containerName"),
                tags.join(",")
            )
        })
        .collect();
    names.sort();
    names
}

db_test!(
    a_search_finds_what_the_caller_may_see,
    async |app: TestApp| {
        let (amy, ben) = (app.user("amy").await, app.user("ben").await);
        seed::collection(&app, "amy", "secret", true).await;
        let (amy, ben) = (Library::of(&app, &amy), Library::of(&app, &ben));
        amy.push(
            "amy/genomics/bwa",
            &["v1", "latest"],
            "amd64",
            &image_for(Arch::Amd64, 1),
        )
        .await;
        amy.push(
            "amy/genomics/bwa",
            &["v1"],
            "arm64",
            &image_for(Arch::Arm64, 2),
        )
        .await;
        amy.push(
            "amy/secret/bwa",
            &["v1"],
            "amd64",
            &image_for(Arch::Amd64, 3),
        )
        .await;
        amy.push(
            "amy/genomics/untagged",
            &[],
            "amd64",
            &image_for(Arch::Amd64, 4),
        )
        .await;
        let search = async |library: &Library<'_>, query: &str| {
            found(&library.get(&format!("/v1/search?{query}")).await.data())
        };
        let public = ["amy/genomics/bwa:latest,v1", "amy/genomics/bwa:v1"];
        for word in ["bwa", "BWA", "genom", "nomics"] {
            assert_eq!(
                search(&ben, &format!("value={word}&arch=amd64,arm64")).await,
                public,
                "{word}"
            );
        }
        assert_eq!(search(&Library::anonymous(&app), "value=bwa").await, public);
        assert_eq!(
            search(&amy, "value=bwa&arch=amd64").await,
            ["amy/genomics/bwa:latest,v1", "amy/secret/bwa:v1"]
        );
        assert_eq!(search(&amy, "value=secret").await, ["amy/secret/bwa:v1"]);
        assert_eq!(search(&ben, "value=secret").await, [""; 0]);
        assert_eq!(
            search(&ben, "value=latest").await,
            ["amy/genomics/bwa:latest,v1"]
        );
        assert_eq!(search(&ben, "value=bwa&arch=ppc64le").await, [""; 0]);
        assert_eq!(search(&ben, "value=bwa&signed=true").await, [""; 0]);
        // What stands for anything in the database stands for itself here.
        assert_eq!(search(&amy, "value=%25%25%25").await, [""; 0]);
        assert_eq!(search(&amy, "value=b_a").await, [""; 0]);
        let limited = app
            .token(
                "amy",
                shared_types::Scope::Pull,
                Some(vec!["genomics".to_owned()]),
            )
            .await;
        assert_eq!(
            search(&Library::with_token(&app, &limited), "value=bwa").await,
            public
        );
    }
);

#[tokio::test]
async fn words_that_are_too_short_are_refused() {
    let app = TestApp::start().await;
    for query in ["", "value=", "value=ab", "value=a%20", "value=%20%20%20"] {
        Library::anonymous(&app)
            .get(&format!("/v1/search?{query}"))
            .await
            .refusal(400);
    }
}

#[tokio::test]
async fn a_search_answers_with_every_kind_as_a_list() {
    let app = TestApp::start().await;
    let answer = Library::anonymous(&app)
        .get("/v1/search?value=nothing&arch=amd64")
        .await
        .data();
    for kind in ["entity", "collection", "container", "image"] {
        assert_eq!(answer[kind], Value::Array(Vec::new()), "{kind}");
    }
}
