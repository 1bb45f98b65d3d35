//! All that the gateway decides from: one owner, one writer, no locks.

use gwanmun_fix::FieldError;
use gwanmun_fix::message::Message;
use gwanmun_fix::session::{MSG_SEQ_NUM_MAX, Outcome};
use gwanmun_market::{GateCode, OrderId, Refusal};

use crate::borrow::Borrows;
use crate::cause::Cause;
use crate::conduct::Conduct;
use crate::deadlines::MemberDeadlines;
use crate::edge::Place;
use crate::effect::{EffectBuilder, Notes, place_of};
use crate::exposure::Sums;
use crate::foreign_use::ForeignUse;
use crate::halts::Halts;
use crate::large_orders::LargeOrders;
pub(crate) use crate::member::{Member, may_use};
use crate::orders::{OrderTable, TableFull};
use crate::owners::{LineOwner, Owners};
use crate::positions::Positions;
use crate::sent_index::{SentIndex, SentKind, SentMessage};
use crate::terms::Terms;
use crate::venue::Venue;

/// MsgSeqNums kept for what orders already taken may still cause: a session that comes near the end
/// of its numbers takes no more orders, but every order that it gave is reported. 16 million are
/// more than all live orders of a gateway can use up.
pub(crate) const NUMBERS_KEPT: u64 = 1 << 24;

/// A connected line and what waits in its send buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) connection: u32,
    /// Bytes committed to it that its socket has not accepted yet.
    pub(crate) queued_bytes: usize,
}

/// A resend that cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) msg_seq_num: u64,
    /// Its segment was lent and it still cannot be read: asking for it again helps no one.
    pub(crate) is_hopeless: bool,
}

/// Numbers that are given out once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counters {
    pub(crate) next_order: u64,
    pub(crate) next_exec: u64,
}

/// How much storage is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageLevel {
    /// Enough.
    Normal,
    /// Under 10 % free: only risk-reducing orders, cancels and reports.
    Low,
}

impl StorageLevel {
    /// The level as its journal record carries it.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            StorageLevel::Normal => 0,
            StorageLevel::Low => 1,
        }
    }

    /// Reads the record's byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<StorageLevel> {
        match byte {
            0 => Some(StorageLevel::Normal),
            1 => Some(StorageLevel::Low),
            _ => None,
        }
    }
}

/// The gateway's state.
pub(crate) struct State {
    pub(crate) terms: Terms,
    /// Invariant: never more than `sessions_max`, for which there is room; as many as the terms
    /// have.
    pub(crate) members: Vec<Member>,
    pub(crate) sessions_max: usize,
    /// It is made of the effects of another gateway, which runs in this epoch: sessions come as
    /// they came there.
    pub(crate) follows_epoch: Option<u32>,
    /// The effect that is restored is of that epoch.
    pub(crate) follows: bool,
    /// Where what the sessions sent lies.
    pub(crate) sent: SentIndex,
    pub(crate) venues: Box<[Venue]>,
    /// Every line there is, by its connection.
    pub(crate) owners: Owners,
    pub(crate) deadlines: MemberDeadlines,
    /// For each member session the message that a resend needs and does not find in memory. Apart
    /// from the sessions, as the whole list is gone through once a millisecond.
    pub(crate) waiting: Box<[Option<Waiting>]>,
    pub(crate) orders: OrderTable,
    pub(crate) positions: Positions,
    pub(crate) borrows: Borrows,
    pub(crate) conduct: Conduct,
    /// A function of orders, positions and tables.
    pub(crate) sums: Sums,
    /// Large orders that were warned, and those that are held.
    pub(crate) large: LargeOrders,
    pub(crate) halts: Halts,
    pub(crate) foreign: ForeignUse,
    pub(crate) counters: Counters,
    pub(crate) storage: StorageLevel,
    /// 1, and one more for each time that other tables were put in force.
    pub(crate) tables_count: u16,
    /// Text of tables on record of which it is not known yet what became of them; only for the time
    /// of a restart.
    pub(crate) tables_heard: Option<Box<str>>,
    /// A stop in good order has begun: no new order goes out any more.
    pub(crate) is_leaving: bool,
}

impl State {
    /// State before the first record of the day.
    pub(crate) fn new(mut terms: Terms) -> Result<State, TableFull> {
        let sessions_max = terms.sessions_max();
        let mut members = Vec::with_capacity(sessions_max);
        for member in &terms.members {
            members.push(Member::new(member, may_use(member, &terms.tables)));
        }
        // Sessions that come later find their room.
        let to_come = sessions_max - members.len();
        terms.members.reserve_exact(to_come);
        let instruments = terms.tables.instruments().len();
        let venue = |terms: &crate::terms::VenueTerms| Venue::new(terms, instruments);
        let positions = Positions::new(terms.limits.positions_max, &terms.tables)?;
        let mut state = State {
            members,
            sessions_max,
            follows_epoch: None,
            follows: false,
            venues: terms.venues.iter().map(venue).collect(),
            owners: Owners::new(sessions_max + 2 * terms.venues.len()),
            deadlines: MemberDeadlines::new(sessions_max),
            waiting: vec![None; sessions_max].into(),
            sent: SentIndex::new(sessions_max, terms.limits.orders_max),
            orders: OrderTable::new(terms.limits.orders_max),
            conduct: Conduct::new(&terms.limits, sessions_max, &terms.tables),
            borrows: Borrows::new(),
            sums: Sums::new(&terms.tables, positions.slots()),
            positions,
            large: LargeOrders::new(),
            halts: Halts::new(terms.venues.len(), instruments),
            foreign: ForeignUse::new(instruments),
            counters: Counters {
                next_order: 1,
                next_exec: 1,
            },
            storage: StorageLevel::Normal,
            tables_count: 1,
            tables_heard: None,
            is_leaving: false,
            terms,
        };
        state.recount();
        Ok(state)
    }

    /// Stop 6: a member's whole message to its session, which answers into the effect what it can
    /// answer by itself. `fault` is a field that is wrong in itself; a field that stands twice is
    /// looked for here, in the messages that are read here and in no others, because some have
    /// groups.
    pub(crate) fn session_message(
        &mut self,
        member: u16,
        message: &Message<'_>,
        fault: Option<FieldError>,
        cause: Cause,
        effect: &mut EffectBuilder<'_>,
    ) -> Outcome {
        let Some(entry) = self.members.get_mut(usize::from(member)) else {
            return Outcome::Ignore;
        };
        let mut sink = effect.member(member, Some(cause.connection));
        let (session, now_ns) = (&mut entry.session, cause.stamp.ns);
        let is_read_here = matches!(
            message.msg_type(),
            b"0" | b"1" | b"2" | b"3" | b"4" | b"5" | b"A" | b"D" | b"F" | b"G"
        );
        let twice = || message.duplicate_tag().filter(|_| is_read_here);
        let outcome = match fault.or_else(twice) {
            None => session.on_message(message, now_ns, &mut sink),
            Some(defect) => session.on_defective(message, defect, now_ns, &mut sink),
        };
        // Numbers that begin anew name other messages than before.
        if entry.reset_count != entry.session.reset_count() {
            entry.reset_count = entry.session.reset_count();
            self.sent.forget(member);
        }
        outcome
    }

    /// The connection to which a member's live messages go; `None` when they are only put on
    /// record.
    pub(crate) fn live_connection(&self, member: u16) -> Option<u32> {
        let member = self.members.get(usize::from(member))?;
        member
            .line
            .filter(|_| member.session.is_logged_on())
            .map(|line| line.connection)
    }

    /// The next OrderID(37): the firm's prefix and a number of the day, together 14 characters.
    pub(crate) fn next_order_id(&self) -> OrderId {
        numbered_id(
            self.terms.order_id_prefix.as_bytes(),
            self.counters.next_order,
        )
    }

    /// Whether a session has numbers left for everything that one more order may cause.
    ///
    /// # Errors
    /// [`GateCode::OrderTableFull`], with the last MsgSeqNum(34) at which orders are taken.
    pub(crate) fn has_numbers_left(&self, member: u16) -> Result<(), Refusal> {
        let last = MSG_SEQ_NUM_MAX - NUMBERS_KEPT;
        let session = self.members.get(usize::from(member));
        let next_out = session.map_or(0, |member| member.session.numbers().next_out);
        if next_out <= last {
            return Ok(());
        }
        let figure = |number| i64::try_from(number).unwrap_or(i64::MAX);
        Err(Refusal {
            code: GateCode::OrderTableFull,
            limit: figure(last),
            observed: figure(next_out),
        })
    }

    /// Puts the counters onto the effect, with the UserRefNum of one venue; of the first where the
    /// effect is about none.
    pub(crate) fn put_counters(&self, venue: u16, effect: &mut EffectBuilder<'_>) {
        let venue = if self.venue(venue).is_some() {
            venue
        } else {
            0
        };
        let next_user_ref_num = self.venue(venue).map_or(1, |venue| venue.next_user_ref_num);
        let Counters {
            next_order,
            next_exec,
        } = self.counters;
        effect.counters((next_order, next_exec), (venue, next_user_ref_num));
    }

    /// Puts a session's numbers onto the effect.
    pub(crate) fn put_numbers(&self, member: u16, effect: &mut EffectBuilder<'_>) {
        if let Some(entry) = self.members.get(usize::from(member)) {
            let numbers = entry.session.numbers();
            effect.numbers(member, numbers.next_in, numbers.next_out);
        }
    }

    /// Remembers what an effect said and where it lies, once it is committed.
    pub(crate) fn note_committed(&mut self, notes: &Notes, place: Place) {
        for fresh in notes.fresh() {
            let message = SentMessage {
                place: place_of(place, fresh),
                length: fresh.length,
                kind: SentKind::of(fresh.is_application),
            };
            self.sent.put(fresh.session, fresh.msg_seq_num, message);
            self.note_presence(fresh.session, fresh.msg_seq_num, fresh.presence);
        }
        for (connection, bytes) in notes.sent() {
            if let Some(line) = self.line_mut(connection) {
                line.queued_bytes += bytes;
            }
        }
    }

    /// The line of a connection.
    pub(crate) fn line_mut(&mut self, connection: u32) -> Option<&mut Line> {
        self.place_of_line(self.owners.of(connection))?.as_mut()
    }

    fn place_of_line(&mut self, owner: LineOwner) -> Option<&mut Option<Line>> {
        match owner {
            LineOwner::Member(member) => {
                let member = self.members.get_mut(usize::from(member))?;
                Some(&mut member.line)
            }
            LineOwner::Venue(venue) => Some(&mut self.venue_mut(venue)?.line),
            LineOwner::Feed(venue) => Some(&mut self.venue_mut(venue)?.feed.line),
            LineOwner::Nobody => None,
        }
    }

    /// A connection is someone's line from here on.
    pub(crate) fn bind(&mut self, owner: LineOwner, connection: u32) {
        self.unbind(owner);
        let line = Line {
            connection,
            queued_bytes: 0,
        };
        if let Some(place) = self.place_of_line(owner) {
            *place = Some(line);
            self.owners.put(connection, owner);
        }
    }

    /// Someone has no line any more.
    pub(crate) fn unbind(&mut self, owner: LineOwner) {
        if let Some(line) = self.place_of_line(owner).and_then(Option::take) {
            self.owners.remove(line.connection);
        }
    }

    /// The session that has a connection as its line.
    pub(crate) fn member_of(&self, connection: u32) -> Option<u16> {
        match self.owners.of(connection) {
            LineOwner::Member(member) => Some(member),
            _ => None,
        }
    }
}

/// A prefix and a number, filled with zeros to 14 characters.
#[inline]
pub(crate) fn numbered_id(prefix: &[u8], number: u64) -> OrderId {
    let mut bytes = [b'0'; 14];
    // Two halves whose digits do not wait for each other's divisions.
    let (left, right) = bytes.split_at_mut(7);
    put_digits(left, number / 10_000_000);
    put_digits(right, number % 10_000_000);
    for (place, byte) in bytes.iter_mut().zip(prefix) {
        *place = *byte;
    }
    OrderId::new(&bytes).unwrap_or_default()
}

/// The last digits of a number, as many as there is room for.
fn put_digits(into: &mut [u8], number: u64) {
    let mut rest = number;
    for place in into.iter_mut().rev() {
        *place = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_ids_are_fourteen_characters() {
        assert_eq!(numbered_id(b"GW1", 42).as_bytes(), b"GW100000000042");
        assert_eq!(numbered_id(b"", 7).as_bytes(), b"00000000000007");
        for number in [9_999_999, 10_000_000, 12_345_678_901_234, u64::MAX] {
            let text = format!("{:014}", number % 100_000_000_000_000);
            assert_eq!(numbered_id(b"", number).as_bytes(), text.as_bytes());
        }
    }
}
