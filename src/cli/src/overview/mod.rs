//! `antiphon status --html`: one page with plots, for somebody who decides about the rollout. It names nobody. Everything
//! is in the one file: no script, no picture from elsewhere.
//!
//! The figures come from the records and from the people's activity files; no log is read.

mod figures;
mod page;
mod plot;
mod text;

use antiphon_core::text::Language;

use crate::clock;
use crate::failure::Failure;
use crate::house::House;
use crate::people;
use crate::screen::Screen;
use figures::Figures;
use page::Page;

/// Writes the page to standard output.
pub(crate) fn run(
    language: Option<Language>,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let now = clock::now();
    let mut figures = Figures::new(now);
    let counts = people::each(house, |row| {
        figures.add_person(row);
        Ok(())
    })?;
    figures.read_activity(house)?;
    let page = Page {
        figures: &figures,
        counts: &counts,
        house,
        now,
        zone: screen.zone(),
        language: language.unwrap_or(house.config.language),
    };
    let html = page.html();
    screen.line(&html)
}
