//! UTCTimestamp: `YYYYMMDD-HH:MM:SS` with no, three, six or nine decimals, as nanoseconds since the
//! epoch.
//!
//! Instants from 1970 up to the end of 64-bit nanoseconds (2554) are read. A leap second,
//! `23:59:60`, is read as the first second of the next day, as POSIX clocks count. Picoseconds
//! (twelve decimals, FIX 5.0 SP2) are refused rather than cut.
//!
//! Departures from the obvious way, for texts that are right:
//! 1. The date is compared with the last one as one word; a day is looked up in the calendar once.
//! 2. The time of day is read as UTCTimeOnly is.
//!
//! What is not right so far, leap seconds included, goes the obvious way, which also says what is
//! wrong and where.

use super::utc_time_only::{self, NS_PER_SECOND};
use super::{Date, ValueError, form, form_of};
use crate::digits::{self, ZEROS};
use crate::time::DateCache;

/// Reads a UTCTimestamp as nanoseconds since the epoch.
///
/// # Errors
/// Not of the form, fractions of other lengths included (format); no such date or time of day, an
/// instant outside 1970-2554, or picoseconds (range).
///
/// ```
/// use gwanmun_fix::values::{ValueError, utc_timestamp::parse_utc_timestamp};
/// assert_eq!(parse_utc_timestamp(b"20261123-00:12:33.001"), Ok(1_795_392_753_001_000_000));
/// assert_eq!(parse_utc_timestamp(b"20261123-24:00:00"), Err(ValueError::range(9)));
/// ```
#[inline]
pub fn parse_utc_timestamp(text: &[u8]) -> Result<u64, ValueError> {
    DateCache::new().read(text)
}

impl DateCache {
    /// Reads a UTCTimestamp as nanoseconds since the epoch; quickest for the date read last.
    ///
    /// # Errors
    /// As [`parse_utc_timestamp`].
    #[inline]
    pub fn read(&mut self, text: &[u8]) -> Result<u64, ValueError> {
        match self.quick(text) {
            Some(ns) => Ok(ns),
            None => plain(text),
        }
    }

    /// A text that is right and no leap second, `None` for all others.
    #[inline(always)]
    pub(crate) fn quick(&mut self, text: &[u8]) -> Option<u64> {
        let (day, time) = text.split_first_chunk::<9>()?;
        let in_day_ns = utc_time_only::quick(time)?;
        let date = u64::from_le_bytes(*day.first_chunk()?);
        if date != self.text {
            *self = DateCache::of_text(date)?;
        }
        if day[8] != b'-' {
            return None;
        }
        self.start_ns.checked_add(in_day_ns)
    }

    /// The date that is given as text; `None` for one that is none, or before 1970 or beyond 2554.
    #[inline]
    fn of_text(text: u64) -> Option<DateCache> {
        let digits = text ^ ZEROS;
        // Byte 0, 2, 4 and 6: both halves of the year, month and day.
        let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
        let [century, of_century, month, day] = [0, 16, 32, 48].map(|at| (pairs >> at) & 0xFF);
        let &(before, last) = MONTHS.get(usize::try_from(month).ok()?)?;
        let is_plain = digits::not_digits(digits) == 0 && (1..=u64::from(last)).contains(&day);
        let year = 100 * century + of_century;
        if !is_plain || year < 1970 {
            return DateCache::of_odd_text(text);
        }
        // Years are counted from March, as the months are, so that the leap day ends its year.
        let march_year = year - u64::from(month < 3);
        let leap_days = march_year / 4 - march_year / 100 + march_year / 400;
        let days = 365 * march_year + leap_days + u64::from(before) + day - DAYS_TO_EPOCH;
        let start_ns = days.checked_mul(86_400 * NS_PER_SECOND)?;
        Some(DateCache { text, start_ns })
    }

    /// As [`DateCache::of_text`] by the calendar, which knows leap days.
    #[cold]
    fn of_odd_text(text: u64) -> Option<DateCache> {
        let number = digits::read_eight(text.to_le_bytes())?;
        let year = u16::try_from(number / 10_000).ok()?;
        let [month, day] = [number / 100 % 100, number % 100].map(|n| u8::try_from(n).unwrap_or(0));
        let days = Date::new(year, month, day)?.days_since_epoch();
        let start_ns = u64::try_from(days)
            .ok()?
            .checked_mul(86_400 * NS_PER_SECOND)?;
        Some(DateCache { text, start_ns })
    }
}

/// Days from 1 March of year 0 to the epoch, and one, since days are counted from 1.
const DAYS_TO_EPOCH: u64 = 719_469;

/// By month: days from 1 March to its first, and its last day. The leap day is not among them.
const MONTHS: [(u16, u8); 13] = [
    (0, 0),
    (306, 31),
    (337, 28),
    (0, 31),
    (31, 30),
    (61, 31),
    (92, 30),
    (122, 31),
    (153, 31),
    (184, 30),
    (214, 31),
    (245, 30),
    (275, 31),
];

/// The obvious way, for every text.
#[cold]
fn plain(text: &[u8]) -> Result<u64, ValueError> {
    form(text, b"00000000-")?;
    let time = utc_time_only::parse(text.get(9..).unwrap_or(&[]));
    let time = time.map_err(|error| error.behind(9));
    form_of(&time)?;
    let days = Date::at_front(text)?.days_since_epoch();
    let time = time?;
    let ns = i128::from(days) * i128::from(86_400 * NS_PER_SECOND) + i128::from(time);
    u64::try_from(ns).map_err(|_| ValueError::range(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_second_is_the_next_days_first() {
        let parse = |text: &str| parse_utc_timestamp(text.as_bytes());
        assert_eq!(parse("20161231-23:59:60"), parse("20170101-00:00:00"));
        assert_eq!(parse("19691231-23:59:60"), Ok(0));
        assert_eq!(
            parse("20161231-23:59:60.999"),
            parse("20170101-00:00:00.999")
        );
        for text in [
            "20161231-23:58:60",
            "20161231-00:00:60",
            "20161231-23:59:61",
        ] {
            assert_eq!(parse(text), Err(ValueError::range(15)), "{text}");
        }
    }

    #[test]
    fn every_date_is_the_calendars() {
        let years = (0..=9_999).filter(|year| (1_965..2_560).contains(year) || year % 97 == 0);
        for year in years {
            for month in 0..=13 {
                for day in 0..=32 {
                    let text = format!("{year:04}{month:02}{day:02}");
                    let text = u64::from_le_bytes(*text.as_bytes().first_chunk().unwrap());
                    let found = DateCache::of_text(text).map(|dates| (dates.text, dates.start_ns));
                    let expected = DateCache::of_odd_text(text);
                    let expected = expected.map(|dates| (dates.text, dates.start_ns));
                    assert_eq!(found, expected, "{year} {month} {day}");
                }
            }
        }
    }

    #[test]
    fn refuses_what_is_no_timestamp() {
        let (format, range) = (ValueError::format, ValueError::range);
        for (text, error) in [
            ("", format(0)),
            ("20261123", format(8)),
            ("20261123-00:12:3", format(16)),
            ("20261123-00:12:33.", format(18)),
            ("20261123-00:12:33.1", format(19)),
            ("20261123-00:12:33.1234", format(22)),
            ("20261123-00:12:33.1234567890", format(27)),
            ("20261123-00:12:33.12a", format(20)),
            ("20261123-00:12:33Z", format(17)),
            ("20261123-00:12:33x123", format(17)),
            ("20261123-00:12:330123", format(17)),
            ("20261123-00:12:33x123456", format(17)),
            ("20261123-00:12:33.12345 ", format(23)),
            ("20261123-00:12:33x123456789", format(17)),
            ("20261123-00:12:33.x23456789", format(18)),
            ("20261123-00:12:33.12345678:", format(26)),
            ("20261123 00:12:33", format(8)),
            ("2026112a-00:12:33", format(7)),
            ("20261123-00-12-33", format(11)),
            ("20261123-00012:33", format(11)),
            ("20261123-00:12933", format(14)),
            ("20261123-0/:12:33", format(10)),
            ("+0261123-00:12:33", format(0)),
            ("20261123-00:12:33.000\0", format(21)),
            ("20260230-25:00:00.", format(18)),
            ("20260001-00:00:00", range(4)),
            ("20261301-00:00:00", range(4)),
            ("20261100-00:00:00", range(6)),
            ("20261131-00:00:00", range(6)),
            ("20260229-00:00:00", range(6)),
            ("21000229-00:00:00", range(6)),
            ("20261123-24:00:00", range(9)),
            ("20261123-00:60:00", range(12)),
            ("20261123-00:12:33.123456789012", range(27)),
            ("19691231-23:59:59", range(0)),
            ("00000101-00:00:00", range(0)),
            ("25540721-23:34:33.709551616", range(0)),
            ("25540722-00:00:00", range(0)),
            ("99991231-23:59:59", range(0)),
        ] {
            assert_eq!(parse_utc_timestamp(text.as_bytes()), Err(error), "{text}");
            // A cache that has this very date, or another, says the same.
            let mut dates = DateCache::new();
            for before in ["20261123-00:00:00", "20160229-00:00:00"] {
                dates.read(before.as_bytes()).unwrap();
                assert_eq!(dates.read(text.as_bytes()), Err(error), "{text}");
            }
        }
    }
}
