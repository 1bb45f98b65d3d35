//! Halts by kind at the venue, stages of the daily limit, and how the feed tells them. The language
//! of the scripts is in `script.rs`.

use gwanmun_binary::feed::FeedRecord;
use gwanmun_exchange::config::{Config, ScriptEntry};
use gwanmun_exchange::script::HaltKindText;
use gwanmun_market::{HaltKind, Phase};

use crate::client::Client;
use crate::running::{Running, plan};
use crate::script::check;

#[test]
fn one_word_stops_a_group_and_no_other() {
    check(
        "matching group",
        Phase::Continuous,
        "at 1 halt=matching_group group=1
         at 4 halt=matching_group group=1 level=0
         > enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > enter 2 B 100 005930 71500
         < rejected 2 7
         > enter 3 B 1 101W6000 350.00
         < accepted 3 B 1 101W6000 350
         > cancel 1 40
         < canceled 1 60 U
         > enter 5 B 40 005930 71500
         < accepted 5 B 40 005930 71500
         < executed 1 40 71500 A
         < executed 5 40 71500 R",
    );
}

#[test]
fn a_circuit_breaker_takes_cancels_in_its_first_two_stages() {
    check(
        "by stage",
        Phase::Continuous,
        "at 2 halt=circuit_breaker level=1 market=KOSPI
         at 4 halt=circuit_breaker level=2 market=KOSPI
         at 5 halt=circuit_breaker level=3 market=KOSPI
         > enter 1 S 100 005930 71500
         < accepted 1 S 100 005930 71500
         > enter 2 S 100 000660 178000
         < accepted 2 S 100 000660 178000
         > enter 3 B 100 005930 71500
         < rejected 3 7
         > cancel 1 50
         < canceled 1 50 U
         > cancel 1 20
         < canceled 1 30 U
         > cancel 1 0
         < cancel-rejected 1
         > replace 2 4 10 178000
         < rejected 4 7",
    );
}

#[test]
fn an_interruption_gathers_orders_when_the_venue_says_so() {
    check(
        "volatility interruption",
        Phase::Continuous,
        "at 1 005930 halt=volatility_interruption
         at 2 005930 phase=closing_auction
         at 4 005930 halt=volatility_interruption level=0 phase=continuous
         > enter 1 S 10 005930 71500
         < accepted 1 S 10 005930 71500
         > enter 2 B 10 005930 71500
         < rejected 2 7
         > enter 3 B 10 005930 71500
         < accepted 3 B 10 005930 71500
         > enter 4 B 1 000660 178000
         < accepted 4 B 1 000660 178000
         < executed 3 10 71500 C
         < executed 1 10 71500 C",
    );
}

#[test]
fn a_sanction_stops_its_side() {
    check(
        "sanction and suspension",
        Phase::Continuous,
        "at 1 halt=member_sanction sides=sell
         at 3 000660 halt=suspension
         > enter 1 S 1 005930 71500
         < accepted 1 S 1 005930 71500
         > enter 2 S 1 005930 71500
         < rejected 2 12
         > enter 3 B 1 005930 71400
         < accepted 3 B 1 005930 71400
         > enter 4 B 1 000660 178000
         < rejected 4 7",
    );
}

#[test]
fn a_stage_of_the_limit_opens_upwards_alone() {
    // 8 and 15 % of 352.55, inwards to the tick.
    check(
        "stages",
        Phase::Continuous,
        "at 2 101W6000 high=2
         > enter 1 S 1 101W6000 380.75
         < accepted 1 S 1 101W6000 380.75
         > enter 2 S 1 101W6000 380.8
         < rejected 2 29
         > enter 3 S 1 101W6000 405.4
         < accepted 3 S 1 101W6000 405.4
         > enter 4 S 1 101W6000 405.45
         < rejected 4 29
         > enter 5 B 1 101W6000 324.3
         < rejected 5 29",
    );
}

/// Behind a login every halt in force comes before the first market state, a lifted one does not
/// come, and each change comes to who is there.
#[test]
fn the_feed_tells_halts_in_force_first() {
    let mut plan = plan();
    let halt = |after_messages, kind, level| ScriptEntry {
        after_messages,
        halt: Some(HaltKindText(kind)),
        level: Some(level),
        ..ScriptEntry::default()
    };
    plan.setup.script = vec![
        halt(0, HaltKind::Sidecar, 1),
        halt(0, HaltKind::CircuitBreaker, 2),
        halt(0, HaltKind::Suspension, 0),
        halt(1, HaltKind::CircuitBreaker, 0),
    ];
    let instruments = plan.setup.instruments.len();
    let venue = Running::start(&plan);
    let told = |bytes: &[u8]| match FeedRecord::parse(bytes).unwrap() {
        FeedRecord::Halt(record) => Some((record.halt.kind, record.halt.level)),
        FeedRecord::MarketState(_) => None,
    };
    let (mut early, _) = Client::log_in(venue.feed, "ONE", 0);
    let all: Vec<_> = early
        .take(2 + instruments)
        .iter()
        .map(|it| told(it))
        .collect();
    let sidecar = Some((HaltKind::Sidecar, 1));
    assert_eq!(
        all[..3],
        [sidecar, Some((HaltKind::CircuitBreaker, 2)), None]
    );
    assert!(all[3..].iter().all(Option::is_none));
    let (mut one, _) = Client::log_in(venue.orders, "ONE", 1);
    one.send("enter 1 S 100 000660 178000");
    let lifted = Some((HaltKind::CircuitBreaker, 0));
    assert_eq!(told(&early.sequenced()), lifted);
    let (mut late, _) = Client::log_in(venue.feed, "TWO", 0);
    let all: Vec<_> = late
        .take(1 + instruments)
        .iter()
        .map(|it| told(it))
        .collect();
    assert_eq!(all[..2], [sidecar, None]);
    venue.stop();
}

#[test]
fn a_script_that_makes_no_sense_is_refused() {
    const EXAMPLE: &str = include_str!("../../exchange.toml");
    let entry = |text: &str| format!("{EXAMPLE}\n[[script]]\nafter_messages = 1\n{text}\n");
    for (text, says) in [
        ("halt = \"halt\"", "volatility_interruption"),
        ("halt = \"sidecar\"\nlevel = 2", "`level` is 0 or 1"),
        ("halt = \"circuit_breaker\"\nlevel = 4", "0 to 3"),
        ("halt = \"sidecar\"\nsides = \"ask\"", "both, buy or sell"),
        (
            "halt = \"suspension\"\ngroup = \"1\"\nmarket = \"KOSPI\"",
            "or none",
        ),
        (
            "halt = \"suspension\"\ngroup = \"1\"\nsymbol = \"005930\"",
            "or none",
        ),
        ("group = \"1\"", "say more of a `halt`"),
        ("everywhere = true", "say more of a `halt`"),
        ("limit_stage_high = 4", "1, 2 or 3"),
        ("board = \"night market\"", "a board: regular"),
        ("foreign_room = -1", "invalid value"),
    ] {
        let error = Config::parse(&entry(text)).unwrap_err();
        assert!(error.message.contains(says), "{text}: {error}");
    }
    for text in [
        "halt = \"circuit_breaker\"\nlevel = 3\nmarket = \"KOSPI\"\neverywhere = true",
        "halt = \"sidecar\"\nsides = \"buy\"",
        "board = \"after\"\nlimit_stage_low = 2\nforeign_room = 0",
    ] {
        assert!(Config::parse(&entry(text)).is_ok(), "{text}");
    }
}
