//! The approval on the phone: what is signed, and when a signature is valid.
//!
//! The module makes an [`ApprovalRequest`] and a [`Number`]. The phone gets every field but the number, which the
//! person types in; the phone's passkey signs the [digest](ApprovalRequest::digest) as a WebAuthn challenge. The module
//! computes the digest itself and checks the [`Assertion`] against it, so nobody on the way can have changed a message.

mod assertion;
mod client_data;
mod digest;
mod fault;
mod number;
#[cfg(test)]
pub(crate) mod passkey;

pub use assertion::{Assertion, VerifiedPasskey, verify};
pub(crate) use digest::framed;
pub use digest::{ApprovalRequest, TakenBack, renewal_digest};
pub use fault::Fault;
pub use number::Number;
