//! Answers to the requests of the library protocol: each understands a request, calls one use case and puts the result into the
//! protocol's words.

use std::{collections::BTreeMap, sync::Arc};

use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use serde::Serialize;
use serde_json::json;
use shared_types::{ImageRef, Scope};

use super::{
    super::{
        Found, base_url, body_stream, content_length, drain, json as json_answer, json_body,
        nothing, query, viewer,
    },
    id, requests,
    routes::Call,
    types,
};
use crate::{
    domain::access::Viewer,
    services::{
        Core, Error,
        error::Resource,
        images::{self, ImagePath},
        pull, push,
        search::{self, Query},
        uploads,
    },
};

/// What clients compare to learn which requests they may make: uploads of version 2, and tags with architectures.
const API_VERSION: &str = "2.0.0-alpha.2";

type Answer = Result<Response, Error>;

/// Answers a request.
///
/// # Errors
/// What the use case says; `BadRequest` where the request cannot be understood.
pub async fn call(core: &Arc<Core>, found: &Found<Call>, mut request: Request) -> Answer {
    match found.call {
        Call::ClientConfig => return Ok(client_config(core, &request)),
        Call::Version => return Ok(version()),
        Call::OciRedirect => return Err(nothing()),
        Call::TokenStatus => return token_status(&request).await,
        _ => {}
    }
    let viewer = viewer(&request).await?;
    let asked = Asked {
        core,
        viewer: &viewer,
        found,
    };
    match found.call {
        Call::ClientConfig | Call::Version | Call::OciRedirect | Call::TokenStatus => {
            Err(nothing())
        }
        Call::CurrentUser => asked.current_user().await,
        Call::ListEntities => Ok(asked.list_entities()),
        Call::GetEntity => asked.get_entity(),
        Call::CreateEntity => asked.create_entity(&mut request).await,
        Call::GetCollection => asked.get_collection().await,
        Call::CreateCollection => asked.create_collection(&mut request).await,
        Call::GetContainer => asked.get_container().await,
        Call::CreateContainer => asked.create_container(&mut request).await,
        Call::GetImage => asked.get_image(&request).await,
        Call::DeleteImage => asked.delete_image(&request).await,
        Call::CreateImage => asked.create_image(&mut request).await,
        Call::GetFile => asked.get_file(&request).await,
        Call::PushFile => asked.push_file(&mut request).await,
        Call::OpenUpload => asked.open_upload(&mut request).await,
        Call::CompleteUpload => asked.complete_upload().await,
        Call::OpenMultipart => asked.open_multipart(&mut request).await,
        Call::OpenPart => asked.open_part(&mut request).await,
        Call::CompleteMultipart => asked.complete_multipart(&mut request).await,
        Call::AbortMultipart => asked.abort_multipart(&mut request).await,
        Call::ListTags => asked.list_tags(false).await,
        Call::SetTag => asked.set_tag(&mut request, false).await,
        Call::ListArchTags => asked.list_tags(true).await,
        Call::SetArchTag => asked.set_tag(&mut request, true).await,
        Call::Search => asked.search(&request).await,
    }
}

fn data(value: impl Serialize) -> Response {
    json_answer(StatusCode::OK, &types::Data { data: value })
}

/// Where the services are. Every value must be an object, and clients need a key store even where images carry no signature.
fn client_config(core: &Core, request: &Request) -> Response {
    let here = json!({ "uri": base_url(core, request) });
    let config = json!({ "libraryAPI": here, "keystoreAPI": here, "tokenAPI": here });
    json_answer(StatusCode::OK, &config)
}

fn version() -> Response {
    data(json!({ "version": env!("CARGO_PKG_VERSION"), "apiVersion": API_VERSION }))
}

/// Whether the token is good. Clients understand 404 alone as “invalid credentials”.
async fn token_status(request: &Request) -> Answer {
    let invalid = || Error::NotFound(Resource::Token);
    let viewer = match viewer(request).await {
        Err(Error::Unauthenticated(_)) => return Err(invalid()),
        other => other?,
    };
    let person = viewer.person().ok_or_else(invalid)?;
    Ok(data(json!({ "username": person.username })))
}

/// A request by someone, for something in the path.
struct Asked<'a> {
    core: &'a Core,
    viewer: &'a Viewer,
    found: &'a Found<Call>,
}

impl Asked<'_> {
    async fn current_user(&self) -> Answer {
        let who = push::who(self.core, self.viewer).await?;
        let user = types::CurrentUser {
            username: who.username,
            realname: who.display_name,
            email: who.email.unwrap_or_default(),
        };
        Ok(json_answer(StatusCode::OK, &user))
    }

    fn entity(&self, name: &str) -> types::Entity {
        let rules = &self.core.settings.registry;
        types::Entity::named(name, rules.default_private || rules.private_only)
    }

    fn list_entities(&self) -> Response {
        let own = self
            .viewer
            .person()
            .map(|person| self.entity(&person.username));
        data(own.into_iter().collect::<Vec<_>>())
    }

    /// Entities are not kept: every well-formed one is there, so that asking tells nothing about users.
    fn get_entity(&self) -> Answer {
        let name = self.found.get("entity").to_ascii_lowercase();
        push::check_entity(&name)?;
        Ok(data(self.entity(&name)))
    }

    async fn create_entity(&self, request: &mut Request) -> Answer {
        let new: requests::NewEntity = json_body(request).await?;
        self.signed_in()?;
        let name = required("name", new.name)?.to_ascii_lowercase();
        push::check_entity(&name)?;
        Ok(data(self.entity(&name)))
    }

    fn signed_in(&self) -> Result<(), Error> {
        match self.viewer.has_scope(Scope::Push) {
            true => Ok(()),
            false if self.viewer.is_anonymous() => Err(Error::sign_in()),
            false => Err(Error::Forbidden(
                "this token may pull, but not push".to_owned(),
            )),
        }
    }

    async fn get_collection(&self) -> Answer {
        let name = self.found.get("collection");
        let found = push::find_collection(self.core, self.viewer, name).await?;
        Ok(data(types::Collection::from(found)))
    }

    async fn create_collection(&self, request: &mut Request) -> Answer {
        let new: requests::NewCollection = json_body(request).await?;
        self.signed_in()?;
        let name = required("name", new.name)?;
        let entity = required("entity", new.entity)?;
        let entity = types::entity_name(&entity).ok_or_else(|| unknown("entity", &entity))?;
        let made = push::ensure_collection(self.core, self.viewer, entity, &name).await?;
        Ok(data(types::Collection::from(made)))
    }

    async fn get_container(&self) -> Answer {
        let (collection, name) = (self.found.get("collection"), self.found.get("container"));
        let found = push::find_container(self.core, self.viewer, collection, name).await?;
        Ok(data(types::Container::from(found)))
    }

    async fn create_container(&self, request: &mut Request) -> Answer {
        let new: requests::NewContainer = json_body(request).await?;
        self.signed_in()?;
        let name = required("name", new.name)?;
        let collection = row("collection", "c", new.collection)?;
        let description = new.description.unwrap_or_default();
        let made =
            push::ensure_container(self.core, self.viewer, collection, &name, &description).await?;
        Ok(data(types::Container::from(made)))
    }

    async fn resolve(&self, request: &Request) -> Result<pull::Image, Error> {
        let arch = query(request, "arch");
        pull::resolve(self.core, self.viewer, &self.reference()?, arch.as_deref()).await
    }

    fn reference(&self) -> Result<ImageRef, Error> {
        let text = self.found.get("reference");
        text.parse().map_err(Error::BadRequest)
    }

    async fn get_image(&self, request: &Request) -> Answer {
        Ok(data(types::Image::from(self.resolve(request).await?)))
    }

    /// Deletes the image that a tag or digest names, as the clients' `delete` means it.
    async fn delete_image(&self, request: &Request) -> Answer {
        let image = self.resolve(request).await?;
        let digest = format!("sha256:{}", image.sha256);
        let path = ImagePath {
            collection: &image.collection,
            container: &image.container,
            reference: &digest,
            arch: None,
        };
        images::delete(self.core, self.viewer, path).await?;
        Ok(data(types::Image::from(image)))
    }

    async fn create_image(&self, request: &mut Request) -> Answer {
        let new: requests::NewImage = json_body(request).await?;
        self.signed_in()?;
        let hash = required("hash", new.hash)?;
        let container = row("container", "n", new.container)?;
        let description = new.description.unwrap_or_default();
        let image =
            push::register_image(self.core, self.viewer, container, &hash, &description).await?;
        Ok(data(types::Image::from(image)))
    }

    /// 303 and an absolute address: what makes current clients fetch in parallel, and harmless to all others.
    async fn get_file(&self, request: &Request) -> Answer {
        let arch = query(request, "arch");
        let reference = self.reference()?;
        let download = request.method() == Method::GET;
        let arch = arch.as_deref();
        let place = pull::place(self.core, self.viewer, &reference, arch, download).await?;
        let location = place.address(&base_url(self.core, request));
        Ok(Response::builder()
            .status(StatusCode::SEE_OTHER)
            .header(header::LOCATION, location)
            .header(header::CACHE_CONTROL, "no-store")
            .finish())
    }

    fn image_id(&self) -> Result<i64, Error> {
        let text = self.found.get("image");
        id("i", text).ok_or_else(|| Error::NotFound(Resource::Image(text.to_owned())))
    }

    async fn push_file(&self, request: &mut Request) -> Answer {
        let image = self.image_id()?;
        let length = content_length(request);
        let mut body = body_stream(request);
        let pushed = uploads::push_whole(self.core, self.viewer, image, length, &mut body).await;
        if pushed.is_err() {
            drain(&mut body).await;
        }
        Ok(data(types::UploadComplete::from(pushed?)))
    }

    async fn open_upload(&self, request: &mut Request) -> Answer {
        let asked: requests::UploadRequest = json_body(request).await?;
        let (image, size) = (self.image_id()?, size(asked.filesize)?);
        let digest = asked.sha256sum.filter(|digest| !digest.is_empty());
        let place =
            uploads::open_single(self.core, self.viewer, image, size, digest.as_deref()).await?;
        let upload_url = place.address(&base_url(self.core, request));
        Ok(data(types::UploadUrl { upload_url }))
    }

    async fn complete_upload(&self) -> Answer {
        let done = uploads::complete(self.core, self.viewer, self.image_id()?).await?;
        Ok(data(types::UploadComplete::from(done)))
    }

    async fn open_multipart(&self, request: &mut Request) -> Answer {
        let asked: requests::UploadRequest = json_body(request).await?;
        let (image, size) = (self.image_id()?, size(asked.filesize)?);
        let opened = uploads::open_parts(self.core, self.viewer, image, size).await?;
        Ok(data(types::Multipart {
            upload_id: opened.upload,
            total_parts: opened.total,
            part_size: opened.part_size,
            options: BTreeMap::from([("s3compliant", "false")]),
        }))
    }

    async fn open_part(&self, request: &mut Request) -> Answer {
        let asked: requests::PartRequest = json_body(request).await?;
        let upload = required("uploadID", asked.upload_id)?;
        let part = requests::part_number(asked.part_number.unwrap_or(0))?;
        let image = self.image_id()?;
        let place = uploads::part_ticket(self.core, self.viewer, image, &upload, part).await?;
        let presigned_url = place.address(&base_url(self.core, request));
        Ok(data(types::PartUrl { presigned_url }))
    }

    async fn complete_multipart(&self, request: &mut Request) -> Answer {
        let said: requests::MultipartEnd = json_body(request).await?;
        let upload = required("uploadID", said.upload_id)?;
        let parts = said.completed_parts.unwrap_or_default().into_iter();
        let parts = parts
            .map(requests::CompletedPart::sent)
            .collect::<Result<Vec<_>, _>>()?;
        let image = self.image_id()?;
        let done = uploads::complete_parts(self.core, self.viewer, image, &upload, &parts).await?;
        Ok(data(types::UploadComplete::from(done)))
    }

    async fn abort_multipart(&self, request: &mut Request) -> Answer {
        let said: requests::MultipartEnd = json_body(request).await?;
        let upload = required("uploadID", said.upload_id)?;
        uploads::abort(self.core, self.viewer, self.image_id()?, &upload).await?;
        Ok(data(json!({})))
    }

    fn container_id(&self) -> Result<i64, Error> {
        let text = self.found.get("container");
        id("n", text).ok_or_else(|| Error::NotFound(Resource::Container(text.to_owned())))
    }

    /// A container without tags has an empty map: 404 would end the push.
    async fn list_tags(&self, by_arch: bool) -> Answer {
        let tags = push::tags(self.core, self.viewer, self.container_id()?).await?;
        Ok(tags_data(&tags, by_arch))
    }

    async fn set_tag(&self, request: &mut Request, by_arch: bool) -> Answer {
        let new: requests::NewTag = json_body(request).await?;
        self.signed_in()?;
        let tag = required("Tag", new.tag)?;
        let image = row("ImageID", "i", new.image_id)?;
        let arch = new.arch.as_deref();
        let container = self.container_id()?;
        let tags = push::tag(self.core, self.viewer, container, &tag, arch, image).await?;
        Ok(tags_data(&tags, by_arch))
    }

    async fn search(&self, request: &Request) -> Answer {
        let archs = query(request, "arch").unwrap_or_default();
        let archs = archs
            .split(',')
            .map(str::trim)
            .filter(|arch| !arch.is_empty());
        let asked = Query {
            value: query(request, "value").unwrap_or_default(),
            archs: archs.map(str::to_owned).collect(),
            signed: query(request, "signed").as_deref() == Some("true"),
        };
        let found = search::search(self.core, self.viewer, &asked).await?;
        Ok(data(types::SearchResults::from(found)))
    }
}

fn tags_data(tags: &push::ArchTags, by_arch: bool) -> Response {
    if by_arch {
        data(types::arch_tags(tags))
    } else {
        data(types::tags_without_arch(tags))
    }
}

fn required(field: &str, value: Option<String>) -> Result<String, Error> {
    value
        .filter(|value| !value.trim().is_empty())
        .ok_or_else(|| Error::BadRequest(format!("“{field}” is missing")))
}

/// The row that an id in a body names.
fn row(field: &str, kind: &str, value: Option<String>) -> Result<i64, Error> {
    let text = required(field, value)?;
    id(kind, &text).ok_or_else(|| unknown(field, &text))
}

fn unknown(field: &str, id: &str) -> Error {
    Error::BadRequest(format!("“{id}” is not the id of a known {field}"))
}

fn size(filesize: Option<i64>) -> Result<u64, Error> {
    let bytes = filesize.and_then(|bytes| u64::try_from(bytes).ok());
    bytes.ok_or_else(|| Error::BadRequest("“filesize” must be the number of bytes".to_owned()))
}
