//! The inside of `packaging/try`: a world of its own, with a person to sign in as.
//!
//! `sandbox outside` makes the namespaces and goes on in them. There `sandbox inside` shows how and gives a shell,
//! `sandbox inside --check` signs in by itself, `sandbox code NAME` is the app of those who have none at hand, and
//! `sandbox forward PORT` brings the machine's browser in. With `--fleet` there are more computers than one.
// A sandbox that cannot go on says why and ends.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod app;
mod balancer;
mod check;
mod fleet;
mod outside;
mod phone;
mod screen;
mod shell;
mod welcome;

// The real daemon, and a browser with a passkey.
#[path = "../page/browser/mod.rs"]
#[allow(dead_code, reason = "the page's own tests need more of it")]
mod browser;
#[path = "../daemon/daemon.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod daemon;
#[path = "../page/driver.rs"]
#[allow(dead_code, reason = "the page's own tests need more of it")]
mod driver;

use std::process::Child;

use antiphon_tests::{Product, World};

use daemon::Daemon;
use fleet::Room;
use outside::Page;

/// Who can sign in.
const NAME: &str = "anna";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["code", name] => println!("{}", app::code(name)),
        ["outside", ..] => panic!("unshare: {}", outside::enter(&arguments[1..])),
        ["forward", port] => outside::run_forward(port.parse().unwrap()),
        ["inside", "--check"] => check::run(&Sandbox::begin()),
        ["inside"] => welcome::run(&Sandbox::begin()),
        ["inside", "--fleet", "--check"] => fleet::check::run(&Room::begin()),
        ["inside", "--fleet"] => fleet::welcome::run(&Room::begin()),
        _ => panic!("usage: packaging/try [--fleet] [--check]"),
    }
}

/// A world in which the daemon runs.
struct Sandbox {
    world: World,
    page: Page,
    _daemon: Daemon,
    _forward: Option<Child>,
}

impl Sandbox {
    fn begin() -> Self {
        let world = World::begin(&Product::built());
        world.add_person(NAME, 1002);
        let page = Page::handed_on();
        let port = page.port;
        let configuration = format!(
            "[page]\norigin = \"http://localhost:{port}\"\nlisten = \"127.0.0.1:{port}\"\n"
        );
        let daemon = Daemon::start(&world, &configuration);
        Self {
            _forward: page.forward(&world),
            _daemon: daemon,
            world,
            page,
        }
    }
}
