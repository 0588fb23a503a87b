//! PAM: accounts of the machine, or whatever its rules know.
//!
//! Rule: PAM may take for ever, and cannot be stopped. It runs in threads of its own, few at a time, and nobody waits longer than the
//! settings say.

mod library;

use std::{ffi::CString, os::unix::ffi::OsStrExt, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::sync::{Semaphore, oneshot};

use super::{Cause, ExternalIdentity, PasswordProvider, Roles, Trouble};
use crate::config::{Pam as Settings, Secret};
use library::{Library, Outcome};

/// Checks at once: those that hang take a thread each.
const AT_ONCE: usize = 8;

/// The machine's PAM.
pub struct Pam {
    library: Arc<Library>,
    service: CString,
    folder: Option<CString>,
    timeout: Duration,
    room: Arc<Semaphore>,
}

impl Pam {
    /// With this service's rules.
    ///
    /// # Errors
    /// The machine has no PAM, or one that is too old for a folder of one's own.
    pub fn new(settings: &Settings) -> Result<Self, Cause> {
        let folder = settings.service_dir.as_deref();
        Ok(Self {
            library: Arc::new(Library::load(folder.is_some())?),
            service: CString::new(settings.service.as_str())?,
            folder: folder
                .map(|path| CString::new(path.as_os_str().as_bytes()))
                .transpose()?,
            timeout: settings.timeout,
            room: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// Asks in a thread of its own, which keeps its place until PAM is done.
    async fn ask(&self, username: CString, password: Secret<CString>) -> Result<Outcome, Trouble> {
        let place = Arc::clone(&self.room)
            .acquire_owned()
            .await
            .map_err(Trouble::down)?;
        let (library, service, folder) = (
            Arc::clone(&self.library),
            self.service.clone(),
            self.folder.clone(),
        );
        let (answer, answered) = oneshot::channel();
        std::thread::Builder::new()
            .name("pam".to_owned())
            .spawn(move || {
                let outcome =
                    library.check(&service, folder.as_deref(), &username, password.reveal());
                drop(place);
                // Nobody may be waiting any more.
                let _ = answer.send(outcome);
            })
            .map_err(Trouble::down)?;
        answered.await.map_err(Trouble::down)
    }
}

#[async_trait]
impl PasswordProvider for Pam {
    async fn verify(
        &self,
        username: &str,
        password: &Secret<String>,
    ) -> Result<ExternalIdentity, Trouble> {
        let (Ok(name), Ok(secret)) = (
            CString::new(username),
            CString::new(password.reveal().as_str()),
        ) else {
            return Err(Trouble::WrongCredentials);
        };
        let asked = self.ask(name, Secret::new(secret));
        let outcome = tokio::time::timeout(self.timeout, asked)
            .await
            .map_err(Trouble::down)??;
        match outcome {
            Outcome::Admitted(user) => Ok(ExternalIdentity {
                subject: user.clone(),
                login: user,
                display_name: None,
                email: None,
                email_verified: false,
                roles: Roles::default(),
            }),
            Outcome::Wrong => Err(Trouble::WrongCredentials),
            Outcome::Shut(code) => Err(Trouble::NotAdmitted(
                format!("the account is shut: PAM answers {code}").into(),
            )),
            Outcome::Failed(code) => Err(Trouble::down(format!("PAM answers {code}"))),
        }
    }
}
