//! The FIX messages of two recordings as multisets: of a capture by another program, a capture or
//! journal of ours, a log, or the driver's ledger.
//!
//! Secrets are asterisks on both sides before anything is compared, with CheckSum(10) made anew,
//! because journals and ledgers never hold them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gwanmun_audit::ledgers;

use crate::decode::{FixMessage, Input, What, nothing_in};
use crate::demo::ledger;
use crate::exit::{Exit, Failure};
use crate::show;

/// What two recordings share, and what they do not.
pub(crate) struct Compared {
    /// Messages on both sides.
    pub(crate) both: u64,
    /// Messages that only the left has, ready to be shown.
    pub(crate) left_only: Vec<String>,
    /// Messages that only the right has.
    pub(crate) right_only: Vec<String>,
}

impl Compared {
    pub(crate) fn is_equal(&self) -> bool {
        self.left_only.is_empty() && self.right_only.is_empty() && self.both > 0
    }
}

/// Compares one recording with one or several others of the same lines, taken together.
pub(crate) fn compare(left: &Path, right: &[&Path]) -> Result<Compared, Failure> {
    let mut counts: BTreeMap<Vec<u8>, [u64; 2]> = BTreeMap::new();
    let sides = right.iter().map(|path| (1, *path));
    for (side, path) in core::iter::once((0, left)).chain(sides) {
        let mut count = 0_u64;
        each_message(path, &mut |message| {
            count += 1;
            counts.entry(message.without_secrets()).or_default()[side] += 1;
        })?;
        if count == 0 {
            return Err(nothing_in(path));
        }
    }
    let mut compared = Compared {
        both: 0,
        left_only: Vec::new(),
        right_only: Vec::new(),
    };
    for (message, [left, right]) in counts {
        compared.both += left.min(right);
        let shown = || show::escaped_bytes(&message).replace("\\u{1}", "|");
        for _ in right..left {
            compared.left_only.push(shown());
        }
        for _ in left..right {
            compared.right_only.push(shown());
        }
    }
    Ok(compared)
}

/// What a member's and the venues' ledgers have against each other, if anything.
pub(crate) fn join_ledgers(member: &Path, venues: &[PathBuf]) -> Result<Option<String>, Failure> {
    let read = |path: &Path| {
        std::fs::read_to_string(path)
            .map_err(|error| Failure::new(Exit::Input, format!("{}: {error}", path.display())))
    };
    let venues: Vec<String> = venues
        .iter()
        .map(|venue| read(venue))
        .collect::<Result<_, _>>()?;
    let venues: Vec<&str> = venues.iter().map(String::as_str).collect();
    let joined = ledgers::join(&read(member)?, &venues)
        .map_err(|error| Failure::new(Exit::Input, format!("{error}")))?;
    if joined.is_clean() {
        return Ok(None);
    }
    let first = joined.findings.first();
    let first = first.map_or_else(String::new, |finding| {
        format!(
            "; the first: {} {} {}",
            finding.kind.name(),
            finding.order,
            finding.detail
        )
    });
    Ok(Some(format!(
        "the ledgers differ over {} orders: lost {}, duplicated {}, different {}{first}",
        joined.compared, joined.lost, joined.duplicated, joined.different
    )))
}

fn each_message(path: &Path, found: &mut dyn FnMut(FixMessage)) -> Result<(), Failure> {
    let input = Input::open(path)?;
    if let Input::Text(text) = &input
        && text.starts_with(ledger::COLUMNS.as_bytes())
    {
        for line in String::from_utf8_lossy(text).lines().skip(1) {
            if let Some(bytes) = ledger::raw_of_line(line) {
                found(FixMessage::new(bytes));
            }
        }
        return Ok(());
    }
    input.messages(&mut |item| {
        if let What::Fix(message) = item.what {
            found(message);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use crate::demo::ledger::{Direction, Ledger};

    use super::*;

    #[test]
    fn a_log_equals_the_ledger_of_the_same_bytes_and_a_changed_one_does_not() {
        let messages = [
            "8=FIX.4.4|9=5|35=A|554=top|10=000|",
            "8=FIX.4.4|9=5|35=8|58=a, \"b\"|10=123|",
            "8=FIX.4.4|9=5|35=0|10=123|",
        ];
        let dir = std::env::temp_dir().join(format!("gwanmun-compare-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (left, right) = (dir.join("left.log"), dir.join("right.csv"));
        std::fs::write(
            &left,
            messages.map(|message| format!("in {message}\n")).concat(),
        )
        .unwrap();
        let mut ledger = Ledger::new(Vec::new()).unwrap();
        for message in messages {
            let bytes = message.replace('|', "\u{1}");
            ledger.take(Direction::In, bytes.as_bytes(), 1).unwrap();
        }
        std::fs::write(&right, ledger.finish(2).unwrap()).unwrap();
        let compared = compare(&left, &[&right]).unwrap();
        assert_eq!(
            (compared.both, compared.is_equal()),
            (3, true),
            "{:?}",
            compared.left_only
        );
        let changed = std::fs::read_to_string(&left)
            .unwrap()
            .replace("35=0", "35=1");
        std::fs::write(&left, changed).unwrap();
        let compared = compare(&left, &[&right]).unwrap();
        assert!(!compared.is_equal());
        assert_eq!(compared.left_only, ["8=FIX.4.4|9=5|35=1|10=123|"]);
        assert_eq!(compared.right_only, ["8=FIX.4.4|9=5|35=0|10=123|"]);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
