//! Which file an unfinished upload is of, kept in the browser, so that the file is known again after a reload.

use serde::{Deserialize, Serialize};
use shared_types::Upload;

use super::file::About;
use crate::{state::choice, util::json};

const KEY: &str = "uploads";
/// As many are kept; the oldest goes first.
const MOST: usize = 20;

/// One upload and its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    id: String,
    file: About,
}

/// Remembers the file of an upload.
pub fn keep(id: &str, file: &About) {
    let mut entries = read();
    entries.retain(|entry| entry.id != id);
    entries.push(Entry {
        id: id.to_owned(),
        file: file.clone(),
    });
    let excess = entries.len().saturating_sub(MOST);
    entries.drain(..excess);
    write(&entries);
}

/// Forgets an upload that has ended.
pub fn forget(id: &str) {
    let mut entries = read();
    entries.retain(|entry| entry.id != id);
    write(&entries);
}

/// The name of the file that an upload is of, where this browser began it.
pub fn file_name(id: &str) -> Option<String> {
    let entry = read().into_iter().find(|entry| entry.id == id)?;
    Some(entry.file.name)
}

/// The unfinished upload that a file belongs to, where there is one.
pub fn recognise<'a>(unfinished: &'a [Upload], file: &About) -> Option<&'a Upload> {
    found(&read(), unfinished, file)
}

/// Why a file cannot be the one of an upload.
///
/// # Errors
/// A sentence.
pub fn belongs(upload: &Upload, file: &About) -> Result<(), String> {
    fits(&read(), upload, file)
}

fn found<'a>(entries: &[Entry], unfinished: &'a [Upload], file: &About) -> Option<&'a Upload> {
    unfinished.iter().find(|upload| {
        entries
            .iter()
            .any(|entry| entry.id == upload.id && entry.file.mark == file.mark)
            && upload.size_bytes == file.size
    })
}

fn fits(entries: &[Entry], upload: &Upload, file: &About) -> Result<(), String> {
    let known = entries.iter().find(|entry| entry.id == upload.id);
    let other = known.is_some_and(|entry| entry.file.mark != file.mark);
    if upload.size_bytes == file.size && !other {
        return Ok(());
    }
    Err(match known {
        Some(entry) => format!(
            "this is another file; the upload is of “{}”",
            entry.file.name
        ),
        None => "this is another file: its size is not that of the upload".to_owned(),
    })
}

fn read() -> Vec<Entry> {
    choice::read(KEY)
        .and_then(|text| json::read(&text))
        .unwrap_or_default()
}

fn write(entries: &[Entry]) {
    let text = json::write(&entries);
    choice::write(KEY, text.as_deref().filter(|_| !entries.is_empty()));
}

#[cfg(test)]
mod tests {
    use shared_types::Sample;

    use super::*;

    fn file(name: &str, mark: &str) -> About {
        About {
            name: name.to_owned(),
            size: Upload::sample().size_bytes,
            mark: mark.to_owned(),
            arch: None,
        }
    }

    fn entries() -> Vec<Entry> {
        vec![Entry {
            id: Upload::sample().id,
            file: file("samtools.sif", "aa"),
        }]
    }

    #[test]
    fn the_same_file_is_known_again_under_whatever_name() {
        let unfinished = [Upload::sample()];
        assert!(found(&entries(), &unfinished, &file("copy.sif", "aa")).is_some());
        assert!(found(&entries(), &unfinished, &file("samtools.sif", "bb")).is_none());
        assert!(found(&[], &unfinished, &file("samtools.sif", "aa")).is_none());
    }

    #[test]
    fn another_file_cannot_go_on_with_an_upload() {
        let upload = Upload::sample();
        assert_eq!(fits(&entries(), &upload, &file("copy.sif", "aa")), Ok(()));
        let problem = fits(&entries(), &upload, &file("x.sif", "bb")).unwrap_err();
        assert!(problem.contains("samtools.sif"), "{problem}");
        // Begun in another browser: only the size is known.
        assert_eq!(fits(&[], &upload, &file("x.sif", "bb")), Ok(()));
        let small = About {
            size: 1,
            ..file("x.sif", "bb")
        };
        assert!(fits(&[], &upload, &small).unwrap_err().contains("size"));
    }
}
