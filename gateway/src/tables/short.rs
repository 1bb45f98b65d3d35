//! What the tables say of short sales: who has a local balance system, what may be sold short, when
//! each venue takes it, and how much one command may change of the ledger.
//!
//! Whatever is not said refuses: an account without a balance system, an instrument that may not be
//! sold short, a venue without a rule, a ledger that no command changes.

use gwanmun_market::{AccountId, ShortRule, Symbol};

use super::{Tables, TablesError};

/// Rows about short sales as they are told.
#[derive(Clone, Debug, Default)]
pub struct ShortRows {
    /// Accounts with a local balance system of their own.
    pub balance_systems: Vec<AccountId>,
    /// Instruments that may be sold short.
    pub allowed: Vec<Symbol>,
    /// Rules, each with its venue's index in the terms.
    pub rules: Vec<(u16, ShortRule)>,
    /// Most that one command may change of the ledger.
    pub change_qty_max: Option<i64>,
}

/// The rows by the index of what they are about.
#[derive(Clone, Debug, Default)]
pub(super) struct ShortTables {
    has_balance_system: Vec<bool>,
    is_allowed: Vec<bool>,
    rules: Vec<(u16, ShortRule)>,
    change_qty_max: Option<i64>,
}

impl Tables {
    /// The same tables with what they say of short sales.
    ///
    /// # Errors
    /// [`TablesError`] when a row points nowhere, or two rules of a venue hold at one moment.
    pub fn with_short_sales(mut self, rows: ShortRows) -> Result<Tables, TablesError> {
        let mut short = ShortTables {
            has_balance_system: vec![false; self.accounts.len()],
            is_allowed: vec![false; self.instruments.len()],
            rules: Vec::with_capacity(rows.rules.len()),
            change_qty_max: rows.change_qty_max,
        };
        for account in rows.balance_systems {
            let index = self.account_index(&account).map(usize::from);
            let place = index.and_then(|index| short.has_balance_system.get_mut(index));
            *place.ok_or(TablesError::BalanceSystemWithoutAccount(account))? = true;
        }
        for symbol in rows.allowed {
            let index = self.instrument_index(&symbol).map(usize::from);
            let place = index.and_then(|index| short.is_allowed.get_mut(index));
            *place.ok_or(TablesError::ShortWithoutInstrument(symbol))? = true;
        }
        for (venue, rule) in rows.rules {
            let is_twice = |other: &(u16, ShortRule)| other.0 == venue && other.1.overlaps(&rule);
            if short.rules.iter().any(is_twice) {
                return Err(TablesError::ShortRulesOverlap(venue));
            }
            short.rules.push((venue, rule));
        }
        self.short = short;
        Ok(self)
    }

    /// What they say of short sales, as rows.
    #[must_use]
    pub fn short_rows(&self) -> ShortRows {
        let accounts = (0..).zip(&self.accounts);
        let accounts = accounts.filter(|&(index, _)| self.has_balance_system(index));
        let instruments = (0..).zip(&self.instruments);
        let instruments = instruments.filter(|&(index, _)| self.may_be_sold_short(index));
        ShortRows {
            balance_systems: accounts.map(|(_, row)| row.account).collect(),
            allowed: instruments.map(|(_, row)| row.symbol).collect(),
            rules: self.short.rules.clone(),
            change_qty_max: self.short.change_qty_max,
        }
    }

    /// Whether an account has a local balance system.
    #[must_use]
    pub fn has_balance_system(&self, account: u16) -> bool {
        let told = self.short.has_balance_system.get(usize::from(account));
        told.is_some_and(|&has| has)
    }

    /// Whether an instrument may be sold short.
    #[must_use]
    pub fn may_be_sold_short(&self, instrument: u16) -> bool {
        let told = self.short.is_allowed.get(usize::from(instrument));
        told.is_some_and(|&is_allowed| is_allowed)
    }

    /// The rule of a venue that holds now, if there is one. Rules are few: a venue changes them
    /// once in years.
    #[must_use]
    pub fn short_rule(&self, venue: u16, now_ns: u64) -> Option<&ShortRule> {
        let rules = self.short_rules().iter();
        let mut of_venue = rules.filter(|(of, _)| *of == venue);
        let holds = of_venue.find(|(_, rule)| rule.holds_at(now_ns));
        holds.map(|(_, rule)| rule)
    }

    /// Every rule with its venue, as they were told.
    #[must_use]
    pub fn short_rules(&self) -> &[(u16, ShortRule)] {
        &self.short.rules
    }

    /// Most that one command may change of the ledger, if anybody said so.
    #[must_use]
    pub fn ledger_change_qty_max(&self) -> Option<i64> {
        self.short.change_qty_max
    }
}
