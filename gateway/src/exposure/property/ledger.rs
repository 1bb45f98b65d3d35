//! The ledger that books events by itself, and what must hold of its amounts.

use std::collections::BTreeMap;

use gwanmun_market::{MarginMode, ProductKind};

use super::market::{LISTINGS, MULTIPLIER, multiplier};
use crate::exposure::ExposureRows;

type Sums = BTreeMap<String, [i128; 4]>;

/// What the ledger knows of one order, by what was done and not by what the gateway keeps.
#[derive(Clone, Copy)]
pub(super) struct Booked {
    pub(super) account: usize,
    pub(super) listing: usize,
    pub(super) is_sell: bool,
    pub(super) is_short: bool,
    /// Prices at which it may execute, and quantities that it may come to.
    pub(super) price: i128,
    pub(super) total: i128,
    pub(super) asked: Option<(i128, i128)>,
    pub(super) executed: i128,
    pub(super) paid: i128,
    pub(super) sent_qty: i128,
    pub(super) sent_value: i128,
    pub(super) is_done: bool,
}

impl Booked {
    fn open_qty(&self) -> i128 {
        let asked = self.asked.map_or(0, |(_, total)| total - self.executed);
        if self.is_done {
            return 0;
        }
        (self.total - self.executed).max(asked)
    }

    fn open_value(&self) -> i128 {
        let asked = self.asked.map_or(0, |(price, _)| price.abs());
        self.open_qty() * self.price.abs().max(asked) * self.multiplier()
    }

    pub(super) fn multiplier(&self) -> i128 {
        multiplier(LISTINGS[self.listing].1).into()
    }
}

/// All amounts by the ledger alone.
pub(super) fn amounts(ledger: &[Booked]) -> Sums {
    let mut sums = Sums::new();
    let mut add = |name: String, figures: [i128; 4]| {
        let sum = sums.entry(name).or_default();
        for (sum, figure) in sum.iter_mut().zip(figures) {
            *sum = sum.checked_add(figure).unwrap();
        }
    };
    // Net, open to buy and open to sell.
    let mut legs = BTreeMap::from([((0, 0), [-3, 0, 0]), ((2, 1), [7, 0, 0])]);
    for order in ledger {
        let Booked {
            account, listing, ..
        } = *order;
        let (kind, multiplier) = (LISTINGS[listing].1, order.multiplier());
        let (open, paid) = (order.open_value(), order.paid * multiplier);
        let cash = match (kind, order.is_sell) {
            (ProductKind::Share, false) => open + paid,
            (ProductKind::Share, true) if !order.is_short => -paid,
            _ => 0,
        };
        let premium = match kind {
            ProductKind::Option if !order.is_sell => open + paid,
            _ => 0,
        };
        add(format!("account {account}"), [open, cash, premium, 0]);
        let sent = [order.sent_qty, order.sent_value, 0, 0];
        add(format!("kind {account} {}", kind.index()), sent);
        add(format!("held {account} {listing}"), sent);
        add(format!("instrument {listing}"), sent);
        if kind != ProductKind::Share {
            add(format!("underlying {account} 0"), sent);
        }
        let party = [order.sent_value, open, 0, 0];
        if account < 2 {
            add("group 0".to_owned(), party);
        }
        add("firm".to_owned(), party);
        let [net, buy, sell] = legs.entry((account, listing)).or_default();
        if order.is_sell {
            *net -= order.executed;
            *sell += order.open_qty();
        } else {
            *net += order.executed;
            *buy += order.open_qty();
        }
    }
    for ((account, listing), [net, buy, sell]) in legs {
        let (_, kind, _, base, _, margin_bps, delta) = LISTINGS[listing];
        if kind == ProductKind::Share {
            continue;
        }
        let unit = i128::from(base.abs()) * i128::from(MULTIPLIER);
        let margin_unit = (unit * i128::from(margin_bps) + 9_999) / 10_000;
        let (high, low) = (net + buy, net - sell);
        let worst = high.abs().max(low.abs());
        let borne = match kind {
            ProductKind::Option => (-low).max(0),
            _ => worst,
        };
        let figures = [0, 0, borne * margin_unit, worst * unit];
        add(format!("account {account}"), figures);
        let weights = [high * i128::from(delta), low * i128::from(delta)];
        let [one, other] = weights;
        add(
            format!("underlying {account} 0"),
            [0, 0, one.max(other), one.min(other)],
        );
        let party = [0, 0, worst * unit, 0];
        if account < 2 {
            add("group 0".to_owned(), party);
        }
        add("firm".to_owned(), party);
    }
    sums.retain(|_, figures| *figures != [0; 4]);
    sums
}

/// Every sum within its limit.
pub(super) fn check_limits(rows: &ExposureRows, sums: &Sums) {
    const WON: i128 = 10_000;
    let of = |name: &str| sums.get(name).copied().unwrap_or_default();
    let within = |what: &str, amount: i128, won: i64, times: i128| {
        assert!(
            amount <= i128::from(won) * times,
            "{what}: {amount}, {won} won"
        );
    };
    for (account, credit) in rows.credits.iter().enumerate() {
        let [open, cash, margin, exposure] = of(&format!("account {account}"));
        within("open", open, credit.open_value_max, WON);
        within("cash", cash, credit.cash, WON);
        if credit.margin_mode == MarginMode::Pre {
            within("margin", margin, credit.deposit, WON);
        }
        within("exposure", exposure, credit.deposit, 5 * WON);
        let [qty, value, high, low] = of(&format!("underlying {account} 0"));
        let limits = &rows.underlyings[0];
        within("underlying", qty, limits.sent_qty_max, 1);
        within("underlying", value, limits.sent_value_max, WON);
        let most = limits.position_max(credit.investor);
        within("long", high, most, WON);
        within("short", -low, most, WON);
        for (at, limits) in rows.instruments.iter().enumerate() {
            let [qty, value, ..] = of(&format!("held {account} {at}"));
            within("held", qty, limits.sent_qty_max, 1);
            within("held", value, limits.sent_value_max, WON);
            let [qty, value, ..] = of(&format!("instrument {at}"));
            within("instrument", qty, limits.firm_qty_max, 1);
            within("instrument", value, limits.firm_value_max, WON);
        }
    }
    let firm = rows.firm.as_ref().unwrap();
    for (name, limits) in [("group 0", &rows.groups[0].limits), ("firm", firm)] {
        let [sent, open, exposure, _] = of(name);
        within(name, sent, limits.sent_value_max, WON);
        within(name, open, limits.open_value_max, WON);
        within(name, exposure, limits.exposure_max, WON);
    }
}
