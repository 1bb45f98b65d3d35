//! The little market of the days: three accounts, five instruments, two venues, and limits of which
//! each day comes near some.

use gwanmun_fix::session::SessionTerms;
use gwanmun_market::{
    AccountTerms, Band, Credit, Group, HoldingSource, Instrument, InstrumentLimits, Investor,
    MarginMode, OrderKinds, OrderLimits, PartyLimits, Price, ProductKind, ShortRule, Text,
    TickTableId, Tier, UnderlyingLimits,
};

use crate::exposure::ExposureRows;
use crate::tables::{Holding, ShortRows, Tables};
use crate::terms::{Limits, MemberTerms, Terms, VenueTerms, WireTerms};

pub(super) const STEPS_A_DAY: usize = 2_500;
const ACCOUNTS: [&str; 3] = ["A", "B", "C"];

/// Symbol, kind, ticks, base price and tick in price units, margin, delta.
pub(super) type Listing = (&'static str, ProductKind, TickTableId, i64, i64, u32, i32);
pub(super) const LISTINGS: [Listing; 5] = [
    (
        "1FUT",
        ProductKind::Future,
        TickTableId::K200Future,
        3_500_000,
        500,
        1_500,
        10_000,
    ),
    (
        "2CALL",
        ProductKind::Option,
        TickTableId::K200Option,
        60_000,
        100,
        50_000,
        4_000,
    ),
    (
        "3PUT",
        ProductKind::Option,
        TickTableId::K200Option,
        40_000,
        100,
        50_000,
        -6_000,
    ),
    (
        "4SPR",
        ProductKind::Spread,
        TickTableId::Cent,
        -3_500,
        100,
        90_001,
        0,
    ),
    (
        "5SHR",
        ProductKind::Share,
        TickTableId::Share2023,
        700_000_000,
        1_000_000,
        0,
        0,
    ),
];
pub(super) const MULTIPLIER: u32 = 1_000;

pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % end
    }

    pub(super) fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap()
    }

    /// A limit that the day comes near, or one that it does not.
    pub(super) fn limit(&mut self, tight: i64) -> i64 {
        if self.below(6) == 0 {
            tight
        } else {
            tight * 1_000_000
        }
    }
}

fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text.as_bytes()).unwrap()
}

pub(super) fn multiplier(kind: ProductKind) -> u32 {
    if kind.needs_holdings_to_sell() {
        1
    } else {
        MULTIPLIER
    }
}

fn rows(random: &mut Random) -> ExposureRows {
    let party = |random: &mut Random| PartyLimits {
        sent_value_max: random.limit(100_000_000),
        open_value_max: random.limit(30_000_000),
        exposure_max: random.limit(60_000_000),
    };
    let credit = |random: &mut Random, at: usize| Credit {
        account: text(ACCOUNTS[at]),
        group: if at < 2 { text("G") } else { Text::EMPTY },
        investor: [Investor::Individual, Investor::Other][at % 2],
        margin_mode: if at < 2 {
            MarginMode::Pre
        } else {
            MarginMode::Post
        },
        cash: random.limit(8_000_000),
        deposit: random.limit(8_000_000),
        exposure_percent: 500,
        open_value_max: random.limit(15_000_000),
    };
    let instrument = |random: &mut Random, listing: &Listing| InstrumentLimits {
        symbol: text(listing.0),
        underlying: if listing.1.needs_holdings_to_sell() {
            Text::EMPTY
        } else {
            text("K200")
        },
        margin_bps: listing.5,
        delta: listing.6,
        sent_qty_max: random.limit(150),
        sent_value_max: random.limit(80_000_000),
        firm_qty_max: random.limit(300),
        firm_value_max: random.limit(150_000_000),
    };
    ExposureRows {
        credits: (0..3).map(|at| credit(random, at)).collect(),
        instruments: LISTINGS.iter().map(|it| instrument(random, it)).collect(),
        underlyings: vec![UnderlyingLimits {
            underlying: text("K200"),
            sent_qty_max: random.limit(800),
            sent_value_max: random.limit(150_000_000),
            individual_max: random.limit(30),
            other_max: random.limit(40),
        }],
        groups: vec![Group {
            name: text("G"),
            limits: party(random),
        }],
        firm: Some(party(random)),
    }
}

pub(super) fn terms(random: &mut Random) -> Terms {
    let account = |name: &&str| AccountTerms {
        account: text(name),
        is_enabled: true,
        tier: Tier::LOWEST,
    };
    let instrument = |&(symbol, kind, ticks, base, ..): &Listing| Instrument {
        symbol: text(symbol),
        kind,
        tick_table: ticks,
        base_price: Price(base),
        collar_bps: 5_000,
        collar_width_min: Price(20_000),
        may_be_negative: kind == ProductKind::Spread,
        daily_limit: Band {
            bps: 5_000,
            width_min: Price(20_000),
        },
        multiplier: multiplier(kind),
        order_kinds: OrderKinds::ALL,
        is_restricted: false,
        is_suspended: false,
    };
    let venue = |name: &str| VenueTerms {
        name: text(name),
        username: text("gw1"),
        wire: WireTerms::Ouch50,
        logon_password_bytes: 0,
    };
    let holding = |account: &str, symbol: &str, quantity| Holding {
        account: text(account),
        symbol: text(symbol),
        quantity,
        source: HoldingSource::Settled,
    };
    let holdings = vec![
        holding("A", "5SHR", 200),
        holding("B", "5SHR", 200),
        holding("C", "5SHR", 200),
        holding("A", "1FUT", -3),
        holding("C", "2CALL", 7),
    ];
    Terms {
        members: vec![MemberTerms {
            session: SessionTerms::new(text("GATE"), text("M"), true),
            accounts: Vec::new(),
            must_authenticate: false,
            is_enabled: true,
        }],
        venues: vec![venue("KRX"), venue("NXT")],
        limits: Limits {
            orders_max: STEPS_A_DAY,
            positions_max: 16,
            message_bytes_max: 4_096,
            max_age_ns: 1_000,
            queued_bytes_max: 1 << 20,
            sessions_max: 0,
        },
        order_id_prefix: text("G"),
        tables: Tables::new(
            ACCOUNTS.iter().map(account).collect(),
            LISTINGS.iter().map(instrument).collect(),
            holdings,
        )
        .and_then(|tables| {
            let wide = |kind| OrderLimits::wide(Tier::LOWEST, kind);
            tables.with_limits(&ProductKind::ALL.map(wide))
        })
        .and_then(|tables| tables.with_exposure(rows(random)))
        .and_then(|tables| tables.with_short_sales(short_rows()))
        .and_then(Tables::with_wide_conduct)
        .unwrap(),
    }
}

/// Everything may be sold short at any time and price: what refuses is exposure.
fn short_rows() -> ShortRows {
    ShortRows {
        balance_systems: ACCOUNTS.map(text).to_vec(),
        allowed: LISTINGS.map(|listing| text(listing.0)).to_vec(),
        rules: vec![(0, ShortRule::ALWAYS), (1, ShortRule::ALWAYS)],
        change_qty_max: None,
    }
}
