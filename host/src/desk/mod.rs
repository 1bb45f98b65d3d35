//! The desk: what an operator may ask of a gateway that runs, over a socket of this machine.
//!
//! In it: the two ends between the desk's thread and the order core. [`thread`] accepts and reads
//! and may block; it hands one question at a time to the order core ([`Desk`]), which looks for one
//! among its chores, once a millisecond, and answers at once. `operators` says who may ask,
//! `request` how a line is read, `verbs` what can be said, a file for each verb, and `reload` what
//! of a session list read again is new. Not in it: what becomes of a command (`gwanmun_gateway`).

mod operators;
mod reload;
mod request;
pub(crate) mod thread;
mod verbs;

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender};

use gwanmun_captures::command::COMMAND_BYTES_MAX;
use gwanmun_fix::session::Numbers;
use gwanmun_gateway::{Answered, Balance, Borrow, Stopped};
use gwanmun_market::{AccountId, Symbol};
use gwanmun_runtime::clock::Stamp;
use gwanmun_runtime::transport::Sender;

use crate::events::Event;
use crate::journal_writer::stamp;
use crate::order_core::Core;

pub(crate) use operators::{Operators, is_name};
use reload::Reload;

/// A question for the order core. Nothing in it is freed there.
#[expect(
    clippy::large_enum_variant,
    reason = "a box would be freed by the order core"
)]
pub(crate) enum Ask {
    /// A command, as its record will hold it: its bytes and their count.
    Command([u8; COMMAND_BYTES_MAX], usize),
    /// Other sessions.
    Sessions(Box<Reload>),
    /// The numbers of a session, and whether it has a line.
    Session(u16),
    /// What an account may sell of an instrument.
    Balance(AccountId, Symbol),
    /// The loan that is asked for at a place of the list.
    Borrow(usize),
}

/// The order core's answer.
pub(crate) enum Answer {
    /// What became of a command.
    Command {
        /// `None` where the journal cannot go on.
        answered: Option<Answered>,
        /// Chain position behind its effect.
        position: u64,
    },
    /// What became of other sessions.
    Sessions {
        /// What was brought, or, where it was taken, what was there before.
        #[expect(dead_code, reason = "it comes back to be freed by the desk's thread")]
        reload: Box<Reload>,
        /// `None` where the journal cannot go on.
        answered: Option<Answered>,
        /// Chain position behind its effects.
        position: u64,
    },
    /// A session as it is; `None` where there is none.
    Session(Option<(Numbers, bool)>),
    /// A balance; `None` where there is no such account or instrument, or it has none.
    Balance(Option<Balance>),
    /// A loan that is asked for; `None` behind the end of the list.
    Borrow(Option<Borrow>),
}

/// The order core's end.
pub(crate) struct Desk {
    asks: Receiver<Ask>,
    /// Never full: one question is open at a time.
    answers: SyncSender<Answer>,
}

impl Core {
    /// Answers what the desk asks, if it asks something.
    pub(crate) fn serve_desk(&mut self, now: Stamp, sender: &mut Sender) {
        let ask = self
            .desk
            .as_ref()
            .and_then(|desk| desk.asks.try_recv().ok());
        let Some(ask) = ask else {
            return;
        };
        let answer = match ask {
            Ask::Command(bytes, length) => {
                let payload = bytes.get(..length).unwrap_or_default();
                let answered = self.with_edge(sender, |gateway, edge| {
                    gateway.on_command(edge, payload, stamp(now))
                });
                Answer::Command {
                    answered: self.note_command(answered),
                    position: self.shared.published.load(Ordering::Relaxed),
                }
            }
            Ask::Sessions(mut reload) => {
                let answered = self.with_edge(sender, |gateway, edge| {
                    gateway.on_sessions(edge, &mut reload.command, stamp(now))
                });
                let answered = self.note_command(answered);
                if answered.is_some_and(|answered| answered.done.is_ok()) {
                    core::mem::swap(&mut self.config, &mut reload.config);
                }
                Answer::Sessions {
                    reload,
                    answered,
                    position: self.shared.published.load(Ordering::Relaxed),
                }
            }
            Ask::Session(session) => {
                let numbers = self.gateway.numbers(session);
                let is_bound = self.gateway.is_bound(session);
                Answer::Session(numbers.map(|numbers| (numbers, is_bound)))
            }
            Ask::Balance(account, symbol) => {
                let told = self.gateway.balance(account.as_bytes(), symbol.as_bytes());
                Answer::Balance(told)
            }
            Ask::Borrow(index) => Answer::Borrow(self.gateway.borrow(index)),
        };
        // Whoever asked waits for a durable answer.
        self.shared.bell.ring();
        let desk = self.desk.as_ref();
        if let Some(Err(lost)) = desk.map(|desk| desk.answers.try_send(answer)) {
            // Nobody waits any more, at the end of the process: not freed here.
            core::mem::forget(lost);
        }
    }

    fn note_command(&mut self, answered: Result<Answered, Stopped>) -> Option<Answered> {
        self.note(answered.map(|_| ()));
        let answered = answered.ok()?;
        self.tell(Event::Command {
            number: answered.number,
            refusal: answered.done.err(),
        });
        Some(answered)
    }
}
