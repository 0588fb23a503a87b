//! Measures the store beside SHA-256 alone, in one run: rates, CPU seconds per GiB, how long the
//! last step takes, and the memory it needs.
//!
//! `cargo run --release -p store --example throughput -- [folder] [MiB]`; the folder should be on the
//! disk that is to be measured. `throughput hash FILE` prints the CPU seconds of SHA-256 alone over a file.

use std::{
    env, fs,
    io::Read,
    path::PathBuf,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use store::{BlobStore, Hasher, Stored};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// As hyper hands bodies over.
const FRAME: usize = 400 << 10;
const PART: u64 = 64 << 20;
const UPLOADS: u32 = 16;

#[tokio::main]
async fn main() -> Result {
    let mut arguments = env::args().skip(1);
    if env::args().nth(1).as_deref() == Some("hash") {
        let file = fs::File::open(arguments.nth(1).ok_or("which file?")?)?;
        return hash(file);
    }
    let folder = arguments.next().map_or_else(env::temp_dir, PathBuf::from);
    let size = arguments
        .next()
        .map_or(Ok(1_024), |text| text.parse::<u64>())?
        << 20;
    let folder = folder.join(format!("store-throughput-{}", std::process::id()));
    let result = measure(&folder, size).await;
    fs::remove_dir_all(&folder)?;
    result
}

fn hash(mut file: fs::File) -> Result {
    let mut hasher = Hasher::new();
    let mut frame = vec![0; FRAME];
    let before = cpu();
    loop {
        let length = file.read(&mut frame)?;
        if length == 0 {
            break;
        }
        hasher.update(frame.get(..length).unwrap_or_default());
    }
    hasher.finish();
    println!("{:.2}", cpu().saturating_sub(before).as_secs_f64());
    Ok(())
}

async fn measure(folder: &std::path::Path, size: u64) -> Result {
    let frame = frame();
    println!(
        "{:<34} {:>9} {:>10} {:>11}",
        format!("{} MiB", size >> 20),
        "MB/s",
        "CPU s/GiB",
        "last step"
    );
    let mut meter = Meter::start();
    let mut hasher = Hasher::new();
    for length in frames(size) {
        hasher.update(&frame.slice(..length));
    }
    hasher.finish();
    meter.report("SHA-256 alone", size, None);

    let store = BlobStore::local(folder.to_path_buf()).await?;
    let memory = memory("VmRSS")?;
    meter = Meter::start();
    let (stored, last) = write(&store, &frame, size).await?;
    meter.report("write", size, Some(last));

    meter = Meter::start();
    let last = write_parts(&store, &frame, size).await?;
    meter.report("write in parts of 64 MiB", size, Some(last));

    for (name, piece) in [
        ("add at the end, at once", size),
        ("add at the end, 8 MiB a time", 8 << 20),
    ] {
        meter = Meter::start();
        let last = append(&store, &frame, size, piece).await?;
        meter.report(name, size, Some(last));
    }

    meter = Meter::start();
    let each = size / u64::from(UPLOADS);
    let tasks = (0..UPLOADS).map(|_| {
        let (store, frame) = (store.clone(), frame.clone());
        tokio::spawn(async move { write(&store, &frame, each).await.map_err(|e| e.to_string()) })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await??;
    }
    meter.report(&format!("write, {UPLOADS} at once"), size, None);
    println!(
        "memory grew by {} MiB at most",
        (self::memory("VmHWM")? - memory) >> 20
    );

    read(&store, &stored, "read by map and hash").await?;
    let reading = BlobStore::local_without_map(folder.to_path_buf()).await?;
    read(&reading, &stored, "read by reads and hash").await?;

    for size in [size / 4, size, size * 2] {
        let last = write_parts(&store, &frame, size).await?;
        println!(
            "completion of {:>6} MiB in parts: {:>7.1} ms",
            size >> 20,
            last.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// Returns how long the end took: the last sync and the move.
async fn write(store: &BlobStore, frame: &Bytes, size: u64) -> store::Result<(Stored, Duration)> {
    let mut writer = store.begin(size).await?;
    for length in frames(size) {
        writer.write(frame.slice(..length)).await?;
    }
    let end = Instant::now();
    let stored = writer.finish(None).await?;
    Ok((stored, end.elapsed()))
}

/// Returns how long completing took. The blob is removed.
async fn write_parts(store: &BlobStore, frame: &Bytes, size: u64) -> store::Result<Duration> {
    let id = store.begin_parts(size, PART).await?;
    let mut left = size;
    for number in 1.. {
        let mut part = store.write_part(&id, number).await?;
        for length in frames(left.min(PART)) {
            part.write(frame.slice(..length)).await?;
        }
        part.finish().await?;
        left = left.saturating_sub(PART);
        if left == 0 {
            break;
        }
    }
    let end = Instant::now();
    let stored = store.complete_parts(&id).await?;
    let took = end.elapsed();
    store.delete(&stored.key).await?;
    Ok(took)
}

/// Returns how long completing took. The blob is removed.
async fn append(
    store: &BlobStore,
    frame: &Bytes,
    size: u64,
    piece: u64,
) -> store::Result<Duration> {
    let id = store.begin_append().await?;
    let mut left = size;
    while left > 0 {
        let mut writer = store.append(&id, None, size).await?;
        for length in frames(left.min(piece)) {
            writer.write(frame.slice(..length)).await?;
        }
        writer.finish().await?;
        left = left.saturating_sub(piece);
    }
    let end = Instant::now();
    let stored = store.finish_append(&id, None).await?;
    let took = end.elapsed();
    store.delete(&stored.key).await?;
    Ok(took)
}

async fn read(store: &BlobStore, stored: &Stored, name: &str) -> Result {
    let meter = Meter::start();
    let mut reader = store.open(&stored.key, None).await?;
    let mut hasher = Hasher::new();
    while let Some(frame) = reader.try_next().await? {
        hasher.update(&frame);
    }
    assert_eq!(hasher.finish(), stored.sha256, "what is read was written");
    meter.report(name, stored.size, None);
    Ok(())
}

fn frame() -> Bytes {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(FRAME).collect()
}

/// The lengths of the frames that make `size` bytes.
fn frames(size: u64) -> impl Iterator<Item = usize> {
    let whole = usize::try_from(size).unwrap_or(usize::MAX);
    std::iter::repeat_n(FRAME, whole / FRAME).chain((whole % FRAME > 0).then_some(whole % FRAME))
}

struct Meter {
    wall: Instant,
    cpu: Duration,
}

impl Meter {
    fn start() -> Self {
        Self {
            wall: Instant::now(),
            cpu: cpu(),
        }
    }

    fn report(&self, name: &str, size: u64, last: Option<Duration>) {
        let (wall, cpu) = (
            self.wall.elapsed().as_secs_f64(),
            cpu().saturating_sub(self.cpu),
        );
        let rate = size as f64 / 1e6 / wall;
        let cpu = cpu.as_secs_f64() / (size as f64 / f64::from(1 << 30));
        let last = last.map_or(String::new(), |last| {
            format!("{:.0} ms", last.as_secs_f64() * 1e3)
        });
        println!("{name:<34} {rate:>9.0} {cpu:>10.2} {last:>11}");
    }
}

/// CPU time of this process: fields 14 and 15 of its `stat`, in hundredths of a second.
fn cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_ascii_whitespace();
    let ticks: u64 = fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Duration::from_millis(ticks * 10)
}

/// A line of the process's `status`, in bytes.
fn memory(line: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let found = status
        .lines()
        .find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kib = found
        .and_then(|text| text.split_ascii_whitespace().next())
        .ok_or("no such line")?;
    Ok(kib.parse::<u64>()? << 10)
}
