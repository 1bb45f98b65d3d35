//! How long a start takes with a snapshot and without one, over the same day.
//!
//! `GWANMUN_RESTART_ORDERS` says how many orders the day has (400 unless told),
//! `GWANMUN_RESTART_SEGMENT` how long a segment is, and `GWANMUN_RESTART_DURABLE=1` that starts
//! wait for the disk as they do in that mode. Times are printed and are no condition; that fewer
//! records are read, and that both starts bring back the same orders, is one.

use std::fs;
use std::path::PathBuf;

use gwanmun_cli::demo::day::Day;
use gwanmun_runtime::clock::wall_now_ns;

use crate::kill::{drive_day, stop};
use crate::snapshot::{files, recovered};
use crate::support::world::{LIVELY, free_port, ready};
use crate::support::{GatewayTerms, World, journal, ledgers, number_from_env};

/// Starts of either kind, in turns.
const ROUNDS: usize = 3;

/// One start that ends as soon as it has its past.
struct Start {
    from: Option<u32>,
    records: u64,
    orders: u64,
    /// Until the past was there.
    past_ms: u64,
    /// Until the line to the venue was settled, for which bytes have to leave.
    ready_ms: u64,
}

fn start(world: &World, terms: &GatewayTerms) -> Start {
    let begun_ns = wall_now_ns();
    let mut gateway = world.spawn_gateway(terms);
    let (from, records) = recovered(&mut gateway);
    let past_ms = (wall_now_ns() - begun_ns) / 1_000_000;
    let mut gateway = ready(gateway).0;
    let ready_ms = (wall_now_ns() - begun_ns) / 1_000_000;
    let event = gateway.wait_for_event("recovered", "");
    let detail = event["detail"].as_str().unwrap();
    let (before, _) = detail.split_once(" orders of today").unwrap();
    let orders = before.rsplit(' ').next().unwrap().parse().unwrap();
    gateway.kill();
    Start {
        from,
        records,
        orders,
        past_ms,
        ready_ms,
    }
}

#[test]
fn a_start_with_a_snapshot_reads_less_and_brings_back_the_same() {
    let orders = number_from_env("GWANMUN_RESTART_ORDERS", 400);
    let mut world = World::new("restart-time");
    let exchange = world.start_exchange(LIVELY);
    let terms = GatewayTerms {
        port: free_port(),
        segment_bytes: number_from_env("GWANMUN_RESTART_SEGMENT", 1 << 16),
        orders_max: orders * 2,
        ..GatewayTerms::default()
    };
    let gateway = world.start_gateway(&terms).0;
    let day = Day::generate(7, usize::try_from(orders).unwrap());
    drive_day(&world, &day, terms.port, &mut |_| {});
    gateway.kill();
    let made = files(&world, "gws");
    assert!(!made.is_empty(), "the day is too short for a snapshot");
    let aside: Vec<PathBuf> = made
        .iter()
        .map(|path| path.with_extension("kept"))
        .collect();
    // These starts take snapshots and make none.
    let is_durable = number_from_env("GWANMUN_RESTART_DURABLE", 0) == 1;
    let none = GatewayTerms {
        mode: if is_durable { "durable" } else { "memory" },
        journal: "snapshot_segments = 0",
        ..terms.clone()
    };
    for _ in 0..ROUNDS {
        let with = start(&world, &none);
        for (path, aside) in made.iter().zip(&aside) {
            fs::rename(path, aside).unwrap();
        }
        let without = start(&world, &none);
        for (path, aside) in made.iter().zip(&aside) {
            fs::rename(aside, path).unwrap();
        }
        assert!(with.from.is_some() && without.from.is_none());
        assert_eq!(with.orders, without.orders);
        assert!(with.records < without.records);
        eprintln!(
            "{} orders; with a snapshot of {} bytes: {} records, {} ms, ready {} ms; without: {} \
             records, {} ms, ready {} ms",
            with.orders,
            fs::metadata(made.last().unwrap()).unwrap().len(),
            with.records,
            with.past_ms,
            with.ready_ms,
            without.records,
            without.past_ms,
            without.ready_ms
        );
    }
    let gateway = ready(world.spawn_gateway(&terms)).0;
    stop(gateway, exchange);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}
