//! `set-number`: one sequence number of one session.

use gwanmun_captures::command::{Action, Direction};

use super::give;
use crate::desk::request::Words;
use crate::desk::thread::DeskThread;

pub(super) fn answer(
    desk: &mut DeskThread,
    operator: &str,
    words: &mut Words<'_>,
) -> Result<String, String> {
    let name = words.required("session")?;
    let direction = match words.required("direction")?.as_str() {
        "in" => Direction::In,
        "out" => Direction::Out,
        _ => return Err("`direction` is in or out".to_owned()),
    };
    let number = words.number("number")?;
    let why = words.why()?;
    words.nothing_else()?;
    let action = Action::SetNumber {
        session: desk.find(&name)?,
        direction,
        number,
    };
    give(desk, operator, &why, action)
}
