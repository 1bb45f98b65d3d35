//! The programs over the wire as whole processes, shortened to what shows that their answers are
//! right; times are no condition. The gateway is built by the programs themselves.
#![allow(clippy::unwrap_used, reason = "this whole executable is a test")]

use std::process::{Command, Output};

use serde_json::Value;

const RACE: &str = env!("CARGO_BIN_EXE_wire-race");
const HOSTILE: &str = env!("CARGO_BIN_EXE_hostile-peers");
const RESEND: &str = env!("CARGO_BIN_EXE_resend-bystander");
const RESTART: &str = env!("CARGO_BIN_EXE_restart");
const THROUGHPUT: &str = env!("CARGO_BIN_EXE_wire-throughput");

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

/// The objects on the standard output, by lane.
#[track_caller]
fn lanes(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!text.is_empty(), "{said}");
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[track_caller]
fn lane<'a>(lanes: &'a [Value], name: &str) -> &'a Value {
    lanes.iter().find(|lane| lane["lane"] == name).unwrap()
}

#[test]
fn a_gateway_is_raced_and_every_order_is_where_it_has_to_be() {
    let short = ["--json", "--quick", "--blocks", "2", "--fifo", "none"];
    let wanted = [
        "--lanes",
        "gateway,gateway-capture-off,gateway-durable,gateway-sessions-8",
    ];
    let output = run(RACE, &[&short[..], &wanted].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = lanes(&output);
    let names: Vec<&str> = told
        .iter()
        .map(|lane| lane["lane"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "forwarder",
            "gateway",
            "gateway-capture-off",
            "gateway-durable",
            "gateway-sessions-8"
        ]
    );
    assert_eq!(lane(&told, "forwarder")["samples"], 100);
    for name in &names[1..] {
        let lane = lane(&told, name);
        // Of the orders 1 to 120 the one with number 37 is refused and measured nowhere.
        assert_eq!(lane["samples"], 99, "{name}: {said}");
        assert!(lane["hot_ns_p50"].as_u64().unwrap() > 0, "{name}");
        assert!(lane["missing"].is_null(), "{name}");
    }
    assert!(
        said.contains("120 messages, 1 of them refused by a check"),
        "{said}"
    );
    assert!(!said.contains("the capture lacks"), "{said}");
}

#[test]
fn a_lane_that_dies_fails_the_run_and_no_other_lane() {
    let ends_at_once = "dead:/bin/true {listen} {venue}";
    let output = run(
        RACE,
        &[
            "--json",
            "--quick",
            "--blocks",
            "1",
            "--fifo",
            "none",
            "--lanes",
            "none",
            "--lane",
            ends_at_once,
            "--lane",
            "gateway-dead:/bin/false {config}",
        ],
    );
    assert_eq!(output.status.code(), Some(1));
    let told = lanes(&output);
    assert_eq!(lane(&told, "forwarder")["samples"], 50);
    for name in ["dead", "gateway-dead"] {
        let lane = lane(&told, name);
        assert_eq!(lane["void"], true);
        assert_eq!(lane["samples"], 0);
        assert!(lane["ratio_p50"].is_null());
    }
}

#[test]
fn a_transport_that_the_gateway_does_not_have_is_missing_and_not_made_up() {
    // Stands for a gateway that refuses its configuration.
    let lane_of = "gateway-new:/bin/sh -c exit${IFS}2 {config}";
    let output = run(
        RACE,
        &[
            "--json", "--quick", "--blocks", "1", "--fifo", "none", "--lanes", "none", "--lane",
            lane_of,
        ],
    );
    assert!(output.status.success());
    let told = lanes(&output);
    let lane = lane(&told, "gateway-new");
    assert!(
        lane["missing"]
            .as_str()
            .unwrap()
            .contains("refuses its configuration")
    );
    assert_eq!(
        (&lane["ratio_p50"], &lane["void"]),
        (&Value::Null, &Value::Bool(true))
    );
}

#[test]
fn no_child_outlives_a_race_that_is_killed() {
    // Long enough not to be over when the forwarders are up.
    let mut race = Command::new(RACE)
        .args(["--blocks", "100000", "--fifo", "none", "--lanes", "none"])
        .args(["--dir", env!("CARGO_TARGET_TMPDIR")])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let race_id = race.id().to_string();
    // Behind a name that may have blanks in it stand the state and the parent.
    let is_child = |pid: &String| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let behind = stat.rsplit_once(") ").map_or("", |(_, behind)| behind);
        behind.split(' ').nth(1) == Some(&race_id)
    };
    let children = || -> Vec<String> {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        all.map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(is_child)
            .collect()
    };
    let is_there = |pid: &String| {
        let told = std::fs::read_to_string(format!("/proc/{pid}/cmdline"));
        told.is_ok_and(|words| words.contains("forwarder"))
    };
    let mut lanes = children();
    while lanes.len() < 2 || !lanes.iter().all(is_there) {
        assert!(matches!(race.try_wait(), Ok(None)), "it ended by itself");
        std::thread::yield_now();
        lanes = children();
    }
    race.kill().unwrap();
    race.wait().unwrap();
    while lanes.iter().any(is_there) {
        std::thread::yield_now();
    }
}

#[test]
fn throughput_tells_its_three_figures() {
    let output = run(THROUGHPUT, &["--json", "--quick"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = &lanes(&output)[0];
    for key in ["reply_ratio", "coalesced_orders_s", "append_ratio"] {
        assert!(told[key].as_f64().unwrap() > 0.0, "{key}: {said}");
    }
    assert!(said.contains("4500 orders, 45 of them refused"), "{said}");
}

#[test]
fn every_hostile_lane_acts_and_misses_nothing() {
    let output = run(
        HOSTILE,
        &["--json", "--quick", "--blocks", "1", "--ticks", "120"],
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = lanes(&output);
    assert_eq!(told.len(), 13, "{said}");
    for lane in &told {
        assert_eq!((&lane["pings"], &lane["missed"]), (&120.into(), &0.into()));
        let is_quiet = lane["lane"].as_str().unwrap().starts_with("quiet");
        let acts = lane["attacks"].as_u64().unwrap() + lane["orders"].as_u64().unwrap_or(0);
        assert_eq!(acts > 0, !is_quiet, "{lane}");
        // Too short to mean anything, and said so.
        assert_eq!(lane["void"], true, "{lane}");
    }
    let burst = lane(&told, "burst");
    // Twenty times one in a tick for four sixths of the turn.
    assert_eq!(burst["orders"], 20 + 80 * 20 + 20);
    for name in ["burst", "even", "even-again", "hot-symbol"] {
        let lane = lane(&told, name);
        let number = |key: &str| lane[key].as_u64().unwrap();
        let refused = number("refused_as_due") + number("refused_otherwise");
        assert_eq!(number("accepted") + refused, number("orders"), "{lane}");
        assert_eq!(lane["ledgers_agree"], true);
    }
}

#[test]
fn hostile_peers_of_a_gateway_that_is_not_there_measure_nothing() {
    let output = run(HOSTILE, &["--json", "--quick", "--gateway", "/bin/false"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_command_line_that_is_not_understood_is_refused() {
    // Each with the word that is wrong, which the refusal has to name.
    for (program, arguments, wrong) in [
        (RACE, &["--blocks", "0"][..], "--blocks"),
        (RACE, &["forwarder", "--listen", "here"], "here"),
        (HOSTILE, &["--ticks", "0"], "--ticks"),
        (HOSTILE, &["--fifo", "all"], "--fifo"),
        (THROUGHPUT, &["--nonsense"], "--nonsense"),
        (THROUGHPUT, &["echo", "--how", "wait"], "wait"),
    ] {
        let output = run(program, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(wrong), "{arguments:?}: {said}");
    }
}

#[test]
fn a_bystander_of_a_resend_is_answered_and_the_resend_is_whole() {
    let short = ["--json", "--quick", "--reports", "2000", "--ticks", "100"];
    let output = run(
        RESEND,
        &[&short[..], &["--blocks", "1", "--no-fifo"]].concat(),
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = lanes(&output);
    assert_eq!(told.len(), 3);
    for lane in &told {
        assert!(lane["pings"].as_u64().unwrap() >= 100, "{said}");
        assert_eq!(lane["missed"], 0, "{said}");
    }
    let resend = lane(&told, "resend");
    let resends = resend["resends"].as_u64().unwrap();
    assert!(resends > 0, "{said}");
    assert_eq!(resend["resent"], resends * 2_000);
    assert_eq!(lane(&told, "quiet")["resends"], 0);
}

#[test]
fn a_killed_gateway_comes_back_with_its_whole_day() {
    let short = ["--json", "--quick", "--records", "4000", "--rounds", "1"];
    let output = run(RESTART, &short);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told = lanes(&output);
    assert_eq!(told.len(), 5);
    for name in ["empty-memory", "empty-durable"] {
        assert_eq!(lane(&told, name)["orders"], 0, "{said}");
    }
    for name in ["day-memory", "day-durable", "whole-day-memory"] {
        let lane = lane(&told, name);
        assert_eq!(lane["orders"], 2_040, "{said}");
        assert!(lane["ms_min"].as_f64().unwrap() > 0.0, "{said}");
    }
    assert!(
        lane(&told, "whole-day-memory")["records_read"]
            .as_u64()
            .unwrap()
            >= 4_000
    );
}
