//! `user …`: accounts, roles and tokens from the server's machine. Works beside a running server.

use clap::{Args, Subcommand};
use shared_types::{NewToken, NewUser, Role, Scope, User, UserChange};

use super::{Context, print_token};
use crate::services::{
    Core, Error,
    error::Cause,
    keys,
    paging::{MAX_LIMIT, Window},
    tokens, users,
};

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account.
    Add(Add),
    /// List all accounts.
    List {
        /// Only those with these words in name or address.
        #[arg(long)]
        search: Option<String>,
    },
    /// Show one account.
    Show {
        /// The user name.
        name: String,
    },
    /// Change what a user may do in the registry.
    SetRole {
        /// The user name.
        name: String,
        /// user, admin or superuser.
        role: Role,
    },
    /// End a user's sessions, and keep the account from signing in and its tokens from working.
    Disable {
        /// The user name.
        name: String,
    },
    /// Undo `disable`.
    Enable {
        /// The user name.
        name: String,
    },
    /// Make a token for a user and print it.
    Token(TokenFor),
    /// Set a user's password. Without --stdin a random one is set and printed.
    Password {
        /// The user name.
        name: String,
        /// Read the password from standard input, one line.
        #[arg(long)]
        stdin: bool,
    },
}

/// A new account.
#[derive(Debug, Args)]
pub(super) struct Add {
    /// The user name: lower case letters and digits, with ., _ or - between them.
    name: String,
    /// May manage users and settings, too.
    #[arg(long, conflicts_with = "admin")]
    superuser: bool,
    /// May manage every collection.
    #[arg(long)]
    admin: bool,
    /// The e-mail address.
    #[arg(long)]
    email: Option<String>,
    /// The name for people.
    #[arg(long)]
    display_name: Option<String>,
    /// Read a password from standard input, one line. Without one the user works with tokens only.
    #[arg(long)]
    password_stdin: bool,
    /// Make a token that may do all that the user may, and print it alone on the last line. A user that exists just
    /// gets another token.
    #[arg(long)]
    print_token: bool,
}

/// A token for someone.
#[derive(Debug, Args)]
pub(super) struct TokenFor {
    /// The user name.
    name: String,
    /// What to call the token.
    #[arg(long, default_value = "command line")]
    label: String,
    /// pull, push, manage or admin.
    #[arg(long, default_value = "push")]
    scope: Scope,
    /// Limit it to a collection; may be given several times.
    #[arg(long = "collection", value_name = "COLLECTION")]
    collections: Vec<String>,
    /// In how many days it stops working [default: never].
    #[arg(long)]
    days: Option<u32>,
}

/// The verbs of the original registry.
#[derive(Debug, Subcommand)]
pub(super) enum Original {
    /// Make a user a superuser.
    #[command(name = "add_superuser", hide = true)]
    AddSuperuser(Named),
    /// Make a superuser an ordinary user.
    #[command(name = "remove_superuser", hide = true)]
    RemoveSuperuser(Named),
    /// Make a user an administrator.
    #[command(name = "add_admin", hide = true)]
    AddAdmin(Named),
    /// Make an administrator an ordinary user.
    #[command(name = "remove_admin", hide = true)]
    RemoveAdmin(Named),
}

/// `--username NAME`.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// The user name.
    #[arg(long)]
    username: String,
}

/// Runs a command.
pub(super) async fn run(context: &Context, command: Command) -> Result<(), Cause> {
    let built = context.build().await?;
    let core = &built.core;
    let changed = match command {
        Command::Add(new) => return add(core, context, new).await,
        Command::List { search } => return list(core, context, search.as_deref()).await,
        Command::Token(token) => return token_for(core, context, token).await,
        Command::Password { name, stdin } => return password(core, &name, stdin).await,
        Command::Show { name } => users::get(core, &users::operator(), &name).await?,
        Command::SetRole { name, role } => set_role(core, &name, role).await?,
        Command::Disable { name } => set_disabled(core, &name, true).await?,
        Command::Enable { name } => set_disabled(core, &name, false).await?,
    };
    show(context, &changed)
}

/// Runs a verb of the original.
pub(super) async fn run_original(context: &Context, verb: Original) -> Result<(), Cause> {
    let built = context.build().await?;
    let core = &built.core;
    let operator = users::operator();
    let (named, from, to) = match &verb {
        Original::AddSuperuser(named) => (named, None, Role::Superuser),
        Original::AddAdmin(named) => (named, None, Role::Admin),
        Original::RemoveSuperuser(named) => (named, Some(Role::Superuser), Role::User),
        Original::RemoveAdmin(named) => (named, Some(Role::Admin), Role::User),
    };
    let user = users::get(core, &operator, &named.username).await?;
    let stays = match from {
        // What someone is not cannot be taken away, and a superuser is an administrator already.
        Some(from) => user.role != from,
        None => user.role >= to,
    };
    if stays {
        eprintln!(
            "{} is {} already; nothing changed",
            user.username,
            article(user.role)
        );
        return show(context, &user);
    }
    show(context, &set_role(core, &named.username, to).await?)
}

fn article(role: Role) -> String {
    let article = if role == Role::Admin { "an" } else { "a" };
    format!("{article} {role}")
}

fn nothing() -> UserChange {
    UserChange {
        display_name: None,
        email: None,
        role: None,
        disabled: None,
        password: None,
        quota_bytes: None,
    }
}

async fn set_role(core: &Core, name: &str, role: Role) -> Result<User, Error> {
    let change = UserChange {
        role: Some(role),
        ..nothing()
    };
    users::change(core, &users::operator(), name, change).await
}

async fn set_disabled(core: &Core, name: &str, disabled: bool) -> Result<User, Error> {
    let change = UserChange {
        disabled: Some(disabled),
        ..nothing()
    };
    users::change(core, &users::operator(), name, change).await
}

async fn add(core: &Core, context: &Context, new: Add) -> Result<(), Cause> {
    let role = match (new.superuser, new.admin) {
        (true, _) => Role::Superuser,
        (_, true) => Role::Admin,
        _ => Role::User,
    };
    let password = new.password_stdin.then(read_line).transpose()?;
    let account = NewUser {
        username: new.name.clone(),
        password,
        display_name: new.display_name,
        email: new.email,
        role: Some(role),
    };
    let user = match users::create(core, &users::operator(), account).await {
        Ok(user) => user,
        Err(Error::NameTaken(_)) if new.print_token => {
            let user = users::get(core, &users::operator(), &new.name).await?;
            eprintln!(
                "{} exists, as {}; only a token is made",
                user.username,
                article(user.role)
            );
            user
        }
        Err(error) => return Err(error.into()),
    };
    if !new.print_token {
        return show(context, &user);
    }
    let token = NewToken {
        name: "command line".to_owned(),
        scope: Some(Scope::Admin),
        collections: None,
        expires_in_days: None,
    };
    let issued = tokens::create_for(core, &user.username, token).await?;
    print_token(context, &user.username, &issued.secret)
}

async fn token_for(core: &Core, context: &Context, token: TokenFor) -> Result<(), Cause> {
    let new = NewToken {
        name: token.label,
        scope: Some(token.scope),
        collections: Some(token.collections),
        expires_in_days: token.days,
    };
    let issued = tokens::create_for(core, &token.name, new).await?;
    print_token(context, &token.name, &issued.secret)
}

async fn password(core: &Core, name: &str, stdin: bool) -> Result<(), Cause> {
    let drawn = if stdin {
        None
    } else {
        Some(keys::random_text::<12>())
    };
    let password = match &drawn {
        Some(drawn) => drawn.clone(),
        None => read_line()?,
    };
    let change = UserChange {
        password: Some(password),
        ..nothing()
    };
    let user = users::change(core, &users::operator(), name, change).await?;
    eprintln!(
        "the password of {} is set, and its sessions have ended",
        user.username
    );
    if let Some(drawn) = drawn {
        println!("{drawn}");
    }
    Ok(())
}

/// One line of standard input, without its end.
fn read_line() -> Result<String, Cause> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn show(context: &Context, user: &User) -> Result<(), Cause> {
    if context.json {
        println!("{}", serde_json::to_string_pretty(user)?);
    } else {
        println!("{}", line(user));
    }
    Ok(())
}

async fn list(core: &Core, context: &Context, search: Option<&str>) -> Result<(), Cause> {
    let mut found = Vec::new();
    let mut window = Window {
        cursor: None,
        limit: Some(MAX_LIMIT),
    };
    loop {
        let page = users::list(core, &users::operator(), search, &window).await?;
        found.extend(page.items);
        if page.next.is_none() {
            break;
        }
        window.cursor = page.next;
    }
    if context.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(());
    }
    for user in &found {
        println!("{}", line(user));
    }
    Ok(())
}

fn line(user: &User) -> String {
    let state = if user.disabled { "disabled" } else { "" };
    let email = user.email.as_deref().unwrap_or_default();
    let line = format!(
        "{:<24} {:<10} {state:<9} {email}",
        user.username,
        user.role.as_str()
    );
    line.trim_end().to_owned()
}
