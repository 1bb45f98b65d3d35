//! What an operator asks for at the desk: on record first, then done or refused, and either is an
//! effect, so that a replay answers the same.
//!
//! In it: [`Gateway::on_command`], one sequence number set without a reset of both, and
//! [`Gateway::on_sessions`], other sessions without a restart. Not in it: their rows
//! ([`crate::session_rows`]), and who may ask (the host's desk knows its operators).
//!
//! The outgoing number goes upwards alone. Lowered, it would give numbers a second time whose
//! messages stand on record, and a resend could not tell which of both is meant. What is left out
//! is remembered as a hole ([`crate::holes`]) and filled when the peer asks for it. The incoming
//! number goes both ways: an order that comes again under it is refused by its ClOrdID(11).

mod ledger;

use gwanmun_captures::command::{Action, Command, Direction};
use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::session::{MSG_SEQ_NUM_MAX, Numbers};

use crate::cause::Cause;
pub use crate::command_refusal::CommandRefusal;
use crate::edge::{Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::holes::Hole;
use crate::inputs;
use crate::session_rows::SessionsCommand;
use crate::stages::Stages;
use crate::state::{NUMBERS_KEPT, State};

pub use ledger::{Balance, Borrow};

/// Numbers that one command may leave out of the outgoing sequence: more than a session uses on a
/// busy day. A resend walks over all of them, in gap fills of 16,384 each.
pub const HOLE_NUMBERS_MAX: u64 = 1 << 12;

/// Text(58) of the Logout(35=5) of a session that is disabled.
const DISABLED_TEXT: &[u8] = b"session disabled";

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Number of its record.
    pub number: u64,
    /// Done, or why not.
    pub done: Result<(), CommandRefusal>,
}

impl<S: Stages> Gateway<S> {
    /// A command of an operator, as `gwanmun_captures::command` lays it out. It is on record
    /// whatever becomes of it, and so is what became of it.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_command<E: Edge>(
        &mut self,
        edge: &mut E,
        payload: &[u8],
        stamp: Stamp,
    ) -> Result<Answered, Stopped> {
        let cause = inputs::record(edge, RecordKind::Command, (0, stamp), payload)?;
        if let Ok(command) = Command::parse(payload)
            && matches!(command.action, Action::Approve { .. })
        {
            return self.approve(edge, &command, cause);
        }
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let done = self.state.follow_command(payload, &mut effect);
        effect.command(done.map_or_else(|refusal| refusal as u8, |()| 0));
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        let Cause { number, .. } = cause;
        Ok(Answered { number, done })
    }

    /// A command about sessions: new ones, and others whose terms change. It allocates nothing;
    /// what the sessions were before is in `command` afterwards.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_sessions<E: Edge>(
        &mut self,
        edge: &mut E,
        command: &mut SessionsCommand,
        stamp: Stamp,
    ) -> Result<Answered, Stopped> {
        let payload = command.payload();
        let cause = inputs::record(edge, RecordKind::Command, (0, stamp), payload)?;
        let parsed = Command::parse(payload).map_err(|_| CommandRefusal::Unreadable);
        let done = parsed
            .and_then(|parsed| self.state.judge(&parsed))
            .and_then(|()| self.state.judge_rows(command));
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        if done.is_ok() {
            self.state.take_rows(command);
            effect.sessions(command.text());
        }
        effect.command(done.map_or_else(|refusal| refusal as u8, |()| 0));
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if done.is_ok() {
            for member in command.indices() {
                let terms = self.state.terms.members.get(usize::from(member));
                if terms.is_some_and(|terms| !terms.is_enabled) {
                    self.log_member_out(edge, member, DISABLED_TEXT, cause)?;
                }
            }
        }
        let Cause { number, .. } = cause;
        Ok(Answered { number, done })
    }

    /// Sessions come as they come in the records of this epoch: for a gateway that follows another
    /// one's journal and never trades itself. Those of earlier epochs are in the terms that it was
    /// made with, as they are in the other's, which may say something else by now.
    pub fn follow_sessions(&mut self, epoch: u32) {
        self.state.follows_epoch = Some(epoch);
    }

    /// The next numbers of a session, in and out.
    #[must_use]
    pub fn numbers(&self, session: u16) -> Option<Numbers> {
        let member = self.state.members.get(usize::from(session))?;
        Some(member.session.numbers())
    }
}

/// A number to be set that may be.
#[derive(Clone, Copy)]
struct Wanted {
    session: u16,
    direction: Direction,
    number: u64,
}

impl State {
    /// Follows a command that needs nothing made ready, each action by a function of its own, which
    /// judges before it changes anything.
    fn follow_command(
        &mut self,
        payload: &[u8],
        effect: &mut EffectBuilder<'_>,
    ) -> Result<(), CommandRefusal> {
        let command = Command::parse(payload).map_err(|_| CommandRefusal::Unreadable)?;
        self.judge(&command)?;
        match command.action {
            Action::SetNumber {
                session,
                direction,
                number,
            } => {
                let wanted = self.judge_number(Wanted {
                    session,
                    direction,
                    number,
                })?;
                self.set_number(wanted, effect);
                Ok(())
            }
            // They come with what they bring made ready, by doors of their own, or are
            // `two_stage`'s.
            Action::Sessions { .. } | Action::Tables { .. } | Action::Approve { .. } => {
                Err(CommandRefusal::Unreadable)
            }
            Action::Ledger {
                change,
                account,
                symbol,
                quantity,
            } => {
                let wanted = (change, quantity);
                let wanted = self.judge_ledger(&command, wanted, (account, symbol))?;
                self.take_ledger(wanted, effect);
                Ok(())
            }
        }
    }

    /// What holds for every command that two persons give.
    pub(crate) fn judge_by_two(&self, command: &Command<'_>) -> Result<(), CommandRefusal> {
        self.judge(command)?;
        if command.requester.is_empty() {
            return Err(CommandRefusal::NoRequester);
        }
        Ok(())
    }

    /// What holds for every command.
    pub(crate) fn judge(&self, command: &Command<'_>) -> Result<(), CommandRefusal> {
        if self.is_leaving {
            return Err(CommandRefusal::Stopping);
        }
        if command.reason.trim_ascii().is_empty() {
            return Err(CommandRefusal::NoReason);
        }
        if command.operator == command.requester {
            return Err(CommandRefusal::SamePerson);
        }
        Ok(())
    }

    fn judge_number(&self, wanted: Wanted) -> Result<Wanted, CommandRefusal> {
        let Wanted {
            session,
            direction,
            number,
        } = wanted;
        let member = self.members.get(usize::from(session));
        let Numbers { next_out, .. } = member
            .ok_or(CommandRefusal::UnknownSession)?
            .session
            .numbers();
        let number_max = match direction {
            Direction::In => MSG_SEQ_NUM_MAX,
            Direction::Out => MSG_SEQ_NUM_MAX - NUMBERS_KEPT,
        };
        if !(1..=number_max).contains(&number) {
            return Err(CommandRefusal::NumberOutOfRange);
        }
        if direction == Direction::In || number == next_out {
            return Ok(wanted);
        }
        match number.checked_sub(next_out) {
            None => Err(CommandRefusal::NumberUsed),
            Some(left_out) if left_out > HOLE_NUMBERS_MAX => Err(CommandRefusal::HoleTooLarge),
            Some(_) => {
                let hole = Hole {
                    from: next_out,
                    until: number,
                };
                let has_room = self.sent.has_room_for_hole(session, hole);
                has_room
                    .then_some(wanted)
                    .ok_or(CommandRefusal::TooManyHoles)
            }
        }
    }

    fn set_number(&mut self, wanted: Wanted, effect: &mut EffectBuilder<'_>) {
        let Wanted {
            session,
            direction,
            number,
        } = wanted;
        let Some(member) = self.members.get_mut(usize::from(session)) else {
            return;
        };
        let from = member.session.numbers().next_out;
        match direction {
            Direction::In => member.session.set_next_in(number),
            Direction::Out => member.session.set_next_out(number),
        }
        self.put_numbers(session, effect);
        if direction == Direction::Out && from < number {
            let hole = Hole {
                from,
                until: number,
            };
            let is_put = self.sent.put_hole(session, hole);
            assert!(is_put, "room for a hole is asked for before");
            effect.hole(session, hole);
        }
    }
}

const _: () = assert!(MSG_SEQ_NUM_MAX - NUMBERS_KEPT == 2_130_706_431);
const _: () = assert!(HOLE_NUMBERS_MAX == 4_096 && crate::holes::HOLES_MAX == 8);
