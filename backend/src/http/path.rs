//! Paths as clients write them: old ones double a slash where they join two parts, others end with one.

use poem::{Request, http::Uri};

/// Writes the path of a request as routes expect it: single slashes, none at the end.
pub fn tidy(request: &mut Request) {
    let path = request.uri().path();
    if path.len() < 2 || !(path.contains("//") || path.ends_with('/')) {
        return;
    }
    let mut tidy = single(path);
    if let Some(query) = request.uri().query() {
        tidy.push('?');
        tidy.push_str(query);
    }
    if let Ok(uri) = tidy.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
}

fn single(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        out.push('/');
        out.push_str(segment);
    }
    if out.is_empty() {
        out.push('/');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_are_single_and_the_rest_is_left_alone() {
        for (written, meant) in [
            (
                "/v1/images//coll/cont:tag?arch=amd64",
                "/v1/images/coll/cont:tag?arch=amd64",
            ),
            ("//version", "/version"),
            ("/api/", "/api"),
            ("/v2/x%2F%2Fy/?a=b//c", "/v2/x%2F%2Fy?a=b//c"),
            ("/", "/"),
            ("/a/b", "/a/b"),
        ] {
            let mut request = Request::builder().uri(written.parse().unwrap()).finish();
            tidy(&mut request);
            assert_eq!(request.uri().to_string(), meant);
        }
    }
}
