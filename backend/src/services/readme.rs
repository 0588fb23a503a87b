//! Markdown that people wrote, as HTML that is safe to put into a page.
//!
//! Rule: what comes out has no script, no event, no style, no form, and no address but web, mail and in-page ones.

use std::collections::HashSet;

use pulldown_cmark::{Event, Options, Parser, html};

use super::{Error, Result};

/// Texts below this many bytes are rendered at once, in less than a millisecond.
const SHORT: usize = 4096;

/// What one text may become, in pieces of Markdown: a table of 100 KB can ask for millions of empty cells. The rest is cut off.
const MOST_EVENTS: usize = 200_000;

/// How deep quotes, lists and emphasis may go: the time to make HTML safe grows with it. What is deeper is made flat.
const DEEPEST: usize = 64;

/// Largest image that may be in the text itself, in characters of its address.
const SMALL_IMAGE: usize = 32 * 1024;

/// What such an image's address begins with: pictures made of points, which cannot hold scripts.
const IMAGES: &[&str] = &[
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/gif;base64,",
    "data:image/webp;base64,",
];

/// The tags that are taken as they are written; of others only what they hold is kept, so that nothing stays open.
const VOID_TAGS: &[&str] = &["br", "hr", "img"];

/// Turns Markdown into sanitised HTML.
pub fn render(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let mut depth = 0_usize;
    let bounded = Parser::new_ext(markdown, options)
        .take(MOST_EVENTS)
        .filter(move |event| match event {
            Event::Start(_) => {
                depth += 1;
                depth <= DEEPEST
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                depth < DEEPEST
            }
            _ => true,
        })
        .map(|event| match event {
            Event::Html(tags) => Event::Html(flatten(&tags).into()),
            Event::InlineHtml(tags) => Event::InlineHtml(flatten(&tags).into()),
            other => other,
        });
    let mut raw = String::with_capacity(markdown.len().saturating_mul(3) / 2);
    html::push_html(&mut raw, bounded);
    sanitiser().clean(&raw).to_string()
}

/// Takes the tags out of HTML that somebody wrote, but for those that hold nothing.
fn flatten(html: &str) -> String {
    let mut flat = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((text, tag_on)) = rest.split_once('<') {
        flat.push_str(text);
        let Some(end) = end_of_tag(tag_on) else {
            flat.push_str("&lt;");
            rest = tag_on;
            continue;
        };
        let (tag, after) = tag_on.split_at(end);
        let name: String = tag
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if VOID_TAGS.contains(&name.to_ascii_lowercase().as_str()) {
            flat.push('<');
            flat.push_str(tag);
            flat.push('>');
        }
        rest = after.strip_prefix('>').unwrap_or(after);
    }
    flat.push_str(rest);
    flat
}

/// Where the `>` is that ends a tag, quotes respected; nothing where it never ends.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some(at),
            (None, '<') => return None,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    None
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
        .url_schemes(HashSet::from(["http", "https", "mailto", "data"]))
        .attribute_filter(|element, attribute, value| {
            let small =
                value.len() <= SMALL_IMAGE && IMAGES.iter().any(|start| value.starts_with(start));
            let taken = !is_data(value) || (element == "img" && attribute == "src" && small);
            taken.then(|| value.into())
        })
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

/// Whether a browser would read an address as a `data:` one, whatever blanks and capitals it has.
fn is_data(address: &str) -> bool {
    let mut letters = address
        .chars()
        .filter(|letter| !letter.is_whitespace() && !letter.is_control())
        .map(|letter| letter.to_ascii_lowercase());
    "data:"
        .chars()
        .all(|expected| letters.next() == Some(expected))
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
    fn only_small_pictures_may_be_in_the_text_itself() {
        let small = render("![x](data:image/png;base64,iVBORw0KGgo=)");
        assert!(small.contains("data:image/png"), "{small}");
        let large = format!("![x](data:image/png;base64,{})", "A".repeat(SMALL_IMAGE));
        let others = [
            large.as_str(),
            "[x](data:image/png;base64,iVBORw0KGgo=)",
            "<a href=\" DA\tTA:text/html,x\">x</a>",
            "<img src=\"data:text/html,x\">",
            "<img src=\"data:image/svg+xml;base64,x\">",
        ];
        for markdown in others {
            let html = render(markdown).to_lowercase();
            assert!(
                !html.contains("data:") && !html.contains("ta:text"),
                "{html}"
            );
        }
    }

    #[test]
    fn a_table_of_countless_empty_cells_is_cut_off() {
        let columns = "|a".repeat(20_000);
        let rule = "|-".repeat(20_000);
        let rows = "|\n".repeat(20_000);
        let html = render(&format!("{columns}|\n{rule}|\n{rows}"));
        assert!(html.len() < 16 << 20, "{} bytes", html.len());
    }

    #[test]
    fn what_somebody_wrote_in_html_keeps_its_text_and_loses_its_tags() {
        for (markdown, html) in [
            ("a <b>bold</b> word", "<p>a bold word</p>\n"),
            (
                "<div align=\"center\">\n<h1>Tools &amp; more</h1>\n</div>",
                "\nTools &amp; more\n",
            ),
            ("1 < 2 <3", "<p>1 &lt; 2 &lt;3</p>\n"),
            ("<p title=\"a>b\">x</p>", "x"),
            ("<div <div", "&lt;div &lt;div"),
        ] {
            assert_eq!(render(markdown), html, "{markdown}");
        }
        let image = render("<img src=\"https://example.org/a.png\" onerror=\"x()\">");
        assert!(image.contains("src=\"https://example.org/a.png\"") && !image.contains("onerror"));
        assert!(render("one<br>two").contains("one<br>two"));
    }

    #[test]
    fn the_largest_text_takes_linear_time_whatever_is_in_it() {
        // Each of these once took minutes somewhere: in quadratic time this test does not end.
        const LARGEST: usize = shared_types::names::MAX_README;
        for piece in [
            "> ",
            "- ",
            "[",
            "*a ",
            "<div>\n\n",
            "<div <",
            "<b>",
            "**a ",
            "`",
            "![",
            "<a \"",
            "x\n> ",
        ] {
            let text = piece.repeat(LARGEST / piece.len());
            let html = render(&format!("{text}x"));
            assert!(html.len() < 16 * LARGEST, "{piece}: {}", html.len());
        }
    }
}
