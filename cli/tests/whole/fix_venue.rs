//! The gateway's order line speaks FIX, to a venue that drops it now and then, and the gateway is
//! killed again and again: by the ledgers of both sides nothing is lost and nothing came twice.

use crate::kill::{kill, terms};
use crate::support::world::LIVELY_FIX;
use crate::support::{GatewayTerms, number_from_env};

fn fix_terms(mode: &'static str, segment_bytes: u64, journal: &'static str) -> GatewayTerms {
    GatewayTerms {
        market: LIVELY_FIX,
        ..terms(mode, segment_bytes, journal)
    }
}

/// A whole day without a kill, with the venue's drops alone.
#[test]
fn nothing_is_lost_or_doubled_by_a_fix_venue_that_drops_its_line() {
    kill(
        "fix-drops",
        &fix_terms("memory", 1 << 18, ""),
        1,
        &mut |_, _| {},
    );
}

#[test]
fn nothing_is_lost_or_doubled_by_kill_9_towards_a_fix_venue() {
    let kills = number_from_env("GWANMUN_KILLS", 30);
    let terms = fix_terms("memory", 1 << 16, "snapshot_segments = 1");
    kill("fix-kill", &terms, kills, &mut |_, _| {});
}

#[test]
fn nothing_is_lost_or_doubled_by_kill_9_towards_a_fix_venue_in_durable_mode() {
    let kills = number_from_env("GWANMUN_KILLS", 30) / 4;
    let terms = fix_terms("durable", 1 << 18, "");
    kill("fix-kill-durable", &terms, kills, &mut |_, _| {});
}
