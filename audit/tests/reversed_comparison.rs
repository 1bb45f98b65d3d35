//! A gateway with one comparison reversed is found out by replay.
//!
//! The crates that replay is made of are copied into the target folder, one comparison in the copy
//! is turned round, and the program built from it replays a day that the true gateway made. So the
//! gateway itself carries no switch for tests, no feature that a workspace build could switch on
//! by accident, and any comparison can be taken. The copy is built as the workspace is, offline and
//! from its lock file; unchanged, it must find the day identical.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod day;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use day::{Day, sent};

/// Crates that a replay is built from.
const CRATES: [&str; 6] = ["market", "fix", "binary", "captures", "gateway", "audit"];

/// A comparison, and the same reversed.
struct Reversal {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Verdict of the day or of the replay, where the two differ first.
    verdict: &'static str,
}

const REVERSALS: [Reversal; 2] = [
    Reversal {
        file: "gateway/src/risk/price/price_collar.rs",
        from: "observed < low",
        to: "observed > low",
        verdict: "PRICE_COLLAR",
    },
    Reversal {
        file: "gateway/src/risk/conduct/sellable_balance.rs",
        from: "observed > limit",
        to: "observed < limit",
        verdict: "SELLABLE_BALANCE",
    },
];

/// Orders on either side of every bound.
fn a_day() -> Day {
    let mut day = Day::begin();
    for (number, price) in [67_000, 67_900, 68_000, 71_500, 75_000, 75_100, 80_000]
        .iter()
        .enumerate()
    {
        day.accepted_order(sent(&format!("B{number}"), '1', 10, *price));
    }
    day.accepted_order(sent("S1", '2', 500, 71_500)).unwrap();
    assert_eq!(day.accepted_order(sent("S2", '2', 200_000, 71_500)), None);
    day
}

#[test]
fn a_reversed_comparison_is_found_out() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reversed-comparison");
    copy_workspace(&folder);
    let segments = write_day(&a_day(), &folder);
    let judged = judge(&folder, &segments);
    assert!(judged.status.success(), "unchanged: {}", told(&judged));
    for reversal in &REVERSALS {
        let path = folder.join(reversal.file);
        let right = fs::read_to_string(&path).unwrap();
        let places = right.matches(reversal.from).count();
        assert_eq!(places, 1, "`{}` in {}", reversal.from, reversal.file);
        fs::write(&path, right.replace(reversal.from, reversal.to)).unwrap();
        let judged = judge(&folder, &segments);
        fs::write(&path, right).unwrap();
        assert_eq!(
            judged.status.code(),
            Some(1),
            "{}: {}",
            reversal.to,
            told(&judged)
        );
        let text = told(&judged);
        assert!(text.contains("Verdict"), "{text}");
        assert!(!text.contains(" 0 different"), "{text}");
        let number = gwanmun_market::GateCode::ALL
            .into_iter()
            .find(|code| code.name() == reversal.verdict)
            .unwrap()
            .number();
        assert!(text.contains(&format!("code: {number},")), "{text}");
    }
}

fn told(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(error)
    )
}

/// Builds the copy and lets it replay the day.
fn judge(folder: &Path, segments: &[PathBuf]) -> Output {
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", folder.join("target"))
            // What the copy warns about is nobody's business here.
            .env("RUSTFLAGS", "--cap-lints=allow")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("RUSTC_WORKSPACE_WRAPPER")
            .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "none");
        cargo
    };
    let built = cargo()
        .args(["build", "--offline", "--quiet", "-p", "judge"])
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "the copy does not build: {}",
        told(&built)
    );
    Command::new(folder.join("target/debug/judge"))
        .args(segments)
        .output()
        .unwrap()
}

/// Copies the crates, with a manifest that knows them and the judge alone.
fn copy_workspace(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let (_, shared) = manifest.split_once("[workspace.package]").unwrap();
    let members = CRATES.map(|name| format!("\"{name}\"")).join(", ");
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{members}, \"judge\"]\n\n\
         [workspace.package]{shared}"
    );
    write_if_other(&folder.join("Cargo.toml"), manifest.as_bytes());
    for name in ["Cargo.lock", "rust-toolchain.toml"] {
        write_if_other(&folder.join(name), &fs::read(root.join(name)).unwrap());
    }
    for name in CRATES {
        let path = folder.join(name);
        copy_folder(&root.join(name), &path);
    }
    let judge = "[package]\nname = \"judge\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\ngwanmun-audit = { workspace = true }\n";
    write_if_other(&folder.join("judge/Cargo.toml"), judge.as_bytes());
    let main = include_bytes!("reversed/judge.rs");
    write_if_other(&folder.join("judge/src/main.rs"), main);
}

fn copy_folder(from: &Path, to: &Path) {
    // None of these is what a crate is built from.
    let left_out = ["tests", "benches", "fuzz", "golden", "target"];
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        if left_out.iter().any(|left_out| name == *left_out) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&path, &to.join(name));
        } else if name == "Cargo.toml" {
            let manifest = for_building(&fs::read_to_string(&path).unwrap());
            write_if_other(&to.join(name), manifest.as_bytes());
        } else {
            write_if_other(&to.join(name), &fs::read(&path).unwrap());
        }
    }
}

/// A manifest without what only tests and benches need: those are not copied, and what they use may
/// be a crate that replay does not have.
fn for_building(manifest: &str) -> String {
    let mut is_kept = true;
    let kept = manifest.split_inclusive('\n').filter(|line| {
        if line.starts_with('[') {
            let left_out = ["[dev-dependencies", "[[test", "[[bench", "[[example"];
            is_kept = !left_out.iter().any(|section| line.starts_with(section));
        }
        is_kept
    });
    kept.collect()
}

/// Leaves a file alone that is right already, so that a second run builds nothing anew.
fn write_if_other(path: &Path, bytes: &[u8]) {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn write_day(day: &Day, folder: &Path) -> Vec<PathBuf> {
    let segments = day.edge.segments.iter().enumerate();
    segments
        .map(|(index, segment)| {
            let path = folder.join(format!("segment-{index:06}.gwj"));
            fs::write(&path, segment).unwrap();
            path
        })
        .collect()
}
