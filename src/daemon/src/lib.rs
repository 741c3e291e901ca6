//! `antiphond`: carries sign-ins to phones and their answers back, and decides nothing.
//!
//! # Modules
//!
//! | module | purpose |
//! | --- | --- |
//! | `socket` | root's side: the module's sign-ins and the command's enrolments, one task per connection |
//! | `http` | the phones' side: the API in `API.md`, and the page |
//! | `account` | signing in at the providers of accounts, for a token |
//! | `switchboard`, `tickets`, `account::waiting` | **where the two meet**: waiting requests, listening phones, phones being enrolled |
//! | `post`, `pauses` | what relays tell each other of waiting requests, and know together of pauses |
//! | `own` | what people may see about themselves, and "that sign-in was not me" |
//! | `fleet` | a host's way to the relays of its fleet; a relay's port for hosts |
//! | `push` | calls phones whose page is closed |
//! | `gateway` | sends one-time codes to telephones: text messages and calls |
//! | `engine` | the PostgreSQL that a fleet's relays share: its connections and tables |
//! | `store` | persistent data: phones, token hashes, push addresses, counts of sent codes |
//! | `seats`, `network`, `tries`, `seldom` | limits on connections, attempts and log lines |
//! | `metrics` | figures for Prometheus |
//! | `service` | start-up and shutdown |
//!
//! # What it can do, and what it cannot
//!
//! It is unprivileged and not trusted: an approval is valid only with the passkey's signature over this very request
//! and number, which the module verifies. A hostile daemon can withhold requests from phones, see who signs in from
//! where, decline in a phone's name (the sign-in then asks for a code), and serve a page that lies to the person. It
//! cannot sign anyone in, read root's records, or change the count of wrong codes. It does not learn the number on the
//! terminal before a phone answers. Only an enrolment has lasting effects: the daemon serves the page that creates the
//! passkey, and could enrol a key of its own ([`antiphon_core::invitation`]), so phones added while the daemon was not
//! trustworthy must be removed and enrolled again. Codes by text message or call, however, pass through here and
//! through the telephone network: whoever reads them there and has the password has both factors.
#![forbid(unsafe_code)]

mod account;
mod arguments;
mod challenges;
mod clock;
mod engine;
mod exchange;
mod fleet;
mod gateway;
mod http;
mod log;
mod metrics;
mod network;
mod notify;
mod own;
mod own_folder;
mod pauses;
mod port;
mod post;
mod private_file;
mod push;
mod random;
#[cfg(test)]
mod scratch;
mod seats;
mod seldom;
mod service;
mod socket;
mod store;
mod switchboard;
mod tickets;
mod token;
mod tries;

use std::env;
use std::process::ExitCode;

use arguments::Wanted;

/// Exit statuses from `sysexits.h`.
const USAGE: u8 = 64;
const CONFIG: u8 = 78;

/// Runs the daemon, from the process's arguments to its exit status.
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
