//! `antiphond`.

use std::process::ExitCode;

fn main() -> ExitCode {
    antiphond::run()
}
