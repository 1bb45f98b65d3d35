//! What the pre-trade checks cost the order path. The program is `slowdown`; its head says how to
//! read it.

pub mod chart;
mod hop;
mod lane;

use serde_json::{Value, json};

pub use self::lane::{LANES, Lane};
use crate::instructions::under_callgrind;
use crate::wire_race::statistics::{Quartiles, quartiles};
use crate::{MESSAGES, SEED, messages};

/// Rounds of every lane.
const ROUNDS: usize = 600;
/// And of one that means nothing.
const QUICK_ROUNDS: usize = 6;
/// Rounds of the two runs whose difference is what callgrind counts.
const COUNTED: [u64; 2] = [1, 3];
/// How far the null lane may be from 1.
const NULL_LANE_SLACK: f64 = 0.005;

/// What was found.
#[derive(Clone, Debug)]
pub struct Slowdown {
    /// Nanoseconds of an order by lane, in the order of [`LANES`]: quartiles over the rounds.
    pub order_ns: Vec<Quartiles>,
    /// The short-sale check on over off.
    pub short_sale_ratio: Quartiles,
    /// The whole list on over off.
    pub list_ratio: Quartiles,
    /// The whole list over itself.
    pub null_ratio: Quartiles,
    /// Instructions of an order by lane; `None` where nobody counted.
    pub instructions: Vec<Option<u64>>,
    /// A message and its answer over loopback.
    pub central_hop_us: f64,
}

impl Slowdown {
    /// Runs everything.
    ///
    /// # Errors
    /// A lane did not do what it is there for.
    pub fn measure(is_quick: bool) -> Result<Slowdown, String> {
        let orders = messages::new_order_singles(SEED, MESSAGES, messages::covered_sale);
        lane::assert_asks()?;
        let rounds = if is_quick { QUICK_ROUNDS } else { ROUNDS };
        let mut times = vec![Vec::with_capacity(rounds); LANES.len()];
        for round in 0..rounds {
            for step in 0..LANES.len() {
                let turn = if round % 2 == 0 {
                    step
                } else {
                    LANES.len() - 1 - step
                };
                if let Some((lane, times)) = LANES.get(turn).zip(times.get_mut(turn)) {
                    times.push(lane.round(&orders)?);
                }
            }
        }
        let ratio = |over: &str, under: &str| {
            let of = |name| LANES.iter().position(|lane| lane.name == name);
            let pairs = of(over).zip(of(under)).map(|(over, under)| {
                let pairs = times.get(over).zip(times.get(under));
                pairs.map_or(Vec::new(), |(over, under)| {
                    over.iter()
                        .zip(under)
                        .map(|(over, under)| over / under)
                        .collect()
                })
            });
            spread(pairs.unwrap_or_default())
        };
        Ok(Slowdown {
            short_sale_ratio: ratio("list", "without-short-sale"),
            list_ratio: ratio("list", "nothing"),
            null_ratio: ratio("list", "list-again"),
            order_ns: times.iter().cloned().map(spread).collect(),
            instructions: LANES
                .iter()
                .map(|lane| if is_quick { None } else { counted(lane) })
                .collect(),
            central_hop_us: hop::median_us(if is_quick { 200 } else { 20_000 })
                .map_err(|error| format!("no hop over loopback: {error}"))?,
        })
    }

    /// Whether the figures do not count.
    #[must_use]
    pub fn is_void(&self) -> bool {
        (self.null_ratio.median - 1.0).abs() > NULL_LANE_SLACK
    }

    /// How many times slower an order with a check at the market's centre is.
    #[must_use]
    pub fn central_ratio(&self) -> f64 {
        let median = |name| {
            let index = LANES.iter().position(|lane| lane.name == name);
            let found = index.and_then(|index| self.order_ns.get(index));
            found.map_or(f64::NAN, |quartiles| quartiles.median)
        };
        (median("list") + 1_000.0 * self.central_hop_us) / median("nothing")
    }

    /// The object that programs read.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rounded = |value: f64| (value * 10_000.0).round() / 10_000.0;
        let lanes = LANES.iter().zip(&self.order_ns);
        let counts = LANES.iter().zip(&self.instructions);
        json!({
            "short_sale_ratio": rounded(self.short_sale_ratio.median),
            "list_ratio": rounded(self.list_ratio.median),
            "null_ratio": rounded(self.null_ratio.median),
            "order_ns": lanes
                .map(|(lane, ns)| (lane.name.to_owned(), json!(rounded(ns.median))))
                .collect::<serde_json::Map<String, Value>>(),
            "instructions_per_order": counts
                .map(|(lane, count)| (lane.name.to_owned(), json!(count)))
                .collect::<serde_json::Map<String, Value>>(),
            "central_hop_us": rounded(self.central_hop_us),
            "central_ratio": rounded(self.central_ratio()),
            "void": self.is_void(),
        })
    }

    /// The same for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let figure = |told: &Quartiles| {
            let Quartiles { low, median, high } = told;
            format!("{median:.4} ({low:.4} to {high:.4})")
        };
        let mut text = String::from("lane                  ns an order  instructions\n");
        for ((lane, ns), count) in LANES.iter().zip(&self.order_ns).zip(&self.instructions) {
            let count = count.map_or("-".to_owned(), |count| count.to_string());
            text.push_str(&format!(
                "{:<20} {:>12.1} {count:>13}\n",
                lane.name, ns.median
            ));
        }
        text.push_str(&format!(
            "short-sale check on / off  {}\nwhole list on / off        {}\n\
             null lane                  {}{}\n\
             a check one hop away       {:.1} us: {:.1} times slower\n",
            figure(&self.short_sale_ratio),
            figure(&self.list_ratio),
            figure(&self.null_ratio),
            if self.is_void() { ", VOID" } else { "" },
            self.central_hop_us,
            self.central_ratio(),
        ));
        text
    }
}

/// Quartiles; no numbers where there are no values.
fn spread(mut values: Vec<f64>) -> Quartiles {
    quartiles(&mut values).unwrap_or(Quartiles {
        low: f64::NAN,
        median: f64::NAN,
        high: f64::NAN,
    })
}

fn counted(lane: &Lane) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let [few, many] = COUNTED
        .map(|rounds| under_callgrind(&program, &["--alone", lane.name, &rounds.to_string()]).ok());
    let [few_rounds, many_rounds] = COUNTED;
    let orders = (many_rounds - few_rounds) * MESSAGES as u64;
    Some(many?.saturating_sub(few?) / orders)
}
