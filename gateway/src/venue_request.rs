//! Stop 12: requests as bytes in the effect, on their way to the venue's send buffer: OUCH here,
//! FIX in `fix_request`.
//!
//! [`enter`] and [`replace`] take the [`Checked`] that only stop 10 can make
//! (`no_send_without_check`). A cancel needs none.

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::appendage::{AppendageWriter, TagValue};
use gwanmun_binary::ouch::codes::{Capacity, CrossType, Display, TimeInForce as OuchTimeInForce};
use gwanmun_binary::ouch::{AccountQuery, CancelOrder, EnterOrder, MARKET_PRICE, ReplaceOrder};
use gwanmun_binary::soup::packet::unsequenced;
use gwanmun_market::{OrdType, Price, Symbol, TimeInForce};

use crate::effect::EffectBuilder;
use crate::fix_request;
use crate::orders::{Order, PendingReplace};
use crate::risk::Checked;
use crate::route::VenueLine;
use crate::state::State;

/// Bytes of the one option we send: length, tag and MinQty.
const MIN_QTY_OPTION_BYTES: usize = 6;

fn price_of(ord_type: OrdType, price: Price) -> Price {
    match ord_type {
        OrdType::Market => MARKET_PRICE,
        OrdType::Limit => price,
    }
}

fn time_in_force(order: &Order) -> OuchTimeInForce {
    match order.time_in_force {
        TimeInForce::Day => OuchTimeInForce::DAY,
        TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill => OuchTimeInForce::IOC,
    }
}

/// Writes EnterOrder.
pub(crate) fn enter(
    state: &mut State,
    _checked: Checked,
    line: VenueLine,
    order: &Order,
    symbol: Symbol,
    effect: &mut EffectBuilder<'_>,
) {
    if line.is_fix {
        return fix_request::enter(state, line, order, symbol, effect);
    }
    let mut option = [0; MIN_QTY_OPTION_BYTES];
    let mut options = AppendageWriter::new(&mut option);
    if order.time_in_force == TimeInForce::FillOrKill {
        let fits = options.put(TagValue::MinQty(order.order_qty));
        debug_assert!(fits.is_some(), "the one option fits its constant");
    }
    let request = EnterOrder {
        user_ref_num: order.user_ref_num,
        side: order.side,
        quantity: order.order_qty,
        symbol,
        price: price_of(order.ord_type, order.price),
        time_in_force: time_in_force(order),
        display: Display::VISIBLE,
        capacity: Capacity::AGENCY,
        inter_market_sweep: false,
        cross_type: CrossType::CONTINUOUS,
        cl_ord_id: order.order_id,
        appendage: options.finish(),
    };
    put(line, effect, |into| request.encode(into));
}

/// Writes ReplaceOrder for the replace that is pending on the order.
pub(crate) fn replace(
    state: &mut State,
    _checked: Checked,
    line: VenueLine,
    (order, pending): (&Order, PendingReplace),
    effect: &mut EffectBuilder<'_>,
) {
    if line.is_fix {
        return fix_request::replace(state, line, (order, pending), effect);
    }
    let request = ReplaceOrder {
        orig_user_ref_num: order.user_ref_num,
        user_ref_num: pending.user_ref_num,
        quantity: pending.order_qty,
        price: price_of(order.ord_type, pending.price),
        time_in_force: time_in_force(order),
        display: Display::VISIBLE,
        inter_market_sweep: false,
        cl_ord_id: order.order_id,
        appendage: Appendage::EMPTY,
    };
    put(line, effect, |into| request.encode(into));
}

/// Writes CancelOrder for all that is left of an order.
///
/// Where a replace was sent before, the venue may know the order by its old number or by its new
/// one when the cancel arrives. Both are cancelled: the venue takes requests in the order in which
/// they are sent and ignores the number that is dead.
pub(crate) fn cancel(
    state: &mut State,
    line: VenueLine,
    order: &Order,
    effect: &mut EffectBuilder<'_>,
) {
    if line.is_fix {
        return fix_request::cancel(state, line, order, effect);
    }
    let replacing = order.pending_replace.map(|replace| replace.user_ref_num);
    for user_ref_num in core::iter::once(order.user_ref_num).chain(replacing) {
        let request = CancelOrder {
            user_ref_num,
            quantity: 0,
            appendage: Appendage::EMPTY,
        };
        put(line, effect, |into| request.encode(into));
    }
}

fn put(
    line: VenueLine,
    effect: &mut EffectBuilder<'_>,
    encode: impl FnOnce(&mut [u8]) -> Option<usize>,
) {
    let written = effect.output(line.connection, 0, |into| unsequenced(into, encode));
    debug_assert!(
        written.is_some(),
        "the room of an effect holds every request"
    );
}

/// Writes AccountQuery, whose answer comes behind everything older.
pub(crate) fn account_query(connection: u32, effect: &mut EffectBuilder<'_>) {
    let request = AccountQuery {
        appendage: Appendage::EMPTY,
    };
    effect.output(connection, 0, |into| {
        unsequenced(into, |into| request.encode(into))
    });
}
