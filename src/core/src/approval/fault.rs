//! Which check an answer of a phone failed.

/// Which check an assertion failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is for another credential.
    Credential,
    /// `clientDataJSON` is too long or not JSON of the right form.
    ClientData,
    /// It is not the answer to a question but a registration or something else.
    Type,
    /// It answers another question, or the number was another one.
    Challenge,
    /// It was given on another page, or on ours inside another one.
    Origin,
    /// `authenticatorData` is too short or has parts that an answer has not.
    AuthenticatorData,
    /// It is for another site.
    RelyingParty,
    /// Nobody was there, or the phone did not verify who.
    UserVerification,
    /// The passkey is said to be synced, and was not enrolled as such, or the other way round.
    Backup,
    /// The signature is not the key's.
    Signature,
    /// The passkey's counter has gone back: there may be two of it.
    Counter,
}

impl Fault {
    /// The word in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Credential => "phone-credential",
            Self::ClientData => "phone-client-data",
            Self::Type => "phone-type",
            Self::Challenge => "phone-number",
            Self::Origin => "phone-origin",
            Self::AuthenticatorData => "phone-authenticator-data",
            Self::RelyingParty => "phone-relying-party",
            Self::UserVerification => "phone-user-verification",
            Self::Backup => "phone-backup",
            Self::Signature => "phone-signature",
            Self::Counter => "phone-counter",
        }
    }
}
