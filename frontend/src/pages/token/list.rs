//! The tokens that exist, without their secrets.

use leptos::prelude::*;
use shared_types::{IssuedToken, Token};

use crate::{
    api::tokens::{self, Keeper},
    components::{
        act::{Confirm, Deed},
        dialog::Dialog,
        form::{Attempt, Form},
        icon::{Glyph, Icon},
        robot::Invitation,
        when::When,
    },
    state::use_toasts,
    util::time,
};

/// The list.
#[component]
pub fn TokenList(
    /// Whose they are.
    keeper: Keeper,
    /// The tokens.
    tokens: Vec<Token>,
    /// Called with a token that got a new secret.
    fresh: Callback<IssuedToken>,
    /// Called when a token was ended.
    changed: Callback<()>,
) -> impl IntoView {
    if tokens.is_empty() {
        return view! {
            <Invitation title="No tokens yet">
                <p>"Make one with the form above. It is shown once."</p>
            </Invitation>
        }
        .into_any();
    }
    view! {
        <div class="table-wrap">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"May"</th>
                        <th scope="col">"Made"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col">"Ends"</th>
                        <th scope="col"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{tokens.into_iter().map(|token| view! { <Row keeper=keeper.clone() token fresh changed /> }).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(
    keeper: Keeper,
    token: Token,
    fresh: Callback<IssuedToken>,
    changed: Callback<()>,
) -> impl IntoView {
    let rotating = RwSignal::new(false);
    let revoking = RwSignal::new(false);
    let name = token.name.clone();
    let place = StoredValue::new((keeper, token.id.clone()));
    let revoke = Deed::new(
        move || {
            let (keeper, id) = place.get_value();
            tokens::revoke(&keeper, &id)
        },
        format!("Token “{name}” revoked."),
        changed,
    );
    let now = time::now();
    let left = token.expires_at.map(|at| (at, time::until(at, now)));
    let over = matches!(left, Some((_, None)));
    let only =
        (!token.collections.is_empty()).then(|| format!("only {}", token.collections.join(", ")));
    view! {
        <tr class:off=over>
            <th scope="row"><strong>{token.name.clone()}</strong>{only.map(|only| view! { <p class="quiet">{only}</p> })}</th>
            <td data-label="May"><span class="badge">{token.scope.as_str()}</span></td>
            <td data-label="Made"><When at=token.created_at /></td>
            <td data-label="Last used">
                {match token.last_used_at {
                    Some(at) => view! { <When at /> }.into_any(),
                    None => view! { <span class="quiet">"never"</span> }.into_any(),
                }}
            </td>
            <td data-label="Ends">
                {match left {
                    None => view! { <span class="quiet">"never"</span> }.into_any(),
                    Some((at, Some(left))) => view! { <time datetime=at.to_string() title=time::full(at)>{left}</time> }.into_any(),
                    Some((at, None)) => view! { <span class="badge bad" title=time::full(at)>"expired"</span> }.into_any(),
                }}
            </td>
            <td>
                <div class="actions end">
                    <button type="button" class="button" aria-label=format!("Rotate {}", token.name) on:click=move |_| rotating.set(true)>
                        <Glyph icon=Icon::Rotate />
                        "Rotate"
                    </button>
                    <button type="button" class="button" aria-label=format!("Revoke {}", token.name) on:click=move |_| revoking.set(true)>
                        <Glyph icon=Icon::Trash />
                        "Revoke"
                    </button>
                </div>
                <RotateDialog place=place.get_value() name=token.name open=rotating fresh />
                <Confirm
                    open=revoking
                    title=format!("Revoke “{name}”?")
                    text="Clients that use it stop working at once. This cannot be undone."
                    label="Revoke"
                    deed=revoke
                />
            </td>
        </tr>
    }
}

#[component]
fn RotateDialog(
    place: (Keeper, String),
    name: String,
    open: RwSignal<bool>,
    fresh: Callback<IssuedToken>,
) -> impl IntoView {
    let toasts = use_toasts();
    let attempt = Attempt::new();
    let place = StoredValue::new(place);
    let submit = move |()| {
        let (keeper, id) = place.get_value();
        attempt.run(tokens::rotate(&keeper, &id), move |issued| {
            open.set(false);
            toasts.good(format!("Token “{}” has a new secret.", issued.token.name));
            // The secret shows at the top of the page, which may be out of sight.
            window().scroll_to_with_x_and_y(0.0, 0.0);
            fresh.run(issued);
        });
    };
    view! {
        <Dialog open title=format!("Rotate “{name}”?")>
            <Form attempt submit label="Rotate" cancel=open>
                <p>"It gets a new secret and keeps its name and rights. Clients that use the old secret stop working at once."</p>
            </Form>
        </Dialog>
    }
}
