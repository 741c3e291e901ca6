//! What the checks of pam.d look at, and lines grouped by the services they affect.

use std::collections::BTreeMap;

use antiphon_core::config::Config;

use super::folder::Folder;
use super::module::OURS;
use super::names::ESSENTIAL;
use super::nearest::nearest;
use super::repair::{Repair, Tries, by_hand};
use super::service::{Service, Verdict};
use super::stack::Step;
use crate::doctor::package::Package;
use crate::finding::{At, Finding};
use crate::setting::Settings;

/// All of it.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) tries: &'a Tries,
    pub(crate) folder: &'a Folder,
    pub(crate) services: &'a [Service],
    /// `None` if it cannot be used.
    pub(crate) config: Option<&'a Config>,
    pub(crate) settings: &'a Settings,
    /// How our module was installed.
    pub(crate) package: Package,
    /// Whether pam-auth-update can put our line into the files that all services include.
    pub(crate) has_profile: bool,
}

/// A line, and the services it affects.
pub(crate) struct Group<'a> {
    pub(crate) at: At,
    pub(crate) step: &'a Step,
    /// The first of them, and the line's position in its stack.
    pub(crate) service: &'a Service,
    pub(crate) index: usize,
    /// All of them.
    pub(crate) members: Vec<Member<'a>>,
    pub(crate) names: Vec<String>,
}

/// A line in the stack of one service.
pub(crate) struct Member<'a> {
    pub(crate) service: &'a Service,
    pub(crate) step: &'a Step,
    /// Its position there.
    pub(crate) index: usize,
}

/// `members` by their lines.
fn grouped<'a>(members: impl Iterator<Item = Member<'a>>) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<&At, Group<'a>> = BTreeMap::new();
    for member in members {
        let Member {
            service,
            step,
            index,
        } = member;
        let group = groups.entry(&step.at).or_insert_with(|| Group {
            at: step.at.clone(),
            step,
            service,
            index,
            members: Vec::new(),
            names: Vec::new(),
        });
        if !group.names.contains(&service.name) {
            group.names.push(service.name.clone());
        }
        group.members.push(member);
    }
    groups.into_values().collect()
}

impl<'a> View<'a> {
    /// The services that ask or are meant to.
    pub(crate) fn meant_to_ask(&self) -> impl Iterator<Item = &'a Service> {
        self.services
            .iter()
            .filter(|service| self.is_meant(service))
    }

    /// Whether it is a fault if the service does not work.
    pub(crate) fn matters(&self, service: &Service) -> bool {
        self.is_meant(service) || ESSENTIAL.contains(&service.name.as_str())
    }

    /// Whether our line is in its stack, or in its file but not read that far by libpam.
    pub(crate) fn is_meant(&self, service: &Service) -> bool {
        let own = self.folder.files.get(&service.name);
        service.has_ours() || own.is_some_and(|file| mentions_ours(file.text()))
    }

    /// The lines for which `pick` names steps of a service that is meant to ask, each once.
    pub(crate) fn lines(&self, pick: impl Fn(&Service) -> Vec<usize>) -> Vec<Group<'a>> {
        let is_meant = |service: &Service| self.is_meant(service);
        self.all_lines(|service| {
            if is_meant(service) {
                pick(service)
            } else {
                Vec::new()
            }
        })
    }

    /// The same of any service.
    pub(crate) fn all_lines(&self, pick: impl Fn(&Service) -> Vec<usize>) -> Vec<Group<'a>> {
        let known = self
            .services
            .iter()
            .filter(|service| service.stack.unknown.is_none());
        let members = known.flat_map(|service| {
            let steps = pick(service).into_iter();
            steps.filter_map(|index| {
                let step = service.stack.steps.get(index)?;
                Some(Member {
                    service,
                    step,
                    index,
                })
            })
        });
        grouped(members)
    }

    /// The `account` lines that keep everybody out of services, each once.
    pub(crate) fn blocking_lines(&self) -> Vec<Group<'a>> {
        grouped(self.services.iter().filter_map(|service| {
            Some(Member {
                service,
                step: service.blocked.as_ref()?,
                index: 0,
            })
        }))
    }

    pub(crate) fn repair<'s>(&self, service: &'s Service) -> Repair<'s>
    where
        'a: 's,
    {
        Repair {
            tries: self.tries,
            folder: self.folder,
            services: self.services,
            service,
        }
    }

    /// The line as written, with single spaces.
    pub(crate) fn text(&self, at: &At) -> String {
        let line = self.folder.line(at);
        let text = line.map(|line| line.text.as_str()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl<'a> Group<'a> {
    /// Those of its services that refuse everybody.
    pub(crate) fn locked_out(&self) -> impl Iterator<Item = &'a Service> {
        let services = self.members.iter().map(|member| member.service);
        services.filter(|service| service.verdict == Verdict::LocksOut)
    }

    /// `sshd, sudo and su`.
    pub(crate) fn services(&self) -> String {
        listed(&self.names)
    }

    /// `finding` of this line, with the command that was tried, or else an editor.
    pub(crate) fn finished(&self, finding: Finding, tried: Option<String>) -> Finding {
        finding
            .at(self.at.clone())
            .fix(tried.unwrap_or_else(|| by_hand(&self.at)))
            .of(self.names.clone())
    }
}

/// `a, b and c`; if there are many, the first ones and a count.
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 10;
    match names {
        [] => String::new(),
        [one] => one.clone(),
        more if more.len() > MOST => {
            let shown = more.get(..MOST).unwrap_or_default().join(", ");
            format!("{shown} and {} more", more.len() - MOST)
        }
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Also if our name is misspelt.
fn mentions_ours(text: &str) -> bool {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default());
    let mut words = lines.flat_map(|line| line.split([' ', '\t', '/']));
    words.any(|word| {
        let name = word.trim_end_matches('\r');
        nearest(name.strip_suffix(".so").unwrap_or(name), [OURS]).is_some()
    })
}
