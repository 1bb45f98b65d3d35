//! Peers who mean harm, at work without a pause, and a bystander's session that notices nothing:
//! each of its TestRequests(1) is answered by the Heartbeat(0) with its id, each order is answered,
//! the gateway's own Heartbeats come, and none of either side is missed, or the line would be cut:
//! HeartBtInt(108) is two seconds.
//!
//! Not in it: how long the bystander waits for his answers (`benches/src/bin/hostile-peers.rs`),
//! and what one wrong message is answered by (`bad_input`).

mod attacks;
mod tls_attacks;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::scene::{Scene, logon};
use crate::support::member::new_order;
use crate::support::tls::{Pipe, client};
use crate::support::world::QUIET;
use crate::support::{GatewayTerms, Member, PATIENCE_NS, World, until};
use crate::tls::{OVER_TLS, scene_with};
use attacks::{
    Attack, LINES, garbage, half_frames, half_open, logon_flood, port_scan, slow_reader, slowloris,
};

/// What the bystander does at least while an attack is at work.
const ROUNDS_MIN: usize = 60;
const SECRETS: &str = "553=member1|554=pass-member1|";

fn scene(name: &str) -> Scene {
    let terms = GatewayTerms {
        connections_max: 32,
        stranger_seconds_max: 1,
        ..GatewayTerms::default()
    };
    Scene::with(name, &terms, 2)
}

/// The bystander trades, pings and listens, until each attack has done so much; then all is well.
/// Gives what the gateway tells of itself at its end.
#[track_caller]
fn bystander_notices_nothing(mut scene: Scene, attacks: Vec<(Attack, usize)>) -> (Value, World) {
    let begun = scene.bystander.requested;
    let is_over = |attacks: &[(Attack, usize)]| attacks.iter().all(|(it, min)| it.acts() >= *min);
    let (mut rounds, mut traded) = (0, 0);
    while rounds < ROUNDS_MIN || !is_over(&attacks) {
        scene.bystander.ping();
        // Long attacks would use up the day's orders.
        if rounds < ROUNDS_MIN || rounds % 64 == 0 {
            scene.bystander_trades();
            traded += 1;
        }
        rounds += 1;
        for (attack, _) in &attacks {
            assert!(!attack.thread.is_finished(), "an attack ended by itself");
        }
    }
    scene.bystander.hear_heartbeats(2);
    let heartbeats = &scene.bystander.heartbeats;
    assert!(
        heartbeats.answers.iter().all(|id| id == "driver"),
        "{heartbeats:?}"
    );
    assert_eq!(scene.bystander.requested - begun, rounds + traded);
    for (attack, min) in attacks {
        assert!(attack.end() >= min);
    }
    let world = scene.end(None);
    let text = fs::read_to_string(world.day().join("status.json")).unwrap();
    (serde_json::from_str(&text).unwrap(), world)
}

fn refused(status: &Value, fault: &str) -> usize {
    let count = status["strangers_refused"][fault].as_u64();
    usize::try_from(count.unwrap_or_else(|| panic!("no {fault} in {status}"))).unwrap()
}

#[test]
fn a_flood_of_logons() {
    let scene = scene("hostile-logons");
    let attack = logon_flood(scene.address);
    let (status, _world) = bystander_notices_nothing(scene, vec![(attack, 400)]);
    assert!(refused(&status, "Credentials") >= 190, "{status}");
    assert!(refused(&status, "UnknownSession") >= 90, "{status}");
    assert!(refused(&status, "AlreadyConnected") >= 90, "{status}");
}

#[test]
fn a_byte_now_and_then() {
    let scene = scene("hostile-slowloris");
    let attack = slowloris(scene.address);
    let cuts = LINES * 2;
    let (status, _world) = bystander_notices_nothing(scene, vec![(attack, cuts)]);
    assert!(refused(&status, "TimedOut") >= cuts, "{status}");
}

#[test]
fn lines_that_are_there_and_silent() {
    let scene = scene("hostile-half-open");
    let attack = half_open(scene.address);
    let (status, _world) = bystander_notices_nothing(scene, vec![(attack, LINES * 4)]);
    assert!(refused(&status, "TimedOut") >= LINES, "{status}");
}

#[test]
fn a_scan_of_the_port() {
    let scene = scene("hostile-scan");
    let attack = port_scan(scene.address);
    bystander_notices_nothing(scene, vec![(attack, 2_000)]);
}

#[test]
fn garbage_without_end() {
    let scene = scene("hostile-garbage");
    let attack = garbage(scene.address);
    let (status, _world) = bystander_notices_nothing(scene, vec![(attack, 400)]);
    assert!(refused(&status, "NotFix") >= 400, "{status}");
}

#[test]
fn half_a_frame_with_a_huge_body_length() {
    let scene = scene("hostile-half-frames");
    let attack = half_frames(scene.address);
    let (status, _world) = bystander_notices_nothing(scene, vec![(attack, 300)]);
    assert!(refused(&status, "TimedOut") >= 1, "{status}");
    assert!(refused(&status, "TooLong") >= 200, "{status}");
}

#[test]
fn a_member_who_does_not_read() {
    let scene = scene("hostile-slow-reader");
    let attack = slow_reader(scene.member(), scene.address);
    // One whole round: flooded, cut, and everything fetched.
    bystander_notices_nothing(scene, vec![(attack, 10_000)]);
}

/// Peers at the door of TLS, and a member behind it whose every ping is answered, as the
/// bystander's are: neither stands where handshakes are made.
#[test]
fn all_kinds_at_the_door_of_tls() {
    let terms = GatewayTerms {
        connections_max: 32,
        stranger_seconds_max: 1,
        member1: OVER_TLS,
        ..GatewayTerms::default()
    };
    let (mut scene, door, authority) = scene_with("hostile-tls", &terms);
    let config = client(&authority, None, rustls::ALL_VERSIONS);
    let pipe = Pipe::to(door, &config);
    let mut member = Member::beating(&scene.world, "MEMBER1", 2);
    member.log_on(pipe.address);
    let attacks = vec![
        (tls_attacks::no_handshakes(door), 400),
        (tls_attacks::half_handshakes(door, &config), 8),
        (tls_attacks::whole_handshakes(door, &config), 50),
    ];
    let is_over = |attacks: &[(Attack, usize)]| attacks.iter().all(|(it, min)| it.acts() >= *min);
    let mut rounds = 0;
    while rounds < ROUNDS_MIN || !is_over(&attacks) {
        member.ping();
        scene.bystander.ping();
        if rounds < ROUNDS_MIN {
            let name = format!("H{rounds}");
            member.request("D", new_order(&name, '1', 10, "70000"));
            assert_eq!(member.answer(&name).field(150), "0");
            scene.bystander_trades();
        }
        rounds += 1;
        for (attack, _) in &attacks {
            assert!(!attack.thread.is_finished(), "an attack ended by itself");
        }
    }
    for (attack, min) in attacks {
        assert!(attack.end() >= min);
    }
    let world = scene.end(Some(member));
    let text = fs::read_to_string(world.day().join("status.json")).unwrap();
    let status: Value = serde_json::from_str(&text).unwrap();
    let ended = |fault: &str| status["tls"]["ended"][fault].as_u64().unwrap();
    assert!(ended("NotTls") >= 100, "{status}");
    assert!(ended("TimedOut") >= 8, "{status}");
    assert!(
        status["tls"]["handshakes"].as_u64().unwrap() >= 51,
        "{status}"
    );
    assert!(refused(&status, "NotFix") >= 10, "{status}");
}

#[test]
fn all_of_them_at_once() {
    let scene = scene("hostile-all");
    let at = scene.address;
    let attacks = vec![
        (slow_reader(scene.member(), at), 1_000),
        (logon_flood(at), 100),
        (slowloris(at), 4),
        (half_open(at), 4),
        (port_scan(at), 200),
        (garbage(at), 100),
        (half_frames(at), 50),
    ];
    let (status, _world) = bystander_notices_nothing(scene, attacks);
    // More came than there are places: who found none was sent away at once.
    assert!(
        status["strangers_without_room"].as_u64() > Some(0),
        "{status}"
    );
}

/// Bytes of memory that a gateway has taken when it is ready, touched or not.
fn data_bytes(connections_max: u32) -> u64 {
    let mut world = World::new(&format!("hostile-cost-{connections_max}"));
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms {
        connections_max,
        ..GatewayTerms::default()
    };
    let (gateway, _) = world.start_gateway(&terms);
    let status = fs::read_to_string(format!("/proc/{}/status", gateway.id())).unwrap();
    let told = status.lines().find_map(|line| line.strip_prefix("VmData:"));
    let kibibytes: u64 = told
        .and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse().ok())
        .unwrap_or_else(|| panic!("no VmData in {status}"));
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    kibibytes * 1_024
}

/// Everything that a gateway keeps for one more stranger is taken at its start, so what it takes
/// for many more tells what one costs in all: room for his bytes, first bytes, addresses, lists.
#[test]
fn a_stranger_costs_at_most_8_kib_in_all() {
    const FEW: u32 = 64;
    const MANY: u32 = 4_096;
    let (few, many) = (data_bytes(FEW), data_bytes(MANY));
    let each = many.saturating_sub(few) / u64::from(MANY - FEW);
    assert!(each <= 8 * 1_024, "{each} bytes for each stranger");
    // And it is strangers that were measured.
    assert!(each >= 6 * 1_024, "{each} bytes for each stranger");
}

#[test]
fn a_stranger_who_fills_his_room_is_cut_and_one_who_nearly_does_may_still_log_on() {
    let terms = GatewayTerms {
        limits: "stranger_bytes_max = 2048",
        stranger_seconds_max: 60,
        ..GatewayTerms::default()
    };
    let mut scene = Scene::with("hostile-room", &terms, 2);
    let too_long = "too many bytes without a whole Logon";
    // What would be a message if it could become whole.
    let mut endless = b"8=FIX.4.4\x019=760\x0135=A\x0158=".to_vec();
    endless.resize(768, b'x');
    scene.stranger_is_cut(&endless, too_long);
    let mut line = TcpStream::connect(scene.address).unwrap();
    line.set_read_timeout(Some(Duration::from_nanos(PATIENCE_NS)))
        .unwrap();
    let text = "y".repeat(500);
    let logon = logon("MEMBER1", &format!("{SECRETS}58={text}|"));
    let (first, last) = logon.split_at(logon.len() - 1);
    line.write_all(first).unwrap();
    scene.bystander_trades();
    line.write_all(last).unwrap();
    let mut answer = [0; 512];
    let length = line.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.contains("\u{1}35=A\u{1}"), "{answer}");
    drop(line);
    until("the member's end", || {
        scene.gateway.has_said_event("logout").then_some(())
    });
    scene.end(None);
}
