//! Which parts of an upload are there and how far the hash of the whole has come. Pure.
//!
//! The rule: `checkpoints[i]` is the state of SHA-256 before part `i`, and there is one for each
//! part up to the first that is not hashed. A part that is sent again cuts the list back to its own
//! checkpoint; `epoch` counts such cuts, so that what was hashed before one is not added after it.

use std::io;

use crate::{Digest, Hasher};

pub(super) struct State {
    /// The `ETag` of each part that is complete.
    pub(super) parts: Vec<Option<String>>,
    checkpoints: Vec<Hasher>,
    epoch: u64,
    /// A thread is hashing complete parts.
    pub(super) hashing: bool,
    /// Why hashing stopped.
    pub(super) failed: Option<(io::ErrorKind, String)>,
    /// Complete or aborted: no part may be written any more.
    pub(super) closed: bool,
}

/// The hash up to a part, to go on with.
pub(super) struct Running {
    pub(super) hasher: Hasher,
    epoch: u64,
}

/// Where the hash of the whole stands.
pub(super) enum Hash {
    Whole,
    Running,
    Missing { first: u32, count: u32 },
    Failed(io::Error),
}

impl State {
    pub(super) fn new(parts: Vec<Option<String>>) -> Self {
        let checkpoints = vec![Hasher::new()];
        Self {
            parts,
            checkpoints,
            epoch: 0,
            hashing: false,
            failed: None,
            closed: false,
        }
    }

    pub(super) fn is_stored(&self, index: usize) -> bool {
        self.parts.get(index).is_some_and(Option::is_some)
    }

    /// The part is about to be written, perhaps again. Gives the hash up to it, where it is known.
    pub(super) fn begin(&mut self, index: usize) -> Option<Running> {
        // A part that is stored may be hashed, or be read for that by a thread at this moment.
        if self.parts.get_mut(index).and_then(Option::take).is_some() {
            self.checkpoints.truncate(index + 1);
            self.epoch += 1;
        }
        self.front()
            .filter(|(front, _)| *front == index)
            .map(|(_, running)| running)
    }

    /// The part is on disk. `running` is the hash up to its end, if it was hashed on the way.
    pub(super) fn store(&mut self, index: usize, etag: &str, running: Option<Running>) {
        if let Some(part) = self.parts.get_mut(index) {
            *part = Some(etag.to_owned());
        }
        if let Some(running) = running {
            self.advance(index, running);
        }
    }

    /// Adds the hash up to the end of a part, unless things have changed meanwhile.
    pub(super) fn advance(&mut self, index: usize, running: Running) {
        if running.epoch == self.epoch && self.checkpoints.len() == index + 1 {
            self.checkpoints.push(running.hasher);
        }
    }

    /// The first part that is complete and not hashed, with everything before it hashed.
    pub(super) fn next(&self) -> Option<(usize, Running)> {
        self.front()
            .filter(|(index, _)| !self.closed && self.is_stored(*index))
    }

    /// The digest, once all parts are hashed.
    pub(super) fn whole(&self) -> Option<Digest> {
        let hasher = self.checkpoints.last()?;
        (self.checkpoints.len() > self.parts.len()).then(|| hasher.clone().finish())
    }

    pub(super) fn hash(&self) -> Hash {
        let missing = || (1..).zip(&self.parts).filter(|(_, part)| part.is_none());
        if let Some((first, _)) = missing().next() {
            let count = u32::try_from(missing().count()).unwrap_or(u32::MAX);
            return Hash::Missing { first, count };
        }
        match &self.failed {
            Some((kind, text)) => Hash::Failed(io::Error::new(*kind, text.clone())),
            None if self.whole().is_some() => Hash::Whole,
            None => Hash::Running,
        }
    }

    /// The first part that is not hashed, and the hash up to it.
    fn front(&self) -> Option<(usize, Running)> {
        let index = self.checkpoints.len().checked_sub(1)?;
        let hasher = self.checkpoints.last()?.clone();
        Some((
            index,
            Running {
                hasher,
                epoch: self.epoch,
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(mut running: Running, bytes: &str) -> Running {
        running.hasher.update(bytes.as_bytes());
        running
    }

    #[test]
    fn a_hash_from_before_a_part_changed_is_not_added() {
        let mut state = State::new(vec![None; 3]);
        let first = state.begin(0).unwrap();
        state.store(0, "a", Some(hashed(first, "old ")));
        // The second part is on its way, hashed on top of the old first one ...
        let second = state.begin(1).unwrap();
        // ... which changes meanwhile.
        let first = state.begin(0).unwrap();
        state.store(0, "b", Some(hashed(first, "new ")));
        state.store(1, "c", Some(hashed(second, "end")));
        let (index, second) = state.next().unwrap();
        assert_eq!(index, 1);
        state.advance(1, hashed(second, "end"));
        let third = state.begin(2).unwrap();
        state.store(2, "d", Some(third));
        assert_eq!(state.whole(), Some(Digest::of(b"new end")));
    }

    #[test]
    fn a_part_that_changes_while_it_is_read_is_read_again() {
        let mut state = State::new(vec![None; 2]);
        state.store(0, "a", None);
        let (_, reading) = state.next().unwrap();
        assert!(state.begin(0).is_some());
        assert!(state.next().is_none());
        state.store(0, "b", None);
        state.advance(0, hashed(reading, "half old, half new"));
        assert_eq!(state.next().unwrap().0, 0);
    }

    #[test]
    fn only_the_part_at_the_front_goes_on_with_the_hash() {
        let mut state = State::new(vec![None; 3]);
        assert!(state.begin(1).is_none());
        state.store(1, "b", None);
        assert!(state.next().is_none());
        let first = state.begin(0).unwrap();
        state.store(0, "a", Some(hashed(first, "a")));
        assert_eq!(state.next().unwrap().0, 1);
        assert!(state.whole().is_none());
    }
}
