//! The page's reader of the event stream, against relays that are out of order.

use serde_json::{Value, json};

use crate::browser::{Browser, Taste};
use crate::stub::Stub;

/// Opens the inbox against a relay whose streams are made by `stream`, a function in JavaScript; `and` makes the promise whose
/// value is returned. Time passes at once, and `pauses` has what was waited for between two connections.
fn inbox(stream: &str, and: &str) -> Value {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    browser.go(&stub.origin);
    let script = format!(
        "const pauses = [], signals = [], events = [];
         const real = setTimeout;
         const stream = {stream};
         return import('/relays.js').then(async ({{ PATIENCE }}) => {{
           window.setTimeout = (then, pause) => {{
             // How long the relay may take to answer at all.
             if (pause === PATIENCE) return undefined;
             pauses.push(pause);
             return real(then, 0);
           }};
           window.fetch = async (_, {{ signal }}) => {{
             signals.push(signal);
             return new Response(stream(signal));
           }};
           const {{ openInbox }} = await import('/inbox.js');
           return new Promise((resolve) => {{
             let lost = 0;
             const inbox = openInbox('token', {{
               open() {{}}, unknown() {{}}, complete() {{}},
               event(name, data) {{ events.push([name, data]); }},
               lost() {{
                 lost += 1;
                 ({and})(lost, (value) => {{ inbox.close(); resolve(value); }});
               }},
             }});
           }});
         }});"
    );
    browser.run(&script, &[])
}

#[test]
fn a_relay_that_opens_streams_and_ends_them_at_once_is_asked_ever_more_seldom() {
    const TEN: &str = "(lost, end) => { if (lost === 10) end(pauses.at(-1)); }";
    let of = |words: &str| {
        let stream = format!(
            "() => new ReadableStream({{ start(to) {{
               for (const word of {words}) to.enqueue(new TextEncoder().encode(word));
               to.close();
             }} }})"
        );
        inbox(&stream, TEN).as_f64().unwrap()
    };
    assert!(of("[]") >= 4_000.0);
    assert!(of("['data: half of an event']") >= 4_000.0);
    // One that has told something is looked for at once.
    for told in ["[':\\n\\n']", "['event: gone\\ndata: {}\\n\\n']"] {
        assert!(of(told) <= 500.0, "{told}");
    }
}

#[test]
fn an_event_without_end_is_not_kept_and_its_connection_is_given_up() {
    const SIZE: u64 = 4_000_000;
    for line in ["data: xxxxxxxxxxxxxxxxxxxx\\n", "xxxxxxxxxxxxxxxxxxxx"] {
        let stream = format!(
            "() => new ReadableStream({{ pull(to) {{
               const piece = '{line}'.repeat(50);
               pulled += piece.length;
               if (pulled > {SIZE}) to.close();
               else to.enqueue(new TextEncoder().encode(piece));
             }} }})"
        );
        let stream = format!("(() => {{ window.pulled = 0; return {stream}; }})()");
        let read = inbox(
            &stream,
            "(lost, end) => end([pulled, signals[0].aborted, events.length])",
        );
        assert!(read[0].as_u64().unwrap() < SIZE / 10, "{line}: {read}");
        assert_eq!((&read[1], &read[2]), (&json!(true), &json!(0)), "{line}");
    }
}
