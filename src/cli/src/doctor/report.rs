//! The output: services, one line each; the lines of one service and a person's sign-in, if wanted; findings with fixes.

use antiphon_core::visible::visible;
use serde::Serialize;

use super::pam::{Does, Folder, Service, Step, Verdict};
use super::play::Played;
use crate::check::{severity_in_words, summary};
use crate::failure::Failure;
use crate::finding::{At, Finding, Findings, Severity};
use crate::screen::Screen;

/// The longest displayed line of a file, in bytes.
const LONGEST: usize = 512;

/// Everything to output.
pub(super) struct Report<'a> {
    pub(super) services: Vec<Service>,
    /// Whether a service was named: then its lines are shown.
    pub(super) is_one: bool,
    pub(super) played: Option<Played>,
    pub(super) people: Option<usize>,
    pub(super) findings: Findings,
    pub(super) folder: &'a Folder,
}

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    /// Whether there is no fault.
    ok: bool,
    people: Option<usize>,
    services: Vec<ServiceObject<'a>>,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Played>,
}

#[derive(Serialize)]
struct ServiceObject<'a> {
    service: String,
    verdict: Verdict,
    at: Option<&'a At>,
    note: Option<String>,
    /// Its lines, if it was named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    way: Vec<LineObject<'a>>,
}

#[derive(Serialize)]
struct LineObject<'a> {
    at: &'a At,
    /// The number of enclosing substacks.
    level: usize,
    text: String,
}

impl Report<'_> {
    pub(super) fn show(self, screen: &mut Screen) -> Result<(), Failure> {
        if screen.is_json() {
            return self.show_object(screen);
        }
        self.show_services(screen)?;
        if self.is_one {
            self.show_way(screen)?;
        }
        if let Some(played) = &self.played {
            show_played(played, screen)?;
        }
        if self.findings.iter().next().is_some() {
            screen.line("")?;
        }
        show_findings(self.findings.iter(), screen)?;
        screen.line("")?;
        screen.line(&summary(self.people, &self.findings))
    }

    fn show_object(self, screen: &mut Screen) -> Result<(), Failure> {
        let services = self.services.iter().map(|service| ServiceObject {
            service: visible(&service.name, LONGEST),
            verdict: service.verdict,
            at: service.at.as_ref(),
            note: service.note.as_deref().map(|note| visible(note, LONGEST)),
            way: if self.is_one {
                self.way(service)
            } else {
                Vec::new()
            },
        });
        let object = Object {
            ok: self.findings.count(Severity::Fault) == 0,
            people: self.people,
            services: services.collect(),
            findings: self.findings.iter().cloned().collect(),
            person: self.played,
        };
        screen.object(&object)
    }

    fn way<'s>(&self, service: &'s Service) -> Vec<LineObject<'s>> {
        let steps = service.stack.steps.iter();
        steps
            .map(|step| LineObject {
                at: &step.at,
                level: step.level,
                text: self.text(step),
            })
            .collect()
    }

    fn text(&self, step: &Step) -> String {
        let line = self.folder.line(&step.at);
        let text = line.map(|line| line.text.as_str()).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        visible(&text, LONGEST)
    }

    fn show_services(&self, screen: &mut Screen) -> Result<(), Failure> {
        let names = self
            .services
            .iter()
            .map(|service| service.name.chars().count());
        let width = names.max().unwrap_or_default();
        for service in &self.services {
            let words = format!("{:18}", service.verdict.in_words());
            let words = match service.verdict {
                Verdict::Asks | Verdict::DoesNotAsk => words,
                Verdict::CanBeJumpedOver | Verdict::LocksOut | Verdict::NotKnown => {
                    screen.red(&words)
                }
            };
            let at = service.at.as_ref().map(ToString::to_string);
            let more: Vec<&str> = at
                .as_deref()
                .into_iter()
                .chain(service.note.as_deref())
                .collect();
            let name = visible(&service.name, LONGEST);
            let more = visible(&more.join(", "), 2 * LONGEST);
            screen.line(format!("{name:width$}  {words}  {more}").trim_end())?;
        }
        Ok(())
    }

    /// Each line, with those of substacks indented.
    fn show_way(&self, screen: &mut Screen) -> Result<(), Failure> {
        screen.line("")?;
        for service in &self.services {
            for step in &service.stack.steps {
                let set_in = "  ".repeat(step.level + 1);
                let text = self.text(step);
                let text = match &step.does {
                    Does::Fails { .. } => screen.red(&text),
                    _ if step.is_ours() => screen.bold(&text),
                    _ => text,
                };
                screen.line(&format!("{set_in}{}  {text}", step.at))?;
            }
        }
        Ok(())
    }
}

/// Each with its fix below.
pub(crate) fn show_findings<'f>(
    findings: impl Iterator<Item = &'f Finding>,
    screen: &mut Screen,
) -> Result<(), Failure> {
    for finding in findings {
        let severity = severity_in_words(finding.severity, screen);
        screen.line(&format!("{severity}  {}", finding.sentence()))?;
        if let Some(fix) = &finding.fix {
            let label = screen.bold("fix:");
            screen.line(&format!("         {label} {fix}"))?;
        }
    }
    Ok(())
}

fn show_played(played: &Played, screen: &mut Screen) -> Result<(), Failure> {
    screen.line("")?;
    screen.line(&screen.bold(&visible(played.user(), LONGEST)))?;
    for scene in &played.scenes {
        let at = scene.at.as_ref().map(|at| format!(" ({at})"));
        let end = if scene.shown.is_some() { ":" } else { "" };
        let says = visible(&scene.says, 2 * LONGEST);
        screen.line(&format!("  {says}{}{end}", at.unwrap_or_default()))?;
        for line in scene.shown.iter().flat_map(|shown| shown.lines()) {
            screen.line(&format!("    | {}", visible(line, LONGEST)))?;
        }
    }
    Ok(())
}
