//! The verdict on a token, and its effect on the state: what a daemon that lies can carry is refused.

use super::{AccountApproval, AccountVerdict, Judgement, Subject, judge_account};
use crate::account::test_provider::{
    ISSUED, Members, NOW, SUBJECT, TestProvider, claims, number, request,
};
use crate::account::{AccountInvitation, AccountTerms, Algorithm, CheckDigits, Fault, KeySet};
use crate::approval::{ApprovalRequest, Number};
use crate::config::Config;
use crate::method::Method;
use crate::name::UserName;
use crate::origin::Origin;
use crate::record::{Account, AccountSubject, Record};
use crate::state::State;
use crate::time::UnixTime;

const PROVIDERS: &str = "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org/realms/staff\"\n\
                         client_id = \"antiphon\"\nlabel = { sv = \"KMH-konto\", en = \"KMH account\" }\n\
                         [[provider]]\nname = \"other\"\nissuer = \"https://id.example.org/realms/other\"\n\
                         client_id = \"antiphon\"\nlabel = { sv = \"annat konto\", en = \"other account\" }\n";
const HERE: Origin<'_> = Origin {
    remote_host: "",
    terminal: "tty1",
    caller: "",
};
const ELSEWHERE: Origin<'_> = Origin {
    remote_host: "203.0.113.5",
    terminal: "ssh",
    caller: "",
};

fn account(provider: &str, id: &str) -> Account {
    Account {
        provider: provider.into(),
        subject: AccountSubject {
            id: id.into(),
            tenant: None,
        },
        name: "Anna Ek".into(),
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    }
}

/// A person with an account.
struct Desk {
    record: Record,
    config: Config,
    state: State,
    of: TestProvider,
    keys: KeySet,
    origin: Origin<'static>,
}

impl Desk {
    fn at(origin: Origin<'static>) -> Self {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.accounts = vec![account("kmh", SUBJECT)];
        let config = Config::parse(PROVIDERS).unwrap();
        let of = TestProvider::new();
        Self {
            keys: of.key_set(&config.providers[0]),
            state: State::enrolled(&record, None),
            record,
            config,
            of,
            origin,
        }
    }

    fn terms(&self) -> AccountTerms {
        AccountTerms::of(&self.config.providers[0], &account("kmh", SUBJECT))
    }

    /// A token with this nonce, otherwise right but for the change.
    fn token_for(&self, digest: [u8; 32], change: impl FnOnce(&mut Members)) -> String {
        let mut members = claims(&self.config.providers[0], &digest);
        change(&mut members);
        self.of.token(Algorithm::Es256, &members)
    }

    fn token(&self, request: &ApprovalRequest) -> String {
        self.token_for(self.terms().digest(request, &number()), |_| {})
    }

    /// The verdict on `token` for `request` and the number 42; the state is carried on.
    fn judges(
        &mut self,
        token: &str,
        request: &ApprovalRequest,
        typed: Option<&str>,
        now: UnixTime,
    ) -> AccountVerdict {
        let typed = typed.map(|typed| CheckDigits::typed(typed.as_bytes()).unwrap());
        let approval = AccountApproval {
            request,
            number: &number(),
            account: &account("kmh", SUBJECT),
            keys: &self.keys,
            token,
            typed: typed.as_ref(),
        };
        let subject = Subject {
            record: &self.record,
            config: &self.config,
            service: "sshd",
            origin: self.origin,
        };
        self.state.settle(&self.record, &self.config, now, true);
        let Judgement { verdict, next } = judge_account(approval, subject, &self.state, now);
        let is_marked = matches!(
            verdict,
            AccountVerdict::Accepted(_) | AccountVerdict::WrongDigits
        );
        assert_eq!(next.is_some(), is_marked, "{verdict:?}");
        self.state = next.unwrap_or_else(|| self.state.clone());
        verdict
    }

    fn fault(&mut self, token: &str) -> Fault {
        match self.judges(token, &request(1), None, NOW) {
            AccountVerdict::Wrong(fault) => fault,
            other => panic!("{other:?}"),
        }
    }
}

fn other_digits(token: &str) -> String {
    let right: u32 = CheckDigits::of(token).digits().parse().unwrap();
    format!("{:02}", (right + 1) % 100)
}

#[test]
fn an_approval_is_accepted_until_it_expires_and_names_the_provider() {
    for (later, accepted) in [(25, true), (179, true), (180, false), (1_000_000, false)] {
        let mut desk = Desk::at(HERE);
        let token = desk.token(&request(1));
        match desk.judges(&token, &request(1), None, ISSUED.plus(later)) {
            AccountVerdict::Accepted(by) => {
                assert_eq!(
                    (by.method(), by.provider(), by.phone()),
                    (Method::Account, "kmh", "")
                );
                assert!(accepted, "{later}");
            }
            verdict => {
                assert_eq!(verdict, AccountVerdict::Late);
                assert!(!accepted, "{later}");
            }
        }
    }
}

// Check 9.

#[test]
fn an_approval_is_accepted_once_whatever_token_comes_for_it_again() {
    let mut desk = Desk::at(HERE);
    let token = desk.token(&request(1));
    assert!(matches!(
        desk.judges(&token, &request(1), None, NOW),
        AccountVerdict::Accepted(_)
    ));
    // Signed again, by another key, with another `jti`: a refreshed token carries the same nonce.
    let digest = desk.terms().digest(&request(1), &number());
    let again = desk.token_for(digest, |claims| {
        claims.insert("jti".into(), "another".into());
    });
    let members = claims(&desk.config.providers[0], &digest);
    let by_another_key = desk.of.token(Algorithm::EdDsa, &members);
    for later in 0..150 {
        for token in [&token, &again, &by_another_key] {
            let verdict = desk.judges(token, &request(1), None, NOW.plus(later));
            assert_eq!(
                verdict,
                AccountVerdict::Wrong(Fault::Used),
                "{later} s later"
            );
        }
    }
    // Nor for another sign-in; whose own token is as good as the first one was.
    let verdict = desk.judges(&token, &request(2), None, NOW);
    assert_eq!(verdict, AccountVerdict::Wrong(Fault::Nonce));
    let token = desk.token(&request(2));
    assert!(matches!(
        desk.judges(&token, &request(2), None, NOW),
        AccountVerdict::Accepted(_)
    ));
}

#[test]
fn a_token_of_another_sign_in_host_person_or_number_is_refused() {
    let mut desk = Desk::at(HERE);
    let changes: [fn(&mut ApprovalRequest); 9] = [
        |request| request.nonce[0] ^= 1,
        |request| request.user = "bob".into(),
        |request| request.host = "web2".into(),
        |request| request.service = "sudo".into(),
        |request| request.caller = String::new(),
        |request| request.remote_host = "203.0.113.6".into(),
        |request| request.terminal = "pts/1".into(),
        |request| request.issued.0 -= 1,
        |request| request.expires.0 += 1,
    ];
    for change in changes {
        let mut other = request(1);
        change(&mut other);
        let token = desk.token(&other);
        assert_eq!(desk.fault(&token), Fault::Nonce);
    }
    let digest = desk.terms().digest(&request(1), &Number::new(43));
    let token = desk.token_for(digest, |_| {});
    assert_eq!(desk.fault(&token), Fault::Nonce);
    // What a phone's passkey would sign is no nonce of a token.
    let token = desk.token_for(request(1).digest(&number()), |_| {});
    assert_eq!(desk.fault(&token), Fault::Nonce);
}

#[test]
fn a_token_for_other_terms_is_refused() {
    let mut desk = Desk::at(HERE);
    let changes: [fn(&mut AccountTerms); 5] = [
        |terms| terms.provider = "other".into(),
        |terms| terms.issuer = "https://id.example.org/realms/other".into(),
        |terms| terms.client_id = "other".into(),
        |terms| terms.subject = "somebody else".into(),
        |terms| terms.tenant = "11111111-2222-3333-4444-555555555555".into(),
    ];
    for change in changes {
        let mut terms = desk.terms();
        change(&mut terms);
        let token = desk.token_for(terms.digest(&request(1), &number()), |_| {});
        assert_eq!(desk.fault(&token), Fault::Nonce);
    }
    let digest = desk.terms().digest(&request(1), &number());
    for (claim, value, fault) in [
        ("iss", "https://id.example.org/realms/other", Fault::Issuer),
        ("aud", "other", Fault::Audience),
        ("sub", "somebody else", Fault::Subject),
    ] {
        let token = desk.token_for(digest, |claims| {
            claims.insert(claim.into(), value.into());
        });
        assert_eq!(desk.fault(&token), fault);
    }
}

#[test]
fn a_token_of_an_enrolment_approves_no_sign_in() {
    let mut desk = Desk::at(HERE);
    let terms = desk.terms();
    let request = request(1);
    let invitation = AccountInvitation {
        ticket: &request.nonce,
        user: &request.user,
        host: &request.host,
        issued: request.issued,
        expires: request.expires,
        terms: &terms,
    };
    let token = desk.token_for(invitation.digest(), |_| {});
    assert_eq!(desk.fault(&token), Fault::Nonce);
}

#[test]
fn keys_of_a_daemons_own_choice_sign_nothing() {
    let mut desk = Desk::at(HERE);
    let right = desk.token(&request(1));
    let of_right = std::mem::replace(&mut desk.of, TestProvider::new());
    let forged = desk.token(&request(1));
    assert_eq!(desk.fault(&forged), Fault::Signature);
    desk.of = of_right;
    let of_another_provider = desk.of.key_set(&desk.config.providers[1]);
    let own = std::mem::replace(&mut desk.keys, of_another_provider);
    assert_eq!(desk.fault(&right), Fault::UnknownKey);
    // The same token is judged again once the key is there.
    desk.keys = own;
    assert!(matches!(
        desk.judges(&right, &request(1), None, NOW),
        AccountVerdict::Accepted(_)
    ));
}

#[test]
fn an_account_that_root_has_removed_or_whose_provider_is_gone_approves_nothing() {
    let mut desk = Desk::at(HERE);
    let token = desk.token(&request(1));
    let record = desk.record.clone();
    desk.record.accounts = vec![account("kmh", "somebody else"), account("other", SUBJECT)];
    assert_eq!(desk.fault(&token), Fault::Subject);
    desk.record = record;
    let config = std::mem::take(&mut desk.config);
    let verdict = desk.judges(&token, &request(1), None, NOW);
    assert_eq!(verdict, AccountVerdict::Wrong(Fault::Issuer));
    desk.config = config;
    // An account with a tenant is one of Entra ID, which this provider is not.
    desk.record.accounts[0].subject.tenant = Some("11111111-2222-3333-4444-555555555555".into());
    assert_eq!(desk.fault(&token), Fault::Subject);
}

#[test]
fn a_service_that_does_not_allow_accounts_is_not_signed_in_to_with_one() {
    let mut desk = Desk::at(HERE);
    let rule = format!("{PROVIDERS}[service.sshd]\nmethods = [\"approval\", \"code\"]\n");
    desk.config = Config::parse(&rule).unwrap();
    let token = desk.token(&request(1));
    let verdict = desk.judges(&token, &request(1), None, NOW);
    assert_eq!(verdict, AccountVerdict::NotAllowed);
}

#[test]
fn from_elsewhere_the_pages_digits_are_typed_too() {
    let mut desk = Desk::at(ELSEWHERE);
    let token = desk.token(&request(1));
    for _ in 0..3 {
        let verdict = desk.judges(&token, &request(1), None, NOW);
        assert_eq!(verdict, AccountVerdict::DigitsWanted);
    }
    let digits = CheckDigits::of(&token);
    let verdict = desk.judges(&token, &request(1), Some(digits.digits()), NOW);
    assert!(matches!(verdict, AccountVerdict::Accepted(_)));
    // Somebody else runs su.
    let mut desk = Desk::at(Origin {
        remote_host: "",
        terminal: "pts/1",
        caller: "mallory",
    });
    let token = desk.token(&request(1));
    let verdict = desk.judges(&token, &request(1), None, NOW);
    assert_eq!(verdict, AccountVerdict::DigitsWanted);
    // Here they are not asked for, and do no harm.
    let mut desk = Desk::at(HERE);
    let token = desk.token(&request(1));
    let verdict = desk.judges(&token, &request(1), Some(&other_digits(&token)), NOW);
    assert!(matches!(verdict, AccountVerdict::Accepted(_)));
}

#[test]
fn digits_are_guessed_once_for_each_approval() {
    let mut desk = Desk::at(ELSEWHERE);
    let token = desk.token(&request(1));
    let wrong = other_digits(&token);
    let verdict = desk.judges(&token, &request(1), Some(&wrong), NOW);
    assert_eq!(verdict, AccountVerdict::WrongDigits);
    let right = CheckDigits::of(&token);
    for typed in [None, Some(right.digits())] {
        let verdict = desk.judges(&token, &request(1), typed, NOW);
        assert_eq!(verdict, AccountVerdict::Wrong(Fault::Used));
    }
    // Digits of a token that is wrong are not compared, and use up nothing.
    let other = desk.token_for([9; 32], |_| {});
    let verdict = desk.judges(
        &other,
        &request(2),
        Some(CheckDigits::of(&other).digits()),
        NOW,
    );
    assert_eq!(verdict, AccountVerdict::Wrong(Fault::Nonce));
}

#[test]
fn an_approval_unlocks_codes_but_ends_no_pause_that_a_report_began() {
    let mut desk = Desk::at(HERE);
    desk.state.report(HERE, ISSUED);
    let token = desk.token(&request(1));
    assert!(matches!(
        desk.judges(&token, &request(1), None, NOW),
        AccountVerdict::Accepted(_)
    ));
    let stranger = desk.state.allows_push(&desk.config, ELSEWHERE, NOW);
    assert!(stranger.is_err(), "{stranger:?}");
}
