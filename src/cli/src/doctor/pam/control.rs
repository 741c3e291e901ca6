//! The control field of a line in pam.d: the action for each return value of the module (pam.d(5), libpam's
//! `_pam_parse_control`).

use std::collections::BTreeMap;

/// What a line does with a return value of its module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Success, unless something failed before.
    Ok,
    /// The same, and the stack ends.
    Done,
    /// Failure; the stack goes on.
    Bad,
    /// Failure, and the stack ends.
    Die,
    /// Has no effect.
    Ignore,
    /// Forgets all earlier results in this stack.
    Reset,
    /// Has no effect, and skips this many lines.
    Jump(usize),
}

/// An action for each return value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Control {
    by_value: BTreeMap<&'static str, Action>,
    default: Action,
}

/// The keywords.
pub(crate) const KEYWORDS: [&str; 4] = ["required", "requisite", "sufficient", "optional"];

/// The return values, in the order in which libpam tries them.
const VALUES: &str = "\
    success open_err symbol_err service_err system_err buf_err perm_denied auth_err cred_insufficient \
    authinfo_unavail user_unknown maxtries new_authtok_reqd acct_expired session_err cred_unavail cred_expired \
    cred_err no_module_data conv_err authtok_err authtok_recover_err authtok_lock_busy authtok_disable_aging \
    try_again ignore abort authtok_expired module_unknown bad_item conv_again incomplete";

const ACTIONS: [(&str, Action); 6] = [
    ("ignore", Action::Ignore),
    ("ok", Action::Ok),
    ("done", Action::Done),
    ("bad", Action::Bad),
    ("die", Action::Die),
    ("reset", Action::Reset),
];

impl Control {
    /// The action for `value`, by its name in pam.d(5).
    pub(crate) fn action(&self, value: &str) -> Action {
        self.by_value.get(value).copied().unwrap_or(self.default)
    }

    /// Whether any return value skips lines.
    pub(crate) fn jumps(&self) -> bool {
        let mut actions = self.by_value.values().chain([&self.default]);
        actions.any(|action| matches!(action, Action::Jump(_)))
    }

    /// The return values that it names.
    pub(crate) fn named(&self) -> impl Iterator<Item = &'static str> {
        self.by_value.keys().copied()
    }

    /// Every return value is a failure, even success: libpam's reading of an invalid control.
    pub(crate) fn bad() -> Self {
        Self {
            by_value: BTreeMap::new(),
            default: Action::Bad,
        }
    }

    /// Parses a control, without its brackets.
    ///
    /// # Errors
    /// Why it is invalid.
    pub(crate) fn read(word: &str) -> Result<Self, String> {
        match Self::of_keyword(word) {
            Some(control) => Ok(control),
            None => Self::of_pairs(word),
        }
    }

    fn of_keyword(word: &str) -> Option<Self> {
        let (success, default) = match word.to_ascii_lowercase().as_str() {
            "required" => (Action::Ok, Action::Bad),
            "requisite" => (Action::Ok, Action::Die),
            "sufficient" => (Action::Done, Action::Ignore),
            "optional" => (Action::Ok, Action::Ignore),
            _ => return None,
        };
        let by_value = [
            ("success", success),
            ("new_authtok_reqd", success),
            ("ignore", Action::Ignore),
        ];
        Some(Self {
            by_value: by_value.into(),
            default,
        })
    }

    /// `value=action …`. A value that is not named is a failure.
    fn of_pairs(pairs: &str) -> Result<Self, String> {
        let mut by_value = BTreeMap::new();
        let mut default = None;
        let mut rest = pairs.trim_start();
        while !rest.is_empty() {
            let odd = || format!("{:?} is not understood", first_word(rest));
            let value = VALUES.split(' ').find(|value| rest.starts_with(value));
            let length = value.map_or("default".len(), str::len);
            if value.is_none() && !rest.starts_with("default") {
                return Err(odd());
            }
            let after = rest.get(length..).unwrap_or_default().trim_start();
            let after = after.strip_prefix('=').ok_or_else(odd)?.trim_start();
            let (action, after) = action(after).ok_or_else(odd)?;
            match value {
                Some(value) => {
                    by_value.insert(value, action);
                }
                // It applies to values without an action, so a second one has no effect.
                None => {
                    default.get_or_insert(action);
                }
            }
            rest = after.trim_start();
        }
        Ok(Self {
            by_value,
            default: default.unwrap_or(Action::Bad),
        })
    }
}

/// The action at the start of `text`, and the rest. A jump over 0 lines is invalid.
fn action(text: &str) -> Option<(Action, &str)> {
    for (word, action) in ACTIONS {
        if let Some(after) = text.strip_prefix(word) {
            return Some((action, after));
        }
    }
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, after) = text.split_at(end);
    let lines = digits.parse().ok().filter(|lines| *lines > 0)?;
    Some((Action::Jump(lines), after))
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Action, Control};

    #[test]
    fn the_four_keywords_mean_what_pam_d_5_says() {
        for (word, success, ignore, other) in [
            ("required", Action::Ok, Action::Ignore, Action::Bad),
            ("Requisite", Action::Ok, Action::Ignore, Action::Die),
            ("sufficient", Action::Done, Action::Ignore, Action::Ignore),
            ("OPTIONAL", Action::Ok, Action::Ignore, Action::Ignore),
        ] {
            let control = Control::read(word).unwrap();
            assert_eq!(control.action("success"), success, "{word}");
            assert_eq!(control.action("new_authtok_reqd"), success, "{word}");
            assert_eq!(control.action("ignore"), ignore, "{word}");
            assert_eq!(control.action("auth_err"), other, "{word}");
        }
    }

    #[test]
    fn pairs_name_an_action_for_a_value_and_what_is_not_named_fails() {
        let control = Control::read("success=2 new_authtok_reqd = done  default=ignore").unwrap();
        assert_eq!(control.action("success"), Action::Jump(2));
        assert_eq!(control.action("new_authtok_reqd"), Action::Done);
        assert_eq!(control.action("auth_err"), Action::Ignore);
        let control = Control::read("success=ok").unwrap();
        assert_eq!(control.action("ignore"), Action::Bad);
    }

    #[test]
    fn the_last_action_of_a_value_counts_and_the_first_default() {
        let control = Control::read("default=die success=ok default=ignore success=done").unwrap();
        assert_eq!(control.action("success"), Action::Done);
        assert_eq!(control.action("auth_err"), Action::Die);
    }

    #[test]
    fn what_libpam_does_not_understand_is_an_error() {
        for wrong in [
            "requird",
            "success=0",
            "success=-1",
            "success",
            "success=",
            "success:ok",
            "succes=ok",
            "success=okay",
            "default=2x",
            "Success=ok",
        ] {
            assert!(Control::read(wrong).is_err(), "{wrong}");
        }
    }
}
