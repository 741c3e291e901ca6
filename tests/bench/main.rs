//! The module beside its peers: what a sign-in costs, in one run and in turn.
//!
//! Every module signs in the same person on the same stage: a folder with an `/etc` and a `/var/lib` of its own, on the
//! disk or on a tmpfs, with one enrolled user or very many. A [`guest`] process enters the stage, and each sign-in there
//! has a wall clock one step further on, so that each code is a new one, for every module alike.
//!
//! What comes out are ratios and counts. Times of one machine say little about another; nothing here fails for being
//! slow, only for being refused. What the way over the phone costs is measured by [`phone`],
//! a fleet's by [`fleet`], and that by the organisation's account by [`account`].
// It runs in benchmarks only, and fails by panicking.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod account;
mod apart;
mod arguments;
mod clock;
mod conversation;
mod count;
#[path = "../harness/pam_host/ffi.rs"]
#[allow(dead_code)] // the benchmark sets no items
mod ffi;
mod figures;
mod fleet;
mod generate;
mod guest;
mod module;
mod phone;
mod process;
mod report;
mod returned;
mod sample;
mod stage;
mod subject;
mod surroundings;
mod unwinder;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    if let Some((word, rest)) = given.split_first() {
        match word.as_str() {
            guest::WORD => {
                guest::run(rest);
                return ExitCode::SUCCESS;
            }
            phone::PERSON => {
                phone::be_a_person(rest);
                return ExitCode::SUCCESS;
            }
            phone::WORD => return apart::run(phone::INSIDE, rest),
            account::WORD => return apart::run(account::INSIDE, rest),
            account::INSIDE => return account::measure(rest),
            phone::INSIDE => return phone::measure(rest),
            fleet::WORD => return apart::run(fleet::INSIDE, rest),
            fleet::INSIDE => return fleet::measure(rest),
            _ => {}
        }
    }
    match Arguments::parse(&given) {
        Ok(arguments) => {
            let figures = figures::gather(&arguments);
            if arguments.json {
                println!("{}", report::json(&figures));
            } else {
                print!("{}", report::table(&figures));
            }
            ExitCode::SUCCESS
        }
        Err(usage) => {
            eprintln!("{usage}");
            ExitCode::from(2)
        }
    }
}
