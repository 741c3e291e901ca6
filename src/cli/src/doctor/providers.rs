//! Whether the providers of accounts can be reached, and are set up as they should be.

use std::path::Path;

use antiphon_core::config::Provider;

use super::program;
use crate::finding::{Finding, Findings};
use crate::house::House;
use crate::providers::{Ask, Published, ask_all, look_at_published};

/// Present if systemd fetches the keys every hour, and when antiphond asks for it.
const WANTED: [&str; 2] = [
    "/etc/systemd/system/timers.target.wants/antiphon-providers.timer",
    "/etc/systemd/system/paths.target.wants/antiphon-providers.path",
];
const SYSTEMD: &str = "/run/systemd/system";

/// The facts that the findings are based on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Each, and what it publishes, or why that cannot be had.
    pub(crate) asked: Vec<Asked>,
    /// Whether another web server serves the page.
    pub(crate) page_is_elsewhere: bool,
    /// Files with a client secret that systemd does not hand to antiphond.
    pub(crate) unhanded: Vec<String>,
    /// Whether systemd runs here and nothing has it fetch the keys.
    pub(crate) is_timer_off: bool,
}

/// A provider that was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) provider: Provider,
    pub(crate) published: Result<Published, String>,
}

/// Asks them.
pub(crate) fn read(house: &House) -> Facts {
    let providers: Vec<&Provider> = house.config.providers.iter().collect();
    if providers.is_empty() {
        return Facts::default();
    }
    let answers = match ask_all(&providers, Ask::DeviceCodes, |_| {}) {
        Ok(answers) => answers,
        Err(why) => providers.iter().map(|_| Err(why.clone())).collect(),
    };
    let unhanded = match program::run(
        "systemctl",
        &["show", "antiphond.service", "-p", "LoadCredential"],
    ) {
        Ok(ran) if ran.succeeded => providers
            .iter()
            .map(|provider| format!("provider-{}", provider.name))
            .filter(|name| {
                Path::new("/etc/antiphon").join(name).exists()
                    && !ran.out.contains(&format!("{name}:"))
            })
            .collect(),
        _ => Vec::new(),
    };
    let is_on = |path: &&str| Path::new(path).symlink_metadata().is_ok();
    Facts {
        asked: providers
            .into_iter()
            .zip(answers)
            .map(|(provider, published)| Asked {
                provider: provider.clone(),
                published,
            })
            .collect(),
        page_is_elsewhere: house.config.page.is_served_elsewhere(),
        unhanded,
        is_timer_off: Path::new(SYSTEMD).exists() && !WANTED.iter().all(is_on),
    }
}

pub(crate) fn look(facts: &Facts, findings: &mut Findings) {
    for asked in &facts.asked {
        let (provider, published) = (&asked.provider, &asked.published);
        look_at_published(provider, published, facts.page_is_elsewhere, findings);
    }
    for name in &facts.unhanded {
        findings.add(
            Finding::warning(format_args!(
                "/etc/antiphon/{name}: antiphond is not handed this secret, and signs in at the provider without one; add \
                 to [Service]: LoadCredential={name}:/etc/antiphon/{name}"
            ))
            .fix("systemctl edit antiphond"),
        );
    }
    if facts.is_timer_off {
        findings.add(
            Finding::warning(
                "nothing fetches the providers' keys: they are valid for a day only, and then nobody can approve with an \
                 account",
            )
            .fix("systemctl enable --now antiphon-providers.timer antiphon-providers.path"),
        );
    }
}
