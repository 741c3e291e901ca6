//! The state: any bytes are read or refused, what is written comes back, and a flipped bit is noticed.
//!
//! The first byte chooses: the rest is a file as it stands, or the payload of two slots with the right checksums.
#![no_main]

use antiphon_core::answer::Answer;
use antiphon_core::config::Config;
use antiphon_core::judge::{Expected, Subject, judge};
use antiphon_core::name::UserName;
use antiphon_core::origin::Origin;
use antiphon_core::record::{CodeSecret, Record};
use antiphon_core::state::{FILE_LENGTH, SLOT_LENGTH, SlotPair, State};
use antiphon_core::time::UnixTime;
use libfuzzer_sys::fuzz_target;
use xxhash_rust::xxh64::Xxh64;

const HEADER: usize = 24;
const PAYLOAD: usize = HEADER + 8;

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let file = if choice % 2 == 0 {
        rest.to_vec()
    } else {
        let payload = &rest[..rest.len().min(SLOT_LENGTH - PAYLOAD)];
        [slot(payload, 1), slot(payload, 2)].concat()
    };
    let Ok(pair) = SlotPair::decode(&file) else {
        return;
    };
    assert!(!pair.whole || (file.len() == FILE_LENGTH && pair.state.is_some()));
    let Some(state) = &pair.state else {
        return;
    };
    comes_back(&file, &pair, state);
    can_be_judged_by(state, usize::from(*choice));
});

/// Slots, as they stand on the disk, of a payload that may be anything.
fn slot(payload: &[u8], sequence: u64) -> Vec<u8> {
    let mut slot = b"ANTIPHON\0\0\0\x01".to_vec();
    slot.extend((payload.len() as u32).to_be_bytes());
    slot.extend(sequence.to_be_bytes());
    let mut checksum = Xxh64::new(0);
    checksum.update(&slot);
    checksum.update(payload);
    slot.extend(checksum.digest().to_be_bytes());
    slot.extend_from_slice(payload);
    slot.resize(SLOT_LENGTH, 0);
    slot
}

fn comes_back(file: &[u8], pair: &SlotPair, state: &State) {
    // A state that only just fitted may be longer as we write it.
    let (Ok((offset, next)), Ok(whole)) = (pair.encode_next(state), pair.encode_file(state)) else {
        return;
    };
    let mut written = file.to_vec();
    written.resize(FILE_LENGTH, 0);
    written[offset..offset + SLOT_LENGTH].copy_from_slice(&next);
    let read = SlotPair::decode(&written).unwrap();
    assert_eq!(read.state.as_ref(), Some(state));
    let read = SlotPair::decode(&whole).unwrap();
    assert!(read.whole && read.state.as_ref() == Some(state));
    // Every bit of the newer slot but the zeros after the payload, which say nothing.
    let length = u32::from_be_bytes([next[12], next[13], next[14], next[15]]) as usize;
    let bits = (PAYLOAD + length) * 8;
    for bit in (0..bits).step_by(bits / 64 + 1) {
        let mut flipped = whole.clone();
        flipped[SLOT_LENGTH + bit / 8] ^= 1 << (bit % 8);
        assert!(!SlotPair::decode(&flipped).unwrap().whole, "bit {bit}");
    }
}

/// No state, however odd, stops a judgement, and none of them makes a wrong code right.
fn can_be_judged_by(state: &State, choice: usize) {
    let mut record = Record::new(&UserName::new("alice").unwrap());
    record.code = Some(CodeSecret::usual(*b"12345678901234567890"));
    let config = Config::default();
    let now = UnixTime([0, 59, 1_111_111_109, u64::MAX][choice / 2 % 4]);
    let mut settled = state.clone();
    settled.settle(&record, &config, now, choice < 128);
    let _ = (settled.gate(&config, now), settled.recovery_left(&record));
    let subject = Subject {
        record: &record,
        config: &config,
        service: "sshd",
        origin: Origin {
            remote_host: "203.0.113.5",
            ..Origin::default()
        },
    };
    let digits = record.code.as_ref().map(|code| code.digits());
    let _ = judge(
        &Answer::parse(b"000000", digits),
        Expected::App,
        subject,
        &settled,
        now,
    );
    settled.unlock(&record, &config, now);
}
