//! What the OCI protocol serves, its description, and how its paths are read.
//!
//! A repository's name has slashes in it, so a path is read from its end: the last segments say what is asked for, and what stands
//! between `/v2/` and them is the name. A name may therefore hold words such as `tags` or `manifests`.

use percent_encoding::percent_decode_str;
use poem::http::Method;

use crate::http::{api::docs::Operation, wire::Entry};

/// What may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Whether this is a registry, and the credentials are good.
    Base,
    /// A pass for a token.
    Token,
    /// The repositories.
    Catalog,
    /// The tags of a repository.
    ListTags,
    /// What refers to a manifest.
    ListReferrers,
    /// A manifest, by tag or digest.
    GetManifest,
    /// Keep a manifest.
    PutManifest,
    /// Remove a tag, or a manifest with all that leads to it.
    DeleteManifest,
    /// A blob.
    GetBlob,
    /// Remove a blob from a repository.
    DeleteBlob,
    /// Begin to send a blob, send it at once, or take it from another repository.
    StartUpload,
    /// How much of a blob has arrived.
    GetUpload,
    /// Send the next bytes of a blob.
    PatchUpload,
    /// Send the last bytes of a blob, and say what it is.
    FinishUpload,
    /// Give up sending a blob.
    AbortUpload,
}

/// A request, read from its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What is asked for.
    pub call: Call,
    /// The repository's name; empty where none is needed.
    pub name: String,
    /// The digest, reference or upload at the end of the path; empty where there is none.
    pub last: String,
}

/// What a path turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Something that may be asked for.
    Asked(Asked),
    /// Something of the protocol, asked for by a method that it does not have.
    WrongMethod,
    /// Nothing of this protocol.
    Nothing,
}

/// Reads a path. HEAD is read as GET; a slash at the end counts for nothing.
pub fn read(method: &Method, path: &str) -> Read {
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(("v2", rest)) = segments.split_first().map(|(first, rest)| (*first, rest)) else {
        return Read::Nothing;
    };
    let (calls, name, last) = match rest {
        [] => (BASE, rest, ""),
        ["token"] => (TOKEN, [].as_slice(), ""),
        ["_catalog"] => (CATALOG, [].as_slice(), ""),
        [name @ .., "tags", "list"] if !name.is_empty() => (TAGS, name, ""),
        [name @ .., "blobs", "uploads"] if !name.is_empty() => (UPLOADS, name, ""),
        [name @ .., "blobs", "uploads", id] if !name.is_empty() => (UPLOAD, name, *id),
        [name @ .., "blobs", digest] if !name.is_empty() => (BLOB, name, *digest),
        [name @ .., "manifests", reference] if !name.is_empty() => (MANIFEST, name, *reference),
        [name @ .., "referrers", digest] if !name.is_empty() => (REFERRERS, name, *digest),
        _ => return Read::Nothing,
    };
    let method = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    let found = calls.iter().find(|(wanted, _)| wanted == method);
    found.map_or(Read::WrongMethod, |(_, call)| {
        Read::Asked(Asked {
            call: *call,
            name: name.join("/"),
            last: last.to_owned(),
        })
    })
}

type Calls = &'static [(Method, Call)];

const BASE: Calls = &[(Method::GET, Call::Base)];
const TOKEN: Calls = &[(Method::GET, Call::Token)];
const CATALOG: Calls = &[(Method::GET, Call::Catalog)];
const TAGS: Calls = &[(Method::GET, Call::ListTags)];
const REFERRERS: Calls = &[(Method::GET, Call::ListReferrers)];
const UPLOADS: Calls = &[(Method::POST, Call::StartUpload)];
const UPLOAD: Calls = &[
    (Method::GET, Call::GetUpload),
    (Method::PATCH, Call::PatchUpload),
    (Method::PUT, Call::FinishUpload),
    (Method::DELETE, Call::AbortUpload),
];
const BLOB: Calls = &[
    (Method::GET, Call::GetBlob),
    (Method::DELETE, Call::DeleteBlob),
];
const MANIFEST: Calls = &[
    (Method::GET, Call::GetManifest),
    (Method::PUT, Call::PutManifest),
    (Method::DELETE, Call::DeleteManifest),
];

/// An entry of the table.
const fn entry(
    call: Call,
    (method, path): (&'static str, &'static str),
    id: &'static str,
    summary: &'static str,
    request: &'static str,
    statuses: &'static [(u16, &'static str)],
) -> Entry<Call> {
    let operation = Operation {
        method,
        path,
        id,
        summary,
        tag: "OCI",
        request,
        statuses,
    };
    (call, operation)
}

/// The table of what is served. `{name}` is `collection/container` or `entity/collection/container`.
pub const ROUTES: &[Entry<Call>] = &[
    entry(
        Call::Base,
        ("get", "/v2"),
        "check_oci",
        "Whether this is an OCI registry, and the credentials are good",
        "",
        &[
            (200, "It is, and they are."),
            (401, "Nobody is signed in, or the credentials are not good."),
        ],
    ),
    entry(
        Call::Token,
        ("get", "/v2/token"),
        "create_oci_pass",
        "A pass of a few minutes for a token, which is the password of “Basic”; for `scope` and no more",
        "",
        &[
            (200, "The pass, as “token” and “access_token”."),
            (401, "The token is not good."),
        ],
    ),
    entry(
        Call::Catalog,
        ("get", "/v2/_catalog"),
        "list_repositories",
        "The repositories that the caller may see",
        "",
        &[
            (200, "Their names; `Link` leads on."),
            (400, "`n` is no number."),
            (401, "Nobody is signed in, or the credentials are not good."),
        ],
    ),
    entry(
        Call::ListTags,
        ("get", "/v2/{name}/tags/list"),
        "list_repository_tags",
        "The tags of a repository",
        "",
        &[
            (200, "Their names; `Link` leads on."),
            (400, "The name, digest or reference is not well formed."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (404, "It does not exist, or the caller may not see it."),
        ],
    ),
    entry(
        Call::ListReferrers,
        ("get", "/v2/{name}/referrers/{digest}"),
        "list_referrers",
        "What refers to a manifest, of one artifact type (`artifactType`) or of all",
        "",
        &[
            (200, "An index; `Link` leads on."),
            (400, "The name, digest or reference is not well formed."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (404, "It does not exist, or the caller may not see it."),
        ],
    ),
    entry(
        Call::GetManifest,
        ("get", "/v2/{name}/manifests/{reference}"),
        "get_manifest",
        "A manifest, by tag or digest",
        "",
        &[
            (200, "The manifest, byte for byte."),
            (304, "What the client has is still right."),
            (400, "The name, digest or reference is not well formed."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (404, "It does not exist, or the caller may not see it."),
        ],
    ),
    entry(
        Call::PutManifest,
        ("put", "/v2/{name}/manifests/{reference}"),
        "put_manifest",
        "Keep a manifest, and point a tag at it",
        "The manifest",
        &[
            (201, "It is kept; `Docker-Content-Digest` is its digest."),
            (400, "It is no manifest, or is not what its digest says."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not push, or the tag is frozen."),
            (
                404,
                "It names what is not here, or the caller may not see the repository.",
            ),
            (413, "It has more than 4 MiB."),
        ],
    ),
    entry(
        Call::DeleteManifest,
        ("delete", "/v2/{name}/manifests/{reference}"),
        "delete_manifest",
        "Remove a tag, or a manifest with all tags that mean it",
        "",
        &[
            (202, "It is gone."),
            (400, "The name, digest or reference is not well formed."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not delete, or a tag is frozen."),
            (404, "It does not exist, or the caller may not see it."),
        ],
    ),
    entry(
        Call::GetBlob,
        ("get", "/v2/{name}/blobs/{digest}"),
        "get_repository_blob",
        "A blob, whole or a range",
        "",
        &[
            (200, "The bytes."),
            (206, "The range asked for."),
            (304, "What the client has is still right."),
            (
                307,
                "It is in the object store at this address, for a while.",
            ),
            (400, "The name, digest or reference is not well formed."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (404, "It does not exist, or the caller may not see it."),
            (416, "The range lies outside the blob."),
        ],
    ),
    entry(
        Call::DeleteBlob,
        ("delete", "/v2/{name}/blobs/{digest}"),
        "delete_repository_blob",
        "Remove a blob that no manifest needs from a repository",
        "",
        &[
            (202, "It is gone."),
            (400, "The name, digest or reference is not well formed."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not do this."),
            (404, "It does not exist, or the caller may not see it."),
            (405, "A manifest needs it."),
        ],
    ),
    entry(
        Call::StartUpload,
        ("post", "/v2/{name}/blobs/uploads"),
        "start_blob",
        "Begin to send a blob, send it at once (`digest`), or take it from another repository (`mount`, `from`)",
        "Nothing, or the bytes of the blob",
        &[
            (201, "The blob is here."),
            (202, "`Location` takes its bytes."),
            (
                400,
                "The name or digest is not well formed, or the bytes are others.",
            ),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not do this."),
            (404, "It does not exist, or the caller may not see it."),
        ],
    ),
    entry(
        Call::GetUpload,
        ("get", "/v2/{name}/blobs/uploads/{upload}"),
        "get_blob_upload",
        "How much of a blob has arrived",
        "",
        &[
            (204, "`Range` says it."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not do this."),
            (404, "It does not exist, or the caller may not see it."),
        ],
    ),
    entry(
        Call::PatchUpload,
        ("patch", "/v2/{name}/blobs/uploads/{upload}"),
        "append_blob",
        "Send the next bytes of a blob",
        "The bytes",
        &[
            (202, "They are here; `Location` takes the next."),
            (400, "`Content-Range` is not right."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not do this."),
            (404, "It does not exist, or the caller may not see it."),
            (416, "The upload goes on elsewhere; `Range` says where."),
        ],
    ),
    entry(
        Call::FinishUpload,
        ("put", "/v2/{name}/blobs/uploads/{upload}"),
        "finish_blob",
        "Send the last bytes of a blob, and say what it is (`digest`)",
        "The bytes that are left, or nothing",
        &[
            (201, "The blob is here."),
            (
                400,
                "The bytes are not what the digest says; nothing is kept.",
            ),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not do this."),
            (404, "It does not exist, or the caller may not see it."),
            (416, "The upload goes on elsewhere; `Range` says where."),
        ],
    ),
    entry(
        Call::AbortUpload,
        ("delete", "/v2/{name}/blobs/uploads/{upload}"),
        "abort_blob",
        "Give up sending a blob",
        "",
        &[
            (204, "Nothing of it is left."),
            (401, "Nobody is signed in, or the credentials are not good."),
            (403, "The caller may not do this."),
            (404, "It does not exist, or the caller may not see it."),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &Method, path: &str) -> Option<(Call, String, String)> {
        match read(method, path) {
            Read::Asked(asked) => Some((asked.call, asked.name, asked.last)),
            Read::WrongMethod | Read::Nothing => None,
        }
    }

    #[test]
    fn paths_are_read_from_their_end() {
        let found = |call, name: &str, last: &str| Some((call, name.to_owned(), last.to_owned()));
        for (method, path, expected) in [
            (Method::GET, "/v2", found(Call::Base, "", "")),
            (Method::GET, "/v2/", found(Call::Base, "", "")),
            (Method::GET, "/v2/_catalog", found(Call::Catalog, "", "")),
            (
                Method::HEAD,
                "/v2/c/n/manifests/v1",
                found(Call::GetManifest, "c/n", "v1"),
            ),
            (
                Method::GET,
                "/v2/e/c/n/blobs/sha256%3Aab",
                found(Call::GetBlob, "e/c/n", "sha256:ab"),
            ),
            (
                Method::POST,
                "/v2/c/n/blobs/uploads/",
                found(Call::StartUpload, "c/n", ""),
            ),
            (
                Method::PATCH,
                "/v2/c/n/blobs/uploads/x",
                found(Call::PatchUpload, "c/n", "x"),
            ),
            (
                Method::GET,
                "/v2/tags/x/manifests/latest",
                found(Call::GetManifest, "tags/x", "latest"),
            ),
            (
                Method::GET,
                "/v2/manifests/tags/tags/list",
                found(Call::ListTags, "manifests/tags", ""),
            ),
            (
                Method::GET,
                "/v2/c/n/referrers/sha256:ab",
                found(Call::ListReferrers, "c/n", "sha256:ab"),
            ),
        ] {
            assert_eq!(asked(&method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn methods_and_paths_that_are_not_there_are_told_apart() {
        assert_eq!(
            read(&Method::PATCH, "/v2/c/n/manifests/v1"),
            Read::WrongMethod
        );
        for path in [
            "/v2/imagefile/i1",
            "/v2/tags/n1",
            "/v2/c",
            "/v2/tags/list",
            "/v1/c/n/tags/list",
        ] {
            assert_eq!(read(&Method::GET, path), Read::Nothing, "{path}");
        }
    }
}
