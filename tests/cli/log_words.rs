//! Programs that read the log rely on its words: antiphon-log-fields(7) has each field and each word that the source can
//! write, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use antiphon_core::logline::FIELDS;

use crate::pages::page;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src");
/// What adds a field to a line: its first argument is the name, the second the value.
const ADDERS: [&str; 4] = [".with(", ".line(", ".whole_line(", ".warn("];
/// The fields whose values are words, each with its sections in the manual.
const OF_WORDS: [&str; 21] = [
    "account",
    "after",
    "answer",
    "asked",
    "changed",
    "enrolled",
    "enrolment",
    "exempt",
    "fleet",
    "lock",
    "method",
    "outcome",
    "page",
    "pending",
    "phone",
    "reason",
    "rehearsal",
    "state",
    "telephone",
    "unchanged",
    "verified",
];

type Words = BTreeSet<String>;

/// Where the words of a value come from that is not written out where it is added.
enum Origin {
    /// Names or numbers: no words.
    Anything,
    /// Those of a struct `Done`, which are looked at where it is made.
    Done,
    /// The words in these functions of a file.
    In(&'static str, &'static [&'static str]),
    /// The words in the calls of a function, in a file.
    Calls(&'static str, &'static str),
    /// Several of these.
    Each(&'static [Origin]),
}

/// A field, how its value is written in the source, and where its words come from.
const VALUES: &[(&str, &str, Origin)] = &[
    ("account", "&account.subject.id", Origin::Anything),
    ("account", "accepted.account()", Origin::Anything),
    ("account", "word", WARNED),
    ("after", "shown_before.map_or(\"\", Method::word)", METHOD),
    ("asked", "method", Origin::Each(&[METHOD, ASKED])),
    ("changed", "what", CHANGED),
    ("enrolment", "step", ENROLMENT),
    ("fleet", "untrusted.word()", UNTRUSTED),
    ("fleet", "word", Origin::Each(&[OF_FLEET, UNTRUSTED])),
    ("method", "&event.method", METHOD),
    ("method", "by.method().word()", METHOD),
    ("method", "done.method", Origin::Done),
    ("method", "factor.word()", METHOD),
    ("method", "method.word()", METHOD),
    ("method", "method_of(outcome)", METHOD),
    ("outcome", "done.outcome", Origin::Done),
    (
        "outcome",
        "ending.word()",
        Origin::In("daemon/src/switchboard/ending.rs", &["word"]),
    ),
    (
        "outcome",
        "outcome.word()",
        Origin::In("core/src/outcome.rs", &["word"]),
    ),
    (
        "outcome",
        "why.outcome()",
        Origin::Each(&[
            Origin::In("link/src/phone/not_added.rs", &["outcome"]),
            Origin::In("link/src/account/not_added.rs", &["outcome"]),
        ]),
    ),
    (
        "outcome",
        "outcome",
        Origin::Calls("cli/src/providers/refresh.rs", "log("),
    ),
    ("phone", "accepted.phone()", Origin::Anything),
    ("phone", "done.phone", Origin::Anything),
    ("phone", "name", Origin::Anything),
    ("phone", "phone", Origin::Anything),
    ("phone", "word", Origin::Each(&[CALLED, WARNED])),
    (
        "reason",
        "outcome.reason().unwrap_or_default()",
        Origin::Each(&[REFUSAL, EXEMPT, TROUBLE, UNWRITTEN, LOCKED]),
    ),
    ("reason", "done.reason", Origin::Done),
    (
        "reason",
        "reason",
        Origin::Each(&[
            TROUBLE, UNWRITTEN, NOT_ADDED, FAULT, PASSKEY, NUMBER, ACCOUNT, TOKEN,
        ]),
    ),
    ("reason", "what", TROUBLE),
    (
        "reason",
        "source.word()",
        Origin::Each(&[
            Origin::In("cli/src/import/google_authenticator.rs", &["word"]),
            Origin::In("cli/src/import/oath.rs", &["word"]),
        ]),
    ),
    (
        "reason",
        "why.reason()",
        Origin::Each(&[NOT_ADDED, FAULT, PASSKEY, ACCOUNT, TOKEN]),
    ),
    (
        "reason",
        "why.word()",
        Origin::In("cli/src/changes/mod.rs", &["word"]),
    ),
    (
        "rehearsal",
        "rehearsed_right(ending)",
        Origin::In("pam/src/journal.rs", &["rehearsed_right"]),
    ),
    (
        "telephone",
        "word",
        Origin::In("pam/src/telephone.rs", &["log_sending"]),
    ),
    ("unchanged", "word", CHANGED),
    ("verified", "method.word()", METHOD),
];
const METHOD: Origin = Origin::In("core/src/method.rs", &["word"]);
const ASKED: Origin = Origin::In("core/src/dialogue/prompt.rs", &["asks_for"]);
/// Those of a person's own changes; root's have outcomes.
const CHANGED: Origin = Origin::In("core/src/person/edit.rs", &["word"]);
const ENROLMENT: Origin = Origin::Each(&[
    Origin::In("pam/src/enrolment/again.rs", &["confirm"]),
    Origin::Calls("", ".enrolling("),
]);
const CALLED: Origin = Origin::Calls("", ".about_phone(");
/// Of the phone or the account.
const WARNED: Origin = Origin::Calls("", ".warn_of(");
const OF_FLEET: Origin = Origin::Calls("pam/src/fleet.rs", ".warn_of_fleet(");
const UNTRUSTED: Origin = Origin::In("core/src/fleet/untrusted.rs", &["word"]);
const REFUSAL: Origin = Origin::In("core/src/refusal.rs", &["word"]);
const EXEMPT: Origin = Origin::In("core/src/policy.rs", &["word"]);
const LOCKED: Origin = Origin::In("core/src/outcome.rs", &["reason"]);
const TROUBLE: Origin = Origin::Calls("", "Trouble::new(");
const UNWRITTEN: Origin = Origin::In("core/src/disk/person_files/unwritten.rs", &["from"]);
const FAULT: Origin = Origin::In("core/src/approval/fault.rs", &["word"]);
const PASSKEY: Origin = Origin::In("core/src/invitation.rs", &["word"]);
const NOT_ADDED: Origin = Origin::In("link/src/phone/not_added.rs", &["reason"]);
const ACCOUNT: Origin = Origin::In("link/src/account/not_added.rs", &["reason"]);
const TOKEN: Origin = Origin::In("core/src/account/fault.rs", &["word"]);
const NUMBER: Origin = Origin::Calls("cli/src/number.rs", "write_down(");
/// Words of these functions that never come to be written there.
const NEVER: &[(&str, &str)] = &[
    // An account alone waits for a key.
    ("phone", "waits"),
    // The outcome says it.
    ("reason", "wrong"),
    ("reason", "reported"),
    // Edits that only root makes, or that the module says in other words.
    ("changed", "enrolled"),
    ("changed", "imported"),
    ("changed", "number-added"),
    ("changed", "number-removed"),
    ("changed", "bypass-granted"),
    ("changed", "bypass-withdrawn"),
    ("changed", "unlocked"),
];

/// A source file, without its tests and comments.
struct Source {
    path: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut folders = vec![Path::new(SOURCE).to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let lines = text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"));
                let path = path.strip_prefix(SOURCE).unwrap();
                sources.push(Source {
                    path: path.to_str().unwrap().to_owned(),
                    text: lines.collect::<Vec<_>>().join("\n") + "\n",
                });
            }
        }
    }
    sources
}

/// The arguments of a call, whose opening bracket stands just before `text`; each on one line.
fn arguments(text: &str) -> Vec<String> {
    let (mut arguments, mut argument) = (Vec::new(), String::new());
    let (mut depth, mut is_quoted, mut is_escaped) = (0, false, false);
    for character in text.chars() {
        if is_quoted {
            is_quoted = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
        } else {
            match character {
                '"' => is_quoted = true,
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' if depth == 0 => break,
                ')' | ']' | '}' => depth -= 1,
                ',' if depth == 0 => {
                    arguments.push(std::mem::take(&mut argument));
                    continue;
                }
                _ => {}
            }
        }
        argument.push(character);
    }
    arguments.push(argument);
    let words = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    arguments.retain(|argument| !argument.trim().is_empty());
    arguments.iter().map(words).collect()
}

/// The arguments of each call of `function`.
fn calls<'s>(source: &'s Source, function: &str) -> impl Iterator<Item = Vec<String>> + 's {
    let calls: Vec<&str> = source.text.split(function).skip(1).collect();
    calls.into_iter().map(arguments)
}

/// A string without quotes, if that is all that `value` is.
fn literal(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('"')).then_some(inner)
}

/// The strings in `text` that have the form of a word.
fn words_in(text: &str) -> Words {
    let parts = text.split('"').skip(1).step_by(2);
    let is_word = |part: &&str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| b"-abcdefghijklmnopqrstuvwxyz".contains(&byte))
    };
    parts.filter(is_word).map(str::to_owned).collect()
}

/// A place in the source that adds a field.
struct Place {
    field: String,
    /// As it is written there.
    value: String,
}

fn places(sources: &[Source]) -> Vec<Place> {
    let mut places = Vec::new();
    for source in sources {
        for adder in ADDERS {
            for call in calls(source, adder) {
                if let [name, value, ..] = &call[..]
                    && let Some(name) = literal(name)
                {
                    places.push(Place {
                        field: name.to_owned(),
                        value: value.clone(),
                    });
                }
            }
        }
        // What root did, in a struct.
        for done in calls(source, " Done {").chain(calls(source, "= Done {")) {
            for field in done {
                let (name, value) = field.split_once(": ").unwrap_or((&field, &field));
                if ["outcome", "reason", "method"].contains(&name) && !value.starts_with('&') {
                    places.push(Place {
                        field: name.to_owned(),
                        value: value.to_owned(),
                    });
                }
            }
        }
    }
    places
}

/// The words that `from` gives to `field`.
fn words_from(from: &Origin, sources: &[Source]) -> Words {
    match from {
        Origin::Anything | Origin::Done => Words::new(),
        Origin::In(path, functions) => {
            let source = sources.iter().find(|source| source.path == *path);
            let text = &source.unwrap_or_else(|| panic!("no {path}")).text;
            let mut words = Words::new();
            for function in *functions {
                let begin = format!("fn {function}(");
                assert!(text.contains(&begin), "{path} has no {function}");
                for body in text.split(&begin).skip(1) {
                    let body = body.split("\n    }\n").next().unwrap();
                    let body = body.split("\n}\n").next().unwrap();
                    words.extend(words_in(&body.replace(".with(\"", ".with(\"=")));
                }
            }
            words
        }
        Origin::Calls(path, function) => {
            let of_path = sources
                .iter()
                .filter(|source| path.is_empty() || source.path == *path);
            of_path
                .flat_map(|source| calls(source, function))
                .flat_map(|call| words_in(&call.join(", ")))
                .collect()
        }
        Origin::Each(all) => all
            .iter()
            .flat_map(|from| words_from(from, sources))
            .collect(),
    }
}

/// Every word that the source can write for `field`.
fn words_of(field: &str, sources: &[Source], places: &[Place]) -> Words {
    let mut words = Words::new();
    for Place { value, .. } in places.iter().filter(|place| place.field == field) {
        let known = VALUES
            .iter()
            .find(|(name, written, _)| *name == field && written == value);
        match known {
            Some((_, _, from)) => words.extend(words_from(from, sources)),
            None if value.contains('"') => words.extend(words_in(value)),
            None => panic!("{field}: say in VALUES where the words of `{value}` come from"),
        }
    }
    let field = if field == "unchanged" {
        "changed"
    } else {
        field
    };
    words.retain(|word| !NEVER.contains(&(field, word.as_str())));
    words
}

/// The bold words of a section's list, those on one line by themselves.
fn listed(page: &str, section: &str) -> Words {
    let (_, text) = page
        .split_once(&format!(".SH {section}\n"))
        .unwrap_or_else(|| panic!("no section {section}"));
    let text = text.split(".SH ").next().unwrap();
    let heads = text.split(".TP\n\\fB").skip(1);
    heads
        .flat_map(|head| head.split("\\fR\n").next().unwrap().split(", "))
        .map(str::to_owned)
        .collect()
}

const PAGE: &str = "antiphon-log-fields.7";

#[test]
fn every_field_of_a_line_is_known_and_stands_in_the_manual() {
    let places = places(&sources());
    let written: BTreeSet<&str> = places.iter().map(|place| place.field.as_str()).collect();
    assert_eq!(written, FIELDS.into_iter().collect());
    let mut listed = listed(&page(PAGE), "FIELDS");
    // Of journald's entries alone.
    assert!(listed.remove("from"));
    assert_eq!(listed, FIELDS.map(str::to_owned).into_iter().collect());
}

#[test]
fn every_word_that_can_be_logged_stands_in_the_manual_and_no_other_does() {
    let sources = sources();
    let places = places(&sources);
    let page = page(PAGE);
    let methods = words_of("method", &sources, &places);
    let steps = listed(&page, "STEPS");
    let mut written = Words::new();
    for field in OF_WORDS {
        let words = words_of(field, &sources, &places);
        assert!(!words.is_empty(), "{field}");
        let section = match field {
            "outcome" => "OUTCOMES",
            "reason" => "REASONS",
            "method" => "METHODS",
            // What is explained with the field itself.
            "after" | "rehearsal" => continue,
            _ => {
                // A method's word is explained once.
                let has_methods = steps.contains(&format!("{field}=METHOD"));
                let others = words
                    .iter()
                    .filter(|word| !has_methods || !methods.contains(*word));
                written.extend(others.map(|word| format!("{field}={word}")));
                continue;
            }
        };
        assert_eq!(words, listed(&page, section), "{field}");
    }
    let explained = steps
        .into_iter()
        .filter(|step| !step.ends_with("=METHOD"))
        .collect::<Words>();
    assert_eq!(written, explained);
}
