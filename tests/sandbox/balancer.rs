//! What stands before the pages of several relays: it takes each connection to the first that answers.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use crate::outside::join;

/// Balances, as long as this process lives, from `port` to these addresses.
pub(crate) fn start(port: u16, pages: [String; 2]) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    thread::spawn(move || {
        for from in listener.incoming().map_while(Result::ok) {
            let pages = pages.clone();
            thread::spawn(move || {
                // Where no relay is, a connection closes.
                let to = pages.iter().find_map(|page| TcpStream::connect(page).ok());
                to.map(|to| join(&from, &to))
            });
        }
    });
}
