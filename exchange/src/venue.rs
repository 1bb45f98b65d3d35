//! The venue as a machine: members' messages in, reports and market states out.
//!
//! In it: [`Venue`], which owns instruments, books, accounts, the other participants and the
//! script, and decides the order in which they act around one message. Given the same configuration
//! and the same messages in the same order it gives the same reports, but for their timestamps.
//! Deliberately not in it: what each request does (see [`crate::rules`]), packets, sockets and the
//! replayable stream (see [`crate::exchange`]). The venue asks no clock; a message comes with its
//! time.
//!
//! Around one member message: (1) somebody may trade with an order that is about to be canceled,
//! (2) the message, (3) what other participants do next, (4) the script's changes that are due.

use std::collections::BTreeMap;

use gwanmun_binary::ouch::codes::{CancelReason, Capacity, EventCode};
use gwanmun_binary::ouch::{Canceled, Executed, Inbound, Outbound};
use gwanmun_market::{Halt, MarketState, OrderId, Phase, Side, Symbol};

use crate::book::{Order, Owner, Place};
use crate::config::{ScriptEntry, SeedProfile};
use crate::instruments::Terms;
use crate::market::Market;
use crate::participants::{Participants, Request};

/// What a venue starts from.
#[derive(Clone, Debug)]
pub struct VenueSetup {
    /// Instruments of the day.
    pub instruments: Vec<Terms>,
    /// Number of accounts; they are told apart by their index.
    pub accounts: usize,
    /// Phase of every instrument at the start.
    pub phase: Phase,
    /// The other participants.
    pub seed: SeedProfile,
    /// Changes by message count.
    pub script: Vec<ScriptEntry>,
    /// One in so many new orders is refused; 0 none.
    pub reject_every: u32,
}

/// A report for one account, with what the ledger wants to know beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Whose it is.
    pub account: usize,
    /// The message.
    pub message: Outbound<'static>,
    /// The order it is about.
    pub about: About,
}

/// The order behind a report, since most reports name it by UserRefNum alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The key that joins the ledgers; empty when the report is about no order.
    pub cl_ord_id: OrderId,
    /// Short code.
    pub symbol: Symbol,
    /// Side.
    pub side: Option<Side>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// At least one report followed.
    Answered,
    /// Ignored: its UserRefNum, or a higher one, was used before.
    NumberUsed,
    /// Ignored: the order is not live.
    NotLive,
    /// Ignored: it would change nothing.
    NoChange,
    /// Ignored: a message that this venue does not serve.
    NotServed,
    /// Ignored: not a message, or one without a readable UserRefNum.
    Unreadable,
}

impl core::fmt::Display for Disposition {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Disposition::Answered => "answered",
            Disposition::NumberUsed => "its number, or a higher one, was used before",
            Disposition::NotLive => "its order is not live",
            Disposition::NoChange => "it would change nothing",
            Disposition::NotServed => "a message that this venue does not serve",
            Disposition::Unreadable => "not a whole message",
        })
    }
}

/// Where a live order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    pub(crate) market: usize,
    pub(crate) place: Place,
    pub(crate) capacity: Capacity,
}

/// What the venue keeps of one account for the whole day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// Highest UserRefNum ever seen; every number up to it is spent.
    last_user_ref_num: u32,
    /// Invariant: exactly the account's orders that stand in a book.
    pub(crate) live: BTreeMap<u32, Live>,
}

impl Account {
    /// Spends a number; `false` when it, or a higher one, was spent before.
    pub(crate) fn spend(&mut self, user_ref_num: u32) -> bool {
        let is_new = user_ref_num > self.last_user_ref_num;
        self.last_user_ref_num = self.last_user_ref_num.max(user_ref_num);
        is_new
    }

    pub(crate) const fn next_user_ref_num(&self) -> u32 {
        self.last_user_ref_num.saturating_add(1)
    }
}

/// The simulated venue without its sockets.
#[derive(Clone, Debug)]
pub struct Venue {
    pub(crate) markets: Vec<Market>,
    by_symbol: BTreeMap<Symbol, usize>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) participants: Participants,
    /// Invariant: rising by `after_messages`; those in front are done.
    pub(crate) script: Vec<ScriptEntry>,
    pub(crate) script_done: usize,
    /// Every halt told, the latest word of each kind and scope.
    pub(crate) halts: Vec<Halt>,
    /// Places of those told since the feed was last given them.
    pub(crate) changed_halts: Vec<usize>,
    reject_every: u32,
    entered: u32,
    pub(crate) counted: u64,
    next_order_reference: u64,
    next_match_number: u64,
    reports: Vec<Report>,
}

impl Venue {
    /// A venue before its first message; the script's changes for 0 messages are done.
    #[must_use]
    pub fn new(setup: VenueSetup, at_ns: u64) -> Self {
        let markets: Vec<Market> = setup
            .instruments
            .into_iter()
            .map(|terms| Market::new(terms, setup.phase))
            .collect();
        let by_symbol = markets
            .iter()
            .enumerate()
            .map(|(index, market)| (market.terms.symbol, index))
            .collect();
        let mut script = setup.script;
        script.sort_by_key(|entry| entry.after_messages);
        let mut venue = Venue {
            markets,
            by_symbol,
            accounts: vec![Account::default(); setup.accounts],
            participants: Participants::new(setup.seed),
            script,
            script_done: 0,
            halts: Vec::new(),
            changed_halts: Vec::new(),
            reject_every: setup.reject_every,
            entered: 0,
            counted: 0,
            next_order_reference: 1,
            next_match_number: 1,
            reports: Vec::new(),
        };
        venue.announce(EventCode::START_OF_DAY, at_ns);
        for market in 0..venue.markets.len() {
            venue.refill(market, at_ns);
        }
        venue.run_script(at_ns);
        venue
    }

    /// Takes one message of an account, exactly its bytes. Times are nanoseconds since 00:00 KST of
    /// the session's first day.
    pub fn on_message(&mut self, account: usize, bytes: &[u8], at_ns: u64) -> Disposition {
        assert!(
            account < self.accounts.len(),
            "accounts are numbered from the setup"
        );
        let request = Inbound::parse(bytes);
        if let Ok(Inbound::AccountQuery(_)) = request {
            return self.query(account, at_ns);
        }
        let about = self.before(account, &request, at_ns);
        let disposition = match &request {
            Ok(Inbound::EnterOrder(enter)) => self.enter(account, enter, at_ns),
            Ok(Inbound::ReplaceOrder(replace)) => self.replace(account, replace, at_ns),
            Ok(Inbound::CancelOrder(cancel)) => self.cancel(account, cancel, at_ns),
            Ok(_) => Disposition::NotServed,
            Err(error) => self.refuse_damaged(account, bytes, *error, at_ns),
        };
        self.counted += 1;
        if let Some(market) = about {
            self.participants_after(market, self.counted, at_ns);
        }
        self.run_script(at_ns);
        disposition
    }

    /// Which instrument a request is about; gives a faster participant its turn first.
    fn before<E>(
        &mut self,
        account: usize,
        request: &Result<Inbound<'_>, E>,
        at_ns: u64,
    ) -> Option<usize> {
        let live = |venue: &Self, number: u32| venue.accounts[account].live.get(&number).copied();
        let (kind, target) = match request {
            Ok(Inbound::EnterOrder(enter)) => return self.market_of(enter.symbol),
            Ok(Inbound::CancelOrder(cancel)) => (Request::Cancel, live(self, cancel.user_ref_num)),
            Ok(Inbound::ReplaceOrder(replace)) => {
                (Request::Replace, live(self, replace.orig_user_ref_num))
            }
            _ => return None,
        };
        if let Some(target) = target {
            self.participants_before(kind, target, at_ns);
        }
        target.map(|target| target.market)
    }

    /// The lowest UserRefNum that an account has not spent.
    #[must_use]
    pub fn next_user_ref_num(&self, account: usize) -> u32 {
        self.accounts
            .get(account)
            .map_or(1, Account::next_user_ref_num)
    }

    /// Reports since the last call, in their order.
    pub fn take_reports(&mut self) -> Vec<Report> {
        core::mem::take(&mut self.reports)
    }

    /// Member messages so far, AccountQuery not counted.
    #[must_use]
    pub const fn counted(&self) -> u64 {
        self.counted
    }

    /// Number of instruments.
    #[must_use]
    pub fn instrument_count(&self) -> usize {
        self.markets.len()
    }

    /// The symbol and present state of an instrument, by its index.
    #[must_use]
    pub fn market_state(&self, index: usize) -> Option<(Symbol, MarketState)> {
        self.markets
            .get(index)
            .map(|market| (market.terms.symbol, market.state()))
    }

    /// Indices of the instruments whose state is another one than at the last call; at the first
    /// call all.
    pub fn take_changed(&mut self) -> Vec<usize> {
        let mut changed = Vec::new();
        for (index, market) in self.markets.iter_mut().enumerate() {
            if !core::mem::take(&mut market.is_touched) {
                continue;
            }
            let state = Some(market.state());
            if market.published != state {
                market.published = state;
                changed.push(index);
            }
        }
        changed
    }

    pub(crate) fn market_of(&self, symbol: Symbol) -> Option<usize> {
        self.by_symbol.get(&symbol).copied()
    }

    pub(crate) const fn new_order_reference(&mut self) -> u64 {
        let reference = self.next_order_reference;
        self.next_order_reference += 1;
        reference
    }

    pub(crate) const fn new_match_number(&mut self) -> u64 {
        let number = self.next_match_number;
        self.next_match_number += 1;
        number
    }

    /// Counts a new order and says whether it is the one that is refused without a reason.
    pub(crate) const fn is_refused_by_fault(&mut self) -> bool {
        self.entered = self.entered.wrapping_add(1);
        self.reject_every != 0 && self.entered.is_multiple_of(self.reject_every)
    }

    pub(crate) fn report(&mut self, account: usize, message: Outbound<'static>, about: About) {
        self.reports.push(Report {
            account,
            message,
            about,
        });
    }

    /// Tells the owner of an order, when it is a member, that it executed.
    pub(crate) fn report_execution(
        &mut self,
        order: &Order,
        market: usize,
        executed: Executed<'static>,
    ) {
        let Owner::Member(account) = order.owner else {
            return;
        };
        let about = self.about(order, market);
        self.report(account, Outbound::Executed(executed), about);
    }

    /// Tells the owner of an order, when it is a member, that `quantity` was taken off.
    pub(crate) fn report_cancel(
        &mut self,
        order: &Order,
        market: usize,
        quantity: u32,
        reason: CancelReason,
        timestamp_ns: u64,
    ) {
        let Owner::Member(account) = order.owner else {
            return;
        };
        let about = self.about(order, market);
        let user_ref_num = order.user_ref_num;
        let appendage = Default::default();
        let canceled = Canceled {
            timestamp_ns,
            user_ref_num,
            quantity,
            reason,
            appendage,
        };
        self.report(account, Outbound::Canceled(canceled), about);
    }

    pub(crate) fn about(&self, order: &Order, market: usize) -> About {
        About {
            cl_ord_id: order.cl_ord_id,
            symbol: self.markets[market].terms.symbol,
            side: Some(order.side),
        }
    }

    /// Takes an order off its book and out of its account's live orders.
    pub(crate) fn remove(&mut self, market: usize, place: Place) -> Option<Order> {
        let order = self.markets[market].book.take(place)?;
        self.markets[market].is_touched = true;
        self.forget(&order);
        Some(order)
    }

    /// Strikes an order that has left its book from its account's live orders.
    pub(crate) fn forget(&mut self, order: &Order) {
        if let Owner::Member(account) = order.owner {
            let known = self.accounts[account].live.remove(&order.user_ref_num);
            assert!(
                known.is_some(),
                "a member's order in a book is live in its account"
            );
        }
    }
}
