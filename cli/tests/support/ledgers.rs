//! What two ledgers must say, whatever happened to the gateway in between.
//!
//! The join itself is `gwanmun_audit::ledgers`. What is checked here beside it comes from the
//! member's ledger alone: sequence numbers go on, nothing is reset, each request has one answer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use gwanmun_audit::ledgers::{Joined, join};

use super::World;

/// Joins a member's ledger with the venue's.
pub(crate) fn joined(world: &World, member_ledger: &str) -> Joined {
    let read = |name: &str| fs::read_to_string(world.path(name)).unwrap();
    join(&read(member_ledger), &[&read("exchange-ledger.csv")]).unwrap()
}

/// Nothing lost, nothing twice, nothing different; and the session as one unbroken whole.
#[track_caller]
pub(crate) fn assert_sound(world: &World, member_ledger: &str) -> Joined {
    let joined = joined(world, member_ledger);
    assert_sound_so(world, member_ledger, joined)
}

/// The same where the venue's line may have come up too late for any order: then all of them were
/// refused.
#[track_caller]
pub(crate) fn assert_sound_or_refused(world: &World, member_ledger: &str) -> Joined {
    let joined = joined(world, member_ledger);
    if joined.accepted > 0 {
        return assert_sound_so(world, member_ledger, joined);
    }
    let found = joined.lost + joined.duplicated + joined.different;
    assert_eq!((found, joined.venue_orders), (0, 0), "{joined:#?}");
    joined
}

/// The same of a member whose orders went to two venues.
#[track_caller]
pub(crate) fn assert_sound_at_both(world: &World, member_ledger: &str) -> Joined {
    let read = |name: &str| fs::read_to_string(world.path(name)).unwrap();
    let venues = [read("exchange-ledger.csv"), read("nxt-ledger.csv")];
    let joined = join(&read(member_ledger), &[&venues[0], &venues[1]]).unwrap();
    assert_sound_so(world, member_ledger, joined)
}

#[track_caller]
fn assert_sound_so(world: &World, member_ledger: &str, joined: Joined) -> Joined {
    assert!(joined.is_clean(), "{joined:#?}");
    let text = fs::read_to_string(world.path(member_ledger)).unwrap();
    let messages: Vec<Line> = text.lines().skip(1).filter_map(Line::read).collect();
    assert_numbers_go_on(&messages);
    assert_one_answer_each(&messages);
    joined
}

/// One message of the member's ledger.
struct Line {
    is_in: bool,
    fields: Vec<(String, String)>,
}

impl Line {
    /// Reads the raw column; pieces of messages give none.
    fn read(line: &str) -> Option<Line> {
        let is_in = match line.split(',').nth(1)? {
            "in" => true,
            "out" => false,
            _ => return None,
        };
        let raw = &line[line.find("8=FIX")?..];
        let raw = raw.trim_end_matches('"').replace("\"\"", "\"");
        let field = |field: &str| {
            let (tag, value) = field.split_once('=')?;
            Some((tag.to_owned(), value.to_owned()))
        };
        Some(Line {
            is_in,
            fields: raw.split('|').filter_map(field).collect(),
        })
    }

    fn field(&self, tag: &str) -> &str {
        let found = self.fields.iter().find(|field| field.0 == tag);
        found.map_or("", |field| field.1.as_str())
    }

    fn number(&self, tag: &str) -> u64 {
        self.field(tag).parse().unwrap_or(0)
    }

    fn is_copy(&self) -> bool {
        self.field("43") == "Y"
    }
}

/// No ResetSeqNumFlag(141), no SequenceReset(4) but gap fills, and every number of the gateway's
/// used for one message or filled.
#[track_caller]
fn assert_numbers_go_on(messages: &[Line]) {
    let mut last_fresh = 0;
    let mut seen = BTreeSet::new();
    for message in messages {
        assert_ne!(message.field("141"), "Y", "a reset: {:?}", message.fields);
        let is_reset = message.field("35") == "4" && message.field("123") != "Y";
        assert!(!is_reset, "a reset: {:?}", message.fields);
        if !message.is_in {
            continue;
        }
        let number = message.number("34");
        if message.field("35") == "4" {
            seen.extend(number..message.number("36"));
        } else if message.is_copy() {
            seen.insert(number);
        } else {
            assert!(
                number > last_fresh,
                "number {number} again without PossDupFlag: {:?}",
                message.fields
            );
            last_fresh = number;
            seen.insert(number);
        }
    }
    let missing: Vec<u64> = (1..=last_fresh).filter(|n| !seen.contains(n)).collect();
    assert!(missing.is_empty(), "numbers that never came: {missing:?}");
}

/// Each D, F and G has exactly one settling answer, each order at most one end, each ExecID one
/// message; copies of one message count as that message.
#[track_caller]
fn assert_one_answer_each(messages: &[Line]) {
    let mut answers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut requests: BTreeMap<String, &str> = BTreeMap::new();
    for request in messages.iter().filter(|message| !message.is_in) {
        if matches!(request.field("35"), "D" | "F" | "G") {
            answers.entry(request.field("11")).or_default();
            requests.insert(request.field("34").to_owned(), request.field("11"));
        }
    }
    let (mut numbers, mut exec_ids, mut ends) = (BTreeMap::new(), BTreeSet::new(), BTreeSet::new());
    for message in messages.iter().filter(|message| message.is_in) {
        let msg_type = message.field("35");
        if !matches!(msg_type, "8" | "9" | "3" | "j") {
            continue;
        }
        let meaning = ["35", "11", "17", "37", "39", "150"].map(|tag| message.field(tag));
        if let Some(before) = numbers.insert(message.number("34"), meaning) {
            assert_eq!(before, meaning, "one number, two messages");
            continue;
        }
        let settled = match msg_type {
            "8" => {
                assert!(exec_ids.insert(message.field("17")), "{:?}", message.fields);
                let is_end = matches!(message.field("39"), "2" | "4" | "8");
                if is_end && !message.field("37").contains("NONE") {
                    assert!(ends.insert(message.field("37")), "{:?}", message.fields);
                }
                matches!(message.field("150"), "0" | "4" | "5" | "8").then(|| message.field("11"))
            }
            "9" => Some(message.field("11")),
            "j" => Some(message.field("379")),
            _ => requests.get(message.field("45")).copied(),
        };
        // A cancel by the venue itself bears the order's name, which was answered before.
        let is_own_accord =
            msg_type == "8" && message.field("150") == "4" && message.field("41").is_empty();
        if let Some(count) = settled.and_then(|name| answers.get_mut(name))
            && !is_own_accord
        {
            *count += 1;
        }
    }
    let odd: Vec<_> = answers.iter().filter(|(_, count)| **count != 1).collect();
    assert!(
        odd.is_empty(),
        "requests without exactly one answer: {odd:?}"
    );
}

/// OUCH ClOrdIDs of the orders that an exchange was asked to enter, each as often as it was; of a
/// ledger that is being written, its whole lines.
pub(crate) fn entered(world: &World, exchange_ledger: &str) -> Vec<String> {
    let text = fs::read_to_string(world.path(exchange_ledger)).unwrap();
    let columns: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let at = |name: &str| columns.iter().position(|column| *column == name).unwrap();
    let (direction, ouch_type, cl_ord_id) = (at("direction"), at("ouch_type"), at("cl_ord_id"));
    let mut entered: Vec<String> = text
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|line| line[direction] == "in" && line[ouch_type] == "O")
        .map(|line| line[cl_ord_id].trim().to_owned())
        .collect();
    entered.sort();
    entered
}
