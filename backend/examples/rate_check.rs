//! Measures what it costs to count a request in this server's memory: nanoseconds of CPU, for one client that comes again and again
//! and for a hundred thousand addresses in turn, most of which are new to the limiter.
//!
//! `cargo run --release -p sregistry-server --example rate_check`

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    time::Instant,
};

use sregistry_server::{
    config::{Rates, Settings},
    services::{
        clock::Clock,
        rates::{Key, Kind, Limiter},
    },
};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const CHECKS: u32 = 2_000_000;
const ADDRESSES: u32 = 100_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let folder = std::env::temp_dir().join(format!("rate-check-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let rates = Settings::for_tests(&folder).rates;
    fs::remove_dir_all(&folder)?;
    let token = measure(&rates, |_| Key::Token(1)).await?;
    let address = measure(&rates, |number| {
        let bits = 0x0a00_0000 + number % ADDRESSES;
        Key::Address(Kind::Program, IpAddr::V4(Ipv4Addr::from_bits(bits)))
    });
    let address = address.await?;
    println!("{token:.0} {address:.0}");
    Ok(())
}

/// Nanoseconds for one check. Refusals are part of it: a flood is when the price counts most.
async fn measure(rates: &Rates, key: impl Fn(u32) -> Key) -> Result<f64> {
    let limiter = Limiter::new(rates)?;
    let clock = Clock::system();
    let mut refused = 0;
    let start = Instant::now();
    for number in 0..CHECKS {
        refused += u32::from(limiter.take(key(number), clock.now()).await.is_err());
    }
    let each = start.elapsed().as_nanos() as f64 / f64::from(CHECKS);
    eprintln!("{each:.0} ns, {refused} of {CHECKS} refused");
    Ok(each)
}
