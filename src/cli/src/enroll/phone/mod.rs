//! `antiphon enroll --phone`, by the steps of [`antiphon_link::phone`].

mod show;
mod terminal;

use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::name::UserName;
use antiphon_core::origin::Origin;
use antiphon_core::record::{Phone, Record};
use antiphon_core::shell;
use antiphon_link::phone::{Added, Addition, NotAdded};
use antiphon_link::{Asker, Away, Link};

use crate::arguments::Enroll;
use crate::caller::Caller;
use crate::check::look_at_certificate;
use crate::enroll::show::codes_not_shown;
use crate::failure::{Failure, Kind};
use crate::fleet::{self, Publisher};
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::log::{self, Done};
use crate::publish;
use crate::screen::Screen;
pub(crate) use show::PhoneObject;
use terminal::{Terminal, WAITS};

/// Adds a phone to `user`'s record, or creates one with it. Nothing is written before the trial has succeeded.
pub(crate) fn add(
    user: &UserName,
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let record = house.record(user)?;
    if let Some(name) = &wanted.name {
        check_name(name, record.as_ref())?;
    }
    let publisher = publisher(house)?;
    certificate_stands(house, screen)?;
    let link = first_connection(house)?;
    let caller = Caller::of_process();
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
        record: record.as_ref(),
        name: wanted.name.as_deref(),
        language: wanted.language,
        by_enter: false,
        busy_patience: WAITS,
        interrupt: &Interrupts::hold()?,
        connect: &|| connect(house),
    };
    let mut terminal = Terminal {
        user,
        house,
        screen,
        failure: None,
    };
    let added = addition.run(link, &mut terminal);
    let failure = terminal.failure.take();
    match added {
        Ok(added) => {
            finish(user, &added, house, screen)?;
            match publisher {
                Some(publisher) => fleet::tell(user, &publisher, screen),
                None => Ok(()),
            }
        }
        Err(why) => {
            if matches!(why, NotAdded::Left) {
                // Moves past the ^C shown by the terminal.
                screen.note("");
            }
            let done = Done {
                outcome: why.outcome(),
                reason: why.reason(),
                method: "phone",
                command: "enroll",
                ..Done::default()
            };
            log::log_only(done, user);
            Err(in_words(why, failure, user))
        }
    }
}

/// What publishes the phone for the fleet, on an enrolment host. On another host of a fleet no phone can be enrolled.
fn publisher(house: &House) -> Result<Option<Publisher<'_>>, Failure> {
    let publisher = Publisher::find(house)?;
    if publisher.is_none() && house.config.fleet.is_some() {
        let what = "phones are enrolled on the enrolment host, for all hosts of the fleet: run this where the fleet was set up";
        return Err(Failure::new(Kind::Config, what));
    }
    Ok(publisher)
}

/// Does not show a URL that phones would refuse.
pub(super) fn certificate_stands(house: &House, screen: &mut Screen) -> Result<(), Failure> {
    for found in look_at_certificate(house) {
        if found.is_refused {
            return Err(Failure::new(Kind::Config, found.says));
        }
        screen.note(&found.says);
    }
    Ok(())
}

pub(crate) fn connect(house: &House) -> Result<Link, Away> {
    Link::open(&house.config.paths.socket)
}

/// The connection without which nothing can be added.
pub(super) fn first_connection(house: &House) -> Result<Link, Failure> {
    connect(house).map_err(|away| {
        let socket = house.config.paths.socket.display();
        let what = format!(
            "antiphond does not answer at {socket} ({away}); start it: systemctl start antiphond"
        );
        Failure::new(Kind::Unavailable, what)
    })
}

fn check_name(name: &str, record: Option<&Record>) -> Result<(), Failure> {
    if !Phone::is_name(name) {
        let longest = Phone::LONGEST_NAME;
        let what = format!("--name must have 1 to {longest} bytes that can all be shown");
        return Err(Failure::new(Kind::Data, what));
    }
    let is_taken =
        record.is_some_and(|record| record.phones.iter().any(|phone| phone.name == name));
    if is_taken {
        let what = format!(
            "there is a phone {} already; choose another --name",
            shell::word(name)
        );
        return Err(Failure::new(Kind::CannotCreate, what));
    }
    Ok(())
}

/// Why no phone was added for `user`; `failure` is the error on this side, if any.
fn in_words(why: NotAdded, failure: Option<Failure>, user: &UserName) -> Failure {
    let said = why.to_string();
    let kind = match why {
        NotAdded::Away(_) => Kind::Unavailable,
        NotAdded::Late | NotAdded::Left | NotAdded::Busy => Kind::TryAgain,
        NotAdded::Passkey(_)
        | NotAdded::Answer(_)
        | NotAdded::Declined
        | NotAdded::NoTrialRight => Kind::Data,
        NotAdded::TooMany => Kind::CannotCreate,
        NotAdded::NotTakenBack(why) => {
            let word = user.shell_word();
            let what = format!("{said}; look at: antiphon status {word}");
            return Failure::new(Failure::from(why).kind(), what);
        }
        NotAdded::Unwritten(why) => Failure::from(why).kind(),
        NotAdded::Trouble(trouble) => Failure::from(trouble).kind(),
        NotAdded::Here => failure.as_ref().map_or(Kind::Io, Failure::kind),
    };
    let said = failure.map_or(said, |failure| failure.to_string());
    Failure::new(
        kind,
        format!(
            "{said}. No phone was added: run the command again, the QR code shown above is void"
        ),
    )
}

fn finish(
    user: &UserName,
    added: &Added,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let done = Done {
        outcome: "enrolled",
        method: "phone",
        phone: &added.phone.name,
        command: "enroll",
        ..Done::default()
    };
    log::write_down(done, user, house, screen);
    publish::note(added.unseen.as_ref(), user, screen);
    show::added(user, added, screen).map_err(|failure| {
        if added.recovery.is_some() {
            return codes_not_shown(user, &failure);
        }
        let what = format!("{user} is enrolled, though it was not shown ({failure})");
        Failure::new(Kind::Io, what)
    })
}
