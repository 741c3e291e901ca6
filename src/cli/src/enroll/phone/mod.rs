//! A phone: a ticket that is shown as a QR code; a passkey with the proof that it was made with it; a trial; and only
//! then state and record. The daemon carries all of it and is believed none of it.

mod progress;
mod show;
mod ticket;
mod trial;
mod unfinished;
mod write;

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::disk::record_file;
use antiphon_core::enrolment::{self, Invitation, LONGEST_NAME, TICKET_LIFETIME, TRIAL_SERVICE};
use antiphon_core::name::UserName;
use antiphon_core::record::{Phone, Record};
use antiphon_core::shell;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use zeroize::Zeroizing;

use crate::arguments::Enroll;
use crate::caller::Caller;
use crate::check::look_at_certificate;
use crate::clock;
use crate::daemon::Link;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::journal::{self, Done};
use crate::publish;
use crate::screen::Screen;
use progress::Progress;
pub(crate) use show::PhoneObject;
use ticket::{Draw, OpenTicket};
use trial::{Passed, Trial};
use unfinished::Unfinished;
use write::{Added, Addition};

/// Seconds that a trial lasts, as at a sign-in.
const TRIAL_LIFETIME: u64 = 60;
/// The longest of the texts that the phone is shown, in bytes.
const LONGEST: usize = 128;

/// Adds a phone to `user`'s record, which it makes if there is none. Nothing is written before the trial was right.
pub(crate) fn add(
    user: &UserName,
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let record = match house.users()? {
        Some(users) => record_file::load(&users, user)?,
        None => None,
    };
    if let Some(name) = &wanted.name {
        check_name(name, record.as_ref())?;
    }
    certificate_stands(house, screen)?;
    let link = connect(house).map_err(|why| {
        let socket = house.config.paths.socket.display();
        let what = format!(
            "antiphond does not answer at {socket} ({why}); start it: systemctl start antiphond"
        );
        Failure::new(Kind::Unavailable, what)
    })?;
    let interrupts = Interrupts::hold()?;
    let attempt = Attempt {
        user,
        wanted,
        house,
        interrupts: &interrupts,
    };
    match attempt.run(link, record.as_ref(), screen) {
        Ok(added) => finish(user, &added, house, screen),
        Err(why) => {
            if matches!(why, Unfinished::Stopped) {
                // Behind the ^C that the terminal shows.
                screen.note("");
            }
            let done = Done {
                outcome: why.outcome(),
                reason: why.reason(),
                method: "phone",
                command: "enroll",
                ..Done::default()
            };
            journal::log_only(done, user);
            Err(Failure::from(&why))
        }
    }
}

/// An address that phones refuse is not shown.
fn certificate_stands(house: &House, screen: &mut Screen) -> Result<(), Failure> {
    for found in look_at_certificate(house) {
        if found.is_refused {
            return Err(Failure::new(Kind::Config, found.says));
        }
        screen.note(&found.says);
    }
    Ok(())
}

/// Whether there is a daemon to add a phone by.
pub(crate) fn connect(house: &House) -> Result<Link, String> {
    Link::open(&house.config.paths.socket)
}

fn check_name(name: &str, record: Option<&Record>) -> Result<(), Failure> {
    if !enrolment::is_name(name) {
        let what = format!("--name must have 1 to {LONGEST_NAME} bytes that can all be shown");
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

struct Attempt<'a> {
    user: &'a UserName,
    wanted: &'a Enroll,
    house: &'a House,
    interrupts: &'a Interrupts,
}

impl Attempt<'_> {
    fn run(
        &self,
        link: Link,
        record: Option<&Record>,
        screen: &mut Screen,
    ) -> Result<Added, Unfinished> {
        let (house, interrupts) = (self.house, self.interrupts);
        let credentials = record
            .map(|record| {
                record
                    .phones
                    .iter()
                    .map(|phone| phone.credential.clone())
                    .collect()
            })
            .unwrap_or_default();
        let draw = Draw::new()?;
        let mut ticket = OpenTicket::open(
            link,
            draw,
            self.user.as_str(),
            &house.host,
            credentials,
            interrupts,
        )?;
        self.show(&ticket, record, screen)?;
        let enrolled = ticket.wait(interrupts, &mut |step| show::progress(step, screen))?;
        let invitation = Invitation {
            secret: ticket.secret(),
            user: self.user.as_str(),
            host: &house.host,
            origin: &house.config.page.origin,
        };
        let mut phone = invitation
            .admit(&enrolled, record, clock::now())
            .map_err(Unfinished::Passkey)?;
        if let Some(name) = &self.wanted.name {
            phone.name.clone_from(name);
        }
        let made = Progress::Passkey { phone: &phone.name };
        show::progress(&made, screen)?;
        let passed = self.try_out(&phone, screen)?;
        let addition = Addition {
            user: self.user,
            phone,
            trial: &passed.verified,
            language: self.wanted.language,
        };
        let added = addition.write(&mut ticket, house, interrupts);
        let outcome = if added.is_ok() { "accepted" } else { "refused" };
        passed.conclude(outcome, interrupts);
        added
    }

    fn show(
        &self,
        ticket: &OpenTicket,
        record: Option<&Record>,
        screen: &mut Screen,
    ) -> Result<(), Failure> {
        let page = &self.house.config.page;
        let mut address = ticket.address(&page.origin);
        if let Some(codes) = record
            .and_then(|record| record.code.as_ref())
            .filter(|_| page.code)
            .and_then(enrolment::codes_for_page)
        {
            address = Zeroizing::new(format!("{}.{}", *address, *codes));
        }
        if screen.is_json() {
            let step = Progress::Ticket {
                address: &address,
                seconds: TICKET_LIFETIME,
            };
            return show::progress(&step, screen);
        }
        show::ticket(self.user, &address, self.house, screen)
    }

    fn try_out(&self, phone: &Phone, screen: &mut Screen) -> Result<Passed, Unfinished> {
        let shown = |text: &str| visible(text, LONGEST);
        let caller = Caller::of_process();
        let form = ApprovalRequest {
            nonce: [0; 32],
            user: shown(self.user.as_str()),
            host: shown(&self.house.host),
            service: TRIAL_SERVICE.to_owned(),
            caller: shown(&caller.sudo_user.unwrap_or(caller.by)),
            remote_host: String::new(),
            terminal: shown(&journal::terminal_name()),
            issued: UnixTime(0),
            expires: UnixTime(0),
        };
        let trial = Trial {
            phone,
            form,
            digits: self.house.config.number_digits,
            lifetime: TRIAL_LIFETIME,
            connect: &|| connect(self.house),
            interrupts: self.interrupts,
        };
        trial.run(&mut |step| show::progress(step, screen))
    }
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
    journal::write_down(done, user, house, screen);
    publish::note(added.unseen.as_ref(), user, screen);
    show::added(user, added, screen).map_err(|failure| {
        let what = match added.recovery {
            Some(_) => format!(
                "{user} is enrolled, but the recovery codes were not shown ({failure}); run: antiphon recovery {}",
                user.shell_word()
            ),
            None => format!("{user} is enrolled, though it was not shown ({failure})"),
        };
        Failure::new(Kind::Io, what)
    })
}
