//! What every failed call of the JSON API answers.

use std::collections::BTreeMap;

use crate::words;

words! {
    /// What went wrong, as a stable word that programs may rely on. The list only grows.
    pub enum ErrorCode {
        /// The request is not well formed: bad JSON, a bad parameter, a missing part.
        BadRequest = "bad_request",
        /// Some fields have values that cannot be taken; `fields` says which and why.
        Invalid = "invalid",
        /// Nobody is signed in, or the credentials are not valid.
        Unauthenticated = "unauthenticated",
        /// User name or password is wrong.
        WrongCredentials = "wrong_credentials",
        /// Signed in, but this may not be done.
        Forbidden = "forbidden",
        /// The request came from another site, or without this session's CSRF token.
        CrossSite = "cross_site",
        /// The terms of use must be accepted first.
        TermsRequired = "terms_required",
        /// The path is not part of the API.
        NotFound = "not_found",
        /// No such collection, or not visible to the caller.
        CollectionNotFound = "collection_not_found",
        /// No such container, or not visible to the caller.
        ContainerNotFound = "container_not_found",
        /// No such image, or not visible to the caller.
        ImageNotFound = "image_not_found",
        /// No such tag.
        TagNotFound = "tag_not_found",
        /// No such token.
        TokenNotFound = "token_not_found",
        /// No such user.
        UserNotFound = "user_not_found",
        /// No such team.
        TeamNotFound = "team_not_found",
        /// No such robot, or not the caller's to manage.
        RobotNotFound = "robot_not_found",
        /// No such public key.
        KeyNotFound = "key_not_found",
        /// No such upload, or it has ended.
        UploadNotFound = "upload_not_found",
        /// No such manifest, or not visible to the caller.
        ManifestNotFound = "manifest_not_found",
        /// No such blob here, or not visible to the caller.
        BlobNotFound = "blob_not_found",
        /// A manifest names content that is not here.
        MissingContent = "missing_content",
        /// A manifest cannot be taken.
        BadManifest = "bad_manifest",
        /// The registry does not do this.
        Unsupported = "unsupported",
        /// The method is not allowed on this path.
        MethodNotAllowed = "method_not_allowed",
        /// The name is in use.
        NameTaken = "name_taken",
        /// The tag or image is frozen.
        Frozen = "frozen",
        /// The change clashes with what is there.
        Conflict = "conflict",
        /// The upload goes on elsewhere; `expected_offset` says where.
        WrongOffset = "wrong_offset",
        /// The uploaded bytes are not what the client said they would be.
        DigestMismatch = "digest_mismatch",
        /// The uploaded file is not a SIF image, or it is damaged.
        NotAnImage = "not_an_image",
        /// The body is larger than allowed here.
        TooLarge = "too_large",
        /// A quota is used up.
        QuotaExceeded = "quota_exceeded",
        /// It was there once, such as a share link past its time.
        Gone = "gone",
        /// What may be downloaded this week has been; `Retry-After` says when downloads go on.
        DownloadLimit = "download_limit",
        /// Too many requests; `Retry-After` says when to come back.
        RateLimited = "rate_limited",
        /// The registry has no space left.
        NoSpace = "no_space",
        /// Too busy or restarting; try again shortly.
        Unavailable = "unavailable",
        /// A fault of the server. It has been logged under the request id.
        Internal = "internal",
    }
}

crate::object! {
    /// Why a call failed.
    pub struct Problem {
        /// What went wrong, as a stable word.
        pub code: ErrorCode,
        /// What went wrong and what to do, as a sentence for a person.
        pub message: String,
        /// For each field that could not be taken: why.
        pub fields: BTreeMap<String, String>,
        /// Where an upload goes on, in bytes, where the request was about another place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
        pub expected_offset: Option<u64>,
        /// The id under which the server logged this request.
        pub request_id: String,
    } = Problem {
        code: ErrorCode::CollectionNotFound,
        message: "collection “climate” not found".to_owned(),
        fields: BTreeMap::new(),
        expected_offset: None,
        request_id: "01J8Z3K5V7Q2M4N6P8R0S2T4W6".to_owned(),
    }
}
