//! The obvious validator: the dictionary's own layouts, put out anew for each message, with maps,
//! recursion and text parsed by the standard library.

use std::collections::{BTreeMap, BTreeSet};

use crate::dictionary::{DataType, Dictionary, Item};
use crate::error::{FieldError, SessionRejectReason as Reason};
use crate::message::Message;
use crate::validate::Checks;

/// A field of a layout with all components put in.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) tag: u32,
    pub(super) required: bool,
    pub(super) group: Option<Vec<Member>>,
}

pub(super) fn put_out(dictionary: &Dictionary, items: &[Item], required_here: bool) -> Vec<Member> {
    let mut members = Vec::new();
    for item in items {
        match item {
            Item::Field { tag, required } => members.push(Member {
                tag: *tag,
                required: *required && required_here,
                group: None,
            }),
            Item::Group {
                tag,
                required,
                items,
            } => members.push(Member {
                tag: *tag,
                required: *required && required_here,
                group: Some(put_out(dictionary, items, true)),
            }),
            Item::Component { name, required } => {
                let items = dictionary.component(name).unwrap();
                members.extend(put_out(dictionary, items, *required && required_here));
            }
        }
    }
    members
}

fn first_wins(members: Vec<Member>) -> Vec<Member> {
    let mut unique: Vec<Member> = Vec::new();
    for mut member in members {
        member.group = member.group.map(first_wins);
        match unique.iter_mut().find(|before| before.tag == member.tag) {
            Some(before) => before.required |= member.required,
            None => unique.push(member),
        }
    }
    unique
}

struct Twin<'t> {
    dictionary: &'t Dictionary,
    checks: Checks,
    fields: Vec<(u32, &'t [u8])>,
    at: usize,
    /// 0, 1 or 2 by tag: header, body, trailer.
    sections: BTreeMap<u32, u32>,
}

/// A level in progress and those around it.
struct Around<'a> {
    members: &'a [Member],
    seen: &'a BTreeSet<u32>,
    delimiter: Option<u32>,
    up: Option<&'a Around<'a>>,
}

impl Around<'_> {
    fn has(&self, tag: u32) -> bool {
        self.members.iter().any(|member| member.tag == tag)
    }

    fn takes(&self, tag: u32) -> bool {
        let is_message = self.up.is_none();
        self.has(tag) && (is_message || self.delimiter == Some(tag) || !self.seen.contains(&tag))
    }

    fn any(&self, holds: &dyn Fn(&Around<'_>) -> bool) -> bool {
        holds(self) || self.up.is_some_and(|up| up.any(holds))
    }
}

pub(super) fn validate(
    dictionary: &Dictionary,
    checks: Checks,
    message: &Message<'_>,
) -> Result<(), FieldError> {
    let fields: Vec<_> = message.fields().collect();
    if checks.order {
        for (place, wanted) in [8, 9, 35].into_iter().enumerate() {
            match fields.get(place) {
                None => return Err(FieldError::missing(wanted)),
                Some(&(tag, _)) if tag != wanted => {
                    return Err(FieldError::new(tag, Reason::TagSpecifiedOutOfRequiredOrder));
                }
                _ => {}
            }
        }
    }
    let msg_type = fields.iter().find(|(tag, _)| *tag == 35);
    let text = msg_type.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
    let Some(definition) = text.as_ref().and_then(|text| dictionary.message(text)) else {
        return match msg_type {
            None if checks.required => Err(FieldError::missing(35)),
            _ if checks.msg_type => Err(FieldError::new(35, Reason::InvalidMsgType)),
            _ => Ok(()),
        };
    };
    let mut members = Vec::new();
    let mut sections = BTreeMap::new();
    let parts = [dictionary.header(), &definition.items, dictionary.trailer()];
    for (section, items) in (0..).zip(parts) {
        for member in put_out(dictionary, items, true) {
            sections.entry(member.tag).or_insert(section);
            members.push(member);
        }
    }
    let mut twin = Twin {
        dictionary,
        checks,
        fields,
        at: 0,
        sections,
    };
    twin.level(&first_wins(members), None, None)
}

fn missing(members: &[Member], seen: &BTreeSet<u32>) -> Result<(), FieldError> {
    match members
        .iter()
        .find(|member| member.required && !seen.contains(&member.tag))
    {
        Some(member) => Err(FieldError::missing(member.tag)),
        None => Ok(()),
    }
}

impl Twin<'_> {
    fn level(
        &mut self,
        members: &[Member],
        count: Option<(u32, &[u8])>,
        up: Option<&Around<'_>>,
    ) -> Result<(), FieldError> {
        let checks = self.checks;
        let mut seen = BTreeSet::new();
        let (mut delimiter, mut entries, mut last) = (None, 0_usize, 0);
        while let Some(&(tag, value)) = self.fields.get(self.at) {
            let around = Around {
                members,
                seen: &seen,
                delimiter,
                up,
            };
            let is_known = self.dictionary.field(tag).is_some();
            let is_here = around.takes(tag)
                || (!checks.repeated && !around.any(&|level| level.takes(tag)) && around.has(tag));
            if !is_known || !is_here {
                if is_known && around.any(&|level| level.takes(tag)) {
                    break;
                }
                if is_known && around.any(&|level| level.has(tag)) {
                    if checks.repeated {
                        return Err(FieldError::new(tag, Reason::TagAppearsMoreThanOnce));
                    }
                    break;
                }
                let (counts, reason) = if is_known {
                    (checks.undefined, Reason::TagNotDefinedForThisMessageType)
                } else {
                    (checks.unknown, Reason::InvalidTagNumber)
                };
                let user_defined = (5_000..10_000).contains(&tag) || tag >= 20_000;
                if counts && (checks.user_defined || !user_defined) {
                    return Err(FieldError::new(tag, reason));
                }
                self.not_empty(tag, value)?;
                self.at += 1;
                continue;
            }
            let place = members.iter().position(|member| member.tag == tag).unwrap();
            if count.is_none() {
                let section = self.sections[&tag] as usize;
                if checks.order && section < last {
                    return Err(FieldError::new(tag, Reason::TagSpecifiedOutOfRequiredOrder));
                }
                last = last.max(section);
                if checks.repeated && seen.contains(&tag) {
                    return Err(FieldError::new(tag, Reason::TagAppearsMoreThanOnce));
                }
            } else {
                let out_of_order = FieldError::new(tag, Reason::RepeatingGroupFieldsOutOfOrder);
                if entries == 0 && place != 0 && checks.group_order {
                    return Err(out_of_order);
                }
                if entries == 0 || delimiter == Some(tag) {
                    if entries > 0 && checks.required {
                        missing(members, &seen)?;
                    }
                    entries += 1;
                    delimiter = Some(tag);
                    seen.clear();
                } else if checks.group_order && place < last {
                    return Err(out_of_order);
                }
                last = place;
            }
            seen.insert(tag);
            self.value(tag, value)?;
            self.at += 1;
            if let Some(group) = &members[place].group {
                let around = Around {
                    members,
                    seen: &seen,
                    delimiter,
                    up,
                };
                self.level(group, Some((tag, value)), Some(&around))?;
            }
        }
        if checks.required && (count.is_none() || entries > 0) {
            missing(members, &seen)?;
        }
        if let Some((tag, value)) = count.filter(|_| checks.group_count) {
            let text = std::str::from_utf8(value).unwrap_or("");
            let number = if text.starts_with('+') {
                None
            } else {
                text.parse::<u32>().ok()
            };
            if number.map(|number| number as usize) != Some(entries) {
                return Err(FieldError::new(tag, Reason::IncorrectNumInGroupCount));
            }
        }
        Ok(())
    }

    fn not_empty(&self, tag: u32, value: &[u8]) -> Result<(), FieldError> {
        if self.checks.empty && value.is_empty() {
            return Err(FieldError::new(tag, Reason::TagSpecifiedWithoutAValue));
        }
        Ok(())
    }

    fn value(&self, tag: u32, value: &[u8]) -> Result<(), FieldError> {
        self.not_empty(tag, value)?;
        if value.is_empty() || tag == 35 {
            return Ok(());
        }
        let field = self.dictionary.field(tag).unwrap();
        let text = String::from_utf8_lossy(value).into_owned();
        let listed = |one: &str| field.values.contains_key(one);
        let many = field.data_type == DataType::Values;
        if listed(&text) || (many && !field.values.is_empty() && text.split(' ').all(listed)) {
            return Ok(());
        }
        match is_of_type(field.data_type, &text) {
            None if self.checks.format => return Err(FieldError::format(tag)),
            Some(false) if self.checks.value => return Err(FieldError::value(tag)),
            _ => {}
        }
        if self.checks.value && !field.values.is_empty() {
            return Err(FieldError::value(tag));
        }
        Ok(())
    }
}

/// `None` for another form, `Some(false)` for a value that does not exist.
fn is_of_type(data_type: DataType, text: &str) -> Option<bool> {
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
