//! How far something is.

use leptos::prelude::*;

/// A bar. What it says in words is told beside it.
#[component]
pub fn Progress(
    /// What is going on, for those who cannot see the bar.
    #[prop(into)]
    label: Signal<String>,
    /// Done so far.
    #[prop(into)]
    value: Signal<u64>,
    /// All there is to do.
    #[prop(into)]
    max: Signal<u64>,
) -> impl IntoView {
    // Browsers draw nothing for 0 of 0.
    view! {
        <progress
            aria-label=move || label.get()
            max=move || max.get().max(1).to_string()
            prop:value=move || value.get().min(max.get()) as f64
        ></progress>
    }
}

/// Whole hundredths, 100 only at the end.
pub fn percent(value: u64, max: u64) -> u64 {
    if value >= max {
        return 100;
    }
    let hundredths = u128::from(value) * 100 / u128::from(max);
    u64::try_from(hundredths).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn one_hundred_is_only_the_end() {
        for (value, max, shown) in [
            (0, 10, 0),
            (999, 1000, 99),
            (1000, 1000, 100),
            (0, 0, 100),
            (u64::MAX - 1, u64::MAX, 99),
        ] {
            assert_eq!(percent(value, max), shown);
        }
    }
}
