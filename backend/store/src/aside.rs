//! Hashing beside writing: a second thread hashes the frames that the first one writes, so that an upload takes as long
//! as the slower of the two and not as long as both. The frames are shared, not copied.

use std::{
    sync::mpsc,
    thread::{self, JoinHandle},
};

use bytes::Bytes;

use crate::{Digest, Error, Hasher, Result};

/// Frames that may wait for the hash: enough for both threads to be busy.
const FRAMES: usize = 8;

/// A running hash on a thread of its own. Dropped, it ends with the frames it has.
pub(crate) struct Aside {
    frames: mpsc::SyncSender<Bytes>,
    thread: JoinHandle<Hasher>,
}

impl Aside {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's, where it gives no thread.
    pub(crate) fn start() -> Result<Self> {
        Self::go_on(Hasher::new())
    }

    /// As `start`, behind bytes that are hashed already.
    ///
    /// # Errors
    /// As `start`.
    pub(crate) fn go_on(mut hasher: Hasher) -> Result<Self> {
        let (frames, intake) = mpsc::sync_channel::<Bytes>(FRAMES);
        let thread = thread::Builder::new()
            .name("blob-hash".into())
            .spawn(move || {
                for frame in intake {
                    hasher.update(&frame);
                }
                hasher
            })?;
        Ok(Self { frames, thread })
    }

    /// Takes the next frame, when there is room for it.
    ///
    /// # Errors
    /// `Stopped`.
    pub(crate) fn update(&self, frame: Bytes) -> Result<()> {
        self.frames.send(frame).map_err(|_| Error::Stopped)
    }

    /// The digest of all frames.
    ///
    /// # Errors
    /// `Stopped`.
    pub(crate) fn finish(self) -> Result<Digest> {
        Ok(self.end()?.finish())
    }

    /// The hash so far, to go on from.
    ///
    /// # Errors
    /// `Stopped`.
    pub(crate) fn end(self) -> Result<Hasher> {
        drop(self.frames);
        self.thread.join().map_err(|_| Error::Stopped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_all_frames_in_their_order() {
        let aside = Aside::start().unwrap();
        let frames: Vec<Bytes> = (0..100_u8).map(|n| Bytes::from(vec![n; 1000])).collect();
        for frame in &frames {
            aside.update(frame.clone()).unwrap();
        }
        assert_eq!(aside.finish().unwrap(), Digest::of(&frames.concat()));
    }
}
