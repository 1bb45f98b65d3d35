//! Is it too much together with what was sent, is open and is held already?
//!
//! What was sent counts whatever became of it: fills and cancels give nothing back. What is open
//! and held is given back. Where a row of the tables is missing, only what reduces risk passes;
//! what does not add to an amount passes however high the amount is. A closing order adds to what
//! is open and sent, and may be refused for that; a cancel never is.

mod cash;
mod exposure_limit;
mod firm;
mod instrument_total;
mod linked;
mod margin;
mod open_value;
mod position_limit;
mod sent_total;
mod underlying_total;

use gwanmun_market::{GateCode, Refusal};

use super::Situation;
use crate::exposure::{Added, Sent};
use crate::value::Value;

/// Asks each check of exposure in turn.
///
/// # Errors
/// The [`Refusal`] of the first that says no.
#[inline]
pub(super) fn exposure(situation: &Situation<'_>) -> Result<(), Refusal> {
    let added = &Added::of(situation);
    sent_total::sent_total(situation, added)?;
    instrument_total::instrument_total(situation, added)?;
    underlying_total::underlying_total(situation, added)?;
    open_value::open_value(situation, added)?;
    cash::cash(situation, added)?;
    if situation.exposed.contract.is_derivative() {
        margin::margin(situation, added)?;
        exposure_limit::exposure_limit(situation, added)?;
        position_limit::position_limit(situation, added)?;
    }
    linked::linked(situation, added)?;
    firm::firm(situation, added)
}

/// Each of them asked alone.
pub(super) mod alone {
    use super::{Added, Refusal, Situation};

    macro_rules! alone {
        ($($name:ident)*) => {$(
            pub(in crate::risk) fn $name(situation: &Situation<'_>) -> Result<(), Refusal> {
                super::$name::$name(situation, &Added::of(situation))
            }
        )*};
    }

    alone!(sent_total instrument_total underlying_total open_value cash linked firm);
}

/// Refuses a quantity and a value of the day beyond their limits, each with its code.
#[inline]
fn within(
    sent: Sent,
    (qty_code, qty_max): (GateCode, i64),
    (value_code, value_max): (GateCode, i64),
) -> Result<(), Refusal> {
    if sent.qty > qty_max {
        return Err(beyond(qty_code, qty_max, sent.qty));
    }
    within_won(sent.value, (value_code, value_max))
}

/// Refuses an amount beyond so many won.
#[inline]
fn within_won(amount: Value, (code, limit): (GateCode, i64)) -> Result<(), Refusal> {
    if amount.is_above_won(limit) {
        return Err(beyond_won(code, limit, amount));
    }
    Ok(())
}

// Apart, so that what refuses does not lengthen the way of what passes.

#[cold]
#[inline(never)]
const fn beyond(code: GateCode, limit: i64, observed: i64) -> Refusal {
    Refusal {
        code,
        limit,
        observed,
    }
}

#[cold]
#[inline(never)]
fn beyond_won(code: GateCode, limit: i64, amount: Value) -> Refusal {
    beyond(code, limit, amount.won())
}

/// What tables of cases of several checks need.
#[cfg(test)]
mod cases {
    use super::*;
    use crate::risk::example;

    /// Whether a check gives the answer of each case.
    pub(super) fn judged(
        check: impl Fn(&Situation<'_>, &Added) -> Result<(), Refusal>,
        situation: &Situation<'_>,
    ) -> Option<(GateCode, i64, i64)> {
        let refusal = check(situation, &Added::of(situation)).err()?;
        Some((refusal.code, refusal.limit, refusal.observed))
    }

    /// The example with other sums and limits.
    pub(super) fn with(exposed: crate::exposure::Exposed<'_>) -> Situation<'_> {
        Situation {
            exposed,
            ..example::passing()
        }
    }
}
