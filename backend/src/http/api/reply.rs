//! Answers that several resources of the JSON API give.

use poem_openapi::{ApiResponse, payload::Json, types::ToJSON};

/// Something was done, and there is nothing to say about it.
#[derive(Debug, ApiResponse)]
pub enum Done {
    /// Done.
    #[oai(status = 204)]
    Done,
}

/// Something was made.
#[derive(Debug, ApiResponse)]
pub enum Created<T: ToJSON> {
    /// Made. `Location` says where it is.
    #[oai(status = 201)]
    Created(
        Json<T>,
        /// Where it is.
        #[oai(header = "Location")]
        String,
    ),
}

impl<T: ToJSON> Created<T> {
    /// Made, to be found at these segments below `/api/v1`.
    pub fn at(segments: &[&str], body: T) -> Self {
        let path: Vec<_> = segments
            .iter()
            .map(|segment| segment_of_path(segment))
            .collect();
        Self::Created(Json(body), format!("/api/v1/{}", path.join("/")))
    }
}

fn segment_of_path(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
}
