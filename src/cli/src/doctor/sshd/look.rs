//! Problems of sshd, for everybody and in each Match block, and what they change in pam.d's verdict.

use antiphon_core::config::Config;

use super::fix::{Fix, Wanted};
use super::problems::{self, Around, Problem};
use super::text::Text;
use super::{DROP_IN, Facts, MAIN};
use crate::doctor::pam::{Service, Verdict, by_hand};
use crate::doctor::people::Account;
use crate::finding::{At, Finding, Findings};

/// What matters besides sshd itself.
pub(crate) struct Beside<'a> {
    pub(crate) config: Option<&'a Config>,
    pub(crate) people: &'a [Account],
}

/// Reports problems, and corrects the verdict of its service.
pub(crate) fn look(
    facts: &Facts,
    beside: &Beside<'_>,
    services: &mut [Service],
    findings: &mut Findings,
) {
    let text = facts.text();
    if let Err(why) = &facts.output
        && !why.is_empty()
    {
        findings.add(silent(why));
    }
    let sights = facts.sights(&text);
    let Some(all) = sights.first() else { return };
    let name = all.settings.get("pamservicename").to_owned();
    let Some(service) = services.iter_mut().find(|service| service.name == name) else {
        return;
    };
    if !service.has_ours() {
        return;
    }
    let names: Vec<String> = holders(beside.people);
    let key_holders = crate::doctor::pam::listed(&names);
    let around = Around {
        config: beside.config,
        asks_password: service.has_first_factor(),
        key_holders: &key_holders,
        root_has_key: names.iter().any(|name| name == "root"),
        has_keytab: facts.has_keytab,
    };
    let everybody = problems::all(&all.settings, &around);
    for sight in &sights {
        let own = problems::all(&sight.settings, &around);
        let new = own
            .into_iter()
            .filter(|problem| sight.block.is_none() || !everybody.contains(problem));
        for problem in new {
            let fix = Fix {
                text: &text,
                block: sight.block,
                has_drop_in: facts.files.contains_key(DROP_IN),
                unit: &facts.unit,
            };
            findings.add(finding(&problem, &fix, &service.name));
        }
    }
    judge(service, &everybody, &text);
}

/// sshd does not accept its configuration, or does not answer.
fn silent(why: &str) -> Finding {
    const FROM_FILES: &str = "what is said of sshd here is read from its files";
    let finding = if why.contains("/run/sshd") {
        // This is normal between connections if systemd starts sshd for each.
        Finding::warning(format_args!(
            "sshd -T does not answer ({why}); {FROM_FILES}"
        ))
        .fix("mkdir -p -m 755 /run/sshd")
    } else if let Some(at) = line_in(why) {
        let editor = by_hand(&at);
        Finding::fault(format_args!(
            "sshd rejects its configuration here and would not start again ({why}); {FROM_FILES}"
        ))
        .at(at)
        .fix(editor)
    } else {
        Finding::fault(format_args!(
            "sshd rejects its configuration ({why}); {FROM_FILES}"
        ))
        .fix("sshd -t")
    };
    finding.of(vec!["sshd".to_owned()])
}

/// `FILE line 3: …` or `FILE: line 3: …`.
fn line_in(why: &str) -> Option<At> {
    let (before, after) = why.split_once(" line ")?;
    let digits = after
        .split(|letter: char| !letter.is_ascii_digit())
        .next()?;
    let file = before.rsplit("; ").next()?.trim_end_matches(':');
    Some(At {
        file: file.to_owned(),
        line: digits.parse().ok()?,
    })
}

/// People who have keys and a shell.
fn holders(people: &[Account]) -> Vec<String> {
    people
        .iter()
        .filter(|account| account.keys.are_some() && account.has_shell)
        .map(|account| account.name.clone())
        .collect()
}

fn finding(problem: &Problem, fix: &Fix<'_>, service: &str) -> Finding {
    let whom = fix.block.and_then(|block| fix.text.blocks.get(block));
    let says = match whom {
        Some(block) => format!("for `Match {}`: {}", block.criteria, problem.says),
        None => problem.says.clone(),
    };
    let wanted: &[Wanted] = &problem.wanted;
    Finding::new(problem.severity, says)
        .at(place(problem, fix.text, fix.block))
        .fix(fix.command(wanted))
        .of(vec![service.to_owned()])
}

/// The line to blame: the setting, or else its block, or else the file.
fn place(problem: &Problem, text: &Text, block: Option<usize>) -> At {
    let head = block.and_then(|block| text.blocks.get(block));
    let setting = text
        .setting(problem.keyword, block)
        .or_else(|| text.setting(problem.keyword, None));
    match (setting, head) {
        (Some(setting), _) => setting.at.clone(),
        (None, Some(block)) => block.at.clone(),
        (None, None) => At {
            file: MAIN.to_owned(),
            line: 1,
        },
    }
}

/// pam.d's verdict matters only if sshd uses PAM.
fn judge(service: &mut Service, everybody: &[Problem], text: &Text) {
    if !matches!(service.verdict, Verdict::Asks | Verdict::CanBeJumpedOver) {
        return;
    }
    let worst = everybody
        .iter()
        .find(|problem| problem.verdict == Some(Verdict::DoesNotAsk))
        .or_else(|| everybody.iter().find(|problem| problem.verdict.is_some()));
    if let Some(problem) = worst
        && let Some(verdict) = problem.verdict
    {
        service.verdict = verdict;
        service.at = Some(place(problem, text, None));
    } else if everybody
        .iter()
        .any(|problem| problem.keyword == "authenticationmethods")
    {
        service.note = Some("except with a key".to_owned());
    }
}
