//! When a session may be logged on, and when both of its numbers begin anew.
//!
//! Calendars are the runner's: it tells instants, each time as an input, at its start and whenever
//! one passes. What follows is decided here, from that input and from what effects put on record:
//!
//! 1. A window that is open takes Logons. Outside of it a Logon is answered with Logout(35=5) that
//!    names the window, under the next number of ours; the Logon's own is not used up.
//! 2. When it ends, whoever is logged on gets Logout(35=5) and the usual time to answer.
//! 3. As soon as the line is gone both numbers go back to 1, by one effect that also says so: not
//!    only when the next window opens. What happens to the member's orders in between goes on
//!    record under the numbers of the window to come, so that he can ask for it there; under the
//!    old numbers nobody could ask for it any more.
//!
//! The window on record tells what was done, so a start may tell the same window as often as it
//! likes, and windows may have passed while no process ran: the numbers go back once.
//! Not in it: what a Logout is (`gwanmun_fix::session::logout`).

use gwanmun_captures::input::{Schedule, ScheduleKind};
use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::messages::logout::SessionStatus;
use gwanmun_fix::session::{DisconnectReason, SeqNumReset};
use gwanmun_fix::time::{Precision, TIMESTAMP_BYTES_MAX, write_utc_timestamp};

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stamp, Stopped};
use crate::effect::{EffectBuilder, Presence};
use crate::gateway::Gateway;
use crate::image::ImageReader;
use crate::inputs;
use crate::stages::Stages;
use crate::state::{Member, State};

/// Text(58) of the Logout(35=5) at a window's end.
pub const WINDOW_END_TEXT: &[u8] = b"session window ends";
/// Text(58) of the Logout(35=5) for a password that was right and has expired.
pub const EXPIRED_TEXT: &[u8] = b"password has expired";
/// How Text(58) of the Logout(35=5) for a Logon outside of a window begins; the window follows.
pub const LOGON_FROM_TEXT: &[u8] = b"Logon(A) is taken from ";
/// The longest text made here: words and two times in seconds.
const TEXT_BYTES_MAX: usize = 96;

/// How far a session is with its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WindowPhase {
    /// Logons are taken, under the numbers of this window.
    Open,
    /// It is over; the numbers are still its own, since the line is not gone yet. The instants are
    /// those of the next one.
    Over,
    /// The numbers have begun anew for a window that has not opened.
    Waiting,
}

/// A session's window, as effects put it on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) phase: WindowPhase,
    pub(crate) from_ns: u64,
    pub(crate) to_ns: u64,
}

impl Window {
    fn of(schedule: &Schedule, phase: WindowPhase) -> Window {
        Window {
            phase,
            from_ns: schedule.from_ns,
            to_ns: schedule.to_ns,
        }
    }

    const fn contains(&self, ns: u64) -> bool {
        self.from_ns <= ns && ns < self.to_ns
    }

    /// The window with numbers that have begun anew.
    fn begun(self, now_ns: u64) -> Window {
        let phase = if self.contains(now_ns) {
            WindowPhase::Open
        } else {
            WindowPhase::Waiting
        };
        Window { phase, ..self }
    }

    /// What a window on record becomes when another, or the same, is told at `now_ns`.
    fn told(before: Option<Window>, schedule: &Schedule, now_ns: u64) -> Window {
        let told = Window::of(schedule, WindowPhase::Over);
        let Some(before) = before else {
            // Numbers of which no window is on record: those of the one that is open, if one is.
            return if told.contains(now_ns) {
                told.begun(now_ns)
            } else {
                told
            };
        };
        match before.phase {
            // The one that is open, perhaps with another end: its numbers are not older than it.
            WindowPhase::Open if told.contains(now_ns) && told.from_ns <= before.from_ns => {
                Window::of(schedule, WindowPhase::Open)
            }
            WindowPhase::Open | WindowPhase::Over => told,
            WindowPhase::Waiting => told.begun(now_ns),
        }
    }
}

/// What came of looking at the name and the password of a Logon that is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Name and password are right.
    Passed,
    /// They are right, and the password has expired: the line is closed behind a
    /// Logout(35=5) that says so.
    Expired,
}

impl Credential {
    /// As its record carries it.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Credential::Passed => 1,
            Credential::Expired => 2,
        }
    }

    /// Reads the record's byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Credential> {
        match byte {
            1 => Some(Credential::Passed),
            2 => Some(Credential::Expired),
            _ => None,
        }
    }
}

impl<S: Stages> Gateway<S> {
    /// The hours of a session that are in force or come next: at a runner's start, before any
    /// other input, and whenever one of the two instants passes.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn on_schedule<E: Edge>(
        &mut self,
        edge: &mut E,
        schedule: Schedule,
        stamp: Stamp,
    ) -> Result<(), Stopped> {
        let payload = schedule.to_bytes();
        let cause = inputs::record(edge, RecordKind::Schedule, (0, stamp), &payload)?;
        let member = schedule.session;
        let Some(entry) = self.state.member_mut(member) else {
            return Ok(());
        };
        let reset = entry.reset_agreed;
        entry.session.set_reset(match schedule.kind {
            ScheduleKind::ResetTime if schedule.contains(stamp.ns) => SeqNumReset::OnRequest,
            _ => reset,
        });
        let window = match schedule.kind {
            ScheduleKind::Window => Some(Window::told(entry.window, &schedule, stamp.ns)),
            ScheduleKind::Always | ScheduleKind::ResetTime => None,
        };
        if window != entry.window {
            self.put_window_in_force(edge, member, window, cause)?;
        }
        self.begin_anew_if_over(edge, member, cause)
    }

    /// Whether hours of a session are on record, perhaps of an earlier start: then a runner whose
    /// session has none any more tells [`ScheduleKind::Always`].
    #[must_use]
    pub fn has_window(&self, member: u16) -> bool {
        let entry = self.state.members.get(usize::from(member));
        entry.is_some_and(|entry| entry.window.is_some())
    }

    /// Puts a window on record, and logs its member out if it is over.
    fn put_window_in_force<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        window: Option<Window>,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(entry) = self.state.member_mut(member) else {
            return Ok(());
        };
        entry.window = window;
        let ends = window.is_some_and(|window| window.phase == WindowPhase::Over);
        let line = entry.line.filter(|_| ends);
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let outcome = line.map(|line| {
            let mut sink = effect.member(member, Some(line.connection));
            entry
                .session
                .logout(WINDOW_END_TEXT, cause.stamp.ns, &mut sink)
        });
        self.state.put_numbers(member, &mut effect);
        self.state.put_window(member, &mut effect);
        self.state.note_end(member);
        self.state.note_deadline(member);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if let (Some(line), Some(outcome)) = (line, outcome) {
            let connection = line.connection;
            let cause = Cause {
                connection,
                ..cause
            };
            self.part_if_over(edge, member, outcome, cause)?;
        }
        Ok(())
    }

    /// Both numbers go back to 1 where the window that they belong to is over and the line is gone.
    pub(crate) fn begin_anew_if_over<E: Edge>(
        &mut self,
        edge: &mut E,
        member: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let entry = self.state.members.get(usize::from(member));
        let is_due = |entry: &&Member| entry.line.is_none();
        let window = entry.filter(is_due).and_then(|entry| entry.window);
        let Some(window) = window.filter(|window| window.phase == WindowPhase::Over) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let from = self.state.kept_from(member);
        effect.begun(member, from);
        let _ = self.state.begin_anew(member, from);
        if let Some(entry) = self.state.member_mut(member) {
            entry.window = Some(window.begun(cause.stamp.ns));
        }
        self.state.put_numbers(member, &mut effect);
        self.state.put_window(member, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// Answers a Logon that has come to the wrong time, or with a password that has expired, and
    /// closes its line; tells whether it did.
    pub(crate) fn refuse_if_not_due<E: Edge>(
        &mut self,
        edge: &mut E,
        (member, credential): (u16, Credential),
        logon: &[u8],
        line: (u32, Stamp),
    ) -> Result<bool, Stopped> {
        let entry = self.state.members.get_mut(usize::from(member));
        let Some(entry) = entry.filter(|entry| entry.line.is_none()) else {
            return Ok(false);
        };
        let mut room = [0; TEXT_BYTES_MAX];
        let closed = entry.window.filter(|it| it.phase != WindowPhase::Open);
        let answer = match (credential, closed) {
            (Credential::Expired, _) => (EXPIRED_TEXT, SessionStatus::PasswordExpired),
            (Credential::Passed, Some(window)) => {
                let text = text_of(&window, &mut room);
                (text, SessionStatus::LogonsNotAllowedNow)
            }
            (Credential::Passed, None) => return Ok(false),
        };
        let cause = inputs::record_received(edge, logon, logon.len(), line)?;
        let (_, into) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(into);
        let mut sink = effect.member(member, Some(line.0));
        // Without a number left there is no answer, and the line ends all the same.
        let _ = entry.session.refuse_line(answer, cause.stamp.ns, &mut sink);
        self.state.put_numbers(member, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        self.last_disconnect = Some(DisconnectReason::LogonRefused);
        edge.close(line.0, Close::AfterFlush);
        Ok(true)
    }
}

impl State {
    fn member_mut(&mut self, member: u16) -> Option<&mut Member> {
        self.members.get_mut(usize::from(member))
    }

    /// The first number whose message the member was not sent; the next one where there is none.
    fn kept_from(&self, member: u16) -> u64 {
        let entry = self.members.get(usize::from(member));
        entry.map_or(1, |entry| {
            entry.away_from.unwrap_or(entry.session.numbers().next_out)
        })
    }

    /// A session's numbers begin anew; messages from `from` on are kept under new ones. `None`
    /// where there is no such session.
    pub(crate) fn begin_anew(&mut self, member: u16, from: u64) -> Option<()> {
        let entry = self.members.get_mut(usize::from(member))?;
        debug_assert!(entry.line.is_none());
        let next_out = entry.session.numbers().next_out;
        let begun = self.sent.begin_anew(member, from, next_out);
        entry.session.begin_anew(begun);
        entry.reset_count = entry.session.reset_count();
        // Numbers moved down by as much as the next one did.
        let moved = from.saturating_sub(next_out - begun).max(1);
        entry.away_from = (begun > 1).then_some(moved);
        Some(())
    }

    /// What an output tells of whether a member is here.
    pub(crate) fn note_presence(&mut self, member: u16, msg_seq_num: u64, presence: Presence) {
        let Some(entry) = self.member_mut(member) else {
            return;
        };
        match presence {
            Presence::AsBefore => {}
            Presence::Away => {
                entry.away_from.get_or_insert(msg_seq_num);
            }
            Presence::Back => entry.away_from = None,
        }
    }

    /// A window is over: what is said from here on may not be read any more.
    fn note_end(&mut self, member: u16) {
        if let Some(entry) = self.member_mut(member)
            && entry.window.is_some_and(|it| it.phase == WindowPhase::Over)
        {
            let next_out = entry.session.numbers().next_out;
            entry.away_from.get_or_insert(next_out);
        }
    }

    /// Puts a session's window onto the effect.
    pub(crate) fn put_window(&self, member: u16, effect: &mut EffectBuilder<'_>) {
        if let Some(entry) = self.members.get(usize::from(member)) {
            let phase = match entry.window.map(|window| window.phase) {
                None => 0,
                Some(WindowPhase::Open) => 1,
                Some(WindowPhase::Over) => 2,
                Some(WindowPhase::Waiting) => 3,
            };
            let (from_ns, to_ns) = entry.window.map_or((0, 0), |it| (it.from_ns, it.to_ns));
            effect.window(member, phase, (from_ns, to_ns));
        }
    }

    /// Takes a session's window off the record; `None` for an image that is none.
    pub(crate) fn restore_window(&mut self, image: &mut ImageReader<'_>) -> Option<Option<()>> {
        let (member, phase) = (image.u16()?, image.u8()?);
        let (from_ns, to_ns) = (image.u64()?, image.u64()?);
        let phase = match phase {
            0 => None,
            1 => Some(WindowPhase::Open),
            2 => Some(WindowPhase::Over),
            3 => Some(WindowPhase::Waiting),
            _ => return None,
        };
        let window = phase.map(|phase| Window {
            phase,
            from_ns,
            to_ns,
        });
        let restored = self.member_mut(member).map(|entry| entry.window = window);
        self.note_end(member);
        Some(restored)
    }
}

/// `Logon(A) is taken from 20261126-09:00:00 to 20261126-21:00:00, UTC`.
fn text_of<'r>(window: &Window, room: &'r mut [u8; TEXT_BYTES_MAX]) -> &'r [u8] {
    let mut used = 0;
    let mut put = |words: &[u8]| {
        for (to, from) in room.iter_mut().skip(used).zip(words) {
            *to = *from;
        }
        used += words.len();
    };
    let seconds = |ns| {
        let mut text = [0; TIMESTAMP_BYTES_MAX];
        let length = write_utc_timestamp(ns, Precision::Seconds, &mut text);
        (text, length)
    };
    let ((from, from_bytes), (to, to_bytes)) = (seconds(window.from_ns), seconds(window.to_ns));
    put(LOGON_FROM_TEXT);
    put(from.get(..from_bytes).unwrap_or_default());
    put(b" to ");
    put(to.get(..to_bytes).unwrap_or_default());
    put(b", UTC");
    room.get(..used).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(phase: WindowPhase, from_ns: u64, to_ns: u64) -> Window {
        Window {
            phase,
            from_ns,
            to_ns,
        }
    }

    #[test]
    fn what_was_on_record_and_what_is_told_decide() {
        use WindowPhase::{Open, Over, Waiting};
        let told = |before, (from_ns, to_ns), now_ns| {
            let schedule = Schedule {
                session: 0,
                kind: ScheduleKind::Window,
                from_ns,
                to_ns,
            };
            let Window {
                phase,
                from_ns,
                to_ns,
            } = Window::told(before, &schedule, now_ns);
            assert_eq!((from_ns, to_ns), (schedule.from_ns, schedule.to_ns));
            phase
        };
        // Nothing on record: within a window its numbers stay, outside they begin anew.
        assert_eq!(told(None, (10, 20), 10), Open);
        assert_eq!(told(None, (10, 20), 9), Over);
        let open = Some(window(Open, 10, 20));
        // The same again, at a restart, or with another end or beginning.
        assert_eq!(told(open, (10, 20), 15), Open);
        assert_eq!(told(open, (10, 30), 25), Open);
        assert_eq!(told(open, (5, 20), 15), Open);
        assert_eq!(told(open, (12, 20), 15), Over);
        // It ends; the next one may follow at once.
        assert_eq!(told(open, (30, 40), 20), Over);
        assert_eq!(told(open, (20, 30), 20), Over);
        // Whole windows have passed meanwhile.
        assert_eq!(told(open, (90, 99), 95), Over);
        let over = Some(window(Over, 30, 40));
        assert_eq!(told(over, (30, 40), 20), Over);
        assert_eq!(told(over, (30, 40), 31), Over);
        // Numbers that have begun anew are those of whatever window opens next.
        let waiting = Some(window(Waiting, 30, 40));
        assert_eq!(told(waiting, (30, 40), 29), Waiting);
        assert_eq!(told(waiting, (30, 40), 30), Open);
        assert_eq!(told(waiting, (50, 60), 55), Open);
    }

    #[test]
    fn the_longest_text_fits() {
        let mut room = [0; TEXT_BYTES_MAX];
        let text = text_of(&window(WindowPhase::Waiting, 0, u64::MAX), &mut room);
        assert_eq!(
            text,
            b"Logon(A) is taken from 19700101-00:00:00 to 25540721-23:34:33, UTC"
        );
    }
}
