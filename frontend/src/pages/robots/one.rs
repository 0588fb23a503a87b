//! One robot: what it is, its tokens, and its end.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use shared_types::{Account, IssuedToken, Robot, RobotChange};

use super::{new::Places, places};
use crate::{
    api::{robots, tokens::Keeper},
    components::{
        act::{Act, Confirm, Deed},
        dialog::Dialog,
        field::TextField,
        form::{Attempt, Form},
        load::Load,
        menu::ActionMenu,
        signed_in::SignedIn,
        when::When,
    },
    pages::token::Tokens,
    routes::Route,
    state::{ask, use_go, use_toasts},
    util::text,
};

/// The page.
#[component]
pub fn RobotPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("robot").unwrap_or_default()));
    view! {
        <Title text=move || name.get() />
        <SignedIn title="Robots" why="to manage robots" lines=10 children=move |account| view! { <Found name account /> } />
    }
    .into_any()
}

#[component]
fn Found(name: Memo<String>, account: Account) -> impl IntoView {
    let robot = ask(move || robots::get(&name.get()));
    let changed = Callback::new(move |()| robot.refetch());
    let role = account.role;
    // A secret just made stays when the robot's facts are read again.
    let issued = RwSignal::new(None::<IssuedToken>);
    let revealed = RwSignal::new(false);
    view! {
        <Load resource=robot lines=6 children=move |robot| view! { <Shown robot changed /> } />
        {move || {
            let there = matches!(robot.get(), Some(Ok(_)));
            there.then(|| view! { <Tokens keeper=Keeper::Robot(name.get()) title="Its tokens" role issued revealed /> })
        }}
    }
}

#[component]
fn Shown(robot: Robot, changed: Callback<()>) -> impl IntoView {
    let crumb = match robot.collection.clone() {
        Some(collection) => view! {
            <a class="mono" href=Route::Collection(collection.clone()).href()>{collection.clone()}</a>
            <a href=Route::CollectionRobots(collection).href()>"Robots"</a>
        }
        .into_any(),
        None => view! { <a href=Route::Admin("robots").href()>"Robots"</a> }.into_any(),
    };
    view! {
        <nav class="crumbs" aria-label="Where this is">{crumb}</nav>
        <div class="page-head">
            <h1 class="mono">{robot.name.clone()}</h1>
            {robot.disabled.then(|| view! { <span class="badge bad">"disabled"</span> })}
            <div class="actions"><Menu robot=robot.clone() changed /></div>
        </div>
        {(!robot.description.is_empty()).then(|| view! { <p class="lede"><bdi>{robot.description.clone()}</bdi></p> })}
        <dl class="facts">
            <div><dt>"Works in"</dt><dd>{places(&robot)}</dd></div>
            <div><dt>"Made"</dt><dd><When at=robot.created_at />{robot.created_by.map(|user| format!(" by {user}"))}</dd></div>
        </dl>
        {robot.disabled.then(|| view! { <p class="panel note-panel">"It is disabled: none of its tokens works until it is enabled again."</p> })}
    }
}

#[component]
fn Menu(robot: Robot, changed: Callback<()>) -> impl IntoView {
    let go = use_go();
    let (describing, deleting) = (RwSignal::new(false), RwSignal::new(false));
    let name = robot.name.clone();
    let place = StoredValue::new(name.clone());
    let disabled = robot.disabled;
    let (label, done) = if disabled {
        ("Enable", format!("{name} works again."))
    } else {
        (
            "Disable",
            format!("{name} is disabled: its tokens do not work."),
        )
    };
    let turn = Deed::new(
        move || {
            let change = RobotChange {
                disabled: Some(!disabled),
                ..RobotChange::default()
            };
            robots::change(&place.get_value(), &change)
        },
        done,
        changed,
    );
    let after = match robot.collection.clone() {
        Some(collection) => Route::CollectionRobots(collection),
        None => Route::Admin("robots"),
    };
    let delete = Deed::new(
        move || robots::delete(&place.get_value()),
        format!("{name} deleted."),
        Callback::new(move |()| go.run(after.clone())),
    );
    let stored = StoredValue::new(robot);
    view! {
        <ActionMenu label="Actions for this robot">
            <button type="button" on:click=move |_| describing.set(true)>"Describe…"</button>
            <Act label deed=turn class="" />
            <button type="button" class="danger-text" on:click=move |_| deleting.set(true)>"Delete the robot…"</button>
        </ActionMenu>
        <Dialog open=describing title="What this robot is for"><Describe robot=stored.get_value() open=describing changed /></Dialog>
        <Confirm
            open=deleting
            title="Delete this robot?"
            text="Its tokens die with it; what it pushed stays. This cannot be undone."
            label="Delete the robot"
            name=Some(name)
            deed=delete
        />
    }
}

#[component]
fn Describe(robot: Robot, open: RwSignal<bool>, changed: Callback<()>) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let description = RwSignal::new(robot.description);
    let collections = RwSignal::new(robot.collections.join(", "));
    // A robot of a collection works there alone.
    let free = robot.collection.is_none();
    let name = robot.name;
    let submit = move |()| {
        let name = name.clone();
        let change = RobotChange {
            description: Some(description.get_untracked().trim().to_owned()),
            collections: free.then(|| text::words(&collections.get_untracked())),
            ..RobotChange::default()
        };
        attempt.run(robots::change(&name, &change), move |_| {
            toasts.good("Robot saved.");
            open.set(false);
            changed.run(());
        });
    };
    view! {
        <Form attempt submit label="Save" cancel=open>
            <TextField label="Description" name="robot-description" value=description hint="One line; empty for none." problem=attempt.wrong("description") />
            {free.then(|| view! { <Places value=collections attempt /> })}
        </Form>
    }
}
