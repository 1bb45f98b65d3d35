//! The tables of a gateway in memory: who may order what, and how much of it.

use gwanmun_fix::session::SessionTerms;
use gwanmun_gateway::{
    Holding, Limits, MemberTerms, Tables, TablesError, Terms, VenueTerms, WireTerms,
};
use gwanmun_market::{
    AccountConduct, AccountId, AccountTerms, Band, ConductLimits, HoldingSource, Instrument,
    OrderKinds, OrderLimits, Price, ProductKind, Symbol, TickTableId, Tier, WIDE_RATE,
};

use crate::messages::{self, GATE, LISTINGS, MEMBER, text};

/// Whose orders of what a gateway of [`super::logged_on_to`] takes.
#[derive(Clone, Debug)]
pub struct Tabled {
    /// Accounts, from number 1 on.
    pub accounts: u32,
    /// Instruments: code, base price, ticks.
    pub listings: Vec<(Symbol, Price, TickTableId)>,
    /// Who holds what: number of the account, and the instrument's place in the list.
    pub holdings: Vec<(u32, usize)>,
    /// Orders that find room.
    pub orders_max: usize,
}

impl Tabled {
    /// Two accounts that hold each of four instruments.
    #[must_use]
    pub fn few(orders_max: usize) -> Tabled {
        let holdings = [1, 2].map(|account| (0..LISTINGS.len()).map(move |place| (account, place)));
        let listing =
            |row: messages::Listing| (text(row.symbol), Price::from_whole(row.base), row.ticks);
        Tabled {
            accounts: 2,
            listings: LISTINGS.map(listing).to_vec(),
            holdings: holdings.into_iter().flatten().collect(),
            orders_max,
        }
    }
}

pub(super) fn terms(tabled: &Tabled) -> Terms {
    let account = |number| AccountTerms {
        account: messages::account(number),
        is_enabled: true,
        tier: Tier::LOWEST,
    };
    let accounts: Vec<AccountTerms> = (1..=tabled.accounts).map(account).collect();
    let instrument =
        |&(symbol, base_price, tick_table): &(Symbol, Price, TickTableId)| Instrument {
            symbol,
            kind: if tick_table == TickTableId::K200Future {
                ProductKind::Future
            } else {
                ProductKind::Share
            },
            tick_table,
            base_price,
            collar_bps: 500,
            collar_width_min: Price::ZERO,
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
    let instruments: Vec<Instrument> = tabled.listings.iter().map(instrument).collect();
    let holding = |&(number, place): &(u32, usize)| {
        let symbol = tabled.listings.get(place)?.0;
        Some(a_million(messages::account(number), symbol))
    };
    let holdings: Vec<Holding> = tabled.holdings.iter().filter_map(holding).collect();
    Terms {
        members: vec![MemberTerms {
            session: SessionTerms::new(text(GATE), text(MEMBER), true),
            accounts: Vec::new(),
            must_authenticate: true,
            is_enabled: true,
        }],
        venues: vec![VenueTerms {
            name: text(b"KRX"),
            username: text(b"gwan1"),
            wire: WireTerms::Ouch50,
            logon_password_bytes: 0,
        }],
        limits: Limits {
            orders_max: tabled.orders_max,
            positions_max: tabled.holdings.len().max(64),
            message_bytes_max: 4096,
            max_age_ns: 5_000_000_000,
            queued_bytes_max: usize::MAX / 2,
            sessions_max: 0,
        },
        order_id_prefix: text(b"G1"),
        tables: Tables::new(accounts, instruments, holdings)
            .and_then(|tables| {
                let wide = |kind| OrderLimits::wide(Tier::LOWEST, kind);
                tables.with_limits(&ProductKind::ALL.map(wide))
            })
            .and_then(Tables::with_wide_exposure)
            .and_then(|tables| with_conduct(tables, tabled.accounts))
            .expect("the rows above are each once"),
    }
}

/// Limits of conduct that nothing here reaches, for accounts with an algorithm whose orders may not
/// trade with each other, which no bench's do.
fn with_conduct(tables: Tables, accounts: u32) -> Result<Tables, TablesError> {
    let of_account = |number| AccountConduct {
        algorithm: Some(text(b"BENCH-1")),
        ..AccountConduct::of_nobody(messages::account(number))
    };
    let accounts: Vec<AccountConduct> = (1..=accounts).map(of_account).collect();
    let limits = ConductLimits::wide(Tier::LOWEST);
    tables.with_conduct(&[limits], Some(WIDE_RATE), &accounts)
}

const fn a_million(account: AccountId, symbol: Symbol) -> Holding {
    Holding {
        account,
        symbol,
        quantity: 1_000_000,
        source: HoldingSource::Settled,
    }
}
