//! The command line.

use std::path::PathBuf;

const USAGE: &str = "\
usage: tests/bench/run [OPTION…]             the module beside its peers (as root)
       tests/bench/run --phone [OPTION…]     the way over the phone
       tests/bench/run --fleet [OPTION…]     the same by a fleet's relays
       tests/bench/run --account [OPTION…]   the way by the organisation's account

  --quick            few of everything, no counts: proves that it runs
  --json             one JSON object instead of tables
  --rounds=N         sign-ins of each kind (1000)
  --module=FILE      the module to measure (the one that was built for release)
  --scratch=DIR      where the disk is that is measured (the build's folder)

The module beside its peers:
  --users=N          how many `many` are (100000)
  --anatomy=DIR      keep there what callgrind and strace write of each module

The way over the phone, alone or by relays:
  --waiting=N        sign-ins that wait at once (10000)
  --phones=N         phones in the store besides (0; not by relays)
  --hosts=N          a fleet's hosts that sign in at once (10000)
  --seconds=N        how long as many as possible are approved, each time (5)

The way over the phone, or by the account:
  --antiphond=FILE   the daemon to measure (the one that was built for release)";

/// What is to be measured.
pub(crate) struct Arguments {
    pub(crate) json: bool,
    pub(crate) rounds: usize,
    pub(crate) users: u32,
    /// Whether system calls and instructions are counted, which takes as long as all the rest.
    pub(crate) counts: bool,
    /// Where what the counting tools write is kept.
    pub(crate) anatomy: Option<PathBuf>,
    pub(crate) waiting: usize,
    pub(crate) phones: usize,
    pub(crate) hosts: usize,
    pub(crate) seconds: u64,
    pub(crate) module: PathBuf,
    pub(crate) antiphond: PathBuf,
    pub(crate) scratch: PathBuf,
}

impl Arguments {
    /// Reads the command line without the program's name and which way is measured; the error is what to print.
    pub(crate) fn parse(given: &[String]) -> Result<Self, String> {
        let here = std::env::current_exe().unwrap();
        let release = here.parent().unwrap();
        let mut read = Self {
            json: false,
            rounds: 1000,
            users: 100_000,
            counts: true,
            anatomy: None,
            waiting: 10_000,
            phones: 0,
            hosts: 10_000,
            seconds: 5,
            module: release.join("libpam_antiphon.so"),
            antiphond: release.join("antiphond"),
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
        let number = || value.parse::<u32>().ok().filter(|number| *number > 0);
        match key {
            "--quick" => {
                (self.rounds, self.users, self.counts) = (20, 1000, false);
                (self.waiting, self.hosts, self.seconds) = (200, 200, 1);
            }
            "--json" => self.json = true,
            "--rounds" => self.rounds = usize::try_from(number()?).ok()?,
            "--users" => self.users = number()?,
            "--waiting" => self.waiting = usize::try_from(number()?).ok()?,
            "--phones" => self.phones = usize::try_from(number()?).ok()?,
            "--hosts" => self.hosts = usize::try_from(number()?).ok()?,
            "--seconds" => self.seconds = number()?.into(),
            "--anatomy" => self.anatomy = Some(std::fs::canonicalize(value).ok()?),
            "--module" => self.module = std::fs::canonicalize(value).ok()?,
            "--antiphond" => self.antiphond = std::fs::canonicalize(value).ok()?,
            // A folder of our own in it, which is removed afterwards.
            "--scratch" => self.scratch = PathBuf::from(value).join("antiphon-bench-scratch"),
            _ => return None,
        }
        Some(())
    }
}
