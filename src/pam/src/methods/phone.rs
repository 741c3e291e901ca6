//! Adds a phone by the steps of [`antiphon_link::phone`], prompt by prompt, since sshd shows nothing without one.

use std::time::Duration;

use antiphon_core::disk::{Changed, Unwritten};
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::person::Edit;
use antiphon_core::text::{EnrolmentText, MethodsText, Text};
use antiphon_link::phone::{Added, Addition, NotAdded, Sitting, Step};
use antiphon_link::{Asker, Link};
use zeroize::Zeroizing;

use super::{Care, Over};
use crate::course::Touched;
use crate::dialogue::ENTER_PATIENCE;
use crate::interrupt::Blocked;
use crate::shown::{joined, picture};

/// How long to wait for another sign-in that is using the phone: the person sees nothing meanwhile.
pub(super) const BUSY_PATIENCE: Duration = Duration::from_secs(5);
/// The word for it in the log.
const WORD: &str = "phone-added";

impl Care<'_> {
    pub(super) fn add_phone(&mut self) -> Result<(), Over> {
        match self.add() {
            Ok(added) => {
                self.log(WORD, Touched::Phone(&added.phone.name));
                self.say(MethodsText::Added(&added.phone.shown_name()));
                if let Some(codes) = added.recovery {
                    self.show_codes(&EnrolmentText::Recovery.into(), &codes)?;
                }
            }
            Err(NotAdded::Here) => return Err(Over),
            Err(NotAdded::Left) => self.say(MethodsText::Nothing),
            Err(NotAdded::Unwritten(Unwritten::Changed)) => {
                self.say(MethodsText::Meanwhile);
                return Err(Over);
            }
            Err(why) => {
                self.warn_unchanged(WORD, why.reason(), &why.to_string());
                if matches!(why, NotAdded::NotTakenBack(_)) {
                    self.say(MethodsText::HalfAdded);
                    return Err(Over);
                }
                self.say(MethodsText::NotAdded);
            }
        }
        Ok(())
    }

    fn add(&mut self) -> Result<Added, NotAdded> {
        let context = self.context;
        let (host, record) = (context.host_name(), self.record.clone());
        let connect = || Link::open(&context.config.paths.socket);
        let addition = Addition {
            asker: Asker {
                user: context.name_on_phone(),
                host: &host,
                service: TRIAL_SERVICE,
                origin: context.request.origin(),
            },
            config: context.config,
            record: Some(&record),
            name: None,
            language: None,
            by_enter: true,
            busy_patience: BUSY_PATIENCE,
            interrupt: &Blocked,
            connect: &connect,
        };
        let mut prompts = Prompts {
            care: self,
            next: None,
            question: Zeroizing::default(),
            not_yet: MethodsText::NotReady.into(),
        };
        addition.run(connect()?, &mut prompts)
    }

    /// The link for the new phone and, if it can be shown, its QR code, which comes last.
    fn invitation(&self, link: &str) -> Zeroizing<String> {
        let may_show = self.context.request.host.may_show_pictures();
        let picture = may_show.then(|| picture(link)).flatten();
        let how = match picture {
            Some(_) => MethodsText::Scan,
            None => MethodsText::OpenLink,
        };
        let how = self.text(&how.into());
        let link = Zeroizing::new(self.text(&EnrolmentText::Link(link).into()));
        let question = self.text(&MethodsText::WhenReady.into());
        let picture = picture.unwrap_or_default();
        joined(&[&how, "\n\n", &link, "\n\n", &picture, &question])
    }
}

/// A phone being added during a sign-in: its answers are looked at when the person presses Enter.
struct Prompts<'c, 'd> {
    care: &'c mut Care<'d>,
    /// The next prompt, if there is something new to show.
    next: Option<Zeroizing<String>>,
    /// The question if there is nothing new, and the message before it.
    question: Zeroizing<String>,
    not_yet: Text<'static>,
}

impl Sitting for Prompts<'_, '_> {
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded> {
        let care = &mut *self.care;
        match step {
            Step::Ticket { address, .. } => {
                self.next = Some(care.invitation(address));
                self.question = Zeroizing::new(care.text(&MethodsText::WhenReady.into()));
            }
            Step::Trial { number, .. } => {
                self.question = Zeroizing::new(care.text(&MethodsText::TryOut(number).into()));
                self.next = Some(self.question.clone());
                self.not_yet = Text::NotYetApproved;
            }
            Step::Again { reason } => care.say(reason.text()),
            Step::Opened | Step::Passkey { .. } => {}
        }
        Ok(())
    }

    /// Enter alone continues; anything else stops.
    fn patience(&mut self) -> Result<Duration, NotAdded> {
        let prompt = self.next.take().unwrap_or_else(|| {
            self.care.say(self.not_yet.clone());
            self.question.clone()
        });
        let typed = self.care.ask(&prompt).map_err(|Over| NotAdded::Here)?;
        if typed.trim_ascii().is_empty() {
            Ok(ENTER_PATIENCE)
        } else {
            Err(NotAdded::Left)
        }
    }

    fn write(&mut self, edit: Edit<'_>) -> Result<Changed, NotAdded> {
        self.care.write(edit).map_err(NotAdded::Unwritten)
    }

    fn take_back(&mut self, credential: &[u8], added: &Changed) -> Result<(), Unwritten> {
        self.care.take_back(credential, added)
    }
}
