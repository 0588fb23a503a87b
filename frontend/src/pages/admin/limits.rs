//! The limits in force, where they come from, and whose quotas are nearly used up.

use leptos::prelude::*;
use shared_types::{LimitInForce, LimitRule, LimitsInForce, QuotaUse};

use crate::{
    api::administration,
    components::{
        load::Load,
        progress::{Progress, percent},
    },
    routes::Route,
    state::ask,
    util::{bytes, query, text},
};

/// All of it.
#[component]
pub fn Limits() -> impl IntoView {
    let asked = ask(administration::limits);
    view! { <Load resource=asked lines=14 children=|limits| view! { <Shown limits /> } /> }
}

#[component]
fn Shown(limits: LimitsInForce) -> impl IntoView {
    let refused = match limits.refused_requests {
        0 => "No request was refused".to_owned(),
        many => format!("{} came too often", text::counted(many, "requests")),
    };
    view! {
        <p>"What holds where a user, a collection or a container has no rule of its own. "{refused}" since this server began."</p>
        <div class="table-wrap">
            <table>
                <thead><tr>
                    <th scope="col">"Limit"</th>
                    <th scope="col">"Value"</th>
                    <th scope="col">"Setting"</th>
                    <th scope="col">"From"</th>
                </tr></thead>
                <tbody>{limits.items.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        {fullest("Fullest collections", limits.collections, |name| {
            let settings = Route::CollectionSettings(name.to_owned()).href();
            query::with(&settings, &[("part", String::new())], "part", "limits")
        })}
        {limits.users.map(|users| fullest("Fullest users", users, |name| {
            query::with(&Route::Admin("users").href(), &[("q", String::new())], "q", name)
        }))}
    }
}

fn row(limit: LimitInForce) -> AnyView {
    view! {
        <tr>
            <th scope="row">{limit.what}</th>
            <td data-label="Value"><span class="mono">{limit.value}</span></td>
            <td data-label="Setting">{limit.setting.map(|name| view! { <span class="mono">{name}</span> })}</td>
            <td data-label="From"><span class="wrap">{limit.source}</span></td>
        </tr>
    }
    .into_any()
}

/// Those with the fullest quotas; their names lead to where the quota is set.
fn fullest(title: &'static str, rows: Vec<QuotaUse>, place: fn(&str) -> String) -> AnyView {
    let rows = rows.into_iter().map(|one| {
        let (used, limit) = (one.used_bytes, one.limit_bytes);
        let told = told(&one);
        view! {
            <tr>
                <th scope="row"><a class="mono" href=place(&one.name)><strong>{one.name.clone()}</strong></a></th>
                <td class="filled"><Progress label=Signal::stored(one.name) value=Signal::stored(used) max=Signal::stored(limit.max(1)) /></td>
                <td data-label="In use">{told}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let table = if rows.is_empty() {
        view! { <p class="quiet">"None of those with a quota holds anything."</p> }.into_any()
    } else {
        view! {
            <div class="table-wrap">
                <table>
                    <thead><tr>
                        <th scope="col">"Name"</th>
                        <th scope="col"><span class="sr-only">"How full"</span></th>
                        <th scope="col">"In use"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! { <section aria-label=title><h2>{title}</h2>{table}</section> }.into_any()
}

/// How much of a quota is in use, and whose rule it is.
fn told(one: &QuotaUse) -> String {
    let rule = match one.rule {
        LimitRule::Own => "its own",
        _ => "by default",
    };
    format!(
        "{} %: {} of {}, {rule}",
        percent(one.used_bytes, one.limit_bytes),
        bytes::show(one.used_bytes),
        bytes::show(one.limit_bytes)
    )
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    #[test]
    fn a_quota_says_how_full_it_is_and_whose_rule_it_is() {
        let mut one = QuotaUse::sample();
        assert_eq!(told(&one), "24 %: 12.0 GiB of 50.0 GiB, its own");
        (one.limit_bytes, one.rule) = (0, LimitRule::Default);
        assert_eq!(told(&one), "100 %: 12.0 GiB of 0 B, by default");
    }
}
