//! Payload of a Schedule record: the hours of one session, as instants.
//!
//! Calendars and zones are the writer's affair; a decision sees nanoseconds. Byte table:
//! `captures/FORMAT.md`.

use super::{InputFault, exact};
use crate::bytes::{all_zero, put, u16_at, u64_at};

/// Offsets in the payload.
mod at {
    pub(super) const SESSION: usize = 0;
    pub(super) const KIND: usize = 2;
    pub(super) const RESERVED: usize = 3;
    pub(super) const FROM: usize = 8;
    pub(super) const TO: usize = 16;
}

const _: () = assert!(at::TO + 8 == Schedule::BYTES);

/// What the instants of a [`Schedule`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ScheduleKind {
    /// None: the session is open as long as the process runs. Both instants are zero.
    Always = 0,
    /// Logons are taken within them, and both sequence numbers begin anew with each such window.
    Window = 1,
    /// The session has no hours; within them a Logon may ask for both numbers to return to 1.
    ResetTime = 2,
}

/// The hours of one session that are in force or come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Session by its index in the Start record.
    pub session: u16,
    /// What the instants are.
    pub kind: ScheduleKind,
    /// The first instant within, in UTC nanoseconds since the epoch.
    pub from_ns: u64,
    /// The first instant behind.
    pub to_ns: u64,
}

impl Schedule {
    /// Length of the payload.
    pub const BYTES: usize = 24;

    /// Whether an instant lies within.
    #[must_use]
    pub const fn contains(&self, ns: u64) -> bool {
        self.from_ns <= ns && ns < self.to_ns
    }

    /// The 24 bytes of this payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut payload = [0; Self::BYTES];
        put(&mut payload, at::SESSION, &self.session.to_le_bytes());
        put(&mut payload, at::KIND, &[self.kind as u8]);
        put(&mut payload, at::FROM, &self.from_ns.to_le_bytes());
        put(&mut payload, at::TO, &self.to_ns.to_le_bytes());
        payload
    }

    /// Reads a Schedule payload.
    ///
    /// # Errors
    /// [`InputFault`].
    pub fn parse(payload: &[u8]) -> Result<Schedule, InputFault> {
        let bytes: &[u8; Self::BYTES] = exact(payload)?;
        let kind = match bytes.get(at::KIND).copied().unwrap_or_default() {
            0 => ScheduleKind::Always,
            1 => ScheduleKind::Window,
            2 => ScheduleKind::ResetTime,
            other => return Err(InputFault::ScheduleKind(other)),
        };
        let reserved = bytes.get(at::RESERVED..at::FROM);
        if !reserved.is_some_and(all_zero) {
            return Err(InputFault::Reserved);
        }
        Ok(Schedule {
            session: u16_at(bytes, at::SESSION).unwrap_or_default(),
            kind,
            from_ns: u64_at(bytes, at::FROM).unwrap_or_default(),
            to_ns: u64_at(bytes, at::TO).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes_and_what_is_none() {
        let schedule = Schedule {
            session: 0x0102,
            kind: ScheduleKind::Window,
            from_ns: 0x0A0B,
            to_ns: 0x0C00_0000_0000_000D,
        };
        let bytes = schedule.to_bytes();
        assert_eq!(
            bytes,
            [
                2, 1, 1, 0, 0, 0, 0, 0, 0x0B, 0x0A, 0, 0, 0, 0, 0, 0, 0x0D, 0, 0, 0, 0, 0, 0, 0x0C
            ]
        );
        assert_eq!(Schedule::parse(&bytes), Ok(schedule));
        assert_eq!(
            Schedule::parse(&bytes[1..]),
            Err(InputFault::Length { found: 23 })
        );
        let mut broken = bytes;
        broken[2] = 3;
        assert_eq!(Schedule::parse(&broken), Err(InputFault::ScheduleKind(3)));
        for at in 3..8 {
            let mut broken = bytes;
            broken[at] = 1;
            assert_eq!(Schedule::parse(&broken), Err(InputFault::Reserved));
        }
    }

    #[test]
    fn the_first_instant_is_within_and_the_last_is_not() {
        let schedule = Schedule {
            session: 0,
            kind: ScheduleKind::Window,
            from_ns: 10,
            to_ns: 20,
        };
        let within = [9, 10, 19, 20].map(|ns| schedule.contains(ns));
        assert_eq!(within, [false, true, true, false]);
    }
}
