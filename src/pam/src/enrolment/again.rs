//! Starts an enrolment; if an earlier sitting has started one, asks whether the person already has its entry in their
//! app.
//!
//! That sitting's secret is not shown. A person who types a code from it has it, wherever they come from, and
//! continues. Everybody else restarts with a new secret, and is told first whose enrolment that invalidates.

use antiphon_core::answer::Answer;
use antiphon_core::disk::pending_file::PendingFile;
use antiphon_core::disk::record_file;
use antiphon_core::method::Method;
use antiphon_core::outcome::Refusal;
use antiphon_core::pending::{Beginning, Begun, Proven, Returned, SECRET_BYTES};
use antiphon_core::record::{CodeSecret, Digits};
use antiphon_core::text::{EnrolmentText, Text};
use antiphon_link::random;

use super::{Client, Confirmation, Enrolment, MOST_ANSWERS, Stop, hour, sentence};

/// The reply to that question.
enum Reply {
    /// A right code: the enrolment continues.
    Proven(Proven),
    /// The person restarts.
    Again,
    /// Ask once more, after this message.
    Asked(Option<Text<'static>>),
}

impl Enrolment<'_> {
    /// Leads the person to the point where a code has proved that they have the secret.
    pub(super) fn confirm(&self, file: PendingFile<'_>) -> Result<Confirmation, Stop> {
        self.context.asked(Method::Enrolment.word());
        let mut said = None;
        let mut shows = None;
        for _ in 0..MOST_ANSWERS {
            self.check_nobody_was_quicker()?;
            let begun = self.locked(|patience| file.look(patience))?;
            if let Some(begun) = &begun {
                match self.ask_whether_to_go_on(file, begun, said.take())? {
                    Reply::Again => self.check_nobody_was_quicker()?,
                    Reply::Asked(why) => {
                        said = why;
                        continue;
                    }
                    Reply::Proven(Proven { code, confirmed }) => {
                        self.context.enrolling("resumed", &begun.from);
                        return Ok(Confirmation {
                            code,
                            confirmed,
                            came_back: true,
                            client: Client::Shows,
                        });
                    }
                }
            }
            let first = match begun {
                Some(_) => EnrolmentText::BeginAgain,
                None => EnrolmentText::Begin,
            };
            let client = match shows {
                Some(client) => client,
                None => self.ask_what_shows(first)?,
            };
            shows = Some(client);
            // Do not invalidate what has just become a record, or show a secret that can no longer become one.
            self.check_nobody_was_quicker()?;
            let secret = random::bytes::<SECRET_BYTES>()?;
            let code = CodeSecret::usual(*secret);
            let before = begun.as_ref().map(|begun| begun.held_by);
            match self.locked(|patience| file.begin(secret, before, patience))? {
                Beginning::Changed => {}
                Beginning::TooOften(seconds) => return Err(self.too_often(seconds)),
                Beginning::Begun => {
                    let word = if begun.is_some() {
                        "restarted"
                    } else {
                        "begun"
                    };
                    self.context
                        .enrolling(word, begun.as_ref().map_or("", |begun| &begun.from));
                    return Ok(Confirmation {
                        confirmed: self.ask_for_code(file, &code, client, first)?,
                        code,
                        came_back: false,
                        client,
                    });
                }
            }
        }
        Err(self.refused(Refusal::Unconfirmed, EnrolmentText::NotConfirmed))
    }

    fn ask_whether_to_go_on(
        &self,
        file: PendingFile<'_>,
        begun: &Begun,
        said: Option<Text<'_>>,
    ) -> Result<Reply, Stop> {
        let at = begun.at.to_string();
        let [how, question] = match (begun.takes_codes, begun.rests_for) {
            (true, None) => [EnrolmentText::GoOnOrAgain, EnrolmentText::CodeOrAgain],
            (true, Some(seconds)) => [EnrolmentText::GoOnOnly(seconds), EnrolmentText::CodeAlone],
            (false, None) => [EnrolmentText::OnlyAgain, EnrolmentText::Again],
            (false, Some(seconds)) => return Err(self.too_often(seconds)),
        };
        let begun_before = EnrolmentText::BegunBefore(begun.ago, &begun.from, hour(&at));
        let explained = [begun_before, how].map(Text::Enrolment);
        // Feedback on the last answer replaces the explanation.
        let texts = match said {
            Some(said) => vec![said, question.into()],
            None => explained.into_iter().chain([question.into()]).collect(),
        };
        let typed = self.ask(&self.joined("\n", &texts, Client::Shows))?;
        let digits = match Answer::parse(&typed, Some(Digits::SIX)) {
            Answer::Empty => match begun.rests_for {
                None => return Ok(Reply::Again),
                Some(seconds) => return Err(self.too_often(seconds)),
            },
            Answer::Code(digits) if begun.takes_codes => digits,
            _ if !begun.takes_codes => return Ok(Reply::Asked(None)),
            _ => return Ok(Reply::Asked(Some(Text::Malformed(Digits::SIX.get())))),
        };
        let typed = self.typed(&digits);
        let returned = self.locked(|patience| file.go_on(begun.held_by, typed, patience))?;
        Ok(match returned {
            Returned::Proven(proven) => Reply::Proven(proven),
            Returned::Used(next_in) => Reply::Asked(Some(Text::UsedCode(next_in))),
            Returned::Changed => Reply::Asked(None),
            Returned::Wrong { why, more } => {
                self.context.enrolling("wrong-code", &begun.from);
                Reply::Asked(more.then(|| sentence(why)))
            }
        })
    }

    pub(super) fn check_nobody_was_quicker(&self) -> Result<(), Stop> {
        let users = crate::admission::records(self.context.config, self.context.walk)?;
        match record_file::load(&users, self.context.user)? {
            Some(record) if !record.is_beginning() => Err(self.meanwhile()),
            _ => Ok(()),
        }
    }

    fn too_often(&self, seconds: u64) -> Stop {
        let said = EnrolmentText::TooOften(seconds);
        self.refused(Refusal::EnrolmentTooOften, said)
    }
}
