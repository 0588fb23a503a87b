//! Breaks: connections that are cut or hang, a server that starts again, senders that lost count.

use bytes::Bytes;
use futures_util::{StreamExt, future::join_all, stream};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Desk, refused};
use crate::{
    common::{TestApp, TestUser, eventually, within},
    db_test,
    seed::read,
    wire_library::{image_for, image_of_size},
};

/// Begins to send a piece, and stops: the connection stays open as long as the answer is kept.
async fn half(app: &TestApp, user: &TestUser, id: &str, offset: u64, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    let head = format!(
        "PUT /api/v1/uploads/{id}/bytes?offset={offset} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {}\r\n\r\n",
        user.token,
        bytes.len() * 2
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

/// Waits until so many bytes have arrived.
async fn arrived(desk: &Desk, id: &str, bytes: usize) {
    eventually("the bytes arrive", async || {
        let received = desk.state(id).await.received_bytes;
        (received == bytes as u64).then_some(())
    })
    .await;
}

db_test!(
    an_upload_goes_on_where_the_connection_was_cut,
    async |app: TestApp| {
        let amy = app.user("amy").await;
        let desk = Desk::of(&app, &amy);
        let file = image_of_size(300_000, 1);
        let upload = desk.begin(file.len()).await;
        let (cut, second) = (120_000, 40_000);
        drop(half(&app, &amy, &upload.id, 0, &file[..cut]).await);
        arrived(&desk, &upload.id, cut).await;
        let next = half(&app, &amy, &upload.id, cut as u64, &file[cut..cut + second]).await;
        arrived(&desk, &upload.id, cut + second).await;
        drop(next);
        let at = cut + second;
        desk.send(&upload.id, at as u64, file.slice(at..)).await;
        desk.complete(&upload.id, &file).await;
        assert_eq!((app.stored_files(), app.store_files()), (1, 1));
    }
);

#[tokio::test]
async fn an_upload_goes_on_after_the_server_started_again() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let file = image_of_size(3 << 20, 1);
    let upload = Desk::of(&app, &amy).begin(file.len()).await;
    for at in [0, 1 << 20, 2 << 20] {
        let piece = file.slice(at..at + (1 << 20));
        let desk = Desk::of(&app, &amy);
        desk.send(&upload.id, at as u64, piece).await;
    }
    let app = app.restart().await;
    let desk = Desk::of(&app, &amy);
    assert_eq!(desk.list().await.items[0].received_bytes, 3 << 20);
    desk.send(&upload.id, 3 << 20, file.slice(3 << 20..)).await;
    let app = app.restart().await;
    Desk::of(&app, &amy).complete(&upload.id, &file).await;
}

#[tokio::test]
async fn a_sender_that_lost_count_is_told_where_it_is() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_for(sif::Arch::Amd64, 1);
    let upload = desk.begin(file.len()).await;
    desk.send(&upload.id, 0, file.slice(..1000)).await;
    for offset in [0, 999, 1001, file.len() as u64 - 1] {
        let request = desk.piece(&upload.id, offset, file.slice(..1));
        let problem = refused(request, 409, "wrong_offset").await;
        assert_eq!(problem.expected_offset, Some(1000));
        assert!(problem.message.contains("1000"), "{}", problem.message);
    }
    for offset in ["", "x", "-1", "1e3", "99999999999999999999"] {
        let path = format!("/{}/bytes?offset={offset}", upload.id);
        let request = desk.ask(reqwest::Method::PUT, &path).body("x");
        refused(request, 400, "bad_request").await;
    }
    desk.send(&upload.id, 1000, file.slice(1000..)).await;
    desk.complete(&upload.id, &file).await;
}

#[tokio::test]
async fn a_connection_that_hangs_loses_its_turn() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let desk = Desk::of(&app, &amy);
    let file = image_of_size(100_000, 1);
    let upload = desk.begin(file.len()).await;
    let mut hanging = half(&app, &amy, &upload.id, 0, &file[..30_000]).await;
    arrived(&desk, &upload.id, 30_000).await;
    desk.send(&upload.id, 30_000, file.slice(30_000..)).await;
    // The rest of what hung is refused, and spoils nothing.
    hanging.write_all(&file[..30_000]).await.unwrap();
    let mut answer = String::new();
    within("the answer", async {
        let mut buffer = [0; 4096];
        while !answer.contains("request_id") {
            let read = hanging.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "{answer}");
            answer.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    })
    .await;
    assert!(answer.starts_with("HTTP/1.1 409"), "{answer}");
    assert!(answer.contains("begun again"), "{answer}");
    desk.complete(&upload.id, &file).await;
}

/// A body of unknown length is taken as well, and never more than was announced.
#[tokio::test]
async fn more_bytes_than_announced_are_refused() {
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let file = image_of_size(50_000, 1);
    let upload = desk.begin(file.len()).await;
    let long = Bytes::from(vec![0; file.len() + 1]);
    let request = desk.piece(&upload.id, 0, long.clone());
    refused(request, 422, "digest_mismatch").await;
    assert_eq!(desk.state(&upload.id).await.received_bytes, 0);
    let frames = |bytes: &Bytes| {
        let frames: Vec<_> = bytes
            .chunks(1000)
            .map(|chunk| Ok::<_, std::io::Error>(bytes.slice_ref(chunk)))
            .collect();
        reqwest::Body::wrap_stream(stream::iter(frames))
    };
    let request = desk.piece(&upload.id, 0, frames(&long));
    refused(request, 422, "digest_mismatch").await;
    desk.give_up(&upload.id).await;
    let upload = desk.begin(file.len()).await;
    let whole = desk.piece(&upload.id, 0, frames(&file));
    read::<shared_types::Upload>(whole, 200).await;
    desk.complete(&upload.id, &file).await;
}

/// Cut connections leave what arrived and nothing else: no second file, no open file, no thread.
#[tokio::test]
async fn many_cut_connections_keep_the_disk_in_order() {
    let app = TestApp::start().await;
    let amy = app.user("amy").await;
    let desk = Desk::of(&app, &amy);
    let file = image_of_size(400_000, 1);
    let uploads = join_all((0..10).map(|_| desk.begin(file.len()))).await;
    for (round, part) in file[..300_000].chunks(60_000).enumerate() {
        let offset = (round * 60_000) as u64;
        let cut = uploads
            .iter()
            .map(|upload| half(&app, &amy, &upload.id, offset, part));
        drop(join_all(cut).await);
        for upload in &uploads {
            arrived(&desk, &upload.id, (round + 1) * 60_000).await;
        }
    }
    within("the store is idle", app.core().blobs.idle()).await;
    assert_eq!(app.store_files(), 10);
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let open = open.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    let folder = app.data_dir().join("images/append");
    assert_eq!(open.filter(|path| path.starts_with(&folder)).count(), 0);
    let [kept, given_up @ ..] = &uploads[..] else {
        panic!("ten uploads")
    };
    for upload in given_up {
        desk.give_up(&upload.id).await;
    }
    desk.send(&kept.id, 300_000, file.slice(300_000..)).await;
    desk.complete(&kept.id, &file).await;
    assert_eq!((app.stored_files(), app.store_files()), (1, 1));
}

/// The most memory that this process had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number: String = line.unwrap().chars().filter(char::is_ascii_digit).collect();
    number.parse::<u64>().unwrap() << 10
}

#[tokio::test]
async fn a_large_piece_takes_no_more_memory_than_a_small_one() {
    const FRAME: usize = 1 << 20;
    const FRAMES: usize = 256;
    let app = TestApp::start().await;
    let desk = Desk::of(&app, &app.user("amy").await);
    let upload = desk.begin(FRAMES * FRAME).await;
    let frame = Bytes::from(vec![5; FRAME]);
    let before = peak();
    let frames = stream::repeat(frame)
        .take(FRAMES)
        .map(Ok::<_, std::io::Error>);
    let body = reqwest::Body::wrap_stream(frames);
    let sent: shared_types::Upload = read(desk.piece(&upload.id, 0, body), 200).await;
    assert_eq!(sent.received_bytes, (FRAMES * FRAME) as u64);
    let grown = peak() - before;
    assert!(grown < 48 << 20, "{grown} bytes more");
}
