//! The approval with the organisation's account: what the provider signs, and when its token counts.
//!
//! The provider (Entra ID, Keycloak, any `OpenID` provider) signs an ID token that carries back a nonce of the client's
//! choice. Here the nonce is the [digest](AccountTerms::digest) of the sign-in, the number on the terminal and the account,
//! so the token is the provider's signature over this very approval. The module computes the digest itself and
//! [verifies](verify) the token with the provider's keys, which root keeps in a [`KeySet`].
//!
//! | item | purpose |
//! | --- | --- |
//! | [`AccountTerms`] | what the token must be for, and the nonce of an approval |
//! | [`AccountInvitation`] | the nonce of an enrolment |
//! | [`verify`], [`Fault`] | every check of a token, and the first that it failed |
//! | [`KeySet`] | the provider's keys, as root's file has them |
//! | [`published_keys`] | the provider's keys, as it publishes them |
//! | [`CheckDigits`] | what the page shows after the provider's sign-in, to be typed at the terminal |
//! | [`page_code`] | by which the page finds the sign-in |
//! | [`ticket_name`] | by which the page finds the enrolment |
//!
//! # What it is worth
//!
//! | attacker | can | cannot, because |
//! | --- | --- | --- |
//! | runs the provider, or may issue its tokens | approve: that is what the setting means | – |
//! | controls the daemon or the page | withhold approvals, see who signs in; divert an approval that the person really gives, to a sign-in of an attacker who has the password | make one without the person: the token is the provider's signature over one sign-in's digest, and is checked here with keys that only root writes |
//! | has the password, and sends the person a link or the number | divert an approval, if the person also reads out the check digits, or guess them: 1 in 100 for each approval | do it with a number alone: the page shows the digits only to the browser that has signed in, and they must be typed at the attacker's terminal, unless [the person](crate::origin::Origin::is_at_this_computer) started the program there |
//! | has stolen a session at the provider | nothing, where the provider proves a fresh sign-in (`auth_time`), which is required unless root says otherwise | approve without the person's password there, or what else the provider asks for |
//! | strips what the page asks the provider for from its address | be signed in with less | have it count: the token must prove time and strength of the sign-in |
//! | another client of the same provider | get tokens for itself, even with this nonce | use them: the audience is another |
//!
//! Time and keys are passed in.

mod check_digits;
mod claims;
mod fault;
mod jws;
mod key;
mod key_set;
mod published;
mod terms;
#[cfg(test)]
pub(crate) mod test_provider;
mod verify;

pub use check_digits::CheckDigits;
pub use fault::{Fault, WrongTime};
pub use jws::LONGEST_TOKEN;
pub use key::{Algorithm, PublicKey};
pub use key_set::{Key, KeySet, KeySetError};
pub use published::{Published, PublishedError, PublishedKey, published_keys};
pub use terms::{AccountInvitation, AccountTerms, page_code, ticket_name};
pub use verify::{Expected, VerifiedToken, has_key_for, names_account, verify};
