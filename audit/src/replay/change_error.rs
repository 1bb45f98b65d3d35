//! Why a change of the terms cannot be made: which key, and what would be right.

use super::change::KEYS;
use super::{change_exposure, change_short};

/// Why a change cannot be made. The fault is in what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeError {
    /// There is no `=`.
    NoValue {
        /// What was written.
        text: String,
    },
    /// No such key.
    UnknownKey {
        /// The key.
        key: String,
    },
    /// The value is not one of the key's.
    Value {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What would be right.
        remedy: &'static str,
    },
    /// The day's tables have no such row.
    NoRow {
        /// The key.
        key: String,
        /// Rows there are, the first few.
        rows: Vec<String>,
    },
}

impl core::fmt::Display for ChangeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            ChangeError::NoValue { text } => {
                write!(
                    f,
                    "`{}` has no value; KEY=VALUE is meant",
                    text.escape_debug()
                )
            }
            ChangeError::UnknownKey { key } => {
                let key = key.escape_debug();
                write!(
                    f,
                    "unknown key `{key}`; keys are {KEYS}, {}, {}",
                    change_short::KEYS,
                    change_exposure::KEYS
                )
            }
            ChangeError::Value { key, value, remedy } => {
                let (key, value) = (key.escape_debug(), value.escape_debug());
                write!(f, "`{key}` cannot be `{value}`; it takes {remedy}")
            }
            ChangeError::NoRow { key, rows } => {
                let key = key.escape_debug();
                let rows = rows.join(", ");
                write!(
                    f,
                    "`{key}` names nothing in the day's tables; they have {rows}"
                )
            }
        }
    }
}

impl core::error::Error for ChangeError {}
