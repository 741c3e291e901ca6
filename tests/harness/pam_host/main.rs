//! A PAM application whose conversation is a script: arguments and answers come in, JSON lines go out.
//!
//! Each message to the person is a line `{"style":…,"text":…}`, each authentication ends with a line
//! `{"result":"PAM_SUCCESS",…}`. It leaves with 0 whatever PAM said, and with 2 if it was called wrongly.
// It runs in tests only, and fails by panicking.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod arguments;
mod clock;
mod conversation;
mod ffi;
mod marks;
mod measure;
mod meeting;

use std::io::Read;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::{Value, json};

use arguments::Arguments;
use conversation::Script;
use ffi::Handle;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let mut answers = Vec::new();
    std::io::stdin().read_to_end(&mut answers).unwrap();
    clock::shift(arguments.clock);
    let script = Script::new(&answers).phone_first(arguments.phone_first);
    if arguments.at_once == 0 {
        authenticate(&arguments, script, &Value::Null);
    } else {
        meeting::hold(arguments.at_once, |number, meeting| {
            authenticate(&arguments, script.clone().at(meeting), &json!(number));
        });
    }
    if arguments.stop {
        nix::sys::signal::raise(nix::sys::signal::SIGSTOP).unwrap();
    }
    ExitCode::SUCCESS
}

/// Authenticates as often as asked, one after the other, and goes through the script once.
fn authenticate(arguments: &Arguments, script: Script, process: &Value) {
    let mut script = Box::new(script);
    for _ in 0..arguments.count {
        let mut handle = Handle::start(&arguments.service, &arguments.user, &mut script);
        for (item, value) in &arguments.items {
            handle.set_item(*item, value);
        }
        for variable in &arguments.variables {
            handle.put_env(variable);
        }
        let begun = Instant::now();
        marks::set("begin", arguments.marks);
        let code = handle.authenticate(arguments.silent);
        marks::set("end", arguments.marks);
        let nanoseconds = u64::try_from(begun.elapsed().as_nanos()).unwrap();
        let mut line =
            json!({ "result": ffi::code_name(code), "code": code, "nanoseconds": nanoseconds });
        if !process.is_null() {
            line["process"] = process.clone();
        }
        if arguments.setcred {
            line["setcred"] = json!(ffi::code_name(handle.establish_credentials()));
        }
        handle.end(code);
        if arguments.measure {
            line["resident_kib"] = json!(measure::resident_kib());
            line["descriptors"] = json!(measure::descriptors());
        }
        println!("{line}");
    }
}
