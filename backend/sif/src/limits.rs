//! How much of a stranger's file is read at most.

/// Bounds on memory and work for one [`read`](crate::read).
///
/// The defaults are far above what real images need, and keep a hostile one below a few tens of
/// megabytes of memory and about a second of one core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Slots of the descriptor table, used or free. Real images have 48.
    pub max_descriptors: u32,
    /// Bytes of any one text (definition file, script, labels); a longer one is left out, with a
    /// note.
    pub max_object: u64,
    /// Bytes of all texts together.
    pub max_total_text: u64,
    /// Directory entries looked at in the file system of the image.
    pub max_nodes: u32,
    /// Bytes decompressed from the file system of the image.
    pub max_decoded: u64,
    /// Entries of any one map (labels, apps, environment files).
    pub max_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_descriptors: 4096,
            max_object: 1 << 20,
            max_total_text: 4 << 20,
            max_nodes: 100_000,
            max_decoded: 128 << 20,
            max_entries: 1000,
        }
    }
}
