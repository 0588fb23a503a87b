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
            json: prefers_json(accept),
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

/// Whether JSON is named, before any text. Browsers and terminals name none.
fn prefers_json(accept: &str) -> bool {
    let json = accept.find("json");
    let text = accept.find("text/");
    json.is_some_and(|json| text.is_none_or(|text| json < text))
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
        expected_offset: None,
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

#[cfg(test)]
mod tests {
    use super::prefers_json;

    #[test]
    fn json_is_for_those_who_name_it_first() {
        for accept in [
            "application/json",
            "application/problem+json",
            "application/json, text/plain, */*",
        ] {
            assert!(prefers_json(accept), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/html,application/xml;q=0.9,*/*;q=0.8",
            "text/html, application/json",
        ] {
            assert!(!prefers_json(accept), "{accept}");
        }
    }
}
