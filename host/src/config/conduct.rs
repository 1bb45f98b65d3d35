//! How sessions and accounts may behave: `[[conduct]]` and `[session_rate]` of the tables file, and
//! what `[[account]]` says of algorithms and self-trades.

use gwanmun_market::{
    AccountConduct, AccountId, ConductLimits, RateLimit, SelfTrade, Tier, WIDE_RATE,
};
use toml::de::DeTable;

use super::Tables;
use super::error::Problem;
use super::order_limits::tier;
use super::read::{self, Section};
use super::tables_file::refuse_twin;
use super::values::Word;

/// The keys of `[[conduct]]`.
pub(super) const KEYS: &[&str] = &[
    "tier",
    "messages_per_second_max",
    "messages_burst_max",
    "same_order_max",
    "same_order_within_ms",
    "requests_per_trade_max",
    "canceled_percent_max",
    "ratio_floor",
];

/// The keys of `[session_rate]`.
pub(super) const SESSION_RATE_KEYS: &[&str] = &["messages_per_second_max", "messages_burst_max"];

/// A billion: what counts, rates and ratios may be at most, so that none is infinite.
const COUNT_MAX: i64 = 1_000_000_000;
/// A day.
const WITHIN_MS_MAX: i64 = 86_400_000;

/// `self_trade` of an account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prevention {
    Refused,
    Allowed,
}

impl Word for Prevention {
    const WORDS: &'static [(&'static str, Prevention)] = &[
        ("refused", Prevention::Refused),
        ("allowed", Prevention::Allowed),
    ];
}

/// Reads the sections that are of conduct alone. Without `[session_rate]` there is none, and then
/// nothing leaves that increases risk.
pub(super) fn read(root: &DeTable<'_>, tables: &mut Tables, problems: &mut Vec<Problem>) {
    for section in Section::each_of_root(root, "conduct", KEYS, problems) {
        let row = limits(&section, problems);
        if tables
            .conduct_limits
            .iter()
            .any(|other| other.tier == row.tier)
        {
            refuse_twin(&section, "tier", problems);
        }
        tables.conduct_limits.push(row);
    }
    let section = Section::of_root(root, "session_rate", SESSION_RATE_KEYS, problems);
    if !section.is_absent() {
        tables.session_rate = Some(rate(&section, problems));
    }
}

/// One row; every limit must be there and finite.
fn limits(section: &Section<'_>, problems: &mut Vec<Problem>) -> ConductLimits {
    let mut count = |key: &str, most: i64| -> u32 {
        let value = section.required(key, problems, read::integer(1..=most, ""));
        value.unwrap_or(1)
    };
    let same_order_max = count("same_order_max", COUNT_MAX);
    let requests_per_trade_max = count("requests_per_trade_max", COUNT_MAX);
    let canceled_percent_max = count("canceled_percent_max", 100);
    let ratio_floor = count("ratio_floor", COUNT_MAX);
    let within_ms = count("same_order_within_ms", WITHIN_MS_MAX);
    ConductLimits {
        tier: section
            .required("tier", problems, tier)
            .unwrap_or(Tier::LOWEST),
        rate: rate(section, problems),
        same_order_max,
        same_order_within_ns: u64::from(within_ms) * 1_000_000,
        requests_per_trade_max,
        canceled_percent_max,
        ratio_floor,
    }
}

/// A rate with its burst.
fn rate(section: &Section<'_>, problems: &mut Vec<Problem>) -> RateLimit {
    let mut count = |key: &str, unit: &str| -> u32 {
        let value = section.required(key, problems, read::integer(1..=COUNT_MAX, unit));
        value.unwrap_or(1)
    };
    let per_second = count("messages_per_second_max", " messages a second");
    let burst = count("messages_burst_max", " messages at once");
    RateLimit::new(per_second, burst).unwrap_or(WIDE_RATE)
}

/// What an `[[account]]` says of its conduct.
pub(super) fn account(
    section: &Section<'_>,
    account: AccountId,
    problems: &mut Vec<Problem>,
) -> AccountConduct {
    let prevention = section.optional("self_trade", problems, read::word);
    let group = section.optional("self_trade_group", problems, read::text);
    let algorithm = section.optional("algorithm", problems, read::text);
    let is_only = section.optional("algorithm_only", problems, read::boolean);
    if group.is_some() && prevention == Some(Prevention::Allowed) {
        section.refuse(
            "self_trade_group",
            "a group among whose accounts nothing is refused".to_owned(),
            "self_trade = \"refused\", or no group",
            problems,
        );
    }
    if is_only == Some(true) && algorithm.is_none() {
        section.refuse(
            "algorithm_only",
            "an algorithm's account without an algorithm could send nothing".to_owned(),
            "`algorithm` as well, the name under which it is registered",
            problems,
        );
    }
    AccountConduct {
        account,
        self_trade: match (group, prevention) {
            (Some(name), _) => SelfTrade::Group(name),
            (None, Some(Prevention::Allowed)) => SelfTrade::Allowed,
            (None, _) => SelfTrade::Own,
        },
        algorithm,
        is_algorithm_only: is_only.unwrap_or(false),
    }
}
