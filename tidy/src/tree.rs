//! The repository's files, in one order on every machine.
//!
//! Walks the folders instead of asking git, so that a file counts before it is added and the rules
//! also hold in an unpacked archive. What a build or a run leaves behind is not looked at.

use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{code_only, is_test_path, test_modules};

/// Folders that hold what tools produce, wherever they stand.
const PRODUCED: [&str; 7] = [
    ".git",
    "target",
    "out",
    "__pycache__",
    "corpus",
    "artifacts",
    "node_modules",
];
/// Endings of the files that people write as text.
const TEXT_ENDINGS: [&str; 7] = ["rs", "md", "toml", "py", "sh", "cfg", "xml"];

/// A text file of the repository.
#[derive(Clone, Debug)]
pub struct TextFile {
    /// Path from the root, with `/` between folders.
    pub path: String,
    /// Its content.
    pub text: String,
    /// Whether it is compiled for tests, benches or fuzzing alone.
    pub is_test: bool,
}

impl TextFile {
    /// A file, judged by where it stands; [`rust_files`] also asks who declares it.
    #[must_use]
    pub fn new(path: &str, text: &str) -> TextFile {
        TextFile {
            path: path.to_owned(),
            text: text.to_owned(),
            is_test: is_test_path(path),
        }
    }
}

/// The root of the repository: the folder above this crate.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Every file below `root`, as sorted paths from it.
#[must_use]
pub fn all_paths(root: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if !PRODUCED.iter().any(|produced| name == *produced) {
                    folders.push(path);
                }
            } else if let Ok(inside) = path.strip_prefix(root) {
                paths.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    paths.sort();
    paths
}

/// Every text file of the repository; files that are not UTF-8 are left out.
#[must_use]
pub fn text_files(root: &Path) -> Vec<TextFile> {
    let wanted = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        path.starts_with(".ci/")
            || name
                .rsplit_once('.')
                .is_some_and(|(_, ending)| TEXT_ENDINGS.contains(&ending))
    };
    let read = |path: String| {
        let text = fs::read_to_string(root.join(&path)).ok()?;
        Some(TextFile::new(&path, &text))
    };
    all_paths(root)
        .into_iter()
        .filter(wanted)
        .filter_map(read)
        .collect()
}

/// The Rust files among the text files.
#[must_use]
pub fn rust_files(root: &Path) -> Vec<TextFile> {
    let mut files = text_files(root);
    files.retain(|file| file.path.ends_with(".rs"));
    mark_test_modules(&mut files);
    files
}

/// Marks the files of modules that another file declares under `#[cfg(test)]`.
fn mark_test_modules(files: &mut [TextFile]) {
    let of_file = |file: &TextFile| test_modules(&file.path, &code_only(&file.text));
    let modules: Vec<String> = files.iter().flat_map(of_file).collect();
    for file in files {
        let is_inside = |module: &String| {
            let rest = file.path.strip_prefix(module.as_str());
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        };
        file.is_test |= modules.iter().any(is_inside);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_declared_for_tests_is_marked_with_all_below_it() {
        let mut files = [
            TextFile::new("a/src/lib.rs", "mod b;\n#[cfg(test)]\npub(crate) mod c;"),
            TextFile::new("a/src/b.rs", "#[cfg(test)]\nmod d;"),
            TextFile::new("a/src/c.rs", ""),
            TextFile::new("a/src/c/e.rs", ""),
            TextFile::new("a/src/b/d.rs", ""),
            TextFile::new("a/src/cc.rs", ""),
        ];
        mark_test_modules(&mut files);
        assert_eq!(
            files.map(|file| file.is_test),
            [false, false, true, true, true, false]
        );
    }
}
