//! Webhooks.

use super::{
    kind::{Networks, Time},
    section::section,
};

section! {
    /// Messages to other servers.
    pub struct Webhooks: "Webhooks" {
        /// Networks that webhooks may be sent to although they are no public ones, such as 10.1.2.0/24. All others of this machine
        /// and its surroundings are refused.
        private_networks: Networks = ("WEBHOOKS_PRIVATE_NETWORKS", ""),
        /// How long a receiver has for its answer.
        timeout: Time = ("WEBHOOKS_TIMEOUT", "10s"),
        /// How long it is kept what was sent.
        retention: Time = ("WEBHOOKS_RETENTION", "30d"),
    }
}
