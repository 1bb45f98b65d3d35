//! The tables of a running gateway.

use clap::Args;

use super::{Place, Why, ask};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct Tables {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    why: Why,
}

impl Tables {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        ask(&self.place, "tables", &self.why.words())
    }
}
