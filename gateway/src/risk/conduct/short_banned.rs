//! May the instrument be sold short at all? Side(54).

use gwanmun_market::{GateCode, Refusal};

use super::super::ShortSale;

/// Refuses a short sale of an instrument that the tables do not allow to be sold short, exempt or
/// not.
pub(in super::super) fn short_banned(short: &ShortSale) -> Result<(), Refusal> {
    if short.is_allowed {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::ShortBanned,
        limit: 0,
        observed: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::example;
    use super::*;

    #[test]
    fn what_is_not_allowed_is_banned() {
        for (is_allowed, expected) in [(true, None), (false, Some((0, 1)))] {
            let short = ShortSale {
                is_allowed,
                ..example::SHORT
            };
            let refusal = short_banned(&short).err();
            assert!(refusal.is_none_or(|no| no.code == GateCode::ShortBanned));
            assert_eq!(refusal.map(|no| (no.limit, no.observed)), expected);
        }
    }
}
