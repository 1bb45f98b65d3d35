//! The terms of the little world that the tests play in: two members, one account with shares, one
//! without, two shares and a future.

use gwanmun_fix::session::{SeqNumReset, SessionTerms};
use gwanmun_gateway::{
    Holding, Limits, MemberTerms, ShortRows, Tables, Terms, VenueTerms, WireTerms,
};
use gwanmun_market::{
    AccountConduct, AccountTerms, Band, ConductLimits, HoldingSource, Instrument, MarketState,
    OrderKinds, OrderLimits, Phase, Price, ProductKind, SelfTrade, ShortRule, Text, TickTableId,
    Tier, WIDE_RATE,
};

pub(crate) const KRX: &str = "KRX";
pub(crate) const NXT: &str = "NXT";
pub(crate) const SAMSUNG: &str = "005930";
pub(crate) const HYNIX: &str = "000660";
pub(crate) const FUTURE: &str = "101W6000";
pub(crate) const ACCOUNT: &str = "ACC1";
pub(crate) const DISABLED: &str = "ACC2";
/// What [`ACCOUNT`] holds of each share when the day begins.
pub(crate) const HOLDING: i64 = 1_000;
/// Last trade of both shares; the collar is five percent around it.
pub(crate) const LAST: i32 = 71_600;
pub(crate) const NOW_NS: u64 = 1_795_392_000_000_000_000;

pub(crate) fn text<const N: usize>(text: &str) -> Text<N> {
    Text::new(text.as_bytes()).unwrap()
}

pub(crate) fn won(whole: i32) -> Price {
    Price::from_whole(whole)
}

fn instrument(symbol: &str, kind: ProductKind, tick_table: TickTableId) -> Instrument {
    Instrument {
        symbol: text(symbol),
        kind,
        tick_table,
        base_price: won(LAST),
        collar_bps: 500,
        collar_width_min: won(500),
        may_be_negative: false,
        daily_limit: Band {
            bps: 3_000,
            // A future is worth far less than the shares whose base price it has here.
            width_min: won(if matches!(kind, ProductKind::Future) {
                LAST
            } else {
                0
            }),
        },
        multiplier: 1,
        order_kinds: OrderKinds::ALL,
        is_restricted: false,
        is_suspended: false,
    }
}

/// [`ACCOUNT`] is that of many clients, who may trade with each other: most tests buy and sell as
/// it suits them.
fn omnibus() -> AccountConduct {
    AccountConduct {
        self_trade: SelfTrade::Allowed,
        ..AccountConduct::of_nobody(text(ACCOUNT))
    }
}

pub(crate) fn venue(name: &str) -> VenueTerms {
    VenueTerms {
        name: text(name),
        username: text("gw1"),
        wire: WireTerms::Ouch50,
        logon_password_bytes: 0,
    }
}

pub(crate) fn terms() -> Terms {
    let account = |name, is_enabled| AccountTerms {
        account: text(name),
        is_enabled,
        tier: Tier::LOWEST,
    };
    let holding = |symbol| Holding {
        account: text(ACCOUNT),
        symbol: text(symbol),
        quantity: HOLDING,
        source: HoldingSource::Settled,
    };
    let member = |name: &str| MemberTerms {
        session: SessionTerms {
            reset: SeqNumReset::OnRequest,
            ..SessionTerms::new(text("GATE"), text(name), true)
        },
        accounts: Vec::new(),
        must_authenticate: false,
        is_enabled: true,
    };
    Terms {
        members: vec![member("MEMBER0"), member("MEMBER1")],
        venues: vec![venue(KRX)],
        limits: Limits {
            orders_max: 4_096,
            positions_max: 16,
            message_bytes_max: 8 * 1024,
            max_age_ns: 3_000_000_000,
            queued_bytes_max: 64 * 1024,
            sessions_max: 0,
        },
        order_id_prefix: text("GW1"),
        tables: Tables::new(
            vec![account(ACCOUNT, true), account(DISABLED, false)],
            vec![
                instrument(SAMSUNG, ProductKind::Share, TickTableId::Share2023),
                instrument(HYNIX, ProductKind::Share, TickTableId::Share2023),
                instrument(FUTURE, ProductKind::Future, TickTableId::K200Future),
            ],
            vec![holding(SAMSUNG), holding(HYNIX)],
        )
        .and_then(|tables| {
            let wide = |kind| OrderLimits::wide(Tier::LOWEST, kind);
            tables.with_limits(&ProductKind::ALL.map(wide))
        })
        .and_then(|tables| {
            let limits = [ConductLimits::wide(Tier::LOWEST)];
            tables.with_conduct(&limits, Some(WIDE_RATE), &[omnibus()])
        })
        .and_then(|tables| tables.with_short_sales(short_rows(1)))
        .and_then(Tables::with_wide_exposure)
        .unwrap(),
    }
}

/// Short sales of both shares by [`ACCOUNT`], at any price and at each of so many venues.
pub(crate) fn short_rows(venues: u16) -> ShortRows {
    ShortRows {
        balance_systems: vec![text(ACCOUNT)],
        allowed: vec![text(SAMSUNG), text(HYNIX)],
        rules: (0..venues)
            .map(|venue| (venue, ShortRule::ALWAYS))
            .collect(),
        change_qty_max: Some(10_000),
    }
}

/// The same with a venue that speaks FIX.
pub(crate) fn fix_venue() -> Terms {
    let fix = VenueTerms {
        wire: WireTerms::fix(text("GATE"), text("EXCH")),
        ..venue(KRX)
    };
    Terms {
        venues: vec![fix],
        ..terms()
    }
}

/// The same with a second venue.
pub(crate) fn two_venues() -> Terms {
    Terms {
        venues: vec![venue(KRX), venue(NXT)],
        tables: terms().tables.with_short_sales(short_rows(2)).unwrap(),
        ..terms()
    }
}

pub(crate) fn open_market() -> MarketState {
    MarketState {
        phase: Phase::Continuous,
        base: Some(won(LAST)),
        last: Some(won(LAST)),
        last_qty: 100,
        best_bid: Some(won(LAST - 100)),
        best_ask: Some(won(LAST)),
        ..MarketState::default()
    }
}
