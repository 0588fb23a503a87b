//! Where an image keeps its metadata: `/.singularity.d` and, for each SCIF app, `/scif/apps/NAME`.
//!
//! Paths from the SingularityCE source (`internal/pkg/build`); version 2 images use the same.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use crate::image::{Budget, unread};
use crate::inspect;
use crate::metadata::{App, Metadata, environment, is_boilerplate, script, text};
use crate::squashfs::{Directory, Error, File, Node, Squashfs};

/// Reads what is there. Damage and limits end the walk with a note; only reading itself fails.
pub(crate) fn read<R: Read + Seek>(
    files: &mut Squashfs<'_, R>,
    budget: &mut Budget<'_>,
) -> Result<(Metadata, Vec<String>), crate::Error> {
    let mut walk = Walk {
        files,
        budget,
        notes: Vec::new(),
    };
    let mut found = Metadata::default();
    match walk.metadata(&mut found) {
        Ok(()) => {}
        Err(Error::Read(error)) => return Err(error),
        Err(error) => walk.notes.push(unread(&error.to_string())),
    }
    Ok((found, walk.notes))
}

struct Walk<'a, 'b, 's, R> {
    files: &'a mut Squashfs<'s, R>,
    budget: &'a mut Budget<'b>,
    notes: Vec<String>,
}

impl<R: Read + Seek> Walk<'_, '_, '_, R> {
    fn metadata(&mut self, found: &mut Metadata) -> Result<(), Error> {
        let root = self.files.root()?;
        if let Some(home) = self.directory(&root, ".singularity.d")? {
            found.deffile = self.text(&home, "Singularity", "definition file")?;
            found.labels = self.labels(&home)?;
            found.environment = self.environment(&home, "/.singularity.d/env")?;
            found.runscript = script(self.text(&home, "runscript", "runscript")?);
            found.startscript = script(self.text(&home, "startscript", "startscript")?);
            found.help = self.text(&home, "runscript.help", "help")?;
            found.test = script(self.text(&home, "test", "test")?);
        }
        self.apps(&root, &mut found.apps)
    }

    fn apps(&mut self, root: &Directory, apps: &mut BTreeMap<String, App>) -> Result<(), Error> {
        let Some(scif) = self.directory(root, "scif")? else {
            return Ok(());
        };
        let Some(list) = self.directory(&scif, "apps")? else {
            return Ok(());
        };
        let max_entries = self.budget.limits.max_entries;
        for (name, node) in self.files.list(&list, max_entries, |_| true)? {
            let Node::Directory(app) = self.files.node(node)? else {
                continue;
            };
            let Some(home) = self.directory(&app, "scif")? else {
                continue;
            };
            let env = format!("/scif/apps/{name}/scif/env");
            let found = App {
                runscript: script(self.text(&home, "runscript", "runscript of an app")?),
                help: self.text(&home, "runscript.help", "help of an app")?,
                labels: self.labels(&home)?,
                environment: self.environment(&home, &env)?,
                test: script(self.text(&home, "test", "test of an app")?),
                install: None,
            };
            apps.insert(name, found);
        }
        Ok(())
    }

    fn directory(&mut self, parent: &Directory, name: &str) -> Result<Option<Directory>, Error> {
        match self.files.find(parent, name)? {
            Some(Node::Directory(directory)) => Ok(Some(directory)),
            _ => Ok(None),
        }
    }

    fn labels(&mut self, home: &Directory) -> Result<BTreeMap<String, String>, Error> {
        let Some(bytes) = self.bytes(home, "labels.json", "labels")? else {
            return Ok(BTreeMap::new());
        };
        let labels = inspect::labels(&bytes, self.budget.limits.max_entries);
        if labels.is_none() {
            self.notes
                .push("The labels file is not the JSON it should be.".to_owned());
        }
        Ok(labels.unwrap_or_default())
    }

    fn environment(&mut self, home: &Directory, path: &str) -> Result<Option<String>, Error> {
        let Some(directory) = self.directory(home, "env")? else {
            return Ok(None);
        };
        let wanted = |name: &str| {
            name.strip_suffix(".sh").is_some() && !is_boilerplate(name) && name != "01-labels.sh"
        };
        let max_entries = self.budget.limits.max_entries;
        let mut scripts = Vec::new();
        for (name, node) in self.files.list(&directory, max_entries, wanted)? {
            let Node::File(file) = self.files.node(node)? else {
                continue;
            };
            if let Some(text) = self.content(&file, "environment")?.and_then(|b| text(&b)) {
                scripts.push((format!("{path}/{name}"), text));
            }
        }
        scripts.sort();
        Ok(environment(
            scripts
                .iter()
                .map(|(path, text)| (path.as_str(), text.clone())),
        ))
    }

    fn text(&mut self, home: &Directory, name: &str, what: &str) -> Result<Option<String>, Error> {
        Ok(self.bytes(home, name, what)?.and_then(|bytes| text(&bytes)))
    }

    fn bytes(
        &mut self,
        home: &Directory,
        name: &str,
        what: &str,
    ) -> Result<Option<Vec<u8>>, Error> {
        match self.files.find(home, name)? {
            Some(Node::File(file)) => self.content(&file, what),
            _ => Ok(None),
        }
    }

    fn content(&mut self, file: &File, what: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.budget.take(what, file.size()) {
            Ok(_) => self.files.read(file).map(Some),
            Err(note) => {
                self.notes.push(note);
                Ok(None)
            }
        }
    }
}
