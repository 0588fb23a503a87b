//! What the library protocol serves, and its description.

use crate::http::{api::docs::Operation, wire::Entry};

/// What may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Where clients find the services of this registry.
    ClientConfig,
    /// Which requests this server understands.
    Version,
    /// Whether a token is good.
    TokenStatus,
    /// Who the caller is.
    CurrentUser,
    /// Where to push and pull without this protocol.
    OciRedirect,
    /// The caller's entity.
    ListEntities,
    /// An entity.
    GetEntity,
    /// Make sure that an entity is there.
    CreateEntity,
    /// A collection, whatever the entity.
    GetCollection,
    /// Make sure that a collection is there.
    CreateCollection,
    /// A container and its tags.
    GetContainer,
    /// Make sure that a container is there.
    CreateContainer,
    /// The image that a reference names.
    GetImage,
    /// Delete the image that a reference names.
    DeleteImage,
    /// Announce an image by its digest.
    CreateImage,
    /// Where to get the bytes of an image.
    GetFile,
    /// Send the bytes of an image, as clients before 3.3 do.
    PushFile,
    /// Ask for a place to send the bytes of an image to.
    OpenUpload,
    /// Make the bytes that were sent the image's.
    CompleteUpload,
    /// Begin to send the bytes of an image in parts.
    OpenMultipart,
    /// Ask for a place to send a part to.
    OpenPart,
    /// Make the parts that were sent the image's bytes.
    CompleteMultipart,
    /// Give up sending parts.
    AbortMultipart,
    /// The tags of a container, for clients that know no architectures.
    ListTags,
    /// Point a tag at an image, for clients that know no architectures.
    SetTag,
    /// The tags of a container, by architecture.
    ListArchTags,
    /// Point a tag at an image, by architecture.
    SetArchTag,
    /// Images whose names, tags or descriptions contain a word (`value`), by architecture (`arch`) and signature (`signed`).
    Search,
}

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
        tag: "Library",
        request,
        statuses,
    };
    (call, operation)
}

/// The table of what is served.
pub const ROUTES: &[Entry<Call>] = &[
    entry(
        Call::ClientConfig,
        ("get", "/assets/config/config.prod.json"),
        "get_client_config",
        "Where clients find the services of this registry",
        "",
        &[(200, "The address of each service.")],
    ),
    entry(
        Call::Version,
        ("get", "/version"),
        "get_version",
        "Which requests this server understands",
        "",
        &[(200, "The versions.")],
    ),
    entry(
        Call::TokenStatus,
        ("get", "/v1/token-status"),
        "check_token",
        "Whether a token is good",
        "",
        &[(200, "It is."), (404, "It is not, or none was sent.")],
    ),
    entry(
        Call::CurrentUser,
        ("get", "/v1/rbac/users/current"),
        "get_current_user",
        "Who the caller is",
        "",
        &[
            (200, "The user, without an envelope."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
        ],
    ),
    entry(
        Call::OciRedirect,
        ("get", "/v1/oci-redirect"),
        "get_oci_redirect",
        "Where to push and pull without this protocol: nowhere",
        "",
        &[(404, "Always: clients then use this protocol.")],
    ),
    entry(
        Call::ListEntities,
        ("get", "/v1/entities"),
        "list_entities",
        "The caller's entity",
        "",
        &[
            (200, "The entity named like the caller, or none."),
            (401, "The credentials are not valid."),
        ],
    ),
    entry(
        Call::GetEntity,
        ("get", "/v1/entities/{entity}"),
        "get_entity",
        "An entity, which is only a name",
        "",
        &[
            (200, "The entity."),
            (400, "This cannot be the name of one."),
            (401, "The credentials are not valid."),
        ],
    ),
    entry(
        Call::CreateEntity,
        ("post", "/v1/entities"),
        "create_entity",
        "Make sure that an entity is there",
        "The name, as JSON",
        &[
            (200, "The entity."),
            (400, "The request cannot be understood."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
        ],
    ),
    entry(
        Call::GetCollection,
        ("get", "/v1/collections/{entity}/{collection}"),
        "get_library_collection",
        "A collection, whatever the entity",
        "",
        &[
            (200, "The collection."),
            (401, "The credentials are not valid."),
            (
                404,
                "There is no such collection, or the caller may not see it.",
            ),
        ],
    ),
    entry(
        Call::CreateCollection,
        ("post", "/v1/collections"),
        "create_library_collection",
        "Make sure that a collection is there",
        "The name and the entity's id, as JSON",
        &[
            (200, "The collection."),
            (400, "The request cannot be understood."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (
                403,
                "The caller may not make collections, or not for this entity.",
            ),
            (409, "Others have a collection of this name."),
            (507, "The caller has as many as allowed."),
        ],
    ),
    entry(
        Call::GetContainer,
        ("get", "/v1/containers/{entity}/{collection}/{container}"),
        "get_library_container",
        "A container and its tags",
        "",
        &[
            (200, "The container."),
            (401, "The credentials are not valid."),
            (
                404,
                "There is no such container, or the caller may not see it.",
            ),
        ],
    ),
    entry(
        Call::CreateContainer,
        ("post", "/v1/containers"),
        "create_library_container",
        "Make sure that a container is there",
        "The name and the collection's id, as JSON",
        &[
            (200, "The container."),
            (400, "The request cannot be understood."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (
                404,
                "There is no such collection, or the caller may not see it.",
            ),
        ],
    ),
    entry(
        Call::GetImage,
        ("get", "/v1/images/{reference}"),
        "get_library_image",
        "The image that a reference names: [[entity/]collection/]container[:tag or :sha256.digest]",
        "",
        &[
            (200, "The image."),
            (400, "This is no reference."),
            (401, "The credentials are not valid."),
            (404, "There is no such image, or the caller may not see it."),
        ],
    ),
    entry(
        Call::DeleteImage,
        ("delete", "/v1/images/{reference}"),
        "delete_library_image",
        "Delete the image that a reference names",
        "",
        &[
            (200, "The image as it was."),
            (400, "This is no reference."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not delete here."),
            (404, "There is no such image, or the caller may not see it."),
            (409, "A frozen tag points at it."),
        ],
    ),
    entry(
        Call::CreateImage,
        ("post", "/v1/images"),
        "create_library_image",
        "Announce an image by its digest",
        "The digest, the container's id and a description, as JSON",
        &[
            (
                200,
                "The image; `uploaded` says whether its bytes are needed.",
            ),
            (400, "The request cannot be understood."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (
                404,
                "There is no such container, or the caller may not see it.",
            ),
        ],
    ),
    entry(
        Call::GetFile,
        ("get", "/v1/imagefile/{reference}"),
        "get_library_file",
        "Where to get the bytes of an image",
        "",
        &[
            (
                303,
                "There, for a while, without credentials and in ranges.",
            ),
            (400, "This is no reference."),
            (401, "The credentials are not valid."),
            (404, "There is no such image, or the caller may not see it."),
        ],
    ),
    entry(
        Call::PushFile,
        ("post", "/v1/imagefile/{image}"),
        "push_library_file",
        "Send the bytes of an image, as clients before 3.3 do",
        "The bytes of the file",
        &[
            (200, "The image has its bytes."),
            (
                400,
                "They are not what was announced, or not a Singularity image.",
            ),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (404, "There is no such image, or the caller may not see it."),
            (413, "The image is larger than this registry takes."),
            (507, "The quota is used up, or no space is left."),
        ],
    ),
    entry(
        Call::OpenUpload,
        ("post", "/v2/imagefile/{image}"),
        "open_upload",
        "Ask for a place to send the bytes of an image to",
        "Size and digest, as JSON",
        &[
            (200, "The address, good for a while and for these bytes."),
            (
                400,
                "They are not what was announced, or not a Singularity image.",
            ),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (404, "There is no such image, or the caller may not see it."),
            (413, "The image is larger than this registry takes."),
            (507, "The quota is used up, or no space is left."),
        ],
    ),
    entry(
        Call::CompleteUpload,
        ("put", "/v2/imagefile/{image}/_complete"),
        "complete_upload",
        "Make the bytes that were sent the image's",
        "An empty object",
        &[
            (200, "The image has its bytes."),
            (400, "They are not a Singularity image."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (404, "There is no such image, or the caller may not see it."),
            (409, "No bytes have arrived."),
            (507, "The quota is used up."),
        ],
    ),
    entry(
        Call::OpenMultipart,
        ("post", "/v2/imagefile/{image}/_multipart"),
        "open_multipart",
        "Begin to send the bytes of an image in parts",
        "The size, as JSON",
        &[
            (200, "The upload, and how it is cut into parts."),
            (
                400,
                "They are not what was announced, or not a Singularity image.",
            ),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (404, "There is no such image, or the caller may not see it."),
            (413, "The image is larger than this registry takes."),
            (507, "The quota is used up, or no space is left."),
        ],
    ),
    entry(
        Call::OpenPart,
        ("put", "/v2/imagefile/{image}/_multipart"),
        "open_part",
        "Ask for a place to send a part to",
        "The upload and the part's number, as JSON",
        &[
            (200, "The address, good for a while and for this part."),
            (400, "The request cannot be understood."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (404, "The upload has ended."),
        ],
    ),
    entry(
        Call::CompleteMultipart,
        ("put", "/v2/imagefile/{image}/_multipart_complete"),
        "complete_multipart",
        "Make the parts that were sent the image's bytes",
        "The upload and its parts, as JSON",
        &[
            (200, "The image has its bytes."),
            (
                400,
                "They are not what was announced, or not a Singularity image.",
            ),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (404, "The upload has ended."),
            (409, "Parts are missing."),
            (507, "The quota is used up."),
        ],
    ),
    entry(
        Call::AbortMultipart,
        ("put", "/v2/imagefile/{image}/_multipart_abort"),
        "abort_multipart",
        "Give up sending parts",
        "The upload, as JSON",
        &[
            (200, "Nothing is left of it."),
            (400, "The request cannot be understood."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (404, "There is no such image, or the caller may not see it."),
        ],
    ),
    entry(
        Call::ListTags,
        ("get", "/v1/tags/{container}"),
        "list_library_tags",
        "The tags of a container, for clients that know no architectures",
        "",
        &[
            (200, "The tags; an empty object where there are none."),
            (401, "The credentials are not valid."),
            (
                404,
                "There is no such container, or the caller may not see it.",
            ),
        ],
    ),
    entry(
        Call::SetTag,
        ("post", "/v1/tags/{container}"),
        "set_library_tag",
        "Point a tag at an image, for clients that know no architectures",
        "Tag and image, as JSON",
        &[
            (200, "All tags of the container."),
            (400, "The tag cannot be set like this."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (
                404,
                "There is no such container or image, or the caller may not see it.",
            ),
            (409, "The tag is frozen, or the image has no bytes."),
        ],
    ),
    entry(
        Call::ListArchTags,
        ("get", "/v2/tags/{container}"),
        "list_library_arch_tags",
        "The tags of a container, by architecture",
        "",
        &[
            (200, "The tags; an empty object where there are none."),
            (401, "The credentials are not valid."),
            (
                404,
                "There is no such container, or the caller may not see it.",
            ),
        ],
    ),
    entry(
        Call::SetArchTag,
        ("post", "/v2/tags/{container}"),
        "set_library_arch_tag",
        "Point a tag at an image, by architecture",
        "Architecture, tag and image, as JSON",
        &[
            (200, "All tags of the container."),
            (400, "The tag cannot be set like this."),
            (
                401,
                "Nobody is signed in, or the credentials are not valid.",
            ),
            (403, "The caller may not push here."),
            (
                404,
                "There is no such container or image, or the caller may not see it.",
            ),
            (409, "The tag is frozen, or the image has no bytes."),
        ],
    ),
    entry(
        Call::Search,
        ("get", "/v1/search"),
        "search_library",
        "Images whose names, tags or descriptions contain a word (`value`), by architecture (`arch`) and signature (`signed`)",
        "",
        &[
            (200, "What was found."),
            (400, "The word is too short."),
            (401, "The credentials are not valid."),
        ],
    ),
];
