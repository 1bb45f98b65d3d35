//! The venue's instrument file: tick tables, base prices, limits and quantity caps.
//!
//! In it: reading the file into [`Terms`], and the three questions an order asks of its price.
//! Deliberately not in it: the gateway's own tables. The venue reads numbers of its own, so that
//! a mistake in one of the two shows as a difference between them. Next: [`crate::rules`].

use core::fmt;

use gwanmun_market::{AreaName, Price, ProductKind, Symbol};
use serde::Deserialize;

use crate::config::ConfigError;
use crate::script::AreaText;

/// The instruments that come with the program.
pub const DEFAULT_INSTRUMENTS: &str = include_str!("../instruments.toml");

/// One band of a tick table: magnitudes below `below` stand on multiples of `tick`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Band {
    below: Price,
    tick: Price,
}

/// What the venue knows of one instrument for the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Short code.
    pub symbol: Symbol,
    /// A name for people.
    pub name: String,
    /// What it is.
    pub kind: ProductKind,
    /// The day's base price (기준가격), on a tick.
    pub base_price: Price,
    /// Lowest price an order may have today (하한가), on a tick.
    pub limit_low: Price,
    /// Highest price an order may have today (상한가), on a tick.
    pub limit_high: Price,
    /// Lowest and highest price in each stage of the daily limit; the first two fields are those in
    /// force.
    pub(crate) stages: [(Price, Price); 3],
    /// Its matching group; empty: none.
    pub group: AreaName,
    /// Its market segment; empty: none.
    pub segment: AreaName,
    /// Most that one order may be for.
    pub quantity_max: u32,
    /// Quantities are multiples of this; above zero.
    pub lot: u32,
    /// Whether a price at or below zero is sensible.
    pub may_be_negative: bool,
    /// Invariant: rising, not empty, every tick above zero, the last without an upper end.
    bands: Vec<Band>,
}

impl Terms {
    /// The step at a price, by its magnitude; above zero.
    #[must_use]
    pub fn tick_at(&self, price: Price) -> Price {
        let magnitude = price.0.unsigned_abs();
        let covers = |band: &&Band| magnitude < band.below.0.unsigned_abs();
        self.bands
            .iter()
            .find(covers)
            .or(self.bands.last())
            .map_or(Price(1), |band| band.tick)
    }

    /// Whether an order may stand at the price: on a tick, within the day's limits, and above zero
    /// unless the product says otherwise.
    #[must_use]
    pub fn takes_price(&self, price: Price) -> bool {
        price.0 % self.tick_at(price).0 == 0
            && (self.limit_low..=self.limit_high).contains(&price)
            && (self.may_be_negative || price > Price::ZERO)
    }

    /// Puts stages of the daily limit in force, 1 to 3 each, downwards and upwards.
    pub fn set_stages(&mut self, low: u8, high: u8) {
        let stage = |number: u8| self.stages[usize::from(number.clamp(1, 3)) - 1];
        (self.limit_low, self.limit_high) = (stage(low).0, stage(high).1);
    }

    /// Whether one order may be for this quantity.
    #[must_use]
    pub fn takes_quantity(&self, quantity: u32) -> bool {
        quantity > 0 && quantity <= self.quantity_max && quantity.is_multiple_of(self.lot)
    }

    /// The price `steps` ticks from `from`, kept within the day's limits.
    #[must_use]
    pub fn stepped(&self, from: Price, steps: i64) -> Price {
        let mut price = from;
        for _ in 0..steps.unsigned_abs() {
            // A step up starts in the band above, a step down from just below: the smaller tick.
            let towards = Price(price.0.saturating_add(if steps < 0 { -1 } else { 0 }));
            let tick = self.tick_at(towards).0;
            price = Price(price.0.saturating_add(if steps < 0 { -tick } else { tick }));
        }
        price.clamp(self.limit_low, self.limit_high)
    }

    /// The far end of the day's range for a side: where a market order counts in an auction.
    #[must_use]
    pub const fn limit_for(&self, is_buy: bool) -> Price {
        if is_buy {
            self.limit_high
        } else {
            self.limit_low
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstrumentFile {
    tick_table: Vec<TickTableEntry>,
    instrument: Vec<InstrumentEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TickTableEntry {
    name: toml::Spanned<String>,
    bands: toml::Spanned<Vec<BandEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BandEntry {
    below: Option<DecimalText>,
    tick: DecimalText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InstrumentEntry {
    symbol: toml::Spanned<String>,
    name: String,
    kind: KindText,
    tick_table: toml::Spanned<String>,
    base_price: toml::Spanned<DecimalText>,
    quantity_max: toml::Spanned<u32>,
    #[serde(default = "one")]
    lot: toml::Spanned<u32>,
    limit_bps: Option<u32>,
    limit_width: Option<DecimalText>,
    /// Widths of the second and third stage of the daily limit.
    limit_stages_bps: Option<[u32; 2]>,
    group: Option<AreaText>,
    market: Option<AreaText>,
    #[serde(default)]
    may_be_negative: bool,
}

fn one() -> toml::Spanned<u32> {
    toml::Spanned::new(0..0, 1)
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindText {
    Share,
    Etf,
    Future,
    Option,
    Spread,
}

/// Decimal text as a price; read while deserializing, so that a bad one is named with its place.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct DecimalText(Price);

impl TryFrom<String> for DecimalText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Price::parse(text.as_bytes())
            .map(DecimalText)
            .map_err(|error| format!("{}; write a decimal such as \"352.55\"", error.text()))
    }
}

/// Reads an instrument file.
///
/// # Errors
/// [`ConfigError`] with the place in `text` and what would be right.
pub fn parse(text: &str) -> Result<Vec<Terms>, ConfigError> {
    let file: InstrumentFile = toml::from_str(text).map_err(|error| ConfigError::from(&error))?;
    let mut tables = Vec::new();
    for table in &file.tick_table {
        tables.push((table.name.as_ref().as_str(), bands(table)?));
    }
    let mut all: Vec<Terms> = Vec::new();
    for entry in &file.instrument {
        let terms = terms(entry, &tables)?;
        if all.iter().any(|other| other.symbol == terms.symbol) {
            return Err(ConfigError::at(
                &entry.symbol,
                "this symbol stands here twice",
            ));
        }
        all.push(terms);
    }
    if all.is_empty() {
        return Err(ConfigError::new("the instrument file names no instrument"));
    }
    Ok(all)
}

fn bands(table: &TickTableEntry) -> Result<Vec<Band>, ConfigError> {
    let refuse = |what: &str| Err(ConfigError::at(&table.bands, what));
    let mut bands: Vec<Band> = Vec::new();
    let entries = table.bands.as_ref();
    for (index, entry) in entries.iter().enumerate() {
        let is_last = index + 1 == entries.len();
        if entry.below.is_none() != is_last {
            return refuse("every band but the last says where it ends (`below`), the last never");
        }
        let below = entry.below.map_or(Price(i64::MAX), |below| below.0);
        if bands.last().is_some_and(|earlier| earlier.below >= below) {
            return refuse("bands go upwards: each `below` above the one before");
        }
        if entry.tick.0 <= Price::ZERO {
            return refuse("a tick is above zero");
        }
        bands.push(Band {
            below,
            tick: entry.tick.0,
        });
    }
    if bands.is_empty() {
        refuse("a tick table has at least one band")
    } else {
        Ok(bands)
    }
}

fn terms(entry: &InstrumentEntry, tables: &[(&str, Vec<Band>)]) -> Result<Terms, ConfigError> {
    let symbol = Symbol::new(entry.symbol.as_ref().as_bytes())
        .filter(|symbol| !symbol.is_empty())
        .ok_or_else(|| ConfigError::at(&entry.symbol, "a symbol has one to eight characters"))?;
    let bands = tables
        .iter()
        .find(|(name, _)| name == entry.tick_table.as_ref())
        .map(|(_, bands)| bands.clone())
        .ok_or_else(|| ConfigError::at(&entry.tick_table, "no [[tick_table]] has this name"))?;
    let base_price = entry.base_price.as_ref().0;
    let width = match (entry.limit_bps, entry.limit_width) {
        (Some(bps), None) => share_of(base_price, bps),
        (None, Some(width)) => width.0.0,
        _ => {
            let text = "give either `limit_bps` or `limit_width`";
            return Err(ConfigError::at(&entry.symbol, text));
        }
    };
    let first = (
        Price(base_price.0.saturating_sub(width)),
        Price(base_price.0.saturating_add(width)),
    );
    let mut terms = Terms {
        symbol,
        name: entry.name.clone(),
        kind: kind(entry.kind),
        base_price,
        limit_low: first.0,
        limit_high: first.1,
        stages: [first; 3],
        group: entry.group.map_or(AreaName::EMPTY, |group| group.0),
        segment: entry.market.map_or(AreaName::EMPTY, |market| market.0),
        quantity_max: *entry.quantity_max.as_ref(),
        lot: *entry.lot.as_ref(),
        may_be_negative: entry.may_be_negative,
        bands,
    };
    let widths = entry.limit_stages_bps.unwrap_or([0; 2]);
    let mut widest = width;
    for (at, bps) in [(0, 0), (1, widths[0]), (2, widths[1])] {
        widest = widest.max(share_of(base_price, bps));
        let low = Price(base_price.0.saturating_sub(widest));
        let high = Price(base_price.0.saturating_add(widest));
        terms.stages[at] = (
            round_inwards(&terms, low, true),
            round_inwards(&terms, high, false),
        );
    }
    terms.set_stages(1, 1);
    if terms.lot == 0 || terms.quantity_max < terms.lot {
        let text = "`quantity_max` is at least one `lot`, and a lot at least 1";
        return Err(ConfigError::at(&entry.quantity_max, text));
    }
    if !terms.takes_price(base_price) {
        let text = "the base price is not a price of this instrument: off its tick, or below zero";
        return Err(ConfigError::at(&entry.base_price, text));
    }
    Ok(terms)
}

const fn kind(kind: KindText) -> ProductKind {
    match kind {
        KindText::Share => ProductKind::Share,
        KindText::Etf => ProductKind::Etf,
        KindText::Future => ProductKind::Future,
        KindText::Option => ProductKind::Option,
        KindText::Spread => ProductKind::Spread,
    }
}

fn share_of(price: Price, bps: u32) -> i64 {
    let width = i128::from(price.0).abs() * i128::from(bps) / 10_000;
    i64::try_from(width).unwrap_or(i64::MAX / 4)
}

/// The nearest price on a tick that does not leave the range.
fn round_inwards(terms: &Terms, price: Price, is_low: bool) -> Price {
    let tick = terms.tick_at(price).0;
    let down = price.0.div_euclid(tick).saturating_mul(tick);
    let up = if down == price.0 {
        down
    } else {
        down.saturating_add(tick)
    };
    Price(if is_low { up } else { down })
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.symbol, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default_terms(symbol: &str) -> Terms {
        let symbol = Symbol::new(symbol.as_bytes()).unwrap();
        let all = parse(DEFAULT_INSTRUMENTS).unwrap();
        all.into_iter()
            .find(|terms| terms.symbol == symbol)
            .unwrap()
    }

    fn price(text: &str) -> Price {
        Price::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_default_file_reads_and_has_every_shape() {
        let all = parse(DEFAULT_INSTRUMENTS).unwrap();
        let count = |kind| all.iter().filter(|terms| terms.kind == kind).count();
        assert_eq!(count(ProductKind::Share), 12);
        assert_eq!(count(ProductKind::Etf), 1);
        assert_eq!(count(ProductKind::Future), 1);
        assert_eq!(count(ProductKind::Option), 4);
        assert_eq!(count(ProductKind::Spread), 1);
        assert_eq!(all.iter().filter(|terms| terms.may_be_negative).count(), 1);
    }

    #[test]
    fn prices_at_the_edges() {
        for (symbol, text, takes) in [
            ("005930", "71500", true),
            ("005930", "71550", false),
            ("005930", "92900", true),
            ("005930", "93000", false),
            ("005930", "50100", true),
            ("005930", "50000", false),
            ("005930", "-71500", false),
            ("005930", "0", false),
            ("101W6000", "352.55", true),
            ("101W6000", "352.51", false),
            ("101W6000", "380.75", true),
            ("101W6000", "380.80", false),
            ("201W6350", "9.99", true),
            ("201W6350", "10.01", false),
            ("201W6350", "10.05", true),
            ("201W6350", "0.02", true),
            ("201W6350", "0.01", false),
            ("401W6W9S", "-3.35", true),
            ("401W6W9S", "-3.36", false),
            ("401W6W9S", "0", true),
        ] {
            assert_eq!(
                default_terms(symbol).takes_price(price(text)),
                takes,
                "{symbol} {text}"
            );
        }
    }

    #[test]
    fn quantities_at_the_edges() {
        let future = default_terms("101W6000");
        assert!(!future.takes_quantity(0));
        assert!(future.takes_quantity(1));
        assert!(future.takes_quantity(2_000));
        assert!(!future.takes_quantity(2_001));
        let lots = Terms { lot: 10, ..future };
        assert!(!lots.takes_quantity(15));
        assert!(lots.takes_quantity(20));
    }

    #[test]
    fn steps_change_their_size_at_a_band() {
        let option = default_terms("201W6350");
        assert_eq!(option.stepped(price("9.99"), 2), price("10.05"));
        assert_eq!(option.stepped(price("10.05"), -2), price("9.99"));
        assert_eq!(option.stepped(price("12.80"), 9), option.limit_high);
        let spread = default_terms("401W6W9S");
        assert_eq!(spread.stepped(price("0.01"), -3), price("-0.02"));
    }

    #[test]
    fn bad_files_are_refused_at_their_place() {
        for (from, to) in [
            ("base_price = \"71500\"", "base_price = \"71510\""),
            ("base_price = \"71500\"", "base_price = \"71x\""),
            ("symbol = \"000660\"", "symbol = \"005930\""),
            ("tick_table = \"etf\"", "tick_table = \"other\""),
            (
                "limit_width = \"3.00\"",
                "limit_bps = 1\nlimit_width = \"3.00\"",
            ),
            ("{ tick = \"1000\" }", "{ tick = \"0\" }"),
            ("kind = \"spread\"", "kind = \"sprad\""),
            ("name = \"Kia\"", "name = \"Kia\"\ncolour = \"red\""),
        ] {
            let text = DEFAULT_INSTRUMENTS.replacen(from, to, 1);
            let error = parse(&text).unwrap_err();
            assert!(error.span.is_some(), "{to}: {error}");
        }
    }
}
