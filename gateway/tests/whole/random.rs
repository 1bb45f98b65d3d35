//! Random interleavings of everything that can happen, from printed seeds: never oversold, no price
//! at the venue that a check refuses, sums right after every step, everything answered once.

use gwanmun_gateway::Terms;
use gwanmun_market::{MarketState, Phase, TickTable};

use crate::chance::{Random, settle};
use crate::restart::check_ledgers;
use crate::terms::{HOLDING, HYNIX, KRX, LAST, NXT, SAMSUNG, open_market, won};
use crate::world::{Ask, BUY, SELL, World, ask};

/// Runs; `GWANMUN_SEED` plays a single one.
const SEEDS: u64 = 30;
/// Steps of one run.
const STEPS: usize = 400;

struct Run {
    world: World,
    random: Random,
    requests: Vec<String>,
    /// Names that requests may be about, with side and symbol.
    names: Vec<(String, u8, &'static str)>,
}

/// What an order says about its venue: mostly nothing.
const INSTRUCTIONS: [&str; 5] = ["", "", KRX, NXT, "NONE"];

impl Run {
    fn new(seed: u64, mut world: World) -> Run {
        world.is_checked = false;
        Run {
            world,
            random: Random::new(seed),
            requests: Vec::new(),
            names: Vec::new(),
        }
    }

    fn name(&mut self) -> String {
        let name = format!("N{}", self.requests.len());
        self.requests.push(name.clone());
        name
    }

    fn ask<'a>(&mut self, name: &'a str, side: u8, symbol: &'a str) -> Ask<'a> {
        let off = self
            .random
            .pick(&[0, 0, 0, -100, 100, 50, 3_500, 3_600, -3_500, -3_600]);
        Ask {
            symbol,
            price: LAST + off,
            ..ask(
                name,
                side,
                u32::try_from(1 + self.random.below(400)).unwrap(),
            )
        }
    }

    fn order(&mut self) {
        let name = self.name();
        let side = self.random.pick(&[BUY, SELL, SELL, b'5']);
        let symbol = self.random.pick(&[SAMSUNG, HYNIX]);
        let mut order = self.ask(&name, side, symbol);
        if self.world.sites.len() > 1 {
            order.venue = self.random.pick(&INSTRUCTIONS);
        }
        self.world.order(0, &order);
        self.names.push((name, side, symbol));
    }

    fn request(&mut self, is_replace: bool) {
        if self.names.is_empty() {
            return;
        }
        // Mostly about one of the latest names.
        let back = self.random.below(8.min(self.names.len() as u64));
        let index = self.names.len() - 1 - usize::try_from(back).unwrap();
        let (orig, side, symbol) = self.names[index].clone();
        let name = self.name();
        let order = self.ask(&name, side, symbol);
        if is_replace {
            self.world.replace(0, &orig, &order);
        } else {
            self.world.cancel(0, &name, &orig, &order);
        }
        self.names.push((name, side, symbol));
    }

    fn site(&mut self) -> usize {
        self.random.site(&self.world)
    }

    /// Something happens to a live order.
    fn venue_acts(&mut self) {
        self.random.venue_acts(&mut self.world, 4);
    }

    fn step(&mut self) {
        match self.random.below(40) {
            0..10 => self.order(),
            10..15 => self.request(true),
            15..19 => self.request(false),
            19..25 => self.venue_acts(),
            25..31 => self.random.venue_reads(&mut self.world),
            31 => {
                let site = self.site();
                self.world.sites[site].is_slow = true;
            }
            32 => {
                let site = self.site();
                self.world.sites[site].is_slow = false;
                self.world.run();
            }
            33 => self.random.venue_sulks(&mut self.world),
            34 => {
                let are_lost = self.random.below(2) == 0;
                let site = self.site();
                self.world.cut_venue_at(site, are_lost);
                // With another venue it may stay away for a while.
                if self.world.sites.len() == 1 || self.random.below(2) == 0 {
                    self.world.connect_venue_at(site);
                }
            }
            35 => {
                self.world.cut_member(0);
                self.venue_acts();
                self.world.connect_member(0, false);
            }
            36 => {
                let are_lost = self.random.below(2) == 0;
                self.world.restart(are_lost);
            }
            37 => {
                // The process dies within the next few records.
                let left = self.random.below(6);
                self.world.edge.records_left = Some(left);
                self.order();
                self.world.edge.records_left = None;
                if self.world.edge.is_stopped {
                    let are_lost = self.random.below(2) == 0;
                    self.world.restart(are_lost);
                }
            }
            38 => {
                let site = self.site();
                let phase = match self.world.sites.len() {
                    1 => Phase::Continuous,
                    _ => self
                        .random
                        .pick(&[Phase::Continuous, Phase::Continuous, Phase::Closed]),
                };
                let state = MarketState {
                    phase,
                    ..open_market()
                };
                self.world.tell_market_at(site, SAMSUNG, state);
                if self.world.sites[site].order_line.is_none() {
                    self.world.connect_venue_at(site);
                }
            }
            _ => self.world.wait_ns(100_000_000),
        }
    }

    fn check_limits(&self) {
        for symbol in [SAMSUNG, HYNIX] {
            assert!(
                self.world.sold_at_most(symbol) <= HOLDING,
                "{symbol} oversold"
            );
        }
        let ticks = TickTable::of(gwanmun_market::TickTableId::Share2023);
        let (low, high) = (won(LAST - 3_580), won(LAST + 3_580));
        let priced = self.world.sites.iter().flat_map(|site| &site.venue.priced);
        for (symbol, price) in priced {
            assert!(*price >= low && *price <= high, "{symbol} {price:?}");
            assert!(ticks.is_on_tick(*price), "{symbol} {price:?}");
        }
    }
}

/// A day of so many steps, in which member 0 now and then begins its numbers anew.
pub(crate) fn played(terms: Terms, seed: u64, steps: usize, segment_bytes: usize) -> World {
    let mut run = Run::new(seed, World::of(terms, segment_bytes));
    run.world.connect_all();
    for at in 0..steps {
        run.step();
        if at % 61 == 60 {
            run.world.cut_member(0);
            run.world.connect_member(0, true);
        }
    }
    run.world
}

#[expect(clippy::print_stdout, reason = "shown with the test that fails")]
fn check(seed: u64, steps: usize, world: World) {
    println!("seed {seed}");
    let mut run = Run::new(seed, world);
    for at in 0..steps {
        run.step();
        run.check_limits();
        if at % 20 == 0 {
            run.world.check();
        } else {
            run.world.images().assert_sums();
        }
    }
    settle(&mut run.world);
    run.world.cut_member(0);
    run.world.connect_member(0, false);
    let requests: Vec<&str> = run.requests.iter().map(String::as_str).collect();
    check_ledgers(&run.world, &requests);
}

fn check_all(world: impl Fn() -> World) {
    match std::env::var("GWANMUN_SEED") {
        Ok(seed) => check(seed.parse().unwrap(), STEPS, world()),
        Err(_) => (1..=SEEDS).for_each(|seed| check(seed, STEPS, world())),
    }
}

#[test]
fn limits_hold() {
    check_all(World::new);
}

#[test]
fn limits_hold_over_two_venues() {
    check_all(World::with_two_venues);
}

#[test]
fn limits_hold_towards_a_fix_venue() {
    check_all(World::with_fix_venue);
}

#[test]
fn limits_hold_over_two_venues_of_different_wires() {
    check_all(World::with_two_wires);
}
