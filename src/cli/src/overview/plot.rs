//! Columns per week as SVG, with the same figures as a table.

use std::fmt::Write as _;

use crate::html::escaped;

/// The size of a drawing, in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 250.0;
/// The room around the columns.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 26.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 30.0;
/// The most dates on the axis.
const MOST_DATES: usize = 9;
/// As many series as a table has room for beside its drawing.
const FEW: usize = 2;

/// One kind of count, over the weeks.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) counts: Vec<u64>,
}

/// A plot of columns, in which the series stand upon each other.
pub(super) struct Plot<'a> {
    /// Unique on the page.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    /// What a reader who does not see it should know.
    pub(super) summary: &'a str,
    /// The head of the table's first column.
    pub(super) week: &'a str,
    /// The Monday of each week.
    pub(super) mondays: &'a [String],
    pub(super) series: &'a [Series],
}

impl Plot<'_> {
    /// The drawing, its legend and its table.
    pub(super) fn html(&self) -> String {
        // Many columns need the whole width.
        let class = if self.series.len() > FEW {
            "plot wide"
        } else {
            "plot"
        };
        let mut html = format!("<div class=\"{class}\">\n<figure>\n");
        html += &self.drawing();
        if self.series.len() > 1 {
            html += &self.legend();
        }
        html += "</figure>\n";
        html += &self.table();
        html += "</div>\n";
        html
    }

    fn total(&self, week: usize) -> u64 {
        let counts = self
            .series
            .iter()
            .filter_map(|series| series.counts.get(week));
        counts.sum()
    }

    fn drawing(&self) -> String {
        let Self {
            id, title, summary, ..
        } = self;
        let (title, summary) = (escaped(title), escaped(summary));
        let mut svg = format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
             <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{summary}</desc>\n"
        );
        let most = (0..self.mondays.len()).map(|week| self.total(week)).max();
        let scale = Scale::up_to(most.unwrap_or_default());
        for line in scale.lines() {
            let y = scale.y(line);
            let _ = writeln!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"axis\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{line}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0
            );
        }
        let across = (WIDTH - LEFT - RIGHT) / as_f64(self.mondays.len().max(1) as u64);
        // A single week is no reason for a column as wide as the page.
        let width = (across * 0.78).min(40.0);
        let every = self.mondays.len().div_ceil(MOST_DATES).max(1);
        for (week, monday) in self.mondays.iter().enumerate() {
            let middle = LEFT + across * (as_f64(week as u64) + 0.5);
            let mut below = 0;
            for (index, series) in self.series.iter().enumerate() {
                let count = series.counts.get(week).copied().unwrap_or_default();
                if count == 0 {
                    continue;
                }
                let (top, bottom) = (scale.y(below + count), scale.y(below));
                below += count;
                let _ = writeln!(
                    svg,
                    "<rect class=\"s{index}\" x=\"{:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\">\
                     <title>{monday}: {}, {count}</title></rect>",
                    middle - width / 2.0,
                    bottom - top,
                    escaped(&series.name)
                );
            }
            // Counted from the last week, which is the one to look at.
            if (self.mondays.len() - 1 - week).is_multiple_of(every) {
                let date = monday.get(2..).unwrap_or(monday);
                let _ = writeln!(
                    svg,
                    "<text class=\"axis\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{date}</text>",
                    HEIGHT - 10.0
                );
            }
        }
        svg + "</svg>\n"
    }

    fn legend(&self) -> String {
        let mut html = String::from("<figcaption><ul class=\"legend\">");
        for (index, series) in self.series.iter().enumerate() {
            let name = escaped(&series.name);
            let _ = write!(html, "<li><span class=\"key s{index}\"></span>{name}</li>");
        }
        html + "</ul></figcaption>\n"
    }

    /// Newest first, as it is read most.
    fn table(&self) -> String {
        let title = escaped(self.title);
        let mut html = format!(
            "<div class=\"figures\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\n<table>\n\
             <caption>{title}</caption>\n<thead><tr><th scope=\"col\">{}</th>",
            escaped(self.week)
        );
        for series in self.series {
            let _ = write!(html, "<th scope=\"col\">{}</th>", escaped(&series.name));
        }
        html += "</tr></thead>\n<tbody>\n";
        for (week, monday) in self.mondays.iter().enumerate().rev() {
            let _ = write!(html, "<tr><th scope=\"row\">{monday}</th>");
            for series in self.series {
                let count = series.counts.get(week).copied().unwrap_or_default();
                let _ = write!(html, "<td>{count}</td>");
            }
            html += "</tr>\n";
        }
        html + "</tbody>\n</table>\n</div>\n"
    }
}

/// The scale of the counts.
struct Scale {
    /// The distance between two lines.
    step: u64,
    /// How many there are above 0.
    steps: u64,
}

impl Scale {
    /// One with at most five lines of round numbers, the last of which is not below `most`.
    fn up_to(most: u64) -> Self {
        let powers = (0..18).map(|power| 10_u64.pow(power));
        let mut steps = powers.flat_map(|power| [power, 2 * power, 5 * power]);
        let fits = |step: &u64| most.div_ceil(*step) <= 5;
        let step = steps.find(fits).unwrap_or(most);
        Self {
            step,
            steps: most.div_ceil(step).max(1),
        }
    }

    fn lines(&self) -> impl Iterator<Item = u64> {
        (0..=self.steps).map(|number| number * self.step)
    }

    fn y(&self, count: u64) -> f64 {
        let part = as_f64(count) / as_f64(self.steps * self.step);
        HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * part
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a drawing is not exact beyond a tenth of a unit"
)]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::{Plot, Scale, Series};
    use crate::html::escaped;

    #[test]
    fn the_scale_is_round_has_few_lines_and_room_for_the_highest() {
        for (most, step, steps) in [
            (0, 1, 1),
            (1, 1, 1),
            (5, 1, 5),
            (6, 2, 3),
            (11, 5, 3),
            (26, 10, 3),
            (51, 20, 3),
            (999, 200, 5),
            (1001, 500, 3),
            (100_000, 20_000, 5),
        ] {
            let scale = Scale::up_to(most);
            assert_eq!((scale.step, scale.steps), (step, steps), "{most}");
            assert!(scale.lines().last().unwrap() >= most);
        }
    }

    #[test]
    fn each_count_is_in_the_drawing_and_in_the_table_and_no_name_is_markup() {
        let series = [
            Series {
                name: "<b>\"A&'".to_owned(),
                counts: vec![3, 0],
            },
            Series {
                name: "B".to_owned(),
                counts: vec![4, 5],
            },
        ];
        let plot = Plot {
            id: "x",
            title: "A < B",
            summary: "",
            week: "Week",
            mondays: &["2026-11-16".to_owned(), "2026-11-23".to_owned()],
            series: &series,
        };
        let html = plot.html();
        assert!(
            !html.contains("<b>") && html.contains("&lt;b&gt;&quot;A&amp;&#39;"),
            "{html}"
        );
        assert_eq!(html.matches("<rect").count(), 3);
        assert!(
            html.contains("<th scope=\"row\">2026-11-23</th><td>0</td><td>5</td>"),
            "{html}"
        );
        assert_eq!(escaped("plain"), "plain");
    }
}
