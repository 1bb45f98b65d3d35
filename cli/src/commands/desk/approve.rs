//! A held order that may leave.

use clap::Args;

use super::{Place, Why, ask};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct Approve {
    /// OrderID(37) of the held order, as its member and `capture show` have it.
    #[arg(value_name = "ORDER-ID")]
    order: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    why: Why,
}

impl Approve {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        let mut words = vec![("order", self.order.as_str())];
        words.extend(self.why.words());
        ask(&self.place, "approve", &words)
    }
}
