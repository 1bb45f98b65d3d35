//! Changes of conduct: `conduct.TIER.FIELD`, `session_rate.FIELD` and `account.ID.self_trade`.

use gwanmun_gateway::Tables;
use gwanmun_market::{AccountConduct, ConductLimits, RateLimit, SelfTrade, Tier};

use super::change_exposure::{is_named, shown};

/// One change, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ConductChange {
    /// Of a tier.
    Limit(Tier, Field, u32),
    /// Of every session: the burst, or else the rate.
    SessionRate(bool, u32),
    /// Of an account by name: whether it may trade with itself.
    SelfTrade(String, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    PerSecond,
    Burst,
    SameOrder,
    SameOrderWithinMs,
    RequestsPerTrade,
    CanceledPercent,
    RatioFloor,
}

const FIELDS: [(&str, Field); 7] = [
    ("messages_per_second_max", Field::PerSecond),
    ("messages_burst_max", Field::Burst),
    ("same_order_max", Field::SameOrder),
    ("same_order_within_ms", Field::SameOrderWithinMs),
    ("requests_per_trade_max", Field::RequestsPerTrade),
    ("canceled_percent_max", Field::CanceledPercent),
    ("ratio_floor", Field::RatioFloor),
];

const COUNT: &str = "a whole number of 1 to 1_000_000_000";

impl ConductChange {
    /// Reads one; `None` for an unknown key, the remedy for a wrong value.
    pub(super) fn parse(
        section: &str,
        rest: &str,
        value: &str,
    ) -> Option<Result<ConductChange, &'static str>> {
        let count = value.replace('_', "").parse().ok();
        let count = count.filter(|count| (1..=RateLimit::MAX).contains(count));
        let count = count.ok_or(COUNT);
        match (section, rest.rsplit_once('.')) {
            ("conduct", Some((tier, field))) => {
                let tier = Tier::new(tier.parse().ok()?)?;
                let field = FIELDS.iter().find(|pair| pair.0 == field)?.1;
                Some(count.map(|count| ConductChange::Limit(tier, field, count)))
            }
            ("session_rate", None) => {
                let is_burst = match rest {
                    "messages_per_second_max" => false,
                    "messages_burst_max" => true,
                    _ => return None,
                };
                Some(count.map(|count| ConductChange::SessionRate(is_burst, count)))
            }
            ("account", Some((name, "self_trade"))) => Some(match value {
                "allowed" => Ok(ConductChange::SelfTrade(name.to_owned(), true)),
                "refused" => Ok(ConductChange::SelfTrade(name.to_owned(), false)),
                _ => Err("allowed or refused"),
            }),
            _ => None,
        }
    }
}

/// What tables say of conduct.
pub(super) struct ConductRows {
    limits: Vec<ConductLimits>,
    session_rate: Option<RateLimit>,
    accounts: Vec<AccountConduct>,
}

impl ConductRows {
    pub(super) fn of(tables: &Tables) -> ConductRows {
        let count = u16::try_from(tables.accounts().len()).unwrap_or(u16::MAX);
        let accounts = (0..count).filter_map(|index| tables.account_conduct(index));
        ConductRows {
            limits: tables.all_conduct_limits().copied().collect(),
            session_rate: tables.session_rate().copied(),
            accounts: accounts.copied().collect(),
        }
    }

    /// Makes a change; how many rows it found.
    pub(super) fn change(&mut self, change: &ConductChange) -> usize {
        match change {
            ConductChange::Limit(tier, field, to) => {
                let rows = self.limits.iter_mut().filter(|row| row.tier == *tier);
                rows.map(|row| field.put(*to, row)).count()
            }
            ConductChange::SessionRate(is_burst, to) => {
                let rates = self.session_rate.iter_mut();
                rates.map(|rate| put_rate(rate, *is_burst, *to)).count()
            }
            ConductChange::SelfTrade(name, is_allowed) => {
                let named = |row: &&mut AccountConduct| is_named(name, row.account.as_bytes());
                let rows = self.accounts.iter_mut().filter(named);
                let to = if *is_allowed {
                    SelfTrade::Allowed
                } else {
                    SelfTrade::Own
                };
                rows.map(|row| row.self_trade = to).count()
            }
        }
    }

    /// The names of the rows that a change could have meant.
    pub(super) fn names(&self, change: &ConductChange) -> Vec<String> {
        match change {
            ConductChange::Limit(..) => {
                let tiers = self.limits.iter().map(|row| row.tier.number());
                tiers.map(|tier| format!("conduct.{tier}")).collect()
            }
            ConductChange::SessionRate(..) => Vec::new(),
            ConductChange::SelfTrade(..) => {
                let names = self.accounts.iter().map(|row| row.account.as_bytes());
                names.map(shown).collect()
            }
        }
    }

    pub(super) fn put(&self, tables: Tables) -> Option<Tables> {
        let with = tables.with_conduct(&self.limits, self.session_rate, &self.accounts);
        with.ok()
    }
}

fn put_rate(rate: &mut RateLimit, is_burst: bool, to: u32) {
    let changed = if is_burst {
        RateLimit::new(rate.per_second(), to)
    } else {
        RateLimit::new(to, rate.burst())
    };
    *rate = changed.unwrap_or(*rate);
}

impl Field {
    fn put(self, to: u32, row: &mut ConductLimits) {
        match self {
            Field::PerSecond => put_rate(&mut row.rate, false, to),
            Field::Burst => put_rate(&mut row.rate, true, to),
            Field::SameOrder => row.same_order_max = to,
            Field::SameOrderWithinMs => row.same_order_within_ns = u64::from(to) * 1_000_000,
            Field::RequestsPerTrade => row.requests_per_trade_max = to,
            Field::CanceledPercent => row.canceled_percent_max = to,
            Field::RatioFloor => row.ratio_floor = to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::change::Change;

    #[test]
    fn keys_of_conduct_are_read_and_what_is_wrong_is_named() {
        for right in [
            "conduct.1.messages_per_second_max=50",
            "conduct.9.same_order_within_ms=1_000",
            "conduct.2.ratio_floor=1",
            "session_rate.messages_burst_max=100",
            "account.*.self_trade=refused",
        ] {
            let change = Change::parse(right).unwrap();
            assert_eq!(change.key(), right.split_once('=').unwrap().0);
        }
        for (wrong, word) in [
            ("conduct.0.ratio_floor=1", "conduct.TIER.FIELD"),
            ("conduct.1.floor=1", "conduct.TIER.FIELD"),
            ("conduct.1.ratio_floor=0", "whole number"),
            ("conduct.1.ratio_floor=inf", "whole number"),
            ("session_rate.burst=1", "session_rate.FIELD"),
            ("account.A.self_trade=yes", "allowed or refused"),
        ] {
            let error = Change::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(word), "{wrong}: {error}");
        }
    }
}
