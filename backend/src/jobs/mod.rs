//! Work outside requests: a queue that survives restarts, workers, and schedules.
//!
//! Rule: a job calls a use case and nothing else. The queue is apalis, in tables of its own in the same database.

mod schedule;
mod storage;
mod worker;

pub use storage::Storage;
pub use worker::Workers;
