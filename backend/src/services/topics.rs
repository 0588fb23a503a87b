//! Topics: what containers are about, in words that their owners choose.

use std::collections::BTreeSet;

use shared_types::{Topic, Topics, names};

use super::{
    Core, Result,
    paging::{self, unsigned},
};
use crate::{domain::access::Viewer, repo};

/// Most topics that one list has.
const MOST: u64 = 250;

/// Topics as they are kept: in lower case, with no blanks around them, each once.
pub(super) fn normalised(topics: Vec<String>) -> Vec<String> {
    let kept: BTreeSet<_> = topics.iter().map(|topic| spelling(topic)).collect();
    kept.into_iter().collect()
}

fn spelling(topic: &str) -> String {
    topic.trim().to_lowercase()
}

/// Checks a container's topics as they were sent.
pub(super) fn check(topics: &[String]) -> Result<(), String> {
    let most = names::MAX_TOPICS;
    if topics.len() > most {
        return Err(format!("a container has {most} topics at most"));
    }
    topics.iter().try_for_each(|topic| {
        let long = topic.chars().count() > names::MAX_TOPIC;
        let topic = if long { topic.clone() } else { spelling(topic) };
        names::check_topic(&topic)
    })
}

/// A topic as it may be looked up. What none can be called becomes what none is called.
pub(super) fn kept(topic: &str) -> &str {
    match names::check_topic(topic) {
        Ok(()) => topic,
        Err(_) => "",
    }
}

/// The topics of the containers that a viewer may see, the most used first.
///
/// # Errors
/// `BadRequest` for too many letters.
pub async fn list(core: &Core, viewer: &Viewer, q: Option<&str>) -> Result<Topics> {
    let words = paging::words(q)?;
    let (rows, total) = repo::topic::list(core.db.read(), viewer, words, MOST).await?;
    let items = rows.into_iter().map(|row| Topic {
        name: row.name,
        containers: unsigned(row.containers),
    });
    Ok(Topics {
        items: items.collect(),
        total,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_kept_in_one_spelling_each_once() {
        let said = [" Genomics", "genomics", "climate-models"].map(str::to_owned);
        assert_eq!(normalised(said.to_vec()), ["climate-models", "genomics"]);
    }

    #[test]
    fn a_container_has_no_more_topics_than_people_read() {
        let topics: Vec<_> = (0..=names::MAX_TOPICS).map(|n| format!("t{n}")).collect();
        assert!(check(&topics).is_err());
        assert_eq!(check(&topics[1..]), Ok(()));
        assert!(check(&["two words".to_owned()]).is_err());
    }
}
