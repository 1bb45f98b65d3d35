//! Telling the gateway the hours of its sessions: which window is in force or comes next, at the
//! start and whenever an end of one passes.
//!
//! Calendars allocate and may read files, which the order core must not: so the windows are worked
//! out before it begins. What follows from them is the gateway's (`schedule.rs` of that crate).

use gwanmun_captures::input::{Schedule, ScheduleKind};

use crate::config::{SessionConfig, Window};

/// Windows known of each session: more than a year of daily ones. A process serves one trading day;
/// one that outlived all of them would take no Logons of that session any more.
const WINDOWS_MAX: usize = 400;

/// A session without windows to come.
const NEVER_NS: u64 = u64::MAX;

struct Row {
    session: u16,
    kind: ScheduleKind,
    /// In their order.
    windows: Box<[Window]>,
    /// The one that was told last.
    at: usize,
    /// When the next word is due.
    due_ns: u64,
}

impl Row {
    /// What is to be told at `now_ns`.
    fn tell(&mut self, now_ns: u64) -> Schedule {
        while self
            .windows
            .get(self.at)
            .is_some_and(|it| it.to_ns <= now_ns)
        {
            self.at += 1;
        }
        let window = self.windows.get(self.at);
        let is_open = |window: &Window| window.from_ns <= now_ns;
        self.due_ns = match window {
            Some(window) if is_open(window) => window.to_ns,
            Some(window) => window.from_ns,
            None => NEVER_NS,
        };
        let none = match self.kind {
            ScheduleKind::Always => (0, 0),
            ScheduleKind::Window | ScheduleKind::ResetTime => (NEVER_NS, NEVER_NS),
        };
        let (from_ns, to_ns) = window.map_or(none, |it| (it.from_ns, it.to_ns));
        Schedule {
            session: self.session,
            kind: self.kind,
            from_ns,
            to_ns,
        }
    }
}

/// The hours of all sessions.
pub(crate) struct Schedules {
    /// Sessions that have any, or had.
    rows: Box<[Row]>,
    /// Nothing is due before that: all is looked at once a millisecond.
    none_before_ns: u64,
}

impl Schedules {
    /// Nothing is told yet. `had_hours` tells whether a session's hours are on record: where it has
    /// none any more that must be told.
    pub(crate) fn new(
        sessions: &[SessionConfig],
        now_ns: u64,
        had_hours: impl Fn(u16) -> bool,
    ) -> Schedules {
        let row = |(session, config): (u16, &SessionConfig)| {
            let hours = config.hours.as_ref();
            let kind = hours.and_then(|hours| hours.kind());
            let windows = hours.map(|hours| hours.windows(now_ns, WINDOWS_MAX));
            let row = |kind, windows: Vec<Window>| Row {
                session,
                kind,
                windows: windows.into(),
                at: 0,
                due_ns: 0,
            };
            match kind {
                Some(kind) => Some(row(kind, windows.unwrap_or_default())),
                None => had_hours(session).then(|| row(ScheduleKind::Always, Vec::new())),
            }
        };
        Schedules {
            rows: (0..).zip(sessions).filter_map(row).collect(),
            none_before_ns: 0,
        }
    }

    /// What is to be told next, if anything is due.
    pub(crate) fn due(&mut self, now_ns: u64) -> Option<Schedule> {
        if now_ns < self.none_before_ns {
            return None;
        }
        let due = self.rows.iter_mut().find(|row| row.due_ns <= now_ns);
        if let Some(row) = due {
            return Some(row.tell(now_ns));
        }
        let next = self.rows.iter().map(|row| row.due_ns).min();
        self.none_before_ns = next.unwrap_or(NEVER_NS);
        None
    }
}
