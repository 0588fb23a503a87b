//! The audit log: who did what to which thing, from where and when.

use std::collections::BTreeMap;

use crate::{Timestamp, object, page, samples, words};

words! {
    /// What was done.
    pub enum AuditAction {
        /// A collection was made.
        CollectionCreate = "collection.create",
        /// The text or the settings of a collection changed.
        CollectionChange = "collection.change",
        /// The download limit of a collection changed.
        CollectionLimit = "collection.limit",
        /// How much a collection may hold changed.
        CollectionQuota = "collection.quota",
        /// A collection got another name.
        CollectionRename = "collection.rename",
        /// A collection was handed over.
        CollectionTransfer = "collection.transfer",
        /// A collection was deleted.
        CollectionDelete = "collection.delete",
        /// Somebody came into a collection, or got another role there.
        MemberPut = "member.put",
        /// Somebody left a collection, or was removed.
        MemberRemove = "member.remove",
        /// A container was made.
        ContainerCreate = "container.create",
        /// The description of a container changed.
        ContainerChange = "container.change",
        /// The download limit of a container changed.
        ContainerLimit = "container.limit",
        /// A container was deleted.
        ContainerDelete = "container.delete",
        /// An image came.
        ImagePush = "image.push",
        /// An image was deleted.
        ImageDelete = "image.delete",
        /// A manifest was kept that is no image of its own.
        ManifestPush = "manifest.push",
        /// A manifest was deleted whose image stays.
        ManifestDelete = "manifest.delete",
        /// A blob was taken out of a repository.
        BlobDelete = "blob.delete",
        /// A tag came to be.
        TagCreate = "tag.create",
        /// A tag was moved to another image.
        TagMove = "tag.move",
        /// A tag was removed.
        TagDelete = "tag.delete",
        /// A tag was frozen.
        TagFreeze = "tag.freeze",
        /// A tag was unfrozen.
        TagUnfreeze = "tag.unfreeze",
        /// What was downloaded this week was forgotten.
        LimitReset = "limit.reset",
        /// A share link was made.
        ShareCreate = "share.create",
        /// A share link was revoked.
        ShareRevoke = "share.revoke",
        /// A team was made.
        TeamCreate = "team.create",
        /// A team, or its picture, changed.
        TeamChange = "team.change",
        /// A team was deleted.
        TeamDelete = "team.delete",
        /// Somebody came into a team, or got another role there.
        TeamMemberPut = "team_member.put",
        /// Somebody left a team, or was removed.
        TeamMemberRemove = "team_member.remove",
        /// An invitation into a team was made.
        TeamInvitationCreate = "team_invitation.create",
        /// An invitation into a team was revoked.
        TeamInvitationRevoke = "team_invitation.revoke",
        /// An invitation into a team was declined.
        TeamInvitationDecline = "team_invitation.decline",
        /// Somebody asked to be let into a team.
        TeamRequestCreate = "team_request.create",
        /// A request was declined or taken back.
        TeamRequestDelete = "team_request.delete",
        /// A robot was made.
        RobotCreate = "robot.create",
        /// A robot changed.
        RobotChange = "robot.change",
        /// A robot was deleted.
        RobotDelete = "robot.delete",
        /// A token was made.
        TokenCreate = "token.create",
        /// A token got a new secret.
        TokenRotate = "token.rotate",
        /// A token was revoked.
        TokenRevoke = "token.revoke",
        /// A public key came, or something new of one.
        KeyAdd = "key.add",
        /// A public key was removed.
        KeyDelete = "key.delete",
        /// An account was made.
        UserCreate = "user.create",
        /// An account changed.
        UserChange = "user.change",
        /// An account was disabled.
        UserDisable = "user.disable",
        /// An account was enabled again.
        UserEnable = "user.enable",
        /// An account was deleted.
        UserDelete = "user.delete",
        /// What is kept about a person was given out to them.
        UserExport = "user.export",
        /// Somebody changed their own password.
        PasswordChange = "password.change",
        /// Somebody accepted the terms of use.
        TermsAccept = "terms.accept",
        /// Somebody signed in.
        LoginSucceed = "login.succeeded",
        /// A sign-in was refused.
        LoginFail = "login.failed",
        /// Somebody signed out.
        LoginEnd = "login.ended",
        /// A login at another provider was connected with an account.
        LoginConnect = "login.connect",
        /// A login at another provider was taken from an account.
        LoginDisconnect = "login.disconnect",
        /// A job was run out of turn.
        JobRun = "job.run",
        /// A webhook was made.
        WebhookCreate = "webhook.create",
        /// A webhook changed.
        WebhookChange = "webhook.change",
        /// A webhook was deleted.
        WebhookDelete = "webhook.delete",
        /// A test message was sent to a webhook.
        WebhookPing = "webhook.ping",
        /// A message was sent to a webhook again.
        WebhookRedeliver = "webhook.redeliver",
    }
}

words! {
    /// What it was done to.
    pub enum AuditThing {
        /// A collection.
        Collection = "collection",
        /// A container, as `collection/container`.
        Container = "container",
        /// An image, by its digest.
        Image = "image",
        /// A manifest, by its digest.
        Manifest = "manifest",
        /// A blob, by its digest.
        Blob = "blob",
        /// A tag, as `collection/container:tag`.
        Tag = "tag",
        /// A job.
        Job = "job",
        /// A share link, by its id.
        ShareLink = "share_link",
        /// A team.
        Team = "team",
        /// An invitation into a team, by its id.
        TeamInvitation = "team_invitation",
        /// A robot.
        Robot = "robot",
        /// A token, by its name.
        Token = "token",
        /// A public key, by its fingerprint.
        Key = "key",
        /// A person.
        User = "user",
        /// A webhook, by its address without what follows the host.
        Webhook = "webhook",
        /// The registry as a whole.
        Registry = "registry",
    }
}

words! {
    /// What kind of account did it.
    pub enum AuditActorKind {
        /// Somebody who signs in.
        Person = "person",
        /// A program.
        Robot = "robot",
        /// Whoever runs commands on the server's machine.
        Operator = "operator",
        /// Nobody who was known.
        Nobody = "nobody",
    }
}

words! {
    /// By which protocol it was done.
    pub enum AuditDoor {
        /// The JSON API, which the web application uses too.
        Api = "api",
        /// The way to another provider and back.
        SignIn = "sign_in",
        /// The library protocol.
        Library = "library",
        /// OCI distribution.
        Oci = "oci",
        /// The older client's protocol.
        Sregistry = "sregistry",
        /// The key server.
        Hkp = "hkp",
        /// Plain HTTPS: uploads and downloads at signed addresses.
        Https = "https",
        /// A command or a job of the server itself.
        Server = "server",
    }
}

object! {
    /// One entry of the audit log.
    pub struct AuditEntry {
        /// Its id; larger ones are newer.
        pub id: String,
        /// When.
        pub at: Timestamp,
        /// What was done.
        pub action: AuditAction,
        /// The user name of who did it, as it was; absent for nobody who was known.
        pub actor: Option<String>,
        /// What kind of account that is.
        pub actor_kind: AuditActorKind,
        /// The name of the token that it was done with; absent for a browser session.
        pub token: Option<String>,
        /// What kind of thing it was done to.
        pub thing_kind: AuditThing,
        /// The name of the thing, as it was.
        pub thing: String,
        /// The name of the collection that the thing is in, as it was.
        pub collection: Option<String>,
        /// The address of who did it; for administrators alone.
        pub address: Option<String>,
        /// The id of the request, as in the server's log and in the answer's `X-Request-Id`.
        pub request_id: Option<String>,
        /// By which protocol.
        pub door: AuditDoor,
        /// What else is worth knowing, such as the digest that a tag pointed at before.
        pub details: BTreeMap<String, String>,
    } = AuditEntry {
        id: "4711".to_owned(),
        at: samples::moment(),
        action: AuditAction::TagMove,
        actor: Some("amy".to_owned()),
        actor_kind: AuditActorKind::Person,
        token: Some("laptop".to_owned()),
        thing_kind: AuditThing::Tag,
        thing: "climate/model:v2".to_owned(),
        collection: Some("climate".to_owned()),
        address: Some("192.0.2.7".to_owned()),
        request_id: Some("01k1j5m8s3x9w4q7".to_owned()),
        door: AuditDoor::Library,
        details: BTreeMap::from([("to".to_owned(), samples::digest())]),
    }
}

page! {
    /// A page of the audit log, newest first.
    AuditPage, AuditEntry
}
