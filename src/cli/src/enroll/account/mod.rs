//! `antiphon enroll --account`: by the steps of [`antiphon_link::account`], or with `--subject` by root's word.

mod said;
mod show;
mod terminal;

use std::time::Duration;

use antiphon_core::config::Provider;
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::name::UserName;
use antiphon_core::origin::Origin;
use antiphon_core::record::{Account, Record};
use antiphon_core::shell;
use antiphon_link::Asker;
use antiphon_link::account::{Added, Addition, NotAdded};

use super::phone::{certificate_stands, connect, first_connection};
use super::show::codes_not_shown;
use crate::arguments::Enroll;
use crate::caller::Caller;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::log::{self, Done};
use crate::owners::{Owners, also_in_words};
use crate::providers;
use crate::publish;
use crate::screen::Screen;
pub(crate) use said::account_of;
pub(crate) use show::AccountObject;
use terminal::Terminal;

/// How long to wait for another sign-in of this person: a person who approves with an account has three minutes.
const WAITS: Duration = Duration::from_secs(180);

/// Adds an account at the provider called `provider` to `user`'s record, or creates one with it.
pub(super) fn add(
    user: &UserName,
    provider: &str,
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let provider = providers::named(provider, house)?;
    let record = house.record(user)?;
    if let Some(name) = &wanted.name {
        check_name(name, record.as_ref())?;
    }
    let added = match &wanted.subject {
        Some(subject) => said::add(user, provider, subject, wanted, house)?,
        None => by_sign_in(user, provider, record.as_ref(), wanted, house, screen)?,
    };
    finish(user, &added, wanted.subject.is_some(), house, screen)
}

fn by_sign_in(
    user: &UserName,
    provider: &Provider,
    record: Option<&Record>,
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<Added, Failure> {
    certificate_stands(house, screen)?;
    let link = first_connection(house)?;
    let caller = Caller::of_process();
    let interrupts = Interrupts::hold()?;
    let addition = Addition {
        asker: Asker {
            user: user.as_str(),
            host: &house.host,
            service: TRIAL_SERVICE,
            origin: Origin {
                caller: caller.sudo_user.as_ref().unwrap_or(&caller.by),
                remote_host: "",
                terminal: &log::terminal_name(),
            },
        },
        config: &house.config,
        provider,
        record,
        name: wanted.name.as_deref(),
        language: wanted.language,
        by_enter: false,
        is_by_root: true,
        busy_patience: WAITS,
        interrupt: &interrupts,
        connect: &|| connect(house),
    };
    let mut terminal = Terminal {
        user,
        provider,
        house,
        screen,
        interrupts: &interrupts,
        failure: None,
    };
    let added = addition.run(link, &mut terminal);
    let failure = terminal.failure.take();
    added.map_err(|why| {
        if matches!(why, NotAdded::Left) {
            // Moves past the ^C shown by the terminal.
            screen.note("");
        }
        let done = Done {
            outcome: why.outcome(),
            reason: why.reason(),
            method: "account",
            provider: &provider.name,
            command: "enroll",
            ..Done::default()
        };
        log::log_only(done, user);
        in_words(why, failure)
    })
}

fn check_name(name: &str, record: Option<&Record>) -> Result<(), Failure> {
    if !Account::is_name(name) {
        let longest = Account::LONGEST_NAME;
        let what = format!("--name must have 1 to {longest} bytes that can all be shown");
        return Err(Failure::new(Kind::Data, what));
    }
    let mut accounts = record.into_iter().flat_map(|record| &record.accounts);
    if accounts.any(|account| account.name == name) {
        let what = format!(
            "there is an account {} already; choose another --name",
            shell::word(name)
        );
        return Err(Failure::new(Kind::CannotCreate, what));
    }
    Ok(())
}

/// Why no account was added; `failure` is the error on this side, if any.
fn in_words(why: NotAdded, failure: Option<Failure>) -> Failure {
    let said = why.to_string();
    let kind = match why {
        NotAdded::Away(_) | NotAdded::NoToken(_) => Kind::Unavailable,
        NotAdded::NoKeys(_) | NotAdded::Clock => Kind::Config,
        NotAdded::Late | NotAdded::Left | NotAdded::Busy => Kind::TryAgain,
        NotAdded::Token { .. }
        | NotAdded::NotTheirs
        | NotAdded::Declined
        | NotAdded::NoTrialRight => Kind::Data,
        NotAdded::Known | NotAdded::TooMany => Kind::CannotCreate,
        NotAdded::Unwritten(why) => Failure::from(why).kind(),
        NotAdded::Trouble(trouble) => Failure::from(trouble).kind(),
        NotAdded::Here => failure.as_ref().map_or(Kind::Io, Failure::kind),
    };
    let said = failure.map_or(said, |failure| failure.to_string());
    Failure::new(kind, format!("{said}. No account was added"))
}

fn finish(
    user: &UserName,
    added: &Added,
    is_said: bool,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let done = Done {
        outcome: "enrolled",
        // Nobody has signed in.
        reason: if is_said { "by-root" } else { "" },
        method: "account",
        provider: &added.account.provider,
        detail: &added.account.subject.id,
        command: "enroll",
        ..Done::default()
    };
    log::write_down(done, user, house, screen);
    publish::note(added.unseen.as_ref(), user, screen);
    let others = Owners::read(house).besides(user, &added.account);
    if !others.is_empty() {
        screen.note(&format!(
            "note: {}; whoever signs in with it can approve as each of them",
            also_in_words(&others)
        ));
    }
    show::added(user, added, screen).map_err(|failure| {
        if added.recovery.is_some() {
            return codes_not_shown(user, &failure);
        }
        let what = format!("{user} is enrolled, though it was not shown ({failure})");
        Failure::new(Kind::Io, what)
    })
}
