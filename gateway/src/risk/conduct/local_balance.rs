//! Does the account that sells short have a local balance system? Side(54), R-109.

use gwanmun_market::{GateCode, Refusal};

use super::super::ShortSale;

/// Refuses every short sale of an account without one; its long sales are no matter of this check.
pub(in super::super) fn local_balance(short: &ShortSale) -> Result<(), Refusal> {
    if short.has_balance_system {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::NoBalanceSystem,
        limit: 1,
        observed: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::example;
    use super::*;

    #[test]
    fn only_an_account_with_a_balance_system_sells_short() {
        for (has_balance_system, expected) in [(true, None), (false, Some((1, 0)))] {
            let short = ShortSale {
                has_balance_system,
                ..example::SHORT
            };
            let refusal = local_balance(&short).err();
            assert!(refusal.is_none_or(|no| no.code == GateCode::NoBalanceSystem));
            assert_eq!(refusal.map(|no| (no.limit, no.observed)), expected);
        }
    }
}
