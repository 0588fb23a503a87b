//! Answers that prove nothing: each is refused, with a word, and opens no session.

use std::process::Command;

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::TimeDelta;
use saml_rs::constants::signature_algorithm::{RSA_SHA1, RSA_SHA256};

use super::{Pair, Says, Signed, leave, now, post, post_encoded, settings};
use crate::{
    common::TestApp,
    providers::{Traveller, location},
};

/// Tries an answer made from the honest one, which must not work, and says which word came of it.
async fn refused(app: &TestApp, make: impl FnOnce(Says) -> String) -> String {
    let led = refused_or_led(app, make).await;
    led.strip_prefix("/login?problem=")
        .unwrap_or(&led)
        .to_owned()
}

/// Tries an answer made from the honest one, and says where it led. A session is there only where it led on.
async fn refused_or_led(app: &TestApp, make: impl FnOnce(Says) -> String) -> String {
    let browser = Traveller::new(app);
    let asked = leave(app, &browser, "/login/saml/").await;
    let led = post(app, &make(Says::honest(app, &asked.id)), &asked.state).await;
    let led = if led.starts_with("/complete/") {
        location(&browser.go(&led).await)
    } else {
        led
    };
    let refused = led.starts_with("/login?problem=");
    assert_eq!(browser.username().await.is_none(), refused, "{led}");
    led
}

/// What an answer says wrongly.
type Lie = fn(&mut Says);
/// What is done to an answer that was signed.
type Change = fn(String) -> String;
/// As `Change`, with more at hand.
type Harm<'a> = dyn Fn(String) -> String + 'a;

#[tokio::test]
async fn what_is_not_said_to_this_registry_now_does_not_count() {
    let app = TestApp::settings_with(settings).await;
    let lies: [(&str, Lie); 14] = [
        ("unsigned", |says| says.signed = Signed::Nothing),
        ("by another key", |says| says.signer = &Pair::all()[1]),
        ("by another key that is shown", |says| {
            says.signer = &Pair::all()[1];
            says.shown = &Pair::all()[1];
        }),
        ("for another audience", |says| {
            says.audience = "https://other.example".to_owned();
        }),
        ("for no audience", |says| says.audience.clear()),
        ("expired", |says| {
            says.ends = now() - TimeDelta::seconds(120);
        }),
        ("not yet", |says| {
            says.begins = now() + TimeDelta::seconds(120);
        }),
        ("answers another request", |says| {
            says.answers = "_other".to_owned();
        }),
        ("answers no request", |says| says.answers.clear()),
        ("sent elsewhere", |says| {
            says.destination = "https://other.example/acs".to_owned();
        }),
        ("received elsewhere", |says| {
            says.recipient = "https://other.example/acs".to_owned();
        }),
        ("by nobody known", |says| {
            says.issuer = "https://evil.example".to_owned();
        }),
        ("received nowhere", |says| says.recipient.clear()),
        ("by nobody", |says| says.issuer.clear()),
    ];
    for (lie, change) in lies {
        for signed in [Signed::Assertion, Signed::Both] {
            let word = refused(&app, |mut says| {
                says.signed = signed;
                change(&mut says);
                says.xml()
            })
            .await;
            assert_eq!(word, "not_genuine", "{lie}, {signed:?}");
        }
    }
    let word = refused(&app, |mut says| {
        says.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned();
        says.xml()
    })
    .await;
    assert_eq!(word, "denied");
    let word = refused(&app, |mut says| {
        says.format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient".to_owned();
        says.xml()
    })
    .await;
    assert_eq!(word, "not_admitted", "a name for one time is nobody's");
}

/// Signs the answer's first signature again with another hash: by hand, because the library does not sign with weak ones.
fn signed_again(xml: &str, hash: &str, algorithm: &str) -> String {
    let xml = xml.replacen(RSA_SHA256, algorithm, 1);
    let begin = xml.find("<ds:SignedInfo>").unwrap();
    let end = xml.find("</ds:SignedInfo>").unwrap() + "</ds:SignedInfo>".len();
    // Canonical: the namespace where it is first used, and no empty tags.
    let mut canonical = String::new();
    for part in xml[begin..end].split_inclusive("/>") {
        let name = part.rfind('<').map(|at| &part[at + 1..]).unwrap();
        let name = name.split([' ', '/']).next().unwrap();
        match part.strip_suffix("/>") {
            Some(open) => canonical.extend([open, "></", name, ">"]),
            None => canonical.push_str(part),
        }
    }
    let canonical = canonical.replacen(
        "<ds:SignedInfo>",
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
        1,
    );
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), &Pair::all()[0].key).unwrap();
    std::fs::write(dir.path().join("text"), canonical).unwrap();
    let made = Command::new("openssl")
        .args(["dgst", &format!("-{hash}"), "-sign", "key", "text"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(made.status.success());
    let begin = xml.find("<ds:SignatureValue>").unwrap() + "<ds:SignatureValue>".len();
    let end = xml.find("</ds:SignatureValue>").unwrap();
    let value = BASE64_STANDARD.encode(made.stdout);
    format!("{}{value}{}", &xml[..begin], &xml[end..])
}

#[tokio::test]
async fn what_is_signed_with_sha_1_does_not_count() {
    let app = TestApp::settings_with(settings).await;
    let again = |hash: &'static str, algorithm: &'static str| {
        refused_or_led(&app, move |says: Says| {
            signed_again(&says.xml(), hash, algorithm)
        })
    };
    // The same by hand with a hash that is good enough, so that the hash is what makes the difference.
    assert_eq!(again("sha256", RSA_SHA256).await, "/");
    assert_eq!(again("sha1", RSA_SHA1).await, "/login?problem=not_genuine");
}

#[tokio::test]
async fn what_was_changed_after_signing_does_not_count() {
    let app = TestApp::settings_with(settings).await;
    let changes: [(&str, Change); 9] = [
        ("another name", |xml| xml.replace(">a-1<", ">root<")),
        ("another attribute", |xml| xml.replace(">Amy<", ">Root<")),
        ("a comment in the name", |xml| {
            xml.replace(">a-1<", ">a-<!-- -->1<")
        }),
        ("a longer life", |xml| {
            xml.replace("NotOnOrAfter=\"2", "NotOnOrAfter=\"3")
        }),
        ("another digest", |xml| {
            let at = xml.find("DigestValue>").unwrap() + 12;
            let mut bytes = xml.into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        }),
        ("another signature", |xml| {
            let at = xml.find("SignatureValue>").unwrap() + 15;
            let mut bytes = xml.into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(bytes).unwrap()
        }),
        ("no signature", |xml| {
            let (begin, end) = signature(&xml);
            format!("{}{}", &xml[..begin], &xml[end..])
        }),
        ("an empty signature", |xml| {
            let (begin, end) = signature(&xml);
            let empty = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>";
            format!("{}{empty}{}", &xml[..begin], &xml[end..])
        }),
        ("a reference to nothing", |xml| {
            let at = xml.find("URI=\"#").unwrap();
            let end = at + 6 + xml[at + 6..].find('"').unwrap();
            format!("{}URI=\"#_none{}", &xml[..at], &xml[end..])
        }),
    ];
    for (change, make) in changes {
        for signed in [Signed::Assertion, Signed::Response] {
            let word = refused(&app, |mut says| {
                says.signed = signed;
                let honest = says.xml();
                let forged = make(honest.clone());
                assert_ne!(honest, forged, "{change}");
                forged
            })
            .await;
            assert_eq!(word, "not_genuine", "{change}, {signed:?}");
        }
    }
}

/// Where the first signature begins and ends.
fn signature(xml: &str) -> (usize, usize) {
    let begin = xml.find("<ds:Signature ").unwrap();
    let end = xml.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    (begin, end)
}

/// The assertion in an answer.
fn assertion(xml: &str) -> String {
    let begin = xml.find("<saml:Assertion").unwrap();
    let end = xml.find("</saml:Assertion>").unwrap() + "</saml:Assertion>".len();
    xml[begin..end].to_owned()
}

/// The eight ways to wrap what was signed (XSW 1 to 8), and some more: another assertion stands where the signed one stood.
fn wrapped(says: &Says, way: usize) -> String {
    let honest = says.sign(&says.around(&says.assertion("_honest")), way <= 2);
    let evil = Says {
        name_id: "root".to_owned(),
        ..says.clone()
    };
    let evil_assertion = evil.assertion("_evil");
    let signed = assertion(&honest);
    let (begin, end) = signature(&honest);
    let sign = honest[begin..end].to_owned();
    let bare = |xml: &str| xml.replace(&sign, "");
    let within = |outer: &str, tag: &str, inner: &str| outer.replace(tag, &format!("{inner}{tag}"));
    let close = "</saml:Assertion>";
    let object = |inner: &str| {
        within(
            &sign,
            "</ds:Signature>",
            &format!("<ds:Object>{inner}</ds:Object>"),
        )
    };
    let extensions = |inner: &str| format!("<samlp:Extensions>{inner}</samlp:Extensions>");
    let after_issuer = |xml: &str, inner: &str| {
        xml.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inner}"), 1)
    };
    match way {
        1 => after_issuer(&evil.around(&evil_assertion), &object(&bare(&honest))),
        2 => after_issuer(
            &evil.around(&evil_assertion),
            &format!("{}{sign}", extensions(&bare(&honest))),
        ),
        3 => evil.around(&format!("{evil_assertion}{signed}")),
        4 => evil.around(&within(&evil_assertion, close, &signed)),
        5 => evil.around(&format!(
            "{}{}",
            after_issuer(&evil_assertion, &sign),
            bare(&signed)
        )),
        6 => evil.around(&after_issuer(&evil_assertion, &object(&bare(&signed)))),
        7 => evil.around(&format!("{}{evil_assertion}", extensions(&signed))),
        8 => evil.around(&after_issuer(&evil_assertion, &object(&signed))),
        9 => evil.around(&format!("{signed}{evil_assertion}")),
        // The same id twice, so that a reader may find the wrong one.
        10 => evil.around(&format!(
            "{}{}",
            extensions(&signed),
            evil.assertion("_honest")
        )),
        11 => evil.around(&format!("{}{signed}", evil.assertion("_honest"))),
        12 => evil.around(&within(&evil_assertion, "</saml:Subject>", &signed)),
        13 => evil.around(&evil_assertion.replacen(
            "/></saml:SubjectConfirmation>",
            &format!(">{signed}</saml:SubjectConfirmationData></saml:SubjectConfirmation>"),
            1,
        )),
        // Another prefix, another namespace.
        14 => {
            let other = evil_assertion.replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:x");
            evil.around(&format!("{other}{signed}"))
        }
        _ => unreachable!(),
    }
}

#[tokio::test]
async fn what_was_wrapped_does_not_count() {
    let app = TestApp::settings_with(settings).await;
    for way in 1..=14 {
        let word = refused(&app, |says| {
            let xml = wrapped(&says, way);
            // It is XML, and holds both.
            saml_rs::xml::dom::parse(&xml).unwrap_or_else(|error| panic!("{way}: {error}: {xml}"));
            for part in [">root<", ">a-1<", "SignatureValue"] {
                assert!(xml.contains(part), "{way}: {part}");
            }
            xml
        })
        .await;
        assert_eq!(word, "not_genuine", "way {way}");
    }
}

#[tokio::test]
async fn what_harms_readers_of_xml_does_not_reach_them() {
    let app = TestApp::settings_with(settings).await;
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let outside = "<!DOCTYPE x [<!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
    let cases: [(&str, Box<Harm<'_>>); 7] = [
        (
            "a bomb",
            Box::new(|xml| format!("{bomb}{}", xml.replace(">a-1<", ">&c;<"))),
        ),
        (
            "a file",
            Box::new(|xml| format!("{outside}{}", xml.replace(">a-1<", ">&f;<"))),
        ),
        (
            "CDATA",
            Box::new(|xml| xml.replace(">a-1<", "><![CDATA[a-1]]><")),
        ),
        (
            "an instruction",
            Box::new(|xml| format!("<?xml-stylesheet href=\"x\"?>{xml}")),
        ),
        (
            "depth",
            Box::new(|xml| {
                let deep = format!("{}{}", "<x>".repeat(20_000), "</x>".repeat(20_000));
                xml.replace("<samlp:Status>", &format!("{deep}<samlp:Status>"))
            }),
        ),
        (
            "size",
            Box::new(|xml| xml.replace(">a-1<", &format!(">{}<", "a".repeat(300_000)))),
        ),
        ("no XML", Box::new(|_| "SAMLResponse".to_owned())),
    ];
    for (harm, make) in cases {
        let word = refused(&app, |says| make(says.xml())).await;
        assert_eq!(word, "not_genuine", "{harm}");
    }
    for answer in ["", "***", "AAAA", &"A".repeat(600 << 10)] {
        let led = post_encoded(&app, answer, "x").await;
        assert_eq!(led, "/login?problem=not_genuine", "{answer:.10}");
    }
    let empty = app
        .client()
        .post(app.url("/complete/saml/"))
        .send()
        .await
        .unwrap();
    assert_eq!(location(&empty), "/login?problem=not_genuine");
    // A link is no answer.
    let browser = Traveller::new(&app);
    let asked = leave(&app, &browser, "/login/saml/").await;
    let led = browser
        .go(&format!("/complete/saml/?state={}", asked.state))
        .await;
    assert_eq!(location(&led), "/login?problem=not_genuine");
}
