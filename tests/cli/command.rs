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

    /// The same, if it left with 0.
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.status, 0, "{self:#?}");
        self
    }

    /// The same, if it left with `status` and an error that says `part`.
    pub(crate) fn failed(self, status: i32, part: &str) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        assert!(self.err.contains(part), "no {part:?} in {self:#?}");
        self
    }
}

/// `antiphon` with these arguments, in words, and nothing to read.
pub(crate) fn antiphon(world: &World, arguments: &str) -> Said {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    run(&mut command(world, &words), "")
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
    Enrolment::of(
        &antiphon(world, &format!("enroll {user} --no-confirm --json"))
            .done()
            .out,
    )
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
        let codes = object["recovery_codes"].as_array().unwrap();
        Self {
            otpauth: text("otpauth"),
            secret: text("secret"),
            recovery: codes
                .iter()
                .map(|code| code.as_str().unwrap().to_owned())
                .collect(),
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

fn end(child: std::process::Child) -> Said {
    let output = child.wait_with_output().unwrap();
    Said {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
