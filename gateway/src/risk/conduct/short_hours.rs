//! Is it an hour of the day at which the venue takes short sales? Side(54), the venue's rule.
//!
//! The phase alone does not tell the regular hours from a venue's pre-market (프리마켓) and
//! after-market (애프터마켓), which trade continuously too and take no short sale.

use gwanmun_market::{GateCode, Refusal};

use super::super::ShortSale;

/// Refuses a short sale outside of the rule's hours; both figures are times of the Korean day as
/// people write them without a colon: 830 is half past eight.
pub(in super::super) fn short_hours(short: &ShortSale) -> Result<(), Refusal> {
    let rule = short
        .rule
        .ok_or(Refusal::plain(GateCode::ShortRuleMissing))?;
    let now_s = short.kst_s;
    let limit_s = match now_s {
        _ if now_s < rule.open_s => rule.open_s,
        _ if now_s >= rule.close_s => rule.close_s,
        _ => return Ok(()),
    };
    Err(Refusal {
        code: GateCode::ShortHours,
        limit: hour_and_minute(limit_s),
        observed: hour_and_minute(now_s),
    })
}

fn hour_and_minute(second: u32) -> i64 {
    i64::from(second / 3_600 * 100 + second / 60 % 60)
}

#[cfg(test)]
mod tests {
    use gwanmun_market::ShortRule;

    use super::super::super::example;
    use super::*;

    #[test]
    fn a_short_sale_is_taken_from_the_first_second_to_the_last() {
        let rule = ShortRule {
            open_s: 9 * 3_600,
            close_s: 15 * 3_600 + 30 * 60,
            ..example::SHORT_RULE
        };
        for (kst_s, expected) in [
            (0, Some((900, 0))),
            (8 * 3_600 + 49 * 60 + 59, Some((900, 849))),
            (9 * 3_600 - 1, Some((900, 859))),
            (9 * 3_600, None),
            (rule.close_s - 1, None),
            (rule.close_s, Some((1_530, 1_530))),
            (86_399, Some((1_530, 2_359))),
        ] {
            let short = ShortSale {
                rule: Some(rule),
                kst_s,
                ..example::SHORT
            };
            let refusal = short_hours(&short).err();
            assert!(refusal.is_none_or(|no| no.code == GateCode::ShortHours));
            assert_eq!(refusal.map(|no| (no.limit, no.observed)), expected);
        }
    }

    #[test]
    fn without_a_rule_there_are_no_hours() {
        let short = ShortSale {
            rule: None,
            ..example::SHORT
        };
        let refusal = short_hours(&short).err();
        let missing = Refusal::plain(GateCode::ShortRuleMissing);
        assert_eq!(refusal, Some(missing));
    }
}
