//! Hosts on which something else is broken.

use antiphon_core::config::Config;

use super::host::{configure, person, write};
use super::{Broken, Then, hold};
use crate::changes::Ends;
use crate::doctor::host::Host;
use crate::doctor::page::Reached;
use crate::doctor::pam::Verdict;
use crate::doctor::people::{Keys, Unseen};
use crate::doctor::providers::Asked;
use crate::doctor::unconfirmed::{Facts, Place};
use crate::finding::Severity;
use crate::providers::Published;

const BROKEN: Broken = Broken {
    what: "",
    damage: |_| {},
    service: "",
    verdict: Verdict::Asks,
    severity: Severity::Warning,
    says: "",
    fix: "",
    then: Then::NotTried,
};

pub(super) fn hosts() -> Vec<Broken> {
    [
        people(),
        changes(),
        daemon_and_page(),
        providers(),
        computer(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn people_who_would_be_kept_out_are_found() {
    hold(&people());
}

#[test]
fn a_change_that_has_not_ended_is_found() {
    hold(&changes());
}

#[test]
fn a_daemon_that_is_away_and_a_page_that_cannot_be_reached_are_found() {
    hold(&daemon_and_page());
}

#[test]
fn a_provider_that_is_away_or_gives_too_much_and_keys_that_nobody_fetches_are_found() {
    hold(&providers());
}

#[test]
fn what_is_wrong_with_the_computer_itself_is_found() {
    hold(&computer());
}

/// A change of sshd's file.
fn change(command: &str, ends: Ends) -> Facts {
    Facts {
        command: command.to_owned(),
        ends,
        until: "2026-11-29T17:00:00Z".to_owned(),
        is_overdue: false,
        files: vec![Place {
            path: "/etc/pam.d/sshd".into(),
            backup: Some("/var/lib/antiphon/changes/1/etc/pam.d/sshd".into()),
        }],
    }
}

/// The provider of accounts answers so.
fn answers(host: &mut Host, published: Result<Published, String>) {
    let config = Config::parse(
        "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"antiphon\"\n\
         label = { sv = \"KMH-konto\", en = \"KMH account\" }\n",
    );
    let mut config = config.unwrap();
    host.providers.asked = vec![Asked {
        provider: config.providers.remove(0),
        published,
    }];
}

fn providers() -> Vec<Broken> {
    vec![
        Broken {
            what: "it is away",
            damage: |host| answers(host, Err("no answer within 10 s".to_owned())),
            says: "kmh: its keys cannot be fetched now: no answer within 10 s",
            fix: "curl -sS https://id.example.org/.well-known/openid-configuration",
            ..BROKEN
        },
        Broken {
            what: "it gives device codes",
            damage: |host| {
                let gives_device_codes = Some(true);
                answers(
                    host,
                    Ok(Published {
                        gives_device_codes,
                        ..Published::default()
                    }),
                );
            },
            says: "gives this client device codes",
            ..BROKEN
        },
        Broken {
            what: "people sign in where a page from elsewhere does not send them",
            damage: |host| {
                let mut published = Published::default();
                let at = "https://login.example.org/authorize".to_owned();
                published.discovery.authorization_endpoint = Some(at);
                answers(host, Ok(published));
                host.providers.page_is_elsewhere = true;
            },
            says: "authorization_origin = \"https://login.example.org\"",
            ..BROKEN
        },
        Broken {
            what: "it does not name S256",
            damage: |host| {
                let mut published = Published::default();
                published.discovery.code_challenge_methods_supported = vec!["plain".to_owned()];
                answers(host, Ok(published));
            },
            says: "does not name S256",
            ..BROKEN
        },
        Broken {
            what: "its secret is not handed over",
            damage: |host| host.providers.unhanded = vec!["provider-kmh".to_owned()],
            says: "antiphond is not handed this secret",
            fix: "systemctl edit antiphond",
            ..BROKEN
        },
        Broken {
            what: "the timer is off",
            damage: |host| host.providers.is_timer_off = true,
            says: "nothing fetches the providers' keys",
            fix: "systemctl enable --now antiphon-providers.timer antiphon-providers.path",
            ..BROKEN
        },
    ]
}

fn people() -> Vec<Broken> {
    vec![
        Broken {
            what: "one is not enrolled",
            damage: |host| person(host, "anna").is_enrolled = false,
            says: "not enrolled, though able to sign in: anna; their sign-ins are refused",
            fix: "antiphon enroll anna",
            ..BROKEN
        },
        Broken {
            what: "two are not, one of them by a key alone",
            damage: |host| {
                person(host, "anna").is_enrolled = false;
                let bo = person(host, "bo");
                bo.is_enrolled = false;
                bo.has_password = false;
                bo.keys = Keys::Seen(1);
            },
            says: "able to sign in: anna and bo",
            fix: "for user in anna bo; do antiphon enroll \"$user\"; done",
            ..BROKEN
        },
        Broken {
            what: "keys that could not be seen, of two for one reason",
            damage: |host| {
                for name in ["anna", "bo"] {
                    person(host, name).keys = Keys::Unseen(Unseen {
                        file: "/home/anna/.ssh/authorized_keys".into(),
                        why: "a server is away".to_owned(),
                    });
                }
            },
            says: "the keys of anna and bo could not be seen, because a server is away",
            fix: "timeout 10 ls -lL /home/anna/.ssh/authorized_keys",
            ..BROKEN
        },
        Broken {
            what: "whether somebody has keys is not known, and no second factor",
            damage: |host| {
                let bo = person(host, "bo");
                bo.is_enrolled = false;
                bo.has_password = false;
                bo.keys = Keys::Unseen(Unseen {
                    file: "/home/bo/.ssh/authorized_keys".into(),
                    why: "a server is away".to_owned(),
                });
            },
            says: "not enrolled, though able to sign in: bo",
            fix: "antiphon enroll bo",
            ..BROKEN
        },
        Broken {
            what: "one is not enrolled, and need not be",
            damage: |host| {
                person(host, "anna").is_enrolled = false;
                configure(host, "unenrolled = \"allow\"\n");
            },
            says: "they sign in without one (unenrolled = \"allow\")",
            fix: "antiphon enroll anna",
            ..BROKEN
        },
        Broken {
            what: "the clock of a phone",
            damage: |host| person(host, "bo").refused_skew = Some(-90),
            says: "bo: the phone's clock was 90 s behind",
            fix: "antiphon bypass bo",
            ..BROKEN
        },
    ]
}

fn changes() -> Vec<Broken> {
    vec![
        Broken {
            what: "a change that nobody has confirmed",
            damage: |host| {
                host.unconfirmed = Ok(Some(change("antiphon enable sshd", Ends::Confirmed)));
            },
            says: "`antiphon enable sshd` waits to be confirmed (antiphon confirm), and is taken back at 2026-11-29T17:00:00Z",
            fix: "antiphon revert",
            ..BROKEN
        },
        Broken {
            what: "a change that nobody has confirmed, and whose time is over",
            damage: |host| {
                let mut change = change("antiphon enable sshd", Ends::Confirmed);
                change.is_overdue = true;
                host.unconfirmed = Ok(Some(change));
            },
            severity: Severity::Fault,
            says: "`antiphon enable sshd` was not confirmed, and could not be taken back at 2026-11-29T17:00:00Z",
            fix: "antiphon revert",
            ..BROKEN
        },
        Broken {
            what: "a change that was made for good, and was stopped halfway",
            damage: |host| {
                host.unconfirmed = Ok(Some(change("antiphon enable sshd --yes", Ends::Made)));
            },
            says: "`antiphon enable sshd --yes` was stopped while it changed files",
            fix: "antiphon revert",
            ..BROKEN
        },
        Broken {
            what: "a change that could not be taken back",
            damage: |host| {
                host.unconfirmed = Ok(Some(change("antiphon disable sshd", Ends::LookedAt)));
            },
            severity: Severity::Fault,
            says: "could not be taken back in /etc/pam.d/sshd, because somebody else has edited the same lines",
            fix: "${EDITOR:-vi} /etc/pam.d/sshd && antiphon revert --leave",
            ..BROKEN
        },
        Broken {
            what: "a change that cannot be read",
            damage: |host| {
                host.unconfirmed = Err("open.json: no change; run: rm open.json".to_owned());
            },
            severity: Severity::Fault,
            says: "open.json: no change",
            fix: "rm open.json",
            ..BROKEN
        },
    ]
}

fn daemon_and_page() -> Vec<Broken> {
    vec![
        Broken {
            what: "the daemon is stopped",
            damage: |host| {
                host.daemon.as_mut().unwrap().away = Some("connect: Connection refused".to_owned());
            },
            says: "antiphond does not answer at /run/antiphon/antiphond.sock (connect: Connection refused)",
            fix: "systemctl restart antiphond",
            ..BROKEN
        },
        Broken {
            what: "the daemon is stopped, and somebody has a phone alone",
            damage: |host| {
                host.daemon.as_mut().unwrap().away = Some("connect: Connection refused".to_owned());
                person(host, "anna").has_phone_alone = true;
            },
            severity: Severity::Fault,
            says: "and anna cannot sign in: they have no other method",
            fix: "systemctl restart antiphond",
            ..BROKEN
        },
        Broken {
            what: "the daemon was never begun with the computer",
            damage: |host| {
                let daemon = host.daemon.as_mut().unwrap();
                daemon.away = Some("connect: No such file or directory".to_owned());
                daemon.is_enabled = false;
            },
            says: "antiphond does not answer",
            fix: "systemctl enable --now antiphond",
            ..BROKEN
        },
        Broken {
            what: "the daemon's user is missing",
            damage: |host| {
                host.daemon.as_mut().unwrap().away = Some("there is no user antiphon".to_owned());
            },
            says: "there is no user antiphon",
            fix: "systemd-sysusers antiphon.conf && systemctl restart antiphond",
            ..BROKEN
        },
        Broken {
            what: "the daemon that runs is an old one",
            damage: |host| host.daemon.as_mut().unwrap().is_replaced = true,
            says: "it was replaced and not restarted",
            fix: "systemctl restart antiphond",
            ..BROKEN
        },
        Broken {
            what: "the page's name leads nowhere",
            damage: |host| {
                host.page.as_mut().unwrap().reached = Reached::NoName("no such name".to_owned());
            },
            says: "https://mfa.example.org: the phones' page cannot be reached from this computer: its host name does \
                   not resolve",
            fix: "getent hosts mfa.example.org",
            ..BROKEN
        },
        Broken {
            what: "nothing answers at the page's address",
            damage: |host| {
                host.page.as_mut().unwrap().reached = Reached::NoConnection("refused".to_owned());
            },
            says: "nothing answers there (refused)",
            fix: "systemctl restart antiphond",
            ..BROKEN
        },
        Broken {
            what: "another page answers",
            damage: |host| {
                host.page.as_mut().unwrap().reached = Reached::NotThePage("HTTP 404".to_owned());
            },
            says: "what answers there is not the page (HTTP 404)",
            fix: "curl -v https://mfa.example.org/",
            ..BROKEN
        },
        Broken {
            what: "the page's certificate has an end that nobody sees",
            damage: |host| {
                host.page.as_mut().unwrap().reached = Reached::NotTrusted("has expired".to_owned());
            },
            says: "its certificate is not trusted here",
            fix: "curl -v https://mfa.example.org/",
            ..BROKEN
        },
    ]
}

fn computer() -> Vec<Broken> {
    vec![
        Broken {
            what: "nothing keeps the clock",
            damage: |host| {
                host.clock.is_synchronised = Some(false);
                host.clock.is_kept = Some(false);
            },
            says: "this computer's clock: no time service is enabled",
            fix: "timedatectl set-ntp true",
            ..BROKEN
        },
        Broken {
            what: "the clock is not kept though it should be",
            damage: |host| host.clock.is_synchronised = Some(false),
            says: "this computer's clock: it is not synchronised",
            fix: "systemctl restart systemd-timesyncd",
            ..BROKEN
        },
        Broken {
            what: "the same with chrony",
            damage: |host| {
                host.clock.is_synchronised = Some(false);
                host.clock.has_chrony = true;
            },
            says: "this computer's clock: it is not synchronised",
            fix: "chronyc makestep",
            ..BROKEN
        },
        Broken {
            what: "the computer has a new name",
            damage: |host| host.name.is_known = false,
            says: "this computer's name, harbour, does not resolve",
            fix: "echo '127.0.1.1 harbour' >> /etc/hosts",
            ..BROKEN
        },
        Broken {
            what: "polkit in its sandbox",
            damage: |host| {
                write(
                    host,
                    "polkit-1",
                    "@include common-auth\nauth required pam_antiphon.so\n",
                );
            },
            service: "polkit-1",
            severity: Severity::Fault,
            says: "polkit-agent-helper@.service runs in a sandbox without write access",
            fix: "ReadWritePaths=-/run/antiphon-marks > \
             /etc/systemd/system/polkit-agent-helper@.service.d/antiphon.conf",
            ..BROKEN
        },
        Broken {
            what: "an older module",
            damage: |host| host.versions.module = Some("0.0.9".to_owned()),
            says: "pam_antiphon.so is version 0.0.9, and this command is 0.1.0",
            fix: "install -D -m 644 target/release/libpam_antiphon.so /usr/lib",
            ..BROKEN
        },
        Broken {
            what: "an older daemon, of a package",
            damage: |host| {
                host.versions.daemon = Some("0.0.9".to_owned());
                host.package = crate::doctor::package::Package::Deb;
            },
            says: "antiphond is version 0.0.9",
            fix: "apt-get install --reinstall antiphon",
            ..BROKEN
        },
        Broken {
            what: "SELinux has kept something from us",
            damage: |host| host.denials = vec!["avc: denied { write } comm=\"sudo\"".to_owned()],
            severity: Severity::Fault,
            says: "SELinux denied Antiphon something 1 times within a day",
            fix: "restorecon -RFv /etc/antiphon",
            ..BROKEN
        },
    ]
}
