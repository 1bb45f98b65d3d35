//! What is measured, from the command line.

use clap::Parser;

use crate::wire::command::{RunOptions, count};
use crate::wire::placement::Fifo;

/// What does a member notice while hostile peers, a burst or a hot symbol are at work?
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "hostile-peers")]
pub struct Options {
    /// What every such program can be asked for.
    #[command(flatten)]
    pub run: RunOptions,
    /// Turns of each lane.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "4", default_value_if("quick", "true", "2"))]
    pub blocks: usize,
    /// Half milliseconds of a turn, each with one ping.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "2400", default_value_if("quick", "true", "300"))]
    pub ticks: usize,
    /// These lanes alone, besides those that they are held against.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub lanes: Option<Vec<String>>,
    /// Whose spinning thread is given SCHED_FIFO.
    #[arg(long, value_enum, default_value = "harness")]
    pub fifo: Fifo,
}

impl AsRef<RunOptions> for Options {
    fn as_ref(&self) -> &RunOptions {
        &self.run
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["hostile-peers"], arguments].concat())
    }

    #[test]
    fn what_is_asked_for_is_understood_and_the_rest_is_named() {
        let told = parse(&[
            "--json",
            "--quick",
            "--ticks",
            "70",
            "--lanes",
            "scan,burst",
        ])
        .unwrap();
        assert!(told.run.is_json && told.run.is_quick);
        assert_eq!((told.blocks, told.ticks), (2, 70));
        assert_eq!(told.lanes.unwrap(), ["scan", "burst"]);
        let full = parse(&[]).unwrap();
        assert!(full.blocks * full.ticks >= 2_000, "pings that are promised");
        for (arguments, word) in [
            (&["--blocks", "0"][..], "--blocks"),
            (&["--blocks"], "--blocks"),
            (&["--nonsense", "1"], "--nonsense"),
        ] {
            assert!(parse(arguments).unwrap_err().to_string().contains(word));
        }
    }
}
