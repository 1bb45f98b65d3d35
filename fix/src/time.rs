//! UTCTimestamp text to nanoseconds since the epoch and back.
//!
//! `YYYYMMDD-HH:MM:SS` with no, three, six or nine decimals. Instants from 1970 up to the end of
//! 64-bit nanoseconds (2554) are read. A leap second, `23:59:60`, is read as the first second of
//! the next day, as POSIX clocks count. Not here: time zones, local dates, any clock.

use crate::digits;

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

/// Why text is no UTCTimestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeError {
    /// Not of the form.
    Format,
    /// Of the form, but no such date or time of day, or one outside 1970-2554.
    Range,
}

const SECONDS_PER_DAY: u64 = 86_400;
const NS_PER_SECOND: u64 = 1_000_000_000;

/// Reads a UTCTimestamp as nanoseconds since the epoch.
///
/// # Errors
/// [`TimeError`].
pub fn parse_utc_timestamp(text: &[u8]) -> Result<u64, TimeError> {
    let (whole, decimals) = text.split_at_checked(17).ok_or(TimeError::Format)?;
    let &[
        y1,
        y2,
        y3,
        y4,
        mo1,
        mo2,
        d1,
        d2,
        b'-',
        h1,
        h2,
        b':',
        mi1,
        mi2,
        b':',
        s1,
        s2,
    ] = whole
    else {
        return Err(TimeError::Format);
    };
    let date = digits::read_eight([y1, y2, y3, y4, mo1, mo2, d1, d2]);
    let time_of_day = digits::read_eight([b'0', b'0', h1, h2, mi1, mi2, s1, s2]);
    let (Some(date), Some(time_of_day)) = (date, time_of_day) else {
        return Err(TimeError::Format);
    };
    let (date, time_of_day) = (u64::from(date), u64::from(time_of_day));
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let hour = time_of_day / 10_000;
    let (minute, second) = (time_of_day / 100 % 100, time_of_day % 100);
    let fraction_ns = fraction_ns(decimals)?;
    let is_leap_second = (hour, minute, second) == (23, 59, 60);
    if hour > 23 || minute > 59 || (second > 59 && !is_leap_second) {
        return Err(TimeError::Range);
    }
    let days = days_from_date(year, month, day).ok_or(TimeError::Range)?;
    let seconds = days * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second;
    seconds
        .checked_mul(NS_PER_SECOND)
        .and_then(|ns| ns.checked_add(fraction_ns))
        .ok_or(TimeError::Range)
}

/// Writes an instant; returns the length in bytes: 17, 21, 24 or 27. Digits beyond the precision
/// are cut off.
pub fn write_utc_timestamp(
    ns: u64,
    precision: Precision,
    into: &mut [u8; TIMESTAMP_BYTES_MAX],
) -> usize {
    let seconds = ns / NS_PER_SECOND;
    let (year, month, day) = date_from_days(seconds / SECONDS_PER_DAY);
    let in_day = seconds % SECONDS_PER_DAY;
    let pair = |value: u64| {
        let value = u8::try_from(value).unwrap_or(0);
        [b'0' + value / 10, b'0' + value % 10]
    };
    let eight = |value: u64| digits::eight(u32::try_from(value).unwrap_or(0)).to_le_bytes();
    let fraction = ns % NS_PER_SECOND;
    let [y1, y2, y3, y4, mo1, mo2, d1, d2] = eight(year * 10_000 + month * 100 + day);
    let ([h1, h2], [mi1, mi2]) = (pair(in_day / 3_600), pair(in_day / 60 % 60));
    let ([s1, s2], [_, f1]) = (pair(in_day % 60), pair(fraction / 100_000_000));
    let [f2, f3, f4, f5, f6, f7, f8, f9] = eight(fraction % 100_000_000);
    *into = [
        y1, y2, y3, y4, mo1, mo2, d1, d2, b'-', h1, h2, b':', mi1, mi2, b':', s1, s2, b'.', f1, f2,
        f3, f4, f5, f6, f7, f8, f9,
    ];
    match precision {
        Precision::Seconds => 17,
        Precision::Milliseconds => 21,
        Precision::Microseconds => 24,
        Precision::Nanoseconds => 27,
    }
}

/// Days from the epoch to a date of the Gregorian calendar, `None` before 1970 or where there is no
/// such date.
#[must_use]
pub fn days_from_date(year: u64, month: u64, day: u64) -> Option<u64> {
    let is_leap_year =
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let month_days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year => 29,
        2 => 28,
        _ => return None,
    };
    if year < 1970 || !(1..=month_days).contains(&day) {
        return None;
    }
    // Years are counted from March, so that the leap day is the last of its year and months follow
    // a straight line.
    let (march_year, march_month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let days = march_year * 365 + march_year / 4 - march_year / 100 + march_year / 400;
    Some(days + day_of_year - DAYS_TO_EPOCH)
}

/// Days from 1 March of year 0 to the epoch.
const DAYS_TO_EPOCH: u64 = 719_468;

/// The date (year, month, day) so many days after the epoch.
#[must_use]
pub fn date_from_days(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_TO_EPOCH;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

fn fraction_ns(decimals: &[u8]) -> Result<u64, TimeError> {
    let number = |text: &[u8]| digits::read_short(text).map(u64::from);
    let ns = match decimals {
        [] => Some(0),
        [b'.', milliseconds @ ..] if milliseconds.len() == 3 => {
            number(milliseconds).map(|number| number * 1_000_000)
        }
        [b'.', microseconds @ ..] if microseconds.len() == 6 => {
            number(microseconds).map(|number| number * 1_000)
        }
        [b'.', first @ b'0'..=b'9', eight @ ..] if eight.len() == 8 => {
            number(eight).map(|number| number + u64::from(first - b'0') * 100_000_000)
        }
        _ => None,
    };
    ns.ok_or(TimeError::Format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

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

    #[test]
    fn a_leap_second_is_the_next_days_first() {
        let parse = |text: &str| parse_utc_timestamp(text.as_bytes());
        assert_eq!(parse("20161231-23:59:60"), parse("20170101-00:00:00"));
        assert_eq!(
            parse("20161231-23:59:60.999"),
            parse("20170101-00:00:00.999")
        );
        for text in [
            "20161231-23:58:60",
            "20161231-00:00:60",
            "20161231-23:59:61",
        ] {
            assert_eq!(parse(text), Err(TimeError::Range), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_timestamp() {
        for (text, error) in [
            ("", TimeError::Format),
            ("20261123", TimeError::Format),
            ("20261123-00:12:3", TimeError::Format),
            ("20261123-00:12:33.", TimeError::Format),
            ("20261123-00:12:33.1", TimeError::Format),
            ("20261123-00:12:33.1234", TimeError::Format),
            ("20261123-00:12:33.1234567890", TimeError::Format),
            ("20261123-00:12:33.12a", TimeError::Format),
            ("20261123-00:12:33Z", TimeError::Format),
            ("20261123 00:12:33", TimeError::Format),
            ("2026112a-00:12:33", TimeError::Format),
            ("20261123-00-12-33", TimeError::Format),
            ("+0261123-00:12:33", TimeError::Format),
            ("20261123-00:12:33.000\0", TimeError::Format),
            ("20260001-00:00:00", TimeError::Range),
            ("20261301-00:00:00", TimeError::Range),
            ("20261100-00:00:00", TimeError::Range),
            ("20261131-00:00:00", TimeError::Range),
            ("20260229-00:00:00", TimeError::Range),
            ("21000229-00:00:00", TimeError::Range),
            ("20261123-24:00:00", TimeError::Range),
            ("20261123-00:60:00", TimeError::Range),
            ("19691231-23:59:59", TimeError::Range),
            ("00000101-00:00:00", TimeError::Range),
            ("25540721-23:34:33.709551616", TimeError::Range),
            ("25540722-00:00:00", TimeError::Range),
            ("99991231-23:59:59", TimeError::Range),
        ] {
            assert_eq!(parse_utc_timestamp(text.as_bytes()), Err(error), "{text}");
        }
    }

    #[test]
    fn every_day_is_one_after_the_day_before() {
        let mut before = (1969, 12, 31);
        for days in 0..=213_503 {
            let (year, month, day) = date_from_days(days);
            assert_eq!(days_from_date(year, month, day), Some(days));
            let is_next = match (year - before.0, before) {
                (0, (_, month_before, day_before)) if month == month_before => {
                    day == day_before + 1
                }
                (0, (_, month_before, _)) => month == month_before + 1 && day == 1,
                (1, (_, 12, 31)) => (month, day) == (1, 1),
                _ => false,
            };
            assert!(is_next, "{before:?} {year}-{month}-{day}");
            before = (year, month, day);
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
