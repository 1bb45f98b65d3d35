//! Sessions that come, or get other terms, while the gateway runs: rows by their index, as a
//! command holds them and its effect repeats them.
//!
//! What needs memory is made here, by whoever brings the command: the gateway only swaps. Rows that
//! stood before are in the command afterwards, to be freed by whoever has it. A session is never
//! taken out, since the journal knows it by its index; it is disabled.

use core::fmt::Write as _;

use gwanmun_captures::command::{Action, Command};

use crate::command_path::CommandRefusal;
use crate::edge::EFFECT_BYTES_MAX;
use crate::recovery::RecoveryFault;
use crate::state::{Member, State, may_use};
use crate::terms::{MemberTerms, Terms};
use crate::terms_text;

/// Longest text of all rows of one command: some fifty sessions with a few accounts. Its effect
/// holds it whole.
pub const ROWS_BYTES_MAX: usize = 12 * 1024;

const _: () = assert!(ROWS_BYTES_MAX + 1024 < EFFECT_BYTES_MAX);

/// One session as it is to be.
struct Row {
    index: u16,
    /// `None` once it has been taken for a session that is new.
    terms: Option<MemberTerms>,
    may_use: Option<Box<[bool]>>,
}

impl Row {
    fn new(index: u16, terms: MemberTerms, all: &Terms) -> Row {
        let may_use = may_use(&terms, &all.tables);
        Row {
            index,
            terms: Some(terms),
            may_use: Some(may_use),
        }
    }
}

/// Writes rows as a command holds them.
#[must_use]
pub fn write_rows(rows: &[(u16, &MemberTerms)]) -> String {
    let mut text = String::new();
    for (index, member) in rows {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "row {index}");
        terms_text::write_member(&mut text, member);
    }
    text
}

/// Reads rows; indices go up.
fn read_rows(bytes: &[u8]) -> Option<Vec<(u16, MemberTerms)>> {
    let text = core::str::from_utf8(bytes).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    let mut rows: Vec<(u16, MemberTerms)> = Vec::new();
    let mut rest = lines.as_slice();
    while let Some((head, behind)) = rest.split_first() {
        let index = head.strip_prefix("row ")?.parse().ok()?;
        let length = behind.iter().take_while(|line| !line.starts_with("row "));
        let (row, others) = behind.split_at_checked(length.count())?;
        if rows.last().is_some_and(|last| last.0 >= index) {
            return None;
        }
        rows.push((index, terms_text::read_member(row)?));
        rest = others;
    }
    Some(rows)
}

/// A command about sessions with everything that it needs, made before it is given.
pub struct SessionsCommand {
    /// Invariant: parses to `rows`.
    payload: Box<[u8]>,
    rows: Vec<Row>,
}

impl SessionsCommand {
    /// Makes ready a Command record's payload; `None` where it is no such command, or its rows are
    /// none or longer than [`ROWS_BYTES_MAX`].
    #[must_use]
    pub fn read(payload: &[u8], terms: &Terms) -> Option<SessionsCommand> {
        let command = Command::parse(payload).ok()?;
        let Action::Sessions { rows } = command.action else {
            return None;
        };
        if rows.len() > ROWS_BYTES_MAX {
            return None;
        }
        let rows = read_rows(rows)?.into_iter();
        Some(SessionsCommand {
            payload: payload.into(),
            rows: rows
                .map(|(index, row)| Row::new(index, row, terms))
                .collect(),
        })
    }

    /// The payload of its record.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The rows' own text.
    pub(crate) fn text(&self) -> &[u8] {
        match Command::parse(&self.payload).map(|command| command.action) {
            Ok(Action::Sessions { rows }) => rows,
            _ => &[],
        }
    }

    /// The sessions that it is about.
    pub(crate) fn indices(&self) -> impl Iterator<Item = u16> {
        self.rows.iter().map(|row| row.index)
    }
}

impl State {
    /// Whether every row may be taken.
    pub(crate) fn judge_rows(&self, command: &SessionsCommand) -> Result<(), CommandRefusal> {
        let mut next = self.members.len();
        for row in &command.rows {
            let terms = row.terms.as_ref().ok_or(CommandRefusal::Unreadable)?;
            let index = usize::from(row.index);
            let before = self.terms.members.get(index);
            if let Some(before) = before {
                let entry = self.members.get(index);
                let has_line = entry.is_some_and(|entry| entry.line.is_some());
                if !is_one_session(before, terms) {
                    return Err(CommandRefusal::SessionMoved);
                }
                if has_line && before.session != terms.session {
                    return Err(CommandRefusal::SessionBusy);
                }
                continue;
            }
            let is_twin = |other: &MemberTerms| is_one_session(other, terms);
            if index != next || self.terms.members.iter().any(is_twin) {
                return Err(CommandRefusal::SessionMoved);
            }
            if index >= self.sessions_max {
                return Err(CommandRefusal::NoRoom);
            }
            next += 1;
        }
        Ok(())
    }

    /// Takes every row: they were judged.
    pub(crate) fn take_rows(&mut self, command: &mut SessionsCommand) {
        for row in &mut command.rows {
            self.take_row(row);
        }
    }

    fn take_row(&mut self, row: &mut Row) {
        let index = usize::from(row.index);
        let place = self.members.get_mut(index);
        match place.zip(self.terms.members.get_mut(index)) {
            Some((member, before)) => {
                let Some((terms, may_use)) = row.terms.as_mut().zip(row.may_use.as_mut()) else {
                    return;
                };
                core::mem::swap(before, terms);
                core::mem::swap(&mut member.may_use, may_use);
                // Refused with a line only where nothing would change.
                let agreed = member.session.terms().reset;
                let is_reset_time = agreed != member.reset_agreed;
                let _ = member.session.set_terms(before.session);
                member.reset_agreed = before.session.reset;
                if is_reset_time {
                    // Its time goes on: only the schedule ends it.
                    member.session.set_reset(agreed);
                }
            }
            None => {
                let Some((terms, may_use)) = row.terms.take().zip(row.may_use.take()) else {
                    return;
                };
                assert!(index == self.members.len() && index < self.sessions_max);
                self.members.push(Member::new(&terms, may_use));
                self.terms.members.push(terms);
            }
        }
    }

    /// Rows of an effect on record. They are terms of the past: a start has its own, and only must
    /// have these sessions where they were. A state that follows a live one takes them.
    pub(crate) fn restore_rows(&mut self, bytes: &[u8]) -> Result<(), RecoveryFault> {
        for (index, terms) in read_rows(bytes).ok_or(RecoveryFault::Image)? {
            match self.terms.members.get(usize::from(index)) {
                Some(known) if !is_one_session(known, &terms) => {
                    return Err(RecoveryFault::Session);
                }
                Some(_) if !self.follows => continue,
                None if !self.follows || usize::from(index) != self.members.len() => {
                    return Err(RecoveryFault::Session);
                }
                None if usize::from(index) >= self.sessions_max => {
                    return Err(RecoveryFault::Capacity);
                }
                _ => {}
            }
            let mut row = Row::new(index, terms, &self.terms);
            self.take_row(&mut row);
        }
        Ok(())
    }
}

/// Whether both are terms of the same session.
fn is_one_session(one: &MemberTerms, other: &MemberTerms) -> bool {
    one.session.sender_comp_id == other.session.sender_comp_id
        && one.session.target_comp_id == other.session.target_comp_id
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::session::SessionTerms;
    use gwanmun_market::Text;

    use super::*;

    fn member(target: &[u8], is_enabled: bool) -> MemberTerms {
        let id = |text: &[u8]| Text::new(text).unwrap();
        MemberTerms {
            session: SessionTerms::new(id(b"GATE"), id(target), true),
            accounts: vec![Text::new(b"A 1").unwrap(), Text::new(b"A2").unwrap()],
            must_authenticate: true,
            is_enabled,
        }
    }

    #[test]
    fn rows_read_back_and_nothing_else_does() {
        let (one, two) = (member(b"M1", true), member(b"M 2", false));
        let text = write_rows(&[(3, &one), (7, &two)]);
        assert_eq!(read_rows(text.as_bytes()), Some(vec![(3, one), (7, two)]));
        assert_eq!(read_rows(b""), Some(Vec::new()));
        let swapped = text.replace("row 3", "row 7");
        let twice = format!("{text}member {}", text.split("member ").nth(1).unwrap());
        for wrong in [
            "row",
            "row x\n",
            "row 1\n",
            "member\n",
            "row 1\nrow 2\n",
            "row 1\ndisabled\n",
            &swapped,
            &twice,
            &text.replace("may_use", "account"),
        ] {
            assert_eq!(read_rows(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(read_rows(b"row 1\xFF"), None);
    }
}
