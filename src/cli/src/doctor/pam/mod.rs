//! A sign-in's way through pam.d: whether it always passes our line.
//!
//! [`line`] parses a file, [`stack`] assembles a service with everything it includes, [`walk`] follows every way through
//! it, and [`service`] gives the verdict. The others find what is wrong, and [`repair`] tries each fix on a copy before it
//! is suggested.

mod absent;
mod broken;
mod control;
mod edit;
mod folder;
mod kinds;
mod line;
mod module;
mod names;
mod nearest;
mod order;
mod passed;
mod read;
mod repair;
mod returns;
mod service;
mod stack;
mod switch;
mod unable;
mod view;
mod walk;

pub(crate) use edit::Edit;
pub(crate) use folder::{File, Folder};
pub(crate) use module::{OURS, Role};
pub(crate) use read::read;
pub(crate) use repair::{Tries, by_hand};
pub(crate) use service::{Service, Verdict};
pub(crate) use stack::{Does, Step};
pub(crate) use switch::{off, on};
pub(crate) use unable::why as why_unable;
pub(crate) use view::{View, listed};

use std::collections::BTreeSet;

use crate::finding::Findings;

/// The services that have a file.
pub(crate) fn services(folder: &Folder) -> Vec<Service> {
    let names: BTreeSet<&String> = folder.files.keys().chain(folder.unread.keys()).collect();
    let services = names.into_iter().filter(|name| names::is_service(name));
    services.map(|name| Service::of(name, folder)).collect()
}

/// Reports what is wrong with them, with fixes.
pub(crate) fn look(view: &View<'_>, findings: &mut Findings) {
    returns::look(view, findings);
    broken::look(view, findings);
    kinds::look(view, findings);
    passed::look(view, findings);
    order::look(view, findings);
    unable::look(view, findings);
    absent::look(view, findings);
}
