//! The peers: one file each, named after the crate.
//!
//! A peer is used as its documentation shows, with objects and buffers reused where it lets them
//! be. Where it has no type for a time or a decimal, the crates that it builds on are taken: chrono
//! and rust_decimal.

#[cfg(feature = "easyfix")]
pub mod easyfix;
pub mod fefix;
pub mod fixlite;
pub mod hotfix;
pub mod ironfix;
#[cfg(feature = "quickfix")]
pub mod quickfix;
pub mod rustyfix;

use std::rc::Rc;

use chrono::{DateTime, NaiveDateTime, Utc};
#[cfg(feature = "easyfix")]
use race_ours::ground::COLD;
use race_ours::ground::Ground;
use race_ours::level::{Entrant, Moment, Number};
use rust_decimal::Decimal;

/// Every peer at a level and a set.
#[must_use]
pub fn entrants(level: &str, set: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    let mut all = Vec::new();
    all.extend(ironfix::entrants(level, set, ground));
    all.extend(fixlite::entrants(level, set, ground));
    all.extend(fefix::entrants(level, set, ground));
    all.extend(rustyfix::entrants(level, set, ground));
    // Its messages are others than the ground's, so it has none that is cold.
    #[cfg(feature = "easyfix")]
    if set != COLD {
        all.extend(easyfix::entrants(level, set));
    }
    all.extend(hotfix::entrants(level, set, ground));
    #[cfg(feature = "quickfix")]
    all.extend(quickfix::entrants(level, set, ground));
    for (name, is_built) in [
        ("easyfix-messages", cfg!(feature = "easyfix")),
        ("quickfix", cfg!(feature = "quickfix")),
    ] {
        if !is_built {
            all.push(Entrant::left_out(name, "built only with its feature"));
        }
    }
    all
}

/// A decimal of rust_decimal.
#[derive(Clone, Copy, Debug)]
pub struct Exact(pub Decimal);

impl Number for Exact {
    fn ten_thousandths(&self) -> i64 {
        let scaled = self.0 * Decimal::from(10_000);
        i64::try_from(scaled.normalize().mantissa()).unwrap_or(i64::MIN)
    }
}

impl Exact {
    /// From ten-thousandths, without zeros at the end.
    #[must_use]
    pub fn of(ten_thousandths: i64) -> Decimal {
        Decimal::new(ten_thousandths, 4).normalize()
    }
}

/// A time of chrono's.
#[derive(Clone, Copy, Debug)]
pub struct Chrono(pub NaiveDateTime);

impl Moment for Chrono {
    fn epoch_ms(&self) -> u64 {
        u64::try_from(self.0.and_utc().timestamp_millis()).unwrap_or(0)
    }
}

/// A moment as chrono has it.
#[must_use]
pub fn utc(ms: u64) -> DateTime<Utc> {
    let ms = i64::try_from(ms).unwrap_or(0);
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// What a peer makes of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// Every field, in the order the peer tells them.
    Fields(Vec<(u32, Vec<u8>)>),
    /// It takes them for no sound message.
    Refused(String),
}
