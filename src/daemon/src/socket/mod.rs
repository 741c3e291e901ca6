//! The Unix socket: root's side. Only root is listened to; a connection is one sign-in, one enrolment or one removal,
//! and when it goes, what it asked for goes with it.

mod connection;
mod delivery;
mod enrolment;
mod forgetting;
mod frames;
mod listener;
mod pause;
mod persons;
mod sign_in;
mod subordinate;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

pub(crate) use listener::{Open, bind};
pub(crate) use persons::serve as serve_persons;

use crate::exchange::Exchange;
use crate::seldom::Seldom;

/// Sign-ins and enrolments at once.
const MOST: usize = 20_000;

/// Takes connections until the daemon ends.
pub(crate) async fn serve(listener: UnixListener, exchange: Arc<Exchange>) {
    let seats = Arc::new(Semaphore::new(MOST));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = exchange.closing() => return,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, as a rule: some come back.
                static SELDOM: Seldom = Seldom::once_a_minute();
                SELDOM.fail(format_args!("the socket takes no connection: {error}"));
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if let Err(why) = is_root(&stream) {
            static SELDOM: Seldom = Seldom::new();
            SELDOM.warn(format_args!("a connection was refused: {why}"));
            continue;
        }
        // With no seat left the connection is closed, and the sign-in asks for a code.
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            static SELDOM: Seldom = Seldom::once_a_minute();
            SELDOM.warn(format_args!(
                "{MOST} sign-ins and enrolments are open, all that are taken; further ones get no phone"
            ));
            continue;
        };
        let exchange = Arc::clone(&exchange);
        tokio::spawn(async move {
            connection::carry(stream, exchange).await;
            drop(seat);
        });
    }
}

fn is_root(stream: &UnixStream) -> io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    if uid == 0 {
        return Ok(());
    }
    Err(io::Error::other(format!("user id {uid} is not root")))
}
