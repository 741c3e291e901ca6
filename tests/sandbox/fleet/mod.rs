//! `packaging/try --fleet`: two hosts, two relays, three PostgreSQL that the relays share, and one phone.

pub(crate) mod check;
pub(crate) mod welcome;

use std::process::Child;

use antiphon_tests::{Product, Site, World};

use crate::outside::Page;
use crate::{NAME, balancer};

/// A world for a fleet, in which its page can be opened.
pub(crate) struct Room {
    world: World,
    page: Page,
    _forward: Option<Child>,
}

impl Room {
    pub(crate) fn begin() -> Self {
        let world = World::begin(&Product::built());
        world.add_person(NAME, 1002);
        let page = Page::handed_on();
        balancer::start(page.port, Site::pages(page.port));
        Self {
            _forward: page.forward(&world),
            world,
            page,
        }
    }

    /// Sets the fleet up, and shows what is typed for it.
    fn set_up(&self, show: impl Fn(&str) -> String) -> Site<'_> {
        Site::set_up(&self.world, self.page.port, |computer, typed| {
            println!("root@{}:~# {}", computer.name(), show(&shortened(typed)));
        })
    }
}

/// Without the secret of a token.
fn shortened(typed: &str) -> String {
    match typed.split_once("ANT1-") {
        Some((before, _)) => format!("{before}ANT1-..."),
        None => typed.to_owned(),
    }
}
