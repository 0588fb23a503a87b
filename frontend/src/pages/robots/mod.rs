//! Robots: accounts of programs, of a collection or of those who run the registry.

mod new;
mod one;

use leptos::prelude::*;
use leptos_meta::Title;
use shared_types::{Account, Robot, RobotPage as Robots, Role};

pub use one::RobotPage;

use crate::{
    api::robots,
    components::{
        dialog::Dialog,
        find::Find,
        icon::{Glyph, Icon},
        load::Load,
        pager::Pager,
        robot::Invitation,
        signed_in::SignedIn,
        when::When,
    },
    pages::admin::AdminTabs,
    routes::Route,
    state::{ask, use_query},
    util::{bytes, time},
};

/// All robots that the person manages.
#[component]
pub fn RobotsPage() -> impl IntoView {
    view! {
        <Title text="Robots" />
        <SignedIn title="Robots" why="to manage robots" children=|account| view! { <AllRobots account /> } />
    }
    .into_any()
}

/// The same without its title: for administrators a part of the administration.
#[component]
pub fn AllRobots(
    /// Who manages them.
    account: Account,
) -> impl IntoView {
    let state = use_query(&["q", "cursor"]);
    let list = ask(move || {
        let now = state.get();
        robots::list("", now.get("q"), now.get("cursor"))
    });
    let making = RwSignal::new(false);
    let admin = account.role != Role::User;
    let route = if admin {
        Route::Admin("robots")
    } else {
        Route::Robots
    };
    let path = route.href();
    let to = path.clone();
    let show = move |page: Robots| {
        let now = state.get_untracked();
        if page.items.is_empty() {
            let hint = if now.is("q", "") {
                view! { <p>"A robot is an account for a program, such as a build machine: it has tokens and nothing else. Owners make robots in the settings of their collection."</p> }.into_any()
            } else {
                view! { <p><a href=to.clone()>"Show all robots"</a></p> }.into_any()
            };
            return view! { <Invitation title="No robots here">{hint}</Invitation> }.into_any();
        }
        view! {
            <Table robots=page.items />
            <Pager total=page.total what="robots" path=to.clone() state=now next=page.next />
        }
        .into_any()
    };
    view! {
        <div class="page-head">
            <h1>"Robots"</h1>
            {admin.then(|| view! { <NewButton open=making /> })}
        </div>
        {admin.then(|| view! { <AdminTabs current="robots" /> })}
        <Find label="Find robots" state path />
        <Load resource=list lines=6 children=show />
        <Dialog open=making title="New robot"><new::NewRobotForm collection=None open=making /></Dialog>
    }
}

/// The robots of a collection, in its settings.
#[component]
pub fn CollectionRobots(
    /// The collection.
    collection: String,
) -> impl IntoView {
    let asked = collection.clone();
    let cursor = RwSignal::new(String::new());
    let list = ask(move || robots::list(&asked, "", &cursor.get()));
    let making = RwSignal::new(false);
    let stored = StoredValue::new(collection);
    let show = move |page: Robots| {
        if page.items.is_empty() {
            return view! {
                <Invitation title="No robots yet">
                    <p>"A robot is an account for a program, such as a build machine. It works in this collection alone, and it stays when people go."</p>
                </Invitation>
            }
            .into_any();
        }
        let next = StoredValue::new(page.next);
        view! {
            <Table robots=page.items />
            {next.get_value().map(|to| view! {
                <div class="pager"><button type="button" class="button" on:click=move |_| cursor.set(to.clone())>"Next page"</button></div>
            })}
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="robots">
            <div class="page-head">
                <h2 id="robots">"Robots"</h2>
                <NewButton open=making />
            </div>
            <Load resource=list lines=4 children=show />
        </section>
        <Dialog open=making title="New robot"><new::NewRobotForm collection=Some(stored.get_value()) open=making /></Dialog>
    }
}

#[component]
fn NewButton(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <button type="button" class="button primary" on:click=move |_| open.set(true)><Glyph icon=Icon::Plus />"New robot"</button>
    }
}

#[component]
fn Table(robots: Vec<Robot>) -> impl IntoView {
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Robot"</th>
                        <th scope="col">"Belongs to"</th>
                        <th scope="col">"Works in"</th>
                        <th scope="col">"May"</th>
                        <th scope="col" class="num">"Tokens"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col">"First ends"</th>
                    </tr>
                </thead>
                <tbody>{robots.into_iter().map(|robot| view! { <Row robot /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(robot: Robot) -> impl IntoView {
    let places = places(&robot);
    let owner = match robot.collection {
        Some(name) => {
            let href = Route::Collection(name.clone()).href();
            view! { <a class="mono" href=href>{name}</a> }.into_any()
        }
        None => "the administrators".into_any(),
    };
    let scopes: Vec<_> = robot.scopes.iter().map(|scope| scope.as_str()).collect();
    let scopes = scopes.join(", ");
    let name = robot.name.clone();
    let title = if robot.may_manage {
        let href = Route::Robot(name.clone()).href();
        view! { <a class="mono" href=href><strong>{name}</strong></a> }.into_any()
    } else {
        view! { <strong class="mono">{name}</strong> }.into_any()
    };
    view! {
        <tr class:off=robot.disabled>
            <th scope="row">
                {title}
                {robot.disabled.then(|| view! { <span class="badge bad">"disabled"</span> })}
                <p class="quiet"><bdi>{robot.description}</bdi></p>
            </th>
            <td data-label="Belongs to">{owner}</td>
            <td data-label="Works in"><span class="wrap">{places}</span></td>
            <td data-label="May">{scopes}</td>
            <td data-label="Tokens" class="num">{bytes::count(robot.tokens)}</td>
            <td data-label="Last used">{robot.last_used_at.map(|at| view! { <When at /> })}</td>
            <td data-label="First ends">
                {robot.expires_at.map(|at| view! { <time datetime=at.to_string() title=time::full(at)>{time::until(at, time::now())}</time> })}
            </td>
        </tr>
    }
}

/// Where a robot works, in words.
fn places(robot: &Robot) -> String {
    if robot.collections.is_empty() {
        "nowhere yet".to_owned()
    } else {
        robot.collections.join(", ")
    }
}
