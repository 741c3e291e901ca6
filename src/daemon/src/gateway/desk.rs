//! Checks, counts and sends a message, and reports the result.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::record::TelephoneUse;
use antiphon_core::wire::{Deliver, Undelivered};
use antiphon_gateway::{CommandGateway, Credentials, Elks, Gateway, Gateways, HttpGateway};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::client::Client;
use super::message::Message;
use super::{Failure, command, credentials, elks, template};
use crate::clock;
use crate::log;
use crate::store::{Ceilings, Counted, Sending, Store};

/// How many messages may be in transit: hanging gateways occupy these slots and nothing else.
const AT_ONCE: usize = 16;
/// How long a message waits for a slot, and for the store.
const PATIENCE: Duration = Duration::from_secs(2);

/// The gateway for one method.
struct Way {
    carrier: Carrier,
    credentials: Arc<Credentials>,
}

/// A gateway and what it needs.
enum Carrier {
    Elks {
        settings: Elks,
        /// The URL of the sound files; used for calls only.
        sounds: String,
        client: Client,
    },
    Http(Box<HttpGateway>, Client),
    Command(CommandGateway),
}

pub(crate) struct Desk {
    sms: Option<Arc<Way>>,
    call: Option<Arc<Way>>,
    ceilings: Ceilings,
    seats: Arc<Semaphore>,
    store: Arc<dyn Store>,
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
        let mut way = |gateway: Option<&Gateway>, wanted: bool, own: Credentials| {
            let Some(gateway) = gateway.filter(|_| wanted) else {
                return Ok(None);
            };
            Ok::<_, String>(Some(Arc::new(Way {
                carrier: Carrier::new(gateway, config, &mut client)?,
                credentials: Arc::new(own),
            })))
        };
        Ok(Self {
            sms: way(gateways.sms.as_ref(), telephone.sms, own.sms)?,
            call: way(gateways.call.as_ref(), telephone.call, own.call)?,
            ceilings: Ceilings {
                ten_minutes: telephone.most_in_ten_minutes,
                day: telephone.most_a_day,
                day_of_host: telephone.most_a_day_for_one_host,
                day_of_all: telephone.most_a_day_on_this_host,
            },
            seats: Arc::new(Semaphore::new(AT_ONCE)),
            store,
        })
    }

    /// Sends a message of root's here, or on the `host` of the fleet; `None` if it does not have the form of one. Until it is
    /// counted nothing has started, and dropping the future cancels it.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        deliver: Deliver,
        host: Option<String>,
    ) -> Option<Result<(), Undelivered>> {
        let way = match deliver.by {
            TelephoneUse::Sms => &self.sms,
            TelephoneUse::Call => &self.call,
        };
        let Some(way) = way.clone() else {
            return Some(Err(Undelivered::NoGateway));
        };
        let message = Message::read(deliver, host, Arc::clone(&way.credentials))?;
        let seats = Arc::clone(&self.seats);
        let Ok(Ok(seat)) = timeout(PATIENCE, seats.acquire_owned()).await else {
            log::warn(format_args!(
                "{} for {} was not sent: too many are on their way",
                message.way(),
                message.whose()
            ));
            return Some(Err(Undelivered::NoAnswer));
        };
        let desk = Arc::clone(self);
        // From here on it runs to completion, whoever waits.
        let sending = tokio::spawn(async move {
            let result = desk.count_and_send(&way.carrier, &message).await;
            drop(seat);
            result
        });
        Some(sending.await.unwrap_or(Err(Undelivered::NoAnswer)))
    }

    async fn count_and_send(&self, by: &Carrier, message: &Message) -> Result<(), Undelivered> {
        let (what, user, to) = (message.way(), message.whose(), message.masked());
        let sending = Sending {
            user: message.user.clone(),
            host: message.host.clone().unwrap_or_default(),
        };
        let counting = self
            .store
            .count_message(sending, clock::now(), self.ceilings);
        let counted = match timeout(PATIENCE, counting).await {
            Ok(counted) => counted.map_err(|error| error.to_string()),
            Err(_) => Err("the store does not answer".to_owned()),
        };
        match counted {
            Ok(Counted::Fine) => {}
            Ok(Counted::Ceiling(which)) => {
                log::warn(format_args!(
                    "{what} to {to} for {user} was not sent: {which} is reached"
                ));
                return Err(Undelivered::Ceiling);
            }
            // Without a count, the cost would be unlimited.
            Err(why) => {
                log::fail(format_args!(
                    "{what} to {to} for {user} was not sent: {why}"
                ));
                return Err(Undelivered::NoAnswer);
            }
        }
        let name = by.name();
        match by.send(message).await {
            Ok(()) => {
                log::note(format_args!("{name} has taken {what} to {to} for {user}"));
                Ok(())
            }
            Err(Failure { reason, words }) => {
                log::warn(format_args!(
                    "{name} has not taken {what} to {to} for {user}: {words}"
                ));
                Err(reason)
            }
        }
    }
}

impl Carrier {
    /// All gateways that are asked by HTTP share one client, which is made for the first.
    fn new(
        gateway: &Gateway,
        config: &Config,
        client: &mut Option<Client>,
    ) -> Result<Self, String> {
        let mut client = || -> Result<Client, String> {
            let made = client.take().map_or_else(Client::new, Ok)?;
            Ok(client.insert(made).clone())
        };
        Ok(match gateway {
            Gateway::Elks(elks) => Self::Elks {
                settings: elks.clone(),
                sounds: elks.sounds(config).unwrap_or_default(),
                client: client()?,
            },
            Gateway::Http(http) => Self::Http(http.clone(), client()?),
            Gateway::Command(command) => Self::Command(command.clone()),
        })
    }

    /// Its name in the log.
    fn name(&self) -> String {
        match self {
            Self::Elks { .. } => "46elks".to_owned(),
            Self::Http(http, _) => http.host(),
            Self::Command(command) => {
                let name = Path::new(&command.program).file_name();
                name.unwrap_or_default().to_string_lossy().into_owned()
            }
        }
    }

    async fn send(&self, message: &Message) -> Result<(), Failure> {
        match self {
            Self::Elks {
                settings,
                sounds,
                client,
            } => elks::send(settings, sounds, client, message).await,
            Self::Http(settings, client) => template::send(settings, client, message).await,
            Self::Command(settings) => command::send(settings, message).await,
        }
    }
}
