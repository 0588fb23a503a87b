//! The work of a transfer: ask where it goes on, send the pieces, finish; and again, where that helps.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use shared_types::{CompleteUpload, NewUpload, Upload};
use wasm_bindgen::{JsCast, closure::Closure};

use super::{
    Meter, Phase, Stop, Transfer, Way, file, memory,
    trouble::{self, Verdict},
};
use crate::api::{ApiError, containers, uploads};

/// Milliseconds without a byte after which a request is given up for a new one.
const STALLED: f64 = 45_000.0;

/// Why a try ended before the end.
enum Failure {
    Call(ApiError),
    /// The file cannot be read.
    File(String),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Call(error)
    }
}

impl Transfer {
    /// Works until the image is there, its person is needed, or another run has begun.
    pub(super) async fn drive(self, run: u64) {
        let mut failures = 0;
        loop {
            let before = self.sent.get_untracked();
            let outcome = self.attempt(run).await;
            if self.is_stale(run) {
                return;
            }
            let error = match outcome {
                Ok(digest) => return self.phase.set(Phase::Done(digest)),
                Err(Failure::File(message)) => {
                    return self.stop(Stop {
                        message: crate::util::text::sentence(&message),
                        way: Way::GiveUp,
                    });
                }
                Err(Failure::Call(error)) => error,
            };
            if self.sent.get_untracked() > before {
                failures = 0;
            }
            match trouble::judge(&error) {
                Verdict::Stop(stop) => return self.stop(stop),
                Verdict::Ask if failures == 0 => failures = 1,
                Verdict::Ask => {
                    self.wait(
                        run,
                        "The upload went on elsewhere.",
                        failures.min(4),
                        &error,
                    )
                    .await;
                }
                Verdict::Again(why) => {
                    self.wait(run, &why, failures, &error).await;
                    failures += 1;
                }
            }
            if self.is_stale(run) {
                return;
            }
            self.phase.set(Phase::Starting);
        }
    }

    /// One try, from asking where the upload stands to its end.
    async fn attempt(self, run: u64) -> Result<String, Failure> {
        let mut upload = self.open().await?;
        if self.is_stale(run) {
            return Err(ApiError::Offline.into());
        }
        self.meter.set(Meter::default());
        self.arrived(upload.received_bytes);
        while upload.received_bytes < upload.size_bytes {
            self.phase.set(Phase::Sending);
            upload = self.piece(run, &upload).await?;
            if self.is_stale(run) {
                return Err(ApiError::Offline.into());
            }
            self.arrived(upload.received_bytes);
        }
        self.phase.set(Phase::Finishing);
        let hashing = self
            .tools
            .with_value(|tools| tools.as_ref().map(|tools| tools.digest.clone()));
        let digest = match hashing {
            Some(hashing) => hashing.await.map_err(Failure::File)?,
            None => return Err(ApiError::Offline.into()),
        };
        if self.is_stale(run) {
            return Err(ApiError::Offline.into());
        }
        self.finish(&upload, digest).await
    }

    /// The upload as the server knows it; begun where it does not.
    async fn open(self) -> Result<Upload, Failure> {
        let Some(job) = self.job.get_untracked() else {
            return Err(ApiError::Offline.into());
        };
        if let Some(id) = &job.id {
            return match uploads::state(id).await {
                Ok(upload) => Ok(upload),
                Err(error) => Err(error.into()),
            };
        }
        let upload = uploads::begin(&NewUpload {
            collection: job.collection,
            container: job.container,
            tag: job.tag,
            size_bytes: job.about.size,
            digest: None,
            arch: job.about.arch.clone(),
            description: job.description,
        })
        .await?;
        memory::keep(&upload.id, &job.about);
        self.job.update(|job| {
            if let Some(job) = job {
                job.id = Some(upload.id.clone());
            }
        });
        Ok(upload)
    }

    /// Sends the next piece.
    async fn piece(self, run: u64, upload: &Upload) -> Result<Upload, Failure> {
        let start = upload.received_bytes;
        let end = upload
            .size_bytes
            .min(start.saturating_add(upload.chunk_bytes.max(1 << 20)));
        let tools = self.tools.with_value(|tools| {
            let tools = tools.as_ref()?;
            Some((tools.file.clone(), tools.request.clone()))
        });
        let Some((chosen, request)) = tools else {
            return Err(ApiError::Offline.into());
        };
        let body = file::slice(&chosen, start, end).map_err(Failure::File)?;
        let progress = move |bytes: u64| {
            if !self.is_stale(run) {
                self.arrived(start + bytes);
            }
        };
        let held = request.clone();
        let watch = Watch::new(self, request.clone());
        let answer = uploads::append(&upload.id, start, &body, progress, move |xhr| {
            held.borrow_mut().replace(xhr);
        })
        .await;
        drop(watch);
        if !self.is_stale(run) {
            request.borrow_mut().take();
        }
        match answer {
            Ok(upload) => Ok(upload),
            Err(error) => {
                // A file that went away looks to the browser like a network that did.
                file::read(&chosen, start, start + 1)
                    .await
                    .map_err(Failure::File)?;
                Err(error.into())
            }
        }
    }

    /// Has the server check and tag what arrived.
    async fn finish(self, upload: &Upload, digest: String) -> Result<String, Failure> {
        let complete = CompleteUpload {
            digest: digest.clone(),
        };
        if let Err(error) = uploads::complete(&upload.id, &complete).await {
            // The answer to an earlier try may have been lost on the way: then the image is there.
            let there =
                containers::image(&upload.collection, &upload.container, &upload.tag, "").await;
            let lost = error.is(shared_types::ErrorCode::UploadNotFound)
                && there.is_ok_and(|detail| detail.image.digest == digest);
            if !lost {
                return Err(error.into());
            }
        }
        memory::forget(&upload.id);
        Ok(digest)
    }

    /// Counts down to the next try. The network coming back ends the wait.
    async fn wait(self, run: u64, why: &str, failures: u32, error: &ApiError) {
        let mut seconds = trouble::pause(failures, error);
        while seconds > 0 && !self.is_stale(run) {
            self.phase.set(Phase::Waiting {
                why: why.to_owned(),
                seconds,
            });
            let was_online = window().navigator().on_line();
            TimeoutFuture::new(1000).await;
            let online = window().navigator().on_line();
            if online && !was_online {
                return;
            }
            seconds -= 1;
        }
    }

    fn stop(self, stop: Stop) {
        self.phase.set(Phase::Stopped(stop));
    }

    fn arrived(self, bytes: u64) {
        self.sent.set(bytes);
        self.meter
            .update(|meter| meter.note(js_sys::Date::now(), bytes));
    }

    fn is_stale(self, run: u64) -> bool {
        self.run.get_value() != run
    }
}

type Held = std::rc::Rc<std::cell::RefCell<Option<web_sys::XmlHttpRequest>>>;

/// Gives up a request that stands still or whose network is gone: the next one finds out at once what has arrived.
struct Watch {
    timer: i32,
    offline: Closure<dyn Fn()>,
    _tick: Closure<dyn FnMut()>,
}

impl Watch {
    fn new(transfer: Transfer, request: Held) -> Self {
        let abort = move || {
            if let Some(request) = request.borrow_mut().take() {
                let _ = request.abort();
            }
        };
        let mut last = (js_sys::Date::now(), transfer.sent.get_untracked());
        let stalled = abort.clone();
        let tick = Closure::<dyn FnMut()>::new(move || {
            let (now, sent) = (js_sys::Date::now(), transfer.sent.get_untracked());
            if sent != last.1 {
                last = (now, sent);
            } else if now - last.0 > STALLED {
                stalled();
            }
        });
        let offline = Closure::<dyn Fn()>::new(abort);
        let window = window();
        let timer = window
            .set_interval_with_callback_and_timeout_and_arguments_0(
                tick.as_ref().unchecked_ref(),
                1000,
            )
            .unwrap_or_default();
        let _ =
            window.add_event_listener_with_callback("offline", offline.as_ref().unchecked_ref());
        Self {
            timer,
            offline,
            _tick: tick,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        window().clear_interval_with_handle(self.timer);
        let _ = window()
            .remove_event_listener_with_callback("offline", self.offline.as_ref().unchecked_ref());
    }
}
