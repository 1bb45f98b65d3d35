//! The sessions of a running gateway: shown, and their list read again.

use clap::Args;

use super::{Place, Why, ask};
use crate::exit::{Exit, Failure};

#[derive(Debug, Args)]
pub(super) struct Status {
    #[command(flatten)]
    place: Place,
    /// TargetCompID(56) of one session, or SENDER/TARGET; without it all of them.
    #[arg(long, value_name = "NAME")]
    session: Option<String>,
}

impl Status {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        let session = self.session.as_deref();
        let words = session.map(|name| ("session", name));
        ask(&self.place, "status", words.as_slice())
    }
}

#[derive(Debug, Args)]
pub(super) struct Reload {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    why: Why,
}

impl Reload {
    pub(super) fn ask(&self) -> Result<Exit, Failure> {
        ask(&self.place, "reload", &self.why.words())
    }
}
