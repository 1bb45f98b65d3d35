//! Why a dictionary cannot be used, for the person who wrote it.

use std::fmt;

/// What is wrong with a dictionary's file, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictionaryError {
    /// The line, from 1.
    pub line: u32,
    /// The element, `field Side` for one that has a name.
    pub element: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for DictionaryError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DictionaryError {
            line,
            element,
            problem,
        } = self;
        if element.is_empty() {
            write!(to, "line {line}: {problem}")
        } else {
            write!(to, "line {line}, {element}: {problem}")
        }
    }
}

impl std::error::Error for DictionaryError {}
