//! The obvious validator: the dictionary's own layouts, put out anew for each message, with maps,
//! recursion and text parsed by the standard library.

mod types;

use std::collections::{BTreeMap, BTreeSet};

use self::types::is_of_type;
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
