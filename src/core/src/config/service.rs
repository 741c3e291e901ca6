//! `[service.NAME]`: which methods a PAM service allows, and in which order.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::document::{Fault, Section, strings};
use crate::method::Method;

/// Login-shell variants and the service they inherit from: a restriction of sudo is meant for `sudo -i` too.
const LOGIN_SHELLS: [(&str, &str); 3] =
    [("sudo-i", "sudo"), ("su-l", "su"), ("runuser-l", "runuser")];

/// The services that have a section. All others allow every method, in the order of [`Method::ALL`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Services(BTreeMap<String, Vec<Method>>);

impl Services {
    /// The methods that `service` allows, in order of preference.
    #[must_use]
    pub fn methods(&self, service: &str) -> &[Method] {
        let named = |name: &str| self.0.get(name).map(Vec::as_slice);
        let parent = LOGIN_SHELLS.iter().find(|(shell, _)| *shell == service);
        named(service)
            .or_else(|| parent.and_then(|(_, parent)| named(parent)))
            .unwrap_or(&Method::ALL)
    }

    /// The services that have a section.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether `service` allows `method`. A method that the configuration cannot name is always allowed.
    #[must_use]
    pub fn allows(&self, service: &str, method: Method) -> bool {
        let named = Method::ALL.contains(&method);
        !named || self.methods(service).contains(&method)
    }

    pub(super) fn read(&mut self, sections: Vec<(&str, Section<'_>)>) -> Result<(), Fault> {
        for (name, mut section) in sections {
            let is_known = !name.bytes().any(|byte| byte.is_ascii_uppercase());
            let rule = if is_known { RULE } else { CAPITALS };
            let read = |value: &DeValue<'_>| methods(value).filter(|_| is_known);
            let methods = section.required("methods", rule, read)?;
            section.done()?;
            self.0.insert(name.to_owned(), methods);
        }
        Ok(())
    }
}

const RULE: &str = "must be an array of one or more of \"approval\", \"account\", \"code\", \"sms\", \"call\" and \"recovery\", \
                    each at most once";

/// PAM lowercases `PAM_SERVICE`.
const CAPITALS: &str =
    "would restrict nothing: PAM knows services by small letters alone, so write its name in them";

fn methods(value: &DeValue<'_>) -> Option<Vec<Method>> {
    let mut methods = Vec::new();
    for word in strings(value)? {
        let method = Method::from_word(&word).filter(|method| !methods.contains(method))?;
        methods.push(method);
    }
    (!methods.is_empty()).then_some(methods)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::method::Method;

    #[test]
    fn a_service_allows_what_it_names_in_that_order_and_every_other_one_allows_all() {
        let config = Config::parse(
            "[service.sudo]\nmethods = [\"code\", \"approval\"]\n\
             [service.\"my login\"]\nmethods = [\"recovery\"]\n",
        )
        .unwrap();
        for (service, methods) in [
            ("sudo", &[Method::Code, Method::Approval][..]),
            ("my login", &[Method::Recovery][..]),
            ("sshd", &Method::ALL[..]),
            ("Sudo", &Method::ALL[..]),
            ("", &Method::ALL[..]),
        ] {
            assert_eq!(config.services.methods(service), methods, "{service}");
        }
    }

    #[test]
    fn a_login_shell_is_as_narrow_as_its_program_unless_it_has_a_section_of_its_own() {
        let text = "[service.sudo]\nmethods = [\"approval\"]\n[service.su]\nmethods = [\"code\"]\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.services.methods("sudo-i"), [Method::Approval]);
        assert_eq!(config.services.methods("su-l"), [Method::Code]);
        let own = format!("{text}[service.sudo-i]\nmethods = [\"code\"]\n");
        let config = Config::parse(&own).unwrap();
        assert_eq!(config.services.methods("sudo-i"), [Method::Code]);
        assert_eq!(config.services.methods("sudo"), [Method::Approval]);
    }

    #[test]
    fn a_name_that_pam_never_gives_is_refused_and_not_passed_over() {
        for name in ["Sudo", "GDM-password"] {
            let text = format!("[service.{name}]\nmethods = [\"approval\"]\n");
            let said = Config::parse(&text).unwrap_err().to_string();
            let begin = format!("line 2: `service.{name}.methods` would restrict nothing");
            assert!(said.starts_with(&begin), "{said}");
        }
    }

    #[test]
    fn a_service_whose_ways_are_not_understood_is_refused_with_line_key_and_fix() {
        for methods in [
            "[]",
            "[\"codes\"]",
            "[\"code\", \"code\"]",
            "[\"Code\"]",
            "[1]",
            "\"code\"",
            "{}",
        ] {
            let text = format!("\n[service.sudo]\nmethods = {methods}\n");
            let said = Config::parse(&text).unwrap_err().to_string();
            assert!(
                said.starts_with(
                    "line 3: `service.sudo.methods` must be an array of one or more of \"approval\""
                ),
                "{methods}: {said}"
            );
        }
        for (text, expected) in [
            ("[service.sudo]\n", "`service.sudo.methods` is missing"),
            (
                "[service.sudo]\nmethod = [\"code\"]\n",
                "`service.sudo.methods` is missing",
            ),
            (
                "[service.sudo]\nmethods = [\"code\"]\nmethod = 1\n",
                "line 3: unknown key `service.sudo.method`; did you mean `methods`?",
            ),
            ("service = 3\n", "line 1: `service` must be"),
            (
                "[service]\nsudo = [\"code\"]\n",
                "line 2: `service.sudo` must be a table",
            ),
            ("[services.sudo]\n", "did you mean `service`?"),
        ] {
            let said = Config::parse(text).unwrap_err().to_string();
            assert!(said.contains(expected), "{text:?}: {said}");
        }
    }
}
