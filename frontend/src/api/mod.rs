//! Calls of the API, one function each; the types are the server's own.

pub mod administration;
pub mod audit;
mod call;
mod client;
pub mod collections;
pub mod containers;
pub mod endpoints;
pub mod explore;
pub mod keys;
pub mod limits;
pub mod members;
pub mod people;
pub mod robots;
pub mod shares;
pub mod teams;
pub mod tokens;
pub mod uploads;
pub mod webhooks;

pub use call::{Call, Kept, Work, take};
pub use client::{ApiError, ApiResult, set_csrf};

/// Joins the parts of a query, leaving out what is empty.
fn query(parts: &[(&str, &str)]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", crate::routes::encode(value)))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn empty_parts_of_a_query_are_left_out() {
        assert_eq!(
            super::query(&[("q", ""), ("sort", "name"), ("cursor", "a=")]),
            "?sort=name&cursor=a%3D"
        );
        assert_eq!(super::query(&[("q", "")]), "");
    }
}
