//! The path of one inbound order, stops 3 to 13, top to bottom. Read this file first.
//!
//! Stops 1, 2 and 14 are around it: the host's shard receives, stamps and sends. Cancels and
//! replaces leave it at stop 7 for `cancel_path`; the venue's answers come by `report_path`.

use core::ops::ControlFlow;

use gwanmun_fix::frame::Frame;
use gwanmun_fix::message::Message;
use gwanmun_fix::messages::new_order_single::NewOrderSingle;
use gwanmun_fix::session::Outcome;
use gwanmun_market::NewOrder;

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::orders::{Order, OrderState};
use crate::stages::{Stage, Stages};
use crate::state::State;
use crate::{admit, cancel_path, inputs, message_reject, reply, route, two_stage, venue_request};

impl<S: Stages> Gateway<S> {
    /// Stop 3: puts the `fresh` bytes at the tail on record, then takes whole messages off the
    /// front. Returns how many bytes are done with.
    pub(crate) fn on_member_bytes<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        bytes: &[u8],
        fresh: usize,
        line: (u32, Stamp),
    ) -> Result<usize, Stopped> {
        let cause = inputs::record_received(edge, bytes, fresh, line)?; // stop 3
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            self.stages.mark(Stage::BytesInHand);
            match self.on_member_front(edge, member, rest, cause)? {
                ControlFlow::Continue(length) => done += length,
                ControlFlow::Break(length) => return Ok(done + length),
            }
        }
        Ok(done)
    }

    /// Stops 4 to 13 for what is in front: a whole message, or what is none. Gives how many bytes
    /// are done with, and breaks where nothing can be taken behind them.
    fn on_member_front<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        bytes: &[u8],
        cause: Cause,
    ) -> Result<ControlFlow<usize, usize>, Stopped> {
        let (bytes_max, index) = (self.state.terms.limits.message_bytes_max, &mut self.index);
        // Stops 4 and 5, in one pass over the bytes.
        let taken = Message::take_with_shapes(bytes, bytes_max, index, &mut self.shapes);
        let (message, fault) = match taken {
            Ok(taken) => taken,
            Err(Frame::Garbled { skip, .. }) => return Ok(ControlFlow::Continue(skip.max(1))),
            Err(Frame::Unframeable(_)) => {
                edge.close(cause.connection, Close::Now);
                self.unbind_member(edge, member, cause)?;
                return Ok(ControlFlow::Break(bytes.len()));
            }
            Err(Frame::Partial | Frame::Whole { .. }) => return Ok(ControlFlow::Break(0)),
        };
        let length = message.bytes().len();
        let (state, stages) = (&mut self.state, &mut self.stages);
        let mut effect = EffectBuilder::new(edge.begin_effect()?.1);
        let outcome = state.session_message(member, &message, fault, cause, &mut effect); // stop 6
        if outcome == Outcome::Deliver {
            stages.mark(Stage::Parsed);
            let (message, effect) = (&message, &mut effect);
            match message.msg_type() {
                b"D" => new_order(state, stages, member, message, cause, effect),
                b"F" => cancel_path::cancel(state, member, message, cause, effect),
                b"G" => cancel_path::replace(state, member, message, cause, effect),
                _ => message_reject::unsupported_message(state, member, message, cause, effect),
            }
        }
        state.put_numbers(member, &mut effect);
        state.note_deadline(member);
        let built = effect.finish();
        self.commit(edge, built, cause)?; // stop 13
        self.stages.mark(Stage::Committed);
        if self.part_if_over(edge, member, outcome, cause)? {
            return Ok(ControlFlow::Break(bytes.len()));
        }
        self.pump_resend(edge, member, cause)?;
        Ok(ControlFlow::Continue(length))
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
    let now_ns = cause.stamp.ns;
    let order: Result<NewOrder, _> = NewOrderSingle::new(*message).to_new_order(); // stops 7, 8
    let order = match order {
        Ok(order) => order,
        Err(error) => {
            return message_reject::meaning_error(state, member, message, error, cause, effect);
        }
    };
    let admitted = admit::admit(state, member, &order, effect); // stop 9
    let (slot, mut entry) = match admitted {
        Ok(admitted) => admitted,
        Err(refusal) => {
            let (refused, is_resend) = ((&order, refusal), message.poss_resend());
            return reply::not_admitted(state, member, refused, is_resend, now_ns, effect);
        }
    };
    let judged = (slot, &entry, message);
    let verdict = two_stage::judge(state, stages, judged, now_ns, effect) // stop 10
        .and_then(|checked| Ok((checked, route::route(state, &entry, now_ns)?))); // stop 11
    match verdict {
        Ok((checked, line)) => {
            stages.mark(Stage::Checked);
            state.book_sent(&checked, &mut entry, effect);
            venue_request::enter(state, checked, line, &entry, order.symbol, effect); // stop 12
            state.put_verdict(None, (&entry.order_id, &entry.cl_ord_id), effect);
        }
        Err(refusal) => {
            let (refused, why) = ((&mut entry, &order), (refusal, message));
            two_stage::refuse(state, slot, refused, why, (now_ns, effect));
        }
    }
    debug_assert!(is_sound(&entry));
    state.put_order(slot, entry, effect);
}

/// What was sent holds something back, and what was refused has no number at the venue.
const fn is_sound(entry: &Order) -> bool {
    match entry.state {
        OrderState::Sent => entry.reserved_qty > 0 && entry.user_ref_num > 0,
        OrderState::Held => entry.reserved_qty > 0 && entry.user_ref_num == 0,
        _ => entry.reserved_qty == 0 && entry.user_ref_num == 0,
    }
}
