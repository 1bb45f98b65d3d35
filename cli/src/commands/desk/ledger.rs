//! What may be sold: loans, transfers, recalls, the balance, and which loans are asked for.

use clap::{Args, ValueEnum};

use super::{Place, Why, ask};
use crate::exit::{Exit, Failure};

/// Of what, and for whom.
#[derive(Debug, Args)]
struct Of {
    /// Account(1).
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    /// Symbol(55).
    #[arg(long, value_name = "SYMBOL")]
    symbol: String,
}

impl Of {
    fn words(&self) -> [(&str, &str); 2] {
        [("account", &self.account), ("symbol", &self.symbol)]
    }
}

#[derive(Debug, Args)]
pub(super) struct Change {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    of: Of,
    /// Shares.
    #[arg(long, value_name = "N")]
    quantity: u64,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Args)]
pub(super) struct DirectedChange {
    /// in: it may be sold from here on; out: it may not any more.
    #[arg(long, value_enum)]
    direction: Direction,
    #[command(flatten)]
    change: Change,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Direction {
    In,
    Out,
}

#[derive(Debug, Args)]
pub(super) struct Balance {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
pub(super) struct Borrows {
    #[command(flatten)]
    place: Place,
}

impl Change {
    pub(super) fn ask(&self, verb: &str) -> Result<Exit, Failure> {
        self.ask_with(verb, None)
    }

    fn ask_with(&self, verb: &str, direction: Option<&str>) -> Result<Exit, Failure> {
        let quantity = self.quantity.to_string();
        let mut words = self.of.words().to_vec();
        words.extend(direction.map(|direction| ("direction", direction)));
        words.push(("quantity", &quantity));
        words.extend(self.why.words());
        ask(&self.place, verb, &words)
    }
}

impl DirectedChange {
    pub(super) fn ask(&self, verb: &str) -> Result<Exit, Failure> {
        let direction = match self.direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        self.change.ask_with(verb, Some(direction))
    }
}

impl Balance {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        ask(&self.place, "balance", &self.of.words())
    }
}

impl Borrows {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        ask(&self.place, "borrows", &[])
    }
}
