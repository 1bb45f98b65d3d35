//! `gwanmun what-if` as a program: what it prints, and how it ends.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

use serde_json::Value;

fn what_if(words: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
    let output = command.arg("what-if").args(words).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.code().unwrap(), said)
}

#[test]
fn hanmag_is_told_by_group_in_won() {
    let (code, said) = what_if(&["--hanmag", "--json"]);
    assert_eq!(code, 0, "{said}");
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(told["replay"]["identical"], true);
    let through = |group: &str| told["groups"][group]["let_through"].clone();
    let cost = |group: &str| through(group)["cost_won"].as_u64().unwrap();
    assert_eq!(through("no_check")["orders"], 41_336);
    assert_eq!(through("reference")["orders"], 41_336);
    // What was lost were 46 billion won; so much and a little more is lost without any check.
    assert!((44_000_000_000..50_000_000_000).contains(&cost("no_check")));
    assert!(cost("all_checks") * 15 < cost("no_check"), "{said}");
    assert!(cost("all_checks") <= cost("price") && cost("price") < cost("exposure"));
    let (code, said) = what_if(&["--hanmag"]);
    assert!(code == 0 && said.contains("41,336"), "{said}");
}

#[test]
fn a_wider_collar_is_told_by_code_and_order() {
    let (code, said) = what_if(&[
        "--hanmag",
        "--json",
        "--set",
        "instrument.*.collar_bps=1900",
    ]);
    assert_eq!(code, 0, "{said}");
    let told: Value = serde_json::from_str(&said).unwrap();
    let (passed, refused) = (&told["by_code"]["passed"], &told["by_code"]["refused"]);
    let orders = passed["PRICE_COLLAR"]["orders"].as_u64().unwrap();
    assert!(orders > 0, "{passed} {refused}");
    assert!(passed["PRICE_COLLAR"]["value_won"].as_u64().unwrap() > 1_000_000);
    let listed = told["orders"].as_array().unwrap();
    let is_it = |order: &&Value| order["before"] == "PRICE_COLLAR" && order["after"] == "PASSED";
    assert_eq!(listed.iter().filter(is_it).count() as u64, orders);
}

#[test]
fn what_makes_no_sense_is_a_wrong_usage() {
    for (words, expected) in [
        (&["."][..], "nothing is different"),
        (&["--groups"], "required"),
        (&["--hanmag", "--demo"], "cannot be used with"),
        (&["--hanmag", "--groups", "--set", "a=1"], "cannot be used"),
        (&["--hanmag", "--set", "a=1"], "unknown key"),
        (
            &["--hanmag", "--set", "account.NONE.enabled=false"],
            "names nothing",
        ),
        (&["--hanmag", "--tables", "/no/such/file"], "/no/such/file"),
    ] {
        let (code, said) = what_if(words);
        assert!(
            code == 2 && said.contains(expected),
            "{words:?} {code}: {said}"
        );
    }
    let (code, said) = what_if(&["/no/such/day", "--groups"]);
    assert!(code == 3, "{code}: {said}");
}
