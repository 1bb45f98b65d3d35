//! The order line of a venue that speaks FIX, with us as initiator: Logon(A), messages in, time.
//!
//! Its session is the machine that members' lines have too. Each message that it takes leaves its
//! numbers on record, in one effect with what it did to orders. What was sent is never sent again:
//! to a ResendRequest(2) every number is a gap fill. Next: `fix_report` for what is said about
//! orders, `fix_settle` for what is in doubt, `fix_request` for what is sent.

use core::ops::ControlFlow;

use gwanmun_captures::effect::SECRET;
use gwanmun_fix::Sink;
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::message::Message;
use gwanmun_fix::session::{History, Outcome, Past, ResendProgress, Session};

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stopped};
use crate::effect::EffectBuilder;
use crate::fix_line::Settling;
use crate::gateway::Gateway;
use crate::stages::Stages;
use crate::state::State;
use crate::venue::VenuePhase;
use crate::venue_path::LineFault;
use crate::{fix_report, fix_settle, fix_watch};

/// Longest message taken from a venue, in bytes, whatever members are held to: the most that an
/// index of fields can place.
const VENUE_MESSAGE_BYTES_MAX: usize = 1 << 16;

/// Steps of a gap fill that one input does, of 256 numbers each: as many as one SequenceReset(4)
/// stands for, so that something is written in them, or all is done. The next ones follow when the
/// socket has accepted that, as with a member's resend: the turn of all others is in between.
const FILL_STEPS_MAX: usize = 64;

/// Nothing that was sent to a venue is sent again.
struct NothingAgain;

impl History for NothingAgain {
    fn sent(&self, _: u64) -> Past<'_> {
        Past::Administrative
    }
}

/// What a message led to besides what stands in its effect.
enum Next {
    Nothing,
    /// The barrier is passed, or a question answered: slot and UserRefNum.
    Ask(Option<(u32, u32)>),
    Part(LineFault),
}

impl<S: Stages> Gateway<S> {
    /// A FIX venue's line is connected: Logon(A).
    #[inline(never)]
    pub(crate) fn fix_login<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(line) = self.state.fix_line_mut(venue) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        line.settle(Settling::Waiting, cause.stamp.ns);
        line.session.on_connect(cause.stamp.ns);
        let flags = if line.has_password() { SECRET } else { 0 };
        let mut sink = effect.venue_sink(cause.connection).flagged(flags);
        let sent = line.log_on(cause.stamp.ns, &mut sink);
        debug_assert!(sent.is_ok(), "a line just connected takes a Logon(A)");
        self.state.put_venue(venue, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// Bytes of a FIX venue's line, on record already. Returns how many are done with.
    #[inline(never)]
    pub(crate) fn on_fix_bytes<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        bytes: &[u8],
        cause: Cause,
    ) -> Result<usize, Stopped> {
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            match self.on_fix_front(edge, venue, rest, cause)? {
                ControlFlow::Continue(length) => done += length,
                ControlFlow::Break(length) => return Ok(done + length),
            }
        }
        Ok(done)
    }

    fn on_fix_front<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        bytes: &[u8],
        cause: Cause,
    ) -> Result<ControlFlow<usize, usize>, Stopped> {
        // Not in one pass, as members' messages are taken: that code stays with their path alone.
        let length = match frame(bytes, VENUE_MESSAGE_BYTES_MAX) {
            Frame::Whole { length } => length,
            Frame::Garbled { skip, .. } => return Ok(ControlFlow::Continue(skip.max(1))),
            Frame::Unframeable(_) => {
                self.give_up_venue(venue, LineFault::Unreadable);
                edge.close(cause.connection, Close::Now);
                return Ok(ControlFlow::Break(bytes.len()));
            }
            Frame::Partial => return Ok(ControlFlow::Break(0)),
        };
        let whole = bytes.get(..length).unwrap_or(bytes);
        let (message, fault) = Message::read(whole, &mut self.index);
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let state = &mut self.state;
        let outcome = state.fix_session_message(venue, (&message, fault), cause, &mut effect);
        let next = state.after_fix_message(venue, &message, outcome, cause, &mut effect);
        state.put_venue(venue, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        match next {
            Next::Nothing => {}
            Next::Ask(asked) => self.ask_next(edge, venue, asked, cause)?,
            Next::Part(fault) => {
                self.give_up_venue(venue, fault);
                edge.close(cause.connection, Close::AfterFlush);
                return Ok(ControlFlow::Break(bytes.len()));
            }
        }
        Ok(ControlFlow::Continue(length))
    }

    /// The venue's socket has accepted bytes: a gap fill under way goes on.
    #[inline(never)]
    pub(crate) fn go_on_filling<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(line) = self.state.fix_line_mut(venue) else {
            return Ok(());
        };
        if !line.session.is_resending() {
            return Ok(());
        }
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let mut sink = effect.venue_sink(cause.connection);
        fill_gap(&mut line.session, cause.stamp.ns, &mut sink);
        fix_settle::begin_if_due(&mut self.state, venue, cause, &mut effect);
        self.state.put_venue(venue, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// A FIX venue's deadline has passed: a heartbeat, a question whether it is there, or the end
    /// of a dead line.
    #[inline(never)]
    pub(crate) fn on_fix_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(line) = self.state.fix_line_mut(venue) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let mut sink = effect.venue_sink(cause.connection);
        let outcome = line.session.on_deadline(cause.stamp.ns, &mut sink);
        fix_watch::on_deadline(&mut self.state, venue, cause, &mut effect);
        self.state.put_venue(venue, &mut effect);
        let built = effect.finish();
        if !built.1.is_silent() {
            self.commit(edge, built, cause)?;
        }
        if let Outcome::Disconnect(reason) = outcome {
            self.give_up_venue(venue, LineFault::Session(reason));
            edge.close(cause.connection, Close::AfterFlush);
        }
        Ok(())
    }
}

/// The next steps of a gap fill, where one is owed.
fn fill_gap(session: &mut Session, now_ns: u64, sink: &mut impl Sink) {
    for _ in 0..FILL_STEPS_MAX {
        let is_done = !session.is_resending()
            || session.resend_step(now_ns, &NothingAgain, sink) == ResendProgress::Idle;
        if is_done {
            break;
        }
    }
}

/// What the session made of a message.
#[derive(Clone, Copy)]
struct Taken {
    outcome: Outcome,
    /// Its number was the one expected.
    is_in_turn: bool,
    /// A gap was closed on either side: what was asked before may be lost in it.
    closes_gap: bool,
}

impl State {
    fn fix_session_message(
        &mut self,
        venue: u16,
        (message, fault): (&Message<'_>, Option<gwanmun_fix::FieldError>),
        cause: Cause,
        effect: &mut EffectBuilder<'_>,
    ) -> Taken {
        let nothing = Taken {
            outcome: Outcome::Ignore,
            is_in_turn: false,
            closes_gap: false,
        };
        let entry = self.venue_mut(venue);
        let Some(line) = entry.and_then(|entry| entry.wire.fix_mut()) else {
            return nothing;
        };
        let (session, now_ns) = (&mut line.session, cause.stamp.ns);
        let mut sink = effect.venue_sink(cause.connection);
        let (next_in, had_gap) = (session.numbers().next_in, session.has_gap());
        let outcome = match fault {
            None => session.on_message(message, now_ns, &mut sink),
            Some(defect) => session.on_defective(message, defect, now_ns, &mut sink),
        };
        let is_asked = message.msg_type() == b"2" && session.is_resending();
        fill_gap(session, now_ns, &mut sink);
        Taken {
            outcome,
            is_in_turn: session.numbers().next_in > next_in,
            closes_gap: is_asked || (had_gap && !session.has_gap()),
        }
    }

    fn after_fix_message(
        &mut self,
        venue: u16,
        message: &Message<'_>,
        taken: Taken,
        cause: Cause,
        effect: &mut EffectBuilder<'_>,
    ) -> Next {
        let entry = self.venue_mut(venue);
        let Some(entry) = entry else {
            return Next::Nothing;
        };
        let Some(line) = entry.wire.fix_mut() else {
            return Next::Nothing;
        };
        if let Outcome::Disconnect(reason) = taken.outcome {
            return Next::Part(LineFault::Session(reason));
        }
        if !line.session.is_logged_on() {
            line.settling = Settling::Waiting;
            entry.phase = VenuePhase::LoggingIn;
            return Next::Nothing;
        }
        let passes = taken.is_in_turn && fix_settle::passes_barrier(line, message);
        if taken.closes_gap {
            line.settle(Settling::Waiting, cause.stamp.ns);
            entry.phase = VenuePhase::Settling;
        }
        let asked = match line.settling {
            Settling::Asking { slot, user_ref_num } => Some((slot, user_ref_num)),
            _ => None,
        };
        line.note_gap(cause.stamp.ns);
        let mut next = if passes && !taken.closes_gap {
            Next::Ask(None)
        } else {
            Next::Nothing
        };
        if taken.outcome == Outcome::Deliver {
            let now_ns = cause.stamp.ns;
            if fix_settle::on_answer(self, venue, message, now_ns, effect) {
                if !self.is_refused(venue) {
                    next = Next::Ask(asked);
                }
            } else {
                fix_report::on_message(self, venue, message, now_ns, effect);
            }
        }
        fix_settle::begin_if_due(self, venue, cause, effect);
        next
    }

    /// Whether the venue would not answer the question that is out.
    fn is_refused(&self, venue: u16) -> bool {
        let line = self.venue(venue).and_then(|entry| entry.wire.fix());
        line.is_some_and(|line| matches!(line.settling, Settling::Refused { .. }))
    }
}
