//! A provider of tests: a key of each algorithm, and tokens signed with them.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Map, Value, json};

use super::{AccountTerms, Algorithm, Expected, KeySet, VerifiedToken, published_keys, verify};
use crate::approval::{ApprovalRequest, Number};
use crate::base64url;
use crate::config::{Config, Provider};
use crate::record::AccountSubject;
use crate::time::UnixTime;

/// When sign-ins begin.
pub(crate) const ISSUED: UnixTime = UnixTime(1_795_377_600);
/// When their tokens are judged.
pub(crate) const NOW: UnixTime = UnixTime(ISSUED.0 + 25);
/// Whose account it is.
pub(crate) const SUBJECT: &str = "3f07-a";
pub(crate) const ALL: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

/// Made once with `openssl genpkey`; it signs nothing but tests.
const RSA: &[u8] = include_bytes!("test_provider/rsa-2048.pk8");

pub(crate) type Members = Map<String, Value>;

pub(crate) struct TestProvider {
    rsa: RsaKeyPair,
    /// By another library than the one that verifies.
    p256: SigningKey,
    ed25519: Ed25519KeyPair,
    random: SystemRandom,
}

/// The configured provider, with these lines more.
pub(crate) fn configured(issuer: &str, more: &str) -> Provider {
    let text = format!(
        "[[provider]]\nname = \"kmh\"\nissuer = \"{issuer}\"\nclient_id = \"antiphon\"\n\
         label = {{ sv = \"KMH-konto\", en = \"KMH account\" }}\n{more}\n"
    );
    let config = Config::parse(&text).unwrap();
    config.providers.into_iter().next().unwrap()
}

/// Without anything optional.
pub(crate) fn usual() -> Provider {
    configured("https://id.example.org/realms/staff", "")
}

impl TestProvider {
    pub(crate) fn new() -> Self {
        let random = SystemRandom::new();
        let mut secret = [1; 32];
        // The first bytes stay, so that it is below the curve's order.
        random.fill(&mut secret[8..]).unwrap();
        let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        Self {
            rsa: RsaKeyPair::from_pkcs8(RSA).unwrap(),
            p256: SigningKey::from_slice(&secret).unwrap(),
            ed25519: Ed25519KeyPair::from_pkcs8(ed25519.as_ref()).unwrap(),
            random,
        }
    }

    /// The key of this algorithm as a JSON Web Key, with these members more. Its id is the algorithm's name.
    pub(crate) fn jwk(&self, algorithm: Algorithm, more: &Value) -> Value {
        let text = base64url::encode;
        let mut jwk = match algorithm {
            Algorithm::Rs256 => {
                // SEQUENCE, INTEGER of 257 bytes that begins with a zero, INTEGER of 3.
                let der = self.rsa.public_key().as_ref();
                json!({"kty": "RSA", "n": text(&der[9..265]), "e": text(&der[267..270])})
            }
            Algorithm::Es256 => {
                let point = self.p256.verifying_key().to_sec1_point(false);
                let point = point.as_bytes();
                json!({"kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])})
            }
            Algorithm::EdDsa => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": text(self.ed25519.public_key().as_ref())})
            }
        };
        let members = jwk.as_object_mut().unwrap();
        members.insert("kid".into(), algorithm.name().into());
        members.extend(more.as_object().unwrap().clone());
        jwk
    }

    /// All keys, as published.
    pub(crate) fn jwks(&self) -> String {
        let keys = ALL.map(|algorithm| self.jwk(algorithm, &json!({"use": "sig"})));
        json!({"keys": keys}).to_string()
    }

    /// All keys, as on file.
    pub(crate) fn key_set(&self, provider: &Provider) -> KeySet {
        let published = published_keys(&self.jwks(), provider).unwrap();
        KeySet::refreshed(None, provider, published, ISSUED)
    }

    /// Header and payload, signed as they stand.
    pub(crate) fn signs(&self, algorithm: Algorithm, header: &str, payload: &str) -> String {
        let text = |part: &str| base64url::encode(part.as_bytes());
        let signed = format!("{}.{}", text(header), text(payload));
        let signature = match algorithm {
            Algorithm::Rs256 => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &self.random,
                        signed.as_bytes(),
                        &mut signature,
                    )
                    .unwrap();
                signature
            }
            Algorithm::Es256 => {
                let signature: Signature = self.p256.sign(signed.as_bytes());
                signature.to_bytes().to_vec()
            }
            Algorithm::EdDsa => self.ed25519.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", base64url::encode(&signature))
    }

    /// A token with this payload and a usual header.
    pub(crate) fn token(&self, algorithm: Algorithm, claims: &Members) -> String {
        let name = algorithm.name();
        let header = json!({"typ": "JWT", "alg": name, "kid": name}).to_string();
        self.signs(
            algorithm,
            &header,
            &Value::Object(claims.clone()).to_string(),
        )
    }
}

/// The claims of a right token for this digest.
pub(crate) fn claims(provider: &Provider, digest: &[u8; 32]) -> Members {
    let claims = json!({
        "iss": provider.issuer,
        "aud": provider.client_id,
        "sub": SUBJECT,
        "nonce": base64url::encode(digest),
        "iat": ISSUED.0 + 20,
        "exp": ISSUED.0 + 320,
        "auth_time": ISSUED.0 + 15,
    });
    claims.as_object().unwrap().clone()
}

/// A sign-in, whose number is 42.
pub(crate) fn request(nonce: u8) -> ApprovalRequest {
    ApprovalRequest {
        nonce: [nonce; 32],
        user: "alice".into(),
        host: "web1".into(),
        service: "sshd".into(),
        caller: "root".into(),
        remote_host: "203.0.113.5".into(),
        terminal: "ssh".into(),
        issued: ISSUED,
        expires: ISSUED.plus(180),
    }
}

pub(crate) fn number() -> Number {
    Number::new(42)
}

/// What the usual account's tokens are for.
pub(crate) fn terms() -> AccountTerms {
    terms_at(&usual())
}

fn terms_at(provider: &Provider) -> AccountTerms {
    let subject = AccountSubject {
        id: SUBJECT.into(),
        tenant: None,
    };
    AccountTerms::for_subject(provider, Some(&subject))
}

/// What stands in the nonce of [`request`] 1 for that account.
pub(crate) fn digest(provider: &Provider) -> [u8; 32] {
    terms_at(provider).digest(&request(1), &number())
}

/// A token that was verified, of the account with this subject.
pub(crate) fn verified(subject: &str) -> VerifiedToken {
    let (provider, signer) = (usual(), TestProvider::new());
    let keys = signer.key_set(&provider);
    let digest = digest(&provider);
    let mut claims = claims(&provider, &digest);
    claims.insert("sub".into(), subject.into());
    let token = signer.token(Algorithm::Es256, &claims);
    let expected = Expected {
        provider: &provider,
        keys: &keys,
        digest: &digest,
        issued: ISSUED,
        subject: None,
    };
    verify(&token, expected, NOW).unwrap()
}
