//! Recordings of the past are still read, and still rendered to the same bytes. See
//! `golden/README.md`.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod day;

use std::path::{Path, PathBuf};

use gwanmun_captures::verify::verify;

const SEGMENTS: [&str; 2] = ["day-0.journal", "day-1.journal"];
const CAPTURE: &str = "day.pcapng";

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name)
}

#[test]
fn recordings_of_the_past_are_read_and_rendered_the_same() {
    if std::env::var_os("GWANMUN_WRITE_GOLDEN").is_some() {
        let day = day::small();
        for (name, segment) in SEGMENTS.iter().zip(&day.segments) {
            std::fs::write(golden(name), segment).unwrap();
        }
        std::fs::write(golden(CAPTURE), day.render()).unwrap();
    }
    let segments = SEGMENTS.map(|name| std::fs::read(golden(name)).unwrap());
    let slices: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
    let pcapng = std::fs::read(golden(CAPTURE)).unwrap();
    let report = verify(slices.iter().copied(), &pcapng).unwrap();
    assert_eq!((report.records, report.packets, report.epochs), (18, 21, 2));
    assert_eq!(
        (report.bytes_in, report.bytes_out, report.bytes_unsent),
        (22, 28, 17)
    );
    assert!(
        day::render(&slices) == pcapng,
        "rendered anew, the capture is another"
    );
    let today = day::small();
    assert!(
        today.segments == segments,
        "written today, the journal is another"
    );
}
