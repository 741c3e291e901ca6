//! The inside of `packaging/try`: a world of its own, with a person to sign in as.
//!
//! `sandbox` shows how and gives a shell, `sandbox --check` signs in by itself, `sandbox code NAME` is the app of
//! those who have none at hand. Runs in the namespaces that `packaging/try` makes.
// A sandbox that cannot go on says why and ends.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod app;
mod check;
mod shell;
mod welcome;

use antiphon_tests::{Product, World};

/// Who can sign in.
const NAME: &str = "anna";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["code", name] => println!("{}", app::code(name)),
        ["--check"] => check::run(&begin()),
        [] => welcome::run(&begin()),
        _ => panic!("usage: packaging/try [--check]"),
    }
}

fn begin() -> World {
    let world = World::begin(&Product::built());
    world.add_person(NAME, 1002);
    world
}
