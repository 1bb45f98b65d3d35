//! Stop 13: one effect record, built in place in the journal's own room.
//!
//! An effect is a list of entries: outputs (bytes for one peer) and state images. Restart puts the
//! images back, replay compares every byte, the capture thread turns outputs into packets. The tags
//! below are the gateway's own; how entries are framed is told in `captures/FORMAT.md`.

use gwanmun_captures::effect::{self, EffectWriter};
use gwanmun_fix::session::{Numbers, ROOM_BYTES_MIN};
use gwanmun_fix::{Sent, Sink};
use gwanmun_market::{ClOrdId, OrderId, Refusal};

use crate::edge::{EFFECT_BYTES_MAX, Place};
use crate::image::ImageWriter;
use crate::orders::{ORDER_IMAGE_BYTES, Order, SlotIndex};
use crate::positions::{POSITION_IMAGE_BYTES, Position};

/// Sequence numbers of a member session: session u16, next_in u64, next_out u64.
pub const TAG_NUMBERS: u8 = 2;
/// An order: slot u32, then its image.
pub const TAG_ORDER: u8 = 3;
/// A position's image.
pub const TAG_POSITION: u8 = 4;
/// The line to a venue: venue u16, next sequence number u64, open AccountQueries u32, its session's
/// name as text.
pub const TAG_VENUE: u8 = 5;
/// The gateway's counters: next OrderID u64, next ExecID u64, and of one venue its index u16 and
/// its next UserRefNum u32.
pub const TAG_COUNTERS: u8 = 6;
/// A verdict: GateCode u16 (zero: passed), limit i64, observed i64, OrderID and ClOrdID as texts.
pub const TAG_VERDICT: u8 = 7;
/// A ClOrdID used up: session u16, slot u32, text.
pub const TAG_CL_ORD_ID: u8 = 8;

/// A FIX venue's sequence numbers: venue u16, next_in u64, next_out u64.
pub const TAG_VENUE_NUMBERS: u8 = 32;

/// Connection number of an output that is on record for a member who has no line now; the session's
/// index is added.
pub const OFFLINE: u32 = 0x8000_0000;

/// Fresh FIX messages that one effect may hold. The most that anything causes is four: an order
/// accepted dead (New, Canceled) with a replace and a cancel waiting for their answers. A session
/// writes three at most by itself (Reject, Logout; TestRequest, Heartbeat).
const FRESH_MAX: usize = 8;

/// What a FIX message must leave free behind it, so that the state images of its effect always find
/// room, however much a resend has to say: two positions, an order, numbers, counters, a verdict
/// and a ClOrdID with their heads stay under it.
const STATE_BYTES_MAX: usize = 1024;

const _: () = assert!(
    2 * (POSITION_IMAGE_BYTES + 16) + (4 + ORDER_IMAGE_BYTES + 16) + 2 * 18 + 22 + 66 + 39 + 5 * 16
        < STATE_BYTES_MAX
);
const _: () = assert!(STATE_BYTES_MAX + 2 * ROOM_BYTES_MIN < EFFECT_BYTES_MAX);

/// A message sent for the first time, to be found again when a resend asks for it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fresh {
    pub(crate) session: u16,
    pub(crate) msg_seq_num: u64,
    pub(crate) offset: u32,
    pub(crate) length: u32,
    pub(crate) is_application: bool,
}

/// What the gateway keeps of an effect once it is committed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Notes {
    fresh: [Fresh; FRESH_MAX],
    fresh_count: usize,
    /// Bytes per connection; an effect speaks to a member and to one venue at most, because each
    /// order has one member and settling writes one effect for each order.
    sent: [(u32, usize); 2],
    outputs: usize,
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

    fn note_sent(&mut self, connection: u32, bytes: usize) {
        for slot in &mut self.sent {
            if slot.1 == 0 || slot.0 == connection {
                *slot = (connection, slot.1 + bytes);
                return;
            }
        }
        debug_assert!(false, "an effect speaks to two peers at most");
    }

    fn note_fresh(&mut self, fresh: Fresh) {
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

/// Builds one effect.
pub(crate) struct EffectBuilder<'a> {
    writer: EffectWriter<'a>,
    notes: Notes,
}

impl<'a> EffectBuilder<'a> {
    pub(crate) fn new(room: &'a mut [u8]) -> EffectBuilder<'a> {
        debug_assert!(room.len() >= EFFECT_BYTES_MAX);
        // Not a byte more than promised, whatever was lent: how much a resend puts into one effect
        // must be the same in a replay.
        let room_bytes = room.len().min(EFFECT_BYTES_MAX);
        let (room, _) = room.split_at_mut(room_bytes);
        EffectBuilder {
            writer: EffectWriter::new(room),
            notes: Notes::default(),
        }
    }

    pub(crate) fn finish(self) -> (usize, Notes) {
        (self.writer.used(), self.notes)
    }

    /// Adds bytes for one peer, written by `encode` straight into the record. Nothing is added when
    /// it has no room or nothing to say.
    pub(crate) fn output(
        &mut self,
        connection: u32,
        flags: u8,
        encode: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<usize> {
        let length = encode(self.writer.room())?;
        self.writer
            .commit_output(connection, 0, flags, length)
            .ok()?;
        self.notes.outputs += 1;
        self.notes.note_sent(connection, length);
        Some(length)
    }

    fn image<const N: usize>(&mut self, tag: u8, write: impl FnOnce(&mut ImageWriter<'_>)) {
        let mut writer = ImageWriter::new(self.writer.state_room(N));
        write(&mut writer);
        let length = writer.finish();
        debug_assert!(length.is_some(), "an image outgrew its constant");
        let put = length.map(|length| self.writer.commit_state(tag, length));
        debug_assert!(
            matches!(put, Some(Ok(()))),
            "an effect outgrew EFFECT_BYTES_MAX"
        );
    }

    pub(crate) fn numbers(&mut self, session: u16, next_in: u64, next_out: u64) {
        self.image::<18>(TAG_NUMBERS, |image| {
            image.u16(session);
            image.u64(next_in);
            image.u64(next_out);
        });
    }

    pub(crate) fn order(&mut self, slot: SlotIndex, order: &Order) {
        self.image::<{ 4 + ORDER_IMAGE_BYTES }>(TAG_ORDER, |image| {
            image.u32(slot.0);
            order.write_image(image);
        });
    }

    pub(crate) fn position(&mut self, position: &Position) {
        self.image::<POSITION_IMAGE_BYTES>(TAG_POSITION, |image| position.write_image(image));
    }

    pub(crate) fn venue(
        &mut self,
        venue: u16,
        (next_sequence_number, queries_open): (u64, u32),
        session: &gwanmun_market::Text<10>,
    ) {
        self.image::<25>(TAG_VENUE, |image| {
            image.u16(venue);
            image.u64(next_sequence_number);
            image.u32(queries_open);
            image.text(session);
        });
    }

    pub(crate) fn venue_numbers(&mut self, venue: u16, numbers: Numbers) {
        self.image::<18>(TAG_VENUE_NUMBERS, |image| {
            image.u16(venue);
            image.u64(numbers.next_in);
            image.u64(numbers.next_out);
        });
    }

    pub(crate) fn counters(
        &mut self,
        (next_order, next_exec): (u64, u64),
        (venue, next_user_ref_num): (u16, u32),
    ) {
        self.image::<22>(TAG_COUNTERS, |image| {
            image.u64(next_order);
            image.u64(next_exec);
            image.u16(venue);
            image.u32(next_user_ref_num);
        });
    }

    pub(crate) fn verdict(
        &mut self,
        refusal: Option<Refusal>,
        order_id: &OrderId,
        cl_ord_id: &ClOrdId,
    ) {
        self.image::<66>(TAG_VERDICT, |image| {
            image.u16(refusal.map_or(0, |no| no.code.number()));
            image.i64(refusal.map_or(0, |no| no.limit));
            image.i64(refusal.map_or(0, |no| no.observed));
            image.text(order_id);
            image.text(cl_ord_id);
        });
    }

    pub(crate) fn cl_ord_id(&mut self, session: u16, slot: SlotIndex, cl_ord_id: &ClOrdId) {
        self.image::<39>(TAG_CL_ORD_ID, |image| {
            image.u16(session);
            image.u32(slot.0);
            image.text(cl_ord_id);
        });
    }

    /// A sink for FIX messages of one session.
    pub(crate) fn member(&mut self, session: u16, connection: Option<u32>) -> MemberSink<'_, 'a> {
        let connection = connection.unwrap_or(OFFLINE | u32::from(session));
        MemberSink {
            effect: self,
            session,
            connection,
        }
    }
}

impl<'a> EffectBuilder<'a> {
    /// A sink for FIX messages to a venue.
    pub(crate) fn venue_sink(&mut self, connection: u32) -> VenueSink<'_, 'a> {
        VenueSink {
            effect: self,
            connection,
            flags: 0,
        }
    }
}

/// Takes FIX messages to one venue into the effect. They carry no number of their own on record:
/// none is ever sent again.
pub(crate) struct VenueSink<'b, 'a> {
    effect: &'b mut EffectBuilder<'a>,
    connection: u32,
    flags: u8,
}

impl VenueSink<'_, '_> {
    /// The same with flags on what it takes.
    pub(crate) fn flagged(self, flags: u8) -> Self {
        VenueSink { flags, ..self }
    }
}

impl Sink for VenueSink<'_, '_> {
    fn room(&mut self) -> &mut [u8] {
        message_room(self.effect)
    }

    fn commit(&mut self, sent: Sent) {
        let (connection, flags) = (self.connection, self.flags);
        let writer = &mut self.effect.writer;
        let committed = writer.commit_output(connection, 0, flags, sent.length);
        debug_assert!(committed.is_ok(), "the room lent was the room there is");
        self.effect.notes.outputs += 1;
        self.effect.notes.note_sent(connection, sent.length);
    }
}

/// Room for a message, with what state images need left free behind it.
fn message_room<'r>(effect: &'r mut EffectBuilder<'_>) -> &'r mut [u8] {
    let room = effect.writer.room();
    let for_messages = room.len().saturating_sub(STATE_BYTES_MAX);
    room.get_mut(..for_messages).unwrap_or_default()
}

/// Takes FIX messages of one member session into the effect, each as an output of its own.
pub(crate) struct MemberSink<'b, 'a> {
    effect: &'b mut EffectBuilder<'a>,
    session: u16,
    connection: u32,
}

impl Sink for MemberSink<'_, '_> {
    fn room(&mut self) -> &mut [u8] {
        message_room(self.effect)
    }

    fn commit(&mut self, sent: Sent) {
        let mut flags = 0;
        if sent.is_application {
            flags |= effect::APPLICATION;
        }
        if sent.is_resend {
            flags |= effect::RESEND;
        }
        let before = self.effect.writer.used();
        let msg_seq_num = u32::try_from(sent.msg_seq_num).unwrap_or(u32::MAX);
        let committed =
            self.effect
                .writer
                .commit_output(self.connection, msg_seq_num, flags, sent.length);
        debug_assert!(committed.is_ok(), "the room lent was the room there is");
        self.effect.notes.outputs += 1;
        if self.connection & OFFLINE == 0 {
            self.effect.notes.note_sent(self.connection, sent.length);
        }
        if !sent.is_resend {
            let offset = before + effect::ENTRY_HEAD_BYTES + effect::OUTPUT_HEAD_BYTES;
            self.effect.notes.note_fresh(Fresh {
                session: self.session,
                msg_seq_num: sent.msg_seq_num,
                offset: u32::try_from(offset).unwrap_or(u32::MAX),
                length: u32::try_from(sent.length).unwrap_or(u32::MAX),
                is_application: sent.is_application,
            });
        }
    }
}
