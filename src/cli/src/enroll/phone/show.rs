//! Output while a phone is added, and afterwards.

use antiphon_core::draft::RecoverySet;
use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::name::UserName;
use antiphon_core::qr;
use antiphon_core::record::Phone;
use antiphon_core::shell;
use antiphon_core::text::Language;
use antiphon_core::visible::visible;
use antiphon_link::phone::{Added, Reason, Step};
use serde::Serialize;

use crate::enroll::show::{LONGEST_TITLE, picture, recovery_codes};
use crate::failure::Failure;
use crate::house::House;
use crate::screen::Screen;

/// The object of `enroll --phone --json`.
#[derive(Serialize)]
pub(crate) struct Object<'a> {
    user: &'a str,
    phone: PhoneObject,
    /// New codes, if the record had none.
    recovery_codes: Vec<&'a str>,
}

/// A phone in JSON objects.
#[derive(Serialize)]
pub(crate) struct PhoneObject {
    pub(crate) name: String,
    pub(crate) enrolled: String,
    pub(crate) origin: String,
}

impl PhoneObject {
    pub(crate) fn new(phone: &Phone) -> Self {
        Self {
            // Root may have written anything into the record.
            name: visible(&phone.name, LONGEST_TITLE),
            enrolled: phone.enrolled.to_string(),
            origin: phone.origin.clone(),
        }
    }
}

/// The QR code and its URL. The picture comes last, so that nothing scrolls it off the screen.
fn ticket(
    user: &UserName,
    address: &str,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let title = format!("A phone for {user} on {}", house.host);
    let is_here = house.config.page.is_for_this_computer_only();
    let drawing = screen
        .size()
        .filter(|_| !is_here)
        .map(|size| qr::draw(address, size, screen.has_colours()));
    screen.line(&screen.bold(&visible(&title, LONGEST_TITLE)))?;
    screen.line("")?;
    if is_here {
        screen.line(
            "Open the address in a browser on this computer, which plays the phone; for a real",
        )?;
        screen.line("phone, set origin in [page] of antiphon.toml.")?;
    } else if matches!(drawing, Some(Ok(_))) {
        screen.line("Scan the QR code with the phone's camera, or open the address there.")?;
    } else {
        screen.line("Open the address on the phone.")?;
    }
    screen.line(&format!(
        "It serves once, for {} minutes, and as long as this command runs.",
        TICKET_LIFETIME / 60
    ))?;
    screen.line("")?;
    screen.line(&format!("  {address}"))?;
    screen.line("")?;
    picture(drawing, screen)
}

/// Shows a step: as text to a person, or to a calling program as an object on standard error, since the one on standard
/// output comes at the end.
pub(super) fn step(
    step: &Step<'_>,
    user: &UserName,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.aside(step);
    }
    match step {
        Step::Ticket { address, .. } => ticket(user, address, house, screen),
        Step::Opened => screen.say("The page is open on the phone."),
        Step::Passkey { phone } => screen.say(&format!("{phone} has made its passkey.")),
        Step::Trial { number, .. } => {
            screen.say(
                "Now let's test it. If the phone asks about notifications, answer that first; then enter this number on the \
                 phone:",
            )?;
            screen.line(&format!("\n    {}\n", screen.bold(number)))
        }
        // The request is not root's own.
        Step::Again {
            reason: Reason::Busy,
        } => screen.say("Another sign-in is waiting for the phone: answer that first."),
        Step::Again { reason } => screen.say(&reason.text().in_language(Language::English)),
    }
}

/// Reports that the phone was added.
pub(crate) fn added(user: &UserName, added: &Added, screen: &mut Screen) -> Result<(), Failure> {
    let Added {
        phone, recovery, ..
    } = added;
    if screen.is_json() {
        let codes = recovery.as_ref().map(RecoverySet::texts);
        return screen.object(&Object {
            user: user.as_str(),
            phone: PhoneObject::new(phone),
            recovery_codes: codes.unwrap_or_default(),
        });
    }
    let name = &phone.name;
    let done = format!("{name} is enrolled for {user}");
    let when = screen.zone().show(&phone.enrolled.to_string());
    screen.line("")?;
    screen.line(&format!(
        "{}, {when}.",
        screen.bold(&visible(&done, LONGEST_TITLE))
    ))?;
    screen.say(&format!(
        "If it is lost: antiphon remove {} --phone {}",
        user.shell_word(),
        shell::word(name)
    ))?;
    if let Some(recovery) = recovery {
        screen.line("")?;
        recovery_codes(recovery, screen)?;
    }
    Ok(())
}
