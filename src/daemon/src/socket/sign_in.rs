//! A sign-in, from `ToDaemon::Approve` or `ToDaemon::ApproveByAccount` until it waits for its answer.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::account::{AccountTerms, page_code};
use antiphon_core::approval::ApprovalRequest;
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::logline::LogLine;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use antiphon_core::wire::{ByAccount, FrameError, FromDaemon, Hints, Peer, Unwilling};
use futures_channel::mpsc;
use tokio::time::Instant;

use super::frames::{Ended, Frames};
use super::waiting::{Asking, Waiting, note_end};
use crate::account::{Name, OpenPage, Purpose, Registration, Route};
use crate::clock;
use crate::exchange::{Exchange, Reach};
use crate::log;
use crate::pauses::Whose;
use crate::post::Call;
use crate::push::News;
use crate::store::LONGEST_CREDENTIAL;
use crate::switchboard::{
    Asker, Ending, OpenRequest, Opening, PAGE, Shown, ShownAccount, ShownLabel,
};

/// The longest lifetime of a request in seconds, whatever it says.
const LONGEST: u64 = 600;
/// The same of a host of the fleet, which could otherwise keep a person from signing in at every other one: as long as the
/// module's last.
const LONGEST_OF_HOST: u64 = 60;
/// How much longer it is kept here than it lasts: root ends it in time, and says how.
const GRACE: Duration = Duration::from_secs(2);
/// The longest text of a request, in bytes, and of a place's name: the module cuts them there.
const LONGEST_TEXT: usize = 128;
const LONGEST_PLACE: usize = 64;
/// Most passkeys per person.
const MOST_CREDENTIALS: usize = 64;
/// An answer, and that it is taken back: the channel holds one more than this for its one sender.
const QUEUE: usize = 1;

/// Root's request.
pub(super) struct Asked {
    pub(super) request: ApprovalRequest,
    pub(super) credentials: Vec<Vec<u8>>,
    pub(super) digits: u8,
    pub(super) hints: Hints,
    /// The account that approves it, if no phone does.
    pub(super) account: Option<AskedAccount>,
}

/// The account that approves a sign-in.
pub(super) struct AskedAccount {
    terms: AccountTerms,
    check_digits: bool,
}

impl From<ByAccount> for Asked {
    fn from(asked: ByAccount) -> Self {
        Self {
            request: asked.request,
            credentials: asked.credentials,
            digits: asked.digits,
            hints: asked.hints,
            account: Some(AskedAccount {
                terms: asked.terms,
                check_digits: asked.check_digits,
            }),
        }
    }
}

impl Asked {
    fn is_sound(&self) -> bool {
        let has_nobody_to_tell = self.account.is_some() && self.credentials.is_empty();
        !self.request.user.is_empty()
            && (2..=6).contains(&self.digits)
            && (has_nobody_to_tell || are_sound(&self.credentials))
            && self.is_plain()
    }

    /// Whether phones can show its texts as they are. The module makes them so; a host that somebody has taken over need
    /// not.
    fn is_plain(&self) -> bool {
        let request = &self.request;
        let texts = [
            &request.user,
            &request.host,
            &request.service,
            &request.caller,
            &request.remote_host,
            &request.terminal,
        ];
        let is_plain = |text: &str, most| visible(text, most) == text;
        texts.into_iter().all(|text| is_plain(text, LONGEST_TEXT))
            && is_plain(&self.hints.place, LONGEST_PLACE)
    }
}

/// Whether these are plausible credentials of one person.
pub(super) fn are_sound(credentials: &[Vec<u8>]) -> bool {
    (1..=MOST_CREDENTIALS).contains(&credentials.len())
        && credentials
            .iter()
            .all(|credential| (1..=LONGEST_CREDENTIAL).contains(&credential.len()))
}

/// Passes the sign-in on to the phones. From then on it waits, unless the connection has ended.
pub(super) async fn begin(
    frames: &mut Frames,
    asked: Asked,
    exchange: &Exchange,
) -> Result<Box<Waiting>, Ended> {
    if !asked.is_sound() {
        return Err(Ended::Frame(FrameError::NotUnderstood));
    }
    let request = asked.request.clone();
    let is_hosts = matches!(frames.peer(), Peer::Host { .. });
    let lasts = lifetime(&request, is_hosts, clock::now());
    let until = Instant::now() + Duration::from_secs(lasts) + GRACE;
    let whose = Whose {
        user: request.user.clone(),
        host: request.host.clone(),
    };
    let (sender, answers) = mpsc::channel(QUEUE);
    let way = Way {
        until,
        asker: sender,
        lasts,
        is_hosts,
    };
    let asking = match ask(asked, way, &whose, exchange).await {
        Ok(asking) => asking,
        Err(said) => return Err(frames.reply(&said).await),
    };
    let waiting = FromDaemon::Waiting {
        phones: asking.phones,
    };
    if let Err(ended) = frames.send(&waiting).await {
        note_end(&request, Ending::Cancelled, exchange);
        return Err(ended);
    }
    Ok(Box::new(Waiting {
        request,
        whose,
        asking,
        answers,
        until,
    }))
}

/// How long a request is open, in seconds.
fn lifetime(request: &ApprovalRequest, is_hosts: bool, now: UnixTime) -> u64 {
    let longest = if is_hosts { LONGEST_OF_HOST } else { LONGEST };
    now.until(request.expires).min(longest)
}

/// For how long it is asked, and for whom.
struct Way {
    /// How long the request lasts, in seconds.
    lasts: u64,
    /// When the request is withdrawn at the latest.
    until: Instant,
    /// Where answers go.
    asker: Asker,
    /// Whether a host of the fleet asks: its own limits are not to be relied on.
    is_hosts: bool,
}

/// Passes the request to the phones and calls those that can be called; on failure returns the reply to root. If an
/// account approves, the page finds it too, and it needs no phone.
async fn ask(
    asked: Asked,
    way: Way,
    whose: &Whose,
    exchange: &Exchange,
) -> Result<Asking, FromDaemon> {
    let unwilling = |reason| FromDaemon::Unwilling { reason };
    let request = &asked.request;
    let is_trial = is_trial(request);
    let unheard = async {
        if is_trial {
            None
        } else {
            exchange.pauses.unheard(whose).await
        }
    };
    // Side by side: of what the engine does not answer, a sign-in waits for one thing alone.
    let (unheard, reach) = tokio::join!(unheard, exchange.reach(&request.user, &asked.credentials));
    if let Some(suspicion) = unheard {
        return Err(FromDaemon::Suspected(suspicion));
    }
    let registration = match &asked.account {
        None => None,
        Some(account) => Some(registration(account, exchange).await.map_err(unwilling)?),
    };
    let reach = match (reach, &registration) {
        (Ok(reach), _) => reach,
        (Err(_), Some(_)) => Reach::default(),
        (Err(reason), None) => return Err(unwilling(reason)),
    };
    let code = registration.as_ref().map(|_| page_code(request));
    let account = registration
        .as_ref()
        .zip(code.as_deref())
        .map(|(found, code)| ShownAccount {
            code,
            label: ShownLabel::of(&found.provider.label),
        });
    let shown = Shown {
        request,
        digits: asked.digits,
        hints: &asked.hints,
        account,
    };
    // A trial is not counted, and so displaces nothing.
    let is_familiar = asked.hints.familiar == Some(true) && !is_trial;
    let mut credentials = asked.credentials.clone();
    credentials.extend(account.map(|_| PAGE.to_vec()));
    let opening = Opening {
        credentials,
        lasts: way.until.saturating_duration_since(Instant::now()),
        check_digits: asked
            .account
            .as_ref()
            .filter(|account| account.check_digits)
            .map(|account| Box::new(account.terms.clone())),
        gives_way: !is_familiar,
        asker: way.asker,
        call: (way.is_hosts && !is_trial).then(|| Call {
            host: request.host.clone(),
            is_familiar,
            most: exchange.config.push.limits.most_in_five_minutes,
        }),
    };
    let open = exchange.switchboard.open(shown, opening).await;
    let open = open.map_err(unwilling)?;
    let phones = reach.count();
    // With the same request name as in the module's log.
    let mut line = LogLine::new()
        .with("request", &request.name())
        .with("user", &request.user)
        .with("host", &request.host)
        .with("service", &request.service)
        .with("rhost", &request.remote_host)
        .with("phones", &phones.to_string());
    if let Some(found) = &registration {
        line = line.with("provider", &found.provider.name);
    }
    let page = match (code, asked.account.is_some()) {
        (Some(code), true) => {
            let page = open_page(asked, &open, code, way.until - GRACE, exchange);
            Some(page.ok_or_else(|| unwilling(Unwilling::Overloaded))?)
        }
        _ => None,
    };
    exchange.metrics.opened();
    log::note_fields(&line);
    exchange.call(
        &reach.called,
        &News::Waits {
            lasts: way.lasts,
            is_trial,
        },
    );
    Ok(Asking {
        open,
        page,
        phones,
        called: reach.called,
    })
}

/// The provider of an account, if it is the configured one and can be asked.
async fn registration(
    account: &AskedAccount,
    exchange: &Exchange,
) -> Result<Arc<Registration>, Unwilling> {
    let found = exchange.accounts.providers.of(&account.terms);
    let found = Arc::clone(found.ok_or(Unwilling::NoProvider)?);
    match found.discovery().await {
        Some(_) => Ok(found),
        None => Err(Unwilling::NoProvider),
    }
}

/// Lets the page of the account find the request. `None` if another one has the same code, by one chance in a billion.
fn open_page(
    asked: Asked,
    open: &OpenRequest,
    code: String,
    until: Instant,
    exchange: &Exchange,
) -> Option<OpenPage> {
    let account = asked.account?;
    let route = Route::Request {
        switchboard: Arc::clone(&exchange.switchboard),
        user: asked.request.user.clone(),
        id: open.id().to_owned(),
    };
    let purpose = Purpose::Approval(Box::new(ByAccount {
        request: asked.request,
        terms: account.terms,
        credentials: asked.credentials,
        digits: asked.digits,
        check_digits: account.check_digits,
        hints: asked.hints,
    }));
    let room = &exchange.accounts.room;
    room.open(Name::Code(code), purpose, route, until.into_std())
}

/// Whether it is the trial of a phone being enrolled.
pub(super) fn is_trial(request: &ApprovalRequest) -> bool {
    request.service == TRIAL_SERVICE
}

#[cfg(test)]
mod tests {
    use antiphon_core::approval::ApprovalRequest;
    use antiphon_core::time::UnixTime;
    use antiphon_core::wire::Hints;

    use super::{Asked, lifetime};

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn request() -> ApprovalRequest {
        ApprovalRequest {
            nonce: [7; 32],
            user: "anna".into(),
            host: "db7".into(),
            service: "sudo".into(),
            caller: "åsa".into(),
            remote_host: "203.0.113.5".into(),
            terminal: "/dev/pts/1".into(),
            issued: NOW,
            expires: NOW.plus(60),
        }
    }

    #[test]
    fn a_host_keeps_a_person_busy_no_longer_than_a_module_does() {
        let forever = ApprovalRequest {
            expires: UnixTime(u64::MAX),
            ..request()
        };
        assert_eq!(lifetime(&request(), true, NOW), 60);
        assert_eq!(lifetime(&forever, true, NOW), 60);
        assert_eq!(lifetime(&forever, false, NOW), 600);
        assert_eq!(lifetime(&request(), true, NOW.plus(61)), 0);
    }

    #[test]
    fn what_phones_are_shown_is_short_and_without_characters_that_hide_or_reorder() {
        let asked = |request, place: &str| Asked {
            request,
            credentials: vec![vec![1]],
            digits: 2,
            hints: Hints {
                place: place.to_owned(),
                ..Hints::default()
            },
            account: None,
        };
        assert!(asked(request(), "Campus Norra").is_sound());
        let long = "x".repeat(129);
        for bad in [long.as_str(), "web1\u{202e}", "a\nb"] {
            let bad = || bad.to_owned();
            let changed = [
                ApprovalRequest {
                    user: bad(),
                    ..request()
                },
                ApprovalRequest {
                    service: bad(),
                    ..request()
                },
                ApprovalRequest {
                    caller: bad(),
                    ..request()
                },
                ApprovalRequest {
                    remote_host: bad(),
                    ..request()
                },
                ApprovalRequest {
                    terminal: bad(),
                    ..request()
                },
            ];
            for changed in changed {
                assert!(!asked(changed, "").is_sound());
            }
            assert!(!asked(request(), &bad()).is_sound());
        }
    }
}
