//! Calling phones.

mod target;

#[cfg(test)]
pub(crate) use target::Keys;
pub(crate) use target::Target;
