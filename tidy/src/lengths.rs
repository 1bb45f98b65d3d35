//! How long files, functions and lines may be.
//!
//! The limits are ratchets: they stand just above what the house needs, so that what is short stays
//! short. Tests are not counted, because a long table of cases is easier to read than three short
//! loops over it.

use crate::Finding;
use crate::source::{body_or_end, closing, code_only, line_of, test_items};
use crate::source::{without_tests, word_positions};
use crate::tree::TextFile;

/// Lines of a file without its trailing test module.
pub const FILE_LINES_MAX: usize = 400;
/// Lines of a function from `fn` to its closing brace.
pub const FUNCTION_LINES_MAX: usize = 70;
/// Columns of a line, comments included.
pub const COLUMNS_MAX: usize = 100;
/// The file that shows the path of one order on a few screens.
pub const ORDER_PATH: &str = "gateway/src/order_path.rs";
/// Its lines without tests: strictly fewer than 150.
pub const ORDER_PATH_LINES_MAX: usize = 149;

/// Everything too long in one Rust file.
#[must_use]
pub fn findings(file: &TextFile) -> Vec<Finding> {
    let (path, source) = (file.path.as_str(), file.text.as_str());
    let code = code_only(source);
    let mut findings = Vec::new();
    let lines = lines_without_tests(source, &code);
    let lines_max = if path == ORDER_PATH {
        ORDER_PATH_LINES_MAX
    } else {
        FILE_LINES_MAX
    };
    if lines > lines_max && !file.is_test {
        let text =
            format!("{lines} lines without tests, {lines_max} are allowed: split by concern");
        findings.push(Finding::new(path, 0, text));
    }
    if !file.is_test {
        long_functions(path, &without_tests(&code), &mut findings);
    }
    long_lines(file, &code, &mut findings);
    findings
}

/// Lines in front of the test module that ends the file, or all of them.
fn lines_without_tests(source: &str, code: &str) -> usize {
    let ends_file = |&(_, end): &(usize, usize)| code[end..].trim().is_empty();
    match test_items(code).into_iter().next_back().filter(ends_file) {
        Some((start, _)) => line_of(source, start) - 1,
        None => source.lines().count(),
    }
}

fn long_functions(path: &str, code: &str, findings: &mut Vec<Finding>) {
    for at in word_positions(code, "fn") {
        let Some(open) = body_or_end(code, at) else {
            continue;
        };
        let name = code[at + 2..]
            .trim_start()
            .split(|c: char| !c.is_alphanumeric() && c != '_');
        let name = name.into_iter().next().unwrap_or_default();
        // Without a name it is a function pointer's type; with a semicolon a trait's promise.
        if name.is_empty() || code.as_bytes()[open] == b';' {
            continue;
        }
        let line = line_of(code, at);
        let lines = line_of(code, closing(code, open) - 1) - line + 1;
        if lines > FUNCTION_LINES_MAX {
            let text = format!("`{name}` has {lines} lines, {FUNCTION_LINES_MAX} are allowed");
            findings.push(Finding::new(path, line, text));
        }
    }
}

fn long_lines(file: &TextFile, code: &str, findings: &mut Vec<Finding>) {
    let source = &file.text;
    let first_test_line = test_items(code)
        .first()
        .map_or(usize::MAX, |item| line_of(code, item.0));
    for (index, (line, code)) in source.lines().zip(code.lines()).enumerate() {
        let columns = line.chars().count();
        if columns <= COLUMNS_MAX {
            continue;
        }
        // In tests a literal message or table row may run on: broken up it could not be compared.
        let is_test = file.is_test || index + 1 > first_test_line;
        let is_comment = code.trim().is_empty() && line.trim_start().starts_with("//");
        if is_test && !is_comment && code.trim_end().len() <= COLUMNS_MAX + 3 {
            continue;
        }
        let text = format!("{columns} columns, {COLUMNS_MAX} are allowed");
        findings.push(Finding::new(&file.path, index + 1, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str) -> Vec<Finding> {
        findings(&TextFile::new(path, text))
    }

    fn file_of(lines: usize) -> String {
        "//! Head.\n".repeat(lines)
    }

    #[test]
    fn a_file_fires_just_above_its_limit() {
        assert_eq!(check("a/src/x.rs", &file_of(FILE_LINES_MAX)), []);
        assert_eq!(check("a/src/x.rs", &file_of(FILE_LINES_MAX + 1)).len(), 1);
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "\n".repeat(500));
        assert_eq!(check("a/src/x.rs", &(file_of(FILE_LINES_MAX) + &tests)), []);
        assert_eq!(check("a/src/x/tests.rs", &file_of(FILE_LINES_MAX + 1)), []);
        assert_eq!(check(ORDER_PATH, &file_of(149)), []);
        assert_eq!(check(ORDER_PATH, &file_of(150)).len(), 1);
    }

    #[test]
    fn a_test_item_in_the_middle_hides_nothing() {
        let source = format!(
            "#[cfg(test)]\nuse a::b;\n{}",
            "fn c();\n".repeat(FILE_LINES_MAX)
        );
        assert_eq!(check("a/src/x.rs", &source).len(), 1);
    }

    #[test]
    fn a_function_fires_just_above_its_limit() {
        let function = |lines: usize| format!("fn long() {{\n{}}}\n", "a();\n".repeat(lines - 2));
        assert_eq!(check("a/src/x.rs", &function(FUNCTION_LINES_MAX)), []);
        let found = check("a/src/x.rs", &function(FUNCTION_LINES_MAX + 1));
        assert!(found[0].text.contains("`long` has 71 lines"), "{found:?}");
        assert_eq!(check("a/tests/x.rs", &function(FUNCTION_LINES_MAX + 1)), []);
    }

    #[test]
    fn braces_in_text_do_not_end_a_function() {
        let source = format!("fn f() {{\n let a = \"}}\";\n{}}}\n", "a();\n".repeat(70));
        assert_eq!(check("a/src/x.rs", &source).len(), 1);
    }

    #[test]
    fn a_line_fires_just_above_its_limit() {
        let line = |columns: usize| format!("// {}\n", "관".repeat(columns - 3));
        assert_eq!(check("a/src/x.rs", &line(COLUMNS_MAX)), []);
        assert_eq!(check("a/src/x.rs", &line(COLUMNS_MAX + 1)).len(), 1);
        let literal = format!("const A: &str = \"{}\";\n", "a".repeat(100));
        assert_eq!(check("a/src/x.rs", &literal).len(), 1);
    }
}
