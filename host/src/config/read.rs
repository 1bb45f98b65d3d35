//! Reading one section: every key at most once, unknown keys refused, each mistake with its place
//! and its remedy.
//!
//! Reading never stops at the first mistake. A value that is missing or wrong leaves a [`Problem`]
//! and `None`; whoever reads goes on with a placeholder, and the whole is refused in the end if
//! there is any problem.

use core::ops::Range;

use gwanmun_market::{Price, Text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::nearest::nearest;
use super::values::Word;

/// What would have been right.
pub(super) type Expected = String;

/// One table of the file.
pub(super) struct Section<'a> {
    /// As people read it: `gateway`, `session`.
    name: &'static str,
    span: Range<usize>,
    table: Option<&'a DeTable<'a>>,
    /// Where a key that is absent here is looked for, in this order: a template, `[defaults]`.
    fallbacks: [Option<&'a DeTable<'a>>; 2],
}

impl<'a> Section<'a> {
    /// The table behind `key` of the file's root; an absent one reads as empty. Complains about
    /// unknown keys.
    pub(super) fn of_root(
        root: &'a DeTable<'a>,
        name: &'static str,
        keys: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Section<'a> {
        match root.get(name) {
            None => Section {
                name,
                span: 0..0,
                table: None,
                fallbacks: [None; 2],
            },
            Some(value) => Section::new(value, name, keys, problems),
        }
    }

    /// The tables of the array behind `[[name]]`.
    pub(super) fn each_of_root(
        root: &'a DeTable<'a>,
        name: &'static str,
        keys: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Vec<Section<'a>> {
        match root.get(name) {
            None => Vec::new(),
            Some(value) => match value.get_ref() {
                DeValue::Array(array) => array
                    .iter()
                    .map(|value| Section::new(value, name, keys, problems))
                    .collect(),
                _ => {
                    problems.push(Problem {
                        span: value.span(),
                        key: name.to_owned(),
                        message: format!("`{name}` is one table where several may stand"),
                        remedy: format!("write [[{name}]], with two brackets, before each"),
                    });
                    Vec::new()
                }
            },
        }
    }

    fn new(
        value: &'a Spanned<DeValue<'a>>,
        name: &'static str,
        keys: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Section<'a> {
        let table = if let DeValue::Table(table) = value.get_ref() {
            unknown_keys(table, name, keys, problems);
            Some(table)
        } else {
            problems.push(Problem {
                span: value.span(),
                key: name.to_owned(),
                message: format!("`{name}` is {}, not a section", kind_of(value.get_ref())),
                remedy: format!("write [{name}] on a line of its own, and its keys below"),
            });
            None
        };
        Section {
            name,
            span: value.span(),
            table,
            fallbacks: [None; 2],
        }
    }

    /// The same section, with `other`'s values for the keys that it, and what it falls back on
    /// already, lacks; at most two such.
    pub(super) fn over(self, other: &Section<'a>) -> Section<'a> {
        let [first, _] = self.fallbacks;
        Section {
            fallbacks: match first {
                None => [other.table, None],
                first => [first, other.table],
            },
            ..self
        }
    }

    /// Whether the file does not have the section.
    pub(super) fn is_absent(&self) -> bool {
        self.table.is_none()
    }

    /// Where the section stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        let [first, second] = self.fallbacks;
        let tables = [self.table, first, second].into_iter().flatten();
        tables.into_iter().find_map(|table| table.get(key))
    }

    /// Whether a key stands in the section itself, and not in the one that it falls back on.
    pub(super) fn has_own(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.get(key).is_some())
    }

    /// Whether a key stands in the section, or in the one that it falls back on.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Where a key's value stands, or the section when the key is absent.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.value(key).map_or(self.span(), Spanned::span)
    }

    /// A key that may be absent.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        problems: &mut Vec<Problem>,
        parse: impl FnOnce(&DeValue<'_>) -> Result<T, Expected>,
    ) -> Option<T> {
        let value = self.value(key)?;
        parse(value.get_ref())
            .map_err(|expected| {
                problems.push(Problem {
                    span: value.span(),
                    key: format!("{}.{key}", self.name),
                    message: match found(value.get_ref()) {
                        // A password where its name belongs must not find its way into a log.
                        literal if key == "password" && !literal.contains("secret:") => {
                            "`password` cannot be a literal".to_owned()
                        }
                        found => format!("`{key}` cannot be {found}"),
                    },
                    remedy: format!("expected {expected}"),
                });
            })
            .ok()
    }

    /// A key that must be there.
    pub(super) fn required<T>(
        &self,
        key: &str,
        problems: &mut Vec<Problem>,
        parse: impl FnOnce(&DeValue<'_>) -> Result<T, Expected>,
    ) -> Option<T> {
        if self.value(key).is_none() {
            // The placeholder shows what kind of value is wanted.
            let expected = parse(&DeValue::Boolean(false)).err().unwrap_or_default();
            problems.push(Problem {
                span: self.span(),
                key: format!("{}.{key}", self.name),
                message: format!("[{}] lacks the key `{key}`", self.name),
                remedy: format!("expected {expected}"),
            });
            return None;
        }
        self.optional(key, problems, parse)
    }

    /// Notes a mistake that is the value's but needed more than the value to see.
    pub(super) fn refuse(
        &self,
        key: &str,
        message: String,
        remedy: &str,
        problems: &mut Vec<Problem>,
    ) {
        problems.push(Problem {
            span: self.span_of(key),
            key: format!("{}.{key}", self.name),
            message,
            remedy: remedy.to_owned(),
        });
    }
}

/// Complains about each key of `table` that is not one of `keys`.
pub(super) fn unknown_keys(
    table: &DeTable<'_>,
    name: &str,
    keys: &[&str],
    problems: &mut Vec<Problem>,
) {
    for (key, _) in table {
        let word: &str = key.get_ref();
        if !keys.contains(&word) {
            let place = if name.is_empty() {
                "this file".into()
            } else {
                format!("[{name}]")
            };
            let known = keys.join(", ");
            let remedy = match nearest(word, keys.iter().copied()) {
                Some(candidate) => format!("did you mean `{candidate}`? known are: {known}"),
                None => format!("known are: {known}"),
            };
            let full = if name.is_empty() {
                word.to_owned()
            } else {
                format!("{name}.{word}")
            };
            problems.push(Problem {
                span: key.span(),
                key: full,
                message: format!("{place} has no key `{word}`"),
                remedy,
            });
        }
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn found(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{text}\""),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => format!("the float {}", float.as_str()),
        DeValue::Boolean(value) => value.to_string(),
        other => kind_of(other).to_owned(),
    }
}

/// Any string that is not empty.
pub(super) fn string(value: &DeValue<'_>) -> Result<String, Expected> {
    match value {
        DeValue::String(text) if !text.is_empty() => Ok(text.to_string()),
        _ => Err("a string that is not empty".into()),
    }
}

/// Printable ASCII without blanks, at most `N` bytes.
pub(super) fn text<const N: usize>(value: &DeValue<'_>) -> Result<Text<N>, Expected> {
    let expected = || format!("a string of 1 to {N} printable ASCII characters without blanks");
    let DeValue::String(text) = value else {
        return Err(expected());
    };
    let is_fit = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    Text::new(text.as_bytes())
        .filter(|_| is_fit)
        .ok_or_else(expected)
}

/// `true` or `false`.
pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, Expected> {
    match value {
        DeValue::Boolean(value) => Ok(*value),
        _ => Err("true or false".into()),
    }
}

/// One of a closed set of words.
pub(super) fn word<W: Word>(value: &DeValue<'_>) -> Result<W, Expected> {
    let given = if let DeValue::String(text) = value {
        text.as_ref()
    } else {
        ""
    };
    if let Some((_, meaning)) = W::WORDS.iter().find(|(word, _)| *word == given) {
        return Ok(*meaning);
    }
    let listed: Vec<String> = W::WORDS
        .iter()
        .map(|(word, _)| format!("\"{word}\""))
        .collect();
    let listed = listed.join(", ");
    match nearest(given, W::WORDS.iter().map(|(word, _)| *word)) {
        Some(candidate) if !given.is_empty() => {
            Err(format!("one of {listed}; did you mean \"{candidate}\"?"))
        }
        _ => Err(format!("one of {listed}")),
    }
}

/// An integer of a range, its unit named for people.
pub(super) fn integer<T: TryFrom<i64>>(
    range: core::ops::RangeInclusive<i64>,
    unit: &str,
) -> impl Fn(&DeValue<'_>) -> Result<T, Expected> {
    move |value| {
        let given = match value {
            DeValue::Integer(integer) => {
                i64::from_str_radix(integer.as_str(), integer.radix()).ok()
            }
            _ => None,
        };
        given
            .filter(|given| range.contains(given))
            .and_then(|given| T::try_from(given).ok())
            .ok_or_else(|| format!("an integer of {} to {}{unit}", range.start(), range.end()))
    }
}

/// A price: a whole number or decimal text, never a float.
pub(super) fn price(value: &DeValue<'_>) -> Result<Price, Expected> {
    let parsed = match value {
        DeValue::String(text) => Price::parse(text.as_bytes()).ok(),
        DeValue::Integer(integer) if integer.radix() == 10 => {
            Price::parse(integer.as_str().as_bytes()).ok()
        }
        _ => None,
    };
    parsed.ok_or_else(|| {
        "a price as an integer or as a string with at most four decimals, like 71500 or \
         \"325.55\"; a float would not be exact"
            .to_owned()
    })
}

/// An address with its port.
pub(super) fn address(value: &DeValue<'_>) -> Result<std::net::SocketAddr, Expected> {
    let parsed = if let DeValue::String(text) = value {
        text.parse().ok()
    } else {
        None
    };
    parsed.ok_or_else(|| {
        "an IP address with a port, like \"127.0.0.1:9901\"; names are not looked up".to_owned()
    })
}
