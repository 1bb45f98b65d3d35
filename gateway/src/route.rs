//! Stop 11: venue, phase and halt to the connection that an order goes out by.

use gwanmun_market::{GateCode, Phase, Refusal};

use crate::orders::Order;
use crate::state::{Line, State, VenuePhase};

/// Proof that an order has a way to the venue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VenueLine {
    pub(crate) connection: u32,
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
    let line = line_up(state, state.terms.limits.queued_bytes_max)?;
    if let Some(market) = state.markets.aged(order.instrument, now_ns) {
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
pub(crate) fn route_cancel(state: &State) -> Result<VenueLine, Refusal> {
    let limit = state.terms.limits.queued_bytes_max;
    line_up(state, limit + limit / 2)
}

fn line_up(state: &State, limit: usize) -> Result<VenueLine, Refusal> {
    let Line {
        connection,
        queued_bytes,
    } = match (state.venue.phase, state.venue.line) {
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
    Ok(VenueLine { connection })
}
