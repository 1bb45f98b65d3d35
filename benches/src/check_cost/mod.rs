//! What the whole list of checks costs an order. The program is `check-cost`; its head says how to
//! read it.

mod world;

use std::hint::black_box;

use gwanmun_gateway::check_names;
use gwanmun_market::NewOrder;
use gwanmun_runtime::clock::{Clock, cycles};
use serde_json::{Map, Value, json};

use self::world::{Size, World};
use crate::SEED;
use crate::lanes::Stopwatch;
use crate::messages::NOW_NS;
use crate::random::Random;

/// Orders of a turn.
const TURN: usize = 2_048;
/// Turns of each lane.
const TURNS: usize = 200;
/// And where the figures mean nothing.
const QUICK_TURNS: usize = 4;
/// How far the null lane may be from 1.
const NULL_LANE_SLACK: f64 = 0.03;

/// What was found; times are nanoseconds of one order.
#[derive(Clone, Debug)]
pub struct CheckCost {
    /// From order to verdict, tables in the cache.
    pub cached: Spread,
    /// The same with the tables of a member, at random.
    pub random: Spread,
    /// Once more, behind the others.
    pub random_again: Spread,
    /// The rows of those orders read, and nothing decided.
    pub touch: Spread,
    /// Each check alone, by name.
    pub checks: Vec<(&'static str, f64)>,
    /// The processor.
    pub cpu: String,
}

/// Half of the orders took no longer, 99 in 100 took no longer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Median.
    pub p50_ns: f64,
    /// 99th percentile.
    pub p99_ns: f64,
}

impl CheckCost {
    /// Runs everything.
    ///
    /// # Errors
    /// An order was refused, or a row was missing.
    pub fn measure(is_quick: bool) -> Result<CheckCost, String> {
        let mut random = Random::new(SEED);
        let size = if is_quick { Size::QUICK } else { Size::MEMBER };
        let turns = if is_quick { QUICK_TURNS } else { TURNS };
        let near = World::new(Size::CACHED, &mut random)?;
        let far = World::new(size, &mut random)?;
        let mut each_random = Random::new(SEED);
        let clock = Clock::new();
        let timer = timer_cycles();
        let mut taken = [(); 4].map(|()| Vec::with_capacity(turns * TURN));
        for turn in 0..turns {
            for step in 0..taken.len() {
                // Forwards and backwards, so that no lane always follows the same one.
                let lane = if turn % 2 == 0 {
                    step
                } else {
                    taken.len() - 1 - step
                };
                let world = if lane == 0 { &near } else { &far };
                let orders = world.orders(TURN, &mut random);
                let Some(taken) = taken.get_mut(lane) else {
                    continue;
                };
                for order in &orders {
                    let before = cycles();
                    let is_right = if lane == 3 {
                        world.gateway.touch(0, black_box(order), NOW_NS)
                    } else {
                        world.gateway.verdict(0, black_box(order), NOW_NS).is_ok()
                    };
                    let after = cycles();
                    taken.push(after.saturating_sub(before).saturating_sub(timer));
                    if !is_right {
                        return Err(wrong(world, order));
                    }
                }
            }
        }
        let [cached, random, random_again, touch] = taken.map(|taken| spread(taken, &clock));
        Ok(CheckCost {
            cached,
            random,
            random_again,
            touch,
            checks: each(&near, turns, &mut each_random)?,
            cpu: cpu(),
        })
    }

    /// The lane of random orders over itself.
    #[must_use]
    pub fn null_ratio(&self) -> f64 {
        self.random.p50_ns / self.random_again.p50_ns
    }

    /// Whether the figures do not count.
    #[must_use]
    pub fn is_void(&self) -> bool {
        (self.null_ratio() - 1.0).abs() > NULL_LANE_SLACK
    }

    /// The object that programs read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rounded = |value: f64| json!((value * 10.0).round() / 10.0);
        let checks = self.checks.iter();
        json!({
            "cached_p50_ns": rounded(self.cached.p50_ns),
            "cached_p99_ns": rounded(self.cached.p99_ns),
            "random_p50_ns": rounded(self.random.p50_ns),
            "random_p99_ns": rounded(self.random.p99_ns),
            "touch_p50_ns": rounded(self.touch.p50_ns),
            "touch_p99_ns": rounded(self.touch.p99_ns),
            "random_over_touch": (self.random.p50_ns / self.touch.p50_ns * 1e3).round() / 1e3,
            "null_ratio": (self.null_ratio() * 1e3).round() / 1e3,
            "checks": checks
                .map(|(name, ns)| ((*name).to_owned(), rounded(*ns)))
                .collect::<Map<String, Value>>(),
            "cpu": self.cpu,
            "void": self.is_void(),
        })
    }

    /// The same for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\nlane              p50 ns    p99 ns\n", self.cpu);
        for (name, spread) in [
            ("cached", self.cached),
            ("random", self.random),
            ("random again", self.random_again),
            ("touch", self.touch),
        ] {
            let Spread { p50_ns, p99_ns } = spread;
            text.push_str(&format!("{name:<14} {p50_ns:>9.1} {p99_ns:>9.1}\n"));
        }
        text.push_str(&format!(
            "random over touch {:.2}; null lane {:.3}{}\n",
            self.random.p50_ns / self.touch.p50_ns,
            self.null_ratio(),
            if self.is_void() { ", VOID" } else { "" },
        ));
        for (name, ns) in &self.checks {
            text.push_str(&format!("  {name:<20} {ns:>6.1}\n"));
        }
        text
    }
}

/// What each check takes by itself: the least over the turns of a turn with it, less that of a turn
/// that gathers and asks nothing. Less than a nanosecond may come out as nothing, or less.
fn each(
    world: &World,
    turns: usize,
    random: &mut Random,
) -> Result<Vec<(&'static str, f64)>, String> {
    let orders = world.orders(TURN, random);
    let names: Vec<&'static str> = check_names().collect();
    let mut least = vec![u64::MAX; names.len() + 1];
    for _ in 0..turns {
        for (check, least) in least.iter_mut().enumerate() {
            let mut watch = Stopwatch::default();
            watch.time(|| {
                orders.iter().try_for_each(|order| {
                    let about = (0, black_box(order));
                    let verdict = world.gateway.verdict_of(check, about, NOW_NS);
                    verdict.map_err(|_| wrong(world, order))
                })
            })?;
            *least = (*least).min(watch.ns());
        }
    }
    let gathered = least.pop().unwrap_or(0) as f64;
    let of_one = |ns: &u64| (*ns as f64 - gathered) / TURN as f64;
    Ok(names.into_iter().zip(least.iter().map(of_one)).collect())
}

/// Verdicts on so many orders with tables in the cache, for whoever counts instructions.
///
/// # Errors
/// An order was refused.
pub fn cached_verdicts(rounds: u64) -> Result<(), String> {
    let mut random = Random::new(SEED);
    let world = World::new(Size::CACHED, &mut random)?;
    let orders = world.orders(crate::MESSAGES, &mut random);
    for _ in 0..rounds {
        for order in &orders {
            let verdict = world.gateway.verdict(0, black_box(order), NOW_NS);
            verdict.map_err(|refusal| format!("{refusal:?}: {order:?}"))?;
        }
    }
    Ok(())
}

fn wrong(world: &World, order: &NewOrder) -> String {
    let verdict = world.gateway.verdict(0, order, NOW_NS);
    format!("{verdict:?}, or a row is missing: {order:?}")
}

/// What reading the counter twice takes, as often as not.
fn timer_cycles() -> u64 {
    let mut taken: Vec<u64> = (0..10_001)
        .map(|_| {
            let before = cycles();
            cycles().saturating_sub(before)
        })
        .collect();
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied().unwrap_or(0)
}

fn spread(mut taken: Vec<u64>, clock: &Clock) -> Spread {
    taken.sort_unstable();
    // A count of cycles at a time would be cut to whole nanoseconds.
    let scale = clock.cycles_to_ns(1_000_000_000) as f64 / 1e9;
    let at = |thousandths: usize| {
        let place = taken.len() * thousandths / 1_000;
        taken
            .get(place)
            .map_or(f64::NAN, |&count| count as f64 * scale)
    };
    Spread {
        p50_ns: at(500),
        p99_ns: at(990),
    }
}

fn cpu() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|rest| rest.split_once(':'));
    model.map_or("unknown", |(_, name)| name.trim()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_a_short_run_passes() {
        let measured = CheckCost::measure(true).unwrap();
        let json = measured.to_json();
        for key in [
            "cached_p50_ns",
            "random_p99_ns",
            "touch_p50_ns",
            "checks",
            "cpu",
            "void",
        ] {
            assert!(!json.get(key).unwrap().is_null(), "{key}: {json}");
        }
        assert!(cached_verdicts(1).is_ok());
    }
}
