//! A relay that is far away: the same one, behind a line on which all takes its time. The kernel's own (tc-netem(8)) is not
//! in every kernel.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::relays::ADDRESS;

/// Listens at `port` from now on, and carries what comes to the one at `relay`, each piece `one_way` later.
pub(super) fn lengthen(port: u16, relay: u16, one_way: Duration) {
    let listener = TcpListener::bind((ADDRESS, port)).unwrap();
    thread::spawn(move || {
        for near in listener.incoming() {
            thread::spawn(move || {
                // TCP's own handshake goes there and back.
                thread::sleep(2 * one_way);
                let near = near.unwrap();
                let far = TcpStream::connect((ADDRESS, relay)).unwrap();
                carry(&near, &far, one_way);
                carry(&far, &near, one_way);
            });
        }
    });
}

/// Carries one direction, by two threads.
fn carry(from: &TcpStream, to: &TcpStream, one_way: Duration) {
    let [mut from, mut to] = [from, to].map(|stream| stream.try_clone().unwrap());
    to.set_nodelay(true).unwrap();
    let (sender, pieces) = channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut piece = [0; 16_384];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let _ = sender.send((Instant::now() + one_way, piece[..length].to_vec()));
        }
    });
    thread::spawn(move || {
        for (due, piece) in pieces {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
