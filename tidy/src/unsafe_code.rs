//! Where unsafe code may stand, and that each piece of it is argued.

use crate::Finding;
use crate::source::{code_only, line_of, word_positions};

/// Folders in which the word may stand at all.
const ALLOWED: [&str; 2] = ["runtime/", "fix/src/scan/"];
/// How far above an unsafe block its argument may begin.
const ARGUMENT_LINES_MAX: usize = 16;

/// Unsafe code outside its folders, and unsafe blocks without their argument, in one Rust file.
#[must_use]
pub fn findings(path: &str, source: &str) -> Vec<Finding> {
    let code = code_only(source);
    let mut findings = Vec::new();
    let is_allowed = ALLOWED.iter().any(|folder| path.starts_with(folder));
    for at in word_positions(&code, "unsafe") {
        let line = line_of(&code, at);
        if !is_allowed {
            let text = format!(
                "unsafe code; it may stand only in {}",
                ALLOWED.join(" and ")
            );
            findings.push(Finding::new(path, line, text));
            continue;
        }
        let behind = code[at + "unsafe".len()..].trim_start();
        if !behind.starts_with('{') && !behind.starts_with("impl") {
            continue;
        }
        let first = line.saturating_sub(ARGUMENT_LINES_MAX);
        let above: Vec<&str> = source.lines().take(line).skip(first).collect();
        for word in ["SAFETY:", "JUSTIFICATION:"] {
            if !above.iter().any(|line| line.contains(word)) {
                let text = format!("unsafe code without `{word}` above it");
                findings.push(Finding::new(path, line, text));
            }
        }
    }
    findings
}

/// The finding of a crate root that does not shut unsafe code out, once it holds any code.
#[must_use]
pub fn root_findings(path: &str, source: &str) -> Vec<Finding> {
    let is_root = path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs");
    let code = code_only(source);
    let is_empty = code.trim().is_empty();
    if !is_root || is_empty || path.starts_with("runtime/") || path.contains("/fuzz/") {
        return Vec::new();
    }
    let wanted = if path.starts_with("fix/") {
        "#![deny(unsafe_code)]"
    } else {
        "#![forbid(unsafe_code)]"
    };
    if code.contains(wanted) {
        return Vec::new();
    }
    vec![Finding::new(
        path,
        1,
        format!("the crate root lacks `{wanted}`"),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_code_elsewhere_is_found() {
        let block = "fn f() { unsafe { g() } }";
        for path in [
            "fix/src/frame.rs",
            "gateway/src/x.rs",
            "cli/tests/x.rs",
            "host/src/x.rs",
        ] {
            assert_eq!(findings(path, block).len(), 1, "{path}");
        }
        assert_eq!(
            findings("gateway/src/x.rs", "#![forbid(unsafe_code)] // unsafe"),
            []
        );
    }

    #[test]
    fn an_unargued_block_is_found() {
        assert_eq!(
            findings("runtime/src/x.rs", "fn f() { unsafe { g() } }").len(),
            2
        );
        let argued = "// SAFETY: g asks for nothing.\n// JUSTIFICATION: no safe g.\nunsafe { g() }";
        assert_eq!(findings("runtime/src/x.rs", argued), []);
        assert_eq!(findings("fix/src/scan/x.rs", "unsafe fn f();"), []);
    }

    #[test]
    fn a_root_that_leaves_the_door_open_is_found() {
        assert_eq!(root_findings("gateway/src/lib.rs", "//! Empty room."), []);
        assert_eq!(
            root_findings("gateway/src/lib.rs", "//! Head.\npub mod a;").len(),
            1
        );
        assert_eq!(
            root_findings("fix/src/lib.rs", "#![deny(unsafe_code)]\nmod a;"),
            []
        );
        assert_eq!(
            root_findings("cli/src/main.rs", "#![forbid(unsafe_code)]\nmod a;"),
            []
        );
    }
}
