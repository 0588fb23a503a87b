//! Every operation that this application calls. A test of the server compares the list with the OpenAPI document, so that
//! the two cannot drift apart: method, path template, type of the answer.

/// Method, path template below `/api/v1`, name of the answer's type (empty where there is none).
#[expect(dead_code, reason = "read by a test of the server")]
pub const ENDPOINTS: &[(&str, &str, &str)] = &[
    ("GET", "/session", "Session"),
    ("DELETE", "/session", ""),
    ("POST", "/login/{provider}", "Session"),
    ("GET", "/setup/{code}", "SetupStatus"),
    ("POST", "/setup", "Session"),
    ("GET", "/terms", "Terms"),
    ("POST", "/terms", "Session"),
    ("PUT", "/account/password", ""),
    ("GET", "/tokens", "TokenPage"),
    ("POST", "/tokens", "IssuedToken"),
    ("POST", "/tokens/{id}/rotate", "IssuedToken"),
    ("DELETE", "/tokens/{id}", ""),
    ("GET", "/users", "UserPage"),
    ("POST", "/users", "User"),
    ("PATCH", "/users/{username}", "User"),
    ("GET", "/stats", "RegistryStats"),
    ("GET", "/collections", "CollectionPage"),
    ("POST", "/collections", "Collection"),
    ("GET", "/collection-names/{name}", "NameCheck"),
    ("GET", "/collections/{collection}", "CollectionDetail"),
    ("PATCH", "/collections/{collection}", "CollectionDetail"),
    ("DELETE", "/collections/{collection}", ""),
    ("GET", "/containers", "ContainerPage"),
    (
        "GET",
        "/collections/{collection}/containers/{container}",
        "Container",
    ),
    (
        "PATCH",
        "/collections/{collection}/containers/{container}",
        "Container",
    ),
    (
        "DELETE",
        "/collections/{collection}/containers/{container}",
        "",
    ),
    (
        "GET",
        "/collections/{collection}/containers/{container}/images",
        "ImagePage",
    ),
    (
        "GET",
        "/collections/{collection}/containers/{container}/images/{reference}",
        "ImageDetail",
    ),
    (
        "DELETE",
        "/collections/{collection}/containers/{container}/images/{reference}",
        "",
    ),
    (
        "PUT",
        "/collections/{collection}/containers/{container}/tags/{tag}",
        "Tag",
    ),
    (
        "DELETE",
        "/collections/{collection}/containers/{container}/tags/{tag}",
        "",
    ),
    (
        "GET",
        "/collections/{collection}/containers/{container}/history",
        "TagEventPage",
    ),
    ("GET", "/uploads", "UploadPage"),
    ("POST", "/uploads", "Upload"),
    ("GET", "/uploads/{id}", "Upload"),
    ("DELETE", "/uploads/{id}", ""),
    ("PUT", "/uploads/{id}/bytes", "Upload"),
    ("POST", "/uploads/{id}/complete", "Image"),
    (
        "GET",
        "/collections/{collection}/containers/{container}/images/{reference}/share_links",
        "ShareLinkPage",
    ),
    (
        "POST",
        "/collections/{collection}/containers/{container}/images/{reference}/share_links",
        "IssuedShareLink",
    ),
    ("DELETE", "/share_links/{id}", ""),
];
