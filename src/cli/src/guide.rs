//! `antiphon guide`: prints the guide for people.

use serde::Serialize;

use crate::arguments::Guide;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    language: &'static str,
    html: String,
}

/// Prints it, in the language that is asked for or else the configuration's.
pub(crate) fn run(wanted: &Guide, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let language = wanted.language.unwrap_or(house.config.language);
    let html = antiphon_guide::page(language, &house.config);
    if screen.is_json() {
        return screen.object(&Object {
            language: language.tag(),
            html,
        });
    }
    if screen.size().is_some() {
        return Err(Failure::new(
            Kind::Usage,
            "the guide is a page for browsers; write it to a file: antiphon guide >guide.html",
        ));
    }
    screen.line(html.trim_end())
}
