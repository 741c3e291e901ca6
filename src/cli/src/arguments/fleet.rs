//! The options of `fleet`, `join` and `hosts`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::time::seconds;
use crate::examples;

/// The longest that a token may serve, in seconds: relays take no longer.
const LONGEST_TOKEN: u64 = 90 * 86_400;

/// The commands of `fleet`.
#[derive(Args)]
pub(crate) struct Fleet {
    #[command(subcommand)]
    pub(crate) deed: FleetDeed,
}

/// What to do with the fleet.
#[derive(Subcommand)]
pub(crate) enum FleetDeed {
    /// Set up a fleet on this computer, which becomes its first relay and its enrolment host
    ///
    /// Makes three keys. The root key says which keys sign for the fleet, and every host pins it: whoever has it decides who may
    /// approve sign-ins on all hosts. It is written to FILE alone, with mode 0600, and never used but for antiphon fleet renew
    /// --root-key, about once a year. Keep it off this computer: name a file on a disk that you take out and lock away, or move the
    /// file there afterwards, and keep a second copy. If FILE holds such a key already, that one is used.
    ///
    /// The key for records signs who has which phone, and stays in /etc/antiphon/fleet/records.key, which root alone can read. The
    /// authority's key signs certificates of hosts, and stays in ca.key there, which antiphond reads too.
    ///
    /// If it was stopped, run it again. A fleet that is set up is never changed by it.
    #[command(after_long_help = examples::FLEET_INIT)]
    Init(FleetInit),

    /// Make a token, with which hosts join the fleet
    ///
    /// Prints the token and nothing else on standard output. It is a secret as long as it serves: whoever has it can add a host.
    /// It holds fingerprints of the relay's key and of the root key, so that a host that joins with it believes no other relay.
    ///
    /// With --json the object has `id`, `token`, `hosts`, `until`, `role` and `network`.
    #[command(after_long_help = examples::FLEET_TOKEN)]
    Token(FleetToken),

    /// List the tokens with which hosts can still join
    ///
    /// What is shown of a token lets nobody join.
    ///
    /// With --json the object has `tokens`, each with `id`, `role`, `hosts` (how many may still join), `until`, `network` (null for
    /// everywhere) and `opened_by` (null for root at the relay).
    #[command(after_long_help = examples::FLEET_TOKENS)]
    Tokens,

    /// Withdraw a token: nobody joins with it any more
    ///
    /// For a token that has got into other hands, or into an image that is not used. Hosts that have joined with it stay: antiphon
    /// hosts revoke takes one out.
    ///
    /// With --json the object has `id` and `withdrawn`.
    #[command(after_long_help = examples::FLEET_WITHDRAW)]
    Withdraw(FleetWithdraw),

    /// Make another relay: writes what it needs to a folder, to be carried there
    ///
    /// For relays that share a database ([relay] engine). On the relay where the fleet was set up. DIR is made, and holds what belongs
    /// into /etc/antiphon on the new relay, with a key that nobody else must see: copy it over, and delete it here. Hosts that join
    /// from then on know both relays; on hosts that have joined before, add it to relays in /etc/antiphon/fleet.toml.
    ///
    /// A relay's certificate is valid for 397 days. The new relay cannot renew its own: run this again for it in time, as antiphon
    /// doctor there will say.
    #[command(after_long_help = examples::FLEET_RELAY)]
    Relay(FleetRelay),

    /// Sign again what would expire, and publish what has not been published
    ///
    /// A person's record is valid for 30 days, and is signed again when half of that is over, or when the person's phones have
    /// changed here. antiphon-fleet-renew.timer runs this once a day on the enrolment host. What is signed comes from the records
    /// on this computer and from what it has signed before, never from what a relay says. Somebody whose record here was deleted
    /// by hand is named and left to expire; antiphon remove takes their phones out of the fleet at once.
    ///
    /// With USER, signs that person's phones now: also of somebody who was enrolled before there was a fleet.
    ///
    /// With --root-key, signs again which keys sign for the fleet; that is valid for 397 days, and antiphon doctor says when it is
    /// time. On a host that has joined with a token of --role enrol, this makes it another enrolment host. It asks a relay for the
    /// keys that there are, and signs nothing without an answer. With --leave-out KEY, as antiphon fleet status names it, what another
    /// enrolment host has signed no longer counts from each host's next sign-in on; enrol its people again, or sign them here.
    ///
    /// With --json the object has `people`, each with `user`, `outcome` (renewed, published, unchanged, waiting or failed), `until`
    /// and `reason`; `keys_until`; and `certificate_renewed`.
    #[command(after_long_help = examples::FLEET_RENEW)]
    Renew(FleetRenew),

    /// Make the phones that people have on this computer the fleet's
    ///
    /// For a computer on which people had phones before the fleet was set up there. Shows whose phones would be signed and published,
    /// and asks, or without a terminal ends unless --yes is given. Their records here stay as they are. Phones approve at the page
    /// that they were enrolled on: who has none of this page ([page] origin) is left out, and so is root, who is never a person of the
    /// fleet. Who is published already is not shown.
    ///
    /// With --json the object has `people`, each with `user`, `outcome` (ready, renewed, waiting, failed or left-out), `until` and
    /// `reason`, and `written`.
    #[command(after_long_help = examples::FLEET_ADOPT)]
    Adopt(FleetAdopt),

    /// Look for faults of this computer's part of the fleet, and ask each relay
    ///
    /// Certificates and keys, and when they expire; whether each relay answers and lets this host in; on an enrolment host, whether
    /// every record is signed, valid and published. antiphon doctor finds the same.
    ///
    /// The exit status is 78 if there is a fault: people who are known to the fleet alone cannot sign in here, or will soon be
    /// unable to.
    #[command(after_long_help = examples::FLEET_CHECK)]
    Check,

    /// Show this computer's part of the fleet: names, relays, keys and dates
    ///
    /// With --json the object has `fleet`, `host`, `roles`, `root` (the SHA-256 of the root key), `relays`, `keys_serial`,
    /// `keys_until`, `record_keys` (the names of the keys that sign records), `certificate_until`, and on an enrolment host `people`
    /// and `oldest_until`.
    #[command(after_long_help = examples::FLEET_STATUS)]
    Status,
}

/// The options of `fleet init`.
#[derive(Args)]
pub(crate) struct FleetInit {
    /// The fleet's name: small letters, digits, hyphens and dots
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    /// This computer as hosts reach it: a name or address, and a port if it is not 8471
    #[arg(long, value_name = "HOST[:PORT]")]
    pub(crate) relay: String,

    /// The file for the root key, on a disk that you can take away
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) root_key: PathBuf,
}

/// What a host may do in the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Ask phones about its own sign-ins
    Host,
    /// Also enrol and remove phones, and let hosts join and leave
    Enrol,
}

/// The options of `fleet token`.
#[derive(Args)]
pub(crate) struct FleetToken {
    /// How many hosts may join with it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) hosts: u32,

    /// How long it serves: minutes, hours or days, as in 30m, 2h or 30d; at most 90d
    #[arg(long = "for", value_name = "TIME", default_value = "1h", value_parser = lifetime)]
    pub(crate) lasts: u64,

    /// Let hosts join from this network alone, as in 10.0.0.0/8
    #[arg(long, value_name = "CIDR")]
    pub(crate) network: Option<String>,

    /// What the hosts may do
    #[arg(long, value_enum, default_value_t = Role::Host)]
    pub(crate) role: Role,
}

/// The options of `fleet relay`.
#[derive(Args)]
pub(crate) struct FleetRelay {
    /// The new relay as hosts reach it: a name or address, and a port if it is not 8471
    #[arg(value_name = "HOST[:PORT]")]
    pub(crate) relay: String,

    /// The folder to write to, which must not be there yet
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
}

/// The options of `fleet withdraw`.
#[derive(Args)]
pub(crate) struct FleetWithdraw {
    /// The token, by eight or more digits of its id in antiphon fleet tokens
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// The options of `fleet renew`.
#[derive(Args)]
pub(crate) struct FleetRenew {
    /// Sign these people's phones now; without a name, what is due
    #[arg(value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) users: Vec<String>,

    /// The root key's file: signs again which keys sign for the fleet
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) root_key: Option<PathBuf>,

    /// Replace this computer's key for records, which somebody else may have: its signatures no longer count
    #[arg(long, requires = "root_key")]
    pub(crate) new_key: bool,

    /// Leave out another enrolment host's key for records: its signatures no longer count
    #[arg(long, value_name = "KEY", requires = "root_key")]
    pub(crate) leave_out: Vec<String>,
}

/// The options of `fleet adopt`.
#[derive(Args)]
pub(crate) struct FleetAdopt {
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// The options of `join`.
#[derive(Args)]
pub(crate) struct Join {
    /// What antiphon fleet token has printed; - reads it from standard input, where no other user can see it
    #[arg(value_name = "TOKEN")]
    pub(crate) token: String,

    /// This host's name in the fleet, which people see on their phones; else the computer's name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// The options of `hosts`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Hosts {
    #[command(subcommand)]
    pub(crate) deed: Option<HostsDeed>,

    /// Only hosts that have not been connected for so long, as in 7d
    #[arg(long, value_name = "TIME", value_parser = silence)]
    pub(crate) silent: Option<u64>,
}

/// What to do with a host.
#[derive(Subcommand)]
pub(crate) enum HostsDeed {
    /// Stop letting a host in, from its next connection on
    ///
    /// Its certificate is refused by every relay, so that no phone is asked for it. People with a record of that host's own still
    /// sign in there. The name is free again: a computer that joins with a new token can have it, with a new key. Tokens that the
    /// host has opened no longer work. The key with which an enrolment host has signed people's records still counts: antiphon fleet
    /// renew --root-key FILE --leave-out KEY ends it.
    ///
    /// With --json the object has `host`, `revoked` and `role` (host or enrol; null if it could not be asked).
    #[command(after_long_help = examples::HOSTS_REVOKE)]
    Revoke(RevokeHost),
}

/// The options of `hosts revoke`.
#[derive(Args)]
pub(crate) struct RevokeHost {
    /// The host, by its name in the fleet
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

fn lifetime(typed: &str) -> Result<u64, String> {
    seconds(typed, &(60..=LONGEST_TOKEN))
        .ok_or_else(|| "from 1m to 90d, as in 30m, 2h or 30d".to_owned())
}

fn silence(typed: &str) -> Result<u64, String> {
    seconds(typed, &(60..=3650 * 86_400)).ok_or_else(|| "a time such as 12h or 7d".to_owned())
}
