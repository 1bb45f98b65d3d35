//! What the venue does with an order it takes, as scripts: entered, cancelled, replaced. The
//! language is in `script.rs`.

use gwanmun_market::Phase;

use crate::script::check;

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
