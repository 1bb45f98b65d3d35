//! The terms of each start of the day, as the journal has them.

use std::collections::BTreeMap;

use gwanmun_captures::input::{TABLE_HASH_BYTES, Table, table_version};
use gwanmun_captures::journal::RecordKind;
use gwanmun_gateway::{Terms, has_this_version, terms_text};

use super::ReplayError;
use super::cut::Inputs;

/// Terms by the index of the input that puts them in force, a start's only TableVersion.
pub(crate) type Starts = BTreeMap<usize, Terms>;

/// Reads the terms of every start that came so far as to have tables.
///
/// # Errors
/// [`ReplayError`] when a start's texts are not terms, or its tables are nowhere on record.
pub(crate) fn starts(inputs: &Inputs<'_>) -> Result<Starts, ReplayError> {
    let mut starts = Starts::new();
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
                let terms = terms_text::read(start, table).map_err(|error| {
                    let line = error.line;
                    ReplayError::Terms { number, line }
                })?;
                starts.insert(index, terms);
            }
            _ => {}
        }
    }
    Ok(starts)
}
