//! The reader from outside, on images that the builder writes.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail the test they serve"
)]

mod golden;
mod hostile;
mod integrity;
mod mutations;
mod samples;
