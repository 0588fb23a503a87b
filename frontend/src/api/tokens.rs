//! Tokens: the own ones, and those of a robot.

use gloo_net::http::Method;
use shared_types::{IssuedToken, NewToken, TokenPage};

use super::{Call, client};
use crate::routes::encode;

/// Whose tokens they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// The person who is signed in.
    Me,
    /// A robot, by its name.
    Robot(String),
}

impl Keeper {
    fn path(&self, rest: &str) -> String {
        match self {
            Self::Me => format!("/tokens{rest}"),
            Self::Robot(name) => format!("/robots/{}/tokens{rest}", encode(name)),
        }
    }
}

/// The tokens.
pub fn list(keeper: &Keeper) -> Call<TokenPage> {
    // All tokens of a robot come at once.
    client::get(&match keeper {
        Keeper::Me => keeper.path("?limit=250"),
        Keeper::Robot(_) => keeper.path(""),
    })
}

/// Makes a token.
pub fn create(keeper: &Keeper, token: &NewToken) -> Call<IssuedToken> {
    client::send(Method::POST, &keeper.path(""), token)
}

/// Gives a token a new secret.
pub fn rotate(keeper: &Keeper, id: &str) -> Call<IssuedToken> {
    let path = keeper.path(&format!("/{}/rotate", encode(id)));
    client::act(Method::POST, &path)
}

/// Ends a token.
pub fn revoke(keeper: &Keeper, id: &str) -> Call<()> {
    client::delete(&keeper.path(&format!("/{}", encode(id))))
}
