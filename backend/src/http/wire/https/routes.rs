//! What may be asked for over plain HTTPS.

use super::super::Entry;
use crate::http::api::docs::Operation;

/// What may be asked for.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// The file that a tag or a digest names, or its checksum.
    Download,
    /// The file that a share link leads to, or its checksum.
    Share,
}

const SHARE_STATUSES: &[(u16, &str)] = &[
    (200, "The file."),
    (206, "The range asked for."),
    (304, "What the client has is still right."),
    (404, "There is no such link."),
    (
        410,
        "The link worked once: its time, its downloads or its image are gone, or it was revoked.",
    ),
    (412, "A condition does not hold."),
    (416, "The range lies outside the file."),
    (
        429,
        "All downloads of this week were had; `Retry-After` says when there are more.",
    ),
];

/// The table of what is served.
pub const ROUTES: &[Entry<Call>] = &[
    (
        Call::Download,
        Operation {
            method: "get",
            path: "/download/{collection}/{container}/{file}",
            id: "download_file",
            summary: "Get an image as a file: `<tag>.sif` or `sha256:<digest>.sif`, with `?arch=`; with `.sha256` after it, its checksum",
            tag: "HTTPS",
            request: "",
            statuses: &[
                (
                    200,
                    "The file, or a line for `sha256sum --check`. `ETag` and `X-Checksum-Sha256` hold its digest.",
                ),
                (206, "The range asked for."),
                (304, "What the client has is still right."),
                (400, "This names no image."),
                (401, "The credentials are not valid."),
                (404, "There is no such image, or the caller may not see it."),
                (412, "A condition does not hold."),
                (416, "The range lies outside the file."),
                (
                    429,
                    "All downloads of this week were had; `Retry-After` says when there are more.",
                ),
            ],
        },
    ),
    (
        Call::Share,
        Operation {
            method: "get",
            path: "/share/{secret}",
            id: "get_shared_file",
            summary: "Get the image that a share link leads to",
            tag: "HTTPS",
            request: "",
            statuses: SHARE_STATUSES,
        },
    ),
    (
        Call::Share,
        Operation {
            method: "get",
            path: "/share/{secret}/{file}",
            id: "get_shared_file_by_name",
            summary: "Get the image that a share link leads to, under whatever name; with `.sha256` after it, its checksum",
            tag: "HTTPS",
            request: "",
            statuses: SHARE_STATUSES,
        },
    ),
];
