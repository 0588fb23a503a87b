//! Release builds carry the web application: they are out of date when it is built anew.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../frontend/dist");
    }
}
