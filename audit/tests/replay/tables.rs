//! Days in which other tables were put in force: replayed, restarted, and decided otherwise.

use gwanmun_audit::replay;
use gwanmun_captures::command::{Action, Command};
use gwanmun_captures::journal::RecordKind;
use gwanmun_gateway::effect::TAG_TABLES;
use gwanmun_gateway::terms_text::{read_tables, write_tables};
use gwanmun_market::GateCode;

use crate::day::rewrite::{Becomes, lent, rewritten};
use crate::day::{Day, sent};
use crate::what_if::what_if;

fn payload(content: &str) -> Vec<u8> {
    let command = Command {
        operator: b"kim",
        requester: b"lee",
        reason: b"a narrower collar",
        action: Action::Tables {
            sha256: &[content.bytes().fold(0, u8::wrapping_add); 32],
            content: content.as_bytes(),
        },
    };
    let mut payload = vec![0; content.len() + 512];
    let length = command.encode(&mut payload).unwrap();
    payload[..length].to_vec()
}

/// Text of the tables in force, with another collar.
fn with_collar(day: &Day, bps: u32) -> String {
    let text = write_tables(&day.gateway.terms().tables);
    let mut all = String::new();
    for line in text.lines() {
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        if words[0] == "instrument" {
            words[5] = bps.to_string();
        }
        all += &(words.join(" ") + "\n");
    }
    all
}

/// One order under five percent, one under one, and after a restart one more under it.
fn day_with_a_swap() -> Day {
    let mut day = Day::begin();
    day.accepted_order(sent("A", '1', 10, 73_000)).unwrap();
    let narrow = with_collar(&day, 100);
    assert!(day.tables(&payload(&narrow)));
    // A refused one counts for nothing.
    assert!(!day.tables(&payload(&format!("{narrow}account ACC-0 1 1\n"))));
    assert_eq!(day.accepted_order(sent("B", '1', 10, 73_000)), None);
    day.accepted_order(sent("C", '1', 10, 72_000)).unwrap();
    day.restart();
    assert_eq!(day.accepted_order(sent("D", '1', 10, 73_000)), None);
    let wide = with_collar(&day, 300);
    assert!(day.tables(&payload(&wide)));
    day.accepted_order(sent("E", '1', 10, 73_000)).unwrap();
    day
}

#[test]
fn a_day_with_swaps_is_replayed_and_its_verdicts_say_by_which_tables() {
    let day = day_with_a_swap();
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert!(report.is_identical());
    let told: Vec<(String, &str, u16)> = report
        .decisions
        .iter()
        .map(|one| {
            (
                one.cl_ord_id.to_string(),
                one.verdict.name(),
                one.tables.count,
            )
        })
        .collect();
    let (passed, collar) = ("PASSED", GateCode::PriceCollar.name());
    let expected = [
        ("A", passed, 1),
        ("B", collar, 2),
        ("C", passed, 2),
        ("D", collar, 2),
    ];
    let expected = expected.into_iter().chain([("E", passed, 3)]);
    let expected: Vec<_> = expected.map(|(a, b, c)| (a.to_owned(), b, c)).collect();
    assert_eq!(told, expected);
    let hashes = report.decisions.iter().map(|one| one.tables.hash);
    let hashes: std::collections::BTreeSet<u32> = hashes.collect();
    assert_eq!(hashes.len(), 3);
}

/// What if the day had had another collar from the beginning: it holds before the first swap,
/// behind every one, and behind the restart.
#[test]
fn a_change_holds_for_every_tables_of_the_day() {
    let day = day_with_a_swap();
    let found = |set: &str| {
        let changed = what_if(&day, &[set]);
        assert!(changed.is_sound());
        let all = changed.changed.iter();
        all.map(|one| (one.cl_ord_id.to_string(), one.after.name()))
            .collect::<Vec<_>>()
    };
    let passed = |name: &str| (name.to_owned(), "PASSED");
    let wide = found("instrument.*.collar_bps=500");
    assert_eq!(wide, [passed("B"), passed("D")]);
    let collar = |name: &str| (name.to_owned(), GateCode::PriceCollar.name());
    let narrow = found("instrument.*.collar_bps=50");
    // C lies within the collar's least width.
    assert_eq!(narrow, [collar("A"), collar("E")]);
    // Whole tables stand in the place of all that there were.
    let text = with_collar(&day, 500);
    let tables = read_tables(&text, 1).unwrap();
    let segments = day.edge.segments();
    let other = (Some(&tables), &[][..]);
    let changed = replay::what_if_with(&segments, other, &mut |_, _| {}).unwrap();
    assert!(changed.is_sound());
    let names = changed.changed.iter().map(|one| one.cl_ord_id.to_string());
    assert_eq!(names.collect::<Vec<_>>(), ["B", "D"]);
    let first = changed.changed.first().unwrap();
    let ordered = changed.replay.ordered.get(&first.order_id).unwrap();
    assert_eq!((ordered.qty, ordered.value_won), (10, 730_000));
    assert_eq!(ordered.cost_won, 10 * (73_000 - 71_500));
}

#[test]
fn tables_that_the_process_did_not_live_to_take_are_undecided() {
    let mut day = Day::begin();
    day.accepted_order(sent("A", '1', 10, 73_000)).unwrap();
    let narrow = payload(&with_collar(&day, 100));
    day.edge.lives_for = Some(0);
    day.tables_and_die(&narrow);
    day.edge.wipe_tail();
    day.restart();
    day.accepted_order(sent("B", '1', 10, 73_000)).unwrap();
    let report = day.edge.replay();
    assert_eq!(report.first_differences, []);
    assert_eq!(report.undecided.len(), 1);
}

/// The record names other tables than those that were brought.
#[test]
fn another_hash_on_record_is_found() {
    let day = day_with_a_swap();
    let segments = rewritten(&day.edge.segments(), |record| {
        let mut payload = record.payload.to_vec();
        let is_effect = record.head.kind == RecordKind::Effect;
        match payload.first() {
            Some(&TAG_TABLES) if is_effect => {
                payload[12] ^= 1;
                Becomes::With(payload)
            }
            _ => Becomes::Itself,
        }
    });
    let report = replay::replay(&lent(&segments), &mut |_, _| {}).unwrap();
    assert!(!report.is_identical());
}
