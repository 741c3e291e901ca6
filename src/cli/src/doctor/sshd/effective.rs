//! The settings in effect, for everybody or in one Match block.

use std::collections::BTreeMap;

use super::text::Text;

/// sshd's defaults for the settings that matter here.
const DEFAULTS: [(&str, &str); 15] = [
    ("authenticationmethods", "any"),
    ("authorizedkeyscommand", "none"),
    (
        "authorizedkeysfile",
        ".ssh/authorized_keys .ssh/authorized_keys2",
    ),
    ("gssapiauthentication", "no"),
    ("hostbasedauthentication", "no"),
    ("kbdinteractiveauthentication", "yes"),
    ("logingracetime", "120"),
    ("pamservicename", "sshd"),
    ("passwordauthentication", "yes"),
    ("permitrootlogin", "without-password"),
    ("pubkeyauthentication", "yes"),
    ("trustedusercakeys", "none"),
    ("usedns", "no"),
    ("usepam", "no"),
    ("port", "22"),
];

/// Settings, by keyword in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effective(BTreeMap<String, String>);

impl Effective {
    /// As `sshd -T` prints them.
    pub(crate) fn of_output(output: &str) -> Self {
        let mut settings = Self::defaults();
        for line in output.lines() {
            if let Some((keyword, value)) = line.split_once(' ') {
                settings
                    .0
                    .insert(keyword.to_ascii_lowercase(), value.trim().to_owned());
            }
        }
        settings
    }

    /// As written in the files, if sshd does not answer.
    pub(crate) fn of_text(text: &Text, block: Option<usize>) -> Self {
        let mut settings = Self::defaults();
        for keyword in DEFAULTS.map(|(keyword, _)| keyword) {
            let inside = block.and_then(|block| text.setting(keyword, Some(block)));
            if let Some(setting) = inside.or_else(|| text.setting(keyword, None)) {
                let value = match keyword {
                    "logingracetime" => seconds(&setting.value).to_string(),
                    "authorizedkeysfile" | "authorizedkeyscommand" => setting.value.clone(),
                    _ => setting.value.to_ascii_lowercase(),
                };
                settings.0.insert(keyword.to_owned(), value);
            }
        }
        settings
    }

    fn defaults() -> Self {
        let own = |(keyword, value): (&str, &str)| (keyword.to_owned(), value.to_owned());
        Self(DEFAULTS.map(own).into())
    }

    pub(crate) fn get(&self, keyword: &str) -> &str {
        self.0.get(keyword).map_or("", String::as_str)
    }

    pub(crate) fn is(&self, keyword: &str, value: &str) -> bool {
        self.get(keyword) == value
    }

    /// The lists of `AuthenticationMethods`, any one of which suffices; empty if any single method does.
    pub(crate) fn chains(&self) -> Vec<Chain<'_>> {
        let methods = self.get("authenticationmethods");
        if methods == "any" || methods.is_empty() {
            return Vec::new();
        }
        methods
            .split_whitespace()
            .map(|chain| Chain(chain.split(',').collect()))
            .collect()
    }
}

/// Methods that must all succeed, in this order.
pub(crate) struct Chain<'a>(Vec<&'a str>);

impl Chain<'_> {
    /// Whether it includes keyboard-interactive, which can show our prompt.
    pub(crate) fn asks(&self) -> bool {
        self.0
            .iter()
            .any(|method| matches!(*method, "keyboard-interactive" | "keyboard-interactive:pam"))
    }

    /// Whether it includes the password method, which cannot.
    pub(crate) fn has_password(&self) -> bool {
        self.0.contains(&"password")
    }

    /// Whether a key or the like is required before keyboard-interactive.
    pub(crate) fn proves_first(&self) -> bool {
        let mut before = self
            .0
            .iter()
            .take_while(|method| !method.starts_with("keyboard-interactive"));
        before.any(|method| {
            ["publickey", "hostbased", "gssapi"]
                .iter()
                .any(|proof| method.starts_with(proof))
        })
    }
}

/// `2m`, `90` or `1h30m`; 0 is no limit.
fn seconds(time: &str) -> u64 {
    let mut all = 0;
    let mut number = 0;
    for letter in time.chars() {
        match letter {
            '0'..='9' => {
                number = number * 10 + u64::from(letter) - u64::from('0');
            }
            unit => {
                all += number
                    * match unit.to_ascii_lowercase() {
                        'm' => 60,
                        'h' => 3600,
                        'd' => 86_400,
                        'w' => 604_800,
                        _ => 1,
                    };
                number = 0;
            }
        }
    }
    all + number
}

#[cfg(test)]
mod tests {
    use super::{Effective, seconds};

    #[test]
    fn what_sshd_prints_stands_over_the_defaults() {
        let settings = Effective::of_output("port 22\nUsePAM yes\nlogingracetime 300\nx\n");
        assert!(settings.is("usepam", "yes") && settings.is("logingracetime", "300"));
        assert!(settings.is("passwordauthentication", "yes"));
        assert!(settings.chains().is_empty());
    }

    #[test]
    fn each_list_of_methods_is_a_way_in() {
        let settings = Effective::of_output(
            "authenticationmethods publickey,keyboard-interactive:pam password keyboard-interactive\n",
        );
        let chains = settings.chains();
        let seen = chains
            .iter()
            .map(|chain| [chain.asks(), chain.has_password(), chain.proves_first()]);
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [
                [true, false, true],
                [false, true, false],
                [true, false, false]
            ]
        );
    }

    #[test]
    fn times_have_units() {
        for (time, expected) in [
            ("90", 90),
            ("2m", 120),
            ("1h30m", 5400),
            ("0", 0),
            ("10s", 10),
        ] {
            assert_eq!(seconds(time), expected, "{time}");
        }
    }
}
