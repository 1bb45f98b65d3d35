//! Each rule of the order line as a script; the language is in `script.rs`.

use gwanmun_exchange::venue::{Disposition, Venue};
use gwanmun_market::Phase;

use crate::script::{check, request, setup, shown};

#[test]
fn orders_rest_and_trade_by_price_and_time() {
    check(
        "resting price counts, oldest first",
        Phase::Continuous,
        "> enter 1 S 100 005930 71600
         < accepted 1 S 100 005930 71600
         > enter 2 S 100 005930 71500
         < accepted 2 S 100 005930 71500
         > enter 3 S 100 005930 71500
         < accepted 3 S 100 005930 71500
         >1 enter 1 B 250 005930 71600
         <1 accepted 1 B 250 005930 71600
         < executed 2 100 71500 A
         <1 executed 1 100 71500 R
         < executed 3 100 71500 A
         <1 executed 1 100 71500 R
         < executed 1 50 71600 A
         <1 executed 1 50 71600 R
         > cancel 1 0
         < canceled 1 50 U",
    );
    check(
        "orders of one account trade with each other",
        Phase::Continuous,
        "> enter 1 S 10 005930 71500
         < accepted 1 S 10 005930 71500
         > enter 2 B 10 005930 71500
         < accepted 2 B 10 005930 71500
         < executed 1 10 71500 A
         < executed 2 10 71500 R",
    );
    check(
        "below zero",
        Phase::Continuous,
        "> enter 1 S 5 401W6W9S -0.4
         < accepted 1 S 5 401W6W9S -0.4
         > enter 2 B 5 401W6W9S -0.39
         < accepted 2 B 5 401W6W9S -0.39
         < executed 1 5 -0.4 A
         < executed 2 5 -0.4 R",
    );
}

#[test]
fn immediate_and_market_orders_never_rest() {
    check(
        "IOC",
        Phase::Continuous,
        "> enter 1 S 40 005930 71500
         < accepted 1 S 40 005930 71500
         > enter 2 B 100 005930 71500 ioc
         < accepted 2 B 100 005930 71500
         < executed 1 40 71500 A
         < executed 2 40 71500 R
         < canceled 2 60 I
         > enter 3 B 100 005930 71500 ioc
         < accepted 3 B 100 005930 71500
         < canceled 3 100 I",
    );
    check(
        "FOK: all or nothing",
        Phase::Continuous,
        "> enter 1 S 99 005930 71500
         < accepted 1 S 99 005930 71500
         > enter 2 B 100 005930 71500 ioc min=100
         < accepted 2 B 100 005930 71500
         < canceled 2 100 I
         > enter 3 S 1 005930 71500
         < accepted 3 S 1 005930 71500
         > enter 4 B 100 005930 71500 ioc min=100
         < accepted 4 B 100 005930 71500
         < executed 1 99 71500 A
         < executed 4 99 71500 R
         < executed 3 1 71500 A
         < executed 4 1 71500 R",
    );
    check(
        "least quantity below the whole",
        Phase::Continuous,
        "> enter 1 S 40 005930 71500
         < accepted 1 S 40 005930 71500
         > enter 2 B 100 005930 71500 ioc min=40
         < accepted 2 B 100 005930 71500
         < executed 1 40 71500 A
         < executed 2 40 71500 R
         < canceled 2 60 I",
    );
    check(
        "market order",
        Phase::Continuous,
        "> enter 1 S 40 005930 71600
         < accepted 1 S 40 005930 71600
         > enter 2 B 100 005930 market
         < accepted 2 B 100 005930 market
         < executed 1 40 71600 A
         < executed 2 40 71600 R
         < canceled 2 60 K",
    );
}

#[test]
fn a_cancel_gives_the_new_total() {
    check(
        "partial, then the rest",
        Phase::Continuous,
        "> enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         >1 enter 1 B 30 005930 71500
         <1 accepted 1 B 30 005930 71500
         < executed 1 30 71500 A
         <1 executed 1 30 71500 R
         > cancel 1 80
         < canceled 1 20 U
         > cancel 1 80
         > cancel 1 4000000000
         > cancel 1 30
         < canceled 1 50 U
         > cancel 1 0
         > cancel 99 0
         >1 cancel 1 0",
    );
    check(
        "a smaller total keeps its place",
        Phase::Continuous,
        "> enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > enter 2 S 100 005930 71500
         < accepted 2 S 100 005930 71500
         > cancel 1 10
         < canceled 1 90 U
         > enter 3 B 11 005930 71500
         < accepted 3 B 11 005930 71500
         < executed 1 10 71500 A
         < executed 3 10 71500 R
         < executed 2 1 71500 A
         < executed 3 1 71500 R",
    );
}

#[test]
fn a_replace_gives_the_new_total_and_the_new_number() {
    check(
        "executed part included, old number dead",
        Phase::Continuous,
        "> enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         >1 enter 1 B 30 005930 71500
         <1 accepted 1 B 30 005930 71500
         < executed 1 30 71500 A
         <1 executed 1 30 71500 R
         > replace 1 2 150 71600
         < replaced 1 2 S 150 71600
         > cancel 1 0
         > replace 1 3 10 71600
         > replace 2 4 30 71600
         < canceled 2 120 U
         > query
         < next 5",
    );
    check(
        "a total below what is executed cancels the rest",
        Phase::Continuous,
        "> enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > enter 2 B 30 005930 71500
         < accepted 2 B 30 005930 71500
         < executed 1 30 71500 A
         < executed 2 30 71500 R
         > replace 1 3 10 1
         < canceled 1 70 U",
    );
    check(
        "less at the same price keeps its place, more does not",
        Phase::Continuous,
        "> enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > enter 2 S 100 005930 71500
         < accepted 2 S 100 005930 71500
         > replace 1 3 50 71500
         < replaced 1 3 S 50 71500
         > enter 4 B 10 005930 71500
         < accepted 4 B 10 005930 71500
         < executed 3 10 71500 A
         < executed 4 10 71500 R
         > replace 3 5 60 71500
         < replaced 3 5 S 60 71500
         > enter 6 B 10 005930 71500
         < accepted 6 B 10 005930 71500
         < executed 2 10 71500 A
         < executed 6 10 71500 R",
    );
    check(
        "a new price may trade at once",
        Phase::Continuous,
        "> enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > enter 2 B 40 005930 71400
         < accepted 2 B 40 005930 71400
         > replace 1 3 100 71400 ioc
         < replaced 1 3 S 100 71400
         < executed 2 40 71400 A
         < executed 3 40 71400 R
         < canceled 3 60 I",
    );
    check(
        "a refused replace spends its number and leaves the order",
        Phase::Continuous,
        "> enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > replace 1 2 100 71550
         < rejected 2 29
         > replace 1 3 0 71600
         < canceled 1 100 U
         > enter 4 S 100 005930 71500
         < accepted 4 S 100 005930 71500
         > replace 4 5 4000000000 71500
         < rejected 5 19
         > cancel 4 0
         < canceled 4 100 U",
    );
}

#[test]
fn a_number_is_used_once_and_only_upwards() {
    check(
        "used and lower numbers are ignored",
        Phase::Continuous,
        "> enter 5 S 100 005930 71500
         < accepted 5 S 100 005930 71500
         > enter 5 S 100 005930 71500
         > enter 4 S 100 005930 71500
         > enter 0 S 100 005930 71500
         > replace 5 5 10 71600
         > replace 5 3 10 71600
         > query
         < next 6
         >1 query
         <1 next 1",
    );
    check(
        "a rejected number is spent, and so is a late replace's",
        Phase::Continuous,
        "> enter 1 S 100 NONE 71500
         < rejected 1 23
         > enter 1 S 100 005930 71500
         > replace 1 7 100 71500
         > query
         < next 8",
    );
}

#[test]
fn each_reject_reason() {
    for (words, reason) in [
        ("enter 1 B 100 NONE 71500", 23),
        ("enter 1 T 1 101W6000 352.55", 9),
        ("enter 1 B 0 005930 71500", 19),
        ("enter 1 B 1000000 005930 71500", 19),
        ("enter 1 B 2001 101W6000 352.55", 19),
        ("enter 1 B 100 005930 71550", 29),
        ("enter 1 B 100 005930 93000", 29),
        ("enter 1 B 100 005930 50000", 29),
        ("enter 1 B 100 005930 -71500", 29),
        ("enter 1 B 100 005930 0", 29),
        ("enter 1 B 100 005930 71500 hidden", 3),
        ("enter 1 B 100 005930 71500 sweep", 8),
        ("enter 1 B 100 005930 71500 gtx", 15),
        ("enter 1 B 100 005930 71500 opening", 20),
        ("enter 1 B 100 005930 71500 min=50", 13),
        ("enter 1 B 100 005930 71500 ioc min=101", 13),
        ("enter 1 B 100 005930 71500 floor=10", 4),
        ("enter 1 B 100 005930 71500 peg=-5", 17),
    ] {
        check(
            words,
            Phase::Continuous,
            &format!("> {words}\n< rejected 1 {reason}"),
        );
    }
    check(
        "closed",
        Phase::Closed,
        "> enter 1 B 100 005930 71500\n< rejected 1 2",
    );
    check(
        "IOC in an auction",
        Phase::OpeningAuction,
        "> enter 1 B 1 005930 71500 ioc\n< rejected 1 20",
    );
    check(
        "sell short of a share",
        Phase::Continuous,
        "> enter 1 T 1 005930 71500\n< accepted 1 T 1 005930 71500",
    );
}

#[test]
fn damaged_messages_are_refused_when_they_name_their_order() {
    let whole = request("enter 1 B 100 005930 71500");
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    let replace = request("replace 1 2 100 71500");
    let mut replace_damaged = replace.clone();
    replace_damaged[23] = b'?';
    for (bytes, disposition, report) in [
        (with(5, b'Z'), Disposition::Answered, Some("rejected 1 9")),
        (with(29, b'?'), Disposition::Answered, Some("rejected 1 8")),
        (with(46, 9), Disposition::Answered, Some("rejected 1 15")),
        (with(0, b'z'), Disposition::Unreadable, None),
        (whole[..46].to_vec(), Disposition::Unreadable, None),
        (Vec::new(), Disposition::Unreadable, None),
        (replace_damaged, Disposition::Answered, Some("rejected 2 8")),
        (
            b"C\0\0\0\x01FIRM005930  \0\0".to_vec(),
            Disposition::NotServed,
            None,
        ),
    ] {
        let mut venue = Venue::new(setup(Phase::Continuous), 0);
        venue.take_reports();
        assert_eq!(venue.on_message(0, &bytes, 1), disposition, "{bytes:?}");
        let reports: Vec<String> = venue.take_reports().iter().map(shown).collect();
        assert_eq!(reports, report.into_iter().collect::<Vec<_>>(), "{bytes:?}");
    }
}

#[test]
fn a_halt_refuses_orders_and_takes_cancels() {
    check(
        "halt and release",
        Phase::Continuous,
        "at 1 005930 halted=true
         at 5 005930 halted=false
         > enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > enter 2 B 100 005930 71500
         < rejected 2 7
         > replace 1 3 200 71500
         < rejected 3 7
         > enter 4 B 1 000660 178000
         < accepted 4 B 1 000660 178000
         > cancel 1 50
         < canceled 1 50 U
         > enter 5 B 100 005930 71500
         < accepted 5 B 100 005930 71500
         < executed 1 50 71500 A
         < executed 5 50 71500 R",
    );
}

#[test]
fn an_auction_gathers_and_trades_at_one_price() {
    check(
        "opening",
        Phase::OpeningAuction,
        "at 3 phase=continuous
         > enter 1 B 100 005930 72000
         < accepted 1 B 100 005930 72000
         > enter 2 S 60 005930 71000
         < accepted 2 S 60 005930 71000
         >1 enter 1 B 10 005930 market
         <1 accepted 1 B 10 005930 market
         <1 executed 1 10 71500 O
         < executed 2 10 71500 O
         < executed 1 50 71500 O
         < executed 2 50 71500 O
         > cancel 1 0
         < canceled 1 50 U",
    );
    check(
        "a market order that finds nothing leaves",
        Phase::OpeningAuction,
        "at 1 phase=continuous
         > enter 1 B 10 005930 market
         < accepted 1 B 10 005930 market
         < canceled 1 10 C",
    );
    check(
        "closing, then the day ends",
        Phase::ClosingAuction,
        "at 3 phase=closed
         > enter 1 B 100 005930 71500
         < accepted 1 B 100 005930 71500
         > enter 2 S 60 005930 71500
         < accepted 2 S 60 005930 71500
         > enter 3 S 1 000660 178000
         < accepted 3 S 1 000660 178000
         < executed 1 60 71500 C
         < executed 2 60 71500 C
         < canceled 1 40 E
         < canceled 3 1 E
         < event E
         <1 event E
         > enter 4 B 1 005930 71500
         < rejected 4 2",
    );
    check(
        "an auction that ends in a halt trades when it is lifted",
        Phase::OpeningAuction,
        "at 1 005930 halted=true
         at 2 phase=continuous
         at 3 005930 halted=false
         > enter 1 B 5 005930 71500
         < accepted 1 B 5 005930 71500
         > enter 2 S 5 005930 71500
         < rejected 2 7
         > cancel 9 0",
    );
}
