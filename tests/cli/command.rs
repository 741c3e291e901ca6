//! The command, run to its end, and what comes of it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use antiphon_core::code::code_at;
use antiphon_core::name::UserName;
use antiphon_core::record::{CodeSecret, Record};
use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, World};
use serde_json::Value;

/// How it ended and what it said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Of a table of cases, which.
    case: String,
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The one object of `--json`.
    pub(crate) fn object(&self) -> Value {
        assert_eq!(self.out.matches('\n').count(), 1, "{self:#?}");
        let object: Value = serde_json::from_str(&self.out).unwrap();
        assert!(object.is_object(), "{self:#?}");
        object
    }

    /// The same, in the case of a table that is named so.
    pub(crate) fn case(mut self, case: &str) -> Self {
        case.clone_into(&mut self.case);
        self
    }

    /// The same, if it left with 0.
    pub(crate) fn done(self) -> Self {
        self.exits(0)
    }

    /// The same, if it left with `status`.
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// The same, if it left with `status` and an error that says `part`.
    pub(crate) fn failed(self, status: i32, part: &str) -> Self {
        self.exits(status).warns(part)
    }

    /// The same, if its output says `part`.
    pub(crate) fn says(self, part: &str) -> Self {
        assert!(self.out.contains(part), "no {part:?} in {self:#?}");
        self
    }

    /// The same, if its output does not say `part`.
    pub(crate) fn says_no(self, part: &str) -> Self {
        assert!(!self.out.contains(part), "{part:?} in {self:#?}");
        self
    }

    /// The same, if its standard error says `part`.
    pub(crate) fn warns(self, part: &str) -> Self {
        assert!(self.err.contains(part), "no {part:?} in {self:#?}");
        self
    }
}

/// `antiphon` with these arguments, in words, and nothing to read.
pub(crate) fn antiphon(world: &World, arguments: &str) -> Said {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    antiphon_with(world, &words)
}

/// `antiphon` with these arguments, whatever is in them, and nothing to read.
pub(crate) fn antiphon_with(world: &World, arguments: &[&str]) -> Said {
    run(&mut command(world, arguments), "")
}

/// `antiphon` with these arguments, whose output nobody can read.
pub(crate) fn into_a_full_disk(world: &World, arguments: &[&str]) -> Said {
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let mut command = command(world, arguments);
    let child = command.stdout(full.unwrap()).stderr(Stdio::piped()).spawn();
    end(child.unwrap())
}

/// `antiphon` with these arguments, still to be run.
pub(crate) fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(&world.product().command);
    command.args(arguments);
    command
}

/// Runs `command`, which reads `input`.
pub(crate) fn run(command: &mut Command, input: &str) -> Said {
    let mut child = piped(command);
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    end(child)
}

/// Enrols by `--json`, and answers with what `answer` makes of the object.
pub(crate) fn enroll_answering(
    world: &World,
    arguments: &[&str],
    answer: impl FnOnce(&Enrolment) -> String,
) -> (Enrolment, Said) {
    let mut child = piped(command(world, &["enroll", "--json"]).args(arguments));
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    let enrolment = Enrolment::of(&line);
    let _ = child
        .stdin
        .take()
        .unwrap()
        .write_all(answer(&enrolment).as_bytes());
    out.read_to_string(&mut line).unwrap();
    let mut said = end(child);
    said.out = line;
    (enrolment, said)
}

/// Enrols, and confirms by a code, which comes with it.
pub(crate) fn enroll_confirmed(world: &World, arguments: &[&str]) -> (Enrolment, String) {
    let mut code = String::new();
    let (enrolment, said) = enroll_answering(world, arguments, |draft| {
        code = draft.code();
        format!("{code}\n")
    });
    said.done();
    (enrolment, code)
}

/// Whether PAM lets alice in by this answer, `seconds` from now.
pub(crate) fn signs_in(world: &World, answer: &str, seconds: i64) -> bool {
    let played = PamHost::new(world, "alice")
        .option(&format!("--clock={seconds}"))
        .answer(answer)
        .play();
    played.result() == "PAM_SUCCESS"
}

/// Enrols without a question.
pub(crate) fn enroll(world: &World, user: &str) -> Enrolment {
    let said = antiphon(world, &format!("enroll {user} --no-confirm --json"));
    Enrolment::of(&said.done().out)
}

/// What the object of `enroll --json` says.
pub(crate) struct Enrolment {
    pub(crate) otpauth: String,
    pub(crate) secret: String,
    pub(crate) recovery: Vec<String>,
    code: CodeSecret,
}

impl Enrolment {
    /// Of the object on this line.
    pub(crate) fn of(line: &str) -> Self {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
        let text = |key: &str| object[key].as_str().unwrap().to_owned();
        Self {
            otpauth: text("otpauth"),
            secret: text("secret"),
            recovery: recovery_codes(&object),
            code: secret_of(&text("secret")),
        }
    }

    /// The code that an app with this secret shows now.
    pub(crate) fn code(&self) -> String {
        code_of(&self.code, 0)
    }

    /// The code that it shows so many seconds from now.
    pub(crate) fn code_in(&self, seconds: i64) -> String {
        code_of(&self.code, seconds)
    }
}

/// The recovery codes in the object of `enroll --json` or `recovery --json`.
pub(crate) fn recovery_codes(object: &Value) -> Vec<String> {
    serde_json::from_value(object["recovery_codes"].clone()).unwrap()
}

/// The key in the address that is shown.
pub(crate) fn secret_in(shown: &str) -> &str {
    let (_, rest) = shown.split_once("secret=").unwrap();
    rest.split('&').next().unwrap()
}

/// A secret as an app takes it from a key in base32.
pub(crate) fn secret_of(key: &str) -> CodeSecret {
    let user = UserName::new("somebody").unwrap();
    let text = format!(
        "version = 1\nuser = \"somebody\"\n[code]\nsecret = \"{key}\"\nalgorithm = \"SHA1\"\ndigits = 6\nperiod = 30\n"
    );
    Record::parse(&text, &user).unwrap().code.unwrap()
}

/// The code of `secret` so many seconds from now.
pub(crate) fn code_of(secret: &CodeSecret, seconds: i64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    code_at(secret, UnixTime(now.saturating_add_signed(seconds))).to_string()
}

/// Runs a script of the shell's, as root.
pub(crate) fn sh(script: &str) {
    let status = Command::new("sh").args(["-ec", script]).status().unwrap();
    assert!(status.success(), "{script}");
}

/// Every file of ours, with its bytes: to see that nothing has changed.
pub(crate) fn files(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let folders = [
        world.record_path("alice"),
        world.state_path("alice"),
        "/var/lib/antiphon/activity/x".into(),
    ];
    for path in folders {
        for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
            let path = entry.unwrap().path();
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn piped(command: &mut Command) -> std::process::Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("antiphon, as built for release")
}

/// What comes of it when it has ended.
pub(crate) fn end(child: std::process::Child) -> Said {
    let output = child.wait_with_output().unwrap();
    Said {
        case: String::new(),
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
