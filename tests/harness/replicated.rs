//! Three PostgreSQL, as several relays should have them: what the primary has written is on a standby as well before anybody
//! is told so.

use std::path::{Path, PathBuf};

use crate::postgres::{Postgres, url_of};
use crate::until;

/// In which folder each is.
const NAMES: [&str; 3] = ["pg1", "pg2", "pg3"];
/// What the primary is set to; a standby is begun with a copy of it.
const SETTINGS: [&str; 3] = [
    "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'",
    "ALTER SYSTEM SET wal_retrieve_retry_interval = '100ms'",
    "SELECT pg_reload_conf()",
];

/// The three. They end with the value.
pub struct Replicated {
    /// Those that run, the primary first.
    nodes: Vec<Postgres>,
    url: String,
}

impl Replicated {
    /// Starts them in folders of `folder`.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        let folders: Vec<PathBuf> = NAMES.iter().map(|name| folder.join(name)).collect();
        let primary = Postgres::start(&folders[0]);
        for setting in SETTINGS {
            primary.ask(setting);
        }
        let mut nodes = vec![primary];
        for own in &folders[1..] {
            nodes.push(Postgres::start_following(own, &folders));
        }
        let all = Self {
            nodes,
            url: url_of(&folders),
        };
        all.wait_until_followed();
        all
    }

    /// Where whichever of them writes is, for `[relay] engine`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The one that writes.
    #[must_use]
    pub fn primary(&self) -> &Postgres {
        &self.nodes[0]
    }

    /// Those that follow it.
    #[must_use]
    pub fn standbys(&self) -> &[Postgres] {
        &self.nodes[1..]
    }

    /// The primary crashes, and the standby that has most takes its place.
    pub fn fail_over(&mut self) {
        self.nodes.remove(0).crash();
        let has = |node: &Postgres| -> u64 {
            let received = "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')";
            node.ask(received).parse().unwrap()
        };
        self.nodes.sort_by_key(|node| std::cmp::Reverse(has(node)));
        assert_eq!(self.primary().ask("SELECT pg_promote()"), "t");
        self.wait_until_followed();
    }

    fn wait_until_followed(&self) {
        let following = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        let expected = self.standbys().len().to_string();
        until("the standbys", || {
            (self.primary().ask(following) == expected).then_some(())
        });
    }
}
