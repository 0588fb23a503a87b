//! What the store promises, checked on every kind of it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

/// Runs each test on each kind of store.
macro_rules! contract {
    ($($test:ident),+ $(,)?) => {
        contract!(@ mapped: $($test),+);
        contract!(@ read: $($test),+);
        contract!(@ memory: $($test),+);
        contract!(@ objects: $($test),+);
        contract!(@@ service: $($test),+);
        contract!(@@ azure: $($test),+);
    };
    (@@ $kind:ident: $($test:ident),+) => {
        mod $kind {
            $(#[tokio::test] async fn $test() {
                if let Some(bed) = crate::bed::Bed::$kind() {
                    super::$test(bed).await;
                }
            })+
        }
    };
    (@ $kind:ident: $($test:ident),+) => {
        mod $kind {
            $(#[tokio::test] async fn $test() { super::$test(crate::bed::Bed::$kind()).await; })+
        }
    };
}

mod altered;
mod append;
mod append_at_random;
mod bed;
mod blobs;
mod parts;
mod parts_at_random;
mod ranges;
mod service;
mod trouble;
