//! The line to the venue: login, packets, and settling what was in doubt.
//!
//! After each login an AccountQuery is sent. Its answer comes behind everything older, so when it
//! arrives the replay is complete: what is still unanswered then never arrived. Nothing is ever
//! sent again by itself (`nothing_sent_twice`).
//!
//! The first answer that arrives after a login counts, also when it is the replayed answer to the
//! query of a line that broke before it was read: on such a line nothing was sent behind the query,
//! and the venue reads an old line to its end before it accepts a new login.

use gwanmun_binary::ouch::Outbound;
use gwanmun_binary::soup::client::{ClientDeadline, ClientEvent};
use gwanmun_binary::soup::packet::Packet;
use gwanmun_captures::effect::SECRET;
use gwanmun_market::{GateCode, Refusal, Text};

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::orders::{OrderState, SlotIndex};
use crate::stages::Stages;
use crate::state::{Line, VenuePhase};
use crate::{inputs, report_path, venue_request};

/// Why the line to the venue, or the feed, was given up by us.
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
}

impl<S: Stages> Gateway<S> {
    /// The venue's line is connected: puts the login on record and on its way.
    ///
    /// # Errors
    /// [`Stopped`].
    pub(crate) fn venue_login<E: Edge>(
        &mut self,
        edge: &mut E,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let venue = &mut self.state.venue;
        venue.line = Some(Line {
            connection: cause.connection,
            queued_bytes: 0,
        });
        venue.phase = VenuePhase::LoggingIn;
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let next = venue.next_sequence_number;
        effect.output(cause.connection, SECRET, |into| {
            venue.client.login(next, cause.stamp.ns, into)
        });
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// Bytes of the venue's line: every whole packet in front. Returns how many bytes are done
    /// with.
    pub(crate) fn on_venue_bytes<E: Edge>(
        &mut self,
        edge: &mut E,
        bytes: &[u8],
        fresh: usize,
        line: (u32, Stamp),
    ) -> Result<usize, Stopped> {
        let cause = inputs::record_received(edge, bytes, fresh, line)?;
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let fault = match Packet::parse(rest) {
                Ok(None) => break,
                Ok(Some((packet, length))) => {
                    done += length;
                    self.on_venue_packet(edge, &packet, cause)?
                }
                Err(_) => Some(LineFault::Unreadable),
            };
            if let Some(fault) = fault {
                self.give_up_venue(fault);
                edge.close(cause.connection, Close::Now);
                return Ok(bytes.len());
            }
        }
        Ok(done)
    }

    fn on_venue_packet<E: Edge>(
        &mut self,
        edge: &mut E,
        packet: &Packet<'_>,
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        match self.state.venue.client.on_packet(packet, cause.stamp.ns) {
            ClientEvent::LoggedIn {
                session,
                next_sequence_number,
            } => self.on_venue_logged_in(edge, session, next_sequence_number, cause),
            ClientEvent::LoginRejected(reason) => Ok(Some(LineFault::LoginRejected(reason))),
            ClientEvent::Sequenced { message, .. } => self.on_venue_message(edge, message, cause),
            ClientEvent::Heartbeat | ClientEvent::Debug => Ok(None),
            ClientEvent::EndOfSession => Ok(Some(LineFault::Ended)),
            ClientEvent::Unexpected => Ok(Some(LineFault::Unreadable)),
        }
    }

    fn on_venue_logged_in<E: Edge>(
        &mut self,
        edge: &mut E,
        session: [u8; 10],
        next_sequence_number: u64,
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        let session = Text::from_padded(&session);
        let venue = &mut self.state.venue;
        if !venue.session.is_empty() && venue.session != session {
            return Ok(Some(LineFault::OtherSession));
        }
        if next_sequence_number != venue.next_sequence_number {
            return Ok(Some(LineFault::Gap));
        }
        venue.session = session;
        venue.phase = VenuePhase::Settling;
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        effect.venue(venue.next_sequence_number, &venue.session);
        venue_request::account_query(cause.connection, &mut effect);
        venue.client.on_sent(cause.stamp.ns);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        Ok(None)
    }

    fn on_venue_message<E: Edge>(
        &mut self,
        edge: &mut E,
        message: &[u8],
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        let Ok(message) = Outbound::parse(message) else {
            return Ok(Some(LineFault::Unreadable));
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        self.state.venue.next_sequence_number += 1;
        effect.venue(
            self.state.venue.next_sequence_number,
            &self.state.venue.session,
        );
        report_path::on_outbound(&mut self.state, &message, cause.stamp.ns, &mut effect);
        if let Outbound::AccountQueryResponse(response) = &message {
            let counters = &mut self.state.counters;
            counters.next_user_ref_num = counters.next_user_ref_num.max(response.next_user_ref_num);
            self.state.put_counters(&mut effect);
        }
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if let Outbound::AccountQueryResponse(response) = &message {
            self.settle(edge, response.next_user_ref_num, cause)?;
        }
        Ok(None)
    }

    /// The replay is complete: whatever still waits for an answer never arrived. One effect for
    /// each order.
    fn settle<E: Edge>(
        &mut self,
        edge: &mut E,
        next_user_ref_num: u32,
        cause: Cause,
    ) -> Result<(), Stopped> {
        if self.state.venue.phase != VenuePhase::Settling {
            return Ok(());
        }
        let refusal = Refusal {
            code: GateCode::NeverArrived,
            limit: i64::from(next_user_ref_num),
            observed: 0,
        };
        for index in 0..self.state.orders.next_slot().0 {
            let slot = SlotIndex(index);
            let order = match self.state.orders.order(slot) {
                Some(order) if order.is_awaiting_venue() => *order,
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
        self.state.venue.phase = VenuePhase::Up;
        Ok(())
    }

    /// The venue's deadline has passed: a heartbeat, or the end of a dead line.
    pub(crate) fn on_venue_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let client = &mut self.state.venue.client;
        let is_dead = on_client_deadline(client, cause, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if is_dead {
            self.give_up_venue(LineFault::Silent);
            edge.close(cause.connection, Close::Now);
        }
        Ok(())
    }

    fn give_up_venue(&mut self, fault: LineFault) {
        self.last_venue_fault = Some(fault);
        self.drop_venue_line();
    }

    /// The line is gone; what is in doubt is settled on the next one.
    pub(crate) fn drop_venue_line(&mut self) {
        let venue = &mut self.state.venue;
        venue.line = None;
        venue.phase = VenuePhase::Down;
        venue.client.on_disconnect();
    }
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
