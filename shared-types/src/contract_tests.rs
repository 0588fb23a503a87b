//! The two ways of writing JSON (serde in the browser, poem-openapi in the server) must agree for every type.
#![cfg(feature = "openapi")]

use poem_openapi::types::{ParseFromJSON, ToJSON};
use serde::{Serialize, de::DeserializeOwned};

use crate::*;

fn agrees<T>()
where
    T: Sample + Serialize + DeserializeOwned + ToJSON + ParseFromJSON + PartialEq + std::fmt::Debug,
{
    let name = std::any::type_name::<T>();
    let sample = T::sample();
    let by_serde = serde_json::to_value(&sample).unwrap();
    assert_eq!(
        Some(by_serde.clone()),
        sample.to_json(),
        "{name}: serde and the server write alike"
    );
    let by_server = T::parse_from_json(Some(by_serde.clone()));
    assert!(
        matches!(&by_server, Ok(read) if *read == sample),
        "{name}: the server reads it back"
    );
    assert_eq!(
        serde_json::from_value::<T>(by_serde).unwrap(),
        sample,
        "{name}: serde reads it back"
    );
}

fn refuses_unknown_fields<T>()
where
    T: Sample + Serialize + DeserializeOwned + ToJSON + ParseFromJSON,
{
    let mut value = serde_json::to_value(T::sample()).unwrap();
    value
        .as_object_mut()
        .unwrap()
        .insert("surprise".to_owned(), 1.into());
    let name = std::any::type_name::<T>();
    assert!(
        T::parse_from_json(Some(value.clone())).is_err(),
        "{name}: the server refuses it"
    );
    assert!(
        serde_json::from_value::<T>(value).is_err(),
        "{name}: serde refuses it"
    );
}

macro_rules! contract {
    (replies: $($reply:ty),+ ; requests: $($request:ty),+ $(,)?) => {
        #[test]
        fn both_ways_of_writing_json_agree() {
            $(agrees::<$reply>();)+
            $(agrees::<$request>();)+
        }

        #[test]
        fn unknown_fields_of_requests_are_refused() {
            $(refuses_unknown_fields::<$request>();)+
        }
    };
}

contract! {
    replies: AccountLogins, ConnectedLogin, LoginConnectionStarted, Problem, LoginProvider, Registry, Account, Session, SetupStatus, Terms, User, UserPage, Profile, Token, TokenPage,
        IssuedToken, Rights, Collection, CollectionPage, CollectionDetail, NameCheck, Tag, Container, ContainerOwner, ContainerPage,
        TagEvent, TagEventPage, Image, ImagePage, ImageApp, SifObject, Signature, ImageMetadata, OciLayer, OciMetadata, ImageDetail,
        ImageSignature, SignatureSummary, KeySigner, KeyUserId, Key, KeyPage, KeyDetail,
        ScheduledJob, ScheduledJobs, StorageFigures, SettingInForce, SettingsInForce, LimitInForce, QuotaUse, LimitsInForce, RegistryStats, Activity, ActivityDay, Topic, Topics, Upload, UploadPage, DownloadLimit, CollectionQuota, ShareLink, ShareLinkPage, IssuedShareLink,
        Team, TeamPage, TeamMember, TeamMemberPage, TeamInvitation, TeamInvitationPage, IssuedTeamInvitation,
        TeamInvitationOffer, TeamRequest, TeamRequestPage, CollectionMember, CollectionMemberPage, Candidate, CandidatePage,
        Robot, RobotPage, AuditEntry, AuditPage, Webhook, WebhookPage, IssuedWebhook, Delivery, DeliveryPage,
        WebhookMessage, AccountProfile, AccountSession, AccountCollection, AccountTeam, AccountTeamRequest, AccountKey,
        AccountImage, AccountExport, AccountDeletion;
    requests: LoginConnection, Login, Setup, TermsAcceptance, NewUser, UserChange, PasswordChange, NewToken, NewCollection,
        CollectionChange, ContainerChange, TagChange, NewUpload, CompleteUpload, DownloadLimitChange, CollectionQuotaChange,
        NewShareLink, NewTeam, TeamChange, TeamMemberChange, NewTeamInvitation, NewTeamRequest, CollectionMemberChange,
        CollectionTransfer, CollectionRename, NewRobot, RobotChange, NewWebhook, WebhookChange, AccountDeletionConfirmation,
}
