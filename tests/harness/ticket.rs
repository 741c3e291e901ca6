//! A ticket that the module has opened, for a phone to enrol; and what the daemon says to that.

use std::io::Write;
use std::os::unix::net::UnixStream;

use antiphon_core::wire::{Enrolled, FromDaemon, Ticket, ToDaemon, Unread, encode};
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;

use crate::lying_daemon::LyingDaemon;
use crate::passkey::Passkey;
use crate::sending::hear;

/// An open connection by which the module says something else than a sign-in. Dropped, it closes.
pub struct OpenedTicket {
    /// What was asked for.
    pub ticket: Ticket,
    stream: UnixStream,
    unread: Unread,
}

impl LyingDaemon {
    /// The next ticket, which is opened.
    #[must_use]
    pub fn ticket(&self) -> OpenedTicket {
        let (message, stream, unread) = self.first_message();
        let ToDaemon::Ticket(ticket) = message else {
            panic!("no ticket: {message:?}");
        };
        let mut opened = OpenedTicket {
            ticket,
            stream,
            unread,
        };
        opened.say(&FromDaemon::TicketOpen {});
        opened
    }

    /// The credentials that the daemon is next told to forget, which it does.
    #[must_use]
    pub fn forgets(&self) -> Vec<Vec<u8>> {
        let (message, mut stream, _) = self.first_message();
        let ToDaemon::Forget { credentials } = message else {
            panic!("nothing to forget: {message:?}");
        };
        let said = encode(&FromDaemon::Forgotten {}).unwrap();
        stream.write_all(&said).unwrap();
        credentials
    }

    fn first_message(&self) -> (ToDaemon, UnixStream, Unread) {
        let mut stream = self.connection();
        let mut unread = Unread::default();
        let message = hear(&mut stream, &mut unread).expect("a message");
        (message, stream, unread)
    }
}

impl OpenedTicket {
    /// Sends a message.
    pub fn say(&mut self, message: &FromDaemon) -> &mut Self {
        let _ = self.stream.write_all(&encode(message).unwrap());
        self
    }

    /// A page that has read `address` hands this passkey on.
    pub fn enrol(&mut self, passkey: &Passkey, address: &str) -> &mut Self {
        let (origin, rest) = address.split_once("/enroll#").unwrap();
        let (ticket, secret) = rest.split_once('.').unwrap();
        assert_eq!(
            BASE64URL_NOPAD.decode(ticket.as_bytes()).unwrap(),
            self.ticket.ticket
        );
        let secret = BASE64URL_NOPAD.decode(secret.as_bytes()).unwrap();
        let key = passkey.public_key();
        let fields: [&[u8]; 7] = [
            self.ticket.user.as_bytes(),
            self.ticket.host.as_bytes(),
            origin.as_bytes(),
            &passkey.credential,
            &key,
            b"false",
            passkey.name.as_bytes(),
        ];
        let message = framed("antiphon enrolment v1", &fields);
        let proof = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), &message);
        let enrolled = Enrolled {
            name: passkey.name.clone(),
            credential: passkey.credential.clone(),
            public_key: key.clone(),
            backup_eligible: false,
            proof: proof.as_ref().to_vec(),
        };
        self.say(&FromDaemon::TicketSeen {})
            .say(&FromDaemon::Enrolled(enrolled))
    }

    /// Whether the module wants the phone kept; `false` if it has gone.
    #[must_use]
    pub fn is_to_be_kept(&mut self) -> bool {
        match hear(&mut self.stream, &mut self.unread) {
            Some(ToDaemon::Keep {}) => true,
            None => false,
            other => panic!("{other:?}"),
        }
    }
}

/// What the page signs: what for, and each field behind its length.
fn framed(purpose: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut message = purpose.as_bytes().to_vec();
    for field in fields {
        message.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        message.extend_from_slice(field);
    }
    message
}
