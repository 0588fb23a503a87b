//! One thread for each upload: the reactor hands it frames through a short queue, it hashes and
//! writes them. Threads of our own, because the runtime's blocking pool is shared and bounded:
//! uploads last for minutes and would keep everybody else out of it.

use std::{sync::Arc, thread};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{Digest, Error, Result};

/// Frames between reactor and disk. Frames are at most 480 KiB as hyper makes them, so an upload
/// holds 4 MiB at most; a slow disk slows the sender down.
const FRAMES: usize = 4;

/// What the thread does with the bytes. Dropping it unfinished removes what it made, or brings it
/// into a state that can be gone on with.
pub(crate) trait Sink: Send + 'static {
    type Done: Send + 'static;
    fn write(&mut self, data: &Bytes) -> Result<()>;
    fn finish(self, expected: Option<Digest>) -> Result<Self::Done>;
}

enum Command<D> {
    Data(Bytes),
    Finish(Option<Digest>, oneshot::Sender<Result<D>>),
}

/// The reactor's end of an upload. Dropping it ends the thread, which cleans up.
pub(crate) struct Feed<D> {
    commands: Option<mpsc::Sender<Command<D>>>,
    failure: oneshot::Receiver<Error>,
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
        })
    }

    /// Hands over a frame; waits while the queue is full.
    pub(crate) async fn write(&mut self, data: Bytes) -> Result<()> {
        let Some(commands) = &self.commands else {
            return Err(Error::Stopped);
        };
        if data.is_empty() || commands.send(Command::Data(data)).await.is_ok() {
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

/// How many of the store's threads are at work.
#[derive(Clone)]
pub(crate) struct Live(Arc<watch::Sender<usize>>);

pub(crate) struct LiveGuard(Live);

impl Live {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn enter(&self) -> LiveGuard {
        self.0.send_modify(|count| *count += 1);
        LiveGuard(self.clone())
    }

    /// Waits until no thread is at work.
    pub(crate) async fn idle(&self) {
        // The sender lives in `self`: the wait cannot fail.
        drop(self.0.subscribe().wait_for(|count| *count == 0).await);
    }
}

impl Drop for LiveGuard {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}
