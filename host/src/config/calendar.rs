//! Dates and times of a zone, and the instants that they are.
//!
//! A local time that the clocks skip is the moment at which they do, so that a window which lies
//! within the gap does not exist that day. One that they show twice is the first of the two. Not
//! in it: how an operator writes them (`schedule`), and telling the gateway (`crate::schedules`).

use gwanmun_captures::input::ScheduleKind;
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// Days before today at which the window that is open now may have begun: a week, and one for the
/// zones.
const DAYS_BEFORE: i32 = 8;
/// How long a session without hours may be reset from its `reset_time` on, in nanoseconds: the
/// clocks of both sides, and an engine that asks at the turn of a minute.
const RESET_NS: u64 = 300 * 1_000_000_000;

/// A zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// The zone of this name, in whatever case; `None` where there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Zone> {
        TimeZone::get(name).ok().map(Zone)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The instant at which the clocks of the zone show this, in nanoseconds since the epoch.
    fn instant(&self, date: Date, time: Time) -> Option<u64> {
        let shown = date.to_datetime(time);
        let at = match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(shown).ok()?,
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(shown).ok()?,
            AmbiguousOffset::Gap { after, .. } => {
                // By the later offset the time would lie before the change that skips it.
                let before = after.to_timestamp(shown).ok()?;
                self.0.following(before).next()?.timestamp()
            }
        };
        u64::try_from(at.as_nanosecond()).ok()
    }

    /// The date that the zone has at an instant.
    fn date_at(&self, ns: u64) -> Option<Date> {
        let at = Timestamp::from_nanosecond(i128::from(ns)).ok()?;
        Some(at.to_zoned(self.0.clone()).date())
    }

    fn shown(&self, ns: u64) -> String {
        let at = Timestamp::from_nanosecond(i128::from(ns)).unwrap_or_default();
        let at = at.to_zoned(self.0.clone());
        at.strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
    }
}

/// Until when a password is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The last day on which it is.
    date: Date,
    /// The end of that day, in nanoseconds since the epoch.
    at_ns: u64,
}

impl Expiry {
    /// A password that is good through a day of a zone.
    pub(super) fn of(date: Date, zone: &Zone) -> Option<Expiry> {
        let at_ns = zone.instant(plus(date, 1)?, Time::midnight())?;
        Some(Expiry { date, at_ns })
    }

    /// The last day on which it is good.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// Whether the day is over.
    #[must_use]
    pub const fn has_passed(&self, now_ns: u64) -> bool {
        now_ns >= self.at_ns
    }
}

/// What an operator plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    /// From `start` to `end`, on the next day where that is not later, on these days or, where none
    /// is named, on each.
    Daily {
        /// The first moment within.
        start: Time,
        /// The first moment behind.
        end: Time,
        /// The days on which it starts, in the order of the file; empty means all.
        weekdays: Vec<Weekday>,
    },
    /// From a day's time to another one's, each week.
    Weekly {
        /// Where it starts.
        start: (Weekday, Time),
        /// Where it ends.
        end: (Weekday, Time),
    },
    /// Without end. The time is that from which a Logon may reset the numbers.
    NonStop(Option<Time>),
}

/// A plan in its zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// What is planned.
    pub plan: Plan,
    zone: Zone,
}

/// A span of time, in nanoseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first instant within.
    pub from_ns: u64,
    /// The first instant behind.
    pub to_ns: u64,
}

/// The window that is open or comes next, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whether it is the time in which a session without end may be reset.
    pub is_reset_time: bool,
    /// Whether it is open.
    pub is_open: bool,
    /// Both ends in UTC.
    pub utc: (String, String),
    /// Both ends as the clocks of the zone show them.
    pub local: (String, String),
    /// The zone.
    pub zone: String,
}

impl Hours {
    /// A plan in a zone.
    #[must_use]
    pub const fn new(plan: Plan, zone: Zone) -> Hours {
        Hours { plan, zone }
    }

    /// What its windows are for; `None` where there are none.
    #[must_use]
    pub const fn kind(&self) -> Option<ScheduleKind> {
        match self.plan {
            Plan::Daily { .. } | Plan::Weekly { .. } => Some(ScheduleKind::Window),
            Plan::NonStop(Some(_)) => Some(ScheduleKind::ResetTime),
            Plan::NonStop(None) => None,
        }
    }

    /// The windows that are not over at `now_ns`, in their order, at most `count_max`.
    #[must_use]
    pub fn windows(&self, now_ns: u64, count_max: usize) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        let today = self.zone.date_at(now_ns);
        let Some(mut date) = today.and_then(|today| plus(today, -DAYS_BEFORE)) else {
            return windows;
        };
        // A week holds at least one, but for the two in a year in which the clocks change.
        let days_max = DAYS_BEFORE as usize + 7 * (count_max + 4);
        for _ in 0..days_max {
            if windows.len() == count_max {
                break;
            }
            let window = self.starting(date);
            windows.extend(window.filter(|it| it.to_ns > now_ns && it.from_ns < it.to_ns));
            let Some(next) = plus(date, 1) else { break };
            date = next;
        }
        debug_assert!(windows.is_sorted_by(|one, next| one.to_ns <= next.from_ns));
        windows
    }

    /// The window that starts on a date.
    fn starting(&self, date: Date) -> Option<Window> {
        let at = |date, time| self.zone.instant(date, time);
        let day = date.weekday();
        let (from_ns, to_ns) = match &self.plan {
            Plan::Daily {
                start,
                end,
                weekdays,
            } => {
                if !weekdays.is_empty() && !weekdays.contains(&day) {
                    return None;
                }
                let days = i32::from(end <= start);
                (at(date, *start)?, at(plus(date, days)?, *end)?)
            }
            Plan::Weekly { start, end } => {
                if day != start.0 {
                    return None;
                }
                let days = i32::from(end.0.since(start.0));
                let is_whole_week = days == 0 && end.1 <= start.1;
                let days = if is_whole_week { 7 } else { days };
                (at(date, start.1)?, at(plus(date, days)?, end.1)?)
            }
            Plan::NonStop(time) => {
                let from_ns = at(date, (*time)?)?;
                (from_ns, from_ns.saturating_add(RESET_NS))
            }
        };
        Some(Window { from_ns, to_ns })
    }

    /// The window that is open at `now_ns`, or the next one; `None` where there is none.
    #[must_use]
    pub fn next(&self, now_ns: u64) -> Option<Shown> {
        let Window { from_ns, to_ns } = *self.windows(now_ns, 1).first()?;
        let utc = Zone::UTC;
        Some(Shown {
            is_reset_time: self.kind() == Some(ScheduleKind::ResetTime),
            is_open: from_ns <= now_ns,
            utc: (utc.shown(from_ns), utc.shown(to_ns)),
            local: (self.zone.shown(from_ns), self.zone.shown(to_ns)),
            zone: self.zone.name().to_owned(),
        })
    }
}

fn plus(date: Date, days: i32) -> Option<Date> {
    date.checked_add(jiff::Span::new().days(days)).ok()
}
