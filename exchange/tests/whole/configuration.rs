//! A configuration as an operator writes it: it runs, and what it promises to write is there.

use gwanmun_exchange::Exchange;
use gwanmun_exchange::plan::Plan;

use crate::client::{Client, types};
use crate::running::Running;

#[test]
fn a_configuration_runs_and_leaves_its_ledger() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("exchange-ledger");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("password"), "secret\n").unwrap();
    let text = r#"
        order_listen = "127.0.0.1:0"
        feed_listen = "127.0.0.1:0"
        session = "KRX"
        ledger = "ledger.csv"
        [[users]]
        username = "ONE"
        password_file = "password"
        [[script]]
        after_messages = 2
        symbol = "005930"
        halted = true
    "#;
    let config = gwanmun_exchange::Config::parse(text).unwrap();
    let venue = Running::start(&Plan::load(&config, &folder).unwrap());
    let (mut one, _) = Client::log_in(venue.orders, "ONE", 1);
    for words in [
        "enter 1 B 7 005930 71500",
        "enter 1 B 7 005930 71500",
        "enter 2 B 7 005930 71500",
        "cancel 1 0",
    ] {
        one.send(words);
    }
    assert_eq!(types(&one.take(4)), "SAJC");
    venue.stop();
    let ledger = std::fs::read_to_string(folder.join("ledger.csv")).unwrap();
    let has = |direction: &str, ouch_type: &str| {
        let lines = ledger
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>());
        lines
            .filter(|line| line[1] == direction && line[6] == ouch_type)
            .count()
    };
    assert_eq!(
        has("in", "O"),
        3,
        "a frame whose number was used stands here too"
    );
    assert_eq!((has("in", "X"), has("in", "")), (1, 1));
    assert_eq!(
        (has("out", "A"), has("out", "J"), has("out", "C")),
        (1, 1, 1)
    );
    assert!(!ledger.contains("736563726574"), "the password is nowhere");
    let mut plan = Plan::load(&config, &folder).unwrap();
    plan.ledger = Some(folder.join("no such folder").join("ledger.csv"));
    assert!(Exchange::start(&plan, &mut ()).is_err());
    std::fs::remove_file(folder.join("password")).unwrap();
    assert!(Plan::load(&config, &folder).is_err());
}
