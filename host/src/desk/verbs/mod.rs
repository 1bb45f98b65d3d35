//! The desk's verbs, a file for each: what its words are, what is asked of the order core, and what
//! the operator is told.
//!
//! To add one, write its file and name it in [`answer`]. What it says to the gateway is an
//! [`Action`] of its own (`gwanmun_captures::command`), judged and followed there.

mod add_session;
mod approve;
mod ledger;
mod reload;
mod set_number;
mod status;
mod tables;

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command};

use super::Ask;
use super::request::{self, Why};
use super::thread::DeskThread;

/// Does what a line says, and gives the answer.
///
/// # Errors
/// Why it is not done, for people: without the word `refused` in front, and without an end of line.
pub(super) fn answer(desk: &mut DeskThread, operator: &str, line: &[u8]) -> Result<String, String> {
    let mut words = request::read(line)?;
    match words.verb() {
        "add-session" => add_session::answer(desk, operator, &mut words),
        "approve" => approve::answer(desk, operator, &mut words),
        "balance" => ledger::balance(desk, &mut words),
        "borrows" => ledger::borrows(desk, &mut words),
        "loan" | "recall" | "return" | "transfer" => ledger::answer(desk, operator, &mut words),
        "reload" => reload::answer(desk, operator, &mut words),
        "set-number" => set_number::answer(desk, operator, &mut words),
        "status" => status::answer(desk, &mut words),
        "tables" => tables::answer(desk, operator, &mut words),
        verb => Err(format!("`{}` is no command", verb.escape_debug())),
    }
}

/// Gives a command without rows to the order core, and its answer.
fn give(
    desk: &mut DeskThread,
    operator: &str,
    why: &Why,
    action: Action<'_>,
) -> Result<String, String> {
    let requester = desk.operators.requester(&why.requester);
    let command = Command {
        operator: operator.as_bytes(),
        requester: requester.as_bytes(),
        reason: why.reason.as_bytes(),
        action,
    };
    let mut bytes = [0; COMMAND_BYTES_MAX];
    let length = command.encode(&mut bytes).ok_or("that is too long")?;
    Ok(desk.command(Ask::Command(bytes, length)))
}

#[cfg(test)]
mod tests {
    use super::super::thread::tests::desk;
    use super::*;

    #[test]
    fn whatever_else_is_said_is_refused_by_name_and_asked_of_nobody() {
        let (_folder, core, mut thread) = desk("desk-verbs");
        let long = format!(
            "set-number session=MEMBER1 direction=in number=1 reason={}",
            "r".repeat(161)
        );
        let who = format!(
            "set-number session=MEMBER1 direction=in number=1 requester={}",
            "r".repeat(33)
        );
        for (line, expected) in [
            ("sell\x1b", "`sell\\u{1b}` is no command"),
            ("set-number", "`session` is missing"),
            (
                "set-number session=MEMBER1 direction=up",
                "`direction` is in or out",
            ),
            (
                "set-number session=MEMBER1 direction=in number=-1",
                "`number` is no number",
            ),
            (
                "set-number session=M direction=in number=1",
                "there is no session M",
            ),
            ("approve reason=r", "`order` is missing"),
            (
                "approve order=GW1000000000001 reason=r",
                "`order` has 1 to 14 bytes",
            ),
            ("approve order=A number=1", "`approve` has no `number`"),
            ("status number=1", "`status` has no `number`"),
            (&long, "`reason` is longer than 160 bytes"),
            (&who, "`requester` is longer than 32 bytes"),
        ] {
            let refused = answer(&mut thread, "root", line.as_bytes());
            assert_eq!(refused, Err(expected.to_owned()));
        }
        assert!(core.asks.try_recv().is_err());
    }
}
