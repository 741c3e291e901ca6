//! `[telephone]`: whether codes may be sent by text message and by call, and how many. Each costs money, and they are
//! weaker than any other method: NIST SP 800-63B-4 (section 3.1.3.3) restricts the use of the telephone network.

use crate::document::{Fault, Section};

/// The highest limit per person: the state stores each sending.
const MOST_OF_ONE_PERSON: u32 = 50;

/// `[telephone]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telephone {
    /// Whether codes are sent as text messages; needs a gateway.
    pub sms: bool,
    /// Whether codes are read out in calls; needs a gateway.
    pub call: bool,
    /// Most codes to one person in ten minutes, both ways together; 1 to 50.
    pub most_in_ten_minutes: u32,
    /// Most codes to one person in 24 hours; 1 to 50.
    pub most_a_day: u32,
    /// Most codes from this host in 24 hours, or from all hosts of the fleet of which it is a relay, counted by the daemon; 1 to
    /// 100,000.
    pub most_a_day_on_this_host: u32,
    /// Most codes that a relay sends for one host of the fleet in 24 hours; 1 to 100,000.
    pub most_a_day_for_one_host: u32,
}

impl Default for Telephone {
    fn default() -> Self {
        Self {
            sms: false,
            call: false,
            most_in_ten_minutes: 3,
            most_a_day: 10,
            most_a_day_on_this_host: 200,
            most_a_day_for_one_host: 50,
        }
    }
}

impl Telephone {
    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        section.set_flag(&mut self.sms, "sms")?;
        section.set_flag(&mut self.call, "call")?;
        let ten_minutes = &mut self.most_in_ten_minutes;
        section.set_number(ten_minutes, "most_in_ten_minutes", 1..=MOST_OF_ONE_PERSON)?;
        section.set_number(&mut self.most_a_day, "most_a_day", 1..=MOST_OF_ONE_PERSON)?;
        let host = &mut self.most_a_day_on_this_host;
        section.set_number(host, "most_a_day_on_this_host", 1..=100_000)?;
        let one_host = &mut self.most_a_day_for_one_host;
        section.set_number(one_host, "most_a_day_for_one_host", 1..=100_000)?;
        section.done()
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn nothing_is_sent_to_telephones_until_it_is_configured() {
        let telephone = Config::default().telephone;
        assert!(!telephone.sms && !telephone.call);
        let config = Config::parse("[telephone]\nsms = true\nmost_a_day = 5\n").unwrap();
        assert!(config.telephone.sms && !config.telephone.call);
        assert_eq!(config.telephone.most_a_day, 5);
    }

    #[test]
    fn a_ceiling_of_nothing_or_without_bound_is_refused() {
        for (key, value) in [
            ("most_in_ten_minutes", "0"),
            ("most_in_ten_minutes", "51"),
            ("most_a_day", "51"),
            ("most_a_day", "-1"),
            ("most_a_day_on_this_host", "0"),
            ("most_a_day_on_this_host", "100001"),
            ("most_a_day_for_one_host", "0"),
            ("most_a_day_for_one_host", "100001"),
            ("sms", "\"yes\""),
            ("sm", "true"),
        ] {
            let said = Config::parse(&format!("[telephone]\n{key} = {value}\n")).unwrap_err();
            let said = said.to_string();
            assert!(
                said.contains("line 2") && said.contains(&format!("`telephone.{key}`")),
                "{said}"
            );
        }
    }
}
