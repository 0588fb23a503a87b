//! The memory of one read stays within a few tens of megabytes, however little an image costs to
//! make. One test, because the count is of the whole process.
#![expect(
    unsafe_code,
    reason = "an allocator that counts can only be written with it"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use sif::Limits;
use sif::build::{Compression, SifBuilder};

const MIB: usize = 1 << 20;
const BOUND: usize = 48 * MIB;

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged; the counters are not consulted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A text of just under the limit for one object.
fn fill(unit: &str) -> String {
    unit.repeat(MIB / unit.len() - 1)
}

fn numbered(unit: impl Fn(usize) -> String, open: &str, close: &str) -> String {
    let mut text = open.to_owned();
    for n in 0.. {
        let next = unit(n);
        if text.len() + next.len() + close.len() + 64 > MIB {
            break;
        }
        if n > 0 {
            text.push(',');
        }
        text.push_str(&next);
    }
    text + close
}

fn files(name: impl Fn(usize) -> String, count: usize, content: &str) -> SifBuilder {
    (0..count).fold(SifBuilder::new(), |builder, n| {
        builder.file(name(n), content)
    })
}

fn images() -> Vec<(&'static str, SifBuilder)> {
    let inspect = |json: String| {
        let json = json.replacen("APPS", r#"{"data":{"attributes":{"apps":"#, 1);
        SifBuilder::new().inspect_json(json)
    };
    let tiny_maps = numbered(|n| format!(r#""{n:x}":{{"":{{"":0}}}}"#), "APPS{", "}}}}");
    let tiny_apps = numbered(|n| format!(r#""{n:x}":{{"test":"x"}}"#), "APPS{", "}}}}");
    let wide = numbered(|n| format!(r#""{n:x}":"""#), "{", "}");
    let array = numbered(|_| "[]".to_owned(), r#"{"a":["#, "]}");
    let env = |n| format!("/.singularity.d/env/{n:03}.sh");
    let app = |n| format!("/scif/apps/{n}/scif/runscript");
    let bomb = "a".repeat(16 * MIB);
    vec![
        ("newlines", SifBuilder::new().deffile(fill("\n"))),
        ("sections", SifBuilder::new().deffile(fill("%help\n"))),
        ("headers", SifBuilder::new().deffile(fill("from: a\n"))),
        (
            "stages",
            SifBuilder::new().deffile(fill("bootstrap: a\n%labels\na b\n")),
        ),
        (
            "app sections",
            SifBuilder::new().deffile(fill("%apprun a\nb\n")),
        ),
        (
            "not UTF-8",
            SifBuilder::new()
                .deffile(vec![0xff; MIB])
                .environment(vec![0xff; MIB]),
        ),
        ("tiny maps", inspect(tiny_maps)),
        ("tiny apps", inspect(tiny_apps)),
        ("many labels", SifBuilder::new().labels_json(wide)),
        ("array", SifBuilder::new().labels_json(array)),
        ("nested", SifBuilder::new().labels_json(fill("{\"\":"))),
        (
            "many scripts",
            files(env, 8, &format!("export A={}", "x".repeat(MIB - 9))),
        ),
        ("many apps", files(app, 1500, "true")),
        (
            "gzip bomb",
            files(|_| "/.singularity.d/runscript".to_owned(), 1, &bomb),
        ),
        (
            "zstd bomb",
            files(|_| "/.singularity.d/runscript.help".to_owned(), 1, &bomb)
                .compression(Compression::Zstd),
        ),
    ]
}

#[test]
fn memory_is_bounded() {
    for (name, builder) in images() {
        let bytes = builder.to_bytes().unwrap();
        drop(builder);
        let before = LIVE.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let image = sif::read(Cursor::new(&bytes), &Limits::default());
        let used = PEAK.load(Ordering::Relaxed).saturating_sub(before);
        println!(
            "{name}: {} KiB for an image of {} KiB",
            used / 1024,
            bytes.len() / 1024
        );
        assert!(image.is_ok(), "{name}: {image:?}");
        assert!(used > 0, "the allocator counts");
        assert!(used < BOUND, "{name}: {used} bytes");
    }
}
