//! Checks, counts and sends a message, and reports the result.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::record::TelephoneUse;
use antiphon_core::wire::{Deliver, Undelivered};
use antiphon_gateway::Gateways;
use antiphon_gateway::{Credentials, Gateway as Settings};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::client::Client;
use super::command::Command;
use super::elks::Elks;
use super::message::Message;
use super::template::Template;
use super::{Gateway, credentials};
use crate::clock;
use crate::log;
use crate::store::{Ceilings, Counted, Store};

/// How many messages may be in transit: hanging gateways occupy these slots and nothing else.
const AT_ONCE: usize = 16;
/// How long a message waits for a slot, and for the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// The gateway for one method.
struct Way {
    gateway: Box<dyn Gateway>,
    credentials: Arc<Credentials>,
}

/// Sends messages.
pub(crate) struct Desk {
    sms: Option<Way>,
    call: Option<Way>,
    ceilings: Ceilings,
    seats: Arc<Semaphore>,
    store: Arc<dyn Store>,
}

/// The result of sending a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The gateway accepted it.
    Taken,
    /// The gateway did not accept it.
    Not(Undelivered),
    /// It does not have the form of root's messages.
    NotUnderstood,
}

impl Desk {
    /// # Errors
    /// One sentence, with the fix.
    pub(crate) fn new(
        config: &Config,
        gateways: &Gateways,
        store: Arc<dyn Store>,
    ) -> Result<Self, String> {
        if let Some(fault) = gateways.fault(config) {
            return Err(format!("{fault}; test the fix with: antiphon check"));
        }
        let telephone = &config.telephone;
        let own = credentials::load(gateways)?;
        let mut client = None;
        let mut way = |settings: Option<&Settings>, wanted: bool, own: Credentials| {
            let Some(settings) = settings.filter(|_| wanted) else {
                return Ok(None);
            };
            let gateway = build(settings, config, &mut client)?;
            let credentials = Arc::new(own);
            Ok::<_, String>(Some(Way {
                gateway,
                credentials,
            }))
        };
        Ok(Self {
            sms: way(gateways.sms.as_ref(), telephone.sms, own.sms)?,
            call: way(gateways.call.as_ref(), telephone.call, own.call)?,
            ceilings: Ceilings {
                ten_minutes: telephone.most_in_ten_minutes,
                day: telephone.most_a_day,
                day_of_all: telephone.most_a_day_on_this_host,
            },
            seats: Arc::new(Semaphore::new(AT_ONCE)),
            store,
        })
    }

    /// Sends root's message. Until it is counted nothing has started, and dropping the future cancels it.
    pub(crate) async fn deliver(self: &Arc<Self>, deliver: Deliver) -> Fate {
        let desk = Arc::clone(self);
        let by = deliver.by;
        let Some(way) = self.way(by) else {
            return Fate::Not(Undelivered::NoGateway);
        };
        let Some(message) = Message::read(deliver, Arc::clone(&way.credentials)) else {
            return Fate::NotUnderstood;
        };
        let seats = Arc::clone(&self.seats);
        let Ok(Ok(seat)) = timeout(PATIENCE, seats.acquire_owned()).await else {
            log::warn(format_args!(
                "{} for {} was not sent: too many are on their way",
                message.way(),
                message.user
            ));
            return Fate::Not(Undelivered::NoAnswer);
        };
        // From here on it runs to completion, whoever waits.
        let sending = tokio::spawn(async move {
            let fate = desk.count_and_send(by, &message).await;
            drop(seat);
            fate
        });
        sending.await.unwrap_or(Fate::Not(Undelivered::NoAnswer))
    }

    async fn count_and_send(&self, by: TelephoneUse, message: &Message) -> Fate {
        let (what, user, to) = (message.way(), &message.user, message.masked());
        let counting = self.store.count_message(user, clock::now(), self.ceilings);
        match timeout(PATIENCE, counting).await {
            Ok(Ok(Counted::Fine)) => {}
            Ok(Ok(Counted::Ceiling(which))) => {
                log::warn(format_args!(
                    "{what} to {to} for {user} was not sent: {which} is reached"
                ));
                return Fate::Not(Undelivered::Ceiling);
            }
            // Without a count, the cost would be unlimited.
            Ok(Err(error)) => {
                log::fail(format_args!(
                    "{what} to {to} for {user} was not sent: {error}"
                ));
                return Fate::Not(Undelivered::NoAnswer);
            }
            Err(_) => {
                log::fail(format_args!(
                    "{what} to {to} for {user} was not sent: the store does not answer"
                ));
                return Fate::Not(Undelivered::NoAnswer);
            }
        }
        let Some(way) = self.way(by) else {
            return Fate::Not(Undelivered::NoGateway);
        };
        let name = way.gateway.name();
        match way.gateway.send(message).await {
            Ok(()) => {
                log::note(format_args!("{name} has taken {what} to {to} for {user}"));
                Fate::Taken
            }
            Err(failure) => {
                let words = failure.words;
                log::warn(format_args!(
                    "{name} has not taken {what} to {to} for {user}: {words}"
                ));
                Fate::Not(failure.reason)
            }
        }
    }

    fn way(&self, by: TelephoneUse) -> Option<&Way> {
        match by {
            TelephoneUse::Sms => self.sms.as_ref(),
            TelephoneUse::Call => self.call.as_ref(),
        }
    }
}

fn build(
    settings: &Settings,
    config: &Config,
    client: &mut Option<Client>,
) -> Result<Box<dyn Gateway>, String> {
    let mut across = || -> Result<Client, String> {
        let made = client.take().map_or_else(Client::new, Ok)?;
        Ok(client.insert(made).clone())
    };
    Ok(match settings {
        Settings::Elks(elks) => {
            let sounds = elks.sounds(config).unwrap_or_default();
            Box::new(Elks::new(elks.clone(), sounds, across()?))
        }
        Settings::Http(http) => Box::new(Template::new((**http).clone(), across()?)),
        Settings::Command(command) => Box::new(Command::new(command.clone())),
    })
}
