//! How sessions and accounts may behave: rates and ratios by tier, algorithms and self-trade groups
//! by account.

use gwanmun_market::{
    AccountConduct, AccountTerms, ConductLimits, RateLimit, SelfTrade, TIERS_MAX, Tier, WIDE_RATE,
};

use super::{Tables, TablesError};
use crate::orders::UNKNOWN;

/// What is said of conduct; of nothing said there is the strictest reading.
#[derive(Clone, Debug, Default)]
pub(super) struct ConductTables {
    /// By tier; `None` where nobody said how much.
    limits: [Option<ConductLimits>; TIERS_MAX],
    /// Of every session.
    session_rate: Option<RateLimit>,
    /// As long as the accounts.
    accounts: Vec<AccountConduct>,
    /// As long as the accounts: the index of the first account of each one's self-trade group,
    /// which stands for the group; [`UNKNOWN`] where self-trades are allowed.
    groups: Vec<u16>,
}

impl ConductTables {
    pub(super) fn of(accounts: &[AccountTerms]) -> ConductTables {
        let mut tables = ConductTables {
            accounts: accounts
                .iter()
                .map(|row| AccountConduct::of_nobody(row.account))
                .collect(),
            ..ConductTables::default()
        };
        tables.find_groups();
        tables
    }

    fn find_groups(&mut self) {
        let group = |(at, row): (usize, &AccountConduct)| {
            let first = match row.self_trade {
                SelfTrade::Own => Some(at),
                SelfTrade::Allowed => None,
                SelfTrade::Group(_) => {
                    let mut rows = self.accounts.iter();
                    rows.position(|other| other.self_trade == row.self_trade)
                }
            };
            first.map_or(UNKNOWN, |first| u16::try_from(first).unwrap_or(UNKNOWN))
        };
        self.groups = self.accounts.iter().enumerate().map(group).collect();
    }
}

impl Tables {
    /// The same tables with limits of conduct, the rate of every session, and what is said of
    /// single accounts. Where a tier, or the sessions, have no limit nothing leaves that increases
    /// risk; an account of which nothing is said has no algorithm and must not trade with itself.
    ///
    /// # Errors
    /// [`TablesError`] where a tier or an account stands twice, or there is no such account.
    pub fn with_conduct(
        mut self,
        limits: &[ConductLimits],
        session_rate: Option<RateLimit>,
        accounts: &[AccountConduct],
    ) -> Result<Tables, TablesError> {
        let nobody = ConductTables::of(&self.accounts);
        let mut conduct = ConductTables {
            session_rate,
            ..nobody.clone()
        };
        for row in limits {
            let place = conduct.limits.get_mut(usize::from(row.tier.number()) - 1);
            let place = place.filter(|place| place.is_none());
            *place.ok_or(TablesError::ConductTwice(row.tier))? = Some(*row);
        }
        for row in accounts {
            let index = self.account_index(&row.account);
            let place = index.and_then(|index| conduct.accounts.get_mut(usize::from(index)));
            let place = place.ok_or(TablesError::ConductWithoutAccount(row.account))?;
            if *place != AccountConduct::of_nobody(row.account) {
                return Err(TablesError::AccountTwice(row.account));
            }
            *place = *row;
        }
        conduct.find_groups();
        self.conduct = conduct;
        Ok(self)
    }

    /// The same tables with limits of conduct that no flow of sense reaches, and accounts that may
    /// trade with themselves; for tests and measurements.
    ///
    /// # Errors
    /// None where the tables are sound.
    pub fn with_wide_conduct(self) -> Result<Tables, TablesError> {
        let tiers = (1..=9).filter_map(Tier::new);
        let limits: Vec<ConductLimits> = tiers.map(ConductLimits::wide).collect();
        let allowed = |row: &AccountTerms| AccountConduct {
            self_trade: SelfTrade::Allowed,
            ..AccountConduct::of_nobody(row.account)
        };
        let accounts: Vec<AccountConduct> = self.accounts.iter().map(allowed).collect();
        self.with_conduct(&limits, Some(WIDE_RATE), &accounts)
    }

    /// How an account of a tier may behave, if anybody said so.
    #[must_use]
    pub fn conduct_limits(&self, tier: Tier) -> Option<&ConductLimits> {
        let at = usize::from(tier.number()) - 1;
        self.conduct.limits.get(at)?.as_ref()
    }

    /// Every row of limits of conduct, by tier.
    pub fn all_conduct_limits(&self) -> impl Iterator<Item = &ConductLimits> {
        self.conduct.limits.iter().flatten()
    }

    /// How fast a session may send, if anybody said so.
    #[must_use]
    pub const fn session_rate(&self) -> Option<&RateLimit> {
        self.conduct.session_rate.as_ref()
    }

    /// What is said of an account's conduct.
    #[must_use]
    pub fn account_conduct(&self, index: u16) -> Option<&AccountConduct> {
        self.conduct.accounts.get(usize::from(index))
    }

    /// What is said of accounts' conduct, in the order of the accounts; of each one something.
    pub fn accounts_conduct(&self) -> impl Iterator<Item = &AccountConduct> {
        let rows = self.conduct.accounts.iter();
        rows.filter(|row| **row != AccountConduct::of_nobody(row.account))
    }

    /// The account that stands for an account's self-trade group; `None` where it may trade with
    /// itself, or is none.
    pub(crate) fn self_trade_group(&self, account: u16) -> Option<u16> {
        let group = self.conduct.groups.get(usize::from(account)).copied();
        group.filter(|&group| group != UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Text;

    use super::*;

    fn account(name: &str) -> AccountTerms {
        AccountTerms {
            account: Text::new(name.as_bytes()).unwrap(),
            is_enabled: true,
            tier: Tier::LOWEST,
        }
    }

    fn conduct(name: &str, self_trade: SelfTrade) -> AccountConduct {
        AccountConduct {
            self_trade,
            ..AccountConduct::of_nobody(account(name).account)
        }
    }

    #[test]
    fn groups_are_those_that_are_named_alike() {
        let group = |name: &str| SelfTrade::Group(Text::new(name.as_bytes()).unwrap());
        let tables = || {
            let accounts = ["A", "B", "C", "D", "E"].map(account);
            Tables::new(accounts.to_vec(), Vec::new(), Vec::new()).unwrap()
        };
        let rows = [
            conduct("E", group("X")),
            conduct("B", group("X")),
            conduct("C", SelfTrade::Allowed),
            conduct("D", group("Y")),
        ];
        let limits = [ConductLimits::wide(Tier::LOWEST)];
        let with = tables().with_conduct(&limits, None, &rows).unwrap();
        let groups: Vec<_> = (0..6).map(|index| with.self_trade_group(index)).collect();
        assert_eq!(groups, [Some(0), Some(1), None, Some(3), Some(1), None]);
        assert_eq!(with.accounts_conduct().count(), 4);
        let plain = tables();
        assert_eq!(plain.self_trade_group(4), Some(4));
        assert_eq!(plain.conduct_limits(Tier::LOWEST), None);
        assert_eq!(plain.session_rate(), None);

        let twice = [limits[0], limits[0]];
        let error = tables().with_conduct(&twice, None, &[]).unwrap_err();
        assert_eq!(error, TablesError::ConductTwice(Tier::LOWEST));
        let error = tables().with_conduct(&[], None, &[rows[0], rows[0]]);
        assert_eq!(
            error.unwrap_err(),
            TablesError::AccountTwice(rows[0].account)
        );
        let stranger = conduct("F", SelfTrade::Allowed);
        let error = tables().with_conduct(&[], None, &[stranger]).unwrap_err();
        assert_eq!(error, TablesError::ConductWithoutAccount(stranger.account));
    }
}
