//! Mistakes in the gateway's file: each is told at its line, with its key and the remedy.

use super::Folder;
use crate::config::GATEWAY_EXAMPLE;

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
            "operators = [\"root\"]",
            "operators = []",
            "desk.operators",
            "1 to 64 user names or numbers",
        ),
        (
            "operators = [\"root\"]",
            "operators = [\"a b\"]",
            "desk.operators",
            "without blanks",
        ),
        (
            "operators = [\"root\"]",
            "",
            "desk.operators",
            "1 to 64 user names or numbers",
        ),
        (
            "socket = \"desk.sock\"",
            "socket = \"/a/path/of/more/than/a/hundred/and/seven/bytes/is/one/that/the/kernel/\
             does/not/take/as/the/path/of/a/socket.sock\"",
            "desk.socket",
            "at most 107 bytes",
        ),
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
            "\"ouch50\"",
            "\"fix\"",
            "venue.begin_string",
            "one of \"FIX.4.2\", \"FIX.4.4\"",
        ),
        (
            "username = \"gwan1\"",
            "target_comp_id = \"KRX\"\nusername = \"gwan1\"",
            "venue.target_comp_id",
            "it goes with `protocol = \"fix\"`",
        ),
        (
            "\"FIX.4.4\"",
            "\"FIX.4.3\"",
            "session.begin_string",
            "one of \"FIX.4.2\", \"FIX.4.4\"",
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
