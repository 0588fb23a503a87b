//! Live figures of the registry.

use crate::object;

object! {
    /// What the registry holds, as far as the caller may see it.
    pub struct RegistryStats {
        /// Collections.
        pub collections: u64,
        /// Containers.
        pub containers: u64,
        /// Images.
        pub images: u64,
        /// Bytes of these images.
        pub size_bytes: u64,
        /// Downloads of these images during the last seven days.
        pub downloads_this_week: u64,
    } = RegistryStats { collections: 4, containers: 12, images: 31, size_bytes: 9_126_805_504, downloads_this_week: 118 }
}
