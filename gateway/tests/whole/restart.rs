//! Restarts at every record of a scripted flow: nothing is sent twice, nothing acknowledged is
//! lost, everything is answered once.

use std::collections::BTreeMap;

use gwanmun_captures::journal::RecordKind;
use gwanmun_fix::tag;
use gwanmun_gateway::{Gateway, PastLines, RecoveryFault, Terms};
use gwanmun_market::{AccountTerms, GateCode, Tier};

use crate::member::{Member, Seen};
use crate::terms::{self, NXT, text};
use crate::venue::Mood;
use crate::world::{BUY, SELL, World, ask};

/// D, F and G that the script below sends.
pub(crate) const REQUESTS: [&str; 9] = ["A", "B", "C", "R1", "R2", "X1", "D", "X2", "E"];

/// Orders in every state, requests under way, and a venue that reads late.
pub(crate) fn play(world: &mut World) {
    let step = |world: &mut World| {
        if world.sites[0].venue.step() {
            world.run();
        }
    };
    world.sites[0].is_slow = true;
    world.order(0, &ask("A", BUY, 10));
    step(world);
    world.order(0, &ask("B", SELL, 100));
    world.order(0, &ask("C", SELL, 1_001));
    step(world);
    if world.sites[0].venue.live.len() == 2 {
        let number = world.sites[0].venue.latest();
        world.sites[0].venue.execute(number, 40);
        world.run();
    }
    world.replace(0, "B", &ask("R1", SELL, 150));
    step(world);
    world.replace(0, "A", &ask("R2", BUY, 30));
    world.cancel(0, "X1", "A", &ask("A", BUY, 10));
    for _ in 0..3 {
        step(world);
    }
    world.sites[0].venue.mood = Mood::Refuses;
    world.order(0, &ask("D", BUY, 10));
    step(world);
    world.cancel(0, "X2", "R1", &ask("B", SELL, 100));
    world.sites[0].venue.mood = Mood::Takes;
    world.order(0, &ask("E", BUY, 5));
    world.sites[0].is_slow = false;
    world.run();
}

/// After everything is settled: what each request was answered with, by its ClOrdID(11).
fn settling_answers(member: &Member) -> BTreeMap<String, Vec<String>> {
    let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let is_answer = |seen: &&Seen| match seen.msg_type.as_str() {
        "9" => true,
        "8" => {
            matches!(seen.get(tag::EXEC_TYPE), "0" | "5" | "8")
            // A cancel that nobody asked for answers nothing.
            || (seen.get(tag::EXEC_TYPE) == "4" && !seen.get(tag::ORIG_CL_ORD_ID).is_empty())
        }
        _ => false,
    };
    for seen in member.log.iter().filter(is_answer) {
        let name = seen.get(tag::CL_ORD_ID).to_owned();
        answers.entry(name).or_default().push(seen.brief());
    }
    answers
}

/// What must hold once everything is settled, whatever happened on the way.
pub(crate) fn check_ledgers(world: &World, requests: &[&str]) {
    for site in &world.sites {
        assert_eq!(site.venue.used_numbers, 0, "a number was sent twice");
    }
    let member = &world.members[0];
    let answers = settling_answers(member);
    for request in requests {
        let got = answers.get(*request).map_or(0, Vec::len);
        assert_eq!(got, 1, "{request}: {:?}", answers.get(*request));
    }
    let mut exec_ids: Vec<&str> = Vec::new();
    let mut over: BTreeMap<&str, u32> = BTreeMap::new();
    let mut filled: BTreeMap<&str, i64> = BTreeMap::new();
    for seen in member.log.iter().filter(|seen| seen.msg_type == "8") {
        exec_ids.push(seen.get(tag::EXEC_ID));
        let order_id = seen.get(tag::ORDER_ID);
        let leaves = seen.number(tag::LEAVES_QTY);
        match seen.get(tag::EXEC_TYPE) {
            "4" | "8" => *over.entry(order_id).or_default() += 1,
            "F" => {
                *filled.entry(order_id).or_default() +=
                    i64::try_from(seen.number(tag::LAST_QTY)).unwrap();
                if leaves == 0 && seen.get(tag::ORD_STATUS) == "2" {
                    *over.entry(order_id).or_default() += 1;
                }
            }
            _ => {}
        }
    }
    let count = exec_ids.len();
    exec_ids.sort_unstable();
    exec_ids.dedup();
    assert_eq!(exec_ids.len(), count, "an ExecID(17) was given out twice");
    for (order_id, times) in over {
        assert!(times == 1 || order_id == "NONE", "{order_id} ended twice");
    }
    let traded: i64 = world
        .sites
        .iter()
        .flat_map(|site| site.venue.sold.values().chain(site.venue.bought.values()))
        .sum();
    assert_eq!(
        filled.values().sum::<i64>(),
        traded,
        "a fill was lost or told twice"
    );
    // What is live there is live here, and nothing else is.
    let images = world.images();
    for order in images.orders.iter().filter(|order| order.state < 3) {
        let site = &world.sites[usize::from(order.venue)];
        let held = &site.venue.live[&order.user_ref_num];
        assert_eq!(held.cl_ord_id, order.order_id);
        assert_eq!(
            (held.total, held.executed),
            (order.order_qty, order.cum_qty)
        );
    }
    let live = images.orders.iter().filter(|order| order.state < 3);
    let live_there = world.sites.iter().map(|site| site.venue.live.len());
    assert_eq!(live.count(), live_there.sum::<usize>());
    world.check();
}

#[test]
fn the_script_itself_is_in_order() {
    let mut world = World::new();
    play(&mut world);
    check_ledgers(&world, &REQUESTS);
    let answers = settling_answers(&world.members[0]);
    assert_eq!(answers["C"], ["8 8 8 130"]);
    assert_eq!(answers["D"], ["8 8 8 12"]);
    assert_eq!(answers["R1"], ["8 5 1"]);
    assert_eq!(world.sites[0].venue.entered.len(), 4);
}

/// `nothing_sent_twice`: the process dies at every record, with what it had committed last reaching
/// its peers or not.
#[test]
fn nothing_sent_twice() {
    let mut world = World::new();
    let before = world.edge.record_count();
    play(&mut world);
    let records = world.edge.record_count() - before;
    assert!(records > 50);
    for are_outputs_lost in [false, true] {
        for at in 0..=records {
            let mut world = World::new();
            world.is_checked = false;
            world.edge.records_left = Some(at);
            play(&mut world);
            // Sometimes the process dies a second time while it settles.
            world.sites[0].is_slow = false;
            world.crash(are_outputs_lost);
            world.edge.records_left = Some(at % 13);
            world.connect_all();
            world.edge.records_left = None;
            if world.edge.is_stopped {
                world.crash(are_outputs_lost);
                world.connect_all();
            }
            assert!(world.is_up() && world.gateway.is_bound(0));
            check_ledgers(&world, &REQUESTS);
        }
    }
}

/// Orders and requests that never reached the venue are told so, each with its own answer.
#[test]
fn what_never_arrived_is_told() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("B", BUY, 10));
    world.order(0, &ask("C", BUY, 10));
    world.sites[0].is_slow = true;
    world.cancel(0, "XA", "A", &ask("A", BUY, 10));
    world.replace(0, "B", &ask("RB", BUY, 20));
    world.replace(0, "C", &ask("RC", BUY, 20));
    world.cancel(0, "XC", "C", &ask("C", BUY, 10));
    world.order(0, &ask("D", BUY, 10));
    world.order(0, &ask("E", BUY, 10));
    world.cancel(0, "XE", "E", &ask("E", BUY, 10));
    let from = world.members[0].log.len();
    world.cut_venue(true);
    world.sites[0].is_slow = false;
    world.connect_venue();
    assert_eq!(
        world.members[0].briefs(from),
        [
            "9 1 0 200",
            "9 2 0 200",
            "9 2 0 200",
            "9 1 0 200",
            "8 8 8 200",
            "8 8 8 200",
            "9 1 8 9"
        ]
    );
    let told = &world.members[0].log;
    let limits: Vec<(&str, &str)> = told[from..]
        .iter()
        .map(|seen| (seen.get(tag::GATE_LIMIT), seen.get(tag::GATE_OBSERVED)))
        .collect();
    // Next number at the venue, and the one that it never had.
    assert_eq!(limits[1], ("4", "4"));
    assert_eq!(limits[4], ("4", "6"));
    check_ledgers(
        &world,
        &["A", "B", "C", "XA", "RB", "RC", "XC", "D", "E", "XE"],
    );
    assert_eq!(world.sites[0].venue.live.len(), 3);
}

/// A line that breaks before the answer to the query is read: the replayed answer settles.
#[test]
fn the_replayed_answer_of_an_older_query_settles_too() {
    let mut world = World::new();
    world.sites[0].is_slow = true;
    world.order(0, &ask("A", BUY, 10));
    world.cut_venue(true);
    world.connect_venue();
    assert!(!world.is_up());
    // The venue reads the query and its answer is never heard on this line.
    world.cut_venue(false);
    world.sites[0].is_slow = false;
    world.connect_venue();
    assert!(world.is_up());
    world.order(0, &ask("B", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 8 8 200", "8 0 0"]);
    check_ledgers(&world, &["A", "B"]);
}

/// An answer that may belong to an older line settles nothing: else orders would go out behind a
/// query that is still open, whose answer on the next line would settle them before their own.
#[test]
fn an_answer_that_may_be_older_settles_nothing() {
    let mut world = World::new();
    world.cut_venue(false);
    world.sites[0].is_slow = true;
    world.connect_venue();
    world.cut_venue(false);
    world.connect_venue();
    // The answer to the first line's query has come, the second line's query is not read yet.
    assert!(!world.is_up());
    world.order(0, &ask("A", BUY, 10));
    assert_eq!(world.members[0].briefs(0), ["8 8 8 4"]);
    world.venue_reads();
    assert!(world.is_up());
    // The query behind it is open when the line breaks with an order in flight.
    world.order(0, &ask("B", BUY, 10));
    world.cut_venue(false);
    world.sites[0].is_slow = false;
    world.connect_venue();
    assert_eq!(world.members[0].briefs(2), ["8 0 0"]);
    check_ledgers(&world, &["A", "B"]);
}

#[test]
fn queries_that_were_lost_are_not_waited_for() {
    let mut world = World::new();
    world.sites[0].is_slow = true;
    world.order(0, &ask("A", BUY, 10));
    for _ in 0..5 {
        world.cut_venue(true);
        world.connect_venue();
        assert!(!world.is_up());
    }
    world.sites[0].is_slow = false;
    world.run();
    assert!(world.is_up());
    assert_eq!(world.members[0].briefs(0), ["8 8 8 200"]);
    // Once an order of this line is answered, nothing older can be open: one answer is enough.
    world.order(0, &ask("B", BUY, 10));
    world.cut_venue(false);
    world.sites[0].is_slow = true;
    world.connect_venue();
    world.venue_reads();
    assert!(world.is_up());
    check_ledgers(&world, &["A", "B"]);
}

#[test]
fn names_and_numbers_go_on_after_a_restart() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("B", SELL, 1_001));
    world.restart(true);
    world.order(0, &ask("A", BUY, 10));
    world.order(0, &ask("C", SELL, 400));
    world.order(0, &ask("D", SELL, 601));
    world.restart(false);
    world.order(0, &ask("E", SELL, 601));
    world.order(0, &ask("F", SELL, 600));
    let refused = format!("8 8 8 {}", GateCode::SellableBalance.number());
    let duplicate = format!("8 8 8 {}", GateCode::DuplicateOrder.number());
    assert_eq!(
        world.members[0].briefs(0),
        [
            "8 0 0", &refused, &duplicate, "8 0 0", &refused, &refused, "8 0 0"
        ]
    );
    check_ledgers(&world, &["B", "C", "D", "E", "F"]);
}

/// An input without an effect did not happen: its number is still expected and fetched again.
#[test]
fn an_input_without_an_effect_did_not_happen() {
    let mut world = World::new();
    world.edge.records_left = Some(1);
    world.order(0, &ask("A", BUY, 10));
    assert!(world.edge.is_stopped);
    let records = world.edge.records();
    assert_eq!(records.last().unwrap().kind, RecordKind::Received);
    world.restart(true);
    assert_eq!(world.members[0].briefs(0), ["8 0 0"]);
    assert_eq!(world.entered().len(), 1);
}

#[test]
fn a_start_whose_lists_differ_from_the_past_is_refused() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    let check = |change: &dyn Fn(&mut Terms), expected: Option<RecoveryFault>| {
        let mut terms = terms::terms();
        change(&mut terms);
        let mut gateway = Gateway::new(terms, ()).unwrap();
        let mut lines = PastLines::default();
        let segments = world.edge.segments().iter().map(Vec::as_slice);
        let fault = gwanmun_captures::journal::ChainReader::new(segments).find_map(|next| {
            let next = next.unwrap();
            let restored = gateway.restore(&next.record, next.segment_index, &mut lines);
            restored.err().map(|error| error.fault)
        });
        assert_eq!(fault, expected);
    };
    check(&|_| {}, None);
    check(&|terms| terms.limits.max_age_ns = 1, None);
    check(&|terms| terms.limits.orders_max = 10_000, None);
    check(
        &|terms| terms.limits.orders_max = 0,
        Some(RecoveryFault::Capacity),
    );
    check(
        &|terms| {
            let more = terms.members[0].clone();
            terms.members.push(more);
        },
        None,
    );
    check(&|terms| terms.venues.push(terms::venue(NXT)), None);
    check(
        &|terms| terms.venues[0].name = text(NXT),
        Some(RecoveryFault::Venue),
    );
    check(
        &|terms| terms.venues.insert(0, terms::venue(NXT)),
        Some(RecoveryFault::Venue),
    );
    check(
        &|terms| terms.members.reverse(),
        Some(RecoveryFault::Session),
    );
    check(
        &|terms| {
            let mut accounts = terms.tables.accounts().to_vec();
            accounts.push(AccountTerms {
                account: text("AAA"),
                is_enabled: true,
                tier: Tier::LOWEST,
            });
            let tables = &terms.tables;
            let (instruments, holdings) = (tables.instruments(), tables.holdings());
            terms.tables =
                gwanmun_gateway::Tables::new(accounts, instruments.to_vec(), holdings.to_vec())
                    .unwrap();
        },
        Some(RecoveryFault::Tables),
    );
}
