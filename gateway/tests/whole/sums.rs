//! The model of all sums: made from scratch of the images of orders and positions and the rows of
//! the tables, by arithmetic of 128 bits that panics where it overflows, and by other formulas than
//! the gateway's where there are others.

use std::collections::BTreeMap;

use gwanmun_gateway::Tables;
use gwanmun_market::{InstrumentLimits, ProductKind};

use crate::images::{Images, OrderImage};

type Sums = BTreeMap<String, [i128; 4]>;

fn add(sums: &mut Sums, name: String, figures: [i128; 4]) {
    let sum = sums.entry(name).or_default();
    for (sum, figure) in sum.iter_mut().zip(figures) {
        *sum = sum.checked_add(figure).unwrap();
    }
}

struct Model<'a> {
    tables: &'a Tables,
    sums: Sums,
}

impl Model<'_> {
    fn limits(&self, instrument: u16) -> Option<&InstrumentLimits> {
        let symbol = self.tables.instrument(instrument).unwrap().symbol;
        let mut rows = self.tables.exposure_rows().instruments.iter();
        rows.find(|row| row.symbol == symbol)
    }

    fn underlying(&self, instrument: u16) -> Option<usize> {
        let name = self.limits(instrument)?.underlying;
        let mut rows = self.tables.exposure_rows().underlyings.iter();
        rows.position(|row| row.underlying == name)
    }

    fn parties(&self, account: u16) -> Vec<String> {
        let rows = self.tables.exposure_rows();
        let account = self.tables.account(account).unwrap().account;
        let credit = rows.credits.iter().find(|row| row.account == account);
        let group = credit.and_then(|credit| {
            let mut groups = rows.groups.iter();
            groups.position(|group| group.name == credit.group)
        });
        let group = group.map(|group| format!("group {group}"));
        group.into_iter().chain(["firm".to_owned()]).collect()
    }

    fn order(&mut self, order: &OrderImage) {
        let Some(instrument) = self.tables.instrument(order.instrument) else {
            return;
        };
        let (kind, multiplier) = (instrument.kind, i128::from(instrument.multiplier));
        let account = order.account;
        // Whichever price is the worse one while a replace is open.
        let prices = match order.market_price {
            Some(price) => vec![price],
            None => [Some(order.price), order.replace_price]
                .into_iter()
                .flatten()
                .collect(),
        };
        let worst = prices
            .iter()
            .map(|price| i128::from(price.unsigned_abs()))
            .max();
        let open = worst.unwrap() * i128::from(order.reserved_qty) * multiplier;
        let executed = order.executed_value.checked_mul(multiplier).unwrap();
        let (cash, margin) = match (kind, order.side) {
            (ProductKind::Share | ProductKind::Etf, b'1') => (open + executed, 0),
            (ProductKind::Share | ProductKind::Etf, b'2') => (-executed, 0),
            (ProductKind::Option, b'1') => (0, open + executed),
            _ => (0, 0),
        };
        let sent = [
            i128::from(order.sent.0),
            order.sent.1.checked_mul(multiplier).unwrap(),
            0,
            0,
        ];
        let at = order.instrument;
        if [open, cash, margin] != [0; 3] {
            add(
                &mut self.sums,
                format!("account {account}"),
                [open, cash, margin, 0],
            );
        }
        if sent == [0; 4] && open == 0 {
            return;
        }
        add(
            &mut self.sums,
            format!("kind {account} {}", kind.index()),
            sent,
        );
        add(&mut self.sums, format!("held {account} {at}"), sent);
        add(&mut self.sums, format!("instrument {at}"), sent);
        if let Some(underlying) = self.underlying(at) {
            add(
                &mut self.sums,
                format!("underlying {account} {underlying}"),
                sent,
            );
        }
        for party in self.parties(account) {
            add(&mut self.sums, party, [sent[1], open, 0, 0]);
        }
    }

    fn position(&mut self, (account, at): (u16, u16), net: i64, (buy, sell): (i64, i64)) {
        let instrument = *self.tables.instrument(at).unwrap();
        let Some(limits) = self.limits(at).copied() else {
            return;
        };
        // Both ends of where fills may take it.
        let ends = [net + buy, net - sell].map(i128::from);
        if let Some(underlying) = self.underlying(at) {
            let weights = ends.map(|end| end * i128::from(limits.delta));
            let figures = [
                0,
                0,
                *weights.iter().max().unwrap(),
                *weights.iter().min().unwrap(),
            ];
            add(
                &mut self.sums,
                format!("underlying {account} {underlying}"),
                figures,
            );
        }
        if instrument.kind.needs_holdings_to_sell() {
            return;
        }
        let base = i128::from(instrument.base_price.0.unsigned_abs());
        let unit = base * i128::from(instrument.multiplier);
        let margin_of_one = (unit * i128::from(limits.margin_bps)).div_euclid(10_000)
            + i128::from(unit * i128::from(limits.margin_bps) % 10_000 != 0);
        let worst = ends.iter().map(|end| end.abs()).max().unwrap();
        let written = if instrument.kind == ProductKind::Option {
            (-ends[1]).max(0)
        } else {
            worst
        };
        let (margin, exposure) = (margin_of_one * written, unit * worst);
        add(
            &mut self.sums,
            format!("account {account}"),
            [0, 0, margin, exposure],
        );
        for party in self.parties(account) {
            add(&mut self.sums, party, [0, 0, exposure, 0]);
        }
    }
}

/// What [`gwanmun_gateway::Gateway::sums`] has to say.
pub(crate) fn expected(images: &Images, tables: &Tables) -> Sums {
    let mut model = Model {
        tables,
        sums: Sums::new(),
    };
    for order in &images.orders {
        model.order(order);
    }
    let mut positions = BTreeMap::new();
    for holding in tables.holdings() {
        let account = tables.account_index(&holding.account).unwrap();
        let instrument = tables.instrument_index(&holding.symbol).unwrap();
        positions.insert((account, instrument), (holding.quantity, (0, 0)));
    }
    for (key, position) in &images.positions {
        let net = position.opening + position.bought - position.sold;
        let working = (position.working_buy, position.working_sell);
        positions.insert(*key, (net, working));
    }
    for (key, (net, working)) in positions {
        model.position(key, net, working);
    }
    model.sums.retain(|_, figures| *figures != [0; 4]);
    model.sums
}
