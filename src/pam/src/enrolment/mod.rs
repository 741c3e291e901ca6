//! Enrolment at the sign-in, where `unenrolled = "enroll"`: a person with the right password and without a record is
//! given a secret, confirms it with a code, writes down recovery codes, and is then signed in.
//!
//! It consists of prompts only, since sshd shows nothing without one. Until the end only the secret is stored, in a
//! file of root's, for ten minutes, so that a login's time limit loses nothing. Only this sitting shows it; a person
//! returning in another one proves with a code that they have it ([`again`]). The record is written by
//! `antiphon_core::disk::person_files`, as for the command; this is the only place where the module creates one.

mod admission;
mod again;
mod offer;
mod record;

use antiphon_core::answer::Answer;
use antiphon_core::disk::Patience;
use antiphon_core::disk::pending_file::{self, PendingFile};
use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::judge::{Confirmed, Unconfirmed};
use antiphon_core::method::Method;
use antiphon_core::outcome::{EnrolmentClosed, Outcome, Refusal, Trouble};
use antiphon_core::pending::{Answered, Sitting, Typed, Void};
use antiphon_core::policy::MayEnrol;
use antiphon_core::record::CodeSecret;
use antiphon_core::text::{EnrolmentText, Text, ascii_form};
use antiphon_link::random;
use zeroize::Zeroizing;

use crate::context::Context;
use crate::conversation::Gone;
use crate::dialogue::{End, SignIn};
use crate::factors::Factors;
use crate::methods;
use crate::shield::Shield;
use crate::stack::WipeDeepBelow;
use record::Written;

pub(crate) use admission::decide;

/// Most wrong codes.
const MOST_WRONG: u32 = 5;
/// Most answers to one question, right or wrong.
const MOST_ANSWERS: u32 = 20;

/// Everything needed for an enrolment.
pub(crate) struct Enrolment<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) leave: MayEnrol,
    /// A record prepared by root: telephone numbers.
    pub(crate) read: Option<&'a Factors>,
}

/// Why the enrolment ends early.
enum Stop {
    Gone,
    /// It ended like a sign-in, before it began.
    Before(Outcome),
    /// Refused, with a message.
    Refused(Refusal, Option<String>),
    /// Something was unusable.
    Trouble(Trouble),
}

/// A person who has proved with a code that they have the secret, and is given recovery codes.
struct Confirmation {
    code: CodeSecret,
    confirmed: Confirmed,
    /// They may have been given recovery codes in an earlier sitting.
    came_back: bool,
    client: Client,
}

/// How the client displays non-ASCII text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    /// Correctly, including the blocks of a QR code.
    Shows,
    /// Correctly, but without pictures.
    Reads,
    /// As octal escapes.
    Garbles,
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl<'a> Enrolment<'a> {
    /// A dialogue with the person about a record that they now have.
    fn sign_in(&self, factors: &'a Factors) -> SignIn<'a> {
        SignIn {
            context: self.context,
            factors,
        }
    }

    /// Offers a person who has just enrolled by `confirmed` to add their phone and their accounts, if the page can be opened.
    pub(crate) fn offer_more(&self, end: &End, confirmed: Confirmed) {
        if self.context.config.page.is_for_this_computer_only() {
            return;
        }
        let written = crate::admission::records(self.context.config, self.context.walk)
            .and_then(|folder| ReadRecord::load(&folder, self.context.user));
        // Only their own record: root may have replaced it while a caller of su had us stopped.
        if let Ok(Some(read)) = written
            && confirmed.is_of(read.record())
        {
            methods::offer_more(&self.sign_in(&Factors::Own(read)), end);
        }
    }

    /// Runs the enrolment. If it succeeded, it was confirmed by the code that comes with its end.
    pub(crate) fn hold(&self) -> (End, Option<Confirmed>) {
        let mut end = End::of(Outcome::Cancelled);
        let mut by = None;
        let _wiped_at_the_end = WipeDeepBelow;
        end.outcome = match self.run(&mut end) {
            Ok((outcome, confirmed)) => {
                by = Some(confirmed);
                outcome
            }
            Err(Stop::Before(outcome)) => outcome,
            Err(Stop::Gone) => Outcome::Cancelled,
            Err(Stop::Trouble(trouble)) => Outcome::Unusable(trouble),
            Err(Stop::Refused(refusal, said)) => {
                end.last_words = said;
                Outcome::Refused(refusal)
            }
        };
        (end, by)
    }

    /// In a separate stack frame, which is gone when the stack is wiped.
    #[inline(never)]
    fn run(&self, end: &mut End) -> Result<(Outcome, Confirmed), Stop> {
        let shown_before = self.ask_the_telephone(end)?;
        let folder = pending_file::folder(&self.context.config.paths.pending)?;
        let clock = || self.context.watch.now();
        let shield = Shield::raise()?;
        pending_file::sweep(&folder, &clock);
        drop(shield);
        let from = self.from();
        let file = PendingFile {
            folder: &folder,
            sitting: Sitting {
                user: self.context.user,
                from: &from,
                id: *random::bytes()?,
            },
            clock: &clock,
        };
        let confirmation = self.confirm(file)?;
        // Drawn only now: codes shown in an earlier sitting are written down somewhere, but in no record.
        let codes = random::recovery_set()?;
        self.ask(&self.recovery_prompt(&codes, &confirmation))?;
        let written = Written {
            file,
            confirmation: &confirmation,
            recovery: &codes.hashes,
            shown_before,
        };
        let outcome = self.write(&written)?;
        Ok((outcome, confirmation.confirmed))
    }

    /// If the rules require it, verifies a code sent to the number on file, as in the sign-in of a person with no other
    /// method; returns the method. That alone is not a sign-in, only permission to continue.
    fn ask_the_telephone(&self, end: &mut End) -> Result<Option<Method>, Stop> {
        if !self.leave.number_first() {
            return Ok(None);
        }
        let Some(read) = self.read else {
            let closed = Refusal::EnrolmentClosed(EnrolmentClosed::NoNumber);
            return Err(Stop::Refused(closed, None));
        };
        let sign_in = self.sign_in(read);
        *end = sign_in.hold();
        match std::mem::replace(&mut end.outcome, Outcome::Cancelled) {
            Outcome::Accepted(accepted) => Ok(Some(accepted.method())),
            other => Err(Stop::Before(other)),
        }
    }

    /// The origin of this sitting, as told to others: a terminal's name does not say who uses it, so the caller is
    /// added.
    fn from(&self) -> String {
        let origin = self.context.request.origin();
        match (origin.shown(), origin.caller) {
            ("", _) => self.context.request.service.clone(),
            (shown, caller) if caller.is_empty() || !origin.remote_host.is_empty() => {
                shown.to_owned()
            }
            (shown, caller) => format!("{shown} ({caller})"),
        }
    }

    fn ask_what_shows(&self, first: EnrolmentText<'_>) -> Result<Client, Stop> {
        if !self.context.request.host.may_show_pictures() {
            return Ok(Client::Reads);
        }
        let typed = self.ask(&self.first_prompt(first))?;
        let is_no = typed
            .trim_ascii_start()
            .first()
            .is_some_and(|letter| letter.eq_ignore_ascii_case(&b'n'));
        Ok(if is_no {
            Client::Garbles
        } else {
            Client::Shows
        })
    }

    /// Shows this sitting's secret until a code from it is typed.
    fn ask_for_code(
        &self,
        file: PendingFile<'_>,
        code: &CodeSecret,
        client: Client,
        first: EnrolmentText<'_>,
    ) -> Result<Confirmed, Stop> {
        // Without an earlier question, the introduction has not been shown yet.
        let first = Some(first).filter(|_| client == Client::Reads);
        let mut prompt = self.offer(code, client, first);
        let mut wrong = 0;
        for _ in 0..MOST_ANSWERS {
            let typed = self.ask(&prompt)?;
            let said = match Answer::parse(&typed, Some(code.digits())) {
                Answer::Code(digits) => {
                    let typed = self.typed(&digits);
                    match self.locked(|patience| file.confirm(code, typed, patience))? {
                        Answered::Right(confirmed) => return Ok(confirmed),
                        Answered::Void(void) => return Err(self.void(&void)),
                        Answered::Used(next_in) => Some(Text::UsedCode(next_in)),
                        Answered::Wrong(why) => {
                            wrong += 1;
                            Some(sentence(why))
                        }
                    }
                }
                other => {
                    // Show nothing more of an invalid enrolment.
                    let held = self.locked(|patience| Ok(file.claim(code, patience)?.map(drop)))?;
                    held.map_err(|void| self.void(&void))?;
                    let is_empty = matches!(other, Answer::Empty);
                    (!is_empty).then_some(Text::Malformed(code.digits().get()))
                }
            };
            if wrong == MOST_WRONG {
                break;
            }
            prompt = match said {
                None => self.offer(code, client, None),
                Some(said) => {
                    let question = Text::Enrolment(EnrolmentText::Code);
                    Zeroizing::new(self.joined("\n", &[said, question], client))
                }
            };
        }
        Err(self.refused(Refusal::Unconfirmed, EnrolmentText::NotConfirmed))
    }

    /// Runs `what` under the lock of the pending file, protected from the caller's signals.
    fn locked<T>(
        &self,
        what: impl FnOnce(&mut dyn Patience) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let _shield = Shield::raise()?;
        what(&mut *self.context.watch.patience(self.context.journal))
    }

    fn typed<'t>(&self, digits: &'t str) -> Typed<'t> {
        Typed {
            digits,
            window: self.context.config.code.window,
        }
    }

    /// This sitting no longer holds the enrolment: tells the person who does.
    fn void(&self, void: &Void) -> Stop {
        let (elsewhere, said): (_, fn(_, _) -> _) = match void {
            Void::Over => {
                return match self.check_nobody_was_quicker() {
                    Ok(()) => self.refused(Refusal::EnrolmentVoid, EnrolmentText::Void),
                    Err(stop) => stop,
                };
            }
            Void::BegunAgain(elsewhere) => (elsewhere, EnrolmentText::BegunElsewhere),
            Void::GoneOn(elsewhere) => (elsewhere, EnrolmentText::GoneOnElsewhere),
        };
        let at = elsewhere.at.to_string();
        self.refused(Refusal::EnrolmentVoid, said(&elsewhere.from, hour(&at)))
    }

    fn refused(&self, refusal: Refusal, said: EnrolmentText<'_>) -> Stop {
        Stop::Refused(
            refusal,
            Some(Text::Enrolment(said).in_language(self.context.language)),
        )
    }

    /// Asks. If a program answered by itself, nobody has seen the prompt.
    fn ask(&self, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let typed = self.context.conversation.ask(prompt)?;
        match self
            .context
            .request
            .is_answered_by_program(&typed, self.context.user)
        {
            Some(refusal) => Err(Stop::Refused(refusal, None)),
            None => Ok(typed),
        }
    }

    fn text(&self, text: &Text<'_>, client: Client) -> String {
        let sentence = text.in_language(self.context.language);
        match client {
            Client::Shows | Client::Reads => sentence,
            Client::Garbles => ascii_form(&sentence),
        }
    }

    fn joined(&self, with: &str, texts: &[Text<'_>], client: Client) -> String {
        let sentences: Vec<String> = texts.iter().map(|text| self.text(text, client)).collect();
        sentences.join(with)
    }
}

/// `20:00` in `2026-11-22T20:00:00Z`.
fn hour(time: &str) -> &str {
    time.get(11..16).unwrap_or(time)
}

fn sentence(why: Unconfirmed) -> Text<'static> {
    Text::Enrolment(match why {
        Unconfirmed::Wrong => EnrolmentText::WrongCode,
        Unconfirmed::ClockOff { seconds, ahead } => EnrolmentText::ClockOff(seconds, ahead),
    })
}
