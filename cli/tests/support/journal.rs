//! What lies in a trading day's folder, read as anybody could read it.

use std::fs;
use std::path::{Path, PathBuf};

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::{ChainReader, RecordKind, SegmentReader};

/// Paths of the segments in a folder, in order.
pub(crate) fn segments(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "gwj"))
        .collect();
    paths.sort();
    paths
}

/// Records in the segments of a folder whose gateway is away.
pub(crate) fn record_count(dir: &Path) -> u64 {
    let segments: Vec<Vec<u8>> = segments(dir)
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    let chain = ChainReader::new(segments.iter().map(Vec::as_slice));
    chain.inspect(|record| assert!(record.is_ok())).count() as u64
}

/// Records of a kind in the segments of a folder whose gateway is away.
pub(crate) fn count_of(dir: &Path, kind: RecordKind) -> usize {
    let segments: Vec<Vec<u8>> = segments(dir)
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    ChainReader::new(segments.iter().map(Vec::as_slice))
        .filter(|next| next.as_ref().unwrap().record.head.kind == kind)
        .count()
}

/// Outputs with these bytes in them, in a journal that is being written.
pub(crate) fn output_count(dir: &Path, bytes: &[u8]) -> usize {
    let of_segment = |path: &PathBuf| {
        let segment = fs::read(path).ok()?;
        let reader = SegmentReader::new(&segment).ok()?;
        let effects = reader
            .map_while(Result::ok)
            .filter(|record| record.head.kind == RecordKind::Effect);
        Some(
            effects
                .map(|effect| outputs_with(effect.payload, bytes))
                .sum::<usize>(),
        )
    };
    segments(dir).iter().filter_map(of_segment).sum()
}

fn outputs_with(effect: &[u8], bytes: &[u8]) -> usize {
    let is_one = |entry: &Entry<'_>| match entry {
        Entry::Output { bytes: output, .. } => contains(output, bytes),
        Entry::State { .. } => false,
    };
    EffectReader::new(effect).flatten().filter(is_one).count()
}

pub(crate) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Checks what a gateway that was stopped has left: the capture shows all that the journal has, and
/// a replay over every start decides and writes the same.
#[track_caller]
pub(crate) fn assert_evidence(dir: &Path) {
    let segments: Vec<Vec<u8>> = segments(dir)
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    let lent: Vec<&[u8]> = segments.iter().map(Vec::as_slice).collect();
    let pcapng = fs::read(dir.join("capture.pcapng")).unwrap();
    if let Err(failure) = gwanmun_captures::verify::verify(lent.iter().copied(), &pcapng) {
        panic!("the capture does not verify: {failure:?}");
    }
    let report = gwanmun_audit::replay::replay(&lent, &mut |_, _| {})
        .unwrap_or_else(|error| panic!("the journal does not replay: {error}"));
    assert!(report.is_identical(), "{:#?}", report.first_differences);
}
