//! What is true of a second factor, and nothing of how it is asked for.
//!
//! # The house
//!
//! | room | what happens there |
//! | --- | --- |
//! | [`config`] | what the administrator decided |
//! | [`policy`] | whether this sign-in is asked at all: every way to be let through unasked |
//! | [`record`] | what a person can answer with |
//! | [`answer`] | what was typed, told apart by its form |
//! | [`way`], [`method`] | which ways are open to this person here |
//! | [`code`], [`recovery`], [`one_time`], [`bypass`] | the factors: which step a code belongs to, which recovery code it is, what was sent to a telephone; what root gives to who has lost their phone |
//! | [`approval`], [`invitation`] | what a phone signs and when that counts; how a phone is enrolled |
//! | [`draft`], [`pending`], [`qr`] | what a person is given at an enrolment, kept for ten minutes and never shown again, drawn for a camera |
//! | [`person`] | what may become of a person's record and state, and never so that no way is left |
//! | [`wire`] | what module, command and daemon say to each other |
//! | [`judge`] | **where a code is checked and the answer is decided** |
//! | [`state`] | what was used and what was wrong so far, and when that locks; [`origin`]: from where |
//! | [`disk`] | root's files: trusted or not, locked, durable |
//! | [`outcome`], [`text`], [`logline`], [`activity`] | how it ended, in words for the person, the log and the activity |
//! | [`program`] | what is known of the programs that call PAM |
//! | [`version`] | the module's version, told from its file |
//! | [`visible`], [`shell`] | text from outside, safe to show; names in commands that somebody shall run |
//! | [`summary`] | what a person may see of their own ways to sign in |
//!
//! Time, randomness and patience are handed in. There is no socket here, no environment, no feature, no `unsafe`.
//!
//! # Promises
//!
//! 1. **Fails closed.** `PAM_SUCCESS` needs a [`judge::Accepted`], which only [`judge`] makes, and which is closed in a
//!    [`judge::Judgement`] until the state is durable. `PAM_IGNORE` needs a [`policy::Exemption`], which only
//!    [`policy`] makes, from a valid configuration. Everything else refuses.
//! 2. **Once means once.** A step or a recovery code is marked under the lock, made durable, and only then accepted. If
//!    the marks are lost, everything that could have been used counts as used.
//! 3. **Nobody is locked out by us.** Locks close codes only, end by themselves, and never outlast their length;
//!    recovery codes and root open them; the reason for a refusal stands in syslog with its fix.
//! 4. **Secrets are wiped and not shown.** No secret in `Debug`, in an error or in the log.
//!
//! # Who attacks, and what stands against it
//!
//! | attacker | can | cannot, because |
//! | --- | --- | --- |
//! | knows the password, not the factor | guess codes: 5, then ever longer locks, 100 in a row at most (a chance of about 3 in 10,000); the person is told at the next sign-in | guess faster by many sign-ins at once: the count is looked at again under the lock, and each counted answer is durable before it is answered |
//! | knows only the name | nothing: nothing is counted before the first factor was right | lock anybody out |
//! | has the person's telephone number moved to another SIM, or listens in the network | read a code that is sent, once the password was right too | have one sent where it is not switched on, nor more than three in ten minutes; use it for another sign-in |
//! | saw a code being typed | nothing: it is used up, as is every earlier one | replay it, also after a crash, a power cut, a clock set back, a lost or restored state |
//! | stole password and phone, and keeps a prompt open | nothing, once root has acted | use what was replaced or removed meanwhile: each answer is judged by the record as it is by then |
//! | calls su or sudo, and is hostile | stop or kill the program at any instant, limit its files and memory, choose its environment | gain by it: the environment is not read, nobody can stop it while it holds a lock, one that is frozen or starved there is ended by whoever waits, and a killed write leaves the slot before it |
//! | can write some folders, plant links and FIFOs | make sign-ins fail if a folder above our files was left open to others | have them followed: every folder down from the root must belong to root and be closed to others, and no link is followed |
//! | chooses names, hosts, terminals | put odd characters there | forge a log line or move the cursor: they are made visible first |
//! | has the daemon in their hands | keep sign-ins from phones, see who signs in from where, read the codes that it sends, serve a page that lies; **at an enrolment** enrol a key of their own in the place of the phone's, and approve with it until it is removed: phones that were added meanwhile are enrolled again | approve with a phone that was enrolled before: the module verifies its signature over this very request and number; read records, or count a wrong code |
//! | knows the password of a person without a record, where `unenrolled = "enroll"` | enrol in their place: that is what it means, and `[enroll]` narrows it by group, network and date | see a secret that another was shown: it is shown in the sitting that drew it alone, and who comes back types a code of it; begin again unseen: the other sitting is void and told from where, and each step is logged at once; do that for ever, or guess: a few times in ten minutes |
//! | is root | everything | – |
//!
//! # What others got wrong, and where the answer is
//!
//! * `PAM_IGNORE` on errors let people in (pam-u2f, CVE-2025-23013): [`policy`] is its one source.
//! * A state file of no bytes locked root out (google-authenticator-libpam #177): a lost state is made afresh,
//!   [`state::State::fresh`].
//! * The state renamed into place but the folder never synced: after a power cut the same code worked again.
//!   [`disk::state_file`] writes in place and syncs.
//! * 32 sign-ins at once with one code let 20 in (google-authenticator): [`disk::StateFile::settle`] judges under a lock.
//! * One failed write emptied the users file of everybody (`pam_oath`): the module writes one record only, of the person
//!   who enrols in this sign-in or has just shown their factor, whole, and after its state ([`disk::person_files`]).
//! * `failmode` stood in the file whose loss triggers it (`duo_unix` #94): without a configuration the defaults deny.
#![forbid(unsafe_code)]

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
