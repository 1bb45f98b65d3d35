//! Whether text is of a data type. Numbers are not made here: of any length a number is one.

use crate::dictionary::DataType;
use crate::digits;
use crate::values::utc_time_only::quick as quick_time;
use crate::values::utc_timestamp::parse_utc_timestamp;
use crate::values::{Date, ValueError, ValueFault};

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It is not of the form.
    Format,
    /// It is of the form, but there is no such value.
    Range,
}

/// Looks at a text that is not empty.
#[inline]
pub(super) fn check(data_type: DataType, text: &[u8]) -> Result<(), Wrong> {
    match data_type {
        DataType::Text | DataType::Data => Ok(()),
        DataType::Char => form(text.len() == 1),
        DataType::Boolean => form(matches!(text, b"Y" | b"N")),
        DataType::Uint => form(is_digits(text)),
        DataType::Int => form(is_digits(text.strip_prefix(b"-").unwrap_or(text))),
        DataType::Decimal => form(is_decimal(text)),
        DataType::UtcTimestamp => fits(parse_utc_timestamp(text)),
        DataType::UtcTimeOnly if quick_time(text).is_some() => Ok(()),
        _ => check_rare(data_type, text),
    }
}

fn check_rare(data_type: DataType, text: &[u8]) -> Result<(), Wrong> {
    match data_type {
        DataType::DayOfMonth => match text {
            [b'0'..=b'9'] | [b'0'..=b'9', b'0'..=b'9'] => {
                range(digits::read_short(text).is_some_and(|day| (1..=31).contains(&day)))
            }
            _ => Err(Wrong::Format),
        },
        DataType::Values => form(text.split(|&byte| byte == b' ').all(|one| !one.is_empty())),
        DataType::Currency => form(text.len() == 3 && text.iter().all(u8::is_ascii_alphanumeric)),
        DataType::Country | DataType::Language => {
            form(text.len() == 2 && text.iter().all(u8::is_ascii_alphabetic))
        }
        DataType::Date => date(text),
        DataType::MonthYear => month_year(text),
        DataType::UtcTimeOnly => utc_time_only(text),
        DataType::LocalMktTime => time_of_day(text),
        DataType::TzTimeOnly => {
            let (time, zone) = split_zone(text);
            offset(zone)?;
            short_time(time)
        }
        DataType::TzTimestamp => {
            let (day, rest) = text.split_at_checked(9).ok_or(Wrong::Format)?;
            date(day.strip_suffix(b"-").ok_or(Wrong::Format)?)?;
            let (time, zone) = split_zone(rest);
            offset(zone)?;
            match time.len() {
                5 => short_time(time),
                _ => utc_time_only(time),
            }
        }
        _ => Ok(()),
    }
}

/// What a reader of [`crate::values`] says.
fn fits<T>(read: Result<T, ValueError>) -> Result<(), Wrong> {
    match read.map_err(|error| error.fault) {
        Ok(_) => Ok(()),
        Err(ValueFault::Format) => Err(Wrong::Format),
        Err(ValueFault::Range) => Err(Wrong::Range),
    }
}

fn form(holds: bool) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(Wrong::Format) }
}

fn range(holds: bool) -> Result<(), Wrong> {
    if holds { Ok(()) } else { Err(Wrong::Range) }
}

/// One digit or more and nothing else.
#[inline]
fn is_digits(text: &[u8]) -> bool {
    match digits::read_short(text) {
        Some(_) => true,
        None => text.len() > 8 && text.iter().all(u8::is_ascii_digit),
    }
}

/// An optional minus, digits, at most one point among or around them.
#[inline]
fn is_decimal(text: &[u8]) -> bool {
    if digits::read_short(text).is_some() {
        return true;
    }
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (mut digits, mut points) = (0_usize, 0_usize);
    for byte in text {
        digits += usize::from(byte.is_ascii_digit());
        points += usize::from(*byte == b'.');
    }
    digits > 0 && points <= 1 && digits + points == text.len()
}

/// The number of exactly so many digits.
fn number<const N: usize>(text: &[u8]) -> Result<u64, Wrong> {
    let text: &[u8; N] = text.try_into().map_err(|_| Wrong::Format)?;
    digits::read_short(text).map(u64::from).ok_or(Wrong::Format)
}

/// `YYYYMMDD` of any year from 0000.
fn date(text: &[u8]) -> Result<(), Wrong> {
    fits(Date::parse(text))
}

/// `YYYYMM`, `YYYYMMDD` or `YYYYMMwN`.
fn month_year(text: &[u8]) -> Result<(), Wrong> {
    match *text {
        [ref month @ .., b'w', week @ b'0'..=b'9'] => {
            year_month(month)?;
            range((b'1'..=b'5').contains(&week))
        }
        _ if text.len() == 8 => date(text),
        _ => year_month(text),
    }
}

fn year_month(text: &[u8]) -> Result<(), Wrong> {
    range((1..=12).contains(&(number::<6>(text)? % 100)))
}

/// `HH:MM:SS`, 60 seconds only in the last minute of a day.
fn time_of_day(text: &[u8]) -> Result<(), Wrong> {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = text else {
        return Err(Wrong::Format);
    };
    let number = number::<6>(&[h1, h2, m1, m2, s1, s2])?;
    let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100);
    let is_leap_second = (hour, minute, second) == (23, 59, 60);
    range(hour < 24 && minute < 60 && (second < 60 || is_leap_second))
}

/// `HH:MM:SS` with no, three, six or nine decimals.
fn utc_time_only(text: &[u8]) -> Result<(), Wrong> {
    let (whole, decimals) = text.split_at_checked(8).ok_or(Wrong::Format)?;
    form(match decimals {
        [] => true,
        [b'.', rest @ ..] => matches!(rest.len(), 3 | 6 | 9) && is_digits(rest),
        _ => false,
    })?;
    time_of_day(whole)
}

/// `HH:MM` or `HH:MM:SS`.
fn short_time(text: &[u8]) -> Result<(), Wrong> {
    match *text {
        [h1, h2, b':', m1, m2] => time_of_day(&[h1, h2, b':', m1, m2, b':', b'0', b'0']),
        _ => time_of_day(text),
    }
}

/// A time and what stands behind it from `Z`, `+` or `-` on.
fn split_zone(text: &[u8]) -> (&[u8], &[u8]) {
    let zone = text.iter().position(|byte| b"Z+-".contains(byte));
    text.split_at_checked(zone.unwrap_or(text.len()))
        .unwrap_or((text, &[]))
}

/// Nothing, `Z`, `+hh` or `+hh:mm`, at most 14 hours (the world's easternmost).
fn offset(zone: &[u8]) -> Result<(), Wrong> {
    let (hours, minutes) = match *zone {
        [] | [b'Z'] => return Ok(()),
        [b'+' | b'-', h1, h2] => ([h1, h2], [b'0', b'0']),
        [b'+' | b'-', h1, h2, b':', m1, m2] => ([h1, h2], [m1, m2]),
        _ => return Err(Wrong::Format),
    };
    let (hours, minutes) = (number::<2>(&hours)?, number::<2>(&minutes)?);
    range(minutes < 60 && hours * 60 + minutes <= 14 * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_all(data_type: DataType, right: &[&str], format: &[&str], range: &[&str]) {
        for text in right {
            assert_eq!(check(data_type, text.as_bytes()), Ok(()), "{text}");
        }
        for text in format {
            let found = check(data_type, text.as_bytes());
            assert_eq!(found, Err(Wrong::Format), "{text}");
        }
        for text in range {
            let found = check(data_type, text.as_bytes());
            assert_eq!(found, Err(Wrong::Range), "{text}");
        }
    }

    #[test]
    fn texts_at_the_edges() {
        let long = "1234567890123456789012345";
        check_all(DataType::Char, &["a", "="], &["ab"], &[]);
        check_all(DataType::Boolean, &["Y", "N"], &["y", "1", "YES"], &[]);
        check_all(
            DataType::Uint,
            &["0", "007", long],
            &["-1", "+1", "1.0", "1 ", "1\0"],
            &[],
        );
        check_all(
            DataType::Int,
            &["0", "-1", "-007", long],
            &["-", "--1", "1-", "1.", "NaN"],
            &[],
        );
        let numbers = [
            "0",
            "-1",
            "5.",
            ".5",
            "-.5",
            "00023.230",
            "1.234567890123",
            long,
        ];
        let others = [
            "", ".", "-", "-.", "1.2.3", "1e5", "+1", "1,0", " 1", "inf", "1-",
        ];
        check_all(DataType::Decimal, &numbers, &others, &[]);
        check_all(
            DataType::DayOfMonth,
            &["1", "31", "09"],
            &["-1", "1a", "001"],
            &["0", "32"],
        );
        check_all(
            DataType::Values,
            &["a", "a bc d"],
            &[" a", "a ", "a  b"],
            &[],
        );
        check_all(
            DataType::Currency,
            &["KRW", "GBp"],
            &["KR", "KRWW", "K W"],
            &[],
        );
        check_all(DataType::Country, &["KR"], &["KOR", "K1"], &[]);
        let none = ["20260229", "20261301", "20260100", "20260132", "21000229"];
        check_all(
            DataType::Date,
            &["20261126", "00000229", "19000228"],
            &["2026112", "2026112a"],
            &none,
        );
        let weeks = ["202611w1", "202611w5"];
        check_all(
            DataType::MonthYear,
            &["202611", "20261126"],
            &["2026", "202611w"],
            &["202613"],
        );
        check_all(
            DataType::MonthYear,
            &weeks,
            &["2026w1"],
            &["202611w0", "202611w6", "202600w1"],
        );
        let times = ["00:00:00", "23:59:60", "09:00:00.123", "09:00:00.123456789"];
        let broken = [
            "09:00",
            "9:00:00",
            "09:00:00.",
            "09:00:00.12",
            "09:00:00.1234",
            "09-00-00",
        ];
        check_all(
            DataType::UtcTimeOnly,
            &times,
            &broken,
            &["24:00:00", "09:60:00", "09:00:60"],
        );
        check_all(
            DataType::LocalMktTime,
            &["09:00:00"],
            &["09:00:00.000", "09:00"],
            &["24:00:00"],
        );
        let zoned = [
            "09:00",
            "09:00:01",
            "09:00Z",
            "09:00:00+09",
            "09:00-03:30",
            "09:00+14:00",
        ];
        let odd = ["09", "09:00+9", "09:00ZZ", "09:00+0900", "Z"];
        check_all(
            DataType::TzTimeOnly,
            &zoned,
            &odd,
            &["09:00+15", "09:00+14:01", "25:00Z"],
        );
        let stamps = [
            "20261126-09:00+09",
            "20261126-09:00:00Z",
            "20261126-09:00:00.123-05",
        ];
        let odd = [
            "20261126",
            "20261126 09:00",
            "20261126-",
            "20261126-09:00:00.1Z",
        ];
        check_all(
            DataType::TzTimestamp,
            &stamps,
            &odd,
            &["20261326-09:00Z", "20261126-24:00Z"],
        );
        check_all(
            DataType::UtcTimestamp,
            &["20261126-09:00:00"],
            &["20261126"],
            &["20261326-09:00:00"],
        );
    }
}
