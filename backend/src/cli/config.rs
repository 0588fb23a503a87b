//! `config show`, `config check`, `config example`.

use clap::Subcommand;

use super::Context;
use crate::{
    config::{Loaded, render},
    services::error::Cause,
};

/// What to do with the settings.
#[derive(Debug, Clone, Subcommand)]
pub(super) enum Command {
    /// Print the settings in force; secrets stay hidden.
    Show {
        /// Say where each value came from, too.
        #[arg(long)]
        sources: bool,
    },
    /// Find everything that is wrong with the settings.
    Check,
    /// Print a settings file with every setting, its default and what it does.
    Example {
        /// Print the page of the documentation instead.
        #[arg(long)]
        page: bool,
    },
}

/// Runs the command.
pub(super) fn run(context: &Context, command: &Command) -> Result<(), Cause> {
    match command {
        Command::Show { sources } => show(context, *sources),
        Command::Check => check(context),
        Command::Example { page } => {
            print!(
                "{}",
                if *page {
                    render::page()
                } else {
                    render::example()
                }
            );
            Ok(())
        }
    }
}

fn show(context: &Context, sources: bool) -> Result<(), Cause> {
    let Loaded { layers, .. } = context.load()?;
    let shown = render::show(&layers);
    if context.json {
        println!("{}", serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    for setting in shown {
        let line = format!("{}: {}", setting.name, setting.value);
        if sources {
            println!("{line:<60} # {}", setting.source);
        } else {
            println!("{}", line.trim_end());
        }
    }
    Ok(())
}

fn check(context: &Context) -> Result<(), Cause> {
    let Loaded { layers, .. } = context.load()?;
    for warning in layers.warnings() {
        println!("warning: {warning}");
    }
    println!("the settings can be used");
    Ok(())
}
