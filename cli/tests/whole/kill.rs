//! The gateway is killed at random moments of the demonstration's day and started again.
//!
//! `GWANMUN_KILLS` says how often (30 unless told), `GWANMUN_SEED` which moments. The moments are
//! counted in steps of the day, with a little of chance in microseconds on top. Some of the starts
//! that follow are killed as well, before they are ready.

use std::fs::File;
use std::io::BufWriter;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use gwanmun_cli::demo::day::Day;
use gwanmun_cli::demo::driver::{DriverTerms, drive};
use gwanmun_cli::demo::initiator::InitiatorTerms;
use gwanmun_cli::demo::ledger::Ledger;
use gwanmun_runtime::clock::wall_now_ns;
use gwanmun_runtime::signals::Termination;

use crate::support::world::{free_port, ready};
use crate::support::{GatewayTerms, Process, Random, World, journal, ledgers, number_from_env};

/// New orders between two kills: a start has its share of every kind of request.
const ORDERS_PER_KILL: u64 = 40;
const IN_FLIGHT_MAX: usize = 32;

#[test]
fn nothing_is_lost_or_doubled_by_kill_9() {
    let kills = number_from_env("GWANMUN_KILLS", 30);
    kill("kill", &terms("memory", 1 << 18, ""), kills, &mut |_, _| {});
}

/// A process may die between what is durable and what is on the wire, too.
#[test]
fn nothing_is_lost_or_doubled_by_kill_9_in_durable_mode() {
    let kills = number_from_env("GWANMUN_KILLS", 30) / 4;
    kill(
        "kill-durable",
        &terms("durable", 1 << 18, ""),
        kills,
        &mut |_, _| {},
    );
}

/// With a snapshot for each small segment, so that most starts are from one and many a kill comes
/// while one is being made.
#[test]
fn nothing_is_lost_or_doubled_by_kill_9_with_snapshots() {
    let kills = number_from_env("GWANMUN_KILLS", 30) / 2;
    let terms = terms("memory", 1 << 16, "snapshot_segments = 1");
    let from_snapshots = kill("kill-snapshots", &terms, kills, &mut |_, _| {});
    // The first kills may come before the first snapshot; of many, some come later.
    assert!(from_snapshots > 0 || kills < 5, "none of {kills}");
}

pub(crate) fn terms(mode: &'static str, segment_bytes: u64, journal: &'static str) -> GatewayTerms {
    GatewayTerms {
        mode,
        port: free_port(),
        segment_bytes,
        journal,
        ..GatewayTerms::default()
    }
}

/// A day with so many kills; `lose` takes away what goes with the process each time. Gives how many
/// of the starts took a snapshot.
pub(crate) fn kill(
    name: &str,
    terms: &GatewayTerms,
    kills: u64,
    lose: &mut dyn FnMut(&World, &mut Random),
) -> u64 {
    let seed = number_from_env("GWANMUN_SEED", wall_now_ns() % 1_000_000);
    let mut random = Random::new(seed);
    let mut world = World::new(name);
    let exchange = world.start_exchange(terms.market);
    let orders = usize::try_from((kills + 1) * ORDERS_PER_KILL).unwrap();
    let day = Day::generate(seed, orders);
    let mut moments: Vec<usize> = (0..kills)
        .map(|_| usize::try_from(random.below(day.steps.len() as u64)).unwrap())
        .collect();
    moments.sort_unstable_by(|one, other| other.cmp(one));
    let mut gateway = Some(world.start_gateway(terms).0);
    let (mut killed_early, mut from_snapshots) = (0, 0);
    let mut on_progress = |step: usize| {
        if moments.last().is_some_and(|moment| *moment <= step) {
            moments.pop();
            std::thread::park_timeout(Duration::from_micros(random.below(400)));
            gateway.take().unwrap().kill();
            lose(&world, &mut random);
            // One start in four does not live to see its first order.
            while random.below(4) == 0 {
                let early = world.spawn_gateway(terms);
                std::thread::park_timeout(Duration::from_micros(random.below(60_000)));
                early.kill();
                lose(&world, &mut random);
                killed_early += 1;
            }
            let started = ready(world.spawn_gateway(terms)).0;
            let is_from_snapshot = |line: &String| line.contains("taken from the snapshot");
            from_snapshots += u64::from(started.said.iter().any(is_from_snapshot));
            gateway = Some(started);
        }
    };
    drive_day(&world, &day, terms.port, &mut on_progress);
    assert!(moments.is_empty(), "not every kill came: {moments:?}");
    stop(gateway.unwrap(), exchange);
    let joined = ledgers::assert_sound(&world, "member1-ledger.csv");
    assert!(joined.accepted > 0 && joined.fills > 0, "{joined:#?}");
    journal::assert_evidence(&world.day());
    // How often a kill left something in doubt, or unsaid; for who reads the record of a long run.
    let copies = std::fs::read_to_string(world.path("member1-ledger.csv"))
        .unwrap()
        .lines()
        .filter(|line| line.contains("|43=Y|"))
        .count();
    let never_arrived = joined.refused.get("200").copied().unwrap_or(0);
    eprintln!("{copies} messages sent again with PossDupFlag; {never_arrived} never arrived");
    eprintln!(
        "{kills} kills and {killed_early} in a start: {} orders, {} requests, {} reports, {} fills; \
         lost {}, duplicated {}",
        joined.orders,
        joined.requests,
        joined.reports,
        joined.fills,
        joined.lost,
        joined.duplicated
    );
    eprintln!("{from_snapshots} starts from a snapshot");
    from_snapshots
}

pub(crate) fn drive_day(world: &World, day: &Day, port: u16, on_progress: &mut dyn FnMut(usize)) {
    let terms = DriverTerms {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        session: InitiatorTerms {
            sender_comp_id: "MEMBER1".to_owned(),
            target_comp_id: "GWANMUN".to_owned(),
            credentials: Some(("member1".to_owned(), "pass-member1".to_owned())),
            heart_bt_int_s: 30,
        },
        in_flight_max: IN_FLIGHT_MAX,
    };
    let file = File::create(world.path("member1-ledger.csv")).unwrap();
    let mut ledger = Ledger::new(BufWriter::new(file)).unwrap();
    let never = Termination::default();
    let report = drive(day, &terms, &mut ledger, &never, on_progress)
        .unwrap_or_else(|failure| panic!("{}", failure.message));
    ledger.finish(wall_now_ns()).unwrap().into_inner().unwrap();
    assert_eq!(report.unsent, 0);
    assert_eq!(report.unanswered, 0);
}

/// Ends both processes well.
pub(crate) fn stop(gateway: Process, exchange: Process) {
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
}
