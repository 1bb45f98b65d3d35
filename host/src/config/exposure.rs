//! `[[credit]]`, `[[instrument_limit]]`, `[[underlying]]`, `[[group]]` and `[firm]` of the tables
//! file: what exposure is held against.

use gwanmun_gateway::ExposureRows;
use gwanmun_market::{
    Credit, EXPOSURE_PERCENT, Group, InstrumentLimits, Investor, MarginMode, PartyLimits,
    ProductKind, UnderlyingLimits,
};
use toml::de::DeTable;

use super::Tables;
use super::error::Problem;
use super::order_limits::{WON_MAX, won};
use super::read::{self, Section};
use super::tables_file::refuse_twin;
use super::values::{Word, word_of};

/// Keys of `[[credit]]`.
pub(super) const CREDIT_KEYS: &[&str] = &[
    "account",
    "group",
    "investor",
    "margin",
    "cash",
    "deposit",
    "exposure_percent",
    "open_value_max",
];
/// Keys of `[[instrument_limit]]`.
pub(super) const INSTRUMENT_KEYS: &[&str] = &[
    "symbol",
    "underlying",
    "margin_bps",
    "delta",
    "sent_qty_max",
    "sent_value_max",
    "firm_qty_max",
    "firm_value_max",
];
/// Keys of `[[underlying]]`.
pub(super) const UNDERLYING_KEYS: &[&str] = &[
    "name",
    "sent_qty_max",
    "sent_value_max",
    "individual_max",
    "other_max",
];
/// Keys of `[[group]]`.
pub(super) const GROUP_KEYS: &[&str] =
    &["name", "sent_value_max", "open_value_max", "exposure_max"];
/// Keys of `[firm]`.
pub(super) const FIRM_KEYS: &[&str] = &["sent_value_max", "open_value_max", "exposure_max"];

/// Largest margin, a hundred times the value; largest weight, a thousand units.
const MARGIN_BPS_MAX: i64 = 1_000_000;
const DELTA_MAX: i64 = 10_000_000;

impl Word for Investor {
    const WORDS: &'static [(&'static str, Investor)] = &Investor::WORDS;
}

impl Word for MarginMode {
    const WORDS: &'static [(&'static str, MarginMode)] = &MarginMode::WORDS;
}

/// Reads all of them; accounts and instruments of `tables` are read already.
pub(super) fn read(
    root: &DeTable<'_>,
    tables: &Tables,
    problems: &mut Vec<Problem>,
) -> ExposureRows {
    let mut rows = ExposureRows::default();
    for section in Section::each_of_root(root, "underlying", UNDERLYING_KEYS, problems) {
        let row = underlying(&section, problems);
        let name = row.underlying;
        if rows
            .underlyings
            .iter()
            .any(|other| other.underlying == name)
        {
            refuse_twin(&section, "name", problems);
        }
        rows.underlyings.push(row);
    }
    for section in Section::each_of_root(root, "group", GROUP_KEYS, problems) {
        let row = Group {
            name: section
                .required("name", problems, read::text)
                .unwrap_or_default(),
            limits: party(&section, problems),
        };
        if rows.groups.iter().any(|other| other.name == row.name) {
            refuse_twin(&section, "name", problems);
        }
        rows.groups.push(row);
    }
    for section in Section::each_of_root(root, "credit", CREDIT_KEYS, problems) {
        let row = credit(&section, tables, &rows, problems);
        if rows
            .credits
            .iter()
            .any(|other| other.account == row.account)
        {
            refuse_twin(&section, "account", problems);
        }
        rows.credits.push(row);
    }
    for section in Section::each_of_root(root, "instrument_limit", INSTRUMENT_KEYS, problems) {
        let row = instrument(&section, tables, &rows, problems);
        if rows
            .instruments
            .iter()
            .any(|other| other.symbol == row.symbol)
        {
            refuse_twin(&section, "symbol", problems);
        }
        rows.instruments.push(row);
    }
    let firm = Section::of_root(root, "firm", FIRM_KEYS, problems);
    if !firm.is_absent() {
        rows.firm = Some(party(&firm, problems));
    }
    rows
}

fn party(section: &Section<'_>, problems: &mut Vec<Problem>) -> PartyLimits {
    PartyLimits {
        sent_value_max: won(section, "sent_value_max", problems),
        open_value_max: won(section, "open_value_max", problems),
        exposure_max: won(section, "exposure_max", problems),
    }
}

fn credit(
    section: &Section<'_>,
    tables: &Tables,
    rows: &ExposureRows,
    problems: &mut Vec<Problem>,
) -> Credit {
    let before = problems.len();
    let amount = |key, problems: &mut Vec<Problem>| {
        let amount = section.required(key, problems, read::integer(0..=WON_MAX, " won"));
        amount.unwrap_or(0)
    };
    let percent = read::integer(0..=i64::from(u32::MAX), " percent of the deposit");
    let row = Credit {
        account: section
            .required("account", problems, read::text)
            .unwrap_or_default(),
        group: section
            .optional("group", problems, read::text)
            .unwrap_or_default(),
        investor: section
            .required("investor", problems, read::word)
            .unwrap_or(Investor::Individual),
        margin_mode: section
            .required("margin", problems, read::word)
            .unwrap_or(MarginMode::Pre),
        cash: amount("cash", problems),
        deposit: amount("deposit", problems),
        exposure_percent: section
            .optional("exposure_percent", problems, percent)
            .unwrap_or(EXPOSURE_PERCENT),
        open_value_max: won(section, "open_value_max", problems),
    };
    if problems.len() > before {
        return row;
    }
    if !tables.accounts.iter().any(|it| it.account == row.account) {
        let message = format!("no [[account]] has the id \"{}\"", row.account);
        section.refuse("account", message, "an account of this file", problems);
    }
    if !row.group.is_empty() && !rows.groups.iter().any(|it| it.name == row.group) {
        let message = format!("no [[group]] has the name \"{}\"", row.group);
        section.refuse("group", message, "a group of this file", problems);
    }
    row
}

fn instrument(
    section: &Section<'_>,
    tables: &Tables,
    rows: &ExposureRows,
    problems: &mut Vec<Problem>,
) -> InstrumentLimits {
    let before = problems.len();
    let margin = read::integer(0..=MARGIN_BPS_MAX, " basis points");
    let delta = read::integer(-DELTA_MAX..=DELTA_MAX, " 1/10,000 of a unit");
    let row = InstrumentLimits {
        symbol: section
            .required("symbol", problems, read::text)
            .unwrap_or_default(),
        underlying: section
            .optional("underlying", problems, read::text)
            .unwrap_or_default(),
        margin_bps: section
            .optional("margin_bps", problems, margin)
            .unwrap_or(0),
        delta: section.optional("delta", problems, delta).unwrap_or(0),
        sent_qty_max: won(section, "sent_qty_max", problems),
        sent_value_max: won(section, "sent_value_max", problems),
        firm_qty_max: won(section, "firm_qty_max", problems),
        firm_value_max: won(section, "firm_value_max", problems),
    };
    if problems.len() > before {
        return row;
    }
    let symbol = row.symbol;
    match tables.instruments.iter().find(|it| it.symbol == symbol) {
        None => {
            let message = format!("no [[instrument]] has the symbol \"{symbol}\"");
            section.refuse("symbol", message, "an instrument of this file", problems);
        }
        Some(terms) => refuse_weights(terms.kind, &row, section, problems),
    }
    if !row.underlying.is_empty()
        && !rows
            .underlyings
            .iter()
            .any(|it| it.underlying == row.underlying)
    {
        let message = format!("no [[underlying]] has the name \"{}\"", row.underlying);
        section.refuse(
            "underlying",
            message,
            "an underlying of this file",
            problems,
        );
    }
    refuse_inverted(&row, section, problems);
    row
}

/// A limit of all accounts below that of one would make the latter a lie.
fn refuse_inverted(row: &InstrumentLimits, section: &Section<'_>, problems: &mut Vec<Problem>) {
    for (firm, of_firm, account, of_account) in [
        (
            "firm_qty_max",
            row.firm_qty_max,
            "sent_qty_max",
            row.sent_qty_max,
        ),
        (
            "firm_value_max",
            row.firm_value_max,
            "sent_value_max",
            row.sent_value_max,
        ),
    ] {
        if of_firm < of_account {
            let message = format!("all accounts may send {of_firm}, and one of them {of_account}");
            section.refuse(firm, message, &format!("at least `{account}`"), problems);
        }
    }
}

/// A derivative is written on something and bears margin; a share does neither by itself.
fn refuse_weights(
    kind: ProductKind,
    row: &InstrumentLimits,
    section: &Section<'_>,
    problems: &mut Vec<Problem>,
) {
    let word = word_of(kind);
    if kind.needs_holdings_to_sell() {
        for (key, is_told) in [
            ("margin_bps", row.margin_bps != 0),
            ("delta", row.delta != 0),
        ] {
            if is_told {
                let message = format!("`{key}` of a {word}, which is paid in full");
                section.refuse(key, message, "nothing", problems);
            }
        }
        return;
    }
    for (key, remedy) in [
        ("underlying", "the name of an [[underlying]]"),
        ("margin_bps", "basis points of its base price"),
        (
            "delta",
            "1/10,000 of a unit of its underlying's position limit",
        ),
    ] {
        if !section.has(key) {
            let message = format!("a {word} lacks `{key}`");
            section.refuse(key, message, remedy, problems);
        }
    }
    if section.has("margin_bps") && row.margin_bps == 0 {
        let message = format!("a {word} without margin");
        section.refuse("margin_bps", message, "above zero", problems);
    }
}

fn underlying(section: &Section<'_>, problems: &mut Vec<Problem>) -> UnderlyingLimits {
    let before = problems.len();
    let row = UnderlyingLimits {
        underlying: section
            .required("name", problems, read::text)
            .unwrap_or_default(),
        sent_qty_max: won(section, "sent_qty_max", problems),
        sent_value_max: won(section, "sent_value_max", problems),
        individual_max: won(section, "individual_max", problems),
        other_max: won(section, "other_max", problems),
    };
    if problems.len() == before && row.other_max < row.individual_max {
        let message = format!(
            "an individual may hold {}, anybody else {}",
            row.individual_max, row.other_max
        );
        section.refuse("other_max", message, "at least `individual_max`", problems);
    }
    row
}
