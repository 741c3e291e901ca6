//! The command line after `--phone`.

use std::path::PathBuf;

const USAGE: &str = "\
usage: tests/bench/run --phone [OPTION…]     (as root)

  --quick            few of everything: proves that it runs
  --json             one JSON object instead of tables
  --rounds=N         approvals of each kind, one after the other (1000)
  --waiting=N        sign-ins that wait at once (10000)
  --seconds=N        how long as many as possible are approved, each time (5)
  --module=FILE      the module to measure (the one that was built for release)
  --antiphond=FILE   the daemon to measure (the same)
  --scratch=DIR      where the disk is that is measured (the build's folder)";

/// What is to be measured.
pub(super) struct Arguments {
    pub(super) json: bool,
    pub(super) rounds: usize,
    pub(super) waiting: usize,
    pub(super) seconds: u64,
    pub(super) module: PathBuf,
    pub(super) antiphond: PathBuf,
    pub(super) scratch: PathBuf,
}

impl Arguments {
    /// Reads the command line; the error is what to print.
    pub(super) fn parse(given: &[String]) -> Result<Self, String> {
        let here = std::env::current_exe().unwrap();
        let release = here.parent().unwrap();
        let mut read = Self {
            json: false,
            rounds: 1000,
            waiting: 10_000,
            seconds: 5,
            module: release.join("libpam_antiphon.so"),
            antiphond: release.join("antiphond"),
            scratch: release.join("bench-scratch-phone"),
        };
        for option in given {
            read.take(option)
                .ok_or_else(|| format!("{option}: what is that?\n{USAGE}"))?;
        }
        Ok(read)
    }

    fn take(&mut self, option: &str) -> Option<()> {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let number = || value.parse().ok().filter(|number| *number > 0);
        match key {
            "--quick" => (self.rounds, self.waiting, self.seconds) = (20, 200, 1),
            "--json" => self.json = true,
            "--rounds" => self.rounds = number()?,
            "--waiting" => self.waiting = number()?,
            "--seconds" => self.seconds = value.parse().ok().filter(|seconds| *seconds > 0)?,
            "--module" => self.module = std::fs::canonicalize(value).ok()?,
            "--antiphond" => self.antiphond = std::fs::canonicalize(value).ok()?,
            // A folder of our own in it, which is removed afterwards.
            "--scratch" => self.scratch = PathBuf::from(value).join("antiphon-bench-scratch-phone"),
            _ => return None,
        }
        Some(())
    }
}
