//! Lines of conduct: `conduct` of a tier, `session_rate`, `account_conduct` of an account of which
//! something is said.

use gwanmun_market::{AccountConduct, ConductLimits, RateLimit, SelfTrade, Text, Tier};

use crate::tables::Tables;
use crate::terms_text::{flag, put};
use crate::terms_words::{Word, text};

/// Stands where no name does: names are not empty and hold no blank, and this is no name's form.
const NONE: &str = "%";
/// Of an account whose orders may trade with each other.
const ALLOWED: &str = "%allowed";

/// Writes them.
pub(super) fn write(into: &mut String, tables: &Tables) {
    for row in tables.all_conduct_limits() {
        put(
            into,
            format_args!(
                "conduct {} {} {} {} {} {} {} {}",
                row.tier.number(),
                row.rate.per_second(),
                row.rate.burst(),
                row.same_order_max,
                row.same_order_within_ns,
                row.requests_per_trade_max,
                row.canceled_percent_max,
                row.ratio_floor,
            ),
        );
    }
    if let Some(rate) = tables.session_rate() {
        let (per_second, burst) = (rate.per_second(), rate.burst());
        put(into, format_args!("session_rate {per_second} {burst}"));
    }
    for row in tables.accounts_conduct() {
        let account = Word(row.account.as_bytes());
        let self_trade = match &row.self_trade {
            SelfTrade::Own => NONE.to_owned(),
            SelfTrade::Allowed => ALLOWED.to_owned(),
            SelfTrade::Group(name) => Word(name.as_bytes()).to_string(),
        };
        let algorithm = match &row.algorithm {
            None => NONE.to_owned(),
            Some(name) => Word(name.as_bytes()).to_string(),
        };
        let is_only = u8::from(row.is_algorithm_only);
        put(
            into,
            format_args!("account_conduct {account} {self_trade} {algorithm} {is_only}"),
        );
    }
}

/// Rows of conduct as they are read.
#[derive(Default)]
pub(super) struct ConductRows {
    limits: Vec<ConductLimits>,
    session_rate: Option<RateLimit>,
    accounts: Vec<AccountConduct>,
}

impl ConductRows {
    /// Takes one line; `None` where it is no row of conduct.
    pub(super) fn line(&mut self, words: &[&str]) -> Option<()> {
        match words {
            ["conduct", row @ ..] => self.limits.push(limits(row)?),
            ["session_rate", rate @ ..] if self.session_rate.is_none() => {
                self.session_rate = Some(rate_of(rate)?);
            }
            ["account_conduct", account, self_trade, algorithm, is_only] => {
                self.accounts.push(AccountConduct {
                    account: text(account)?,
                    self_trade: match *self_trade {
                        NONE => SelfTrade::Own,
                        ALLOWED => SelfTrade::Allowed,
                        name => SelfTrade::Group(name_of(name)?),
                    },
                    algorithm: match *algorithm {
                        NONE => None,
                        name => Some(name_of(name)?),
                    },
                    is_algorithm_only: flag(is_only)?,
                });
            }
            _ => return None,
        }
        Some(())
    }

    /// The tables with these rows; `None` where they make no sense together.
    pub(super) fn put(self, tables: Tables) -> Option<Tables> {
        let with = tables.with_conduct(&self.limits, self.session_rate, &self.accounts);
        with.ok()
    }
}

fn name_of(word: &str) -> Option<Text<16>> {
    text(word).filter(|name| !name.is_empty())
}

fn rate_of(words: &[&str]) -> Option<RateLimit> {
    let [per_second, burst] = words else {
        return None;
    };
    RateLimit::new(per_second.parse().ok()?, burst.parse().ok()?)
}

fn limits(words: &[&str]) -> Option<ConductLimits> {
    let [
        tier,
        per_second,
        burst,
        same,
        within_ns,
        per_trade,
        canceled,
        floor,
    ] = words
    else {
        return None;
    };
    Some(ConductLimits {
        tier: Tier::new(tier.parse().ok()?)?,
        rate: rate_of(&[per_second, burst])?,
        same_order_max: same.parse().ok()?,
        same_order_within_ns: within_ns.parse().ok()?,
        requests_per_trade_max: per_trade.parse().ok()?,
        canceled_percent_max: canceled.parse().ok()?,
        ratio_floor: floor.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use crate::terms_text::{read, write_tables};

    const START: &str = "version 5\nprefix G1\nvenue KRX gw1\nlimits 1 2 3 4 5\nsessions_max 0\n";
    const TABLES: &str = "account A 1 1
account B 1 1
account C 1 1
conduct 1 50 60 10 1000000000 100 95 1000
conduct 9 1 1 1 1 1 1 1
session_rate 500 600
account_conduct A % MM-01 1
account_conduct B %allowed % 0
account_conduct C DESK%20A % 0
";

    #[test]
    fn lines_are_read_back_byte_by_byte_or_not_at_all() {
        let tables = read(START, TABLES).unwrap().tables;
        assert_eq!(write_tables(&tables), TABLES);
        for (from, to) in [
            ("conduct 1 50", "conduct 1 0"),
            ("conduct 1 50 60", "conduct 1 50 1000000001"),
            ("conduct 1 ", "conduct 0 "),
            ("conduct 9 1", "conduct 1 1"),
            (" 95 1000", " 95"),
            (" 95 1000", " -1 1000"),
            ("session_rate 500", "session_rate inf"),
            ("session_rate 500 600", "session_rate 5 6\nsession_rate 5 6"),
            ("account_conduct A", "account_conduct D"),
            ("account_conduct B", "account_conduct A"),
            ("MM-01 1", "MM-01 2"),
        ] {
            assert!(TABLES.contains(from), "{from}");
            let wrong = TABLES.replacen(from, to, 1);
            assert!(read(START, &wrong).is_err(), "{to}");
        }
    }
}
