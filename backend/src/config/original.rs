//! The original's settings for its S3 store, its database and its queue, read as the settings of this server that mean the same.
//!
//! Rule: a setting of this server wins; without the server or the bucket of the original nothing is read into the rest of its store.

use std::collections::BTreeMap;

use super::{Source, layers::Raw};

/// What is understood. Two of them never had a prefix: the S3 server reads them too.
const NAMES: &[&str] = &[
    "DATABASE_ENGINE",
    "DATABASE_HOST",
    "DATABASE_NAME",
    "DATABASE_PASSWORD",
    "DATABASE_PORT",
    "DATABASE_USER",
    "DISABLE_MINIO_CLEANUP",
    "MINIO_ROOT_USER",
    "MINIO_ROOT_PASSWORD",
    "MINIO_SERVER",
    "MINIO_EXTERNAL_SERVER",
    "MINIO_BUCKET",
    "MINIO_REGION",
    "MINIO_SSL",
    "MINIO_SIGNED_URL_EXPIRE_MINUTES",
    "REDIS_HOST",
];

/// The names without a prefix.
const BARE: &[&str] = &["MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"];

/// A setting of this server, its value, and where that came from.
type Meaning = (&'static str, String, Source);

/// The values that were found, each with its source.
#[derive(Default)]
pub struct Original(BTreeMap<&'static str, (String, Source)>);

impl Original {
    /// Whether a variable is one of those without a prefix.
    pub fn is_bare(variable: &str) -> bool {
        BARE.contains(&variable)
    }

    /// Takes a value; false where the name is another.
    pub fn take(&mut self, name: &str, raw: &Raw, source: &Source) -> bool {
        let Some(name) = NAMES.iter().find(|known| **known == name) else {
            return false;
        };
        if let Ok(text) = raw.text() {
            self.0.insert(name, (text.to_owned(), source.clone()));
        }
        true
    }

    /// The settings of this server that these values mean.
    pub fn translate(&self) -> Vec<(&'static str, Raw, Source)> {
        let all = self.store().into_iter().chain(self.database());
        let all = all.chain(self.queue()).chain(self.kept());
        all.map(|(name, text, source)| (name, Raw::Text(text), source))
            .collect()
    }

    /// The original knew PostgreSQL by its parts, and let it trust who came.
    fn database(&self) -> Option<Meaning> {
        let source = ["DATABASE_HOST", "DATABASE_NAME"]
            .iter()
            .find_map(|name| self.source(name))?;
        let engine = self.text("DATABASE_ENGINE").unwrap_or("postgresql");
        if !engine.contains("postgresql") {
            return None;
        }
        let part = |name: &str, default: &str| encoded(self.text(name).unwrap_or(default));
        let password = match self.text("DATABASE_PASSWORD") {
            Some(password) => format!(":{}", encoded(password)),
            None => String::new(),
        };
        let url = format!(
            "postgres://{}{password}@{}:{}/{}",
            part("DATABASE_USER", "postgres"),
            self.text("DATABASE_HOST").unwrap_or("db"),
            part("DATABASE_PORT", "5432"),
            part("DATABASE_NAME", "postgres"),
        );
        Some(("DATABASE_URL", url, source.clone()))
    }

    fn queue(&self) -> Option<Meaning> {
        let (host, source) = self.0.get("REDIS_HOST")?;
        Some((
            "REDIS_URL",
            format!("redis://{host}:6379/0"),
            source.clone(),
        ))
    }

    /// Bytes that nothing uses stayed for ever where its clean-up was off.
    fn kept(&self) -> Option<Meaning> {
        let (off, source) = self.0.get("DISABLE_MINIO_CLEANUP")?;
        is_true(off).then(|| ("BLOB_GRACE", "36500d".to_owned(), source.clone()))
    }

    fn store(&self) -> Vec<Meaning> {
        let named = ["MINIO_SERVER", "MINIO_EXTERNAL_SERVER", "MINIO_BUCKET"];
        let Some(source) = named.iter().find_map(|name| self.source(name)) else {
            return Vec::new();
        };
        let ssl = self.text("MINIO_SSL").is_some_and(is_true);
        let scheme = if ssl { "https" } else { "http" };
        let server = self.text("MINIO_SERVER").unwrap_or("minio:9000");
        let bucket = self.text("MINIO_BUCKET").unwrap_or("sregistry");
        let mut means = vec![
            ("STORAGE_URL", format!("s3://{bucket}"), source.clone()),
            (
                "STORAGE_ENDPOINT",
                format!("{scheme}://{server}"),
                source.clone(),
            ),
        ];
        let mut also = |name: &str, setting, value: &dyn Fn(&str) -> String| {
            if let Some((text, source)) = self.0.get(name) {
                means.push((setting, value(text), source.clone()));
            }
        };
        let same = |text: &str| text.to_owned();
        also("MINIO_ROOT_USER", "STORAGE_ACCESS_KEY", &same);
        also("MINIO_ROOT_PASSWORD", "STORAGE_SECRET_KEY", &same);
        also("MINIO_REGION", "STORAGE_REGION", &same);
        // Whoever told the original where clients reach its store had them go there.
        also(
            "MINIO_EXTERNAL_SERVER",
            "STORAGE_EXTERNAL_ENDPOINT",
            &|text| format!("{scheme}://{text}"),
        );
        also("MINIO_EXTERNAL_SERVER", "STORAGE_REDIRECT", &|_| {
            "true".to_owned()
        });
        also("MINIO_EXTERNAL_SERVER", "STORAGE_DIRECT_UPLOADS", &|_| {
            "true".to_owned()
        });
        also(
            "MINIO_SIGNED_URL_EXPIRE_MINUTES",
            "TICKET_LIFETIME",
            &|text| format!("{text}m"),
        );
        means
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(text, _)| text.as_str())
    }

    fn source(&self, name: &str) -> Option<&Source> {
        self.0.get(name).map(|(_, source)| source)
    }
}

fn is_true(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text == "1"
}

/// A part of an address, with what would end it written as it must be.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{render, tests::load};

    #[test]
    fn settings_of_the_original_that_do_nothing_here_are_told_and_harmless() {
        let file = "MINIO_MULTIPART_UPLOAD: true\nSOCIAL_AUTH_LOGIN_REDIRECT_URL: x\nREGISTRY_NAME: Mine\n";
        let loaded = load(Some(file), &[("SREGISTRY_GRAVATAR_DEFAULT_IMAGE", "retro")]).unwrap();
        assert_eq!(loaded.layers.warnings().len(), 3);
        assert_eq!(loaded.settings.registry.name, "Mine");
    }

    #[test]
    fn the_originals_names_for_its_s3_store_mean_the_same_here() {
        let file = "MINIO_SERVER: minio:9000\nMINIO_BUCKET: sregistry\nMINIO_REGION: eu-1\nMINIO_SSL: false\n\
                    MINIO_SIGNED_URL_EXPIRE_MINUTES: 5\n";
        let variables = [
            ("MINIO_ROOT_USER", "newadmin"),
            ("MINIO_ROOT_PASSWORD", "newpassword"),
            ("SREGISTRY_MINIO_EXTERNAL_SERVER", "s3.example.org:9000"),
            ("SREGISTRY_STORAGE_REGION", "eu-2"),
        ];
        let loaded = load(Some(file), &variables).unwrap();
        let storage = &loaded.settings.storage;
        assert_eq!(storage.url, "s3://sregistry");
        assert_eq!(storage.endpoint.as_deref(), Some("http://minio:9000"));
        let external = storage.external_endpoint.as_deref();
        assert_eq!(external, Some("http://s3.example.org:9000"));
        assert_eq!(storage.access_key.as_deref(), Some("newadmin"));
        assert_eq!(
            *storage.secret_key.as_ref().unwrap().reveal(),
            "newpassword"
        );
        assert_eq!(storage.region, "eu-2", "the setting of this server wins");
        assert!(storage.redirect && storage.direct_uploads);
        assert_eq!(storage.ticket_lifetime, Duration::from_mins(5));
        assert_eq!(loaded.layers.warnings(), [""; 0]);
        let shown = render::show(&loaded.layers);
        let secret = shown.iter().find(|s| s.name == "STORAGE_SECRET_KEY");
        assert_eq!(secret.unwrap().value, "•••");
        assert_eq!(secret.unwrap().source, "environment MINIO_ROOT_PASSWORD");
    }

    #[test]
    fn the_originals_names_for_its_database_and_its_queue_mean_the_same_here() {
        let file = "DATABASE_ENGINE: django.db.backends.postgresql_psycopg2\nDATABASE_HOST: db.example.org\n\
                    DATABASE_NAME: registry\nREDIS_HOST: redis\nDISABLE_MINIO_CLEANUP: true\n";
        let loaded = load(Some(file), &[("SREGISTRY_DATABASE_PASSWORD", "p@ss/word")]).unwrap();
        let settings = &loaded.settings;
        assert_eq!(
            settings.server.database_url.reveal(),
            "postgres://postgres:p%40ss%2Fword@db.example.org:5432/registry"
        );
        assert_eq!(settings.rates.redis_url.reveal(), "redis://redis:6379/0");
        assert!(settings.storage.blob_grace > Duration::from_hours(24 * 365 * 50));
        assert_eq!(loaded.layers.warnings(), [""; 0]);
        let wins = [("SREGISTRY_DATABASE_URL", "postgres://here/this")];
        let loaded = load(Some(file), &wins).unwrap();
        assert_eq!(
            loaded.settings.server.database_url.reveal(),
            "postgres://here/this"
        );
        let sqlite = load(Some("DATABASE_ENGINE: sqlite3\nDATABASE_NAME: x\n"), &[]).unwrap();
        assert!(
            sqlite
                .settings
                .server
                .database_url
                .reveal()
                .starts_with("sqlite:")
        );
    }

    #[test]
    fn the_keys_of_an_s3_server_alone_change_nothing() {
        let loaded = load(None, &[("MINIO_ROOT_USER", "admin")]).unwrap();
        assert!(!loaded.settings.storage.is_remote());
        assert_eq!(loaded.settings.storage.access_key, None);
    }
}
