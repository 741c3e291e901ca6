//! `antiphon status`: the status of people.

use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::state::Gate;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use serde::Serialize;

use crate::activity::{EventObject, in_words};
use crate::arguments::Status;
use crate::clock;
use crate::enroll::{AccountObject, PhoneObject};
use crate::failure::Failure;
use crate::file_systems::{self, FileSystem};
use crate::house::House;
use crate::number::NumberObject;
use crate::overview;
use crate::pause::PauseObject;
use crate::people;
use crate::person;
use crate::roll;
use crate::rollout::{self, RuleObject};
use crate::screen::Screen;
use crate::skew::SkewObject;
use crate::standing::{self, Standing};

/// The longest text in a column, in bytes.
const LONGEST: usize = 512;
/// The longest warning about the host, in bytes.
const LONGEST_WARNING: usize = 1024;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    /// Mount points of read-only file systems that hold our files.
    read_only: Vec<String>,
    users: Vec<UserObject>,
}

/// A person, for both the object and the text.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct UserObject {
    user: String,
    enrolled: bool,
    code: bool,
    phones: Vec<PhoneObject>,
    accounts: Vec<AccountObject>,
    numbers: Vec<NumberObject>,
    language: Option<&'static str>,
    recovery_left: u32,
    wrong_in_a_row: u32,
    /// `open`, `locked`, `closed`, or `ahead`: refused because the clock ran ahead.
    codes: &'static str,
    locked_until: Option<String>,
    /// What is broken, and the fix.
    trouble: Option<String>,
    /// Whether the state is only kept in memory, so that recovery codes and bypass codes are refused.
    in_memory: bool,
    /// Pauses of the phone in effect.
    pauses: Vec<PauseObject>,
    /// The clock skew of the last code that showed it.
    skew: Option<SkewObject>,
    /// The code granted with `antiphon bypass`.
    bypass: Option<BypassObject>,
    last_activity: Option<EventObject>,
    /// The earliest enrolment that is known.
    since: Option<String>,
    /// The last accepted sign-in.
    last_success: Option<String>,
    /// Whether no answer of theirs has ever been accepted.
    untried: bool,
    /// What happens if they are not enrolled.
    #[serde(flatten)]
    rule: RuleObject,
    #[serde(skip)]
    gate: Gate,
    #[serde(skip)]
    name: UserName,
}

#[derive(Serialize)]
struct BypassObject {
    until: String,
    uses: u32,
}

/// Shows one person or everybody.
pub(crate) fn run(wanted: &Status, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    if wanted.html {
        return overview::run(wanted.language, house, screen);
    }
    if wanted.is_of_everybody() {
        return people::run(wanted, house, screen);
    }
    let users = house.users()?;
    let people = match (&wanted.whose.user, &users) {
        (Some(typed), _) => vec![person::canonical_or_on_file(typed, house)?],
        (None, Some(users)) => roll::call(users, record_file::SUFFIX)?.users,
        (None, None) => Vec::new(),
    };
    let now = clock::now();
    let read_only: Vec<FileSystem> = file_systems::ours(house)
        .into_iter()
        .filter(FileSystem::is_read_only)
        .collect();
    let object = Object {
        read_only: read_only
            .iter()
            .map(|found| found.mount().display().to_string())
            .collect(),
        users: people
            .iter()
            .map(|user| UserObject::new(user, house, now))
            .collect(),
    };
    if screen.is_json() {
        return screen.object(&object);
    }
    for said in read_only.iter().filter_map(FileSystem::read_only_in_words) {
        screen.line(&screen.red(&visible(&said, LONGEST_WARNING)))?;
        screen.line("")?;
    }
    if object.users.is_empty() {
        return screen.line("Nobody is enrolled. To begin: antiphon enroll USER");
    }
    for (index, user) in object.users.iter().enumerate() {
        if index > 0 {
            screen.line("")?;
        }
        user.show(now, screen)?;
    }
    Ok(())
}

impl UserObject {
    fn new(user: &UserName, house: &House, now: UnixTime) -> Self {
        let standing = Standing::of(user, house);
        let gate = standing.gate(house, now);
        let is_ahead = standing.clock_was_ahead(house, now);
        let record = standing.record.as_ref().ok().and_then(Option::as_ref);
        let is_enrolled = record.is_some_and(Record::is_enrolled);
        let lost = standing.lost().filter(|_| is_enrolled);
        let trouble = [
            standing.record.as_ref().err().map(Failure::to_string),
            standing.state.as_ref().err().map(Failure::to_string),
            lost.map(|lost| lost.in_words(user)),
        ]
        .into_iter()
        .flatten()
        .map(|trouble| visible(&trouble, LONGEST))
        .reduce(|all, one| all + "; " + &one);
        // No two alike, since they are removed by these names.
        let names = record.into_iter().flat_map(Record::shown_phone_names);
        let phones = record.into_iter().flat_map(|record| &record.phones);
        let phones = phones.zip(names).map(|(phone, name)| PhoneObject {
            name,
            ..PhoneObject::new(phone)
        });
        let accounts = record.into_iter().flat_map(|record| &record.accounts);
        let numbers = record.into_iter().flat_map(|record| &record.numbers);
        // Unreadable activity has no consequence for the person.
        let events = standing::events(user, house).unwrap_or_default();
        let applies = rollout::of_name(user.as_str(), &house.config, now);
        Self {
            since: record.and_then(|record| people::since(record, &events)),
            last_success: people::last_success(&events),
            untried: is_enrolled && standing.is_untried(),
            rule: RuleObject::new(applies),
            user: visible(user.as_str(), LONGEST),
            enrolled: is_enrolled,
            code: record.is_some_and(|record| record.code.is_some()),
            phones: phones.collect(),
            accounts: accounts.map(AccountObject::new).collect(),
            numbers: numbers.map(NumberObject::new).collect(),
            language: record.and_then(|record| Some(record.language?.tag())),
            recovery_left: standing.recovery().0,
            wrong_in_a_row: standing.in_a_row(),
            codes: match gate {
                Gate::Closed => "closed",
                Gate::Open | Gate::LockedUntil(_) if is_ahead => "ahead",
                Gate::Open => "open",
                Gate::LockedUntil(_) => "locked",
            },
            locked_until: match gate {
                Gate::LockedUntil(until) => Some(until.to_string()),
                Gate::Open | Gate::Closed => None,
            },
            trouble,
            in_memory: standing.is_in_memory(),
            pauses: standing
                .pauses(house, now)
                .iter()
                .map(PauseObject::new)
                .collect(),
            skew: standing.skew(house),
            bypass: standing.bypass(now).map(|bypass| BypassObject {
                until: bypass.until().to_string(),
                uses: bypass.uses(),
            }),
            last_activity: events.last().map(|event| EventObject::new(user, event)),
            gate,
            name: user.clone(),
        }
    }

    fn show(&self, now: UnixTime, screen: &mut Screen) -> Result<(), Failure> {
        screen.line(&screen.bold(&self.user))?;
        for row in self.rows(now, screen) {
            screen.line(&row)?;
        }
        Ok(())
    }

    fn rows(&self, now: UnixTime, screen: &Screen) -> Vec<String> {
        let zone = screen.zone();
        let mut rows = vec![row("second factor", &self.factors(screen))];
        if let Some(trouble) = &self.trouble {
            rows.push(format!("  {}", screen.red(trouble)));
        }
        let label = |first, index| if index == 0 { first } else { "" };
        for (index, phone) in self.phones.iter().enumerate() {
            let words = format!("{}, since {}", phone.name, zone.show(&phone.enrolled));
            rows.push(row(label("phones", index), &words));
        }
        for (index, account) in self.accounts.iter().enumerate() {
            let words = format!(
                "{} at {}, since {}",
                account.name,
                account.provider,
                zone.show(&account.enrolled)
            );
            rows.push(row(label("accounts", index), &words));
        }
        for (index, pause) in self.pauses.iter().enumerate() {
            let words = screen.yellow(&pause.in_words(&self.name, zone));
            rows.push(row(label("phone calls", index), &words));
        }
        for (index, number) in self.numbers.iter().enumerate() {
            let words = format!("{}, for {}", number.number, number.uses.join(", "));
            rows.push(row(label("numbers", index), &words));
        }
        if self.code {
            rows.push(row("codes", &self.lock_in_words(now, screen)));
        }
        if let Some(skew) = &self.skew
            && let Some(words) = skew.in_words(zone)
        {
            let words = if skew.refuses() {
                screen.yellow(&words)
            } else {
                words
            };
            rows.push(row("clocks", &words));
        }
        if self.in_memory {
            let words = "refused while the state is kept in memory; antiphon check says why";
            rows.push(row("recovery codes", &screen.red(words)));
        } else if self.enrolled {
            let words = match self.recovery_left {
                0 => screen.yellow(&format!(
                    "none left; run: antiphon recovery {}",
                    self.name.shell_word()
                )),
                left => format!("{left} left"),
            };
            rows.push(row("recovery codes", &words));
        }
        if let Some(bypass) = &self.bypass {
            let until = zone.show(&bypass.until);
            let uses = counted(bypass.uses as usize, "sign-in");
            let words = screen.yellow(&format!("serves until {until}, for {uses}"));
            rows.push(row("bypass code", &words));
        }
        if !self.enrolled && self.trouble.is_none() {
            rows.push(row("at a sign-in", &self.rule.in_words(zone)));
        }
        if let Some(event) = &self.last_activity {
            let words = in_words(event.event(), &self.user, zone);
            rows.push(row("last activity", &words));
        }
        rows
    }

    fn factors(&self, screen: &Screen) -> String {
        if self.trouble.is_some() && !self.enrolled {
            return screen.red("unusable: sign-ins are refused");
        }
        if !self.enrolled {
            return screen.yellow(&format!(
                "none; run: antiphon enroll {}",
                self.name.shell_word()
            ));
        }
        let mut factors = Vec::new();
        if self.code {
            factors.push("code".to_owned());
        }
        if !self.phones.is_empty() {
            factors.push(counted(self.phones.len(), "phone"));
        }
        if !self.accounts.is_empty() {
            factors.push(counted(self.accounts.len(), "account"));
        }
        if !self.numbers.is_empty() {
            factors.push(counted(self.numbers.len(), "telephone number"));
        }
        factors.join(", ")
    }

    fn lock_in_words(&self, now: UnixTime, screen: &Screen) -> String {
        let row = match self.wrong_in_a_row {
            0 => String::new(),
            wrong => format!(", {wrong} wrong in a row"),
        };
        if self.codes == "ahead" {
            return screen.red(&format!(
                "refused: one was accepted while the clock ran ahead; run: antiphon unlock {}",
                self.name.shell_word()
            ));
        }
        match self.gate {
            Gate::Open => format!("open{row}"),
            Gate::LockedUntil(until) => {
                screen.yellow(&format!("locked for {} s{row}", now.until(until)))
            }
            Gate::Closed => screen.red(&format!(
                "closed{row}; run: antiphon unlock {}",
                self.name.shell_word()
            )),
        }
    }
}

fn row(label: &str, words: &str) -> String {
    format!("  {label:15} {words}")
}

pub(crate) fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}
