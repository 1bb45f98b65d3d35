//! The tables as lines of text, as a Table record has them, and back. How lines are written is told
//! in [`crate::terms_text`].

mod conduct;
mod large_order;
mod market;
mod short;

use gwanmun_market::{
    AccountTerms, Band, Instrument, LargeOrder, OrderKinds, OrderLimits, Price, ProductKind,
    Symbol, TickTableId, Tier,
};

use self::market::MarketRows;
use conduct::ConductRows;
use large_order::LargeOrderLine;

use crate::exposure::ExposureRows;
use crate::exposure_text;
use crate::tables::{Holding, ShortRows, Tables};
use crate::terms_text::{flag, put, value_of, word_of};
use crate::terms_words::{Indices, Word, text};

const TICK_TABLES: [(&str, TickTableId); 5] = [
    ("share2023", TickTableId::Share2023),
    ("etf2023", TickTableId::Etf2023),
    ("k200future", TickTableId::K200Future),
    ("k200option", TickTableId::K200Option),
    ("cent", TickTableId::Cent),
];

/// Writes the tables: what the Table record holds.
#[must_use]
pub fn write_tables(tables: &Tables) -> String {
    let mut text = String::new();
    for row in tables.accounts() {
        let is_enabled = u8::from(row.is_enabled);
        put(
            &mut text,
            format_args!(
                "account {} {is_enabled} {}",
                Word(row.account.as_bytes()),
                row.tier.number()
            ),
        );
    }
    for row in tables.instruments() {
        let kind = word_of(&ProductKind::WORDS, row.kind);
        let ticks = word_of(&TICK_TABLES, row.tick_table);
        put(
            &mut text,
            format_args!(
                "instrument {} {kind} {ticks} {} {} {} {} {} {} {} {} {} {}",
                Word(row.symbol.as_bytes()),
                row.base_price.0,
                row.collar_bps,
                row.collar_width_min.0,
                u8::from(row.may_be_negative),
                row.daily_limit.bps,
                row.daily_limit.width_min.0,
                row.multiplier,
                row.order_kinds.to_byte(),
                u8::from(row.is_restricted),
                u8::from(row.is_suspended),
            ),
        );
    }
    for (index, row) in (0..).zip(tables.instruments()) {
        let venues = tables.venue_list(index);
        if !venues.is_empty() {
            let symbol = Word(row.symbol.as_bytes());
            put(
                &mut text,
                format_args!("venues {symbol} {}", Indices(venues)),
            );
        }
    }
    for row in tables.limits() {
        put(
            &mut text,
            format_args!(
                "limit {} {} {} {} {} {}",
                row.tier.number(),
                word_of(&ProductKind::WORDS, row.kind),
                row.order_qty_max,
                row.order_value_max,
                row.sent_qty_max,
                row.sent_value_max
            ),
        );
        put(&mut text, format_args!("{}", LargeOrderLine(row)));
    }
    exposure_text::write(tables.exposure_rows(), &mut text);
    short::write(tables, &mut text);
    conduct::write(&mut text, tables);
    for row in tables.holdings() {
        short::write_holding(row, &mut text);
    }
    market::write(tables, &mut text);
    text
}

/// Reads tables back, with so many venues; `None` where a line is no row, or the rows make no sense
/// together.
#[must_use]
pub fn read_tables(text: &str, venues: usize) -> Option<Tables> {
    let mut rows = Rows::default();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        rows.line(&words)?;
    }
    rows.tables(venues)
}

/// Rows as they are read, in the order of their lines.
#[derive(Default)]
pub(crate) struct Rows {
    accounts: Vec<AccountTerms>,
    instruments: Vec<Instrument>,
    limits: Vec<OrderLimits>,
    exposure: ExposureRows,
    holdings: Vec<Holding>,
    venue_lists: Vec<(Symbol, Vec<u16>)>,
    market: MarketRows,
    short: ShortRows,
    conduct: ConductRows,
}

impl Rows {
    /// Takes one line; `None` where it is no row of a table.
    pub(crate) fn line(&mut self, words: &[&str]) -> Option<()> {
        match words {
            ["account", account, is_enabled, tier] => self.accounts.push(AccountTerms {
                account: text(account)?,
                is_enabled: flag(is_enabled)?,
                tier: Tier::new(tier.parse().ok()?)?,
            }),
            ["instrument", row @ ..] => self.instruments.push(instrument(row)?),
            ["limit", row @ ..] => self.limits.push(limits(row)?),
            ["large", row @ ..] => large_order::take(row, self.limits.last_mut()?)?,
            ["holding", row @ ..] => self.holdings.push(short::holding(row)?),
            ["venues", symbol, indices @ ..] => {
                let indices: Result<Vec<u16>, _> =
                    indices.iter().map(|index| index.parse()).collect();
                self.venue_lists.push((text(symbol)?, indices.ok()?));
            }
            row => short::line(row, &mut self.short)
                .or_else(|| self.market.line(row))
                .or_else(|| exposure_text::line(row, &mut self.exposure))
                .or_else(|| self.conduct.line(row))?,
        }
        Some(())
    }

    /// The tables of these rows, with so many venues; `None` where they make no sense together.
    pub(crate) fn tables(self, venues: usize) -> Option<Tables> {
        let tables = Tables::new(self.accounts, self.instruments, self.holdings).ok()?;
        let rules = &self.short.rules;
        if rules.iter().any(|&(venue, _)| usize::from(venue) >= venues) {
            return None;
        }
        let tables = tables.with_limits(&self.limits).ok()?;
        let tables = self.market.put(tables, venues).ok()?;
        let tables = tables.with_short_sales(self.short).ok()?;
        let tables = tables.with_exposure(self.exposure).ok()?;
        let mut tables = self.conduct.put(tables)?;
        for (symbol, list) in self.venue_lists {
            if list.iter().any(|&venue| usize::from(venue) >= venues) {
                return None;
            }
            tables = tables.with_venues(symbol, &list).ok()?;
        }
        Some(tables)
    }
}

fn instrument(words: &[&str]) -> Option<Instrument> {
    let [
        symbol,
        kind,
        ticks,
        base_price,
        collar_bps,
        collar_width,
        negative,
        limit_bps,
        limit_width,
        multiplier,
        order_kinds,
        restricted,
        suspended,
    ] = words
    else {
        return None;
    };
    Some(Instrument {
        symbol: text(symbol)?,
        kind: value_of(&ProductKind::WORDS, kind)?,
        tick_table: value_of(&TICK_TABLES, ticks)?,
        base_price: Price(base_price.parse().ok()?),
        collar_bps: collar_bps.parse().ok()?,
        collar_width_min: Price(collar_width.parse().ok()?),
        may_be_negative: flag(negative)?,
        daily_limit: Band {
            bps: limit_bps.parse().ok()?,
            width_min: Price(limit_width.parse().ok()?),
        },
        multiplier: multiplier.parse().ok()?,
        order_kinds: OrderKinds::from_byte(order_kinds.parse().ok()?)?,
        is_restricted: flag(restricted)?,
        is_suspended: flag(suspended)?,
    })
}

fn limits(words: &[&str]) -> Option<OrderLimits> {
    let [tier, kind, order_qty, order_value, sent_qty, sent_value] = words else {
        return None;
    };
    Some(OrderLimits {
        tier: Tier::new(tier.parse().ok()?)?,
        kind: value_of(&ProductKind::WORDS, kind)?,
        order_qty_max: order_qty.parse().ok()?,
        order_value_max: order_value.parse().ok()?,
        sent_qty_max: sent_qty.parse().ok()?,
        sent_value_max: sent_value.parse().ok()?,
        // Its own line follows.
        large: LargeOrder::at_most(0, 0),
    })
}
