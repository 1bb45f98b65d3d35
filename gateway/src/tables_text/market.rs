//! Rules of instruments, marks of accounts and rules of boards as lines of text, and back.

use gwanmun_market::{AccountId, AccountMarks, Board, MarketRules, OrderKinds, Symbol, VenueRule};

use crate::tables::{Tables, TablesError};
use crate::terms_text::{flag, put};
use crate::terms_words::{Word, text};

/// Writes what is said; rows that say nothing have no line.
pub(super) fn write(tables: &Tables, into: &mut String) {
    for (index, row) in (0..).zip(tables.instruments()) {
        let rules = tables.market_rules(index);
        if *rules == MarketRules::NONE {
            continue;
        }
        // Names may be empty, and a word may not: each has a letter in front.
        put(
            into,
            format_args!(
                "rules {} g{} s{} {} {} {} {} {}",
                Word(row.symbol.as_bytes()),
                Word(rules.matching_group.as_bytes()),
                Word(rules.segment.as_bytes()),
                rules.reference_qty_min,
                rules.last_max_age_ns,
                rules.limit_stages_bps[0],
                rules.limit_stages_bps[1],
                u8::from(rules.has_foreign_limit),
            ),
        );
    }
    for (index, row) in (0..).zip(tables.accounts()) {
        let marks = tables.account_marks(index);
        if marks != AccountMarks::default() {
            let account = Word(row.account.as_bytes());
            let (programme, foreign) = (u8::from(marks.is_programme), u8::from(marks.is_foreign));
            put(into, format_args!("marks {account} {programme} {foreign}"));
        }
    }
    for (venue, rule) in tables.venue_rules() {
        put(
            into,
            format_args!(
                "board {venue} {} {} {} {}",
                rule.board.index(),
                rule.order_kinds.to_byte(),
                rule.auction_order_kinds.to_byte(),
                u8::from(rule.takes_orders_in_vi),
            ),
        );
    }
}

/// Rows as they are read.
#[derive(Default)]
pub(super) struct MarketRows {
    rules: Vec<(Symbol, MarketRules)>,
    marks: Vec<(AccountId, AccountMarks)>,
    boards: Vec<(u16, VenueRule)>,
}

impl MarketRows {
    /// Takes one line; `None` where it is no row of these.
    pub(super) fn line(&mut self, words: &[&str]) -> Option<()> {
        match words {
            ["rules", symbol, row @ ..] => self.rules.push((text(symbol)?, rules(row)?)),
            ["marks", account, programme, foreign] => {
                let marks = AccountMarks {
                    is_programme: flag(programme)?,
                    is_foreign: flag(foreign)?,
                };
                self.marks.push((text(account)?, marks));
            }
            ["board", venue, board, kinds, auction_kinds, in_vi] => {
                let board: usize = board.parse().ok()?;
                let rule = VenueRule {
                    board: Board::ALL.get(board)?.0,
                    order_kinds: OrderKinds::from_byte(kinds.parse().ok()?)?,
                    auction_order_kinds: OrderKinds::from_byte(auction_kinds.parse().ok()?)?,
                    takes_orders_in_vi: flag(in_vi)?,
                };
                self.boards.push((venue.parse().ok()?, rule));
            }
            _ => return None,
        }
        Some(())
    }

    /// The tables with these rows, with so many venues.
    pub(super) fn put(self, mut tables: Tables, venues: usize) -> Result<Tables, TablesError> {
        for (symbol, rules) in self.rules {
            tables = tables.with_rules(symbol, rules)?;
        }
        for (account, marks) in self.marks {
            tables = tables.with_marks(account, marks)?;
        }
        for (venue, rule) in self.boards {
            if usize::from(venue) >= venues {
                return Err(TablesError::VenueRule(venue, rule.board));
            }
            tables = tables.with_venue_rule(venue, rule)?;
        }
        Ok(tables)
    }
}

fn rules(words: &[&str]) -> Option<MarketRules> {
    let [
        group,
        segment,
        reference_qty,
        last_age,
        stage2,
        stage3,
        foreign,
    ] = words
    else {
        return None;
    };
    Some(MarketRules {
        matching_group: text(group.strip_prefix('g')?)?,
        segment: text(segment.strip_prefix('s')?)?,
        reference_qty_min: reference_qty.parse().ok()?,
        last_max_age_ns: last_age.parse().ok()?,
        limit_stages_bps: [stage2.parse().ok()?, stage3.parse().ok()?],
        has_foreign_limit: flag(foreign)?,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{AccountTerms, OrdType, Tier, TimeInForce};

    use super::*;
    use crate::risk::example::SHARE;

    fn name<const N: usize>(text: &str) -> gwanmun_market::Text<N> {
        gwanmun_market::Text::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn every_row_reads_back() {
        let account = AccountTerms {
            account: name("A 1"),
            is_enabled: true,
            tier: Tier::LOWEST,
        };
        let share = gwanmun_market::Instrument {
            symbol: name("005930"),
            ..SHARE
        };
        let rules = MarketRules {
            matching_group: name("1"),
            segment: name(""),
            reference_qty_min: 10,
            last_max_age_ns: 11,
            limit_stages_bps: [1_500, 2_000],
            has_foreign_limit: true,
        };
        let marks = AccountMarks {
            is_programme: false,
            is_foreign: true,
        };
        let rule = VenueRule {
            board: Board::After,
            order_kinds: OrderKinds::NONE.with(OrdType::Limit, TimeInForce::Day),
            auction_order_kinds: OrderKinds::NONE,
            takes_orders_in_vi: true,
        };
        let tables = Tables::new(vec![account], vec![share], Vec::new())
            .and_then(|tables| tables.with_rules(name("005930"), rules))
            .and_then(|tables| tables.with_marks(name("A 1"), marks))
            .and_then(|tables| tables.with_venue_rule(1, rule))
            .unwrap();
        let mut written = String::new();
        write(&tables, &mut written);
        let mut rows = MarketRows::default();
        for line in written.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(rows.line(&words), Some(()), "{line}");
        }
        let bare = Tables::new(vec![account], vec![share], Vec::new()).unwrap();
        let back = rows.put(bare, 2).unwrap();
        assert_eq!(back.market_rules(0), &rules);
        assert_eq!(back.account_marks(0), marks);
        assert_eq!(back.venue_rule(1, Board::After), Some(&rule));
        assert_eq!(back.venue_rule(1, Board::Pre), None);
        let mut again = String::new();
        write(&back, &mut again);
        assert_eq!(again, written);
    }

    #[test]
    fn rows_that_make_no_sense_are_none() {
        for line in [
            "rules 005930 g s 10 11 0 0",
            "rules 005930 g s 10 11 0 0 2",
            "rules 005930 1 s 10 11 0 0 1",
            "rules 005930 g s -1 11 0 0 1",
            "marks A 1",
            "marks A 1 x",
            "board 0 5 1 1 0",
            "board 0 0 64 1 0",
            "bord 0 0 1 1 0",
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(MarketRows::default().line(&words), None, "{line}");
        }
        let twice = "board 0 0 1 1 0";
        let words: Vec<&str> = twice.split(' ').collect();
        let put = |times: usize, venues: usize| {
            let mut rows = MarketRows::default();
            for _ in 0..times {
                rows.line(&words).unwrap();
            }
            rows.put(Tables::default(), venues).map(|_| ())
        };
        let error = Err(TablesError::VenueRule(0, Board::Regular));
        assert_eq!((put(1, 1), put(2, 1), put(1, 0)), (Ok(()), error, error));
    }
}
