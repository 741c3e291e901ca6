//! Checks the page's certificate as phones do: whether it is valid now and for this page; and signs the certificates
//! ([`authority`]) and the documents ([`DocumentKey`]) of a fleet.
//!
//! A separate crate, since the daemon and root's command read certificates and the module must not: the parser stays
//! out of the processes that sign people in. Whether phones trust the issuer is not checked.
#![forbid(unsafe_code)]

pub mod authority;
mod document_key;

pub use document_key::DocumentKey;

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use antiphon_core::time::UnixTime;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// How many seconds before its expiry a certificate is reported: two weeks.
const SOON: u64 = 14 * 24 * 3600;

/// The parts of a certificate that phones check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The first valid second.
    begins: UnixTime,
    /// The last valid second.
    ends: UnixTime,
    /// DNS names, in lower case.
    names: Vec<String>,
    /// IP addresses.
    addresses: Vec<IpAddr>,
    /// The key, SubjectPublicKeyInfo, DER.
    key: Vec<u8>,
}

/// A problem with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It expired then.
    Expired(UnixTime),
    /// It becomes valid then.
    NotYet(UnixTime),
    /// It is not for this host.
    OtherName(String),
    /// It expires then, in less than two weeks.
    Ends(UnixTime),
}

impl Certificate {
    /// Reads the first certificate in a PEM file.
    ///
    /// # Errors
    /// One sentence, without the file name.
    pub fn load(file: &Path) -> Result<Self, String> {
        let der = CertificateDer::from_pem_file(file).map_err(|error| error.to_string())?;
        Self::read(&der)
    }

    /// Parses the first certificate in this text, PEM.
    ///
    /// # Errors
    /// One sentence.
    pub fn read_pem(pem: &[u8]) -> Result<Self, String> {
        let der = CertificateDer::from_pem_slice(pem).map_err(|error| error.to_string())?;
        Self::read(&der)
    }

    /// Parses a DER certificate.
    ///
    /// # Errors
    /// One sentence.
    pub fn read(der: &[u8]) -> Result<Self, String> {
        let read = x509_cert::Certificate::from_der(der)
            .map_err(|error| format!("is not a certificate: {error}"))?;
        let read = read.tbs_certificate();
        let validity = read.validity();
        // Unreadable names are none that a phone would accept.
        let names = read.get_extension::<SubjectAltName>().ok().flatten();
        let names = names.map(|(_, names)| names.0).unwrap_or_default();
        let addresses = names.iter().filter_map(|name| match name {
            GeneralName::IpAddress(octets) => address(octets.as_bytes()),
            _ => None,
        });
        let addresses: Vec<IpAddr> = addresses.collect();
        let names = names.iter().filter_map(|name| match name {
            GeneralName::DnsName(name) => Some(name.to_string().to_ascii_lowercase()),
            _ => None,
        });
        Ok(Self {
            addresses,
            begins: UnixTime(validity.not_before.to_unix_duration().as_secs()),
            ends: UnixTime(validity.not_after.to_unix_duration().as_secs()),
            names: names.collect(),
            key: read
                .subject_public_key_info()
                .to_der()
                .map_err(|error| format!("has an invalid key: {error}"))?,
        })
    }

    /// The DNS names that it is for, in lower case.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it is for this very name in lower case, or address.
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        match host.parse() {
            Ok(address) => self.addresses.contains(&address),
            Err(_) => self.names.iter().any(|name| name == host),
        }
    }

    /// Its key: SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The first second in which it is valid.
    #[must_use]
    pub fn begins(&self) -> UnixTime {
        self.begins
    }

    /// The last second in which it is valid.
    #[must_use]
    pub fn ends(&self) -> UnixTime {
        self.ends
    }

    /// Whether half of its time is over at `now`.
    #[must_use]
    pub fn is_half_over(&self, now: UnixTime) -> bool {
        self.begins.until(now) >= now.until(self.ends)
    }

    /// Whether it may take the place of `other`: it is for the same names and key, and ends later.
    #[must_use]
    pub fn replaces(&self, other: &Self) -> bool {
        self.names == other.names && self.key == other.key && self.ends > other.ends
    }

    /// Its problem at `now` for the page of `host`, if any; the worst first.
    #[must_use]
    pub fn finding(&self, host: &str, now: UnixTime) -> Option<Finding> {
        if now > self.ends {
            Some(Finding::Expired(self.ends))
        } else if now < self.begins {
            Some(Finding::NotYet(self.begins))
        } else if !self.names.iter().any(|name| covers(name, host)) {
            Some(Finding::OtherName(host.to_owned()))
        } else if now.until(self.ends) < SOON {
            Some(Finding::Ends(self.ends))
        } else {
            None
        }
    }
}

impl Finding {
    /// Whether phones refuse the page because of it now.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        !matches!(self, Self::Ends(_))
    }
}

/// The problem and the fix, to follow the file name.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const RENEW: &str = "renew it (the daemon takes the new file without a restart)";
        match self {
            Self::Expired(at) => write!(
                f,
                "the page's certificate expired at {at}, and phones refuse the page; {RENEW}"
            ),
            Self::NotYet(at) => write!(
                f,
                "the page's certificate is valid from {at} only, and phones refuse the page until then; look at this \
                 computer's clock, or install another certificate"
            ),
            Self::OtherName(host) => write!(
                f,
                "the page's certificate is not for {host}, and phones refuse the page; get one for {host}, or correct \
                 origin in [page]"
            ),
            Self::Ends(at) => write!(
                f,
                "the page's certificate expires at {at}, and phones then refuse the page; {RENEW}"
            ),
        }
    }
}

/// RFC 9525, section 6.3: an asterisk matches the whole first label.
fn covers(name: &str, host: &str) -> bool {
    name == host
        || name
            .strip_prefix("*.")
            .zip(host.split_once('.'))
            .is_some_and(|(domain, (_, rest))| domain == rest)
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match *octets {
        [a, b, c, d] => Some([a, b, c, d].into()),
        _ => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;
    use data_encoding::BASE64_MIME;

    use super::{Certificate, Finding, SOON};

    /// Made with OpenSSL 3.0: valid from 2026-11-01 to 2027-01-31 (00:00:00 UTC each), for mfa.example.org and
    /// *.phones.example.org.
    const PEM: &str = include_str!("../tests/page.pem");

    fn certificate() -> Certificate {
        let body: String = PEM
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        Certificate::read(&BASE64_MIME.decode(body.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_certificate_is_fine_within_its_time_and_its_end_is_said_two_weeks_before() {
        let certificate = certificate();
        let Certificate { begins, ends, .. } = certificate;
        assert_eq!(begins.to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(ends.to_string(), "2027-01-31T00:00:00Z");
        let at = |now: u64| certificate.finding("mfa.example.org", UnixTime(now));
        for (now, finding) in [
            (begins.0 - 1, Some(Finding::NotYet(begins))),
            (begins.0, None),
            (ends.0 - SOON, None),
            (ends.0 - SOON + 1, Some(Finding::Ends(ends))),
            (ends.0, Some(Finding::Ends(ends))),
            (ends.0 + 1, Some(Finding::Expired(ends))),
        ] {
            assert_eq!(at(now), finding, "{now}");
            let refused = finding.as_ref().is_some_and(Finding::is_refused);
            assert_eq!(refused, !(begins.0..=ends.0).contains(&now));
        }
    }

    #[test]
    fn a_certificate_is_for_the_names_in_it_and_for_one_label_of_an_asterisk() {
        let certificate = certificate();
        for (host, fine) in [
            ("mfa.example.org", true),
            ("a.phones.example.org", true),
            ("phones.example.org", false),
            ("a.b.phones.example.org", false),
            ("example.org", false),
            ("amfa.example.org", false),
        ] {
            let found = certificate.finding(host, certificate.begins);
            let expected = (!fine).then(|| Finding::OtherName(host.to_owned()));
            assert_eq!(found, expected, "{host}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_said_to_be_none() {
        for bytes in [&b""[..], b"0", &[0x30, 0x82, 0xff, 0xff]] {
            let said = Certificate::read(bytes).unwrap_err();
            assert!(said.contains("is not a certificate"), "{said}");
        }
    }
}
