//! What the session's tests share: a sink, a store of sent messages, and messages made from
//! readable text.
#![allow(dead_code, reason = "each test binary uses its part")]

use gwanmun_fix::session::{History, Past};
use gwanmun_fix::{Frame, Index, Message, Sent, Sink, frame};

/// 2026-01-05 00:00:00 UTC.
pub(crate) const START_NS: u64 = 1_767_571_200_000_000_000;
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// A sink that keeps every message, in a room whose size a test may change.
pub(crate) struct Outbox {
    room: Vec<u8>,
    pub(crate) room_bytes: usize,
    /// With so many messages in it there is no room at all.
    pub(crate) commits_max: usize,
    pub(crate) messages: Vec<(Sent, Vec<u8>)>,
}

impl Outbox {
    pub(crate) fn new() -> Outbox {
        Outbox {
            room: vec![0; 16 * 1024],
            room_bytes: 16 * 1024,
            commits_max: usize::MAX,
            messages: Vec::new(),
        }
    }

    pub(crate) fn take(&mut self) -> Vec<(Sent, Vec<u8>)> {
        std::mem::take(&mut self.messages)
    }
}

impl Sink for Outbox {
    fn room(&mut self) -> &mut [u8] {
        let has_room = self.messages.len() < self.commits_max;
        &mut self.room[..if has_room { self.room_bytes } else { 0 }]
    }

    fn commit(&mut self, sent: Sent) {
        let bytes = self.room[..sent.length].to_vec();
        assert_eq!(
            frame::frame(&bytes, 16 * 1024),
            Frame::Whole {
                length: sent.length
            }
        );
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).expect("what we write can be read");
        assert_eq!(message.msg_seq_num(), Ok(sent.msg_seq_num));
        assert_eq!(message.poss_dup_flag(), sent.is_resend);
        self.messages.push((sent, bytes));
    }
}

/// Everything first sent, by number.
#[derive(Default)]
pub(crate) struct Store {
    sent: Vec<Option<Vec<u8>>>,
    /// Numbers that are said to be elsewhere.
    pub(crate) elsewhere: std::ops::Range<u64>,
}

impl Store {
    /// Keeps a message under its number; numbers come without holes, or from 1 again after a reset.
    pub(crate) fn keep(&mut self, sent: Sent, bytes: &[u8]) {
        if sent.is_resend {
            return;
        }
        let number = usize::try_from(sent.msg_seq_num).unwrap();
        if number == 1 {
            self.sent.clear();
        }
        assert_eq!(number, self.sent.len() + 1, "numbers sent have no holes");
        self.sent.push(sent.is_application.then(|| bytes.to_vec()));
    }

    /// Fills in administrative messages that a script says were sent before it begins.
    pub(crate) fn begin_at(&mut self, next_out: u64) {
        self.sent = vec![None; usize::try_from(next_out - 1).unwrap()];
    }
}

impl History for Store {
    fn sent(&self, msg_seq_num: u64) -> Past<'_> {
        if self.elsewhere.contains(&msg_seq_num) {
            return Past::Elsewhere;
        }
        let slot = usize::try_from(msg_seq_num - 1).unwrap();
        match self.sent.get(slot).expect("asked only for what was sent") {
            Some(bytes) => Past::Application(bytes),
            None => Past::Administrative,
        }
    }
}

/// A whole message from body text such as `35=0|34=2|`, with BodyLength(9) and CheckSum(10) made to
/// fit.
pub(crate) fn whole(begin_string: &str, body: &str) -> Vec<u8> {
    let mut body = body.replace('|', "\u{1}");
    if !body.ends_with('\u{1}') {
        body.push('\u{1}');
    }
    let mut bytes = format!("8={begin_string}\u{1}9={}\u{1}{body}", body.len()).into_bytes();
    let sum = bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 256;
    bytes.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
    bytes
}

/// A UTCTimestamp.
pub(crate) fn timestamp(ns: u64) -> String {
    let mut text = [0; gwanmun_fix::time::TIMESTAMP_BYTES_MAX];
    let precision = gwanmun_fix::time::Precision::Nanoseconds;
    let length = gwanmun_fix::time::write_utc_timestamp(ns, precision, &mut text);
    String::from_utf8(text[..length].to_vec()).unwrap()
}

/// Readable form: `|` for SOH, other control bytes escaped.
pub(crate) fn readable(bytes: &[u8]) -> String {
    bytes
        .split(|byte| *byte == 1)
        .map(|field| format!("{}|", field.escape_ascii()))
        .collect()
}

/// A small generator of repeatable choices (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Whether something that happens once in `times` happens now.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// The seed of a run: `GWANMUN_SEED` where it is set, else the given one.
pub(crate) fn seed(default: u64) -> u64 {
    std::env::var("GWANMUN_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
