//! The operations of OCI clients.

use super::{Row, signed_in};

pub(super) fn rows() -> Vec<Row> {
    vec![signed_in("check_oci", 200, 200, |c| c.send("GET", "/v2/"))]
}
