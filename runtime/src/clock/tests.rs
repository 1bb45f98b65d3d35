//! The line with made-up readings, and the clock against the host's.

use super::*;

const SECOND_NS: u64 = 1_000_000_000;
/// Counts per second of the made-up counter: half a nanosecond each.
const COUNTS: u64 = 2 * SECOND_NS;
const BASE_NS: u64 = 1_700_000_000 * SECOND_NS;

/// A line measured over five milliseconds, ending at count 0 plus that.
fn line() -> Line {
    let counts = COUNTS / 200;
    Line::through((0, BASE_NS), (counts, BASE_NS + SECOND_NS / 200))
}

/// What the host's clock shows at `count` when it runs true and was set by `step_ns`.
fn host_ns(count: u64, step_ns: i64) -> u64 {
    (BASE_NS + count / 2).checked_add_signed(step_ns).unwrap()
}

#[test]
fn a_true_line_stays_true() {
    let mut line = line();
    for second in 1..100 {
        let count = second * COUNTS;
        let (ns, quality) = line.at(count);
        assert_eq!((ns, quality), (host_ns(count, 0), ClockQuality::COUNTER));
        line.correct(count, ns);
    }
}

#[test]
fn a_wrong_first_slope_is_worked_off() {
    let mut line = line();
    // 40 parts per million too fast, as a measurement over 5 ms may be.
    line.slope += line.slope / 25_000;
    line.measured_slope = line.slope;
    let mut last_ns = 0;
    for second in 1..6 {
        let count = second * COUNTS;
        let (ns, quality) = line.at(count);
        assert!(ns > last_ns);
        assert_eq!(quality, ClockQuality::COUNTER);
        last_ns = ns;
        line.correct(count, host_ns(count, 0));
    }
    let (ns, _) = line.at(6 * COUNTS);
    assert!(ns.abs_diff(host_ns(6 * COUNTS, 0)) <= 10, "{ns}");
}

#[test]
fn a_jump_forward_is_followed_and_told() {
    let mut line = line();
    let step_ns = 3_600 * SECOND_NS.cast_signed();
    line.correct(COUNTS, host_ns(COUNTS, step_ns));
    assert_eq!(
        line.at(COUNTS),
        (host_ns(COUNTS, step_ns), ClockQuality::DOUBTFUL)
    );
    line.correct(2 * COUNTS, host_ns(2 * COUNTS, step_ns));
    assert_eq!(
        line.at(3 * COUNTS),
        (host_ns(3 * COUNTS, step_ns), ClockQuality::COUNTER)
    );
}

#[test]
fn a_jump_backward_is_worked_off_without_going_back() {
    let mut line = line();
    let step_ns = -3_000_000;
    let mut last_ns = 0;
    let mut doubtful = 0;
    for second in 1..20 {
        let count = second * COUNTS;
        let (ns, quality) = line.at(count);
        assert!(ns > last_ns);
        last_ns = ns;
        doubtful += u32::from(quality == ClockQuality::DOUBTFUL);
        line.correct(count, host_ns(count, step_ns));
    }
    // 3 ms at 0.5 ms a second; the last millisecond is no jump any more, but not yet right either.
    assert!((4..=8).contains(&doubtful), "{doubtful}");
    let (ns, quality) = line.at(20 * COUNTS);
    assert!(ns.abs_diff(host_ns(20 * COUNTS, step_ns)) <= 10);
    assert_eq!(quality, ClockQuality::COUNTER);
}

#[test]
fn an_old_base_is_told() {
    let line = line();
    assert_eq!(line.at(5 * COUNTS).1, ClockQuality::COUNTER);
    assert_eq!(line.at(6 * COUNTS).1, ClockQuality::DOUBTFUL);
}

#[test]
fn a_reading_before_the_base_is_the_base() {
    let line = line();
    assert_eq!(line.at(0).0, line.base_ns);
}

#[test]
fn the_clock_follows_the_host_and_never_goes_back() {
    // Wide enough for a host that is busy; a wrong unit or epoch is off by far more.
    const TOLERANCE_NS: u64 = 50_000_000;
    for mut clock in [Clock::new(), Clock::plain()] {
        let mut last_ns = 0;
        for _ in 0..10_000 {
            let before_ns = wall_now_ns();
            let stamp = clock.now();
            let after_ns = wall_now_ns();
            assert!(stamp.ns >= last_ns);
            assert!(stamp.ns + TOLERANCE_NS > before_ns && stamp.ns < after_ns + TOLERANCE_NS);
            assert!((1..=3).contains(&stamp.quality.0));
            last_ns = stamp.ns;
            clock.recalibrate();
        }
        assert_eq!(
            clock.finding().is_some(),
            clock.now().quality == ClockQuality::REALTIME
        );
    }
}

#[test]
fn counts_become_nanoseconds() {
    let clock = Clock::new();
    let (first, first_ns) = counter::pair();
    let mut now = counter::pair();
    while now.1 < first_ns + 10_000_000 {
        now = counter::pair();
    }
    let ns = clock.cycles_to_ns(now.0 - first);
    let told = now.1 - first_ns;
    assert!(ns.abs_diff(told) < told / 10, "{ns} {told}");
    assert_eq!(clock.cycles_to_ns(0), 0);
}
