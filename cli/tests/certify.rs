//! `gwanmun certify` as a process, with an engine on a socket of its own: it passes, and one that
//! never comes is told in a sentence.
#![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use gwanmun_fix::Version;
use gwanmun_runtime::clock::wall_now_ns;

#[path = "../src/certify/tests/engine.rs"]
mod engine;

use engine::{Engine, Fault};

fn certify(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(["certify", "--port", "0"])
        .args(["--sender-comp-id", "GATE", "--target-comp-id", "MEMBER"])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the program tells, line by line, and where it listens.
fn told(program: &mut Child) -> (SocketAddr, Receiver<String>) {
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let address = first.strip_prefix("listening on ").unwrap();
    let address = address.parse().unwrap();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    (address, receiver)
}

/// Drives the engine until the program has nothing more to tell.
fn drive(engine: &mut Engine, address: SocketAddr, told: &Receiver<String>) {
    let mut bytes = [0; 4_096];
    while let Ok(mut line) = TcpStream::connect(address) {
        line.set_read_timeout(Some(Duration::from_millis(2)))
            .unwrap();
        assert!(engine.connect(wall_now_ns()));
        while engine.is_open() {
            match told.try_recv() {
                Ok(text) if text.contains("send a new order") => engine.send("D", wall_now_ns()),
                Ok(text) if text.contains("cancel its order") => engine.send("F", wall_now_ns()),
                Ok(_) | Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return,
            }
            match line.read(&mut bytes) {
                Ok(0) => engine.disconnect(),
                Ok(count) => engine.hear(&bytes[..count], wall_now_ns()),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(_) => engine.disconnect(),
            }
            let now_ns = wall_now_ns();
            if engine.next_deadline_ns().is_some_and(|due| due <= now_ns) {
                engine.on_time(now_ns);
            }
            if line.write_all(&engine.take_output()).is_err() {
                engine.disconnect();
            }
        }
        let _ = line.shutdown(Shutdown::Both);
    }
}

/// Everything that takes no whole interval of heartbeats.
const QUICK: [&str; 15] = [
    "logon",
    "test-request",
    "gap",
    "resend",
    "possible-duplicate",
    "sequence-reset",
    "garbled",
    "missing-field",
    "unknown-type",
    "too-low",
    "logout",
    "line-cut",
    "order",
    "order-cancel",
    "order-resend",
];

#[test]
fn an_engine_on_a_socket_passes() {
    let mut arguments = vec!["--json", "--version", "FIX.4.4"];
    for name in QUICK {
        arguments.extend(["--scenario", name]);
    }
    let mut program = certify(&arguments);
    let (address, told) = told(&mut program);
    drive(
        &mut Engine::new(Version::Fix44, Fault::NONE, false),
        address,
        &told,
    );
    let output = program.wait_with_output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["passed"], true, "{report:#}");
    let names = report["scenarios"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, QUICK);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn an_engine_that_breaks_a_rule_ends_with_1() {
    let fault = Fault {
        takes_garbled: true,
        ..Fault::NONE
    };
    let mut program = certify(&["--scenario", "garbled", "--scenario", "logon"]);
    let (address, told) = told(&mut program);
    drive(
        &mut Engine::new(Version::Fix42, fault, false),
        address,
        &told,
    );
    let output = program.wait_with_output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("FAIL garbled - "), "{report}");
    assert!(report.contains("PASS logon - "), "{report}");
    assert!(report.contains("1 passed, 1 failed, 0 skipped in FIX.4.2"));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_member_that_never_comes_is_told_in_a_sentence() {
    let output = certify(&["--patience", "1"]).wait_with_output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    let expected = "The run ended early: MEMBER did not connect within 1 s";
    assert!(report.contains(expected), "{report}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_scenario_that_does_not_exist_is_refused() {
    let output = certify(&["--scenario", "gaps"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("order-resend"));
}
