//! Accepting connections, and letting them end well.
//!
//! An accept loop of our own rather than the framework's, which sets neither `TCP_NODELAY` nor a time limit for headers and
//! copies bodies through a writer without vectored writes.

mod watch;

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use poem::{
    Endpoint, EndpointExt, Response,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::net::{TcpListener, TcpStream};
use watch::Watched;

/// How long a client may take to send the head of a request, and how long an idle connection is kept.
const HEADER_TIME: Duration = Duration::from_mins(1);

/// How long to wait before accepting again when the system refuses, such as for want of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bytes read from a connection at a time, and so the most that a frame of a body has: each connection may hold a frame or two, and
/// the library's own bound is several times as much.
const FRAME: usize = 128 * 1024;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A client that takes nothing of what is sent to it.
    pub stall: Duration,
    /// Requests under way when the server stops.
    pub grace: Duration,
}

/// Serves until `stop` is done, then lets requests under way end for at most the grace.
pub async fn serve(
    listener: TcpListener,
    endpoint: impl Endpoint<Output = Response> + 'static,
    stop: impl Future<Output = ()>,
    limits: Limits,
) {
    let endpoint = Arc::new(endpoint.map_to_response());
    let graceful = GracefulShutdown::new();
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(FRAME);
    builder.http2().timer(TokioTimer::new());
    tokio::pin!(stop);
    loop {
        let (stream, remote) = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let endpoint = Arc::clone(&endpoint);
        let local = local_address(&stream);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let endpoint = Arc::clone(&endpoint);
            let request = (
                request,
                local.clone(),
                RemoteAddr(remote.into()),
                Scheme::HTTP,
            );
            async move {
                Ok::<_, Infallible>(hyper::Response::from(
                    endpoint.get_response(request.into()).await,
                ))
            }
        });
        let connection = builder
            .serve_connection_with_upgrades(
                TokioIo::new(Watched::new(stream, limits.stall)),
                service,
            )
            .into_owned();
        let connection = graceful.watch(connection);
        // Tracked by `graceful`, which waits for it below.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error, "a connection ended early");
            }
        });
    }
    drop(listener);
    tracing::info!(
        connections = graceful.count(),
        "stopping; requests under way may end"
    );
    if tokio::time::timeout(limits.grace, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time and are cut off");
    }
}

fn local_address(stream: &TcpStream) -> LocalAddr {
    // Small answers must not wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    stream.local_addr().map_or_else(
        |_| LocalAddr::default(),
        |address| LocalAddr(address.into()),
    )
}
