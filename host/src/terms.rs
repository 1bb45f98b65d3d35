//! The configuration in the gateway's words.

use gwanmun_fix::session::{SeqNumReset, SessionTerms};
use gwanmun_gateway::{
    Holding, Limits, MemberTerms, ShortRows, Tables, Terms, VenueTerms, WireTerms, terms_text,
};
use gwanmun_market::{AccountId, VenueName};
use sha2::{Digest, Sha256};

use crate::config::{self, Config, SessionConfig, TradingDay, VenueConfig, VenueList};
use crate::desk::Operators;
use crate::start_error::StartError;

/// Bytes that may wait for a peer before its line is cut, and the size of its send buffer.
pub(crate) const QUEUED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Terms of the one shard, on the trading day that the configuration names; without one no rule of
/// a venue's board is in force.
pub(crate) fn terms(config: &Config, rows: &config::Tables) -> Result<Terms, StartError> {
    terms_on(config, rows, config.gateway.trading_day)
}

/// The same on a trading day, by which the rules of the venues' boards are chosen.
pub(crate) fn terms_on(
    config: &Config,
    rows: &config::Tables,
    day: Option<TradingDay>,
) -> Result<Terms, StartError> {
    let names: Vec<VenueName> = config.venues.iter().map(|venue| venue.name).collect();
    let tables = tables(rows, &names, day)?;
    for session in &config.sessions {
        let is_listed = |account: &&AccountId| tables.account_index(account).is_some();
        if let Some(account) = session.accounts.iter().find(|row| !is_listed(row)) {
            return Err(StartError::UnknownAccount {
                session: session.target_comp_id.to_string(),
                account: *account,
            });
        }
    }
    Ok(Terms {
        members: config
            .sessions
            .iter()
            .map(|session| member(session, config.limits.message_bytes_max))
            .collect(),
        venues: config.venues.iter().map(venue).collect(),
        limits: Limits {
            orders_max: config.limits.orders_max as usize,
            positions_max: config.limits.positions_max as usize,
            message_bytes_max: config.limits.message_bytes_max as usize,
            max_age_ns: config.tables.max_age_ns,
            queued_bytes_max: QUEUED_BYTES_MAX / 2,
            sessions_max: config.limits.session_room(config.sessions.len()),
        },
        order_id_prefix: config.gateway.order_id_prefix,
        tables,
    })
}

/// The tables in the gateway's words, under the name that they have on record. By the trading day
/// the rules of the venues' boards are chosen; without one none is in force.
///
/// # Errors
/// [`StartError`]: there is no account at all, rows make no sense together, or a venue is none of
/// these.
pub fn tables(
    rows: &config::Tables,
    venues: &[VenueName],
    day: Option<TradingDay>,
) -> Result<Tables, StartError> {
    if rows.accounts.is_empty() {
        return Err(StartError::AccountTableMissing);
    }
    let holding = |row: &config::Holding| Holding {
        account: row.account,
        symbol: row.symbol,
        quantity: row.quantity,
        source: row.source,
    };
    let holdings = rows.holdings.iter().map(holding).collect();
    let tables = Tables::new(rows.accounts.clone(), rows.instruments.clone(), holdings)
        .and_then(|tables| tables.with_limits(&rows.limits))
        .and_then(|tables| {
            let limits = &rows.conduct_limits;
            tables.with_conduct(limits, rows.session_rate, &rows.account_conduct)
        })
        .and_then(|tables| tables.with_exposure(rows.exposure.clone()))
        .map_err(StartError::Tables)?;
    let tables = with_venues(tables, venues, &rows.venue_lists)?;
    let tables = with_market_rules(tables, venues, rows, day)?;
    let tables = with_short_sales(tables, venues, &rows.short_sales)?;
    let sha256 = Sha256::digest(terms_text::write_tables(&tables));
    Ok(tables.named(sha256.into()))
}

/// The venues' names as their indices.
fn with_venues(
    mut tables: Tables,
    all: &[VenueName],
    lists: &[VenueList],
) -> Result<Tables, StartError> {
    for VenueList { symbol, venues } in lists {
        let index = |name: &VenueName| {
            let at = all.iter().position(|venue| venue == name);
            at.and_then(|at| u16::try_from(at).ok())
                .ok_or(StartError::UnknownVenue {
                    symbol: *symbol,
                    venue: *name,
                })
        };
        let venues: Vec<u16> = venues.iter().map(index).collect::<Result<_, _>>()?;
        tables = tables
            .with_venues(*symbol, &venues)
            .map_err(StartError::Tables)?;
    }
    Ok(tables)
}

/// What the market asks of instruments and accounts, and of the venues' boards on this day.
fn with_market_rules(
    mut tables: Tables,
    venues: &[VenueName],
    rows: &config::Tables,
    day: Option<TradingDay>,
) -> Result<Tables, StartError> {
    for &(symbol, rules) in &rows.market_rules {
        tables = tables
            .with_rules(symbol, rules)
            .map_err(StartError::Tables)?;
    }
    for &(account, marks) in &rows.account_marks {
        tables = tables
            .with_marks(account, marks)
            .map_err(StartError::Tables)?;
    }
    for row in &rows.venue_rules {
        let at = venues.iter().position(|name| *name == row.venue);
        let venue = at.and_then(|at| u16::try_from(at).ok());
        let venue = venue.ok_or(StartError::UnknownRuleVenue(row.venue))?;
        if day.is_some_and(|day| row.holds_on(day)) {
            tables = tables
                .with_venue_rule(venue, row.rule)
                .map_err(StartError::Tables)?;
        }
    }
    Ok(tables)
}

/// What is said of short sales, with the rules' venues as their indices.
fn with_short_sales(
    tables: Tables,
    venues: &[VenueName],
    told: &config::ShortSales,
) -> Result<Tables, StartError> {
    let mut rules = Vec::with_capacity(told.rules.len());
    for &(name, rule) in &told.rules {
        let at = venues.iter().position(|venue| *venue == name);
        let index = at.and_then(|at| u16::try_from(at).ok());
        rules.push((index.ok_or(StartError::UnknownRuleVenue(name))?, rule));
    }
    let rows = ShortRows {
        balance_systems: told.balance_systems.clone(),
        allowed: told.allowed.clone(),
        rules,
        change_qty_max: told.change_qty_max,
    };
    tables.with_short_sales(rows).map_err(StartError::Tables)
}

fn venue(venue: &VenueConfig) -> VenueTerms {
    VenueTerms {
        name: venue.name,
        username: venue.username,
        wire: wire(venue),
        logon_password_bytes: match &venue.fix {
            // At most ten bytes, as the configuration holds it to.
            Some(fix) if fix.logon_credentials => {
                u8::try_from(venue.password.value().len()).unwrap_or(0)
            }
            _ => 0,
        },
    }
}

fn wire(venue: &VenueConfig) -> WireTerms {
    let Some(fix) = &venue.fix else {
        return WireTerms::Ouch50;
    };
    let mut wire = WireTerms::fix(fix.sender_comp_id, fix.target_comp_id);
    if let WireTerms::Fix(session) = &mut wire {
        session.version = fix.version;
        session.precision = fix.version.precision();
        session.heart_bt_int_s = fix.heart_bt_int_s;
    }
    wire
}

pub(crate) fn member(session: &SessionConfig, message_bytes_max: u32) -> MemberTerms {
    let mut terms = SessionTerms::new(session.sender_comp_id, session.target_comp_id, true);
    terms.version = session.version;
    terms.precision = session.precision;
    terms.sends_last_msg_seq_num_processed = session.sends_last_msg_seq_num_processed;
    terms.resend_request_numbers_max = session.resend_request_numbers_max;
    terms.message_bytes_max = message_bytes_max;
    terms.heart_bt_int_s = session.heart_bt_int_s;
    terms.check_latency = session.check_latency;
    terms.max_latency_s = session.max_latency_s;
    if session.reset_on_logon {
        terms.reset = SeqNumReset::OnRequest;
    }
    MemberTerms {
        session: terms,
        accounts: session.accounts.clone(),
        must_authenticate: session.password.is_some(),
        is_enabled: session.is_enabled,
    }
}

/// Whether configuration and tables make sense together.
///
/// # Errors
/// [`StartError`], as a start would say it.
pub fn check(config: &Config, tables: &config::Tables) -> Result<(), StartError> {
    terms(config, tables)?;
    let desk = config.desk.as_ref();
    let operators = desk.map(|desk| Operators::new(&desk.operators));
    operators.transpose().map(|_| ())
}
