//! Who is signed in, and what registry this is: asked once at the start, renewed when it changes.

use leptos::{prelude::*, task::spawn_local};
use shared_types::{Account, Registry, Role, Session};

use super::toasts::Toasts;
use crate::api::{self, ApiError, people};

/// The session, or how far asking for it has come.
#[derive(Debug, Clone, PartialEq)]
pub enum SessionState {
    /// The answer is on its way.
    Loading,
    /// The answer.
    Ready(Box<Session>),
    /// There was none.
    Failed(ApiError),
}

/// The handle that pages use.
#[derive(Debug, Clone, Copy)]
pub struct SessionHandle {
    state: RwSignal<SessionState>,
    /// What the page called the registry when it came: the server writes the name into it.
    page_name: StoredValue<String>,
}

impl SessionHandle {
    /// Provides the session to all pages and asks the server for it.
    pub fn provide() -> Self {
        let handle = Self {
            state: RwSignal::new(SessionState::Loading),
            page_name: StoredValue::new(document().title()),
        };
        provide_context(handle);
        handle.renew();
        handle
    }

    /// How far it is.
    pub fn state(self) -> SessionState {
        self.state.get()
    }

    /// Asks the server again.
    pub fn renew(self) {
        spawn_local(async move {
            match people::session().await {
                Ok(session) => self.set(session),
                Err(error) => self.state.set(SessionState::Failed(error)),
            }
        });
    }

    /// Asks the server again, then does something that needs the answer.
    pub fn renew_then(self, toasts: Toasts, next: impl FnOnce() + 'static) {
        spawn_local(async move {
            match people::session().await {
                Ok(session) => {
                    self.set(session);
                    next();
                }
                Err(error) => toasts.error(&error),
            }
        });
    }

    /// Takes a session that the server has just given.
    pub fn set(self, session: Session) {
        api::set_csrf(session.csrf_token.clone());
        self.state.set(SessionState::Ready(Box::new(session)));
    }

    /// Nothing is known yet.
    pub fn is_loading(self) -> bool {
        self.state.with(|state| *state == SessionState::Loading)
    }

    /// The person who is signed in.
    pub fn account(self) -> Option<Account> {
        self.state.with(|state| match state {
            SessionState::Ready(session) => session.account.clone(),
            _ => None,
        })
    }

    /// Whether somebody is signed in.
    pub fn is_signed_in(self) -> bool {
        self.account().is_some()
    }

    /// Whether the person manages users.
    pub fn is_superuser(self) -> bool {
        self.account()
            .is_some_and(|account| account.role == Role::Superuser)
    }

    /// What the registry is called.
    pub fn registry_name(self) -> String {
        self.registry()
            .map_or_else(|| self.page_name.get_value(), |registry| registry.name)
    }

    /// The registry, once it is known.
    pub fn registry(self) -> Option<Registry> {
        self.state.with(|state| match state {
            SessionState::Ready(session) => Some(session.registry.clone()),
            _ => None,
        })
    }
}

/// The session that `App` provides.
pub fn use_session() -> SessionHandle {
    use_context().unwrap_or_else(SessionHandle::provide)
}
