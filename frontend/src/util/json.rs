//! JSON, read into the types of the API.
//!
//! Rule: a text fits its type or it does not; nobody reads here where it went wrong.

mod reader;

use serde::{Serialize, de::DeserializeOwned};

/// Reads a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    reader::read(text).ok()
}

/// Writes a value.
pub fn write<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

#[cfg(test)]
mod tests {
    use shared_types::{
        Account, AccountDeletion, AccountLogins, Activity, AuditPage, BroughtKeys, CandidatePage,
        Collection, CollectionDetail, CollectionMember, CollectionMemberPage, CollectionPage,
        Container, ContainerPage, Delivery, DeliveryPage, DownloadLimit, ErrorCode, Image,
        ImageDetail, ImagePage, IssuedShareLink, IssuedTeamInvitation, IssuedToken, IssuedWebhook,
        KeyDetail, KeyPage, LabelKeys, LabelValues, LoginConnectionStarted, NameCheck, Problem,
        RegistryStats, Robot, RobotPage, Sample, ScheduledJobs, Session, SettingsInForce,
        SetupStatus, ShareLinkPage, StorageFigures, Tag, TagEventPage, Team, TeamInvitationOffer,
        TeamInvitationPage, TeamMember, TeamMemberPage, TeamPage, TeamRequestPage, Terms,
        TokenPage, Topics, Treemap, Upload, UploadPage, User, UserPage, Webhook, WebhookPage,
    };

    use super::*;

    /// What the server writes of a type is read as it was, and no part of it is taken for the whole.
    fn round<T: Sample + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>() {
        let value = T::sample();
        for text in [
            serde_json::to_string(&value).expect("it can be written"),
            serde_json::to_string_pretty(&value).expect("it can be written"),
        ] {
            assert_eq!(read::<T>(&text).as_ref(), Some(&value));
            for (end, _) in text.char_indices() {
                assert_eq!(read::<T>(&text[..end]), None, "{}", &text[..end]);
            }
        }
    }

    macro_rules! round {
        ($($kind:ty),* $(,)?) => { $(round::<$kind>();)* };
    }

    #[test]
    fn what_the_server_writes_is_read_as_it_was() {
        // Every type that a function of `api` reads.
        round![
            Account,
            AccountDeletion,
            AccountLogins,
            Activity,
            AuditPage,
            BroughtKeys,
            CandidatePage,
            Collection,
            CollectionDetail,
            CollectionMember,
            CollectionMemberPage,
            CollectionPage,
            Container,
            ContainerPage,
            Delivery,
            DeliveryPage,
            DownloadLimit,
            Image,
            ImageDetail,
            ImagePage,
            IssuedShareLink,
            IssuedTeamInvitation,
            IssuedToken,
            IssuedWebhook,
            KeyDetail,
            KeyPage,
            LabelKeys,
            LabelValues,
            LoginConnectionStarted,
            NameCheck,
            Problem,
            RegistryStats,
            Robot,
            RobotPage,
            ScheduledJobs,
            Session,
            SettingsInForce,
            SetupStatus,
            ShareLinkPage,
            StorageFigures,
            Tag,
            TagEventPage,
            Team,
            TeamInvitationOffer,
            TeamInvitationPage,
            TeamMember,
            TeamMemberPage,
            TeamPage,
            TeamRequestPage,
            Terms,
            TokenPage,
            Topics,
            Treemap,
            Upload,
            UploadPage,
            User,
            UserPage,
            Webhook,
            WebhookPage
        ];
    }

    #[test]
    fn every_letter_survives() {
        let mut collection = Collection::sample();
        collection.description = "a \"b\" \\ \n\t\u{1}\u{202e} ü 🦀 </script>\\".to_owned();
        let text = serde_json::to_string(&collection).expect("it can be written");
        assert_eq!(read::<Collection>(&text), Some(collection));
    }

    #[test]
    fn letters_may_be_written_as_numbers() {
        let text = r#""\u0041\u00fc\ud83e\udd80\/\b\f""#;
        assert_eq!(read::<String>(text).as_deref(), Some("Aü🦀/\u{8}\u{c}"));
    }

    #[test]
    fn numbers_are_whole_and_fit() {
        assert_eq!(read(" 18446744073709551615\n"), Some(u64::MAX));
        assert_eq!(read::<u64>("18446744073709551616"), None);
        assert_eq!(read::<u16>("65536"), None);
        for text in ["-1", "+1", "1.0", "1e3", "\"1\"", "", "x"] {
            assert_eq!(read::<u32>(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_is_nothing_only_where_it_may_be() {
        assert_eq!(read("null"), Some(None::<bool>));
        assert_eq!(read("true"), Some(Some(true)));
        assert_eq!(read::<Option<bool>>("nul"), None);
        assert_eq!(read::<bool>("null"), None);
        assert_eq!(read::<Vec<bool>>("[ ]"), Some(Vec::new()));
        assert_eq!(read("[true , false]"), Some(vec![true, false]));
        for text in [
            "[true,]",
            "[,true]",
            "[true false]",
            "[true",
            "true]",
            "[true}",
        ] {
            assert_eq!(read::<Vec<bool>>(text), None, "{text}");
        }
    }

    #[test]
    fn fields_that_are_new_in_the_server_are_passed_over() {
        let text = r#"{"later":{"a":[1.5e3,-2,true,null,"\"}"]},"code":"not_found","fields":{},"message":"no","request_id":"r","x":0.1}"#;
        let problem: Problem = read(text).expect("it fits");
        assert_eq!(problem.code, ErrorCode::NotFound);
        assert_eq!(problem.message, "no");
    }

    #[test]
    fn other_texts_do_not_fit() {
        for text in [
            "",
            "<h1>Bad gateway</h1>",
            "{",
            "[]",
            "{}",
            r#"{"code":"no such code","fields":{},"message":"","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":7,"request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":"","request_id":""} and more"#,
            "{\"code\":\"not_found\",\"fields\":{},\"message\":\"\",\"request_id\":\"\"}\0",
            "{\"code\":\"not_found\",\"fields\":{},\"message\":\"\n\",\"request_id\":\"\"}",
            r#"{"code":"not_found","fields":{},"message":"","request_id":"",}"#,
            r#"{"code":"not_found","fields":{} "message":"","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":"","message":"","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":"\ud800","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":"\ud800\u0041","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":"\u+041","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":"\x","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":null,"request_id":""}"#,
        ] {
            assert_eq!(read::<Problem>(text), None, "{text}");
        }
    }
}
