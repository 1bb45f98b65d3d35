//! What is measured, from the command line.

use clap::Parser;

use crate::wire::command::{RunOptions, count};

/// What does a member notice while another one is resent his whole day?
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "resend-bystander")]
pub struct Options {
    /// What every such program can be asked for.
    #[command(flatten)]
    pub run: RunOptions,
    /// Messages of the day that are asked for again, all by one request.
    #[arg(long, value_name = "N", value_parser = count::<u64>)]
    #[arg(default_value = "1000000", default_value_if("quick", "true", "20000"))]
    pub reports: u64,
    /// Turns of each lane.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "3", default_value_if("quick", "true", "2"))]
    pub blocks: usize,
    /// Half milliseconds of a turn at least, each with one ping.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "2400", default_value_if("quick", "true", "300"))]
    pub ticks: usize,
    /// KiB that the member reads in half a millisecond; 32 are 512 Mbit/s.
    #[arg(long, value_name = "N", value_parser = count::<usize>, default_value = "32")]
    pub read_kib: usize,
    /// The journal's mode.
    #[arg(long, value_name = "memory|durable", value_parser = mode, default_value = "memory")]
    pub mode: &'static str,
    /// The harness's thread is not given SCHED_FIFO.
    #[arg(long)]
    pub no_fifo: bool,
}

fn mode(text: &str) -> Result<&'static str, &'static str> {
    let modes = ["memory", "durable"].into_iter();
    let mut known = modes.filter(|mode| *mode == text);
    known.next().ok_or("memory or durable is expected")
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
        Options::try_parse_from([&["resend-bystander"], arguments].concat())
    }

    #[test]
    fn what_is_asked_for_is_understood_and_the_rest_is_named() {
        let told = parse(&["--quick", "--reports", "70", "--mode", "durable"]).unwrap();
        assert!(told.run.is_quick && !told.run.is_json);
        assert_eq!((told.reports, told.mode), (70, "durable"));
        let full = parse(&[]).unwrap();
        assert!(
            full.ticks >= 2_000 && full.reports == 1_000_000,
            "what is promised"
        );
        for (arguments, word) in [
            (&["--reports", "0"][..], "--reports"),
            (&["--mode", "fast"], "--mode"),
            (&["--blocks"], "--blocks"),
        ] {
            assert!(parse(arguments).unwrap_err().to_string().contains(word));
        }
    }
}
