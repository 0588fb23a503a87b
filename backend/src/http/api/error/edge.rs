//! The edge of the JSON API: whatever comes out of it that is not an answer becomes one here.

use std::collections::BTreeMap;

use poem::{
    Endpoint, IntoResponse, Middleware, Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};
use poem_openapi::{OpenApi, registry::MetaApi};

use super::{into_poem, log, problem};
use crate::{
    http::middleware::{guard::PanicGuard, request_id::RequestId},
    services::Error,
};

/// Turns whatever an endpoint fails with into a `Problem`, panics and unknown paths included.
#[derive(Debug, Clone)]
pub struct Problems {
    /// Paths, segment by segment, with the methods that they take.
    paths: Vec<(Vec<String>, Vec<Method>)>,
}

impl Problems {
    /// For an API, whose paths are needed to tell which methods one takes.
    pub fn of<T: OpenApi>() -> Self {
        Self::of_paths(T::meta())
    }

    /// For these paths.
    pub fn of_paths(apis: Vec<MetaApi>) -> Self {
        let mut paths: BTreeMap<Vec<String>, Vec<Method>> = BTreeMap::new();
        for path in apis.into_iter().flat_map(|api| api.paths) {
            let methods = paths.entry(segments(&path.path)).or_default();
            methods.extend(
                path.operations
                    .iter()
                    .map(|operation| operation.method.clone()),
            );
        }
        Self {
            paths: paths.into_iter().collect(),
        }
    }

    /// The methods that a path takes, as the header `Allow` has them.
    fn allow(&self, path: &str) -> Option<HeaderValue> {
        let path = segments(path);
        let fits = |template: &[String]| {
            template.len() == path.len()
                && template
                    .iter()
                    .zip(&path)
                    .all(|(t, p)| t.starts_with([':', '{']) || t == p)
        };
        let mut methods: Vec<&str> = Vec::new();
        for method in self
            .paths
            .iter()
            .filter(|(t, _)| fits(t))
            .flat_map(|(_, methods)| methods)
        {
            methods.push(method.as_str());
            if method == Method::GET {
                methods.push(Method::HEAD.as_str());
            }
        }
        methods.sort_unstable();
        methods.dedup();
        HeaderValue::from_str(&methods.join(", "))
            .ok()
            .filter(|_| !methods.is_empty())
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

impl<E: Endpoint> Middleware<E> for Problems {
    type Output = Explained<<PanicGuard as Middleware<E>>::Output>;

    fn transform(&self, inner: E) -> Self::Output {
        Explained {
            inner: PanicGuard.transform(inner),
            problems: self.clone(),
        }
    }
}

/// Whether a parameter holds the character NUL, which no database takes. In a path it is part of a name that nothing has.
fn holds_nul(request: &Request) -> bool {
    let query = request.uri().query();
    query.is_some_and(|query| query.contains("%00"))
}

/// An endpoint whose every failure is a `Problem`.
#[derive(Debug)]
pub struct Explained<E> {
    inner: E,
    problems: Problems,
}

impl<E: Endpoint> Endpoint for Explained<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let request_id = request
            .data::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default();
        let path = request.uri().path().to_owned();
        let answer = if holds_nul(&request) {
            let sentence = "a parameter cannot hold the character NUL".to_owned();
            Err(into_poem(Error::BadRequest(sentence)))
        } else {
            self.inner.call(request).await
        };
        let error = match answer {
            Ok(response) => return Ok(response.into_response()),
            Err(error) => error,
        };
        if error.is_from_response() {
            return Ok(error.into_response());
        }
        log(&error, &request_id);
        let mut response = problem(&error, request_id);
        if error.status() == StatusCode::METHOD_NOT_ALLOWED
            && let Some(allow) = self.problems.allow(&path)
        {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        Ok(response)
    }
}
