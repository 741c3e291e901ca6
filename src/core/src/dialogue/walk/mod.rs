//! An exhaustive walk through the dialogue: every set of methods, every initial state, and every event at each step.

mod rules;
mod world;

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::end::{MOST_CHOICES, MOST_EARLY};
use super::{Asking, Called, Care, Dialogue, End, Heard, Proof, Sight, Step, Typed};
use crate::answer::Answer;
use crate::judge::Verdict;
use crate::method::Method;
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::{AccountText, Entry, Text};
use crate::time::UnixTime;
pub(super) use world::{PROVIDER, World};

pub(super) const NOW: UnixTime = UnixTime(1_795_377_600);
pub(super) const LOCKED: Gate = Gate::LockedUntil(UnixTime(NOW.0 + 60));

/// One input of each form.
const CODE: &str = "123456";
const RECOVERY: &str = "abcdefghijklmnop";
const BYPASS: &str = "bypass abcdefghijklmnop";
const DIGITS: &str = "42";
const FORMS: [&str; 8] = [CODE, RECOVERY, BYPASS, DIGITS, "?", "", "odd", "7."];

/// A step without its data.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Doing {
    Ask,
    CallPhone,
    CallAccount,
    HearApproval,
    JudgeAccount,
    Send,
    Judge { form: &'static str, sent: bool },
}

/// An event in response.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    Typed(&'static str),
    Line(usize),
    Program(Refusal),
    Nobody { at_once: bool },
    Called,
    AccountCalled { check_digits: bool },
    Waits,
    DigitsWanted,
    Sent,
    Failed,
    Accepted,
    NotMe,
    Wrong,
    Locked,
    Gone,
}

/// Everything that determines how a dialogue continues; messages to the person do not.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    ways: Vec<&'static str>,
    asking: Asking,
    proof: Option<Proof>,
    counts: [u32; 4],
    flags: [bool; 6],
    sight: Sight,
    care: Care,
    typed: Option<&'static str>,
    line: Option<usize>,
    doing: Doing,
}

/// A dialogue and the step it has just returned.
struct Spot<'r> {
    dialogue: Dialogue<'r>,
    doing: Doing,
}

fn form_of(answer: &Answer) -> &'static str {
    match answer {
        Answer::Code(_) => CODE,
        Answer::Recovery(_) => RECOVERY,
        Answer::Bypass(_) => BYPASS,
        Answer::Question => "?",
        Answer::Empty => "",
        Answer::Malformed => "odd",
    }
}

fn form_of_typed(typed: &Typed) -> &'static str {
    match typed.check_digits {
        Some(_) => DIGITS,
        None => form_of(&typed.answer),
    }
}

fn copy<'r>(it: &Dialogue<'r>) -> Dialogue<'r> {
    let typed = it.typed.as_ref().map(|typed| Typed {
        answer: Answer::parse(form_of(&typed.answer).as_bytes(), it.digits()),
        check_digits: typed.check_digits.clone(),
        line: typed.line,
    });
    Dialogue {
        ways: it.ways.clone(),
        said: None,
        typed,
        ..*it
    }
}

impl<'r> Spot<'r> {
    fn key(&self) -> Key {
        let it = &self.dialogue;
        let mut ways: Vec<_> = it.ways.iter().map(|way| way.method().word()).collect();
        // Their order changes only the numbering of the list from here on.
        ways.sort_unstable();
        Key {
            ways,
            asking: it.asking,
            proof: match it.called {
                Some(Called::Account { proof, .. }) => Some(proof),
                Some(Called::Phone) | None => None,
            },
            counts: [it.answers, it.early, it.choices, it.prompts.min(2)],
            flags: [
                it.look.gate == Gate::Open,
                it.look.bypass,
                it.is_called(),
                it.sent.is_some(),
                it.by_enter,
                it.look.is_rehearsal,
            ],
            sight: it.sight,
            care: it.care,
            typed: it.typed.as_ref().map(form_of_typed),
            line: it.typed.as_ref().and_then(|typed| typed.line),
            doing: self.doing,
        }
    }

    /// The lines of the list, if it is shown.
    fn lines(&self) -> Vec<Entry<'r>> {
        let is_list = self.dialogue.asking == Asking::Way;
        if is_list {
            self.dialogue.entries()
        } else {
            Vec::new()
        }
    }

    fn can_be_right(&self, form: &str, sent: bool) -> bool {
        let it = &self.dialogue;
        match form {
            CODE if sent => it.sent.is_some(),
            CODE => it.has(Method::Code),
            RECOVERY => it.has(Method::Recovery),
            BYPASS => it.look.bypass,
            _ => false,
        }
    }

    /// Every event possible here.
    fn events(&self) -> Vec<Event> {
        let mut approval = vec![Event::Waits, Event::Failed, Event::NotMe];
        approval.push(if self.dialogue.wants_digits() {
            Event::DigitsWanted
        } else {
            Event::Accepted
        });
        match self.doing {
            Doing::Ask => {
                let mut events: Vec<Event> = FORMS.map(Event::Typed).to_vec();
                events.extend((0..self.lines().len()).map(Event::Line));
                events
                    .extend([Refusal::PasswordAnswered, Refusal::NameAnswered].map(Event::Program));
                events.extend([true, false].map(|at_once| Event::Nobody { at_once }));
                if self.dialogue.is_called() && !self.dialogue.by_enter() {
                    events.extend(approval);
                }
                events
            }
            Doing::CallPhone => vec![Event::Called, Event::Failed],
            Doing::CallAccount => {
                let called =
                    [false, true].map(|check_digits| Event::AccountCalled { check_digits });
                [&called[..], &[Event::Failed]].concat()
            }
            Doing::HearApproval => approval,
            Doing::JudgeAccount => vec![Event::Accepted, Event::Failed],
            Doing::Send => vec![Event::Sent, Event::Failed, Event::Locked, Event::Gone],
            Doing::Judge { form, sent } => {
                let mut events = vec![Event::Wrong, Event::Locked, Event::Gone];
                if self.can_be_right(form, sent) {
                    events.push(Event::Accepted);
                }
                events
            }
        }
    }

    fn hear(&self, event: Event, world: &'r World) -> (Dialogue<'r>, Step<'r>) {
        let mut dialogue = copy(&self.dialogue);
        let typed = |text: &str, by_program| Heard::Typed {
            typed: Zeroizing::new(text.as_bytes().to_vec()),
            by_program,
        };
        let heard = match event {
            Event::Typed(form) => typed(form, None),
            Event::Line(line) => typed(&(line + 1).to_string(), None),
            Event::Program(why) => typed("alice", Some(why)),
            Event::Nobody { at_once } => Heard::Nobody { at_once },
            Event::Called => Heard::Called,
            Event::AccountCalled { check_digits } => Heard::AccountCalled {
                way: world.account(),
                check_digits,
            },
            Event::Waits => Heard::Waits,
            Event::DigitsWanted => Heard::DigitsWanted,
            Event::Sent => Heard::Sent(world.telephone()),
            Event::Failed if self.doing == Doing::JudgeAccount => {
                Heard::Failed(AccountText::WrongDigits.into(), Refusal::Wrong)
            }
            Event::Failed => Heard::Failed(Text::PhoneAway, Refusal::PhoneAway),
            Event::Accepted if matches!(self.doing, Doing::Judge { .. }) => {
                Heard::Judged(Verdict::Accepted(world.accepted.clone()), NOW)
            }
            Event::Accepted => Heard::Decided(Outcome::Accepted(world.accepted.clone())),
            Event::NotMe => Heard::Decided(Outcome::Refused(Refusal::Reported)),
            Event::Wrong => Heard::Judged(self.wrong(), NOW),
            Event::Locked if self.doing == Doing::Send => Heard::Locked(LOCKED, NOW),
            Event::Locked => Heard::Judged(Verdict::Locked(LOCKED), NOW),
            Event::Gone => Heard::Decided(Outcome::Cancelled),
        };
        let step = dialogue.next(heard);
        (dialogue, step)
    }

    fn wrong(&self) -> Verdict {
        match self.doing {
            Doing::Judge { form: CODE, .. } => Verdict::WrongCode {
                gate: Gate::Open,
                skew: None,
            },
            Doing::Judge { form: RECOVERY, .. } => Verdict::WrongRecovery,
            Doing::Judge { form: BYPASS, .. } => Verdict::WrongBypass,
            Doing::Judge { form: "", .. } => Verdict::Empty,
            _ => Verdict::Malformed,
        }
    }
}

fn spot<'r>(dialogue: Dialogue<'r>, step: Step<'r>) -> Result<Spot<'r>, Box<End>> {
    let doing = match step {
        Step::Ask => Doing::Ask,
        Step::CallPhone => Doing::CallPhone,
        Step::CallAccount(_) => Doing::CallAccount,
        Step::HearApproval { .. } => Doing::HearApproval,
        Step::JudgeAccount(_) => Doing::JudgeAccount,
        Step::Send(_) => Doing::Send,
        Step::Judge { answer, sent } => Doing::Judge {
            form: form_of(&answer),
            sent,
        },
        Step::End(end) => return Err(Box::new(end)),
    };
    Ok(Spot { dialogue, doing })
}

/// The whole walk.
struct Walk<'r> {
    spots: Vec<Spot<'r>>,
    /// Where each spot leads, except to ends.
    ways: Vec<Vec<usize>>,
    /// Whether a right answer can be given at once.
    accepts: Vec<bool>,
    transitions: usize,
}

impl<'r> Walk<'r> {
    /// Walks, and passes each transition to `look`.
    fn through(
        world: &'r World,
        mut look: impl FnMut(&Spot<'r>, Event, &Result<Spot<'r>, Box<End>>),
    ) -> Self {
        let mut walk = Walk {
            spots: Vec::new(),
            ways: Vec::new(),
            accepts: Vec::new(),
            transitions: 0,
        };
        let mut known: HashMap<Key, usize> = HashMap::new();
        for (mut dialogue, step) in world.beginnings() {
            // Start close to the limits: everything before them is alike.
            dialogue.early = MOST_EARLY - 2;
            dialogue.choices += MOST_CHOICES - 3;
            if let Ok(spot) = spot(dialogue, step) {
                walk.find(spot, &mut known);
            }
        }
        let mut at = 0;
        while at < walk.spots.len() {
            for event in walk.spots[at].events() {
                let (dialogue, step) = walk.spots[at].hear(event, world);
                let next = spot(dialogue, step);
                look(&walk.spots[at], event, &next);
                walk.transitions += 1;
                match next {
                    Ok(next) => {
                        let to = walk.find(next, &mut known);
                        walk.ways[at].push(to);
                    }
                    Err(end) => walk.accepts[at] |= matches!(end.outcome, Outcome::Accepted(_)),
                }
            }
            at += 1;
        }
        walk
    }

    fn find(&mut self, spot: Spot<'r>, known: &mut HashMap<Key, usize>) -> usize {
        *known.entry(spot.key()).or_insert_with(|| {
            self.spots.push(spot);
            self.ways.push(Vec::new());
            self.accepts.push(false);
            self.spots.len() - 1
        })
    }

    /// For each spot, the spots that lead to it.
    fn origins(&self) -> Vec<Vec<usize>> {
        let mut origins = vec![Vec::new(); self.spots.len()];
        for (from, ways) in self.ways.iter().enumerate() {
            for to in ways {
                origins[*to].push(from);
            }
        }
        origins
    }
}

impl Spot<'_> {
    fn describe(&self) -> String {
        let it = &self.dialogue;
        let ways: Vec<&str> = it.ways.iter().map(|way| way.method().word()).collect();
        format!(
            "{:?} at {:?} with {ways:?}, called {}, sent {}, answers {}, early {}, choices {}",
            self.doing,
            it.asking,
            it.is_called(),
            it.sent.is_some(),
            it.answers,
            it.early,
            it.choices
        )
    }
}
