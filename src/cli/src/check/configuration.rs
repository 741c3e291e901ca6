//! An unusable configuration, and the command that corrects it.

use std::path::Path;

use antiphon_core::config::Config;
use antiphon_core::document::{Fault, Slip};
use antiphon_core::shell;

use crate::failure::Failure;
use crate::finding::Finding;
use crate::setting::Settings;

/// The advice to run this very command.
const ADVICE: &str = "; test the fix with: antiphon check";

/// The finding for an unusable configuration.
pub(super) fn finding(named: Option<&Path>, failure: &Failure) -> Finding {
    let says = failure.to_string();
    let finding = Finding::fault(&says);
    if finding.fix.is_some() {
        return finding;
    }
    let settings = Settings::read(named);
    match Config::parse(&settings.text) {
        Ok(_) => finding,
        Err(error) => {
            let says = says.strip_suffix(ADVICE).unwrap_or(&says);
            let fix = fix(&settings, &error);
            Finding::fault(format_args!(
                "{says}: until that is corrected, every sign-in is refused"
            ))
            .fix(fix)
        }
    }
}

fn fix(settings: &Settings, error: &Fault) -> String {
    let slip = error.slip().filter(|slip| is_corrected(settings, slip));
    match slip {
        Some(slip) => format!(
            "sed -i {}s/{}/{}/ {}",
            slip.line,
            slip.written,
            slip.meant,
            shell::word(&settings.path)
        ),
        None => settings.open_at(error.line().unwrap_or(1)),
    }
}

/// Whether the line is valid with the suggested key.
fn is_corrected(settings: &Settings, slip: &Slip<'_>) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if !slip.written.chars().all(is_plain) {
        return false;
    }
    let lines: Vec<String> = (1..)
        .zip(settings.text.lines())
        .map(|(number, line)| {
            if number == slip.line {
                line.replacen(slip.written, slip.meant, 1)
            } else {
                line.to_owned()
            }
        })
        .collect();
    match Config::parse(&lines.join("\n")) {
        Ok(_) => true,
        Err(next) => next.line().is_some_and(|line| line != slip.line),
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Config;

    use super::fix;
    use crate::setting::Settings;

    #[test]
    fn a_misspelt_key_is_corrected_by_a_command_and_anything_else_by_an_editor() {
        for (text, expected) in [
            (
                "unenroled = \"allow\"\n",
                "sed -i 1s/unenroled/unenrolled/ /x.toml",
            ),
            (
                "\n[exempt]\ngroup = [\"robots\"]\n",
                "sed -i 3s/group/groups/ /x.toml",
            ),
            ("[thottle]\n", "sed -i 1s/thottle/throttle/ /x.toml"),
            // Two of them: one after the other.
            (
                "languag = \"sv\"\nmod = \"observe\"\n",
                "sed -i 1s/languag/language/ /x.toml",
            ),
            ("mode = \"observ\"\n", "${EDITOR:-vi} +1 /x.toml"),
            // No key that the value would be one of.
            ("\nflavour = 3\n", "${EDITOR:-vi} +2 /x.toml"),
            ("mode = \n", "${EDITOR:-vi} +1 /x.toml"),
        ] {
            let settings = Settings {
                path: "/x.toml".into(),
                text: text.to_owned(),
            };
            let error = Config::parse(text).unwrap_err();
            assert_eq!(fix(&settings, &error), expected, "{text}");
        }
    }
}
