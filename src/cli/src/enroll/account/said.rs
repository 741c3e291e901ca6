//! An account that root says is somebody's: nobody signs in.

use antiphon_core::config::{Provider, SubjectClaim};
use antiphon_core::name::UserName;
use antiphon_core::person::{Edit, NewAccount};
use antiphon_core::record::{Account, AccountSubject};
use antiphon_core::visible::visible;
use antiphon_link::account::Added;
use antiphon_link::random;

use crate::arguments::Enroll;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::folders;
use crate::house::House;
use crate::lock::files;
use crate::refusal;

/// Adds the account with this subject.
pub(super) fn add(
    user: &UserName,
    provider: &Provider,
    subject: &str,
    wanted: &Enroll,
    house: &House,
) -> Result<Added, Failure> {
    let account = account_of(
        provider,
        subject,
        wanted.tenant.as_deref(),
        wanted.name.as_deref(),
    )
    .map_err(|why| Failure::new(Kind::Data, why))?;
    folders::make_ready(&house.config.paths)?;
    let recovery = random::recovery_set()?;
    let new = NewAccount {
        account: &account,
        trial: None,
        recovery: Some(&recovery.hashes),
        language: wanted.language,
    };
    let changed = files(user, house, false)
        .and_then(|files| files.change(Edit::AddAccount(&new)))
        .map_err(|why| refusal::in_words(why, user, ""))?;
    Ok(Added {
        account: changed
            .after
            .record
            .accounts
            .last()
            .unwrap_or(&account)
            .clone(),
        recovery: changed.before.record.recovery.is_none().then_some(recovery),
        unseen: changed.unseen,
    })
}

/// The account with this subject at `provider`; an empty tenant is the issuer's.
///
/// # Errors
/// Why no token of the provider can ever name it.
pub(crate) fn account_of(
    provider: &Provider,
    subject: &str,
    tenant: Option<&str>,
    name: Option<&str>,
) -> Result<Account, String> {
    let tenant = tenant.filter(|tenant| !tenant.is_empty());
    let tenant = match (provider.subject, tenant) {
        (SubjectClaim::Sub, None) => None,
        (SubjectClaim::Sub, Some(_)) => {
            return Err(format!("{} has no tenants", provider.name));
        }
        (SubjectClaim::ObjectId, Some(tenant)) => Some(tenant.to_owned()),
        (SubjectClaim::ObjectId, None) => {
            let tenant = provider.tenant().ok_or_else(|| {
                format!(
                    "of which tenant of {} the account is must be said",
                    provider.name
                )
            })?;
            Some(tenant.to_owned())
        }
    };
    // Its tokens have them in small letters, and its own pages show some in capitals.
    let in_its_form = |id: String| match provider.subject {
        SubjectClaim::Sub => id,
        SubjectClaim::ObjectId => id.to_ascii_lowercase(),
    };
    let name = name.unwrap_or_default();
    let account = Account {
        provider: provider.name.clone(),
        subject: AccountSubject {
            id: in_its_form(subject.to_owned()),
            tenant: tenant.map(in_its_form),
        },
        name: name.to_owned(),
        enrolled: clock::now()
            .to_string()
            .parse()
            .map_err(|_| "this computer's clock is wrong".to_owned())?,
    };
    if !provider.can_name(&account.subject) || subject.trim() != subject {
        let rule = match (provider.subject, provider.tenant()) {
            (SubjectClaim::Sub, _) => {
                "at most 255 ASCII characters, without blanks at the ends".to_owned()
            }
            (SubjectClaim::ObjectId, None) => {
                "the object id, a GUID, in a tenant of your own, a GUID as well".to_owned()
            }
            (SubjectClaim::ObjectId, Some(tenant)) => {
                format!("the object id, a GUID, in the tenant {tenant}")
            }
        };
        return Err(format!(
            "\"{}\" cannot be the id of an account there: {rule}",
            visible(subject, 256)
        ));
    }
    if !name.is_empty() && !Account::is_name(name) {
        return Err("the name must have 1 to 64 bytes that can all be shown".to_owned());
    }
    Ok(Account {
        name: account.shown_name(),
        ..account
    })
}
