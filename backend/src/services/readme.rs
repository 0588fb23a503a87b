//! Markdown that people wrote, as HTML that is safe to put into a page.
//!
//! Rule: what comes out has no script, no event, no style, no form, and no address but web, mail and in-page ones.

use std::collections::HashSet;

use pulldown_cmark::{Options, Parser, html};

use super::{Error, Result};

/// Texts below this many bytes are rendered at once, in less than a millisecond.
const SHORT: usize = 4096;

/// Turns Markdown into sanitised HTML.
pub fn render(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let mut raw = String::with_capacity(markdown.len().saturating_mul(3) / 2);
    html::push_html(&mut raw, Parser::new_ext(markdown, options));
    sanitiser().clean(&raw).to_string()
}

/// As `render`, where a long text keeps no other request waiting.
///
/// # Errors
/// The server is stopping.
pub async fn render_off_thread(markdown: String) -> Result<String> {
    if markdown.len() < SHORT {
        return Ok(render(&markdown));
    }
    tokio::task::spawn_blocking(move || render(&markdown))
        .await
        .map_err(Error::internal)
}

fn sanitiser() -> ammonia::Builder<'static> {
    let mut builder = ammonia::Builder::default();
    builder
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("nofollow noopener noreferrer"))
        // Headings and footnotes may be linked to, in a space of their own so that no id of the page is taken.
        .id_prefix(Some("readme-"))
        .add_tags(["input"])
        .add_tag_attributes("input", ["disabled", "checked"])
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("img", "loading", "lazy")
        .set_tag_attribute_value("img", "referrerpolicy", "no-referrer");
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_markdown_becomes_ordinary_html() {
        let html = render(
            "# Tools\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n[docs](https://example.org)",
        );
        for part in [
            "<h1>Tools</h1>",
            "<td>1</td>",
            "checked",
            "href=\"https://example.org\"",
            "nofollow",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn nothing_that_runs_or_phones_home_survives() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "![x](data:image/svg+xml;base64,PHN2Zz4=)",
            "<iframe src=https://example.org></iframe>",
            "<a href=\"vbscript:x\">x</a>",
            "<p style=\"position:fixed\">x</p>",
            "<form action=/login><input name=password></form>",
            "<svg><script>alert(1)</script></svg>",
            "<input type=text name=password value=x onfocus=alert(1)>",
        ];
        for markdown in hostile {
            let html = render(markdown);
            for bad in [
                "<script",
                "onerror",
                "onfocus",
                "javascript:",
                "vbscript:",
                "data:",
                "<iframe",
                "style=",
                "<form",
                "name=",
                "type=\"text\"",
            ] {
                assert!(
                    !html.contains(bad),
                    "{bad} survived in {html}, from {markdown}"
                );
            }
        }
    }

    #[test]
    fn a_large_text_is_rendered_in_linear_time() {
        let deep = format!("{}x", "> ".repeat(20_000));
        assert!(render(&deep).contains('x'));
        let wide = "[".repeat(100_000);
        assert!(render(&wide).contains('['));
    }
}
