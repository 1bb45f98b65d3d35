//! Any bytes as a snapshot: no panic; and one that is taken is what its writer makes of the same
//! parts, byte for byte.
#![no_main]

use gwanmun_captures::snapshot::{BodySum, SNAPSHOT_HEAD_BYTES, SNAPSHOT_MAGIC, Snapshot, head};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // Again behind magic, length and checksum that are right, so that the rest is reached.
    let mut mended = bytes.to_vec();
    if mended.len() >= SNAPSHOT_HEAD_BYTES {
        let body_bytes = (mended.len() - SNAPSHOT_HEAD_BYTES) as u64;
        mended[..8].copy_from_slice(&SNAPSHOT_MAGIC);
        mended[32..40].copy_from_slice(&body_bytes.to_le_bytes());
        let crc = crc32c::crc32c(&[&mended[..20], &mended[24..]].concat());
        mended[20..24].copy_from_slice(&crc.to_le_bytes());
        check(&mended);
    }
});

fn check(file: &[u8]) {
    if let Ok(snapshot) = Snapshot::parse(file) {
        let head = head(&snapshot.point(), &BodySum::of(snapshot.body()));
        assert_eq!([head.as_slice(), snapshot.body()].concat(), file);
    }
}
