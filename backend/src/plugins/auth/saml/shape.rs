//! The shape of an answer, looked at before anything in it is believed.
//!
//! Rule: an answer holds one assertion, signatures only where they belong, no two things under one name, and nothing that two readers of
//! XML could read in two ways. Whatever was wrapped, doubled or hidden does not fit, whoever signed it.

use std::collections::HashSet;

use base64::{Engine, prelude::BASE64_STANDARD};
use saml_rs::xml::{
    XmlLimits,
    dom::{self, Node},
};

/// The largest answer, in bytes as it is posted. Usual ones have a few thousand.
const LARGEST: usize = 256 << 10;
/// What a reader of XML puts up with.
pub const LIMITS: XmlLimits = XmlLimits {
    max_bytes: LARGEST,
    max_depth: 32,
    max_nodes: 4000,
    max_attributes_per_element: 32,
    max_attribute_value_bytes: 4 << 10,
    max_text_bytes: 64 << 10,
};

/// What an answer claims, before it is checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which identity provider it is from.
    pub issuer: String,
    /// The request that it answers.
    pub answers: String,
}

/// What an answer claims, where its shape is in order.
///
/// # Errors
/// What is wrong with it.
pub fn claim(posted: &str) -> Result<Claim, String> {
    let xml = decoded(posted)?;
    let document = dom::parse_with_limits(&xml, LIMITS).map_err(|error| error.to_string())?;
    let root = &document.root;
    if root.local_name != "Response" {
        return Err(format!("a {} is no answer", root.local_name));
    }
    if child(root, "EncryptedAssertion").is_some() {
        return Err("the assertion is encrypted; have the identity provider send it signed, without encryption".to_owned());
    }
    let mut seen = Seen::default();
    seen.visit(root, "")?;
    let assertion = child(root, "Assertion");
    // An answer that says no has none.
    let expected = usize::from(assertion.is_some());
    if seen.assertions != expected {
        return Err(format!("{} assertions where one belongs", seen.assertions));
    }
    let issuer = child(root, "Issuer")
        .or_else(|| assertion.and_then(|assertion| child(assertion, "Issuer")))
        .map(|issuer| issuer.text.trim().to_owned())
        .ok_or("nobody is named as its issuer")?;
    let answers = root
        .attr("InResponseTo")
        .filter(|request| !request.is_empty())
        .ok_or("it answers no request; begin the sign-in at this registry")?
        .to_owned();
    Ok(Claim { issuer, answers })
}

/// The text that was posted, without anything whose meaning depends on the reader.
fn decoded(posted: &str) -> Result<String, String> {
    if posted.len() > LARGEST {
        return Err(format!("{} bytes are too many", posted.len()));
    }
    let packed: String = posted.split_ascii_whitespace().collect();
    let bytes = BASE64_STANDARD
        .decode(packed)
        .map_err(|error| format!("no Base64: {error}"))?;
    let xml = String::from_utf8(bytes).map_err(|_| "no UTF-8")?;
    // `<` cannot stand in text or values, so these are comments, CDATA, document types and entities, and instructions.
    let instructions = xml.matches("<?").count();
    let declared = usize::from(xml.starts_with("<?xml "));
    if xml.contains("<!") || instructions != declared {
        return Err(
            "comments, CDATA, document types and instructions do not belong in it".to_owned(),
        );
    }
    Ok(xml)
}

fn child<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    node.children.iter().find(|child| child.local_name == name)
}

/// What was seen on the way through an answer.
#[derive(Default)]
struct Seen {
    ids: HashSet<String>,
    assertions: usize,
}

impl Seen {
    fn visit(&mut self, node: &Node, parent: &str) -> Result<(), String> {
        let mut names = HashSet::new();
        for (name, value) in &node.attrs {
            // Prefixes are gone here: a second name that is the same without them could be the one that another reader takes.
            if !names.insert(name.to_ascii_lowercase()) {
                return Err(format!("{name} is there twice in {}", node.local_name));
            }
            let is_id = ["id", "assertionid"]
                .iter()
                .any(|id| name.eq_ignore_ascii_case(id));
            if is_id && !self.ids.insert(value.clone()) {
                return Err(format!("the id {value} is there twice"));
            }
        }
        match (node.local_name.as_str(), parent) {
            ("Assertion", _) => self.assertions += 1,
            ("Signature", "Response" | "Assertion") => {}
            ("Signature" | "Response" | "EncryptedAssertion", parent) if !parent.is_empty() => {
                return Err(format!("a {} does not belong in {parent}", node.local_name));
            }
            _ => {}
        }
        for name in ["Signature", "Issuer", "Subject", "Conditions", "NameID"] {
            let several = node
                .children
                .iter()
                .filter(|child| child.local_name == name);
            if several.count() > 1 {
                return Err(format!("{name} is there twice in {}", node.local_name));
            }
        }
        for child in &node.children {
            self.visit(child, &node.local_name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSERTION: &str =
        r#"<a:Assertion ID="_a"><a:Issuer>idp</a:Issuer><a:Subject/></a:Assertion>"#;

    fn response(inside: &str) -> String {
        format!(
            r#"<p:Response ID="_r" InResponseTo="_q"><a:Issuer> idp </a:Issuer>{inside}</p:Response>"#
        )
    }

    fn read(xml: &str) -> Result<Claim, String> {
        claim(&BASE64_STANDARD.encode(xml))
    }

    #[test]
    fn an_answer_says_who_it_is_from_and_what_it_answers() {
        let expected = Claim {
            issuer: "idp".to_owned(),
            answers: "_q".to_owned(),
        };
        let plain = response(ASSERTION);
        assert_eq!(read(&plain).as_ref(), Ok(&expected));
        let declared = format!("<?xml version=\"1.0\"?>\n{plain}");
        assert_eq!(read(&declared).as_ref(), Ok(&expected));
        let mut posted = BASE64_STANDARD.encode(&plain);
        posted.insert_str(40, "\r\n");
        assert_eq!(claim(&posted).as_ref(), Ok(&expected));
        assert_eq!(read(&response("")), Ok(expected), "an answer that says no");
    }

    #[test]
    fn whatever_could_be_read_in_two_ways_is_refused() {
        let deep = format!("{}{}", "<x>".repeat(40), "</x>".repeat(40));
        let wide = "<x/>".repeat(5000);
        for inside in [
            format!("{ASSERTION}{ASSERTION}"),
            format!("{ASSERTION}{}", ASSERTION.replace("_a", "_b")),
            format!("<x>{ASSERTION}</x>"),
            format!("{ASSERTION}<x>{}</x>", ASSERTION.replace("_a", "_b")),
            format!("{ASSERTION}<x Id=\"_a\"/>"),
            format!("{ASSERTION}<x id=\"_r\"/>"),
            format!("{ASSERTION}<x><d:Signature/></x>"),
            format!("<d:Signature/><d:Signature/>{ASSERTION}"),
            format!("<d:Signature><p:Response/></d:Signature>{ASSERTION}"),
            format!("<a:Issuer>other</a:Issuer>{ASSERTION}"),
            ASSERTION.replace(" ID=\"_a\"", " ID=\"_a\" y:ID=\"_b\""),
            ASSERTION.replace("<a:Subject/>", "<a:Subject/><a:Subject/>"),
            ASSERTION.replace(">idp<", ">idp<!-- -->.evil<"),
            ASSERTION.replace(">idp<", "><![CDATA[idp]]><"),
            ASSERTION.replace(">idp<", ">idp<?x y?><"),
            ASSERTION.replace(">idp<", ">&idp;<"),
            "<a:EncryptedAssertion/>".to_owned(),
            format!("{ASSERTION}{deep}"),
            format!("{ASSERTION}{wide}"),
        ] {
            assert!(read(&response(&inside)).is_err(), "{inside:.300}");
        }
        let dtd = format!("<!DOCTYPE x [<!ENTITY e \"e\">]>{}", response(ASSERTION));
        assert!(read(&dtd).is_err());
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for text in [
            "",
            "<",
            "<a/>",
            "<p:LogoutResponse/>",
            "text",
            "<p:Response/>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        let unasked = response(ASSERTION).replace("InResponseTo=\"_q\"", "");
        assert!(read(&unasked).unwrap_err().contains("no request"));
        assert!(claim("***").is_err());
        assert!(claim(&BASE64_STANDARD.encode([0xff, 0xfe])).is_err());
        assert!(claim(&"A".repeat(LARGEST + 1)).is_err());
    }
}
