//! What each field's value may be, by ordinal.

use super::text;
use crate::dictionary::{DataType, Dictionary};
use crate::digits;
use crate::error::SessionRejectReason;

/// A field's type and the values that it may have.
#[derive(Clone, Copy, Debug)]
struct Rule {
    data_type: DataType,
    has_list: bool,
    /// Listed values of one ASCII character, a bit each.
    characters: u128,
    /// Where those of two to eight bytes stand in `words`, and longer ones in `texts`.
    words: (u32, u32),
    texts: (u32, u32),
}

/// What the values of a field mostly are, so that one look tells that a value is right. What is
/// none of it may be right all the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quick {
    /// One character of the field's list.
    Listed,
    /// Up to sixteen digits.
    Uint,
    /// A decimal with up to eight digits in front of the point.
    Decimal,
    /// No leap second.
    UtcTimestamp,
    UtcTimeOnly,
    /// There is no quick look.
    #[default]
    No,
}

/// The rules of all fields.
#[derive(Debug)]
pub(super) struct Values {
    /// By ordinal less one.
    rules: Box<[Rule]>,
    /// Values as little-endian words, sorted within each field.
    words: Box<[u64]>,
    texts: Box<[Box<[u8]>]>,
}

impl Values {
    pub(super) fn new(dictionary: &Dictionary) -> Values {
        let mut words = Vec::new();
        let mut texts: Vec<Box<[u8]>> = Vec::new();
        let mut rules = Vec::new();
        let at = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        for (_, field) in dictionary.fields() {
            let (first_word, first_text) = (words.len(), texts.len());
            let mut characters = 0;
            for value in field.values.keys().map(|value| value.as_bytes()) {
                match (value, digits::short_word(value)) {
                    (&[only @ 0..128], _) => characters |= 1 << only,
                    (_, Some(word)) => words.push(word),
                    (_, None) => texts.push(value.into()),
                }
            }
            if let Some(own) = words.get_mut(first_word..) {
                own.sort_unstable();
            }
            rules.push(Rule {
                data_type: field.data_type,
                has_list: !field.values.is_empty(),
                characters,
                words: (at(first_word), at(words.len())),
                texts: (at(first_text), at(texts.len())),
            });
        }
        Values {
            rules: rules.into(),
            words: words.into(),
            texts: texts.into(),
        }
    }

    /// Whether any text will do for the field, so that it need not be looked at.
    pub(super) fn is_free(&self, ordinal: u16) -> bool {
        self.rule(ordinal).is_none_or(|rule| {
            !rule.has_list && matches!(rule.data_type, DataType::Text | DataType::Data)
        })
    }

    /// How a value of the field can be looked at quickly.
    pub(super) fn quick(&self, ordinal: u16) -> Quick {
        let Some(rule) = self.rule(ordinal) else {
            return Quick::No;
        };
        match rule.data_type {
            _ if rule.characters != 0 => Quick::Listed,
            _ if rule.has_list => Quick::No,
            DataType::Uint => Quick::Uint,
            DataType::Decimal => Quick::Decimal,
            DataType::UtcTimestamp => Quick::UtcTimestamp,
            DataType::UtcTimeOnly => Quick::UtcTimeOnly,
            _ => Quick::No,
        }
    }

    /// Whether a value is one character that is listed.
    #[inline(always)]
    pub(super) fn is_listed_character(&self, ordinal: u16, value: &[u8]) -> bool {
        match (self.rule(ordinal), value) {
            (Some(rule), &[only @ 0..128]) => rule.characters >> only & 1 == 1,
            _ => false,
        }
    }

    /// What is wrong with a value that is not empty.
    #[inline]
    pub(super) fn check(
        &self,
        ordinal: u16,
        value: &[u8],
        format: bool,
        range: bool,
    ) -> Option<SessionRejectReason> {
        let rule = self.rule(ordinal)?;
        if rule.has_list && self.is_listed(rule, value) {
            return None;
        }
        match text::check(rule.data_type, value) {
            Err(text::Wrong::Format) if format => {
                return Some(SessionRejectReason::IncorrectDataFormatForValue);
            }
            Err(text::Wrong::Range) if range => return Some(SessionRejectReason::ValueIsIncorrect),
            _ => {}
        }
        (range && rule.has_list).then_some(SessionRejectReason::ValueIsIncorrect)
    }

    #[inline]
    fn rule(&self, ordinal: u16) -> Option<&Rule> {
        self.rules.get(usize::from(ordinal).wrapping_sub(1))
    }

    #[inline]
    fn is_listed(&self, rule: &Rule, value: &[u8]) -> bool {
        if let &[only @ 0..128] = value {
            return rule.characters >> only & 1 == 1;
        }
        self.is_listed_longer(rule, value)
    }

    fn is_listed_longer(&self, rule: &Rule, value: &[u8]) -> bool {
        if self.is_one_of(rule, value) {
            return true;
        }
        // Several values in one field: each must be listed.
        rule.data_type == DataType::Values
            && value.contains(&b' ')
            && value.split(|&byte| byte == b' ').all(|one| match *one {
                [only @ 0..128] => rule.characters >> only & 1 == 1,
                _ => self.is_one_of(rule, one),
            })
    }

    fn is_one_of(&self, rule: &Rule, value: &[u8]) -> bool {
        match digits::short_word(value) {
            // A NUL at the end would look like a shorter value.
            Some(word) if !value.ends_with(&[0]) && value.len() > 1 => {
                range(&self.words, rule.words).binary_search(&word).is_ok()
            }
            _ => range(&self.texts, rule.texts)
                .iter()
                .any(|listed| **listed == *value),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.rules) + size_of_val(&*self.words) + size_of_val(&*self.texts)
    }
}

fn range<T>(of: &[T], (start, end): (u32, u32)) -> &[T] {
    of.get(start as usize..end as usize).unwrap_or(&[])
}
