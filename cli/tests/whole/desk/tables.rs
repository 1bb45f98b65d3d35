//! Tables swapped while members trade: wrong files, a narrower limit, and what a death and an
//! edited file behind it make of it.

use std::process::Command;

use super::{ask, desk, terms};
use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, Process, World, journal};

fn tables(world: &World) -> (i32, String) {
    let words = [
        "tables",
        "--requester",
        "lee",
        "--reason",
        "a narrower limit",
    ];
    ask(world, &words)
}

/// The first number behind a key, set to another.
fn with(file: &str, key: &str, value: &str) -> String {
    let at = file.find(key).unwrap() + key.len();
    let end = at + file[at..].find('\n').unwrap();
    format!("{}{value}{}", &file[..at], &file[end..])
}

#[test]
fn tables_are_swapped_while_members_trade_and_a_restart_has_them() {
    let mut world = World::new("desk-tables");
    let exchange = world.start_exchange(QUIET);
    let uid = rustix::process::getuid().as_raw();
    let terms = GatewayTerms {
        journal: format!("snapshot_segments = 1\n{}", desk(&format!("\"{uid}\""))).leak(),
        segment_bytes: 1 << 18,
        ..terms()
    };
    let (mut gateway, address) = ready(world.spawn_gateway(&terms));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    let answer = |member: &mut Member, name: &str| {
        member.request("D", new_order(name, '1', 10, "70000"));
        let answer = member.answer(name);
        (answer.field(150).to_owned(), answer.field(20110).to_owned())
    };
    let passes = ("0".to_owned(), String::new());
    let refused = ("8".to_owned(), "141".to_owned());
    let file = std::fs::read_to_string(world.path("tables.toml")).unwrap();
    assert_eq!(answer(&mut member, "A"), passes);
    // Every mistake is told by its line, and nothing of the file is taken.
    let two = with(&file, "base_price = ", "nan");
    let two = with(&two, "order_qty_max = ", "0");
    let sections = file.split("\n[[");
    let instruments = sections.filter(|section| section.starts_with("instrument]]"));
    let without_accounts: String = instruments
        .map(|section| format!("\n[[{section}"))
        .collect();
    for (number, (text, expected)) in [
        (two, "2 mistakes: nothing of the file is taken"),
        (format!("{file}\n[[acount]]\n"), "account"),
        (file.replacen("id = \"", "id = \"Z", 1), "nothing"),
        (
            format!("[[account]]\nid = \"AAA\"\nenabled = true\n{file}"),
            "account AAA is new",
        ),
        (without_accounts, "no [[account]] at all"),
        (file.clone(), "is what is in force"),
    ]
    .into_iter()
    .enumerate()
    {
        world.write_private("tables.toml", &text);
        let (code, said) = tables(&world);
        assert!(code == 1 && said.contains(expected), "{number}: {said}");
        assert_eq!(answer(&mut member, &format!("W{number}")), passes);
    }
    gateway.wait_for_event("account_table_missing", "");
    let small = file.replace("order_qty_max = ", "order_qty_max = 9 #");
    world.write_private("tables.toml", &small);
    let (code, said) = tables(&world);
    assert!(code == 0 && said.contains("tables version=2-"), "{said}");
    assert_eq!(answer(&mut member, "B"), refused);
    // The file is edited and not taken; the next start has what was in force.
    world.write_private("tables.toml", &file);
    gateway.kill();
    member.hang_up();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
    let config = world.path("gateway.toml");
    command.args(["gateway", "--json", "--config"]).arg(config);
    let (mut gateway, address) = ready(Process::start("gateway", command));
    gateway.wait_for_event("tables_kept", "");
    member.log_on(address);
    assert_eq!(answer(&mut member, "C"), refused);
    let (code, said) = tables(&world);
    assert!(code == 0 && said.contains("tables version=3-"), "{said}");
    assert_eq!(answer(&mut member, "D"), passes);
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    member.finish();
    journal::assert_evidence(&world.day());
    let gwanmun = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
        let output = command.args(words).arg(world.day()).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let (code, shown) = gwanmun(&["capture", "show"]);
    assert_eq!(code, Some(0), "{shown}");
    for words in [
        "by tables 1-",
        "by tables 2-",
        "by tables 3-",
        "tables 3 in force",
    ] {
        assert!(shown.contains(words), "{words}");
    }
    let (code, said) = gwanmun(&["replay", "--json"]);
    assert!(
        code == Some(0) && said.contains("\"identical\":true"),
        "{said}"
    );
    // What if the whole day had been under the narrow limit: what passed is refused by it.
    world.write_private("tables.toml", &small);
    let file = world.path("tables.toml");
    let words = ["what-if", "--json", "--tables", file.to_str().unwrap()];
    let (code, said) = gwanmun(&words);
    let told: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &told["sound"]), (Some(0), &true.into()), "{said}");
    // A, the six beside wrong files, and D.
    assert_eq!(
        told["by_code"]["refused"]["ORDER_QTY"]["orders"], 8,
        "{said}"
    );
    assert_eq!(told["orders"].as_array().unwrap().len(), 8);
}
