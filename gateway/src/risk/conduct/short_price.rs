//! Is a short sale priced so that it does not push the price down? Price(44), the uptick rule
//! (업틱룰).
//!
//! The reference is the venue's last trade, in auctions too, where nothing trades between. A price
//! above it passes; a price at it passes only if the last change of the price was upwards, and a
//! change that the feed has not told since its line came up counts as a fall. Without a last trade
//! no short sale passes. A market order has no price that could be held to it and does not pass.

use gwanmun_market::{GateCode, OrdType, Refusal, Side};

use super::super::{ShortSale, Situation};

/// Refuses a short sale below the last price, and one at it after a fall, where the venue's rule
/// says so. Side(54)=6 is exempt where the rule exempts it.
pub(in super::super) fn short_price(
    situation: &Situation<'_>,
    short: &ShortSale,
) -> Result<(), Refusal> {
    let Some(rule) = short.rule.filter(|rule| rule.has_price_rule) else {
        return Ok(());
    };
    if rule.exempts_side_6 && situation.side == Side::SellShortExempt {
        return Ok(());
    }
    let market = situation.fresh_market()?;
    let last = market
        .state
        .last
        .ok_or(Refusal::plain(GateCode::ShortNoLast))?;
    let is_limit = situation.ord_type == OrdType::Limit;
    let is_above = situation.price > last || (situation.price == last && market.is_rising);
    if is_limit && is_above {
        return Ok(());
    }
    Err(Refusal {
        code: GateCode::ShortPrice,
        limit: last.0,
        observed: if is_limit { situation.price.0 } else { 0 },
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{MarketState, Phase, Price, ShortRule};

    use super::super::super::example;
    use super::*;
    use crate::markets::AgedState;

    fn check(
        (side, ord_type, price): (Side, OrdType, i32),
        (last, is_rising): (Option<i32>, bool),
        rule: ShortRule,
    ) -> Option<GateCode> {
        let price = Price::from_whole(price);
        let mut codes = [Phase::Continuous, Phase::OpeningAuction].map(|phase| {
            let state = MarketState {
                phase,
                last: last.map(Price::from_whole),
                ..example::market().state
            };
            let situation = Situation {
                market: Some(AgedState {
                    state,
                    is_rising,
                    ..example::market()
                }),
                side,
                ord_type,
                price,
                ..example::passing()
            };
            let short = ShortSale {
                rule: Some(rule),
                ..example::SHORT
            };
            let refusal = short_price(&situation, &short).err()?;
            if refusal.code == GateCode::ShortPrice {
                assert_eq!(refusal.limit, Price::from_whole(last.unwrap()).0);
                let is_limit = ord_type == OrdType::Limit;
                assert_eq!(refusal.observed, if is_limit { price.0 } else { 0 });
            }
            Some(refusal.code)
        });
        // An auction knows no other rule.
        codes.sort_unstable();
        assert_eq!(codes[0], codes[1]);
        codes[0]
    }

    #[test]
    fn a_short_sale_does_not_push_the_price_down() {
        let (short, exempt) = (Side::SellShort, Side::SellShortExempt);
        let limit = OrdType::Limit;
        let no = Some(GateCode::ShortPrice);
        let rule = example::SHORT_RULE;
        for (order, market, expected) in [
            ((short, limit, 71_600), (Some(71_600), true), None),
            ((short, limit, 71_600), (Some(71_600), false), no),
            ((short, limit, 71_700), (Some(71_600), false), None),
            ((short, limit, 71_500), (Some(71_600), true), no),
            ((short, OrdType::Market, 0), (Some(71_600), true), no),
            (
                (short, limit, 71_700),
                (None, false),
                Some(GateCode::ShortNoLast),
            ),
            // Not exempt unless the rule says so.
            ((exempt, limit, 71_500), (Some(71_600), true), no),
        ] {
            assert_eq!(check(order, market, rule), expected, "{order:?}");
        }
    }

    #[test]
    fn a_rule_may_exempt_side_6_or_say_nothing_of_prices() {
        let exempting = ShortRule {
            exempts_side_6: true,
            ..example::SHORT_RULE
        };
        let low = (Some(71_600), false);
        let exempt = (Side::SellShortExempt, OrdType::Limit, 71_500);
        let marked = (Side::SellShort, OrdType::Limit, 71_500);
        assert_eq!(check(exempt, low, exempting), None);
        assert_eq!(check(exempt, (None, false), exempting), None);
        assert_eq!(check(marked, low, exempting), Some(GateCode::ShortPrice));
        let free = ShortRule {
            has_price_rule: false,
            ..example::SHORT_RULE
        };
        assert_eq!(check(marked, low, free), None);
        assert_eq!(check(marked, (None, false), free), None);
    }

    #[test]
    fn an_old_last_price_is_none() {
        for (age_ns, expected) in [
            (500_000_000, None),
            (500_000_001, Some(GateCode::StaleData)),
        ] {
            let market = AgedState {
                age_ns,
                ..example::market()
            };
            let situation = Situation {
                market: Some(market),
                side: Side::SellShort,
                price: Price::from_whole(71_700),
                ..example::passing()
            };
            let refusal = short_price(&situation, &example::SHORT).err();
            assert_eq!(refusal.map(|no| no.code), expected);
        }
    }
}
