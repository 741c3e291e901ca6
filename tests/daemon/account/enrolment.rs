//! An account is enrolled: one ticket, one token.

use antiphon_core::account::{AccountInvitation, AccountTerms, ticket_name};
use antiphon_core::wire::{AccountTicket, FromDaemon, IdToken, NoToken, ToDaemon, Unwilling};
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use super::browser::Browser;
use super::idp::{Idp, TOKEN, parameters};
use crate::Root;
use crate::daemon::in_house;
use crate::phone::base64url;
use crate::root::{request, unwilling};

const TICKET: [u8; 16] = [9; 16];

fn ticket(idp: &Idp) -> AccountTicket {
    let asked = request("alice", 600);
    AccountTicket {
        name: ticket_name(&TICKET),
        user: "alice".into(),
        host: "web1".into(),
        issued: asked.issued,
        expires: asked.expires,
        terms: AccountTerms {
            subject: String::new(),
            ..idp.terms()
        },
    }
}

fn open(ticket: &AccountTicket) -> Root {
    let mut root = Root::say(&ToDaemon::AccountTicket(ticket.clone()));
    assert_eq!(root.hear(), Some(FromDaemon::TicketOpen {}));
    root
}

#[test]
fn a_ticket_gives_one_token_whose_nonce_binds_it_and_dies_with_its_command() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let ticket = ticket(&idp);
        let mut root = open(&ticket);
        let body = json!({"ticket": base64url(&TICKET)});
        let mut browser = Browser::default();
        let invited = browser.post("look", &body).json();
        assert_eq!(
            (&invited["user"], &invited["host"]),
            (&json!("alice"), &json!("web1"))
        );
        assert_eq!(browser.post("look", &body).status, 200);
        assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));

        let address = browser.begin_with(&body);
        let invitation = AccountInvitation {
            ticket: &TICKET,
            user: &ticket.user,
            host: &ticket.host,
            issued: ticket.issued,
            expires: ticket.expires,
            terms: &ticket.terms,
        };
        let nonce = BASE64URL_NOPAD.encode(&invitation.digest());
        assert_eq!(parameters(&address)["nonce"], nonce);
        // Another browser has begun too, and is too late.
        let mut other = Browser::default();
        let its = other.begin_with(&body);
        let answer = browser.come_back(&address).json();
        assert_eq!(
            (&answer["is_enrolment"], &answer["check_digits"]),
            (&json!(true), &json!(null))
        );
        let token = IdToken {
            token: TOKEN.into(),
        };
        assert_eq!(root.hear(), Some(FromDaemon::Token(token)));
        assert_eq!(other.come_back(&its).status, 409);
        drop(root);
        antiphon_tests::until("the end of the ticket", || {
            (browser.post("look", &body).status == 404).then_some(())
        });
    });
}

#[test]
fn a_wrong_ticket_opens_nothing_and_a_cancelled_sign_in_is_told() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let mut root = open(&ticket(&idp));
        let mut browser = Browser::default();
        for wrong in [
            base64url(&[8; 16]),
            base64url(&[9; 15]),
            base64url(&ticket_name(&TICKET)),
            "!".into(),
        ] {
            let body = json!({"ticket": wrong});
            assert_eq!(browser.post("look", &body).status, 404, "{wrong}");
            assert_eq!(browser.post("begin", &body).status, 404, "{wrong}");
        }
        let state =
            parameters(&browser.begin_with(&json!({"ticket": base64url(&TICKET)})))["state"]
                .clone();
        let body = json!({"provider": "kmh", "state": state, "error": "access_denied"});
        assert_eq!(browser.post("callback", &body).json()["failed"], "denied");
        let reason = NoToken::Denied;
        assert_eq!(root.hear(), Some(FromDaemon::NoToken { reason }));
    });
}

#[test]
fn a_ticket_for_an_unknown_provider_or_of_a_known_name_is_not_opened() {
    in_house(|world| {
        let idp = Idp::start(world);
        let daemon = idp.daemon(world);
        let mut other = ticket(&idp);
        other.terms.client_id = "another".into();
        let mut root = Root::say(&ToDaemon::AccountTicket(other));
        assert_eq!(root.hear(), Some(unwilling(Unwilling::NoProvider)));
        daemon.expect_log("systemctl restart antiphond");
        let first = open(&ticket(&idp));
        let mut second = Root::say(&ToDaemon::AccountTicket(ticket(&idp)));
        assert_eq!(second.hear(), Some(unwilling(Unwilling::Overloaded)));
        drop(first);
    });
}
