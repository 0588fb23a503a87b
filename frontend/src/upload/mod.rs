//! Sending a file to the registry: in pieces, with pauses and after breaks, hashed on the way.
//!
//! Rule: a transfer belongs to the application, not to a page: it goes on while its person looks elsewhere. The server
//! alone knows how much has arrived.

pub mod file;
pub mod memory;
mod meter;
mod send;
mod trouble;

use std::{cell::RefCell, rc::Rc};

use futures_util::future::{FutureExt, LocalBoxFuture, Shared};
use leptos::{
    prelude::{LocalStorage, *},
    task::spawn_local,
};
use web_sys::{File, XmlHttpRequest};

use crate::api::uploads;
pub use meter::Meter;
pub use trouble::{Stop, Way};

/// What is sent where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The collection.
    pub collection: String,
    /// The container.
    pub container: String,
    /// The tag.
    pub tag: String,
    /// What to say of the image.
    pub description: Option<String>,
    /// What was read at the file's start.
    pub about: file::About,
    /// The server's id of the upload, once it has one.
    pub id: Option<String>,
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// The server is asked to take it.
    Starting,
    /// Bytes are on their way.
    Sending,
    /// The connection was cut; it goes on by itself.
    Waiting {
        /// What happened.
        why: String,
        /// How many seconds until the next try.
        seconds: u32,
    },
    /// Its person stopped it.
    Paused,
    /// It needs its person.
    Stopped(Stop),
    /// All bytes have arrived; they are checked.
    Finishing,
    /// The image is there, under this digest.
    Done(String),
}

impl Phase {
    /// Something is on its way, and leaving the application would stop it.
    pub fn is_running(&self) -> bool {
        matches!(
            self,
            Self::Starting | Self::Sending | Self::Waiting { .. } | Self::Finishing
        )
    }
}

type Hashing = Shared<LocalBoxFuture<'static, Result<String, String>>>;

/// What only the browser can hold.
struct Tools {
    file: File,
    digest: Hashing,
    request: Rc<RefCell<Option<XmlHttpRequest>>>,
}

/// The one transfer that there is at a time.
#[derive(Clone, Copy)]
pub struct Transfer {
    job: RwSignal<Option<Job>>,
    phase: RwSignal<Phase>,
    sent: RwSignal<u64>,
    hashed: RwSignal<u64>,
    meter: RwSignal<Meter>,
    /// Counts starts and pauses: whoever works for an older one stops.
    run: StoredValue<u64>,
    /// Counts files: hashing one that was given up stops.
    file: StoredValue<u64>,
    tools: StoredValue<Option<Tools>, LocalStorage>,
}

impl Transfer {
    /// Provides the transfer to all pages.
    pub fn provide() -> Self {
        let transfer = Self {
            job: RwSignal::new(None),
            phase: RwSignal::new(Phase::Paused),
            sent: RwSignal::new(0),
            hashed: RwSignal::new(0),
            meter: RwSignal::new(Meter::default()),
            run: StoredValue::new(0),
            file: StoredValue::new(0),
            tools: StoredValue::new_local(None),
        };
        provide_context(transfer);
        // The browser asks before a page with a running transfer is left.
        let _ = window_event_listener(leptos::ev::beforeunload, move |event| {
            if transfer.is_running() {
                event.prevent_default();
            }
        });
        transfer
    }

    /// What is sent, if anything.
    pub fn job(self) -> Option<Job> {
        self.job.get()
    }

    /// How far it is.
    pub fn phase(self) -> Phase {
        self.phase.get()
    }

    /// How many bytes have arrived or are on their way.
    pub fn sent(self) -> u64 {
        self.sent.get()
    }

    /// How many bytes have been hashed here.
    pub fn hashed(self) -> u64 {
        self.hashed.get()
    }

    /// Bytes a second, and seconds left, while they are known.
    pub fn pace(self) -> Option<(f64, f64)> {
        let size = self
            .job
            .with(|job| job.as_ref().map(|job| job.about.size))?;
        let left = size.saturating_sub(self.sent.get());
        let pace = self.meter.with(Meter::pace)?;
        Some((pace, left as f64 / pace))
    }

    /// A transfer is there and not at its end.
    pub fn is_running(self) -> bool {
        self.job.with_untracked(Option::is_some) && self.phase.with_untracked(Phase::is_running)
    }

    /// Begins a new transfer, or goes on with one that the server knows.
    pub fn start(self, job: Job, file: File) {
        self.run.update_value(|run| *run += 1);
        self.hashed.set(0);
        self.sent.set(0);
        self.file.update_value(|count| *count += 1);
        let (hashing, own) = (file.clone(), self.file.get_value());
        let digest = async move {
            file::sha256(&hashing, |bytes| {
                let wanted = self.file.get_value() == own;
                if wanted {
                    self.hashed.set(bytes);
                }
                wanted
            })
            .await
        };
        let digest = digest.boxed_local().shared();
        // Hashing goes on by itself, whether bytes are on their way or not.
        spawn_local(digest.clone().map(drop));
        self.tools.set_value(Some(Tools {
            file,
            digest,
            request: Rc::default(),
        }));
        self.job.set(Some(job));
        self.go_on();
    }

    /// Goes on after a pause, at once after a break, or after its person mended what was wrong.
    pub fn go_on(self) {
        let run = self.halt();
        self.phase.set(Phase::Starting);
        spawn_local(self.drive(run));
    }

    /// Begins again at the first byte: the server has nothing any more.
    pub fn start_again(self) {
        self.job.update(|job| {
            if let Some(job) = job {
                job.id = None;
            }
        });
        self.go_on();
    }

    /// Stops for now; what has arrived stays.
    pub fn pause(self) {
        self.halt();
        self.phase.set(Phase::Paused);
    }

    /// Gives the transfer up, here and on the server.
    pub fn give_up(self) {
        let id = self.job.with_untracked(|job| job.as_ref()?.id.clone());
        self.clear();
        if let Some(id) = id {
            memory::forget(&id);
            // What cannot be removed now, the server removes after its time.
            spawn_local(async move { drop(uploads::abort(&id).await) });
        }
    }

    /// Forgets the transfer, which has ended.
    pub fn clear(self) {
        self.halt();
        self.file.update_value(|count| *count += 1);
        self.tools.set_value(None);
        self.job.set(None);
    }

    /// Ends what is on its way; gives the number of the next run.
    fn halt(self) -> u64 {
        self.run.update_value(|run| *run += 1);
        let request = self
            .tools
            .with_value(|tools| tools.as_ref()?.request.borrow_mut().take());
        if let Some(request) = request {
            let _ = request.abort();
        }
        self.run.get_value()
    }
}

/// The transfer that `App` provides.
pub fn use_transfer() -> Transfer {
    use_context().unwrap_or_else(Transfer::provide)
}
