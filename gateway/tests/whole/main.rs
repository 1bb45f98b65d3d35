//! The whole gateway between members and a venue that the tests script, without a kernel.
//!
//! `world` joins the parts: `edge` is the journal, `member` and `venue` the peers, `images` the
//! state read back. The other files are the tests, one for each area, and the invariants by name:
//! `no_send_without_check`, `recorded_before_sent`, `every_split_is_equal`,
//! `no_check_refuses_a_cancel`, `nothing_sent_twice`, `limits_hold`, `no_allocation`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chance;
mod commands;
mod conduct;
mod edge;
mod exposure;
mod fix_front;
mod fix_venue;
mod images;
mod large;
mod largest;
mod leave;
mod market;
mod member;
mod orders;
mod races;
mod random;
mod replay;
mod resend;
mod restart;
mod schedule;
mod session;
mod sessions;
mod short;
mod snapshot;
mod sums;
mod tables;
mod terms;
mod tight;
mod venue;
mod venues;
mod world;

#[global_allocator]
static ALLOCATOR: gwanmun_runtime::allocation::GuardedAllocator =
    gwanmun_runtime::allocation::GuardedAllocator;

#[test]
fn no_allocation_would_go_unseen() {
    assert!(gwanmun_runtime::allocation::is_installed());
}
