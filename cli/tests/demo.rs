//! The whole: venue, gateway and member as processes on loopback, a small day, and everything that
//! proves it.
#![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn gwanmun(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(arguments)
        .output()
        .unwrap()
}

fn folder(test: &str) -> PathBuf {
    std::env::temp_dir().join(format!("gwanmun-demo-{test}-{}", std::process::id()))
}

#[test]
fn a_small_day_loses_nothing_and_doubles_nothing() {
    let out = folder("small");
    let out_text = out.to_str().unwrap();
    let output = gwanmun(&[
        "demo", "--json", "--orders", "1500", "--seed", "5", "--out", out_text,
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{error}",
        String::from_utf8_lossy(&output.stdout)
    );
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["orders"], 1500, "{answer}");
    for zero in ["lost", "duplicated", "different", "surprises"] {
        assert_eq!(answer[zero], 0, "{zero}: {answer}");
    }
    assert_eq!(answer["capture_verified"], true, "{answer}");
    assert!(answer["fills"].as_u64().unwrap() > 0 && answer["accepted"].as_u64().unwrap() > 1000);
    for code in [
        "TICK",
        "PRICE_COLLAR",
        "SELLABLE_BALANCE",
        "ACCOUNT_UNKNOWN",
        "ACCOUNT_DISABLED",
    ] {
        assert!(
            answer["refused"][code].as_u64().unwrap_or(0) > 0,
            "{code}: {answer}"
        );
    }
    assert!(
        answer["order_path_ns"]["p50"].as_u64().unwrap() > 0,
        "{answer}"
    );

    // The capture and the journal hold the same FIX messages as the driver's own ledger.
    let journal = out.join("journal");
    let ledger = out.join("driver-ledger.csv");
    let journal_text = journal.to_str().unwrap();
    let verified = gwanmun(&["capture", "verify", journal_text, "--json"]);
    let report: Value = serde_json::from_slice(&verified.stdout).unwrap();
    assert_eq!(report["records"], answer["capture_records"]);
    let day = std::fs::read_dir(&journal)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let capture = day.join("capture.pcapng");
    for recording in [capture.to_str().unwrap(), journal_text] {
        let compared = gwanmun(&["capture", "compare", recording, ledger.to_str().unwrap()]);
        let text = String::from_utf8_lossy(&compared.stdout);
        assert_eq!(compared.status.code(), Some(0), "{recording}: {text}");
    }
    let shown = gwanmun(&["capture", "show", journal_text, "--refused"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("20110="));

    // The replay decides the same, and under another limit what a filter over the ledger says.
    assert_eq!(answer["replay_identical"], true, "{answer}");
    let disabled = "account.1001-01.enabled=false";
    let replayed = gwanmun(&["replay", journal_text, "--json", "--set", disabled]);
    let what_if: Value = serde_json::from_slice(&replayed.stdout).unwrap();
    let mut told: Vec<&str> = what_if["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["cl_ord_id"].as_str().unwrap())
        .collect();
    let lines = std::fs::read_to_string(&ledger).unwrap();
    let mut filtered: Vec<&str> = lines
        .lines()
        .map(|line| (line, line.split(',').collect::<Vec<_>>()))
        .filter(|(line, cells)| {
            cells[1] == "out" && cells[3] == "D" && line.contains("|1=1001-01|")
        })
        .map(|(_, cells)| cells[4])
        .collect();
    told.sort_unstable();
    filtered.sort_unstable();
    assert!(filtered.len() > 100);
    assert_eq!(told, filtered);

    // Verified against both ledgers as well; one message fewer, or one order at the venue less, is
    // found.
    let venue = out.join("exchange-ledger.csv");
    let verified_with = |member: &PathBuf, venue: &PathBuf| {
        let member = ["--member-ledger", member.to_str().unwrap()];
        let venue = ["--venue-ledger", venue.to_str().unwrap()];
        gwanmun(&[&["capture", "verify", journal_text], &member[..], &venue].concat())
    };
    let verified = verified_with(&ledger, &venue);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let without = |path: &PathBuf, what: &str| {
        let text = std::fs::read_to_string(path).unwrap();
        let all: Vec<&str> = text.lines().collect();
        let at = all.iter().position(|line| line.contains(what)).unwrap();
        let rest = [&all[..at], &all[at + 1..]].concat().join("\n");
        let shorter = out.join("shorter.csv");
        std::fs::write(&shorter, rest + "\n").unwrap();
        shorter
    };
    let shorter = without(&ledger, "|150=F|");
    let verified = verified_with(&shorter, &venue);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");
    assert!(String::from_utf8_lossy(&verified.stdout).contains("1 messages are in the folder"));
    let shorter = without(&venue, ",U,O,");
    let verified = verified_with(&ledger, &shorter);
    assert_eq!(verified.status.code(), Some(1), "{verified:?}");

    // One flipped byte is found, and told in words.
    let mut bytes = std::fs::read(&capture).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&capture, bytes).unwrap();
    let verified = gwanmun(&["capture", "verify", journal_text]);
    assert_eq!(verified.status.code(), Some(1));
    let text = String::from_utf8_lossy(&verified.stdout);
    assert!(text.contains("capture") && !text.contains('{'), "{text}");
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn an_interrupt_ends_everything_in_order() {
    let out = folder("interrupt");
    let mut child = Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(["demo", "--orders", "200000", "--out", out.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    // Once the ledger is there, the day is on its way.
    while !out.join("driver-ledger.csv").exists() {
        assert!(child.try_wait().unwrap().is_none(), "ended before it began");
        std::thread::park_timeout(Duration::from_millis(10));
    }
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    for log in ["gateway.log", "exchange.log"] {
        assert!(out.join(log).exists());
    }
    let journal = out.join("journal");
    let verified = gwanmun(&["capture", "verify", journal.to_str().unwrap()]);
    assert_eq!(
        verified.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&verified.stdout)
    );
    std::fs::remove_dir_all(&out).unwrap();
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let out = folder("taken");
    std::fs::create_dir_all(&out).unwrap();
    std::fs::write(out.join("precious"), "mine").unwrap();
    let output = gwanmun(&["demo", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        std::fs::read_to_string(out.join("precious")).unwrap(),
        "mine"
    );
    std::fs::remove_dir_all(&out).unwrap();
}
