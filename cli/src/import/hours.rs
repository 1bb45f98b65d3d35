//! The hours of a session: QuickFIX's StartTime and its companions in our words.
//!
//! QuickFIX requires StartTime and EndTime of every session; both at 00:00:00 are a session that is
//! reset at each midnight, which is carried over as that. Its zone is UTC unless TimeZone says
//! another. Whether the zone is one is the gateway's to judge.

use super::session::Reader;

/// Days as they begin in QuickFIX's words, and ours.
const DAYS: [(&str, &str); 7] = [
    ("mo", "mon"),
    ("tu", "tue"),
    ("we", "wed"),
    ("th", "thu"),
    ("fr", "fri"),
    ("sa", "sat"),
    ("su", "sun"),
];
const TIME: &str = "HH:MM:SS, without a zone of its own: that is TimeZone's";
const DAY: &str = "a day of the week";

/// When a session is open, as lines of our file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hours {
    pub(super) lines: Vec<String>,
}

/// The hours of a session; none where it has none, or where they make no sense together.
pub(super) fn read(reader: &mut Reader<'_>) -> Hours {
    let yes_or_no = |text: &str| match text {
        "Y" | "y" => Some(true),
        "N" | "n" => Some(false),
        _ => None,
    };
    let start = reader.value("StartTime", TIME, time);
    let end = reader.value("EndTime", TIME, time);
    let days = (
        reader.value("StartDay", DAY, day),
        reader.value("EndDay", DAY, day),
    );
    let weekdays = reader.value("Weekdays", "days of the week with commas", |text| {
        text.split(',').map(day).collect::<Option<Vec<_>>>()
    });
    let zone = reader.value("TimeZone", "the name of a zone", |text| {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        (!text.is_empty() && text.bytes().all(is_fit)).then(|| text.to_owned())
    });
    let zone = zone.unwrap_or_else(|| "UTC".to_owned());
    let zone = format!("time_zone = \"{zone}\"");
    if reader.value("NonStopSession", "Y or N", yes_or_no) == Some(true) {
        return Hours {
            lines: vec![zone, "non_stop = true".to_owned()],
        };
    }
    let Some((start, end)) = start.zip(end) else {
        return Hours::default();
    };
    let mut lines = vec![
        zone,
        format!("start_time = \"{start}\""),
        format!("end_time = \"{end}\""),
    ];
    match days {
        (Some(start_day), Some(end_day)) => {
            lines.push(format!("start_day = \"{start_day}\""));
            lines.push(format!("end_day = \"{end_day}\""));
        }
        (None, None) => {
            let days = weekdays.unwrap_or_default();
            let days: Vec<String> = days.iter().map(|day| format!("\"{day}\"")).collect();
            if !days.is_empty() {
                lines.push(format!("weekdays = [{}]", days.join(", ")));
            }
        }
        (Some(_), None) => reader.refuse("StartDay", "it stands without EndDay"),
        (None, Some(_)) => reader.refuse("EndDay", "it stands without StartDay"),
    }
    Hours { lines }
}

/// A time as it stands, if it is one.
fn time(text: &str) -> Option<String> {
    let mut parts = text.split(':');
    for limit in [24, 60, 60] {
        let part = parts.next()?;
        let number: u8 = part.parse().ok()?;
        if part.len() != 2 || number >= limit {
            return None;
        }
    }
    parts.next().is_none().then(|| text.to_owned())
}

/// QuickFIX takes a day by its first two letters.
fn day(text: &str) -> Option<&'static str> {
    let text = text.trim().to_ascii_lowercase();
    let known = text.len() >= 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let found = DAYS
        .iter()
        .find(|(begin, _)| known && text.starts_with(begin));
    found.map(|(_, ours)| *ours)
}
