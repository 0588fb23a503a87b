//! The definition file, read as far as it says what an image is made of.
//!
//! Shape: a header of `Key: value` lines, then `%section` blocks; a later `Bootstrap:` line begins
//! another stage, and the last stage is the image (SingularityCE user guide, "Definition files").

use std::collections::BTreeMap;

use crate::metadata::{App, Metadata, text};

/// The facts that the last stage of a definition file gives.
///
/// They say what the author asked for, so they come last: only where the image itself cannot be
/// read do they stand alone.
pub(crate) fn parse(deffile: &str, max_entries: usize) -> Metadata {
    let stage = last_stage(deffile);
    let mut metadata = Metadata {
        bootstrap: stage.bootstrap.map(str::to_owned),
        from: stage.from.map(str::to_owned),
        ..Metadata::default()
    };
    for section in &stage.sections {
        let body = text(section.body.as_bytes());
        let own = |slot: &mut Option<String>| slot.clone_from(&body);
        match section.name {
            "environment" => own(&mut metadata.environment),
            "runscript" => own(&mut metadata.runscript),
            "startscript" => own(&mut metadata.startscript),
            "help" => own(&mut metadata.help),
            "test" => own(&mut metadata.test),
            "labels" => metadata.labels.extend(labels(section.body, max_entries)),
            name => {
                let part = name
                    .strip_prefix("app")
                    .filter(|_| !section.argument.is_empty());
                let known = metadata.apps.contains_key(section.argument);
                if let Some(part) = part
                    && (known || metadata.apps.len() < max_entries)
                {
                    app(&mut metadata.apps, section, part, body, max_entries);
                }
            }
        }
    }
    metadata
}

fn app(
    apps: &mut BTreeMap<String, App>,
    section: &Section<'_>,
    part: &str,
    body: Option<String>,
    max_entries: usize,
) {
    if !matches!(part, "run" | "help" | "labels" | "env" | "test" | "install") {
        return;
    }
    let app = apps.entry(section.argument.to_owned()).or_default();
    match part {
        "run" => app.runscript = body,
        "help" => app.help = body,
        "labels" => app.labels.extend(labels(section.body, max_entries)),
        "env" => app.environment = body,
        "test" => app.test = body,
        _ => app.install = body,
    }
}

/// `Key value` lines.
fn labels(body: &str, max_entries: usize) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let line = line.trim();
        let (key, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        (!key.is_empty() && !key.starts_with('#'))
            .then(|| (key.to_owned(), value.trim().trim_matches('"').to_owned()))
    };
    body.lines().filter_map(pair).take(max_entries).collect()
}

#[derive(Default)]
struct Stage<'a> {
    bootstrap: Option<&'a str>,
    from: Option<&'a str>,
    sections: Vec<Section<'a>>,
}

struct Section<'a> {
    name: &'a str,
    argument: &'a str,
    body: &'a str,
}

fn last_stage(deffile: &str) -> Stage<'_> {
    let mut stage = Stage::default();
    let mut in_header = true;
    let mut at = 0;
    // Where the body of the section that is open begins.
    let mut body_at = 0;
    for line in deffile.split_inclusive('\n') {
        let line_at = at;
        at += line.len();
        let header = header(line);
        let begins_stage = matches!(header, Some((Key::Bootstrap, _)));
        let heading = line.strip_prefix('%');
        if begins_stage {
            stage = Stage::default();
            in_header = true;
        } else if let Some(heading) = heading {
            stage.close(deffile, body_at, line_at);
            stage.open(heading);
            in_header = false;
            body_at = at;
        }
        match header {
            Some((Key::Bootstrap, value)) => stage.bootstrap = Some(value),
            Some((Key::From, value)) if in_header => stage.from = Some(value),
            _ => {}
        }
    }
    stage.close(deffile, body_at, at);
    stage
}

impl<'a> Stage<'a> {
    fn open(&mut self, heading: &'a str) {
        let mut words = heading.split_whitespace();
        let name = words.next().unwrap_or_default();
        let argument = words.next().unwrap_or_default();
        self.sections.push(Section {
            name,
            argument,
            body: "",
        });
    }

    fn close(&mut self, deffile: &'a str, from: usize, to: usize) {
        if let Some(section) = self.sections.last_mut() {
            section.body = deffile.get(from..to).unwrap_or_default();
        }
    }
}

enum Key {
    Bootstrap,
    From,
}

/// `Key: value`, for the keys that say where an image comes from, in any case.
fn header(line: &str) -> Option<(Key, &str)> {
    let (key, value) = line.split_once(':')?;
    let key = match key {
        _ if key.eq_ignore_ascii_case("bootstrap") => Key::Bootstrap,
        _ if key.eq_ignore_ascii_case("from") => Key::From,
        _ => return None,
    };
    let value = value.trim();
    (!value.is_empty()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MULTI: &str = "\
BootStrap: docker
From: golang:1.22
Stage: build

%post
    echo From: nowhere

Bootstrap: library
FROM: debian:12

%labels
    Author Amy
    Note \"two words\"
    # not this
%runscript
    exec thing \"$@\"
%appinstall foo
    make
%apprun foo
    ./foo
%apphelp
    no name
";

    #[test]
    fn the_last_stage_is_the_image() {
        let metadata = parse(MULTI, 100);
        assert_eq!(metadata.bootstrap.as_deref(), Some("library"));
        assert_eq!(metadata.from.as_deref(), Some("debian:12"));
        assert_eq!(metadata.labels["Author"], "Amy");
        assert_eq!(metadata.labels["Note"], "two words");
        assert_eq!(metadata.labels.len(), 2);
        assert_eq!(metadata.runscript.as_deref(), Some("    exec thing \"$@\""));
        assert_eq!(metadata.apps.len(), 1);
        assert_eq!(metadata.apps["foo"].install.as_deref(), Some("    make"));
        assert_eq!(metadata.apps["foo"].runscript.as_deref(), Some("    ./foo"));
    }

    #[test]
    fn a_scratch_image_is_from_nothing() {
        let metadata = parse("bootstrap: scratch\n%files\n a: b", 100);
        assert_eq!(metadata.bootstrap.as_deref(), Some("scratch"));
        assert_eq!(metadata.from, None);
        assert_eq!(parse("", 100), Metadata::default());
    }
}
