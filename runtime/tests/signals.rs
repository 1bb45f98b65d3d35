//! Being asked to end, once and twice.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::process::Command;

use gwanmun_runtime::signals::{INTERRUPTED, Termination};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::raise;

/// Names the signals that a child process of this program is to send itself.
const SIGNALS: &str = "SIGNALS_TO_SELF";

/// Does nothing unless it runs in a child process that was told what to do.
#[test]
fn child() {
    let Ok(signals) = std::env::var(SIGNALS) else {
        return;
    };
    let termination = Termination::on_signals().unwrap();
    assert!(!termination.is_asked());
    for signal in signals.chars() {
        raise(if signal == 'i' { SIGINT } else { SIGTERM }).unwrap();
        assert!(termination.is_asked());
    }
    assert_eq!(termination.was_interrupted(), signals.ends_with('i'));
}

#[test]
fn the_first_asks_and_the_second_ends() {
    let check = |signals: &str, code: i32| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child"])
            .env(SIGNALS, signals)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{signals}: {output:?}");
    };
    check("i", 0);
    check("t", 0);
    check("ii", INTERRUPTED);
    check("ti", INTERRUPTED);
}

#[test]
fn asking_from_inside_is_the_same() {
    let termination = Termination::default();
    termination.clone().ask();
    assert!(termination.is_asked() && !termination.was_interrupted());
}
