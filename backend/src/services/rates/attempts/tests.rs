//! Pauses that grow, and whom they do not hold up.

use chrono::TimeZone;

use super::*;
use crate::services::Error;

fn at(seconds: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(1_700_000_000 + seconds, 0).unwrap()
}

fn here() -> IpAddr {
    "203.0.113.9".parse().unwrap()
}

fn place(number: u32) -> IpAddr {
    std::net::Ipv4Addr::from_bits(0xC633_6400 + number).into()
}

fn pause(result: Result<()>) -> u64 {
    match result {
        Err(Error::RateLimited { retry_after }) => retry_after.as_secs(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pauses_begin_after_some_failures_and_double() {
    let attempts = Attempts::new(None);
    for second in 0..5 {
        attempts
            .begin("amy", Some(here()), at(second))
            .await
            .unwrap();
    }
    assert_eq!(pause(attempts.begin("amy", Some(here()), at(5)).await), 14);
    attempts.begin("ben", Some(here()), at(5)).await.unwrap();
    attempts.begin("amy", Some(place(1)), at(5)).await.unwrap();
    let mut now = 19;
    for expected in [30, 60, 120, 240, 480, 900, 900] {
        attempts.begin("amy", Some(here()), at(now)).await.unwrap();
        assert_eq!(
            pause(attempts.begin("amy", Some(here()), at(now)).await),
            expected
        );
        now += i64::try_from(expected).unwrap();
    }
}

#[tokio::test]
async fn success_and_time_forgive() {
    let attempts = Attempts::new(None);
    for second in 0..4 {
        attempts.begin("amy", None, at(second)).await.unwrap();
    }
    attempts.succeeded("amy", None).await;
    // Requests at the same time may be a little out of order.
    for second in [6, 5, 4, 5, 6] {
        attempts.begin("amy", None, at(second)).await.unwrap();
    }
    assert!(attempts.begin("amy", None, at(7)).await.is_err());
    for second in 0..4 {
        attempts
            .begin("amy", None, at(2000 + second))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn one_address_cannot_try_many_accounts_for_ever() {
    let attempts = Attempts::new(None);
    for number in 0..PER_ADDRESS {
        let name = format!("user-{number}");
        attempts.begin(&name, Some(here()), at(0)).await.unwrap();
    }
    assert!(
        attempts
            .begin("one-more", Some(here()), at(0))
            .await
            .is_err()
    );
    // A large institution fails now and then, all day long.
    let attempts = Attempts::new(None);
    for number in 0..1000 {
        let name = format!("user-{number}");
        attempts
            .begin(&name, Some(here()), at(number * 10))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn many_addresses_cannot_try_one_account_for_ever() {
    let attempts = Attempts::new(None);
    attempts.succeeded("amy", Some(here())).await;
    for number in 0..PER_ACCOUNT {
        attempts
            .begin("amy", Some(place(number)), at(0))
            .await
            .unwrap();
    }
    assert!(
        attempts
            .begin("amy", Some(place(1000)), at(0))
            .await
            .is_err()
    );
    attempts
        .begin("amy", Some(here()), at(0))
        .await
        .expect("where she has signed in before, nobody keeps her out");
    attempts
        .begin("ben", Some(place(1000)), at(0))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_attempt_that_says_nothing_does_not_count() {
    let attempts = Attempts::new(None);
    for _ in 0..200 {
        attempts.begin("amy", Some(here()), at(0)).await.unwrap();
        attempts.undecided("amy", Some(here())).await;
    }
}

#[tokio::test]
async fn guessed_tokens_hold_up_guesses_and_no_token_that_has_worked() {
    let attempts = Attempts::new(None);
    attempts.good_token("good");
    for number in 0..TOKENS {
        let hash = format!("wrong-{number}");
        attempts
            .before_token(&hash, Some(here()), at(0))
            .await
            .unwrap();
        attempts
            .wrong_token(&hash, Some(here()), at(0))
            .await
            .unwrap();
    }
    assert_eq!(
        pause(attempts.before_token("next", Some(here()), at(0)).await),
        15
    );
    attempts
        .before_token("good", Some(here()), at(0))
        .await
        .unwrap();
    attempts
        .before_token("next", Some(place(1)), at(0))
        .await
        .unwrap();
    attempts
        .before_token("next", Some(here()), at(15))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_machine_with_an_old_token_guesses_nothing() {
    let attempts = Attempts::new(None);
    for _ in 0..1000 {
        attempts
            .before_token("old", Some(here()), at(0))
            .await
            .unwrap();
        attempts
            .wrong_token("old", Some(here()), at(0))
            .await
            .unwrap();
    }
}
