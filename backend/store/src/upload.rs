//! One thread for each upload: the reactor hands it frames through a short queue, it hashes and
//! writes them. Threads of our own, because the runtime's blocking pool is shared and bounded:
//! uploads last for minutes and would keep everybody else out of it.

use std::{sync::Arc, thread};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};

use crate::{Digest, Error, Result};

/// Frames between reactor and disk: a slow disk slows the sender down.
const FRAMES: usize = 8;

/// Bytes that wait for the disk or to be hashed in all uploads together. Few uploads never meet this limit; many share it, so that
/// memory does not grow with them.
const WAITING: usize = 24 * 1024 * 1024;

/// What the thread does with the bytes. Dropping it unfinished removes what it made, or brings it
/// into a state that can be gone on with.
pub(crate) trait Sink: Send + 'static {
    type Done: Send + 'static;
    fn write(&mut self, data: &Bytes) -> Result<()>;
    fn finish(self, expected: Option<Digest>) -> Result<Self::Done>;
}

/// A frame and the room that it takes, which others get when nobody holds the frame any more.
struct Frame {
    data: Bytes,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

enum Command<D> {
    Data(Bytes),
    Finish(Option<Digest>, oneshot::Sender<Result<D>>),
}

/// The reactor's end of an upload. Dropping it ends the thread, which cleans up.
pub(crate) struct Feed<D> {
    commands: Option<mpsc::Sender<Command<D>>>,
    failure: oneshot::Receiver<Error>,
    room: Arc<Semaphore>,
}

impl<D: Send + 'static> Feed<D> {
    /// Starts the thread and returns when `open` has run on it.
    pub(crate) async fn start<S: Sink<Done = D>>(
        live: &Live,
        open: impl FnOnce() -> Result<S> + Send + 'static,
    ) -> Result<Self> {
        let (commands, intake) = mpsc::channel(FRAMES);
        let (opened, ready) = oneshot::channel();
        let (failed, failure) = oneshot::channel();
        let guard = live.enter();
        thread::Builder::new()
            .name("blob-write".into())
            .spawn(move || {
                let _guard = guard;
                match open() {
                    Ok(sink) => {
                        if opened.send(Ok(())).is_ok() {
                            run(sink, intake, failed);
                        }
                    }
                    Err(error) => drop(opened.send(Err(error))),
                }
            })?;
        ready.await.map_err(|_| Error::Stopped)??;
        Ok(Self {
            commands: Some(commands),
            failure,
            room: Arc::clone(&live.room),
        })
    }

    /// Hands over a frame; waits while the queue is full, or those of all uploads together are.
    pub(crate) async fn write(&mut self, data: Bytes) -> Result<()> {
        let Some(commands) = &self.commands else {
            return Err(Error::Stopped);
        };
        if data.is_empty() {
            return Ok(());
        }
        let bytes = u32::try_from(data.len().min(WAITING)).map_err(|_| Error::Stopped)?;
        let room = Arc::clone(&self.room).acquire_many_owned(bytes).await;
        let frame = Frame {
            data,
            _room: room.map_err(|_| Error::Stopped)?,
        };
        let frame = Bytes::from_owner(frame);
        if commands.send(Command::Data(frame)).await.is_ok() {
            return Ok(());
        }
        self.commands = None;
        Err((&mut self.failure).await.unwrap_or(Error::Stopped))
    }

    /// Gives up: the thread removes what it wrote.
    pub(crate) fn abort(&mut self) {
        self.commands = None;
    }

    pub(crate) async fn finish(mut self, expected: Option<Digest>) -> Result<D> {
        let Some(commands) = self.commands.take() else {
            return Err(Error::Stopped);
        };
        let (reply, done) = oneshot::channel();
        let sent = commands.send(Command::Finish(expected, reply)).await;
        // The thread may end between taking the last frame and this command, which then stays in the
        // channel, with the reply in it, for as long as anybody holds an end.
        drop(commands);
        if sent.is_ok()
            && let Ok(result) = done.await
        {
            return result;
        }
        Err(self.failure.await.unwrap_or(Error::Stopped))
    }
}

fn run<S: Sink>(
    mut sink: S,
    mut intake: mpsc::Receiver<Command<S::Done>>,
    failed: oneshot::Sender<Error>,
) {
    while let Some(command) = intake.blocking_recv() {
        match command {
            Command::Data(data) => {
                if let Err(error) = sink.write(&data) {
                    // The files go first: whoever hears of the failure finds nothing left.
                    drop(sink);
                    drop(failed.send(error));
                    return;
                }
            }
            Command::Finish(expected, reply) => {
                // A result that nobody waits for is dropped here, and undoes itself.
                drop(reply.send(sink.finish(expected)));
                return;
            }
        }
    }
}

/// How many of the store's threads are at work, and the room that their queues share.
#[derive(Clone)]
pub(crate) struct Live {
    count: Arc<watch::Sender<usize>>,
    room: Arc<Semaphore>,
}

pub(crate) struct LiveGuard(Live);

impl Live {
    pub(crate) fn new() -> Self {
        Self {
            count: Arc::new(watch::Sender::new(0)),
            room: Arc::new(Semaphore::new(WAITING)),
        }
    }

    pub(crate) fn enter(&self) -> LiveGuard {
        self.count.send_modify(|count| *count += 1);
        LiveGuard(self.clone())
    }

    /// Waits until no thread is at work.
    pub(crate) async fn idle(&self) {
        // The sender lives in `self`: the wait cannot fail.
        drop(self.count.subscribe().wait_for(|count| *count == 0).await);
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        self.0.count.send_modify(|count| *count -= 1);
    }
}
