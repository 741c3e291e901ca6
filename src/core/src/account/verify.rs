//! Every check of a token.

use super::check_digits::CheckDigits;
use super::claims::{Claim, Claims};
use super::fault::{Fault, WrongTime};
use super::jws::Jws;
use super::key::Algorithm;
use super::key_set::{Key, KeySet};
use super::terms::AccountTerms;
use crate::base64url;
use crate::config::{Provider, Strength, StrengthClaim, SubjectClaim};
use crate::record::{Account, AccountSubject};
use crate::time::UnixTime;
use crate::visible::visible;

/// How far two clocks may differ, in seconds.
const SKEW: u64 = 60;
/// How long before the request a token may say that it was issued, in seconds: Entra ID writes five minutes too early.
/// That it is newer than the request is proved by the nonce.
const BACK_DATED: u64 = 600;

/// What a token must be for.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// Whose it must be.
    pub provider: &'a Provider,
    /// The provider's keys.
    pub keys: &'a KeySet,
    /// What its nonce must encode.
    pub digest: &'a [u8; 32],
    /// When the sign-in or enrolment began.
    pub issued: UnixTime,
    /// Whose account it must be; `None` at an enrolment that takes whichever it is.
    pub subject: Option<&'a AccountSubject>,
}

/// A token that has passed every check. Made only by [`verify`].
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    subject: AccountSubject,
    name: String,
    check_digits: CheckDigits,
}

impl VerifiedToken {
    /// Whose account it is.
    #[must_use]
    pub fn subject(&self) -> &AccountSubject {
        &self.subject
    }

    /// What the provider calls the person; safe to show, and good for nothing else. May be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the page shows once it has the token.
    #[must_use]
    pub fn check_digits(&self) -> &CheckDigits {
        &self.check_digits
    }
}

/// Whether `keys` has the key that `token` names, or else the token need not wait for it.
#[must_use]
pub fn has_key_for(token: &str, keys: &KeySet, provider: &Provider, now: UnixTime) -> bool {
    Jws::parse(token).map_or(true, |jws| keys.key(&jws.kid, provider, now).is_some())
}

/// Whether `token` says that it is for this account. It may say anything: nothing is verified, and nobody is let in by it.
#[must_use]
pub fn names_account(token: &str, terms: &AccountTerms) -> bool {
    let Ok(claims) = Jws::parse(token).and_then(|jws| jws.claims()) else {
        return false;
    };
    let claim = if terms.tenant.is_empty() {
        SubjectClaim::Sub
    } else {
        SubjectClaim::ObjectId
    };
    let is_theirs = |subject: AccountSubject| {
        subject.id == terms.subject && subject.tenant.unwrap_or_default() == terms.tenant
    };
    claims.text("iss") == Some(&terms.issuer)
        && check_audience(&claims, &terms.client_id).is_ok()
        && subject_in(&claims, claim).is_some_and(is_theirs)
}

/// Checks that `token` is an ID token of the expected provider, for exactly this nonce and account, with a fresh and
/// strong enough sign-in there.
///
/// # Errors
/// The first [`Fault`]; nothing was proved then.
pub fn verify(token: &str, expected: Expected<'_>, now: UnixTime) -> Result<VerifiedToken, Fault> {
    let provider = expected.provider;
    let jws = Jws::parse(token)?;
    let key = expected
        .keys
        .key(&jws.kid, provider, now)
        .ok_or(Fault::UnknownKey)?;
    if Algorithm::from_name(&jws.algorithm) != Some(key.key.algorithm()) {
        return Err(Fault::Algorithm);
    }
    if !key.key.has_signed(jws.signed, &jws.signature) {
        return Err(Fault::Signature);
    }
    let claims = jws.claims()?;
    check_issuer(&claims, provider, key)?;
    check_audience(&claims, &provider.client_id)?;
    if claims.text("nonce") != Some(&base64url::encode(expected.digest)) {
        return Err(Fault::Nonce);
    }
    let subject = subject_in(&claims, provider.subject).ok_or(Fault::Subject)?;
    if expected
        .subject
        .is_some_and(|expected| *expected != subject)
    {
        return Err(Fault::Subject);
    }
    check_sign_in_time(&claims, provider, expected.issued, now)?;
    check_times(&claims, expected.issued, now)?;
    if let Some(strength) = &provider.strength
        && !is_as_strong(&claims, strength)
    {
        return Err(Fault::Strength);
    }
    let name = claims.text("name").unwrap_or_default();
    Ok(VerifiedToken {
        subject,
        name: visible(name, Account::LONGEST_NAME),
        check_digits: CheckDigits::of(token),
    })
}

fn check_issuer(claims: &Claims, provider: &Provider, key: &Key) -> Result<(), Fault> {
    let issuer = Some(provider.issuer.as_str());
    if claims.text("iss") != issuer || (key.issuer.is_some() && key.issuer.as_deref() != issuer) {
        return Err(Fault::Issuer);
    }
    Ok(())
}

/// One audience, which is ours: a token for several parties can be used by each of them.
fn check_audience(claims: &Claims, client: &str) -> Result<(), Fault> {
    let is_ours = match claims.get("aud") {
        Some(Claim::Text(audience)) => audience == client,
        Some(Claim::List(audiences)) => *audiences == [client],
        _ => false,
    };
    let is_authorized = !claims.has("azp") || claims.text("azp") == Some(client);
    if is_ours && is_authorized {
        Ok(())
    } else {
        Err(Fault::Audience)
    }
}

/// Only one that a record can hold: no other can be anybody's.
fn subject_in(claims: &Claims, claim: SubjectClaim) -> Option<AccountSubject> {
    let (id, tenant) = match claim {
        SubjectClaim::Sub => (claims.text("sub")?, None),
        SubjectClaim::ObjectId => {
            let tenant = claims.text("tid")?;
            (claims.text("oid")?, Some(tenant.to_owned()))
        }
    };
    let id = id.to_owned();
    Some(AccountSubject { id, tenant }).filter(AccountSubject::is_sound)
}

/// Only `auth_time` proves that the person signed in at the provider for this; the nonce proves that the token is new.
fn check_sign_in_time(
    claims: &Claims,
    provider: &Provider,
    issued: UnixTime,
    now: UnixTime,
) -> Result<(), Fault> {
    const CLAIM: &str = "auth_time";
    if !claims.has(CLAIM) {
        return if provider.reauthentication {
            Err(Fault::NoSignInTime)
        } else {
            Ok(())
        };
    }
    let at = time_in(claims, CLAIM)?;
    if at > now.plus(SKEW) {
        return Err(wrong(CLAIM, at));
    }
    if provider.reauthentication && at.plus(SKEW) < issued {
        // The nonce is newer than `issued`, so a token that says it is older is of another clock. If the sign-in was then
        // hardly earlier than the token, it is the clocks that are to be mended, and nobody was signed in already.
        let made = time_in(claims, "iat")?;
        let is_of_its_time = at.plus(SKEW).plus(issued.until(now)) >= made;
        return Err(if made.plus(SKEW) < issued && is_of_its_time {
            wrong(CLAIM, at)
        } else {
            Fault::OldSignIn(at)
        });
    }
    Ok(())
}

fn check_times(claims: &Claims, issued: UnixTime, now: UnixTime) -> Result<(), Fault> {
    let made = time_in(claims, "iat")?;
    if made.plus(BACK_DATED) < issued || made > now.plus(SKEW) {
        return Err(wrong("iat", made));
    }
    let expires = time_in(claims, "exp")?;
    if expires.plus(SKEW) <= now {
        return Err(wrong("exp", expires));
    }
    if claims.has("nbf") {
        let from = time_in(claims, "nbf")?;
        if from > now.plus(SKEW) {
            return Err(wrong("nbf", from));
        }
    }
    Ok(())
}

fn time_in(claims: &Claims, claim: &'static str) -> Result<UnixTime, Fault> {
    match claims.get(claim) {
        Some(Claim::Number(seconds)) => Ok(UnixTime(*seconds)),
        _ => Err(Fault::Time(WrongTime { claim, at: None })),
    }
}

fn wrong(claim: &'static str, at: UnixTime) -> Fault {
    Fault::Time(WrongTime {
        claim,
        at: Some(at),
    })
}

/// A browser can strip what the page asked the provider for from the address, so the token must prove it.
fn is_as_strong(claims: &Claims, strength: &Strength) -> bool {
    let proves = |value: &String| strength.values.contains(value);
    match (strength.claim, claims.get(strength.claim.name())) {
        (StrengthClaim::Acr | StrengthClaim::Acrs, Some(Claim::Text(value))) => proves(value),
        (StrengthClaim::Amr | StrengthClaim::Acrs, Some(Claim::List(values))) => {
            values.iter().any(proves)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
