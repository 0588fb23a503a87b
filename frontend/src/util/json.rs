//! JSON, read into the types of the API.
//!
//! Rule: a text fits its type or it does not; nobody reads here where it went wrong.

mod objects;

use serde::{Serialize, de::DeserializeOwned};

use objects::Objects;

/// Reads a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = T::deserialize(Objects(&mut reader)).ok()?;
    reader.end().is_ok().then_some(value)
}

/// Writes a value.
pub fn write<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_string(value).ok()
}

#[cfg(test)]
mod tests {
    use shared_types::{
        Account, Collection, CollectionPage, ErrorCode, ImageDetail, KeyDetail, Problem, Sample,
        Session, TeamPage, Treemap, Upload,
    };

    use super::*;

    fn round<T: Sample + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>() {
        let value = T::sample();
        let text = serde_json::to_string_pretty(&value).expect("it can be written");
        assert_eq!(read::<T>(&text), Some(value));
    }

    #[test]
    fn what_the_server_writes_is_read_as_it_was() {
        round::<Account>();
        round::<CollectionPage>();
        round::<ImageDetail>();
        round::<KeyDetail>();
        round::<Problem>();
        round::<Session>();
        round::<TeamPage>();
        round::<Treemap>();
        round::<Upload>();
    }

    #[test]
    fn every_letter_survives() {
        let mut collection = Collection::sample();
        collection.description = "a \"b\" \\ \n\t\u{1}\u{202e} ü 🦀 </script>\\".to_owned();
        let text = serde_json::to_string(&collection).expect("it can be written");
        assert_eq!(read::<Collection>(&text), Some(collection));
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
            r#"["not_found","no",{},"r"]"#,
            "{}",
            r#"{"code":"no such code","fields":{},"message":"","request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":7,"request_id":""}"#,
            r#"{"code":"not_found","fields":{},"message":"","request_id":""} and more"#,
        ] {
            assert_eq!(read::<Problem>(text), None, "{text}");
        }
    }
}
