//! Days with an operator's commands in them: followed, refused, and cut off by the end of a start.

use gwanmun_audit::replay::{self, What};
use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command, Direction, LedgerChange};
use gwanmun_captures::journal::{ChainReader, RecordKind};
use gwanmun_gateway::CommandRefusal;
use gwanmun_gateway::effect::TAG_COMMAND;

use crate::day::rewrite::{Becomes, lent, rewritten};
use crate::day::{Day, sent};

fn command(direction: Direction, number: u64) -> Vec<u8> {
    let command = Command {
        operator: b"kim",
        requester: b"lee",
        reason: b"lost its store",
        action: Action::SetNumber {
            session: 0,
            direction,
            number,
        },
    };
    let mut payload = [0; COMMAND_BYTES_MAX];
    let length = command.encode(&mut payload).unwrap();
    payload[..length].to_vec()
}

#[test]
fn commands_followed_and_refused_are_replayed() {
    let mut day = Day::begin();
    day.accepted_order(sent("C1", '1', 10, 71_400));
    assert!(day.command(&command(Direction::Out, 500)));
    assert!(!day.command(&command(Direction::Out, 1)));
    day.accepted_order(sent("C2", '1', 10, 71_400));
    day.msg_seq_num += 7;
    assert!(day.command(&command(Direction::In, day.msg_seq_num)));
    day.accepted_order(sent("C3", '1', 10, 71_400)).unwrap();
    day.restart();
    let resend = day.message("2", "7=1|16=0|");
    day.receive(day.member, &resend);
    day.accepted_order(sent("C4", '1', 10, 71_400)).unwrap();
    assert!(day.command(&command(Direction::Out, 900)));
    day.restart();
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert!(report.is_identical());
    assert_eq!(report.undecided, []);
}

/// A loan confirmed, returned and refused; the second replay knows the commands by their own words.
#[test]
fn changes_of_the_ledger_are_replayed() {
    let mut day = Day::begin();
    let give = |day: &mut Day, change, quantity| {
        let command = Command {
            operator: b"kim",
            requester: b"lee",
            reason: b"loan L-77",
            action: Action::Ledger {
                change,
                account: b"ACC-1",
                symbol: b"005930",
                quantity,
            },
        };
        let mut payload = [0; COMMAND_BYTES_MAX];
        let length = command.encode(&mut payload).unwrap();
        day.command(&payload[..length])
    };
    day.order(sent("C0", '5', 100_050, 71_400));
    assert!(day.requests().is_empty());
    assert!(give(&mut day, LedgerChange::Loan, 50));
    day.accepted_order(sent("C1", '5', 100_050, 71_400))
        .unwrap();
    assert!(!give(&mut day, LedgerChange::Return, 1));
    day.restart();
    assert!(!give(&mut day, LedgerChange::Return, 1));
    assert!(give(&mut day, LedgerChange::Recall, 7));
    assert!(give(&mut day, LedgerChange::Return, 7));
    day.accepted_order(sent("C2", '1', 10, 71_400)).unwrap();
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert!(report.is_identical());
    assert_eq!(report.undecided, []);
    // Whoever reads the capture finds each of them, with its answer.
    let numbers: Vec<u64> = ChainReader::new(day.edge.segments())
        .map(|read| read.unwrap().record.head)
        .filter(|head| head.kind == RecordKind::Command)
        .map(|head| head.number)
        .collect();
    let refused = format!(
        "refused with number {}",
        CommandRefusal::WouldOversell as u8
    );
    let expected = [
        ("loan confirmed: 50", "done"),
        ("loan returned: 1", &refused),
        ("loan returned: 1", &refused),
        ("recalled: 7", "done"),
        ("loan returned: 7", "done"),
    ];
    assert_eq!(numbers.len(), expected.len());
    for (number, (change, outcome)) in numbers.iter().zip(expected) {
        let command = format!("command #{number}");
        let asked = format!(
            "{command} by \"kim\", asked for by \"lee\": {change} of \"005930\" for \"ACC-1\", \
             because \"loan L-77\""
        );
        assert!(day.edge.capture_says(&asked), "{asked}");
        let answer = format!("{command} {outcome}");
        assert!(day.edge.capture_says(&answer), "{answer}");
    }
}

/// A session disabled on its standing line, one more row than there is room for, and the session
/// enabled again.
#[test]
fn sessions_that_change_are_replayed() {
    let mut day = Day::begin();
    day.accepted_order(sent("C1", '1', 10, 71_400));
    let mut row = day.gateway.terms().members[0].clone();
    let give = |day: &mut Day, rows: &[(u16, &gwanmun_gateway::MemberTerms)]| {
        let rows = gwanmun_gateway::write_rows(rows);
        let command = Command {
            operator: b"kim",
            requester: b"",
            reason: b"left us",
            action: Action::Sessions {
                rows: rows.as_bytes(),
            },
        };
        let mut payload = vec![0; 4096];
        let length = command.encode(&mut payload).unwrap();
        day.sessions(&payload[..length])
    };
    row.is_enabled = false;
    assert!(give(&mut day, &[(0, &row)]));
    day.take_outputs();
    let goodbye = day.message("5", "");
    day.receive(day.member, &goodbye);
    let mut other = row.clone();
    other.session.target_comp_id = gwanmun_market::Text::new(b"OTHER").unwrap();
    assert!(!give(&mut day, &[(1, &other)]));
    row.is_enabled = true;
    assert!(give(&mut day, &[(0, &row)]));
    day.member_up();
    day.accepted_order(sent("C2", '1', 10, 71_400)).unwrap();
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert!(report.is_identical());
}

#[test]
fn a_command_that_the_process_did_not_live_to_follow_is_undecided() {
    let mut day = Day::begin();
    day.accepted_order(sent("C1", '1', 10, 71_400));
    let numbers = day.gateway.numbers(0);
    day.edge.lives_for = Some(0);
    day.command_and_die(&command(Direction::Out, 500));
    day.edge.wipe_tail();
    day.restart_without_lines();
    assert_eq!(day.gateway.numbers(0), numbers);
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert_eq!(report.undecided.len(), 1);
}

/// The record says that a command was followed which the gateway refuses.
#[test]
fn another_outcome_on_record_is_found() {
    let mut day = Day::begin();
    assert!(!day.command(&command(Direction::In, 0)));
    // Refusal 2, at the end of an entry's eight bytes of head.
    let refused = [TAG_COMMAND, 0, 0, 0, 1, 0, 0, 0, 2];
    let segments = rewritten(&day.edge.segments(), |record| {
        let mut payload = record.payload.to_vec();
        let at = payload.windows(9).position(|entry| entry == refused);
        match at.filter(|_| record.head.kind == RecordKind::Effect) {
            Some(at) => {
                payload[at + 8] = 0;
                Becomes::With(payload)
            }
            None => Becomes::Itself,
        }
    });
    let report = replay::replay(&lent(&segments), &mut |_, _| {}).unwrap();
    assert!(!report.is_identical());
    let found = &report.first_differences[0].what;
    assert!(
        matches!(
            found,
            What::State {
                tag: TAG_COMMAND,
                ..
            }
        ),
        "{found:?}"
    );
}
