//! Writes the seed corpus of the fuzz target into the folder named on the command line:
//! `cargo run -p sif --features build --example write-corpus -- backend/sif/fuzz/corpus/read`.

#[path = "../tests/reader/samples.rs"]
mod samples;

fn main() -> std::io::Result<()> {
    let folder = std::env::args()
        .nth(1)
        .ok_or_else(|| std::io::Error::other("name a folder"))?;
    std::fs::create_dir_all(&folder)?;
    for (name, builder) in samples::corpus() {
        builder.write_file(format!("{folder}/{name}.sif"))?;
    }
    Ok(())
}
