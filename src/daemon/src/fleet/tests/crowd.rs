//! When all hosts come at once, each is served that can be served while its module waits.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::wire::{HostRole, Peer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::sleep;
use tokio_rustls::rustls::ClientConnection;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

use super::super::host_door::{Arrival, peer, welcome};
use super::super::lately::Lately;
use super::{DB7, Identity, RELAY, Served, ask, record_of};
use crate::clock;
use crate::store::Store;

#[tokio::test(start_paused = true)]
async fn a_host_waits_for_a_busy_store_as_long_as_its_module_waits_for_it() {
    let served = Served::new().await;
    served.join(DB7, HostRole::Host, &[]).await;
    let certificate = certificate(&served, DB7);
    let lately = Arc::<Lately>::default();
    let get_in = || peer(Some(certificate.clone()), &lately, &served.exchange);
    served.store.slow_down(Duration::from_secs(60));
    assert!(get_in().await.is_err());
    served.store.slow_down(Duration::from_millis(2500));
    let host = Ok(Peer::Host {
        name: DB7.into(),
        role: HostRole::Host,
    });
    assert_eq!(get_in().await, host);
    // Once it is known, it does not depend on the store.
    served.store.slow_down(Duration::from_secs(60));
    assert_eq!(get_in().await, host);
}

#[tokio::test(start_paused = true)]
async fn hosts_that_come_at_once_are_noted_by_one_write() {
    let served = Served::new().await;
    let lately = Arc::default();
    let names = [DB7, "web1", "web2"];
    for name in names {
        served.join(name, HostRole::Host, &[]).await;
    }
    // One comes twice.
    for name in names.into_iter().chain([DB7]) {
        let certificate = certificate(&served, name);
        assert!(
            peer(Some(certificate), &lately, &served.exchange)
                .await
                .is_ok()
        );
        yield_now().await;
    }
    sleep(Duration::from_secs(60)).await;
    let noted = served.store.noted().into_iter();
    let noted: Vec<BTreeSet<_>> = noted.map(BTreeSet::from_iter).collect();
    assert_eq!(noted, [names.map(str::to_owned).into()]);
}

#[tokio::test]
async fn a_relay_that_takes_its_time_is_not_given_up_for_the_next_one() {
    let served = Served::new().await;
    let (busy, silent) = (listener().await, listener().await);
    let relays = [&busy, &silent].map(|relay| relay.local_addr().unwrap().to_string());
    let relays: Vec<&str> = relays.iter().map(String::as_str).collect();
    let host = served.join(DB7, HostRole::Host, &relays).await;
    // The busy one answers the second connection only when the host has turned to the silent one as well.
    let may_answer = Arc::new(Semaphore::new(1));
    let relay = served.address.clone();
    let answering = Arc::clone(&may_answer);
    tokio::spawn(async move {
        loop {
            let (mut near, _) = busy.accept().await.unwrap();
            answering.acquire().await.unwrap().forget();
            let mut far = TcpStream::connect(&relay).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    // From now on it is asked first.
    assert!(host.dial_at(0).await.is_some());
    tokio::spawn(async move {
        let _held = silent.accept().await.unwrap();
        may_answer.add_permits(1);
        std::future::pending::<()>().await;
    });
    assert!(ask(&host, &record_of("anna")).await.is_some());
}

#[tokio::test]
async fn a_host_that_has_given_up_costs_no_handshake() {
    let served = Served::new().await;
    served.join(DB7, HostRole::Host, &[]).await;
    let load = |name| Identity::load(&served.folder.join(name)).unwrap();
    let (host, relay) = (load(DB7).connector().unwrap(), load(RELAY).acceptor());
    let acceptor = relay.unwrap();
    let lately = Arc::<Lately>::default();
    let door = listener().await;
    for has_given_up in [false, true] {
        let name = ServerName::try_from(RELAY).unwrap();
        let mut hello = Vec::new();
        let mut tls = ClientConnection::new(Arc::clone(host.config()), name).unwrap();
        tls.write_tls(&mut hello).unwrap();
        let connecting = TcpStream::connect(door.local_addr().unwrap());
        let (near, accepted) = tokio::join!(connecting, door.accept());
        let (mut near, (stream, from)) = (near.unwrap(), accepted.unwrap());
        near.write_all(&hello).await.unwrap();
        if has_given_up {
            near.shutdown().await.unwrap();
            // Until the relay can know.
            let is_read_closed = async || {
                let ready = stream.ready(Interest::READABLE).await;
                ready.unwrap().is_read_closed()
            };
            while !is_read_closed().await {
                yield_now().await;
            }
        }
        let arrival = Arrival {
            stream,
            from: from.ip(),
            lately: &lately,
        };
        let mut answer = [0];
        let (read, ()) = tokio::join!(
            async {
                let read = near.read(&mut answer).await;
                // And ends.
                drop(near);
                read
            },
            welcome(arrival, acceptor.clone(), &served.exchange, || ()),
        );
        assert_eq!(read.unwrap_or_default() == 0, has_given_up);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_store_is_heard_at_the_next_connection() {
    let served = Served::new().await;
    served.join(DB7, HostRole::Enrol, &[]).await;
    let certificate = certificate(&served, DB7);
    let lately = Arc::<Lately>::default();
    let get_in = || peer(Some(certificate.clone()), &lately, &served.exchange);
    assert!(get_in().await.is_ok());
    served.store.slow_down(Duration::from_millis(700));
    assert_eq!(served.store.revoke(DB7, clock::now()).await, Ok(true));
    // As if the store were away: nobody waits so long for it. But what it says is heard.
    assert!(get_in().await.is_ok());
    for _ in 0..3 {
        sleep(Duration::from_secs(60)).await;
        assert!(get_in().await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_whose_clock_is_ahead_is_not_written_at_each_connection() {
    let served = Served::new().await;
    served.join(DB7, HostRole::Host, &[]).await;
    let certificate = certificate(&served, DB7);
    let (lately, ahead) = (Arc::default(), clock::now().plus(600));
    served.store.seen(vec![DB7.into()], ahead).await.unwrap();
    assert!(
        peer(Some(certificate), &lately, &served.exchange)
            .await
            .is_ok()
    );
    sleep(Duration::from_secs(60)).await;
    assert_eq!(served.store.noted().len(), 1);
}

fn certificate(served: &Served, name: &str) -> CertificateDer<'static> {
    let path = served.folder.join(name).join("host.pem");
    CertificateDer::from_pem_slice(&fs::read(path).unwrap()).unwrap()
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[tokio::test]
async fn a_sign_in_that_waits_takes_little_space() {
    let served = Served::new().await;
    let acceptor = Identity::load(&served.folder.join(RELAY))
        .unwrap()
        .acceptor();
    let lately = Arc::default();
    let arrival = Arrival {
        stream: TcpStream::connect(&served.address).await.unwrap(),
        from: [127, 0, 0, 1].into(),
        lately: &lately,
    };
    let carried = welcome(arrival, acceptor.unwrap(), &served.exchange, || ());
    assert!(size_of_val(&carried) <= 2048, "{}", size_of_val(&carried));
}
