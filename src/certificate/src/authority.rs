//! A fleet's own authority: it signs the certificates that hosts and relays show each other.
//!
//! Whoever has its key can let hosts in and answer as a relay. Nothing that signs anybody in depends on it: approvals are
//! judged by keys that the fleet's root key names, and this is none of them.

use antiphon_core::fleet::PublicKey;
use antiphon_core::time::UnixTime;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm,
};
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// How long a certificate lasts, in seconds: 397 days.
pub const LIFETIME: u64 = 397 * 86_400;
/// How long the authority's own lasts: ten years.
const AUTHORITY_LIFETIME: u64 = 3652 * 86_400;
/// How much earlier one begins, in seconds, for clocks that are behind.
const EARLIER: u64 = 3600;
/// What comes before the point in a P-256 key (RFC 5480 §2).
const BEFORE_POINT: usize = 26;

/// Whom a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// A host, which connects to relays.
    Host,
    /// A relay, which hosts connect to. It connects to others as a host does.
    Relay,
}

/// A new key of a host or a relay.
pub struct OwnKey {
    /// Both halves, PKCS#8 in PEM: wiped when dropped.
    pub pem: Zeroizing<String>,
    /// The public half.
    pub public: PublicKey,
}

impl OwnKey {
    /// Draws one.
    ///
    /// # Errors
    /// One sentence.
    pub fn new() -> Result<Self, String> {
        let key =
            KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|error| error.to_string())?;
        Self::of(&key)
    }

    /// The one in this text, PKCS#8 in PEM.
    ///
    /// # Errors
    /// One sentence.
    pub fn read(pem: &str) -> Result<Self, String> {
        let key = KeyPair::from_pem_and_sign_algo(pem, &PKCS_ECDSA_P256_SHA256)
            .map_err(|error| error.to_string())?;
        Self::of(&key)
    }

    fn of(key: &KeyPair) -> Result<Self, String> {
        let public = PublicKey::from_spki(&key.subject_public_key_info());
        Ok(Self {
            pem: Zeroizing::new(key.serialize_pem()),
            public: public.ok_or("the key is of another form")?,
        })
    }
}

/// An authority.
pub struct Authority {
    fleet: String,
    key: KeyPair,
}

impl Authority {
    /// A new one, with a new key.
    ///
    /// # Errors
    /// One sentence.
    pub fn new(fleet: &str) -> Result<Self, String> {
        let key =
            KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|error| error.to_string())?;
        Ok(Self {
            fleet: fleet.to_owned(),
            key,
        })
    }

    /// The one of `fleet` whose key is this, PKCS#8 in PEM.
    ///
    /// # Errors
    /// One sentence.
    pub fn read(fleet: &str, key: &str) -> Result<Self, String> {
        let key = KeyPair::from_pem_and_sign_algo(key, &PKCS_ECDSA_P256_SHA256)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            fleet: fleet.to_owned(),
            key,
        })
    }

    /// The public half of its key.
    ///
    /// # Errors
    /// One sentence.
    pub fn public_key(&self) -> Result<PublicKey, String> {
        let public = PublicKey::from_spki(&self.key.subject_public_key_info());
        public.ok_or_else(|| "the authority's key is of another form".to_owned())
    }

    /// Its key, PKCS#8 in PEM.
    #[must_use]
    pub fn key(&self) -> Zeroizing<String> {
        Zeroizing::new(self.key.serialize_pem())
    }

    /// Its own certificate, PEM.
    ///
    /// # Errors
    /// One sentence.
    pub fn certificate(&self, now: UnixTime) -> Result<String, String> {
        let mut params = self.params();
        params.not_before = instant(now)?;
        params.not_after = instant(now.plus(AUTHORITY_LIFETIME))?;
        Ok(params
            .self_signed(&self.key)
            .map_err(|error| error.to_string())?
            .pem())
    }

    /// A certificate, PEM, for `name`, whose key is `key`.
    ///
    /// # Errors
    /// One sentence.
    pub fn sign(
        &self,
        name: &str,
        key: &PublicKey,
        side: Side,
        now: UnixTime,
    ) -> Result<String, String> {
        let mut params =
            CertificateParams::new(vec![name.to_owned()]).map_err(|error| error.to_string())?;
        params.distinguished_name = named(name);
        params.not_before = instant(UnixTime(now.0.saturating_sub(EARLIER)))?;
        params.not_after = instant(now.plus(LIFETIME))?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = match side {
            Side::Host => vec![ExtendedKeyUsagePurpose::ClientAuth],
            Side::Relay => vec![
                ExtendedKeyUsagePurpose::ServerAuth,
                ExtendedKeyUsagePurpose::ClientAuth,
            ],
        };
        let own = self.params();
        let issuer = Issuer::from_params(&own, &self.key);
        Ok(params
            .signed_by(&Subject(key), &issuer)
            .map_err(|error| error.to_string())?
            .pem())
    }

    /// The same each time: what it signs names it by this.
    fn params(&self) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = named(&format!("Antiphon fleet {}", self.fleet));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

fn instant(time: UnixTime) -> Result<OffsetDateTime, String> {
    let seconds = i64::try_from(time.0).map_err(|error| error.to_string())?;
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|error| error.to_string())
}

/// Somebody else's key.
struct Subject<'k>(&'k PublicKey);

impl PublicKeyData for Subject<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.spki().get(BEFORE_POINT..).unwrap_or_default()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    use super::{Authority, LIFETIME, OwnKey, Side};
    use crate::{Certificate, Finding};

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn read(pem: &str) -> Certificate {
        Certificate::read(&CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn a_certificate_is_for_its_name_and_key_and_lasts_397_days() {
        let key = OwnKey::new().unwrap().public;
        let authority = Authority::new("example").unwrap();
        for (side, name) in [(Side::Host, "db7.example.org"), (Side::Relay, "relay1")] {
            let certificate = read(&authority.sign(name, &key, side, NOW).unwrap());
            assert_eq!(certificate.names(), [name]);
            assert_eq!(certificate.key(), key.spki());
            assert_eq!(certificate.finding(name, NOW), None);
            let end = NOW.plus(LIFETIME);
            let late = certificate.finding(name, end.plus(1));
            assert_eq!(late, Some(Finding::Expired(end)));
            let half = NOW.plus(LIFETIME / 2);
            assert!(!certificate.is_half_over(NOW.plus(86_400)));
            assert!(certificate.is_half_over(half) && certificate.is_half_over(end));
        }
    }

    #[test]
    fn a_certificate_gives_way_to_a_later_one_for_its_name_and_key_alone() {
        let [key, other] = [(); 2].map(|()| OwnKey::new().unwrap().public);
        let authority = Authority::new("example").unwrap();
        let sign = |name, key, now| read(&authority.sign(name, key, Side::Host, now).unwrap());
        let own = sign("db7", &key, NOW);
        let later = NOW.plus(86_400);
        assert!(sign("db7", &key, later).replaces(&own));
        assert!(!own.replaces(&own));
        assert!(!sign("web1", &key, later).replaces(&own));
        assert!(!sign("db7", &other, later).replaces(&own));
        assert!(!own.replaces(&sign("db7", &key, later)));
    }

    #[test]
    fn an_authority_is_the_same_when_its_key_is_read_again() {
        let authority = Authority::new("example").unwrap();
        let again = Authority::read("example", &authority.key()).unwrap();
        let [one, other] = [&authority, &again].map(|authority| {
            let certificate = read(&authority.certificate(NOW).unwrap());
            certificate.key().to_vec()
        });
        assert_eq!(one, other);
        assert!(Authority::read("example", "nothing").is_err());
    }
}
