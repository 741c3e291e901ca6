//! The rules of the second factor, independent of how it is asked for.
//!
//! # Modules
//!
//! | module | purpose |
//! | --- | --- |
//! | [`config`] | the administrator's configuration |
//! | [`policy`] | whether this sign-in needs a second factor: every way to be exempt |
//! | [`record`] | a person's factors |
//! | [`answer`] | classifies a typed answer by its form |
//! | [`way`], [`method`] | which methods this person can use here |
//! | [`code`], [`recovery`], [`one_time`], [`bypass`] | the factors: which time step a code belongs to, which recovery code it is, codes sent to a telephone, codes that root grants to a person without their phone |
//! | [`account`] | what an account's provider signs and when its token is valid |
//! | [`approval`], [`invitation`] | what a phone signs and when the signature is valid; how a phone is enrolled |
//! | [`draft`], [`pending`], [`qr`] | an enrolment's secrets, kept for ten minutes and shown once; the QR code |
//! | [`import`] | secrets that other programs keep, and what of their history counts here |
//! | [`person`] | edits to a person's record and state, which always leave a way to sign in |
//! | [`fleet`] | phones that count on many hosts: signed records, and whom a host believes |
//! | [`wire`] | the messages between module, command and daemon |
//! | [`judge`] | **where a code is checked and the answer is decided** |
//! | [`state`] | used codes, wrong answers and the locks they cause; [`origin`]: where sign-ins came from |
//! | [`disk`] | root's files: ownership checks, locking, durability |
//! | [`outcome`], [`text`], [`logline`], [`activity`] | the result, worded for the person, the log and the activity file |
//! | [`program`], [`version`] | what is known of programs that call PAM; the module's version, read from its file |
//! | [`exposition`] | figures for Prometheus |
//! | [`visible`], [`shell`] | untrusted text made safe to display; names quoted in suggested commands |
//! | [`summary`] | what a person may see of their own factors |
//!
//! Time, randomness and patience are passed in. No sockets, no environment, no cargo features, no `unsafe`.
//!
//! # Promises
//!
//! 1. **Fails closed.** `PAM_SUCCESS` needs a [`judge::Accepted`], which only [`judge`] makes and which stays sealed in
//!    a [`judge::Judgement`] until the state is durable. `PAM_IGNORE` needs a [`policy::Exemption`], which only
//!    [`policy`] makes, from a valid configuration. Everything else refuses.
//! 2. **Once means once.** A step or a recovery code is marked as used under the lock, made durable, and only then
//!    accepted. If the marks are lost, everything that could have been used counts as used.
//! 3. **We lock nobody out.** Locks affect codes only, expire by themselves, and never last longer than stated;
//!    recovery codes and root lift them; syslog has the reason for each refusal and its fix.
//! 4. **Secrets are wiped and not shown.** No secret in `Debug`, in an error or in the log.
//!
//! # Attackers and defences
//!
//! | attacker | can | cannot, because |
//! | --- | --- | --- |
//! | knows the password, not the factor | guess codes: 5, then ever longer locks, 100 in a row at most (a chance of about 3 in 10,000); the person is told at the next sign-in | guess faster with parallel sign-ins: the count is read again under the lock, and each counted answer is durable before the reply |
//! | knows only the name | nothing: nothing is counted before the first factor was right | lock anybody out |
//! | has taken over the person's telephone number (SIM swap), or listens in the network | read a sent code, once they also have the password | have one sent where sending is off, nor more than three in ten minutes; use it for another sign-in |
//! | saw a code being typed | nothing: it is used up, as is every earlier one | replay it, even after a crash, a power cut, a clock set back, or a lost or restored state |
//! | stole password and phone, and keeps a prompt open | nothing, once root has acted | use what was replaced or removed meanwhile: each answer is judged by the current record |
//! | calls su or sudo, and is hostile | stop or kill the program at any instant, limit its files and memory, choose its environment | gain by it: the environment is not read, it cannot be stopped while it holds a lock, a frozen or starved holder is killed by whoever waits for the lock, and an interrupted write leaves the previous slot intact |
//! | can write some folders, plant links and FIFOs | make sign-ins fail if a folder above our files is writable by others | have them followed: every folder from `/` down must belong to root and be writable by root only, and no link is followed |
//! | chooses names, hosts, terminals | put odd characters there | forge a log line or move the cursor: such characters are escaped first |
//! | controls the daemon | withhold sign-ins from phones, see who signs in from where, read the codes it sends, serve a page that lies; **at an enrolment** enrol their own key instead of the phone's, and approve with it until it is removed: phones added meanwhile must be enrolled again | approve with a phone enrolled earlier: the module verifies its signature over this very request and number; read records, or count a wrong code |
//! | knows the password of a person without a record, where `unenrolled = "enroll"` | enrol in their place: that is what the setting means, and `[enroll]` narrows it by group, network and date | see a secret shown to someone else: only the sitting that drew a secret shows it, and a returning person types a code from it; restart unseen: the other sitting becomes invalid and is told from where, and each step is logged at once; repeat it endlessly, or guess: only a few times in ten minutes |
//! | knows the password of a person who is let in for now: `unenrolled = "allow"`, a `[[rollout]]` whose dates are to come, a rehearsal | sign in: that is what the setting means | make it last: nothing but the host's clock moves a date, a group that cannot be looked up, or a directory's group of the same name, lets nobody in where it matters, and a lost or damaged state is no reason for a rehearsal; do it unseen: the person is told until they have succeeded |
//! | is root | everything | – |
//!
//! # Mistakes of others, and our answers
//!
//! * `PAM_IGNORE` on errors let people in (pam-u2f, CVE-2025-23013): [`policy`] is its only source.
//! * An empty state file locked root out (google-authenticator-libpam #177): a lost state is created afresh,
//!   [`state::State::fresh`].
//! * The state was renamed into place but its folder never synced: after a power cut the same code worked again.
//!   [`disk::state_file`] writes in place and syncs.
//! * 32 parallel sign-ins with one code let 20 in (google-authenticator): [`disk::StateFile::settle`] judges under a
//!   lock.
//! * One failed write emptied everybody's users file (`pam_oath`): the module writes one record only, that of the
//!   person who enrols in this sign-in or has just shown their factor, whole, and after its state
//!   ([`disk::person_files`]).
//! * `failmode` was set in the file whose loss triggers it (`duo_unix` #94): without a configuration the defaults deny.
#![forbid(unsafe_code)]

pub mod account;
pub mod activity;
pub mod answer;
pub mod approval;
pub mod base64url;
pub mod bypass;
pub mod code;
pub mod config;
pub mod dialogue;
pub mod disk;
pub mod document;
pub mod draft;
mod es256;
pub mod exposition;
pub mod fleet;

pub mod import;
pub mod invitation;
pub mod judge;
mod language;
pub mod logline;
pub mod method;
pub mod name;
pub mod one_time;
pub mod origin;
pub mod outcome;

pub mod pending;
pub mod person;
pub mod policy;
pub mod program;
pub mod qr;
pub mod record;
pub mod recovery;
mod refusal;
pub mod secret;
pub mod shell;
pub mod state;
pub mod summary;
mod tag;
pub mod text;
pub mod time;
mod trouble;
pub mod version;
pub mod visible;
pub mod way;
mod web_origin;
pub mod wire;
