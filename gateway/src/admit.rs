//! Stop 9: ClOrdID(11) to a slot in the order table, or a duplicate.
//!
//! An admitted order uses up an OrderID(37) and a UserRefNum of its venue even if a check refuses
//! it afterwards, so that the numbers of later orders do not depend on verdicts: a replay under
//! other limits compares order by order. An order that names a venue that there is not uses up no
//! UserRefNum.

use gwanmun_market::{ClOrdId, GateCode, NewOrder, Refusal};

use crate::effect::EffectBuilder;
use crate::orders::{Order, Owner, SlotIndex, UNKNOWN};
use crate::route;
use crate::state::State;

/// Finds room for a new order and uses up its ClOrdID(11).
///
/// # Errors
/// [`GateCode::DuplicateOrder`], [`GateCode::OrderTableFull`].
pub(crate) fn admit(
    state: &mut State,
    member: u16,
    new: &NewOrder,
    effect: &mut EffectBuilder<'_>,
) -> Result<(SlotIndex, Order), Refusal> {
    refuse_duplicate(state, member, &new.cl_ord_id)?;
    let owner = owner(state, member, new);
    has_room(state, owner)?;
    state.has_numbers_left(member)?;
    let slot = state.orders.next_slot();
    let mut order = Order::sent(new, state.next_order_id(), owner);
    order.user_ref_num = state.take_user_ref_num(order.venue);
    state.counters.next_order += 1;
    use_up(state, member, slot, &new.cl_ord_id, effect);
    state.put_counters(order.venue, effect);
    Ok((slot, order))
}

/// Whose order it is, of what and for which venue, as rows: the one place where its names are
/// looked up.
pub(crate) fn owner(state: &State, member: u16, new: &NewOrder) -> Owner {
    let tables = &state.terms.tables;
    let instrument = tables.instrument_index(&new.symbol).unwrap_or(UNKNOWN);
    Owner {
        session: member,
        account: tables.account_index(&new.account).unwrap_or(UNKNOWN),
        instrument,
        venue: route::choose(state, instrument, &new.ex_destination),
    }
}

/// Whether the tables take another order of this owner.
///
/// # Errors
/// [`GateCode::OrderTableFull`]; limit and observed tell how large the full table is.
fn has_room(state: &State, owner: Owner) -> Result<(), Refusal> {
    let full = |count: usize| {
        let figure = i64::try_from(count).unwrap_or(i64::MAX);
        Err(Refusal {
            code: GateCode::OrderTableFull,
            limit: figure,
            observed: figure,
        })
    };
    if !state.orders.has_room() || state.is_out_of_numbers(owner.venue) {
        return full(state.orders.count());
    }
    let is_listed = owner.account != UNKNOWN && owner.instrument != UNKNOWN;
    let positions = &state.positions;
    if is_listed && !positions.has_room_for(owner.account, owner.instrument) {
        return full(positions.count());
    }
    Ok(())
}

/// Refuses a ClOrdID(11) that the session has used today.
///
/// # Errors
/// [`GateCode::DuplicateOrder`].
pub(crate) fn refuse_duplicate(
    state: &State,
    member: u16,
    cl_ord_id: &ClOrdId,
) -> Result<(), Refusal> {
    match state.orders.by_cl_ord_id(member, cl_ord_id) {
        Some(_) => Err(Refusal::plain(GateCode::DuplicateOrder)),
        None => Ok(()),
    }
}

/// Uses up a ClOrdID(11) and puts that onto the effect.
pub(crate) fn use_up(
    state: &mut State,
    member: u16,
    slot: SlotIndex,
    cl_ord_id: &ClOrdId,
    effect: &mut EffectBuilder<'_>,
) {
    // Without room, which only a cancel may come here without, it is used and not remembered.
    let used = state.orders.use_cl_ord_id(member, cl_ord_id, slot);
    if used.is_ok() {
        effect.cl_ord_id(member, slot, cl_ord_id);
    }
}
