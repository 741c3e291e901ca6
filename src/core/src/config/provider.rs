//! `[[provider]]`: providers of the organisation's accounts (`OpenID` Connect), with which people approve sign-ins.

use toml::de::DeValue;

use crate::document::{Fault, Section, strings, texts};
use crate::language::Language;
use crate::origin::Origin;
use crate::record::AccountSubject;
use crate::visible::visible;
use crate::web_origin::{is_origin, origin_in, origin_of};

/// The longest name, in bytes: it is part of a file's name and of the redirect address.
const LONGEST_NAME: usize = 32;
/// The longest issuer, client id, scope or value, in bytes.
const LONGEST: usize = 256;
/// The longest label, in bytes: it stands in the middle of a prompt.
const LONGEST_LABEL: usize = 40;
/// Most scopes, and most values of `strength`.
const MOST: usize = 16;

/// Where Entra ID issues tokens: the worldwide cloud, and the national ones.
const ENTRA: [&str; 3] = [
    "https://login.microsoftonline.com/",
    "https://login.microsoftonline.us/",
    "https://login.partner.microsoftonline.cn/",
];
/// The tenant of Microsoft's personal accounts, which anybody can create.
pub(crate) const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// A provider. What its tokens must say is checked by [`crate::account::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its name in records, in the log and in the redirect address (`/account/NAME`).
    pub name: String,
    /// The issuer, exactly as its tokens name it.
    pub issuer: String,
    /// Where people sign in, if that is another origin than the issuer's.
    pub authorization_origin: Option<String>,
    /// The client id that the provider has given to this page's origin, and to nothing else.
    pub client_id: String,
    /// What people call their account there.
    pub label: Label,
    /// The claim that says whose token it is.
    pub subject: SubjectClaim,
    /// The strength of authentication that a token must prove.
    pub strength: Option<Strength>,
    /// Whether a token must prove a fresh sign-in at the provider.
    pub reauthentication: bool,
    /// What the page asks the provider for.
    pub scopes: Vec<String>,
    /// When the person types the page's two check digits.
    pub check_digits: CheckDigitsWhen,
}

/// `label`: "KMH account", "KMH-konto".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    swedish: String,
    english: String,
}

/// `subject`. Only what a provider never gives to another person: no address, and no name to sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectClaim {
    /// `sub`.
    Sub,
    /// Entra ID's `oid`, together with `tid`: its `sub` differs for each client id.
    ObjectId,
}

/// `strength`: a claim, and the values of which it must have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strength {
    /// The claim.
    pub claim: StrengthClaim,
    /// The values.
    pub values: Vec<String>,
}

/// `strength.claim`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrengthClaim {
    /// `acr`, a string.
    Acr,
    /// `amr`, a list.
    Amr,
    /// Entra ID's `acrs`, a list or a string.
    Acrs,
}

/// `check_digits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckDigitsWhen {
    /// At sign-ins that are not certainly the person's own at this computer: they may have been talked into approving
    /// somebody else's.
    Remote,
    /// At every sign-in.
    Always,
    /// Never.
    Never,
}

impl Label {
    /// In this language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Swedish => &self.swedish,
            Language::English => &self.english,
        }
    }

    fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let rule = "must be what people call the account, of at most 40 bytes, without control characters, for instance \
                    \"KMH account\"";
        let label = |value: &DeValue<'_>| {
            let text = value.as_str()?;
            let fits = !text.trim().is_empty() && visible(text, LONGEST_LABEL) == text;
            fits.then(|| text.to_owned())
        };
        let label = Self {
            swedish: section.required("sv", rule, label)?,
            english: section.required("en", rule, label)?,
        };
        section.done()?;
        Ok(label)
    }
}

impl StrengthClaim {
    /// Its name in a token.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Acr => "acr",
            Self::Amr => "amr",
            Self::Acrs => "acrs",
        }
    }
}

impl Strength {
    /// Reads `strength`; `Ok(None)` if absent.
    fn read(mut section: Section<'_>) -> Result<Option<Self>, Fault> {
        if !section.is_present() {
            return Ok(None);
        }
        let claim = section.required("claim", "must be \"acr\", \"amr\" or \"acrs\"", |value| {
            let name = value.as_str()?;
            let mut all = [StrengthClaim::Acr, StrengthClaim::Amr, StrengthClaim::Acrs].into_iter();
            all.find(|claim| claim.name() == name)
        })?;
        let rule = "must be an array of 1 to 16 strings, of which the token must have one";
        let values = section.required("values", rule, |value| {
            let values = strings(value)?;
            let fits =
                (1..=MOST).contains(&values.len()) && values.iter().all(|value| is_word(value));
            fits.then_some(values)
        })?;
        section.done()?;
        Ok(Some(Self { claim, values }))
    }
}

impl Provider {
    /// Whether the person types the check digits at a sign-in of `user`, the canonical name, from `origin`.
    #[must_use]
    pub fn wants_check_digits(&self, origin: Origin<'_>, user: &str) -> bool {
        match self.check_digits {
            CheckDigitsWhen::Remote => !origin.is_at_this_computer(user),
            CheckDigitsWhen::Always => true,
            CheckDigitsWhen::Never => false,
        }
    }

    /// The origin at which it has people sign in.
    #[must_use]
    pub fn origin(&self) -> &str {
        let own = self.authorization_origin.as_deref();
        own.unwrap_or_else(|| origin_of(&self.issuer))
    }

    /// Entra ID's tenant, which is in the issuer; `None` for others.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        tenant_of(&self.issuer)?.strip_suffix("/v2.0")
    }

    /// Whether one of its tokens can name this account: Entra ID's ids are GUIDs, and its issuer is of one tenant.
    #[must_use]
    pub fn can_name(&self, subject: &AccountSubject) -> bool {
        let is_whole = subject.is_sound() && subject.is_of(self.subject);
        match self.subject {
            SubjectClaim::Sub => is_whole,
            SubjectClaim::ObjectId => {
                let is_here = self
                    .tenant()
                    .is_none_or(|own| subject.tenant.as_deref() == Some(own));
                is_whole && is_guid(&subject.id) && is_here
            }
        }
    }

    /// Whether `name` can be a provider's.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        name.len() <= LONGEST_NAME
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    }

    /// Reads every `[[provider]]`.
    pub(super) fn read_all(sections: Vec<Section<'_>>) -> Result<Vec<Self>, Fault> {
        let mut all: Vec<Self> = Vec::new();
        for section in sections {
            let provider = Self::read(section)?;
            if all.iter().any(|other| other.name == provider.name) {
                let rule = format!("names {} twice: records could mean either", provider.name);
                return Err(Fault::rule("provider.name", rule));
            }
            all.push(provider);
        }
        Ok(all)
    }

    fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let rule = "must be a name of at most 32 small letters, digits and hyphens that begins with a letter";
        let name = section.required("name", rule, |value| {
            value.as_str().filter(|name| Self::is_name(name))
        })?;
        let issuer = section.required("issuer", ISSUER_RULE, |value| {
            value.as_str().filter(|issuer| is_issuer(issuer))
        })?;
        let rule =
            "must be where the provider has people sign in: https://, a host name, and no path";
        let authorization_origin = section.optional("authorization_origin", rule, |value| {
            origin_in(value).filter(|origin| origin.starts_with("https://"))
        })?;
        let tenant = tenant_of(issuer);
        section.required("issuer", TENANT_RULE, |_| {
            (tenant.is_some() || !is_at_entra(issuer)).then_some(())
        })?;
        if let Some(tenant) = tenant {
            section.required("issuer", TENANT_RULE, |_| is_tenant(tenant).then_some(()))?;
        }
        let client_id = section.required(
            "client_id",
            "must be the client id from the provider's registration, of at most 256 visible ASCII characters",
            |value| value.as_str().filter(|id| is_word(id)),
        )?;
        let label = Label::read(section.section("label")?)?;
        let mut subject = if tenant.is_some() {
            SubjectClaim::ObjectId
        } else {
            SubjectClaim::Sub
        };
        section.set(&mut subject, "subject", SUBJECT_RULE, |value| {
            match (value.as_str()?, tenant) {
                ("sub", None) => Some(SubjectClaim::Sub),
                ("oid", _) => Some(SubjectClaim::ObjectId),
                _ => None,
            }
        })?;
        let strength = Strength::read(section.section("strength")?)?;
        let mut reauthentication = true;
        section.set_flag(&mut reauthentication, "reauthentication")?;
        let (usual, rule): (&[&str], _) = match subject {
            SubjectClaim::Sub => (&["openid"], SCOPES_RULE),
            SubjectClaim::ObjectId => (&["openid", "profile"], ENTRA_SCOPES_RULE),
        };
        let mut scopes: Vec<String> = usual.iter().map(|scope| (*scope).to_owned()).collect();
        section.set(&mut scopes, "scopes", rule, |value| {
            let scopes = texts(value).filter(|scopes| scopes.len() <= MOST)?;
            let fits = usual.iter().all(|needed| scopes.contains(needed))
                && scopes
                    .iter()
                    .all(|scope| is_word(scope) && *scope != "offline_access");
            fits.then(|| scopes.into_iter().map(str::to_owned).collect())
        })?;
        let mut check_digits = CheckDigitsWhen::Remote;
        let rule = "must be \"remote\", \"always\" or \"never\"";
        section.set(
            &mut check_digits,
            "check_digits",
            rule,
            |value| match value.as_str()? {
                "remote" => Some(CheckDigitsWhen::Remote),
                "always" => Some(CheckDigitsWhen::Always),
                "never" => Some(CheckDigitsWhen::Never),
                _ => None,
            },
        )?;
        section.done()?;
        Ok(Self {
            name: name.to_owned(),
            issuer: issuer.to_owned(),
            authorization_origin,
            client_id: client_id.to_owned(),
            label,
            subject,
            strength,
            reauthentication,
            scopes,
            check_digits,
        })
    }
}

const ISSUER_RULE: &str = "must be the provider's issuer exactly as its tokens name it: https://, a host name, and perhaps a \
                           path; no template";
const TENANT_RULE: &str = "must be that of your own tenant: https://login.microsoftonline.com/TENANT-ID/v2.0, with the \
                           directory id in small letters; personal accounts cannot be used";
const SUBJECT_RULE: &str = "must be \"sub\", or \"oid\" for Entra ID, where \"sub\" is another for each client id; addresses and \
                            names can be changed or given to somebody else";
const SCOPES_RULE: &str =
    "must be an array of at most 16 scopes that has \"openid\" and not \"offline_access\"";
const ENTRA_SCOPES_RULE: &str = "must be an array of at most 16 scopes that has \"openid\" and \"profile\", without which \
                                 there is no `oid`, and not \"offline_access\"";

fn is_issuer(issuer: &str) -> bool {
    let Some(rest) = issuer.strip_prefix("https://") else {
        return false;
    };
    let (host, path) = rest
        .split_once('/')
        .map_or((rest, ""), |(host, path)| (host, path));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte);
    issuer.len() <= LONGEST && is_origin(&format!("https://{host}")) && path.bytes().all(is_plain)
}

/// Whether it is an address of Entra ID, where anything but [`TENANT_RULE`] is everybody's, or another's `sub`: also the
/// issuer of its older tokens.
fn is_at_entra(issuer: &str) -> bool {
    let host_of = |address: &str| {
        let rest = address.strip_prefix("https://").unwrap_or(address);
        rest.split(['/', ':']).next().map(str::to_owned)
    };
    let host = host_of(issuer);
    ENTRA.iter().any(|entra| host_of(entra) == host) || host.as_deref() == Some("sts.windows.net")
}

/// What stands for the tenant in an issuer of Entra ID; `None` for others.
fn tenant_of(issuer: &str) -> Option<&str> {
    ENTRA.iter().find_map(|before| issuer.strip_prefix(before))
}

/// Whether this is `TENANT-ID/v2.0`.
fn is_tenant(rest: &str) -> bool {
    let tenant = rest.strip_suffix("/v2.0");
    tenant.is_some_and(|tenant| is_guid(tenant) && tenant != CONSUMERS)
}

/// A GUID in the form of Entra ID's claims.
pub(crate) fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

fn is_word(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
