//! Ring 3: session behaviour as data. Runs every script that lies here, named after the families of
//! the FIX session test cases, in each version; `README.md` tells how a script is written.
//!
//! `run` does what the lines of a case say, `terms` has the terms that they name, `inbound` makes
//! the messages that come in, `expected` holds what was written against what a line asks for.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that passes tells how much it ran"
)]

mod expected;
mod inbound;
mod run;
#[path = "../session_support/mod.rs"]
mod session_support;
mod terms;

use std::fs;
use std::path::Path;

use gwanmun_fix::Version;

use run::Run;

/// Runs a script in one version and tells how many of its cases there were.
fn check(name: &str, script: &str, version: Version) -> Result<usize, String> {
    let mut run = Run::new(version);
    let mut cases = 1;
    let mut is_for_others = false;
    for (number, line) in script.lines().enumerate() {
        let at = |error: String| {
            let version = version.name();
            format!("{name}:{} ({version}): {line}\n    {error}", number + 1)
        };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line == "BEGIN" {
            run.settled().map_err(at)?;
            run = Run::new(version);
            cases += 1;
            is_for_others = false;
        } else if let Some(versions) = line.strip_prefix("ONLY ") {
            is_for_others = !versions.split(' ').any(|only| only == version.name());
            cases -= usize::from(is_for_others);
        } else if !is_for_others {
            run.line(line).map_err(at)?;
        }
    }
    run.settled()
        .map_err(|error| format!("{name}: at the end: {error}"))?;
    Ok(cases)
}

#[test]
fn every_script_holds_in_every_version() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/session_scripts");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 15, "the scripts are there");
    let mut failures = Vec::new();
    for version in Version::ALL {
        let mut cases = 0;
        for path in &paths {
            let name = path.file_name().unwrap().to_string_lossy();
            match check(&name, &fs::read_to_string(path).unwrap(), version) {
                Ok(count) => cases += count,
                Err(failure) => failures.push(failure),
            }
        }
        println!("{}: {} scripts, {cases} cases", version.name(), paths.len());
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_script_that_expects_too_much_or_too_little_fails() {
    let logon = "CONNECT\nI 35=A|34=1|98=0|108=30|\n";
    let right = format!("{logon}E 35=A|34=1|98=0|108=30|\n");
    for version in Version::ALL {
        assert_eq!(check("right", &right, version), Ok(1));
        for wrong in [
            "",
            "E 35=A|34=2|98=0|108=30|",
            "E 35=A|34=1|98=0|",
            "D",
            "NUMBERS 1 1",
        ] {
            let script = format!("{logon}{wrong}\n");
            assert!(check("wrong", &script, version).is_err(), "{wrong}");
        }
    }
    assert_eq!(check("other", "ONLY FIX.4.2\nD", Version::Fix44), Ok(0));
}
