//! A sign-in, from the configuration to the answer.
//!
//! Takes PAM's data, a conversation and a clock; returns an [`Ending`]. No lock is held while the person is asked.

use antiphon_core::config::{Config, Mode};
use antiphon_core::disk::summary_file::{self, Durable};
use antiphon_core::disk::{Folder, Walk, config_file};
use antiphon_core::logline::LogLine;
use antiphon_core::method::Method;
use antiphon_core::outcome::{Outcome, Refusal};
use antiphon_core::policy;
use antiphon_core::summary::Summary;
use antiphon_core::text::{AccountText, EnrolmentText, Language, MethodsText, Text};
use antiphon_core::version;
use antiphon_core::way::ways;

use crate::account::Account;
use crate::admission::{self, Admission, Surroundings};
use crate::arguments::Arguments;
use crate::context::Context;
use crate::conversation::Conversation;
use crate::dialogue::{self, SignIn};
use crate::ending::Ending;
use crate::enrolment::Enrolment;
use crate::fleet::Place;
use crate::host::Host;
use crate::journal::Journal;
use crate::methods;
use crate::request::Request;
use crate::watch::Watch;

pub(crate) fn run(
    arguments: &Arguments,
    request: &Request,
    conversation: &dyn Conversation,
    watch: &dyn Watch,
    journal: &Journal,
    walk: &Walk,
) -> Ending {
    let config = match config_file::load(arguments.config.as_deref(), walk) {
        Ok(config) => config,
        Err(trouble) => {
            let trouble = admission::is_not_root().unwrap_or(trouble);
            return Ending::early(Outcome::Unusable(trouble));
        }
    };
    journal.debug(version::MODULE_SAYS);
    let mut ending = Ending::early(Outcome::Cancelled);
    ending.language = config.language;
    ending.activity = Some(config.paths.activity.clone());
    let mut fleet = None;
    let admission = match Account::find(&request.asked_for) {
        Ok(account) => {
            fleet = Place::find(&config, &account.name, walk);
            let surroundings = Surroundings {
                watch,
                journal,
                walk,
                fleet: fleet.as_ref(),
            };
            let admission = admission::decide(&config, request, &account, surroundings);
            ending.user = Some(account.name);
            admission
        }
        Err(outcome) => {
            let lacks = admission::lacks_first_factor(&config, request, None);
            Admission::Decided(lacks.map_or(outcome, Outcome::Refused))
        }
    };
    let lacks_first_factor = matches!(
        admission,
        Admission::Decided(Outcome::Refused(
            Refusal::WrongPassword | Refusal::NoFirstFactor
        ))
    );
    if !lacks_first_factor {
        say_what_exempted_nobody(&config, request, &admission, journal);
    }
    // In a rehearsal, those who can be asked are.
    let is_asked = matches!(admission, Admission::Ask(_)) && config.mode == Mode::Rehearse;
    let observed = policy::observed(&config).filter(|_| !lacks_first_factor && !is_asked);
    if let Some(exemption) = observed {
        say_what_would_be(&mut ending, admission, &config, request);
        ending.outcome = Outcome::Exempt(exemption);
        return ending;
    }
    let context = |user, language: Option<Language>| Context {
        config: &config,
        user,
        language: language.unwrap_or(config.language),
        request,
        conversation,
        watch,
        journal,
        walk,
        fleet: fleet.as_ref().and_then(|fleet| fleet.as_ref().ok()),
    };
    match (admission, &ending.user) {
        (Admission::Ask(factors), Some(user)) => {
            let context = context(user, factors.record().language);
            let language = context.language;
            let sign_in = SignIn {
                context,
                factors: &factors,
            };
            let mut end = sign_in.hold();
            let rehearsed = sign_in.close_rehearsal(&mut end);
            beside(|| show_recovery_left(&sign_in, &end.outcome));
            let cared = beside(|| methods::look_after(&sign_in, &mut end)).flatten();
            let reminded = up_to_date(&end, &config, language).filter(|_| cared.is_none());
            let language = cared.as_ref().map_or(language, |cared| cared.language);
            let renewed = cared.map(|cared| cared.recovery_left);
            ending.notices.extend(rehearsed);
            say_what_happened(&mut ending, end, language, renewed);
            ending.notices.extend(reminded);
        }
        (Admission::Enrol(leave, read), Some(user)) => {
            let read = read.as_deref();
            let context = context(user, read.and_then(|read| read.record().language));
            let language = context.language;
            let enrolment = Enrolment {
                context,
                leave,
                read,
            };
            let (end, confirmed) = enrolment.hold();
            beside(|| confirmed.map(|confirmed| enrolment.offer_more(&end, confirmed)));
            say_what_happened(&mut ending, end, language, None);
        }
        (Admission::Decided(outcome), _) => ending.outcome = outcome,
        // A record is only ever read for a known name, so this does not happen; it stays cancelled.
        (Admission::Ask(_) | Admission::Enrol(..), None) => {}
    }
    ending
}

/// Runs what follows the decision and cannot change it: an accepted sign-in succeeds whatever happens there, even a
/// panic, which is logged like any other.
fn beside<T>(what: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(what)).ok()
}

/// What would have come of it, for the log of a host that asks nobody yet.
fn say_what_would_be(
    ending: &mut Ending,
    admission: Admission,
    config: &Config,
    request: &Request,
) {
    match admission {
        Admission::Decided(outcome) => ending.would(outcome),
        Admission::Ask(_) if request.host == Host::SshdBlind => {
            ending.would(Outcome::Refused(Refusal::BlindPasswordMethod));
        }
        // A person with a bypass code would be asked for it; the state is not read here.
        Admission::Ask(factors) if ways(factors.record(), config, &request.service).is_empty() => {
            ending.would(Outcome::Refused(Refusal::NoMethodAllowed));
        }
        Admission::Ask(_) => ending.would = Some("ask".to_owned()),
        Admission::Enrol(..) => ending.would = Some("enrol".to_owned()),
    }
}

/// A network exemption has no effect if sshd reports names instead of addresses, which nothing else would reveal.
fn say_what_exempted_nobody(
    config: &Config,
    request: &Request,
    admission: &Admission,
    journal: &Journal,
) {
    let is_exempt = matches!(admission, Admission::Decided(Outcome::Exempt(_)));
    if !is_exempt && policy::lacks_address(config, &request.service, &request.remote_host) {
        let line = LogLine::new()
            .with("exempt", "no-network")
            .with("rhost", &request.remote_host)
            .with(
                "fix",
                "an exempt network needs an address, and this is a host name: set UseDNS no in sshd_config",
            );
        journal.warn(&line);
    }
}

/// Updates the summary, so that the person sees at once how many recovery codes are left. A failure changes nothing.
fn show_recovery_left(sign_in: &SignIn<'_>, outcome: &Outcome) {
    let activity = &sign_in.context.config.paths.activity;
    if let Outcome::Accepted(accepted) = outcome
        && accepted.method() == Method::Recovery
        && activity
            .join(sign_in.context.user.file_name(summary_file::SUFFIX))
            .exists()
        && let Ok(Some(record)) = sign_in.record_by_now()
        && let Ok(folder) = Folder::open(activity)
    {
        let summary = Summary::of(&record, accepted.recovery_left());
        let _ = summary_file::store(&folder, sign_in.context.user, &summary, Durable::No);
    }
}

/// Asks whether the methods are up to date. After a recovery code, how many are left is said anyway.
fn up_to_date(end: &dialogue::End, config: &Config, language: Language) -> Option<String> {
    let Outcome::Accepted(accepted) = &end.outcome else {
        return None;
    };
    let reminder = accepted.reminder()?;
    let page = &config.page;
    let is_counted = accepted.method() == Method::Recovery;
    let text = MethodsText::UpToDate {
        few_codes: reminder.few_codes.filter(|_| !is_counted),
        silent_phone: reminder.silent_phone.as_deref(),
        page: if page.is_for_this_computer_only() {
            ""
        } else {
            &page.origin
        },
    };
    Some(Text::from(text).in_language(language))
}

/// `renewed` is the number of recovery codes, if the person has managed their methods.
fn say_what_happened(
    ending: &mut Ending,
    end: dialogue::End,
    language: Language,
    renewed: Option<u32>,
) {
    ending.language = language;
    ending.last_words = end.last_words;
    ending.mid_line = end.mid_line;
    ending.is_rehearsal = end.is_rehearsal;
    if let Some(outcome) = end.would {
        ending.would(outcome);
    }
    let let_in = match &end.outcome {
        Outcome::Accepted(accepted) => accepted.let_in(),
        _ => &end.let_in,
    };
    ending.tell_of_let_in(let_in);
    if let Outcome::Accepted(accepted) = &end.outcome {
        let missed = accepted.missed();
        let strangers = missed.wrong.saturating_sub(end.own_wrong_codes);
        if strangers > 0 {
            let from = missed.from.join(", ");
            ending
                .notices
                .push(Text::Missed(strangers, &from).in_language(language));
        }
        if accepted.method() == Method::Approval {
            ending.notices.push(Text::Approved.in_language(language));
        }
        if accepted.method() == Method::Account {
            let approved = Text::from(AccountText::Approved);
            ending.notices.push(approved.in_language(language));
        }
        if accepted.method() == Method::Enrolment {
            let done = Text::Enrolment(EnrolmentText::Done);
            ending.notices.push(done.in_language(language));
        }
        if accepted.method() == Method::Recovery {
            let left = renewed.unwrap_or(accepted.recovery_left());
            ending
                .notices
                .push(Text::RecoveryLeft(left).in_language(language));
        }
    }
    ending.outcome = end.outcome;
}
