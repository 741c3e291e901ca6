//! `kind = "command"`: a program on this host, for instance one that drives a modem. No shell sees its arguments.

use std::path::Path;

use super::template::{Hole, Template};
use antiphon_core::config::is_plain_absolute;
use antiphon_core::document::{Fault, Section, texts, whole_number};

/// A program, its input and its time limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandGateway {
    /// The program's absolute path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<Template>,
    /// Its standard input; empty if `None`.
    pub stdin: Option<Template>,
    /// Seconds after which it is killed; 1 to 14, since a sign-in waits for 15.
    pub timeout: u32,
}

impl CommandGateway {
    const USUAL_TIMEOUT: u32 = 12;

    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, Fault> {
        let rule = "must be an array of texts: a program's absolute path, without placeholders, and its arguments, \
                    whose placeholders are {to}, {text}, {code}, {language} and {locale}";
        let (program, arguments) = section.required("command", rule, |value| {
            let mut texts = texts(value)?.into_iter();
            let program = texts.next()?;
            let is_sound =
                is_plain_absolute(Path::new(program)) && !program.contains(['{', '}', '\0']);
            let arguments = texts.map(without_secrets).collect::<Option<Vec<_>>>()?;
            is_sound.then(|| (program.to_owned(), arguments))
        })?;
        let rule =
            "must be a text whose placeholders are {to}, {text}, {code}, {language} and {locale}";
        let stdin = section.optional("stdin", rule, |value| without_secrets(value.as_str()?))?;
        let rule = "must be true or false";
        let open = section.optional("text_in_arguments", rule, toml::de::DeValue::as_bool)?;
        let tells = |hole, _| matches!(hole, Hole::Text | Hole::Code);
        let told = arguments.iter().any(|argument| argument.holds(tells));
        if told && open != Some(true) {
            let rule = "shows {text} or {code} to everybody on this computer, who can read the arguments of programs: \
                        hand it over by `stdin`, or say `text_in_arguments = true` where /proc is closed (hidepid=2)";
            return Err(section.fault("command", rule));
        }
        let rule = "must be a whole number of seconds from 1 to 14";
        let timeout = section.optional("timeout", rule, |value| {
            whole_number(value).filter(|seconds| (1..=14).contains(seconds))
        })?;
        Ok(Self {
            program,
            arguments,
            stdin,
            timeout: timeout.unwrap_or(Self::USUAL_TIMEOUT),
        })
    }
}

/// Credentials are for remote services; a program has its own.
fn without_secrets(text: &str) -> Option<Template> {
    let template = Template::read(text).filter(|_| !text.contains('\0'))?;
    let no_secret = template.needs().next().is_none();
    no_secret.then_some(template)
}

#[cfg(test)]
mod tests {
    use crate::Gateways;

    #[test]
    fn a_program_is_named_whole_and_tells_nobody_the_code() {
        for (keys, expected) in [
            ("command = []", "line 3"),
            ("command = [\"gammu\"]", "line 3"),
            ("command = [\"/usr/bin/{to}\"]", "line 3"),
            ("command = [\"/usr/bin/../x\"]", "line 3"),
            ("command = [\"/usr/bin/x\", \"{password}\"]", "line 3"),
            ("command = [\"/usr/bin/x\", \"{nobody}\"]", "line 3"),
            ("command = [\"/usr/bin/x\"]\nstdin = \"{token}\"", "line 4"),
            ("command = [\"/usr/bin/x\"]\ntimeout = 15", "line 4"),
            ("command = [\"/usr/bin/x\", \"a {text}\"]", "hidepid"),
            (
                "command = [\"/usr/bin/x\", \"{code}\"]\ntext_in_arguments = false",
                "hidepid",
            ),
        ] {
            let text = format!("[gateway.sms]\nkind = \"command\"\n{keys}\n");
            let said = Gateways::parse(&text).unwrap_err().to_string();
            assert!(said.contains(expected), "{keys} gave {said}");
        }
        let text = "[gateway.sms]\nkind = \"command\"\ncommand = [\"/usr/bin/x\", \"{code}\"]\ntext_in_arguments = true";
        Gateways::parse(text).unwrap();
    }
}
