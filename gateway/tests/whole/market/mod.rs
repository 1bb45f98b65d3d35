//! What the market asks, from the feed's bytes to the member's answer: `halts` by kind and their
//! life, `boards` with stages of the limit and foreign quotas, `collar` with the fills and prints
//! that it is for.

mod boards;
mod collar;
mod halts;

use gwanmun_binary::feed::HaltRecord;
use gwanmun_gateway::{Tables, Terms};
use gwanmun_market::{
    AccountMarks, Halt, HaltKind, HaltScope, HaltSides, MarketRules, OrderLimits, ProductKind, Tier,
};

use crate::terms::{ACCOUNT, DISABLED, FUTURE, HYNIX, SAMSUNG, text, two_venues};
use crate::world::{Ask, World};

const KRX: usize = 0;
const NXT: usize = 1;

/// A share of group 1, another of group 2, both KOSPI, and a future of group 3.
fn terms() -> Terms {
    let mut terms = two_venues();
    for (symbol, group, segment) in [
        (SAMSUNG, "1", "KOSPI"),
        (HYNIX, "2", "KOSPI"),
        (FUTURE, "3", "DERIV"),
    ] {
        let rules = MarketRules {
            matching_group: text(group),
            segment: text(segment),
            ..MarketRules::NONE
        };
        terms.tables = terms.tables.with_rules(text(symbol), rules).unwrap();
    }
    terms
}

/// The same with both accounts enabled.
fn both_enabled() -> Terms {
    let mut terms = terms();
    let mut accounts = terms.tables.accounts().to_vec();
    for account in &mut accounts {
        account.is_enabled = true;
    }
    let instruments = terms.tables.instruments().to_vec();
    let wide = |kind| OrderLimits::wide(Tier::LOWEST, kind);
    let tables = Tables::new(accounts, instruments, terms.tables.holdings().to_vec());
    terms.tables = tables
        .and_then(|tables| tables.with_limits(&ProductKind::ALL.map(wide)))
        .and_then(Tables::with_wide_conduct)
        .and_then(Tables::with_wide_exposure)
        .unwrap();
    terms
}

/// Marks one of the two accounts.
fn marked(mut terms: Terms, account: &str, marks: AccountMarks) -> Terms {
    assert!([ACCOUNT, DISABLED].contains(&account));
    terms.tables = terms.tables.with_marks(text(account), marks).unwrap();
    terms
}

fn world(terms: Terms) -> World {
    let mut world = World::of(terms, 1 << 20);
    world.connect_all();
    world
}

fn halt(kind: HaltKind, scope: HaltScope, level: u8) -> Halt {
    Halt {
        kind,
        scope,
        level,
        sides: HaltSides::Both,
        is_everywhere: false,
    }
}

fn all() -> HaltScope {
    HaltScope::Market(text(""))
}

impl World {
    fn tell_halt(&mut self, site: usize, halt: Halt) {
        let record = HaltRecord {
            timestamp_ns: 0,
            halt,
        };
        self.tell_record_at(site, |into| record.encode(into));
    }
}

/// What member 0 is told about an order: its brief.
fn told(world: &mut World, order: &Ask<'_>) -> String {
    let from = world.members[0].log.len();
    world.order(0, order);
    let briefs = world.members[0].briefs(from);
    assert_eq!(briefs.len(), 1, "{briefs:?}");
    briefs[0].clone()
}

/// As a member is told that an order stands.
const NEW: &str = "8 0 0";
