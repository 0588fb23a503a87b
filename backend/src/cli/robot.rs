//! `robot …`: accounts of programs, from the server's machine. Works beside a running server.

use clap::{Args, Subcommand};
use shared_types::{NewRobot, NewToken, Robot, Scope};

use super::Context;
use crate::services::{Core, Error, error::Cause, robots, users};

/// What to do with robots.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a robot: an account for a program, with tokens and without a sign-in.
    Add(Add),
}

/// A new robot.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// What to call it; its user name is `robot-` and this.
    name: String,
    /// The collection that it belongs to and works in. Given several times, it works in all of them and belongs to the
    /// administrators; left out, it belongs to them and works nowhere yet.
    #[arg(long = "collection", value_name = "COLLECTION")]
    collections: Vec<String>,
    /// One line of what it is for.
    #[arg(long)]
    description: Option<String>,
    /// Make a token, and print it alone on the last line. A robot that exists just gets another token.
    #[arg(long)]
    print_token: bool,
    /// What the token may be used for: pull, push or manage [default: push].
    #[arg(long, requires = "print_token")]
    scope: Option<Scope>,
    /// In how many days the token stops working [default: never].
    #[arg(long, requires = "print_token")]
    days: Option<u32>,
}

/// Runs a command.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Cause> {
    let core = context.build().await?.core;
    let Command::Add(add) = command;
    let token = add.print_token.then(|| NewToken {
        name: "command line".to_owned(),
        scope: Some(add.scope.unwrap_or(Scope::Push)),
        collections: None,
        expires_in_days: add.days,
    });
    // Before there is a robot without the token that was asked for.
    token.as_ref().map_or(Ok(()), robots::check_token)?;
    let robot = make(&core, &add).await?;
    let Some(token) = token else {
        return show(context, &robot);
    };
    let issued = robots::create_token(&core, &users::operator(), &robot.name, token).await?;
    super::print_token(context, &robot.name, &issued.secret)
}

async fn make(core: &Core, add: &Add) -> Result<Robot, Error> {
    let (collection, collections) = match add.collections.as_slice() {
        [one] => (Some(one.clone()), None),
        several => (None, Some(several.to_vec())),
    };
    let new = NewRobot {
        name: add.name.clone(),
        description: add.description.clone(),
        collection,
        collections,
    };
    let operator = users::operator();
    match robots::create(core, &operator, new).await {
        Err(Error::NameTaken(_)) if add.print_token => {
            let name = robots::username(&add.name);
            let robot = robots::get(core, &operator, &name).await?;
            eprintln!("{} exists; only a token is made", robot.name);
            Ok(robot)
        }
        made => made,
    }
}

fn show(context: &Context, robot: &Robot) -> Result<(), Cause> {
    if context.json {
        println!("{}", serde_json::to_string_pretty(robot)?);
    } else {
        println!("{:<24} {}", robot.name, robot.collections.join(", "));
    }
    Ok(())
}
