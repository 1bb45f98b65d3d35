//! What decides reads no clock, socket, file, thread, environment or random seed.
//!
//! Replay gives the same answers only if everything that can change a decision arrives as an
//! argument. The crate walls keep `runtime` out (see `walls`); this rule keeps the standard
//! library's own doors shut. Tests of those crates may open them.

use crate::Finding;
use crate::source::{closing, code_only, line_of, without_tests, word_positions};
use crate::tree::TextFile;

/// Crates whose answers depend on their arguments alone.
pub const PURE: [&str; 5] = ["market", "fix", "binary", "captures", "gateway"];

/// Modules of `std` behind which the outside world lies.
const STD_MODULES: [&str; 9] = [
    "time",
    "net",
    "fs",
    "thread",
    "env",
    "process",
    "os",
    "random",
    "hash::RandomState",
];
/// Names that mean a clock, or a map whose order differs from run to run, however imported.
const NAMES: [&str; 6] = [
    "Instant",
    "SystemTime",
    "HashMap",
    "HashSet",
    "RandomState",
    "UNIX_EPOCH",
];
/// Crates that do the same by another way.
const CRATES: [&str; 6] = ["rand", "getrandom", "fastrand", "libc", "rustix", "tokio"];

/// Forbidden doors in one Rust file of a pure crate.
#[must_use]
pub fn findings(file: &TextFile) -> Vec<Finding> {
    let path = &file.path;
    let is_pure = PURE.iter().any(|pure| {
        path.strip_prefix(pure)
            .is_some_and(|rest| rest.starts_with("/src/"))
    });
    if !is_pure || file.is_test {
        return Vec::new();
    }
    let code = without_tests(&code_only(&file.text));
    let mut findings = Vec::new();
    let mut found = |at: usize, what: &str| {
        let text = format!("`{what}` where decisions are made: take it as an argument");
        findings.push(Finding::new(path, line_of(&code, at), text));
    };
    for at in word_positions(&code, "std") {
        for module in modules_behind(&code, at + "std".len()) {
            if STD_MODULES
                .iter()
                .any(|banned| starts_with_path(&module, banned))
            {
                found(at, &format!("std::{module}"));
            }
        }
    }
    for name in NAMES {
        word_positions(&code, name).for_each(|at| found(at, name));
    }
    for name in CRATES {
        let is_path = |at: &usize| code[at + name.len()..].trim_start().starts_with("::");
        word_positions(&code, name)
            .filter(is_path)
            .for_each(|at| found(at, name));
    }
    findings
}

fn starts_with_path(module: &str, banned: &str) -> bool {
    module
        .strip_prefix(banned)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The paths that follow `std` at `at`: one, or each of a braced group.
fn modules_behind(code: &str, at: usize) -> Vec<String> {
    let Some(rest) = code[at..].trim_start().strip_prefix("::") else {
        return Vec::new();
    };
    let rest = rest.trim_start();
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let path_of = |text: &str| {
        text.trim()
            .chars()
            .take_while(|&c| is_path(c))
            .collect::<String>()
    };
    if !rest.starts_with('{') {
        return vec![path_of(rest)];
    }
    let open = code.len() - rest.len();
    let group = &code[open + 1..closing(code, open) - 1];
    let mut depth = 0_usize;
    let top_level = group.split(|c: char| {
        depth = match c {
            '{' => depth + 1,
            '}' => depth.saturating_sub(1),
            _ => depth,
        };
        c == ',' && depth == 0
    });
    top_level.map(path_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<Finding> {
        findings(&TextFile::new(path, text))
    }

    #[test]
    fn every_door_is_found_in_a_pure_crate() {
        for bad in [
            "use std::time::Duration;",
            "use std::{collections::BTreeMap, net::TcpStream};",
            "use std::{io::{self, Read}, fs};",
            "fn f() { let now = Instant::now(); }",
            "fn f() { std::thread::yield_now(); }",
            "fn f() { let _ = std :: env :: var; }",
            "use std::collections::HashMap;",
            "use std::hash::RandomState;",
            "fn f() { rand::random() }",
        ] {
            assert!(!check("gateway/src/x.rs", bad).is_empty(), "{bad}");
            assert!(check("host/src/x.rs", bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn arguments_comments_and_tests_are_free() {
        for good in [
            "fn f(now_ns: u64) -> core::time::Duration { operand::x() }",
            "// Instant::now() would differ in replay.",
            "#[cfg(test)]\nmod tests { use std::fs; }",
            "use std::collections::{BTreeMap, VecDeque};",
            "use std::timeline::X;",
        ] {
            assert_eq!(check("market/src/x.rs", good), [], "{good}");
        }
        assert_eq!(check("fix/tests/x.rs", "use std::fs;"), []);
    }
}
