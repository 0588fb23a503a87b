//! A connection that ends when the other side takes nothing of what is sent to it.
//!
//! A client that stops reading would otherwise hold its connection, an open file and a part of a memory map for as long as it likes.

use std::{
    future::Future,
    io::{Error, ErrorKind, IoSlice, Result},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// A connection whose writes must make progress.
#[derive(Debug)]
pub struct Watched<S> {
    inner: S,
    patience: Duration,
    /// When patience ends. Made when the other side first lets us wait, and kept for the next time.
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

impl<S: Unpin> Watched<S> {
    /// Ends the connection after this long without progress of a write.
    pub fn new(inner: S, patience: Duration) -> Self {
        Self {
            inner,
            patience,
            timer: None,
            waiting: false,
        }
    }

    /// Looks at what came of a write: progress, or more waiting while patience lasts.
    fn judge<T>(&mut self, cx: &mut Context<'_>, written: Poll<Result<T>>) -> Poll<Result<T>> {
        if written.is_ready() {
            self.waiting = false;
            return written;
        }
        let patience = self.patience;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
        if !self.waiting {
            self.waiting = true;
            timer.as_mut().reset(Instant::now() + patience);
        }
        timer.as_mut().poll(cx).map(|()| {
            let sentence = format!("the other side has taken nothing for {patience:?}");
            Err(Error::new(ErrorKind::TimedOut, sentence))
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.judge(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.judge(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let flushed = Pin::new(&mut self.inner).poll_flush(cx);
        self.judge(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let shut = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.judge(cx, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_millis(300);

    #[tokio::test]
    async fn who_takes_nothing_is_let_go_after_a_while() {
        let (ours, theirs) = duplex(10);
        let mut ours = Watched::new(ours, PATIENCE);
        let start = Instant::now();
        let error = ours.write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(start.elapsed() >= PATIENCE);
        drop(theirs);
    }

    #[tokio::test]
    async fn who_takes_a_little_now_and_then_may_take_all_the_time() {
        let (ours, mut theirs) = duplex(10);
        let mut ours = Watched::new(ours, PATIENCE);
        let start = Instant::now();
        let slow = tokio::spawn(async move {
            let mut pace = tokio::time::interval(PATIENCE / 10);
            let mut buffer = [0; 10];
            let mut total = 0;
            while total < 200 {
                pace.tick().await;
                total += theirs.read(&mut buffer).await.unwrap();
            }
            total
        });
        ours.write_all(&[0; 200]).await.unwrap();
        assert_eq!(slow.await.unwrap(), 200);
        assert!(start.elapsed() > PATIENCE, "longer than patience in all");
    }
}
