//! The server itself.

use std::net::SocketAddr;

use super::{
    kind::{Address, Hidden, Kind, Networks, Optional, Path, Text, Time},
    layers::Raw,
    section::section,
};

section! {
    /// The server itself: address, data, database, logs.
    pub struct Server: "Server" {
        /// Address and port to listen on.
        listen: Address = ("LISTEN", "127.0.0.1:8080"),
        /// The address people and clients use, with http:// or https:// and without a path.
        /// It is written into links, so it must be right behind a reverse proxy. Without it, it is http:// and LISTEN.
        domain_name: Text = ("DOMAIN_NAME", ""),
        /// The folder for everything the server keeps: database, images, secret key.
        data_dir: Path = ("DATA_DIR", "data"),
        /// The database: sqlite:///path/to/file or postgres://user:password@host/name.
        /// Without it, it is a SQLite file in DATA_DIR.
        database_url: Hidden<Text> = ("DATABASE_URL", ""),
        /// Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
        trusted_proxies: Networks = ("TRUSTED_PROXIES", ""),
        /// How long a stopping server waits for transfers under way.
        shutdown_grace: Time = ("SHUTDOWN_GRACE", "30s"),
        /// How long a client may leave unread what is sent to it before its connection is ended.
        stall_timeout: Time = ("STALL_TIMEOUT", "60s"),
        /// What is logged: error, warn, info, debug or trace, or a filter such as info,sregistry_server=debug.
        log: Text = ("LOG", "info"),
        /// How log lines are written: text or json.
        log_format: Format = ("LOG_FORMAT", "text"),
        /// The folder with the built web application, for development. Without it, it is the one inside the binary, or
        /// frontend/dist of the source tree.
        web_dir: Optional<Path> = ("WEB_DIR", ""),
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// `text` or `json`.
#[derive(Debug)]
pub enum Format {}

impl Kind for Format {
    type Value = LogFormat;
    const WORDS: &str = "text or json";

    fn parse(raw: &Raw) -> Result<LogFormat, String> {
        match raw.text()? {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(format!("“{other}” is neither text nor json")),
        }
    }
}

/// The address of a server that listens here, for someone on the same machine.
pub fn local_address(listen: SocketAddr) -> String {
    let mut reachable = listen;
    if listen.ip().is_unspecified() {
        reachable.set_ip(match listen {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{reachable}")
}
