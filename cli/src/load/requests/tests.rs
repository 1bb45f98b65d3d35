//! Answers as a gateway gives them, and as it must not; and the open loop over a virtual clock.

use std::collections::BTreeMap;

use super::*;
use crate::demo::initiator::{Initiator, InitiatorTerms, Turn};
use crate::load::flow::Flow;
use crate::load::schedule::{End, Schedule, ScheduleTerms};

const MS: u64 = 1_000_000;

/// Requests under test, with a session through which answers reach them.
struct Desk {
    requests: Requests,
    session: Initiator,
    figures: Figures,
    settled: Vec<u64>,
    flow: Flow,
    next_answer: u64,
}

impl Desk {
    fn new() -> Desk {
        let mut session = Initiator::new(InitiatorTerms {
            sender_comp_id: "M".to_owned(),
            target_comp_id: "G".to_owned(),
            credentials: None,
            heart_bt_int_s: 30,
        });
        session.on_connect(0);
        let mut desk = Desk {
            requests: Requests::new("L".to_owned()),
            session,
            figures: Figures::default(),
            settled: Vec::new(),
            flow: Flow::new(1, 1, None, Vec::new()),
            next_answer: 1,
        };
        desk.answer("35=A", 0);
        desk
    }

    /// An order for the day of ten shares, due and sent at `due_ns`: its ClOrdID.
    fn order(&mut self, due_ns: u64) -> String {
        let mut new = self.flow.next_order().1;
        new.time_in_force = TimeInForce::Day;
        new.order_qty = 10;
        let number = self.requests.next;
        let (_, body) = self.requests.order(new, due_ns, 100 + number, due_ns);
        self.figures.orders += 1;
        let name = body.split(['=', '\u{1}']).nth(1).unwrap();
        name.to_owned()
    }

    /// A message of the gateway, with `|` for SOH.
    fn answer(&mut self, fields: &str, now_ns: u64) {
        let fields = fields.replace('|', "\u{1}");
        let (msg_type, rest) = fields.split_once('\u{1}').unwrap_or((&fields, ""));
        let number = self.next_answer;
        self.next_answer += 1;
        let mut body = format!("{msg_type}\u{1}34={number}\u{1}");
        if !rest.is_empty() {
            body.push_str(rest);
            body.push('\u{1}');
        }
        let message = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len());
        let sum = message
            .bytes()
            .fold(0_u8, |sum, byte| sum.wrapping_add(byte));
        let message = format!("{message}10={sum:03}\u{1}");
        let (requests, figures, settled) =
            (&mut self.requests, &mut self.figures, &mut self.settled);
        let turn = self
            .session
            .on_bytes(message.as_bytes(), now_ns, &mut |message| {
                requests.on_message(message, now_ns, figures, &mut |number| settled.push(number));
            });
        assert_eq!(turn, Turn::Open);
    }

    fn acknowledge(&mut self, name: &str, now_ns: u64) {
        self.answer(&format!("35=8|11={name}|150=0|39=0|151=10"), now_ns);
    }
}

#[test]
fn an_order_lives_and_is_forgotten() {
    let mut desk = Desk::new();
    let name = desk.order(0);
    desk.acknowledge(&name, MS);
    assert_eq!(
        (desk.requests.unanswered(), desk.settled.as_slice()),
        (0, [101].as_slice())
    );
    desk.answer(&format!("35=8|11={name}|150=F|32=4|151=6"), MS);
    desk.answer(&format!("35=8|11={name}|150=F|32=6|151=0"), MS);
    assert_eq!((desk.figures.fills, desk.figures.broken_count), (2, 0));
    assert!(desk.requests.open.is_empty());
    let name = desk.order(0);
    desk.answer(&format!("35=8|11={name}|150=8|20110=104"), MS);
    assert_eq!(desk.figures.refused.values().sum::<u64>(), 1);
    assert!(desk.requests.open.is_empty() && desk.figures.unanswered() == 0);
    let name = desk.order(0);
    desk.answer("35=3|45=103|58=no", MS);
    assert_eq!(desk.figures.refused["SESSION_REJECT"], 1, "{name}");
    assert_eq!(desk.figures.broken_count, 0, "{:?}", desk.figures.broken);
}

#[test]
fn each_rule_is_held() {
    let broken = |script: &[&str]| {
        let mut desk = Desk::new();
        let name = desk.order(0);
        for fields in script {
            desk.answer(&fields.replace("NAME", &name), MS);
        }
        desk.figures.broken
    };
    let new = "35=8|11=NAME|150=0|151=10";
    for (script, told) in [
        (&[new, new][..], "answered again"),
        (&[new, "35=8|11=NAME|150=8"], "answered again"),
        (
            &[new, "35=8|11=NAME|150=F|32=11|151=0"],
            "filled with 11 of 10",
        ),
        (
            &[new, "35=8|11=NAME|150=F|32=0|151=10"],
            "filled with 0 of 10",
        ),
        (
            &[new, "35=8|11=NAME|150=4", "35=8|11=NAME|150=F|32=1|151=9"],
            "which is over",
        ),
        (
            &[new, "35=8|11=NAME|150=4", "35=8|11=NAME|150=4"],
            "was over",
        ),
        (&["35=8|11=L-00000002|150=0|151=10"], "never sent"),
        (&["35=8|11=X-00000001|150=0|151=10"], "never sent"),
        (&["35=3|45=7|58=what"], "35=3 about 7"),
        (&["35=B|58=news"], "35=B"),
        (&[new, "35=8|11=NAME|150=Z"], "ExecType Z"),
    ] {
        let found = broken(script);
        assert!(
            found.len() == 1 && found[0].contains(told),
            "{script:?}: {found:?}"
        );
    }
    assert!(broken(&[new, "35=8|11=NAME|150=4"]).is_empty());
}

#[test]
fn the_oldest_is_canceled_and_no_more_work_than_should() {
    let mut desk = Desk::new();
    let mut cancels = 0;
    for _ in 0..1_000 {
        let name = desk.order(0);
        let number = 100 + desk.requests.next;
        if let Some((msg_type, body)) = desk.requests.cancel(0, number, 0) {
            assert_eq!(msg_type, "F");
            desk.figures.cancels += 1;
            let field = |tag: &str| {
                let found = body
                    .split('\u{1}')
                    .find_map(|field| field.strip_prefix(tag));
                found.unwrap().to_owned()
            };
            if cancels % 10 == 3 {
                // Refused, and the order still works: it is tried again later.
                desk.answer(&format!("35=9|11={}|20110=10", field("11=")), MS);
            } else {
                let text = format!("35=8|11={}|41={}|150=4|151=0", field("11="), field("41="));
                desk.answer(&text, MS);
            }
            cancels += 1;
        }
        desk.acknowledge(&name, MS);
    }
    assert_eq!(desk.figures.broken_count, 0, "{:?}", desk.figures.broken);
    assert!(cancels > 900 && desk.figures.cancels_answered == cancels);
    assert!(
        desk.requests.open.len() <= WORKING_MAX + 200,
        "{}",
        desk.requests.open.len()
    );
    assert_eq!(desk.figures.unanswered(), 0);
}

#[test]
fn waiting_for_our_own_fault_is_measured_apart() {
    let mut desk = Desk::new();
    let (held, other) = (desk.order(0), desk.order(0));
    desk.acknowledge(&other, MS);
    desk.requests.on_fault();
    let later = desk.order(5 * MS);
    assert_eq!(desk.requests.oldest_unanswered_ns(), Some(0));
    desk.acknowledge(&held, 900 * MS);
    assert_eq!(desk.requests.oldest_unanswered_ns(), Some(5 * MS));
    desk.acknowledge(&later, 6 * MS);
    let figures = &desk.figures;
    assert_eq!(
        (figures.latencies.0.len(), figures.under_fault.0.len()),
        (2, 1)
    );
    assert!(figures.latencies.0.max() < 2 * MS && figures.under_fault.0.max() >= 900 * MS);
}

/// A gateway that answers after 100 us, but not between second 2 and second 3; 1,000 orders a
/// second for 10 seconds. An open loop finds a tenth of the orders late, evenly from nothing to a
/// second.
#[test]
fn a_gateway_that_stands_still_is_seen_by_every_order_due_meanwhile() {
    const STALL: core::ops::Range<u64> = 2_000 * MS..3_000 * MS;
    let terms = ScheduleTerms {
        rate: 1_000,
        burst: None,
        end: End::Duration(10_000 * MS),
    };
    let mut schedule = Schedule::new(terms, 0);
    let mut desk = Desk::new();
    // Answers by their moment; the orders' numbers keep those of one moment apart.
    let mut answers: BTreeMap<(u64, usize), String> = BTreeMap::new();
    for number in 0.. {
        let due_ns = schedule.due_ns();
        while let Some(entry) = answers.first_entry() {
            let (at_ns, _) = *entry.key();
            if due_ns.is_some_and(|due_ns| due_ns < at_ns) {
                break;
            }
            let name = entry.remove();
            desk.acknowledge(&name, at_ns);
        }
        let Some(due_ns) = due_ns else { break };
        schedule.advance();
        let ready_ns = due_ns + 100_000;
        let at_ns = if STALL.contains(&ready_ns) {
            STALL.end
        } else {
            ready_ns
        };
        let name = desk.order(due_ns);
        answers.insert((at_ns, number), name);
    }
    let latencies = &desk.figures.latencies.0;
    assert_eq!(latencies.len(), 10_000);
    let at = |percentile| latencies.value_at_percentile(percentile);
    assert!(at(89.0) < MS, "{}", at(89.0));
    assert!((480 * MS..520 * MS).contains(&at(95.0)), "{}", at(95.0));
    assert!((880 * MS..920 * MS).contains(&at(99.0)), "{}", at(99.0));
    assert!(latencies.max() >= 990 * MS);
}
