//! `tables`: the tables' file read again, and in force between two turns.

use crate::config::{ConfigError, Tables};
use crate::desk::request::Words;
use crate::desk::tables::TablesPlan;
use crate::desk::thread::{Asked, DeskThread};
use crate::desk::{Answer, Ask};
use crate::events::Event;
use crate::start_error::StartError;

pub(super) fn answer(
    desk: &mut DeskThread,
    operator: &str,
    words: &mut Words<'_>,
) -> Result<String, String> {
    let why = words.why()?;
    words.nothing_else()?;
    let file = &desk.config.tables.file;
    let rows = match Tables::load(file) {
        Ok(rows) => rows,
        Err(error) => return Ok(mistakes(&error)),
    };
    let names: Vec<_> = desk.terms.venues.iter().map(|venue| venue.name).collect();
    let next =
        crate::terms::tables(&rows, &names, desk.config.gateway.trading_day).map_err(|error| {
            if matches!(error, StartError::AccountTableMissing) {
                desk.tell(Event::AccountTableMissing);
            }
            error.to_string()
        })?;
    let plan = TablesPlan::new(&desk.terms.tables, next)?;
    let requester = desk.operators.requester(&why.requester);
    let who = (operator, requester, why.reason.as_str());
    let command = plan.command(who, &desk.terms, desk.config.journal.segment_bytes)?;
    let changed = plan.changed;
    desk.asked = Some(Asked::Tables(Box::new(plan.tables)));
    let answer = desk.ask(Ask::Tables(Box::new(command)));
    let facts = match &answer {
        Some(Answer::Tables { version, .. }) => {
            format!("tables version={version} rows_changed={changed}\n")
        }
        _ => String::new(),
    };
    Ok(desk.told(answer, &facts))
}

/// Every mistake of a file, a line each, and that nothing of it is taken.
fn mistakes(error: &ConfigError) -> String {
    let mut text = String::new();
    for problem in error.problems() {
        let (line, _) = error.line_and_column(problem);
        let mut what = problem.message.clone();
        if !problem.remedy.is_empty() {
            what += &format!("; {}", problem.remedy);
        }
        let what = what.replace('\n', " ");
        text += &format!("{} line {line}: {what}\n", error.file());
    }
    let count = error.problems().len();
    let mistakes = if count == 1 { "mistake" } else { "mistakes" };
    text + &format!("refused {count} {mistakes}: nothing of the file is taken\n")
}
