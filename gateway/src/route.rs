//! The venue of an order: chosen at its admission ([`choose`]), and at stop 11 verified and turned
//! into the connection that the order goes out by. Replaces and cancels go where the order is.

use gwanmun_fix::session::MSG_SEQ_NUM_MAX;
use gwanmun_market::{GateCode, Phase, Refusal, VenueName};

use crate::fix_line::FixLine;
use crate::orders::{Order, UNKNOWN};
use crate::state::{Line, NUMBERS_KEPT, State};
use crate::venue::{Venue, VenuePhase};

/// The venue of a new order, [`UNKNOWN`] where there is none.
///
/// What the member names is never replaced by another: his order goes to that venue, if the
/// instrument trades there, and is refused there if need be. Otherwise it is the first of its
/// instrument's venues that takes orders for it now, or else the first whose line is up, or else
/// the first, so that the answer says what is wrong there.
///
/// It is asked before the checks, which need that venue's market, and depends on nothing that they
/// decide. A halt and the age of market state are not looked at: they are verdicts on the
/// instrument and not the venue's absence, and an order must not slip round them by going
/// elsewhere.
pub(crate) fn choose(state: &State, instrument: u16, instruction: &VenueName) -> u16 {
    let listed = state.terms.venues_of(instrument);
    if !instruction.is_empty() {
        let venues = &state.terms.venues;
        let is_named = |venue: &&u16| {
            let terms = venues.get(usize::from(**venue));
            terms.is_some_and(|terms| terms.name == *instruction)
        };
        return listed.iter().find(is_named).copied().unwrap_or(UNKNOWN);
    }
    let first = |is_it: &dyn Fn(&Venue) -> bool| {
        let mut listed = listed.iter().copied();
        listed.find(|&venue| state.venue(venue).is_some_and(is_it))
    };
    let is_up = |venue: &Venue| venue.phase == VenuePhase::Up;
    first(&|venue| is_up(venue) && venue.takes_orders(instrument))
        .or_else(|| first(&is_up))
        .or_else(|| listed.first().copied())
        .unwrap_or(UNKNOWN)
}

/// Above this MsgSeqNum(34) a FIX venue gets no orders: what is left is for cancels, and for the
/// session itself.
const NUMBERS_END: u64 = MSG_SEQ_NUM_MAX - NUMBERS_KEPT;

/// Proof that an order has a way to the venue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VenueLine {
    pub(crate) connection: u32,
    /// Whether FIX is spoken there.
    pub(crate) is_fix: bool,
    /// When it was asked.
    pub(crate) now_ns: u64,
}

/// The way of a new order or of a replace.
///
/// Without any word from the venue on phase and halt a risk-reducing order is passed on, since the
/// venue decides those itself; a risk-increasing one was refused by the checks before.
///
/// # Errors [`GateCode::Stopping`], [`GateCode::VenueDown`], [`GateCode::VenueBusy`],
/// [`GateCode::MarketClosed`], [`GateCode::Halted`].
pub(crate) fn route(state: &State, order: &Order, now_ns: u64) -> Result<VenueLine, Refusal> {
    if state.is_leaving {
        return Err(Refusal::plain(GateCode::Stopping));
    }
    let venue = venue_of(state, order)?;
    let line = line_up(venue, state.terms.limits.queued_bytes_max, now_ns)?;
    let is_spent = |line: &FixLine| line.session.numbers().next_out > NUMBERS_END;
    if venue.wire.fix().is_some_and(is_spent) {
        return Err(Refusal::plain(GateCode::VenueDown));
    }
    if let Some(market) = venue.markets.aged(order.instrument, now_ns) {
        if market.state.is_halted {
            return Err(Refusal::plain(GateCode::Halted));
        }
        if market.state.phase == Phase::Closed {
            return Err(Refusal::plain(GateCode::MarketClosed));
        }
    }
    Ok(line)
}

/// The way of a cancel, which no phase and no halt stops here. The send buffer keeps room for
/// cancels behind the point where orders are refused; only when that is gone too, so that the bytes
/// would go nowhere, is a cancel refused.
///
/// # Errors
/// [`GateCode::VenueDown`], [`GateCode::VenueBusy`].
pub(crate) fn route_cancel(
    state: &State,
    order: &Order,
    now_ns: u64,
) -> Result<VenueLine, Refusal> {
    let limit = state.terms.limits.queued_bytes_max;
    line_up(venue_of(state, order)?, limit + limit / 2, now_ns)
}

fn venue_of<'a>(state: &'a State, order: &Order) -> Result<&'a Venue, Refusal> {
    state
        .venue(order.venue)
        .ok_or(Refusal::plain(GateCode::VenueDown))
}

fn line_up(venue: &Venue, limit: usize, now_ns: u64) -> Result<VenueLine, Refusal> {
    let Line {
        connection,
        queued_bytes,
    } = match (venue.phase, venue.line) {
        (VenuePhase::Up, Some(line)) => line,
        _ => return Err(Refusal::plain(GateCode::VenueDown)),
    };
    if queued_bytes > limit {
        let figure = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        return Err(Refusal {
            code: GateCode::VenueBusy,
            limit: figure(limit),
            observed: figure(queued_bytes),
        });
    }
    Ok(VenueLine {
        connection,
        is_fix: venue.wire.is_fix(),
        now_ns,
    })
}
