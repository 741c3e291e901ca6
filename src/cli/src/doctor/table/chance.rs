//! Hosts that chance has broken: nothing panics, and no command that is named for pam.d makes any service worse.

use std::collections::BTreeMap;

use super::{carried_out, host};
use crate::doctor::host::Host;
use crate::doctor::look;
use crate::doctor::pam::Verdict;
use crate::finding::Findings;

/// Numbers that are the same in each run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const FILES: &[&str] = &[
    "common-auth",
    "sshd",
    "sudo",
    "su",
    "login",
    "other",
    "common-account",
];
const LINES: &[&str] = &[
    "auth required pam_antiphon.so",
    "auth sufficient pam_unix.so",
    "auth [success=2 default=ignore] pam_unix.so",
    "auth [success=done default=die] pam_sss.so",
    "auth sufficient pam_faillock.so authsucc",
    "auth requisite pam_deny.so",
    "auth optional pam_gone.so",
    "auth required pam_gone.so",
    "auth include common-auth",
    "auth substack common-auth",
    "auth include",
    "@include nowhere",
    "account required pam_gone.so",
    "auth required pam_permit.so \\",
    "auth requird pam_unix.so",
    "auth [default=reset] pam_warn.so",
    "\u{1b}[2J\0 x",
];

/// One change of one file.
fn mutate(host: &mut Host, dice: &mut Dice) {
    let name = dice.pick(FILES);
    let text = host.folder.files[name].text().to_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = dice.roll(lines.len().max(1));
    match dice.roll(5) {
        0 if lines.len() > 1 => drop(lines.remove(at)),
        1 if lines.len() > 1 => {
            let other = dice.roll(lines.len());
            lines.swap(at, other);
        }
        2 => {
            // A letter lost.
            let line = &mut lines[at];
            let letters = line.chars().count();
            let lost = dice.roll(letters.max(1));
            *line = line
                .chars()
                .enumerate()
                .filter(|(number, _)| *number != lost)
                .map(|(_, letter)| letter)
                .collect();
        }
        _ => lines.insert(at, dice.pick(LINES).to_owned()),
    }
    host::write(host, name, &(lines.join("\n") + "\n"));
}

fn verdicts(host: &Host) -> (BTreeMap<String, Verdict>, Findings) {
    let mut findings = Findings::default();
    let services = look(host, &mut findings);
    let verdicts = services
        .into_iter()
        .map(|service| (service.name, service.verdict));
    (verdicts.collect(), findings)
}

#[test]
fn no_command_for_pam_d_makes_any_service_worse_whatever_is_broken() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut tried = 0;
    for _ in 0..60 {
        let mut host = host::sound();
        for _ in 0..=dice.roll(3) {
            mutate(&mut host, &mut dice);
        }
        let (before, findings) = verdicts(&host);
        let fixes: Vec<String> = findings
            .into_list()
            .into_iter()
            .filter_map(|finding| finding.fix)
            .filter(|fix| fix.starts_with("sed -i ") && fix.contains("/etc/pam.d/"))
            .collect();
        for fix in fixes {
            tried += 1;
            let (after, _) = verdicts(&carried_out(&host, &fix));
            for (name, now) in &after {
                let then = before[name];
                let is_good = |verdict| matches!(verdict, Verdict::Asks | Verdict::DoesNotAsk);
                let is_worse = then == Verdict::Asks && *now != then
                    || is_good(then) && !is_good(*now)
                    || then == Verdict::CanBeJumpedOver && *now == Verdict::DoesNotAsk;
                assert!(!is_worse, "{name}: {then:?}, and {now:?} after {fix}");
            }
        }
    }
    assert!(tried > 40, "{tried}");
}
