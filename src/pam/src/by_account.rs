//! Approval with an account: what is asked, and judging the provider's token.

use std::cell::Cell;

use antiphon_core::account::{AccountTerms, CheckDigits, Fault, KeySet, has_key_for};
use antiphon_core::dialogue::Heard;
use antiphon_core::disk::key_file;
use antiphon_core::judge::{AccountApproval, AccountVerdict, judge_account};
use antiphon_core::method::Method;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::text::{AccountText, Text};
use antiphon_core::way::AccountWay;
use antiphon_link::{AskedAccount, News, OpenApproval, ask_for_keys};

use crate::call::Whom;
use crate::dialogue::{SignIn, Talk};

/// An account that was asked.
pub(crate) struct Asked<'a> {
    pub(crate) way: AccountWay<'a>,
    /// The last token, while the page's check digits are awaited.
    pub(crate) token: Option<String>,
}

impl<'a> Talk<'a> {
    /// Has a token judged. It is kept if only the check digits are missing; otherwise the request is concluded.
    pub(crate) fn take_token(&mut self, token: String) -> Result<Heard<'a>, Trouble> {
        if let Some(asked) = &mut self.asked {
            asked.token = Some(token);
        }
        self.judge_token(None)
    }

    /// Has the token that has come judged with these digits. "It is not me" on the page takes effect even if they were typed
    /// meanwhile.
    pub(crate) fn judge_digits(&mut self, digits: &CheckDigits) -> Result<Heard<'a>, Trouble> {
        match self.approval.as_mut().map(OpenApproval::look) {
            None | Some(News::Nothing) => self.judge_token(Some(digits)),
            Some(news) => self.take_news(news),
        }
    }

    /// Whether a token has come that is right but for the check digits.
    pub(crate) fn has_token(&self) -> bool {
        let asked = self.asked.as_ref();
        asked.is_some_and(|asked| asked.token.is_some())
    }

    fn judge_token(&mut self, typed: Option<&CheckDigits>) -> Result<Heard<'a>, Trouble> {
        let (Some(open), Some(asked)) = (&self.approval, &self.asked) else {
            return Ok(Heard::Waits);
        };
        let Some(token) = &asked.token else {
            return Ok(Heard::Waits);
        };
        let (heard, outcome) = self.with.judge_account(open, asked.way, token, typed)?;
        if !matches!(heard, Heard::DigitsWanted) {
            self.take_back(outcome);
        }
        Ok(heard)
    }
}

impl<'a> SignIn<'a> {
    /// What is asked of the account; `None`, with a line in the log, if there are no keys to check its answer with.
    pub(crate) fn account(&'a self, way: AccountWay<'a>) -> Option<AskedAccount<'a>> {
        let now = self.context.watch.now().ok()?;
        let keys = self.keys_of(way)?;
        if !keys.keys.iter().any(|key| key.counts(now)) {
            let name = &way.provider.name;
            let detail = format!(
                "its keys are of {}, and too old; run: antiphon providers refresh {name}",
                keys.fetched
            );
            self.warn_of(Whom::Account(way), "away", &detail);
            ask_for_keys(&self.context.config.paths.socket);
            return None;
        }
        Some(AskedAccount {
            terms: AccountTerms::of(way.provider, way.account),
            check_digits: way
                .provider
                .wants_check_digits(self.context.request.origin(), self.context.user.as_str()),
            has_key: self.keys_for(way),
        })
    }

    /// The provider's keys, as root's file has them now.
    fn keys_of(&self, way: AccountWay<'_>) -> Option<KeySet> {
        let name = &way.provider.name;
        let folder = self.context.walk.open(&self.context.config.paths.providers);
        let keys = folder
            .map_err(|distrust| Trouble::new("provider", &distrust))
            .and_then(|folder| key_file::load(&folder, name));
        let detail = match keys {
            Ok(Some(keys)) => return Some(keys),
            Ok(None) => {
                ask_for_keys(&self.context.config.paths.socket);
                format!("there are no keys of it; run: antiphon providers refresh {name}")
            }
            Err(trouble) => trouble.detail,
        };
        self.warn_of(Whom::Account(way), "away", &detail);
        None
    }

    /// Whether the key that a token names has been fetched, and, the first time that it has not, a line in the log.
    fn keys_for(&'a self, way: AccountWay<'a>) -> Box<dyn Fn(&str) -> bool + 'a> {
        let is_told = Cell::new(false);
        Box::new(move |token| {
            let has_key = self.has_key(way, token);
            if !has_key && !is_told.replace(true) {
                let name = &way.provider.name;
                let detail = format!(
                    "its answer is signed with a key that is not on file, and waits for it; if it does not come, run: \
                     antiphon providers refresh {name}"
                );
                self.warn_of(Whom::Account(way), "waits", &detail);
            }
            has_key
        })
    }

    /// What to say of a token whose key never came.
    pub(crate) fn without_key<'r>(&self, way: AccountWay<'_>) -> Result<Heard<'r>, Trouble> {
        let now = self.context.watch.now()?;
        let detail = Fault::UnknownKey.detail(&way.provider.name, now);
        self.warn_of(Whom::Account(way), "refused", &detail);
        let text = words_of(Fault::UnknownKey);
        Ok(Heard::Failed(text, Refusal::Wrong))
    }

    /// Whether the key that `token` names has been fetched. If that cannot be told, it is judged as it is.
    fn has_key(&self, way: AccountWay<'_>, token: &str) -> bool {
        let (Ok(now), Some(keys)) = (self.context.watch.now(), self.keys_of(way)) else {
            return true;
        };
        has_key_for(token, &keys, way.provider, now)
    }

    /// The verdict on `token`, and the word for it that the page is told.
    fn judge_account<'r>(
        &self,
        open: &OpenApproval<'_>,
        way: AccountWay<'_>,
        token: &str,
        typed: Option<&CheckDigits>,
    ) -> Result<(Heard<'r>, &'static str), Trouble> {
        let Some(keys) = self.keys_of(way) else {
            let unusable = Heard::Failed(AccountText::Unusable.into(), Refusal::AccountAway);
            return Ok((unusable, "refused"));
        };
        let Some(held) = self.hold_state()? else {
            let refused = Outcome::Refused(Refusal::NotEnrolled);
            return Ok((Heard::Decided(refused), "refused"));
        };
        let approval = AccountApproval {
            request: &open.request,
            number: &open.number,
            account: way.account,
            keys: &keys,
            token,
            typed,
        };
        let now = held.now();
        let subject = self.context.subject(&held.record);
        let judgement = judge_account(approval, subject, held.state(), now);
        let verdict = held.settle(judgement)?;
        let warn = |detail: &str| self.warn_of(Whom::Account(way), "refused", detail);
        Ok(match verdict {
            AccountVerdict::Accepted(accepted) => {
                (Heard::Decided(Outcome::Accepted(accepted)), "accepted")
            }
            AccountVerdict::DigitsWanted => (Heard::DigitsWanted, ""),
            AccountVerdict::WrongDigits => {
                self.context.answered_wrong(Method::Account, None);
                let text = AccountText::WrongDigits.into();
                (Heard::Failed(text, Refusal::Wrong), "refused")
            }
            AccountVerdict::NotAllowed => {
                warn("the methods of this service leave accounts out");
                let text = AccountText::Unusable.into();
                (Heard::Failed(text, Refusal::MethodNotAllowed), "refused")
            }
            AccountVerdict::Wrong(fault) => {
                warn(&fault.detail(&way.provider.name, now));
                let outcome = match fault {
                    Fault::Nonce => "wrong",
                    _ => "refused",
                };
                (Heard::Failed(words_of(fault), Refusal::Wrong), outcome)
            }
            AccountVerdict::Late => (Whom::Account(way).late(), "expired"),
        })
    }
}

/// What the person is told of a token that was refused: what they can change.
fn words_of(fault: Fault) -> Text<'static> {
    let text = match fault {
        Fault::Nonce => return Text::WrongNumber,
        Fault::Subject => AccountText::OtherAccount,
        Fault::OldSignIn(_) => AccountText::OldSignIn,
        Fault::Strength => AccountText::TooWeak,
        Fault::Form
        | Fault::Critical
        | Fault::NoKey
        | Fault::UnknownKey
        | Fault::Algorithm
        | Fault::Signature
        | Fault::Issuer
        | Fault::Audience
        | Fault::NoSignInTime
        | Fault::Time(_)
        | Fault::Used => AccountText::Unusable,
    };
    text.into()
}
