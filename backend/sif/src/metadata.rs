//! What a person wants to know of an image, gathered field by field from several sources.

use std::collections::BTreeMap;

/// What an image says about itself. Texts are as the author wrote them, invalid UTF-8 replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The definition file (recipe).
    pub deffile: Option<String>,
    /// Labels, those of the build included.
    pub labels: BTreeMap<String, String>,
    /// The definitions of the environment, without the scripts every image has.
    pub environment: Option<String>,
    /// What `run` executes.
    pub runscript: Option<String>,
    /// What `instance start` executes.
    pub startscript: Option<String>,
    /// What `run-help` prints.
    pub help: Option<String>,
    /// What `test` executes.
    pub test: Option<String>,
    /// SCIF apps by name.
    pub apps: BTreeMap<String, App>,
    /// How the image was begun: the `Bootstrap:` of the definition file (`docker`, `library` ...).
    pub bootstrap: Option<String>,
    /// What the image is built from: the `From:` of the definition file, in its last stage.
    pub from: Option<String>,
}

/// One SCIF app of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct App {
    /// What `run --app` executes.
    pub runscript: Option<String>,
    /// What `run-help --app` prints.
    pub help: Option<String>,
    /// Labels of the app.
    pub labels: BTreeMap<String, String>,
    /// Environment of the app.
    pub environment: Option<String>,
    /// What `test --app` executes.
    pub test: Option<String>,
    /// How the app was installed: `%appinstall` of the definition file.
    pub install: Option<String>,
}

impl Metadata {
    /// Takes from `other` what is not known yet.
    pub(crate) fn fill_from(&mut self, other: Self) {
        fill(&mut self.deffile, other.deffile);
        fill_map(&mut self.labels, other.labels);
        fill(&mut self.environment, other.environment);
        fill(&mut self.runscript, other.runscript);
        fill(&mut self.startscript, other.startscript);
        fill(&mut self.help, other.help);
        fill(&mut self.test, other.test);
        for (name, app) in other.apps {
            self.apps.entry(name).or_default().fill_from(app);
        }
        fill(&mut self.bootstrap, other.bootstrap);
        fill(&mut self.from, other.from);
    }
}

impl App {
    fn fill_from(&mut self, other: Self) {
        fill(&mut self.runscript, other.runscript);
        fill(&mut self.help, other.help);
        fill_map(&mut self.labels, other.labels);
        fill(&mut self.environment, other.environment);
        fill(&mut self.test, other.test);
        fill(&mut self.install, other.install);
    }
}

fn fill(mine: &mut Option<String>, other: Option<String>) {
    if mine.is_none() {
        *mine = other;
    }
}

/// Maps are taken whole: an entry missing from the better source was not set, or was removed.
fn fill_map(mine: &mut BTreeMap<String, String>, other: BTreeMap<String, String>) {
    if mine.is_empty() {
        *mine = other;
    }
}

/// The bytes of a text object as text: no NUL padding, no blank end, none when nothing is left.
pub(crate) fn text(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches(|c: char| c == '\0' || c.is_whitespace());
    (!text.trim_start().is_empty()).then(|| text.to_owned())
}

/// A script, unless the author gave none: builds write one for each section all the same, with a
/// shebang, a licence, and for the runscript a line that says so.
pub(crate) fn script(text: Option<String>) -> Option<String> {
    const NO_RUNSCRIPT: &str = "There is no runscript defined for this container";
    let is_own = |line: &str| is_code(line) && !line.contains(NO_RUNSCRIPT);
    text.filter(|text| text.lines().any(is_own))
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with('#')
}

/// The environment that the author defined, from the files of `/.singularity.d/env` by path.
///
/// The files that every image has are left out, and so is what the build writes at the head of the
/// others. Where more than one is left, each begins with its path.
pub(crate) fn environment<'a>(
    files: impl IntoIterator<Item = (&'a str, String)>,
) -> Option<String> {
    let files: Vec<(&str, String)> = files
        .into_iter()
        .filter(|(path, _)| !is_boilerplate(path))
        .filter_map(|(path, text)| Some((path, definitions(&text)?)))
        .collect();
    match files.as_slice() {
        [] => None,
        [(_, only)] => Some(only.clone()),
        many => {
            let parts: Vec<String> = many
                .iter()
                .map(|(path, text)| format!("# {path}\n{text}"))
                .collect();
            Some(parts.join("\n\n"))
        }
    }
}

/// Files of the runtime itself, the same in every image.
pub(crate) fn is_boilerplate(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name,
        "01-base.sh" | "94-appsbase.sh" | "95-apps.sh" | "99-base.sh" | "99-runtimevars.sh"
    )
}

/// A script without its shebang and the licence block after it.
fn definitions(text: &str) -> Option<String> {
    let mut rest = text;
    if rest.starts_with("#!") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    // The block ends with this line; comments after it are the author's.
    let (mut at, mut start) = (0, 0);
    for line in rest.split_inclusive('\n').take_while(|line| !is_code(line)) {
        at += line.len();
        if line.contains("Custom environment shell code should follow") {
            start = at;
        }
    }
    rest = rest.get(start..).unwrap_or_default();
    while let Some((line, after)) = rest.split_once('\n')
        && line.trim().is_empty()
    {
        rest = after;
    }
    rest.lines()
        .any(is_code)
        .then(|| rest.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = "#!/bin/sh\n# Copyright (c) Somebody\n\n# Custom environment shell code \
                         should follow\n\n    # mine\n    export A=1\n";

    #[test]
    fn environment_is_what_the_author_wrote() {
        let files = [
            (
                "/.singularity.d/env/01-base.sh",
                "export PATH=/bin".to_owned(),
            ),
            ("/.singularity.d/env/90-environment.sh", BUILT.to_owned()),
        ];
        assert_eq!(
            environment(files).as_deref(),
            Some("    # mine\n    export A=1")
        );
    }

    #[test]
    fn several_environment_files_are_told_apart() {
        let files = [
            (
                "/.singularity.d/env/10-docker2singularity.sh",
                "#!/bin/sh\nexport P=\"x\"".into(),
            ),
            ("/.singularity.d/env/90-environment.sh", BUILT.to_owned()),
        ];
        assert_eq!(
            environment(files).as_deref(),
            Some(
                "# /.singularity.d/env/10-docker2singularity.sh\nexport P=\"x\"\n\n\
                 # /.singularity.d/env/90-environment.sh\n    # mine\n    export A=1"
            )
        );
    }

    #[test]
    fn an_environment_of_comments_is_none() {
        assert_eq!(
            environment([("90-environment.sh", "#!/bin/sh\n# nothing\n".to_owned())]),
            None
        );
    }

    #[test]
    fn scripts_that_do_nothing_are_none() {
        assert_eq!(script(Some("#!/bin/sh\n# Copyright\n\n".to_owned())), None);
        assert!(script(Some("#!/bin/sh\nexec sh".to_owned())).is_some());
        let none = "#!/bin/sh\n# Licence\n\necho \"There is no runscript defined for this \
                    container\\n\";";
        assert_eq!(script(Some(none.to_owned())), None);
    }

    #[test]
    fn text_loses_padding_only() {
        assert_eq!(text(b"a\xff b\n\0\0").as_deref(), Some("a\u{fffd} b"));
        assert_eq!(text(b" \n\0"), None);
        assert_eq!(text(b"    indented\n").as_deref(), Some("    indented"));
    }
}
