//! Accounts, instruments and opening holdings: the tables in force, loaded once and then only read.
//!
//! Rows are sorted by name and found by an index of names ([`crate::name_index`]): no allocation,
//! no seed, the same order in every run.

mod conduct;
mod market;
mod short;

use gwanmun_captures::input::TABLE_HASH_BYTES;
use gwanmun_market::{
    AccountId, AccountTerms, Board, HoldingSource, Instrument, OrderLimits, ProductKind, Symbol,
    TIERS_MAX, Tier,
};

use self::market::MarketTables;
use conduct::ConductTables;

use crate::exposure::{ExposureRows, ExposureTables};
use crate::name_index::NameIndex;
use crate::terms::VENUES_MAX;

pub use short::ShortRows;
use short::ShortTables;

/// A holding at the start of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Whose.
    pub account: AccountId,
    /// Of what.
    pub symbol: Symbol,
    /// Shares that may be sold, or the signed position in contracts.
    pub quantity: i64,
    /// Where shares come from; contracts are settled.
    pub source: HoldingSource,
}

/// Why a set of tables is not one. The fault lies with our own configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TablesError {
    /// Two rows for one account.
    AccountTwice(AccountId),
    /// Two rows for one instrument.
    InstrumentTwice(Symbol),
    /// A holding of an account that is not in the table.
    HoldingWithoutAccount(AccountId),
    /// A holding of an instrument that is not in the table.
    HoldingWithoutInstrument(Symbol),
    /// More than 65,534 accounts or instruments.
    TooMany,
    /// A list of venues for an instrument that is not in the table.
    VenuesWithoutInstrument(Symbol),
    /// A list of more than [`VENUES_MAX`] venues, or one venue twice.
    Venues(Symbol),
    /// Two rows of limits for one tier and kind.
    LimitsTwice(Tier, ProductKind),
    /// Market rules of an instrument that is not in the table.
    RulesWithoutInstrument(Symbol),
    /// Marks of an account that is not in the table.
    MarksWithoutAccount(AccountId),
    /// Two rules of one venue's board, or a venue that is none.
    VenueRule(u16, Board),
    /// A local balance system of an account that is not in the table.
    BalanceSystemWithoutAccount(AccountId),
    /// Short sales of an instrument that is not in the table.
    ShortWithoutInstrument(Symbol),
    /// Two rules for short sales that hold at one moment, of the venue with this index.
    ShortRulesOverlap(u16),
    /// Rows about exposure of which one stands twice, or is about nothing in the tables.
    Exposure,
    /// Two rows of limits of conduct for one tier.
    ConductTwice(Tier),
    /// Conduct of an account that is not in the table.
    ConductWithoutAccount(AccountId),
}

/// The tables in force.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Invariant: sorted by account, each once.
    accounts: Vec<AccountTerms>,
    /// Invariant: sorted by symbol, each once.
    instruments: Vec<Instrument>,
    /// Where accounts and instruments stand.
    by_name: (NameIndex, NameIndex),
    holdings: Vec<Holding>,
    /// Where each instrument trades; as long as `instruments`.
    venue_lists: Vec<VenueList>,
    /// By tier and kind; `None` where nobody said how much.
    limits: [[Option<OrderLimits>; ProductKind::ALL.len()]; TIERS_MAX],
    conduct: ConductTables,
    market: MarketTables,
    short: ShortTables,
    exposure: ExposureTables,
    /// What their text on record is named by; zeros where nobody said so.
    sha256: [u8; TABLE_HASH_BYTES],
}

/// Venues by their index in the terms, the one that is tried first in front; none: all there are.
#[derive(Clone, Copy, Debug, Default)]
struct VenueList {
    venues: [u16; VENUES_MAX],
    count: usize,
}

impl Tables {
    /// Sorts and checks the rows.
    ///
    /// # Errors
    /// [`TablesError`] when a row is doubled or points nowhere.
    pub fn new(
        mut accounts: Vec<AccountTerms>,
        mut instruments: Vec<Instrument>,
        holdings: Vec<Holding>,
    ) -> Result<Tables, TablesError> {
        if accounts.len() >= usize::from(u16::MAX) || instruments.len() >= usize::from(u16::MAX) {
            return Err(TablesError::TooMany);
        }
        accounts.sort_by_key(|row| row.account);
        instruments.sort_by_key(|row| row.symbol);
        for (row, next) in accounts.iter().zip(accounts.iter().skip(1)) {
            if row.account == next.account {
                return Err(TablesError::AccountTwice(row.account));
            }
        }
        for (row, next) in instruments.iter().zip(instruments.iter().skip(1)) {
            if row.symbol == next.symbol {
                return Err(TablesError::InstrumentTwice(row.symbol));
            }
        }
        let exposure = ExposureTables::new(&accounts, &instruments, ExposureRows::default())
            .ok_or(TablesError::Exposure)?;
        let tables = Tables {
            exposure,
            venue_lists: vec![VenueList::default(); instruments.len()],
            conduct: ConductTables::of(&accounts),
            market: MarketTables::new(instruments.len(), accounts.len()),
            by_name: (
                NameIndex::new(accounts.iter().map(|row| &row.account)),
                NameIndex::new(instruments.iter().map(|row| &row.symbol)),
            ),
            accounts,
            instruments,
            holdings,
            limits: Default::default(),
            sha256: [0; TABLE_HASH_BYTES],
            short: ShortTables::default(),
        };
        for holding in &tables.holdings {
            tables
                .account_index(&holding.account)
                .ok_or(TablesError::HoldingWithoutAccount(holding.account))?;
            tables
                .instrument_index(&holding.symbol)
                .ok_or(TablesError::HoldingWithoutInstrument(holding.symbol))?;
        }
        Ok(tables)
    }

    /// The same tables with the venues where an instrument trades, in the order in which they are
    /// tried. An instrument without a list trades at every venue, in the order of the terms.
    ///
    /// # Errors
    /// [`TablesError`] when there is no such instrument, or the list is none.
    pub fn with_venues(mut self, symbol: Symbol, venues: &[u16]) -> Result<Tables, TablesError> {
        let index = self.instrument_index(&symbol);
        let list = index.and_then(|index| self.venue_lists.get_mut(usize::from(index)));
        let list = list.ok_or(TablesError::VenuesWithoutInstrument(symbol))?;
        *list = VenueList::default();
        for &venue in venues {
            let is_twice = list.as_slice().contains(&venue);
            let place = list.venues.get_mut(list.count).filter(|_| !is_twice);
            *place.ok_or(TablesError::Venues(symbol))? = venue;
            list.count += 1;
        }
        Ok(self)
    }

    /// The same tables under the name that they have on record: SHA-256 of their text.
    #[must_use]
    pub const fn named(mut self, sha256: [u8; TABLE_HASH_BYTES]) -> Tables {
        self.sha256 = sha256;
        self
    }

    /// SHA-256 of their text on record; zeros where nobody said so.
    #[must_use]
    pub const fn sha256(&self) -> &[u8; TABLE_HASH_BYTES] {
        &self.sha256
    }

    /// The same tables with what accounts may order. A tier and kind without a row may order
    /// nothing that increases risk.
    ///
    /// # Errors
    /// [`TablesError::LimitsTwice`].
    pub fn with_limits(mut self, rows: &[OrderLimits]) -> Result<Tables, TablesError> {
        for row in rows {
            let place = self.limits.get_mut(usize::from(row.tier.number()) - 1);
            let place = place.and_then(|kinds| kinds.get_mut(row.kind.index()));
            let twice = TablesError::LimitsTwice(row.tier, row.kind);
            let place = place.filter(|place| place.is_none()).ok_or(twice)?;
            *place = Some(*row);
        }
        Ok(self)
    }

    /// The same tables with what exposure is held against. An account, instrument or underlying
    /// without a row, and a firm without limits, may order nothing that increases risk.
    ///
    /// # Errors
    /// [`TablesError::Exposure`].
    pub fn with_exposure(mut self, rows: ExposureRows) -> Result<Tables, TablesError> {
        self.exposure = ExposureTables::new(&self.accounts, &self.instruments, rows)
            .ok_or(TablesError::Exposure)?;
        Ok(self)
    }

    /// The same tables with exposure limits that no order of sense reaches, for tests and
    /// measurements: each share by itself, all derivatives on one underlying.
    ///
    /// # Errors
    /// None where the tables are sound.
    pub fn with_wide_exposure(self) -> Result<Tables, TablesError> {
        let rows = ExposureRows::wide(&self.accounts, &self.instruments);
        self.with_exposure(rows)
    }

    /// Every row about exposure, as it was given.
    #[must_use]
    pub const fn exposure_rows(&self) -> &ExposureRows {
        self.exposure.rows()
    }

    /// The rows about exposure by the tables' indices.
    pub(crate) const fn exposure(&self) -> &ExposureTables {
        &self.exposure
    }

    /// What an account of a tier may order of a kind, if anybody said so.
    #[must_use]
    pub fn order_limits(&self, tier: Tier, kind: ProductKind) -> Option<&OrderLimits> {
        let kinds = self.limits.get(usize::from(tier.number()) - 1)?;
        kinds.get(kind.index())?.as_ref()
    }

    /// Every row of limits, by tier and kind.
    pub fn limits(&self) -> impl Iterator<Item = &OrderLimits> {
        self.limits.iter().flatten().flatten()
    }

    /// The venues where an instrument trades, by their index in the terms and in the order in which
    /// they are tried; empty where nothing is said.
    #[must_use]
    pub fn venue_list(&self, instrument: u16) -> &[u16] {
        let list = self.venue_lists.get(usize::from(instrument));
        list.map_or(&[], VenueList::as_slice)
    }

    /// Index of an account.
    #[must_use]
    pub fn account_index(&self, account: &AccountId) -> Option<u16> {
        let is_row = |row| self.account(row).is_some_and(|row| row.account == *account);
        self.by_name.0.row(account, is_row)
    }

    /// Index of an instrument.
    #[must_use]
    pub fn instrument_index(&self, symbol: &Symbol) -> Option<u16> {
        let is_row = |row| {
            self.instrument(row)
                .is_some_and(|row| row.symbol == *symbol)
        };
        self.by_name.1.row(symbol, is_row)
    }

    /// An account's terms.
    #[must_use]
    pub fn account(&self, index: u16) -> Option<&AccountTerms> {
        self.accounts.get(usize::from(index))
    }

    /// An instrument's terms.
    #[must_use]
    pub fn instrument(&self, index: u16) -> Option<&Instrument> {
        self.instruments.get(usize::from(index))
    }

    /// Every instrument, by symbol.
    #[must_use]
    pub fn instruments(&self) -> &[Instrument] {
        &self.instruments
    }

    /// Every account, by name.
    #[must_use]
    pub fn accounts(&self) -> &[AccountTerms] {
        &self.accounts
    }

    /// Every opening holding.
    #[must_use]
    pub fn holdings(&self) -> &[Holding] {
        &self.holdings
    }
}

impl VenueList {
    fn as_slice(&self) -> &[u16] {
        self.venues.get(..self.count).unwrap_or(&[])
    }
}
