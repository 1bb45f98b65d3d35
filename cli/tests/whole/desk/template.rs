//! Sessions made of a template while members trade: a real Logon at once, refusals that leave
//! nothing behind, and the same session after a death.

use std::process::Command;

use gwanmun_captures::journal::RecordKind;

use super::{ask, desk, terms};
use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, Process, World, journal};

fn add(world: &World, template: &str, target: &str, password_file: &str) -> (i32, String) {
    let words = [
        "add-session",
        "--template",
        template,
        "--target-comp-id",
        target,
        "--username",
        "member1",
        "--password-file",
        password_file,
        "--reason",
        "a new member",
    ];
    ask(world, &words)
}

#[test]
fn a_session_of_a_template_logs_on_at_once_and_is_there_after_a_death() {
    let mut world = World::new("desk-template");
    let exchange = world.start_exchange(QUIET);
    let uid = rustix::process::getuid().as_raw();
    let terms = GatewayTerms {
        limits: "sessions_max = 4",
        journal: desk(&format!("\"{uid}\"")),
        ..terms()
    };
    world.write_gateway_toml(&terms);
    let file = std::fs::read_to_string(world.path("gateway.toml")).unwrap();
    let accounts = file.lines().find(|line| line.starts_with("accounts = "));
    let template = format!(
        "{file}[[session_template]]\nname = \"dma\"\n{}\nheart_bt_int = 45\n",
        accounts.unwrap()
    );
    world.write_private("gateway.toml", &template);
    let start = |world: &World| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
        let config = world.path("gateway.toml");
        command.args(["gateway", "--json", "--config"]).arg(config);
        ready(Process::start("gateway", command))
    };
    let (gateway, address) = start(&world);
    let trades = |member: &mut Member, name: &str| {
        member.request("D", new_order(name, '1', 10, "70000"));
        assert_eq!(member.answer(name).field(150), "0");
    };
    let mut first = Member::new(&world, "MEMBER1");
    first.log_on(address);
    let added = world.path("gateway.toml.added");
    for (template, target, password, expected) in [
        ("none", "M3", "member1", "there is no template none"),
        (
            "dma",
            "MEMBER1",
            "member1",
            "a second session with the member MEMBER1",
        ),
        ("dma", "M3", "no-such-file", "no-such-file"),
        ("dma", "M3", "../member1", "a file name behind"),
        ("dma", "M\"\n[desk]", "member1", "target_comp_id"),
    ] {
        let (code, said) = add(&world, template, target, password);
        assert!(code == 1 && said.contains(expected), "{said}");
        assert!(!added.exists());
        trades(&mut first, &format!("A{}", said.len()));
    }
    let (code, said) = add(&world, "dma", "M3", "member1");
    assert!(code == 0 && said.contains("GWANMUN/M3 is new"), "{said}");
    let mut third = Member::named(&world, "M3", "member1");
    third.log_on(address);
    trades(&mut third, "T1");
    trades(&mut first, "B1");
    let (code, said) = add(&world, "dma", "M3", "member1");
    assert!(code == 1 && said.contains("a second session"), "{said}");
    assert_eq!(add(&world, "dma", "M4", "member1").0, 0);
    // There is room for four: the gateway itself says so, and the file is what it was.
    let before = std::fs::read_to_string(&added).unwrap();
    let (code, said) = add(&world, "dma", "M5", "member1");
    assert!(code == 1 && said.contains("has room for no more"), "{said}");
    assert_eq!(std::fs::read_to_string(&added).unwrap(), before);
    gateway.kill();
    third.hang_up();
    first.hang_up();
    let (gateway, address) = start(&world);
    third.log_on(address);
    trades(&mut third, "T2");
    first.log_on(address);
    trades(&mut first, "B2");
    // A reload of the same list has nothing to do.
    let (code, said) = ask(&world, &["reload", "--reason", "r"]);
    assert!(code == 0 && !said.contains("is new"), "{said}");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    third.finish();
    first.finish();
    journal::assert_evidence(&world.day());
    let commands = journal::count_of(&world.day(), RecordKind::Command);
    assert_eq!(
        commands, 4,
        "two that were followed, one refused by the gateway, the reload"
    );
}
