//! What the examples promise: they load, show the defaults, and explain every key.

use std::path::PathBuf;

use gwanmun_market::Phases;

use super::Folder;
use crate::config::{GATEWAY_EXAMPLE, TABLES_EXAMPLE, Tables, gateway_file, tables_file};

#[test]
fn the_gateway_example_loads_and_its_effective_form_loads_to_the_same() {
    let folder = Folder::new("example");
    let config = folder
        .parse(GATEWAY_EXAMPLE)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        config.sessions[0].password.as_ref().unwrap().value(),
        b"m1-pass"
    );
    assert_eq!(
        config.journal.memory_dir,
        PathBuf::from("/dev/shm/gwanmun-gw1")
    );
    let effective = config.effective();
    assert!(
        !effective.contains("m1-pass") && !effective.contains("krxpass"),
        "{effective}"
    );
    assert!(!format!("{config:?}").contains("109, 49, 45"), "{config:?}");
    let again = folder
        .parse(&effective)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, config);
}

#[test]
fn the_defaults_that_the_example_shows_are_the_defaults() {
    let folder = Folder::new("defaults");
    let shown = folder.parse(GATEWAY_EXAMPLE).unwrap();
    let uncommented: String = GATEWAY_EXAMPLE
        .lines()
        .map(|line| {
            let is_key = line.strip_prefix("# ").is_some_and(|rest| {
                rest.split_once(" = ")
                    // There is no default of `tls`, and the files that it shows are not there.
                    .is_some_and(|(key, _)| !key.contains(' ') && key != "tls")
            });
            if is_key { &line[2..] } else { line }
        })
        .collect::<Vec<_>>()
        .join("\n");
    let mut spelled = folder
        .parse(&uncommented)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        spelled.gateway.trading_day.take().unwrap().number(),
        20_261_123
    );
    assert!(!spelled.journal.memory_dir_is_default);
    spelled.journal.memory_dir_is_default = true;
    assert_eq!(spelled, shown);
}

#[test]
fn the_second_venue_that_the_example_shows_is_one() {
    let folder = Folder::new("second");
    std::fs::write(folder.0.join("secrets/nxt"), "nxtpass").unwrap();
    let (before, venue) = GATEWAY_EXAMPLE.split_once("\n# [[venue]]").unwrap();
    let uncommented = format!("{before}\n[[venue]]{}", venue.replace("\n#   ", "\n"));
    let config = folder
        .parse(&uncommented)
        .unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<String> = config.venues.iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["KRX", "NXT"]);
    assert_eq!(config.venues[1].connect.port(), 9911);
    assert_eq!(config.venues[1].password.value(), b"nxtpass");
    assert_eq!(config.venues[0].fix, None);
    let fix = config.venues[1].fix.unwrap();
    assert_eq!(fix.target_comp_id.as_bytes(), b"NXT");
    assert_eq!(fix.heart_bt_int_s, 30);
    let effective = config.effective();
    let again = folder
        .parse(&effective)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again, config);

    // What the tables say about venues fits the venues there are, or the start says what does not.
    let listed = |venues: &str| {
        let source = TABLES_EXAMPLE.replace("# venues = [\"KRX\"]", &format!("venues = {venues}"));
        Tables::parse(&source, "t").unwrap_or_else(|error| panic!("{error}"))
    };
    let tables = listed("[\"NXT\", \"KRX\"]");
    assert_eq!(tables.venue_lists.len(), 1);
    assert_eq!(tables.venue_lists[0].symbol.as_bytes(), b"005930");
    assert!(crate::check(&config, &tables).is_ok());
    let error = crate::check(&config, &listed("[\"KRX\", \"XNXT\"]")).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("005930") && error.contains("XNXT") && error.contains("[[venue]]"));
}

#[test]
fn the_tables_example_loads() {
    let tables = Tables::parse(TABLES_EXAMPLE, "t").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        (
            tables.accounts.len(),
            tables.instruments.len(),
            tables.holdings.len()
        ),
        (3, 6, 2)
    );
    assert_eq!(tables.instruments[5].base_price.to_string(), "-0.35");
    assert_eq!(tables.content, TABLES_EXAMPLE.as_bytes());
    let told = &tables.short_sales;
    assert_eq!(told.balance_systems, [tables.accounts[0].account]);
    assert_eq!(told.allowed, [tables.instruments[0].symbol]);
    assert_eq!(told.change_qty_max, Some(1_000_000));
    let [(venue, rule)] = told.rules[..] else {
        panic!("one rule");
    };
    assert_eq!((venue.as_bytes(), rule.phases), (&b"KRX"[..], Phases::ALL));
    // 2025-03-31 07:00 KST.
    let from_ns = 1_743_372_000_000_000_000;
    assert_eq!((rule.from_ns, rule.until_ns), (from_ns, u64::MAX));
    assert_eq!((rule.open_s, rule.close_s), (32_400, 55_800));
    assert!(rule.has_price_rule && !rule.exempts_side_6);
    // A rule with an end, and another one behind it; a rule for a venue that there is not.
    let second = "[[short_rule]]\nvenue = \"KRX\"\nfrom = \"2027-01-01\"\nphases = []\n\
                  price_rule = false\n[ledger]";
    let source = TABLES_EXAMPLE
        .replace("# until", "until")
        .replace("[ledger]", second);
    let tables = Tables::parse(&source, "t").unwrap_or_else(|error| panic!("{error}"));
    let [(_, first), (_, second)] = tables.short_sales.rules[..] else {
        panic!("two rules");
    };
    assert_eq!(first.until_ns, second.from_ns);
    let folder = Folder::new("rules");
    let config = folder.parse(GATEWAY_EXAMPLE).unwrap();
    assert!(crate::check(&config, &tables).is_ok());
    let elsewhere = TABLES_EXAMPLE.replace("venue = \"KRX\"", "venue = \"XKRX\"");
    let tables = Tables::parse(&elsewhere, "t").unwrap();
    let error = crate::check(&config, &tables).unwrap_err().to_string();
    assert!(error.contains("XKRX") && error.contains("[[short_rule]]"));
}

#[test]
fn every_key_is_explained_in_its_section_of_the_example() {
    for (example, sections) in [
        (GATEWAY_EXAMPLE, &gateway_file::SECTIONS[..]),
        (TABLES_EXAMPLE, &tables_file::SECTIONS),
    ] {
        for (section, keys) in sections {
            // A session's keys are explained in [defaults] or in [[session]].
            let names: &[&str] = if ["defaults", "session"].contains(section) {
                &["defaults", "session"]
            } else {
                &[section]
            };
            let explained: Vec<&str> = example
                .split("\n[")
                .filter(|part| {
                    names.contains(&part.trim_start_matches('[').split(']').next().unwrap())
                })
                .flat_map(str::lines)
                .filter(|line| line.contains('#'))
                .map(|line| line.trim_start_matches(['#', ' ']))
                .map(|line| line.split(" = ").next().unwrap())
                .collect();
            for key in *keys {
                let is_plain = matches!(
                    *key,
                    "begin_string" | "socket_accept_port" | "name" | "account" | "symbol"
                );
                assert!(is_plain || explained.contains(key), "{section}.{key}");
                assert!(example.contains(&format!("{key} = ")), "{section}.{key}");
            }
        }
    }
}
