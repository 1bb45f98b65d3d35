//! The program `slowdown` runs, its lanes do what they are named for, and its answer can be read.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_slowdown");
    Command::new(program).args(arguments).output().unwrap()
}

#[test]
fn a_quick_run_tells_every_key() {
    let chart = std::env::temp_dir().join(format!("slowdown-{}.svg", std::process::id()));
    let output = run(&["--json", "--quick", "--chart", chart.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in [
        "short_sale_ratio",
        "list_ratio",
        "null_ratio",
        "central_hop_us",
        "central_ratio",
    ] {
        assert!(told[key].as_f64().is_some_and(|value| value > 0.0), "{key}");
    }
    assert!(told["void"].is_boolean());
    for lane in ["list", "without-short-sale", "nothing", "list-again"] {
        assert!(told["order_ns"][lane].is_number(), "{lane}");
        assert!(told["instructions_per_order"].get(lane).is_some(), "{lane}");
    }
    let drawn = std::fs::read_to_string(&chart).unwrap();
    let _ = std::fs::remove_file(&chart);
    assert!(drawn.starts_with("<svg") && drawn.contains("whole list, inline"));
}

#[test]
fn a_lane_runs_alone_and_an_unknown_one_is_named() {
    assert!(run(&["--alone", "nothing", "1"]).status.success());
    for (arguments, wrong) in [
        (&["--alone", "none", "1"][..], "none"),
        (&["--nonsense"], "--nonsense"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(wrong));
    }
}
