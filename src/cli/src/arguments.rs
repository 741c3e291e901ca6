//! The command's options and their help, from which the man pages and completions are made too.
#![expect(
    clippy::doc_markdown,
    reason = "the help shows these words as they are, with the names of modules and of fields in the journal"
)]

mod bypass;
mod changes;
mod enroll;
mod fleet;
mod import;
mod log;
mod number;
mod page;
mod providers;
mod status;
mod time;

use std::path::PathBuf;

use antiphon_core::text::Language;
use clap::{ArgGroup, Args, Parser, Subcommand, ValueHint};

use crate::examples;
pub(crate) use bypass::Bypass;
pub(crate) use changes::{Edit, Revert, Switch};
pub(crate) use enroll::Enroll;
use enroll::languages;
pub(crate) use fleet::{
    Fleet, FleetAdopt, FleetDeed, FleetInit, FleetRelay, FleetRenew, FleetToken, FleetWithdraw,
    Hosts, HostsDeed, Join, RevokeHost, Role,
};
pub(crate) use import::{Import, ImportAccounts, ImportFrom};
pub(crate) use log::ReadLog;
pub(crate) use number::{AddNumber, Number, NumberDeed, RemoveNumber};
pub(crate) use page::{Page, PageDeed, PageExport};
pub(crate) use providers::{Providers, ProvidersDeed, RefreshProviders};
pub(crate) use status::Status;
pub(crate) use time::seconds;

/// A second factor for Linux sign-ins: enrol people, see how they stand, fix what is broken
///
/// After the password, sshd, sudo, su and the console ask for an approval on the person's phone, for a six-digit code
/// of an authenticator app, or for a recovery code. This command keeps who is asked for what. It is root's, but
/// for what everybody may see of themselves: status, activity and report, in Swedish or English as the locale says.
#[derive(Parser)]
#[command(name = "antiphon", version, disable_help_subcommand = true)]
#[command(arg_required_else_help = true, after_long_help = examples::ANTIPHON)]
pub(crate) struct Arguments {
    /// Read this configuration instead of /etc/antiphon/antiphon.toml
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Print one JSON object on standard output; everything else goes to standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) deed: Deed,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Deed {
    /// Give a person a second factor
    ///
    /// Makes a new secret and shows it as a QR code and as text, asks for one code of it, writes the record, and shows
    /// ten recovery codes. Nothing is written before the code was right, and that code counts as used. Without
    /// --replace, a person who has a record is refused. On a terminal, a phone is then offered as well, if antiphond
    /// runs and [page] origin is set.
    ///
    /// With --phone, adds a phone that approves sign-ins to what the person has; a person can have several, and need
    /// have nothing else. Shows a QR code with an address for the phone, which serves once and for ten minutes. There
    /// the person makes a passkey, and then types a number that is shown here, as at a sign-in: three tries. Nothing is
    /// written before that was right. Who has no recovery codes is given ten.
    ///
    /// With --account, adds an account of the organisation with which the person approves, for instance at Entra ID or
    /// Keycloak. Shows an address, which serves once and for ten minutes. There the person signs in at the provider; this
    /// command then says who the provider says that was, and asks whether it is the right one, since whoever has the
    /// address can be the one who signs in. Then the person approves once, as at a sign-in: three tries. With --subject
    /// nobody signs in, and it is your word that the account is theirs. Who has no recovery codes is given ten.
    ///
    /// With --json the object (`user`, `otpauth`, `secret`, `recovery_codes`) comes first, whole and on one line; then,
    /// without --no-confirm, the code is read from standard input. Only exit status 0 says that the record is written.
    ///
    /// With --phone --json the object (`user`, `phone` with `name`, `enrolled`, `origin`, and `recovery_codes`, empty if
    /// the person has some) comes at the end, when all is written. Until then each step is an object on a line of
    /// standard error, named by `progress`: `ticket` (`address` to open on the phone, `seconds`), `opened`, `passkey`
    /// (`phone`, its name), `trial` (`number` to type in there, `seconds`), `again` (`reason`: `wrong_number`,
    /// `no_answer` or `busy`). Other lines there begin with a letter.
    ///
    /// With --account --json the object (`user`, `account` with `provider`, `name`, `subject`, `tenant`, `enrolled`, and
    /// `recovery_codes`) comes at the end, and the steps on standard error: `ticket` (`address`, `seconds`), `opened`,
    /// `account` (`provider`, `subject`, `tenant`, `name`), after which yes or no is read from standard input, `trial` (`address`, `number`,
    /// `seconds`) and `again` (`reason`).
    ///
    /// With --group or --from, enrols many at once with codes, and writes a letter to print for each: a page of HTML with the
    /// QR code, the key, the recovery codes and what to do, in the person's language, and ALL-LETTERS.html with all of them,
    /// each on its page. They are written to the folder DIR, which is made, and which only root may read: they are the
    /// second factor of whoever has them. Print them, hand them out, and delete the folder. Root and people who have a record
    /// are left out, and so is who has a letter in DIR that is not of their record: none is overwritten. Each letter is
    /// durable before its record counts. If it is stopped, run the same command again: it goes on with who is left. Without
    /// --yes it shows who would be enrolled, and asks, or without a terminal ends. With --json the object has `written`,
    /// `folder`, and `people`, each with `user`, `line`, `outcome` (ready, enrolled, done-before or left-out) and `reason`.
    ///
    /// The file of --from is a table with a line of names for its columns: name, and if wanted language (sv or en) and number,
    /// to which codes are sent. Commas, semicolons or tabs part them (RFC 4180); it must be UTF-8.
    #[command(after_long_help = examples::ENROLL)]
    Enroll(Enroll),

    /// Take over secrets that another module has checked so far, or accounts: people go on with the app that they have
    ///
    /// Shows for each person what would be taken over and what would not, and writes nothing without --yes. The files that are
    /// read are never changed. People whose codes count sign-ins (HOTP) are left out, and so are those who have a record already,
    /// unless it has this very secret: a second run finds nothing to do. Codes that were used there stay used here, as far as
    /// the other module has recorded them. Recovery codes are not taken over: antiphon recovery makes new ones.
    ///
    /// As long as both modules stand in pam.d, both accept the same codes: replace the other module's line soon.
    ///
    /// With --json the object has `written` and `people`, each with `user`, `file`, `line`, `outcome` (ready, imported,
    /// done-before or left-out), `reason`, `bits`, `digits`, `period` and `notes`; of accounts `user`, `line`, `provider`,
    /// `subject`, `outcome` and `reason`.
    #[command(after_long_help = examples::IMPORT)]
    #[command(arg_required_else_help = true, disable_help_subcommand = true)]
    Import(Import),

    /// Show who is enrolled and how, recovery codes left, and who is locked out
    ///
    /// Also why a person's phone is not called for now, and until when; by how much the clock of an app was off when its last
    /// code told; and whether a disk of ours can only be read.
    ///
    /// With --table, shows everybody who has a login shell, one line each: ways to sign in, since when (as far as phones and
    /// the activity tell), the last success, recovery codes left, and what happens at a sign-in by unenrolled or [[rollout]],
    /// now and from the next date; with --missing, only those who could not sign in if everybody had to have a second factor.
    /// --csv and --json are for spreadsheets and programs: each person in `people` then has `user`, `enrolled`, `ways`, `since`,
    /// `last_success`, `recovery_left`, `untried`, `password`, `exempt`, `rollout`, `unenrolled`, `next_date`, `next_rule`
    /// and `missing` (not-enrolled, unusable, no-way or null).
    ///
    /// With --html, prints a page for the head of IT, with plots: how many are enrolled, which ways they use, refusals and unfinished
    /// sign-ins, week by week. It names nobody, and needs nothing but a browser.
    ///
    /// With --prometheus, prints figures for a monitoring system: people enrolled, locked or short of recovery codes, sign-ins of the
    /// last day by how they ended, and how many faults and warnings antiphon doctor finds. They name nobody.
    /// antiphon-metrics.timer writes them where the node exporter of Prometheus reads them; enable it if you have that.
    ///
    /// Without root, shows your own ways to sign in, for which antiphond must run; with --json, as one object with `user` and
    /// `ways`.
    #[command(after_long_help = examples::STATUS)]
    Status(Status),

    /// Show recent sign-ins, and what root did, newest last
    ///
    /// A sign-in stands here from the moment it is asked for a second factor: asked, called (the phone was) or verified, until
    /// it ends. One that its client gave up stays so: began, not finished. The same from the same place again is one line,
    /// with its count.
    ///
    /// Without root, your own; antiphond must run. Each has a name in the first column, for antiphon report.
    #[command(after_long_help = examples::ACTIVITY)]
    Activity(Activity),

    /// Show what Antiphon has logged: sign-ins, what root did, what failed and why, newest last
    ///
    /// Reads the journal, or where there is none /var/log/auth.log or /var/log/secure with what was rotated away, and shows
    /// the lines of the PAM module, of this command and of antiphond in one form, in local time; without --since, those of
    /// the last day. A line with a fix has it below.
    ///
    /// antiphon activity shows the sign-ins of each person, as root keeps them for a while in the state folder. The log has
    /// more: each step, every refusal with its reason, the daemon's troubles; it goes as far back as the system keeps its log.
    /// It also works while the configuration is broken. But every local user can write lines to it: in the
    /// journal, those that are not from root or from antiphond are marked ("sender not known") and shown without a fix; in files
    /// they cannot be told apart.
    ///
    /// With --json each line is an object: `time` (UTC), `host`, `from` (module, command or daemon), `program`, `pid`,
    /// `verified` (false if it is not from root or from antiphond, null in files), `service` (of PAM, if from the module), and `fields`, by their names in the log (`outcome`, `method`, `user`, `rhost`, ...),
    /// or `text`.
    ///
    /// In the journal each of these is a field by itself, as in `ANTIPHON_OUTCOME=accepted`. antiphon-log-fields(7) has all
    /// fields and words, and examples for journalctl, Vector, promtail and rsyslog.
    #[command(name = "log", after_long_help = examples::LOG)]
    ReadLog(ReadLog),

    /// Say that a sign-in was not you
    ///
    /// Anybody can report their own sign-ins; antiphond must run. Your administrator then finds it in the log, and the page
    /// shows the sign-in as reported. Change your password, and talk to your administrator: reporting locks nothing.
    #[command(after_long_help = examples::REPORT)]
    Report(Report),

    /// Open codes again after too many wrong ones, or after the clock ran ahead, and have the phone called again
    ///
    /// Clears the counter of wrong codes and the lock, and ends the pauses of the phone. Says which of them there was. If the
    /// last code was accepted while the clock ran ahead, codes of the present count again. A code that was used stays used.
    #[command(after_long_help = examples::UNLOCK)]
    Unlock(Somebody),

    /// Take a person's second factor away
    ///
    /// Removes the record: secret, phones, accounts, recovery codes; and ends a bypass code. What was used stays remembered, so that a
    /// record put back from a backup accepts no code a second time; --purge forgets that too, and the activity. Asks first, on a
    /// terminal.
    ///
    /// With --phone or --account, removes that phone or account alone: from then on nothing that it answers counts. The only way to sign in
    /// that a person has is not taken in this way.
    #[command(after_long_help = examples::REMOVE)]
    Remove(Remove),

    /// Give a person ten new recovery codes; the old ones are void
    #[command(after_long_help = examples::RECOVERY)]
    Recovery(Somebody),

    /// Add or remove a telephone number to which codes are sent
    ///
    /// A code that comes by text message or call is the weakest second factor: who has the number moved to another SIM, or
    /// listens in the network, has the code. Nothing is sent before [telephone] and a gateway are set in antiphon.toml. On the
    /// enrolment host of a fleet, the numbers of somebody who has a phone there count at every host.
    #[command(after_long_help = examples::NUMBER)]
    #[command(arg_required_else_help = true, disable_help_subcommand = true)]
    Number(Number),

    /// Show the providers of the accounts with which people approve, and fetch their keys
    ///
    /// Lists each [[provider]] of antiphon.toml with the keys that are on file, since when, and what is wrong.
    ///
    /// With --json the object has `providers`, each with `name`, `issuer`, `client_id`, `fetched` and `keys` (each with `kid`,
    /// `algorithm`, `first_seen`, `last_seen` and `valid`), and `findings`, as antiphon doctor has them.
    #[command(after_long_help = examples::PROVIDERS)]
    #[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
    Providers(Providers),

    /// Let a person without their phone sign in: prints a code that serves for a while
    ///
    /// The code is typed where a code is asked for, after the password. It is valid for one sign-in within two hours, unless
    /// you say otherwise; a new one takes its place, and antiphon remove and a new enrolment with --replace end it. Only its
    /// hash is kept. It cannot be guessed, and so no lock after wrong codes closes it. A lost state, or a clock set back,
    /// ends it early.
    ///
    /// Whoever has it has the second factor: make sure first that it is really that person who asks.
    ///
    /// With --sealed, prints a page to be put into an envelope and locked away, for the day when nothing else works; see
    /// antiphon-breakglass(7).
    #[command(after_long_help = examples::BYPASS)]
    Bypass(Bypass),

    /// Set up a fleet: hosts that share people's phones, so that each phone is enrolled once
    ///
    /// antiphon-fleet(7) says what a fleet is, and how to set one up step by step.
    #[command(after_long_help = examples::FLEET)]
    #[command(arg_required_else_help = true, disable_help_subcommand = true)]
    Fleet(Fleet),

    /// Make this computer a host of a fleet
    ///
    /// Asks the relay that TOKEN names, once it has shown the key that TOKEN has the fingerprint of, and pins the fleet's root key,
    /// which must have the other fingerprint: from then on this computer believes what leads to that key, and nothing that a relay
    /// says. Writes /etc/antiphon/fleet/ and, last of all, /etc/antiphon/fleet.toml. Then put the line [fleet] into antiphon.toml,
    /// and restart antiphond.
    ///
    /// On a computer that has joined already, it changes nothing, but for one whose certificate has expired.
    #[command(after_long_help = examples::JOIN)]
    Join(Join),

    /// Show the hosts of the fleet, and when each was last connected; or revoke one
    ///
    /// On an enrolment host. With --json the object has `hosts`, each with `name`, `role`, `joined`, `seen` and `revoked`.
    #[command(after_long_help = examples::HOSTS)]
    Hosts(Hosts),

    /// Print the guide for people: how to sign in with a second factor, with pictures
    ///
    /// One HTML file in Swedish or English, with everything in it, to put on an intranet or to print on A4. It says how people
    /// get started, sign in, go on without their phone, change phones, and what to do about a sign-in that was not them. It
    /// names your organisation and its help desk, [organisation] in antiphon.toml, and tells only of what is set up there:
    /// phones if [page] origin is set, text messages and calls if [telephone] allows them.
    ///
    /// antiphond serves the same page at /guide, in the language of the browser.
    #[command(after_long_help = examples::GUIDE)]
    Guide(Guide),

    /// Export the page for phones, for another web server than antiphond
    #[command(after_long_help = examples::PAGE)]
    #[command(arg_required_else_help = true, disable_help_subcommand = true)]
    Page(Page),

    /// Look for faults in the configuration, the folders, every record and every state
    ///
    /// Also at the disks that they are on, whether those can be written to and have room; and at this computer's clock, if
    /// the codes of several people tell of it.
    ///
    /// A fault refuses sign-ins: the exit status is then 78. A warning does not, and leaves it 0. Each says how to
    /// fix it. Nothing is changed, but by --fix.
    ///
    /// This looks at Antiphon's own files alone, and is quick. antiphon doctor finds the same, and looks at pam.d, sshd and
    /// the daemon as well.
    #[command(after_long_help = examples::CHECK)]
    Check(Check),

    /// Follow every sign-in through PAM and sshd: who is asked, who gets past, who is locked out
    ///
    /// Says of each PAM service of this computer whether it asks for a second factor, does not ask, can be jumped over, or
    /// locks out, and which line decides that. Then lists what is wrong, each with a command that fixes it: lines of pam.d;
    /// settings of sshd, in Match blocks too; people who can sign in but are not enrolled; the daemon, its page and its
    /// certificate; the clock; disks; versions; denials by SELinux; and everything that antiphon check finds.
    ///
    /// With SERVICE, shows that service alone, line by line. With USER, also what this person would be asked there, according
    /// to their record and state. Nobody is asked for a password, PAM is not called, no phone rings, and nothing counts as
    /// an attempt.
    ///
    /// Nothing is changed. A command for pam.d is shown only if it helps on a copy of what was read, and harms no other
    /// service; where none does, the command opens an editor at the line.
    ///
    /// With --json the object has `ok`, whether there is no fault; `people`, how many are enrolled; `services`, each with
    /// `service`, `verdict` (asks, does-not-ask, can-be-jumped-over, locks-out or not-known), `at` (`file` and `line`) and
    /// `note`; and `findings`, each with `severity`, `says`, `fix`, and where known `at` and `services`. With SERVICE its
    /// lines are in `way`, and with USER the sign-in is in `person`.
    #[command(after_long_help = examples::DOCTOR)]
    Doctor(Doctor),

    /// Have services ask for the second factor, and take that back unless you say that it works
    ///
    /// Writes the line of pam_antiphon into /etc/pam.d/SERVICE, behind the lines that ask for the password. Before any file is
    /// touched, the result is examined as by antiphon doctor: a change that would lock people out, or could be jumped over, is
    /// refused. Then sign in from a second terminal, and type "yes" here. Without that, everything is as before after two
    /// minutes, even if this command is killed, its terminal is closed or the computer is restarted; antiphon revert says
    /// what happens to files that somebody else edits meanwhile.
    ///
    /// With --all, every service that asks for a password asks for the second factor as well: pam-auth-update writes the
    /// line into the file that they all include. This is for Debian and its derivatives. Where authselect writes the files,
    /// select a profile with it.
    ///
    /// With --yes the change stays at once and nothing takes it back: for scripts, on hosts where it is known to work.
    ///
    /// With --later the command ends at once, and the change stays only if antiphon confirm is run in time: for programs
    /// that manage computers, and for administrators who try it from another computer.
    ///
    /// With --dry-run nothing is changed: it shows what would be, or why it would be refused.
    ///
    /// With --json the object has `services`, `files` (each with `file`, `backup`, and the lines `removed` and `added`),
    /// `result` (kept, waiting, taken-back, left, refused, possible or unchanged), `until` where it is waiting, and `findings` as
    /// antiphon doctor has them; questions go to standard error.
    #[command(after_long_help = examples::ENABLE)]
    Enable(Switch),

    /// Have services no longer ask for the second factor, and take that back unless you say that it works
    ///
    /// Takes the line of pam_antiphon out of /etc/pam.d/SERVICE, or with --all out of the file that all services include. This
    /// is refused where nothing else asks for anything, since everybody would get in. All else is as with antiphon enable.
    #[command(after_long_help = examples::DISABLE)]
    Disable(Switch),

    /// Edit the configuration: it is checked before it counts
    ///
    /// Opens a copy of /etc/antiphon/antiphon.toml in your editor, found as by sudo -e ($VISUAL, $EDITOR), or else in editor,
    /// nano or vi. When the editor has ended, the copy is checked as by antiphon check, and only then takes the file's place.
    /// After a fault, you can edit again or throw the copy away. Only one person edits at a time.
    ///
    /// If the command is killed, or the change is taken back, the copy is kept. The next antiphon edit shows what it would
    /// change in the file as it is then, so that nobody's edits are undone unseen, and asks whether to go on with it.
    ///
    /// With --revert, sign in from a second terminal and type "yes" here, as with antiphon enable; otherwise the change is taken
    /// back after that time.
    ///
    /// With --check no editor is opened and nothing is changed: it says whether FILE could take the configuration's place, as
    /// visudo -c does, for programs that write the file themselves.
    #[command(after_long_help = examples::EDIT)]
    Edit(Edit),

    /// Say that a change by enable, disable or edit works: it stays
    ///
    /// For a change with --later, or one whose terminal is gone. Run it after a sign-in has worked, and before the time of the
    /// change is over.
    #[command(after_long_help = examples::CONFIRM)]
    Confirm,

    /// Take back a change by enable, disable or edit that nobody has confirmed
    ///
    /// This happens by itself: when the time that was set is over, and when the computer starts. If a file cannot be written
    /// then, as on a full disk, it is tried again in the background.
    ///
    /// What somebody else has edited in a file meanwhile stays, and the change alone is taken back. If they have edited the same
    /// lines, or some beside them, or what would then mean something else, the file is left as it is, and the change stays
    /// open: antiphon doctor reports a fault, and no other change can be made, until you have looked at the file and run
    /// antiphon revert --leave.
    ///
    /// With --json the object has `command` (null if no change was open) and `files`, each with `file` and `became` (as-before,
    /// merged or left).
    #[command(after_long_help = examples::REVERT)]
    Revert(Revert),
}

/// One person.
#[derive(Args)]
pub(crate) struct Somebody {
    /// The person
    #[arg(value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: String,
}

/// One person or everybody.
#[derive(Args)]
pub(crate) struct Anybody {
    /// The person; without a name, everybody
    #[arg(value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,
}

/// The options of `activity`.
#[derive(Args)]
pub(crate) struct Activity {
    #[command(flatten)]
    pub(crate) whose: Anybody,

    /// Show so many of the latest lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub(crate) lines: usize,
}

/// The options of `report`.
#[derive(Args)]
pub(crate) struct Report {
    /// The sign-in, by its name in `antiphon activity`; without it, on a terminal, you can pick one
    #[arg(value_name = "SIGN-IN")]
    pub(crate) sign_in: Option<String>,
}

/// The options of `remove`.
#[derive(Args)]
#[command(group = ArgGroup::new("one").args(["phone", "account"]))]
pub(crate) struct Remove {
    #[command(flatten)]
    pub(crate) whose: Somebody,

    /// Remove this phone alone, by its name; `antiphon status USER` names them
    #[arg(long, value_name = "NAME", conflicts_with_all = ["purge", "account"])]
    pub(crate) phone: Option<String>,

    /// Remove this account alone, by its name, its provider or its subject
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "purge")]
    pub(crate) account: Option<String>,

    /// End only the page of a phone that was removed while antiphond was away; `remove` has said its credential
    #[arg(long, value_name = "CREDENTIAL", conflicts_with_all = ["phone", "account", "purge", "yes"])]
    pub(crate) forget: Vec<String>,

    /// Remove the state and the activity as well
    #[arg(long)]
    pub(crate) purge: bool,

    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,

    /// Remove the phone or account even if it is the person's only way in to some service
    #[arg(long, requires = "one")]
    pub(crate) force: bool,
}

/// The options of `guide`.
#[derive(Args)]
pub(crate) struct Guide {
    /// The language; else that of the configuration
    #[arg(long, value_parser = languages())]
    pub(crate) language: Option<Language>,
}

/// The options of `check`.
#[derive(Args)]
pub(crate) struct Check {
    /// Write anew what people see of their own ways to sign in, after a record was edited by hand; no record and no state
    /// is changed
    // Called --mend until 0.1.0.
    #[arg(long, alias = "mend")]
    pub(crate) fix: bool,
}

/// The options of `doctor`.
#[derive(Args)]
pub(crate) struct Doctor {
    /// The PAM service, by the name of its file in /etc/pam.d; without it, all of them
    #[arg(value_name = "SERVICE")]
    pub(crate) service: Option<String>,

    /// Show what this person would be asked there
    #[arg(value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,
}
