//! The system's libpam, loaded when it is needed: nothing of it is there to build with.

#![expect(unsafe_code, reason = "libpam speaks C")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr::{null, null_mut},
};

use crate::plugins::auth::Cause;

/// The name of the library, with the version whose interface this is.
const NAME: &CStr = c"libpam.so.0";

const SUCCESS: c_int = 0;
const BUFFER_ERROR: c_int = 5;
const CONVERSATION_ERROR: c_int = 19;
/// Denied, wrong, too few rights, unknown, too many tries.
const WRONG: [c_int; 5] = [6, 7, 8, 10, 11];
/// Denied, not now, unknown, password too old, account expired.
const SHUT: [c_int; 5] = [6, 7, 10, 12, 13];
/// What an item is asked for by: the user name.
const USER: c_int = 2;
const PROMPT_HIDDEN: c_int = 1;
const PROMPT_SHOWN: c_int = 2;
/// Most questions at once.
const MOST_QUESTIONS: c_int = 32;

/// What came of a check.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The password is right, and the account may be used; under this name.
    Admitted(String),
    /// User name or password is wrong.
    Wrong,
    /// The password is right, but the account may not be used.
    Shut(i32),
    /// PAM does not work.
    Failed(i32),
}

#[repr(C)]
struct Message {
    style: c_int,
    text: *const c_char,
}

#[repr(C)]
struct Response {
    text: *mut c_char,
    code: c_int,
}

type Converse =
    extern "C" fn(c_int, *const *const Message, *mut *mut Response, *mut c_void) -> c_int;

#[repr(C)]
struct Conversation {
    converse: Converse,
    data: *mut c_void,
}

type Start = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const Conversation,
    *mut *mut c_void,
) -> c_int;
type StartIn = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *const Conversation,
    *const c_char,
    *mut *mut c_void,
) -> c_int;
type Step = unsafe extern "C" fn(*mut c_void, c_int) -> c_int;
type Item = unsafe extern "C" fn(*const c_void, c_int, *mut *const c_void) -> c_int;

/// The functions of the library. It stays loaded until the process ends.
pub struct Library {
    start: Start,
    start_in: Option<StartIn>,
    authenticate: Step,
    account: Step,
    item: Item,
    end: Step,
}

/// What the conversation answers with.
struct Answers<'a> {
    username: &'a CStr,
    password: &'a CStr,
}

impl Library {
    /// Loads it. With `folder`, it must be new enough for rules that are elsewhere.
    pub fn load(folder: bool) -> Result<Self, Cause> {
        // SAFETY: the name ends with a zero; what the library does when it is loaded is what PAM is for.
        let handle = unsafe { libc::dlopen(NAME.as_ptr(), libc::RTLD_NOW) };
        if handle.is_null() {
            return Err("libpam.so.0 cannot be loaded; install the system's PAM".into());
        }
        let symbol = |name: &CStr| -> Result<*mut c_void, Cause> {
            // SAFETY: the handle is that of a loaded library, and the name ends with a zero.
            let found = unsafe { libc::dlsym(handle, name.as_ptr()) };
            if found.is_null() {
                return Err(format!(
                    "libpam.so.0 has no {}; it is too old",
                    name.to_string_lossy()
                )
                .into());
            }
            Ok(found)
        };
        let start_in = if folder {
            Some(symbol(c"pam_start_confdir")?)
        } else {
            None
        };
        // SAFETY: these are the functions of these names in libpam 0, with the types that its headers give them.
        unsafe {
            Ok(Self {
                start: std::mem::transmute::<*mut c_void, Start>(symbol(c"pam_start")?),
                start_in: start_in.map(|found| std::mem::transmute::<*mut c_void, StartIn>(found)),
                authenticate: std::mem::transmute::<*mut c_void, Step>(symbol(
                    c"pam_authenticate",
                )?),
                account: std::mem::transmute::<*mut c_void, Step>(symbol(c"pam_acct_mgmt")?),
                item: std::mem::transmute::<*mut c_void, Item>(symbol(c"pam_get_item")?),
                end: std::mem::transmute::<*mut c_void, Step>(symbol(c"pam_end")?),
            })
        }
    }

    /// Checks a password, then whether the account may be used. Blocks for as long as PAM likes.
    pub fn check(
        &self,
        service: &CStr,
        folder: Option<&CStr>,
        username: &CStr,
        password: &CStr,
    ) -> Outcome {
        let answers = Answers { username, password };
        let conversation = Conversation {
            converse,
            data: (&raw const answers).cast_mut().cast(),
        };
        let mut handle: *mut c_void = null_mut();
        // SAFETY: all texts end with a zero; conversation and answers live until `pam_end` below.
        let started = unsafe {
            match (self.start_in, folder) {
                (Some(start), Some(folder)) => start(
                    service.as_ptr(),
                    username.as_ptr(),
                    &raw const conversation,
                    folder.as_ptr(),
                    &raw mut handle,
                ),
                _ => (self.start)(
                    service.as_ptr(),
                    username.as_ptr(),
                    &raw const conversation,
                    &raw mut handle,
                ),
            }
        };
        if started != SUCCESS || handle.is_null() {
            return Outcome::Failed(started);
        }
        // SAFETY: the handle is the one that has just been made, and is ended once.
        unsafe {
            let mut last = (self.authenticate)(handle, 0);
            let outcome = if last == SUCCESS {
                last = (self.account)(handle, 0);
                match last {
                    SUCCESS => Outcome::Admitted(self.user(handle, username)),
                    code if SHUT.contains(&code) => Outcome::Shut(code),
                    code => Outcome::Failed(code),
                }
            } else if WRONG.contains(&last) {
                Outcome::Wrong
            } else {
                Outcome::Failed(last)
            };
            (self.end)(handle, last);
            outcome
        }
    }

    /// The name that PAM made of the one that was given: a module may change it.
    ///
    /// # Safety
    /// The handle is one of PAM's that has not ended.
    unsafe fn user(&self, handle: *mut c_void, given: &CStr) -> String {
        let mut found: *const c_void = null();
        // SAFETY: the caller's promise; the text belongs to PAM and is copied before the handle ends.
        unsafe {
            if (self.item)(handle, USER, &raw mut found) == SUCCESS && !found.is_null() {
                return CStr::from_ptr(found.cast()).to_string_lossy().into_owned();
            }
        }
        given.to_string_lossy().into_owned()
    }
}

/// Answers PAM's questions: hidden ones with the password, others with the user name.
extern "C" fn converse(
    count: c_int,
    messages: *const *const Message,
    responses: *mut *mut Response,
    data: *mut c_void,
) -> c_int {
    let Ok(number) = usize::try_from(count) else {
        return CONVERSATION_ERROR;
    };
    if number == 0
        || count > MOST_QUESTIONS
        || messages.is_null()
        || responses.is_null()
        || data.is_null()
    {
        return CONVERSATION_ERROR;
    }
    // SAFETY: PAM calls this within `check`, with the data that was given to it there, and as many messages as it says. It frees
    // the answers itself, so they are made with its allocator.
    unsafe {
        let answers = &*data.cast::<Answers<'_>>();
        let list: *mut Response = libc::calloc(number, size_of::<Response>()).cast();
        if list.is_null() {
            return BUFFER_ERROR;
        }
        for index in 0..number {
            let message = *messages.add(index);
            let text = match (*message).style {
                PROMPT_HIDDEN => libc::strdup(answers.password.as_ptr()),
                PROMPT_SHOWN => libc::strdup(answers.username.as_ptr()),
                _ => null_mut(),
            };
            (*list.add(index)).text = text;
        }
        *responses = list;
    }
    SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_library_can_be_loaded() {
        assert!(Library::load(true).is_ok());
    }
}
