//! Ring 5: the process's loop over loopback, met by a client that knows nothing but bytes.
//!
//! No test waits for a time: a read blocks until the venue answers, and the venue is stopped by a
//! flag.

use std::io::{Read, Write};

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_exchange::config::SeedProfile;
use gwanmun_exchange::venue::VenueSetup;
use gwanmun_market::Phase;

use crate::client::{Client, next_number, types};
use crate::running::{Running, plan};
use crate::script::{price, request, symbol};

#[test]
fn an_order_trades_over_the_wire_and_a_replay_is_byte_for_byte() {
    let venue = Running::start(&plan());
    let (mut one, first) = Client::log_in(venue.orders, "ONE", 1);
    let (mut two, _) = Client::log_in(venue.orders, "TWO", 1);
    assert_eq!(first, 1);
    one.send("enter 1 S 100 005930 71500");
    one.send("query");
    let mut live = one.take(3);
    assert_eq!((types(&live).as_str(), next_number(&live[2])), ("SAQ", 2));
    two.send("enter 1 B 40 005930 71500");
    assert_eq!(types(&two.take(3)), "SAE");
    one.send("cancel 1 0");
    one.send("enter 2 B 1 NONE 1");
    one.send("query");
    live.extend(one.take(4));
    assert_eq!(
        (types(&live[3..]).as_str(), next_number(&live[6])),
        ("ECJQ", 3)
    );
    drop(one);
    // Everything, then from the middle, then nothing old.
    let (mut again, number) = Client::log_in(venue.orders, "ONE", 1);
    assert_eq!((number, again.take(7)), (1, live.clone()));
    let (mut middle, number) = Client::log_in(venue.orders, "ONE", 6);
    assert_eq!((number, middle.take(2)), (6, live[5..].to_vec()));
    assert_eq!(again.rest(), "");
    for (requested, first) in [(0, 8), (8, 8), (1_000_000, 10)] {
        let (mut new, number) = Client::log_in(venue.orders, "ONE", requested);
        assert_eq!(number, first);
        new.send("query");
        assert_eq!(next_number(&new.sequenced()), 3);
    }
    let (summary, told) = venue.stop();
    assert_eq!(summary.messages, 4);
    assert_eq!(told[..3], ["started", "listening", "listening"]);
    assert_eq!(told.last().unwrap(), "stopped");
    assert!(told.contains(&"line_ended replaced by a new login of the user".to_owned()));
}

#[test]
fn a_new_login_comes_behind_all_that_the_old_line_brought() {
    let venue = Running::start(&plan());
    for round in 0..20_u32 {
        let (mut old, _) = Client::log_in(venue.orders, "ONE", 0);
        for number in 1..=50 {
            old.send(&format!("enter {} B 1 005930 71500", round * 50 + number));
        }
        // The old line is still up and nothing was read on it.
        let (mut new, _) = Client::log_in(venue.orders, "ONE", 0);
        new.send("query");
        assert_eq!(next_number(&new.sequenced()), round * 50 + 51);
    }
    assert_eq!(venue.stop().0.messages, 1_000);
}

#[test]
fn a_long_replay_passes_through_small_buffers() {
    let mut plan = plan();
    plan.setup = VenueSetup {
        seed: SeedProfile::lively(5),
        ..plan.setup
    };
    let venue = Running::start(&plan);
    let (mut one, _) = Client::log_in(venue.orders, "ONE", 1);
    let count = 5_000;
    for number in 1..=count {
        let side = if number % 2 == 0 { "B" } else { "S" };
        let won = 71_500 + 100 * (i64::from(number) % 7 - 3);
        one.send(&format!(
            "enter {number} {side} {} 005930 {won}",
            number % 90 + 1
        ));
    }
    one.send("query");
    let mut live = Vec::new();
    while live
        .last()
        .is_none_or(|message: &Vec<u8>| message[0] != b'Q')
    {
        live.push(one.sequenced());
    }
    assert!(live.len() > 7_000, "{}", live.len());
    let (mut again, _) = Client::log_in(venue.orders, "ONE", 1);
    assert_eq!(again.take(live.len()), live);
    venue.stop();
}

#[test]
fn a_dropped_line_loses_what_was_not_read_and_nothing_else() {
    let mut plan = plan();
    plan.drop_order_line_after = vec![3];
    let venue = Running::start(&plan);
    let (mut one, _) = Client::log_in(venue.orders, "ONE", 0);
    let mut burst = Vec::new();
    for number in 1..=5 {
        let message = request(&format!("enter {number} B 1 005930 71500"));
        burst.extend(u16::try_from(message.len() + 1).unwrap().to_be_bytes());
        burst.push(b'U');
        burst.extend(message);
    }
    one.0.write_all(&burst).unwrap();
    assert_eq!(one.rest(), "", "what was not sent yet is not sent");
    let (mut again, _) = Client::log_in(venue.orders, "ONE", 1);
    again.send("query");
    let replayed = again.take(5);
    assert_eq!(
        (types(&replayed).as_str(), next_number(&replayed[4])),
        ("SAAAQ", 4)
    );
    again.send("enter 4 B 1 005930 71500");
    assert_eq!(again.sequenced()[0], b'A');
    assert!(
        venue
            .stop()
            .1
            .contains(&"line_ended dropped on purpose".to_owned())
    );
}

#[test]
fn logins_are_refused_and_strangers_closed() {
    let venue = Running::start(&plan());
    for (user, password, session, reason) in [
        ("ONE", "wrong", "", b'A'),
        ("NOBODY", "secret", "", b'A'),
        ("", "", "", b'A'),
        ("ONE", "secret", "OTHER", b'S'),
    ] {
        for address in [venue.orders, venue.feed] {
            let mut client = Client::connect(address);
            client.login(user, password, session, 1);
            assert_eq!(client.packet(), Some((b'J', vec![reason])));
            assert_eq!(client.rest(), "");
        }
    }
    let garbage: [&[u8]; 6] = [
        b"\0\0\0\0",
        b"\0\x01R",
        b"\0\x02Ux",
        b"\xff\xffL",
        b"GET / HTTP/1.1\r\n",
        b"\0\x01Z",
    ];
    for bytes in garbage {
        for address in [venue.orders, venue.feed] {
            let mut client = Client::connect(address);
            client.0.write_all(bytes).unwrap();
            assert_eq!(client.rest(), "", "{bytes:?}");
        }
    }
    // All of that disturbed nobody.
    let (mut one, _) = Client::log_in(venue.orders, "ONE", 1);
    one.write(b'+', b"a remark");
    one.send("enter 1 B 1 005930 71500");
    assert_eq!(types(&one.take(2)), "SA");
    one.write(b'O', b"");
    assert_eq!(one.rest(), "");
    let (_, told) = venue.stop();
    assert_eq!(
        told.iter().filter(|line| *line == "login_refused").count(),
        8
    );
    assert!(told.contains(&"line_ended logged out".to_owned()));
}

#[test]
fn bytes_that_come_one_by_one_are_the_same_messages() {
    let venue = Running::start(&plan());
    let mut one = Client::connect(venue.orders);
    let mut all = Vec::new();
    let mut add = |packet_type: u8, payload: &[u8]| {
        all.extend(u16::try_from(payload.len() + 1).unwrap().to_be_bytes());
        all.push(packet_type);
        all.extend_from_slice(payload);
    };
    add(
        b'L',
        format!("{:<6}{:<10}{:<10}{:>20}", "ONE", "secret", "", 1).as_bytes(),
    );
    add(b'U', &request("enter 1 B 1 005930 71500"));
    add(b'R', b"");
    add(b'U', &request("query"));
    for byte in all {
        one.0.write_all(&[byte]).unwrap();
    }
    assert_eq!(one.packet().unwrap().0, b'A');
    assert_eq!(types(&one.take(3)), "SAQ");
    venue.stop();
}

#[test]
fn the_feed_tells_the_present_state_then_every_change() {
    let venue = Running::start(&plan());
    let mut subscribers = [
        Client::log_in(venue.feed, "ONE", 0).0,
        Client::log_in(venue.feed, "TWO", 0).0,
        Client::log_in(venue.feed, "TWO", 0).0,
    ];
    for subscriber in &mut subscribers {
        let all = subscriber.take(plan().setup.instruments.len());
        let first = MarketStateRecord::parse(&all[0]).unwrap();
        assert_eq!(first.symbol, symbol("005930"));
        assert_eq!(first.state.base, Some(price("71500")));
        assert_eq!(first.state.phase, Phase::Continuous);
        let spread = MarketStateRecord::parse(all.last().unwrap()).unwrap();
        assert_eq!(spread.state.base, Some(price("-0.35")));
    }
    let (mut one, _) = Client::log_in(venue.orders, "ONE", 1);
    one.send("enter 1 S 100 000660 178000");
    for subscriber in &mut subscribers {
        let record = MarketStateRecord::parse(&subscriber.sequenced()).unwrap();
        assert_eq!(record.symbol, symbol("000660"));
        assert_eq!(record.state.best_ask, Some(price("178000")));
    }
    // Between changes the line is kept alive.
    let mut heartbeat = [0; 3];
    subscribers[0].0.read_exact(&mut heartbeat).unwrap();
    assert_eq!(&heartbeat, b"\0\x01H");
    venue.stop();
}
