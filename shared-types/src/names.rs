//! The rules of names, the same in the form that a person fills in and in the server that checks it.

/// Longest name of a collection, a container or a tag, in characters.
pub const MAX_NAME: usize = 128;
/// Longest name of a team, in characters.
pub const MAX_TEAM: usize = 50;
/// Longest user name, in characters.
pub const MAX_USERNAME: usize = 64;
/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 10;
/// Longest password, in characters: longer ones only cost time.
pub const MAX_PASSWORD: usize = 1024;
/// Longest description, in characters.
pub const MAX_DESCRIPTION: usize = 1000;
/// Longest README, in bytes.
pub const MAX_README: usize = 256 * 1024;

/// Longest topic, in characters.
pub const MAX_TOPIC: usize = 50;
/// Most topics that a container has.
pub const MAX_TOPICS: usize = 20;

/// The shape of the names of collections and teams, for readers of regular expressions: what `check_collection` takes.
pub const DASHED: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";
/// The shape of a topic as people write it; it is kept in lower case, without the blanks around it.
pub const TOPIC: &str = r"^\s*[A-Za-z0-9]+(-[A-Za-z0-9]+)*\s*$";
/// The shape of the names of containers and users: what `check_container` takes.
pub const COMPONENT: &str = r"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$";
/// The shape of a tag: what `check_tag` takes.
pub const TAG: &str = "^[A-Za-z0-9_][A-Za-z0-9._-]*$";
/// The shape of the digest of a file where a tag could stand: library clients write it with a dot.
pub const DIGEST: &str = "^sha256[:.][0-9a-fA-F]{64}$";
/// The shape of a reference: a tag, or the digest of a file.
pub const REFERENCE: &str = "^(sha256[:.][0-9a-fA-F]{64}|[A-Za-z0-9_][A-Za-z0-9._-]*)$";
/// The shape of the name of an architecture: what `check_arch` takes.
pub const ARCH: &str = "^[a-z0-9_]{1,32}$";

/// Collection names that would shadow a page of the web application.
const RESERVED_COLLECTIONS: &[&str] = &["new", "my", "stars", "downloads"];

/// Team names that would shadow a page of the web application.
const RESERVED_TEAMS: &[&str] = &["new"];

/// Checks a collection's name: lower case letters, digits and single `-` between them.
///
/// # Errors
/// A sentence that says which rule the name breaks.
pub fn check_collection(name: &str) -> Result<(), String> {
    check_length("a collection's name", name)?;
    if !is_dashed(name) {
        return Err(
            "a collection's name has lower case letters, digits and single “-” between them"
                .to_owned(),
        );
    }
    if RESERVED_COLLECTIONS.contains(&name) {
        return Err(format!(
            "“{name}” is a word that the registry itself uses; take another"
        ));
    }
    Ok(())
}

/// Checks a team's name: as a collection's, and shorter.
///
/// # Errors
/// A sentence that says which rule the name breaks.
pub fn check_team(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a team's name is missing".to_owned());
    }
    if name.chars().count() > MAX_TEAM {
        return Err(format!("a team's name has {MAX_TEAM} characters at most"));
    }
    if !is_dashed(name) {
        return Err(
            "a team's name has lower case letters, digits and single “-” between them".to_owned(),
        );
    }
    if RESERVED_TEAMS.contains(&name) {
        return Err(format!(
            "“{name}” is a word that the registry itself uses; take another"
        ));
    }
    Ok(())
}

/// Checks a topic: as a team's name.
///
/// # Errors
/// A sentence that says which rule the topic breaks.
pub fn check_topic(topic: &str) -> Result<(), String> {
    if topic.chars().count() > MAX_TOPIC {
        return Err(format!("a topic has {MAX_TOPIC} characters at most"));
    }
    if topic.is_empty() || !is_dashed(topic) {
        return Err(
            "a topic has lower case letters, digits and single “-” between them".to_owned(),
        );
    }
    Ok(())
}

/// What a name becomes when it comes from an old client: each run of other characters is one `-`, lower case.
/// May be empty, which the caller must refuse.
pub fn normalise_collection(name: &str) -> String {
    let words: Vec<String> = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

/// Checks a container's name: a path component of the OCI alphabet.
///
/// # Errors
/// A sentence that says which rule the name breaks.
pub fn check_container(name: &str) -> Result<(), String> {
    check_length("a container's name", name)?;
    if is_oci_component(name) {
        Ok(())
    } else {
        Err("a container's name has lower case letters and digits, with “.”, “_”, “__” or “-” between them"
            .to_owned())
    }
}

/// Checks a tag: the OCI alphabet, case kept.
///
/// # Errors
/// A sentence that says which rule the tag breaks.
pub fn check_tag(tag: &str) -> Result<(), String> {
    check_length("a tag", tag)?;
    let (first, rest) = tag.split_at(tag.chars().next().map_or(0, char::len_utf8));
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if first.bytes().all(word) && rest.bytes().all(|b| word(b) || b == b'.' || b == b'-') {
        Ok(())
    } else {
        Err(
            "a tag has letters, digits, “_”, “.” and “-”, and starts with a letter, a digit or “_”"
                .to_owned(),
        )
    }
}

/// A user name to look for; where nobody can be called this, a name that nobody has.
pub fn username_or_nobody(name: &str) -> &str {
    if check_username(name).is_ok() {
        name
    } else {
        ""
    }
}

/// Checks an architecture's name, such as `amd64`.
///
/// # Errors
/// A sentence that says what one looks like.
pub fn check_arch(arch: &str) -> Result<(), String> {
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if !arch.is_empty() && arch.len() <= 32 && arch.bytes().all(word) {
        Ok(())
    } else {
        Err("an architecture is a word such as amd64 or ppc64le".to_owned())
    }
}

/// Checks a user name: it is also the entity of `library://entity/collection/container`.
///
/// # Errors
/// A sentence that says which rule the name breaks.
pub fn check_username(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("a user name is missing".to_owned());
    }
    if name.chars().count() > MAX_USERNAME {
        return Err(format!("a user name has {MAX_USERNAME} characters at most"));
    }
    if is_oci_component(name) {
        Ok(())
    } else {
        Err(
            "a user name has lower case letters and digits, with “.”, “_” or “-” between them"
                .to_owned(),
        )
    }
}

/// The user name that someone gets who is called so at another provider: lower case, what no name has becomes one `-`, what
/// follows an `@` is dropped. Short enough that a number still fits behind it.
pub fn normalise_username(text: &str) -> String {
    let (name, _) = text.split_once('@').unwrap_or((text, ""));
    let mut out = String::new();
    let mut separator = None;
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            if !out.is_empty() {
                out.extend(separator);
            }
            separator = None;
            out.push(letter);
        } else {
            separator = separator.or(Some(if matches!(letter, '.' | '_') {
                letter
            } else {
                '-'
            }));
        }
        if out.len() >= MAX_USERNAME - 8 {
            break;
        }
    }
    if out.is_empty() {
        "user".to_owned()
    } else {
        out
    }
}

/// Checks a new password.
///
/// # Errors
/// A sentence that says which rule the password breaks.
pub fn check_password(password: &str) -> Result<(), String> {
    if password.chars().count() < MIN_PASSWORD {
        return Err(format!("a password has {MIN_PASSWORD} characters at least"));
    }
    if password.chars().count() > MAX_PASSWORD {
        return Err(format!("a password has {MAX_PASSWORD} characters at most"));
    }
    Ok(())
}

/// Checks a description.
///
/// # Errors
/// A sentence that says which rule the text breaks.
pub fn check_description(text: &str) -> Result<(), String> {
    if text.chars().count() > MAX_DESCRIPTION {
        return Err(format!(
            "a description has {MAX_DESCRIPTION} characters at most"
        ));
    }
    Ok(())
}

fn check_length(what: &str, name: &str) -> Result<(), String> {
    if name.is_empty() {
        Err(format!("{what} is missing"))
    } else if name.chars().count() > MAX_NAME {
        Err(format!("{what} has {MAX_NAME} characters at most"))
    } else {
        Ok(())
    }
}

/// Lower case letters, digits, and single `-` between them.
fn is_dashed(name: &str) -> bool {
    name.split('-').all(|part| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, the path component of the OCI distribution specification.
fn is_oci_component(name: &str) -> bool {
    let word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut rest = name.as_bytes();
    loop {
        let letters = rest.iter().take_while(|b| word(b)).count();
        if letters == 0 {
            return false;
        }
        rest = rest.split_at(letters).1;
        if rest.is_empty() {
            return true;
        }
        let marks = rest.iter().take_while(|b| !word(b)).count();
        let (separator, tail) = rest.split_at(marks);
        let known =
            matches!(separator, b"." | b"_" | b"__") || separator.iter().all(|b| *b == b'-');
        if !known {
            return false;
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_providers_become_user_names() {
        let long = "x".repeat(500);
        for (text, name) in [
            ("Amy", "amy"),
            ("amy.o_hara", "amy.o_hara"),
            ("amy@example.org", "amy"),
            ("  Amy  O'Hara ", "amy-o-hara"),
            ("..a..", "a"),
            ("Zoë", "zo"),
            ("", "user"),
            ("@x", "user"),
            ("日本", "user"),
            (&long, &long[..56]),
        ] {
            assert_eq!(normalise_username(text), name, "{text}");
            assert_eq!(check_username(&normalise_username(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn collection_names_have_lower_case_letters_digits_and_single_dashes() {
        for good in ["a", "climate", "climate-2", "4d-var", "a-b-c"] {
            assert_eq!(check_collection(good), Ok(()), "{good}");
        }
        for bad in [
            "", "-a", "a-", "a--b", "A", "a_b", "a.b", "a/b", "ä", "new", "a b",
        ] {
            assert!(check_collection(bad).is_err(), "{bad}");
        }
        assert!(check_collection(&"a".repeat(MAX_NAME)).is_ok());
        assert!(check_collection(&"a".repeat(MAX_NAME + 1)).is_err());
    }

    #[test]
    fn team_names_are_like_those_of_collections_and_shorter() {
        for good in ["a", "hpc", "4d-var-team", "my"] {
            assert_eq!(check_team(good), Ok(()), "{good}");
        }
        for bad in ["", "new", "HPC", "a b", "a--b", "-a", "a_b", "ä"] {
            assert!(check_team(bad).is_err(), "{bad}");
        }
        assert!(check_team(&"a".repeat(MAX_TEAM)).is_ok());
        assert!(check_team(&"a".repeat(MAX_TEAM + 1)).is_err());
    }

    #[test]
    fn old_clients_names_become_good_ones_or_nothing() {
        for (given, made) in [
            ("My Coll", "my-coll"),
            ("my__coll!", "my-coll"),
            ("--", ""),
            ("ok", "ok"),
        ] {
            assert_eq!(normalise_collection(given), made);
            assert!(made.is_empty() || check_collection(made).is_ok());
        }
    }

    #[test]
    fn container_names_are_oci_components() {
        for good in [
            "a", "samtools", "r-base", "a.b", "a_b", "a__b", "a---b", "0",
        ] {
            assert_eq!(check_container(good), Ok(()), "{good}");
        }
        for bad in [
            "", ".", "a.", ".a", "a..b", "a___b", "a._b", "A", "a/b", "a:b", "a-_b",
        ] {
            assert!(check_container(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tags_keep_their_case_and_start_with_a_word_character() {
        for good in ["latest", "V1.0_RC", "_x", "1.17", "a-b"] {
            assert_eq!(check_tag(good), Ok(()), "{good}");
        }
        for bad in ["", ".a", "-a", "a b", "a/b", "a:b", "é", "sha256:00"] {
            assert!(check_tag(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_long_enough_and_not_absurd() {
        assert!(check_password("123456789").is_err());
        assert!(check_password("1234567890").is_ok());
        assert!(check_password(&"x".repeat(MAX_PASSWORD + 1)).is_err());
    }
}
