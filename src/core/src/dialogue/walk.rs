//! A walk through all that a dialogue can come to: every set of ways, every first look, and whatever may be heard at each step.

use std::collections::{HashMap, VecDeque};

use zeroize::Zeroizing;

use super::end::{MOST_ANSWERS, MOST_CHOICES, MOST_EARLY};
use super::{Asking, Dialogue, End, FirstLook, Heard, Step, Typed};
use crate::answer::Answer;
use crate::config::Config;
use crate::judge::{Accepted, Expected, Subject, Verdict, judge};
use crate::method::Method;
use crate::name::UserName;
use crate::one_time::SentTo;
use crate::origin::Origin;
use crate::outcome::{Outcome, Refusal};
use crate::record::{CodeSecret, Phone, Record, TelephoneNumber, TelephoneUse};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{Gate, State};
use crate::text::{Entry, Text};
use crate::time::UnixTime;
use crate::way::Way;

const NOW: UnixTime = UnixTime(1_795_377_600);
const LOCKED: Gate = Gate::LockedUntil(UnixTime(NOW.0 + 60));

/// The forms of what can be typed, and a word for each.
const CODE: &str = "123456";
const RECOVERY: &str = "abcdefghijklmnop";
const BYPASS: &str = "bypass abcdefghijklmnop";
const FORMS: [&str; 7] = [CODE, RECOVERY, BYPASS, "?", "", "odd", "7."];

fn alice() -> Record {
    let mut record = Record::new(&UserName::new("alice").unwrap());
    record.code = Some(CodeSecret::usual([7; 20]));
    record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
    record.numbers = vec![TelephoneNumber {
        tel: "+46701234521".into(),
        uses: vec![TelephoneUse::Sms],
    }];
    record.phones = vec![Phone {
        name: "Pixel".into(),
        credential: vec![1],
        public_key: Vec::new(),
        origin: "https://mfa.example.org".into(),
        backup_eligible: false,
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    }];
    record
}

/// One that a judge has made.
fn accepted(record: &Record) -> Accepted {
    let subject = Subject {
        record,
        config: &Config::default(),
        service: "sudo",
        origin: Origin::default(),
    };
    let right = RecoveryCode::new([1; 10]);
    let state = State::enrolled(record, None);
    let judged = judge(
        &Answer::Recovery(right),
        Expected::App,
        subject,
        &state,
        NOW,
    );
    let Verdict::Accepted(accepted) = judged.verdict else {
        panic!("{:?}", judged.verdict)
    };
    accepted
}

/// A step, without what it carries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Doing {
    Ask,
    CallPhone,
    HearPhone,
    Send,
    Judge { form: &'static str, sent: bool },
}

/// What is heard of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Event {
    Typed(&'static str),
    Line(usize),
    Program(Refusal),
    Nobody { at_once: bool },
    Called,
    Waits,
    Sent,
    Failed,
    Accepted,
    NotMe,
    Wrong,
    Locked,
    Gone,
}

/// All that decides how a dialogue goes on: what is said to the person does not.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    ways: Vec<&'static str>,
    gate: bool,
    bypass: bool,
    asking: Asking,
    is_called: bool,
    is_sent: bool,
    counts: [u32; 4],
    flags: [bool; 4],
    typed: Option<&'static str>,
    line: Option<usize>,
    doing: Doing,
}

/// A dialogue and what it has just said should be done.
struct Place<'r> {
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

fn copy<'r>(it: &Dialogue<'r>) -> Dialogue<'r> {
    let typed = it.typed.as_ref().map(|typed| Typed {
        answer: Answer::parse(form_of(&typed.answer).as_bytes(), it.digits()),
        line: typed.line,
    });
    Dialogue {
        ways: it.ways.clone(),
        said: None,
        typed,
        ..*it
    }
}

impl<'r> Place<'r> {
    fn key(&self) -> Key {
        let it = &self.dialogue;
        let mut ways: Vec<_> = it.ways.iter().map(|way| way.method().word()).collect();
        // In which order they stand changes the numbers of the list, and nothing else from here on.
        ways.sort_unstable();
        Key {
            ways,
            gate: it.look.gate == Gate::Open,
            bypass: it.look.bypass,
            asking: it.asking,
            is_called: it.is_called,
            is_sent: it.sent.is_some(),
            counts: [it.answers, it.early, it.choices, it.prompts.min(2)],
            flags: [it.by_enter, it.is_blind, it.is_uncalled, it.offers_care],
            typed: it.typed.as_ref().map(|typed| form_of(&typed.answer)),
            line: it.typed.as_ref().and_then(|typed| typed.line),
            doing: self.doing,
        }
    }

    /// The lines of the list, if that is what is shown.
    fn lines(&self) -> Vec<Entry<'r>> {
        let is_list = self.dialogue.asking == Asking::Way;
        is_list.then(|| self.dialogue.entries()).unwrap_or_default()
    }

    /// Whether this answer can be right.
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

    /// All that may be heard here.
    fn events(&self) -> Vec<Event> {
        let phone = [Event::Waits, Event::Failed, Event::Accepted, Event::NotMe];
        match self.doing {
            Doing::Ask => {
                let mut events: Vec<Event> = FORMS.map(Event::Typed).to_vec();
                events.extend((0..self.lines().len()).map(Event::Line));
                events
                    .extend([Refusal::PasswordAnswered, Refusal::NameAnswered].map(Event::Program));
                events.extend([true, false].map(|at_once| Event::Nobody { at_once }));
                if self.dialogue.is_called && !self.dialogue.by_enter {
                    events.extend(phone);
                }
                events
            }
            Doing::CallPhone => vec![Event::Called, Event::Failed],
            Doing::HearPhone => phone.to_vec(),
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
            Event::Waits => Heard::Waits,
            Event::Sent => Heard::Sent(world.telephone()),
            Event::Failed => Heard::Failed(Text::PhoneAway, Refusal::PhoneAway),
            Event::Accepted if self.doing == Doing::HearPhone || self.doing == Doing::Ask => {
                Heard::Decided(Outcome::Accepted(world.accepted.clone()))
            }
            Event::Accepted => Heard::Judged(Verdict::Accepted(world.accepted.clone()), NOW),
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

/// What there is.
struct World {
    record: Record,
    accepted: Accepted,
}

impl World {
    fn telephone(&self) -> SentTo<'_> {
        SentTo {
            by: TelephoneUse::Sms,
            number: &self.record.numbers[0],
        }
    }

    /// Every beginning: each order of each set of ways, and each first look.
    fn beginnings(&self) -> Vec<(Dialogue<'_>, Step<'_>)> {
        let mut all = Vec::new();
        for ways in orders(&["approval", "code", "sms", "recovery"]) {
            let rule = format!("[telephone]\nsms = true\n[service.sudo]\nmethods = {ways:?}");
            let config = Config::parse(&rule).unwrap();
            for bits in 0..32_u32 {
                let bit = |place: u32| bits >> place & 1 == 1;
                let look = FirstLook {
                    gate: if bit(0) { Gate::Open } else { LOCKED },
                    locked_for: 60,
                    is_blind: bit(1),
                    recovery: bit(2),
                    bypass: bit(3),
                };
                let begun = Dialogue::begin(&self.record, &config, "sudo", look, bit(4));
                all.push(begun);
            }
        }
        all
    }
}

/// Each order of each set of these, but for the empty one, which no configuration has.
fn orders(of: &[&'static str]) -> Vec<Vec<&'static str>> {
    let mut all = Vec::new();
    for (place, first) in of.iter().enumerate() {
        let rest = [&of[..place], &of[place + 1..]].concat();
        all.push(vec![*first]);
        for mut order in orders(&rest) {
            order.insert(0, first);
            all.push(order);
        }
    }
    all
}

fn place<'r>(dialogue: Dialogue<'r>, step: Step<'r>) -> Result<Place<'r>, End> {
    let doing = match step {
        Step::Ask => Doing::Ask,
        Step::CallPhone => Doing::CallPhone,
        Step::HearPhone { .. } => Doing::HearPhone,
        Step::Send(_) => Doing::Send,
        Step::Judge { answer, sent } => Doing::Judge {
            form: form_of(&answer),
            sent,
        },
        Step::End(end) => return Err(end),
    };
    Ok(Place { dialogue, doing })
}

/// All of it.
struct Walk<'r> {
    places: Vec<Place<'r>>,
    /// Where each place leads; not to the ends.
    ways: Vec<Vec<usize>>,
    /// Whether a right answer can be given at once.
    accepts: Vec<bool>,
    transitions: usize,
}

impl<'r> Walk<'r> {
    /// Walks, and lets `look` see each transition.
    fn through(
        world: &'r World,
        mut look: impl FnMut(&Place<'r>, Event, &Result<Place<'r>, End>),
    ) -> Self {
        let mut walk = Walk {
            places: Vec::new(),
            ways: Vec::new(),
            accepts: Vec::new(),
            transitions: 0,
        };
        let mut known: HashMap<Key, usize> = HashMap::new();
        for (mut dialogue, step) in world.beginnings() {
            // From near the limits: what lies before them is the same.
            dialogue.early = MOST_EARLY - 2;
            dialogue.choices += MOST_CHOICES - 3;
            if let Ok(place) = place(dialogue, step) {
                walk.find(place, &mut known);
            }
        }
        let mut at = 0;
        while at < walk.places.len() {
            for event in walk.places[at].events() {
                let (dialogue, step) = walk.places[at].hear(event, world);
                let next = place(dialogue, step);
                look(&walk.places[at], event, &next);
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

    fn find(&mut self, place: Place<'r>, known: &mut HashMap<Key, usize>) -> usize {
        *known.entry(place.key()).or_insert_with(|| {
            self.places.push(place);
            self.ways.push(Vec::new());
            self.accepts.push(false);
            self.places.len() - 1
        })
    }

    /// How many of the ways that lead to each place come from another.
    fn origins(&self) -> Vec<Vec<usize>> {
        let mut origins = vec![Vec::new(); self.places.len()];
        for (from, ways) in self.ways.iter().enumerate() {
            for to in ways {
                origins[*to].push(from);
            }
        }
        origins
    }
}

fn world() -> World {
    let record = alice();
    World {
        accepted: accepted(&record),
        record,
    }
}

#[test]
fn every_way_through_a_dialogue_ends_and_wherever_it_asks_a_right_answer_can_be_given() {
    let world = world();
    let walk = Walk::through(&world, |_, _, _| {});
    println!(
        "{} states, {} transitions",
        walk.places.len(),
        walk.transitions
    );
    let origins = walk.origins();
    // It ends: taking away, again and again, what leads nowhere but to ends, nothing is left.
    let mut left: Vec<usize> = walk.ways.iter().map(Vec::len).collect();
    let mut ended: VecDeque<usize> = (0..left.len()).filter(|place| left[*place] == 0).collect();
    let mut gone = 0;
    while let Some(place) = ended.pop_front() {
        gone += 1;
        for from in &origins[place] {
            left[*from] -= 1;
            if left[*from] == 0 {
                ended.push_back(*from);
            }
        }
    }
    assert_eq!(gone, walk.places.len());
    let mut can: Vec<bool> = walk.accepts.clone();
    let mut reached: Vec<usize> = (0..can.len()).filter(|place| can[*place]).collect();
    while let Some(place) = reached.pop() {
        for from in &origins[place] {
            if !can[*from] {
                can[*from] = true;
                reached.push(*from);
            }
        }
    }
    for (place, can) in walk.places.iter().zip(can) {
        assert!(can || place.doing != Doing::Ask, "{}", place.describe());
    }
}

#[test]
fn at_most_three_answers_are_judged_and_only_a_judge_accepts() {
    let world = world();
    Walk::through(&world, |from, event, to| match to {
        Ok(to) => {
            let is_judged = matches!(to.doing, Doing::Judge { .. });
            let answers = from.dialogue.answers + u32::from(is_judged);
            assert_eq!(to.dialogue.answers, answers, "{}", from.describe());
            assert!(to.dialogue.answers <= MOST_ANSWERS);
        }
        Err(end) => {
            let is_accepted = matches!(end.outcome, Outcome::Accepted(_));
            assert_eq!(is_accepted, event == Event::Accepted, "{}", from.describe());
        }
    });
}

#[test]
fn no_phone_is_called_and_nothing_is_sent_that_was_not_chosen_or_is_first() {
    let world = world();
    for (dialogue, step) in world.beginnings() {
        let is_first = dialogue.ways.first() == Some(&Way::Approval) && !dialogue.look.is_blind;
        assert_eq!(matches!(step, Step::CallPhone), is_first);
        assert!(!matches!(step, Step::Send(_)));
    }
    Walk::through(&world, |from, event, to| {
        let Ok(to) = to else { return };
        let line = match event {
            Event::Line(line) => Some(line),
            _ if from.doing == Doing::HearPhone => {
                from.dialogue.typed.as_ref().and_then(|typed| typed.line)
            }
            _ => None,
        };
        let chosen = line.and_then(|line| from.lines().get(line).copied());
        match to.doing {
            Doing::CallPhone => assert_eq!(
                chosen,
                Some(Entry::Way(Way::Approval)),
                "{}",
                from.describe()
            ),
            Doing::Send => assert!(
                matches!(chosen, Some(Entry::Way(Way::Telephone(..)))),
                "{}",
                from.describe()
            ),
            _ => {}
        }
    });
}

#[test]
fn a_code_that_was_sent_stays_valid_while_the_list_is_shown() {
    let world = world();
    let mut seen = 0;
    Walk::through(&world, |from, event, to| {
        let is_list = from.dialogue.asking == Asking::Way && from.dialogue.sent.is_some();
        let is_typed = event == Event::Typed(CODE) && !from.dialogue.is_called;
        if from.doing == Doing::Ask && is_list && is_typed {
            let doing = to.as_ref().map(|to| to.doing);
            assert_eq!(
                doing.ok(),
                Some(Doing::Judge {
                    form: CODE,
                    sent: true
                }),
                "{}",
                from.describe()
            );
            seen += 1;
        }
    });
    assert!(seen > 0);
}

#[test]
fn whatever_is_typed_the_phone_is_heard_first_and_who_turns_away_from_it_takes_the_request_back() {
    let world = world();
    let mut turned = 0;
    Walk::through(&world, |from, event, to| {
        if matches!(event, Event::Typed(_) | Event::Line(_)) && from.dialogue.is_called {
            let doing = to.as_ref().map(|to| to.doing);
            assert_eq!(doing.ok(), Some(Doing::HearPhone), "{}", from.describe());
        }
        let Ok(to) = to else { return };
        let turns = matches!(to.dialogue.asking, Asking::Recovery | Asking::Sent);
        if turns || to.doing == Doing::Send {
            assert!(!to.dialogue.is_called, "{}", from.describe());
            turned += u32::from(from.dialogue.is_called);
        }
    });
    assert!(turned > 0);
}

#[test]
fn a_program_that_answers_by_itself_or_cannot_ask_ends_it_unseen_and_a_person_who_leaves_has_cancelled()
 {
    let world = world();
    Walk::through(&world, |from, event, to| {
        let expected = match event {
            Event::Program(why) => (Outcome::Refused(why), true),
            Event::Nobody { at_once: true } if from.dialogue.prompts == 1 => {
                (Outcome::Refused(Refusal::CannotAsk), true)
            }
            Event::Nobody { .. } => (Outcome::Cancelled, false),
            _ => return,
        };
        let Err(end) = to else {
            panic!("{}", from.describe())
        };
        let (outcome, was_unseen) = expected;
        assert_eq!(format!("{:?}", end.outcome), format!("{outcome:?}"));
        assert_eq!(end.was_unseen, was_unseen);
    });
}

#[test]
fn a_line_of_the_list_is_taken_for_what_it_is_of_a_person_whose_name_is_a_number_too() {
    let record = alice();
    let rule = "[telephone]\nsms = true\n[service.sudo]\nmethods = [\"sms\"]";
    let config = Config::parse(rule).unwrap();
    let look = FirstLook {
        gate: Gate::Open,
        locked_for: 0,
        is_blind: false,
        recovery: false,
        bypass: false,
    };
    for (why, is_taken) in [
        (Refusal::NameAnswered, true),
        (Refusal::PasswordAnswered, false),
    ] {
        let (mut dialogue, _) = Dialogue::begin(&record, &config, "sudo", look, false);
        let step = dialogue.next(Heard::Typed {
            typed: Zeroizing::new(b"1".to_vec()),
            by_program: Some(why),
        });
        assert_eq!(matches!(step, Step::Send(_)), is_taken);
    }
}

impl Place<'_> {
    fn describe(&self) -> String {
        let it = &self.dialogue;
        let ways: Vec<&str> = it.ways.iter().map(|way| way.method().word()).collect();
        format!(
            "{:?} at {:?} with {ways:?}, called {}, sent {}, answers {}, early {}, choices {}",
            self.doing,
            it.asking,
            it.is_called,
            it.sent.is_some(),
            it.answers,
            it.early,
            it.choices
        )
    }
}
