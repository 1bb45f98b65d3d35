//! Rates, repeated orders, ratios of the day, algorithms and self-trades, from the member's bytes
//! to what he is told, over restarts too.
//!
//! `rates` is how fast, `repeats` what is sent again and again, `self_trade` who must not trade
//! with whom, `algorithm` the flag.

mod algorithm;
mod rates;
mod repeats;
mod self_trade;

use gwanmun_gateway::Terms;
use gwanmun_market::{AccountConduct, AccountId, ConductLimits, RateLimit, Tier, WIDE_RATE};

use crate::terms::{self, ACCOUNT, text};
use crate::world::World;

const SECOND_NS: u64 = 1_000_000_000;
const WIDE: ConductLimits = ConductLimits::wide(Tier::LOWEST);

fn nobody() -> AccountConduct {
    let account: AccountId = text(ACCOUNT);
    AccountConduct::of_nobody(account)
}

/// The terms with these limits of the lowest tier, of each session, and of accounts.
fn with(
    terms: Terms,
    limits: ConductLimits,
    session_rate: RateLimit,
    accounts: &[AccountConduct],
) -> Terms {
    let tables = terms.tables.clone();
    let tables = tables.with_conduct(&[limits], Some(session_rate), accounts);
    Terms {
        tables: tables.unwrap(),
        ..terms
    }
}

/// Everything logged on, under these limits.
fn world(limits: ConductLimits, accounts: &[AccountConduct]) -> World {
    let terms = with(terms::terms(), limits, WIDE_RATE, accounts);
    connected(terms)
}

fn connected(terms: Terms) -> World {
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world
}

/// What member 0 was told last about orders.
fn told(world: &World) -> String {
    let told = world.members[0].briefs(0);
    told.last().cloned().unwrap_or_default()
}

/// The briefs that a refused order and a refused replace have.
fn refused(code: gwanmun_market::GateCode) -> String {
    crate::member::refused(code)
}
