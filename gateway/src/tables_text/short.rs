//! The lines of a Table record about short sales, and the sources of holdings.

use gwanmun_market::{HoldingSource, Phases, ShortRule};

use crate::tables::{Holding, ShortRows, Tables};
use crate::terms_text::{flag, put, value_of, word_of};
use crate::terms_words::{Word, text};

/// Writes what the tables say of short sales.
pub(super) fn write(tables: &Tables, into: &mut String) {
    for (index, row) in (0..).zip(tables.accounts()) {
        if tables.has_balance_system(index) {
            let account = Word(row.account.as_bytes());
            put(into, format_args!("balance-system {account}"));
        }
    }
    for (index, row) in (0..).zip(tables.instruments()) {
        if tables.may_be_sold_short(index) {
            let symbol = Word(row.symbol.as_bytes());
            put(into, format_args!("shortable {symbol}"));
        }
    }
    for (venue, rule) in tables.short_rules() {
        let ShortRule {
            from_ns, until_ns, ..
        } = rule;
        let (open_s, close_s) = (rule.open_s, rule.close_s);
        let (phases, has_price_rule) = (rule.phases.to_byte(), u8::from(rule.has_price_rule));
        let exempts = u8::from(rule.exempts_side_6);
        let when = format!("{from_ns} {until_ns} {phases} {open_s} {close_s}");
        put(
            into,
            format_args!("short-rule {venue} {when} {has_price_rule} {exempts}"),
        );
    }
    if let Some(most) = tables.ledger_change_qty_max() {
        put(into, format_args!("ledger-change {most}"));
    }
}

/// Writes an opening holding; one that is settled says nothing of its source.
pub(super) fn write_holding(row: &Holding, into: &mut String) {
    let (account, symbol) = (Word(row.account.as_bytes()), Word(row.symbol.as_bytes()));
    let source = match row.source {
        HoldingSource::Settled => String::new(),
        source => format!(" {}", word_of(&HoldingSource::WORDS, source)),
    };
    put(
        into,
        format_args!("holding {account} {symbol} {}{source}", row.quantity),
    );
}

/// Reads a holding's words behind the first.
pub(super) fn holding(words: &[&str]) -> Option<Holding> {
    let (account, symbol, quantity, source) = match words {
        [account, symbol, quantity] => (account, symbol, quantity, HoldingSource::Settled),
        [account, symbol, quantity, source] => {
            let source = value_of(&HoldingSource::WORDS, source)?;
            // It is not written, so that equal tables are equal bytes.
            let source = Some(source).filter(|&source| source != HoldingSource::Settled)?;
            (account, symbol, quantity, source)
        }
        _ => return None,
    };
    Some(Holding {
        account: text(account)?,
        symbol: text(symbol)?,
        quantity: quantity.parse().ok()?,
        source,
    })
}

/// Takes a line about short sales; `None` where it is none.
pub(super) fn line(words: &[&str], rows: &mut ShortRows) -> Option<()> {
    match words {
        ["balance-system", account] => rows.balance_systems.push(text(account)?),
        ["shortable", symbol] => rows.allowed.push(text(symbol)?),
        ["short-rule", venue, rule @ ..] => {
            rows.rules.push((venue.parse().ok()?, short_rule(rule)?));
        }
        ["ledger-change", most] if rows.change_qty_max.is_none() => {
            rows.change_qty_max = Some(most.parse().ok()?);
        }
        _ => return None,
    }
    Some(())
}

fn short_rule(words: &[&str]) -> Option<ShortRule> {
    let [
        from_ns,
        until_ns,
        phases,
        open_s,
        close_s,
        price_rule,
        exempts,
    ] = words
    else {
        return None;
    };
    Some(ShortRule {
        from_ns: from_ns.parse().ok()?,
        until_ns: until_ns.parse().ok()?,
        phases: Phases::from_byte(phases.parse().ok()?)?,
        open_s: open_s.parse().ok()?,
        close_s: close_s.parse().ok()?,
        has_price_rule: flag(price_rule)?,
        exempts_side_6: flag(exempts)?,
    })
}
