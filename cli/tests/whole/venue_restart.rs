//! NXT is killed again and again with orders in doubt, and comes back with the day it kept: by the
//! ledgers of both venues nothing is lost and nothing came twice.
//!
//! Each kill is of one of three kinds: nobody hears NXT's last words, so that what it accepted is
//! in doubt; it took nothing of what lay in its socket, so that what never arrived is in doubt; or
//! it dies at a moment of chance, and the gateway with it now and then. `GWANMUN_VENUE_KILLS` says
//! how often (6 unless told), `GWANMUN_SEED` which orders and moments.

use std::collections::BTreeMap;
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;

use crate::support::member::{cancel, replace};
use crate::support::relay::Relay;
use crate::support::world::{TRADING, free_port, ready};
use crate::support::{GatewayTerms, Process, Random, ledgers, number_from_env, until};
use crate::two_venues::{BURST, HYNIX, SAMSUNG, Scene, begin, end, start, wait_for_markets};

const LEDGER: &str = "nxt-ledger.csv";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kill {
    /// NXT accepted all, and nobody heard.
    Unheard,
    /// NXT took nothing.
    Frozen,
    /// Whatever it is.
    Chance,
}

struct Story {
    scene: Scene,
    relay: Relay,
    random: Random,
    /// Orders resting at NXT, as far as the member knows, that nothing was asked about yet.
    resting: Vec<String>,
    /// What the requests became that were on their way at a kill.
    became: BTreeMap<String, u32>,
}

impl Story {
    fn new(scene: Scene, relay: Relay) -> Story {
        let seed = number_from_env("GWANMUN_SEED", wall_now_ns() % 1_000_000);
        Story {
            scene,
            relay,
            random: Random::new(seed),
            resting: Vec::new(),
            became: BTreeMap::new(),
        }
    }

    /// Requests for both venues, none of whose answers is read; gives their names and how many
    /// orders among them only NXT can have.
    fn burst(&mut self) -> (Vec<String>, usize) {
        let (mut names, mut at_nxt) = (Vec::new(), 0);
        for number in 0..BURST {
            let asked = self.random.below(6);
            if asked < 2
                && let Some(order) = self.resting.pop()
            {
                let name = self.scene.name();
                let request = if asked == 0 {
                    ("F", cancel(&name, &order, '1'))
                } else {
                    ("G", replace(&name, &order, '1', 20, "70100"))
                };
                self.scene.member.request(request.0, request.1);
                names.push(name);
                continue;
            }
            let venue = ["NXT", "KRX", "", "NXT"][usize::try_from(number % 4).unwrap()];
            let symbol = if asked < 4 { SAMSUNG } else { HYNIX };
            at_nxt += usize::from(venue == "NXT");
            names.push(self.scene.send(symbol, venue));
        }
        self.scene.member.write_raw(&[]);
        (names, at_nxt)
    }

    /// Kills NXT with orders on their way to it.
    fn kill(&mut self, nxt: Process, kind: Kill) -> Vec<String> {
        let orders = self.entered();
        let bytes = self.relay.forward_bytes();
        match kind {
            Kill::Unheard => self.relay.lose_what_comes_back(),
            Kill::Frozen => nxt.freeze(),
            Kill::Chance => {}
        }
        let (names, at_nxt) = self.burst();
        match kind {
            Kill::Unheard => until("NXT's ledger", || {
                (self.entered() >= orders + at_nxt).then_some(())
            }),
            // Each order is longer than this.
            Kill::Frozen => until("bytes on the wire", || {
                (self.relay.forward_bytes() >= bytes + 40).then_some(())
            }),
            Kill::Chance => {
                std::thread::park_timeout(Duration::from_micros(self.random.below(3_000)));
            }
        }
        nxt.kill();
        names
    }

    fn entered(&self) -> usize {
        ledgers::entered(&self.scene.world, LEDGER).len()
    }

    /// Every request has one answer, whatever it is.
    #[track_caller]
    fn settle(&mut self, names: &[String], kind: Kill) {
        let mut became: BTreeMap<String, u32> = BTreeMap::new();
        for name in names {
            let end = self.scene.answer(name);
            if end == "NXT" {
                self.resting.push(name.clone());
            }
            *became.entry(end).or_default() += 1;
        }
        let count = |end: &str| became.get(end).copied().unwrap_or(0);
        match kind {
            Kill::Unheard => assert!(count("NXT") > 0, "{became:?}"),
            Kill::Frozen => assert!(count("200") > 0, "{became:?}"),
            Kill::Chance => {}
        }
        for (end, count) in became {
            *self.became.entry(end).or_default() += count;
        }
    }
}

#[test]
fn orders_in_doubt_are_settled_with_a_venue_that_comes_back() {
    let kills = number_from_env("GWANMUN_VENUE_KILLS", 6);
    let ports = [free_port(), free_port()];
    let (mut scene, krx, mut nxt) = begin("venue-restart", TRADING, ports);
    let (orders, feed) = scene.world.second.unwrap();
    let relay = Relay::to(orders);
    scene.world.second = Some((relay.address, feed));
    let terms = GatewayTerms {
        port: free_port(),
        ..GatewayTerms::default()
    };
    let (mut gateway, address) = start(&scene, &terms);
    scene.member.log_on(address);
    let mut story = Story::new(scene, relay);
    let kinds = [Kill::Unheard, Kill::Frozen, Kill::Chance];
    for round in 0..kills {
        let kind = kinds[usize::try_from(round % 3).unwrap()];
        wait_for_markets(&mut story.scene);
        let ends = gateway.count_about("logout", "NXT");
        let names = story.kill(nxt, kind);
        if kind == Kill::Chance && round % 2 == 1 {
            gateway.kill();
            let member = &mut story.scene.member;
            until("the end of the line", || (!member.turn()).then_some(()));
            gateway = ready(story.scene.world.spawn_gateway(&terms)).0;
            story.scene.member.log_on_again(address);
        } else {
            until("the end of NXT", || {
                (gateway.count_about("logout", "NXT") > ends).then_some(())
            });
        }
        // What may go elsewhere does, and what may not is refused.
        until("an order at KRX", || {
            (story.scene.goes(HYNIX, "") == "KRX").then_some(())
        });
        let refused = story.scene.goes(SAMSUNG, "NXT");
        assert!(["4", "122"].contains(&refused.as_str()), "{refused}");
        // The second venue is reached through the relay, before and after.
        let lines = story.scene.world.second;
        nxt = story.scene.world.start_second_exchange(TRADING);
        assert_eq!(story.scene.world.second, Some((orders, feed)));
        story.scene.world.second = lines;
        let restored = nxt.wait_for_event("restored", "");
        assert!(restored["messages"].as_u64() > Some(0), "{restored}");
        story.settle(&names, kind);
    }
    wait_for_markets(&mut story.scene);
    eprintln!(
        "{kills} kills of NXT; requests on their way: {:?}",
        story.became
    );
    gateway.stop().expect_code(0);
    krx.stop().expect_code(0);
    nxt.stop().expect_code(0);
    assert_numbers_are_gapless(&story.scene);
    end(story.scene);
}

#[test]
fn the_status_tells_how_each_venue_stood() {
    let (mut scene, krx, nxt) = begin("venue-status", TRADING, [0; 2]);
    let (orders, feed) = scene.world.second.unwrap();
    let relay = Relay::to(orders);
    scene.world.second = Some((relay.address, feed));
    let begun_ns = wall_now_ns();
    let (mut gateway, address) = start(&scene, &GatewayTerms::default());
    scene.member.log_on(address);
    wait_for_markets(&mut scene);
    let mut story = Story::new(scene, relay);
    let killed_ns = wall_now_ns();
    story.kill(nxt, Kill::Frozen);
    gateway.wait_for_event("logout", "NXT");
    gateway.wait_for_event("logout", "NXT feed");
    gateway.stop().expect_code(0);
    krx.stop().expect_code(0);
    let world = &story.scene.world;
    let text = std::fs::read_to_string(world.day().join("status.json")).unwrap();
    let status: serde_json::Value = serde_json::from_str(&text).unwrap();
    let [krx, nxt] = [&status["venues"][0], &status["venues"][1]];
    let told = |venue: &serde_json::Value| {
        ["name", "state", "feed"].map(|key| venue[key].as_str().unwrap().to_owned())
    };
    assert_eq!(told(krx), ["KRX", "up", "up"], "{status}");
    assert_eq!(told(nxt), ["NXT", "down", "down"], "{status}");
    assert_eq!(krx["orders_in_doubt"], 0, "{status}");
    assert!(nxt["orders_in_doubt"].as_u64() > Some(0), "{status}");
    let since = |venue: &serde_json::Value, key: &str| venue[key].as_u64().unwrap();
    for key in ["since_ns", "feed_since_ns"] {
        assert!((begun_ns..killed_ns).contains(&since(krx, key)), "{status}");
        assert!(since(nxt, key) >= killed_ns, "{status}");
    }
    let next = sequence_numbers(&story.scene, "exchange-ledger.csv").len() + 1;
    assert!(
        since(krx, "next_sequence_number") <= next as u64,
        "{status}"
    );
    assert!(since(krx, "next_sequence_number") > 1, "{status}");
}

/// Every number of NXT's stream was given once, over all its starts.
#[track_caller]
fn assert_numbers_are_gapless(scene: &Scene) {
    let numbers = sequence_numbers(scene, LEDGER);
    let count = u64::try_from(numbers.len()).unwrap();
    assert!(count > 0 && numbers == (1..=count).collect::<Vec<_>>());
}

/// Numbers of all that a venue has sent, as its ledger has them.
fn sequence_numbers(scene: &Scene, ledger: &str) -> Vec<u64> {
    let text = std::fs::read_to_string(scene.world.path(ledger)).unwrap();
    let column = |line: &str, at: usize| line.split(',').nth(at).unwrap().to_owned();
    text.lines()
        .skip(1)
        .filter(|line| column(line, 1) == "out")
        .map(|line| column(line, 4).parse().unwrap())
        .collect()
}
