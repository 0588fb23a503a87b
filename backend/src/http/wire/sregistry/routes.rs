//! What the older client, its scripts and `shub://` may ask for, and its description.

use crate::http::{api::docs::Operation, wire::Entry};

/// What may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Where to get an image.
    Manifest,
    /// Remove a tag, and its image where nothing else points at it.
    Delete,
    /// Announce an image that is to be sent.
    Announce,
    /// Send an image as a form.
    Upload,
    /// All collections.
    Collections,
    /// One collection, by id.
    CollectionById,
    /// One collection, by name.
    Collection,
    /// Collections by a word.
    SearchCollections,
    /// All tags.
    Containers,
    /// One tag, by the image's id.
    ContainerById,
    /// Tags by name.
    SearchContainers,
    /// Labels, by key, by value, by both, or all.
    SearchLabels,
    /// What registry this is.
    Identity,
    /// A token for a password.
    TokenAuth,
}

/// An entry of the table.
const fn entry(
    call: Call,
    (method, path): (&'static str, &'static str),
    id: &'static str,
    summary: &'static str,
    (request, statuses): (&'static str, &'static [(u16, &'static str)]),
) -> Entry<Call> {
    let operation = Operation {
        method,
        path,
        id,
        summary,
        tag: "sregistry",
        request,
        statuses,
    };
    (call, operation)
}

const MANIFEST: (&str, &[(u16, &str)]) = (
    "",
    &[
        (
            200,
            "The manifest; `image` is where the bytes are, for a limited time.",
        ),
        (400, "This is no reference."),
        (
            403,
            "The signature or token is not valid. A caller with neither who sends `Content-Type: application/json`, as the client that can sign does, gets this for what it cannot see too.",
        ),
        (404, "There is no such image, or the caller may not see it."),
        (429, "It was downloaded as often as it may be for now."),
    ],
);

const DELETE: (&str, &[(u16, &str)]) = (
    "",
    &[
        (204, "It is removed."),
        (
            403,
            "The signature is not valid, the caller may not do this, or the tag is frozen.",
        ),
        (404, "There is no such tag, or the caller may not see it."),
    ],
);

const ANNOUNCE: (&str, &[(u16, &str)]) = (
    "What is to be sent: `collection`, `name`, and `tag`, which is `latest` where absent",
    &[
        (200, "`cid` is what to send as `collection` with the form."),
        (400, "A name or the tag cannot be taken."),
        (
            403,
            "The signature is not valid, the caller may not push there, or the tag is frozen.",
        ),
        (409, "The collection's name is in use."),
    ],
);

const UPLOAD: (&str, &[(u16, &str)]) = (
    "A form (multipart/form-data) with `collection` (the `cid`), `name`, `tag`, and after them the bytes of the file as `file1`",
    &[
        (200, "The image is here, under its tag; `message` says so."),
        (400, "The form is not complete, or the file is no image."),
        (
            403,
            "The signature is not valid, the caller may not push there, or the tag is frozen.",
        ),
        (
            404,
            "There is no such collection, or the caller may not see it.",
        ),
        (413, "The file is too large."),
        (507, "A quota is used up, or no space is left."),
    ],
);

const LIST: (&str, &[(u16, &str)]) = (
    "",
    &[
        (
            200,
            "`results`, `count`, and with `limit` and `offset` in the query `next` and `previous`; without them all, and `next` is null.",
        ),
        (400, "`limit` or `offset` is no number."),
        (403, "The token is not valid."),
    ],
);

const ONE: (&str, &[(u16, &str)]) = (
    "",
    &[
        (200, "What was asked for."),
        (403, "The token is not valid."),
        (404, "It is not there, or the caller may not see it."),
    ],
);

const FOUND: (&str, &[(u16, &str)]) = (
    "",
    &[
        (
            200,
            "What was found, of what the caller may see; may be empty.",
        ),
        (403, "The token is not valid."),
    ],
);

const GET: &str = "get";

/// The table of what is served. What is more exact comes first. Paths without `/api` are those of a client that is given the registry in
/// the name of the image; one that is given three names puts the first before `/api`.
pub const ROUTES: &[Entry<Call>] = &[
    entry(
        Call::SearchContainers,
        (
            GET,
            "/api/container/search/collection/{collection}/name/{name}/tag/{tag}",
        ),
        "search_containers_by_collection_name_and_tag",
        "Tags by collection, container and tag",
        FOUND,
    ),
    entry(
        Call::SearchContainers,
        (
            GET,
            "/api/container/search/collection/{collection}/name/{name}",
        ),
        "search_containers_by_collection_and_name",
        "Tags by collection and container",
        FOUND,
    ),
    entry(
        Call::SearchContainers,
        (GET, "/api/container/search/name/{name}/tag/{tag}"),
        "search_containers_by_name_and_tag",
        "Tags by container and tag",
        FOUND,
    ),
    entry(
        Call::SearchContainers,
        (GET, "/api/container/search/name/{name}"),
        "search_containers_by_name",
        "Tags by container",
        FOUND,
    ),
    entry(
        Call::Manifest,
        (GET, "/api/container/{reference}"),
        "get_shub_manifest",
        "Where to get an image: collection/container[:tag][@version]",
        MANIFEST,
    ),
    entry(
        Call::Manifest,
        (GET, "/{entity}/api/container/{reference}"),
        "get_shub_manifest_of_entity",
        "Where to get an image, named with its entity",
        MANIFEST,
    ),
    entry(
        Call::Delete,
        ("delete", "/api/container/{reference}"),
        "delete_sregistry_container",
        "Remove a tag, and its image where no other tag points at it",
        DELETE,
    ),
    entry(
        Call::Delete,
        ("delete", "/container/{reference}"),
        "delete_sregistry_container_unprefixed",
        "Remove a tag, for a client that was given the registry in the name",
        DELETE,
    ),
    entry(
        Call::Announce,
        ("post", "/api/upload/chunked_upload"),
        "announce_sregistry_upload",
        "Ask whether an image may be pushed, before it is sent as a form",
        ANNOUNCE,
    ),
    entry(
        Call::Announce,
        ("post", "/upload/chunked_upload"),
        "announce_sregistry_upload_unprefixed",
        "Ask whether an image may be pushed, for a client that was given the registry in the name",
        ANNOUNCE,
    ),
    entry(
        Call::Upload,
        ("post", "/upload"),
        "upload_sregistry_form",
        "Push an image as a form",
        UPLOAD,
    ),
    entry(
        Call::Collections,
        (GET, "/api/collections"),
        "list_sregistry_collections",
        "The collections, each with its tags",
        LIST,
    ),
    entry(
        Call::CollectionById,
        (GET, "/api/collections/{id}"),
        "get_sregistry_collection_by_id",
        "A collection by its id, with its tags",
        ONE,
    ),
    entry(
        Call::SearchCollections,
        (GET, "/api/collection/search/{reference}"),
        "search_sregistry_collections",
        "Collections by a word of their name, or of the name or tag of something in them",
        FOUND,
    ),
    entry(
        Call::Collection,
        (GET, "/api/collection/{reference}"),
        "get_sregistry_collection",
        "A collection by its name, with its tags; an empty object where it is not there",
        FOUND,
    ),
    entry(
        Call::Containers,
        (GET, "/api/containers"),
        "list_sregistry_containers",
        "The tags of all containers",
        LIST,
    ),
    entry(
        Call::ContainerById,
        (GET, "/api/containers/{id}"),
        "get_sregistry_container_by_id",
        "A tag by the id of its image",
        ONE,
    ),
    entry(
        Call::SearchLabels,
        (GET, "/api/labels/search/{key}/key/{value}/value"),
        "search_labels_by_key_and_value",
        "A label, and the images that have it",
        FOUND,
    ),
    entry(
        Call::SearchLabels,
        (GET, "/api/labels/search/{key}/key"),
        "search_labels_by_key",
        "The labels with a key, and the images that have them",
        FOUND,
    ),
    entry(
        Call::SearchLabels,
        (GET, "/api/labels/search/{value}/value"),
        "search_labels_by_value",
        "The labels with a value, and the images that have them",
        FOUND,
    ),
    entry(
        Call::SearchLabels,
        (GET, "/api/labels/search"),
        "search_labels",
        "All labels, and the images that have them",
        FOUND,
    ),
    entry(
        Call::Identity,
        (GET, "/api/registry/identity"),
        "get_sregistry_identity",
        "The name, id and address of this registry",
        ("", &[(200, "What registry this is.")]),
    ),
    entry(
        Call::TokenAuth,
        ("post", "/api/api-token-auth"),
        "get_token_by_password",
        "A token for a user name and password, the same one each time",
        (
            "`username` and `password`, as JSON or as a form",
            &[
                (200, "`token` is the token."),
                (
                    400,
                    "A field is missing, or the two do not belong together.",
                ),
                (
                    403,
                    "The account is disabled, or its user has to accept the terms of use first.",
                ),
                (404, "This registry has no accounts of its own."),
                (429, "Too many have been tried; wait."),
            ],
        ),
    ),
];
