//! From a [`Dictionary`] to [`Tables`].
//!
//! Each component is put out flat once, with the groups in it; groups that are equal, members and
//! all, share one level. Where a tag stands twice in one place (some standard messages have it by
//! two ways) the first counts, and it is required if either is.

use std::collections::BTreeMap;
use std::fmt;

use super::tables::{GRAPHIC, Level, NEAR_TAGS, Place, Tables, graphic};
use super::value::Values;
use crate::dictionary::{Dictionary, Item};

/// Places over all levels: 64 MiB. The 156 messages of QuickFIX's largest file take 4 MiB.
const PLACES_MAX: usize = 16 << 20;

/// Which table a dictionary does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// More than 65,535 fields.
    Fields,
    /// More than 65,535 messages and different groups.
    Levels,
    /// More than 65,534 fields in one message or group.
    Members,
    /// More than 16 Mi places: messages times fields.
    Places,
}

impl fmt::Display for CompileError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            CompileError::Fields => "the dictionary has more than 65,535 fields",
            CompileError::Levels => "the dictionary has more than 65,535 messages and groups",
            CompileError::Members => "a message or group has more than 65,534 fields",
            CompileError::Places => "messages times fields are more than 16 Mi",
        })
    }
}

impl std::error::Error for CompileError {}

/// A field of a level, before the level is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Member {
    tag: u32,
    required: bool,
    group: u16,
}

struct Compiler<'d> {
    dictionary: &'d Dictionary,
    ordinals: BTreeMap<u32, u16>,
    components: BTreeMap<&'d str, Vec<Member>>,
    groups: BTreeMap<(u32, Vec<Member>), u16>,
    levels: Vec<Level>,
    places: usize,
}

pub(super) fn compile(dictionary: &Dictionary) -> Result<Tables, CompileError> {
    let mut ordinals = BTreeMap::new();
    for (at, (tag, _)) in dictionary.fields().enumerate() {
        ordinals.insert(
            tag,
            u16::try_from(at + 1).map_err(|_| CompileError::Fields)?,
        );
    }
    let mut compiler = Compiler {
        dictionary,
        ordinals,
        components: BTreeMap::new(),
        groups: BTreeMap::new(),
        levels: Vec::new(),
        places: 0,
    };
    let header = compiler.members(dictionary.header())?;
    let trailer = compiler.members(dictionary.trailer())?;
    // Level 0 must not be a group's, so it is taken before the groups of messages are; those of the
    // header were made before it.
    let around = compiler.message(&header, &[], &trailer)?;
    let mut messages = Vec::new();
    for (msg_type, message) in dictionary.messages() {
        let body = compiler.members(&message.items)?;
        let level = compiler.message(&header, &body, &trailer)?;
        messages.push((msg_type.as_bytes(), level));
    }
    compiler.tables(around, &messages)
}

impl<'d> Compiler<'d> {
    fn members(&mut self, items: &'d [Item]) -> Result<Vec<Member>, CompileError> {
        let mut members = Vec::new();
        for item in items {
            match item {
                Item::Field { tag, required } => members.push(Member {
                    tag: *tag,
                    required: *required,
                    group: 0,
                }),
                Item::Group {
                    tag,
                    required,
                    items,
                } => members.push(Member {
                    tag: *tag,
                    required: *required,
                    group: self.group(*tag, items)?,
                }),
                Item::Component { name, required } => {
                    let inner = self.component(name)?;
                    members.extend(inner.into_iter().map(|member| Member {
                        required: member.required && *required,
                        ..member
                    }));
                }
            }
        }
        Ok(members)
    }

    fn component(&mut self, name: &'d str) -> Result<Vec<Member>, CompileError> {
        if let Some(members) = self.components.get(name) {
            return Ok(members.clone());
        }
        let items = self.dictionary.component(name).unwrap_or(&[]);
        let members = self.members(items)?;
        self.components.insert(name, members.clone());
        Ok(members)
    }

    fn group(&mut self, count_tag: u32, items: &'d [Item]) -> Result<u16, CompileError> {
        let members = self.members(items)?;
        if let Some(&level) = self.groups.get(&(count_tag, members.clone())) {
            return Ok(level);
        }
        let mut level = self.level(&members)?;
        level.count_tag = count_tag;
        let number = self.push(level)?;
        self.groups.insert((count_tag, members), number);
        Ok(number)
    }

    fn message(
        &mut self,
        header: &[Member],
        body: &[Member],
        trailer: &[Member],
    ) -> Result<u16, CompileError> {
        let mut level = self.level(&[header, body, trailer].concat())?;
        // Doubles have fallen out, so that where a part begins is counted anew.
        let count = |parts: &[&[Member]]| {
            let unique = unique(&parts.concat()).len();
            u16::try_from(unique).map_err(|_| CompileError::Members)
        };
        level.body_start = count(&[header])?;
        level.trailer_start = count(&[header, body])?;
        self.push(level)
    }

    fn push(&mut self, level: Level) -> Result<u16, CompileError> {
        // Number 0 is kept free for the level around all messages.
        let number = u16::try_from(self.levels.len() + 1).map_err(|_| CompileError::Levels)?;
        self.levels.push(level);
        Ok(number)
    }

    fn level(&mut self, members: &[Member]) -> Result<Level, CompileError> {
        let members = unique(members);
        let ordinal = |member: &Member| self.ordinals.get(&member.tag).map(|&at| usize::from(at));
        let ordinals = || members.iter().filter_map(ordinal);
        let first_ordinal = ordinals().min().unwrap_or(0);
        let behind = ordinals().max().map_or(0, |last| last + 1);
        let window = behind - first_ordinal.min(behind);
        self.places += window;
        if self.places > PLACES_MAX {
            return Err(CompileError::Places);
        }
        let mut places = vec![Place::default(); window];
        let mut required = vec![0_u64; members.len().div_ceil(64)];
        for (position, member) in members.iter().enumerate() {
            let after_position = u16::try_from(position + 1)
                .ok()
                .filter(|&after| after < u16::MAX)
                .ok_or(CompileError::Members)?;
            let at = ordinal(member).map(|ordinal| ordinal - first_ordinal);
            if let Some(place) = at.and_then(|at| places.get_mut(at)) {
                *place = Place {
                    after_position,
                    group: member.group,
                };
            }
            if let Some(word) = required.get_mut(position / 64) {
                *word |= u64::from(member.required) << (position % 64);
            }
        }
        Ok(Level {
            first_ordinal,
            places: places.into(),
            tags: members.iter().map(|member| member.tag).collect(),
            required: required.into(),
            body_start: 0,
            trailer_start: 0,
            count_tag: 0,
        })
    }

    fn tables(mut self, around: u16, messages: &[(&[u8], u16)]) -> Result<Tables, CompileError> {
        let mut levels = std::mem::take(&mut self.levels);
        let around = levels.get(usize::from(around) - 1).cloned();
        levels.insert(0, around.unwrap_or_default());
        let mut near = vec![0; self.near_tags()];
        let mut far = Vec::new();
        for (&tag, &ordinal) in &self.ordinals {
            let slot = usize::try_from(tag).ok().and_then(|tag| near.get_mut(tag));
            match slot {
                Some(slot) => *slot = ordinal,
                None => far.push((tag, ordinal)),
            }
        }
        let mut short = vec![0; GRAPHIC];
        let mut double = vec![0; GRAPHIC * GRAPHIC];
        let mut long = Vec::new();
        for &(msg_type, level) in messages {
            let slot = match *msg_type {
                [only] => graphic(only).and_then(|only| short.get_mut(only)),
                [first, second] => graphic(first)
                    .zip(graphic(second))
                    .and_then(|(first, second)| double.get_mut(first * GRAPHIC + second)),
                _ => None,
            };
            match slot {
                Some(slot) => *slot = level,
                None => long.push((msg_type.into(), level)),
            }
        }
        Ok(Tables {
            near: near.into(),
            far: far.into(),
            levels: levels.into(),
            short: short.into(),
            double: double.into(),
            long: long.into(),
            values: Values::new(self.dictionary),
        })
    }

    /// The near table ends behind the last near tag that the dictionary has.
    fn near_tags(&self) -> usize {
        let last = self.ordinals.range(..NEAR_TAGS).next_back();
        last.map_or(0, |(&tag, _)| tag as usize + 1)
    }
}

/// The members without those whose tag stands before; required if any of them is.
fn unique(members: &[Member]) -> Vec<Member> {
    let mut places = BTreeMap::new();
    let mut unique: Vec<Member> = Vec::new();
    for &member in members {
        let place = *places.entry(member.tag).or_insert(unique.len());
        match unique.get_mut(place) {
            Some(first) => first.required |= member.required,
            None => unique.push(member),
        }
    }
    unique
}
