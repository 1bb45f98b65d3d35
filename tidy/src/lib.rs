//! The rules of the house as functions from text to findings.
//!
//! In it: one module per rule, each a pure function with tests that feed it something bad, and the
//! walk over the repository that hands the files in. Not in it: formatting (rustfmt) and lints
//! (clippy), which have tools of their own. `tests/house.rs` applies every rule to the repository;
//! start there.
#![forbid(unsafe_code)]

pub mod bans;
pub mod documents;
pub mod heads;
pub mod lengths;
pub mod source;
pub mod tree;
pub mod unsafe_code;
pub mod walls;
pub mod words;

use core::fmt;

/// One broken rule at one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path from the root of the repository.
    pub path: String,
    /// Line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong and what would be right.
    pub text: String,
}

impl Finding {
    /// A finding at a line of a file.
    #[must_use]
    pub fn new(path: &str, line: usize, text: impl Into<String>) -> Finding {
        Finding {
            path: path.to_owned(),
            line,
            text: text.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.path, self.text)
        } else {
            write!(f, "{}:{}: {}", self.path, self.line, self.text)
        }
    }
}
