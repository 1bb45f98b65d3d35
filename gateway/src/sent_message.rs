//! Where one message that a session sent lies, and the sixteen bytes that say it in the index.

use crate::edge::Place;

/// Number and segment, offset and length with two bits for the kind: sixteen bytes, all
/// zero where nothing is, as no message has number 0.
pub(crate) type Entry = [u64; 2];

pub(crate) const NOTHING: Entry = [0; 2];

/// Where a message lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SentMessage {
    pub(crate) place: Place,
    pub(crate) length: u32,
    pub(crate) kind: SentKind,
}

/// What a resend makes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SentKind {
    /// A gap fill.
    Administrative,
    /// The message again.
    Application,
    /// The same of one that was written under another number, in an earlier window.
    Renumbered,
}

impl SentKind {
    pub(crate) const fn of(is_application: bool) -> SentKind {
        if is_application {
            SentKind::Application
        } else {
            SentKind::Administrative
        }
    }

    /// As a snapshot carries it.
    pub(crate) const fn to_byte(self) -> u8 {
        match self {
            SentKind::Administrative => 0,
            SentKind::Application => 1,
            SentKind::Renumbered => 2,
        }
    }

    /// Reads a snapshot's byte.
    pub(crate) const fn from_byte(byte: u8) -> Option<SentKind> {
        match byte {
            0 => Some(SentKind::Administrative),
            1 => Some(SentKind::Application),
            2 => Some(SentKind::Renumbered),
            _ => None,
        }
    }

    const fn of_bits(bits: u64) -> SentKind {
        match bits & 3 {
            0 => SentKind::Administrative,
            1 => SentKind::Application,
            _ => SentKind::Renumbered,
        }
    }
}

impl SentMessage {
    /// A number that stands for nothing.
    pub(crate) const GAP_FILL: SentMessage = SentMessage {
        place: Place {
            segment: 0,
            offset: 0,
        },
        length: 0,
        kind: SentKind::Administrative,
    };

    /// The same under another number than its own.
    pub(crate) const fn renumbered(mut self) -> SentMessage {
        self.kind = match self.kind {
            SentKind::Administrative => SentKind::Administrative,
            SentKind::Application | SentKind::Renumbered => SentKind::Renumbered,
        };
        self
    }

    pub(crate) fn to_entry(self, msg_seq_num: u64) -> Entry {
        let SentMessage {
            place: Place { segment, offset },
            length,
            kind,
        } = self;
        let tail = u64::from(length) << 2 | u64::from(kind.to_byte());
        [
            u64::from(segment) << 32 | (msg_seq_num & LOW),
            u64::from(offset) << 32 | (tail & LOW),
        ]
    }

    pub(crate) fn of_entry([head, tail]: Entry, msg_seq_num: u64) -> Option<SentMessage> {
        (head & LOW == msg_seq_num && msg_seq_num != 0).then(|| SentMessage {
            place: Place {
                segment: upper(head),
                offset: upper(tail),
            },
            length: upper(tail << 32) >> 2,
            kind: SentKind::of_bits(tail),
        })
    }
}

pub(crate) const LOW: u64 = u32::MAX as u64;

fn upper(word: u64) -> u32 {
    u32::try_from(word >> 32).unwrap_or(0)
}
