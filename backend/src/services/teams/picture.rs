//! The picture of a team: small, and of a kind that browsers show as a picture and nothing else.

use entity::team_picture;
use shared_types::AuditAction;

use super::{
    super::{Core, Error, Result, audit::Actor, error::Resource, keys},
    by, lock, managed, on, row,
};
use crate::{domain::access::Viewer, repo};

/// Most bytes of a picture.
pub const MAX_PICTURE: usize = 256 * 1024;
/// Most pixels of a side.
const LONGEST_SIDE: u32 = 2048;

/// A picture.
#[derive(Debug, Clone)]
pub struct Picture {
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    /// The digest in hexadecimal digits.
    pub sha256: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Where a picture is: another one is elsewhere, so that browsers may keep what they have.
pub(super) fn path(team: &str, sha256: &str) -> String {
    let version = sha256.get(..16).unwrap_or(sha256);
    format!("/api/v1/teams/{team}/picture?v={version}")
}

/// A team's picture.
///
/// # Errors
/// `NotFound`.
pub async fn get(core: &Core, name: &str) -> Result<Picture> {
    let team = row(core, name).await?;
    let found = repo::team_picture::find(core.db.read(), team.id).await?;
    let found = found.ok_or_else(|| Error::NotFound(Resource::Picture(name.to_owned())))?;
    Ok(Picture {
        media_type: found.media_type,
        sha256: found.sha256,
        bytes: found.bytes,
    })
}

/// Gives a team a picture.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`, `Invalid` where it is no picture or a large one.
pub async fn put(core: &Core, viewer: &Viewer, name: &str, bytes: Vec<u8>) -> Result<()> {
    let team = managed(core, viewer, name).await?.team;
    let media_type = check(&bytes).map_err(|sentence| Error::invalid("picture", sentence))?;
    let picture = team_picture::Model {
        team_id: team.id,
        media_type: media_type.to_owned(),
        sha256: keys::hash_bytes(&bytes),
        bytes,
    };
    let (actor, now) = (Actor::of(core, viewer), core.clock.now());
    core.db
        .write(async move |tx| {
            lock(tx, &team, now).await?;
            on(AuditAction::TeamChange, &team)
                .with("picture", "new")
                .record(tx, &actor)
                .await?;
            Ok::<_, Error>(repo::team_picture::put(tx, picture).await?)
        })
        .await?;
    tracing::info!(by = by(viewer), team = name, "picture of a team changed");
    Ok(())
}

/// Takes a team's picture away, if it has one.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`, `NotFound`.
pub async fn delete(core: &Core, viewer: &Viewer, name: &str) -> Result<()> {
    let team = managed(core, viewer, name).await?.team;
    let (actor, now) = (Actor::of(core, viewer), core.clock.now());
    core.db
        .write(async move |tx| {
            lock(tx, &team, now).await?;
            on(AuditAction::TeamChange, &team)
                .with("picture", "none")
                .record(tx, &actor)
                .await?;
            Ok::<_, Error>(repo::team_picture::delete(tx, team.id).await?)
        })
        .await?;
    tracing::info!(by = by(viewer), team = name, "picture of a team removed");
    Ok(())
}

/// The media type of a picture, read from the file itself: what its sender calls it counts for nothing.
fn check(bytes: &[u8]) -> Result<&'static str, String> {
    if bytes.len() > MAX_PICTURE {
        let most = MAX_PICTURE / 1024;
        return Err(format!("a picture has {most} KiB at most"));
    }
    let found = png(bytes)
        .map(|size| ("image/png", size))
        .or_else(|| jpeg(bytes).map(|size| ("image/jpeg", size)))
        .or_else(|| webp(bytes).map(|size| ("image/webp", size)));
    let (media_type, (width, height)) =
        found.ok_or("this is no picture: send a PNG, JPEG or WebP file")?;
    let fits = |side: u32| (1..=LONGEST_SIDE).contains(&side);
    if fits(width) && fits(height) {
        Ok(media_type)
    } else {
        Err(format!(
            "a picture has {LONGEST_SIDE} pixels a side at most; this one has {width} × {height}"
        ))
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Width and height of a PNG file whose parts fit together.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = (
        u32::from_be_bytes(array(bytes, 16)?),
        u32::from_be_bytes(array(bytes, 20)?),
    );
    let mut at = bytes.starts_with(b"\x89PNG\r\n\x1a\n").then_some(8_usize)?;
    if array(bytes, 12)? != *b"IHDR" {
        return None;
    }
    // Length, kind, data, checksum; the last part is the end of the file.
    loop {
        let length = usize::try_from(u32::from_be_bytes(array(bytes, at)?)).ok()?;
        let kind: [u8; 4] = array(bytes, at.checked_add(4)?)?;
        at = at.checked_add(12)?.checked_add(length)?;
        if kind == *b"IEND" {
            return (at == bytes.len()).then_some(size);
        }
    }
}

/// Width and height of a JPEG file, from the header of its frame.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = bytes.starts_with(&[0xff, 0xd8]).then_some(2_usize)?;
    bytes.ends_with(&[0xff, 0xd9]).then_some(())?;
    loop {
        let [mark, kind]: [u8; 2] = array(bytes, at)?;
        if mark != 0xff {
            return None;
        }
        match kind {
            // Filler before a marker.
            0xff => at = at.checked_add(1)?,
            // The frames; C4, C8 and CC are tables.
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                let side = |at| Some(u32::from(u16::from_be_bytes(array(bytes, at)?)));
                return Some((side(at.checked_add(7)?)?, side(at.checked_add(5)?)?));
            }
            // The image itself, the end, or what stands alone: too late for a frame.
            0xd0..=0xda | 0x00 | 0x01 => return None,
            _ => {
                let length = u16::from_be_bytes(array(bytes, at.checked_add(2)?)?);
                at = at.checked_add(2)?.checked_add(usize::from(length.max(2)))?;
            }
        }
    }
}

/// Width and height of a WebP file of any of the three kinds.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    let length = usize::try_from(u32::from_le_bytes(array(bytes, 4)?)).ok()?;
    let whole = length.checked_add(8)? == bytes.len();
    if !(whole && bytes.starts_with(b"RIFF") && array(bytes, 8)? == *b"WEBP") {
        return None;
    }
    match &array::<4>(bytes, 12)? {
        b"VP8X" => {
            let side = |at| {
                let [a, b, c]: [u8; 3] = array(bytes, at)?;
                Some(u32::from_le_bytes([a, b, c, 0]).saturating_add(1))
            };
            Some((side(24)?, side(27)?))
        }
        b"VP8L" => {
            let bits = u32::from_le_bytes(array(bytes, 21)?);
            let side = |bits: u32| (bits & 0x3fff) + 1;
            (array(bytes, 20)? == [0x2f_u8]).then_some((side(bits), side(bits >> 14)))
        }
        b"VP8 " => {
            let side = |at| {
                let side = u16::from_le_bytes(array(bytes, at)?);
                Some(u32::from(side & 0x3fff))
            };
            let key = array(bytes, 23)? == [0x9d_u8, 0x01, 0x2a];
            key.then_some((side(26)?, side(28)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn png_of(width: u32, height: u32) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        file.extend(width.to_be_bytes());
        file.extend(height.to_be_bytes());
        file.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        file.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
        file
    }

    fn webp_of(kind: [u8; 4], rest: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF".to_vec();
        file.extend(u32::try_from(12 + rest.len()).unwrap().to_le_bytes());
        file.extend(b"WEBP");
        file.extend(kind);
        file.extend(u32::try_from(rest.len()).unwrap().to_le_bytes());
        file.extend(rest);
        file
    }

    #[test]
    fn pictures_are_known_by_what_is_in_them() {
        assert_eq!(check(&png_of(64, 32)), Ok("image/png"));
        let frame = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x0b\x08\0\x20\0\x40\x01\x01\x11\0\xff\xd9";
        assert_eq!(jpeg(frame), Some((64, 32)));
        assert_eq!(check(frame), Ok("image/jpeg"));
        let extended = webp_of(*b"VP8X", &[0, 0, 0, 0, 63, 0, 0, 31, 0, 0]);
        assert_eq!(webp(&extended), Some((64, 32)));
        let lossless = (63_u32 | (31 << 14)).to_le_bytes();
        let lossless = webp_of(*b"VP8L", &[&[0x2f][..], &lossless].concat());
        assert_eq!(webp(&lossless), Some((64, 32)));
        let lossy = webp_of(*b"VP8 ", &[0, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 32, 0]);
        assert_eq!(check(&lossy), Ok("image/webp"));
    }

    #[test]
    fn what_is_no_picture_or_a_large_one_is_refused() {
        let script = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        let mut cut = png_of(8, 8);
        cut.truncate(30);
        let mut longer = png_of(8, 8);
        longer.extend(b"<script>");
        for bad in [&b""[..], b"GIF89a", script, &cut, &longer] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        for (width, height) in [(2049, 8), (8, 4_000_000_000), (0, 8)] {
            let problem = check(&png_of(width, height)).unwrap_err();
            assert!(problem.contains("pixels"), "{problem}");
        }
        let large = vec![0; MAX_PICTURE + 1];
        assert!(check(&large).unwrap_err().contains("256 KiB"));
    }

    proptest! {
        #[test]
        fn nothing_in_a_file_makes_it_panic(
            start in prop::sample::select(vec![&b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF"]),
            rest in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = check(&[start, &rest].concat());
        }
    }
}
