//! `healthcheck`: what a container engine runs to see whether the server lives.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Context;
use crate::{config::Loaded, services::error::Cause};

/// How long the server may take to answer.
const TIME: Duration = Duration::from_secs(5);

/// What is asked. HTTP/1.0 so that the server closes the connection after its answer.
const QUESTION: &[u8] = b"GET /healthz HTTP/1.0\r\n\r\n";

/// Asks the server of the settings.
pub(super) async fn run(context: &Context) -> Result<(), Cause> {
    let Loaded { settings, .. } = context.load()?;
    let mut address = settings.server.listen;
    if address.ip().is_unspecified() {
        let local: std::net::IpAddr = match address {
            std::net::SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(local);
    }
    let answer = tokio::time::timeout(TIME, ask(address))
        .await
        .map_err(|_| format!("no answer from {address} within {} s", TIME.as_secs()))?
        .map_err(|error| format!("no answer from {address}: {error}"))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        println!("ok");
        return Ok(());
    }
    Err(format!("{address} answered with status {status}").into())
}

async fn ask(address: std::net::SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(QUESTION).await?;
    let mut answer = Vec::new();
    stream.take(1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
