//! Calling phones whose page is closed: Web Push, or a plain POST.
//!
//! A push says that a sign-in waits, or that it has gone, and nothing more. It goes out in the background: no sign-in waits for one, and none
//! fails with one. Where it goes is the phone's choice, and so perhaps an attacker's: [`addresses`] says which are left
//! alone, and a connection is made to the very address that was checked. And it may be slow, or many: [`lanes`] keeps one
//! person's pushes from taking the place of others'.

mod addresses;
mod courier;
mod endpoint;
mod lanes;
mod message;
mod news;
mod target;
mod vapid;

pub(crate) use courier::Courier;
pub(crate) use endpoint::BadAddress;
pub(crate) use news::{Gone, News};
pub(crate) use target::{Keys, Target};
