//! Whether a text is of a data type, by the standard library alone.

use crate::dictionary::DataType;

/// `None` for another form, `Some(false)` for a value that does not exist.
pub(super) fn is_of_type(data_type: DataType, text: &str) -> Option<bool> {
    let when = |holds: bool| holds.then_some(true);
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    match data_type {
        DataType::Text | DataType::Data => Some(true),
        DataType::Char => when(text.len() == 1),
        DataType::Boolean => when(text == "Y" || text == "N"),
        DataType::Uint => when(digits(text)),
        DataType::Int => when(digits(text) || text.strip_prefix('-').is_some_and(digits)),
        DataType::Decimal => {
            let text = text.strip_prefix('-').unwrap_or(text);
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            when(digits(&format!("{whole}{fraction}")))
        }
        DataType::DayOfMonth => (digits(text) && text.len() < 3)
            .then(|| (1..32).contains(&text.parse::<u32>().unwrap())),
        DataType::Values => when(!text.split(' ').any(str::is_empty)),
        DataType::Currency => {
            when(text.len() == 3 && text.chars().all(|c| c.is_ascii_alphanumeric()))
        }
        DataType::Country | DataType::Language => {
            when(text.len() == 2 && text.chars().all(|c| c.is_ascii_alphabetic()))
        }
        DataType::Date => date(text),
        DataType::MonthYear => match text.split_once('w') {
            Some((month, week)) => {
                let (month, week) = (month_of(month)?, fixed(week, 1)?);
                Some(month && (1..6).contains(&week))
            }
            None if text.len() == 8 => date(text),
            None => month_of(text),
        },
        DataType::UtcTimeOnly => time(text, true),
        DataType::LocalMktTime => time(text, false),
        DataType::UtcTimestamp => {
            let (day, rest) = text.split_once('-')?;
            // The time is looked at only if the form of both is right.
            let (day_exists, time) = (date(day)?, time(rest, true)?);
            let year = day[..4].parse::<u32>().unwrap();
            Some(day_exists && time && (1970..2554).contains(&year))
        }
        DataType::TzTimeOnly => zoned(text),
        DataType::TzTimestamp => {
            let (day, rest) = text.split_at_checked(8)?;
            let rest = rest.strip_prefix('-')?;
            let at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
            let rest_exists = match rest[..at].len() {
                5 => zoned(rest),
                _ => zone(&rest[at..]).and_then(|zone| Some(time(&rest[..at], true)? && zone)),
            };
            // What is wrong first decides: the date, then the zone, then the time.
            match (date(day), zone(&rest[at..])) {
                (Some(true), Some(true)) => rest_exists,
                (Some(true), zone) => zone,
                (date, _) => date,
            }
        }
    }
}

fn zoned(text: &str) -> Option<bool> {
    let at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let whole = match at {
        5 => format!("{}:00", &text[..at]),
        _ => text[..at].to_owned(),
    };
    match zone(&text[at..]) {
        Some(true) => time(&whole, false),
        other => other,
    }
}

fn zone(text: &str) -> Option<bool> {
    if text.is_empty() || text == "Z" {
        return Some(true);
    }
    let (hours, minutes) = text[1..].split_once(':').unwrap_or((&text[1..], "00"));
    let (hours, minutes) = (fixed(hours, 2)?, fixed(minutes, 2)?);
    (!text.starts_with('Z')).then_some(minutes < 60 && 60 * hours + minutes <= 840)
}

fn fixed(text: &str, length: usize) -> Option<u32> {
    let is_number = text.len() == length && text.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| text.parse().unwrap())
}

fn month_of(text: &str) -> Option<bool> {
    Some((1..13).contains(&(fixed(text, 6)? % 100)))
}

fn date(text: &str) -> Option<bool> {
    let number = fixed(text, 8)?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = [
        31,
        28 + u32::from(leap),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let days = month
        .checked_sub(1)
        .and_then(|month| days.get(month as usize));
    Some(days.is_some_and(|days| (1..=*days).contains(&day)))
}

fn time(text: &str, decimals: bool) -> Option<bool> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if decimals => (whole, Some(fraction)),
        Some(_) => return None,
        None => (text, None),
    };
    if let Some(fraction) = fraction {
        [3, 6, 9]
            .into_iter()
            .find_map(|length| fixed(fraction, length))?;
    }
    let parts: Vec<_> = whole.split(':').collect();
    let [hour, minute, second] = parts[..] else {
        return None;
    };
    let (hour, minute, second) = (fixed(hour, 2)?, fixed(minute, 2)?, fixed(second, 2)?);
    let leap = (hour, minute, second) == (23, 59, 60);
    Some(hour < 24 && minute < 60 && (second < 60 || leap))
}
