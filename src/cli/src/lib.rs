//! The administrator's command: enrols people, shows their status, helps to fix problems.
//!
//! Its input is the arguments, a code on standard input, and what antiphond passes on from a phone, which is not
//! trusted; its output is root's files, a syslog line, and text or one JSON object. The rules for records and states
//! are in [`antiphon_core`], communication with the daemon is in [`antiphon_link`]. A secret is shown once, to the
//! person enrolled, and never logged.
#![forbid(unsafe_code)]

mod activity;
mod arguments;
mod bypass;
mod caller;
mod changes;
mod check;
mod clock;
mod confirm;
mod doctor;
mod edit;
mod enable;
mod enroll;
mod everybody;
mod examples;
mod failure;
mod file_systems;
mod finding;
mod fleet;
mod folders;
mod guide;
mod hosts;
mod house;
mod html;
mod import;
mod interrupt;
mod join;
mod lock;
mod log;
mod number;
mod overview;
mod own;
mod owners;
mod page;
mod pause;
mod people;
mod person;
mod plain_file;
mod progress;
mod prometheus;
mod providers;
mod publish;
mod read_log;
mod recovery;
mod refusal;
mod remove;
mod revert;
mod rights;
mod roll;
mod rollout;
#[cfg(test)]
mod scratch;
mod screen;
mod setting;
mod skew;
mod standing;
mod status;
mod table;
mod unlock;
mod user_database;
mod zone;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use nix::sys::prctl;

use arguments::{Arguments, Deed};
use enable::Towards;
use failure::Failure;
use house::House;
use screen::Screen;

/// The command-line definition, from which help, man pages and completions are made.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Runs the command, from the process's arguments to its exit status.
#[must_use]
pub fn run() -> ExitCode {
    // Secrets pass through here, and would be in a core dump, whichever program of the system collects it. Unlike
    // RLIMIT_CORE it is not handed on to an editor. It cannot fail: both values are valid.
    let _ = prctl::set_dumpable(false);
    let parsed = command()
        .try_get_matches()
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(said) => {
            // Help or a usage error, each on its own stream.
            let _ = said.print();
            return if said.use_stderr() {
                failure::Kind::Usage.exit_code()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let mut screen = Screen::of_process(arguments.json);
    match carry_out(&arguments, &mut screen) {
        Ok(code) => code,
        Err(failure) => {
            screen.fail(&failure);
            failure.kind().exit_code()
        }
    }
}

fn carry_out(arguments: &Arguments, screen: &mut Screen) -> Result<ExitCode, Failure> {
    if let Some(done) = own::run(arguments, screen) {
        return done.map(|()| ExitCode::SUCCESS);
    }
    caller::require_root()?;
    let named = arguments.config.as_deref();
    // These must work with an unusable configuration, too.
    match &arguments.deed {
        Deed::Check(wanted) => return check::run(wanted, named, screen),
        Deed::Doctor(wanted) => return doctor::run(wanted, named, screen),
        Deed::Enable(wanted) => return enable::run(Towards::On, wanted, named, screen),
        Deed::Disable(wanted) => return enable::run(Towards::Off, wanted, named, screen),
        Deed::Edit(wanted) => return edit::run(wanted, named, screen),
        Deed::Confirm => return confirm::run(screen),
        Deed::Revert(wanted) => return revert::run(wanted, screen),
        _ => {}
    }
    if let Deed::ReadLog(wanted) = &arguments.deed {
        // It says why a configuration is unusable.
        return read_log::run(wanted, screen).map(|()| ExitCode::SUCCESS);
    }
    if let Deed::Status(wanted) = &arguments.deed
        && wanted.prometheus
    {
        return prometheus::run(named, screen).map(|()| ExitCode::SUCCESS);
    }
    let house = House::new(named)?;
    match &arguments.deed {
        Deed::Enroll(wanted) => return enroll::run(wanted, &house, screen),
        Deed::Fleet(wanted) => return fleet::run(&wanted.deed, &house, screen),
        Deed::Import(wanted) => return import::run(wanted, &house, screen),
        Deed::Providers(wanted) => return providers::run(wanted, &house, screen),
        Deed::Status(wanted) => status::run(wanted, &house, screen),
        Deed::Activity(wanted) => activity::run(wanted, &house, screen),
        Deed::Unlock(wanted) => unlock::run(wanted, &house, screen),
        Deed::Remove(wanted) => remove::run(wanted, &house, screen),
        Deed::Recovery(wanted) => recovery::run(wanted, &house, screen),
        Deed::Number(wanted) => number::run(&wanted.deed, &house, screen),
        Deed::Bypass(wanted) => bypass::run(wanted, &house, screen),
        Deed::Join(wanted) => join::run(wanted, &house, screen),
        Deed::Hosts(wanted) => hosts::run(wanted, &house, screen),
        Deed::Guide(wanted) => guide::run(wanted, &house, screen),
        Deed::Page(wanted) => page::run(&wanted.deed, &house, screen),
        Deed::Check(_)
        | Deed::Doctor(_)
        | Deed::ReadLog(_)
        | Deed::Report(_)
        | Deed::Enable(_)
        | Deed::Disable(_)
        | Deed::Edit(_)
        | Deed::Confirm
        | Deed::Revert(_) => Ok(()),
    }
    .map(|()| ExitCode::SUCCESS)
}
