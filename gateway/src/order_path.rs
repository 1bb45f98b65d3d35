//! The path of one inbound order, stops 3 to 13, top to bottom. Read this file first.
//!
//! Stops 1, 2 and 14 are around it: the host's shard receives, stamps and sends. Cancels and replaces leave this path at stop 7
//! for `cancel_path`; what the venue answers comes back by `report_path`.

use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::message::Message;
use gwanmun_fix::messages::new_order_single::NewOrderSingle;
use gwanmun_fix::session::Outcome;
use gwanmun_market::NewOrder;

use crate::cancel_path;
use crate::cause::Cause;
use crate::edge::{Close, Edge, Input, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::orders::{Order, OrderState};
use crate::reply::{self, Report};
use crate::stages::{Stage, Stages};
use crate::state::State;
use crate::{admit, risk, route, situation, venue_request};

impl<S: Stages> Gateway<S> {
    /// Stops 3 and 4: puts the `fresh` bytes at the tail on record, then takes whole messages off the front. Returns how
    /// many bytes are done with.
    pub(crate) fn on_member_bytes<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        bytes: &[u8],
        fresh: usize,
        (connection, stamp): (u32, Stamp),
    ) -> Result<usize, Stopped> {
        let payload = bytes.get(bytes.len() - fresh..).unwrap_or(bytes);
        let kind = RecordKind::Received;
        let number = edge.record(Input {
            kind,
            connection,
            stamp,
            refers_to: 0,
            payload,
        })?;
        let cause = Cause {
            connection,
            stamp,
            number,
        };
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            self.stages.mark(Stage::BytesInHand);
            match frame(rest, self.state.terms.limits.message_bytes_max) {
                Frame::Whole { length } => {
                    let message = rest.get(..length).unwrap_or(rest);
                    done += length;
                    self.on_member_message(edge, member, message, cause)?;
                    if self.state.member_of(connection).is_none() {
                        return Ok(bytes.len());
                    }
                }
                Frame::Partial => break,
                Frame::Garbled { skip, .. } => done += skip.max(1),
                Frame::Unframeable(_) => {
                    self.unbind_member(member);
                    edge.close(connection, Close::Now);
                    return Ok(bytes.len());
                }
            }
        }
        Ok(done)
    }

    /// Stops 5 to 13 for one whole message.
    pub(crate) fn on_member_message<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        bytes: &[u8],
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Gateway {
            state,
            stages,
            index,
            ..
        } = self;
        let Some(entry) = state.members.get_mut(usize::from(member)) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let mut sink = effect.member(member, Some(cause.connection));
        let now_ns = cause.stamp.ns;
        let (message, fault) = Message::read(bytes, index);
        let outcome = entry.session.on_message(&message, now_ns, &mut sink);
        entry.forget_if_reset();
        if outcome == Outcome::Deliver {
            stages.mark(Stage::Parsed);
            let (message, effect) = (&message, &mut effect);
            match (fault, message.msg_type()) {
                (Some(fault), _) => {
                    reply::field_error(state, member, message, fault, cause, effect);
                }
                (None, b"D") => new_order(state, stages, member, message, cause, effect),
                (None, b"F") => cancel_path::cancel(state, member, message, cause, effect),
                (None, b"G") => cancel_path::replace(state, member, message, cause, effect),
                (None, _) => reply::unsupported_message(state, member, message, cause, effect),
            }
        }
        state.put_numbers(member, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        self.stages.mark(Stage::Committed);
        if let Outcome::Disconnect(reason) = outcome {
            self.last_disconnect = Some(reason);
            self.unbind_member(member);
            edge.close(cause.connection, Close::AfterFlush);
            return Ok(());
        }
        self.pump_resend(edge, member, cause)
    }
}

/// Stops 7 to 12 for NewOrderSingle(35=D).
fn new_order(
    state: &mut State,
    stages: &mut impl Stages,
    member: u16,
    message: &Message<'_>,
    cause: Cause,
    effect: &mut EffectBuilder<'_>,
) {
    let order: NewOrder = match NewOrderSingle::new(*message).to_new_order() {
        Ok(order) => order,
        Err(error) => return reply::meaning_error(state, member, message, error, cause, effect),
    };
    let (slot, mut entry) = match admit::admit(state, member, &order, effect) {
        Ok(admitted) => admitted,
        Err(refusal) => return reply::not_admitted(state, member, &order, refusal, cause, effect),
    };
    let verdict = situation::of_new(state, &entry, cause.stamp.ns)
        .and_then(|situation| risk::check(&situation))
        .and_then(|checked| {
            route::route(state, &entry, cause.stamp.ns).map(|line| (checked, line))
        });
    match verdict {
        Ok((checked, line)) => {
            stages.mark(Stage::Checked);
            state.book(&mut entry, order.order_qty, 0, effect);
            venue_request::enter(checked, line, &entry, order.symbol, effect);
            effect.verdict(None, &entry.order_id, &entry.cl_ord_id);
        }
        Err(refusal) => {
            entry.state = OrderState::Rejected;
            effect.verdict(Some(refusal), &entry.order_id, &entry.cl_ord_id);
            reply::report(
                state,
                &Report::refused(&entry, &order, refusal),
                cause.stamp.ns,
                effect,
            );
        }
    }
    state.put_order(slot, entry, effect);
    debug_assert!(entry_is_consistent(&entry));
}

fn entry_is_consistent(entry: &Order) -> bool {
    entry.state == OrderState::Sent || entry.reserved_qty == 0
}
