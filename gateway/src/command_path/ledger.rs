//! What the borrow desk does: loans confirmed and returned, transfers, recalls. Each changes one
//! source of what an account may sell of an instrument, and none may leave less than working and
//! done sales need, so that nothing is ever oversold.
//!
//! A command makes a balance known of which the tables say nothing: what is not told counts as
//! zero. It releases no order; the member sends his order again.

use gwanmun_captures::command::{Command, LedgerChange};
use gwanmun_market::{AccountId, HoldingSource, OrderId, Symbol, Text};

use super::CommandRefusal;
use crate::borrow::{BorrowRequest, Locate};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::ledger::{SOURCE_QTY_MAX, Sources};
use crate::positions::Position;
use crate::stages::Stages;
use crate::state::State;

/// What an account may sell of an instrument, and what that is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// What is held and borrowed without today's trades.
    pub sources: Sources,
    /// Bought today.
    pub bought: i64,
    /// Sold today, short sales included.
    pub sold: i64,
    /// Sold short today.
    pub sold_short: i64,
    /// What working sales may still sell, short ones included.
    pub working_sell: i64,
    /// What working short sales may still sell.
    pub working_short: i64,
    /// What may be sold long; `None` while the balance is unknown.
    pub sellable_long: Option<i64>,
    /// What may be sold short.
    pub sellable_short: Option<i64>,
}

/// A request for a loan that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Borrow {
    /// For whom.
    pub account: AccountId,
    /// Of what.
    pub symbol: Symbol,
    /// Shares that were missing the last time, less what came in since.
    pub missing: i64,
    /// How often an order was refused for it.
    pub times: u32,
    /// Since when, nanoseconds since the epoch.
    pub since_ns: u64,
    /// What the latest order said of the loan.
    pub locate: Locate,
    /// The latest order that was refused.
    pub order_id: OrderId,
}

/// A change of the ledger that may be.
#[derive(Clone, Copy)]
pub(super) struct LedgerWanted {
    key: (u16, u16),
    sources: Sources,
    /// What comes in, for which the borrow desk need not look any more.
    received: i64,
}

impl<S: Stages> Gateway<S> {
    /// What an account may sell of an instrument; `None` where there is no such account or
    /// instrument, or where it may be sold from nothing.
    #[must_use]
    pub fn balance(&self, account: &[u8], symbol: &[u8]) -> Option<Balance> {
        let (account, instrument) = self.state.ledger_key(account, symbol).ok()?;
        let positions = &self.state.positions;
        let unknown = Position::empty(account, instrument);
        let position = positions.position(account, instrument).unwrap_or(&unknown);
        Some(Balance {
            sources: positions.sources(account, instrument),
            bought: position.bought,
            sold: position.sold,
            sold_short: position.short.sold,
            working_sell: position.working_sell,
            working_short: position.short.working,
            sellable_long: position.sellable(false),
            sellable_short: position.sellable(true),
        })
    }

    /// The open request for a loan at a place of the list, which is in no order; `None` behind its
    /// end.
    #[must_use]
    pub fn borrow(&self, index: usize) -> Option<Borrow> {
        let request = self.state.borrows.at(index)?;
        let tables = &self.state.terms.tables;
        Some(Borrow {
            account: tables.account(request.key.0)?.account,
            symbol: tables.instrument(request.key.1)?.symbol,
            missing: request.missing,
            times: request.times,
            since_ns: request.since_ns,
            locate: request.locate,
            order_id: request.order_id,
        })
    }
}

impl State {
    fn ledger_key(&self, account: &[u8], symbol: &[u8]) -> Result<(u16, u16), CommandRefusal> {
        let tables = &self.terms.tables;
        let account = Text::new(account).and_then(|account| tables.account_index(&account));
        let account = account.ok_or(CommandRefusal::UnknownAccount)?;
        let instrument = Text::new(symbol).and_then(|symbol| tables.instrument_index(&symbol));
        let instrument = instrument.ok_or(CommandRefusal::UnknownInstrument)?;
        let terms = tables.instrument(instrument);
        let is_held = terms.is_some_and(|terms| terms.kind.needs_holdings_to_sell());
        is_held
            .then_some((account, instrument))
            .ok_or(CommandRefusal::NoLedger)
    }

    /// Whether a change of the ledger may be: by two persons, no more than one command may change,
    /// and not against sales.
    pub(super) fn judge_ledger(
        &self,
        command: &Command<'_>,
        (change, quantity): (LedgerChange, u64),
        (account, symbol): (&[u8], &[u8]),
    ) -> Result<LedgerWanted, CommandRefusal> {
        if command.requester.is_empty() {
            return Err(CommandRefusal::NoRequester);
        }
        let key = self.ledger_key(account, symbol)?;
        let most = self.terms.tables.ledger_change_qty_max();
        let most = most.ok_or(CommandRefusal::NoChangeLimit)?;
        let quantity = i64::try_from(quantity).unwrap_or(i64::MAX);
        if !(1..=most).contains(&quantity) {
            return Err(CommandRefusal::QuantityOutOfRange);
        }
        if !self.positions.has_room_for(key.0, key.1) {
            return Err(CommandRefusal::LedgerFull);
        }
        let (source, is_in) = match change {
            LedgerChange::Loan => (HoldingSource::Borrowed, true),
            LedgerChange::Return => (HoldingSource::Borrowed, false),
            LedgerChange::TransferIn => (HoldingSource::Settled, true),
            LedgerChange::TransferOut => (HoldingSource::Settled, false),
            LedgerChange::Recall => (HoldingSource::Recalled, true),
            LedgerChange::RecallFailed => (HoldingSource::Recalled, false),
        };
        let before = self.positions.sources(key.0, key.1);
        let by = if is_in { quantity } else { -quantity };
        let sources = before.changed(source, by);
        match sources.of(source) {
            ..0 => return Err(CommandRefusal::NotSoMuch),
            0..=SOURCE_QTY_MAX => {}
            _ => return Err(CommandRefusal::QuantityOutOfRange),
        }
        if !is_in && !self.leaves_enough(key, sources, change) {
            return Err(CommandRefusal::WouldOversell);
        }
        Ok(LedgerWanted {
            key,
            sources,
            received: by.max(0),
        })
    }

    /// Whether every sale of today, done or working, still finds its shares with other sources.
    fn leaves_enough(
        &self,
        (account, instrument): (u16, u16),
        after: Sources,
        change: LedgerChange,
    ) -> bool {
        let empty = Position::empty(account, instrument);
        let position = self.positions.position(account, instrument);
        let now = position.unwrap_or(&empty);
        let mut then = *now;
        then.opening = Some(after.own());
        then.short.borrowed = after.borrowed();
        let is_covered = |is_short| then.sellable(is_short).is_some_and(|left| left >= 0);
        if !is_covered(true) {
            return false;
        }
        match change {
            // What is lent touches no long sale.
            LedgerChange::Return => true,
            // Only settled shares can go, and sales of today are said to take those first.
            LedgerChange::TransferOut => now.own_used() <= after.of(HoldingSource::Settled),
            _ => is_covered(false),
        }
    }

    pub(super) fn take_ledger(&mut self, wanted: LedgerWanted, effect: &mut EffectBuilder<'_>) {
        let LedgerWanted {
            key,
            sources,
            received,
        } = wanted;
        let put = self.place_sources(key, sources);
        assert!(put.is_ok(), "room for a position is asked for before");
        effect.ledger((key, sources));
        if let Some(position) = self.positions.position(key.0, key.1) {
            effect.position(position);
        }
        let open = self.borrows.of(key).copied();
        if let Some(request) = open.filter(|_| received > 0) {
            self.put_borrow(
                BorrowRequest {
                    missing: request.missing.saturating_sub(received).max(0),
                    ..request
                },
                effect,
            );
        }
    }

    /// A request for a loan as it is now, onto the list and the effect; on neither where there is
    /// no room for it.
    pub(crate) fn put_borrow(&mut self, request: BorrowRequest, effect: &mut EffectBuilder<'_>) {
        if self.borrows.put(request) {
            effect.borrow(&request);
        }
    }
}
