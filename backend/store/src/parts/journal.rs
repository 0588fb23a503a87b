//! The small file beside an upload in parts that says which parts are complete, so that the upload
//! survives a restart.
//!
//! Text, one line for each event, only ever appended to:
//! ```text
//! sregistry-parts 1 <size> <part size>
//! + <number> <etag>        the part is on disk
//! - <number>               the part is about to be overwritten
//! ```
//! A line counts when its end is there: what a crash tore off did not happen.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

use crate::disk;

const HEAD: &str = "sregistry-parts 1";

/// What a journal says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) size: u64,
    pub(super) part_size: u64,
    /// ETags of the complete parts by number, from 1.
    pub(super) complete: BTreeMap<u32, String>,
}

/// A journal open for appending.
pub(super) struct Journal {
    file: File,
    len: u64,
}

impl Journal {
    pub(super) fn create(path: &Path, size: u64, part_size: u64) -> io::Result<Self> {
        let mut journal = Self {
            file: disk::create(path)?,
            len: 0,
        };
        journal.append(&format!("{HEAD} {size} {part_size}\n"))?;
        Ok(journal)
    }

    /// Opens what an earlier process left, `None` when there is none.
    pub(super) fn load(path: &Path) -> io::Result<Option<(Self, Record)>> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let Some(record) = parse(&text) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the journal is damaged",
            ));
        };
        let file = OpenOptions::new().write(true).open(path)?;
        // What comes next starts a line of its own, in the place of a torn one.
        let len = text.rfind('\n').map_or(0, |end| end as u64 + 1);
        file.set_len(len)?;
        Ok(Some((Self { file, len }, record)))
    }

    pub(super) fn stored(&mut self, number: u32, etag: &str) -> io::Result<()> {
        self.append(&format!("+ {number} {etag}\n"))
    }

    pub(super) fn overwriting(&mut self, number: u32) -> io::Result<()> {
        self.append(&format!("- {number}\n"))
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        let done = self.file.write_all_at(line.as_bytes(), self.len);
        if let Err(error) = done.and_then(|()| self.file.sync_data()) {
            // Half a line on a full disk must not run into the next one.
            drop(self.file.set_len(self.len));
            return Err(error);
        }
        self.len += line.len() as u64;
        Ok(())
    }
}

fn parse(text: &str) -> Option<Record> {
    let mut lines = text
        .split_inclusive('\n')
        .map_while(|line| line.strip_suffix('\n'));
    let mut head = lines.next()?.strip_prefix(HEAD)?.split_ascii_whitespace();
    let size = head.next()?.parse().ok()?;
    let part_size = head.next()?.parse().ok()?;
    let mut complete = BTreeMap::new();
    for line in lines {
        let mut words = line.split_ascii_whitespace();
        let (sign, number) = (words.next()?, words.next()?.parse().ok()?);
        match (sign, words.next()) {
            ("+", Some(etag)) => drop(complete.insert(number, etag.to_owned())),
            ("-", None) => drop(complete.remove(&number)),
            _ => return None,
        }
    }
    Some(Record {
        size,
        part_size,
        complete,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_after_a_restart_what_it_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        let mut journal = Journal::create(&path, 100, 10).unwrap();
        journal.stored(2, "b").unwrap();
        journal.stored(1, "a").unwrap();
        journal.overwriting(2).unwrap();
        let (_, record) = Journal::load(&path).unwrap().unwrap();
        let complete = BTreeMap::from([(1, "a".to_owned())]);
        assert_eq!(
            record,
            Record {
                size: 100,
                part_size: 10,
                complete
            }
        );
    }

    #[test]
    fn a_torn_line_did_not_happen_and_does_not_spoil_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        fs::write(&path, "sregistry-parts 1 100 10\n+ 1 a\n+ 12").unwrap();
        let (mut journal, record) = Journal::load(&path).unwrap().unwrap();
        assert_eq!(record.complete.into_keys().collect::<Vec<_>>(), [1]);
        journal.stored(3, "c").unwrap();
        let (_, record) = Journal::load(&path).unwrap().unwrap();
        assert_eq!(record.complete.into_keys().collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_damaged_journal_is_an_error_not_an_empty_upload() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("j");
        for text in [
            "",
            "sregistry-parts 1 100 10",
            "other\n",
            "sregistry-parts 1 9 9\n? 1\n",
        ] {
            fs::write(&path, text).unwrap();
            assert!(Journal::load(&path).is_err(), "{text}");
        }
        assert!(
            Journal::load(&folder.path().join("none"))
                .unwrap()
                .is_none()
        );
    }
}
