/// The check that an assertion failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Another credential.
    Credential,
    /// `clientDataJSON` is too long or malformed.
    ClientData,
    /// Not an assertion, but a registration or something else.
    Type,
    /// Signed for another challenge, or with the wrong number.
    Challenge,
    /// Signed on another page, or on ours embedded in another one.
    Origin,
    /// `authenticatorData` is too short or has parts that an assertion does not have.
    AuthenticatorData,
    /// Another relying party.
    RelyingParty,
    /// Nobody was present, or the phone did not verify the user.
    UserVerification,
    /// The passkey claims to be synced but was enrolled as not synced, or vice versa.
    Backup,
    /// The signature was not made by the key.
    Signature,
    /// The signature counter went back: the passkey may have been cloned.
    Counter,
}

impl Fault {
    /// The word for it in the log.
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Fault;

    #[test]
    fn each_has_a_word_of_its_own_that_says_it_was_the_phones_answer() {
        let all = [
            Fault::Credential,
            Fault::ClientData,
            Fault::Type,
            Fault::Challenge,
            Fault::Origin,
            Fault::AuthenticatorData,
            Fault::RelyingParty,
            Fault::UserVerification,
            Fault::Backup,
            Fault::Signature,
            Fault::Counter,
        ];
        let words: BTreeSet<&str> = all.into_iter().map(Fault::word).collect();
        assert_eq!(words.len(), all.len());
        assert!(words.iter().all(|word| word.starts_with("phone-")));
    }
}
