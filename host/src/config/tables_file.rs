//! The tables file: accounts, instruments, opening holdings, the rules of the venues' boards.

use gwanmun_gateway::{ExposureRows, VENUES_MAX};
use gwanmun_market::{
    AccountTerms, Band, HoldingSource, Instrument, OrderLimits, Price, ProductKind, Text,
    TickTableId, Tier,
};
use toml::de::{DeTable, DeValue};

use super::conduct;
use super::error::Problem;
use super::exposure;
use super::gateway_file::parse_toml;
use super::market_rules;
use super::order_limits;
use super::read::{self, Section};
use super::short_sale::{self, ShortSales};
use super::values::{Word, word_of};
use super::{Holding, Tables, VenueList};

/// Sections of the file and their keys: what may stand there, and what the example has to explain.
pub(super) const SECTIONS: [(&str, &[&str]); 14] = [
    (
        "account",
        &[
            "id",
            "enabled",
            "tier",
            "programme",
            "foreign",
            "has_balance_system",
            "self_trade",
            "self_trade_group",
            "algorithm",
            "algorithm_only",
        ],
    ),
    (
        "instrument",
        &[
            "symbol",
            "kind",
            "tick_table",
            "base_price",
            "collar_bps",
            "collar_width_min",
            "may_be_negative",
            "daily_limit_bps",
            "daily_limit_width_min",
            "multiplier",
            "order_kinds",
            "restricted",
            "suspended",
            "venues",
            "matching_group",
            "market_segment",
            "reference_qty_min",
            "last_max_age_s",
            "limit_stages_bps",
            "foreign_limit",
            "short_sale",
        ],
    ),
    ("limit", order_limits::KEYS),
    ("holding", HOLDING_KEYS),
    ("venue_rule", market_rules::KEYS),
    ("short_rule", short_sale::RULE_KEYS),
    ("ledger", short_sale::LEDGER_KEYS),
    ("credit", exposure::CREDIT_KEYS),
    ("instrument_limit", exposure::INSTRUMENT_KEYS),
    ("underlying", exposure::UNDERLYING_KEYS),
    ("group", exposure::GROUP_KEYS),
    ("firm", exposure::FIRM_KEYS),
    ("conduct", conduct::KEYS),
    ("session_rate", conduct::SESSION_RATE_KEYS),
];

const HOLDING_KEYS: &[&str] = &["account", "symbol", "quantity", "source"];

impl Word for ProductKind {
    const WORDS: &'static [(&'static str, ProductKind)] = &ProductKind::WORDS;
}

impl Word for TickTableId {
    const WORDS: &'static [(&'static str, TickTableId)] = &[
        ("share_2023", TickTableId::Share2023),
        ("etf_2023", TickTableId::Etf2023),
        ("k200_future", TickTableId::K200Future),
        ("k200_option", TickTableId::K200Option),
        ("cent", TickTableId::Cent),
    ];
}

/// Reads the whole file.
pub(super) fn read(source: &str) -> Result<Tables, Vec<Problem>> {
    let root = parse_toml(source)?;
    let mut problems = Vec::new();
    read::unknown_keys(&root, "", &SECTIONS.map(|(name, _)| name), &mut problems);
    let mut tables = Tables {
        accounts: Vec::new(),
        instruments: Vec::new(),
        limits: Vec::new(),
        conduct_limits: Vec::new(),
        session_rate: None,
        account_conduct: Vec::new(),
        exposure: ExposureRows::default(),
        holdings: Vec::new(),
        venue_lists: Vec::new(),
        market_rules: Vec::new(),
        account_marks: Vec::new(),
        venue_rules: Vec::new(),
        short_sales: ShortSales::default(),
        content: source.as_bytes().to_vec(),
    };
    for section in Section::each_of_root(&root, "account", keys_of("account"), &mut problems) {
        let terms = account(&section, &mut problems);
        let is_its = |other: &AccountTerms| other.account == terms.account;
        if tables.accounts.iter().any(is_its) {
            refuse_twin(&section, "id", &mut problems);
        }
        let conduct = conduct::account(&section, terms.account, &mut problems);
        let marks = (terms.account, market_rules::marks(&section, &mut problems));
        tables.account_conduct.push(conduct);
        tables.account_marks.push(marks);
        let short = &mut tables.short_sales;
        short.account(&section, terms.account, &mut problems);
        tables.accounts.push(terms);
    }
    let keys = keys_of("instrument");
    for section in Section::each_of_root(&root, "instrument", keys, &mut problems) {
        let terms = instrument(&section, &mut problems);
        let is_its = |other: &Instrument| other.symbol == terms.symbol;
        if tables.instruments.iter().any(is_its) {
            refuse_twin(&section, "symbol", &mut problems);
        }
        let symbol = terms.symbol;
        if let Some(venues) = section.optional("venues", &mut problems, venues) {
            tables.venue_lists.push(VenueList { symbol, venues });
        }
        let rules = market_rules::rules(&terms, &section, &mut problems);
        tables.market_rules.push((symbol, rules));
        let short = &mut tables.short_sales;
        short.instrument(&section, &terms, &mut problems);
        tables.instruments.push(terms);
    }
    for section in Section::each_of_root(&root, "limit", keys_of("limit"), &mut problems) {
        let row = order_limits::limits(&section, &mut problems);
        let is_its = |other: &OrderLimits| (other.tier, other.kind) == (row.tier, row.kind);
        if tables.limits.iter().any(is_its) {
            refuse_twin(&section, "kind", &mut problems);
        }
        tables.limits.push(row);
    }
    tables.venue_rules = market_rules::venue_rules(&root, &mut problems);
    holdings(&root, &mut tables, &mut problems);
    tables.short_sales.rules(&root, &mut problems);
    tables.exposure = exposure::read(&root, &tables, &mut problems);
    conduct::read(&root, &mut tables, &mut problems);
    problems.is_empty().then_some(tables).ok_or(problems)
}

/// The keys of a section.
fn keys_of(name: &str) -> &'static [&'static str] {
    let its = SECTIONS.iter().find(|section| section.0 == name);
    its.map_or(&[], |its| its.1)
}

fn holdings(root: &DeTable<'_>, tables: &mut Tables, problems: &mut Vec<Problem>) {
    for section in Section::each_of_root(root, "holding", HOLDING_KEYS, problems) {
        let holding = holding(&section, tables, problems);
        if tables.holdings.iter().any(|other| is_twin(other, &holding)) {
            refuse_twin(&section, "symbol", problems);
        }
        tables.holdings.push(holding);
    }
}

/// Whether both are a holding of one account, instrument and source.
pub(super) fn is_twin(one: &Holding, other: &Holding) -> bool {
    let key = |it: &Holding| (it.account, it.symbol, it.source);
    key(one) == key(other)
}

/// Names a second entry of one key.
pub(super) fn refuse_twin(section: &Section<'_>, key: &str, problems: &mut Vec<Problem>) {
    section.refuse(
        key,
        format!("a second entry for this `{key}`"),
        "keep one of them",
        problems,
    );
}

fn account(section: &Section<'_>, problems: &mut Vec<Problem>) -> AccountTerms {
    AccountTerms {
        account: section
            .required("id", problems, read::text)
            .unwrap_or_default(),
        is_enabled: section
            .required("enabled", problems, read::boolean)
            .unwrap_or(false),
        tier: section
            .optional("tier", problems, order_limits::tier)
            .unwrap_or(Tier::LOWEST),
    }
}

fn instrument(section: &Section<'_>, problems: &mut Vec<Problem>) -> Instrument {
    let before = problems.len();
    let terms = Instrument {
        symbol: section
            .required("symbol", problems, read::text)
            .unwrap_or_default(),
        kind: section
            .required("kind", problems, read::word)
            .unwrap_or(ProductKind::Share),
        tick_table: section
            .required("tick_table", problems, read::word)
            .unwrap_or(TickTableId::Share2023),
        base_price: section
            .required("base_price", problems, read::price)
            .unwrap_or_default(),
        collar_bps: section
            .required(
                "collar_bps",
                problems,
                read::integer(0..=10_000, " basis points"),
            )
            .unwrap_or(0),
        collar_width_min: section
            .optional("collar_width_min", problems, read::price)
            .unwrap_or(Price::ZERO),
        may_be_negative: flag(section, "may_be_negative", problems),
        daily_limit: daily_limit(section, problems),
        multiplier: section
            .required(
                "multiplier",
                problems,
                read::integer(1..=i64::from(u32::MAX), " won a point"),
            )
            .unwrap_or(1),
        order_kinds: section
            .required("order_kinds", problems, order_limits::order_kinds)
            .unwrap_or_default(),
        is_restricted: flag(section, "restricted", problems),
        is_suspended: flag(section, "suspended", problems),
    };
    if problems.len() == before {
        refuse_nonsense(&terms, section, problems);
    }
    terms
}

fn daily_limit(section: &Section<'_>, problems: &mut Vec<Problem>) -> Band {
    let points = read::integer(0..=10_000, " basis points");
    Band {
        bps: section
            .required("daily_limit_bps", problems, points)
            .unwrap_or(0),
        width_min: section
            .optional("daily_limit_width_min", problems, read::price)
            .unwrap_or(Price::ZERO),
    }
}

/// A flag that is not set unless it is said.
fn flag(section: &Section<'_>, key: &str, problems: &mut Vec<Problem>) -> bool {
    let told = section.optional(key, problems, read::boolean);
    told.unwrap_or(false)
}

fn venues(value: &DeValue<'_>) -> Result<Vec<Text<8>>, read::Expected> {
    let expected = || {
        format!(
            "an array of 1 to {VENUES_MAX} names of venues, the one to be tried first in front, \
             none twice"
        )
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let mut venues: Vec<Text<8>> = Vec::with_capacity(array.len());
    for venue in array {
        let venue = read::text(venue.get_ref()).map_err(|_| expected())?;
        if venues.contains(&venue) || venues.len() == VENUES_MAX {
            return Err(expected());
        }
        venues.push(venue);
    }
    Some(venues)
        .filter(|venues| !venues.is_empty())
        .ok_or_else(expected)
}

/// What no single value shows.
fn refuse_nonsense(terms: &Instrument, section: &Section<'_>, problems: &mut Vec<Problem>) {
    if terms.base_price <= Price::ZERO && !terms.may_be_negative {
        section.refuse(
            "base_price",
            format!(
                "base price {} of a product that stays above zero",
                terms.base_price
            ),
            "a price above zero, or may_be_negative = true",
            problems,
        );
    }
    if terms.may_be_negative && terms.kind.needs_holdings_to_sell() {
        section.refuse(
            "may_be_negative",
            format!(
                "the price of a {} cannot pass below zero",
                word_of(terms.kind)
            ),
            "may_be_negative = false, or another kind",
            problems,
        );
    }
    let limit = terms.daily_limit;
    for (what, bps, width_min) in [
        ("collar", terms.collar_bps, terms.collar_width_min),
        ("daily_limit", limit.bps, limit.width_min),
    ] {
        if width_min < Price::ZERO {
            section.refuse(
                &format!("{what}_width_min"),
                "a width below zero".to_owned(),
                "zero or above",
                problems,
            );
        }
        if bps == 0 && width_min == Price::ZERO {
            section.refuse(
                &format!("{what}_bps"),
                format!("a {what} without width refuses every price but the reference"),
                &format!("{what}_bps or {what}_width_min above zero"),
                problems,
            );
        }
    }
}

fn holding(section: &Section<'_>, tables: &Tables, problems: &mut Vec<Problem>) -> Holding {
    let before = problems.len();
    let holding = Holding {
        account: section
            .required("account", problems, read::text)
            .unwrap_or_default(),
        symbol: section
            .required("symbol", problems, read::text)
            .unwrap_or_default(),
        quantity: section
            .required(
                "quantity",
                problems,
                read::integer(-QUANTITY_MAX..=QUANTITY_MAX, ""),
            )
            .unwrap_or(0),
        source: section
            .optional("source", problems, read::word)
            .unwrap_or(HoldingSource::Settled),
    };
    if problems.len() > before {
        return holding;
    }
    if !tables
        .accounts
        .iter()
        .any(|terms| terms.account == holding.account)
    {
        let message = format!("no [[account]] has the id \"{}\"", holding.account);
        section.refuse("account", message, "an account of this file", problems);
    }
    match tables
        .instruments
        .iter()
        .find(|terms| terms.symbol == holding.symbol)
    {
        None => {
            let message = format!("no [[instrument]] has the symbol \"{}\"", holding.symbol);
            section.refuse("symbol", message, "an instrument of this file", problems);
        }
        Some(terms) if terms.kind.needs_holdings_to_sell() && holding.quantity < 0 => {
            let message = format!("{} of a {} held", holding.quantity, word_of(terms.kind));
            section.refuse("quantity", message, "zero or above", problems);
        }
        Some(terms)
            if !terms.kind.needs_holdings_to_sell() && holding.source != HoldingSource::Settled =>
        {
            let message = format!("a {} is held, and has no source", word_of(terms.kind));
            section.refuse("source", message, "leave `source` out", problems);
        }
        Some(_) => {}
    }
    holding
}

/// A thousand times the largest number of shares that any Korean company has issued; sums of many
/// stay far from overflow.
pub(super) const QUANTITY_MAX: i64 = 1_000_000_000_000_000;
