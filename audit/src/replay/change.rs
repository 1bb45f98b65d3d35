//! One change of the terms, as `KEY=VALUE` says it.
//!
//! In it: [`Change`] with the keys there are. Keys follow the tables' own: `limits.max_age_ns`,
//! `account.ID.enabled`, `account.ID.tier`, `instrument.SYMBOL.FIELD`, `limit.TIER.KIND.FIELD`,
//! `holding.ACCOUNT.SYMBOL.quantity` (of what is settled), and those of [`super::change_exposure`],
//! [`super::change_conduct`] and [`super::change_short`]; `*` in the place of an ID or SYMBOL means
//! each. Prices are in won. Not in it: what a change leads to (see `what_if`).

use gwanmun_gateway::{Holding, Tables, Terms};
use gwanmun_market::{
    AccountTerms, HoldingSource, Instrument, OrderLimits, Price, ProductKind, TickTableId, Tier,
};

use super::change_conduct::{ConductChange, ConductRows};
use super::change_error::ChangeError;
use super::change_exposure::{ExposureChange, is_named, shown};
use super::change_short::ShortChange;
use super::limit_field::{LimitField, limit_row};

/// The keys, for people.
pub const KEYS: &str = "limits.max_age_ns, account.ID.enabled, instrument.SYMBOL.collar_bps, \
instrument.SYMBOL.collar_width_min, instrument.SYMBOL.tick_table, instrument.SYMBOL.base_price, \
instrument.SYMBOL.may_be_negative, instrument.SYMBOL.daily_limit_bps, \
instrument.SYMBOL.daily_limit_width_min, instrument.SYMBOL.multiplier, \
instrument.SYMBOL.restricted, instrument.SYMBOL.suspended, account.ID.tier, \
limit.TIER.KIND.order_qty_max, limit.TIER.KIND.order_value_max, limit.TIER.KIND.sent_qty_max, \
limit.TIER.KIND.sent_value_max, limit.TIER.KIND.warn_qty, limit.TIER.KIND.hold_qty, \
limit.TIER.KIND.warn_value, limit.TIER.KIND.hold_value, holding.ACCOUNT.SYMBOL.quantity, \
conduct.TIER.FIELD, session_rate.FIELD, account.ID.self_trade";

/// Tick tables by the names that the configuration gives them.
const TICK_TABLES: [(&str, TickTableId); 5] = [
    ("share_2023", TickTableId::Share2023),
    ("etf_2023", TickTableId::Etf2023),
    ("k200_future", TickTableId::K200Future),
    ("k200_option", TickTableId::K200Option),
    ("cent", TickTableId::Cent),
];

/// Names listed in an error.
const NAMES_MAX: usize = 12;

/// A change that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    key: String,
    to: To,
}

/// The field and what it becomes. Names are as written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum To {
    MaxAge(u64),
    Enabled(String, bool),
    Tier(String, Tier),
    Conduct(ConductChange),
    /// Of a tier and a kind of product.
    Limit(Tier, ProductKind, LimitField, i64),
    Instrument(String, Field),
    /// Account and symbol, with the dot between them.
    Holding(String, i64),
    Exposure(ExposureChange),
    Short(ShortChange),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    DailyLimitBps(u32),
    DailyLimitWidthMin(Price),
    Multiplier(u32),
    Restricted(bool),
    Suspended(bool),
    CollarBps(u32),
    CollarWidthMin(Price),
    Ticks(TickTableId),
    BasePrice(Price),
    MayBeNegative(bool),
}

impl Change {
    /// Reads `KEY=VALUE`.
    ///
    /// # Errors
    /// [`ChangeError`] for an unknown key or a value that it does not take.
    pub fn parse(text: &str) -> Result<Change, ChangeError> {
        let (key, value) = text.split_once('=').ok_or_else(|| ChangeError::NoValue {
            text: text.to_owned(),
        })?;
        let (key, value) = (key.trim(), value.trim());
        let unknown = || ChangeError::UnknownKey {
            key: key.to_owned(),
        };
        let wrong = |remedy| ChangeError::Value {
            key: key.to_owned(),
            value: value.to_owned(),
            remedy,
        };
        let (section, rest) = key.split_once('.').ok_or_else(unknown)?;
        if let Some(change) = ConductChange::parse(section, rest, value) {
            let to = To::Conduct(change.map_err(wrong)?);
            let key = key.to_owned();
            return Ok(Change { key, to });
        }
        if let Some(change) = ShortChange::parse(section, rest, value) {
            let to = To::Short(change.map_err(wrong)?);
            let key = key.to_owned();
            return Ok(Change { key, to });
        }
        let to = match (section, rest.rsplit_once('.')) {
            ("limits", None) if rest == "max_age_ns" => {
                let age_ns = value.replace('_', "").parse();
                To::MaxAge(age_ns.map_err(|_| wrong("nanoseconds, a whole number"))?)
            }
            ("account", Some((name, "enabled"))) => {
                let is_enabled = value.parse().map_err(|_| wrong("true or false"))?;
                To::Enabled(name.to_owned(), is_enabled)
            }
            ("account", Some((name, "tier"))) => {
                let tier = value.parse().ok().and_then(Tier::new);
                To::Tier(name.to_owned(), tier.ok_or_else(|| wrong("1 to 9"))?)
            }
            ("limit", Some((row, field))) => {
                let (tier, kind, field) = limit_row(row, field).ok_or_else(unknown)?;
                let limit = value.replace('_', "").parse().ok();
                let limit = limit.filter(|&limit| limit > 0 && field.fits(limit));
                let limit = limit.ok_or_else(|| wrong("a whole number above zero"))?;
                To::Limit(tier, kind, field, limit)
            }
            ("instrument", Some((name, field))) => {
                let field = Field::parse(field, value).ok_or_else(unknown)?;
                To::Instrument(name.to_owned(), field.map_err(wrong)?)
            }
            ("holding", Some((name, "quantity"))) => {
                let quantity = value.replace('_', "").parse();
                To::Holding(
                    name.to_owned(),
                    quantity.map_err(|_| wrong("a whole number"))?,
                )
            }
            _ => {
                let change = ExposureChange::parse(section, rest, value).ok_or_else(unknown)?;
                To::Exposure(change.map_err(wrong)?)
            }
        };
        let key = key.to_owned();
        Ok(Change { key, to })
    }

    /// The key as it was written.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The terms with the change made; `None` when they have no such row.
    pub(crate) fn applied(&self, terms: &Terms) -> Option<Terms> {
        let mut changed = terms.clone();
        let tables = &terms.tables;
        let mut accounts = tables.accounts().to_vec();
        let mut instruments = tables.instruments().to_vec();
        let mut holdings = tables.holdings().to_vec();
        let mut limits: Vec<OrderLimits> = tables.limits().copied().collect();
        let mut exposure = tables.exposure_rows().clone();
        let mut short = tables.short_rows();
        let mut conduct = ConductRows::of(tables);
        let count = match &self.to {
            To::Conduct(change) => conduct.change(change),
            To::Tier(name, tier) => {
                let named = |row: &&mut AccountTerms| is_named(name, row.account.as_bytes());
                let rows = accounts.iter_mut().filter(named);
                rows.map(|row| row.tier = *tier).count()
            }
            To::Limit(tier, kind, field, limit) => {
                let named = |row: &&mut OrderLimits| (row.tier, row.kind) == (*tier, *kind);
                let rows = limits.iter_mut().filter(named);
                rows.map(|row| field.put(*limit, row)).count()
            }
            To::MaxAge(age_ns) => {
                changed.limits.max_age_ns = *age_ns;
                return Some(changed);
            }
            To::Enabled(name, is_enabled) => {
                let named = |row: &&mut AccountTerms| is_named(name, row.account.as_bytes());
                let rows = accounts.iter_mut().filter(named);
                rows.map(|row| row.is_enabled = *is_enabled).count()
            }
            To::Instrument(name, field) => {
                let named = |row: &&mut Instrument| is_named(name, row.symbol.as_bytes());
                let rows = instruments.iter_mut().filter(named);
                rows.map(|row| field.put(row)).count()
            }
            To::Holding(name, quantity) => {
                let named = |row: &&mut Holding| is_named(name, holding_name(row).as_bytes());
                let is_settled = |row: &&mut Holding| row.source == HoldingSource::Settled;
                let rows = holdings.iter_mut().filter(named).filter(is_settled);
                rows.map(|row| row.quantity = *quantity).count()
            }
            To::Exposure(change) => change.put(&mut exposure),
            To::Short(change) => change.put(tables, &mut short),
        };
        if count == 0 {
            return None;
        }
        // Rows are neither added nor renamed, so what were tables are tables still.
        let tables = Tables::new(accounts, instruments, holdings).ok()?;
        let tables = tables.with_limits(&limits).ok()?;
        let tables = tables.with_short_sales(short).ok()?;
        let tables = tables.with_exposure(exposure).ok()?;
        let mut tables = conduct.put(tables)?;
        for (index, row) in (0..).zip(terms.tables.instruments()) {
            let venues = terms.tables.venue_list(index);
            tables = tables.with_venues(row.symbol, venues).ok()?;
        }
        changed.tables = tables;
        Some(changed)
    }

    /// The error for a change that none of the day's terms have a row for.
    pub(crate) fn no_row<'a>(&self, all: impl Iterator<Item = &'a Terms>) -> ChangeError {
        let mut rows = Vec::new();
        for terms in all {
            let tables = &terms.tables;
            let names: Vec<String> = match &self.to {
                To::MaxAge(_) => Vec::new(),
                To::Conduct(change) => ConductRows::of(tables).names(change),
                To::Limit(..) => tables.limits().map(limits_name).collect(),
                To::Enabled(..) | To::Tier(..) => {
                    let names = tables.accounts().iter().map(|row| row.account);
                    names.map(|name| shown(name.as_bytes())).collect()
                }
                To::Instrument(..) => {
                    let names = tables.instruments().iter().map(|row| row.symbol);
                    names.map(|name| shown(name.as_bytes())).collect()
                }
                To::Holding(..) => tables.holdings().iter().map(holding_name).collect(),
                To::Exposure(change) => change.names(tables),
                To::Short(change) => change.names(tables),
            };
            rows.extend(names);
        }
        rows.sort();
        rows.dedup();
        rows.truncate(NAMES_MAX);
        ChangeError::NoRow {
            key: self.key.clone(),
            rows,
        }
    }
}

impl Field {
    /// Reads a field's value; `None` for an unknown field, the remedy for a wrong value.
    fn parse(field: &str, value: &str) -> Option<Result<Field, &'static str>> {
        let price = || {
            let price = Price::parse(value.replace('_', "").as_bytes());
            price.map_err(|_| "a price in won")
        };
        let flag = || value.parse().map_err(|_| "true or false");
        Some(match field {
            "collar_bps" => {
                let bps = value.parse().map_err(|_| "basis points, a whole number");
                bps.map(Field::CollarBps)
            }
            "collar_width_min" => price().map(Field::CollarWidthMin),
            "daily_limit_bps" => {
                let bps = value.parse().map_err(|_| "basis points, a whole number");
                bps.map(Field::DailyLimitBps)
            }
            "daily_limit_width_min" => price().map(Field::DailyLimitWidthMin),
            "multiplier" => {
                let won = value
                    .replace('_', "")
                    .parse()
                    .map_err(|_| "won, a whole number");
                won.map(Field::Multiplier)
            }
            "restricted" => flag().map(Field::Restricted),
            "suspended" => flag().map(Field::Suspended),
            "base_price" => price().map(Field::BasePrice),
            "may_be_negative" => flag().map(Field::MayBeNegative),
            "tick_table" => {
                let found = TICK_TABLES.iter().find(|pair| pair.0 == value);
                let remedy = "share_2023, etf_2023, k200_future, k200_option or cent";
                found.map(|pair| Field::Ticks(pair.1)).ok_or(remedy)
            }
            _ => return None,
        })
    }

    fn put(self, row: &mut Instrument) {
        match self {
            Field::CollarBps(bps) => row.collar_bps = bps,
            Field::CollarWidthMin(width) => row.collar_width_min = width,
            Field::Ticks(table) => row.tick_table = table,
            Field::BasePrice(price) => row.base_price = price,
            Field::MayBeNegative(flag) => row.may_be_negative = flag,
            Field::DailyLimitBps(bps) => row.daily_limit.bps = bps,
            Field::DailyLimitWidthMin(width) => row.daily_limit.width_min = width,
            Field::Multiplier(won) => row.multiplier = won,
            Field::Restricted(flag) => row.is_restricted = flag,
            Field::Suspended(flag) => row.is_suspended = flag,
        }
    }
}

fn limits_name(row: &OrderLimits) -> String {
    let kind = ProductKind::WORDS.iter().find(|pair| pair.1 == row.kind);
    format!("{}.{}", row.tier.number(), kind.map_or("", |pair| pair.0))
}

fn holding_name(row: &Holding) -> String {
    let (account, symbol) = (row.account.as_bytes(), row.symbol.as_bytes());
    format!("{}.{}", shown(account), shown(symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read_and_what_is_wrong_is_named() {
        for right in [
            "limits.max_age_ns=5_000_000_000",
            "account.ACC-1.enabled=false",
            "account.*.enabled=true",
            "instrument.005930.collar_bps=100",
            "credit.ACC-1.deposit=1_000",
            "credit.*.margin=post",
            "instrument_limit.005930.firm_qty_max=10",
            "instrument_limit.201W6350.delta=-4_500",
            "underlying.K200.other_max=0",
            "group.CLIENT-1.exposure_max=1",
            "firm.open_value_max=1",
            "instrument.005930.collar_width_min=500.5",
            "instrument.005930.tick_table=etf_2023",
            "instrument.A.B.base_price=-3.75",
            "instrument.005930.may_be_negative=true",
            "holding.ACC-1.005930.quantity=-4",
            "account.ACC-1.tier=9",
            "limit.1.share.order_qty_max=100",
            "limit.2.future.sent_value_max=20_000_000_000",
            "instrument.*.daily_limit_bps=800",
            "instrument.101W6000.multiplier=50_000",
            "instrument.005930.restricted=true",
        ] {
            let change = Change::parse(right).unwrap();
            assert_eq!(change.key(), right.split_once('=').unwrap().0);
        }
        for (wrong, word) in [
            ("limits.max_age_ns", "KEY=VALUE"),
            ("limits.max_age=1", "limits.max_age_ns"),
            ("collar_bps=1", "instrument.SYMBOL.collar_bps"),
            ("account.ACC-1.enabled=maybe", "true or false"),
            ("account.ACC-1.open=true", "account.ID.enabled"),
            ("instrument.005930.collar_bps=-1", "basis points"),
            ("instrument.005930.tick_table=share2023", "share_2023"),
            ("instrument.005930.base_price=NaN", "won"),
            ("holding.ACC-1.005930.quantity=1.5", "whole number"),
            ("account.ACC-1.tier=10", "1 to 9"),
            ("limit.0.share.order_qty_max=1", "limit.TIER.KIND"),
            ("limit.1.bond.order_qty_max=1", "limit.TIER.KIND"),
            ("limit.1.share.order_qty_max=0", "above zero"),
            ("limit.1.share.order_qty_max=4294967296", "above zero"),
            ("credit.ACC-1.deposit=-1", "not below zero"),
            ("credit.ACC-1.deposit=1.5", "not below zero"),
            ("credit.ACC-1.margin=later", "pre or post"),
            ("credit.ACC-1.exposure_percent=4294967296", "whole number"),
            ("credit.deposit=1", "credit.ID.deposit"),
            ("group.G.deposit=1", "group.NAME.exposure_max"),
            ("firm.exposure=1", "firm.exposure_max"),
            ("\u{1b}[2J=1", "\\u{1b}[2J"),
        ] {
            let error = Change::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(word), "{wrong}: {error}");
        }
    }
}
