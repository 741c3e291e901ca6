//! Messages cost money: so many and no more, whatever is restarted.

use std::io::Read;
use std::process::Stdio;

use antiphon_core::wire::{FromDaemon, ToDaemon, Undelivered};
use antiphon_tests::World;

use super::{call, credentials, elks, not, send, sms, taken};
use crate::daemon::in_house;
use crate::server::{Reply, Server};
use crate::{Daemon, Root};

fn start(world: &World, gateway: &Server, ceilings: &str) -> Daemon {
    let environment = [credentials(world, elks::CREDENTIALS), gateway.trusted()];
    let open = elks::configuration(gateway);
    let (_, gateways) = open.split_once("[gateway.sms]").unwrap();
    let configuration =
        format!("[telephone]\nsms = true\ncall = true\n{ceilings}\n[gateway.sms]{gateways}");
    Daemon::start_with(world, &configuration, &environment)
}

fn of(user: &str) -> FromDaemon {
    let mut deliver = sms();
    deliver.user = user.into();
    send(deliver)
}

#[test]
fn a_persons_texts_and_calls_are_counted_together() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let daemon = start(world, &gateway, "");
        for message in [sms(), call(), sms()] {
            assert_eq!(send(message), taken());
        }
        assert_eq!(send(sms()), not(Undelivered::Ceiling));
        assert_eq!(send(call()), not(Undelivered::Ceiling));
        daemon.expect_log("was not sent: telephone.most_in_ten_minutes is reached");
        assert_eq!(of("bob"), taken());
    });
}

#[test]
fn the_computers_ceiling_holds_over_restarts_and_kills() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let ceilings = "most_a_day_on_this_host = 3";
        let daemon = start(world, &gateway, ceilings);
        assert_eq!(of("alice"), taken());
        assert!(daemon.terminate().success());
        let daemon = start(world, &gateway, ceilings);
        assert_eq!(of("bob"), taken());
        // Killed while a message is under way: that one is counted.
        for _ in 0..2 {
            gateway.next();
        }
        gateway.answer_with(|_| Reply::Silence);
        let _under_way = Root::say(&ToDaemon::Deliver(sms()));
        gateway.next();
        drop(daemon);
        gateway.answer_with(elks::elks);
        let daemon = start(world, &gateway, ceilings);
        assert_eq!(of("carol"), not(Undelivered::Ceiling));
        daemon.expect_log("telephone.most_a_day_on_this_host is reached");
        assert!(gateway.is_idle());
    });
}

#[test]
fn of_thirty_two_at_once_no_more_are_sent_than_are_paid_for() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let _daemon = start(world, &gateway, "most_in_ten_minutes = 5");
        let mut all: Vec<_> = (0..32)
            .map(|_| Root::say(&ToDaemon::Deliver(sms())))
            .collect();
        let said: Vec<_> = all.iter_mut().map(|root| root.hear().unwrap()).collect();
        let count = |what: FromDaemon| said.iter().filter(|said| **said == what).count();
        assert_eq!(count(taken()), 5);
        assert_eq!(count(not(Undelivered::Ceiling)), 27);
        for _ in 0..5 {
            gateway.next();
        }
        assert!(gateway.is_idle());
    });
}

#[test]
fn without_a_store_nothing_is_sent() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let daemon = start(world, &gateway, "");
        let database = format!("{}/antiphond.db", crate::daemon::STATE);
        // Another process holds the lock that a writer needs.
        let script = format!(
            "import sqlite3\nc = sqlite3.connect('{database}', isolation_level=None)\n\
             c.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\ninput()"
        );
        let mut python = world.command("python3");
        let python = python.args(["-c", &script]).stdin(Stdio::piped());
        let mut lock = python.stdout(Stdio::piped()).spawn().unwrap();
        let mut held = [0; 4];
        lock.stdout.as_mut().unwrap().read_exact(&mut held).unwrap();
        assert_eq!(send(sms()), not(Undelivered::NoAnswer));
        daemon.expect_log("was not sent: the store cannot be used now");
        assert!(gateway.is_idle());
        lock.kill().unwrap();
        lock.wait().unwrap();
        assert_eq!(send(sms()), taken());
    });
}
