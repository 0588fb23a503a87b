//! The description of the API as a file, and the page to read and try it.

use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_STANDARD};
use poem::{Body, IntoResponse, Response, handler, http::header};
use sha2::{Digest, Sha256};

/// The description, made once.
static DOCUMENT: LazyLock<String> = LazyLock::new(super::document);

/// How the page begins: as a page of today, in English.
const START: &str = "<!doctype html>\n<html lang=\"en\">";

/// The page's title, and that it has no icon to fetch.
const HEAD: &str = "<title>API of this registry</title>\n<link rel=\"icon\" href=\"data:,\">";

/// The page and its policy, made once.
static PAGE: LazyLock<(bytes::Bytes, String)> = LazyLock::new(|| {
    let service = super::service();
    // The page has its description inside; ours has the other protocols too. `<` would end the script early.
    let ours = DOCUMENT.replace('<', "\\u003c");
    let page = service
        .swagger_ui_html()
        .replace(&service.spec(), &ours)
        .replace("<html charset=\"UTF-8\">", START)
        .replace("<title>Swagger UI</title>", HEAD);
    let policy = policy(&page);
    (page.into(), policy)
});

/// Shows the page.
#[handler]
pub fn show() -> Response {
    let (page, policy) = &*PAGE;
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .body(Body::from_bytes(page.clone()))
}

/// Sends the description.
#[handler]
pub fn document() -> Response {
    Body::from(DOCUMENT.as_str())
        .with_content_type("application/json")
        .with_header(header::CACHE_CONTROL, "no-cache")
        .into_response()
}

/// What the page may do: run the scripts that it carries, and call this server.
fn policy(page: &str) -> String {
    let hashes: Vec<String> = scripts(page)
        .map(|script| {
            format!(
                "'sha256-{}'",
                BASE64_STANDARD.encode(Sha256::digest(script))
            )
        })
        .collect();
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hashes.join(" ")
    )
}

/// What stands between each `<script …>` and `</script>`, as a browser reads it.
fn scripts(page: &str) -> impl Iterator<Item = &str> {
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once("<script")?;
        let (_, body) = after.split_once('>')?;
        let (script, tail) = body.split_once("</script")?;
        rest = tail;
        Some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_carries_our_description_and_nothing_else_runs() {
        let (page, policy) = &*PAGE;
        let page = std::str::from_utf8(page).unwrap();
        assert!(page.contains("/v1/images"), "the other protocols are in it");
        assert_eq!(scripts(page).count(), 2);
        assert_eq!(policy.matches("'sha256-").count(), 2);
    }
}
