//! The program as a shell sees it: exit codes, what goes to which output, and that nothing colours
//! a pipe.
#![allow(clippy::unwrap_used, reason = "a test ends by panicking")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const LOGON: &str =
    "8=FIX.4.4|9=68|35=A|34=1|49=M|52=20261123-00:00:00.000|56=G|98=0|108=30|554=hidden|10=193|";

/// A folder of its own for each test, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("gwanmun-cli-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn gwanmun(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gwanmun"))
        .args(arguments)
        .env_remove("CREDENTIALS_DIRECTORY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input closes it early.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Runs, compares the exit code, and gives both outputs.
fn check(arguments: &[&str], input: &str, code: i32) -> (String, String) {
    let output = gwanmun(arguments, input);
    let out = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}\n{out}\n{error}"
    );
    assert!(
        !out.contains('\x1b') && !error.contains('\x1b'),
        "{arguments:?}: {out}{error}"
    );
    (out, error)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn help_and_usage() {
    let (out, _) = check(&["--help"], "", 0);
    assert!(out.contains("Exit codes: 0 done"), "{out}");
    check(&["decode", "--help"], "", 0);
    check(&["--version"], "", 0);
    check(&[], "", 2);
    check(&["decod"], "", 2);
    check(&["decode"], "", 2);
    check(&["gateway"], "", 2);
}

#[test]
fn completions_and_man_pages() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (out, _) = check(&["completions", shell], "", 0);
        assert!(out.contains("gwanmun") && out.contains("decode"), "{shell}");
    }
    let folder = Folder::new("man");
    check(&["man", text(&folder.0)], "", 0);
    for page in ["gwanmun.1", "gwanmun-decode.1", "gwanmun-capture-verify.1"] {
        let page = std::fs::read_to_string(folder.0.join(page)).unwrap();
        assert!(page.contains(".TH"), "{page}");
    }
}

#[test]
fn decode_reads_what_it_is_given_and_hides_secrets() {
    let (out, _) = check(&["decode", "-"], &format!("in > {LOGON}\n"), 0);
    assert!(
        out.contains("35 MsgType") && out.contains("= Logon"),
        "{out}"
    );
    assert!(out.contains("******") && !out.contains("hidden"), "{out}");
    let (out, _) = check(&["decode", "-", "--json"], LOGON, 0);
    assert!(
        out.starts_with('{') && out.lines().count() == 1 && !out.contains("hidden"),
        "{out}"
    );
    let damaged = LOGON.replace("10=193", "10=000");
    let (out, error) = check(&["decode", "-"], &damaged, 3);
    assert!(
        out.contains("wrong, it is 193") && error.contains("1 of 1"),
        "{out}{error}"
    );
    check(&["decode", "-"], "nothing of the kind\n", 3);
    check(&["decode", "/no/such/file\x1b[2J"], "", 3);
}

#[test]
fn the_example_configuration_checks_once_its_secrets_are_there() {
    let folder = Folder::new("example");
    let (example, _) = check(&["gateway", "--example"], "", 0);
    let config = folder.write("gateway.toml", &example);
    folder.write("tables.example.toml", gwanmun_host::config::TABLES_EXAMPLE);
    let (_, error) = check(&["gateway", "--config", text(&config), "--check"], "", 2);
    assert!(
        error.contains("secret:member1") && error.contains("No such file"),
        "{error}"
    );
    folder.write("secrets/member1", "one");
    folder.write("secrets/krx", "two");
    let (out, _) = check(&["gateway", "--config", text(&config), "--check"], "", 0);
    assert!(
        out.contains("order_id_prefix = \"G1\"") && !out.contains("\"one\""),
        "{out}"
    );
    let (out, _) = check(
        &["gateway", "--config", text(&config), "--check", "--json"],
        "",
        0,
    );
    assert!(
        out.starts_with('{') && out.contains("\"instruments\":6"),
        "{out}"
    );
    assert!(out.contains("\"hours\":[]"), "{out}");
}

/// Seoul keeps nine hours all year, so the night is the same in both.
#[test]
fn a_check_tells_the_next_window_in_both_zones() {
    let folder = Folder::new("hours");
    // The session's own line, and no comment in which a venue's is explained.
    let night = "\nstart_time = \"18:00:00\"\nend_time = \"06:00:00\"\ntarget_comp_id =";
    let example = gwanmun_host::config::GATEWAY_EXAMPLE.replace("\ntarget_comp_id =", night);
    let config = folder.write("gateway.toml", &example);
    folder.write("tables.example.toml", gwanmun_host::config::TABLES_EXAMPLE);
    folder.write("secrets/member1", "one");
    folder.write("secrets/krx", "two");
    let (out, _) = check(&["gateway", "--config", text(&config), "--check"], "", 0);
    let lines: Vec<&str> = out.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("# MEMBER1 "));
    let at = at.unwrap_or_else(|| panic!("{out}"));
    let (utc, local) = (lines[at], lines[at + 1]);
    assert!(
        utc.contains(" 09:00:00") && utc.contains(" 21:00:00"),
        "{utc}"
    );
    assert!(utc.ends_with(" UTC"), "{utc}");
    let hours = local.contains(" 18:00:00+09:00 to ") && local.contains(" 06:00:00+09:00");
    assert!(hours && local.ends_with(" Asia/Seoul"), "{local}");
    let check_json = ["gateway", "--config", text(&config), "--check", "--json"];
    let (out, _) = check(&check_json, "", 0);
    assert!(out.contains("\"session\":\"MEMBER1\""), "{out}");
    assert!(out.contains("\"kind\":\"window\""), "{out}");
}

#[test]
fn a_wrong_configuration_is_shown_with_its_place_and_remedy() {
    let folder = Folder::new("wrong");
    let config = folder.write(
        "gateway.toml",
        "[gateway]\nname = \"g\"\ncolour = \"red\x1b\"\n",
    );
    let (_, error) = check(&["gateway", "--config", text(&config), "--check"], "", 2);
    assert!(error.contains("gateway.toml:3"), "{error}");
    let (out, _) = check(
        &["gateway", "--config", text(&config), "--check", "--json"],
        "",
        2,
    );
    assert!(out.contains("\"line\":3"), "{out}");
    // Of a run it is no answer, and stands where all else of a run does.
    let (out, error) = check(&["gateway", "--config", text(&config), "--json"], "", 2);
    assert_eq!((out.as_str(), error.lines().count()), ("", 1), "{error}");
    assert!(
        error.starts_with('{') && error.contains("\"line\":3"),
        "{error}"
    );
    let config = folder.write("gateway.toml", "[gateway]\nnmae = \"g\"\n");
    let (_, error) = check(&["gateway", "--config", text(&config), "--check"], "", 2);
    assert!(error.contains("did you mean `name`?"), "{error}");
    let config = folder.write(
        "exchange.toml",
        "order_listen = \"127.0.0.1:0\"\ncolour = 1\n",
    );
    let (_, error) = check(&["exchange", "--config", text(&config)], "", 2);
    assert!(
        error.contains("exchange.toml:2") && error.contains("colour"),
        "{error}"
    );
    let (out, error) = check(&["exchange", "--config", text(&config), "--json"], "", 2);
    assert_eq!((out.as_str(), error.lines().count()), ("", 1), "{error}");
    assert!(error.contains("\"line\":2"), "{error}");
    check(&["gateway", "--config", "/no/such/file"], "", 2);
    check(&["exchange", "--config", "/no/such/file"], "", 2);
}

#[test]
fn captures_that_are_not_there_are_unreadable_input() {
    let folder = Folder::new("none");
    for arguments in [
        ["capture", "verify", text(&folder.0)],
        ["capture", "show", text(&folder.0)],
        ["capture", "verify", "/no/such/folder"],
    ] {
        check(&arguments, "", 3);
    }
}

#[test]
fn a_dictionary_is_right_or_its_mistake_has_a_line() {
    let folder = Folder::new("dictionary");
    let desk = "<fix type='FIX' major='4' minor='4'>
<header/><trailer/><components/>
<messages><message name='NewOrderSingle' msgtype='D'>
<field name='DeskName' required='N'/>
</message></messages>
<fields><field number='20500' name='DeskName' type='STRING'/></fields></fix>";
    let file = folder.write("desk.xml", desk);
    let whole = ["dictionary", "check", text(&file)];
    let (out, _) = check(&whole, "", 0);
    assert!(
        out.contains("FIX.4.4: 1 messages, 1 fields, 0 components"),
        "{out}"
    );
    let added = [&whole[..], &["--extends", "fix44"]].concat();
    let (out, _) = check(&added, "", 0);
    assert!(out.contains("FIX.4.4: 93 messages, 913 fields"), "{out}");
    folder.write(
        "desk.xml",
        &desk.replace("name='DeskName' required", "name='Desk\u{202e}' required"),
    );
    let (_, error) = check(&whole, "", 3);
    assert!(error.contains("desk.xml: line 4, field Desk"), "{error}");
    assert!(error.contains("no field of this name"), "{error}");
    check(&["dictionary", "check", "/no/such/file"], "", 3);
    check(
        &["dictionary", "check", text(&file), "--extends", "fix99"],
        "",
        2,
    );
}

/// A conformance acceptor on a free port, ended when the test ends.
struct Acceptor {
    child: Child,
    address: String,
}

impl Acceptor {
    fn start() -> Acceptor {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gwanmun"))
            .args([
                "conformance-acceptor",
                "--port",
                "0",
                "--sender-comp-id",
                "B",
            ])
            .args(["--target-comp-ids", "A"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        told.read_line(&mut line).unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        Acceptor { child, address }
    }
}

impl Drop for Acceptor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn conformance_initiator_and_acceptor_meet_in_every_version() {
    let acceptor = Acceptor::start();
    let call = |version: &str, orders: &str, code: i32| {
        let arguments = [
            "conformance-initiator",
            "--connect",
            &acceptor.address,
            "--version",
            version,
            "--sender-comp-id",
            "A",
            "--target-comp-id",
            "B",
            "--orders",
            orders,
        ];
        check(&arguments, "", code)
    };
    for version in ["FIX.4.2", "FIX.4.4", "FIX.5.0SP2"] {
        let (out, _) = call(version, "50", 0);
        let told: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(told["version"], version);
        for (name, count) in [
            ("orders", 50),
            ("unanswered", 0),
            ("doubled", 0),
            ("logons", 1),
        ] {
            assert_eq!(told[name], count, "{name}: {told}");
        }
        assert_eq!(told["received"]["D"], 50, "{told}");
    }
    let _ = call("FIX.4.3", "50", 2);
    let _ = call("FIX.4.4", "0", 2);
}

#[test]
fn conformance_initiator_says_so_where_nobody_listens() {
    // A port that was free a moment ago.
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let arguments = [
        "conformance-initiator",
        "--connect",
        &address,
        "--version",
        "FIX.4.4",
        "--sender-comp-id",
        "A",
        "--target-comp-id",
        "B",
        "--timeout",
        "1",
    ];
    let (out, error) = check(&arguments, "", 4);
    assert!(out.is_empty(), "{out}");
    assert!(
        error.contains(&format!("no acceptor at {address}")),
        "{error}"
    );
}
