//! A panic refuses the sign-in (the guard of pam-bindings returns `PAM_ABORT`); this module keeps it off the terminal.

use std::sync::Once;

use crate::journal;

/// Logs panics by their source location only, since the message could contain what was typed, and the default report
/// would go to sudo's terminal. The hook is this library's own; other Rust code in the process is not affected.
pub(crate) fn keep_off_the_terminal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map_or_else(
                || "an unknown place".to_owned(),
                |location| format!("{}:{}", location.file(), location.line()),
            );
            journal::log_panic(&place);
        }));
    });
}

#[cfg(test)]
mod tests;
