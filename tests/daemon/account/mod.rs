//! Accounts: the real daemon between root, browsers and a provider.

mod browser;
mod displacement;
mod enrolment;
mod idp;
mod other_browsers;
mod provider;
mod sign_in;
mod strangers;
mod withdrawal;
