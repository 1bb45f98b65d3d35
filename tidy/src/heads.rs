//! Every module says at its head what it is for.

use crate::Finding;

/// The finding of a Rust file that does not start with a `//!` line.
#[must_use]
pub fn findings(path: &str, source: &str) -> Vec<Finding> {
    let first = source.lines().next().unwrap_or_default();
    let says_something = first
        .strip_prefix("//!")
        .is_some_and(|head| head.trim().len() > 3);
    if says_something {
        return Vec::new();
    }
    vec![Finding::new(
        path,
        1,
        "the first line is no `//!` head saying what the module is for",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_head_is_found() {
        assert_eq!(findings("a.rs", "//! What it is for.\nfn a() {}"), []);
        for bad in [
            "",
            "fn a() {}",
            "// A plain comment.",
            "//!\n",
            "\n//! Too late.",
        ] {
            assert_eq!(findings("a.rs", bad).len(), 1, "{bad:?}");
        }
    }
}
