//! Every reader against an obvious twin, on texts from a seed: numbers by 128-bit arithmetic, dates
//! by counting, and every text also with one byte changed, added or lost.
//!
//! `GWANMUN_VALUES` sets how many texts each reader is given; `GWANMUN_SEED` the seed. The slice
//! that runs without is small.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers from a seed"
)]

use super::*;
use crate::digits::Value;
use crate::testing::Random;
use crate::time::DateCache;

fn rounds() -> u64 {
    match std::env::var("GWANMUN_VALUES") {
        Ok(rounds) => rounds.parse().expect("GWANMUN_VALUES is a number"),
        Err(_) => 200_000,
    }
}

/// Digits with a point in three of four, zeros in front or behind in some, seldom very long ones.
fn number_text(random: &mut Random, text: &mut Vec<u8>) {
    text.clear();
    let longest = *random.pick(&[2, 5, 9, 12, 16, 18, 20, 45]);
    let length = 1 + random.below(longest);
    let alphabet = *random.pick::<&[u8]>(&[b"0123456789", b"0", b"9", b"05", b"12345678"]);
    for _ in 0..length {
        text.push(*random.pick(alphabet));
    }
    if random.below(4) != 0 {
        let at = random.below(text.len() as u64 + 1) as usize;
        text.insert(at, b'.');
    }
    if random.below(3) == 0 {
        text.insert(0, b'-');
    }
}

/// Half of the texts as they are, the others with one byte that may not belong there.
fn mutate(random: &mut Random, text: &mut Vec<u8>) {
    let near = b"0123456789.-+:/ ZwNe,\0\x01\x7f\x80\xff";
    let byte = *random.pick(near);
    let at = random.below(text.len() as u64 + 1) as usize;
    match random.below(8) {
        0 => text.insert(at, byte),
        1 if at < text.len() => text[at] = byte,
        2 if at < text.len() => text[at] = (random.next() & 0xFF) as u8,
        3 if at < text.len() => drop(text.remove(at)),
        _ => {}
    }
}

/// The text as a fraction over a power of ten, `None` where it is no decimal or has more than 38
/// digits that count.
fn plain_decimal(text: &[u8]) -> Option<(i128, u32)> {
    let text = std::str::from_utf8(text).ok()?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{behind}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let behind = behind.trim_end_matches('0');
    let kept = format!("{whole}{behind}");
    let kept = kept.trim_start_matches('0');
    let magnitude: i128 = match kept {
        "" => 0,
        _ => kept.parse().ok()?,
    };
    Some((sign * magnitude, behind.len() as u32))
}

fn is_plain_decimal(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let points = digits.iter().filter(|&&byte| byte == b'.').count();
    let others = digits.iter().filter(|&&byte| byte != b'.');
    points <= 1 && digits.len() > points && others.clone().all(u8::is_ascii_digit)
}

fn check_fault<T>(text: &[u8], is_format: bool, got: &Result<T, ValueError>) {
    let Err(error) = got else {
        panic!("{:?} was read", text.escape_ascii().to_string());
    };
    let expected = if is_format {
        ValueFault::Format
    } else {
        ValueFault::Range
    };
    let shown = text.escape_ascii();
    assert_eq!(error.fault, expected, "{shown}");
    assert!(usize::from(error.at) <= text.len(), "{shown}: {error:?}");
    // Up to the place told, a wrong form is the beginning of a right one.
    if is_format {
        let front = &text[..error.at.into()];
        assert!(
            is_plain_decimal(&[front, b"1"].concat()),
            "{shown}: {error:?}"
        );
    }
}

#[test]
fn decimals_are_exact_or_refused() {
    let mut random = Random::seeded(11);
    let mut text = Vec::new();
    for _ in 0..rounds() {
        number_text(&mut random, &mut text);
        mutate(&mut random, &mut text);
        let scale = random.below(21) as u32;
        let exact = plain_decimal(&text).and_then(|(magnitude, decimals)| {
            let power = 10_i128.checked_pow(scale.checked_sub(decimals)?)?;
            i64::try_from(magnitude.checked_mul(power)?).ok()
        });
        let got = decimal::parse_scaled(&text, scale);
        // The same text with other bytes in front of it, as in a message.
        let mut message = vec![*random.pick(b"0.-9\x01=\0\xff"); 16];
        message.extend_from_slice(&text);
        let value = Value::between(&message, 16, message.len()).unwrap();
        assert_eq!(decimal::scaled(value, scale), got);
        match exact {
            Some(exact) => assert_eq!(got, Ok(exact), "{}", text.escape_ascii()),
            None => check_fault(&text, !is_plain_decimal(&text), &got),
        }
        check_as_written(&text, value);
        check_integers(&text, value);
    }
}

fn check_as_written(text: &[u8], value: Value<'_>) {
    let got = Decimal::parse(text);
    assert_eq!(decimal::as_written(value), got);
    let Ok(Decimal { mantissa, decimals }) = got else {
        let held = text.iter().filter(|byte| byte.is_ascii_digit()).count();
        assert!(
            !is_plain_decimal(text) || held > 18,
            "{}",
            text.escape_ascii()
        );
        return;
    };
    assert!(is_plain_decimal(text));
    let behind = text.iter().rev().position(|&byte| byte == b'.');
    assert_eq!(usize::from(decimals), behind.unwrap_or(0));
    let digits: Vec<u8> = text.iter().copied().filter(|&byte| byte != b'.').collect();
    let plain: i128 = String::from_utf8(digits).unwrap().parse().unwrap();
    assert_eq!(i128::from(mantissa), plain);
}

fn check_integers(text: &[u8], value: Value<'_>) {
    let is_int = is_plain_decimal(text) && !text.contains(&b'.');
    let exact: Option<i128> = std::str::from_utf8(text)
        .ok()
        .filter(|_| is_int)
        .and_then(|text| text.parse().ok());
    let uint = integer::parse_uint(text);
    assert_eq!(integer::uint(value), uint);
    match exact.filter(|_| !text.starts_with(b"-")).map(u64::try_from) {
        Some(Ok(exact)) => assert_eq!(uint, Ok(exact)),
        _ => check_fault(text, !is_int, &uint),
    }
    let int = integer::parse_int(text);
    assert_eq!(integer::int(value), int);
    match exact.map(i64::try_from) {
        Some(Ok(exact)) => assert_eq!(int, Ok(exact)),
        _ => check_fault(text, !is_int, &int),
    }
}

/// Days from the epoch by counting years and months; `None` for a day that there is not.
fn plain_days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = |year| {
        let february = if is_leap(year) { 29 } else { 28 };
        [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    };
    let days_of = |years: std::ops::Range<i64>| -> i64 {
        years
            .map(|year| if is_leap(year) { 366 } else { 365 })
            .sum()
    };
    let years = if year < 1970 {
        -days_of(year..1970)
    } else {
        days_of(1970..year)
    };
    let month_length = *lengths(year).get(usize::try_from(month - 1).ok()?)?;
    if !(1..=month_length).contains(&day) {
        return None;
    }
    let months: i64 = lengths(year)[..(month - 1) as usize].iter().sum();
    Some(years + months + day - 1)
}

/// A UTCTimestamp as it should be read: nanoseconds, or whether the form is wrong.
fn plain_timestamp(text: &[u8]) -> Result<u64, ValueFault> {
    let shape: Vec<u8> = text
        .iter()
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte })
        .collect();
    let whole = b"00000000-00:00:00";
    let decimals = match shape.strip_prefix(whole) {
        Some(b"") => 0,
        Some(b".000") => 3,
        Some(b".000000") => 6,
        Some(b".000000000") => 9,
        Some(b".000000000000") => return Err(ValueFault::Range),
        _ => return Err(ValueFault::Format),
    };
    let number = |from: usize, to: usize| -> i64 {
        std::str::from_utf8(&text[from..to])
            .unwrap()
            .parse()
            .unwrap()
    };
    let (hour, minute, second) = (number(9, 11), number(12, 14), number(15, 17));
    let days = plain_days(number(0, 4), number(4, 6), number(6, 8)).ok_or(ValueFault::Range)?;
    let is_leap_second = (hour, minute, second) == (23, 59, 60);
    if hour > 23 || minute > 59 || (second > 59 && !is_leap_second) {
        return Err(ValueFault::Range);
    }
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    let fraction = if decimals == 0 {
        0
    } else {
        number(18, text.len()) * 10_i64.pow(9 - decimals)
    };
    let ns = i128::from(seconds) * 1_000_000_000 + i128::from(fraction);
    u64::try_from(ns).map_err(|_| ValueFault::Range)
}

fn timestamp_text(random: &mut Random) -> Vec<u8> {
    let edge = random.below(4) == 0;
    let mut part = |below: u64, edges: &[u64]| {
        if edge {
            *random.pick(edges)
        } else {
            random.below(below)
        }
    };
    let year = part(10_000, &[0, 1969, 1970, 1999, 2000, 2024, 2100, 2554, 9999]);
    // Most years of the whole range are refused; three in four are made near enough to be read.
    let year = if edge || year % 4 == 0 {
        year
    } else {
        1970 + year % 584
    };
    let month = part(13, &[0, 1, 2, 12, 13, 99]);
    let day = part(32, &[0, 1, 28, 29, 30, 31, 32, 99]);
    let hour = part(24, &[0, 23, 24, 99]);
    let minute = part(60, &[0, 59, 60, 99]);
    let second = part(60, &[0, 59, 60, 61, 99]);
    let fraction = format!("{:012}", part(1_000_000_000_000, &[0, 999_999_999_999]));
    let decimals = *random.pick(&[0, 3, 6, 9, 9, 3, 1, 12]);
    let mut text = format!("{year:04}{month:02}{day:02}-{hour:02}:{minute:02}:{second:02}");
    if decimals > 0 {
        text.push('.');
        text.push_str(&fraction[..decimals]);
    }
    text.into_bytes()
}

#[test]
fn timestamps_are_exact_or_refused() {
    let mut random = Random::seeded(12);
    let mut dates = DateCache::new();
    for _ in 0..rounds() {
        let mut text = timestamp_text(&mut random);
        mutate(&mut random, &mut text);
        let expected = plain_timestamp(&text);
        // Twice with the cache: the second time it may have the date.
        for got in [
            utc_timestamp::parse_utc_timestamp(&text),
            dates.read(&text),
            dates.read(&text),
        ] {
            let shown = text.escape_ascii();
            assert_eq!(got.map_err(|error| error.fault), expected, "{shown}");
        }
        check_time_and_date(&text);
    }
}

/// The parts of a timestamp read as types of their own agree with it.
fn check_time_and_date(text: &[u8]) {
    let Some((date, time)) = text.split_at_checked(8) else {
        return;
    };
    let Some((b'-', time)) = time.split_first() else {
        return;
    };
    let (date, time) = (Date::parse(date), utc_time_only::parse(time));
    let stamp = utc_timestamp::parse_utc_timestamp(text);
    let zoned = TzTimestamp::parse(&[text, b"Z"].concat());
    if let (Ok(date), Ok(time)) = (date, time) {
        let ns = i128::from(date.days_since_epoch()) * 86_400_000_000_000 + i128::from(time);
        assert_eq!(
            stamp.ok(),
            u64::try_from(ns).ok(),
            "{}",
            text.escape_ascii()
        );
    } else {
        assert!(stamp.is_err());
    }
    match stamp {
        Ok(utc_ns) => assert_eq!(zoned.map(|zoned| zoned.utc_ns), Ok(utc_ns)),
        Err(_) => assert!(zoned.is_err()),
    }
}

#[test]
fn nothing_panics_on_any_bytes() {
    let mut random = Random::seeded(13);
    for _ in 0..rounds() / 4 {
        let length = random.below(40) as usize;
        let alphabet = *random.pick::<&[u8]>(&[b"0123456789.-:+Zw ", b"\0\x01\x7f\x80\xff0-"]);
        let text: Vec<u8> = (0..length).map(|_| *random.pick(alphabet)).collect();
        let within = |result: Result<(), ValueError>| {
            if let Err(error) = result {
                assert!(
                    usize::from(error.at) <= text.len(),
                    "{}",
                    text.escape_ascii()
                );
            }
        };
        within(MonthYear::parse(&text).map(drop));
        within(Date::parse(&text).map(drop));
        within(TzTimestamp::parse(&text).map(drop));
        within(TzTime::parse(&text).map(drop));
        within(utc_time_only::parse(&text).map(drop));
        within(character::parse_boolean(&text).map(drop));
        within(text::parse_currency(&text).map(drop));
        if let Ok(values) = Values::parse(&text) {
            let joined = values.collect::<Vec<_>>().join(&b' ');
            assert_eq!(joined, text);
        }
        if let Ok(values) = Characters::parse(&text) {
            assert_eq!(values.count(), text.len() / 2 + 1);
        }
    }
}
