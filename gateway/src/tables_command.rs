//! Other tables in the place of those in force, between two turns: an operator's command that
//! brings them whole.
//!
//! Accounts and instruments stand in images by their index, so rows may change, but none may come,
//! vanish or move: what counts for each of them has its place from the start on. Holdings are what
//! the day began with, and stay. What needs memory is made here, by whoever brings the command: the
//! gateway only swaps, and the tables before are in the command afterwards, to be freed by whoever
//! has it.
//!
//! The command holds the tables' text and its hash; its effect holds the hash alone, with a count.
//! What is worked out of orders and positions by the tables' terms, the sums of exposure, is worked
//! out anew: that goes through all orders of the day, so a swap takes the order core as long.
//! So a restart keeps the text that it met last ([`State::hear_tables`]) until it knows what became
//! of it, and so does a snapshot between the two.

use gwanmun_captures::command::{Action, Command};
use gwanmun_captures::input::TABLE_HASH_BYTES;
use gwanmun_captures::journal::RecordKind;
use gwanmun_market::{ClOrdId, OrderId, Refusal};

use crate::cause::Cause;
use crate::command_path::{Answered, CommandRefusal};
use crate::edge::{Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::image::ImageReader;
use crate::inputs;
use crate::recovery::RecoveryFault;
use crate::stages::Stages;
use crate::state::State;
use crate::tables::Tables;
use crate::tables_text::read_tables;
use crate::terms::Terms;

/// Which tables were in force: it stands in every verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TablesVersion {
    /// 1 for those of the day's start, and one more for each swap.
    pub count: u16,
    /// The first four bytes of SHA-256 of their text.
    pub hash: u32,
}

impl core::fmt::Display for TablesVersion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}-{:08x}", self.count, self.hash)
    }
}

/// A command about tables with everything that it needs, made before it is given.
pub struct TablesCommand {
    /// Invariant: parses, and its content reads as `tables`.
    payload: Box<[u8]>,
    tables: Tables,
}

impl TablesCommand {
    /// Makes ready a Command record's payload; `None` where it is no such command, or its content
    /// is no tables for the venues of these terms.
    #[must_use]
    pub fn read(payload: &[u8], terms: &Terms) -> Option<TablesCommand> {
        let command = Command::parse(payload).ok()?;
        let Action::Tables { sha256, content } = command.action else {
            return None;
        };
        let text = core::str::from_utf8(content).ok()?;
        Some(TablesCommand {
            payload: payload.into(),
            tables: read_tables(text, terms.venues.len())?.named(*sha256),
        })
    }

    /// The tables that are to be in force; afterwards those before, where it was followed.
    #[must_use]
    pub const fn tables(&self) -> &Tables {
        &self.tables
    }
}

/// Whether tables may stand in the place of others.
///
/// # Errors
/// [`CommandRefusal::TablesRows`], [`CommandRefusal::TablesHoldings`].
pub fn may_follow(now: &Tables, next: &Tables) -> Result<(), CommandRefusal> {
    let accounts = |tables: &Tables| tables.accounts().len();
    let instruments = |tables: &Tables| tables.instruments().len();
    let are_same = accounts(now) == accounts(next) && instruments(now) == instruments(next);
    let mut rows = now.accounts().iter().zip(next.accounts());
    let are_same = are_same && rows.all(|(row, other)| row.account == other.account);
    let mut rows = now.instruments().iter().zip(next.instruments());
    if !(are_same && rows.all(|(row, other)| row.symbol == other.symbol)) {
        return Err(CommandRefusal::TablesRows);
    }
    if now.holdings() != next.holdings() {
        return Err(CommandRefusal::TablesHoldings);
    }
    Ok(())
}

impl<S: Stages> Gateway<S> {
    /// A command about tables. It allocates nothing; the tables before are in `command` afterwards.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_tables<E: Edge>(
        &mut self,
        edge: &mut E,
        command: &mut TablesCommand,
        stamp: Stamp,
    ) -> Result<Answered, Stopped> {
        let payload = &command.payload;
        let cause = inputs::record(edge, RecordKind::Command, (0, stamp), payload)?;
        let parsed = Command::parse(payload).map_err(|_| CommandRefusal::Unreadable);
        let done = parsed
            .and_then(|parsed| self.state.judge_by_two(&parsed))
            .and_then(|()| self.state.judge_tables(&command.tables));
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        if done.is_ok() {
            core::mem::swap(&mut self.state.terms.tables, &mut command.tables);
            self.state.tables_count += 1;
            self.state.recount();
            self.state.put_tables(&mut effect);
        }
        effect.command(done.map_or_else(|refusal| refusal as u8, |()| 0));
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        let Cause { number, .. } = cause;
        Ok(Answered { number, done })
    }

    /// Which tables are in force.
    #[must_use]
    pub const fn tables_version(&self) -> TablesVersion {
        self.state.tables_version()
    }
}

impl State {
    pub(crate) const fn tables_version(&self) -> TablesVersion {
        let [a, b, c, d, ..] = *self.terms.tables.sha256();
        TablesVersion {
            count: self.tables_count,
            hash: u32::from_be_bytes([a, b, c, d]),
        }
    }

    /// Puts a verdict onto the effect, with the version of the tables that it was given by.
    pub(crate) fn put_verdict(
        &self,
        refusal: Option<Refusal>,
        (order_id, cl_ord_id): (&OrderId, &ClOrdId),
        effect: &mut EffectBuilder<'_>,
    ) {
        effect.verdict(refusal, (order_id, cl_ord_id), self.tables_version());
    }

    fn judge_tables(&self, next: &Tables) -> Result<(), CommandRefusal> {
        if self.tables_count == u16::MAX {
            return Err(CommandRefusal::NoRoom);
        }
        may_follow(&self.terms.tables, next)
    }

    /// Puts onto the effect which tables are in force.
    pub(crate) fn put_tables(&self, effect: &mut EffectBuilder<'_>) {
        effect.tables(self.tables_count, self.terms.tables.sha256());
    }

    /// A Command record of the past. The text of tables is kept until its effect comes.
    pub(crate) fn hear_tables(&mut self, payload: &[u8]) {
        let command = Command::parse(payload).map(|command| command.action);
        self.tables_heard = match command {
            Ok(Action::Tables { content, .. }) => core::str::from_utf8(content).ok().map(Box::from),
            _ => None,
        };
    }

    /// Tables of an effect on record: those heard last are in force.
    pub(crate) fn restore_tables(
        &mut self,
        image: &mut ImageReader<'_>,
    ) -> Option<Result<(), RecoveryFault>> {
        let count = image.u16()?;
        let mut sha256 = [0; TABLE_HASH_BYTES];
        for byte in &mut sha256 {
            *byte = image.u8()?;
        }
        let tables = read_tables(&self.tables_heard.take()?, self.terms.venues.len())?;
        if may_follow(&self.terms.tables, &tables) == Err(CommandRefusal::TablesRows) {
            return Some(Err(RecoveryFault::Tables));
        }
        self.terms.tables = tables.named(sha256);
        self.tables_count = count;
        self.recount();
        Some(Ok(()))
    }
}
