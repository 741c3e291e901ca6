//! Begins, where nothing is open; and where a sitting before this one has begun, asks the person whether they have its entry
//! already.
//!
//! The secret of that sitting is not shown. Whoever types a code of it has it, wherever they come from: then it goes on.
//! Everybody else begins again with another one, and is told before whose they make void.

use antiphon_core::answer::Answer;
use antiphon_core::disk::pending_file::PendingFile;
use antiphon_core::disk::record_file;
use antiphon_core::method::Method;
use antiphon_core::outcome::Refusal;
use antiphon_core::pending::{Beginning, Begun, Proven, Returned, SECRET_BYTES};
use antiphon_core::record::{CodeSecret, Digits};
use antiphon_core::text::{EnrolmentText, Sighting, Text};
use antiphon_link::random;

use super::{Client, Confirmation, Enrolment, MOST_ANSWERS, Stop, hour, sentence};

/// What became of the question.
enum Reply {
    /// It goes on.
    Proven(Proven),
    /// The person begins again.
    Again,
    /// It is asked once more, after this.
    Asked(Option<Text<'static>>),
}

impl Enrolment<'_> {
    /// Takes the person to where they have shown by a code that they have the secret.
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
            // Nobody makes void what has just become a record, or is shown a secret that can no longer become one.
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
        let sighting = Sighting {
            from: &begun.from,
            at: hour(&at),
        };
        let [how, question] = match (begun.takes_codes, begun.rests_for) {
            (true, None) => [EnrolmentText::GoOnOrAgain, EnrolmentText::CodeOrAgain],
            (true, Some(seconds)) => [EnrolmentText::GoOnOnly(seconds), EnrolmentText::CodeAlone],
            (false, None) => [EnrolmentText::OnlyAgain, EnrolmentText::Again],
            (false, Some(seconds)) => return Err(self.too_often(seconds)),
        };
        let begun_before = EnrolmentText::BegunBefore(begun.ago, sighting);
        let explained = [begun_before, how].map(Text::Enrolment);
        // What was said of an answer stands in the place of what was explained before it.
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
