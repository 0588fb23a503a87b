//! Definition files, cut into pieces to colour. Light on purpose: what it does not know it leaves plain.

/// What a piece of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing special.
    Plain,
    /// `%post` and its like.
    Section,
    /// The `Bootstrap` of `Bootstrap: docker`.
    Keyword,
    /// The `docker` of `Bootstrap: docker`.
    Value,
    /// From `#` to the end.
    Comment,
    /// Between quotes.
    Text,
    /// `$HOME`, `${HOME}`.
    Variable,
}

impl Kind {
    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Section => "tok-section",
            Self::Keyword => "tok-keyword",
            Self::Value => "tok-value",
            Self::Comment => "tok-comment",
            Self::Text => "tok-text",
            Self::Variable => "tok-variable",
        }
    }
}

/// Cuts each line of a definition file, or of a shell script, into pieces. All text is kept.
pub fn lines(text: &str) -> Vec<Vec<(Kind, String)>> {
    let mut header = true;
    text.lines()
        .map(|line| {
            if line.starts_with('%') {
                header = false;
                let end = line.find(char::is_whitespace).unwrap_or(line.len());
                let (section, rest) = line.split_at(end);
                return with_rest(Kind::Section, section, rest);
            }
            match line.split_once(':') {
                Some((key, value)) if header && is_keyword(key) => vec![
                    (Kind::Keyword, format!("{key}:")),
                    (Kind::Value, value.to_owned()),
                ],
                _ => shell(line),
            }
        })
        .collect()
}

fn is_keyword(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn with_rest(kind: Kind, start: &str, rest: &str) -> Vec<(Kind, String)> {
    let mut pieces = vec![(kind, start.to_owned())];
    if !rest.is_empty() {
        pieces.push((Kind::Plain, rest.to_owned()));
    }
    pieces
}

fn shell(line: &str) -> Vec<(Kind, String)> {
    let mut pieces: Vec<(Kind, String)> = Vec::new();
    let mut rest = line;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let (kind, length) = piece(rest, first, before);
        let (taken, tail) = rest.split_at(length.min(rest.len()));
        before = taken.chars().next_back().unwrap_or(' ');
        match pieces.last_mut() {
            Some((last, text)) if *last == kind && kind == Kind::Plain => text.push_str(taken),
            _ => pieces.push((kind, taken.to_owned())),
        }
        rest = tail;
    }
    pieces
}

/// The kind and the length in bytes of the piece that a text starts with.
fn piece(rest: &str, first: char, before: char) -> (Kind, usize) {
    match first {
        '#' if before.is_whitespace() => (Kind::Comment, rest.len()),
        '"' | '\'' => match rest.char_indices().skip(1).find(|(_, c)| *c == first) {
            Some((end, quote)) => (Kind::Text, end + quote.len_utf8()),
            None => (Kind::Plain, first.len_utf8()),
        },
        '$' => {
            let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '}' | '@');
            let length: usize = rest
                .chars()
                .skip(1)
                .take_while(|c| name(*c))
                .map(char::len_utf8)
                .sum();
            (
                if length == 0 {
                    Kind::Plain
                } else {
                    Kind::Variable
                },
                1 + length,
            )
        }
        other => (Kind::Plain, other.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keywords_comments_and_variables_are_found() {
        let found = lines("Bootstrap: docker\n%post -c /bin/sh\n  echo \"$A\" $B # why\n");
        assert_eq!(found[0][0], (Kind::Keyword, "Bootstrap:".to_owned()));
        assert_eq!(found[1][0], (Kind::Section, "%post".to_owned()));
        let kinds: Vec<_> = found[2].iter().map(|(kind, _)| *kind).collect();
        assert!(kinds.contains(&Kind::Text) && kinds.contains(&Kind::Variable));
        assert_eq!(kinds.last(), Some(&Kind::Comment));
    }

    #[test]
    fn no_text_is_lost_whatever_it_is() {
        for text in [
            "it's ü \"open",
            "$ $$ ${",
            "a#b #c",
            "%",
            ":",
            "From: a:b",
            "\t",
        ] {
            let again: String = lines(text)
                .concat()
                .into_iter()
                .map(|(_, piece)| piece)
                .collect();
            assert_eq!(again, text);
        }
    }
}
