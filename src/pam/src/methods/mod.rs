//! "Look after my methods": once a factor has been verified, the person changes their own record during the sign-in.
//!
//! The sign-in is decided before this starts, and nothing here changes that: a person who leaves or a failed write only
//! ends the list. It consists of prompts, since sshd shows nothing without one, and never takes long. If the record has
//! been changed by somebody else since the sign-in began, it is left alone, since what was verified may no longer be in
//! it.

mod account;
mod ask;
mod listed;
mod phone;
mod write;

use std::time::{Duration, Instant};

use antiphon_core::answer::chosen;
use antiphon_core::config::Provider;
use antiphon_core::draft::RecoverySet;
use antiphon_core::judge::Accepted;
use antiphon_core::method::Method;
use antiphon_core::outcome::Outcome;
use antiphon_core::person::{By, Edit, Refused};
use antiphon_core::record::Record;
use antiphon_core::text::{EnrolmentText, Language, MethodsLine, MethodsText, Text};
use antiphon_link::random;

use crate::context::Context;
use crate::course::Touched;
use crate::dialogue::{End, SignIn};
use crate::shown::codes_prompt;
use crate::stack::WipeDeepBelow;
use listed::Listed;

/// Most times that the list is shown.
const MOST_LISTS: u32 = 10;
/// Most prompts of any kind.
const MOST_PROMPTS: u32 = 30;
/// Time limit for changes after the factor was verified: a prompt of su can stay open for days.
const LONGEST: Duration = Duration::from_secs(600);

/// A person managing their methods.
struct Care<'a> {
    /// Its language may change.
    context: Context<'a>,
    /// The factor they signed in with.
    factor: Method,
    /// The record on file, as far as we know.
    record: Record,
    recovery_left: u32,
    began: Instant,
    prompts: u32,
    /// Shown at the start of the next prompt.
    said: Option<String>,
}

/// The person's settings afterwards.
pub(crate) struct Cared {
    pub(crate) language: Language,
    pub(crate) recovery_left: u32,
}

/// The end of the session.
struct Over;

/// A choice from the list.
enum Choice<'a> {
    Add,
    AddAccount(&'a Provider),
    Remove(Listed),
    Rename(Listed),
    NewCodes,
    Speak(Language),
    Done,
}

/// Lets the person of `end`, if signed in, manage their methods: if they asked for it, or if they signed in without the
/// phone that the record has. Not in a rehearsal: one right answer among many that stop nobody proves too little for a
/// change that lasts.
pub(crate) fn look_after(sign_in: &SignIn<'_>, end: &mut End) -> Option<Cared> {
    let Outcome::Accepted(accepted) = &end.outcome else {
        return None;
    };
    let is_without_phone = matches!(accepted.method(), Method::Recovery | Method::Bypass)
        && !sign_in.record().phones.is_empty();
    if !end.wants_care && !is_without_phone || sign_in.factors.is_of_fleet() || end.is_rehearsal {
        return None;
    }
    sign_in.context.verified(accepted.method());
    // Only the record that the person was asked by: if root has replaced it since, the verified factor does not entitle
    // the person to change it.
    let by_now = sign_in.record_by_now().ok().flatten();
    let is_same = by_now.is_some_and(|record| matches!(record, std::borrow::Cow::Borrowed(_)));
    let mut care = Care::begin(sign_in, accepted);
    care.said = std::mem::take(&mut end.mid_line).then(String::new);
    if !is_same {
        care.say(MethodsText::Meanwhile);
        care.last_words();
        return Some(care.end());
    }
    let _wiped_at_the_end = WipeDeepBelow;
    let _ = care.run(end.wants_care);
    care.last_words();
    Some(care.end())
}

/// Offers the person of `end`, who has just enrolled with a code, to add their phone and their accounts in the same sitting.
pub(crate) fn offer_more(sign_in: &SignIn<'_>, end: &End) {
    let Outcome::Accepted(accepted) = &end.outcome else {
        return;
    };
    sign_in.context.verified(accepted.method());
    let mut care = Care::begin(sign_in, accepted);
    let _wiped_at_the_end = WipeDeepBelow;
    let _ = care.run_offer();
    care.last_words();
}

impl<'a> Care<'a> {
    fn begin(sign_in: &SignIn<'a>, accepted: &Accepted) -> Self {
        Self {
            context: sign_in.context,
            factor: accepted.method(),
            record: sign_in.record().clone(),
            recovery_left: accepted.recovery_left(),
            began: sign_in.context.watch.instant(),
            prompts: 0,
            said: None,
        }
    }

    /// In a separate stack frame, which is gone when the stack is wiped.
    #[inline(never)]
    fn run_offer(&mut self) -> Result<(), Over> {
        if self.ask_yes(MethodsText::OfferPhone)? {
            self.add_phone()?;
        }
        for provider in &self.context.config.providers {
            let label = provider.label.in_language(self.context.language);
            if self.ask_yes(MethodsText::OfferAccount(label))? {
                self.add_account(provider)?;
            }
        }
        Ok(())
    }

    fn end(&self) -> Cared {
        Cared {
            language: self.context.language,
            recovery_left: self.recovery_left,
        }
    }

    /// In a separate stack frame, which is gone when the stack is wiped.
    #[inline(never)]
    fn run(&mut self, wanted: bool) -> Result<(), Over> {
        if !wanted && !self.ask_yes(MethodsText::Offer)? {
            return Ok(());
        }
        for _ in 0..MOST_LISTS {
            match self.choose()? {
                None => {}
                Some(Choice::Done) => return Ok(()),
                Some(Choice::Add) => self.add_phone()?,
                Some(Choice::AddAccount(provider)) => self.add_account(provider)?,
                Some(Choice::NewCodes) => self.renew_codes()?,
                Some(Choice::Remove(listed)) => self.remove(&listed)?,
                Some(Choice::Rename(listed)) => self.rename(&listed)?,
                Some(Choice::Speak(language)) => self.speak(language)?,
            }
        }
        Ok(())
    }

    /// Shows the list. `None` if the input is not one of its numbers.
    fn choose(&mut self) -> Result<Option<Choice<'a>>, Over> {
        let listed = Listed::all(&self.record);
        let other = match self.context.language {
            Language::Swedish => Language::English,
            Language::English => Language::Swedish,
        };
        let mut choices = vec![(MethodsLine::Add, Choice::Add)];
        for provider in &self.context.config.providers {
            let label = provider.label.in_language(self.context.language);
            choices.push((MethodsLine::AddAccount(label), Choice::AddAccount(provider)));
        }
        for one in &listed {
            choices.push((one.remove_line(), Choice::Remove(one.clone())));
            choices.push((one.rename_line(), Choice::Rename(one.clone())));
        }
        choices.push((MethodsLine::NewCodes(self.recovery_left), Choice::NewCodes));
        choices.push((MethodsLine::Speak(other), Choice::Speak(other)));
        choices.push((MethodsLine::Done, Choice::Done));
        let (lines, mut choices): (Vec<_>, Vec<_>) = choices.into_iter().unzip();
        let text = self.text(&MethodsText::List(&lines).into());
        let typed = self.ask(&text)?;
        if typed.trim_ascii().is_empty() {
            return Ok(Some(Choice::Done));
        }
        let Some(index) = chosen(&typed, choices.len()) else {
            self.say(Text::NoSuchChoice(choices.len()));
            return Ok(None);
        };
        Ok(Some(choices.swap_remove(index)))
    }

    fn speak(&mut self, language: Language) -> Result<(), Over> {
        if self.change(Edit::Speak(language), Touched::Nothing)? {
            self.context.language = language;
            self.say(MethodsText::Speaks);
        }
        Ok(())
    }

    /// Shows them before writing, so that a person who leaves keeps the old ones.
    fn renew_codes(&mut self) -> Result<(), Over> {
        let Ok(codes) = random::recovery_set() else {
            self.say(MethodsText::NotWritten);
            return Ok(());
        };
        self.show_codes(&MethodsText::NewCodes.into(), &codes)?;
        if self.change(Edit::NewRecovery(&codes.hashes), Touched::Nothing)? {
            self.say(MethodsText::Renewed);
        }
        Ok(())
    }

    /// Shows recovery codes below `first` until they are written down.
    fn show_codes(&mut self, first: &Text<'_>, codes: &RecoverySet) -> Result<(), Over> {
        let question = self.text(&EnrolmentText::WrittenDown.into());
        self.ask(&codes_prompt(&self.text(first), codes, &question))
            .map(drop)
    }

    fn remove(&mut self, listed: &Listed) -> Result<(), Over> {
        let edit = listed.removal();
        // Checked before the question, to answer sooner.
        let possible = edit.applied_to_record(&self.record, By::Person, self.context.config);
        if let Err(why) = possible {
            self.say(reason(&why));
            return Ok(());
        }
        if !self.ask_yes(listed.really_remove())? {
            self.say(MethodsText::Nothing);
            return Ok(());
        }
        if self.change(edit, listed.touched())? {
            if let Listed::Phone { phone, .. } = listed {
                self.forget(phone);
            }
            self.say(listed.removed());
        }
        Ok(())
    }

    fn rename(&mut self, listed: &Listed) -> Result<(), Over> {
        let text = self.text(&MethodsText::NewName(listed.name()).into());
        let typed = self.ask(&text)?;
        let Ok(name) = std::str::from_utf8(typed.trim_ascii()) else {
            self.say(MethodsText::OddName);
            return Ok(());
        };
        if name.is_empty() {
            self.say(MethodsText::Nothing);
        } else if self.change(listed.renaming(name), listed.called(name))? {
            self.say(listed.renamed(name));
        }
        Ok(())
    }
}

fn reason(why: &Refused) -> MethodsText<'static> {
    match why {
        Refused::LastWay(_) => MethodsText::LastWay,
        Refused::Name => MethodsText::OddName,
        Refused::TakenName => MethodsText::TakenName,
        _ => MethodsText::Nothing,
    }
}
