//! What a person reads at each prompt, what the log calls it, and what is left to say at the end.

use zeroize::Zeroizing;

use super::walk::{LOCKED, NOW, PROVIDER, World};
use super::{Dialogue, End, FirstLook, Heard, ShownRequest, Step};
use crate::config::Config;
use crate::judge::Verdict;
use crate::method::Method;
use crate::outcome::Outcome;
use crate::record::TelephoneUse;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::{AccountText, Besides, Entry, Language, Text, Then};
use crate::way::Way;

const NUMBER: &str = "42";
const ADDRESS: &str = "mfa.example.org/a/abcde-fghij";

/// A sign-in by these methods, whose first look is the usual one.
struct Talk<'r> {
    dialogue: Dialogue<'r>,
    step: Step<'r>,
}

impl<'r> Talk<'r> {
    fn begin(world: &'r World, methods: &[&str]) -> Self {
        Self::begin_with(world, methods, false, false)
    }

    fn begin_with(world: &'r World, methods: &[&str], by_enter: bool, is_blind: bool) -> Self {
        let rule =
            format!("[telephone]\nsms = true\n{PROVIDER}[service.sudo]\nmethods = {methods:?}");
        let config: &Config = Box::leak(Box::new(Config::parse(&rule).unwrap()));
        let look = FirstLook {
            gate: Gate::Open,
            now: NOW,
            is_blind,
            recovery: true,
            bypass: false,
            is_rehearsal: false,
            is_of_fleet: false,
        };
        let (dialogue, step) = Dialogue::begin(&world.record, config, "sudo", look, by_enter);
        let mut talk = Self { dialogue, step };
        if matches!(talk.step, Step::CallPhone) {
            talk.hear(Heard::Called);
        }
        talk
    }

    fn hear(&mut self, heard: Heard<'r>) {
        self.step = self.dialogue.next(heard);
    }

    /// Types; the phone, if it is asked first, waits.
    fn types(&mut self, typed: &str) {
        self.hear(Heard::Typed {
            typed: Zeroizing::new(typed.as_bytes().to_vec()),
            by_program: None,
        });
        if matches!(self.step, Step::HearApproval { .. }) {
            self.hear(Heard::Waits);
        }
    }

    /// Types a code that turns out wrong.
    fn is_wrong(&mut self, gate: Gate) {
        self.types("123456");
        assert!(matches!(self.step, Step::Judge { .. }));
        let verdict = Verdict::WrongCode { gate, skew: None };
        self.hear(Heard::Judged(verdict, NOW));
    }

    fn choose(&mut self, entry: Entry<'_>) {
        let entries = self.dialogue.entries();
        let line = entries.iter().position(|found| *found == entry);
        self.types(&(line.expect("a line of the list") + 1).to_string());
    }

    /// The prompt, in English.
    fn reads(&self) -> String {
        assert!(matches!(self.step, Step::Ask));
        let shown = self.dialogue.is_called().then_some(ShownRequest {
            number: NUMBER,
            address: ADDRESS,
        });
        self.dialogue.prompt(shown, Language::English)
    }

    fn end(self) -> End {
        let Step::End(end) = self.step else {
            panic!("it goes on")
        };
        end
    }
}

fn english(text: &Text<'_>) -> String {
    text.in_language(Language::English)
}

fn code(others: bool) -> String {
    english(&Text::CodePrompt { digits: 6, others })
}

fn recovery(others: bool) -> String {
    english(&Text::RecoveryPrompt { others })
}

fn approval(besides: Besides, enter: bool, others: bool) -> String {
    english(&Text::ApprovalPrompt {
        number: NUMBER,
        besides,
        enter,
        others,
    })
}

#[test]
fn the_first_prompt_names_what_can_be_typed_and_says_if_there_is_more() {
    let world = World::new();
    for (methods, by_enter, shown, asks_for) in [
        (&["code"][..], false, code(false), Method::Code),
        (&["code", "recovery"], false, code(true), Method::Code),
        (&["code", "approval"], false, code(true), Method::Code),
        (&["recovery"], false, recovery(false), Method::Recovery),
        (
            &["recovery", "code"],
            false,
            recovery(true),
            Method::Recovery,
        ),
        (
            &["approval"],
            false,
            approval(Besides::Nothing, false, false),
            Method::Approval,
        ),
        (
            &["approval", "sms"],
            true,
            approval(Besides::Nothing, true, true),
            Method::Approval,
        ),
        (
            &["approval", "recovery"],
            false,
            approval(Besides::Recovery, false, false),
            Method::Approval,
        ),
        // Where Enter is asked for, nothing else is named.
        (
            &["approval", "recovery"],
            true,
            approval(Besides::Recovery, true, true),
            Method::Approval,
        ),
        (
            &["approval", "code"],
            true,
            approval(Besides::Code(6), true, false),
            Method::Approval,
        ),
        (
            &["approval", "code", "recovery"],
            false,
            approval(Besides::Code(6), false, true),
            Method::Approval,
        ),
    ] {
        let talk = Talk::begin_with(&world, methods, by_enter, false);
        assert_eq!(talk.reads(), shown, "{methods:?}");
        assert_eq!(talk.dialogue.asks_for(), asks_for.word(), "{methods:?}");
    }
}

#[test]
fn a_phone_that_is_not_called_because_nobody_would_see_the_number_can_be_called_from_the_list() {
    let world = World::new();
    let mut talk = Talk::begin_with(&world, &["approval", "code"], false, true);
    assert_eq!(talk.reads(), code(true));
    // Enter alone says nothing about who is there.
    talk.types("");
    assert!(talk.dialogue.is_blind());
    talk.choose(Entry::Way(Way::Approval));
    assert!(!talk.dialogue.is_blind());
    assert!(matches!(talk.step, Step::CallPhone));
}

#[test]
fn the_list_has_each_method_the_looking_after_them_and_a_way_out() {
    let world = World::new();
    let telephone = world.telephone();
    let sms = Entry::Way(Way::Telephone(telephone.by, telephone.number));
    let mut talk = Talk::begin(&world, &["sms", "recovery"]);
    let lines = [
        sms,
        Entry::Way(Way::Recovery),
        Entry::Methods,
        Entry::Cancel,
    ];
    assert_eq!(talk.reads(), english(&Text::Choose(&lines)));
    assert_eq!(talk.dialogue.asks_for(), "choice");
    talk.choose(sms);
    talk.hear(Heard::Sent(telephone));
    let sent = Text::SentPrompt {
        by: TelephoneUse::Sms,
        tel: &telephone.number.masked(),
        others: true,
    };
    assert_eq!(talk.reads(), english(&sent));
    talk.types("?");
    talk.choose(Entry::Way(Way::Recovery));
    assert_eq!(talk.reads(), recovery(true));
}

#[test]
fn a_recovery_code_is_no_code_that_was_sent_unless_one_was() {
    let world = World::new();
    for was_sent in [false, true] {
        let mut talk = Talk::begin(&world, &["sms", "recovery"]);
        if was_sent {
            talk.choose(talk.dialogue.entries()[0]);
            talk.hear(Heard::Sent(world.telephone()));
        }
        talk.types("abcdefghijklmnop");
        let Step::Judge { sent, .. } = talk.step else {
            panic!("it is not judged")
        };
        assert_eq!(sent, was_sent);
    }
}

#[test]
fn who_chooses_the_phone_that_has_the_request_sees_the_number_again() {
    let world = World::new();
    let mut talk = Talk::begin(&world, &["approval", "code", "sms"]);
    let shown = talk.reads();
    talk.types("?");
    talk.choose(Entry::Way(Way::Approval));
    assert_eq!(talk.reads(), shown);
    assert!(talk.dialogue.is_called());
}

#[test]
fn what_was_wrong_is_said_before_the_next_prompt_and_at_the_end_and_counted() {
    let world = World::new();
    let wrong = english(&Text::WrongCode);
    let mut talk = Talk::begin(&world, &["code"]);
    for _ in 0..2 {
        talk.is_wrong(Gate::Open);
        assert_eq!(talk.reads(), format!("{wrong}\n{}", code(false)));
    }
    talk.is_wrong(Gate::Open);
    let end = talk.end();
    let refused = Outcome::Refused(Refusal::Wrong);
    assert_eq!(format!("{:?}", end.outcome), format!("{refused:?}"));
    assert_eq!(end.last_words, Some(Text::WrongCode));
    assert_eq!(end.own_wrong_codes, 3);
}

#[test]
fn who_is_locked_by_a_wrong_code_is_told_for_how_long() {
    let world = World::new();
    let mut talk = Talk::begin(&world, &["code", "recovery"]);
    talk.is_wrong(LOCKED);
    let end = talk.end();
    let locked = Outcome::Locked(LOCKED);
    assert_eq!(format!("{:?}", end.outcome), format!("{locked:?}"));
    assert_eq!(end.last_words, Some(Text::Locked(60)));
}

#[test]
fn who_wants_to_look_after_their_methods_has_chosen_that() {
    let world = World::new();
    for wants in [false, true] {
        let mut talk = Talk::begin(&world, &["code", "recovery"]);
        talk.types("?");
        if wants {
            talk.choose(Entry::Methods);
        }
        talk.hear(Heard::Decided(Outcome::Accepted(world.accepted.clone())));
        assert_eq!(talk.end().wants_care, wants);
    }
}

/// Has the account asked for an approval that ends with check digits, or not.
fn ask_account(talk: &mut Talk<'_>, check_digits: bool) {
    let Step::CallAccount(way) = talk.step else {
        panic!("it is not asked")
    };
    talk.hear(Heard::AccountCalled { way, check_digits });
}

fn account(besides: Besides, then: Then, others: bool) -> String {
    let prompt = AccountText::Prompt {
        number: NUMBER,
        address: ADDRESS,
        label: "KMH account",
        besides,
        then,
        others,
    };
    english(&prompt.into())
}

#[test]
fn the_prompt_of_an_account_names_what_ends_it_and_what_else_can_be_typed() {
    let world = World::new();
    let six = Besides::Code(6);
    for (methods, by_enter, check_digits, shown) in [
        (
            &["account"][..],
            false,
            false,
            account(Besides::Nothing, Then::Nothing, false),
        ),
        (
            &["account"],
            false,
            true,
            account(Besides::Nothing, Then::CheckDigits, false),
        ),
        (
            &["account"],
            true,
            false,
            account(Besides::Nothing, Then::Enter, false),
        ),
        (
            &["account", "code"],
            true,
            true,
            account(six, Then::CheckDigits, false),
        ),
        (
            &["account", "code", "recovery"],
            false,
            false,
            account(six, Then::Nothing, true),
        ),
        (
            &["account", "recovery"],
            false,
            false,
            account(Besides::Recovery, Then::Nothing, false),
        ),
        (
            &["account", "recovery"],
            false,
            true,
            account(Besides::Recovery, Then::CheckDigits, true),
        ),
        (
            &["account", "approval"],
            false,
            false,
            account(Besides::Nothing, Then::Nothing, true),
        ),
    ] {
        let mut talk = Talk::begin_with(&world, methods, by_enter, false);
        ask_account(&mut talk, check_digits);
        assert_eq!(talk.reads(), shown, "{methods:?}");
        assert_eq!(talk.dialogue.asks_for(), "account");
        assert_eq!(talk.dialogue.by_enter(), by_enter || check_digits);
    }
}

#[test]
fn of_two_accounts_the_one_that_is_asked_is_named_and_the_other_can_be_chosen() {
    let world = World::with_two_accounts();
    let mut talk = Talk::begin(&world, &["account"]);
    ask_account(&mut talk, false);
    let shown = account(Besides::Nothing, Then::Nothing, true);
    assert_eq!(talk.reads(), shown);
    talk.types("?");
    let entries = talk.dialogue.entries();
    let labels: Vec<String> = entries
        .iter()
        .map(|entry| entry.in_language(Language::English))
        .collect();
    assert_eq!(
        labels[..2],
        [
            "Approve with your KMH account: Anna a",
            "Approve with your KMH account: Anna b"
        ]
    );
    talk.choose(entries[1]);
    let Step::CallAccount(way) = talk.step else {
        panic!("the other is not asked")
    };
    assert_eq!(way.account.subject.id, "b");
    assert!(!talk.dialogue.is_called());
    ask_account(&mut talk, false);
    talk.hear(Heard::Failed(
        AccountText::Expired.into(),
        Refusal::NoAnswer,
    ));
    assert_eq!(talk.dialogue.asks_for(), "choice");
}

#[test]
fn what_is_still_missing_is_said_before_the_next_prompt() {
    let world = World::new();
    let mut talk = Talk::begin(&world, &["account", "code"]);
    ask_account(&mut talk, true);
    let shown = account(Besides::Code(6), Then::CheckDigits, false);
    talk.types("17");
    let not_yet = english(&AccountText::NotYet.into());
    assert_eq!(talk.reads(), format!("{not_yet}\n{shown}"));
    let typed = |typed: &str| Heard::Typed {
        typed: Zeroizing::new(typed.as_bytes().to_vec()),
        by_program: None,
    };
    talk.hear(typed("17"));
    talk.hear(Heard::AwaitsKey);
    let checking = english(&AccountText::Checking.into());
    assert_eq!(talk.reads(), format!("{checking}\n{shown}"));
    talk.hear(typed(""));
    assert!(matches!(talk.step, Step::HearApproval { patiently: true }));
    talk.hear(Heard::DigitsWanted);
    let missing = english(&AccountText::DigitsMissing.into());
    assert_eq!(talk.reads(), format!("{missing}\n{shown}"));
    talk.hear(typed("17"));
    assert!(matches!(talk.step, Step::HearApproval { patiently: true }));
    talk.hear(Heard::DigitsWanted);
    let Step::JudgeAccount(digits) = &talk.step else {
        panic!("they are not judged")
    };
    assert_eq!(digits.digits(), "17");
    talk.hear(Heard::Failed(
        AccountText::WrongDigits.into(),
        Refusal::Wrong,
    ));
    let wrong = english(&AccountText::WrongDigits.into());
    assert_eq!(talk.reads(), format!("{wrong}\n{}", code(true)));
}

#[test]
fn check_digits_that_are_the_persons_own_name_were_typed_by_the_person() {
    let world = World::new();
    for (why, is_taken) in [
        (Refusal::NameAnswered, true),
        (Refusal::PasswordAnswered, false),
    ] {
        let mut talk = Talk::begin(&world, &["account"]);
        ask_account(&mut talk, true);
        talk.hear(Heard::Typed {
            typed: Zeroizing::new(b"42".to_vec()),
            by_program: Some(why),
        });
        assert_eq!(matches!(talk.step, Step::HearApproval { .. }), is_taken);
    }
}
