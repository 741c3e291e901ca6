//! A ticket that root has opened, for a phone to enrol; and what the daemon says to that.

use antiphon_core::wire::{Enrolled, FromDaemon, Ticket, ToDaemon};
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;

use crate::lying_daemon::{Line, LyingDaemon};
use crate::passkey::Passkey;

/// An open connection by which root says something else than a sign-in. Dropped, it closes.
pub struct OpenedTicket {
    /// What was asked for.
    pub ticket: Ticket,
    line: Line,
}

/// For whom, and on which page, a passkey is made.
#[derive(Clone, Copy)]
pub struct Claim<'a> {
    /// Whose it is.
    pub user: &'a str,
    /// Where they sign in.
    pub host: &'a str,
    /// The page.
    pub origin: &'a str,
}

impl LyingDaemon {
    /// The next ticket, which is opened.
    #[must_use]
    pub fn ticket(&self) -> OpenedTicket {
        let (message, line) = self.first_message();
        let ToDaemon::Ticket(ticket) = message else {
            panic!("no ticket: {message:?}");
        };
        let mut opened = OpenedTicket { ticket, line };
        opened.say(&FromDaemon::TicketOpen {});
        opened
    }

    /// The credentials that the daemon is next told to forget, which it does.
    #[must_use]
    pub fn forgets(&self) -> Vec<Vec<u8>> {
        let (message, mut line) = self.first_message();
        let ToDaemon::Forget { credentials } = message else {
            panic!("nothing to forget: {message:?}");
        };
        line.say(&FromDaemon::Forgotten {});
        credentials
    }
}

impl OpenedTicket {
    /// Sends a message.
    pub fn say(&mut self, message: &FromDaemon) -> &mut Self {
        self.line.say(message);
        self
    }

    /// A page that has read `address` hands this passkey on.
    pub fn enrol(&mut self, passkey: &Passkey, address: &str) -> &mut Self {
        let (origin, rest) = address.split_once("/enroll#").unwrap();
        let (ticket, secret) = rest.split_once('.').unwrap();
        let [ticket, secret] =
            [ticket, secret].map(|text| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap());
        assert_eq!(ticket, self.ticket.ticket);
        let claim = Claim {
            user: &self.ticket.user,
            host: &self.ticket.host,
            origin,
        };
        let enrolled = claim.enrolled(passkey, &secret);
        self.say(&FromDaemon::TicketSeen {})
            .say(&FromDaemon::Enrolled(enrolled))
    }

    /// Whether root wants the phone kept; `false` if it has gone.
    #[must_use]
    pub fn is_to_be_kept(&mut self) -> bool {
        match self.line.hear() {
            Some(ToDaemon::Keep {}) => true,
            None => false,
            other => panic!("{other:?}"),
        }
    }
}

impl Claim<'_> {
    /// What a page that has the secret of the QR code says of `passkey`.
    #[must_use]
    pub fn enrolled(self, passkey: &Passkey, secret: &[u8]) -> Enrolled {
        let mut enrolled = Enrolled {
            name: passkey.name.clone(),
            credential: passkey.credential.clone(),
            public_key: passkey.public_key(),
            backup_eligible: false,
            proof: Vec::new(),
        };
        self.prove(&mut enrolled, secret);
        enrolled
    }

    /// Proves it again after a change: the page signs what for, and each field behind its length.
    pub fn prove(self, enrolled: &mut Enrolled, secret: &[u8]) {
        let mut message = b"antiphon enrolment v1".to_vec();
        for field in [
            self.user.as_bytes(),
            self.host.as_bytes(),
            self.origin.as_bytes(),
            &enrolled.credential,
            &enrolled.public_key,
            b"false",
            enrolled.name.as_bytes(),
        ] {
            message.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            message.extend_from_slice(field);
        }
        let proof = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &message);
        enrolled.proof = proof.as_ref().to_vec();
    }
}
