//! OCI distribution from the outside: what real clients send, to a real server.

mod auth;
