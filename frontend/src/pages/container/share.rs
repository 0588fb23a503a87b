//! Share links: for people without an account, for a time, for a number of downloads.

use leptos::prelude::*;
use shared_types::{Image, IssuedShareLink, NewShareLink, ShareLink, ShareState};

use crate::{
    api::shares,
    components::{
        act::{Act, Deed},
        copy::{CommandBlock, CopyButton},
        dialog::Dialog,
        field::{Choice, TextField},
        form::{Attempt, Form},
        icon::{Glyph, Icon},
        load::Load,
        when::When,
    },
    state::ask,
    util::{text, time},
};

/// How long a link works, in hours.
const LIVES: [(&str, &str); 5] = [
    ("1", "1 hour"),
    ("24", "1 day"),
    ("168", "1 week"),
    ("720", "30 days"),
    ("2160", "90 days"),
];

/// How many downloads it gives; the empty word is any number.
const USES: [(&str, &str); 5] = [
    ("1", "1 download"),
    ("3", "3 downloads"),
    ("10", "10 downloads"),
    ("100", "100 downloads"),
    ("", "Any number"),
];

/// The button and its dialog.
#[component]
pub fn Share(
    /// The image.
    image: Image,
    /// The tag by which the page shows it, or its digest.
    reference: String,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let shared = StoredValue::new(Some((image, reference)));
    view! {
        <button type="button" class="button" on:click=move |_| open.set(true)>
            <Glyph icon=Icon::Share />
            "Share"
        </button>
        <ShareDialog shared open />
    }
}

/// The dialog: a list of images has one for all of them.
#[component]
pub fn ShareDialog(
    /// The image, and the tag by which it is shown or its digest, as they are when the dialog opens.
    shared: StoredValue<Option<(Image, String)>>,
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog open title="Share this image">
            {move || shared.get_value().map(|(image, reference)| view! { <Links image reference open /> })}
        </Dialog>
    }
}

/// What the dialog holds: a fresh link, or the form for one; and those that there are.
#[component]
fn Links(image: Image, reference: String, open: RwSignal<bool>) -> impl IntoView {
    let issued = RwSignal::new(None::<IssuedShareLink>);
    let asked = image.clone();
    let links = ask(move || shares::list(&asked.collection, &asked.container, &asked.digest));
    let changed = Callback::new(move |()| links.refetch());
    let stored = StoredValue::new((image, reference));
    view! {
        <p class="quiet">"Whoever has the link can download this one image, without an account, until the link ends. The link stays with the image when a tag moves."</p>
        {move || {
            if let Some(link) = issued.get() {
                return view! { <Fresh link issued /> }.into_any();
            }
            let (image, reference) = stored.get_value();
            view! { <NewLink image reference issued changed /> }.into_any()
        }}
        <Load
            resource=links
            lines=2
            children=move |page| {
                (!page.items.is_empty())
                    .then(|| {
                        view! {
                            <h3>"Links to this image"</h3>
                            <ul class="links">
                                {page.items.into_iter().map(|link| view! { <Row link changed /> }).collect_view()}
                            </ul>
                        }
                    })
            }
        />
        <div class="actions end">
            <button type="button" class="button" on:click=move |_| open.set(false)>"Close"</button>
        </div>
    }
}

#[component]
fn NewLink(
    image: Image,
    reference: String,
    issued: RwSignal<Option<IssuedShareLink>>,
    changed: Callback<()>,
) -> impl IntoView {
    let attempt = Attempt::new();
    let life = RwSignal::new("168".to_owned());
    let uses = RwSignal::new("3".to_owned());
    let note = RwSignal::new(String::new());
    let submit = move |()| {
        let link = request(
            &life.get_untracked(),
            &uses.get_untracked(),
            &note.get_untracked(),
        );
        let arch = image
            .arch
            .as_deref()
            .filter(|_| !reference.starts_with("sha256:"));
        let call = shares::create(
            &image.collection,
            &image.container,
            &reference,
            arch.unwrap_or_default(),
            &link,
        );
        attempt.run(call, move |link| {
            issued.set(Some(link));
            changed.run(());
        });
    };
    let options = |all: [(&str, &str); 5]| {
        all.map(|(word, text)| (word.to_owned(), text.to_owned()))
            .to_vec()
    };
    view! {
        <Form attempt submit label="Make a link">
            <div class="row">
                <Choice label="Works for" name="share-life" value=life options=options(LIVES) on_change=move |word| life.set(word) />
                <Choice label="Gives" name="share-uses" value=uses options=options(USES) on_change=move |word| uses.set(word) />
            </div>
            <TextField label="Note (optional)" name="note" value=note hint="Whom it is for; only seen here." problem=attempt.wrong("note") />
        </Form>
    }
}

fn request(life: &str, uses: &str, note: &str) -> NewShareLink {
    NewShareLink {
        expires_in_hours: life.parse().unwrap_or(24),
        max_uses: uses.parse().ok(),
        note: text::filled(note),
    }
}

/// The new link: the only time that it is shown.
#[component]
fn Fresh(link: IssuedShareLink, issued: RwSignal<Option<IssuedShareLink>>) -> impl IntoView {
    let name = link
        .url
        .rsplit('/')
        .next()
        .unwrap_or("image.sif")
        .to_owned();
    let command = format!("curl -fL -C - -o {name} {}", link.url);
    view! {
        <div class="issued" role="status">
            <h3>"Here is the link"</h3>
            <p>"Copy it now: the registry keeps only a fingerprint and cannot show it again."</p>
            <div class="secret"><code>{link.url.clone()}</code><CopyButton text=Signal::stored(link.url) label="Copy the link" /></div>
            <p class="quiet">"It opens in a browser; on the command line, this goes on after a break:"</p>
            <CommandBlock text=Signal::stored(command) label="Copy the download command" />
            <button type="button" class="button" on:click=move |_| issued.set(None)>"Make another"</button>
        </div>
    }
}

#[component]
fn Row(link: ShareLink, changed: Callback<()>) -> impl IntoView {
    let live = link.state == ShareState::Active;
    let id = StoredValue::new(link.id.clone());
    let revoke = Deed::new(
        move || shares::revoke(&id.get_value()),
        "Link revoked.",
        changed,
    );
    let title = if link.note.is_empty() {
        "Without a note".to_owned()
    } else {
        link.note.clone()
    };
    let label = format!("Revoke: {title}");
    view! {
        <li class:off=!live>
            <div>
                <strong>{title}</strong>
                <p class="quiet">
                    {state(&link, time::now())} " · " {used(&link)} " · made " <When at=link.created_at />
                    {link.created_by.clone().map(|user| format!(" by {user}"))}
                </p>
            </div>
            {live.then(|| view! { <Act label="Revoke" about=label deed=revoke /> })}
        </li>
    }
}

fn state(link: &ShareLink, now: i64) -> String {
    match link.state {
        ShareState::Active => match time::until(link.expires_at, now) {
            Some(left) => format!("ends {left}"),
            None => "ends now".to_owned(),
        },
        ShareState::Expired => "its time is over".to_owned(),
        ShareState::UsedUp => "used up".to_owned(),
        ShareState::Revoked => "revoked".to_owned(),
        ShareState::Gone => "the image is gone".to_owned(),
    }
}

/// How often a link was used, and how often it may be.
pub fn used(link: &ShareLink) -> String {
    match link.max_uses {
        Some(most) => format!("{} of {}", link.uses, text::counted(most, "downloads")),
        None => text::counted(link.uses, "downloads"),
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn the_form_becomes_a_request() {
        let link = request("168", "3", " for Ben ");
        assert_eq!((link.expires_in_hours, link.max_uses), (168, Some(3)));
        assert_eq!(link.note.as_deref(), Some("for Ben"));
        let link = request("1", "", "");
        assert_eq!((link.max_uses, link.note), (None, None));
    }

    #[test]
    fn every_choice_can_be_sent() {
        for (word, _) in LIVES {
            assert!(word.parse::<u32>().is_ok(), "{word}");
        }
        for (word, _) in USES {
            assert!(word.is_empty() || word.parse::<u64>().is_ok(), "{word}");
        }
    }

    #[test]
    fn a_link_says_what_is_left_of_it() {
        let mut link = ShareLink::sample();
        assert_eq!(used(&link), "1 of 3 downloads");
        link.max_uses = None;
        assert_eq!(used(&link), "1 download");
        let now = link.expires_at.unix() - 7200;
        assert_eq!(state(&link, now), "ends in 2 hours");
        link.state = ShareState::UsedUp;
        assert_eq!(state(&link, now), "used up");
    }
}
