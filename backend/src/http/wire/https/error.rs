//! How plain HTTPS says that something went wrong: a sentence for people at a terminal, or a `Problem` for programs that ask for JSON.

use poem::{
    Request, Response,
    http::{HeaderValue, StatusCode, header},
};
use shared_types::Problem;

use crate::{
    http::{api, middleware::request_id::RequestId},
    services::Error,
};

/// What kinds of credentials are understood.
const CHALLENGE: &str = "Basic realm=\"registry\", charset=\"UTF-8\"";

/// Which form a client wants errors in.
pub struct Form {
    json: bool,
    request_id: String,
}

impl Form {
    /// The form that a request asks for.
    pub fn of(request: &Request) -> Self {
        let accept = request.header(header::ACCEPT).unwrap_or_default();
        let request_id = request.data::<RequestId>();
        Self {
            // Browsers take everything; programs that want JSON name it.
            json: accept.contains("json") && !accept.contains("text/"),
            request_id: request_id.map(|id| id.0.clone()).unwrap_or_default(),
        }
    }

    /// Writes the body of an error, where the answer is one.
    pub fn write(self, mut response: Response) -> Response {
        let Some(mut problem) = response.extensions_mut().remove::<Problem>() else {
            return response;
        };
        if self.json {
            problem.request_id = self.request_id;
            let body = serde_json::to_vec(&problem).unwrap_or_default();
            response.set_body(body);
            response.set_content_type("application/json")
        } else {
            response.set_body(format!("{}\n", problem.message));
            response.set_content_type("text/plain; charset=utf-8")
        }
    }
}

/// The answer for an error; `Form::write` gives it a body.
pub fn answer(error: &Error) -> Response {
    let status = api::error::status(error);
    let mut response = Response::builder().status(status).finish();
    response.extensions_mut().insert(Problem {
        code: error.code(),
        message: error.to_string(),
        fields: match error {
            Error::Invalid(problems) => problems.0.clone(),
            _ => std::collections::BTreeMap::new(),
        },
        request_id: String::new(),
    });
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(CHALLENGE);
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
