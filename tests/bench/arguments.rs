//! The command line.

use std::path::PathBuf;

const USAGE: &str = "\
usage: tests/bench/run [OPTION…]             the module beside its peers (as root)
       tests/bench/run --phone [OPTION…]     the way over the phone

  --quick          few rounds, few users, no counts: proves that it runs
  --json           one JSON object instead of tables
  --rounds=N       sign-ins of each kind, in turn (1000)
  --users=N        how many `many` are (100000)
  --module=FILE    the module to measure (the one that was built for release)
  --scratch=DIR    where the disk is that is measured (the build's folder)";

/// What is to be measured.
pub(crate) struct Arguments {
    pub(crate) json: bool,
    pub(crate) rounds: u32,
    pub(crate) users: u32,
    /// Whether system calls and instructions are counted, which takes as long as all the rest.
    pub(crate) counts: bool,
    pub(crate) module: PathBuf,
    pub(crate) scratch: PathBuf,
}

impl Arguments {
    /// Reads the command line without the program's name; the error is what to print.
    pub(crate) fn parse(given: &[String]) -> Result<Self, String> {
        let release = std::env::current_exe()
            .unwrap()
            .parent()
            .unwrap()
            .to_owned();
        let mut read = Self {
            json: false,
            rounds: 1000,
            users: 100_000,
            counts: true,
            module: release.join("libpam_antiphon.so"),
            scratch: release.join("bench-scratch"),
        };
        for option in given {
            read.take(option)
                .ok_or_else(|| format!("{option}: what is that?\n{USAGE}"))?;
        }
        Ok(read)
    }

    fn take(&mut self, option: &str) -> Option<()> {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        match key {
            "--quick" => (self.rounds, self.users, self.counts) = (20, 1000, false),
            "--json" => self.json = true,
            "--rounds" => self.rounds = value.parse().ok().filter(|rounds| *rounds > 0)?,
            "--users" => self.users = value.parse().ok().filter(|users| *users > 0)?,
            "--module" => self.module = std::fs::canonicalize(value).ok()?,
            // A folder of our own in it, which is removed afterwards.
            "--scratch" => self.scratch = PathBuf::from(value).join("antiphon-bench-scratch"),
            _ => return None,
        }
        Some(())
    }
}
