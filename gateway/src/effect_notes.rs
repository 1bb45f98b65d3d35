//! What the gateway keeps of an effect once it is committed.

use crate::edge::Place;
use crate::effect::OFFLINE;

/// Fresh FIX messages that one effect may hold. The most that anything causes is four: an order
/// accepted dead (New, Canceled) with a replace and a cancel waiting for their answers. A session
/// writes three at most by itself (Reject, Logout; TestRequest, Heartbeat).
const FRESH_MAX: usize = 8;

/// A message sent for the first time, to be found again when a resend asks for it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fresh {
    pub(crate) session: u16,
    pub(crate) msg_seq_num: u64,
    pub(crate) offset: u32,
    pub(crate) length: u32,
    pub(crate) is_application: bool,
    pub(crate) presence: Presence,
}

/// What an output tells of whether the member is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Nothing new.
    #[default]
    AsBefore,
    /// It went to nobody's line.
    Away,
    /// It answers his Logon.
    Back,
}

impl Presence {
    pub(crate) fn of(connection: u32, is_application: bool, bytes: &[u8]) -> Presence {
        if connection & OFFLINE != 0 {
            Presence::Away
        } else if !is_application && bytes.split(|&byte| byte == 1).nth(2) == Some(b"35=A") {
            Presence::Back
        } else {
            Presence::AsBefore
        }
    }
}

/// What the gateway keeps of an effect once it is committed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Notes {
    fresh: [Fresh; FRESH_MAX],
    fresh_count: usize,
    /// Bytes per connection; an effect speaks to a member and to one venue at most, because each
    /// order has one member and settling writes one effect for each order.
    sent: [(u32, usize); 2],
    pub(crate) outputs: usize,
}

impl Notes {
    pub(crate) fn fresh(&self) -> &[Fresh] {
        self.fresh.get(..self.fresh_count).unwrap_or(&[])
    }

    /// Whether anything was said to anyone, be it only for the record.
    pub(crate) fn is_silent(&self) -> bool {
        self.outputs == 0
    }

    pub(crate) fn sent(&self) -> impl Iterator<Item = (u32, usize)> {
        self.sent.into_iter().filter(|&(_, bytes)| bytes > 0)
    }

    pub(crate) fn note_sent(&mut self, connection: u32, bytes: usize) {
        for slot in &mut self.sent {
            if slot.1 == 0 || slot.0 == connection {
                *slot = (connection, slot.1 + bytes);
                return;
            }
        }
        debug_assert!(false, "an effect speaks to two peers at most");
    }

    pub(crate) fn note_fresh(&mut self, fresh: Fresh) {
        if let Some(slot) = self.fresh.get_mut(self.fresh_count) {
            *slot = fresh;
            self.fresh_count += 1;
        } else {
            debug_assert!(false, "more fresh messages than one effect may hold");
        }
    }
}

/// Where a fresh message lies in the chain.
pub(crate) fn place_of(effect: Place, fresh: &Fresh) -> Place {
    Place {
        segment: effect.segment,
        offset: effect.offset + fresh.offset,
    }
}
