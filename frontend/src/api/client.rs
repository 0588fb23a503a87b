//! One way to call the API: same origin, cookie session, JSON, and one kind of error.

use std::{cell::RefCell, future::Future, pin::Pin, sync::Arc};

use gloo_net::http::{Method, Request, RequestBuilder};
use leptos::prelude::{Owner, on_cleanup};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use shared_types::{ErrorCode, Problem};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, ProgressEvent, XmlHttpRequest};

use super::call::{Call, Kept, Work};
use crate::util::json;

thread_local! {
    /// The CSRF token of the session, kept in memory only.
    static CSRF: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Remembers the CSRF token that changes must carry.
pub fn set_csrf(token: Option<String>) {
    CSRF.with_borrow_mut(|csrf| *csrf = token);
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq)]
pub enum ApiError {
    /// The server answered with a problem.
    Problem {
        /// The status.
        status: u16,
        /// What the server says.
        problem: Box<Problem>,
        /// Seconds to wait, where the server said so.
        retry_after: Option<u32>,
    },
    /// The server answered with something that is not a problem, such as a proxy's page.
    Status(u16),
    /// No answer: the server is down or there is no network.
    Offline,
    /// The answer could not be understood.
    Garbled,
}

impl ApiError {
    /// Whether the server says which fields of a form are wrong.
    pub fn has_fields(&self) -> bool {
        matches!(self, Self::Problem { problem, .. } if !problem.fields.is_empty())
    }

    /// Whether the server gives this as the reason.
    pub fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Problem { problem, .. } if problem.code == code)
    }

    /// The HTTP status, 0 where there was no answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Problem { status, .. } | Self::Status(status) => *status,
            _ => 0,
        }
    }

    /// A sentence for a person.
    pub fn message(&self) -> String {
        match self {
            Self::Problem { problem, .. } => {
                let mut text = problem.message.clone();
                if let Some(first) = text.get(..1) {
                    let upper = first.to_uppercase();
                    text.replace_range(..1, &upper);
                }
                text
            }
            Self::Status(status) => {
                format!("The registry's address answered with status {status}. A proxy in front of it may be the cause.")
            }
            Self::Offline => "The registry does not answer. Check the network, then try again.".to_owned(),
            Self::Garbled => {
                "The registry answered in a way this page does not understand. Reload the page; it may be out of date.".to_owned()
            }
        }
    }

    /// What the server says of one field of a form.
    pub fn field(&self, name: &str) -> Option<String> {
        match self {
            Self::Problem { problem, .. } => problem.fields.get(name).cloned(),
            _ => None,
        }
    }
}

/// The result of a call.
pub type ApiResult<T> = Result<T, ApiError>;

/// The text of an answer.
type Answer = Pin<Box<dyn Future<Output = ApiResult<String>>>>;

/// How the text of an answer becomes a value.
type Read = fn(&str) -> Option<Kept>;

/// Reads something. The call is given up when the page that asked is left.
pub fn get<T: DeserializeOwned + Send + Sync + 'static>(path: &str) -> Call<T> {
    Call::new(reading(ask(path), kept::<T>))
}

/// Changes something: sends a value, reads one.
pub fn send<T: DeserializeOwned + Send + Sync + 'static>(
    method: Method,
    path: &str,
    body: &impl Serialize,
) -> Call<T> {
    Call::new(reading(
        change_to(method, path, json::write(body)),
        kept::<T>,
    ))
}

/// Changes something that needs no value and answers one.
pub fn act<T: DeserializeOwned + Send + Sync + 'static>(method: Method, path: &str) -> Call<T> {
    Call::new(reading(change(method, path), kept::<T>))
}

/// Changes something and expects no value back.
pub fn send_quietly(method: Method, path: &str, body: &impl Serialize) -> Call<()> {
    done(change_to(method, path, json::write(body)))
}

/// Changes something that needs no value and answers none.
pub fn act_quietly(method: Method, path: &str) -> Call<()> {
    done(change(method, path))
}

/// Removes something.
pub fn delete(path: &str) -> Call<()> {
    act_quietly(Method::DELETE, path)
}

/// Sends a file of the person's own and expects no value back.
pub fn send_file(method: Method, path: &str, file: &Blob) -> Call<()> {
    done(exchange(changing(method, path).body(file)))
}

/// Sends bytes and reads a value. Only this kind of request tells how far it is: `progress` hears the bytes that have gone.
/// `hold` gets the request, to abort it.
pub async fn send_piece<T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: &Blob,
    progress: impl Fn(u64) + 'static,
    hold: impl FnOnce(XmlHttpRequest),
) -> ApiResult<T> {
    let refuses = |_| ApiError::Garbled;
    let request = XmlHttpRequest::new().map_err(refuses)?;
    request.open(method, &url(path)).map_err(refuses)?;
    request
        .set_request_header("Content-Type", "application/octet-stream")
        .map_err(refuses)?;
    if let Some(token) = CSRF.with_borrow(Clone::clone) {
        request
            .set_request_header("X-CSRF-Token", &token)
            .map_err(refuses)?;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers of bytes are whole and not negative"
    )]
    let told = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        progress(event.loaded() as u64);
    });
    request
        .upload()
        .map_err(refuses)?
        .set_onprogress(Some(told.as_ref().unchecked_ref()));
    let ended = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(body)).map_err(refuses)?;
    hold(request.clone());
    let _ = JsFuture::from(ended).await;
    let status = request.status().unwrap_or_default();
    let text = request.response_text().ok().flatten().unwrap_or_default();
    if status == 0 {
        return Err(ApiError::Offline);
    }
    if (200..300).contains(&status) {
        return parse(&text);
    }
    let retry_after = request.get_response_header("Retry-After").ok().flatten();
    Err(refused(status, &text, retry_after))
}

fn url(path: &str) -> String {
    format!("/api/v1{path}")
}

fn ask(path: &str) -> Answer {
    let controller = AbortController::new().ok();
    let signal = controller.as_ref().map(AbortController::signal);
    if let (Some(controller), true) = (controller, Owner::current().is_some()) {
        let controller = SendWrapper::new(controller);
        on_cleanup(move || controller.abort());
    }
    let request = RequestBuilder::new(&url(path)).abort_signal(signal.as_ref());
    exchange(request.build())
}

fn reading(answer: Answer, read: Read) -> Work {
    Box::pin(async move { read(&answer.await?).ok_or(ApiError::Garbled) })
}

fn kept<T: DeserializeOwned + Send + Sync + 'static>(text: &str) -> Option<Kept> {
    json::read::<T>(text).map(|value| Arc::new(value) as Kept)
}

fn done(answer: Answer) -> Call<()> {
    Call::new(reading(answer, |_| Some(Arc::new(()))))
}

fn change(method: Method, path: &str) -> Answer {
    exchange(changing(method, path).build())
}

fn change_to(method: Method, path: &str, body: Option<String>) -> Answer {
    let request = changing(method, path).header("Content-Type", "application/json");
    exchange(match body {
        Some(body) => request.body(body),
        None => Err(gloo_net::Error::GlooError("cannot be written".to_owned())),
    })
}

fn changing(method: Method, path: &str) -> RequestBuilder {
    let request = RequestBuilder::new(&url(path)).method(method);
    match CSRF.with_borrow(Clone::clone) {
        Some(token) => request.header("X-CSRF-Token", &token),
        None => request,
    }
}

fn exchange(request: Result<Request, gloo_net::Error>) -> Answer {
    Box::pin(async move {
        let request = request.map_err(|_| ApiError::Garbled)?;
        let response = request.send().await.map_err(|_| ApiError::Offline)?;
        let text = response.text().await.map_err(|_| ApiError::Offline)?;
        if response.ok() {
            return Ok(text);
        }
        let retry_after = response.headers().get("Retry-After");
        Err(refused(response.status(), &text, retry_after))
    })
}

/// What a refusal says: the server's own words, or those of a proxy, which are none.
fn refused(status: u16, text: &str, retry_after: Option<String>) -> ApiError {
    match json::read(text) {
        Some(problem) => ApiError::Problem {
            status,
            problem: Box::new(problem),
            retry_after: retry_after.and_then(|value| value.parse().ok()),
        },
        None => ApiError::Status(status),
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> ApiResult<T> {
    json::read(text).ok_or(ApiError::Garbled)
}
