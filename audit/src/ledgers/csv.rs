//! The little of CSV that ledgers need: a head line with names, quoted cells, no line breaks within
//! cells.

/// Why a text is not a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerError {
    /// The text is empty.
    Empty,
    /// The head line lacks a column.
    Column(&'static str),
    /// A line has more or fewer cells than the head line. Lines count from 1.
    Cells {
        /// Which line.
        line: usize,
    },
    /// A number is not one. Lines count from 1.
    Number {
        /// Which line.
        line: usize,
        /// Which column.
        column: &'static str,
    },
    /// The last line does not end: the writer was cut off.
    CutShort {
        /// Which line.
        line: usize,
    },
}

impl core::fmt::Display for LedgerError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            LedgerError::Empty => f.write_str("the ledger is empty"),
            LedgerError::Column(name) => write!(f, "the ledger has no column `{name}`"),
            LedgerError::Cells { line } => write!(f, "line {line}: a wrong number of cells"),
            LedgerError::Number { line, column } => {
                write!(f, "line {line}: `{column}` is not a number")
            }
            LedgerError::CutShort { line } => write!(f, "line {line} has no end"),
        }
    }
}

impl core::error::Error for LedgerError {}

/// Rows of a ledger, by the names of their columns.
pub(super) struct Rows<'a, const N: usize> {
    lines: core::str::Lines<'a>,
    /// Where each wanted column stands.
    places: [usize; N],
    columns: [&'static str; N],
    width: usize,
    line: usize,
}

impl<'a, const N: usize> Rows<'a, N> {
    /// Reads the head line; `columns` are the wanted ones.
    pub(super) fn new(text: &'a str, columns: [&'static str; N]) -> Result<Self, LedgerError> {
        if text.is_empty() {
            return Err(LedgerError::Empty);
        }
        if !text.ends_with('\n') {
            return Err(LedgerError::CutShort {
                line: text.lines().count(),
            });
        }
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().unwrap_or("").split(',').collect();
        let mut places = [0; N];
        for (place, column) in places.iter_mut().zip(columns) {
            *place = names
                .iter()
                .position(|name| *name == column)
                .ok_or(LedgerError::Column(column))?;
        }
        Ok(Rows {
            lines,
            places,
            columns,
            width: names.len(),
            line: 1,
        })
    }

    /// The wanted cells of the next line.
    pub(super) fn next_row(&mut self) -> Result<Option<[String; N]>, LedgerError> {
        let Some(line) = self.lines.next() else {
            return Ok(None);
        };
        self.line += 1;
        let cells = cells(line);
        if cells.len() != self.width {
            return Err(LedgerError::Cells { line: self.line });
        }
        Ok(Some(self.places.map(|place| {
            cells.get(place).cloned().unwrap_or_default()
        })))
    }

    /// A whole number; an empty cell is none. A decimal such as `100.0` is read as the 100 it is.
    pub(super) fn number(&self, cell: &str, column: &'static str) -> Result<u64, LedgerError> {
        debug_assert!(
            self.columns.contains(&column),
            "{column} is not one of the wanted columns"
        );
        let whole = match cell.split_once('.') {
            Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
            _ => cell,
        };
        whole.parse().map_err(|_| LedgerError::Number {
            line: self.line,
            column,
        })
    }
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                push(&mut cells, '"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => push(&mut cells, other),
        }
    }
    cells
}

fn push(cells: &mut [String], character: char) {
    if let Some(last) = cells.last_mut() {
        last.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_where_they_end() {
        assert_eq!(cells("a,\"b,\"\"c\"\"\",,d"), ["a", "b,\"c\"", "", "d"]);
        assert_eq!(cells(""), [""]);
    }

    #[test]
    fn half_a_ledger_is_none() {
        let error = |text| Rows::new(text, ["a", "b"]).err();
        assert_eq!(error(""), Some(LedgerError::Empty));
        assert_eq!(error("a,c\n"), Some(LedgerError::Column("b")));
        assert_eq!(
            error("a,b\n1,2\n3"),
            Some(LedgerError::CutShort { line: 3 })
        );
        let mut rows = Rows::new("b,a\n1,2\n3\n", ["a", "b"]).unwrap();
        assert_eq!(rows.next_row(), Ok(Some(["2".to_owned(), "1".to_owned()])));
        assert_eq!(rows.next_row(), Err(LedgerError::Cells { line: 3 }));
    }
}
