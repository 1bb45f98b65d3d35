//! UTCTimestamp text to nanoseconds since the epoch and back, and the calendar behind it.
//!
//! `YYYYMMDD-HH:MM:SS` with no, three, six or nine decimals, for instants from 1970 up to the end
//! of 64-bit nanoseconds (2554). The texts of one day begin alike, so whoever reads or writes many
//! of them keeps a [`DateCache`]. Not here: how the text is read
//! ([`crate::values::utc_timestamp`]), time zones, any clock.

use crate::digits;

pub use crate::values::utc_timestamp::parse_utc_timestamp;

/// Bytes of the longest text: nanoseconds.
pub const TIMESTAMP_BYTES_MAX: usize = 27;

/// Decimals of a UTCTimestamp's seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// None.
    Seconds,
    /// Three.
    Milliseconds,
    /// Six.
    Microseconds,
    /// Nine.
    Nanoseconds,
}

impl Precision {
    /// Bytes of a text with so many decimals.
    #[must_use]
    pub const fn text_bytes(self) -> usize {
        match self {
            Precision::Seconds => 17,
            Precision::Milliseconds => 21,
            Precision::Microseconds => 24,
            Precision::Nanoseconds => TIMESTAMP_BYTES_MAX,
        }
    }
}

const SECONDS_PER_DAY: u64 = 86_400;
const NS_PER_SECOND: u64 = 1_000_000_000;
const NS_PER_DAY: u64 = SECONDS_PER_DAY * NS_PER_SECOND;

/// The last date that was read or written: its text and when it began.
///
/// It belongs to the caller and changes no result, only how long it takes.
///
/// ```
/// use gwanmun_fix::time::{DateCache, Precision, TIMESTAMP_BYTES_MAX};
/// let mut dates = DateCache::new();
/// let ns = dates.read(b"20261123-00:12:33.123456789")?;
/// assert_eq!(ns, 1_795_392_753_123_456_789);
/// let mut text = [0; TIMESTAMP_BYTES_MAX];
/// let length = dates.write(ns, Precision::Milliseconds, &mut text);
/// assert_eq!(&text[..length], b"20261123-00:12:33.123");
/// # Ok::<(), gwanmun_fix::values::ValueError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct DateCache {
    /// `YYYYMMDD`, the first character in the lowest byte. Invariant: the date that begins at
    /// `start_ns`.
    pub(crate) text: u64,
    /// Nanoseconds from the epoch to the date's midnight.
    pub(crate) start_ns: u64,
}

impl DateCache {
    /// A cache that has seen the first day of 1970.
    #[must_use]
    pub const fn new() -> DateCache {
        DateCache {
            text: u64::from_le_bytes(*b"19700101"),
            start_ns: 0,
        }
    }

    /// Writes an instant; returns the length in bytes: 17, 21, 24 or 27. Digits beyond the
    /// precision are cut off.
    #[inline]
    pub fn write(
        &mut self,
        ns: u64,
        precision: Precision,
        into: &mut [u8; TIMESTAMP_BYTES_MAX],
    ) -> usize {
        *self = self.at(ns);
        *into = self.words(ns).text();
        precision.text_bytes()
    }

    /// The date of an instant: this one, or looked up.
    #[inline(always)]
    pub(crate) fn at(self, ns: u64) -> DateCache {
        // The last day that 64 bits hold is not whole: wrapping, the first instants would be its
        // end.
        match ns.checked_sub(self.start_ns) {
            Some(in_day_ns) if in_day_ns < NS_PER_DAY => self,
            _ => DateCache::of(ns),
        }
    }

    /// An instant of this date as words of text.
    #[inline(always)]
    pub(crate) fn words(self, ns: u64) -> Words {
        let in_day_ns = ns.wrapping_sub(self.start_ns);
        Words {
            date: self.text,
            clock: clock_text(in_day_ns / NS_PER_SECOND),
            fraction_ns: u32::try_from(in_day_ns % NS_PER_SECOND).unwrap_or(0),
        }
    }

    /// The day of an instant.
    #[inline(never)]
    fn of(ns: u64) -> DateCache {
        let days = ns / NS_PER_DAY;
        let (year, month, day) = date_from_days(u32::try_from(days).unwrap_or(0));
        DateCache {
            text: digits::eight(year * 10_000 + month * 100 + day),
            start_ns: days * NS_PER_DAY,
        }
    }
}

impl Default for DateCache {
    fn default() -> Self {
        DateCache::new()
    }
}

/// A timestamp as words, each with its first character in the lowest byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// `YYYYMMDD`.
    pub(crate) date: u64,
    /// `HH:MM:SS`.
    pub(crate) clock: u64,
    /// Below a second.
    pub(crate) fraction_ns: u32,
}

impl Words {
    /// The text as four words, cut off behind its precision and ended by SOH; zeros behind that.
    #[inline(always)]
    pub(crate) fn ended(self, precision: Precision) -> [u64; 4] {
        let end = u64::from(crate::SOH);
        // `-HH:MM:S`, then `S.` and the decimals: the first of nine, and eight more.
        let second = u64::from(b'-') | self.clock << 8;
        let front = self.clock >> 56 | u64::from(b'.') << 8;
        let first = || u64::from(self.fraction_ns / 100_000_000 + u32::from(b'0')) << 16;
        let eight = || digits::eight(self.fraction_ns % 100_000_000);
        let (middle, last) = match precision {
            Precision::Seconds => (self.clock >> 56 | end << 8, 0),
            Precision::Milliseconds => {
                let three = digits::three(self.fraction_ns / 1_000_000);
                (front | three << 16 | end << 40, 0)
            }
            Precision::Microseconds => (front | first() | eight() << 24, end),
            Precision::Nanoseconds => {
                let eight = eight();
                (front | first() | eight << 24, eight >> 40 | end << 24)
            }
        };
        [self.date, second, middle, last]
    }

    /// All of it, with nine decimals.
    #[inline(always)]
    pub(crate) fn text(self) -> [u8; TIMESTAMP_BYTES_MAX] {
        let words = self.ended(Precision::Nanoseconds).map(u64::to_le_bytes);
        let bytes = words.as_flattened().first_chunk();
        *bytes.unwrap_or(&[0; TIMESTAMP_BYTES_MAX])
    }
}

/// `HH:MM:SS` of a second of the day.
#[inline(always)]
fn clock_text(second: u64) -> u64 {
    let minutes = second / 60;
    // Hour, minute and second in bytes 0, 3 and 6, tens and ones of all three at once.
    let parts = (minutes / 60) | (minutes % 60) << 24 | (second % 60) << 48;
    let tens = ((parts * 103) >> 10) & 0x000F_0000_0F00_000F;
    let ones = parts - tens * 10;
    (tens | ones << 8) + u64::from_le_bytes(*b"00:00:00")
}

/// Writes an instant; returns the length in bytes: 17, 21, 24 or 27. Digits beyond the precision
/// are cut off.
pub fn write_utc_timestamp(
    ns: u64,
    precision: Precision,
    into: &mut [u8; TIMESTAMP_BYTES_MAX],
) -> usize {
    DateCache::new().write(ns, precision, into)
}

/// Days that a month has; 31 for one that there is not.
pub(crate) const fn days_in_month(year: u16, month: u8) -> u8 {
    let is_leap_year =
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from the epoch to a date that exists, negative before it.
#[inline]
pub(crate) fn civil_days(year: u16, month: u8, day: u8) -> i32 {
    let (month, day) = (i32::from(month), i32::from(day));
    // Years are counted from March, so that the leap day is the last of its year and months follow
    // a straight line. 400 years are added, so that no year is below zero.
    let is_early = i32::from(month <= 2);
    let march_year = i32::from(year) + 400 - is_early;
    let march_month = month - 3 + 12 * is_early;
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let days = march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400;
    days + day_of_year - DAYS_TO_EPOCH - DAYS_PER_ERA
}

/// Days from 1 March of year 0 to the epoch.
const DAYS_TO_EPOCH: i32 = 719_468;
/// Days in 400 years.
const DAYS_PER_ERA: i32 = 146_097;

/// The date (year, month, day) so many days after the epoch.
///
/// Each division by a period that is no whole number of days is turned into one multiplication
/// whose upper half is the quotient and whose lower half still holds the rest (Neri and Schneider,
/// "Euclidean affine functions and their application to calendar algorithms", 2022).
fn date_from_days(days: u32) -> (u32, u32, u32) {
    const ERA: u32 = DAYS_PER_ERA.unsigned_abs();
    let quarters = 4 * (days + DAYS_TO_EPOCH.unsigned_abs()) + 3;
    let century = quarters / ERA;
    let of_century = (quarters % ERA) | 3;
    let scaled = 2_939_745 * u64::from(of_century);
    let year_of_century = u32::try_from(scaled >> 32).unwrap_or(0);
    let day_of_year = u32::try_from((scaled & 0xFFFF_FFFF) / 2_939_745 / 4).unwrap_or(0);
    let scaled_month = 2_141 * day_of_year + 197_913;
    let (march_month, day) = (scaled_month >> 16, (scaled_month & 0xFFFF) / 2_141 + 1);
    let is_next_year = u32::from(day_of_year >= 306);
    let year = 100 * century + year_of_century + is_next_year;
    (year, march_month - 12 * is_next_year, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;
    use crate::values::Date;

    fn written(ns: u64, precision: Precision) -> String {
        let mut text = [0; TIMESTAMP_BYTES_MAX];
        let length = write_utc_timestamp(ns, precision, &mut text);
        String::from_utf8(text[..length].to_vec()).unwrap()
    }

    #[test]
    fn known_instants_both_ways() {
        for (text, ns) in [
            ("19700101-00:00:00", 0),
            ("19700101-00:00:00.000000001", 1),
            ("19991231-23:59:59.999", 946_684_799_999_000_000),
            ("20000229-12:00:00", 951_825_600_000_000_000),
            ("20000301-00:00:00", 951_868_800_000_000_000),
            ("20261123-00:12:33.123456", 1_795_392_753_123_456_000),
            ("21000228-23:59:59", 4_107_542_399_000_000_000),
            ("21000301-00:00:00", 4_107_542_400_000_000_000),
            ("25540721-23:34:33.709551615", u64::MAX),
        ] {
            assert_eq!(parse_utc_timestamp(text.as_bytes()), Ok(ns), "{text}");
            let precision = match text.len() {
                17 => Precision::Seconds,
                21 => Precision::Milliseconds,
                24 => Precision::Microseconds,
                _ => Precision::Nanoseconds,
            };
            assert_eq!(written(ns, precision), text);
        }
    }

    /// The way back from the calendar is held against the way there, which `Date`'s own test counts
    /// day by day.
    #[test]
    fn every_day_that_fits() {
        for days in 0..=213_503 {
            let (year, month, day) = date_from_days(days);
            let [month, day] = [month, day].map(|part| u8::try_from(part).unwrap());
            let date = Date::new(u16::try_from(year).unwrap(), month, day).unwrap();
            assert_eq!(date.days_since_epoch(), i32::try_from(days).unwrap());
        }
    }

    #[test]
    fn every_second_of_a_day() {
        for second in 0..86_400 {
            let (hour, minute) = (second / 3_600, second / 60 % 60);
            let expected = format!("{hour:02}:{minute:02}:{:02}", second % 60);
            assert_eq!(clock_text(second).to_le_bytes(), expected.as_bytes());
        }
    }

    #[test]
    fn the_first_day_behind_the_last() {
        let mut dates = DateCache::new();
        for ns in [u64::MAX, 0, 16_777_215, u64::MAX] {
            let mut text = [0; TIMESTAMP_BYTES_MAX];
            dates.write(ns, Precision::Nanoseconds, &mut text);
            assert_eq!(parse_utc_timestamp(&text), Ok(ns));
        }
    }

    #[test]
    fn a_cache_changes_no_text() {
        let mut random = Random::seeded(21);
        let mut dates = DateCache::new();
        for round in 0..100_000_u64 {
            // Days that follow each other, jump back and forth, and touch midnight.
            let day = NS_PER_DAY * random.below(if round % 2 == 0 { 3 } else { 213_503 });
            let in_day = *random.pick(&[0, 1, NS_PER_DAY - 1, round * 999_999_937 % NS_PER_DAY]);
            let ns = day + in_day;
            let mut text = [0; TIMESTAMP_BYTES_MAX];
            dates.write(ns, Precision::Nanoseconds, &mut text);
            assert_eq!(written(ns, Precision::Nanoseconds).as_bytes(), text);
            assert_eq!(dates.read(&text), Ok(ns));
        }
    }

    #[test]
    fn random_instants_both_ways() {
        let mut random = Random::seeded(1);
        for _ in 0..100_000 {
            let ns = random.next();
            for (precision, cut) in [
                (Precision::Seconds, 1_000_000_000),
                (Precision::Milliseconds, 1_000_000),
                (Precision::Microseconds, 1_000),
                (Precision::Nanoseconds, 1),
            ] {
                let text = written(ns, precision);
                assert_eq!(
                    parse_utc_timestamp(text.as_bytes()),
                    Ok(ns / cut * cut),
                    "{text}"
                );
            }
        }
    }
}
