//! Badges of a collection: what they look like, and the lines that show them elsewhere.

use leptos::prelude::*;
use shared_types::Badge;

use crate::{
    components::{copy::CommandBlock, field::Choice},
    routes::{Route, encode},
    state::use_session,
};

/// Those that a collection has.
const KINDS: [(Badge, &str); 5] = [
    (Badge::Name, "Name"),
    (Badge::Downloads, "Downloads"),
    (Badge::Size, "Size"),
    (Badge::Stars, "Stars"),
    (Badge::Containers, "Containers"),
];

/// The ways to write a badge down.
const FORMATS: [(&str, &str); 3] = [
    ("md", "Markdown"),
    ("html", "HTML"),
    ("rst", "reStructuredText"),
];

/// The badges.
#[component]
pub fn Badges(collection: String, private: bool) -> impl IntoView {
    let session = use_session();
    let kind = RwSignal::new(Badge::Name.as_str().to_owned());
    let format = RwSignal::new("md".to_owned());
    let path = format!("/api/v1/collections/{}/badge.svg", encode(&collection));
    let page = Route::Collection(collection.clone()).href();
    let image = move || match kind.get().as_str() {
        "name" => path.clone(),
        kind => format!("{path}?show={kind}"),
    };
    let preview = image.clone();
    let text = Signal::derive(move || {
        let host = session
            .registry()
            .map_or_else(String::new, |registry| registry.url);
        write(
            &format.get(),
            &collection,
            &format!("{host}{}", image()),
            &format!("{host}{page}"),
        )
    });
    let kinds = KINDS.map(|(kind, text)| (kind.as_str().to_owned(), text.to_owned()));
    let formats = FORMATS.map(|(word, text)| (word.to_owned(), text.to_owned()));
    view! {
        <section aria-labelledby="badges">
            <h2 id="badges">"Badges"</h2>
            <p>"A small picture with one fact, for READMEs elsewhere."</p>
            {private.then(|| view! { <p class="quiet">"This collection is private, and so is its badge: only those who may see the collection see it."</p> })}
            <form class="filters">
                <Choice label="It says" name="badge" value=kind options=kinds.to_vec() on_change=move |word| kind.set(word) />
                <Choice label="Write it as" name="badge-format" value=format options=formats.to_vec() on_change=move |word| format.set(word) />
            </form>
            <p class="after"><img class="badge-preview" src=preview alt="The badge" height="20" /></p>
            <CommandBlock text label="Copy the badge" />
        </section>
    }
}

fn write(format: &str, name: &str, image: &str, page: &str) -> String {
    match format {
        "html" => format!("<a href=\"{page}\"><img src=\"{image}\" alt=\"{name}\"></a>"),
        "rst" => format!(".. image:: {image}\n   :target: {page}\n   :alt: {name}"),
        _ => format!("[![{name}]({image})]({page})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_is_written_as_each_language_does() {
        let written = |format| write(format, "climate", "https://r/b.svg", "https://r/c");
        assert_eq!(written("md"), "[![climate](https://r/b.svg)](https://r/c)");
        assert_eq!(
            written("html"),
            "<a href=\"https://r/c\"><img src=\"https://r/b.svg\" alt=\"climate\"></a>"
        );
        assert!(written("rst").starts_with(".. image:: https://r/b.svg\n   :target: https://r/c"));
    }
}
