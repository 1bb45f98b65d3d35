//! Both files as a whole: the examples load, every key is explained, every mistake is named.

use std::path::PathBuf;

use super::{
    Config, ConfigError, GATEWAY_EXAMPLE, Surroundings, TABLES_EXAMPLE, Tables, gateway_file,
    tables_file,
};

/// A folder with the secrets that the example names, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path =
            std::env::temp_dir().join(format!("gwanmun-config-{test}-{}", std::process::id()));
        std::fs::create_dir_all(path.join("secrets")).unwrap();
        std::fs::write(path.join("secrets/member1"), "m1-pass\n").unwrap();
        std::fs::write(path.join("secrets/krx"), "krxpass").unwrap();
        std::fs::write(path.join("secrets/long"), "12345678901").unwrap();
        std::fs::write(path.join("secrets/control"), "a\x1b[2J").unwrap();
        Folder(path)
    }

    fn parse(&self, source: &str) -> Result<Config, ConfigError> {
        let surroundings = Surroundings {
            base_dir: self.0.clone(),
            credentials_dir: None,
        };
        Config::parse(source, "gateway.toml", &surroundings)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

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
                    .is_some_and(|(key, _)| !key.contains(' '))
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
    let uncommented = GATEWAY_EXAMPLE
        .replace("\n# [[venue]]", "\n[[venue]]")
        .replace("\n#   ", "\n");
    let config = folder
        .parse(&uncommented)
        .unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<String> = config.venues.iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["KRX", "NXT"]);
    assert_eq!(config.venues[1].connect.port(), 9911);
    assert_eq!(config.venues[1].password.value(), b"nxtpass");
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
                .map(|line| line.trim_start_matches("# ").split(" = ").next().unwrap())
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

/// The example with one line changed must be refused at that line, naming the key and the remedy.
fn check(change: (&str, &str), key: &str, expected: &str) {
    let folder = Folder::new(&format!("{:x}", md(change.1)));
    assert!(GATEWAY_EXAMPLE.contains(change.0), "{}", change.0);
    let source = GATEWAY_EXAMPLE.replacen(change.0, change.1, 1);
    let error = folder.parse(&source).expect_err(change.1);
    let text = error.to_string();
    assert!(text.contains("gateway.toml:"), "{text}");
    let problem = error.problems().iter().find(|problem| problem.key == key);
    let problem = problem.unwrap_or_else(|| panic!("no problem with {key}:\n{text}"));
    assert!(
        problem.remedy.contains(expected),
        "{key}: {} lacks {expected}",
        problem.remedy
    );
    assert!(!text.contains('\x1b'), "{text}");
}

/// Tells the folders of tests in one process apart.
fn md(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[test]
fn each_mistake_is_named_with_its_remedy() {
    for (from, to, key, expected) in [
        (
            "target_comp_id",
            "target_compid",
            "session.target_compid",
            "did you mean `target_comp_id`?",
        ),
        ("[limits]", "[limit]", "limit", "did you mean `limits`?"),
        (
            "[limits]",
            "[limits]\norders_max = 0",
            "limits.orders_max",
            "an integer of 1 to",
        ),
        (
            "[limits]",
            "[limits]\norders_max = \"many\"",
            "limits.orders_max",
            "an integer of 1 to",
        ),
        (
            "mode = \"memory\"",
            "mode = \"memroy\"",
            "journal.mode",
            "did you mean \"memory\"?",
        ),
        (
            "mode = \"memory\"",
            "mode = 1",
            "journal.mode",
            "one of \"memory\", \"durable\"",
        ),
        (
            "[journal]",
            "[journal]\ncapture = \"off\"",
            "journal.capture",
            "true or false",
        ),
        (
            "cores = [1]",
            "cores = [1, 2]",
            "gateway.cores",
            "at most 1 core",
        ),
        ("cores = [1]", "cores = [-1]", "gateway.cores", "0 to 8191"),
        (
            "name = \"gw1\"",
            "name = \"../x\"",
            "gateway.name",
            "a-z, 0-9 and -",
        ),
        (
            "name = \"gw1\"",
            "# no name",
            "gateway.name",
            "a-z, 0-9 and -",
        ),
        (
            "\"G1\"",
            "\"G1234\"",
            "gateway.order_id_prefix",
            "1 to 3 letters or digits",
        ),
        (
            "[gateway]",
            "[gateway]\ntransport = \"epol\"",
            "gateway.transport",
            "one of \"auto\", \"uring\", \"epoll\", \"plain\"; did you mean \"epoll\"?",
        ),
        (
            "[gateway]",
            "[gateway]\nhot_sessions_max = 65",
            "gateway.hot_sessions_max",
            "an integer of 0 to 64 sessions",
        ),
        (
            "[gateway]",
            "[gateway]\nhot_sessions_max = 0\n[[session]]\nkeep_hot = true\naccounts = [\"A\"]\n\
             target_comp_id = \"M2\"\n[gate]",
            "session.keep_hot",
            "at most 0, as [gateway] hot_sessions_max",
        ),
        (
            "[journal]",
            "[journal]\nsegment_bytes = 100000",
            "journal.segment_bytes",
            "multiple of 4096",
        ),
        (
            "[journal]",
            "[journal]\nsnapshot_segments = -1",
            "journal.snapshot_segments",
            "0 to 65536 segments",
        ),
        (
            "[gateway]",
            "[gateway]\ntrading_day = \"2026-02-30\"",
            "gateway.trading_day",
            "2026-11-23",
        ),
        (
            "[gateway]",
            "[gateway]\ntrading_day = 2026-11-23",
            "gateway.trading_day",
            "a date as a string",
        ),
        (
            "\"secret:member1\"",
            "\"hunter2\"",
            "session.password",
            "a literal password is refused",
        ),
        (
            "\"secret:member1\"",
            "\"secret:../krx\"",
            "session.password",
            "a file name behind",
        ),
        (
            "\"secret:member1\"",
            "\"secret:none\"",
            "session.password",
            "No such file",
        ),
        (
            "\"secret:member1\"",
            "\"secret:control\"",
            "session.password",
            "printable ASCII",
        ),
        (
            "username = \"member1\"",
            "",
            "session.password",
            "set both, or neither",
        ),
        (
            "\"secret:krx\"",
            "\"secret:long\"",
            "venue.password",
            "1 to 10 printable",
        ),
        (
            "\"gwan1\"",
            "\"gwanmun\"",
            "venue.username",
            "1 to 6 printable",
        ),
        (
            "\"127.0.0.1:9901\"",
            "\"localhost:9901\"",
            "venue.connect",
            "names are not looked up",
        ),
        (
            "\"ouch50\"",
            "\"ouch42\"",
            "venue.protocol",
            "did you mean \"ouch50\"?",
        ),
        (
            "\"FIX.4.4\"",
            "\"FIX.4.2\"",
            "session.begin_string",
            "\"FIX.4.4\"",
        ),
        (
            "[\"ACC-1\", \"ACC-2\"]",
            "[]",
            "session.accounts",
            "1 or more accounts",
        ),
        (
            "[\"127.0.0.0/8\"]",
            "[\"10.1.2.3/16\"]",
            "session.allow_from",
            "no bit set behind the prefix",
        ),
        (
            "[\"ACC-1\", \"ACC-2\"]",
            "[\"A\", \"A\"]",
            "session.accounts",
            "none twice",
        ),
        ("5_000_000_000", "0.5", "tables.max_age_ns", "nanoseconds"),
        ("[[session]]", "[session]", "session", "[[session]]"),
        ("[risk]", "[risk]\ncollar = 1", "risk.collar", "known are"),
        ("[gateway]", "gateway = 1\n[gate]", "gateway", "[gateway]"),
        (
            "[tables]",
            "[[venue]]\nname = \"KRX\"\n[tables]",
            "venue.name",
            "a name of its own",
        ),
        (
            "[tables]",
            "[[venue]]\n[[venue]]\n[[venue]]\n[[venue]]\n[tables]",
            "venue",
            "expected at most 4",
        ),
        (
            "[[venue]]",
            "[[session]]\naccounts = [\"B\"]\ntarget_comp_id = \"MEMBER1\"\n[[venue]]",
            "session.target_comp_id",
            "stands once",
        ),
    ] {
        check((from, to), key, expected);
    }
}

#[test]
fn several_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let folder = Folder::new("several");
    let source = GATEWAY_EXAMPLE
        .replace("mode = \"memory\"", "mode = \"safe\"")
        .replace("socket_accept_port = 9876", "socket_accept_port = 98765")
        .replace(
            "[tables]",
            "[[session]]\ntarget_comp_id = \"M2\"\naccounts = [\"A\"]\n[tables]",
        );
    let error = folder.parse(&source).unwrap_err();
    let keys: Vec<&str> = error
        .problems()
        .iter()
        .map(|problem| problem.key.as_str())
        .collect();
    // The port stands in [defaults] and is read by both sessions, but it is wrong once.
    assert_eq!(keys, ["journal.mode", "session.socket_accept_port"]);
    assert_eq!(error.line_and_column(&error.problems()[0]), (17, 8));
}

#[test]
fn text_that_is_not_toml_is_shown_with_its_control_characters_escaped() {
    let folder = Folder::new("text");
    for source in [
        "[gateway\nname = 3",
        "name = \"\x1b[2Jx\"\n",
        "a = 1\na = 2\n",
        "\0",
        "x = \"\\u001b[2J\"",
        "\"\\u001b[2J\" = 1",
    ] {
        let error = folder.parse(source).unwrap_err();
        for text in [error.to_string(), format!("{:?}", error.problems())] {
            assert!(!text.contains('\x1b') && !text.contains('\0'), "{text:?}");
        }
        assert!(error.coloured().contains("\x1b["));
    }
}

#[test]
fn tables_that_make_no_sense_are_refused() {
    for (from, to, key) in [
        (
            "base_price = 71500",
            "base_price = 71500.5",
            "instrument.base_price",
        ),
        (
            "base_price = 71500",
            "base_price = -71500",
            "instrument.base_price",
        ),
        (
            "base_price = 71500",
            "base_price = \"71500.00001\"",
            "instrument.base_price",
        ),
        (
            "base_price = 71500",
            "base_price = \"1e5\"",
            "instrument.base_price",
        ),
        (
            "may_be_negative = false",
            "may_be_negative = true",
            "instrument.may_be_negative",
        ),
        (
            "collar_bps = 500",
            "collar_bps = 0",
            "instrument.collar_bps",
        ),
        (
            "collar_width_min = 0",
            "collar_width_min = -1",
            "instrument.collar_width_min",
        ),
        (
            "symbol = \"000660\"",
            "symbol = \"005930\"",
            "instrument.symbol",
        ),
        (
            "symbol = \"000660\"",
            "symbol = \"000660000\"",
            "instrument.symbol",
        ),
        ("id = \"ACC-2\"", "id = \"ACC-1\"", "account.id"),
        ("enabled = true", "enabled = \"yes\"", "account.enabled"),
        ("quantity = 100000", "quantity = -1", "holding.quantity"),
        (
            "account = \"ACC-1\"",
            "account = \"ACC-3\"",
            "holding.account",
        ),
        ("kind = \"share\"", "kind = \"shares\"", "instrument.kind"),
        ("# venues = [\"KRX\"]", "venues = []", "instrument.venues"),
        (
            "# venues = [\"KRX\"]",
            "venues = [\"KRX\", \"KRX\"]",
            "instrument.venues",
        ),
    ] {
        assert!(TABLES_EXAMPLE.contains(from), "{from}");
        let source = TABLES_EXAMPLE.replacen(from, to, 1);
        let error = Tables::parse(&source, "tables.toml").expect_err(to);
        assert!(
            error.problems().iter().any(|problem| problem.key == key),
            "{to}: {error}"
        );
    }
}
