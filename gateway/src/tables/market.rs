//! What the market asks of instruments, accounts and boards, as the tables have it.

use gwanmun_market::{AccountId, AccountMarks, Board, MarketRules, Symbol, VenueRule};

use super::{Tables, TablesError};
use crate::terms::VENUES_MAX;

/// Rules by instrument, marks by account, and what each venue takes on each board.
#[derive(Clone, Debug, Default)]
pub(super) struct MarketTables {
    /// As long as the instruments.
    rules: Vec<MarketRules>,
    /// As long as the accounts.
    marks: Vec<AccountMarks>,
    /// `None` where nobody said what is taken.
    boards: [[Option<VenueRule>; Board::ALL.len()]; VENUES_MAX],
}

impl MarketTables {
    /// Nothing said of so many instruments and accounts.
    pub(super) fn new(instruments: usize, accounts: usize) -> MarketTables {
        MarketTables {
            rules: vec![MarketRules::NONE; instruments],
            marks: vec![AccountMarks::default(); accounts],
            boards: Default::default(),
        }
    }
}

impl Tables {
    /// The same tables with what the market asks about an instrument.
    ///
    /// # Errors
    /// [`TablesError::RulesWithoutInstrument`].
    pub fn with_rules(mut self, symbol: Symbol, rules: MarketRules) -> Result<Tables, TablesError> {
        let index = self.instrument_index(&symbol).map(usize::from);
        let row = index.and_then(|index| self.market.rules.get_mut(index));
        *row.ok_or(TablesError::RulesWithoutInstrument(symbol))? = rules;
        Ok(self)
    }

    /// The same tables with what the market's rules want to know of an account.
    ///
    /// # Errors
    /// [`TablesError::MarksWithoutAccount`].
    pub fn with_marks(
        mut self,
        account: AccountId,
        marks: AccountMarks,
    ) -> Result<Tables, TablesError> {
        let index = self.account_index(&account).map(usize::from);
        let row = index.and_then(|index| self.market.marks.get_mut(index));
        *row.ok_or(TablesError::MarksWithoutAccount(account))? = marks;
        Ok(self)
    }

    /// The same tables with what a venue, by its index in the terms, takes on a board today. The
    /// regular board without a rule takes what the instrument does; every other takes nothing that
    /// increases risk.
    ///
    /// # Errors
    /// [`TablesError::VenueRule`]: a second rule of the board, or no such venue.
    pub fn with_venue_rule(mut self, venue: u16, rule: VenueRule) -> Result<Tables, TablesError> {
        let boards = self.market.boards.get_mut(usize::from(venue));
        let place = boards.and_then(|boards| boards.get_mut(rule.board.index()));
        let place = place.filter(|place| place.is_none());
        *place.ok_or(TablesError::VenueRule(venue, rule.board))? = Some(rule);
        Ok(self)
    }

    /// What the market asks about an instrument.
    #[must_use]
    pub fn market_rules(&self, instrument: u16) -> &MarketRules {
        let row = self.market.rules.get(usize::from(instrument));
        row.unwrap_or(&MarketRules::NONE)
    }

    /// What the market's rules want to know of an account.
    #[must_use]
    pub fn account_marks(&self, account: u16) -> AccountMarks {
        let row = self.market.marks.get(usize::from(account));
        row.copied().unwrap_or_default()
    }

    /// What a venue takes on a board, if anybody said so.
    #[must_use]
    pub fn venue_rule(&self, venue: u16, board: Board) -> Option<&VenueRule> {
        let boards = self.market.boards.get(usize::from(venue))?;
        boards.get(board.index())?.as_ref()
    }

    /// Every rule of a venue's boards, with the venue's index.
    pub fn venue_rules(&self) -> impl Iterator<Item = (u16, &VenueRule)> {
        let of_venue = |(venue, boards)| {
            let boards: &[Option<VenueRule>] = boards;
            boards.iter().flatten().map(move |rule| (venue, rule))
        };
        let boards = self
            .market
            .boards
            .iter()
            .map(<[_; Board::ALL.len()]>::as_slice);
        (0_u16..).zip(boards).flat_map(of_venue)
    }
}
