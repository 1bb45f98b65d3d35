//! Replays the segments named on the command line and says what came of it: exit code 0 for
//! identical, 1 for different. Built from a copy of the workspace by `../reversed_comparison.rs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let read = |path| std::fs::read(path).expect("a segment");
    let segments: Vec<Vec<u8>> = std::env::args_os().skip(1).map(read).collect();
    let segments: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
    let report = gwanmun_audit::replay::replay(&segments, &mut |_, _| {}).expect("a whole day");
    println!(
        "{} compared, {} different, first: {:?}",
        report.effects_compared,
        report.differences,
        report.first_differences.first().map(|difference| &difference.what)
    );
    ExitCode::from(u8::from(!report.is_identical()))
}
