//! Enrolment at the sign-in, where `unenrolled = "enroll"`: a person who has shown the right password and has no record
//! is given a secret, confirms it by a code, writes recovery codes down, and has then signed in.
//!
//! Prompt by prompt, since sshd shows nothing without one. Nothing is written of a person before the end but the draft,
//! which lies with root for ten minutes, so that the time limit of a login loses nothing. The record is written by
//! `antiphon_core::disk::enrolment`, as by the command: this is the one place where the module writes one.

mod admission;
mod offer;
pub(crate) mod random;
mod record;

use antiphon_core::answer::Answer;
use antiphon_core::config::Config;
use antiphon_core::disk::pending_file::{self, PendingFile, TakenUp};
use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::disk::{Folder, Walk};
use antiphon_core::draft::Draft;
use antiphon_core::judge::{Confirmed, Unconfirmed, confirm};
use antiphon_core::method::Method;
use antiphon_core::name::UserName;
use antiphon_core::outcome::{EnrolmentClosed, Outcome, Refusal, Trouble};
use antiphon_core::pending::Sitting;
use antiphon_core::policy::MayEnrol;
use antiphon_core::text::{EnrolmentText, Language, Text, ascii_form};
use zeroize::Zeroizing;

use crate::conversation::{Conversation, Gone};
use crate::dialogue::{Dialogue, End};
use crate::journal::Journal;
use crate::methods;
use crate::request::Request;
use crate::stack::WipeDeepBelow;
use crate::watch::Watch;
use record::Written;

pub(crate) use admission::decide;
pub(crate) use offer::{ROOM as QR_ROOM, picture};

/// The most wrong codes.
const MOST_WRONG: u32 = 5;
/// The most answers to one question, wrong or not.
const MOST_ANSWERS: u32 = 20;

/// Everything that an enrolment needs.
pub(crate) struct Enrolment<'a> {
    pub(crate) config: &'a Config,
    pub(crate) leave: MayEnrol,
    /// What root has begun of a record: telephone numbers.
    pub(crate) read: Option<&'a ReadRecord>,
    pub(crate) user: &'a UserName,
    pub(crate) language: Language,
    pub(crate) request: &'a Request,
    pub(crate) conversation: &'a dyn Conversation,
    pub(crate) watch: &'a dyn Watch,
    pub(crate) journal: &'a Journal,
    pub(crate) walk: &'a Walk,
}

/// Why it ends early.
enum Stop {
    /// The person is not there to answer.
    Gone,
    /// It ended as a sign-in does, before it began.
    Before(Outcome),
    /// No, and what is said.
    Refused(Refusal, Option<EnrolmentText<'static>>),
    /// Something could not be used.
    Trouble(Trouble),
}

/// How the client shows what is not ASCII.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    /// As it is: also the squares of a QR code.
    Shows,
    /// As it is, but no picture.
    Reads,
    /// As octal numbers.
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
    /// A dialogue with the person by a record that they have by then.
    fn dialogue(&self, read: &'a ReadRecord) -> Dialogue<'a> {
        Dialogue {
            config: self.config,
            read,
            record: read.record(),
            user: self.user,
            language: self.language,
            request: self.request,
            conversation: self.conversation,
            watch: self.watch,
            journal: self.journal,
            walk: self.walk,
        }
    }

    /// Offers the person, who has just enrolled, to add their phone, where phones can open the page.
    pub(crate) fn offer_phone(&self, end: &End) {
        if self.config.page.is_for_this_computer_only() {
            return;
        }
        let written = crate::admission::records(self.config, self.walk)
            .and_then(|folder| ReadRecord::load(&folder, self.user));
        if let Ok(Some(read)) = written {
            methods::offer_phone(&self.dialogue(&read), end);
        }
    }

    /// Takes the person through it.
    pub(crate) fn hold(&self) -> End {
        let mut end = End {
            outcome: Outcome::Cancelled,
            last_words: None,
            locked_for: 0,
            own_wrong_codes: 0,
            mid_line: false,
            wants_care: false,
        };
        let _wiped_at_the_end = WipeDeepBelow;
        end.outcome = match self.run(&mut end) {
            Ok(outcome) | Err(Stop::Before(outcome)) => outcome,
            Err(Stop::Gone) => Outcome::Cancelled,
            Err(Stop::Trouble(trouble)) => Outcome::Unusable(trouble),
            Err(Stop::Refused(refusal, said)) => {
                end.last_words = said.map(Text::Enrolment);
                Outcome::Refused(refusal)
            }
        };
        end
    }

    /// In a frame of its own, which is gone when the stack is wiped.
    #[inline(never)]
    fn run(&self, end: &mut End) -> Result<Outcome, Stop> {
        let shown_before = self.ask_the_telephone(end)?;
        let folder = pending_file::folder(&self.config.paths.pending)?;
        let now = self.watch.now()?;
        pending_file::sweep(&folder, now);
        let file = self.file(&folder);
        let taken_up = file.take_up(
            random::bytes()?,
            now,
            &mut *self.watch.patience(self.journal),
        )?;
        let TakenUp {
            pending,
            is_resumed,
        } = taken_up;
        let draft = pending.draft();
        let begin = self.beginning(is_resumed.then(|| pending.made().until(now)));
        let client = self.ask_what_shows(&begin)?;
        let confirmed = self.ask_for_code(&draft, client, &begin)?;
        self.ask(&self.recovery_prompt(&draft, client))?;
        let written = Written {
            file,
            pending: &pending,
            draft: &draft,
            confirmed,
            shown_before,
        };
        self.write(&written)
    }

    /// Where the rules want it, has a code sent to the number on file and verified, as at the sign-in of a person who has
    /// no other way: by what it was. That is worth no sign-in yet, only leave to go on.
    fn ask_the_telephone(&self, end: &mut End) -> Result<Option<Method>, Stop> {
        if !self.leave.number_first() {
            return Ok(None);
        }
        let Some(read) = self.read else {
            let closed = Refusal::EnrolmentClosed(EnrolmentClosed::NoNumber);
            return Err(Stop::Refused(closed, None));
        };
        let dialogue = self.dialogue(read);
        *end = dialogue.hold();
        match std::mem::replace(&mut end.outcome, Outcome::Cancelled) {
            Outcome::Accepted(accepted) => Ok(Some(accepted.method())),
            other => Err(Stop::Before(other)),
        }
    }

    fn file<'f>(&'f self, folder: &'f Folder) -> PendingFile<'f> {
        PendingFile {
            folder,
            sitting: Sitting {
                user: self.user,
                service: &self.request.service,
                origin: self.request.origin().place(),
                caller: &self.request.caller,
            },
        }
    }

    fn ask_what_shows(&self, begin: &str) -> Result<Client, Stop> {
        if !self.request.host.may_show_pictures() {
            return Ok(Client::Reads);
        }
        let typed = self.ask(&self.first_prompt(begin))?;
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

    fn ask_for_code(&self, draft: &Draft, client: Client, begin: &str) -> Result<Confirmed, Stop> {
        // Where nothing was asked before, it was not said yet either.
        let begin = if client == Client::Reads { begin } else { "" };
        let mut prompt = self.offer(draft, client, begin);
        let mut wrong = 0;
        for _ in 0..MOST_ANSWERS {
            let typed = self.ask(&prompt)?;
            let said = match Answer::parse(&typed, Some(draft.code.digits)) {
                Answer::Empty => None,
                Answer::Code(typed) => {
                    let now = self.watch.now()?;
                    match confirm(&draft.code, &typed, self.config.code.window, now) {
                        Ok(confirmed) => return Ok(confirmed),
                        Err(why) => {
                            wrong += 1;
                            Some(sentence(why))
                        }
                    }
                }
                _ => Some(Text::Malformed(draft.code.digits.get())),
            };
            if wrong == MOST_WRONG {
                break;
            }
            prompt = match said {
                None => self.offer(draft, client, ""),
                Some(said) => {
                    let question = Text::Enrolment(EnrolmentText::Code);
                    Zeroizing::new(self.joined("\n", &[said, question], client))
                }
            };
        }
        Err(Stop::Refused(
            Refusal::Unconfirmed,
            Some(EnrolmentText::NotConfirmed),
        ))
    }

    /// Asks. A person whose program answers by itself has seen nothing of it.
    fn ask(&self, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Stop> {
        let typed = self.conversation.ask(prompt)?;
        match self.request.is_answered_by_program(&typed, self.user) {
            Some(refusal) => Err(Stop::Refused(refusal, None)),
            None => Ok(typed),
        }
    }

    fn text(&self, text: &Text<'_>, client: Client) -> String {
        let sentence = text.in_language(self.language);
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

fn sentence(why: Unconfirmed) -> Text<'static> {
    Text::Enrolment(match why {
        Unconfirmed::Wrong => EnrolmentText::WrongCode,
        Unconfirmed::ClockOff { seconds, ahead } => EnrolmentText::ClockOff(seconds, ahead),
    })
}
