//! Every rule of the house, applied to the repository.
//!
//! The rules and the proofs that each of them can fail stand in `tidy/src`, one module per rule.

use std::env;
use std::fs;
use std::process::Command;

use gwanmun_tidy::tree::TextFile;
use gwanmun_tidy::walls::Tree;
use gwanmun_tidy::{Finding, bans, documents, heads, lengths, tree, unsafe_code, walls, words};

/// Fails with every finding on a line of its own.
fn check(findings: impl IntoIterator<Item = Finding>) {
    let lines: Vec<String> = findings
        .into_iter()
        .map(|finding| finding.to_string())
        .collect();
    assert!(
        lines.is_empty(),
        "{} findings:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

/// Applies a rule to every Rust file; an empty walk would prove nothing.
fn check_rust(rule: impl Fn(&TextFile) -> Vec<Finding>) {
    let files = tree::rust_files(&tree::root());
    assert!(
        files.iter().any(|file| file.path == "market/src/lib.rs"),
        "the walk found no sources"
    );
    check(files.iter().flat_map(rule));
}

/// The resolved tree with every feature switched on: a wall stands whatever is switched on.
fn resolved_tree() -> Tree {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut said = String::new();
    // Offline first: a build has just fetched everything, and a rule should not wait for a network.
    for flags in [
        &["--locked", "--offline"][..],
        &["--locked"],
        &["--offline"],
    ] {
        let output = Command::new(&cargo)
            .current_dir(tree::root())
            .args(["metadata", "--format-version", "1", "--all-features"])
            .args(flags)
            .output()
            .expect("cargo runs: it is running this test");
        if output.status.success() {
            return Tree::from_metadata(&output.stdout).expect("cargo writes its own format");
        }
        said.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    panic!("cargo metadata failed:\n{said}");
}

#[test]
fn walls_stand() {
    let tree = resolved_tree();
    assert!(
        tree.members().any(|member| member == "gateway"),
        "the resolved tree is empty"
    );
    let found = walls::findings(&tree);
    assert!(
        found.is_empty(),
        "{} findings:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn decisions_read_no_clock() {
    check_rust(bans::findings);
}

#[test]
fn unsafe_only_where_allowed() {
    check_rust(|file| unsafe_code::findings(&file.path, &file.text));
    check_rust(|file| unsafe_code::root_findings(&file.path, &file.text));
}

#[test]
fn files_functions_and_lines_are_short() {
    check_rust(lengths::findings);
}

#[test]
fn modules_have_heads() {
    check_rust(|file| heads::findings(&file.path, &file.text));
}

#[test]
fn names_say_something() {
    check_rust(|file| words::item_findings(&file.path, &file.text));
    check(
        tree::all_paths(&tree::root())
            .iter()
            .flat_map(|path| words::path_findings(path)),
    );
}

#[test]
fn nothing_is_left_unfinished() {
    let files = tree::text_files(&tree::root());
    check(
        files
            .iter()
            .flat_map(|file| words::mark_findings(&file.path, &file.text)),
    );
}

#[test]
fn no_path_of_one_machine() {
    let files = tree::text_files(&tree::root());
    check(
        files
            .iter()
            .flat_map(|file| documents::machine_path_findings(&file.path, &file.text)),
    );
}

#[test]
fn links_resolve() {
    let root = tree::root();
    let exists = |path: &str| root.join(path).exists();
    let text_of = |path: &str| fs::read_to_string(root.join(path)).ok();
    let files = tree::text_files(&root);
    let documents = files.iter().filter(|file| file.path.ends_with(".md"));
    check(
        documents
            .flat_map(|file| documents::link_findings(&file.path, &file.text, &exists, &text_of)),
    );
}

#[test]
fn golden_files_are_small() {
    let root = tree::root();
    let size_of = |path: String| {
        let bytes = fs::metadata(root.join(&path)).map_or(0, |metadata| metadata.len());
        (path, bytes)
    };
    let files: Vec<_> = tree::all_paths(&root).into_iter().map(size_of).collect();
    check(documents::golden_findings(&files));
}

#[test]
fn the_readme_names_every_folder() {
    let readme = fs::read_to_string(tree::root().join("README.md")).unwrap_or_default();
    let tree = resolved_tree();
    let is_missing = |member: &&str| !readme.contains(&format!("`{member}/`"));
    let missing: Vec<&str> = tree.members().filter(is_missing).collect();
    assert!(missing.is_empty(), "README.md has no line for {missing:?}");
}
