//! The Unix socket for root. Only root is served; a connection is one sign-in, enrolment, removal, code for a telephone
//! or question about a pause, and closing it withdraws whatever was requested on it.

mod account_ticket;
mod connection;
mod enrolment;
mod frames;
mod listener;
mod persons;
mod sign_in;
mod subordinate;
mod waiting;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

pub(crate) use connection::carry_remote;
pub(crate) use listener::{Open, bind};
pub(crate) use persons::serve as serve_persons;

use crate::exchange::Exchange;
use crate::seldom::Seldom;

/// Most sign-ins and enrolments at once.
const MOST: usize = 20_000;

/// Accepts connections of root until the daemon shuts down.
pub(crate) async fn serve_root(listener: UnixListener, exchange: Arc<Exchange>) {
    let closing = {
        let exchange = Arc::clone(&exchange);
        async move { exchange.closing().await }
    };
    serve(listener, closing, move |stream| {
        connection::carry_root(stream, Arc::clone(&exchange))
    })
    .await;
}

/// Accepts connections of root, and has each of them carried, until `closing`.
pub(crate) async fn serve<C: Future<Output = ()> + Send>(
    listener: UnixListener,
    closing: impl Future<Output = ()>,
    carry: impl Fn(UnixStream) -> C + Clone + Send + 'static,
) {
    let mut closing = std::pin::pin!(closing);
    let seats = Arc::new(Semaphore::new(MOST));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut closing => return,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Usually out of file descriptors: some will be freed.
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
        // Without a free seat the connection is closed, and the sign-in asks for a code.
        let Ok(seat) = Arc::clone(&seats).try_acquire_owned() else {
            static SELDOM: Seldom = Seldom::once_a_minute();
            SELDOM.warn(format_args!(
                "{MOST} sign-ins and enrolments are open, all that are taken; further ones get no phone"
            ));
            continue;
        };
        let carry = carry.clone();
        tokio::spawn(async move {
            // Made here: a future that is moved into the task takes its space twice there, and thousands wait.
            carry(stream).await;
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
