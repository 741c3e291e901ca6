//! `antiphond`: carries sign-ins to phones and their answers back, and decides nothing.
//!
//! # The house
//!
//! | room | what happens there |
//! | --- | --- |
//! | `socket` | root's side: the module's sign-ins and the command's enrolments, one task a connection |
//! | `http` | the phones' side: the API of `API.md`, and the page |
//! | `switchboard`, `tickets` | **where the two meet**: requests that wait, phones that listen, phones that enrol |
//! | `own` | what people may see of themselves, and "that sign-in was not me" |
//! | `push` | calling phones whose page is closed |
//! | `gateway` | one-time codes to telephones: text messages and calls |
//! | `store` | what is remembered: phones, hashes of tokens, where to call them, how many codes were sent |
//! | `seats`, `network`, `tries`, `seldom` | so many of each, and no more: connections, tries, lines in the journal |
//! | `service` | from a configuration to a daemon that runs, and its end |
//!
//! # What it can do, and what it cannot
//!
//! It runs without any right and is believed nothing: an approval counts only by the passkey's signature over the very
//! request and number, which the module checks. A daemon in somebody else's hands can keep requests from phones, see
//! who signs in from where, say "declined" for a phone (the sign-in then asks for a code), and serve a page that lies
//! to the person. It cannot sign anyone in, read root's records, or touch the counter of wrong codes. The number that
//! the terminal shows never comes here before a phone answers. The one thing that lasts is an enrolment: the page that
//! makes the passkey is served from here, and could enrol a key of its own ([`antiphon_core::invitation`]): phones that were
//! added while the daemon was not to be trusted are removed and enrolled again. Where codes go by text or call, though, they pass through
//! here and through the telephone network: who reads them there, and has the password, has both.
#![forbid(unsafe_code)]

mod arguments;
mod challenges;
mod clock;
mod exchange;
mod gateway;
mod http;
mod log;
mod network;
mod notify;
mod own;
mod own_folder;
mod pauses;
mod push;
mod random;
mod roots;
#[cfg(test)]
mod scratch;
mod seats;
mod seldom;
mod service;
mod socket;
mod state_folder;
mod store;
mod switchboard;
mod tickets;
mod token;
mod tries;

use std::env;
use std::process::ExitCode;

use arguments::Wanted;

/// Exit statuses of `sysexits.h`.
const USAGE: u8 = 64;
const CONFIG: u8 = 78;

/// The whole daemon, from the arguments of the process to its exit status.
#[must_use]
pub fn run() -> ExitCode {
    match arguments::read(env::args_os().skip(1)) {
        Ok(Wanted::Help) => print!("{}", arguments::HELP),
        Ok(Wanted::Version) => println!("antiphond {}", env!("CARGO_PKG_VERSION")),
        Ok(Wanted::Serve(config)) => {
            if let Err(why) = service::run(config.as_deref()) {
                log::fail(format_args!("{why}"));
                return ExitCode::from(CONFIG);
            }
        }
        Err(why) => {
            log::fail(format_args!("{why}"));
            return ExitCode::from(USAGE);
        }
    }
    ExitCode::SUCCESS
}
