//! Rows about exposure as lines of a Table record, one for each row.

use core::fmt::Write;

use gwanmun_market::{
    Credit, Group, GroupName, InstrumentLimits, Investor, MarginMode, PartyLimits,
    UnderlyingLimits, UnderlyingName,
};

use crate::exposure::ExposureRows;
use crate::terms_text::{put, value_of, word_of};
use crate::terms_words::{Word, text};

/// What stands where a name is empty; no name, as it has a character that names do not have.
const NONE: &str = "%";

/// A name, or [`NONE`].
fn name(name: &[u8]) -> String {
    let mut text = String::new();
    if name.is_empty() {
        text.push_str(NONE);
    } else {
        let _ = write!(text, "{}", Word(name));
    }
    text
}

/// Appends the lines of all rows.
pub(crate) fn write(rows: &ExposureRows, text: &mut String) {
    for row in &rows.credits {
        put(
            text,
            format_args!(
                "credit {} {} {} {} {} {} {} {}",
                Word(row.account.as_bytes()),
                name(row.group.as_bytes()),
                word_of(&Investor::WORDS, row.investor),
                word_of(&MarginMode::WORDS, row.margin_mode),
                row.cash,
                row.deposit,
                row.exposure_percent,
                row.open_value_max,
            ),
        );
    }
    for row in &rows.instruments {
        put(
            text,
            format_args!(
                "instrument_limit {} {} {} {} {} {} {} {}",
                Word(row.symbol.as_bytes()),
                name(row.underlying.as_bytes()),
                row.margin_bps,
                row.delta,
                row.sent_qty_max,
                row.sent_value_max,
                row.firm_qty_max,
                row.firm_value_max,
            ),
        );
    }
    for row in &rows.underlyings {
        put(
            text,
            format_args!(
                "underlying {} {} {} {} {}",
                Word(row.underlying.as_bytes()),
                row.sent_qty_max,
                row.sent_value_max,
                row.individual_max,
                row.other_max,
            ),
        );
    }
    for row in &rows.groups {
        let name = Word(row.name.as_bytes());
        put(text, format_args!("group {name} {}", Party(&row.limits)));
    }
    if let Some(limits) = &rows.firm {
        put(text, format_args!("firm {}", Party(limits)));
    }
}

struct Party<'a>(&'a PartyLimits);

impl core::fmt::Display for Party<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let limits = self.0;
        write!(
            f,
            "{} {} {}",
            limits.sent_value_max, limits.open_value_max, limits.exposure_max
        )
    }
}

/// Takes one line; `None` where it is no row about exposure.
pub(crate) fn line(words: &[&str], rows: &mut ExposureRows) -> Option<()> {
    match words {
        ["credit", row @ ..] => rows.credits.push(credit(row)?),
        ["instrument_limit", row @ ..] => rows.instruments.push(instrument(row)?),
        ["underlying", row @ ..] => rows.underlyings.push(underlying(row)?),
        ["group", name, row @ ..] => rows.groups.push(Group {
            name: text(name)?,
            limits: party(row)?,
        }),
        ["firm", row @ ..] if rows.firm.is_none() => rows.firm = Some(party(row)?),
        _ => return None,
    }
    Some(())
}

fn credit(words: &[&str]) -> Option<Credit> {
    let [account, group, investor, mode, cash, deposit, percent, open] = words else {
        return None;
    };
    Some(Credit {
        account: text(account)?,
        group: match *group {
            NONE => GroupName::EMPTY,
            group => text(group)?,
        },
        investor: value_of(&Investor::WORDS, investor)?,
        margin_mode: value_of(&MarginMode::WORDS, mode)?,
        cash: cash.parse().ok()?,
        deposit: deposit.parse().ok()?,
        exposure_percent: percent.parse().ok()?,
        open_value_max: open.parse().ok()?,
    })
}

fn instrument(words: &[&str]) -> Option<InstrumentLimits> {
    let [
        symbol,
        underlying,
        margin,
        delta,
        qty,
        value,
        firm_qty,
        firm_value,
    ] = words
    else {
        return None;
    };
    Some(InstrumentLimits {
        symbol: text(symbol)?,
        underlying: match *underlying {
            NONE => UnderlyingName::EMPTY,
            underlying => text(underlying)?,
        },
        margin_bps: margin.parse().ok()?,
        delta: delta.parse().ok()?,
        sent_qty_max: qty.parse().ok()?,
        sent_value_max: value.parse().ok()?,
        firm_qty_max: firm_qty.parse().ok()?,
        firm_value_max: firm_value.parse().ok()?,
    })
}

fn underlying(words: &[&str]) -> Option<UnderlyingLimits> {
    let [underlying, qty, value, individual, other] = words else {
        return None;
    };
    Some(UnderlyingLimits {
        underlying: text(underlying)?,
        sent_qty_max: qty.parse().ok()?,
        sent_value_max: value.parse().ok()?,
        individual_max: individual.parse().ok()?,
        other_max: other.parse().ok()?,
    })
}

fn party(words: &[&str]) -> Option<PartyLimits> {
    let [sent, open, exposure] = words else {
        return None;
    };
    Some(PartyLimits {
        sent_value_max: sent.parse().ok()?,
        open_value_max: open.parse().ok()?,
        exposure_max: exposure.parse().ok()?,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A row of each kind, no two figures alike, for the account and instrument of the test of
    /// terms.
    pub(crate) fn rows() -> ExposureRows {
        let limits = PartyLimits {
            sent_value_max: 21,
            open_value_max: 22,
            exposure_max: 23,
        };
        ExposureRows {
            credits: vec![Credit {
                account: text("ACC%201").unwrap(),
                group: text("G%201").unwrap(),
                investor: Investor::Individual,
                margin_mode: MarginMode::Post,
                cash: 1,
                deposit: 2,
                exposure_percent: 3,
                open_value_max: 4,
            }],
            instruments: vec![InstrumentLimits {
                symbol: text("005930").unwrap(),
                underlying: text("SEC").unwrap(),
                margin_bps: 5,
                delta: -6,
                sent_qty_max: 7,
                sent_value_max: 8,
                firm_qty_max: 9,
                firm_value_max: 10,
            }],
            underlyings: vec![UnderlyingLimits {
                underlying: text("SEC").unwrap(),
                sent_qty_max: 11,
                sent_value_max: 12,
                individual_max: 13,
                other_max: 14,
            }],
            groups: vec![Group {
                name: text("G%201").unwrap(),
                limits,
            }],
            firm: Some(PartyLimits {
                exposure_max: 24,
                ..limits
            }),
        }
    }

    #[test]
    fn lines_read_back_and_half_ones_do_not() {
        let mut rows = rows();
        rows.credits.push(Credit {
            group: GroupName::EMPTY,
            ..rows.credits[0]
        });
        rows.instruments.push(InstrumentLimits {
            underlying: UnderlyingName::EMPTY,
            ..rows.instruments[0]
        });
        let mut text = String::new();
        write(&rows, &mut text);
        let mut back = ExposureRows::default();
        for row in text.lines() {
            let words: Vec<&str> = row.split(' ').collect();
            line(&words, &mut back).unwrap();
            let mut none = ExposureRows::default();
            assert_eq!(line(&words[..words.len() - 1], &mut none), None, "{row}");
        }
        assert_eq!(back, rows);
        assert_eq!(line(&["firm", "1", "2", "3"], &mut back), None, "a second");
    }
}
