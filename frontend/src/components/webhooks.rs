//! Webhooks: addresses that are told what happens in a collection, or in the whole registry.

use leptos::prelude::*;
use shared_types::{
    Delivery, DeliveryState, IssuedWebhook, NewWebhook, Webhook, WebhookChange, WebhookEvent,
};

use super::{
    act::{Act, Confirm, Deed},
    copy::CommandBlock,
    dialog::Dialog,
    field::{TextField, Toggle},
    form::{Attempt, Form},
    icon::{Glyph, Icon},
    load::Load,
    robot::Invitation,
    when::When,
};
use crate::{api::webhooks, state::ask, util::text};

/// What a webhook can be told of, and how people say it.
const EVENTS: [(WebhookEvent, &str); 5] = [
    (WebhookEvent::Push, "An image is pushed"),
    (WebhookEvent::Tag, "A tag comes to be, or moves"),
    (WebhookEvent::Delete, "Something is deleted"),
    (WebhookEvent::Freeze, "A tag is frozen"),
    (WebhookEvent::Unfreeze, "A tag is unfrozen"),
];

/// The webhooks.
#[component]
pub fn Webhooks(
    /// The collection; the whole registry where there is none.
    collection: Option<String>,
) -> impl IntoView {
    let asked = collection.clone().unwrap_or_default();
    let list = ask(move || webhooks::list(&asked));
    let (title, about) = if collection.is_some() {
        (
            "Webhooks",
            "Other servers are told what happens here, as signed messages.",
        )
    } else {
        (
            "Of every collection",
            "Other servers are told what happens anywhere in the registry, as signed messages.",
        )
    };
    let changed = Callback::new(move |()| list.refetch());
    let making = RwSignal::new(false);
    let issued = RwSignal::new(None::<IssuedWebhook>);
    let stored = StoredValue::new(collection);
    view! {
        <section aria-labelledby="webhooks">
            <div class="page-head">
                <h2 id="webhooks">{title}</h2>
                <button type="button" class="button" on:click=move |_| making.set(true)><Glyph icon=Icon::Plus />"New webhook"</button>
            </div>
            <p>{about}</p>
            {move || issued.get().map(|issued| view! {
                <div class="panel" role="status">
                    <p>"Messages to "<bdi>{issued.webhook.url}</bdi>" are signed with this secret. It is not shown again."</p>
                    <CommandBlock text=Signal::stored(issued.secret) label="Copy the secret" />
                </div>
            })}
            <Load
                resource=list
                lines=4
                children=move |page| {
                    if page.items.is_empty() {
                        return view! { <Invitation title="No webhooks yet"><p>"A webhook tells a build server, a chat or a catalogue."</p></Invitation> }.into_any();
                    }
                    page.items.into_iter().map(|webhook| view! { <One webhook changed /> }).collect_view().into_any()
                }
            />
            <Dialog open=making title="New webhook">
                {move || view! { <New collection=stored.get_value() open=making issued changed /> }}
            </Dialog>
        </section>
    }
}

#[component]
fn New(
    collection: Option<String>,
    open: RwSignal<bool>,
    issued: RwSignal<Option<IssuedWebhook>>,
    changed: Callback<()>,
) -> impl IntoView {
    let attempt = Attempt::new();
    let url = RwSignal::new(String::new());
    let events = EVENTS.map(|(event, words)| (event, words, RwSignal::new(true)));
    let submit = move |()| {
        let wanted = events
            .into_iter()
            .filter(|(_, _, on)| on.get_untracked())
            .map(|(event, ..)| event);
        let new = NewWebhook {
            collection: collection.clone(),
            url: url.get_untracked().trim().to_owned(),
            events: Some(wanted.collect()),
            secret: None,
            active: None,
        };
        attempt.run(webhooks::create(&new), move |made| {
            issued.set(Some(made));
            open.set(false);
            changed.run(());
        });
    };
    view! {
        <Form attempt submit label="Create the webhook" cancel=open>
            <TextField label="Address" name="webhook-url" value=url hint="Where messages are sent; it begins with https://." problem=attempt.wrong("url") />
            <fieldset>
                <legend>"When"</legend>
                {events.map(|(event, words, on)| view! { <Toggle label=words name=event.as_str() value=on /> }).into_iter().collect_view()}
            </fieldset>
        </Form>
    }
}

#[component]
fn One(webhook: Webhook, changed: Callback<()>) -> impl IntoView {
    let id = StoredValue::new(webhook.id);
    let url = webhook.url.clone();
    let deliveries = ask(move || webhooks::deliveries(&id.get_value()));
    let sent = Callback::new(move |()| deliveries.refetch());
    let active = webhook.active;
    let ping = Deed::new(
        move || webhooks::ping(&id.get_value()),
        "A message to try it out is on its way.",
        sent,
    );
    let switch = Deed::new(
        move || {
            let change = WebhookChange {
                active: Some(!active),
                ..WebhookChange::default()
            };
            webhooks::change(&id.get_value(), &change)
        },
        if active {
            "Webhook paused."
        } else {
            "Webhook goes on."
        },
        changed,
    );
    let delete = Deed::new(
        move || webhooks::delete(&id.get_value()),
        "Webhook deleted.",
        changed,
    );
    let asking = RwSignal::new(false);
    let events: Vec<_> = webhook.events.iter().map(|event| event.as_str()).collect();
    view! {
        <article class="panel" aria-label=format!("Webhook to {url}")>
            <h3 class="mono wrap">{url.clone()}</h3>
            <p class="quiet">{events.join(", ")}{(!active).then_some(" · paused")}</p>
            <div class="actions">
                <Act label="Try it out" deed=ping />
                <Act label=if active { "Pause" } else { "Go on" } deed=switch />
                <button type="button" class="button" on:click=move |_| asking.set(true)>"Delete"</button>
                <button type="button" class="button" on:click=move |_| sent.run(())>"Look again"</button>
            </div>
            <Load
                resource=deliveries
                lines=2
                children=move |page| {
                    if page.items.is_empty() {
                        return view! { <p class="quiet after">"Nothing was sent yet."</p> }.into_any();
                    }
                    view! {
                        <div class="table-wrap"><table>
                            <thead><tr><th scope="col">"When"</th><th scope="col">"What"</th><th scope="col">"Result"</th><th scope="col"><span class="sr-only">"Actions"</span></th></tr></thead>
                            <tbody>{page.items.into_iter().map(|delivery| view! { <Message id=id.get_value() delivery sent /> }).collect_view()}</tbody>
                        </table></div>
                    }
                        .into_any()
                }
            />
            <Confirm open=asking title="Delete this webhook?" text="Messages that wait are not sent any more." label="Delete the webhook" deed=delete />
        </article>
    }
}

#[component]
fn Message(id: String, delivery: Delivery, sent: Callback<()>) -> impl IntoView {
    let ids = StoredValue::new((id, delivery.id.clone()));
    let again = Deed::new(
        move || {
            let (id, delivery) = ids.get_value();
            webhooks::redeliver(&id, &delivery)
        },
        "The message is sent again.",
        sent,
    );
    let result = result(&delivery);
    view! {
        <tr>
            <td data-label="When"><When at=delivery.created_at /></td>
            <td data-label="What"><span class="mono">{delivery.event.as_str()}</span></td>
            <td data-label="Result"><span class="wrap">{result}</span></td>
            <td><Act label="Send again" about=format!("Send again: {}", delivery.id) deed=again /></td>
        </tr>
    }
}

/// What became of a message, in a sentence.
fn result(delivery: &Delivery) -> String {
    let said = match (delivery.status, &delivery.problem) {
        (Some(status), _) => format!("answered with {status}"),
        (None, Some(problem)) => text::sentence(problem),
        (None, None) => "not tried yet".to_owned(),
    };
    let tries = match delivery.attempts {
        0 | 1 => String::new(),
        tries => format!(" after {tries} tries"),
    };
    match delivery.state {
        DeliveryState::Delivered => format!("{said}{tries}"),
        DeliveryState::Pending if delivery.attempts == 0 => said,
        DeliveryState::Pending => format!("{said}; it is tried again"),
        DeliveryState::Failed => format!("given up{tries}: {said}"),
    }
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn the_result_says_what_the_receiver_did_and_what_comes() {
        let mut delivery = Delivery::sample();
        assert_eq!(result(&delivery), "answered with 204");
        (delivery.state, delivery.status, delivery.attempts) =
            (DeliveryState::Pending, Some(500), 2);
        assert_eq!(result(&delivery), "answered with 500; it is tried again");
        (delivery.state, delivery.status, delivery.attempts) = (DeliveryState::Failed, None, 8);
        delivery.problem = Some("no answer in time".to_owned());
        assert_eq!(
            result(&delivery),
            "given up after 8 tries: No answer in time."
        );
        (delivery.state, delivery.attempts) = (DeliveryState::Pending, 0);
        delivery.problem = None;
        assert_eq!(result(&delivery), "not tried yet");
    }
}
