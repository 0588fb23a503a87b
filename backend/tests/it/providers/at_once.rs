//! First sign-ins at the same moment: one account for one person, and nobody's name taken twice.

use std::collections::BTreeSet;

use entity::{identity, user};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use shared_types::Session;

use super::{Back, Provider, Traveller, directory, location};
use crate::{common::TestApp, db_test, http_people::good};

/// How often each race is run: it is not always close.
const ROUNDS: usize = 4;
/// How many come at once: more than a transaction is tried.
const CROWD: usize = 8;

/// Browsers that come back from the provider at the same moment; the user name that each has then.
async fn arrive(travellers: Vec<(Traveller, Back)>) -> Vec<String> {
    let arrivals = travellers.iter().map(async |(browser, back)| {
        let led = location(&browser.go(&back.path()).await);
        assert_eq!(led, "/token", "nobody is sent away");
        browser.username().await.unwrap()
    });
    join_all(arrivals).await
}

/// Browsers whose people have signed in at the provider, as these claims say, and are about to come back.
async fn ready(app: &TestApp, provider: &Provider, claims: Vec<Value>) -> Vec<(Traveller, Back)> {
    let mut travellers = Vec::new();
    for claims in claims {
        provider.tell(|says| says.claims = claims);
        let browser = Traveller::new(app);
        let back = browser.leave(provider, "/token").await;
        travellers.push((browser, back));
    }
    travellers
}

async fn users(app: &TestApp) -> u64 {
    let db = app.core().db.read();
    user::Entity::find().count(db).await.unwrap()
}

async fn logins(app: &TestApp, provider: &str) -> u64 {
    identity::Entity::find()
        .filter(identity::Column::Provider.eq(provider))
        .count(app.core().db.read())
        .await
        .unwrap()
}

db_test!(
    one_person_twice_at_once_is_one_account,
    async |app: TestApp| {
        let provider = Provider::start();
        let app = app.restart_with(provider.settings()).await;
        let before = users(&app).await;
        for round in 0..ROUNDS {
            let claims =
                json!({ "sub": format!("s-{round}"), "preferred_username": format!("amy{round}") });
            let names = arrive(ready(&app, &provider, vec![claims; CROWD]).await).await;
            assert_eq!(names, vec![format!("amy{round}"); CROWD]);
            let made = round as u64 + 1;
            assert_eq!(users(&app).await - before, made);
            assert_eq!(logins(&app, "oidc").await, made);
        }
    }
);

db_test!(
    many_who_wish_for_one_name_get_one_each,
    async |app: TestApp| {
        let provider = Provider::start();
        let app = app.restart_with(provider.settings()).await;
        let before = users(&app).await;
        for round in 0..ROUNDS {
            let people = (0..CROWD).map(|person| {
            json!({ "sub": format!("s-{round}-{person}"), "preferred_username": format!("Amy{round}"),
                "email": format!("amy{person}@{round}.example") })
        });
            let names = arrive(ready(&app, &provider, people.collect()).await).await;
            let expected: BTreeSet<_> = (1..=CROWD)
                .map(|number| match number {
                    1 => format!("amy{round}"),
                    _ => format!("amy{round}-{number}"),
                })
                .collect();
            assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), expected);
        }
        assert_eq!(users(&app).await - before, (ROUNDS * CROWD) as u64);
        // And each comes back to their own.
        for person in 0..CROWD {
            let claims = json!({ "sub": format!("s-0-{person}"), "preferred_username": "other" });
            let name = arrive(ready(&app, &provider, vec![claims]).await).await;
            assert!(name[0].starts_with("amy0"), "{name:?}");
        }
    }
);

db_test!(
    one_address_at_once_is_one_account_where_addresses_count,
    async |app: TestApp| {
        let provider = Provider::start();
        let app = app.restart_with(|settings| {
            provider.settings()(settings);
            settings.logins.link_by_email = true;
        });
        let app = app.await;
        let before = users(&app).await;
        for round in 0..ROUNDS {
            // Two logins of one person, who is called otherwise by each.
            let logins = (0..4).map(|login| {
            json!({ "sub": format!("s-{round}-{login}"), "preferred_username": format!("name{login}.{round}"),
                "email": format!("amy@{round}.example") })
        });
            let names = arrive(ready(&app, &provider, logins.collect()).await).await;
            let names: BTreeSet<_> = names.into_iter().collect();
            assert_eq!(names.len(), 1, "{names:?}");
            assert_eq!(users(&app).await - before, round as u64 + 1);
        }
    }
);

/// Signs in at the directory; the user name here.
async fn by_directory(app: &TestApp, name: &str) -> String {
    let answer = directory::attempt(app, name, &format!("{name}'s password")).await;
    let session: Session = good(answer, 200).await;
    session.account.unwrap().username
}

db_test!(
    the_directory_makes_one_account_for_one_person_too,
    async |app: TestApp| {
        let Some(directory) = directory::Directory::start() else {
            return;
        };
        let provider = Provider::start();
        let app = app.restart_with(|settings| {
            provider.settings()(settings);
            directory.settings(settings);
        });
        let app = app.await;
        let before = users(&app).await;
        let names = join_all((0..4).map(|_| by_directory(&app, "amy"))).await;
        assert_eq!(names, ["amy"; 4]);
        assert_eq!(
            (users(&app).await - before, logins(&app, "ldap").await),
            (1, 1)
        );
        // Ben of the directory and another Ben of the provider want the same name.
        let claims =
            json!({ "sub": "b", "preferred_username": "ben", "email": "ben@elsewhere.example" });
        let others = ready(&app, &provider, vec![claims]).await;
        let (ours, theirs) = tokio::join!(by_directory(&app, "ben"), arrive(others));
        let names: BTreeSet<_> = [ours, theirs[0].clone()].into();
        assert_eq!(
            names,
            BTreeSet::from(["ben".to_owned(), "ben-2".to_owned()])
        );
        assert_eq!(users(&app).await - before, 3);
    }
);

db_test!(
    one_person_by_two_ways_at_once_is_one_account_where_addresses_count,
    async |app: TestApp| {
        let Some(directory) = directory::Directory::start() else {
            return;
        };
        let provider = Provider::start();
        let app = app.restart_with(|settings| {
            provider.settings()(settings);
            directory.settings(settings);
            settings.logins.link_by_email = true;
        });
        let app = app.await;
        let before = users(&app).await;
        let claims =
            json!({ "sub": "b", "preferred_username": "benjamin", "email": "ben@example.org" });
        let others = ready(&app, &provider, vec![claims]).await;
        let (ours, theirs) = tokio::join!(by_directory(&app, "ben"), arrive(others));
        assert_eq!(ours, theirs[0], "one account, called after who came first");
        assert_eq!(users(&app).await - before, 1);
    }
);
