//! The one deadline of a transport.

use gwanmun_runtime::transport::{Transport, Watcher};

use crate::side::{Seen, Side, terms};
use crate::support::over_all;

#[test]
fn the_timer_fires_once_and_not_early() {
    fn check(watcher: impl Watcher) {
        let mut side = Side::new(Transport::new(terms(), watcher));
        for (first_ns, second_ns) in [
            (0, None),
            (2_000_000, None),
            (60_000_000_000, Some(1_000_000)),
        ] {
            let now_ns = side.transport.clock().now().ns;
            side.transport.set_deadline(Some(now_ns + first_ns));
            side.turn();
            let due_ns = now_ns + second_ns.unwrap_or(first_ns);
            side.transport
                .set_deadline(Some(due_ns).filter(|_| side.seen.is_empty()));
            side.until("the deadline", |side| !side.seen.is_empty());
            assert!(matches!(side.seen[..], [Seen::Deadline(at_ns)] if at_ns >= due_ns));
            for _ in 0..1_000 {
                side.turn();
            }
            assert_eq!(side.seen.len(), 1);
            side.seen.clear();
        }
        // One that is put off, and one that is stopped.
        let now_ns = side.transport.clock().now().ns;
        side.transport.set_deadline(Some(now_ns + 500_000));
        side.turn();
        side.transport.set_deadline(Some(now_ns + 3_000_000));
        side.until("the deadline", |side| !side.seen.is_empty());
        assert!(matches!(side.seen[..], [Seen::Deadline(at_ns)] if at_ns >= now_ns + 3_000_000));
        side.seen.clear();
        side.transport.set_deadline(Some(now_ns + 4_000_000));
        side.transport.set_deadline(None);
        side.until("its moment", |side| {
            side.transport.clock().now().ns > now_ns + 6_000_000
        });
        assert!(side.seen.is_empty());
    }
    over_all!(terms(), |_, watcher| check(watcher));
}
