//! `status`: how the sessions stand.

use crate::desk::reload::name_of;
use crate::desk::request::Words;
use crate::desk::thread::DeskThread;
use crate::desk::{Answer, Ask};

pub(super) fn answer(desk: &mut DeskThread, words: &mut Words<'_>) -> Result<String, String> {
    let name = words.take("session");
    words.nothing_else()?;
    let sessions = match name {
        None => 0..u16::try_from(desk.config.sessions.len()).unwrap_or(u16::MAX),
        Some(name) => {
            let index = desk.find(&name)?;
            index..index + 1
        }
    };
    let mut text = String::new();
    for index in sessions {
        let Some(Answer::Session(Some((numbers, is_bound)))) = desk.ask(Ask::Session(index)) else {
            return Ok("unknown the gateway did not answer in time\n".to_owned());
        };
        let Some(session) = desk.config.sessions.get(usize::from(index)) else {
            continue;
        };
        text += &format!(
            "session {} line={} in={} out={}{}\n",
            name_of(session),
            if is_bound { "up" } else { "down" },
            numbers.next_in,
            numbers.next_out,
            if session.is_enabled { "" } else { " disabled" }
        );
    }
    Ok(text + "done\n")
}
