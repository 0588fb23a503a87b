//! The command line: the server and its administration in one binary.
//!
//! Rule: a command reads its arguments, calls a use case, and prints. Exit codes: 0 done, 1 failed, 2 wrong usage.

mod config;
mod demo;
mod gc;
mod healthcheck;
mod limits;
mod people;
mod robot;
mod serve;
mod store;
mod user;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::{
    app,
    config::{Loaded, LogFormat, Settings},
    services::error::Cause,
};

/// Singularity Registry Server: container images for an institution.
#[derive(Debug, Parser)]
#[command(version, name = "sregistry-server", arg_required_else_help = true)]
struct Arguments {
    /// The settings file [default: settings.yaml, if there is one].
    #[arg(long, global = true, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Print JSON instead of text, where a command lists something.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server.
    Serve,
    /// Bring the database up to date and stop.
    Migrate,
    /// Look at the settings.
    #[command(subcommand)]
    Config(config::Command),
    /// Manage accounts, roles and tokens.
    #[command(subcommand)]
    User(user::Command),
    #[command(flatten)]
    Original(user::Original),
    /// Manage robots: accounts of programs.
    #[command(subcommand)]
    Robot(robot::Command),
    /// Manage the people of collections.
    #[command(subcommand)]
    Collection(people::OfCollection),
    /// Manage the people of teams.
    #[command(subcommand)]
    Team(people::OfTeam),
    /// Remove uploads that were given up, and bytes that no image uses any more.
    Gc,
    /// Work on where images are kept.
    #[command(subcommand)]
    Store(store::Command),
    /// Forget the downloads of this week, so that every download limit begins anew.
    #[command(alias = "reset_container_limits")]
    ResetLimits,
    /// Fill the registry with sample content, so that its pages have something to show.
    Demo(demo::Demo),
    /// Print the description of the API (OpenAPI 3).
    Openapi,
    /// Ask the server at the configured address whether it lives.
    Healthcheck,
}

/// What commands share.
#[derive(Debug)]
pub struct Context {
    /// `--settings`.
    pub settings_file: Option<PathBuf>,
    /// `--json`.
    pub json: bool,
}

impl Context {
    /// The settings, with where they came from.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn load(&self) -> Result<Loaded, Cause> {
        Ok(Settings::load(self.settings_file.as_deref())?)
    }

    /// Database, store and queue, as the settings say: what a command needs to call use cases.
    ///
    /// # Errors
    /// What is wrong with the settings, or cannot be opened.
    pub async fn build(&self) -> Result<app::Built, Cause> {
        let Loaded { settings, .. } = self.load()?;
        log_to_stderr("warn", LogFormat::Text);
        Ok(app::build(settings).await?)
    }
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn run(arguments: Arguments) -> Result<(), Cause> {
    let context = Context {
        settings_file: arguments.settings,
        json: arguments.json,
    };
    match arguments.command {
        Command::Serve => serve::run(&context).await,
        Command::Migrate => serve::migrate(&context).await,
        Command::Config(command) => config::run(&context, &command),
        Command::User(command) => user::run(&context, command).await,
        Command::Original(verb) => user::run_original(&context, verb).await,
        Command::Robot(command) => robot::run(&context, command).await,
        Command::Collection(command) => people::run_collection(&context, command).await,
        Command::Team(command) => people::run_team(&context, command).await,
        Command::Gc => gc::run(&context).await,
        Command::Store(command) => store::run(&context, command).await,
        Command::ResetLimits => limits::reset(&context).await,
        Command::Demo(command) => demo::run(&context, command).await,
        Command::Openapi => {
            println!("{}", crate::http::api::document());
            Ok(())
        }
        Command::Healthcheck => healthcheck::run(&context).await,
    }
}

/// A token just made, for `--json`.
#[derive(Serialize)]
struct Printed<'a> {
    username: &'a str,
    token: &'a str,
}

/// Prints a token: alone on its line, so that a script can take it.
fn print_token(context: &Context, username: &str, token: &str) -> Result<(), Cause> {
    if context.json {
        println!("{}", serde_json::to_string(&Printed { username, token })?);
    } else {
        println!("{token}");
    }
    Ok(())
}

/// Says what went wrong, with all that lies behind it.
fn failed(error: &Cause) -> ExitCode {
    eprintln!("sregistry-server: {error}");
    let mut source = error.source();
    let mut said = error.to_string();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Many errors repeat their source in their own words.
        if !said.contains(&text) {
            eprintln!("  because: {text}");
        }
        said = text;
        source = cause.source();
    }
    ExitCode::FAILURE
}

/// Sends log lines to standard error: standard output is for what a command prints.
fn log_to_stderr(filter: &str, format: LogFormat) {
    use tracing_subscriber::{filter::Targets, prelude::*};

    // What libraries do step by step is of use to their authors only, unless someone asks for it.
    let filter: Targets = format!("sqlx=warn,apalis=warn,sea_orm_migration=warn,pgp=off,{filter}")
        .parse()
        .unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(tracing_error::ErrorLayer::default());
    // A second call, as in tests, leaves the first in place.
    let _ = match format {
        LogFormat::Text => registry
            .with(lines.with_target(false).with_filter(filter))
            .try_init(),
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_filter(filter))
            .try_init(),
    };
}
