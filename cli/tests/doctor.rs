//! `gwanmun doctor` on whatever host this is: it says something of everything and changes nothing.
#![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::net::TcpListener;
use std::process::{Command, Output};

use serde_json::Value;

fn doctor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .arg("doctor")
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn this_host_is_looked_at_and_the_exit_code_is_that_of_the_worst() {
    let output = doctor(&["--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = answer["findings"].as_array().unwrap();
    assert!(findings.len() >= 18, "{answer}");
    for finding in findings {
        let severity = finding["severity"].as_str().unwrap();
        assert!(
            ["good", "note", "hurts", "stops"].contains(&severity),
            "{finding}"
        );
        let needs_remedy = severity == "hurts" || severity == "stops";
        assert!(!needs_remedy || finding["remedy"].is_string(), "{finding}");
    }
    let stops = answer["stops"].as_u64().unwrap();
    assert_eq!(output.status.code(), Some(i32::from(stops > 0)), "{answer}");
    let shown = doctor(&[]);
    let text = String::from_utf8_lossy(&shown.stdout);
    assert!(
        text.contains("io_uring") && !text.contains('\x1b'),
        "{text}"
    );
}

#[test]
fn a_port_that_is_taken_stops_and_a_configuration_that_is_not_there_is_refused() {
    let folder = std::env::temp_dir().join(format!("gwanmun-doctor-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("secrets")).unwrap();
    for name in ["member1", "krx"] {
        std::fs::write(folder.join("secrets").join(name), "secret").unwrap();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let text = gwanmun_host::config::GATEWAY_EXAMPLE
        .replacen(
            "socket_accept_port = 9876",
            &format!("socket_accept_port = {port}"),
            1,
        )
        .replacen("cores = [1]", "cores = []", 1);
    let config = folder.join("gateway.toml");
    std::fs::write(&config, text).unwrap();
    let output = doctor(&["--json", "--config", config.to_str().unwrap()]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{answer}");
    let findings = answer["findings"].as_array().unwrap();
    let taken = findings
        .iter()
        .find(|finding| finding["what"] == "port")
        .unwrap();
    assert_eq!(taken["severity"], "stops", "{taken}");
    assert!(taken["remedy"].as_str().unwrap().contains(&port), "{taken}");
    let missing = doctor(&["--config", folder.join("none.toml").to_str().unwrap()]);
    assert_eq!(missing.status.code(), Some(2));
    std::fs::remove_dir_all(&folder).unwrap();
}
