//! What the market asks beyond an instrument's terms: keys of `[[instrument]]` and `[[account]]`,
//! and `[[venue_rule]]`, what a venue takes on a board and on which days.

use gwanmun_market::{
    AccountMarks, AreaName, Board, Instrument, MarketRules, OrderKinds, ProductKind, Text,
    VenueRule,
};
use toml::de::{DeTable, DeValue};

use super::TradingDay;
use super::error::Problem;
use super::order_limits;
use super::read::{self, Expected, Section};
use super::values::{Word, word_of};

/// The keys of `[[venue_rule]]`.
pub(super) const KEYS: &[&str] = &[
    "venue",
    "board",
    "from",
    "until",
    "order_kinds",
    "auction_order_kinds",
    "takes_orders_in_vi",
];

/// Shares from which a trade is a reference where nothing is said: single shares have printed
/// anywhere within the daily limit.
const REFERENCE_SHARES: u32 = 10;
/// Age up to which a trade is a reference where nothing is said, in seconds.
const LAST_MAX_AGE_S: u64 = 600;
/// The longest that it can be told: a day and a night.
const LAST_MAX_AGE_S_MAX: i64 = 2 * 86_400;
const NS_PER_S: u64 = 1_000_000_000;

/// One `[[venue_rule]]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VenueRuleRow {
    /// The venue's name. That the gateway file has it is not looked at here.
    pub venue: Text<8>,
    /// First day on which it holds; from ever where nothing is said.
    pub from: Option<TradingDay>,
    /// Last day on which it holds; for ever where nothing is said.
    pub until: Option<TradingDay>,
    /// The rule.
    pub rule: VenueRule,
}

impl VenueRuleRow {
    /// Whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: TradingDay) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// Whether there is a day on which both hold for the same board.
    fn overlaps(&self, other: &VenueRuleRow) -> bool {
        let ends_before = |a: &VenueRuleRow, b: &VenueRuleRow| {
            let days = a.until.zip(b.from);
            days.is_some_and(|(until, from)| until < from)
        };
        (self.venue, self.rule.board) == (other.venue, other.rule.board)
            && !ends_before(self, other)
            && !ends_before(other, self)
    }
}

impl Word for Board {
    const WORDS: &'static [(&'static str, Board)] = &[
        ("regular", Board::Regular),
        ("pre", Board::Pre),
        ("after", Board::After),
        ("closing_price", Board::ClosingPrice),
        ("night", Board::Night),
    ];
}

/// What the market asks about an instrument.
pub(super) fn rules(
    terms: &Instrument,
    section: &Section<'_>,
    problems: &mut Vec<Problem>,
) -> MarketRules {
    let is_share = matches!(terms.kind, ProductKind::Share | ProductKind::Etf);
    let mut area = |key| {
        let name = section.optional(key, problems, read::text);
        name.unwrap_or(AreaName::EMPTY)
    };
    let (matching_group, segment) = (area("matching_group"), area("market_segment"));
    let last_max_age_s = section.optional(
        "last_max_age_s",
        problems,
        read::integer(1..=LAST_MAX_AGE_S_MAX, " seconds"),
    );
    let stages = section.optional("limit_stages_bps", problems, |value| {
        stages(value, terms.daily_limit.bps)
    });
    let foreign = section.optional("foreign_limit", problems, read::boolean);
    let reference_qty_min = section.optional(
        "reference_qty_min",
        problems,
        read::integer(1..=i64::from(u32::MAX), ""),
    );
    MarketRules {
        matching_group,
        segment,
        reference_qty_min: reference_qty_min.unwrap_or(if is_share { REFERENCE_SHARES } else { 1 }),
        last_max_age_ns: last_max_age_s.unwrap_or(LAST_MAX_AGE_S) * NS_PER_S,
        limit_stages_bps: stages.unwrap_or([0; 2]),
        has_foreign_limit: foreign.unwrap_or(false),
    }
}

/// One or two stages, each wider than the one before.
fn stages(value: &DeValue<'_>, first_bps: u32) -> Result<[u32; 2], Expected> {
    let expected = || {
        format!(
            "an array of one or two integers up to 10000 basis points, rising, above the first \
             stage's daily_limit_bps = {first_bps}"
        )
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let mut widest = first_bps;
    let mut stages = [0; 2];
    for (at, value) in array.iter().enumerate() {
        let bps: u32 = read::integer(1..=10_000, "")(value.get_ref()).map_err(|_| expected())?;
        let place = stages.get_mut(at).filter(|_| bps > widest);
        *place.ok_or_else(expected)? = bps;
        widest = bps;
    }
    Some(stages)
        .filter(|_| !array.is_empty())
        .ok_or_else(expected)
}

/// What the market's rules want to know of an account.
pub(super) fn marks(section: &Section<'_>, problems: &mut Vec<Problem>) -> AccountMarks {
    let mut flag = |key| {
        let told = section.optional(key, problems, read::boolean);
        told.unwrap_or(false)
    };
    AccountMarks {
        is_programme: flag("programme"),
        is_foreign: flag("foreign"),
    }
}

/// Every `[[venue_rule]]`.
pub(super) fn venue_rules(root: &DeTable<'_>, problems: &mut Vec<Problem>) -> Vec<VenueRuleRow> {
    let mut rows = Vec::new();
    for section in Section::each_of_root(root, "venue_rule", KEYS, problems) {
        rows.push(venue_rule(&section, &rows, problems));
    }
    rows
}

/// One of them, held against those before it.
fn venue_rule(
    section: &Section<'_>,
    before: &[VenueRuleRow],
    problems: &mut Vec<Problem>,
) -> VenueRuleRow {
    let count = problems.len();
    let kinds = |key, problems: &mut Vec<Problem>| {
        section.optional(key, problems, order_limits::order_kinds)
    };
    let auction_order_kinds = kinds("auction_order_kinds", problems);
    let in_vi = section.optional("takes_orders_in_vi", problems, read::boolean);
    let row = VenueRuleRow {
        venue: section
            .required("venue", problems, read::text)
            .unwrap_or_default(),
        from: section.optional("from", problems, date),
        until: section.optional("until", problems, date),
        rule: VenueRule {
            board: section
                .required("board", problems, read::word)
                .unwrap_or_default(),
            order_kinds: section
                .required("order_kinds", problems, order_limits::order_kinds)
                .unwrap_or_default(),
            auction_order_kinds: auction_order_kinds.unwrap_or(OrderKinds::NONE),
            takes_orders_in_vi: in_vi.unwrap_or(false),
        },
    };
    if problems.len() > count {
        return row;
    }
    if let (Some(from), Some(until)) = (row.from, row.until)
        && until < from
    {
        let message = format!("a rule that ends on {until} and begins on {from}");
        section.refuse("until", message, "a day at or behind `from`", problems);
    }
    if before.iter().any(|other| other.overlaps(&row)) {
        let board = word_of(row.rule.board);
        let message = format!(
            "a second rule of {} for its {board} board on one day",
            row.venue
        );
        section.refuse(
            "board",
            message,
            "`from` and `until` that leave one rule a day",
            problems,
        );
    }
    if row.rule.takes_orders_in_vi && row.rule.auction_order_kinds == OrderKinds::NONE {
        let message = "orders are let into an interruption's auction, and no kind is taken there";
        let remedy = "`auction_order_kinds` as the venue has them";
        section.refuse("takes_orders_in_vi", message.to_owned(), remedy, problems);
    }
    row
}

fn date(value: &DeValue<'_>) -> Result<TradingDay, Expected> {
    let parsed = match value {
        DeValue::String(text) => TradingDay::parse(text),
        _ => None,
    };
    parsed.ok_or_else(|| "a date that exists as \"YYYY-MM-DD\"".to_owned())
}
