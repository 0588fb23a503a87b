//! What this registry is called and allows.

use super::{
    kind::{Flag, Number, Optional, Path, Size, Text, Time},
    section::section,
};

section! {
    /// What this registry is called and allows.
    pub struct Registry: "Registry" {
        /// The name people see.
        name: Text = ("REGISTRY_NAME", "Singularity Registry"),
        /// A short word for this registry: lower case letters, digits and -, at most 12.
        uri: Text = ("REGISTRY_URI", "registry"),
        /// Whom to write to for help.
        help_contact_email: Optional<Text> = ("HELP_CONTACT_EMAIL", ""),
        /// A page of the institution with help.
        help_institution_site: Optional<Text> = ("HELP_INSTITUTION_SITE", ""),
        /// Whether every user may create collections and teams, or only administrators.
        user_collections: Flag = ("USER_COLLECTIONS", "true"),
        /// How many collections a user may create; none for no limit.
        user_collection_limit: Optional<Number> = ("USER_COLLECTION_LIMIT", "none"),
        /// Whether every collection is private, also one that was public before: strangers see nothing by any door.
        /// What collections say of themselves is kept, and counts again once this is off. Share links go on working.
        private_only: Flag = ("PRIVATE_ONLY", "false"),
        /// Whether a new collection is private unless its owner says otherwise.
        default_private: Flag = ("DEFAULT_PRIVATE", "false"),
        /// How many bytes a user's collections may hold together; none for no limit.
        user_quota: Optional<Size> = ("USER_QUOTA", "none"),
        /// How many bytes one collection may hold where administrators have set no quota of its own; none for no limit.
        collection_quota: Optional<Size> = ("COLLECTION_QUOTA", "none"),
        /// How many downloads a container gives in a week (Monday to Sunday, UTC) where its owners set no limit of its own;
        /// none for no limit.
        container_weekly_get_limit: Optional<Number> = ("CONTAINER_WEEKLY_GET_LIMIT", "none"),
        /// The same for all containers of a collection together.
        collection_weekly_get_limit: Optional<Number> = ("COLLECTION_WEEKLY_GET_LIMIT", "none"),
        /// Up to how many containers the treemap shows each; above, it shows collections.
        treemap_collection_switch: Number = ("VISUALIZATION_TREEMAP_COLLECTION_SWITCH", "100000"),
        /// The longest life of a link that shares an image with people without an account.
        share_link_max_age: Time = ("SHARE_LINK_MAX_AGE", "90d"),
        /// A file in Markdown with terms of use that everyone must accept once. Changed terms are asked for again.
        terms_file: Optional<Path> = ("TERMS_FILE", ""),
        /// Whether the key server takes keys from people who are not signed in, as gpg never is.
        /// Without it, every key was brought by someone with an account, whose name is shown beside it.
        keyserver_anonymous_add: Flag = ("KEYSERVER_ANONYMOUS_ADD", "false"),
        /// Whether pushes are refused, such as during a move to another machine. Pulls go on.
        disable_building: Flag = ("DISABLE_BUILDING", "false"),
    }
}
