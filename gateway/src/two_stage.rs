//! What becomes of an order that no check refuses and that is large.
//!
//! *Warned*: it does not go. Its member is told by ExecutionReport(8) Rejected with GateCode
//! ORDER_WARNED, and confirms by a new order of the same terms whose GateConfirm(20113) is the
//! OrderID(37) of the warned one. GateConfirm is looked at only where an order would be warned: an
//! order that needs no confirmation is not refused for having one.
//!
//! *Held*: it waits in the state Held, with its quantity held back and without a UserRefNum. Its
//! member is told by ExecutionReport(8) Suspended and may cancel it. It ends by an operator's
//! approval, by its member's cancel, or by its time.
//!
//! Nothing is sent by what was decided before: a confirmed order and an approved one pass the whole
//! list with the market of that moment, and are refused as any other. Both ids of a confirmation
//! are on record in one effect, and every step of a hold is. Next: `large_orders` for what is
//! remembered, `risk/size/large_order.rs` for what is large.

use gwanmun_captures::command::{Action, Command};
use gwanmun_fix::message::Message;
use gwanmun_fix::messages::execution_report::ExecType;
use gwanmun_fix::tag;
use gwanmun_market::{GateCode, NewOrder, OrderId, Refusal};

use crate::cause::Cause;
use crate::command_path::{Answered, CommandRefusal};
use crate::edge::{Edge, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::large_orders::{CONFIRM_NS, HELD_MAX, HOLD_NS, Held, Warned};
use crate::orders::{Order, OrderState, SlotIndex};
use crate::reply::{self, Report};
use crate::risk::{self, Checked, Consent};
use crate::stages::Stages;
use crate::state::State;
use crate::{report_path, route, situation, venue_request};

const SECOND_NS: u64 = 1_000_000_000;

/// Stop 10 of a new order: the whole list, and once more where the order would be warned and
/// confirms.
///
/// # Errors
/// As [`risk::judge`] and [`confirmed`].
#[inline]
pub(crate) fn judge(
    state: &mut State,
    stages: &impl Stages,
    (slot, order, message): (SlotIndex, &Order, &Message<'_>),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Result<Checked, Refusal> {
    situation::judge_new(state, stages, (slot, order), now_ns)
        .or_else(|no| confirmed(state, stages, (slot, order, message), no, now_ns, effect))
}

/// An order that would be warned, and confirms: passed by the whole list once more, or refused.
///
/// # Errors
/// `refusal` where it confirms nothing or is refused for something else; that of the list; and
/// [`GateCode::ConfirmUnknown`], [`GateCode::ConfirmExpired`], [`GateCode::ConfirmUsed`],
/// [`GateCode::ConfirmUnlike`].
#[cold]
fn confirmed(
    state: &mut State,
    stages: &impl Stages,
    (slot, order, message): (SlotIndex, &Order, &Message<'_>),
    refusal: Refusal,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) -> Result<Checked, Refusal> {
    let named = message.field(tag::GATE_CONFIRM);
    let Some(named) = named.filter(|_| refusal.code == GateCode::OrderWarned) else {
        return Err(refusal);
    };
    let warned = state.confirmable(order, named, now_ns)?;
    let gather = || situation::of_consented(state, order, Consent::Confirmed, now_ns);
    let checked = risk::judge(stages, gather)?;
    // Only an order that leaves uses the warning up.
    route::route(state, order, now_ns)?;
    let used = Warned {
        is_used: true,
        ..warned
    };
    state.put_warned(used, &order.order_id, effect);
    // Judged it was when it came; that it passes is new.
    let tables = &state.terms.tables;
    state.conduct.note_passed(tables, (slot, order), now_ns);
    Ok(checked)
}

/// An order that does not go now: refused, warned, or held.
#[cold]
pub(crate) fn refuse(
    state: &mut State,
    slot: SlotIndex,
    (entry, new): (&mut Order, &NewOrder),
    (refusal, message): (Refusal, &Message<'_>),
    (now_ns, effect): (u64, &mut EffectBuilder<'_>),
) {
    let refusal = match refusal.code {
        // Nothing new waits for a gateway that stops.
        GateCode::OrderHeld if state.is_leaving => Refusal::plain(GateCode::Stopping),
        GateCode::OrderHeld if state.large.has_room() => {
            return hold(state, slot, entry, refusal, (now_ns, effect));
        }
        GateCode::OrderHeld => {
            let full = i64::try_from(HELD_MAX).unwrap_or(i64::MAX);
            Refusal {
                code: GateCode::OrderTableFull,
                limit: full,
                observed: full,
            }
        }
        _ => refusal,
    };
    if refusal.code == GateCode::OrderWarned {
        let warned = Warned {
            slot,
            since_ns: now_ns,
            is_used: false,
        };
        state.put_warned_order(warned, (&entry.order_id, &OrderId::EMPTY), effect);
    }
    reply::refused(state, (entry, new), (refusal, message), now_ns, effect);
}

/// The order waits for an approval. Its UserRefNum is spent and not used: a venue wants them to
/// rise, and others leave meanwhile.
fn hold(
    state: &mut State,
    slot: SlotIndex,
    entry: &mut Order,
    refusal: Refusal,
    (now_ns, effect): (u64, &mut EffectBuilder<'_>),
) {
    entry.state = OrderState::Held;
    entry.user_ref_num = 0;
    state.book(entry, 0, effect);
    state.put_verdict(Some(refusal), (&entry.order_id, &entry.cl_ord_id), effect);
    let held = Held {
        slot,
        since_ns: now_ns,
    };
    state.large.hold(held);
    effect.held(&held, true);
    let report = Report {
        refusal: Some(refusal),
        ..Report::about(state, entry, ExecType::Suspended)
    };
    reply::report(state, &report, now_ns, effect);
}

/// A held order that its member cancels: nothing of it is at a venue, so no venue is asked.
#[cold]
pub(crate) fn cancel_held(
    state: &mut State,
    (slot, order): (SlotIndex, Order),
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    state.release_held(slot, effect);
    report_path::become_canceled(state, slot, order, now_ns, effect);
}

impl State {
    /// The warning that an order confirms by naming the order that was warned.
    fn confirmable(&self, order: &Order, named: &[u8], now_ns: u64) -> Result<Warned, Refusal> {
        let unknown = Refusal::plain(GateCode::ConfirmUnknown);
        let slot = self.slot_of_order_id(named).ok_or(unknown)?;
        let before = self.orders.order(slot);
        // One of another member is none: whoever asks learns nothing of it.
        let before = before.filter(|before| before.session == order.session);
        let (before, warned) = before.zip(self.large.warned(slot)).ok_or(unknown)?;
        if warned.is_used {
            return Err(Refusal::plain(GateCode::ConfirmUsed));
        }
        let age_ns = now_ns.saturating_sub(warned.since_ns);
        if age_ns > CONFIRM_NS {
            return Err(seconds(GateCode::ConfirmExpired, CONFIRM_NS, age_ns));
        }
        match first_unlike(before, order) {
            Some(tag) => Err(Refusal {
                code: GateCode::ConfirmUnlike,
                limit: i64::from(tag),
                observed: 0,
            }),
            None => Ok(warned),
        }
    }

    /// The slot of an order by its OrderID(37): both are given out together.
    fn slot_of_order_id(&self, order_id: &[u8]) -> Option<SlotIndex> {
        let digits = order_id.strip_prefix(self.terms.order_id_prefix.as_bytes())?;
        let number: u32 = core::str::from_utf8(digits).ok()?.parse().ok()?;
        let slot = SlotIndex(number.checked_sub(1)?);
        let order = self.orders.order(slot)?;
        (order.order_id.as_bytes() == order_id).then_some(slot)
    }

    fn put_warned(&mut self, warned: Warned, by: &OrderId, effect: &mut EffectBuilder<'_>) {
        let order = self.orders.order(warned.slot);
        let order_id = order.map_or(OrderId::EMPTY, |order| order.order_id);
        self.put_warned_order(warned, (&order_id, by), effect);
    }

    fn put_warned_order(
        &mut self,
        warned: Warned,
        ids: (&OrderId, &OrderId),
        effect: &mut EffectBuilder<'_>,
    ) {
        self.large.put_warned(warned);
        effect.warned(&warned, ids);
    }

    /// An order is held no longer.
    fn release_held(&mut self, slot: SlotIndex, effect: &mut EffectBuilder<'_>) {
        if let Some(held) = self.large.release(slot) {
            effect.held(&held, false);
        }
    }

    /// The next order whose time to be approved has passed.
    fn expired(&self, now_ns: u64) -> Option<Held> {
        let mut held = self.large.all_held().iter();
        held.find(|held| held.until_ns() <= now_ns).copied()
    }
}

/// The tag of the first term in which two orders differ.
fn first_unlike(one: &Order, other: &Order) -> Option<u32> {
    let terms = [
        (tag::ACCOUNT, one.account == other.account),
        (tag::SYMBOL, one.instrument == other.instrument),
        (tag::SIDE, one.side == other.side),
        (tag::ORDER_QTY, one.order_qty == other.order_qty),
        (tag::ORD_TYPE, one.ord_type == other.ord_type),
        (tag::PRICE, one.price == other.price),
        (tag::TIME_IN_FORCE, one.time_in_force == other.time_in_force),
    ];
    let unlike = terms.into_iter().find(|(_, is_like)| !is_like);
    unlike.map(|(tag, _)| tag)
}

fn seconds(code: GateCode, limit_ns: u64, observed_ns: u64) -> Refusal {
    let figure = |ns: u64| i64::try_from(ns / SECOND_NS).unwrap_or(i64::MAX);
    Refusal {
        code,
        limit: figure(limit_ns),
        observed: figure(observed_ns),
    }
}

impl<S: Stages> Gateway<S> {
    /// An operator approves a held order: it passes the whole list once more and leaves, or its
    /// member is told why not.
    pub(crate) fn approve<E: Edge>(
        &mut self,
        edge: &mut E,
        command: &Command<'_>,
        cause: Cause,
    ) -> Result<Answered, Stopped> {
        let Action::Approve { order_id } = command.action else {
            let done = Err(CommandRefusal::Unreadable);
            let Cause { number, .. } = cause;
            return Ok(Answered { number, done });
        };
        let slot = self.state.slot_of_order_id(order_id);
        let wanted = self.state.judge_approval(command, slot);
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        // Spent whatever becomes of it, so that later numbers do not depend on verdicts.
        let user_ref_num = slot.map_or(0, |slot| self.state.spend_number(slot, &mut effect));
        let done = wanted.and_then(|(slot, order)| {
            let order = Order {
                user_ref_num,
                ..order
            };
            self.send_held((slot, order), cause, &mut effect)
        });
        effect.command(done.map_or_else(|refusal| refusal as u8, |()| 0));
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        let Cause { number, .. } = cause;
        Ok(Answered { number, done })
    }

    fn send_held(
        &mut self,
        (slot, mut order): (SlotIndex, Order),
        cause: Cause,
        effect: &mut EffectBuilder<'_>,
    ) -> Result<(), CommandRefusal> {
        let (state, now_ns) = (&mut self.state, cause.stamp.ns);
        state.release_held(slot, effect);
        // What it holds back itself must not stand in its own way, nor pass for a part of it that
        // the account has sent already.
        order.state = OrderState::Rejected;
        state.book(&mut order, 0, effect);
        let unsent = Order {
            user_ref_num: 0,
            ..order
        };
        let placed = state.place_order(slot, &unsent);
        debug_assert!(placed.is_ok(), "it has its place already");
        order.state = OrderState::Sent;
        let gather = || situation::of_consented(state, &order, Consent::Approved, now_ns);
        let verdict = risk::judge(&self.stages, gather)
            .and_then(|checked| Ok((checked, route::route(state, &order, now_ns)?)));
        match verdict {
            Ok((checked, line)) => {
                let row = state.terms.tables.instrument(order.instrument);
                let symbol = row.map_or(gwanmun_market::Symbol::EMPTY, |row| row.symbol);
                state.book_sent(&checked, &mut order, effect);
                venue_request::enter(state, checked, line, &order, symbol, effect);
                state.put_verdict(None, (&order.order_id, &order.cl_ord_id), effect);
                let tables = &state.terms.tables;
                state.conduct.note_passed(tables, (slot, &order), now_ns);
                state.put_order(slot, order, effect);
                Ok(())
            }
            Err(refusal) => {
                order.user_ref_num = 0;
                report_path::become_rejected(state, slot, order, refusal, now_ns, effect);
                Err(CommandRefusal::CheckRefuses)
            }
        }
    }

    /// Held orders that nobody approved in time are refused, one effect for each.
    pub(crate) fn expire_held<E: Edge>(
        &mut self,
        edge: &mut E,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let now_ns = cause.stamp.ns;
        while let Some(held) = self.state.expired(now_ns) {
            let (_, room) = edge.begin_effect()?;
            let mut effect = EffectBuilder::new(room);
            let state = &mut self.state;
            state.release_held(held.slot, &mut effect);
            if let Some(order) = state.orders.order(held.slot).copied() {
                let age_ns = now_ns.saturating_sub(held.since_ns);
                let refusal = seconds(GateCode::HoldExpired, HOLD_NS, age_ns);
                let about = (held.slot, order);
                report_path::become_rejected(state, about.0, about.1, refusal, now_ns, &mut effect);
            }
            let built = effect.finish();
            self.commit(edge, built, cause)?;
        }
        Ok(())
    }
}

impl State {
    fn judge_approval(
        &self,
        command: &Command<'_>,
        slot: Option<SlotIndex>,
    ) -> Result<(SlotIndex, Order), CommandRefusal> {
        self.judge_by_two(command)?;
        let held = slot.filter(|&slot| self.large.held(slot).is_some());
        let order = held.and_then(|slot| Some((slot, *self.orders.order(slot)?)));
        let (slot, order) = order.ok_or(CommandRefusal::NotHeld)?;
        let has_numbers = self.has_numbers_left(order.session).is_ok();
        if self.is_out_of_numbers(order.venue) || !has_numbers {
            return Err(CommandRefusal::NoNumbers);
        }
        Ok((slot, order))
    }

    /// A UserRefNum of an order's venue.
    fn spend_number(&mut self, slot: SlotIndex, effect: &mut EffectBuilder<'_>) -> u32 {
        let Some(venue) = self.orders.order(slot).map(|order| order.venue) else {
            return 0;
        };
        let user_ref_num = self.take_user_ref_num(venue);
        self.put_counters(venue, effect);
        user_ref_num
    }
}
