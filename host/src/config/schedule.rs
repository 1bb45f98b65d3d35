//! When a session is open, and until when its password is good, as an operator writes it.
//!
//! Not in it: the instants that this comes to (`calendar`).

use core::fmt::Write;

use jiff::civil::{Date, Time, Weekday};
use toml::de::DeValue;

use super::SessionConfig;
use super::calendar::{Expiry, Hours, Plan, Zone};
use super::error::Problem;
use super::read::{self, Expected, Section};
use super::values::{Word, word_of};

/// Of the market.
const ZONE_DEFAULT: &str = "Asia/Seoul";

impl Word for Weekday {
    const WORDS: &'static [(&'static str, Weekday)] = &[
        ("mon", Weekday::Monday),
        ("tue", Weekday::Tuesday),
        ("wed", Weekday::Wednesday),
        ("thu", Weekday::Thursday),
        ("fri", Weekday::Friday),
        ("sat", Weekday::Saturday),
        ("sun", Weekday::Sunday),
    ];
}

/// `time_zone`, the market's unless it is said.
pub(super) fn zone(section: &Section<'_>, problems: &mut Vec<Problem>) -> Zone {
    let named = section.optional("time_zone", problems, |value| {
        let name = if let DeValue::String(name) = value {
            name.as_ref()
        } else {
            ""
        };
        Zone::named(name).ok_or_else(|| {
            "a zone of the IANA database, like \"Asia/Seoul\", \"Europe/London\" or \"UTC\"".into()
        })
    });
    let named = named.or_else(|| Zone::named(ZONE_DEFAULT));
    named.unwrap_or(Zone::UTC)
}

/// `password_expires`.
pub(super) fn expiry(
    section: &Section<'_>,
    (zone, has_password): (&Zone, bool),
    problems: &mut Vec<Problem>,
) -> Option<Expiry> {
    let date = section.optional("password_expires", problems, |value| {
        let expected = || "a date without quotes, like 2026-12-31: the last day of the password";
        let DeValue::Datetime(given) = value else {
            return Err(expected().into());
        };
        let date = given
            .date
            .filter(|_| given.time.is_none() && given.offset.is_none());
        date.and_then(date_of).ok_or_else(|| expected().into())
    })?;
    if !has_password {
        let message = "`password_expires` stands without `password`".to_owned();
        let remedy = "set both, or take this one out";
        section.refuse("password_expires", message, remedy, problems);
    }
    Expiry::of(date, zone)
}

fn date_of(given: toml::value::Date) -> Option<Date> {
    let year = i16::try_from(given.year).ok()?;
    let (month, day) = (
        i8::try_from(given.month).ok()?,
        i8::try_from(given.day).ok()?,
    );
    let date = Date::new(year, month, day).ok()?;
    (1970..=2500).contains(&year).then_some(date)
}

/// Keys of a plan that ends.
const ENDING: [&str; 5] = ["start_time", "end_time", "weekdays", "start_day", "end_day"];

/// The session's hours, if it has any.
pub(super) fn hours(
    section: &Section<'_>,
    zone: &Zone,
    problems: &mut Vec<Problem>,
) -> Option<Hours> {
    let is_non_stop = section.optional("non_stop", problems, read::boolean);
    // What a session says itself goes before what all say.
    let has_own_hours = ENDING.iter().any(|key| section.has_own(key));
    let counts = section.has_own("non_stop") || !has_own_hours;
    let plan = if counts && is_non_stop == Some(true) {
        non_stop(section, problems)
    } else {
        ending(section, problems)
    };
    plan.map(|plan| Hours::new(plan, zone.clone()))
}

fn non_stop(section: &Section<'_>, problems: &mut Vec<Problem>) -> Option<Plan> {
    for key in ENDING.iter().filter(|key| section.has_own(key)) {
        let message = format!("`{key}` stands beside `non_stop = true`");
        section.refuse(
            key,
            message,
            "a session without end has no hours: take one out",
            problems,
        );
    }
    let reset_time = section.optional("reset_time", problems, time);
    let resets_anyway = section.optional("reset_on_logon", &mut Vec::new(), read::boolean);
    if reset_time.is_some() && resets_anyway == Some(true) {
        let message = "`reset_time` stands beside `reset_on_logon = true`".to_owned();
        let remedy = "a Logon may reset at any time then: take one out";
        section.refuse("reset_time", message, remedy, problems);
    }
    Some(Plan::NonStop(reset_time))
}

fn ending(section: &Section<'_>, problems: &mut Vec<Problem>) -> Option<Plan> {
    if section.has_own("reset_time") {
        let message = "`reset_time` stands without `non_stop = true`".to_owned();
        let remedy = "a session with hours is reset between two of its windows: take it out";
        section.refuse("reset_time", message, remedy, problems);
    }
    let start = section.optional("start_time", problems, time);
    let end = section.optional("end_time", problems, time);
    let start_day = section.optional("start_day", problems, read::word);
    let end_day = section.optional("end_day", problems, read::word);
    let weekdays = section.optional("weekdays", problems, weekdays);
    if !ENDING.iter().any(|key| section.has(key)) {
        return None;
    }
    for (key, other) in [
        ("start_time", "end_time"),
        ("end_time", "start_time"),
        ("start_day", "end_day"),
        ("end_day", "start_day"),
        ("weekdays", "start_time"),
        ("start_day", "start_time"),
    ] {
        if section.has(key) && !section.has(other) {
            let message = format!("`{key}` stands without `{other}`");
            section.refuse(key, message, "hours need both", problems);
        }
    }
    if section.has("weekdays") && section.has("start_day") {
        let message = "`weekdays` stands beside `start_day`".to_owned();
        let remedy = "`weekdays` is for hours of each day, `start_day` for one window a week";
        section.refuse("weekdays", message, remedy, problems);
    }
    let (start, end) = start.zip(end)?;
    Some(match start_day.zip(end_day) {
        Some((start_day, end_day)) => Plan::Weekly {
            start: (start_day, start),
            end: (end_day, end),
        },
        None => Plan::Daily {
            start,
            end,
            weekdays: weekdays.unwrap_or_default(),
        },
    })
}

/// `HH:MM:SS`.
fn time(value: &DeValue<'_>) -> Result<Time, Expected> {
    let text = if let DeValue::String(text) = value {
        text.as_bytes()
    } else {
        b""
    };
    let number = |tens: u8, ones: u8| {
        let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        are_digits.then(|| (tens - b'0').wrapping_mul(10).wrapping_add(ones - b'0'))
    };
    let parsed = match *text {
        [h1, h2, b':', m1, m2, b':', s1, s2] => number(h1, h2)
            .zip(number(m1, m2))
            .zip(number(s1, s2))
            .filter(|((hours, minutes), seconds)| *hours < 24 && *minutes < 60 && *seconds < 60),
        _ => None,
    };
    let small = |number: u8| i8::try_from(number).unwrap_or_default();
    let parsed = parsed.and_then(|((hours, minutes), seconds)| {
        Time::new(small(hours), small(minutes), small(seconds), 0).ok()
    });
    parsed.ok_or_else(|| "a time from \"00:00:00\" to \"23:59:59\"".into())
}

fn weekdays(value: &DeValue<'_>) -> Result<Vec<Weekday>, Expected> {
    let expected = || "a list of days, each once, like [\"mon\", \"tue\"]".to_owned();
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let mut days: Vec<Weekday> = Vec::new();
    for day in array.iter() {
        let day = read::word(day.get_ref())?;
        if days.contains(&day) {
            return Err(expected());
        }
        days.push(day);
    }
    if days.is_empty() {
        Err(expected())
    } else {
        Ok(days)
    }
}

/// The keys of this file as TOML.
pub(super) fn write(session: &SessionConfig, text: &mut String) -> core::fmt::Result {
    writeln!(text, "time_zone = \"{}\"", session.time_zone.name())?;
    if let Some(expiry) = session.password_expires {
        writeln!(text, "password_expires = {}", expiry.date())?;
    }
    let clock = |time: &Time| time.strftime("%H:%M:%S").to_string();
    match session.hours.as_ref().map(|hours| &hours.plan) {
        None => Ok(()),
        Some(Plan::NonStop(reset_time)) => {
            writeln!(text, "non_stop = true")?;
            match reset_time {
                Some(time) => writeln!(text, "reset_time = \"{}\"", clock(time)),
                None => Ok(()),
            }
        }
        Some(Plan::Daily {
            start,
            end,
            weekdays,
        }) => {
            writeln!(text, "start_time = \"{}\"", clock(start))?;
            writeln!(text, "end_time = \"{}\"", clock(end))?;
            let days = weekdays.iter().map(|day| format!("\"{}\"", word_of(*day)));
            let days: Vec<String> = days.collect();
            if days.is_empty() {
                return Ok(());
            }
            writeln!(text, "weekdays = [{}]", days.join(", "))
        }
        Some(Plan::Weekly { start, end }) => {
            writeln!(text, "start_day = \"{}\"", word_of(start.0))?;
            writeln!(text, "start_time = \"{}\"", clock(&start.1))?;
            writeln!(text, "end_day = \"{}\"", word_of(end.0))?;
            writeln!(text, "end_time = \"{}\"", clock(&end.1))
        }
    }
}
