//! One thing that was looked at, and what to do about it.

use serde_json::{Value, json};

use crate::show::{self, BAD, FAINT, GOOD, NAME, WARNING, styled};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Good,
    /// Worth knowing, or not to be found out here.
    Note,
    /// The gateway works, but slower or less evenly.
    Hurts,
    /// The gateway will not start, or not as configured.
    Stops,
}

impl Severity {
    /// The word for it; stable, for JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Good => "good",
            Severity::Note => "note",
            Severity::Hurts => "hurts",
            Severity::Stops => "stops",
        }
    }
}

/// What was looked at and found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Short stable name, for programs.
    pub what: &'static str,
    /// What is there; `unknown` where it could not be read.
    pub found: String,
    /// How much it matters.
    pub severity: Severity,
    /// A command to type, or a line for a file; empty where nothing needs doing.
    pub remedy: String,
}

impl Finding {
    /// Something as it should be.
    pub(super) fn good(what: &'static str, found: impl Into<String>) -> Finding {
        Finding::new(what, found, Severity::Good, "")
    }

    /// Something that cannot be read here.
    pub(super) fn unknown(what: &'static str, why: &str) -> Finding {
        Finding::new(what, format!("unknown: {why}"), Severity::Note, "")
    }

    pub(super) fn new(
        what: &'static str,
        found: impl Into<String>,
        severity: Severity,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding {
            what,
            found: show::escaped(&found.into()),
            severity,
            remedy: show::escaped(&remedy.into()),
        }
    }

    /// One object for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "what": self.what,
            "found": self.found,
            "severity": self.severity.name(),
            "remedy": Some(&self.remedy).filter(|remedy| !remedy.is_empty()),
        })
    }

    /// One or two lines for people.
    #[must_use]
    pub fn to_lines(&self) -> String {
        let style = match self.severity {
            Severity::Good => GOOD,
            Severity::Note => FAINT,
            Severity::Hurts => WARNING,
            Severity::Stops => BAD,
        };
        let severity = styled(style, format!("{:<5}", self.severity.name()));
        let what = styled(NAME, format!("{:<22}", self.what));
        let mut lines = format!(" {severity} {what} {}\n", self.found);
        if !self.remedy.is_empty() {
            lines.push_str(&format!("{:30}{}\n", "", self.remedy));
        }
        lines
    }
}
