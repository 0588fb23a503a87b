//! Reading a blob as a stream of frames of at most 1 MiB.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::{Stream, stream::BoxStream};
use memmap2::{Advice, Mmap, MmapOptions};
use tokio::task::JoinHandle;

/// Length of the frames, in bytes. Larger ones are copied by hyper instead of written through.
const FRAME: usize = 1 << 20;

/// Bytes mapped at a time. A window goes when its last frame is sent, so that a download never
/// counts for more than a few of them in the memory of the process.
const WINDOW: u64 = 16 << 20;

/// The bytes of a blob, or of a range of it: a stream that is exactly [`len`](Self::len) long or
/// ends in an error.
pub struct BlobReader {
    len: u64,
    source: Source,
}

enum Source {
    Local(LocalReader),
    Object(BoxStream<'static, io::Result<Bytes>>),
}

impl BlobReader {
    pub(crate) fn local(file: File, range: std::ops::Range<u64>, map: bool) -> Self {
        let len = range.end.saturating_sub(range.start);
        Self {
            len,
            source: Source::Local(LocalReader::new(file, range, map)),
        }
    }

    pub(crate) fn object(len: u64, stream: BoxStream<'static, io::Result<Bytes>>) -> Self {
        Self {
            len,
            source: Source::Object(stream),
        }
    }

    /// Bytes that the stream gives in all.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is nothing to give.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl std::fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlobReader({} bytes)", self.len)
    }
}

impl Stream for BlobReader {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.get_mut().source {
            Source::Local(reader) => reader.poll_frame(cx),
            Source::Object(stream) => stream.as_mut().poll_next(cx),
        }
    }
}

/// A file by windows of a memory map, or by reads where mapping is refused.
struct LocalReader {
    file: Arc<File>,
    position: u64,
    end: u64,
    window: Bytes,
    pending: Option<JoinHandle<io::Result<Bytes>>>,
    map: bool,
}

impl LocalReader {
    fn new(file: File, range: std::ops::Range<u64>, map: bool) -> Self {
        Self {
            file: Arc::new(file),
            position: range.start,
            end: range.end,
            window: Bytes::new(),
            pending: None,
            map,
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.window.is_empty() && self.map && self.position < self.end {
            self.next_window();
        }
        if !self.window.is_empty() {
            let frame = self.window.split_to(self.window.len().min(FRAME));
            return Poll::Ready(Some(Ok(frame)));
        }
        if self.position >= self.end && self.pending.is_none() {
            return Poll::Ready(None);
        }
        self.poll_read(cx)
    }

    /// Maps what comes next, or turns to reading for good when the system will not map.
    fn next_window(&mut self) {
        let len = (self.end - self.position).min(WINDOW);
        match map(&self.file, self.position, len) {
            Ok(map) => {
                // Read-ahead starts now and runs while the first frames are on their way; without
                // the advice the only cost is waiting for the disk at each page.
                drop(map.advise(Advice::WillNeed));
                self.window = Bytes::from_owner(map);
                self.position += len;
            }
            Err(error) => {
                tracing::debug!(%error, "a blob cannot be mapped, reading it instead");
                self.map = false;
            }
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let pending = self.pending.get_or_insert_with(|| {
            let file = Arc::clone(&self.file);
            let (position, left) = (self.position, self.end - self.position);
            tokio::task::spawn_blocking(move || {
                let mut frame = vec![0; usize::try_from(left).unwrap_or(FRAME).min(FRAME)];
                file.read_exact_at(&mut frame, position)?;
                Ok(Bytes::from(frame))
            })
        });
        let read = ready!(Pin::new(pending).poll(cx));
        self.pending = None;
        let frame = read.map_err(io::Error::other).flatten();
        // After a failure there is nothing more to give.
        self.position = match &frame {
            Ok(frame) => self.position + frame.len() as u64,
            Err(_) => self.end,
        };
        Poll::Ready(Some(frame))
    }
}

/// A file that is not a blob yet, frame by frame.
pub(crate) struct FileFrames(LocalReader);

impl FileFrames {
    pub(crate) async fn open(path: std::path::PathBuf, len: u64) -> crate::Result<Self> {
        let file = crate::store::blocking(move || Ok(File::open(path)?)).await?;
        Ok(Self(LocalReader::new(file, 0..len, false)))
    }

    pub(crate) async fn next(&mut self) -> io::Result<Option<Bytes>> {
        std::future::poll_fn(|cx| self.0.poll_frame(cx))
            .await
            .transpose()
    }
}

#[expect(
    unsafe_code,
    reason = "a memory map is the one way to send a file without copying it"
)]
fn map(file: &File, offset: u64, len: u64) -> io::Result<Mmap> {
    let len = usize::try_from(len).map_err(io::Error::other)?;
    // SAFETY: the file is a blob in its final place. Blobs are written elsewhere, moved here
    // whole, and never written or truncated again; removal only takes the name away. The range
    // was compared with the length of this open file.
    unsafe { MmapOptions::new().offset(offset).len(len).map(file) }
}
