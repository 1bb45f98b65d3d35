//! What is measured, from the command line.

use clap::Parser;

use crate::wire::command::{RunOptions, count};

/// How long is a gateway away that was killed?
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "restart")]
pub struct Options {
    /// What every such program can be asked for.
    #[command(flatten)]
    pub run: RunOptions,
    /// Records that the long day's journal has at least.
    #[arg(long, value_name = "N", value_parser = count::<u64>)]
    #[arg(default_value = "10000000", default_value_if("quick", "true", "40000"))]
    pub records: u64,
    /// Restarts of each lane; of those that read the whole day 3 at most.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "7", default_value_if("quick", "true", "2"))]
    pub rounds: usize,
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
        Options::try_parse_from([&["restart"], arguments].concat())
    }

    #[test]
    fn what_is_asked_for_is_understood_and_the_rest_is_named() {
        let told = parse(&["--quick", "--records", "70"]).unwrap();
        assert!(told.run.is_quick && !told.run.is_json);
        assert_eq!((told.records, told.rounds), (70, 2));
        let full = parse(&[]).unwrap();
        assert_eq!(
            (full.records, full.rounds),
            (10_000_000, 7),
            "what is promised"
        );
        for (arguments, word) in [
            (&["--records", "0"][..], "--records"),
            (&["--rounds"], "--rounds"),
            (&["--nonsense", "1"], "--nonsense"),
        ] {
            assert!(parse(arguments).unwrap_err().to_string().contains(word));
        }
    }
}
