//! What refers to a manifest, page by page.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{EMPTY, MANIFEST, Oci};
use crate::{common::TestApp, db_test};

const NAME: &str = "amy/tools/subject";

/// The manifest that all the others refer to.
fn subject() -> String {
    format!("sha256:{}", "a".repeat(64))
}

/// Makes `count` artefacts that refer to the subject, with this text in an annotation; gives their digests.
async fn refer(oci: &Oci<'_>, count: usize, kind: &str, text: &str) -> Vec<String> {
    let mut digests = Vec::new();
    for number in 0..count {
        let value = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": kind,
            "config": { "mediaType": EMPTY, "size": 2,
                "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" },
            "layers": [],
            "subject": { "mediaType": MANIFEST, "digest": subject(), "size": 3 },
            "annotations": { "number": number.to_string(), "text": text },
        });
        let bytes = Bytes::from(serde_json::to_vec(&value).unwrap());
        let digest = format!("sha256:{}", crate::wire_library::hex_of(&bytes));
        let kept = oci.manifest(NAME, &digest, &value).await;
        assert_eq!(kept.status, 201, "{}", kept.text());
        digests.push(digest);
    }
    digests
}

/// A page's digests, and where the next one is.
async fn page(oci: &Oci<'_>, path: &str) -> (Vec<String>, Option<String>) {
    let answer = oci.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let index = answer.json();
    let found = index["manifests"].as_array().unwrap().iter();
    let digest = |one: &Value| one["digest"].as_str().unwrap().to_owned();
    let next = answer.header("link");
    let next = next.strip_prefix('<').map(|link| {
        let (path, rel) = link.split_once('>').unwrap();
        assert_eq!(rel, "; rel=\"next\"");
        path.to_owned()
    });
    (found.map(digest).collect(), next)
}

/// All pages from a path on.
async fn pages(oci: &Oci<'_>, path: &str) -> Vec<Vec<String>> {
    let (mut all, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let (found, after) = page(oci, &path).await;
        all.push(found);
        next = after;
    }
    all
}

db_test!(
    what_refers_comes_in_pages_and_the_filter_stays,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let oci = Oci::of(&app, &amy);
        let notes = refer(&oci, 5, "text/x-notes", "").await;
        let bills = refer(&oci, 4, "text/x+bill", "").await;
        let path = format!("/v2/amy/tools/subject/referrers/{}", subject());

        let all = pages(&oci, &path).await;
        assert_eq!(
            all,
            [[notes.clone(), bills.clone()].concat()],
            "one page is enough"
        );
        let all = pages(&oci, &format!("{path}?n=2")).await;
        assert_eq!(
            all.iter().map(Vec::len).collect::<Vec<_>>(),
            [2, 2, 2, 2, 1]
        );
        assert_eq!(all.concat(), [notes.clone(), bills.clone()].concat());
        // No empty page at the end.
        let all = pages(&oci, &format!("{path}?n=3")).await;
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3]);

        let filtered = format!("{path}?n=3&artifactType=text%2Fx%2Bbill");
        let (_, next) = page(&oci, &filtered).await;
        let next = next.unwrap();
        assert!(next.contains("artifactType=text%2Fx%2Bbill"), "{next}");
        let answer = oci.get(&next).await;
        assert_eq!(answer.header("oci-filters-applied"), "artifactType");
        let all = pages(&oci, &filtered).await;
        assert_eq!((all.len(), all.concat()), (2, bills.clone()));

        // What goes meanwhile takes nothing else with it.
        let (first, next) = page(&oci, &format!("{path}?n=2")).await;
        let gone = format!("/v2/{NAME}/manifests/{}", first[1]);
        assert_eq!(oci.ask(reqwest::Method::DELETE, &gone).await.status, 202);
        let rest = pages(&oci, &next.unwrap()).await.concat();
        assert_eq!(rest, [&notes[2..], &bills[..]].concat());

        let (none, next) = page(&oci, &format!("{path}?n=0")).await;
        assert_eq!((none.len(), next), (0, None));
        for bad in ["n=x", "n=-1", "last=x"] {
            let refused = oci.get(&format!("{path}?{bad}")).await;
            assert_eq!(refused.status, 400, "{bad}");
        }
    }
);

#[tokio::test]
async fn what_is_said_at_length_makes_shorter_pages() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let oci = Oci::of(&app, &amy);
    let long = "x".repeat(1_500_000);
    let sent = refer(&oci, 7, "text/x-notes", &long).await;
    let path = format!("/v2/amy/tools/subject/referrers/{}", subject());
    let all = pages(&oci, &path).await;
    assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2, 1]);
    assert_eq!(all.concat(), sent);
}
