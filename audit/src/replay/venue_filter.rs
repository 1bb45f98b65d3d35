//! What the venue said about orders that a replay under other terms never sent.
//!
//! In it: [`VenueFilter`], which lets the venues' packets through and puts a SystemEvent in the
//! place of each report about a UserRefNum that the replay has not sent to that venue, so that
//! sequence numbers go on and nothing else does. Not in it: answers that the venue never gave,
//! because it was never asked: an order that only the replay passes stays unanswered.

use std::collections::{BTreeMap, BTreeSet};

use gwanmun_binary::ouch::codes::EventCode;
use gwanmun_binary::ouch::{Inbound, Outbound, SystemEvent};
use gwanmun_binary::soup::packet::{Packet, sequenced};
use gwanmun_captures::effect::{EffectReader, Entry};

use super::own::OwnEffects;

/// Follows the venues' lines of one start, and what was sent all day.
#[derive(Debug, Default)]
pub(crate) struct VenueFilter {
    /// Venue and UserRefNum of what is on its way or was, with the number of effects when it was
    /// sent.
    sent: BTreeSet<(u16, u32, usize)>,
    /// Effects looked through.
    seen: usize,
    /// Each venue's line.
    lines: BTreeMap<u16, VenueLine>,
}

#[derive(Debug, Default)]
struct VenueLine {
    connection: u32,
    /// The front of a packet that is not whole yet.
    waiting: Vec<u8>,
}

impl VenueFilter {
    /// A new line to a venue stands.
    pub(crate) fn on_connected(&mut self, venue: u16, connection: u32) {
        let waiting = Vec::new();
        let line = VenueLine {
            connection,
            waiting,
        };
        self.lines.insert(venue, line);
    }

    /// Looks through the effects made since the last call; those taken back since then never were.
    pub(crate) fn note_sent(&mut self, own: &OwnEffects) {
        let effects = own.all();
        if effects.len() < self.seen {
            self.sent.retain(|&(_, _, index)| index < effects.len());
            self.seen = effects.len();
        }
        for (index, effect) in effects.iter().enumerate().skip(self.seen) {
            for entry in EffectReader::new(own.payload(effect)).flatten() {
                // FIX is never taken for a packet: the third byte of `8=FIX` is no packet's type.
                if let Entry::Output {
                    connection, bytes, ..
                } = entry
                    && let Some(user_ref_num) = sent_number(bytes)
                    && let Some(venue) = self.venue_on(connection)
                {
                    self.sent.insert((venue, user_ref_num, index));
                }
            }
        }
        self.seen = effects.len();
    }

    /// The venue that has a connection as its line. Effects are looked through before another line
    /// of the same venue can come up.
    fn venue_on(&self, connection: u32) -> Option<u16> {
        let mut lines = self.lines.iter();
        let found = lines.find(|(_, line)| line.connection == connection);
        found.map(|(&venue, _)| venue)
    }

    /// Takes the next bytes of a venue's stream and gives every whole packet, filtered.
    pub(crate) fn passed(&mut self, venue: u16, fresh: &[u8]) -> Vec<u8> {
        let line = self.lines.entry(venue).or_default();
        line.waiting.extend_from_slice(fresh);
        let mut waiting = core::mem::take(&mut line.waiting);
        let mut passed = Vec::with_capacity(waiting.len());
        let mut done = 0;
        while let Some(rest) = waiting.get(done..).filter(|rest| !rest.is_empty()) {
            match Packet::parse(rest) {
                Ok(Some((packet, length))) => {
                    match self.silenced(venue, &packet) {
                        Some(event) => passed.extend_from_slice(&event),
                        None => passed.extend_from_slice(rest.get(..length).unwrap_or(rest)),
                    }
                    done += length;
                }
                Ok(None) => break,
                Err(_) => {
                    // The gateway gives the line up at the same place.
                    passed.extend_from_slice(rest);
                    done = waiting.len();
                }
            }
        }
        waiting.drain(..done);
        self.lines.entry(venue).or_default().waiting = waiting;
        passed
    }

    /// The packet that stands for a report about an order never sent.
    fn silenced(&self, venue: u16, packet: &Packet<'_>) -> Option<Vec<u8>> {
        let Packet::SequencedData(message) = packet else {
            return None;
        };
        let (user_ref_num, timestamp_ns) = subject(&Outbound::parse(message).ok()?)?;
        let from = (venue, user_ref_num, 0);
        let is_sent = self
            .sent
            .range(from..=(venue, user_ref_num, usize::MAX))
            .next()
            .is_some();
        if is_sent {
            return None;
        }
        let event = SystemEvent {
            timestamp_ns,
            event_code: EventCode(b' '),
        };
        let mut room = [0; 32];
        let length = sequenced(&mut room, |into| event.encode(into))?;
        room.get(..length).map(<[u8]>::to_vec)
    }
}

/// The UserRefNum that a request brings into being.
fn sent_number(bytes: &[u8]) -> Option<u32> {
    let Ok(Some((Packet::UnsequencedData(message), _))) = Packet::parse(bytes) else {
        return None;
    };
    match Inbound::parse(message).ok()? {
        Inbound::EnterOrder(request) => Some(request.user_ref_num),
        Inbound::ReplaceOrder(request) => Some(request.user_ref_num),
        _ => None,
    }
}

/// The UserRefNum that a report is about, and its time.
fn subject(report: &Outbound<'_>) -> Option<(u32, u64)> {
    Some(match report {
        Outbound::Accepted(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::Replaced(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::Canceled(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::AiqCanceled(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::Executed(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::BrokenTrade(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::Rejected(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::CancelPending(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::CancelReject(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::PriorityUpdate(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::Modified(report) => (report.user_ref_num, report.timestamp_ns),
        Outbound::Restated(report) => (report.user_ref_num, report.timestamp_ns),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_binary::ouch::appendage::Appendage;
    use gwanmun_binary::ouch::{CancelReject, EnterOrder, codes};
    use gwanmun_binary::soup::packet::unsequenced;
    use gwanmun_captures::effect::EffectWriter;
    use gwanmun_gateway::EffectHead;
    use gwanmun_market::{OrderId, Price, Side, Symbol};

    use super::*;

    fn head() -> EffectHead {
        EffectHead {
            connection: 0,
            stamp: gwanmun_gateway::Stamp::default(),
            refers_to: 1,
        }
    }

    /// An effect that sends an order on a connection.
    fn order(connection: u32, user_ref_num: u32) -> Vec<u8> {
        let enter = EnterOrder {
            user_ref_num,
            side: Side::Buy,
            quantity: 1,
            symbol: Symbol::EMPTY,
            price: Price::ZERO,
            time_in_force: codes::TimeInForce::DAY,
            display: codes::Display::VISIBLE,
            capacity: codes::Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: codes::CrossType::CONTINUOUS,
            cl_ord_id: OrderId::EMPTY,
            appendage: Appendage::EMPTY,
        };
        let mut room = [0; 256];
        let mut writer = EffectWriter::new(&mut room);
        let length = unsequenced(writer.room(), |into| enter.encode(into)).unwrap();
        writer.commit_output(connection, 0, 0, length).unwrap();
        let used_bytes = writer.used();
        room[..used_bytes].to_vec()
    }

    fn report(user_ref_num: u32) -> Vec<u8> {
        let report = CancelReject {
            timestamp_ns: 1,
            user_ref_num,
            appendage: Appendage::EMPTY,
        };
        let mut room = [0; 64];
        let length = sequenced(&mut room, |into| report.encode(into)).unwrap();
        room[..length].to_vec()
    }

    /// Both venues count from 1: what was sent to one makes no report of the other's true.
    #[test]
    fn a_number_counts_at_the_venue_that_it_was_sent_to() {
        let mut own = OwnEffects::default();
        let mut filter = VenueFilter::default();
        filter.on_connected(0, 5);
        filter.on_connected(1, 6);
        own.add(&order(6, 1), 0, head(), 0);
        filter.note_sent(&own);
        assert_eq!(filter.passed(1, &report(1)), report(1));
        assert_ne!(filter.passed(0, &report(1)), report(1));
        assert_ne!(filter.passed(1, &report(2)), report(2));
        // On its next line the venue is the same, and half a packet of the old line is gone.
        let whole = report(1);
        assert_eq!(filter.passed(1, &whole[..4]), b"");
        filter.on_connected(1, 9);
        own.add(&order(9, 2), 1, head(), 0);
        filter.note_sent(&own);
        assert_eq!(filter.passed(1, &report(2)), report(2));
        assert_eq!(filter.passed(1, &report(1)), report(1));
        assert_ne!(filter.passed(0, &report(2)), report(2));
        // What was taken back was never sent.
        own.drop_last(1);
        filter.note_sent(&own);
        assert_ne!(filter.passed(1, &report(2)), report(2));
    }
}
