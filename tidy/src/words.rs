//! Words that say nothing, and marks of unfinished work.

use crate::Finding;
use crate::source::{code_only, is_word, line_of, word_positions};

/// Parts of a name that tell a reader nothing about the thing.
const EMPTY_WORDS: [&str; 7] = [
    "manager", "managers", "helper", "helpers", "util", "utils", "common",
];
/// Marks of unfinished work, put together here so that this file does not carry them.
const MARKS: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];
/// Keywords behind which an item's name stands.
const ITEM_KEYWORDS: [&str; 10] = [
    "fn",
    "struct",
    "enum",
    "union",
    "trait",
    "type",
    "mod",
    "const",
    "static",
    "macro_rules!",
];

/// Empty words in the names of a Rust file's items.
#[must_use]
pub fn item_findings(path: &str, source: &str) -> Vec<Finding> {
    let code = code_only(source);
    let mut findings = Vec::new();
    for keyword in ITEM_KEYWORDS {
        for at in word_positions(&code, keyword) {
            let behind = code[at + keyword.len()..].trim_start();
            let behind = behind.strip_prefix("mut ").unwrap_or(behind);
            let length = behind.bytes().take_while(|&byte| is_word(byte)).count();
            let name = &behind[..length];
            let line = line_of(&code, at);
            if keyword == "fn" && name.starts_with("get_") {
                let text = format!("`{name}`: an accessor is named after what it gives");
                findings.push(Finding::new(path, line, text));
            }
            if let Some(word) = empty_word(name) {
                findings.push(Finding::new(
                    path,
                    line,
                    format!("`{name}`: \"{word}\" says nothing"),
                ));
            }
        }
    }
    findings
}

/// Empty words in the names of a path's folders and file.
#[must_use]
pub fn path_findings(path: &str) -> Vec<Finding> {
    let words = path.split(['/', '.']).filter_map(empty_word);
    words
        .map(|word| Finding::new(path, 0, format!("\"{word}\" says nothing")))
        .collect()
}

/// Marks of unfinished work anywhere in a text file.
#[must_use]
pub fn mark_findings(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mark in MARKS {
        for at in word_positions(text, mark) {
            let text_of_finding = format!("{mark}: do it, or write an issue");
            findings.push(Finding::new(path, line_of(text, at), text_of_finding));
        }
    }
    findings
}

/// The first empty word among a name's parts, whether snake case or camel case.
fn empty_word(name: &str) -> Option<&'static str> {
    let mut parts = vec![String::new()];
    for c in name.chars() {
        if (c == '_' || c == '-' || c.is_uppercase()) && !parts.last()?.is_empty() {
            parts.push(String::new());
        }
        if c.is_alphanumeric() {
            parts.last_mut()?.extend(c.to_lowercase());
        }
    }
    let all_upper = name.to_lowercase();
    let upper_parts = all_upper.split('_').map(str::to_owned);
    let mut all_parts = parts.into_iter().chain(upper_parts);
    all_parts.find_map(|part| EMPTY_WORDS.into_iter().find(|word| part == *word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_words_are_found_in_items() {
        for bad in [
            "fn get_price() {}",
            "struct OrderManager;",
            "mod utils;",
            "const HELPER_COUNT: u8 = 1;",
            "pub trait CommonPart {}",
        ] {
            assert_eq!(item_findings("a/src/x.rs", bad).len(), 1, "{bad}");
        }
        for good in [
            "fn budget_left() {}",
            "struct Commons;",
            "// the helper",
            "let utility = 1;",
        ] {
            assert_eq!(item_findings("a/src/x.rs", good), [], "{good}");
        }
    }

    #[test]
    fn empty_words_are_found_in_paths() {
        for bad in [
            "fix/src/util.rs",
            "common/src/lib.rs",
            "a/src/order_helper.rs",
        ] {
            assert_eq!(path_findings(bad).len(), 1, "{bad}");
        }
        assert_eq!(path_findings("fix/src/message.rs"), []);
    }

    #[test]
    fn marks_are_found() {
        for mark in MARKS {
            assert_eq!(
                mark_findings("a.md", &format!("x\n# {mark}: later")).len(),
                1,
                "{mark}"
            );
        }
        assert_eq!(mark_findings("a.md", "a hackney"), []);
    }
}
