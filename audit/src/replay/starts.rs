//! The terms of each start of the day, as the journal has them, and the tables that were put in
//! force in between.

use std::collections::BTreeMap;

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command};
use gwanmun_captures::input::{TABLE_HASH_BYTES, Table, table_version};
use gwanmun_captures::journal::RecordKind;
use gwanmun_gateway::{Tables, Terms, has_this_version, terms_text};
use gwanmun_market::Text;

use super::ReplayError;
use super::cut::{InputRecord, Inputs};

/// What the day was decided by, and may be decided by otherwise.
#[derive(Clone, Default)]
pub(crate) struct Starts {
    /// Terms by the index of the input that puts them in force, a start's only TableVersion.
    terms: BTreeMap<usize, Terms>,
    /// Terms with the tables of each command about tables, by its index. A command whose content is
    /// no tables is none of these.
    swaps: BTreeMap<usize, Terms>,
    /// Whether they are others than those on record.
    is_changed: bool,
}

impl Starts {
    /// The terms that an input puts in force.
    pub(crate) fn get(&self, index: usize) -> Option<&Terms> {
        self.terms.get(&index)
    }

    /// Every terms there are.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Terms> {
        self.terms.values().chain(self.swaps.values())
    }

    /// Changes each of them; `change` gives nothing where it has nothing to change. Whether it had.
    pub(crate) fn change(&mut self, change: &dyn Fn(&Terms) -> Option<Terms>) -> bool {
        let mut is_made = false;
        for terms in self.terms.values_mut().chain(self.swaps.values_mut()) {
            if let Some(changed) = change(terms) {
                let name = *terms.tables.sha256();
                *terms = changed;
                // It tells which of the day's tables these were.
                terms.tables = core::mem::take(&mut terms.tables).named(name);
                is_made = true;
            }
        }
        self.is_changed |= is_made;
        is_made
    }

    /// A command as it is to be given, where that is otherwise than on record.
    pub(crate) fn payload(&self, index: usize, input: &InputRecord<'_>) -> Option<Vec<u8>> {
        let terms = self.swaps.get(&index).filter(|_| self.is_changed)?;
        let command = Command::parse(input.payload).ok()?;
        let content = terms_text::write_tables(&terms.tables);
        let mut payload = vec![0; COMMAND_BYTES_MAX + TABLE_HASH_BYTES + content.len()];
        let changed = Command {
            action: Action::Tables {
                sha256: terms.tables.sha256(),
                content: content.as_bytes(),
            },
            ..command
        };
        let length = changed.encode(&mut payload)?;
        payload.truncate(length);
        Some(payload)
    }
}

/// The tables of a command, if it is about them.
fn swapped(payload: &[u8], venues: usize) -> Option<Tables> {
    let Action::Tables { sha256, content } = Command::parse(payload).ok()?.action else {
        return None;
    };
    let text = core::str::from_utf8(content).ok()?;
    Some(terms_text::read_tables(text, venues)?.named(*sha256))
}

/// TargetCompID(56) of each session.
pub(crate) fn names_of(terms: &Terms) -> Vec<Text<32>> {
    let members = terms.members.iter();
    members
        .map(|member| member.session.target_comp_id)
        .collect()
}

/// Reads the terms of every start that came so far as to have tables.
///
/// # Errors
/// [`ReplayError`] when a start's texts are not terms, or its tables are nowhere on record.
pub(crate) fn starts(inputs: &Inputs<'_>) -> Result<Starts, ReplayError> {
    let mut starts = Starts::default();
    let mut latest: Option<Terms> = None;
    let mut tables: BTreeMap<[u8; TABLE_HASH_BYTES], &str> = BTreeMap::new();
    let mut start = None;
    for (index, input) in inputs.records.iter().enumerate() {
        let number = input.head.number;
        let broken = |fault| ReplayError::Input { number, fault };
        let text_of =
            |bytes| core::str::from_utf8(bytes).map_err(|_| ReplayError::Terms { number, line: 0 });
        match input.head.kind {
            RecordKind::Start => start = Some(text_of(input.payload)?),
            RecordKind::Table => {
                let table = Table::parse(input.payload).map_err(broken)?;
                tables.insert(table.sha256, text_of(table.content)?);
            }
            RecordKind::TableVersion => {
                let hash = table_version(input.payload).map_err(broken)?;
                let table = tables.get(&hash).ok_or(ReplayError::NoTable { number })?;
                // Taken, so that a second version within one start is told apart from the first.
                let start = start.take().ok_or(ReplayError::TablesChanged { number })?;
                if !has_this_version(start) {
                    return Err(ReplayError::Version { number });
                }
                let mut terms = terms_text::read(start, table).map_err(|error| {
                    let line = error.line;
                    ReplayError::Terms { number, line }
                })?;
                terms.tables = terms.tables.named(hash);
                latest = Some(terms.clone());
                starts.terms.insert(index, terms);
            }
            RecordKind::Command => {
                let before = latest.iter();
                let swaps = before.filter_map(|terms| {
                    let tables = swapped(input.payload, terms.venues.len())?;
                    Some(Terms {
                        tables,
                        ..terms.clone()
                    })
                });
                starts.swaps.extend(swaps.map(|terms| (index, terms)));
            }
            _ => {}
        }
    }
    Ok(starts)
}
