//! Gathers for stop 10 what the checks may look at.

use gwanmun_market::{AccountTerms, Board, GateCode, Price, Refusal, ShortRule};

use crate::exposure::Exposed;
use crate::orders::{Order, SlotIndex, UNKNOWN};
use crate::risk::{self, Checked, Consent, Manner, ShortSale, Situation};
use crate::stages::Stages;
use crate::state::State;

/// Stop 10 of a new order, which is remembered as judged.
///
/// # Errors
/// As [`of_new`] and [`risk::judge`].
pub(crate) fn judge_new(
    state: &mut State,
    stages: &impl Stages,
    (slot, order): (SlotIndex, &Order),
    now_ns: u64,
) -> Result<Checked, Refusal> {
    let verdict = risk::judge(stages, || of_new(state, order, now_ns));
    let tables = &state.terms.tables;
    let refusal = (now_ns, verdict.as_ref().err());
    state.conduct.note_judged(tables, order, refusal);
    if verdict.is_ok() {
        state.conduct.note_passed(tables, (slot, order), now_ns);
    }
    verdict
}

/// The situation of a new order.
///
/// # Errors
/// [`GateCode::UnknownSymbol`] when the tables have no such instrument, [`GateCode::UnknownVenue`]
/// when it does not trade at the venue that the order names: no check could say anything.
/// [`GateCode::StorageLow`].
#[inline(always)]
pub(crate) fn of_new<'a>(
    state: &'a State,
    order: &Order,
    now_ns: u64,
) -> Result<Situation<'a>, Refusal> {
    let mut situation = of(state, order, (order.price, order.order_qty), now_ns)?;
    if let Some(limits) = situation.manner.limits {
        let since = state.conduct.same_order_since(order, limits.same_order_max);
        situation.manner.same_order_since_ns = since;
    }
    Ok(situation)
}

/// The situation of an order of which somebody has said that it is meant.
///
/// # Errors
/// As [`of_new`].
#[inline(always)]
pub(crate) fn of_consented<'a>(
    state: &'a State,
    order: &Order,
    consent: Consent,
    now_ns: u64,
) -> Result<Situation<'a>, Refusal> {
    let mut situation = of_new(state, order, now_ns)?;
    situation.consent = consent;
    situation.manner.is_counted = true;
    Ok(situation)
}

/// The situation of an order as a replace would leave it.
///
/// # Errors
/// As [`of_new`].
pub(crate) fn of_replace<'a>(
    state: &'a State,
    order: &Order,
    (price, order_qty): (Price, u32),
    now_ns: u64,
) -> Result<Situation<'a>, Refusal> {
    let open_qty = order_qty.saturating_sub(order.cum_qty);
    let is_no_larger = open_qty <= order.leaves_qty() && price.0.abs() <= order.price.0.abs();
    Ok(Situation {
        consent: if is_no_larger {
            Consent::Approved
        } else {
            Consent::None
        },
        ..of(state, order, (price, open_qty), now_ns)?
    })
}

#[inline(always)]
fn of<'a>(
    state: &'a State,
    order: &Order,
    (price, open_qty): (Price, u32),
    now_ns: u64,
) -> Result<Situation<'a>, Refusal> {
    let tables = &state.terms.tables;
    let instrument = tables
        .instrument(order.instrument)
        .ok_or(Refusal::plain(GateCode::UnknownSymbol))?;
    if order.venue == UNKNOWN {
        return Err(Refusal::plain(GateCode::UnknownVenue));
    }
    let member = state.members.get(usize::from(order.session));
    let may_use = member
        .and_then(|member| member.may_use.get(usize::from(order.account)))
        .is_some_and(|&may_use| may_use);
    let account = tables.account(order.account).filter(|_| may_use);
    let tier = account.map(|account| account.tier);
    let slot = state.positions.find(order.account, order.instrument);
    let exposed = Exposed::of(state, order, slot);
    let market = state
        .venue(order.venue)
        .and_then(|venue| venue.markets.aged(order.instrument, now_ns));
    let board = market.map_or(Board::Regular, |market| market.state.board);
    let (rules, marks) = (
        tables.market_rules(order.instrument),
        tables.account_marks(order.account),
    );
    let situation = Situation {
        account,
        has_account_table: !tables.accounts().is_empty(),
        instrument,
        market,
        rules,
        marks,
        halts: state.halts.of(order.venue, order.instrument),
        venue_rule: tables.venue_rule(order.venue, board),
        foreign_room: Some(order.instrument)
            .filter(|_| rules.has_foreign_limit && marks.is_foreign)
            .and_then(|instrument| foreign_room(state, instrument, now_ns)),
        position: slot.and_then(|slot| state.positions.at(slot)),
        side: order.side,
        ord_type: order.ord_type,
        time_in_force: order.time_in_force,
        limits: tier.and_then(|tier| tables.order_limits(tier, instrument.kind)),
        exposed: exposed.ok_or(Refusal::plain(GateCode::UnknownSymbol))?,
        price,
        open_qty,
        reserved_qty: order.reserved_qty,
        max_age_ns: state.terms.limits.max_age_ns,
        manner: manner(state, order, account, now_ns),
        consent: Consent::None,
        short_sale: order.side.is_short().then(|| ShortSale {
            has_balance_system: tables.has_balance_system(order.account),
            is_allowed: tables.may_be_sold_short(order.instrument),
            rule: tables.short_rule(order.venue, now_ns).copied(),
            kst_s: ShortRule::kst_s(now_ns),
        }),
    };
    debug_assert!(order.account != UNKNOWN || situation.account.is_none());
    if state.storage == crate::state::StorageLevel::Low {
        return only_reducing(situation);
    }
    Ok(situation)
}

/// How the order's session and account behave.
fn manner<'a>(
    state: &'a State,
    order: &Order,
    account: Option<&AccountTerms>,
    now_ns: u64,
) -> Manner<'a> {
    let (tables, conduct) = (&state.terms.tables, &state.conduct);
    Manner {
        now_ns,
        limits: account.and_then(|account| tables.conduct_limits(account.tier)),
        session_rate: tables.session_rate(),
        account_bucket: conduct.account_bucket(order.account),
        session_bucket: conduct.session_bucket(order.session),
        same_order_since_ns: None,
        is_counted: false,
        counts: conduct.counts(order.account),
        account: tables.account_conduct(order.account),
        origin: order.origin,
        own_best: conduct.best_against(tables, order),
    }
}

/// Apart, so that the way of most orders makes the situation where it is wanted.
#[cold]
#[inline(never)]
fn only_reducing(situation: Situation<'_>) -> Result<Situation<'_>, Refusal> {
    if situation.is_risk_reducing() {
        return Ok(situation);
    }
    Err(Refusal::plain(GateCode::StorageLow))
}

/// What foreign accounts may still buy, if a venue told it on a feed that is not silent.
fn foreign_room(state: &State, instrument: u16, now_ns: u64) -> Option<i64> {
    let (room, venue) = state.foreign.room(instrument)?;
    let age_ns = state.venue(venue)?.markets.age_ns(now_ns);
    (age_ns <= state.terms.limits.max_age_ns).then_some(room)
}
