//! The gateway dies right behind append *k* to its journal, for every *k* or for some, in a
//! scripted flow of 200 messages; the next start brings the flow to its end.
//!
//! `GWANMUN_ABORT_EVERY=1` runs every *k*; otherwise 100 of them are spread over the flow.

use std::os::unix::process::ExitStatusExt;

use crate::support::member::{cancel, new_order, replace, settles};
use crate::support::world::{QUIET, listening};
use crate::support::{
    GatewayTerms, Member, Process, World, journal, ledgers, number_from_env, until,
};

/// Requests of the script.
const MESSAGES: usize = 200;
/// Runs of a run that is no long one.
const RUNS: u64 = 100;
/// Unanswered at a time: enough that one append answers one request while others are on their way.
const IN_FLIGHT_MAX: usize = 6;

const SIGABRT: i32 = 6;
/// GateCode(20110) of an order that the venue never had.
const NEVER_ARRIVED: &str = "200";

/// One request and, for those about an order, the request they wait for.
struct Request {
    msg_type: &'static str,
    name: String,
    body: String,
    waits_for: Option<String>,
}

#[test]
fn nothing_is_lost_or_doubled_whichever_append_is_the_last() {
    let script = script();
    let appends = appends_of_a_whole_run(&script);
    let every = number_from_env("GWANMUN_ABORT_EVERY", (appends / RUNS).max(1));
    let (mut runs, mut aborted, mut never_arrived) = (0, 0, 0);
    for append in (1..=appends).step_by(usize::try_from(every).unwrap()) {
        // Named before, so that a failure tells which append it was.
        eprintln!("abort behind append {append} of about {appends}");
        let ran = run(&script, append);
        aborted += u64::from(ran.is_aborted);
        never_arrived += ran.never_arrived;
        runs += 1;
    }
    eprintln!(
        "{runs} runs, one for every {every} of about {appends} appends; {aborted} aborted, \
         {never_arrived} orders settled as never arrived"
    );
    // Chunks are cut differently each time, so the last few may find the flow at its end.
    assert!(
        aborted * 10 >= runs * 8,
        "only {aborted} of {runs} were aborted"
    );
}

fn terms() -> GatewayTerms {
    GatewayTerms {
        segment_bytes: 1 << 16,
        ..GatewayTerms::default()
    }
}

/// Records that a run without an abort leaves.
fn appends_of_a_whole_run(script: &[Request]) -> u64 {
    let mut world = World::new("abort-none");
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = world.start_gateway(&terms());
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    assert!(flow(&mut member, script, &mut vec![false; script.len()]));
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
    journal::record_count(&world.day())
}

/// What came of one flow.
struct Ran {
    is_aborted: bool,
    never_arrived: u64,
}

/// One flow with an abort in it.
fn run(script: &[Request], append: u64) -> Ran {
    let mut world = World::new(&format!("abort-{append}"));
    let exchange = world.start_exchange(QUIET);
    let mut member = Member::new(&world, "MEMBER1");
    let mut answered = vec![false; script.len()];
    let mut broken = world.start_broken(&terms(), &format!("abort={append}"));
    let mut is_cut = true;
    if let Some(address) = listening_or_dead(&mut broken) {
        // It dies before the Logon, somewhere in the flow, or lives when fewer records were needed.
        is_cut = !member.connect(address) || !flow(&mut member, script, &mut answered);
        member.hang_up();
    }
    let ended = if is_cut {
        broken.ended()
    } else {
        broken.stop()
    };
    let is_aborted = ended.status.signal() == Some(SIGABRT);
    assert!(
        is_aborted || ended.status.success(),
        "{}",
        ended.said.join("\n")
    );
    let (gateway, address) = world.start_gateway(&terms());
    member.log_on(address);
    let is_through = flow(&mut member, script, &mut answered);
    assert!(is_through, "the line was cut: {}", member.fault);
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let joined = ledgers::assert_sound_or_refused(&world, "member1-ledger.csv");
    assert_eq!(joined.orders + joined.requests, MESSAGES as u64);
    journal::assert_evidence(&world.day());
    Ran {
        is_aborted,
        never_arrived: joined.refused.get(NEVER_ARRIVED).copied().unwrap_or(0),
    }
}

/// Where a gateway listens, unless it died before.
fn listening_or_dead(gateway: &mut Process) -> Option<std::net::SocketAddr> {
    let found = until("a gateway that listens or is dead", || {
        if gateway.has_said_event("listen") {
            return Some(true);
        }
        // What it said last may come behind its end.
        (!gateway.is_running()).then(|| gateway.has_said_event("listen"))
    });
    found.then(|| listening(gateway))
}

/// A hundred and ten orders, of which many are canceled or replaced a little later.
fn script() -> Vec<Request> {
    let mut script = Vec::with_capacity(MESSAGES);
    let mut order = 0_usize;
    while script.len() < MESSAGES {
        let name = format!("N{order:04}");
        // Bids below and offers above the middle rest; some of both meet resting orders.
        let (side, price) = match order % 5 {
            0 => ('1', "70900"),
            1 => ('2', "72100"),
            2 => ('1', "72000"),
            3 => ('2', "71000"),
            _ => ('1', "70000"),
        };
        let quantity = 10 + u32::try_from(order % 7).unwrap();
        script.push(Request {
            msg_type: "D",
            body: new_order(&name, side, quantity, price),
            name: name.clone(),
            waits_for: None,
        });
        let request = format!("Q{order:04}");
        if order.is_multiple_of(5) {
            script.push(Request {
                msg_type: "G",
                body: replace(&request, &name, side, quantity + 5, "70800"),
                name: request,
                waits_for: Some(name),
            });
        } else if order % 5 != 2 && order.is_multiple_of(2) {
            script.push(Request {
                msg_type: "F",
                body: cancel(&request, &name, side),
                name: request,
                // Every other one of these overtakes the answer to its order.
                waits_for: (order.is_multiple_of(4)).then_some(name),
            });
        } else if order % 5 == 1 {
            script.push(Request {
                msg_type: "F",
                body: cancel(&request, &name, side),
                name: request,
                waits_for: Some(name),
            });
        }
        order += 1;
    }
    script.truncate(MESSAGES);
    script
}

/// Sends what was not sent yet and follows the answers. False when the line is cut.
fn flow(member: &mut Member, script: &[Request], answered: &mut [bool]) -> bool {
    until("the end of the script", || {
        take_answers(member, script, answered);
        if answered.iter().all(|is_answered| *is_answered) {
            return Some(true);
        }
        if member.session.is_logged_on() {
            send_next(member, script, answered);
        }
        (!member.turn()).then(|| {
            take_answers(member, script, answered);
            false
        })
    })
}

fn take_answers(member: &mut Member, script: &[Request], answered: &mut [bool]) {
    while let Some(message) = member.inbox.pop_front() {
        let is_it = |request: &Request| settles(&message, &request.name);
        if let Some(at) = script.iter().position(is_it) {
            answered[at] = true;
        }
    }
}

fn send_next(member: &mut Member, script: &[Request], answered: &[bool]) {
    loop {
        let sent = member.requested;
        let unanswered = answered[..sent].iter().filter(|done| !**done).count();
        let Some(next) = script.get(sent).filter(|_| unanswered < IN_FLIGHT_MAX) else {
            return;
        };
        let is_ready = next.waits_for.as_ref().is_none_or(|name| {
            let at = script.iter().position(|request| request.name == *name);
            at.is_some_and(|at| answered[at])
        });
        if !is_ready {
            return;
        }
        member.request(next.msg_type, next.body.clone());
    }
}
