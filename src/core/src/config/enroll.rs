//! `[enroll]`: who may enrol during a sign-in, where `unenrolled = "enroll"`. That takes no more than the password, so
//! each rule is exact, and all of them must hold.

use ipnet::IpNet;
use toml::de::DeValue;

use super::network;
use crate::document::{Fault, Section, strings};
use crate::time::{UnixTime, day_of};

/// The rules; by default everybody may enrol, from everywhere, without an end date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enroll {
    /// System groups whose members may enrol; empty for everybody.
    pub groups: Vec<String>,
    /// Networks from which people may enrol; empty for everywhere, the console included.
    pub networks: Vec<IpNet>,
    /// When enrolment ends: midnight UTC after the configured day.
    pub until: Option<UnixTime>,
    /// Whether enrolment first asks for a code sent to the telephone number on record.
    pub number_on_file: bool,
}

impl Enroll {
    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        let rule = "must be an array of names";
        section.set(&mut self.groups, "groups", rule, strings)?;
        section.set(
            &mut self.networks,
            "networks",
            network::RULE,
            network::networks,
        )?;
        let rule = "must be a date such as 2027-01-31, without quotes";
        self.until = section.optional("until", rule, end_of_day)?;
        section.set_flag(&mut self.number_on_file, "number_on_file")?;
        section.done()
    }

    /// Whether a sign-in from `remote_host` (`PAM_RHOST`) may enrol. Only a literal address counts, as for
    /// [`super::NetworkRule`].
    #[must_use]
    pub fn covers(&self, remote_host: &str) -> bool {
        self.networks.is_empty() || network::covers(&self.networks, remote_host)
    }
}

/// Midnight UTC at the end of a TOML date.
fn end_of_day(value: &DeValue<'_>) -> Option<UnixTime> {
    let named = value.as_datetime()?;
    if named.time.is_some() || named.offset.is_some() {
        return None;
    }
    let day = day_of(named.date?)?;
    let next = day.next_day()?.midnight().assume_utc();
    u64::try_from(next.unix_timestamp()).ok().map(UnixTime)
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::time::UnixTime;

    fn rules(text: &str) -> super::Enroll {
        Config::parse(&format!("[enroll]\n{text}\n"))
            .unwrap()
            .enroll
    }

    #[test]
    fn the_day_that_is_named_is_the_last_one() {
        let until = rules("until = 2027-01-31").until.unwrap();
        assert_eq!(until.to_string(), "2027-02-01T00:00:00Z");
        assert_eq!(rules("until = 1970-01-01").until, Some(UnixTime(86_400)));
        for wrong in [
            "\"2027-01-31\"",
            "2027-01-31T00:00:00Z",
            "2027-02-30",
            "20:00:00",
            "1960-01-01",
            "0",
        ] {
            let said = Config::parse(&format!("[enroll]\nuntil = {wrong}\n"))
                .unwrap_err()
                .to_string();
            assert!(said.contains("line 2"), "{wrong}: {said}");
        }
    }

    #[test]
    fn networks_are_of_literal_addresses_and_without_any_everywhere_is_right() {
        let some = rules("networks = [\"10.0.0.0/8\", \"2001:db8::/32\"]");
        for (host, covered) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("2001:db8::1", true),
            ("11.0.0.1", false),
            ("10.1.2.3.example.org", false),
            ("localhost", false),
            ("", false),
        ] {
            assert_eq!(some.covers(host), covered, "{host:?}");
        }
        assert!(rules("").covers("") && rules("").covers("203.0.113.5"));
    }
}
