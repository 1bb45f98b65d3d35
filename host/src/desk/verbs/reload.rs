//! `reload`: the session list read again.

use std::sync::Arc;

use crate::config::Config;
use crate::desk::Ask;
use crate::desk::reload::{Plan, Reload};
use crate::desk::request::{Why, Words};
use crate::desk::thread::{DeskThread, first_problem};

pub(super) fn answer(
    desk: &mut DeskThread,
    operator: &str,
    words: &mut Words<'_>,
) -> Result<String, String> {
    let why = words.why()?;
    words.nothing_else()?;
    let file = desk.config.file.as_deref();
    let file = file.ok_or("the configuration was read from no file")?;
    let new = Config::load(file).map_err(|error| first_problem(&error))?;
    let plan = Plan::new(&desk.config, &desk.terms, &new)?;
    take(desk, operator, &why, plan)
}

/// Has a plan taken by the order core.
fn take(desk: &mut DeskThread, operator: &str, why: &Why, plan: Plan) -> Result<String, String> {
    let requester = desk.operators.requester(&why.requester);
    let command = plan.command((operator, requester, &why.reason), &desk.terms)?;
    let facts = plan.facts.clone();
    let config = Arc::clone(&plan.config);
    desk.asked = Some(plan);
    let reload = Box::new(Reload { command, config });
    let answer = desk.ask(Ask::Sessions(reload));
    Ok(desk.told(answer, &facts))
}
