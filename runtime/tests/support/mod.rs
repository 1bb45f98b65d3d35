//! What the tests of transports share: every way to watch, bytes that show a swap, when to give up.

/// Turns that only a hang reaches.
pub(crate) const TURNS_MAX: u32 = 5_000_000;

/// The byte at a place of a peer's stream: another one for every peer and neighbouring place.
pub(crate) fn byte_at(peer: usize, place: usize) -> u8 {
    let number = u32::try_from(peer * 1_000_003 + place).unwrap();
    let [.., byte] = number.wrapping_mul(2_654_435_761).to_le_bytes();
    byte
}

/// Runs a test over every way to watch that the host permits.
macro_rules! over_all {
    ($terms:expr, $check:expr) => {{
        use gwanmun_runtime::transport::{Epoll, Plain, TransportTerms, Uring};
        let terms: TransportTerms = $terms;
        $check(terms, Plain::new().asking_every(1));
        match Epoll::new(&terms) {
            Ok(epoll) => $check(terms, epoll.asking_every(1)),
            Err(finding) => assert!(!finding.remedy.is_empty()),
        }
        match Uring::new(&terms) {
            Ok(uring) => $check(terms, uring),
            Err(finding) => assert!(!finding.remedy.is_empty()),
        }
    }};
}
pub(crate) use over_all;
