//! The page itself.

use std::fmt::Write as _;

use antiphon_core::config::Unenrolled;
use antiphon_core::text::Language;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;

use super::figures::{Counted, Figures, Week, Why};
use super::plot::{Plot, Series};
use super::text::{Reason, Text, Way};
use crate::house::House;
use crate::html::escaped;
use crate::people::Counts;
use crate::zone::Zone;

const STYLE: &str = include_str!("style.css");
/// The longest name of an organisation, host or group, in bytes.
const LONGEST: usize = 128;
/// How many weeks the tile of sign-ins without a second factor looks back.
const LATELY: usize = 4;

/// What the page is made of.
pub(super) struct Page<'a> {
    pub(super) figures: &'a Figures,
    pub(super) counts: &'a Counts,
    pub(super) house: &'a House,
    pub(super) now: UnixTime,
    pub(super) zone: &'a Zone,
    pub(super) language: Language,
}

/// A number, what it counts, and more about it.
struct Tile<'a> {
    number: u64,
    what: Text<'a>,
    more: Option<Text<'a>>,
}

impl Page<'_> {
    /// The whole page. The policy in it keeps a browser from loading anything, whatever stands in a name.
    pub(super) fn html(&self) -> String {
        let language = self.language.tag();
        let title = self.say(&Text::Title);
        let organisation = self.house.config.organisation.name.as_deref();
        let organisation = organisation.map_or_else(String::new, |name| {
            format!(
                "<p class=\"soft\">{}</p>\n",
                escaped(&visible(name, LONGEST))
            )
        });
        let host = visible(&self.house.host, LONGEST);
        let made = self.say(&Text::Made(&host, &self.minute(self.now)));
        format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{organisation}<h1>{title}</h1>\n\
             <p class=\"soft\">{made}</p>\n{}{}{}{}</main>\n</body>\n</html>",
            self.tiles(),
            self.dates(),
            self.plots(),
            self.about()
        )
    }

    fn say(&self, text: &Text<'_>) -> String {
        escaped(&text.in_language(self.language))
    }

    fn minute(&self, time: UnixTime) -> String {
        self.zone.show_minute(&time.to_string())
    }

    fn tiles(&self) -> String {
        let counts = self.counts;
        let weeks = self.figures.weeks();
        let lately = weeks.iter().rev().take(LATELY);
        let exempt = lately.map(|(_, counted)| counted.exempt).sum();
        let missing = if counts.missing == 0 {
            Text::NoneMissing
        } else {
            Text::AskAntiphon
        };
        let tiles = [
            Tile {
                number: counts.enrolled as u64,
                what: Text::Enrolled,
                more: Some(Text::OfPeople(counts.people)),
            },
            Tile {
                number: counts.missing as u64,
                what: Text::Missing,
                more: Some(missing),
            },
            Tile {
                number: counts.untried as u64,
                what: Text::Untried,
                more: None,
            },
            Tile {
                number: exempt,
                what: Text::LetInWithout,
                more: Some(Text::BySettings),
            },
        ];
        let mut html = String::from("<ul class=\"tiles\">\n");
        for Tile { number, what, more } in &tiles {
            let what = self.say(what);
            let more = more.as_ref().map_or_else(String::new, |more| {
                format!("<small>{}</small>", self.say(more))
            });
            let _ = writeln!(html, "<li><strong>{number}</strong> {what}{more}</li>");
        }
        html + "</ul>\n"
    }

    /// The dates of rollouts that are still to come, in their order.
    fn dates(&self) -> String {
        let mut turns = Vec::new();
        for rollout in &self.house.config.rollout {
            let dates = [
                (rollout.enroll_from, Unenrolled::Enroll),
                (rollout.deny_from, Unenrolled::Deny),
            ];
            for (at, unenrolled) in dates {
                if let Some(at) = at.filter(|at| *at > self.now) {
                    turns.push((at, unenrolled, visible(&rollout.group, LONGEST)));
                }
            }
        }
        if turns.is_empty() {
            return String::new();
        }
        turns.sort_by_key(|(at, ..)| *at);
        let mut html = format!("<section>\n<h2>{}</h2>\n<ul>\n", self.say(&Text::Dates));
        for (at, unenrolled, group) in &turns {
            let date = self.minute(*at);
            let text = match unenrolled {
                Unenrolled::Deny => Text::TurnDeny(group, &date),
                Unenrolled::Enroll | Unenrolled::Allow => Text::TurnEnroll(group, &date),
            };
            let _ = writeln!(html, "<li>{}</li>", self.say(&text));
        }
        html + "</ul>\n</section>\n"
    }

    fn plots(&self) -> String {
        let weeks = self.figures.weeks();
        let enrolled = self.figures.enrolled();
        let from = enrolled.first().copied().unwrap_or_default();
        let to = enrolled.last().copied().unwrap_or_default();
        let enrolled = vec![Series {
            name: Text::People.in_language(self.language),
            counts: enrolled,
        }];
        let ways: Vec<Series> = (0..)
            .zip(Way::ALL)
            .map(|(index, way)| {
                Self::series(way.in_language(self.language), &weeks, |week| {
                    week.ways.get::<usize>(index)
                })
            })
            .collect();
        let refused: Vec<Series> = (0..)
            .zip(Why::ALL)
            .map(|(index, why)| {
                let name = Reason::from(why).in_language(self.language);
                Self::series(name, &weeks, |week| week.refused.get::<usize>(index))
            })
            .collect();
        let unfinished = vec![Self::series(
            Text::SignIns.in_language(self.language),
            &weeks,
            |week| Some(&week.unfinished),
        )];
        let (signed_in, nays, open) = (sum(&ways), sum(&refused), sum(&unfinished));
        let mondays: Vec<String> = weeks.iter().map(|(week, _)| week.monday()).collect();
        let section = |id: &str, title: Text<'_>, says: Text<'_>, series: Vec<Series>| {
            // What never happened needs neither a column nor a colour.
            let series: Vec<Series> = series
                .into_iter()
                .filter(Series::is_worth_showing)
                .collect();
            let (title, says) = (
                title.in_language(self.language),
                says.in_language(self.language),
            );
            let plot = Plot {
                id,
                title: &title,
                summary: &says,
                week: &Text::Week.in_language(self.language),
                mondays: &mondays,
                series: &series,
            };
            let drawn = if series.is_empty() {
                format!("<p>{}</p>\n", self.say(&Text::Nothing))
            } else {
                plot.html()
            };
            let (title, says) = (escaped(&title), escaped(&says));
            format!(
                "<section>\n<h2>{title}</h2>\n<p class=\"soft\">{says}</p>\n{drawn}</section>\n"
            )
        };
        let people = Text::PlotEnrolledSays(from, to);
        let by_way = Text::PlotWaysSays(signed_in);
        let by_reason = Text::PlotRefusedSays(nays);
        let not_finished = Text::PlotUnfinishedSays(open);
        [
            section("enrolled", Text::PlotEnrolled, people, enrolled),
            section("ways", Text::PlotWays, by_way, ways),
            section("refused", Text::PlotRefused, by_reason, refused),
            section("unfinished", Text::PlotUnfinished, not_finished, unfinished),
        ]
        .concat()
    }

    fn series<'w>(
        name: String,
        weeks: &'w [(Week, Counted)],
        count: impl Fn(&'w Counted) -> Option<&'w u64>,
    ) -> Series {
        let counts = weeks.iter().map(|(_, counted)| count(counted).copied());
        Series {
            name,
            counts: counts.map(Option::unwrap_or_default).collect(),
        }
    }

    fn about(&self) -> String {
        let figures = self.figures;
        let span = figures
            .span
            .map_or(self.say(&Text::NoActivity), |(first, last)| {
                let (first, last) = (self.minute(first), self.minute(last));
                self.say(&Text::Span(figures.files, &first, &last))
            });
        let unreadable = match figures.unreadable {
            0 => String::new(),
            files => format!("<p>{}</p>\n", self.say(&Text::Unreadable(files))),
        };
        format!(
            "<section>\n<h2>{}</h2>\n<p>{span}</p>\n{unreadable}<p>{}</p>\n</section>\n",
            self.say(&Text::About),
            self.say(&Text::Weeks)
        )
    }
}

impl Series {
    fn is_worth_showing(&self) -> bool {
        self.counts.iter().any(|count| *count > 0)
    }
}

fn sum(series: &[Series]) -> u64 {
    series.iter().flat_map(|series| &series.counts).sum()
}
