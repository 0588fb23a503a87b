//! Pictures of teams: taken where they are small and real, served so that browsers keep them.

use shared_types::{ErrorCode, Problem};

use super::{api, team};
use crate::{
    common::TestApp,
    db_test, seed,
    seed::{answered, read},
};

db_test!(
    a_picture_is_kept_served_replaced_and_removed,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        seed::team(&app, "amy", "hpc", &[]).await;
        assert_eq!(team(&app, &amy, "hpc").await.picture, None);
        let url = api(&app, "/teams/hpc/picture");
        answered(app.client().get(&url), 404).await;
        answered(amy.client.put(&url).body(seed::picture()), 204).await;

        let path = team(&app, &amy, "hpc").await.picture.unwrap();
        let response = app.get(&path).await;
        assert_eq!(response.status(), 200);
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "image/png");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["cache-control"], "private, max-age=3600");
        assert_eq!(response.bytes().await.unwrap(), seed::picture());
        let again = app.client().get(app.url(&path));
        let again = again.header("if-none-match", &headers["etag"]);
        assert_eq!(answered(again, 304).await, "");

        let webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\x2f\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
        answered(amy.client.put(&url).body(webp), 204).await;
        let other = team(&app, &amy, "hpc").await.picture.unwrap();
        assert_ne!(other, path, "another picture has another address");
        let response = app.get(&other).await;
        assert_eq!(response.headers()["content-type"], "image/webp");

        for _ in 0..2 {
            answered(amy.client.delete(&url), 204).await;
        }
        assert_eq!(team(&app, &amy, "hpc").await.picture, None);
    }
);

#[tokio::test]
async fn what_is_no_small_picture_is_refused_whatever_it_is_called() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    seed::team(&app, "amy", "hpc", &[]).await;
    let url = api(&app, "/teams/hpc/picture");
    let script = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for bad in [script, "", "GIF89a"] {
        let request = amy.client.put(&url).header("content-type", "image/png");
        let problem: Problem = read(request.body(bad), 422).await;
        assert_eq!(problem.code, ErrorCode::Invalid);
        assert!(problem.fields.contains_key("picture"));
    }
    let large = vec![0_u8; 256 * 1024 + 1];
    let problem: Problem = read(amy.client.put(&url).body(large), 413).await;
    assert_eq!(problem.code, ErrorCode::TooLarge);
    answered(amy.client.get(&url), 404).await;
}
