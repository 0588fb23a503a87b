//! A call on its way, and the value that it brings.
//!
//! Rule: the value is kept without its type, so that what surrounds a call is compiled once; only how a value is read and
//! taken is compiled for each type.

use std::{
    any::Any,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::client::{ApiError, ApiResult};

/// A value of any type.
pub type Kept = Arc<dyn Any + Send + Sync>;

/// What is on its way, whatever type it has.
pub type Work = Pin<Box<dyn Future<Output = ApiResult<Kept>>>>;

/// A call. It is sent when somebody waits for it.
#[must_use = "a call is sent when somebody waits for it"]
pub struct Call<T> {
    work: Work,
    kind: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call")
    }
}

impl<T: Send + Sync + 'static> Call<T> {
    /// What brings a `T`.
    pub(super) fn new(work: Work) -> Self {
        Self {
            work,
            kind: PhantomData,
        }
    }

    /// Nothing to ask for: the value is here.
    pub fn ready(value: T) -> Self {
        let kept: Kept = Arc::new(value);
        Self::new(Box::pin(std::future::ready(Ok(kept))))
    }

    /// The same call, its value made into something else.
    pub fn map<U: Send + Sync + 'static>(self, make: impl FnOnce(T) -> U + 'static) -> Call<U> {
        Call::new(Box::pin(async move {
            let kept: Kept = Arc::new(make(self.await?));
            Ok(kept)
        }))
    }

    /// The call without the type of its value.
    pub fn work(self) -> Work {
        self.work
    }
}

impl<T: Send + Sync + 'static> Future for Call<T> {
    type Output = ApiResult<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let kept = ready!(self.work.as_mut().poll(context))?;
        Poll::Ready(take(kept).ok_or(ApiError::Garbled))
    }
}

/// The value in its own type. There is one where the kept value has that type and nobody else keeps it.
pub fn take<T: Send + Sync + 'static>(kept: Kept) -> Option<T> {
    Arc::into_inner(kept.downcast().ok()?)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_call_brings_its_value_once_it_is_waited_for() {
        let call = Call::ready(7_u64).map(|number| number.to_string());
        assert_eq!(call.now_or_never(), Some(Ok("7".to_owned())));
    }

    #[test]
    fn a_value_is_taken_in_its_own_type_by_the_only_one_who_keeps_it() {
        let kept: Kept = Arc::new(7_u64);
        assert_eq!(take::<String>(Arc::clone(&kept)), None);
        assert_eq!(take::<u64>(Arc::clone(&kept)), None);
        assert_eq!(take::<u64>(kept), Some(7));
    }
}
