//! What the tables file says of short sales: `has_balance_system` of an account, `short_sale` of an
//! instrument, `source` of a holding, `[[short_rule]]` and `[ledger]`.
//!
//! Whatever is not said refuses a short sale, as the gateway's tables do.

use gwanmun_market::{
    AccountId, DAY_S, HoldingSource, Instrument, Phase, Phases, ShortRule, Symbol, Text,
};
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::read::{self, Expected, Section};
use super::trading_day::TradingDay;
use super::values::Word;

/// The keys of `[[short_rule]]`.
pub(super) const RULE_KEYS: &[&str] = &[
    "venue",
    "from",
    "until",
    "phases",
    "hours",
    "price_rule",
    "side_6_exempt",
];

/// The keys of `[ledger]`.
pub(super) const LEDGER_KEYS: &[&str] = &["change_qty_max"];

/// What is said of short sales.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShortSales {
    /// Accounts with `has_balance_system`.
    pub balance_systems: Vec<AccountId>,
    /// Instruments with `short_sale = "allowed"`.
    pub allowed: Vec<Symbol>,
    /// `[[short_rule]]`, each with the venue's name; of one venue no two hold on one day.
    pub rules: Vec<(Text<8>, ShortRule)>,
    /// `[ledger] change_qty_max`.
    pub change_qty_max: Option<i64>,
}

impl Word for HoldingSource {
    const WORDS: &'static [(&'static str, HoldingSource)] = &HoldingSource::WORDS;
}

/// Whether an instrument may be sold short.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Allowed,
    Banned,
}

impl Word for Standing {
    const WORDS: &'static [(&'static str, Standing)] =
        &[("allowed", Standing::Allowed), ("banned", Standing::Banned)];
}

/// A phase as the file says it.
#[derive(Clone, Copy)]
struct PhaseWord(Phase);

impl Word for PhaseWord {
    const WORDS: &'static [(&'static str, PhaseWord)] = &[
        ("opening_auction", PhaseWord(Phase::OpeningAuction)),
        ("continuous", PhaseWord(Phase::Continuous)),
        ("closing_auction", PhaseWord(Phase::ClosingAuction)),
    ];
}

impl ShortSales {
    /// Takes what an `[[account]]` says.
    pub(super) fn account(
        &mut self,
        section: &Section<'_>,
        account: AccountId,
        problems: &mut Vec<Problem>,
    ) {
        if section.optional("has_balance_system", problems, read::boolean) == Some(true) {
            self.balance_systems.push(account);
        }
    }

    /// Takes what an `[[instrument]]` says.
    pub(super) fn instrument(
        &mut self,
        section: &Section<'_>,
        terms: &Instrument,
        problems: &mut Vec<Problem>,
    ) {
        let standing = section.optional("short_sale", problems, read::word);
        if standing != Some(Standing::Allowed) {
            return;
        }
        if terms.kind.needs_holdings_to_sell() {
            self.allowed.push(terms.symbol);
        } else {
            section.refuse(
                "short_sale",
                "a contract is sold from nothing, and never short".to_owned(),
                "leave `short_sale` out",
                problems,
            );
        }
    }

    /// Takes `[[short_rule]]` and `[ledger]`.
    pub(super) fn rules(&mut self, root: &DeTable<'_>, problems: &mut Vec<Problem>) {
        for section in Section::each_of_root(root, "short_rule", RULE_KEYS, problems) {
            let before = problems.len();
            let (venue, rule) = rule(&section, problems);
            if problems.len() > before {
                continue;
            }
            let mut others = self.rules.iter();
            if others.any(|(of, other)| *of == venue && other.overlaps(&rule)) {
                section.refuse(
                    "from",
                    format!("two rules of {venue} hold on one day"),
                    "`from` behind the `until` of the rule before",
                    problems,
                );
            }
            self.rules.push((venue, rule));
        }
        let ledger = Section::of_root(root, "ledger", LEDGER_KEYS, problems);
        if !ledger.is_absent() {
            let most = read::integer(1..=super::tables_file::QUANTITY_MAX, " shares");
            self.change_qty_max = ledger.required("change_qty_max", problems, most);
        }
    }
}

fn rule(section: &Section<'_>, problems: &mut Vec<Problem>) -> (Text<8>, ShortRule) {
    let venue = section
        .required("venue", problems, read::text)
        .unwrap_or_default();
    let from = section.required("from", problems, day);
    let until = section.optional("until", problems, day);
    let phases = section.required("phases", problems, phases);
    let hours = section.optional("hours", problems, hours);
    let has_price_rule = section.required("price_rule", problems, read::boolean);
    let exempts = section.optional("side_6_exempt", problems, read::boolean);
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        section.refuse(
            "until",
            format!("the rule ends on {until} and begins on {from}"),
            "the last day on which it holds, no earlier than `from`",
            problems,
        );
    }
    let rule = ShortRule {
        from_ns: from.map_or(0, TradingDay::begins_at_ns),
        until_ns: until.map_or(u64::MAX, TradingDay::ends_at_ns),
        phases: phases.unwrap_or(Phases::NONE),
        open_s: hours.map_or(0, |hours| hours.0),
        close_s: hours.map_or(DAY_S, |hours| hours.1),
        has_price_rule: has_price_rule.unwrap_or(true),
        exempts_side_6: exempts.unwrap_or(false),
    };
    (venue, rule)
}

fn day(value: &DeValue<'_>) -> Result<TradingDay, Expected> {
    let parsed = match value {
        DeValue::String(text) => TradingDay::parse(text),
        _ => None,
    };
    parsed.ok_or_else(|| "a date that exists, like \"2026-11-23\"".to_owned())
}

/// From and until which second of the day.
fn hours(value: &DeValue<'_>) -> Result<(u32, u32), Expected> {
    let parsed = match value {
        DeValue::String(text) => text.split_once('-'),
        _ => None,
    };
    parsed
        .and_then(|(from, until)| Some((second(from)?, second(until)?)))
        .filter(|(from, until)| from < until)
        .ok_or_else(|| "Korean time from and until, like \"09:00-15:30\"".to_owned())
}

fn second(text: &str) -> Option<u32> {
    let [h1, h2, b':', m1, m2] = text.as_bytes() else {
        return None;
    };
    let digits = [*h1, *h2, *m1, *m2];
    let [h1, h2, m1, m2] = digits.map(|digit| u32::from(digit.wrapping_sub(b'0')));
    let (hour, minute) = (h1 * 10 + h2, m1 * 10 + m2);
    let is_time = digits.iter().all(u8::is_ascii_digit) && minute < 60;
    let second = hour * 3_600 + minute * 60;
    Some(second).filter(|&second| is_time && second <= DAY_S)
}

fn phases(value: &DeValue<'_>) -> Result<Phases, Expected> {
    let expected = || {
        let words: Vec<&str> = PhaseWord::WORDS.iter().map(|(word, _)| *word).collect();
        format!("an array of any of {}, none twice", words.join(", "))
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let mut phases = Phases::NONE;
    for phase in array {
        let PhaseWord(phase) = read::word(phase.get_ref()).map_err(|_| expected())?;
        if phases.has(phase) {
            return Err(expected());
        }
        phases = phases.with(phase);
    }
    Ok(phases)
}
