//! The order core has its core to itself: the gateway's other threads keep off it.
//!
//! Not in it: what that brings (`benches/src/bin/hostile-peers.rs`).

use std::fs;

use gwanmun_runtime::cores;

use crate::support::world::QUIET;
use crate::support::{GatewayTerms, World, until};

/// Cores that a thread may run on, out of a list such as `0-2,5`.
fn allowed(status: &str) -> Vec<usize> {
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let parts = list.expect("a list of cores").trim().split(',');
    let ends = parts.map(|part| part.split_once('-').unwrap_or((part, part)));
    ends.flat_map(|(from, to)| from.parse().unwrap()..=to.parse().unwrap())
        .collect()
}

#[test]
fn the_order_core_has_its_core_and_the_other_threads_the_rest() {
    let own = cores::permitted().last().expect("a core");
    let rest: Vec<usize> = cores::permitted().filter(|&core| core != own).collect();
    let mut world = World::new("cores");
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms {
        core: Some(own),
        ..GatewayTerms::default()
    };
    let (gateway, _) = world.start_gateway(&terms);
    let main = gateway.id().to_string();
    let mut seen = Vec::new();
    // A thread says where it belongs when it first runs.
    until("every thread in its place", || {
        seen.clear();
        for task in fs::read_dir(format!("/proc/{main}/task")).unwrap() {
            let task = task.unwrap();
            let read = |file| fs::read_to_string(task.path().join(file)).unwrap_or_default();
            let mut name = read("comm").trim_end().to_owned();
            if task.file_name().to_str() == Some(&main) {
                "main".clone_into(&mut name);
            }
            seen.push((name, allowed(&read("status"))));
        }
        let is_at = |name: &str, cores: &[usize]| {
            let mut its = seen.iter().filter(|it| it.0 == name);
            its.next().is_some_and(|it| it.1 == cores)
        };
        // On a machine of one core they have to share it.
        let rest = if rest.is_empty() { &[own] } else { &*rest };
        let others = ["main", "capture", "snapshot"];
        let is_done = is_at("order-core", &[own]) && others.iter().all(|name| is_at(name, rest));
        is_done.then_some(())
    });
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
}
