//! Stop 13: one effect record, built in place in the journal's own room.
//!
//! An effect is a list of entries: outputs (bytes for one peer) and state images. Restart puts the
//! images back, replay compares every byte, the capture thread turns outputs into packets. The tags
//! below are the gateway's own; how entries are framed is told in `captures/FORMAT.md`.

use gwanmun_captures::effect::{self, EffectWriter};
use gwanmun_captures::input::TABLE_HASH_BYTES;
use gwanmun_fix::session::{Numbers, ROOM_BYTES_MIN};
use gwanmun_fix::{Sent, Sink};
use gwanmun_market::{ClOrdId, OrderId, Refusal};

use crate::borrow::{BORROW_IMAGE_BYTES, BorrowRequest};
use crate::edge::EFFECT_BYTES_MAX;
pub(crate) use crate::effect_notes::{Fresh, Notes, Presence, place_of};
pub use crate::effect_tags::{
    TAG_BEGUN, TAG_BORROW, TAG_CL_ORD_ID, TAG_COMMAND, TAG_COUNTERS, TAG_HALT, TAG_HALTS_TOLD,
    TAG_HELD, TAG_HOLE, TAG_LEDGER, TAG_NUMBERS, TAG_ORDER, TAG_POSITION, TAG_SESSIONS, TAG_TABLES,
    TAG_VENUE, TAG_VENUE_NUMBERS, TAG_VERDICT, TAG_WARNED, TAG_WINDOW,
};
use crate::halts::{HALT_IMAGE_BYTES, HaltImage};
use crate::holes::Hole;
use crate::image::ImageWriter;
use crate::large_orders::{HELD_IMAGE_BYTES, Held, WARNED_IMAGE_BYTES, Warned};
use crate::ledger::{SOURCES_IMAGE_BYTES, Sources};
use crate::orders::{ORDER_IMAGE_BYTES, Order, SlotIndex};
use crate::positions::{POSITION_IMAGE_BYTES, Position};
use crate::tables_command::TablesVersion;

/// Connection number of an output that is on record for a member who has no line now; the session's
/// index is added.
pub const OFFLINE: u32 = 0x8000_0000;

/// What a FIX message must leave free behind it, so that the state images of its effect always find
/// room, however much a resend has to say: two positions, an order, numbers, counters, a verdict,
/// a row of the ledger, a borrow request and a ClOrdID with their heads stay under it.
const STATE_BYTES_MAX: usize = 1024;

/// Most messages that one input causes, resends apart, which stop where the room does. The most are
/// of settling, and of a venue's report that ends an order: the replace that came late after all,
/// the order's own end, OrderCancelReject(9) for a replace and for a cancel under way, and the next
/// question to the venue.
const MESSAGES_MAX: usize = 5;

/// The largest effect: each of these messages as long as any may be, and behind each what it
/// booked. So the room that is left for the last of them is never less than a session asks for.
const _: () = assert!(
    MESSAGES_MAX
        * (ROOM_BYTES_MIN
            + 16
            + (POSITION_IMAGE_BYTES + 16)
            + (4 + ORDER_IMAGE_BYTES + 16)
            + (22 + 16)
            + (VERDICT_IMAGE_BYTES + 16)
            + (SOURCES_IMAGE_BYTES + 16)
            + (BORROW_IMAGE_BYTES + 16))
        + STATE_BYTES_MAX
        <= EFFECT_BYTES_MAX
);

const _: () = assert!(
    2 * (POSITION_IMAGE_BYTES + 16)
        + (SOURCES_IMAGE_BYTES + 16)
        + (BORROW_IMAGE_BYTES + 16)
        + (4 + ORDER_IMAGE_BYTES + 16)
        + 2 * 18
        + 22
        + VERDICT_IMAGE_BYTES
        + 39
        + 5 * 16
        < STATE_BYTES_MAX
);
const _: () = assert!(STATE_BYTES_MAX + 2 * ROOM_BYTES_MIN < EFFECT_BYTES_MAX);

/// Bytes of a verdict's image at most.
const VERDICT_IMAGE_BYTES: usize = 72;

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
        assert!(length.is_some(), "an image outgrew its constant");
        let put = length.map(|length| self.writer.commit_state(tag, length));
        // A record without it would bring back another state: rather none.
        assert!(
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

    pub(crate) fn window(&mut self, session: u16, phase: u8, (from_ns, to_ns): (u64, u64)) {
        self.image::<19>(TAG_WINDOW, |image| {
            image.u16(session);
            image.u8(phase);
            image.u64(from_ns);
            image.u64(to_ns);
        });
    }

    pub(crate) fn begun(&mut self, session: u16, from: u64) {
        self.image::<10>(TAG_BEGUN, |image| {
            image.u16(session);
            image.u64(from);
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

    pub(crate) fn ledger(&mut self, (key, sources): ((u16, u16), Sources)) {
        self.image::<SOURCES_IMAGE_BYTES>(TAG_LEDGER, |image| sources.write_image(key, image));
    }

    pub(crate) fn borrow(&mut self, request: &BorrowRequest) {
        self.image::<BORROW_IMAGE_BYTES>(TAG_BORROW, |image| request.write_image(image));
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
        (order_id, cl_ord_id): (&OrderId, &ClOrdId),
        tables: TablesVersion,
    ) {
        self.image::<VERDICT_IMAGE_BYTES>(TAG_VERDICT, |image| {
            image.u16(refusal.map_or(0, |no| no.code.number()));
            image.i64(refusal.map_or(0, |no| no.limit));
            image.i64(refusal.map_or(0, |no| no.observed));
            image.text(order_id);
            image.text(cl_ord_id);
            image.u16(tables.count);
            image.u32(tables.hash);
        });
    }

    pub(crate) fn tables(&mut self, count: u16, sha256: &[u8; TABLE_HASH_BYTES]) {
        self.image::<{ 2 + TABLE_HASH_BYTES }>(TAG_TABLES, |image| {
            image.u16(count);
            for &byte in sha256 {
                image.u8(byte);
            }
        });
    }

    pub(crate) fn cl_ord_id(&mut self, session: u16, slot: SlotIndex, cl_ord_id: &ClOrdId) {
        self.image::<39>(TAG_CL_ORD_ID, |image| {
            image.u16(session);
            image.u32(slot.0);
            image.text(cl_ord_id);
        });
    }

    pub(crate) fn halt(&mut self, halt: &HaltImage) {
        self.image::<HALT_IMAGE_BYTES>(TAG_HALT, |image| halt.write(image));
    }

    pub(crate) fn halts_told(&mut self, venue: u16, is_all: bool) {
        self.image::<3>(TAG_HALTS_TOLD, |image| {
            image.u16(venue);
            image.u8(u8::from(is_all));
        });
    }

    pub(crate) fn command(&mut self, outcome: u8) {
        self.image::<1>(TAG_COMMAND, |image| image.u8(outcome));
    }

    /// At most [`crate::ROWS_BYTES_MAX`].
    pub(crate) fn sessions(&mut self, rows: &[u8]) {
        let put = self.writer.put(TAG_SESSIONS, rows);
        debug_assert!(put.is_ok(), "the rows outgrew their constant");
    }

    /// A warning: the OrderID of the order that was warned, and of the one that confirmed it.
    pub(crate) fn warned(&mut self, warned: &Warned, (order_id, by): (&OrderId, &OrderId)) {
        self.image::<WARNED_IMAGE_BYTES>(TAG_WARNED, |image| {
            image.u32(warned.slot.0);
            image.u64(warned.since_ns);
            image.u8(u8::from(warned.is_used));
            image.text(order_id);
            image.text(by);
        });
    }

    pub(crate) fn held(&mut self, held: &Held, is_held: bool) {
        self.image::<HELD_IMAGE_BYTES>(TAG_HELD, |image| held.write_image(is_held, image));
    }

    pub(crate) fn hole(&mut self, session: u16, hole: Hole) {
        self.image::<18>(TAG_HOLE, |image| {
            image.u16(session);
            image.u64(hole.from);
            image.u64(hole.until);
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
        let bytes = self.effect.writer.room().get(..sent.length);
        let bytes = bytes.unwrap_or_default();
        let presence = Presence::of(self.connection, sent.is_application, bytes);
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
                presence,
            });
        }
    }
}
