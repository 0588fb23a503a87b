//! The page itself: which scripts and styles it may run, and what stands in its place when it was not built.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The name of the page among the files.
pub const INDEX: &str = "index.html";

/// Shown where the web application was not built. Everything else works.
pub const MISSING: &str = include_str!("missing.html");

/// The hosts of Google Analytics: for scripts, pictures and calls.
const STATISTICS: [&str; 3] = [
    " https://www.googletagmanager.com",
    " https://*.google-analytics.com https://www.googletagmanager.com",
    " https://*.google-analytics.com https://*.analytics.google.com https://www.googletagmanager.com",
];

/// The page with the registry's name in place of the one that it was built with: as its title, and wherever an element holds just
/// that name. So the first paint is right.
pub fn titled(html: &str, name: &str) -> String {
    let title = html
        .split_once("<title>")
        .and_then(|(_, rest)| Some(rest.split_once("</title>")?.0));
    let Some(title) = title else {
        return html.to_owned();
    };
    let mut escaped = String::new();
    for c in name.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
    }
    html.replace(&format!(">{title}</"), &format!(">{escaped}</"))
}

/// The address of the page's icon.
pub fn icon(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("<link rel=\"icon\" href=\"")?;
    Some(rest.split_once('"')?.0)
}

/// The content security policy of a page: its own files, its inline scripts and styles by their hashes, WebAssembly; and the hosts of
/// the statistics where the registry `counts` visits.
pub fn policy(html: &str, counts: bool) -> String {
    let scripts = hashes(html, "script");
    let styles = hashes(html, "style");
    let [tag, pictures, calls] = if counts { STATISTICS } else { [""; 3] };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}{tag}; style-src 'self'{styles}; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:{pictures}; font-src 'self'; connect-src 'self'{calls}; \
         manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

/// The hashes of the inline elements of this name, each with a space before it.
fn hashes(html: &str, element: &str) -> String {
    let mut out = String::new();
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut rest = html;
    while let Some((_, after)) = rest.split_once(&open) {
        let Some((attributes, body)) = after.split_once('>') else {
            break;
        };
        let Some((body, after)) = body.split_once(&close) else {
            break;
        };
        if !attributes.contains("src=") && !body.is_empty() {
            let hash = STANDARD.encode(Sha256::digest(body.as_bytes()));
            out.push_str(" 'sha256-");
            out.push_str(&hash);
            out.push('\'');
        }
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_scripts_and_styles_are_allowed_by_hash_and_others_are_not() {
        let html = "<script src=\"/a.js\"></script><script type=\"module\">alert(1)</script><style>a{}</style>";
        let policy = policy(html, false);
        let hash = |body: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(body)));
        let (_, scripts) = policy.split_once("script-src ").unwrap();
        let (scripts, _) = scripts.split_once(';').unwrap();
        assert_eq!(
            scripts,
            format!("'self' 'wasm-unsafe-eval' {}", hash("alert(1)"))
        );
        assert!(policy.contains(&format!("style-src 'self' {};", hash("a{}"))));
        assert!(!policy.contains("https:"), "no host but our own: {policy}");
    }

    #[test]
    fn the_hosts_of_statistics_are_allowed_where_visits_are_counted() {
        let policy = policy("", true);
        assert!(
            policy
                .contains("script-src 'self' 'wasm-unsafe-eval' https://www.googletagmanager.com;")
        );
        assert!(policy.contains("connect-src 'self' https://*.google-analytics.com"));
        assert!(!policy.contains("script-src 'self' 'unsafe-inline'"));
    }

    #[test]
    fn the_title_is_the_name_and_nothing_but_text() {
        let html = "<head><title>Old</title></head>";
        assert_eq!(
            titled(html, "A & B"),
            "<head><title>A &amp; B</title></head>"
        );
        assert_eq!(
            titled(html, "</title><script>"),
            "<head><title>&lt;/title>&lt;script></title></head>"
        );
        let page = "<title>Old</title><h1>Old</h1><p>Old times</p>";
        assert_eq!(
            titled(page, "New"),
            "<title>New</title><h1>New</h1><p>Old times</p>"
        );
        assert_eq!(titled("<p>", "x"), "<p>");
    }

    #[test]
    fn the_stand_in_page_runs_nothing() {
        assert!(!MISSING.contains("<script"));
    }
}
