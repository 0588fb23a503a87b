//! The body of a request: JSON of bounded size, or bytes of any length.
//!
//! Rule: what no operation can take is refused here, before any of them looks at it.

use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    error::ContentTypeError,
    payload::{Binary, Json, Payload},
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;

use crate::{
    http::{api::error::into_poem, wire::content_length},
    services::Error,
};

/// The largest JSON body: a README with room for escapes.
const LARGEST_BODY: usize = 1024 * 1024;

/// A JSON body of bounded size, read strictly: the sentence of a refusal names the field.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: Json::<T>::CONTENT_TYPE,
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let content_type = request
            .content_type()
            .ok_or(ContentTypeError::ExpectContentType)?;
        if !Json::<T>::check_content_type(content_type) {
            let content_type = content_type.to_owned();
            return Err(ContentTypeError::NotSupported { content_type }.into());
        }
        let bytes = body.take()?.into_bytes_limit(LARGEST_BODY).await?;
        if holds_nul(&bytes) {
            let sentence = "a text cannot hold the character NUL";
            return Err(into_poem(Error::BadRequest(sentence.to_owned())));
        }
        // Whoever reads objects takes a list of their values for one, too.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            let sentence = "the body does not fit: it is a list, where an object belongs";
            return Err(into_poem(Error::BadRequest(sentence.to_owned())));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let kind = if error.is_data() {
                "the body does not fit"
            } else {
                "the body is not JSON"
            };
            into_poem(Error::BadRequest(format!("{kind}: {error}")))
        })
    }
}

/// Whether a text of a JSON document holds the character NUL, which neither databases nor C programs take. It can only be written
/// as an escape: a backslash that no other one stands for, and `u0000`.
fn holds_nul(json: &[u8]) -> bool {
    const ESCAPE: &[u8] = b"u0000";
    let mut escaped = false;
    for (at, byte) in json.iter().enumerate() {
        if escaped && *byte == b'u' && json.get(at..at + ESCAPE.len()) == Some(ESCAPE) {
            return true;
        }
        escaped = *byte == b'\\' && !escaped;
    }
    false
}

/// The bytes of a request as they come, of any length. What the request calls them does not matter.
#[derive(Debug)]
pub struct Octets {
    /// How many come, where the request says so.
    pub length: Option<u64>,
    /// The bytes.
    pub body: poem::Body,
}

impl<'a> ApiExtractor<'a> for Octets {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: Binary::<poem::Body>::CONTENT_TYPE,
                schema: Binary::<poem::Body>::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let body = body.take()?;
        let length = if body.is_empty() {
            Some(0)
        } else {
            content_length(request)
        };
        Ok(Self { length, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_is_found_as_the_escape_that_it_is() {
        for (json, holds) in [
            (r#"{"a":"b\u0000"}"#, true),
            (r#"{"a\u0000":1}"#, true),
            (r#"["\\\u0000"]"#, true),
            (r#"["\\u0000"]"#, false),
            (r#"["u0000"]"#, false),
            (r#"["\u0001", "\\"]"#, false),
            ("\\", false),
        ] {
            assert_eq!(holds_nul(json.as_bytes()), holds, "{json}");
        }
    }
}
