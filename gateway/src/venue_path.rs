//! The order line of each venue that speaks OUCH: login, packets, and settling what was in doubt.
//! One that speaks FIX is `fix_venue`'s.
//!
//! After each login an AccountQuery is sent. Its answer comes behind everything older, so when it
//! arrives the replay is complete: what is still unanswered then never arrived. Nothing is ever
//! sent again by itself (`nothing_sent_twice`). Each venue settles by itself: what is in doubt at
//! one keeps no order from another.
//!
//! Departures from that, because an answer does not tell its query:
//! 1. A line may break before its query's answer is read. The answer then comes by the replay of a
//!    later line, perhaps before the replay has told everything. So queries that may still be
//!    answered are counted, over restarts too; with so many of them older than this line, as many
//!    answers settle nothing, and each of them is followed by another query, as the older queries
//!    may have been lost with their lines.
//! 2. A report about a request that was sent on this line stands behind the answers to every query
//!    before it, so the count is zero then.

use gwanmun_binary::ouch::Outbound;
use gwanmun_binary::soup::client::{ClientDeadline, ClientEvent};
use gwanmun_binary::soup::packet::Packet;
use gwanmun_captures::effect::SECRET;
use gwanmun_fix::session::DisconnectReason;
use gwanmun_market::{GateCode, Refusal, Text};

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::orders::{OrderState, SlotIndex};
use crate::owners::LineOwner;
use crate::stages::Stages;
use crate::state::State;
use crate::venue::{Venue, VenuePhase, Wire};
use crate::{inputs, report_path, venue_request};

/// Why the line to a venue, or its feed, was given up by us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// Bytes that are no SoupBinTCP, or no OUCH.
    Unreadable,
    /// The login was refused; the reason as sent.
    LoginRejected(u8),
    /// The venue is in another session than the one on record: a new trading day needs a new
    /// chain.
    OtherSession,
    /// The venue's next number is not the one that was asked for: packets are missing.
    Gap,
    /// The venue ended its session.
    Ended,
    /// Nothing was heard for too long.
    Silent,
    /// A FIX session ended its line.
    Session(DisconnectReason),
}

impl<S: Stages> Gateway<S> {
    /// A venue's line is connected: puts the login on record and on its way.
    ///
    /// # Errors
    /// [`Stopped`].
    pub(crate) fn venue_login<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        self.state.bind(LineOwner::Venue(index), cause.connection);
        let Some(venue) = self.state.venue_mut(index) else {
            edge.close(cause.connection, Close::Now);
            return Ok(());
        };
        venue.phase = VenuePhase::LoggingIn;
        let next = venue.next_sequence_number;
        let Wire::Ouch(client) = &mut venue.wire else {
            return self.fix_login(edge, index, cause);
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        effect.output(cause.connection, SECRET, |into| {
            client.login(next, cause.stamp.ns, into)
        });
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// Bytes of a venue's line: every whole packet in front. Returns how many bytes are done
    /// with.
    pub(crate) fn on_venue_bytes<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        bytes: &[u8],
        fresh: usize,
        line: (u32, Stamp),
    ) -> Result<usize, Stopped> {
        let cause = inputs::record_received(edge, bytes, fresh, line)?;
        if self.state.venue(venue).is_some_and(|it| it.wire.is_fix()) {
            return self.on_fix_bytes(edge, venue, bytes, cause);
        }
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let fault = match Packet::parse(rest) {
                Ok(None) => break,
                Ok(Some((packet, length))) => {
                    done += length;
                    self.on_venue_packet(edge, venue, &packet, cause)?
                }
                Err(_) => Some(LineFault::Unreadable),
            };
            if let Some(fault) = fault {
                self.give_up_venue(venue, fault);
                edge.close(cause.connection, Close::Now);
                return Ok(bytes.len());
            }
        }
        Ok(done)
    }

    #[inline]
    fn on_venue_packet<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        packet: &Packet<'_>,
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        let entry = self.state.venue_mut(venue);
        let Some(client) = entry.and_then(|entry| entry.wire.ouch_mut()) else {
            return Ok(None);
        };
        match client.on_packet(packet, cause.stamp.ns) {
            ClientEvent::LoggedIn {
                session,
                next_sequence_number,
            } => self.on_venue_logged_in(edge, venue, (session, next_sequence_number), cause),
            ClientEvent::LoginRejected(reason) => Ok(Some(LineFault::LoginRejected(reason))),
            ClientEvent::Sequenced { message, .. } => {
                self.on_venue_message(edge, venue, message, cause)
            }
            ClientEvent::Heartbeat | ClientEvent::Debug => Ok(None),
            ClientEvent::EndOfSession => Ok(Some(LineFault::Ended)),
            ClientEvent::Unexpected => Ok(Some(LineFault::Unreadable)),
        }
    }

    fn on_venue_logged_in<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        (session, next_sequence_number): ([u8; 10], u64),
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        let session = Text::from_padded(&session);
        let Some(venue) = self.state.venue_mut(index) else {
            return Ok(None);
        };
        if !venue.session.is_empty() && venue.session != session {
            return Ok(Some(LineFault::OtherSession));
        }
        if next_sequence_number != venue.next_sequence_number {
            return Ok(Some(LineFault::Gap));
        }
        venue.session = session;
        venue.phase = VenuePhase::Settling;
        venue.answers_due = venue.queries_open.saturating_add(1);
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        ask_account(&mut self.state, index, cause, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        Ok(None)
    }

    #[inline]
    fn on_venue_message<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        message: &[u8],
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        let Ok(message) = Outbound::parse(message) else {
            return Ok(Some(LineFault::Unreadable));
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let state = &mut self.state;
        if let Some(entry) = state.venue_mut(venue) {
            entry.next_sequence_number += 1;
            if is_behind_queries(entry, &message) {
                entry.queries_open = 0;
            }
        }
        report_path::on_outbound(state, venue, &message, cause.stamp.ns, &mut effect);
        let settles = match &message {
            Outbound::AccountQueryResponse(response) => on_account(
                state,
                (venue, response.next_user_ref_num),
                cause,
                &mut effect,
            ),
            _ => None,
        };
        self.state.put_venue(venue, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if let Some(next_user_ref_num) = settles {
            self.settle(edge, (venue, next_user_ref_num), cause)?;
        }
        Ok(None)
    }

    /// A venue's replay is complete: whatever still waits for its answer never arrived. One effect
    /// for each order.
    fn settle<E: Edge>(
        &mut self,
        edge: &mut E,
        (venue, next_user_ref_num): (u16, u32),
        cause: Cause,
    ) -> Result<(), Stopped> {
        let refusal = Refusal {
            code: GateCode::NeverArrived,
            limit: i64::from(next_user_ref_num),
            observed: 0,
        };
        for index in 0..self.state.orders.next_slot().0 {
            let slot = SlotIndex(index);
            let order = match self.state.orders.order(slot) {
                Some(order) if order.venue == venue && order.is_awaiting_venue() => *order,
                _ => continue,
            };
            let replacing = order.pending_replace.map(|replace| replace.user_ref_num);
            let refusal = Refusal {
                observed: i64::from(replacing.unwrap_or(order.user_ref_num)),
                ..refusal
            };
            let (_, room) = edge.begin_effect()?;
            let mut effect = EffectBuilder::new(room);
            let (state, now_ns) = (&mut self.state, cause.stamp.ns);
            if order.state == OrderState::Sent {
                report_path::become_rejected(state, slot, order, refusal, now_ns, &mut effect);
            } else {
                let mut order = order;
                report_path::refuse_requests(state, &mut order, refusal, now_ns, &mut effect);
                state.put_order(slot, order, &mut effect);
            }
            let built = effect.finish();
            self.commit(edge, built, cause)?;
        }
        if let Some(venue) = self.state.venue_mut(venue) {
            venue.phase = VenuePhase::Up;
            venue.first_user_ref_num = venue.next_user_ref_num;
        }
        Ok(())
    }

    /// A venue's deadline has passed: a heartbeat, or the end of a dead line.
    pub(crate) fn on_venue_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(entry) = self.state.venue_mut(venue) else {
            return Ok(());
        };
        let Wire::Ouch(client) = &mut entry.wire else {
            return self.on_fix_deadline(edge, venue, cause);
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let is_dead = on_client_deadline(client, cause, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if is_dead {
            self.give_up_venue(venue, LineFault::Silent);
            edge.close(cause.connection, Close::Now);
        }
        Ok(())
    }

    pub(crate) fn give_up_venue(&mut self, venue: u16, fault: LineFault) {
        self.drop_venue_line(venue);
        if let Some(venue) = self.state.venue_mut(venue) {
            venue.last_fault = Some(fault);
        }
    }

    /// The line is gone; what is in doubt is settled on the next one.
    pub(crate) fn drop_venue_line(&mut self, venue: u16) {
        self.state.unbind(LineOwner::Venue(venue));
        if let Some(venue) = self.state.venue_mut(venue) {
            venue.phase = VenuePhase::Down;
            venue.first_user_ref_num = u32::MAX;
            venue.wire.on_disconnect();
        }
    }
}

/// Sends AccountQuery, whose answer comes behind everything older.
fn ask_account(state: &mut State, index: u16, cause: Cause, effect: &mut EffectBuilder<'_>) {
    if let Some(venue) = state.venue_mut(index) {
        venue.queries_open = venue.queries_open.saturating_add(1);
        if let Some(client) = venue.wire.ouch_mut() {
            client.on_sent(cause.stamp.ns);
        }
        venue_request::account_query(cause.connection, effect);
    }
    state.put_venue(index, effect);
}

/// The answer to an AccountQuery. Gives its NextUserRefNum back when it settles what is in doubt;
/// asks again while it may be the answer to a query of an earlier line.
fn on_account(
    state: &mut State,
    (index, next_user_ref_num): (u16, u32),
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) -> Option<u32> {
    let venue = state.venue_mut(index)?;
    venue.next_user_ref_num = venue.next_user_ref_num.max(next_user_ref_num);
    venue.queries_open = venue.queries_open.saturating_sub(1);
    let is_settling = venue.phase == VenuePhase::Settling;
    if is_settling {
        venue.answers_due = venue.answers_due.saturating_sub(1);
    }
    let is_last = venue.answers_due == 0;
    state.put_counters(index, effect);
    match (is_settling, is_last) {
        (false, _) => None,
        (true, true) => Some(next_user_ref_num),
        (true, false) => {
            ask_account(state, index, cause, effect);
            None
        }
    }
}

/// Whether a report is about a request that was sent on this line, and so stands behind the answers
/// to every query there was.
fn is_behind_queries(venue: &Venue, message: &Outbound<'_>) -> bool {
    let user_ref_num = match message {
        Outbound::Accepted(accepted) => accepted.user_ref_num,
        Outbound::Rejected(rejected) => rejected.user_ref_num,
        Outbound::Replaced(replaced) => replaced.user_ref_num,
        _ => return false,
    };
    user_ref_num >= venue.first_user_ref_num
}

/// Writes a client's heartbeat if one is due; tells whether the line is dead.
pub(crate) fn on_client_deadline(
    client: &mut gwanmun_binary::soup::client::Client,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) -> bool {
    let mut is_dead = false;
    effect.output(cause.connection, 0, |into| {
        match client.on_deadline(cause.stamp.ns, into) {
            ClientDeadline::Heartbeat(length) => Some(length),
            ClientDeadline::Nothing => None,
            ClientDeadline::Dead | ClientDeadline::LoginTimedOut => {
                is_dead = true;
                None
            }
        }
    });
    is_dead
}
