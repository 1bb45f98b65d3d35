//! Restart: the day's effects put back, in their order, before the first new input.
//!
//! Effect records are the only truth: an input without one did not happen, its MsgSeqNum(34) is
//! still expected, and the peer's own recovery brings it again. Market state is not restored; it is
//! stale until the venue tells it anew. Halts by kind are, since one of a venue that is away may
//! hold at the others. Sessions, venues, accounts and instruments stand on record
//! by their index, so a start whose lists differ from those of the day's past is refused. A
//! snapshot ([`crate::snapshot`]) stands for the effects before it.

use gwanmun_captures::effect::{APPLICATION, EffectReader, Entry, RESEND};
use gwanmun_captures::input::{Connected, Role, Table};
use gwanmun_captures::journal::{Record, RecordKind};
use gwanmun_fix::session::Numbers;

use crate::borrow::BorrowRequest;
use crate::edge::Place;
use crate::effect::{
    OFFLINE, Presence, TAG_BEGUN, TAG_BORROW, TAG_CL_ORD_ID, TAG_COMMAND, TAG_COUNTERS, TAG_HALT,
    TAG_HALTS_TOLD, TAG_HELD, TAG_HOLE, TAG_LEDGER, TAG_NUMBERS, TAG_ORDER, TAG_POSITION,
    TAG_SESSIONS, TAG_TABLES, TAG_VENUE, TAG_VENUE_NUMBERS, TAG_WARNED, TAG_WINDOW,
};
use crate::gateway::Gateway;
use crate::halts::HaltImage;
use crate::holes::Hole;
use crate::image::ImageReader;
use crate::ledger::Sources;
use crate::orders::{Order, SlotIndex};
use crate::positions::Position;
use crate::sent_index::{SentKind, SentMessage};
use crate::stages::Stages;
use crate::state::{Counters, State};
use crate::terms_match;

/// A record that restart cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveryError {
    /// Number of the record.
    pub number: u64,
    /// Why.
    pub fault: RecoveryFault,
}

/// Why a record cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryFault {
    /// An effect's entries, or an image in them, are not what their tags say.
    Image,
    /// An order or position beyond the capacities configured now: they may grow within a trading
    /// day, not shrink.
    Capacity,
    /// A session that the configuration no longer has, or has elsewhere in its list: sessions may
    /// be added behind the others within a trading day, nothing else.
    Session,
    /// A venue that the configuration no longer has, or has elsewhere in its list: venues may be
    /// added behind the others within a trading day, nothing else.
    Venue,
    /// Written by a version of the gateway whose records have another layout.
    Version,
    /// Accounts or instruments were added to the tables, or taken out: their terms may change
    /// within a trading day, the list may not.
    Tables,
    /// A snapshot of a smaller `orders_max`, which may have dropped messages that a resend finds
    /// now; the records have them.
    SentIndex,
}

/// Which session each connection of the past belonged to; only for the time of the restart.
#[derive(Debug, Default)]
pub struct PastLines {
    members: Vec<(u32, u16)>,
}

impl PastLines {
    /// Connection and session of every line that is open so far, in the order they came.
    pub(crate) fn members(&self) -> &[(u32, u16)] {
        &self.members
    }

    pub(crate) fn open(&mut self, line: (u32, u16)) {
        self.members.push(line);
    }
}

impl<S: Stages> Gateway<S> {
    /// Takes one record of the past. Records must come in the order of their numbers.
    ///
    /// # Errors
    /// [`RecoveryError`] names the record; the gateway must then not be started.
    pub fn restore(
        &mut self,
        record: &Record<'_>,
        segment: u32,
        lines: &mut PastLines,
    ) -> Result<(), RecoveryError> {
        let number = record.head.number;
        match record.head.kind {
            RecordKind::Start => {
                lines.members.clear();
                self.state.tables_heard = None;
                let text = core::str::from_utf8(record.payload).unwrap_or("");
                terms_match::goes_on(text, &self.state.terms)
                    .map_err(|fault| RecoveryError { number, fault })?;
            }
            RecordKind::Table => {
                let content = Table::parse(record.payload).map(|table| table.content);
                let text = core::str::from_utf8(content.unwrap_or(&[])).unwrap_or("");
                if !terms_match::has_same_rows(text, &self.state.terms.tables) {
                    let fault = RecoveryFault::Tables;
                    return Err(RecoveryError { number, fault });
                }
            }
            RecordKind::Command => self.state.hear_tables(record.payload),
            RecordKind::Connected => {
                if let Ok(Connected {
                    role: Role::Member,
                    index,
                    ..
                }) = Connected::parse(record.payload)
                {
                    lines.open((record.head.connection, index));
                }
            }
            RecordKind::Disconnected => {
                lines
                    .members
                    .retain(|&(connection, _)| connection != record.head.connection);
            }
            RecordKind::Effect => {
                let offset = record.position + gwanmun_captures::journal::RECORD_HEAD_BYTES as u64;
                let offset = u32::try_from(offset).map_err(|_| RecoveryError {
                    number,
                    fault: RecoveryFault::Image,
                })?;
                let place = Place { segment, offset };
                self.state.follows = self.state.follows_epoch == Some(record.head.epoch);
                restore_effect(&mut self.state, record.payload, place, lines)
                    .map_err(|fault| RecoveryError { number, fault })?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn restore_effect(
    state: &mut State,
    payload: &[u8],
    place: Place,
    lines: &PastLines,
) -> Result<(), RecoveryFault> {
    // Numbers first: when they begin anew, the messages of this very effect belong to the new ones.
    for entry in EffectReader::new(payload) {
        if let Entry::State { tag, bytes } = entry.map_err(|_| RecoveryFault::Image)? {
            restore_image(state, tag, bytes)?;
        }
    }
    for entry in EffectReader::new(payload).flatten() {
        let Entry::Output {
            connection,
            msg_seq_num,
            flags,
            bytes,
            offset,
        } = entry
        else {
            continue;
        };
        if msg_seq_num == 0 || flags & RESEND != 0 {
            continue;
        }
        let session = if connection & OFFLINE != 0 {
            u16::try_from(connection & !OFFLINE).ok()
        } else {
            lines
                .members
                .iter()
                .find(|line| line.0 == connection)
                .map(|line| line.1)
        };
        let session = session.filter(|session| usize::from(*session) < state.members.len());
        let session = session.ok_or(RecoveryFault::Session)?;
        let offset = u32::try_from(offset).map_err(|_| RecoveryFault::Image)?;
        let at = Place {
            segment: place.segment,
            offset: place.offset + offset,
        };
        let length = u32::try_from(bytes.len()).map_err(|_| RecoveryFault::Image)?;
        let is_application = flags & APPLICATION != 0;
        let message = SentMessage {
            place: at,
            length,
            kind: SentKind::of(is_application),
        };
        let msg_seq_num = u64::from(msg_seq_num);
        // Its numbers began anew and stand no lower than before: nothing else uses a hole.
        if state.sent.is_hole(session, msg_seq_num) {
            state.sent.forget(session);
        }
        state.sent.put(session, msg_seq_num, message);
        let presence = Presence::of(connection, is_application, bytes);
        state.note_presence(session, msg_seq_num, presence);
    }
    Ok(())
}

/// Takes one state entry.
pub(crate) fn restore_image(state: &mut State, tag: u8, bytes: &[u8]) -> Result<(), RecoveryFault> {
    let mut image = ImageReader::new(bytes);
    let image = &mut image;
    let done = match tag {
        TAG_NUMBERS => restore_numbers(state, image),
        TAG_ORDER => image
            .u32()
            .zip(Order::read_image(image))
            .map(|(slot, order)| {
                let placed = state.restore_order(SlotIndex(slot), &order);
                placed.map_err(|_| RecoveryFault::Capacity)
            }),
        TAG_POSITION => Position::read_image(image).map(|position| {
            let placed = state.place_position(position);
            placed.map_err(|_| RecoveryFault::Capacity)
        }),
        TAG_HALT => HaltImage::read(image).map(|halt| {
            let put = state.halts.put(halt, &state.terms.tables);
            put.map_err(|_| RecoveryFault::Tables)
        }),
        TAG_HALTS_TOLD => image.u16().zip(image.u8()).map(|(venue, is_all)| {
            if is_all == 1 {
                state.halts.settle(venue, &state.terms.tables);
            } else {
                state.halts.doubt(venue);
            }
            Ok(())
        }),
        TAG_LEDGER => Sources::read_image(image).map(|(key, sources)| {
            let placed = state.place_sources(key, sources);
            placed.map_err(|_| RecoveryFault::Capacity)
        }),
        TAG_BORROW => BorrowRequest::read_image(image).map(|request| {
            let is_put = state.borrows.put(request);
            is_put.then_some(()).ok_or(RecoveryFault::Capacity)
        }),
        TAG_VENUE => restore_venue(state, image),
        TAG_VENUE_NUMBERS => restore_venue_numbers(state, image),
        TAG_COUNTERS => restore_counters(state, image),
        TAG_CL_ORD_ID => restore_cl_ord_id(state, image),
        TAG_BEGUN => image.u16().zip(image.u64()).map(|(session, from)| {
            match state.begin_anew(session, from) {
                Some(_) => Ok(()),
                None => Err(RecoveryFault::Session),
            }
        }),
        TAG_WINDOW => {
            let restored = state.restore_window(image);
            restored.map(|found| found.ok_or(RecoveryFault::Session))
        }
        TAG_HOLE => restore_hole(state, image),
        TAG_TABLES => state.restore_tables(image),
        TAG_COMMAND => {
            state.tables_heard = None;
            Some(Ok(()))
        }
        TAG_SESSIONS => Some(state.restore_rows(bytes)),
        TAG_WARNED => state.large.restore_warned(image).map(Ok),
        TAG_HELD => state.large.restore_held(image).map(Ok),
        _ => Some(Ok(())),
    };
    done.unwrap_or(Err(RecoveryFault::Image))
}

fn restore_numbers(
    state: &mut State,
    image: &mut ImageReader<'_>,
) -> Option<Result<(), RecoveryFault>> {
    let (session, next_in, next_out) = (image.u16()?, image.u64()?, image.u64()?);
    let Some(member) = state.members.get_mut(usize::from(session)) else {
        return Some(Err(RecoveryFault::Session));
    };
    if next_out < member.session.numbers().next_out {
        state.sent.forget(session);
    }
    member.session.restore(Numbers { next_in, next_out });
    Some(Ok(()))
}

fn restore_hole(
    state: &mut State,
    image: &mut ImageReader<'_>,
) -> Option<Result<(), RecoveryFault>> {
    let (session, from, until) = (image.u16()?, image.u64()?, image.u64()?);
    if usize::from(session) >= state.members.len() {
        return Some(Err(RecoveryFault::Session));
    }
    let is_put = from < until && state.sent.put_hole(session, Hole { from, until });
    Some(is_put.then_some(()).ok_or(RecoveryFault::Image))
}

fn restore_venue(
    state: &mut State,
    image: &mut ImageReader<'_>,
) -> Option<Result<(), RecoveryFault>> {
    let venue = image.u16()?;
    let (next_sequence_number, queries_open) = (image.u64()?, image.u32()?);
    let session = image.text()?;
    let Some(venue) = state.venue_mut(venue) else {
        return Some(Err(RecoveryFault::Venue));
    };
    venue.next_sequence_number = next_sequence_number;
    venue.queries_open = queries_open;
    venue.session = session;
    Some(Ok(()))
}

fn restore_venue_numbers(
    state: &mut State,
    image: &mut ImageReader<'_>,
) -> Option<Result<(), RecoveryFault>> {
    let (venue, next_in, next_out) = (image.u16()?, image.u64()?, image.u64()?);
    let venue = state.venue_mut(venue);
    let Some(line) = venue.and_then(|venue| venue.wire.fix_mut()) else {
        return Some(Err(RecoveryFault::Venue));
    };
    line.session.restore(Numbers { next_in, next_out });
    Some(Ok(()))
}

fn restore_counters(
    state: &mut State,
    image: &mut ImageReader<'_>,
) -> Option<Result<(), RecoveryFault>> {
    let (next_order, next_exec) = (image.u64()?, image.u64()?);
    let (venue, next_user_ref_num) = (image.u16()?, image.u32()?);
    state.counters = Counters {
        next_order,
        next_exec,
    };
    let Some(venue) = state.venue_mut(venue) else {
        return Some(Err(RecoveryFault::Venue));
    };
    venue.next_user_ref_num = next_user_ref_num;
    Some(Ok(()))
}

fn restore_cl_ord_id(
    state: &mut State,
    image: &mut ImageReader<'_>,
) -> Option<Result<(), RecoveryFault>> {
    let (session, slot, cl_ord_id) = (image.u16()?, image.u32()?, image.text()?);
    let used = state
        .orders
        .use_cl_ord_id(session, &cl_ord_id, SlotIndex(slot));
    Some(used.map_err(|_| RecoveryFault::Capacity))
}
