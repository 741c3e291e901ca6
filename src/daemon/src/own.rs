//! What a person may see about themselves, from root's files: their factors and their activity; and "that sign-in was
//! not me".
//!
//! The files are treated as data: limited in size, and trusted only in that nobody but root can have written them.
//! Nothing here changes a record; a report is stored by us, displayed, and logged for the administrator.

use std::sync::Arc;

use antiphon_core::activity::Event;
use antiphon_core::disk::{Distrust, Folder, activity_file, summary_file};
use antiphon_core::logline::LogLine;
use antiphon_core::name::UserName;
use antiphon_core::summary::Summary;
use tokio::task::spawn_blocking;

use crate::exchange::Exchange;
use crate::log;
use crate::seldom::Seldom;
use crate::store::StoreError;

/// How many events are shown and can be reported.
const MOST_EVENTS: usize = 100;

/// An event in a person's activity.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) id: String,
    pub(crate) event: Event,
    /// Whether the person has reported it as not theirs.
    pub(crate) reported: bool,
}

/// Where a report comes from.
pub(crate) enum Reporter<'a> {
    /// The page on the phone of this name.
    Phone(&'a str),
    /// The person's own program on this host.
    Command,
}

/// Why something was not shown or not reported.
#[derive(Debug)]
pub(crate) enum OwnTrouble {
    /// Root's files are not readable now.
    NotRead,
    /// None of the latest sign-ins has this id.
    Unknown,
    Store(StoreError),
}

/// The summary of `user`, if root has written one.
pub(crate) async fn summary(
    exchange: &Arc<Exchange>,
    user: &UserName,
) -> Result<Option<Summary>, OwnTrouble> {
    let user = user.clone();
    read(exchange, move |folder| summary_file::load(folder, &user))
        .await
        .map(Option::flatten)
}

/// The latest events of `user`, the latest first.
pub(crate) async fn events(
    exchange: &Arc<Exchange>,
    user: &UserName,
) -> Result<Vec<Seen>, OwnTrouble> {
    let name = user.clone();
    let found = read(exchange, move |folder| activity_file::load(folder, &name)).await?;
    // Without the reports, the activity is still useful.
    let reported = exchange.store.reported(user.as_str()).await;
    let reported = reported.unwrap_or_else(|error| {
        static SELDOM: Seldom = Seldom::once_a_minute();
        SELDOM.fail(format_args!("reports were looked for: {error}"));
        Vec::new()
    });
    let latest = found.unwrap_or_default().into_iter().rev();
    Ok(latest
        .take(MOST_EVENTS)
        .map(|event| {
            let id = event.id();
            Seen {
                reported: reported.contains(&id),
                id,
                event: event.without_names(),
            }
        })
        .collect())
}

/// Handles "that sign-in was not me". Returns whether it had been reported before.
pub(crate) async fn report(
    exchange: &Arc<Exchange>,
    user: &UserName,
    id: &str,
    by: Reporter<'_>,
) -> Result<bool, OwnTrouble> {
    let events = events(exchange, user).await?;
    let seen = events.into_iter().find(|seen| seen.id == id);
    let seen = seen
        .filter(|seen| seen.event.is_sign_in())
        .ok_or(OwnTrouble::Unknown)?;
    if seen.reported {
        return Ok(true);
    }
    let line = log_line(user, &seen, &by);
    let (exchange, user) = (Arc::clone(exchange), user.clone());
    // In its own task: the reporter may disconnect between store and log.
    let kept = tokio::spawn(async move {
        let is_new = exchange.store.report(user.as_str(), &seen.id).await?;
        if is_new {
            log::tell_administrator(line).await;
        }
        Ok(!is_new)
    });
    let kept = kept.await.map_err(|_| OwnTrouble::NotRead)?;
    kept.map_err(OwnTrouble::Store)
}

fn log_line(user: &UserName, seen: &Seen, by: &Reporter<'_>) -> LogLine {
    let event = &seen.event;
    let times = match event.times() {
        1 => String::new(),
        times => times.to_string(),
    };
    let (by, phone) = match by {
        Reporter::Phone(name) => ("phone", *name),
        Reporter::Command => ("command", ""),
    };
    LogLine::new()
        .with("outcome", "reported")
        .with("reason", "afterwards")
        .with("user", user.as_str())
        .with("at", &event.time)
        .with("was", &event.outcome)
        .with("times", &times)
        .with("since", &event.since)
        .with("method", &event.method)
        .with("host", &event.host)
        .with("service", &event.service)
        .with("rhost", &event.remote_host)
        .with("tty", &event.terminal)
        .with("caller", &event.caller)
        .with("by", by)
        .with("phone", phone)
}

/// Runs `look` on the folder of activity; `None` if it does not exist.
async fn read<T: Send + 'static>(
    exchange: &Arc<Exchange>,
    look: impl FnOnce(&Folder) -> Result<T, Distrust> + Send + 'static,
) -> Result<Option<T>, OwnTrouble> {
    let exchange = Arc::clone(exchange);
    let reading = spawn_blocking(
        move || match Folder::open(&exchange.config.paths.activity) {
            Ok(folder) => look(&folder).map(Some),
            Err(distrust) if distrust.is_missing() => Ok(None),
            Err(distrust) => Err(distrust),
        },
    );
    match reading.await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(distrust)) => {
            static SELDOM: Seldom = Seldom::new();
            SELDOM.fail(format_args!("an activity was not read: {distrust}"));
            Err(OwnTrouble::NotRead)
        }
        Err(_) => Err(OwnTrouble::NotRead),
    }
}
