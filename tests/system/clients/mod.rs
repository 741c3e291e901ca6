//! Clients that know a prompt by its words, as they are: no one sits there who could read another.

mod emacs;
mod files;
mod openvpn;

mod plink;

use antiphon_core::text::Language;
use antiphon_tests::{Enrolled, World};

const LANGUAGES: [Language; 2] = [Language::English, Language::Swedish];

/// Alice with a code as her usual way, in this language. Codes last long: these programs are slow to start.
fn alice_speaking(world: &World, language: Language) -> Enrolled {
    let mut alice = world.enrol_with_long_codes("alice");
    alice.speak(language);
    alice
}
