//! What the demonstration trades: instruments, accounts and their holdings, and the gateway's
//! tables made of them.

use core::fmt::Write;

use gwanmun_market::{Price, ProductKind, TickTable, TickTableId};

/// One instrument as the gateway's tables and the day's generator know it. The venue has its own
/// file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listing {
    pub(crate) symbol: &'static str,
    pub(crate) kind: ProductKind,
    kind_word: &'static str,
    tick_table: TickTableId,
    tick_table_word: &'static str,
    /// The day's base price.
    base: &'static str,
    collar_bps: u32,
    collar_width_min: &'static str,
    /// How far from the base price lies beyond every collar, whatever trades meanwhile, and still
    /// within the venue's own daily limit: so that a collar that lets one through shows as an order
    /// accepted by the venue.
    beyond: &'static str,
    may_be_negative: bool,
    /// Share of the day's orders.
    pub(crate) weight: u32,
    /// Largest ordinary quantity of an order.
    pub(crate) quantity_max: u32,
}

const fn share(
    symbol: &'static str,
    base: &'static str,
    beyond: &'static str,
    weight: u32,
    quantity_max: u32,
) -> Listing {
    Listing {
        symbol,
        kind: ProductKind::Share,
        kind_word: "share",
        tick_table: TickTableId::Share2023,
        tick_table_word: "share_2023",
        base,
        collar_bps: 500,
        collar_width_min: "0",
        beyond,
        may_be_negative: false,
        weight,
        quantity_max,
    }
}

const fn option(symbol: &'static str, base: &'static str, beyond: &'static str) -> Listing {
    Listing {
        kind: ProductKind::Option,
        kind_word: "option",
        tick_table: TickTableId::K200Option,
        tick_table_word: "k200_option",
        collar_bps: 2_000,
        collar_width_min: "0.50",
        ..share(symbol, base, beyond, 4, 20)
    }
}

/// Weights follow what Korean retail flow looks like: half of it in a handful of names, a long
/// tail, a fifth in derivatives.
pub(crate) const LISTINGS: [Listing; 19] = [
    share("005930", "71500", "10000", 26, 120),
    share("000660", "178000", "25000", 14, 60),
    share("373220", "352000", "50000", 5, 30),
    share("207940", "1012000", "150000", 2, 10),
    share("005380", "214500", "30000", 5, 40),
    share("000270", "98400", "14000", 4, 60),
    share("068270", "176300", "25000", 4, 40),
    share("035420", "205500", "30000", 5, 40),
    share("035720", "41250", "6000", 7, 150),
    share("105560", "84700", "12000", 3, 60),
    share("010140", "15230", "2200", 3, 300),
    share("085620", "4985", "700", 2, 500),
    Listing {
        kind: ProductKind::Etf,
        kind_word: "etf",
        tick_table: TickTableId::Etf2023,
        tick_table_word: "etf_2023",
        ..share("069500", "34515", "5000", 6, 200)
    },
    Listing {
        kind: ProductKind::Future,
        kind_word: "future",
        tick_table: TickTableId::K200Future,
        tick_table_word: "k200_future",
        collar_bps: 300,
        ..share("101W6000", "352.55", "20", 8, 10)
    },
    option("201W6350", "6.42", "4"),
    option("201W6340", "13.85", "8"),
    option("301W6350", "4.15", "2.50"),
    option("301W6345", "2.36", "1.80"),
    Listing {
        kind: ProductKind::Spread,
        kind_word: "spread",
        tick_table: TickTableId::Cent,
        tick_table_word: "cent",
        collar_bps: 5_000,
        collar_width_min: "1",
        may_be_negative: true,
        ..share("401W6W9S", "-0.35", "2.40", 2, 20)
    },
];

/// Accounts that may trade.
pub(crate) const ACCOUNTS: [&str; 8] = [
    "1001-01", "1001-02", "1002-01", "1003-01", "1004-01", "1005-01", "1006-01", "1007-01",
];
/// An account that the table has, but not for entering orders.
pub(crate) const ACCOUNT_DISABLED: &str = "1008-01";
/// An account that no table has.
pub(crate) const ACCOUNT_UNKNOWN: &str = "9999-99";
/// What each account can sell of each share and ETF at the start: the day's ordinary sells never
/// reach it.
const HOLDING: u64 = 2_000_000;
/// A quantity of shares that nobody holds.
pub(crate) const OVERSOLD: u32 = 5_000_000;

const _: () = assert!(
    OVERSOLD as u64 > 2 * HOLDING,
    "what is bought during the day must not cover it"
);

/// What each kind of order is called in the tables file: the venue takes all of them.
const ORDER_KINDS: &str = "[\"limit_day\", \"limit_ioc\", \"limit_fok\", \"market_day\", \
     \"market_ioc\", \"market_fok\"]";
/// What every account may order of each kind of product. Wide, so that each made mistake is refused
/// by the check that it is meant for: what nobody holds is less than this.
const LIMITS: &str = "order_qty_max = 10_000_000\norder_value_max = 100_000_000_000_000\n\
     sent_qty_max = 1_000_000_000_000\nsent_value_max = 1_000_000_000_000_000_000";

/// How every account and session may behave: a day is sent here in seconds, at random and to both
/// sides, so the limits are far above that, and the accounts are those of many clients.
const CONDUCT: &str = "same_order_max = 1_000_000\nsame_order_within_ms = 1\n\
     requests_per_trade_max = 1_000_000\ncanceled_percent_max = 100\nratio_floor = 1_000_000_000";
/// More than any machine sends.
const RATE: &str = "messages_per_second_max = 1_000_000_000\nmessages_burst_max = 1_000_000_000";
/// Limits of each instrument, wide as well.
const INSTRUMENT_LIMITS: &str = "sent_qty_max = 1_000_000_000_000\n\
     sent_value_max = 1_000_000_000_000_000_000\nfirm_qty_max = 1_000_000_000_000\n\
     firm_value_max = 1_000_000_000_000_000_000";
/// Money of each account, the limits of what derivatives are written on, and those of the firm.
const CREDIT: &str = "investor = \"other\"\nmargin = \"pre\"\n\
     cash = 1_000_000_000_000_000_000\ndeposit = 1_000_000_000_000_000_000\n\
     open_value_max = 1_000_000_000_000_000_000";
const K200: &str = "[[underlying]]\nname = \"K200\"\nsent_qty_max = 1_000_000_000_000\n\
     sent_value_max = 1_000_000_000_000_000_000\nindividual_max = 1_000_000_000_000\n\
     other_max = 1_000_000_000_000";
const FIRM: &str = "[firm]\nsent_value_max = 1_000_000_000_000_000_000\n\
     open_value_max = 1_000_000_000_000_000_000\nexposure_max = 1_000_000_000_000_000_000";

impl Listing {
    /// Its weight in exposures as the tables file has it; shares have none.
    const fn weight_keys(&self) -> &'static str {
        match self.kind {
            ProductKind::Share | ProductKind::Etf => "",
            ProductKind::Future => "underlying = \"K200\"\nmargin_bps = 1_500\ndelta = 10_000\n",
            ProductKind::Option => "underlying = \"K200\"\nmargin_bps = 50_000\ndelta = 4_500\n",
            ProductKind::Spread => "underlying = \"K200\"\nmargin_bps = 100_000\ndelta = 0\n",
        }
    }

    /// The limit of the day around the base price, in basis points and at least in price units.
    fn daily_limit(&self) -> (u32, &'static str) {
        match self.kind {
            ProductKind::Share | ProductKind::Etf => (3_000, "0"),
            ProductKind::Future => (800, "0"),
            ProductKind::Option | ProductKind::Spread => (8_000, "10"),
        }
    }

    /// Won that one point is worth.
    const fn multiplier(&self) -> u32 {
        if self.kind.needs_holdings_to_sell() {
            1
        } else {
            250_000
        }
    }

    /// The day's base price.
    pub(crate) fn base(&self) -> Price {
        price(self.base)
    }

    /// How far beyond the collar is.
    pub(crate) fn beyond(&self) -> Price {
        price(self.beyond)
    }

    /// The price `steps` ticks from the base price.
    pub(crate) fn price_at(&self, steps: i32) -> Price {
        let table = TickTable::of(self.tick_table);
        let mut at = self.base();
        for _ in 0..steps.unsigned_abs() {
            // Upwards the tick of the band above counts, downwards the one just below, by
            // magnitude.
            let towards = if steps < 0 { Price(at.0 - 1) } else { at };
            let tick = table.tick_at(towards).0;
            at = Price(if steps < 0 { at.0 - tick } else { at.0 + tick });
        }
        at
    }

    /// The nearest price on a tick at or below.
    pub(crate) fn on_tick(&self, at: Price) -> Price {
        let tick = TickTable::of(self.tick_table).tick_at(at).0;
        Price(at.0.div_euclid(tick) * tick)
    }

    /// A price between two ticks, right above `at`.
    pub(crate) fn off_tick(&self, at: Price) -> Price {
        Price(at.0 + TickTable::of(self.tick_table).tick_at(at).0 / 2)
    }
}

fn price(text: &str) -> Price {
    // The table above is constant, and a test reads all of it.
    Price::parse(text.as_bytes()).unwrap_or_default()
}

/// The gateway's tables file.
pub fn tables_toml() -> String {
    tables_with(HOLDING)
}

/// The gateway's tables file, with so much of each share and ETF in each account.
pub(crate) fn tables_with(holding: u64) -> String {
    let mut text = String::from("# Made by gwanmun for a run of its own.\n");
    // Writing into a String cannot fail.
    let _ = write_tables(&mut text, holding);
    text
}

fn write_tables(text: &mut String, holding: u64) -> core::fmt::Result {
    for (account, is_enabled) in ACCOUNTS
        .map(|account| (account, true))
        .into_iter()
        .chain([(ACCOUNT_DISABLED, false)])
    {
        writeln!(
            text,
            "\n[[account]]\nid = \"{account}\"\nenabled = {is_enabled}\nself_trade = \"allowed\"\n\
             algorithm = \"DEMO\""
        )?;
    }
    for listing in &LISTINGS {
        let Listing {
            symbol,
            kind_word,
            tick_table_word,
            base,
            collar_bps,
            ..
        } = listing;
        writeln!(
            text,
            "\n[[instrument]]\nsymbol = \"{symbol}\"\nkind = \"{kind_word}\""
        )?;
        writeln!(
            text,
            "tick_table = \"{tick_table_word}\"\nbase_price = \"{base}\""
        )?;
        writeln!(text, "collar_bps = {collar_bps}")?;
        writeln!(text, "collar_width_min = \"{}\"", listing.collar_width_min)?;
        writeln!(text, "may_be_negative = {}", listing.may_be_negative)?;
        let (bps, width_min) = listing.daily_limit();
        writeln!(text, "daily_limit_bps = {bps}")?;
        writeln!(text, "daily_limit_width_min = \"{width_min}\"")?;
        writeln!(text, "multiplier = {}", listing.multiplier())?;
        writeln!(text, "order_kinds = {ORDER_KINDS}")?;
    }
    for kind in ["share", "etf", "future", "option", "spread"] {
        writeln!(text, "\n[[limit]]\ntier = 1\nkind = \"{kind}\"\n{LIMITS}")?;
    }
    writeln!(text, "\n[[conduct]]\ntier = 1\n{CONDUCT}\n{RATE}")?;
    writeln!(text, "\n[session_rate]\n{RATE}")?;
    for account in ACCOUNTS {
        writeln!(text, "\n[[credit]]\naccount = \"{account}\"\n{CREDIT}")?;
    }
    for listing in &LISTINGS {
        let (symbol, weight) = (listing.symbol, listing.weight_keys());
        writeln!(
            text,
            "\n[[instrument_limit]]\nsymbol = \"{symbol}\"\n{weight}{INSTRUMENT_LIMITS}"
        )?;
    }
    writeln!(text, "\n{K200}\n\n{FIRM}")?;
    for listing in LISTINGS
        .iter()
        .filter(|listing| listing.kind.needs_holdings_to_sell())
    {
        for account in ACCOUNTS {
            let symbol = listing.symbol;
            writeln!(
                text,
                "\n[[holding]]\naccount = \"{account}\"\nsymbol = \"{symbol}\""
            )?;
            writeln!(text, "quantity = {holding}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gwanmun_host::config::Tables;

    use super::*;

    #[test]
    fn the_tables_load_and_the_prices_stand_where_they_should() {
        let tables =
            Tables::parse(&tables_toml(), "demo").unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(tables.instruments.len(), LISTINGS.len());
        for (listing, terms) in LISTINGS.iter().zip(&tables.instruments) {
            let table = TickTable::of(terms.tick_table);
            assert_eq!(listing.base(), terms.base_price);
            let collar = terms.base_price.0.abs() * i64::from(terms.collar_bps) / 10_000;
            let collar = collar.max(terms.collar_width_min.0);
            for steps in -10..=10 {
                let price = listing.price_at(steps);
                assert!(table.is_on_tick(price), "{} {price}", listing.symbol);
                assert!(
                    !table.is_on_tick(listing.off_tick(price)),
                    "{} {price}",
                    listing.symbol
                );
                assert!(
                    (price.0 - terms.base_price.0).abs() < collar / 2,
                    "{}",
                    listing.symbol
                );
            }
            for sign in [-1, 1] {
                let beyond = listing.on_tick(Price(terms.base_price.0 + sign * listing.beyond().0));
                assert!(table.is_on_tick(beyond), "{} {beyond}", listing.symbol);
                assert!(
                    (beyond.0 - terms.base_price.0).abs() > collar * 3 / 2,
                    "{}",
                    listing.symbol
                );
            }
        }
    }

    #[test]
    fn the_venue_lists_the_same_instruments_at_the_same_base() {
        let venue = gwanmun_exchange::instruments::parse(
            gwanmun_exchange::instruments::DEFAULT_INSTRUMENTS,
        )
        .unwrap();
        for listing in &LISTINGS {
            let terms = venue
                .iter()
                .find(|terms| terms.symbol.as_bytes() == listing.symbol.as_bytes())
                .unwrap();
            assert_eq!(terms.base_price, listing.base(), "{}", listing.symbol);
            for sign in [-1, 1] {
                let beyond = listing.on_tick(Price(listing.base().0 + sign * listing.beyond().0));
                assert!(terms.takes_price(beyond), "{} {beyond}", listing.symbol);
            }
        }
    }
}
