//! The `antiphon` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    antiphon::run()
}
