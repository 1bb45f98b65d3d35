//! The line of a member: bound by a Logon, kept alive, fed with what the member missed, given up.
//!
//! Not in it: the bytes that arrive on it (`order_path`) and the rules of the session itself, which
//! are `gwanmun_fix::session`'s.

use gwanmun_fix::session::{Outcome, ResendProgress};

use crate::cause::Cause;
use crate::edge::{Close, EFFECT_BYTES_MAX, Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::owners::LineOwner;
use crate::sent_index::SessionHistory;
use crate::stages::Stages;
use crate::state::{State, Waiting};

/// Bytes that may wait for a member before the next step of his resend: two steps, one on its way
/// into the socket and one behind it. Small beside the send buffer, so that live reports find room
/// behind a resend of any length; and whoever goes on asking while he is resent to gets no more
/// than this out of one turn, which all others wait for.
const RESEND_QUEUED_BYTES_MAX: usize = 2 * EFFECT_BYTES_MAX;

impl<S: Stages> Gateway<S> {
    /// A Logon brings a line.
    pub(crate) fn bind_member<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        logon: &[u8],
        (connection, stamp): (u32, Stamp),
    ) -> Result<(), Stopped> {
        let entry = self.state.members.get_mut(usize::from(member));
        let terms = self.state.terms.members.get(usize::from(member));
        let is_enabled = terms.is_some_and(|terms| terms.is_enabled);
        let Some(entry) = entry.filter(|entry| entry.line.is_none() && is_enabled) else {
            edge.close(connection, Close::Now);
            return Ok(());
        };
        entry.session.on_connect(stamp.ns);
        self.state.bind(LineOwner::Member(member), connection);
        self.state.note_deadline(member);
        self.on_member_bytes(edge, member, logon, logon.len(), (connection, stamp))?;
        Ok(())
    }

    /// The session is told what time it is.
    pub(crate) fn on_member_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(entry) = self.state.members.get_mut(usize::from(member)) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let mut sink = effect.member(member, Some(cause.connection));
        let outcome = entry.session.on_deadline(cause.stamp.ns, &mut sink);
        self.state.put_numbers(member, &mut effect);
        self.state.note_deadline(member);
        let built = effect.finish();
        if !built.1.is_silent() {
            self.commit(edge, built, cause)?;
        }
        self.part_if_over(edge, member, outcome, cause)?;
        Ok(())
    }

    /// Ends the line where the session says so; tells whether it did.
    pub(crate) fn part_if_over<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        outcome: Outcome,
        cause: Cause,
    ) -> Result<bool, Stopped> {
        let Outcome::Disconnect(reason) = outcome else {
            return Ok(false);
        };
        self.last_disconnect = Some(reason);
        edge.close(cause.connection, Close::AfterFlush);
        self.unbind_member(edge, member, cause)?;
        Ok(true)
    }

    /// The member has no line any more.
    pub(crate) fn unbind_member<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        self.state.unbind(LineOwner::Member(member));
        if let Some(entry) = self.state.members.get_mut(usize::from(member)) {
            entry.session.on_disconnect();
        }
        if let Some(waiting) = self.state.waiting.get_mut(usize::from(member)) {
            *waiting = None;
        }
        self.state.note_deadline(member);
        self.begin_anew_if_over(edge, member, cause)
    }

    /// Resends the next step to a member whose line has room: one effect, no longer than
    /// [`EFFECT_BYTES_MAX`]. The step behind it follows when the socket has accepted bytes, so that
    /// a turn does one step for a line and everybody else has his turn in between. Steps that have
    /// nothing to say follow each other at once, since nothing would call for the next one.
    pub(crate) fn pump_resend<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let limit = self.state.terms.limits.queued_bytes_max.max(1);
        let limit = limit.min(RESEND_QUEUED_BYTES_MAX);
        loop {
            let Some(entry) = self.state.members.get_mut(usize::from(member)) else {
                return Ok(());
            };
            let line = entry.line.filter(|line| line.queued_bytes < limit);
            let Some(line) = line.filter(|_| entry.session.is_resending()) else {
                return Ok(());
            };
            let (past, room) = edge.begin_effect()?;
            let mut effect = EffectBuilder::new(room);
            let history = SessionHistory {
                index: &self.state.sent,
                session: member,
                past: &past,
            };
            let mut sink = effect.member(member, Some(line.connection));
            let now_ns = cause.stamp.ns;
            let progress = entry.session.resend_step(now_ns, &history, &mut sink);
            drop(past);
            self.state.note_progress(member, progress);
            self.state.put_numbers(member, &mut effect);
            let built = effect.finish();
            // A step that only waited has changed nothing worth a record.
            if !built.1.is_silent() {
                return self.commit(edge, built, cause);
            }
            if progress != ResendProgress::More {
                return Ok(());
            }
        }
    }

    /// A segment is in memory again: whoever waited for it goes on.
    pub(crate) fn resume_resends<E: Edge>(
        &mut self,
        edge: &mut E,
        segment: u32,
        cause: Cause,
    ) -> Result<(), Stopped> {
        for member in 0..self.state.members.len() {
            let number = u16::try_from(member).unwrap_or(u16::MAX);
            let State { waiting, sent, .. } = &mut self.state;
            let Some(waiting) = waiting.get_mut(member) else {
                continue;
            };
            let segment_of = |waiting: &Waiting| sent.segment_of(number, waiting.msg_seq_num);
            let Some(waited) = waiting.take_if(|waiting| segment_of(waiting) == Some(segment))
            else {
                continue;
            };
            self.pump_resend(edge, number, cause)?;
            let waiting = self.state.waiting.get_mut(member);
            if let Some(Some(waiting)) = waiting
                && waiting.msg_seq_num == waited.msg_seq_num
            {
                waiting.is_hopeless = true;
            }
        }
        Ok(())
    }
}

impl State {
    fn note_progress(&mut self, member: u16, progress: ResendProgress) {
        let Some(waiting) = self.waiting.get_mut(usize::from(member)) else {
            return;
        };
        *waiting = match (progress, *waiting) {
            (ResendProgress::Waiting { msg_seq_num }, Some(before))
                if before.msg_seq_num == msg_seq_num =>
            {
                Some(before)
            }
            (ResendProgress::Waiting { msg_seq_num }, _) => Some(Waiting {
                msg_seq_num,
                is_hopeless: false,
            }),
            (ResendProgress::Idle | ResendProgress::More, _) => None,
        };
    }
}
