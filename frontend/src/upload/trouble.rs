//! What to do when something goes wrong: try again by oneself, or tell the person what to do.

use shared_types::ErrorCode;

use crate::{api::ApiError, util::text};

/// What a failure means.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The server knows better where the upload goes on: ask it, at once.
    Ask,
    /// It will pass: try again after a while.
    Again(String),
    /// It will not.
    Stop(Stop),
}

/// What stops a transfer until its person acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// What happened and what to do, for a person.
    pub message: String,
    /// What can be done here.
    pub way: Way,
}

/// What a person can do when a transfer has stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Sign in, then go on.
    SignIn,
    /// Try the same again, once the cause is mended.
    GoOn,
    /// Begin again at the first byte.
    StartAgain,
    /// Nothing but to give it up: another file or another tag is needed.
    GiveUp,
}

/// What a failed call means for a transfer.
pub fn judge(error: &ApiError) -> Verdict {
    let stop = |way| {
        Verdict::Stop(Stop {
            message: text::sentence(&error.message()),
            way,
        })
    };
    match error {
        ApiError::Offline => Verdict::Again("The connection was cut.".to_owned()),
        ApiError::Status(_) => Verdict::Again("The registry is not reachable just now.".to_owned()),
        ApiError::Garbled => stop(Way::GoOn),
        ApiError::Problem { problem, .. } => match problem.code {
            ErrorCode::WrongOffset => Verdict::Ask,
            ErrorCode::Unavailable | ErrorCode::RateLimited | ErrorCode::Internal => {
                Verdict::Again("The registry is busy just now.".to_owned())
            }
            // A body that stopped early, or a request that lost its turn.
            ErrorCode::BadRequest => {
                Verdict::Again("The connection was cut.".to_owned())
            }
            ErrorCode::Unauthenticated | ErrorCode::CrossSite => Verdict::Stop(Stop {
                message: "Your session has ended. Sign in again, then go on: what has arrived is kept.".to_owned(),
                way: Way::SignIn,
            }),
            ErrorCode::UploadNotFound => Verdict::Stop(Stop {
                message: "The registry has given up this upload: it waited too long, or was ended elsewhere.".to_owned(),
                way: Way::StartAgain,
            }),
            ErrorCode::DigestMismatch => Verdict::Stop(Stop {
                message: "What arrived is not what this file holds: the file was changed on the way, or the upload was begun with another one. The registry kept nothing.".to_owned(),
                way: Way::StartAgain,
            }),
            ErrorCode::QuotaExceeded | ErrorCode::NoSpace | ErrorCode::Forbidden | ErrorCode::Conflict | ErrorCode::Frozen => stop(Way::GoOn),
            _ => stop(Way::GiveUp),
        },
    }
}

/// Seconds to wait before a try: 1, 2, 4 … 30, or what the server asks for.
pub fn pause(failures: u32, error: &ApiError) -> u32 {
    let asked = match error {
        ApiError::Problem { retry_after, .. } => retry_after.unwrap_or_default(),
        _ => 0,
    };
    let own = 1_u32.checked_shl(failures.min(5)).unwrap_or(30).min(30);
    asked.max(own)
}

#[cfg(test)]
mod tests {
    use shared_types::{Problem, Sample};

    use super::*;

    fn problem(code: ErrorCode) -> ApiError {
        ApiError::Problem {
            status: 400,
            problem: Box::new(Problem {
                code,
                ..Problem::sample()
            }),
            retry_after: None,
        }
    }

    fn way(code: ErrorCode) -> Option<Way> {
        match judge(&problem(code)) {
            Verdict::Stop(stop) => Some(stop.way),
            _ => None,
        }
    }

    #[test]
    fn what_passes_is_tried_again() {
        assert!(matches!(judge(&ApiError::Offline), Verdict::Again(_)));
        assert!(matches!(judge(&ApiError::Status(502)), Verdict::Again(_)));
        for code in [ErrorCode::Unavailable, ErrorCode::RateLimited] {
            assert!(matches!(judge(&problem(code)), Verdict::Again(_)));
        }
        assert_eq!(judge(&problem(ErrorCode::WrongOffset)), Verdict::Ask);
    }

    #[test]
    fn what_does_not_pass_says_what_to_do() {
        for (code, expected) in [
            (ErrorCode::Unauthenticated, Way::SignIn),
            (ErrorCode::QuotaExceeded, Way::GoOn),
            (ErrorCode::UploadNotFound, Way::StartAgain),
            (ErrorCode::DigestMismatch, Way::StartAgain),
            (ErrorCode::Frozen, Way::GoOn),
            (ErrorCode::NotAnImage, Way::GiveUp),
            (ErrorCode::TooLarge, Way::GiveUp),
        ] {
            assert_eq!(way(code), Some(expected), "{code}");
        }
    }

    #[test]
    fn waits_grow_to_half_a_minute_and_follow_the_server() {
        let waits: Vec<_> = (0..8).map(|n| pause(n, &ApiError::Offline)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        let asked = ApiError::Problem {
            status: 503,
            problem: Box::new(Problem::sample()),
            retry_after: Some(60),
        };
        assert_eq!(pause(0, &asked), 60);
    }
}
