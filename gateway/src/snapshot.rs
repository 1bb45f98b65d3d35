//! All that a restart must bring back, as one run of state entries: a snapshot's body.
//!
//! Two gateways with the same snapshot go on alike. A start takes a snapshot and then the records
//! behind it, and stands where every record of the day would have brought it. Images and tags are
//! those of effect records where there are any; the others are below. Entries come in a fixed
//! order, so that equal states are equal bytes however they came about. Not in it: market state and
//! waiting resends, which a restart begins anew; the file around it
//! ([`gwanmun_captures::snapshot`]). Cold: it allocates.

use gwanmun_captures::effect::{ENTRY_HEAD_BYTES, EffectReader, EffectWriter, Entry};
use gwanmun_market::OrderId;

use crate::edge::{EFFECT_BYTES_MAX, Place};
use crate::effect::{
    EffectBuilder, TAG_BORROW, TAG_CL_ORD_ID, TAG_COUNTERS, TAG_HALT, TAG_HELD, TAG_HOLE,
    TAG_LEDGER, TAG_NUMBERS, TAG_ORDER, TAG_POSITION, TAG_TABLES, TAG_VENUE, TAG_VENUE_NUMBERS,
    TAG_WARNED, TAG_WINDOW,
};
use crate::gateway::Gateway;
use crate::image::{ImageReader, ImageWriter};
use crate::orders::SlotIndex;
use crate::recovery::{PastLines, RecoveryFault, restore_image};
use crate::sent_index::{SentKind, SentMessage};
use crate::stages::Stages;
use crate::state::State;
use crate::{terms_match, terms_text};

/// The terms as a Start record has them; the first entry.
pub const TAG_START: u8 = 128;
/// The tables as a Table record has them, without their hash; the second entry.
pub const TAG_TABLES_TEXT: u8 = 129;
/// A member's line that was open: connection u32, session u16.
pub const TAG_PAST_LINE: u8 = 130;
/// Messages that a session sent: session u16, then for each MsgSeqNum(34) u32, segment u32, offset
/// u32, length u32, and in one byte 1 for an application message, 2 for one of an earlier window,
/// or 0.
pub const TAG_SENT: u8 = 131;
/// A UserRefNum that a venue knows or knew: venue u16, number u32, slot u32.
pub const TAG_USER_REF_NUM: u8 = 132;

/// Text of tables that were asked for, in whose place nothing is known yet: a command at the end of
/// what is read, whose effect is not.
pub const TAG_TABLES_ASKED: u8 = 134;

/// A member who was not sent what was written since: session u16, the first number of it u64.
pub const TAG_AWAY: u8 = 133;

/// Messages in one [`TAG_SENT`] entry, so that no entry is longer than a few pages.
const SENT_PER_ENTRY: usize = 512;
/// Bytes after which a piece of a body is handed over: large enough that a write costs little.
const PIECE_BYTES: usize = 1 << 18;
/// Bytes of one message in it.
const SENT_BYTES: usize = 17;

impl<S: Stages> Gateway<S> {
    /// The state as a snapshot's body. `lines` are those of the records that brought it about;
    /// nothing of a gateway's own lines is in it, as no line outlives its process.
    #[must_use]
    pub fn snapshot(&self, lines: &PastLines) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.snapshot_in_pieces(lines, &mut |piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// The same in pieces of whole entries, one behind the other: the body of a long day is larger
    /// than anything else in the process.
    pub fn snapshot_in_pieces(&self, lines: &PastLines, take: &mut dyn FnMut(&[u8])) {
        let mut body = Body {
            piece: Vec::new(),
            take,
            room: vec![0; EFFECT_BYTES_MAX].into_boxed_slice(),
        };
        let terms = &self.state.terms;
        body.entry(TAG_START, terms_text::write_start(terms).as_bytes());
        let tables = terms_text::write_tables(&terms.tables);
        body.entry(TAG_TABLES_TEXT, tables.as_bytes());
        body.effect(&|effect| self.state.put_tables(effect));
        if let Some(asked) = &self.state.tables_heard {
            body.entry(TAG_TABLES_ASKED, asked.as_bytes());
        }
        for &(connection, session) in lines.members() {
            body.image(TAG_PAST_LINE, &|image| {
                image.u32(connection);
                image.u16(session);
            });
        }
        body.sessions(&self.state);
        for (venue, _) in (0_u16..).zip(&self.state.venues) {
            body.effect(&|effect| self.state.put_venue(venue, effect));
            body.effect(&|effect| self.state.put_counters(venue, effect));
        }
        for halt in self.state.halts.images(&terms.tables) {
            body.effect(&|effect| effect.halt(&halt));
        }
        body.orders(&self.state);
        body.positions(&self.state);
        body.large_orders(&self.state);
        body.give();
    }

    /// Puts a snapshot's state into a gateway before its first record.
    ///
    /// # Errors
    /// [`RecoveryFault`], as records of the past would have told it, or because the body is none;
    /// the gateway must then not be used.
    pub fn restore_snapshot(
        &mut self,
        body: &[u8],
        lines: &mut PastLines,
    ) -> Result<(), RecoveryFault> {
        let mut due = [TAG_START, TAG_TABLES_TEXT].into_iter();
        for entry in EffectReader::new(body) {
            let Ok(Entry::State { tag, bytes }) = entry else {
                return Err(RecoveryFault::Image);
            };
            if due.next().is_some_and(|due| due != tag) {
                return Err(RecoveryFault::Image);
            }
            self.state.restore_entry(tag, bytes, lines)?;
        }
        match due.next() {
            None => Ok(()),
            Some(_) => Err(RecoveryFault::Image),
        }
    }
}

/// A body as it is written.
struct Body<'t> {
    /// Whole entries that are not taken yet.
    piece: Vec<u8>,
    take: &'t mut dyn FnMut(&[u8]),
    /// Where an image is built before it is framed.
    room: Box<[u8]>,
}

impl Body<'_> {
    /// Hands over what there is.
    fn give(&mut self) {
        (self.take)(&self.piece);
        self.piece.clear();
    }

    fn give_if_long(&mut self) {
        if self.piece.len() >= PIECE_BYTES {
            self.give();
        }
    }

    fn entry(&mut self, tag: u8, bytes: &[u8]) {
        self.give_if_long();
        let front = self.piece.len();
        let size = ENTRY_HEAD_BYTES + bytes.len().next_multiple_of(8);
        self.piece.resize(front + size, 0);
        let put = self
            .piece
            .get_mut(front..)
            .map(|into| EffectWriter::new(into).put(tag, bytes));
        assert!(
            matches!(put, Some(Ok(()))),
            "the room is as long as the entry"
        );
    }

    fn image(&mut self, tag: u8, write: &dyn Fn(&mut ImageWriter<'_>)) {
        let mut room = core::mem::take(&mut self.room);
        let mut image = ImageWriter::new(&mut room);
        write(&mut image);
        let length = image.finish();
        let image = length.and_then(|length| room.get(..length));
        self.entry(tag, image.expect("an image is far shorter than an effect"));
        self.room = room;
    }

    /// Entries as an effect has them.
    fn effect(&mut self, put: &dyn Fn(&mut EffectBuilder<'_>)) {
        let mut effect = EffectBuilder::new(&mut self.room);
        put(&mut effect);
        let (used_bytes, _) = effect.finish();
        let entries = self.room.get(..used_bytes).unwrap_or(&[]);
        self.piece.extend_from_slice(entries);
        self.give_if_long();
    }

    fn sessions(&mut self, state: &State) {
        for (index, member) in (0_u16..).zip(&state.members) {
            self.effect(&|effect| state.put_numbers(index, effect));
            if member.window.is_some() {
                self.effect(&|effect| state.put_window(index, effect));
            }
            if let Some(from) = member.away_from {
                self.image(TAG_AWAY, &|image| {
                    image.u16(index);
                    image.u64(from);
                });
            }
            for &hole in state.sent.holes(index) {
                self.effect(&|effect| effect.hole(index, hole));
            }
            let next_out = member.session.numbers().next_out;
            let sent: Vec<_> = state.sent.entries(index, next_out).collect();
            for some in sent.chunks(SENT_PER_ENTRY) {
                self.image(TAG_SENT, &|image| {
                    image.u16(index);
                    for &(msg_seq_num, message) in some {
                        image.u32(u32::try_from(msg_seq_num).unwrap_or(0));
                        image.u32(message.place.segment);
                        image.u32(message.place.offset);
                        image.u32(message.length);
                        image.u8(message.kind.to_byte());
                    }
                });
            }
        }
    }

    /// Orders by slot and their names and numbers in an order of their own: that of their indices
    /// depends on the order in which they were put there.
    fn orders(&mut self, state: &State) {
        for (slot, order) in state.orders.orders() {
            self.effect(&|effect| effect.order(slot, order));
        }
        let mut names: Vec<_> = state.orders.cl_ord_ids().collect();
        names.sort_unstable_by_key(|&(session, name, slot)| (slot, session, name.as_bytes()));
        for (session, cl_ord_id, slot) in names {
            self.effect(&|effect| effect.cl_ord_id(session, slot, cl_ord_id));
        }
        let mut numbers: Vec<_> = state.orders.user_ref_nums().collect();
        numbers.sort_unstable();
        for (venue, user_ref_num, slot) in numbers {
            self.image(TAG_USER_REF_NUM, &|image| {
                image.u16(venue);
                image.u32(user_ref_num);
                image.u32(slot.0);
            });
        }
    }

    /// Positions on record alone: the others are the opening holdings of whatever tables the next
    /// start is given.
    fn positions(&mut self, state: &State) {
        // Before the positions, which are told by their images which rows are on record.
        for row in state.positions.recorded_rows() {
            self.effect(&|effect| effect.ledger(row));
        }
        let mut positions: Vec<_> = state.positions.recorded().collect();
        positions.sort_unstable_by_key(|position| (position.account, position.instrument));
        for position in positions {
            self.effect(&|effect| effect.position(position));
        }
        for request in state.borrows.sorted() {
            self.effect(&|effect| effect.borrow(&request));
        }
    }
}

impl Body<'_> {
    fn large_orders(&mut self, state: &State) {
        for warned in state.large.all_warned() {
            let order = state.orders.order(warned.slot);
            let order_id = order.map_or(OrderId::EMPTY, |order| order.order_id);
            self.effect(&|effect| effect.warned(warned, (&order_id, &OrderId::EMPTY)));
        }
        for held in state.large.all_held() {
            self.effect(&|effect| effect.held(held, true));
        }
    }
}

impl State {
    fn restore_entry(
        &mut self,
        tag: u8,
        bytes: &[u8],
        lines: &mut PastLines,
    ) -> Result<(), RecoveryFault> {
        let text = || core::str::from_utf8(bytes).map_err(|_| RecoveryFault::Image);
        match tag {
            TAG_START => self.check_start(text()?),
            TAG_TABLES_TEXT if terms_match::has_same_rows(text()?, &self.terms.tables) => {
                self.tables_heard = Some(text()?.into());
                Ok(())
            }
            TAG_TABLES_TEXT => Err(RecoveryFault::Tables),
            TAG_TABLES => self.restore_swapped(bytes),
            TAG_TABLES_ASKED => {
                self.tables_heard = Some(text()?.into());
                Ok(())
            }
            TAG_PAST_LINE => {
                let mut image = ImageReader::new(bytes);
                let line = image.u32().zip(image.u16());
                let line = line.filter(|_| image.is_empty());
                lines.open(line.ok_or(RecoveryFault::Image)?);
                Ok(())
            }
            TAG_SENT => self.restore_sent(bytes),
            TAG_AWAY => {
                let mut image = ImageReader::new(bytes);
                let (session, from) = image.u16().zip(image.u64()).ok_or(RecoveryFault::Image)?;
                let entry = self.members.get_mut(usize::from(session));
                entry.ok_or(RecoveryFault::Session)?.away_from = Some(from);
                Ok(())
            }
            TAG_USER_REF_NUM => {
                let mut image = ImageReader::new(bytes);
                let entry = image.u16().zip(image.u32()).zip(image.u32());
                let ((venue, number), slot) = entry.ok_or(RecoveryFault::Image)?;
                let noted = self
                    .orders
                    .note_user_ref_num(venue, number, SlotIndex(slot));
                noted.map_err(|_| RecoveryFault::Capacity)
            }
            TAG_NUMBERS | TAG_ORDER | TAG_LEDGER | TAG_POSITION | TAG_BORROW | TAG_HALT
            | TAG_VENUE | TAG_VENUE_NUMBERS | TAG_COUNTERS | TAG_CL_ORD_ID | TAG_WINDOW
            | TAG_HOLE | TAG_WARNED | TAG_HELD => restore_image(self, tag, bytes),
            _ => Err(RecoveryFault::Image),
        }
    }

    /// Sessions and venues must stand where they stood, and the index of sent messages, whose size
    /// follows the order table's, must be as large as it was: what a smaller one had
    /// dropped is in the journal alone, and a larger one drops later.
    fn check_start(&self, start: &str) -> Result<(), RecoveryFault> {
        terms_match::goes_on(start, &self.terms)?;
        let orders_max = terms_match::orders_max(start).ok_or(RecoveryFault::Image)?;
        if orders_max != self.terms.limits.orders_max {
            return Err(RecoveryFault::SentIndex);
        }
        Ok(())
    }

    /// Tables of a snapshot are in force only where they were put there by a command: those of a
    /// start are the start's own affair.
    fn restore_swapped(&mut self, bytes: &[u8]) -> Result<(), RecoveryFault> {
        let count = ImageReader::new(bytes).u16();
        let restored = match count.ok_or(RecoveryFault::Image)? {
            0 | 1 => Ok(()),
            _ => restore_image(self, TAG_TABLES, bytes),
        };
        self.tables_heard = None;
        restored
    }

    fn restore_sent(&mut self, bytes: &[u8]) -> Result<(), RecoveryFault> {
        let mut image = ImageReader::new(bytes);
        let session = image.u16().ok_or(RecoveryFault::Image)?;
        if usize::from(session) >= self.members.len() {
            return Err(RecoveryFault::Session);
        }
        while !image.is_empty() {
            let mut word = || image.u32().ok_or(RecoveryFault::Image);
            let msg_seq_num = u64::from(word()?);
            let (segment, offset, length) = (word()?, word()?, word()?);
            let kind = image.u8().and_then(SentKind::from_byte);
            let message = SentMessage {
                place: Place { segment, offset },
                length,
                kind: kind.ok_or(RecoveryFault::Image)?,
            };
            self.sent.put(session, msg_seq_num, message);
        }
        Ok(())
    }
}

const _: () = assert!(2 + SENT_PER_ENTRY * SENT_BYTES <= EFFECT_BYTES_MAX);
