//! An image sent as a form, straight into the store: the fields first, then the file, of which never more than a few frames are held.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use multer::{Constraints, Field, Multipart, SizeLimit};
use poem::{Request, http::header};

use crate::{http::wire::body_stream, services::Error};

/// The field of the file.
const FILE: &str = "file1";
/// The largest other field, in bytes.
const LARGEST_FIELD: u64 = 4096;
/// How much may come before the file, frames apart.
const BEFORE_FILE: u64 = 1 << 20;
/// How long a sender may send nothing before the file.
const STALL: Duration = Duration::from_mins(1);
/// How long the rest of a refused form is read, so that its sender gets to read the refusal.
const DRAIN: Duration = Duration::from_secs(5);

/// A form that is being read.
pub struct Form {
    multipart: Multipart<'static>,
    budget: Arc<AtomicU64>,
}

/// What stands before the file.
#[derive(Debug, Default)]
pub struct Fields {
    /// What was given out as `cid`.
    pub collection: String,
    /// The container's name.
    pub name: String,
    /// The tag; empty where none was sent.
    pub tag: String,
}

impl Form {
    /// The form in a request.
    ///
    /// # Errors
    /// `BadRequest` where there is none.
    pub fn of(request: &mut Request) -> Result<Self, Error> {
        let boundary = request.header(header::CONTENT_TYPE).unwrap_or_default();
        let boundary = multer::parse_boundary(boundary).map_err(|_| {
            Error::BadRequest("send the image as a form, multipart/form-data".to_owned())
        })?;
        let budget = Arc::new(AtomicU64::new(BEFORE_FILE));
        let body = Paced {
            body: body_stream(request),
            rest: false,
            budget: Arc::clone(&budget),
        };
        let limits = SizeLimit::new()
            .per_field(LARGEST_FIELD)
            .for_field(FILE, u64::MAX);
        let constraints = Constraints::new().size_limit(limits);
        Ok(Self {
            multipart: Multipart::with_constraints(body, boundary, constraints),
            budget,
        })
    }

    /// Reads the fields up to the file.
    ///
    /// # Errors
    /// `BadRequest` where a field or the file is missing, or the sender stopped.
    pub async fn fields(&mut self) -> Result<(Fields, Field<'static>), Error> {
        let read = tokio::time::timeout(STALL, self.read_fields()).await;
        read.map_err(|_| Error::BadRequest("the form does not come; start again".to_owned()))?
    }

    async fn read_fields(&mut self) -> Result<(Fields, Field<'static>), Error> {
        let mut fields = Fields::default();
        while let Some(field) = self.multipart.next_field().await.map_err(unreadable)? {
            let place = match field.name() {
                Some("collection") => &mut fields.collection,
                Some("name") => &mut fields.name,
                Some("tag") => &mut fields.tag,
                Some(FILE) => {
                    if fields.collection.is_empty() || fields.name.is_empty() {
                        return Err(Error::BadRequest(format!(
                            "send the fields “collection”, “name” and “tag” before the file “{FILE}”"
                        )));
                    }
                    self.budget.store(u64::MAX, Ordering::Relaxed);
                    return Ok((fields, field));
                }
                // What the client sends besides is in its header too.
                _ => continue,
            };
            *place = field.text().await.map_err(unreadable)?;
        }
        Err(Error::BadRequest(format!(
            "the form has no file; send it as “{FILE}”"
        )))
    }

    /// Reads on for a moment after a refusal: senders listen only when they have sent all.
    pub async fn drain(mut self) {
        self.budget.store(u64::MAX, Ordering::Relaxed);
        let read = async { while let Ok(Some(_)) = self.multipart.next_field().await {} };
        // Whether it ended in time does not matter.
        let _ = tokio::time::timeout(DRAIN, read).await;
    }
}

/// The bytes of a file as they come.
pub fn bytes(file: Field<'static>) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    stream::try_unfold(file, |mut file| async move {
        let chunk = file.chunk().await.map_err(std::io::Error::other)?;
        Ok(chunk.map(|chunk| (chunk, file)))
    })
}

fn unreadable(error: multer::Error) -> Error {
    Error::BadRequest(match error {
        multer::Error::FieldSizeExceeded { field_name, .. } => {
            let name = field_name.unwrap_or_default();
            format!("the field “{name}” is too long")
        }
        other => format!("the form could not be read: {other}"),
    })
}

/// A body that gives one frame, then lets the reader work: whoever reads a form would else take all that is there into memory first.
/// Before the file it gives no more than the budget allows.
struct Paced<S> {
    body: S,
    rest: bool,
    budget: Arc<AtomicU64>,
}

impl<S: Stream<Item = std::io::Result<Bytes>> + Unpin> Stream for Paced<S> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.rest) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = std::task::ready!(self.body.poll_next_unpin(cx));
        let Some(Ok(frame)) = &next else {
            return Poll::Ready(next);
        };
        self.rest = true;
        let left = self.budget.load(Ordering::Relaxed);
        if left == 0 {
            let error = std::io::Error::other("what comes before the file is too long");
            return Poll::Ready(Some(Err(error)));
        }
        if left != u64::MAX {
            let size = frame.len() as u64;
            self.budget
                .store(left.saturating_sub(size), Ordering::Relaxed);
        }
        Poll::Ready(next)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn paced(
        budget: u64,
        frames: usize,
    ) -> Paced<impl Stream<Item = std::io::Result<Bytes>> + Unpin> {
        let frame = || Ok(Bytes::from_static(b"0123456789"));
        Paced {
            body: stream::iter((0..frames).map(move |_| frame())),
            rest: false,
            budget: Arc::new(AtomicU64::new(budget)),
        }
    }

    #[test]
    fn one_poll_gives_one_frame() {
        let mut body = paced(u64::MAX, 2);
        let mut cx = Context::from_waker(Waker::noop());
        for frames in [1, 1, 0] {
            let mut ready = 0;
            while let Poll::Ready(Some(Ok(_))) = body.poll_next_unpin(&mut cx) {
                ready += 1;
            }
            assert_eq!(ready, frames);
        }
    }

    #[tokio::test]
    async fn what_comes_before_the_file_has_an_end() {
        let body = paced(25, 9);
        let given: Vec<_> = body
            .take_while(|frame| std::future::ready(frame.is_ok()))
            .collect()
            .await;
        assert_eq!(given.len(), 3);
        assert_eq!(paced(u64::MAX, 9).collect::<Vec<_>>().await.len(), 9);
    }
}
