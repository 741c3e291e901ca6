//! Judging a provider's token for an approval.

use super::accepted::{Accepted, ApprovedBy, accepted};
use super::{Judgement, Subject};
use crate::account::{AccountTerms, CheckDigits, Expected, Fault, KeySet, verify};
use crate::approval::{ApprovalRequest, Number};
use crate::method::Method;
use crate::record::Account;
use crate::state::State;
use crate::time::UnixTime;

/// A token and the request it answers.
#[derive(Clone, Copy)]
pub struct AccountApproval<'a> {
    /// What the page was shown.
    pub request: &'a ApprovalRequest,
    /// What the terminal showed.
    pub number: &'a Number,
    /// The account that was asked for.
    pub account: &'a Account,
    /// The keys of its provider.
    pub keys: &'a KeySet,
    /// What the provider has signed.
    pub token: &'a str,
    /// What was typed of the page's digits, if anything was.
    pub typed: Option<&'a CheckDigits>,
}

/// The verdict on a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountVerdict {
    /// It verifies.
    Accepted(Accepted),
    /// It verifies, but the check digits must be typed too.
    DigitsWanted,
    /// It verifies, but other digits were typed: whoever typed them may not be the one who signed in at the provider.
    WrongDigits,
    /// The service does not allow accounts.
    NotAllowed,
    /// It failed a check.
    Wrong(Fault),
    /// It came too late.
    Late,
}

/// Judges a token. Others carried it, so only the provider's signature counts, by the keys in root's file.
#[must_use]
pub fn judge_account(
    approval: AccountApproval<'_>,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<AccountVerdict> {
    let AccountApproval { request, typed, .. } = approval;
    if now >= request.expires {
        return Judgement::unchanged(AccountVerdict::Late);
    }
    if !subject
        .config
        .services
        .allows(subject.service, Method::Account)
    {
        return Judgement::unchanged(AccountVerdict::NotAllowed);
    }
    let wrong = |fault| Judgement::unchanged(AccountVerdict::Wrong(fault));
    let wanted = approval.account;
    // Root may have removed it meanwhile.
    let is_meant =
        |known: &&Account| known.provider == wanted.provider && known.subject == wanted.subject;
    let Some(account) = subject.record.accounts.iter().find(is_meant) else {
        return wrong(Fault::Subject);
    };
    let Some(provider) = subject.config.provider(&account.provider) else {
        return wrong(Fault::Issuer);
    };
    if !account.subject.is_of(provider.subject) {
        return wrong(Fault::Subject);
    }
    let digest = AccountTerms::of(provider, account).digest(request, approval.number);
    let expected = Expected {
        provider,
        keys: approval.keys,
        digest: &digest,
        issued: request.issued,
        subject: Some(&account.subject),
    };
    let verified = match verify(approval.token, expected, now) {
        Ok(verified) => verified,
        Err(fault) => return wrong(fault),
    };
    let mut next = state.clone();
    if !next.use_approval(&digest, request.expires, now) {
        return wrong(Fault::Used);
    }
    if provider.wants_check_digits(subject.origin, &subject.record.user) {
        match typed {
            None => return Judgement::unchanged(AccountVerdict::DigitsWanted),
            Some(typed) if typed == verified.check_digits() => {}
            Some(_) => {
                // Nobody tries a second pair of digits.
                return Judgement {
                    verdict: AccountVerdict::WrongDigits,
                    next: Some(next),
                };
            }
        }
    }
    next.approved(subject.origin, now);
    let by = ApprovedBy::Account(account);
    let (accepted, next) = accepted(Method::Account, by, subject, next, now);
    Judgement {
        verdict: AccountVerdict::Accepted(accepted),
        next: Some(next),
    }
}
