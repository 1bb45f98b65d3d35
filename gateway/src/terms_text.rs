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

use gwanmun_market::{AccountTerms, Instrument, Price, ProductKind, Symbol, Text, TickTableId};

use crate::session_text::{SessionWords, member_base, session_terms, wire_terms};
use crate::tables::{Holding, Tables};
use crate::terms::{Limits, MemberTerms, Terms, VENUES_MAX, VenueTerms, WireTerms};

/// A line that is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermsTextError {
    /// Line number, from one; zero when the lines together make no sense.
    pub line: usize,
}

/// The version that this gateway writes and reads. 1, without a line that says so, knew
/// one venue; 2 one version of FIX.
pub(crate) const VERSION: u32 = 3;

const KINDS: [(&str, ProductKind); 5] = [
    ("share", ProductKind::Share),
    ("etf", ProductKind::Etf),
    ("future", ProductKind::Future),
    ("option", ProductKind::Option),
    ("spread", ProductKind::Spread),
];

const TICK_TABLES: [(&str, TickTableId); 5] = [
    ("share2023", TickTableId::Share2023),
    ("etf2023", TickTableId::Etf2023),
    ("k200future", TickTableId::K200Future),
    ("k200option", TickTableId::K200Option),
    ("cent", TickTableId::Cent),
];

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
    for member in &terms.members {
        put(
            &mut text,
            format_args!(
                "member {} {}",
                SessionWords(&member.session),
                u8::from(member.must_authenticate),
            ),
        );
        for account in &member.accounts {
            put(
                &mut text,
                format_args!("may_use {}", Word(account.as_bytes())),
            );
        }
    }
    text
}

/// Writes the tables: what the Table record holds.
#[must_use]
pub fn write_tables(tables: &Tables) -> String {
    let mut text = String::new();
    for row in tables.accounts() {
        let is_enabled = u8::from(row.is_enabled);
        put(
            &mut text,
            format_args!("account {} {is_enabled}", Word(row.account.as_bytes())),
        );
    }
    for row in tables.instruments() {
        let kind = word_of(&KINDS, row.kind);
        let ticks = word_of(&TICK_TABLES, row.tick_table);
        put(
            &mut text,
            format_args!(
                "instrument {} {kind} {ticks} {} {} {} {}",
                Word(row.symbol.as_bytes()),
                row.base_price.0,
                row.collar_bps,
                row.collar_width_min.0,
                u8::from(row.may_be_negative),
            ),
        );
    }
    for (index, row) in (0..).zip(tables.instruments()) {
        let venues = tables.venue_list(index);
        if !venues.is_empty() {
            let symbol = Word(row.symbol.as_bytes());
            put(
                &mut text,
                format_args!("venues {symbol} {}", Indices(venues)),
            );
        }
    }
    for row in tables.holdings() {
        let (account, symbol) = (Word(row.account.as_bytes()), Word(row.symbol.as_bytes()));
        put(
            &mut text,
            format_args!("holding {account} {symbol} {}", row.quantity),
        );
    }
    text
}

fn put(text: &mut String, line: core::fmt::Arguments<'_>) {
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
    let mut tables = Tables::new(reading.accounts, reading.instruments, reading.holdings)
        .map_err(|_| nonsense)?;
    let count = reading.venues.len();
    if !(1..=VENUES_MAX).contains(&count) {
        return Err(nonsense);
    }
    for (symbol, venues) in reading.venue_lists {
        if venues.iter().any(|&venue| usize::from(venue) >= count) {
            return Err(nonsense);
        }
        tables = tables.with_venues(symbol, &venues).map_err(|_| nonsense)?;
    }
    Ok(Terms {
        members: reading.members,
        venues: reading.venues,
        limits: reading.limits.ok_or(nonsense)?,
        order_id_prefix: reading.prefix,
        tables,
    })
}

#[derive(Default)]
struct Reading {
    prefix: Text<3>,
    venues: Vec<VenueTerms>,
    limits: Option<Limits>,
    members: Vec<MemberTerms>,
    accounts: Vec<AccountTerms>,
    instruments: Vec<Instrument>,
    holdings: Vec<Holding>,
    venue_lists: Vec<(Symbol, Vec<u16>)>,
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
            ["venues", symbol, indices @ ..] => {
                let indices: Result<Vec<u16>, _> =
                    indices.iter().map(|index| index.parse()).collect();
                self.venue_lists.push((text(symbol)?, indices.ok()?));
            }
            ["limits", orders, positions, bytes, age, queued] => {
                self.limits = Some(Limits {
                    orders_max: orders.parse().ok()?,
                    positions_max: positions.parse().ok()?,
                    message_bytes_max: bytes.parse().ok()?,
                    max_age_ns: age.parse().ok()?,
                    queued_bytes_max: queued.parse().ok()?,
                });
            }
            ["member", session @ .., must_authenticate] => self.members.push(MemberTerms {
                session: session_terms(session, member_base)?,
                accounts: Vec::new(),
                must_authenticate: flag(must_authenticate)?,
            }),
            ["may_use", account] => {
                self.members.last_mut()?.accounts.push(text(account)?);
            }
            ["account", account, is_enabled] => self.accounts.push(AccountTerms {
                account: text(account)?,
                is_enabled: flag(is_enabled)?,
            }),
            ["instrument", row @ ..] => self.instruments.push(instrument(row)?),
            ["holding", account, symbol, quantity] => self.holdings.push(Holding {
                account: text(account)?,
                symbol: text(symbol)?,
                quantity: quantity.parse().ok()?,
            }),
            _ => return None,
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

fn instrument(words: &[&str]) -> Option<Instrument> {
    let [symbol, kind, ticks, base_price, collar_bps, width, negative] = words else {
        return None;
    };
    Some(Instrument {
        symbol: text(symbol)?,
        kind: value_of(&KINDS, kind)?,
        tick_table: value_of(&TICK_TABLES, ticks)?,
        base_price: Price(base_price.parse().ok()?),
        collar_bps: collar_bps.parse().ok()?,
        collar_width_min: Price(width.parse().ok()?),
        may_be_negative: flag(negative)?,
    })
}

pub(crate) fn flag(word: &str) -> Option<bool> {
    match word {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// Indices with blanks between them.
struct Indices<'a>(&'a [u16]);

impl core::fmt::Display for Indices<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (at, index) in self.0.iter().enumerate() {
            let blank = if at == 0 { "" } else { " " };
            write!(f, "{blank}{index}")?;
        }
        Ok(())
    }
}

/// A peer's or operator's text as one word.
pub(crate) struct Word<'a>(pub(crate) &'a [u8]);

impl core::fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for &byte in self.0 {
            if matches!(byte, b'!'..=b'~') && byte != b'%' {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}

/// A word's text.
pub(crate) fn text<const N: usize>(word: &str) -> Option<Text<N>> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        if byte == b'%' {
            let (digits, behind) = behind.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = behind;
        } else {
            bytes.push(byte);
            rest = behind;
        }
    }
    Text::new(&bytes)
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::Version;
    use gwanmun_fix::session::{SeqNumReset, SessionTerms};
    use gwanmun_fix::time::Precision;

    use super::*;

    #[test]
    fn terms_read_back() {
        let tables = Tables::new(
            vec![AccountTerms {
                account: text("ACC%201").unwrap(),
                is_enabled: true,
            }],
            vec![Instrument {
                symbol: text("005930").unwrap(),
                kind: ProductKind::Share,
                tick_table: TickTableId::Share2023,
                base_price: Price::from_whole(71_500),
                collar_bps: 500,
                collar_width_min: Price(-5),
                may_be_negative: true,
            }],
            vec![Holding {
                account: text("ACC%201").unwrap(),
                symbol: text("005930").unwrap(),
                quantity: -7,
            }],
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
            },
            order_id_prefix: Text::EMPTY,
            tables: tables
                .and_then(|tables| tables.with_venues(text("005930").unwrap(), &[1, 0]))
                .unwrap(),
        };
        let (start, tables) = (write_start(&terms), write_tables(&terms.tables));
        let back = read(&start, &tables).unwrap();
        assert_eq!(
            (write_start(&back), write_tables(&back.tables)),
            (start.clone(), tables.clone())
        );
        assert_eq!(back.members[0].session, terms.members[0].session);
        assert_eq!(back.tables.venue_list(0), [1, 0]);
        assert_eq!(back.venues[1].name.as_bytes(), b"N T");
        assert_eq!(back.venues[1].wire, fix_wire);
        assert_eq!(back.venues[1].logon_password_bytes, 9);
        assert_eq!(read(&format!("{start}nonsense"), "").unwrap_err().line, 8);
        let of_earlier = start.replace("version 3\n", "version 2\n");
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
