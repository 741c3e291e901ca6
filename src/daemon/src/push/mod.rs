//! Calls phones whose page is closed: Web Push, or a plain POST.
//!
//! A push says only that a sign-in is waiting or is over. It is sent in the background: no sign-in waits for one or
//! fails with one. The phone, and so perhaps an attacker, chooses where it goes: [`addresses`] refuses some
//! destinations, and connections use the very address that was checked. It may be slow, or there may be many: [`lanes`]
//! keeps one person's pushes from blocking others'.

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
pub(crate) use target::{Keys, Target, base64url};
