//! Random interleavings of everything that can happen, from printed seeds: never oversold, no price
//! at the venue that a check refuses, sums right after every step, everything answered once.

use gwanmun_market::TickTable;

use crate::restart::check_ledgers;
use crate::terms::{HOLDING, HYNIX, LAST, SAMSUNG, open_market, won};
use crate::venue::Mood;
use crate::world::{Ask, BUY, SELL, World, ask};

/// Runs; `GWANMUN_SEED` plays a single one.
const SEEDS: u64 = 30;
/// Steps of one run.
const STEPS: usize = 400;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

struct Run {
    world: World,
    random: Random,
    requests: Vec<String>,
    /// Names that requests may be about, with side and symbol.
    names: Vec<(String, u8, &'static str)>,
}

impl Run {
    fn new(seed: u64, mut world: World) -> Run {
        world.is_checked = false;
        Run {
            world,
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
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
        let order = self.ask(&name, side, symbol);
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

    /// Something happens to a live order.
    fn venue_acts(&mut self) {
        let venue = &mut self.world.sites[0].venue;
        let live: Vec<u32> = venue.live.keys().copied().collect();
        if live.is_empty() {
            return;
        }
        let number = self.random.pick(&live);
        let held = venue.live[&number];
        let left = u64::from(held.total - held.executed);
        let quantity = match self.random.below(3) {
            0 => left,
            _ => 1 + self.random.below(left),
        };
        let quantity = u32::try_from(quantity).unwrap();
        if self.random.below(4) == 0 {
            venue.reduce(number, quantity);
        } else {
            venue.execute(number, quantity);
        }
        self.world.run();
    }

    fn step(&mut self) {
        match self.random.below(40) {
            0..10 => self.order(),
            10..15 => self.request(true),
            15..19 => self.request(false),
            19..25 => self.venue_acts(),
            25..31 => {
                if self.world.sites[0].venue.step() {
                    self.world.run();
                }
            }
            31 => self.world.sites[0].is_slow = true,
            32 => {
                self.world.sites[0].is_slow = false;
                self.world.run();
            }
            33 => self.world.sites[0].venue.mood = self.random.pick(&[Mood::Refuses, Mood::Kills]),
            34 => {
                let are_lost = self.random.below(2) == 0;
                self.world.cut_venue(are_lost);
                self.world.connect_venue();
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
            38 => self.world.tell_market(SAMSUNG, open_market()),
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
        for (symbol, price) in &self.world.sites[0].venue.priced {
            assert!(*price >= low && *price <= high, "{symbol} {price:?}");
            assert!(ticks.is_on_tick(*price), "{symbol} {price:?}");
        }
    }
}

/// A day of so many steps, in which member 0 now and then begins its numbers anew.
pub(crate) fn played(seed: u64, steps: usize, segment_bytes: usize) -> World {
    let mut run = Run::new(seed, World::of(crate::terms::terms(), segment_bytes));
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
fn check(seed: u64, steps: usize) {
    println!("seed {seed}");
    let mut run = Run::new(seed, World::new());
    for at in 0..steps {
        run.step();
        run.check_limits();
        if at % 20 == 0 {
            run.world.check();
        } else {
            run.world.images().assert_sums();
        }
    }
    run.world.sites[0].is_slow = false;
    run.world.run();
    if !run.world.is_up() {
        run.world.cut_venue(false);
        run.world.connect_venue();
    }
    run.world.cut_member(0);
    run.world.connect_member(0, false);
    let requests: Vec<&str> = run.requests.iter().map(String::as_str).collect();
    check_ledgers(&run.world, &requests);
}

#[test]
fn limits_hold() {
    match std::env::var("GWANMUN_SEED") {
        Ok(seed) => check(seed.parse().unwrap(), STEPS),
        Err(_) => (1..=SEEDS).for_each(|seed| check(seed, STEPS)),
    }
}
