//! One more phone: a ticket at the daemon, the proof of who had the QR code, a trial, and only then the record.
//!
//! The daemon carries, and is believed nothing: what comes by it is checked here, as `antiphon enroll --phone` does.

use std::time::Instant;

use antiphon_core::approval::{VerifiedPasskey, verify};
use antiphon_core::enrolment::{Invitation, TRIAL_SERVICE, address};
use antiphon_core::logline::LogLine;
use antiphon_core::outcome::Trouble;
use antiphon_core::person::{Edit, NewPhone};
use antiphon_core::record::Phone;
use antiphon_core::text::{EnrolmentText, MethodsText, Text};
use antiphon_core::wire::{Enrolled, FromDaemon, Hints, Ticket, ToDaemon, Unwilling};
use antiphon_link::{Away, Link, News, Never, PendingApproval, Question, Unheard, random};
use zeroize::Zeroizing;

use super::{Care, Over, shown};
use crate::dialogue::ENTER_PATIENCE;
use crate::enrolment::{QR_ROOM, picture};
use crate::host;

/// The most messages that are read at one Enter: a daemon has nothing to say beyond a few.
const MOST_MESSAGES: u32 = 4;

/// A ticket that is open as long as this is. Its secret goes nowhere but on the screen.
struct OpenTicket {
    link: Link,
    name: Zeroizing<[u8; 16]>,
    secret: Zeroizing<[u8; 32]>,
}

/// Why there is no new phone.
enum NotAdded {
    /// The person is gone, or another has changed the record.
    Over,
    /// The person left it.
    Left,
    /// It did not work, for the log.
    Failed(String),
}

impl From<Over> for NotAdded {
    fn from(Over: Over) -> Self {
        Self::Over
    }
}

impl From<Away> for NotAdded {
    fn from(away: Away) -> Self {
        Self::Failed(away.0)
    }
}

impl From<Trouble> for NotAdded {
    fn from(trouble: Trouble) -> Self {
        Self::Failed(trouble.detail)
    }
}

impl Care<'_> {
    pub(super) fn add_phone(&mut self) -> Result<(), Over> {
        match self.add() {
            Ok(name) => self.say(MethodsText::Added(&name)),
            Err(NotAdded::Over) => return Err(Over),
            Err(NotAdded::Left) => self.say(MethodsText::Nothing),
            Err(NotAdded::Failed(detail)) => {
                let line = LogLine::new()
                    .with("unchanged", "phone-added")
                    .with("user", self.dialogue.user.as_str())
                    .with("detail", &detail);
                self.dialogue.journal.warn(&line);
                self.say(MethodsText::NotAdded);
            }
        }
        Ok(())
    }

    fn add(&mut self) -> Result<String, NotAdded> {
        let mut ticket = self.open_ticket()?;
        let enrolled = self.wait_for_passkey(&mut ticket)?;
        let host = host::name();
        let invitation = Invitation {
            secret: &ticket.secret,
            user: self.dialogue.user.as_str(),
            host: &host,
            origin: &self.dialogue.config.page.origin,
        };
        let now = self.dialogue.watch.now()?;
        let mut phone = invitation
            .admit(&enrolled, Some(&self.record), now)
            .map_err(|fault| NotAdded::Failed(fault.to_string()))?;
        phone.name = self.record.free_phone_name(&phone.name);
        let (pending, trial) = self.try_out(&phone)?;
        let written = self.write_phone(&mut ticket, &phone, &trial);
        pending.conclude(if written.is_ok() {
            "accepted"
        } else {
            "refused"
        });
        written.map(|()| shown(&phone))
    }

    fn open_ticket(&self) -> Result<OpenTicket, NotAdded> {
        let (name, secret) = (random::bytes::<16>()?, random::bytes()?);
        let mut link = Link::open(&self.dialogue.config.paths.socket)?;
        let phones = &self.record.phones;
        link.send(&ToDaemon::Ticket(Ticket {
            ticket: name.to_vec(),
            user: self.dialogue.user.as_str().to_owned(),
            host: host::name(),
            credentials: phones
                .iter()
                .map(|phone| phone.credential.clone())
                .collect(),
        }))?;
        match link.answer(&Never).map_err(Away::from)? {
            FromDaemon::TicketOpen {} => Ok(OpenTicket { link, name, secret }),
            FromDaemon::Unwilling {
                reason: Unwilling::Certificate,
            } => Err(NotAdded::Failed(
                "phones refuse the page's certificate; run: antiphon check".to_owned(),
            )),
            _ => Err(something_else().into()),
        }
    }

    /// Shows the QR code until the phone has made a passkey. Nothing is proved yet.
    fn wait_for_passkey(&mut self, ticket: &mut OpenTicket) -> Result<Enrolled, NotAdded> {
        let origin = &self.dialogue.config.page.origin;
        let link = address(origin, &ticket.name, &ticket.secret);
        let mut prompt = Zeroizing::new(String::with_capacity(QR_ROOM));
        let may_show = self.dialogue.request.host.may_show_pictures();
        let picture = may_show.then(|| picture(&link)).flatten();
        let how = match picture {
            Some(_) => MethodsText::Scan,
            None => MethodsText::OpenLink,
        };
        prompt.push_str(&self.text(&how.into()));
        prompt.push_str("\n\n");
        let labelled = Zeroizing::new(self.text(&EnrolmentText::Link(&link).into()));
        prompt.push_str(&labelled);
        prompt.push_str("\n\n");
        for line in picture.iter().flat_map(|drawing| &drawing.lines) {
            prompt.push_str(line);
            prompt.push('\n');
        }
        let question = self.text(&MethodsText::WhenReady.into());
        prompt.push_str(&question);
        loop {
            self.ask_enter(&prompt)?;
            if let Some(enrolled) = ticket.enrolled()? {
                return Ok(enrolled);
            }
            self.say(MethodsText::NotReady);
            prompt = Zeroizing::new(question.clone());
        }
    }

    /// Enter alone goes on; anything else leaves it.
    fn ask_enter(&mut self, prompt: &str) -> Result<(), NotAdded> {
        let typed = self.ask(prompt)?;
        if typed.trim_ascii().is_empty() {
            Ok(())
        } else {
            Err(NotAdded::Left)
        }
    }

    /// An approval as at a sign-in, of this phone alone, before anything is written.
    fn try_out(&mut self, phone: &Phone) -> Result<(PendingApproval, VerifiedPasskey), NotAdded> {
        let dialogue = self.dialogue;
        let (mut request, number) = dialogue.draw_request(dialogue.watch.now()?)?;
        TRIAL_SERVICE.clone_into(&mut request.service);
        let socket = &dialogue.config.paths.socket;
        let trial = Question {
            request,
            number,
            phones: std::slice::from_ref(phone),
            hints: Hints {
                enter: true,
                ..Hints::default()
            },
        };
        let mut pending = PendingApproval::begin(socket, trial)
            .map_err(|news| NotAdded::Failed(format!("trial: {news:?}")))?;
        let question = self.text(&MethodsText::TryOut(pending.number.digits()).into());
        loop {
            self.ask_enter(&question)?;
            let answer = match pending.news(ENTER_PATIENCE) {
                News::Nothing | News::Waiting => {
                    self.say(Text::NotYetApproved);
                    continue;
                }
                News::Answer(answer) => answer,
                news => return Err(NotAdded::Failed(format!("trial: {news:?}"))),
            };
            if dialogue.watch.now()? >= pending.request.expires {
                return Err(NotAdded::Failed("trial: late".to_owned()));
            }
            let digest = pending.request.digest(&pending.number);
            return match verify(&answer, phone, &digest, 0) {
                Ok(trial) => Ok((pending, trial)),
                Err(fault) => {
                    pending.conclude("wrong");
                    Err(NotAdded::Failed(format!("trial: {}", fault.word())))
                }
            };
        }
    }

    /// State, record, and only then the daemon's own note of it: without that note the phone's page opens nothing, and all
    /// is as before.
    fn write_phone(
        &mut self,
        ticket: &mut OpenTicket,
        phone: &Phone,
        trial: &VerifiedPasskey,
    ) -> Result<(), NotAdded> {
        let edit = Edit::AddPhone(&NewPhone {
            phone,
            trial,
            recovery: None,
            language: None,
        });
        let Some(added) = self.change_unheard(edit)? else {
            return Err(NotAdded::Left);
        };
        if let Err(away) = ticket.keep() {
            self.take_back(phone, &added)?;
            return Err(away.into());
        }
        self.log(edit, &phone.name);
        Ok(())
    }
}

impl OpenTicket {
    /// The passkey, if one has been made or is within seconds.
    fn enrolled(&mut self) -> Result<Option<Enrolled>, Away> {
        for _ in 0..MOST_MESSAGES {
            match self.link.wait(Instant::now() + ENTER_PATIENCE, &Never) {
                Err(Unheard::Late) => return Ok(None),
                Ok(FromDaemon::TicketSeen {}) => {}
                Ok(FromDaemon::Enrolled(enrolled)) => return Ok(Some(enrolled)),
                Ok(_) => break,
                Err(unheard) => return Err(unheard.into()),
            }
        }
        Err(something_else())
    }

    /// Has the daemon keep the phone that has answered.
    fn keep(&mut self) -> Result<(), Away> {
        self.link.send(&ToDaemon::Keep {})?;
        match self.link.answer(&Never)? {
            FromDaemon::Kept {} => Ok(()),
            _ => Err(something_else()),
        }
    }
}

fn something_else() -> Away {
    Away("it speaks of something else".to_owned())
}
