//! The server's side of a WebSocket (RFC 6455), as much of it as a browser needs that talks in text.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use data_encoding::BASE64;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// Section 1.3.
const ACCEPTED_WITH: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// The last piece of a message, which is text (section 5.2).
const WHOLE_TEXT: u8 = 0x81;
const MASKED: u8 = 0x80;

/// What a browser says.
pub(crate) struct Heard(BufReader<TcpStream>);

/// What is said to it.
pub(crate) struct Saying(TcpStream);

/// Opens the connection; none if what comes is no WebSocket.
pub(crate) fn accept(stream: TcpStream) -> Option<(Heard, Saying)> {
    let mut saying = stream.try_clone().ok()?;
    let mut heard = BufReader::new(stream);
    let mut key = None;
    loop {
        let mut line = String::new();
        heard.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("sec-websocket-key") => {
                key = Some(value.to_owned());
            }
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let proof = digest(
        &SHA1_FOR_LEGACY_USE_ONLY,
        [&key?, ACCEPTED_WITH].concat().as_bytes(),
    );
    let proof = BASE64.encode(proof.as_ref());
    write!(
        saying,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {proof}\r\n\r\n"
    )
    .ok()?;
    Some((Heard(heard), Saying(saying)))
}

impl Heard {
    /// The next text; none when the browser says anything else, as that it leaves.
    pub(crate) fn text(&mut self) -> Option<String> {
        let [kind, length] = self.bytes()?;
        if kind != WHOLE_TEXT || length & MASKED == 0 {
            return None;
        }
        let length = match length & !MASKED {
            126 => u16::from_be_bytes(self.bytes()?).into(),
            127 => u64::from_be_bytes(self.bytes()?),
            short => short.into(),
        };
        let mask: [u8; 4] = self.bytes()?;
        let mut text = vec![0; length.try_into().ok()?];
        self.0.read_exact(&mut text).ok()?;
        for (byte, mask) in text.iter_mut().zip(mask.iter().cycle()) {
            *byte ^= mask;
        }
        String::from_utf8(text).ok()
    }

    fn bytes<const COUNT: usize>(&mut self) -> Option<[u8; COUNT]> {
        let mut bytes = [0; COUNT];
        self.0.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl Saying {
    /// Says `text`; a browser that has gone does not hear it.
    pub(crate) fn text(&mut self, text: &str) {
        let mut message = vec![WHOLE_TEXT];
        match (u8::try_from(text.len()), u16::try_from(text.len())) {
            (Ok(short @ ..126), _) => message.push(short),
            (_, Ok(length)) => {
                message.push(126);
                message.extend(length.to_be_bytes());
            }
            _ => panic!("{} bytes in one message", text.len()),
        }
        message.extend(text.as_bytes());
        let _ = self.0.write_all(&message);
    }
}
