//! What is remembered of how sessions and accounts behave.
//!
//! `bucket` is how fast they send and `repeats` when they sent the same order before: both begin
//! anew with the process, so that a restart allows one more burst, and one more run of the same
//! order, than the limits say. `day_counts` and `own_book` are functions of the orders' images and
//! survive with them. Nothing here is an entry of an effect.

mod bucket;
mod day_counts;
mod own_book;
mod repeats;

use gwanmun_market::{GateCode, RateLimit, Refusal};

pub(crate) use bucket::Bucket;
pub(crate) use day_counts::DayCounts;
pub(crate) use own_book::Best;
use own_book::OwnBook;
use repeats::Repeats;

use crate::orders::{Order, SlotIndex, TableFull};
use crate::tables::Tables;
use crate::terms::Limits;

/// All of it.
pub(crate) struct Conduct {
    /// Whether anything is kept: of a gateway without checks nothing is, so that what they cost can
    /// be measured.
    is_on: bool,
    /// By account.
    accounts: Box<[Account]>,
    /// By session.
    sessions: Box<[Bucket]>,
    repeats: Repeats,
    book: OwnBook,
}

/// What is counted of one account.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    bucket: Bucket,
    counts: DayCounts,
}

impl Conduct {
    pub(crate) fn new(limits: &Limits, sessions_max: usize, tables: &Tables) -> Conduct {
        let accounts = tables.accounts().len();
        Conduct {
            is_on: true,
            accounts: vec![Account::default(); accounts].into_boxed_slice(),
            sessions: vec![Bucket::default(); sessions_max].into_boxed_slice(),
            repeats: Repeats::new(limits.orders_max),
            book: OwnBook::new(limits.orders_max, limits.positions_max),
        }
    }

    /// Keeps nothing from here on.
    pub(crate) const fn turn_off(&mut self) {
        self.is_on = false;
    }

    /// The bucket of an account; an empty one of one that there is not.
    pub(crate) fn account_bucket(&self, account: u16) -> Bucket {
        let row = self.accounts.get(usize::from(account));
        row.map(|row| row.bucket).unwrap_or_default()
    }

    /// The bucket of a session.
    pub(crate) fn session_bucket(&self, session: u16) -> Bucket {
        let bucket = self.sessions.get(usize::from(session));
        bucket.copied().unwrap_or_default()
    }

    /// What became of an account's orders today.
    pub(crate) fn counts(&self, account: u16) -> DayCounts {
        let row = self.accounts.get(usize::from(account));
        row.map(|row| row.counts).unwrap_or_default()
    }

    /// When the order that is `count` back among those like this one was sent.
    pub(crate) fn same_order_since(&self, order: &Order, count: u32) -> Option<u64> {
        self.repeats.since(order, count)
    }

    /// The best working order of an account's group that an order would trade with.
    pub(crate) fn best_against(&self, tables: &Tables, order: &Order) -> Option<Best> {
        let group = tables.self_trade_group(order.account)?;
        self.book.best_against(group, order.instrument, order.side)
    }

    /// A new order or a replace was judged. Each fills the buckets of its session and account, but
    /// for one that found either of them full.
    pub(crate) fn note_judged(
        &mut self,
        tables: &Tables,
        order: &Order,
        (now_ns, refusal): (u64, Option<&Refusal>),
    ) {
        // Whoever names an account that is not his fills its bucket with nothing.
        let is_his = refusal.is_none_or(|no| no.code != GateCode::AccountUnknown);
        self.fill(tables, (order, is_his), |bucket, rate| {
            match refusal.map(|no| no.code) {
                Some(GateCode::RateAccount | GateCode::RateSession) => bucket.at(now_ns, rate),
                // What other checks refuse may not have been asked about its rate.
                Some(_) => bucket.with_cancel(now_ns, rate),
                None => {
                    let with = bucket.with_one(now_ns, rate, true);
                    with.unwrap_or_else(|_| bucket.at(now_ns, rate))
                }
            }
        });
    }

    /// A cancel leaves, which no rate refuses.
    pub(crate) fn note_cancel(&mut self, tables: &Tables, order: &Order, now_ns: u64) {
        self.fill(tables, (order, true), |bucket, rate| {
            bucket.with_cancel(now_ns, rate)
        });
    }

    fn fill(
        &mut self,
        tables: &Tables,
        (order, is_his): (&Order, bool),
        with: impl Fn(Bucket, &RateLimit) -> Bucket,
    ) {
        if !self.is_on {
            return;
        }
        let session = self.sessions.get_mut(usize::from(order.session));
        if let Some((bucket, rate)) = session.zip(tables.session_rate()) {
            *bucket = with(*bucket, rate);
        }
        let limits = tables.account(order.account);
        let limits = limits.and_then(|account| tables.conduct_limits(account.tier));
        let account = self.accounts.get_mut(usize::from(order.account));
        if let Some((account, limits)) = account.zip(limits).filter(|_| is_his) {
            account.bucket = with(account.bucket, &limits.rate);
        }
    }

    /// A new order has passed the checks.
    pub(crate) fn note_passed(
        &mut self,
        tables: &Tables,
        (slot, order): (SlotIndex, &Order),
        now_ns: u64,
    ) {
        let account = tables.account(order.account);
        let limits = account.and_then(|account| tables.conduct_limits(account.tier));
        if let Some(limits) = limits.filter(|_| self.is_on) {
            self.repeats
                .note(slot, order, now_ns, limits.same_order_max);
        }
    }

    /// An order is put into its slot, now or by a restart; `before` is what was there, or none that
    /// was ever sent.
    ///
    /// # Errors
    /// [`TableFull`] where orders are of more accounts and instruments than there are positions.
    pub(crate) fn change(
        &mut self,
        tables: &Tables,
        slot: SlotIndex,
        (before, after): (&Order, &Order),
    ) -> Result<(), TableFull> {
        if !self.is_on {
            return Ok(());
        }
        if let Some(account) = self.accounts.get_mut(usize::from(after.account)) {
            account.counts.change(before, after);
        }
        let group = tables.self_trade_group(after.account);
        self.book.change(slot, group, after)
    }

    /// Puts every order to the group that its account has by other tables. Allocates nothing.
    pub(crate) fn regroup<'a>(
        &mut self,
        tables: &Tables,
        orders: impl Iterator<Item = (SlotIndex, &'a Order)>,
    ) {
        if !self.is_on {
            return;
        }
        self.book.clear();
        for (slot, order) in orders {
            let group = tables.self_trade_group(order.account);
            let put = self.book.change(slot, group, order);
            // An account is in one group, so there are no more pairs than positions.
            debug_assert!(put.is_ok(), "no room for the orders of a group");
        }
    }
}
