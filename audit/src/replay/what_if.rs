//! A day under other terms: which orders would have been decided otherwise.
//!
//! In it: [`what_if()`]. The day is replayed twice, as it was and as it would have been, and the
//! verdicts are joined by OrderID(37), which an order gets at admission whether or not a check
//! refuses it afterwards. What the venue said about orders that were never sent is left out; what
//! it would have said about orders that it never got is not made up: they stay unanswered and hold
//! their quantity back. Not in it: which changes there are (see `change`).

use gwanmun_market::{ClOrdId, OrderId};

use super::change::Change;
use super::change_error::ChangeError;
use super::fix_numbers::SentMessages;
use super::run::{Mode, Run};
use super::verdict::{Decision, Verdict, decisions, first_by_order, first_by_request};
use super::{Progress, ReplayError, Report, cut, report, run, starts};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhatIfError {
    /// The journal cannot be replayed.
    Replay(ReplayError),
    /// A change cannot be made.
    Change(ChangeError),
}

impl core::fmt::Display for WhatIfError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            WhatIfError::Replay(error) => error.fmt(f),
            WhatIfError::Change(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for WhatIfError {}

impl From<ReplayError> for WhatIfError {
    fn from(error: ReplayError) -> WhatIfError {
        WhatIfError::Replay(error)
    }
}

/// An order or request whose verdict is another one now. A verdict is another one when its code
/// is; the same refusal with other figures is the same decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedVerdict {
    /// Number of the input record that it answers.
    pub input: u64,
    /// Member session by its index in the terms.
    pub session: Option<u16>,
    /// OrderID(37).
    pub order_id: OrderId,
    /// ClOrdID(11) of the order or request.
    pub cl_ord_id: ClOrdId,
    /// As it was decided.
    pub before: Verdict,
    /// As it would have been.
    pub after: Verdict,
}

/// What other terms would have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// The replay of the day as it was. Unless it is identical, nothing else here means anything.
    pub replay: Report,
    /// Orders held against each other.
    pub orders: u64,
    /// Orders with another verdict, in the order of their OrderIDs.
    pub changed: Vec<ChangedVerdict>,
    /// Cancels and replaces with another verdict, many of them only because of their order's.
    pub requests: Vec<ChangedVerdict>,
    /// First input after which a member's line would have stood otherwise than it did. What came
    /// after it on that line cannot be told.
    pub diverged: Option<u64>,
}

impl WhatIf {
    /// Whether the answer can be relied on.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.replay.is_identical() && self.diverged.is_none()
    }
}

/// Replays a trading day under changed terms. Every start of the day is changed alike.
///
/// # Errors
/// [`WhatIfError`]: a journal that cannot be replayed, or a change that the day's tables have no
/// row for.
pub fn what_if(
    segments: &[&[u8]],
    changes: &[Change],
    progress: Progress<'_>,
) -> Result<WhatIf, WhatIfError> {
    let cut = cut::cut(segments)?;
    let before = starts::starts(&cut.inputs)?;
    let mut after = before.clone();
    for change in changes {
        let mut is_made = false;
        for terms in after.values_mut() {
            if let Some(changed) = change.applied(terms) {
                *terms = changed;
                is_made = true;
            }
        }
        if !is_made {
            return Err(WhatIfError::Change(change.no_row(before.values())));
        }
    }
    let inputs = &cut.inputs;
    // Two runs, one bar: the first fills its lower half.
    let mut half = |done: u64, total: u64| progress(done, total * 2);
    let was = run::run(inputs, &before, Mode::Same, &mut half)?;
    let undecided = was.undecided.clone();
    let (bound, sessions) = (was.bound.clone(), was.sessions.clone());
    let sent = SentMessages::of_run(inputs, &was.own);
    let replay = report(&cut, was);
    let mode = Mode::Changed {
        undecided: &undecided,
        sent: &sent,
    };
    let mut half = |done: u64, total: u64| progress(total + done, total * 2);
    let would = run::run(inputs, &after, mode, &mut half)?;
    let diverged = diverged(&bound, &sessions, &would);
    let decided = decisions(inputs, &would);
    let (left, right) = (first_by_order(&replay.decisions), first_by_order(&decided));
    let orders = left
        .iter()
        .filter(|pair| right.contains_key(pair.0))
        .count() as u64;
    let changed = left
        .iter()
        .filter_map(|(key, before)| changed(before, right.get(key)?));
    let changed = changed.collect();
    let (left, right) = (
        first_by_request(&replay.decisions),
        first_by_request(&decided),
    );
    let requests = left
        .iter()
        .filter_map(|(key, before)| self::changed(before, right.get(key)?));
    let requests = requests.collect();
    let number = |index: usize| inputs.records.get(index).map(|input| input.head.number);
    Ok(WhatIf {
        orders,
        changed,
        requests,
        diverged: diverged.and_then(number),
        replay,
    })
}

fn changed(before: &Decision, after: &Decision) -> Option<ChangedVerdict> {
    (before.verdict.code != after.verdict.code).then_some(ChangedVerdict {
        input: before.input,
        session: before.session,
        order_id: before.order_id,
        cl_ord_id: before.cl_ord_id,
        before: before.verdict,
        after: after.verdict,
    })
}

/// The first input after which its member's line stood otherwise.
fn diverged(bound: &[bool], sessions: &[Option<u16>], would: &Run) -> Option<usize> {
    let lines = bound.iter().zip(sessions);
    let mut lines = lines.zip(would.bound.iter().zip(&would.sessions));
    lines.position(|(was, would)| was != would)
}
