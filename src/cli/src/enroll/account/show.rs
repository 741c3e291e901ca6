//! Output while an account is added, and afterwards.

use antiphon_core::draft::RecoverySet;
use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::name::UserName;
use antiphon_core::qr;
use antiphon_core::record::Account;
use antiphon_core::text::Language;
use antiphon_core::visible::visible;
use antiphon_link::account::{Added, Step};
use serde::Serialize;

use super::terminal::Terminal;
use crate::enroll::show::{LONGEST_TITLE, picture, recovery_codes};
use crate::failure::Failure;
use crate::screen::Screen;

/// The object of `enroll --account --json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    account: AccountObject,
    /// New codes, if the record had none.
    recovery_codes: Vec<&'a str>,
}

/// An account in JSON objects.
#[derive(Serialize)]
pub(crate) struct AccountObject {
    pub(crate) provider: String,
    pub(crate) name: String,
    pub(crate) subject: String,
    pub(crate) tenant: Option<String>,
    pub(crate) enrolled: String,
}

impl AccountObject {
    pub(crate) fn new(account: &Account) -> Self {
        Self {
            provider: account.provider.clone(),
            name: account.shown_name(),
            subject: visible(&account.subject.id, LONGEST_TITLE),
            tenant: account.subject.tenant.clone(),
            enrolled: account.enrolled.to_string(),
        }
    }
}

/// Shows a step: as text to a person, or to a calling program as an object on standard error, since the one on standard
/// output comes at the end.
pub(super) fn step(step: &Step<'_>, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if terminal.screen.is_json() {
        return terminal.screen.aside(step);
    }
    match step {
        Step::Ticket { address, .. } => ticket(address, terminal),
        Step::Opened => terminal.screen.say("The page is open."),
        Step::Trial {
            address, number, ..
        } => {
            let screen = &mut *terminal.screen;
            screen.say("Now let's test it. Open this address, enter the number there, and sign in once more:")?;
            screen.line(&format!("\n    {address}\n    {}\n", screen.bold(number)))
        }
        Step::Again { reason } => {
            let said = reason.text().in_language(Language::English);
            terminal.screen.say(&said)
        }
    }
}

/// The address and its QR code. The picture comes last, so that nothing scrolls it off the screen.
fn ticket(address: &str, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let Terminal {
        user,
        provider,
        house,
        screen,
        ..
    } = terminal;
    let label = provider.label.in_language(Language::English);
    let title = format!("A {label} for {user} on {}", house.host);
    let drawing = screen
        .size()
        .map(|size| qr::draw(address, size, screen.has_colours()));
    screen.line(&screen.bold(&visible(&title, LONGEST_TITLE)))?;
    screen.line("")?;
    screen.line("Have the person open the address, or scan the QR code, and sign in there.")?;
    screen.line(&format!(
        "It serves once, for {} minutes, and as long as this command runs.",
        TICKET_LIFETIME / 60
    ))?;
    screen.line("")?;
    screen.line(&format!("  {address}"))?;
    screen.line("")?;
    picture(drawing, screen)
}

/// Whose account it is, as the provider says, and the question whether that is right.
pub(super) fn whose(account: &Account, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    let screen = &mut *terminal.screen;
    let object = AccountObject::new(account);
    if screen.is_json() {
        #[derive(Serialize)]
        #[serde(tag = "progress", rename = "account")]
        struct Whose<'a> {
            provider: &'a str,
            subject: &'a str,
            tenant: Option<&'a str>,
            name: &'a str,
        }
        return screen.aside(&Whose {
            provider: &object.provider,
            subject: &object.subject,
            tenant: object.tenant.as_deref(),
            name: &object.name,
        });
    }
    screen.line("")?;
    screen.say(&format!("{} says that this was:", object.provider))?;
    screen.line("")?;
    let mut rows = vec![("name", object.name), ("subject", object.subject)];
    rows.extend(object.tenant.map(|tenant| ("tenant", tenant)));
    for (label, words) in rows {
        screen.say(&format!("  {label:8} {words}"))?;
    }
    screen.line("")?;
    screen.say("Whoever had the address could sign in there, with an account of their own.")
}

/// Reports that the account was added.
pub(super) fn added(user: &UserName, added: &Added, screen: &mut Screen) -> Result<(), Failure> {
    let Added {
        account, recovery, ..
    } = added;
    if screen.is_json() {
        let codes = recovery.as_ref().map(RecoverySet::texts);
        return screen.object(&Object {
            user: user.as_str(),
            account: AccountObject::new(account),
            recovery_codes: codes.unwrap_or_default(),
        });
    }
    let name = account.shown_name();
    let done = format!("{name} at {} is enrolled for {user}", account.provider);
    let when = screen.zone().show(&account.enrolled.to_string());
    screen.line("")?;
    screen.line(&format!(
        "{}, {when}.",
        screen.bold(&visible(&done, LONGEST_TITLE))
    ))?;
    screen.say(&format!(
        "To remove it: antiphon remove {} --account {}",
        user.shell_word(),
        antiphon_core::shell::word(&name)
    ))?;
    if let Some(recovery) = recovery {
        screen.line("")?;
        recovery_codes(recovery, screen)?;
    }
    Ok(())
}
