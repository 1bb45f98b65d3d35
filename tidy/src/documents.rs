//! Documents and files beside the code: links that resolve, golden files that stay small, and no
//! path of the machine on which somebody wrote them.

use crate::Finding;

/// Largest golden file: one that a reviewer can still look through.
pub const GOLDEN_BYTES_MAX: u64 = 64 * 1024;

/// Beginnings of paths that exist on one machine only, put together so that this file has none.
const MACHINE_PATHS: [&str; 6] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/tm", "p/"),
    concat!("/Us", "ers/"),
    concat!(".lib", "rary/"),
];

/// Links of one Markdown document that lead nowhere. `exists` answers for a path from the root,
/// `headings` gives the text of a document.
pub fn link_findings(
    path: &str,
    text: &str,
    exists: &dyn Fn(&str) -> bool,
    text_of: &dyn Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, target) in links(text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let full = if file.is_empty() {
            path.to_owned()
        } else {
            resolved(path, file)
        };
        if !exists(&full) {
            findings.push(Finding::new(
                path,
                line,
                format!("link to {target}, which is not there"),
            ));
        } else if !anchor.is_empty()
            && text_of(&full).is_some_and(|text| !has_heading(&text, anchor))
        {
            findings.push(Finding::new(
                path,
                line,
                format!("link to {target}: no such heading"),
            ));
        }
    }
    findings
}

/// Targets of inline links with their lines, outside code.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut in_fence = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        }
        if in_fence {
            continue;
        }
        let mut from = 0;
        while let Some(found) = line[from..].find("](") {
            let start = from + found + 2;
            let Some(length) = line[start..].find(')') else {
                break;
            };
            let in_code = line[..start].matches('`').count() % 2 == 1;
            let target = line[start..start + length].split_whitespace().next();
            if let Some(target) = target.filter(|_| !in_code) {
                links.push((index + 1, target));
            }
            from = start + length;
        }
    }
    links
}

/// A link's target as a path from the root.
fn resolved(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Whether a document has a heading that a reader's tool would give this anchor.
fn has_heading(text: &str, anchor: &str) -> bool {
    let slug = |heading: &str| -> String {
        let kept = heading
            .trim()
            .chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.flat_map(char::to_lowercase)
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    let headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    headings
        .map(|line| line.trim_start_matches('#'))
        .any(|heading| slug(heading) == anchor)
}

/// Paths of one machine in a text file.
#[must_use]
pub fn machine_path_findings(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for machine_path in MACHINE_PATHS {
            let stands_alone = |(at, _): &(usize, &str)| {
                let before = line[..*at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && !"._-}".contains(c))
            };
            if line
                .match_indices(machine_path)
                .any(|found| stands_alone(&found))
            {
                let text = format!("names {machine_path}, a path of one machine");
                findings.push(Finding::new(path, index + 1, text));
            }
        }
    }
    findings
}

/// Golden files that are too large, and golden folders that do not say how they were made.
#[must_use]
pub fn golden_findings(files: &[(String, u64)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, bytes) in files {
        let Some((folder, _)) = path.split_once("golden/") else {
            continue;
        };
        if !folder.is_empty() && !folder.ends_with('/') {
            continue;
        }
        if *bytes > GOLDEN_BYTES_MAX {
            let text = format!("{bytes} bytes, a golden file has at most {GOLDEN_BYTES_MAX}");
            findings.push(Finding::new(path, 0, text));
        }
        let is_maker = |(other, _): &(String, u64)| {
            let beside = other.strip_prefix(&format!("{folder}golden/"));
            beside.is_some_and(|name| {
                !name.contains('/')
                    && (name == "README.md" || name.ends_with(".py") || name.ends_with(".sh"))
            })
        };
        if !files.iter().any(is_maker) {
            let text = "no README.md or script beside it with the command that made it";
            findings.push(Finding::new(path, 0, text));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> usize {
        let exists = |path: &str| matches!(path, "docs/a.md" | "README.md" | "docs");
        let text_of = |_: &str| Some("# Top\n## Two words, here\n".to_owned());
        link_findings("docs/a.md", text, &exists, &text_of).len()
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        for bad in [
            "[a](b.md)",
            "[a](../b.md)",
            "[a](../README.md#three)",
            "[a](#none)",
        ] {
            assert_eq!(check(bad), 1, "{bad}");
        }
        for good in [
            "[a](a.md) [b](../README.md)",
            "[a](../docs/)",
            "[a](#two-words-here)",
            "[a](https://example.org/x)",
            "`[a](b.md)`",
            "```\n[a](b.md)\n```",
        ] {
            assert_eq!(check(good), 0, "{good}");
        }
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        for machine_path in MACHINE_PATHS {
            let text = format!("cd {machine_path}x");
            assert_eq!(
                machine_path_findings("a.md", &text).len(),
                1,
                "{machine_path}"
            );
        }
        assert_eq!(
            machine_path_findings("a.md", concat!("frame/wo", "rk/x net", "/wo", "rk/")),
            []
        );
    }

    #[test]
    fn a_large_golden_file_is_found() {
        let file = |path: &str, bytes: u64| (path.to_owned(), bytes);
        let readme = file("a/golden/README.md", 10);
        assert_eq!(
            golden_findings(&[readme.clone(), file("a/golden/x", GOLDEN_BYTES_MAX)]),
            []
        );
        assert_eq!(
            golden_findings(&[readme, file("a/golden/x", GOLDEN_BYTES_MAX + 1)]).len(),
            1
        );
        assert_eq!(golden_findings(&[file("a/golden/x", 1)]).len(), 1);
        let script = file("a/golden/make.py", 10);
        assert_eq!(golden_findings(&[script, file("a/golden/x", 1)]), []);
        assert_eq!(golden_findings(&[file("a/src/x", u64::MAX)]), []);
    }
}
