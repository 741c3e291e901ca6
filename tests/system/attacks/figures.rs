//! How long others were held up.

use std::collections::BTreeMap;
use std::time::Duration;

use super::attack::Means;

/// All of a run.
#[derive(Default)]
pub(crate) struct Figures(BTreeMap<(Means, bool), Vec<Duration>>);

impl Figures {
    /// One wait, and whether the process was inside a lock when it was caught.
    pub(crate) fn add(&mut self, means: Means, was_inside: bool, waited: Duration) {
        self.0.entry((means, was_inside)).or_default().push(waited);
    }

    pub(crate) fn print(mut self, target: &str) {
        println!("{target}: seconds that one command or sign-in of others took");
        println!("means          inside  number    min median    max");
        for ((means, was_inside), waits) in &mut self.0 {
            waits.sort();
            let [min, median, max] =
                [0, waits.len() / 2, waits.len() - 1].map(|place| waits[place].as_secs_f64());
            let (means, inside) = (format!("{means:?}"), if *was_inside { "yes" } else { "no" });
            println!(
                "{means:14} {inside:6} {:7} {min:6.2} {median:6.2} {max:6.2}",
                waits.len()
            );
        }
    }
}
