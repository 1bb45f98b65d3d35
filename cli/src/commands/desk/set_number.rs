//! One sequence number of one session.

use clap::{Args, ValueEnum};

use super::{Place, Why, ask};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct SetNumber {
    #[command(flatten)]
    place: Place,
    /// TargetCompID(56) of the session, or SENDER/TARGET.
    #[arg(long, value_name = "NAME")]
    session: String,
    /// in: the next number expected from the member; out: the next sent to him.
    #[arg(long, value_enum)]
    direction: Direction,
    /// What it is to be.
    #[arg(long, value_name = "N")]
    number: u64,
    #[command(flatten)]
    why: Why,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Direction {
    In,
    Out,
}

impl SetNumber {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        let number = self.number.to_string();
        let direction = match self.direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let mut words = vec![
            ("session", self.session.as_str()),
            ("direction", direction),
            ("number", &number),
        ];
        words.extend(self.why.words());
        ask(&self.place, "set-number", &words)
    }
}
