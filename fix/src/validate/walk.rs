//! The whole way through a message, field by field: what is right is told in [`super`].
//!
//! Groups in progress are a stack; its lowest entry is the message itself. Each has bits for the
//! positions seen, in the message or in the entry at hand.

use super::memo::{Memo, Open};
use super::tables::{Level, Place, Tables};
use super::{Checks, Validator, is_user_defined};
use crate::error::{FieldError, SessionRejectReason};
use crate::message::Message;
use crate::{digits, tag};

/// No field yet, or no delimiter yet.
pub(super) const NONE: u16 = u16::MAX;
/// Sections of a message.
const HEADER: u16 = 0;

struct Walk<'w> {
    tables: &'w Tables,
    checks: Checks,
    memo: &'w mut Memo,
    /// The innermost level in progress; 0 is the message.
    top: usize,
}

/// Looks at every field; learns the shape of a message that is right.
pub(super) fn walk(
    validator: &Validator,
    known: Option<u16>,
    message: &Message<'_>,
    memo: &mut Memo,
) -> Result<(), FieldError> {
    let checks = validator.checks;
    if checks.order {
        first_three(message)?;
    }
    let Some(level) = known else {
        if checks.required && message.field(tag::MSG_TYPE).is_none() {
            return Err(FieldError::missing(tag::MSG_TYPE));
        }
        let reason = SessionRejectReason::InvalidMsgType;
        return if checks.msg_type {
            Err(FieldError::new(tag::MSG_TYPE, reason))
        } else {
            Ok(())
        };
    };
    memo.start();
    let mut walk = Walk {
        tables: &validator.tables,
        checks,
        memo,
        top: 0,
    };
    walk.open(0, level, None)?;
    for slot in 0..message.count() {
        if let (Some(tag), Some(value)) = (message.tag_at(slot), message.value_at(slot)) {
            walk.field(slot, tag, value)?;
        }
    }
    walk.close_above(0)?;
    walk.nothing_missing(0)?;
    memo.learn(level, message.tags());
    Ok(())
}

fn first_three(message: &Message<'_>) -> Result<(), FieldError> {
    let first = [tag::BEGIN_STRING, tag::BODY_LENGTH, tag::MSG_TYPE];
    for (slot, wanted) in first.into_iter().enumerate() {
        match message.tag_at(slot) {
            Some(tag) if tag == wanted => {}
            Some(tag) => {
                let reason = SessionRejectReason::TagSpecifiedOutOfRequiredOrder;
                return Err(FieldError::new(tag, reason));
            }
            None => return Err(FieldError::missing(wanted)),
        }
    }
    Ok(())
}

impl<'w> Walk<'w> {
    fn field(&mut self, slot: usize, tag: u32, value: &[u8]) -> Result<(), FieldError> {
        let ordinal = self.tables.ordinal(tag);
        let home = if ordinal == 0 {
            self.look_over(
                tag,
                self.checks.unknown,
                SessionRejectReason::InvalidTagNumber,
            )?;
            None
        } else {
            self.home(tag, ordinal)?
        };
        let Some((depth, level, place)) = home else {
            return self.not_empty(tag, value);
        };
        self.close_above(depth)?;
        if depth == 0 {
            self.in_message(tag, level, place)?;
        } else {
            self.in_group(tag, level, place)?;
        }
        self.not_empty(tag, value)?;
        let is_looked_at = tag != tag::MSG_TYPE && !value.is_empty();
        if is_looked_at {
            let Checks {
                format,
                value: range,
                ..
            } = self.checks;
            if let Some(reason) = self.tables.values.check(ordinal, value, format, range) {
                return Err(FieldError::new(tag, reason));
            }
        }
        let wanted = (place.group != 0).then(|| read_count(value));
        let is_free = tag == tag::MSG_TYPE || self.tables.values.is_free(ordinal);
        if !is_free || wanted.is_some() {
            let values = &self.tables.values;
            self.memo.note(values, slot, ordinal, wanted.flatten());
        }
        match wanted {
            Some(wanted) => self.open(self.top + 1, place.group, wanted),
            None => Ok(()),
        }
    }

    /// A field that is none here: an error, or looked over.
    fn look_over(
        &self,
        tag: u32,
        counts: bool,
        reason: SessionRejectReason,
    ) -> Result<(), FieldError> {
        if counts && (self.checks.user_defined || !is_user_defined(tag)) {
            return Err(FieldError::new(tag, reason));
        }
        Ok(())
    }

    /// The level that the field belongs to: the innermost group that still has a place for it, else
    /// the message; `None` where it is looked over.
    fn home(
        &self,
        tag: u32,
        ordinal: u16,
    ) -> Result<Option<(usize, &'w Level, Place)>, FieldError> {
        let mut full = None;
        for depth in (0..=self.top).rev() {
            let Some(open) = self.memo.open.get(depth) else {
                continue;
            };
            let Some(level) = self.tables.level(open.level) else {
                continue;
            };
            let Some(place) = level.place(ordinal) else {
                continue;
            };
            let position = place.after_position - 1;
            if depth == 0 || position == open.delimiter || !self.memo.is_seen(depth, position) {
                return Ok(Some((depth, level, place)));
            }
            full = full.or(Some((depth, level, place)));
        }
        if full.is_some() {
            if self.checks.repeated {
                let reason = SessionRejectReason::TagAppearsMoreThanOnce;
                return Err(FieldError::new(tag, reason));
            }
            return Ok(full);
        }
        let reason = SessionRejectReason::TagNotDefinedForThisMessageType;
        self.look_over(tag, self.checks.undefined, reason)?;
        Ok(None)
    }

    fn in_message(&mut self, tag: u32, level: &Level, place: Place) -> Result<(), FieldError> {
        let position = place.after_position - 1;
        let section =
            u16::from(position >= level.body_start) + u16::from(position >= level.trailer_start);
        let Some(open) = self.memo.open.get_mut(0) else {
            return Ok(());
        };
        if section < open.last && self.checks.order {
            let reason = SessionRejectReason::TagSpecifiedOutOfRequiredOrder;
            return Err(FieldError::new(tag, reason));
        }
        open.last = open.last.max(section);
        if self.memo.is_seen(0, position) && self.checks.repeated {
            let reason = SessionRejectReason::TagAppearsMoreThanOnce;
            return Err(FieldError::new(tag, reason));
        }
        self.memo.see(0, position);
        Ok(())
    }

    fn in_group(&mut self, tag: u32, level: &Level, place: Place) -> Result<(), FieldError> {
        let position = place.after_position - 1;
        let out_of_order = SessionRejectReason::RepeatingGroupFieldsOutOfOrder;
        let group_order = self.checks.group_order;
        let top = self.top;
        let Some(open) = self.memo.open.get_mut(top) else {
            return Ok(());
        };
        let is_first = open.entries == 0;
        if is_first && position != 0 && group_order {
            return Err(FieldError::new(tag, out_of_order));
        }
        if is_first || position == open.delimiter {
            open.entries = open.entries.saturating_add(1);
            open.delimiter = position;
            open.last = position;
            if !is_first {
                self.nothing_missing(top)?;
            }
            self.memo.forget(top, level.required.len());
        } else if position < open.last && group_order {
            return Err(FieldError::new(tag, out_of_order));
        } else {
            open.last = position;
        }
        self.memo.see(top, position);
        Ok(())
    }

    fn not_empty(&self, tag: u32, value: &[u8]) -> Result<(), FieldError> {
        if self.checks.empty && value.is_empty() {
            let reason = SessionRejectReason::TagSpecifiedWithoutAValue;
            return Err(FieldError::new(tag, reason));
        }
        Ok(())
    }

    fn open(&mut self, depth: usize, level: u16, wanted: Option<u32>) -> Result<(), FieldError> {
        let found = self.tables.level(level).zip(self.memo.open.get_mut(depth));
        let Some((level_found, open)) = found else {
            // Dictionaries whose groups stand deeper are not loaded.
            return Err(FieldError::new(0, SessionRejectReason::Other));
        };
        *open = Open {
            level,
            last: HEADER,
            delimiter: NONE,
            entries: 0,
            wanted,
        };
        self.memo.forget(depth, level_found.required.len());
        self.top = depth;
        Ok(())
    }

    /// Ends the groups within the one at this depth.
    fn close_above(&mut self, depth: usize) -> Result<(), FieldError> {
        while self.top > depth {
            let top = self.top;
            let open = self.memo.open.get(top).copied().unwrap_or_default();
            if open.entries > 0 {
                self.nothing_missing(top)?;
            }
            if self.checks.group_count && open.wanted != Some(open.entries) {
                let count_tag = self.tables.level(open.level).map(|level| level.count_tag);
                let reason = SessionRejectReason::IncorrectNumInGroupCount;
                return Err(FieldError::new(count_tag.unwrap_or(0), reason));
            }
            self.top -= 1;
        }
        Ok(())
    }

    fn nothing_missing(&self, depth: usize) -> Result<(), FieldError> {
        if !self.checks.required {
            return Ok(());
        }
        let open = self.memo.open.get(depth).copied().unwrap_or_default();
        let level = self.tables.level(open.level);
        let missing = level.and_then(|level| level.missing(self.memo.seen(depth)));
        missing.map_or(Ok(()), |tag| Err(FieldError::missing(tag)))
    }
}

/// NumInGroup, `None` for what is no number of 32 bits.
pub(super) fn read_count(value: &[u8]) -> Option<u32> {
    digits::read_short(value).or_else(|| long_count(value))
}

#[cold]
fn long_count(value: &[u8]) -> Option<u32> {
    let digit = |sum: u32, byte: &u8| match byte {
        b'0'..=b'9' => sum.checked_mul(10)?.checked_add(u32::from(byte - b'0')),
        _ => None,
    };
    value
        .iter()
        .try_fold(0, digit)
        .filter(|_| !value.is_empty())
}
