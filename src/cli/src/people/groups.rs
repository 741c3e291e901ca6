//! The groups that the configuration names, looked up once for many people: their members are on one line of the
//! database, which is long where the people are many.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use antiphon_core::config::{Config, Membership};
use antiphon_link::group_ids;
use nix::unistd::{Gid, Group};

use crate::rollout::Account;

/// The groups of `[[rollout]]` and `[exempt]` that the system knows, by name.
pub(super) struct Groups {
    known: HashMap<String, Known>,
    /// The names of groups that people of a directory are in.
    names: RefCell<HashMap<Gid, Option<String>>>,
}

struct Known {
    gid: Gid,
    members: HashSet<String>,
}

impl Groups {
    pub(super) fn of(config: &Config) -> Self {
        let rollouts = config.rollout.iter().map(|rollout| &rollout.group);
        let known = rollouts.chain(&config.exempt.groups).filter_map(|name| {
            let group = Group::from_name(name).ok().flatten()?;
            let known = Known {
                gid: group.gid,
                members: group.mem.into_iter().collect(),
            };
            Some((name.clone(), known))
        });
        Self {
            known: known.collect(),
            names: RefCell::default(),
        }
    }

    /// Says of a group whether the person is a member. For a person of this computer's own files the members of the
    /// group are all that counts; of others the directory may know more.
    pub(super) fn memberships<'a>(
        &'a self,
        account: Account<'a>,
        is_local: bool,
    ) -> impl Fn(&str) -> Membership + 'a {
        let elsewhere = OnceCell::new();
        move |name| match self.known.get(name) {
            None => Membership::Unknown,
            Some(group) if group.gid == account.gid || group.members.contains(account.name) => {
                Membership::Member
            }
            Some(_) if is_local => Membership::Other,
            Some(group) => match elsewhere.get_or_init(|| group_ids(account.name, account.gid)) {
                Some(ids) if ids.contains(&group.gid) => Membership::Member,
                Some(ids) if ids.iter().any(|gid| self.is_called(*gid, name)) => {
                    Membership::Namesake
                }
                Some(_) => Membership::Other,
                None => Membership::Unknown,
            },
        }
    }

    fn is_called(&self, gid: Gid, name: &str) -> bool {
        let mut names = self.names.borrow_mut();
        let found = || Group::from_gid(gid).ok().flatten();
        let called = names.entry(gid).or_insert_with(|| Some(found()?.name));
        called.as_deref() == Some(name)
    }
}
