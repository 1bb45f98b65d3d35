//! The terms of the day: who trades what, and how much of it.

use gwanmun_fix::session::SessionTerms;
use gwanmun_gateway::{Holding, Limits, MemberTerms, Tables, Terms, VenueTerms};
use gwanmun_market::{
    AccountTerms, Band, Instrument, OrderKinds, OrderLimits, Price, ProductKind, Text, TickTableId,
    Tier,
};

/// The samsung share, as everyone knows its code.
pub const SYMBOL: &str = "005930";

pub(super) fn text<const N: usize>(from: &str) -> Text<N> {
    Text::new(from.as_bytes()).unwrap()
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
        .and_then(Tables::with_wide_exposure)
        .unwrap(),
    }
}
