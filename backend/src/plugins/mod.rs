//! What can be added to the registry without touching its use cases: ways to sign in, builders, stores.
//!
//! Rule: services know a plugin only by its trait. Local accounts are the one way to sign in so far, and need none.
