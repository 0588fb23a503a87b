//! What makes the pages a registry's own: its name, accent, logo and statistics, in the page before anything is drawn.

use std::collections::HashMap;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{accent, page};
use crate::config::{Logo, Rgb, Settings};

/// Asks visitors and counts them.
const CONSENT: &str = include_str!("consent.js");

/// What stands before the registry's name where it has no logo.
const MARK: &str = "<span class=\"brand-mark\">S</span>";

/// The colours in the application's own icon.
const ICON_COLOURS: [&str; 2] = ["#d7263d", "#fff"];

/// A registry's own name, colour and mark.
#[derive(Debug, Clone, Default)]
pub struct Brand {
    name: String,
    accent: Option<Rgb>,
    logo: Option<Logo>,
    analytics: Option<String>,
}

/// A page that is dressed, and the files that it needs for that.
#[derive(Debug)]
pub struct Dressed {
    /// The page.
    pub html: String,
    /// Files by path.
    pub files: HashMap<String, Bytes>,
    /// Whether visits may be counted.
    pub counts: bool,
}

impl Brand {
    /// What the settings say.
    pub fn of(settings: &Settings) -> Self {
        let look = &settings.look;
        // It was read when the settings were checked; without it the pages work, too.
        let logo = look.logo.as_deref().map(Logo::read);
        if let Some(Err(problem)) = &logo {
            tracing::warn!(problem, "the logo is left out");
        }
        Self {
            name: settings.registry.name.clone(),
            accent: look.accent,
            logo: logo.and_then(Result::ok),
            analytics: look.analytics().map(str::to_owned),
        }
    }

    /// Puts it into the page as it was built, beside these files.
    pub fn dress(&self, html: &str, built: &HashMap<String, Bytes>) -> Dressed {
        let mut html = page::titled(html, &self.name);
        let mut files = HashMap::new();
        let mut head = Vec::new();
        let mut icon = None;
        if let Some(accent) = self.accent {
            head.push(format!("<style>{}</style>", accent::style(accent)));
            icon = tinted(&html, built, accent).map(|bytes| keep(&mut files, "icon", "svg", bytes));
        }
        if let Some(logo) = &self.logo {
            let path = keep(
                &mut files,
                "logo",
                logo.extension,
                logo.bytes.clone().into(),
            );
            head.push(format!(
                "<meta name=\"registry-logo\" content=\"{path}\"><link rel=\"preload\" href=\"{path}\" as=\"image\">"
            ));
            html = html.replace(
                MARK,
                &format!("<img class=\"brand-logo\" src=\"{path}\" alt=\"\" />"),
            );
            icon = Some(path);
        }
        if let Some(id) = &self.analytics {
            let path = keep(
                &mut files,
                "consent",
                "js",
                Bytes::from_static(CONSENT.as_bytes()),
            );
            head.push(format!(
                "<script src=\"{path}\" data-statistics=\"{id}\" defer></script>"
            ));
        }
        if let (Some(icon), Some(built)) = (icon, page::icon(&html)) {
            html = html.replacen(&format!("\"{built}\""), &format!("\"{icon}\""), 1);
        }
        Dressed {
            html: html.replacen("</head>", &format!("{}</head>", head.concat()), 1),
            files,
            counts: self.analytics.is_some(),
        }
    }
}

/// Puts a file among others under a name that changes with its content, and returns its address.
fn keep(files: &mut HashMap<String, Bytes>, name: &str, extension: &str, bytes: Bytes) -> String {
    let digest = hex::encode(Sha256::digest(&bytes));
    let short = digest.get(..16).unwrap_or(&digest);
    let path = format!("{name}-{short}.{extension}");
    let address = format!("/{path}");
    files.insert(path, bytes);
    address
}

/// The application's own icon in another colour.
fn tinted(html: &str, built: &HashMap<String, Bytes>, colour: Rgb) -> Option<Bytes> {
    let path = page::icon(html)?.trim_start_matches('/');
    let icon = std::str::from_utf8(built.get(path)?).ok()?;
    let (fill, on) = accent::icon(colour);
    let [old_fill, old_on] = ICON_COLOURS;
    let tinted = icon
        .replace(&format!("\"{old_on}\""), &format!("\"{on}\""))
        .replace(&format!("\"{old_fill}\""), &format!("\"{fill}\""));
    Some(tinted.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUILT: &str = "<html><head><title>x</title><link rel=\"icon\" href=\"/icon-00.svg\"/></head><body></body></html>";
    const ICON: &str = include_str!("../../../../frontend/assets/icon.svg");

    fn built() -> HashMap<String, Bytes> {
        HashMap::from([(
            "icon-00.svg".to_owned(),
            Bytes::from_static(ICON.as_bytes()),
        )])
    }

    #[test]
    fn a_registry_that_sets_nothing_gets_the_page_as_it_was_built() {
        let brand = Brand {
            name: "x".to_owned(),
            ..Brand::default()
        };
        let dressed = brand.dress(BUILT, &built());
        assert_eq!(dressed.html, BUILT);
        assert!(dressed.files.is_empty() && !dressed.counts);
    }

    #[test]
    fn an_accent_tints_the_icon_too() {
        let brand = Brand {
            accent: Some(Rgb([0x0b, 0x53, 0x94])),
            ..Brand::default()
        };
        let dressed = brand.dress(BUILT, &built());
        let (path, icon) = dressed.files.iter().next().unwrap();
        assert!(dressed.html.contains(&format!("href=\"/{path}\"")));
        assert!(!dressed.html.contains("icon-00.svg"));
        let icon = std::str::from_utf8(icon).unwrap();
        assert_eq!(
            icon,
            ICON.replace("#d7263d", "#0b5394")
                .replace("#fff", "#ffffff")
        );
        assert!(dressed.html.contains("--accent-fill:#0b5394"));
    }
}
