//! A sign-in, from the configuration to the answer.
//!
//! Comes in: what PAM said, a way to ask, a clock. Goes out: an [`Ending`]. Nothing is held while the person is asked.

use antiphon_core::config::Config;
use antiphon_core::disk::summary_file;
use antiphon_core::disk::{Walk, config_file};
use antiphon_core::logline::LogLine;
use antiphon_core::method::Method;
use antiphon_core::outcome::{Outcome, Refusal};
use antiphon_core::policy;
use antiphon_core::text::{EnrolmentText, Language, MethodsText, Text};
use antiphon_core::version;
use antiphon_core::way::ways;

use crate::account::Account;
use crate::admission::{self, Admission};
use crate::arguments::Arguments;
use crate::context::Context;
use crate::conversation::Conversation;
use crate::dialogue::{self, SignIn};
use crate::ending::Ending;
use crate::enrolment::Enrolment;
use crate::journal::Journal;
use crate::methods;
use crate::published;
use crate::request::Request;
use crate::watch::Watch;

/// Runs a whole sign-in.
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
    let admission = match Account::find(&request.asked_for) {
        Ok(account) => {
            let admission = admission::decide(&config, request, &account, watch, walk);
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
    let observed = policy::observed(&config);
    if let Some(exemption) = observed.filter(|_| !lacks_first_factor) {
        ending.would = Some(would(&admission, &config, request));
        if let Admission::Decided(Outcome::Unusable(trouble)) = admission {
            ending.would_detail = trouble.detail;
        }
        ending.outcome = Outcome::Exempt(exemption);
        return ending;
    }
    let context = |user| Context {
        config: &config,
        user,
        language: config.language,
        request,
        conversation,
        watch,
        journal,
        walk,
    };
    match (admission, &ending.user) {
        (Admission::Ask(read), Some(user)) => {
            let language = read.record().language.unwrap_or(config.language);
            let context = Context {
                language,
                ..context(user)
            };
            let sign_in = SignIn {
                context,
                read: &read,
                record: read.record(),
            };
            let mut end = sign_in.hold();
            beside(|| show_recovery_left(&sign_in, &end.outcome));
            let cared = beside(|| methods::look_after(&sign_in, &mut end)).flatten();
            let reminded = up_to_date(&end, &config, language).filter(|_| cared.is_none());
            let language = cared.as_ref().map_or(language, |cared| cared.language);
            let renewed = cared.map(|cared| cared.recovery_left);
            say_what_happened(&mut ending, end, language, renewed);
            ending.notices.extend(reminded);
        }
        (Admission::Enrol(leave, read), Some(user)) => {
            let read = read.as_deref();
            let begun = read.and_then(|read| read.record().language);
            let language = begun.unwrap_or(config.language);
            let context = Context {
                language,
                ..context(user)
            };
            let enrolment = Enrolment {
                context,
                leave,
                read,
            };
            let end = enrolment.hold();
            beside(|| enrolment.offer_phone(&end));
            say_what_happened(&mut ending, end, language, None);
        }
        (Admission::Decided(outcome), _) => ending.outcome = outcome,
        // A record is only ever read for a name that is known: cancelled, as it stands.
        (Admission::Ask(_) | Admission::Enrol(..), None) => {}
    }
    ending
}

/// Does what comes after the decision and cannot change it: a sign-in whose factor was accepted stands whatever happens
/// there, a panic too, which is logged like any other.
fn beside<T>(what: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(what)).ok()
}

/// A network that exempts where sshd gives names instead of addresses does nothing, and nothing else would say why.
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

/// The person sees at once how many recovery codes are left, where anything is shown to them. Whether that works changes
/// nothing.
fn show_recovery_left(sign_in: &SignIn<'_>, outcome: &Outcome) {
    let activity = &sign_in.context.config.paths.activity;
    if let Outcome::Accepted(accepted) = outcome
        && accepted.method() == Method::Recovery
        && activity
            .join(sign_in.context.user.file_name(summary_file::SUFFIX))
            .exists()
        && let Ok(Some(record)) = sign_in.record_by_now()
    {
        let left = accepted.recovery_left();
        let _ = published::show(activity, sign_in.context.user, &record, left);
    }
}

/// Asks whether the methods are up to date. How many recovery codes one has left is said of itself.
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

/// `renewed` is how many recovery codes there are, if the person has looked after their methods.
fn say_what_happened(
    ending: &mut Ending,
    end: dialogue::End,
    language: Language,
    renewed: Option<u32>,
) {
    ending.language = language;
    ending.last_words = end.last_words;
    ending.locked_for = end.locked_for;
    ending.mid_line = end.mid_line;
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

/// What the mode "enforce" would have done, in one word or two.
fn would(admission: &Admission, config: &Config, request: &Request) -> String {
    match admission {
        // Who has been granted a code would be asked for that; while observing, the state is not looked at.
        Admission::Ask(read) if ways(read.record(), config, &request.service).is_empty() => {
            format!("refused:{}", Refusal::NoMethodAllowed.word())
        }
        Admission::Ask(_) => "ask".to_owned(),
        Admission::Enrol(..) => "enrol".to_owned(),
        Admission::Decided(outcome) => match outcome.reason() {
            Some(reason) => format!("{}:{reason}", outcome.word()),
            None => outcome.word().to_owned(),
        },
    }
}
