//! The desk of a gateway that runs: an operator's commands over its socket, whoever is no operator,
//! and peers that say nonsense or nothing while members trade.

mod ends;
mod ledger;
mod peers;

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Output};

use gwanmun_captures::journal::RecordKind;

use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, World, journal, ledgers, until};

/// The section, with these operators.
fn desk(operators: &str) -> &'static str {
    // One small string for each test.
    format!("[desk]\nsocket = \"desk.sock\"\noperators = [{operators}]\n").leak()
}

/// A gateway with a desk whose operator is whoever runs the tests.
fn terms() -> GatewayTerms {
    GatewayTerms {
        journal: desk(&format!("\"{}\"", rustix::process::getuid().as_raw())),
        ..GatewayTerms::default()
    }
}

fn run(world: &World, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
    command.arg("desk").args(words).arg("--json");
    let socket = world.path("desk.sock");
    command.arg("--socket").arg(socket).output().unwrap()
}

/// The answer: exit code and what was told.
fn ask(world: &World, words: &[&str]) -> (i32, String) {
    let output = run(world, words);
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.code().unwrap(), said)
}

fn set(world: &World, direction: &str, number: u64) -> (i32, String) {
    let number = number.to_string();
    let words = [
        "set-number",
        "--session",
        "MEMBER1",
        "--direction",
        direction,
        "--number",
        &number,
        "--reason",
        "lost its store",
        "--requester",
        "somebody-else",
    ];
    ask(world, &words)
}

/// What the desk answers to bytes.
fn say(world: &World, bytes: &[u8]) -> String {
    let mut stream = UnixStream::connect(world.path("desk.sock")).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn numbers_are_set_while_members_trade_and_over_a_restart() {
    let mut world = World::new("desk");
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = ready(world.spawn_gateway(&terms()));
    let mode = std::fs::metadata(world.path("desk.sock")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("A1", '1', 10, "70000"));
    assert_eq!(member.answer("A1").field(150), "0");
    // On a standing line: the member sees a gap, asks and has it filled.
    let (code, said) = set(&world, "out", 500);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("record="), "{said}");
    member.request("D", new_order("A2", '1', 10, "70000"));
    assert_eq!(member.answer("A2").field(150), "0");
    let (code, said) = ask(&world, &["status", "--session", "MEMBER1"]);
    assert_eq!(code, 0);
    assert!(said.contains("GWANMUN/MEMBER1 line=up"), "{said}");
    // Refused: what it would do is told, and the numbers stay.
    for (direction, number, expected) in [
        ("out", 3, "goes upwards only"),
        ("in", 0, "a sequence number is 1 to"),
        ("out", 1 << 31, "a sequence number is 1 to"),
    ] {
        let (code, told) = set(&world, direction, number);
        assert_eq!(code, 1);
        assert!(told.contains(expected), "{told}");
    }
    let words = ["status", "--session", "MEMBER9"];
    let (code, told) = ask(&world, &words);
    assert!(code == 1 && told.contains("no session MEMBER9"), "{told}");
    assert_eq!(ask(&world, &["status", "--session", "MEMBER1"]), (0, said));
    gateway.kill();
    // The socket that the dead process left is replaced.
    let (gateway, address) = ready(world.spawn_gateway(&terms()));
    let (code, said) = ask(&world, &["status"]);
    assert_eq!(code, 0);
    assert!(said.contains("GWANMUN/BYSTANDER line=down in=1 out=1"));
    member.hang_up();
    member.log_on(address);
    member.request("D", new_order("A3", '1', 10, "70000"));
    assert_eq!(member.answer("A3").field(150), "0");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    assert!(!world.path("desk.sock").exists());
    member.finish();
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
    let commands = journal::count_of(&world.day(), RecordKind::Command);
    assert_eq!(commands, 4);
}

/// In mode `durable`, and as it is read afterwards.
#[test]
fn a_command_is_answered_in_mode_durable_and_shown_with_who_and_why() {
    let mut world = World::new("desk-durable");
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms {
        mode: "durable",
        ..terms()
    };
    let (gateway, _) = ready(world.spawn_gateway(&terms));
    let (code, said) = set(&world, "in", 77);
    assert_eq!(code, 0, "{said}");
    // Not asked to stop: what was told is on record.
    gateway.kill();
    let (gateway, _) = ready(world.spawn_gateway(&terms));
    let (_, said) = ask(&world, &["status", "--session", "MEMBER1"]);
    assert!(said.contains("in=77 out=1"), "{said}");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let mut show = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
    let shown = show.args(["capture", "show"]).arg(world.day()).output();
    let shown = String::from_utf8(shown.unwrap().stdout).unwrap();
    let uid = rustix::process::getuid().as_raw();
    let words = format!(
        "next incoming number of session 0 set to 77, by {uid}, asked for by somebody-else: lost \
         its store"
    );
    assert!(shown.contains(&words), "{words}");
    journal::assert_evidence(&world.day());
}

fn reload(world: &World) -> (i32, String) {
    ask(world, &["reload", "--reason", "the list changed"])
}

#[test]
fn a_session_is_added_disabled_and_enabled_while_members_trade() {
    let mut world = World::new("desk-reload");
    let exchange = world.start_exchange(QUIET);
    let uid = rustix::process::getuid().as_raw();
    let terms = GatewayTerms {
        limits: "sessions_max = 3",
        segment_bytes: 1 << 16,
        journal: format!("snapshot_segments = 1\n{}", desk(&format!("\"{uid}\""))).leak(),
        ..terms()
    };
    let (gateway, address) = ready(world.spawn_gateway(&terms));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    let file = std::fs::read_to_string(world.path("gateway.toml")).unwrap();
    let added = |name: &str| {
        let first = file.find("[[session]]").unwrap();
        let section = &file[first..file[first + 1..].find("[[session]]").unwrap() + first];
        section.replace("\"MEMBER1\"", &format!("\"{name}\""))
    };
    let trades = |member: &mut Member, name: &str| {
        member.request("D", new_order(name, '1', 10, "70000"));
        assert_eq!(member.answer(name).field(150), "0");
    };
    // A mistake in the file, a list in another order, and more than there is room for.
    for (text, expected) in [
        (file.replace("[limits]", "[limit]"), "did you mean `limits`"),
        (
            file.replace("\"MEMBER1\"", "\"MEMBERX\""),
            "MEMBER1 is gone from its place",
        ),
        (
            format!("{file}{}{}", added("M3"), added("M4")),
            "has room for no more sessions",
        ),
    ] {
        world.write_private("gateway.toml", &text);
        let (code, said) = reload(&world);
        assert!(code == 1 && said.contains(expected), "{said}");
        trades(&mut member, &format!("A{}", text.len()));
    }
    world.write_private("gateway.toml", &format!("{file}{}", added("M3")));
    let (code, said) = reload(&world);
    assert!(code == 0 && said.contains("GWANMUN/M3 is new"), "{said}");
    // The newcomer has the first member's name and password.
    let mut third = Member::named(&world, "M3", "member1");
    third.log_on(address);
    trades(&mut third, "T1");
    trades(&mut member, "B1");
    let (code, said) = ask(&world, &["status"]);
    assert!(code == 0 && said.contains("GWANMUN/M3 line=up"), "{said}");
    let disabled = format!("{file}{}enabled = false\n", added("M3"));
    world.write_private("gateway.toml", &disabled);
    assert_eq!(reload(&world).0, 0);
    third.wait_for_end();
    assert!(third.fault.contains("session disabled"), "{}", third.fault);
    assert!(
        ask(&world, &["status", "--session", "M3"])
            .1
            .contains("disabled")
    );
    assert!(third.connect(address));
    third.wait_for_end();
    trades(&mut member, "B2");
    world.write_private("gateway.toml", &format!("{file}{}", added("M3")));
    assert_eq!(reload(&world).0, 0);
    third.log_on_again(address);
    trades(&mut third, "T2");
    // Snapshots are made of it as before, by a follower that has seen it come.
    let mut gateway = gateway;
    let before = gateway.event_count("snapshot");
    let mut number = 0;
    until("a snapshot behind it", || {
        number += 1;
        trades(&mut third, &format!("S{number}"));
        (gateway.event_count("snapshot") > before + 1).then_some(())
    });
    assert!(!gateway.has_said_event("snapshot_failed"));
    // A death: the next start reads the same file and goes on.
    gateway.kill();
    third.hang_up();
    member.hang_up();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
    let config = world.path("gateway.toml");
    command.args(["gateway", "--json", "--config"]).arg(config);
    let process = crate::support::Process::start("gateway", command);
    let (mut gateway, address) = ready(process);
    let recovered = gateway.wait_for_event("recovered", "");
    let detail = recovered["detail"].as_str().unwrap();
    assert!(detail.contains("from the snapshot"), "{detail}");
    third.log_on(address);
    trades(&mut third, "T3");
    member.log_on(address);
    trades(&mut member, "B3");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    third.finish();
    member.finish();
    journal::assert_evidence(&world.day());
}
