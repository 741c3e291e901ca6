//! Writing and logging one change.

use antiphon_core::base64url;
use antiphon_core::disk::{Changed, Editing, PersonFiles, Unwritten};
use antiphon_core::outcome::Trouble;
use antiphon_core::person::{By, Edit, Person};
use antiphon_core::record::Phone;
use antiphon_core::text::MethodsText;
use antiphon_link::forget;

use super::{Care, Over, reason};
use crate::course::Touched;
use crate::interrupt::Blocked;
use crate::shield::Shield;

impl Care<'_> {
    /// Makes the change if it is permitted. Returns whether it was made; otherwise the reason is said.
    pub(super) fn change(&mut self, edit: Edit<'_>, of: Touched<'_>) -> Result<bool, Over> {
        match self.write(edit) {
            Ok(_) => {
                self.log(edit.word(), of);
                Ok(true)
            }
            Err(Unwritten::Refused(why)) => {
                self.say(reason(&why));
                Ok(false)
            }
            Err(Unwritten::Changed) => {
                self.say(MethodsText::Meanwhile);
                Err(Over)
            }
            Err(why) => {
                let trouble = Trouble::from(why);
                self.warn_unchanged(edit.word(), trouble.what, &trouble.detail);
                self.say(MethodsText::NotWritten);
                Ok(false)
            }
        }
    }

    /// Writes the change if the record is still the one we know, without saying anything.
    pub(super) fn write(&mut self, edit: Edit<'_>) -> Result<Changed, Unwritten> {
        let changed = self.in_files(|files| files.change_if_still(&self.record, edit))?;
        self.know(&changed.after);
        Ok(changed)
    }

    /// Removes a newly added phone from the record again.
    pub(super) fn take_back(
        &mut self,
        credential: &[u8],
        added: &Changed,
    ) -> Result<(), Unwritten> {
        self.in_files(|files| files.take_back(credential, added))?;
        self.know(&added.before);
        Ok(())
    }

    fn know(&mut self, person: &Person) {
        self.recovery_left = person.state.recovery_left(&person.record);
        self.record = person.record.clone();
    }

    pub(super) fn log(&self, word: &str, of: Touched<'_>) {
        self.context.changed(word, self.factor, of);
    }

    pub(super) fn warn_unchanged(&self, word: &str, reason: &str, detail: &str) {
        let line = self.context.line("unchanged", word);
        let line = line.with("reason", reason).with("detail", detail);
        self.context.journal.warn(&line);
    }

    fn in_files<T>(
        &self,
        change: impl FnOnce(&PersonFiles<'_>) -> Result<T, Unwritten>,
    ) -> Result<T, Unwritten> {
        let context = self.context;
        let moment = || context.watch.moment();
        let patience = || context.watch.patience(context.journal);
        let _shield = Shield::raise().map_err(Unwritten::System)?;
        let files = PersonFiles::open(Editing {
            user: context.user,
            config: context.config,
            by: By::Person,
            moment: &moment,
            patience: &patience,
        })?;
        change(&files)
    }

    /// Tells the daemon to revoke the token of a removed phone. The phone is invalid even if this fails.
    pub(super) fn forget(&self, phone: &Phone) {
        let context = self.context;
        let socket = &context.config.paths.socket;
        if let Err(away) = forget(socket, vec![phone.credential.clone()], &Blocked) {
            let credential = base64url::encode(&phone.credential);
            let word = context.user.shell_word();
            let fix = format!("run: antiphon remove {word} --forget={credential}");
            let line = context.line("page", "left").with("detail", &away.0);
            context.journal.warn(&line.with("fix", &fix));
        }
    }
}
