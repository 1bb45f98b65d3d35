//! The gateway's terms as lines of text, as the journal keeps them, and back: replay needs nothing
//! but the journal.
//!
//! One fact a line, words separated by one blank; texts are written with every byte outside
//! `!`..`~` and every `%` as `%XX`. Prices and other figures are integers in their stored unit.
//! Cold code: it may allocate.
//!
//! The first line of a Start record is the version of the records behind it: another version's
//! state entries have another layout, and its terms other words. `terms_match` tells whether a
//! later start may go on from an earlier one's records.

use core::fmt::Write as _;

use gwanmun_captures::journal::RecordKind;
use gwanmun_market::Text;

use crate::session_text::{SessionWords, member_base, session_terms, wire_terms};
use crate::tables_text::Rows;
pub use crate::tables_text::{read_tables, write_tables};
use crate::terms::{Limits, MemberTerms, Terms, VENUES_MAX, VenueTerms, WireTerms};
use crate::terms_words::Word;
pub(crate) use crate::terms_words::text;

/// A line that is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermsTextError {
    /// Line number, from one; zero when the lines together make no sense.
    pub line: usize,
}

/// The version that this gateway writes and reads. 1, without a line that says so, knew
/// one venue; 2 one version of FIX; 3 no limits by tier;
/// 4 verdicts without a version of the tables, no rates and no halts by kind.
pub(crate) const VERSION: u32 = 5;

/// What a start puts on record before anything else: the terms, the tables behind their hash, and
/// the hash of those in force.
#[must_use]
pub fn start_records(terms: &Terms) -> [(RecordKind, Vec<u8>); 3] {
    let sha256 = terms.tables.sha256();
    let table = [sha256, write_tables(&terms.tables).as_bytes()].concat();
    [
        (RecordKind::Start, write_start(terms).into_bytes()),
        (RecordKind::Table, table),
        (RecordKind::TableVersion, sha256.to_vec()),
    ]
}

/// Writes everything but the tables: what the Start record holds.
#[must_use]
pub fn write_start(terms: &Terms) -> String {
    let mut text = String::new();
    let Limits {
        orders_max,
        positions_max,
        message_bytes_max,
        max_age_ns,
        queued_bytes_max,
        sessions_max,
    } = terms.limits;
    put(&mut text, format_args!("version {VERSION}"));
    put(
        &mut text,
        format_args!("prefix {}", Word(terms.order_id_prefix.as_bytes())),
    );
    for venue in &terms.venues {
        let (name, username) = (Word(venue.name.as_bytes()), Word(venue.username.as_bytes()));
        match venue.wire {
            WireTerms::Ouch50 => put(&mut text, format_args!("venue {name} {username}")),
            WireTerms::Fix(session) => put(
                &mut text,
                format_args!(
                    "venue {name} {username} fix {} {}",
                    SessionWords(&session),
                    venue.logon_password_bytes
                ),
            ),
        }
    }
    put(
        &mut text,
        format_args!(
            "limits {orders_max} {positions_max} {message_bytes_max} \
             {max_age_ns} {queued_bytes_max}"
        ),
    );
    put(&mut text, format_args!("sessions_max {sessions_max}"));
    for member in &terms.members {
        write_member(&mut text, member);
    }
    text
}

/// Writes one session's lines.
pub(crate) fn write_member(text: &mut String, member: &MemberTerms) {
    put(
        text,
        format_args!(
            "member {} {}",
            SessionWords(&member.session),
            u8::from(member.must_authenticate),
        ),
    );
    for account in &member.accounts {
        put(text, format_args!("may_use {}", Word(account.as_bytes())));
    }
    if !member.is_enabled {
        put(text, format_args!("disabled"));
    }
}

pub(crate) fn put(text: &mut String, line: core::fmt::Arguments<'_>) {
    let written = writeln!(text, "{line}");
    debug_assert!(written.is_ok(), "writing to a String does not fail");
}

/// Reads both texts back.
///
/// # Errors
/// [`TermsTextError`] with the line, those of `tables` counted on from those of `start`.
pub fn read(start: &str, tables: &str) -> Result<Terms, TermsTextError> {
    let mut reading = Reading::default();
    for (index, line) in start.lines().chain(tables.lines()).enumerate() {
        reading
            .line(line)
            .ok_or(TermsTextError { line: index + 1 })?;
    }
    let nonsense = TermsTextError { line: 0 };
    let count = reading.venues.len();
    if !(1..=VENUES_MAX).contains(&count) {
        return Err(nonsense);
    }
    let tables = reading.rows.tables(count).ok_or(nonsense)?;
    Ok(Terms {
        members: reading.members,
        venues: reading.venues,
        limits: reading.limits.ok_or(nonsense)?,
        order_id_prefix: reading.prefix,
        tables,
    })
}

/// Reads one session's lines back.
pub(crate) fn read_member(lines: &[&str]) -> Option<MemberTerms> {
    let mut reading = Reading::default();
    lines.iter().try_for_each(|line| reading.line(line))?;
    let mut members = reading.members;
    members.pop().filter(|_| members.is_empty())
}

#[derive(Default)]
struct Reading {
    prefix: Text<3>,
    venues: Vec<VenueTerms>,
    limits: Option<Limits>,
    members: Vec<MemberTerms>,
    rows: Rows,
}

impl Reading {
    fn line(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["prefix", prefix] => self.prefix = text(prefix)?,
            ["version", version] if version.parse() == Ok(VERSION) => {}
            ["venue", name, username, wire @ ..] => {
                let (wire, logon_password_bytes) = wire_terms(wire)?;
                self.venues.push(VenueTerms {
                    name: text(name)?,
                    username: text(username)?,
                    wire,
                    logon_password_bytes,
                });
            }
            ["limits", orders, positions, bytes, age, queued] => {
                self.limits = Some(Limits {
                    orders_max: orders.parse().ok()?,
                    positions_max: positions.parse().ok()?,
                    message_bytes_max: bytes.parse().ok()?,
                    max_age_ns: age.parse().ok()?,
                    queued_bytes_max: queued.parse().ok()?,
                    sessions_max: 0,
                });
            }
            ["sessions_max", sessions] => {
                self.limits.as_mut()?.sessions_max = sessions.parse().ok()?;
            }
            ["member", session @ .., must_authenticate] => self.members.push(MemberTerms {
                session: session_terms(session, member_base)?,
                accounts: Vec::new(),
                must_authenticate: flag(must_authenticate)?,
                is_enabled: true,
            }),
            ["disabled"] => self.members.last_mut()?.is_enabled = false,
            ["may_use", account] => {
                self.members.last_mut()?.accounts.push(text(account)?);
            }
            row => self.rows.line(row)?,
        }
        Some(())
    }
}

/// The word of a value in its table, which has them all.
pub(crate) fn word_of<V: PartialEq>(table: &[(&'static str, V)], value: V) -> &'static str {
    let row = table.iter().find(|row| row.1 == value);
    row.map_or("", |row| row.0)
}

/// The value of a word.
pub(crate) fn value_of<V: Copy>(table: &[(&str, V)], word: &str) -> Option<V> {
    table.iter().find(|row| row.0 == word).map(|row| row.1)
}

pub(crate) fn flag(word: &str) -> Option<bool> {
    match word {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::Version;
    use gwanmun_fix::session::{SeqNumReset, SessionTerms};
    use gwanmun_fix::time::Precision;
    use gwanmun_market::{
        AccountTerms, Band, HoldingSource, Instrument, OrderKinds, OrderLimits, Phases, Price,
        ProductKind, ShortRule, TickTableId, Tier,
    };

    use super::*;
    use crate::exposure_text;
    use crate::tables::{Holding, ShortRows, Tables};

    const LIMITS: OrderLimits = OrderLimits {
        order_qty_max: 1,
        order_value_max: 2,
        sent_qty_max: 3,
        sent_value_max: 4,
        ..OrderLimits::wide(Tier::new(9).unwrap(), ProductKind::Share)
    };

    fn short_rows() -> ShortRows {
        let rule = ShortRule {
            from_ns: 5,
            until_ns: 6,
            phases: Phases::from_byte(6).unwrap(),
            open_s: 32_400,
            close_s: 55_800,
            has_price_rule: true,
            exempts_side_6: false,
        };
        let later = ShortRule {
            from_ns: 6,
            until_ns: u64::MAX,
            phases: Phases::NONE,
            open_s: 0,
            close_s: gwanmun_market::DAY_S,
            has_price_rule: false,
            exempts_side_6: true,
        };
        ShortRows {
            balance_systems: vec![text("ACC%201").unwrap()],
            allowed: vec![text("005930").unwrap()],
            rules: vec![(1, rule), (1, later)],
            change_qty_max: Some(77),
        }
    }

    #[test]
    fn terms_read_back() {
        let tables = Tables::new(
            vec![AccountTerms {
                account: text("ACC%201").unwrap(),
                is_enabled: true,
                tier: Tier::new(9).unwrap(),
            }],
            vec![Instrument {
                symbol: text("005930").unwrap(),
                kind: ProductKind::Share,
                tick_table: TickTableId::Share2023,
                base_price: Price::from_whole(71_500),
                collar_bps: 500,
                collar_width_min: Price(-5),
                may_be_negative: true,
                daily_limit: Band {
                    bps: 3_000,
                    width_min: Price(7),
                },
                multiplier: 250_000,
                order_kinds: OrderKinds::from_byte(13).unwrap(),
                is_restricted: true,
                is_suspended: true,
            }],
            vec![
                Holding {
                    account: text("ACC%201").unwrap(),
                    symbol: text("005930").unwrap(),
                    quantity: -7,
                    source: HoldingSource::Settled,
                },
                Holding {
                    account: text("ACC%201").unwrap(),
                    symbol: text("005930").unwrap(),
                    quantity: 8,
                    source: HoldingSource::Recalled,
                },
            ],
        );
        let venue = |name: &str| VenueTerms {
            name: Text::new(name.as_bytes()).unwrap(),
            username: text("gw1").unwrap(),
            wire: WireTerms::Ouch50,
            logon_password_bytes: 0,
        };
        let (sender, target) = (Text::new(b"GW").unwrap(), Text::new(b"100%").unwrap());
        let WireTerms::Fix(fix_session) = WireTerms::fix(sender, target) else {
            panic!("FIX was asked for");
        };
        let fix_wire = WireTerms::Fix(SessionTerms {
            version: Version::Fix42,
            heart_bt_int_s: 7,
            ..fix_session
        });
        let terms = Terms {
            members: vec![MemberTerms {
                session: SessionTerms {
                    version: Version::Fix50Sp2,
                    precision: Precision::Microseconds,
                    reset: SeqNumReset::EachLogon,
                    sends_last_msg_seq_num_processed: true,
                    resend_request_numbers_max: 6,
                    message_bytes_max: 7,
                    ..SessionTerms::new(sender, target, true)
                },
                accounts: vec![text("ACC%201").unwrap()],
                must_authenticate: true,
                is_enabled: false,
            }],
            venues: vec![
                venue("KRX"),
                VenueTerms {
                    wire: fix_wire,
                    logon_password_bytes: 9,
                    ..venue("N T")
                },
            ],
            limits: Limits {
                orders_max: 1,
                positions_max: 2,
                message_bytes_max: 3,
                max_age_ns: 4,
                queued_bytes_max: 5,
                sessions_max: 6,
            },
            order_id_prefix: Text::EMPTY,
            tables: tables
                .and_then(|tables| tables.with_venues(text("005930").unwrap(), &[1, 0]))
                .and_then(|tables| {
                    let lowest = OrderLimits::wide(Tier::LOWEST, ProductKind::Option);
                    tables.with_limits(&[lowest, LIMITS])
                })
                .and_then(|tables| tables.with_short_sales(short_rows()))
                .and_then(|tables| tables.with_exposure(exposure_text::tests::rows()))
                .unwrap(),
        };
        let (start, tables) = (write_start(&terms), write_tables(&terms.tables));
        let back = read(&start, &tables).unwrap();
        assert_eq!(
            (write_start(&back), write_tables(&back.tables)),
            (start.clone(), tables.clone())
        );
        assert_eq!(back.members, terms.members);
        assert_eq!(back.limits.sessions_max, 6);
        assert_eq!(back.tables.venue_list(0), [1, 0]);
        let row = back.tables.limits().last().copied();
        assert_eq!(row, Some(LIMITS));
        assert_eq!(back.tables.holdings(), terms.tables.holdings());
        assert!(back.tables.has_balance_system(0) && back.tables.may_be_sold_short(0));
        assert_eq!(back.tables.short_rules(), short_rows().rules);
        assert_eq!(back.tables.short_rule(1, 5), Some(&short_rows().rules[0].1));
        assert_eq!(back.tables.short_rule(1, 6), Some(&short_rows().rules[1].1));
        assert_eq!(back.tables.short_rule(1, 4), None);
        assert_eq!(back.tables.short_rule(0, 5), None);
        assert_eq!(back.tables.ledger_change_qty_max(), Some(77));
        assert_eq!(back.tables.exposure_rows(), terms.tables.exposure_rows());
        assert_eq!(back.tables.instruments(), terms.tables.instruments());
        assert_eq!(back.tables.accounts(), terms.tables.accounts());
        assert_eq!(back.venues[1].name.as_bytes(), b"N T");
        assert_eq!(back.venues[1].wire, fix_wire);
        assert_eq!(back.venues[1].logon_password_bytes, 9);
        assert_eq!(read(&format!("{start}nonsense"), "").unwrap_err().line, 10);
        let of_earlier = start.replace("version 5\n", "version 4\n");
        assert_eq!(read(&of_earlier, &tables).unwrap_err().line, 1);
        for wrong in [
            "venues 005930 2\n",
            "venues 005930 0 0\n",
            "venues 000660 0\n",
        ] {
            assert_eq!(
                read(&start, &format!("{tables}{wrong}")).unwrap_err().line,
                0
            );
        }
        let without = start.replace("venue ", "prefix ").replace(" gw1", "");
        assert!(read(&without, &tables).is_err());
    }
}
