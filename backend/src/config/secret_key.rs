//! The secret key that is made at the first start, when none was given.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Reads the key kept in the data folder; makes and keeps one where there is none. Two processes that start together end
/// with the same key.
///
/// # Errors
/// The file cannot be read or written, or holds no usable key.
pub fn keep_secret_key(data_dir: &Path, make: impl FnOnce() -> String) -> io::Result<String> {
    let path = data_dir.join("secret-key");
    if !path.exists() {
        write_new(data_dir, &path, &make())?;
    }
    let key = std::fs::read_to_string(&path)?.trim().to_owned();
    if key.len() < super::validate::SECRET_KEY_LENGTH {
        return Err(io::Error::other(format!(
            "{} does not hold a key of {} characters or more; restore it from a backup, or remove it to have a new one \
             made (all tokens and links become invalid)",
            path.display(),
            super::validate::SECRET_KEY_LENGTH,
        )));
    }
    Ok(key)
}

/// Writes the key beside its place and links it there: others see the whole key or none, and the first one wins.
fn write_new(data_dir: &Path, path: &Path, key: &str) -> io::Result<()> {
    let draft = data_dir.join(format!("secret-key.{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(key.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(data_dir)?.sync_all()
}
