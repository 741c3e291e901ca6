//! Adds an account by the steps of [`antiphon_link::account`], prompt by prompt, since sshd shows nothing without one.

use std::time::Duration;

use antiphon_core::account::CheckDigits;
use antiphon_core::config::Provider;
use antiphon_core::disk::{Changed, Unwritten};
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::person::Edit;
use antiphon_core::record::Account;
use antiphon_core::text::{AccountText, EnrolmentText, MethodsText};
use antiphon_core::visible::visible;
use antiphon_link::account::{Added, Addition, NotAdded, Sitting, Step};
use antiphon_link::{Asker, Link};
use zeroize::Zeroizing;

use super::phone::BUSY_PATIENCE;
use super::{Care, Over};
use crate::course::Touched;
use crate::dialogue::ENTER_PATIENCE;
use crate::interrupt::Blocked;
use crate::shown::{joined, picture};

/// The word for it in the log.
const WORD: &str = "account-added";
/// The longest subject shown, in bytes.
const LONGEST: usize = 64;

impl Care<'_> {
    pub(super) fn add_account(&mut self, provider: &Provider) -> Result<(), Over> {
        match self.sign_in_at(provider) {
            Ok(added) => {
                let account = &added.account;
                self.log(
                    WORD,
                    Touched::Account {
                        account,
                        name: &account.name,
                    },
                );
                self.say(MethodsText::AccountAdded(&added.account.shown_name()));
                if let Some(codes) = added.recovery {
                    self.show_codes(&EnrolmentText::Recovery.into(), &codes)?;
                }
            }
            Err(NotAdded::Here) => return Err(Over),
            Err(NotAdded::Left | NotAdded::NotTheirs) => self.say(MethodsText::Nothing),
            Err(NotAdded::Unwritten(Unwritten::Changed)) => {
                self.say(MethodsText::Meanwhile);
                return Err(Over);
            }
            Err(why) => {
                self.warn_unchanged(WORD, why.reason(), &why.to_string());
                self.say(MethodsText::AccountNotAdded);
            }
        }
        Ok(())
    }

    fn sign_in_at(&mut self, provider: &Provider) -> Result<Added, NotAdded> {
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
            provider,
            record: Some(&record),
            name: None,
            language: None,
            by_enter: true,
            is_by_root: false,
            busy_patience: BUSY_PATIENCE,
            interrupt: &Blocked,
            connect: &connect,
        };
        let mut prompts = Prompts {
            label: provider.label.in_language(context.language),
            care: self,
            next: None,
            question: Zeroizing::default(),
        };
        addition.run(connect()?, &mut prompts)
    }
}

/// An account being added during a sign-in: its answers are looked at when the person presses Enter.
struct Prompts<'c, 'd, 'l> {
    label: &'l str,
    care: &'c mut Care<'d>,
    /// The next prompt, if there is something new to show.
    next: Option<Zeroizing<String>>,
    /// The question if there is nothing new.
    question: Zeroizing<String>,
}

impl Prompts<'_, '_, '_> {
    /// The link and, if it can be shown, its QR code, which comes last.
    fn invitation(&self, link: &str) -> Zeroizing<String> {
        let may_show = self.care.context.request.host.may_show_pictures();
        let picture = may_show.then(|| picture(link)).flatten();
        let how = self.care.text(&MethodsText::SignInAt(self.label).into());
        let link = Zeroizing::new(self.care.text(&EnrolmentText::Link(link).into()));
        let picture = picture.unwrap_or_default();
        joined(&[&how, "\n\n", &link, "\n\n", &picture, &self.question])
    }
}

impl Sitting for Prompts<'_, '_, '_> {
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded> {
        match step {
            Step::Ticket { address, .. } => {
                let question = self.care.text(&MethodsText::WhenSignedIn.into());
                self.question = Zeroizing::new(question);
                self.next = Some(self.invitation(address));
            }
            Step::Trial {
                address, number, ..
            } => {
                let text = MethodsText::TryAccount { number, address };
                self.question = Zeroizing::new(self.care.text(&text.into()));
                self.next = Some(self.question.clone());
            }
            Step::Again { reason } => self.care.say(reason.text()),
            Step::Opened => {}
        }
        Ok(())
    }

    /// Enter alone continues; anything else stops.
    fn patience(&mut self) -> Result<Duration, NotAdded> {
        let prompt = self.next.take().unwrap_or_else(|| {
            self.care.say(AccountText::NotYet);
            self.question.clone()
        });
        let typed = self.care.ask(&prompt).map_err(|Over| NotAdded::Here)?;
        if typed.trim_ascii().is_empty() {
            Ok(ENTER_PATIENCE)
        } else {
            Err(NotAdded::Left)
        }
    }

    fn confirm(&mut self, account: &Account) -> Result<bool, NotAdded> {
        let text = MethodsText::WasItYou {
            name: &account.shown_name(),
            subject: &visible(&account.subject.id, LONGEST),
        };
        self.care.ask_yes(text).map_err(|Over| NotAdded::Here)
    }

    fn digits(&mut self) -> Result<Option<CheckDigits>, NotAdded> {
        let text = self.care.text(&MethodsText::DigitsOfPage.into());
        let typed = self.care.ask(&text).map_err(|Over| NotAdded::Here)?;
        Ok(CheckDigits::typed(&typed))
    }

    fn write(&mut self, edit: Edit<'_>) -> Result<Changed, NotAdded> {
        self.care.write(edit).map_err(NotAdded::Unwritten)
    }
}
