//! The borrow desk: a short sale is refused and asks for a loan, the loan is confirmed by two
//! persons, the member sends his order again, and all of it survives the process.

use std::process::Command;

use super::{ask, terms};
use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{Member, World, journal};

const ACCOUNT: &str = "1001-01";
const SYMBOL: &str = "005930";

/// The tables of the demonstration with short sales of one account, of one share.
fn with_short_sales(tables: &str) -> String {
    let account = format!("id = \"{ACCOUNT}\"\n");
    let symbol = format!("[[instrument]]\nsymbol = \"{SYMBOL}\"\n");
    assert!(
        tables.contains(&account) && tables.contains(&symbol),
        "{tables}"
    );
    let holding = format!("account = \"{ACCOUNT}\"\nsymbol = \"{SYMBOL}\"\nquantity = ");
    let (before, quantity) = tables.split_once(&holding).unwrap();
    let (_, behind) = quantity.split_once('\n').unwrap();
    let tables = format!("{before}{holding}1000\n{behind}");
    let tables = tables
        .replace(&account, &format!("{account}has_balance_system = true\n"))
        .replace(&symbol, &format!("{symbol}short_sale = \"allowed\"\n"));
    tables
        + "\n[[short_rule]]\nvenue = \"KRX\"\nfrom = \"2025-03-31\"\n\
           phases = [\"opening_auction\", \"continuous\", \"closing_auction\"]\n\
           price_rule = false\n\n[ledger]\nchange_qty_max = 1000\n"
}

fn give(world: &World, verb: &[&str], quantity: u64, requester: &str) -> (i32, String) {
    let quantity = quantity.to_string();
    let mut words = verb.to_vec();
    words.extend(["--account", ACCOUNT, "--symbol", SYMBOL]);
    words.extend(["--quantity", &quantity, "--reason", "loan L-77"]);
    if !requester.is_empty() {
        words.extend(["--requester", requester]);
    }
    ask(world, &words)
}

/// The number behind `key=` in the balance.
fn figure(world: &World, key: &str) -> i64 {
    let words = ["balance", "--account", ACCOUNT, "--symbol", SYMBOL];
    let (code, said) = ask(world, &words);
    assert_eq!(code, 0, "{said}");
    let (_, behind) = said.split_once(&format!(" {key}=")).unwrap();
    let digits = behind.split([' ', '"', '\\']).next().unwrap();
    digits.parse().unwrap()
}

#[test]
fn a_loan_is_asked_for_confirmed_and_used() {
    let mut world = World::new("desk-ledger");
    let tables = with_short_sales(&gwanmun_cli::demo::tables_toml());
    world.write_private("tables.toml", &tables);
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = ready(world.spawn_gateway(&terms()));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    let held = figure(&world, "sellable_short");
    let quantity = u32::try_from(held + 50).unwrap();
    let mut short = |name: &str| {
        member.request("D", new_order(name, '5', quantity, "73000"));
        let answer = member.answer(name);
        (answer.field(150).to_owned(), answer.field(20120).to_owned())
    };
    assert_eq!(short("S1"), ("8".to_owned(), "50".to_owned()));
    let (code, said) = ask(&world, &["borrows"]);
    let asked = format!("borrow account={ACCOUNT} symbol={SYMBOL} missing=50 times=1");
    assert!(code == 0 && said.contains(&asked), "{said}");
    // One person alone, too much, and what is not there.
    let uid = rustix::process::getuid().as_raw().to_string();
    for (verb, quantity, requester, expected) in [
        (&["loan"][..], 50, "", "a requester must be named"),
        (&["loan"], 50, &uid, "are one person"),
        (&["loan"], 1_001, "lee", "change_qty_max"),
        (&["loan"], 0, "lee", "change_qty_max"),
        (&["return"], 1, "lee", "there is not so much of it"),
    ] {
        let (code, said) = give(&world, verb, quantity, requester);
        assert!(code == 1 && said.contains(expected), "{said}");
    }
    let (code, said) = give(&world, &["loan"], 50, "lee");
    assert!(code == 0 && said.contains("borrowed=50"), "{said}");
    assert!(!ask(&world, &["borrows"]).1.contains("missing"));
    gateway.kill();
    let (gateway, address) = ready(world.spawn_gateway(&terms()));
    assert_eq!(figure(&world, "sellable_short"), held + 50);
    assert_eq!(figure(&world, "sellable_long"), held);
    member.hang_up();
    member.log_on(address);
    // Above what anybody bids, so that it works.
    member.request("D", new_order("S2", '5', quantity, "73000"));
    assert_eq!(member.answer("S2").field(150), "0");
    assert_eq!(figure(&world, "working_short"), held + 50);
    let (code, said) = give(&world, &["return"], 1, "lee");
    assert!(
        code == 1 && said.contains("would not find their shares"),
        "{said}"
    );
    // Called back, it may be sold; and not once it does not come.
    let inwards = ["recall", "--direction", "in"];
    let outwards = ["recall", "--direction", "out"];
    assert_eq!(give(&world, &inwards, 10, "lee").0, 0);
    assert_eq!(give(&world, &["return"], 10, "lee").0, 0);
    let (code, said) = give(&world, &outwards, 1, "lee");
    assert!(
        code == 1 && said.contains("would not find their shares"),
        "{said}"
    );
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    member.finish();
    let mut show = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
    let shown = show.args(["capture", "show"]).arg(world.day()).output();
    let shown = String::from_utf8(shown.unwrap().stdout).unwrap();
    for words in [
        format!(
            "loan confirmed: 50 of \"{SYMBOL}\" for \"{ACCOUNT}\", by {uid}, asked for by lee: loan L-77"
        ),
        "50 missing since".to_owned(),
        "recalled 10 borrowed 50".to_owned(),
        "recalled 10 borrowed 40".to_owned(),
    ] {
        assert!(shown.contains(&words), "{words}");
    }
    journal::assert_evidence(&world.day());
}
