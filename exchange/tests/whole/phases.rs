//! What a halt, an auction and the end of the day do to orders, as scripts. The language is in
//! `script.rs`.

use gwanmun_market::Phase;

use crate::script::check;

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
