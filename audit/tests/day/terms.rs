//! The terms of the day: who trades what, and how much of it.

use gwanmun_fix::session::SessionTerms;
use gwanmun_gateway::{Holding, Limits, MemberTerms, ShortRows, Tables, Terms, VenueTerms};
use gwanmun_market::{
    AccountConduct, AccountTerms, Band, ConductLimits, HoldingSource, Instrument, OrderKinds,
    OrderLimits, Price, ProductKind, SelfTrade, ShortRule, Text, TickTableId, Tier, WIDE_RATE,
};

/// The samsung share, as everyone knows its code.
pub const SYMBOL: &str = "005930";

/// What the tables are named by on record.
pub const TABLES_SHA256: [u8; 32] = [7; 32];

pub(super) fn text<const N: usize>(from: &str) -> Text<N> {
    Text::new(from.as_bytes()).unwrap()
}

/// An account of many clients, who may trade with each other.
fn omnibus(account: &str) -> AccountConduct {
    AccountConduct {
        self_trade: SelfTrade::Allowed,
        ..AccountConduct::of_nobody(text(account))
    }
}

/// The terms of the day: three accounts, one of them closed, two instruments.
pub fn terms() -> Terms {
    let account = |name, is_enabled| AccountTerms {
        account: text(name),
        is_enabled,
        tier: Tier::LOWEST,
    };
    let instrument = |symbol, base| Instrument {
        symbol: text(symbol),
        kind: ProductKind::Share,
        tick_table: TickTableId::Share2023,
        base_price: Price::from_whole(base),
        collar_bps: 500,
        collar_width_min: Price::from_whole(500),
        may_be_negative: false,
        daily_limit: Band {
            bps: 3_000,
            width_min: Price::ZERO,
        },
        multiplier: 1,
        order_kinds: OrderKinds::ALL,
        is_restricted: false,
        is_suspended: false,
    };
    let holding = |account| Holding {
        account: text(account),
        symbol: text(SYMBOL),
        quantity: 100_000,
        source: HoldingSource::Settled,
    };
    let session = SessionTerms::new(text("GWANMUN"), text("MEMBER1"), true);
    Terms {
        members: vec![MemberTerms {
            session,
            accounts: Vec::new(),
            must_authenticate: false,
            is_enabled: true,
        }],
        venues: vec![VenueTerms {
            name: text("KRX"),
            username: text("gwan1"),
            wire: gwanmun_gateway::WireTerms::Ouch50,
            logon_password_bytes: 0,
        }],
        limits: Limits {
            orders_max: 4_096,
            positions_max: 64,
            message_bytes_max: 4_096,
            max_age_ns: 5_000_000_000,
            queued_bytes_max: 2 * 1024 * 1024,
            sessions_max: 0,
        },
        order_id_prefix: text("G1"),
        tables: Tables::new(
            vec![
                account("ACC-1", true),
                account("ACC-2", true),
                account("ACC-3", false),
            ],
            vec![instrument(SYMBOL, 71_500), instrument("000660", 180_000)],
            vec![holding("ACC-1"), holding("ACC-2")],
        )
        .and_then(|tables| {
            let wide = |kind| OrderLimits::wide(Tier::LOWEST, kind);
            tables.with_limits(&ProductKind::ALL.map(wide))
        })
        .and_then(|tables| {
            let limits = [ConductLimits::wide(Tier::LOWEST)];
            let accounts = ["ACC-1", "ACC-2"].map(omnibus);
            tables.with_conduct(&limits, Some(WIDE_RATE), &accounts)
        })
        .and_then(|tables| tables.with_short_sales(short_rows()))
        .and_then(Tables::with_wide_exposure)
        .unwrap()
        .named(TABLES_SHA256),
    }
}

/// ACC-1 may sell the first instrument short at any price.
fn short_rows() -> ShortRows {
    ShortRows {
        balance_systems: vec![text("ACC-1")],
        allowed: vec![text(SYMBOL)],
        rules: vec![(0, ShortRule::ALWAYS)],
        change_qty_max: Some(1_000),
    }
}
