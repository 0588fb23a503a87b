//! Prints what the reader finds in the images named on the command line.

fn main() {
    for path in std::env::args().skip(1) {
        let found = std::fs::File::open(&path)
            .map_err(sif::Error::from)
            .and_then(|file| sif::read(file, &sif::Limits::default()));
        match found {
            Ok(image) => println!("{path}: {image:#?}"),
            Err(error) => println!("{path}: {error}"),
        }
    }
}
