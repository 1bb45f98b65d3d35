//! What is raced, from the command line.

use clap::Parser;

use crate::wire::command::{RunOptions, count};
use crate::wire::gateway::Program;
use crate::wire::placement::Fifo;

/// How much longer does an order take through the gateway than through three loopback hops?
///
/// `wire-race forwarder --listen ADDRESS --venue ADDRESS [--yield]` is the reference's own mode.
#[derive(Clone, Debug, PartialEq, Eq, Parser)]
#[command(name = "wire-race")]
pub struct Options {
    /// What every such program can be asked for.
    #[command(flatten)]
    pub run: RunOptions,
    /// Turns of each lane.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "150", default_value_if("quick", "true", "4"))]
    pub blocks: usize,
    /// Measured messages of a turn.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "500", default_value_if("quick", "true", "50"))]
    pub measured: usize,
    /// Messages before them.
    #[arg(long, value_name = "N", value_parser = count::<usize>)]
    #[arg(default_value = "80", default_value_if("quick", "true", "10"))]
    pub unmeasured: usize,
    /// These of the built-in lanes alone, besides the forwarder.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub lanes: Option<Vec<String>>,
    /// One more lane: a program of your own. {listen}, {venue}, {feed} and {config} in its command
    /// are filled in. With {feed} or {config} it is a gateway (FIX to OUCH), without them it
    /// passes bytes on.
    #[arg(long = "lane", value_name = "NAME:COMMAND ...", value_parser = program)]
    pub programs: Vec<(String, Program)>,
    /// A gateway that asks no check, as a lane `gateway-unchecked`; then no order of any lane is
    /// one that a check has to refuse. Built by RUSTFLAGS="--cfg gwanmun_unchecked" cargo build
    /// --release -p gwanmun-host --target-dir FOLDER.
    #[arg(long, value_name = "PATH")]
    pub unchecked: Option<String>,
    /// Whose spinning thread is given SCHED_FIFO.
    #[arg(long, value_enum, default_value = "harness")]
    pub fifo: Fifo,
    /// A run that takes longer has failed.
    #[arg(long, value_name = "N", value_parser = count::<u64>, default_value = "1800")]
    pub seconds_max: u64,
}

impl AsRef<RunOptions> for Options {
    fn as_ref(&self) -> &RunOptions {
        &self.run
    }
}

/// `NAME:COMMAND`, the command in words between blanks.
fn program(value: &str) -> Result<(String, Program), String> {
    let (name, command) = value
        .split_once(':')
        .ok_or_else(|| "NAME:COMMAND is expected".to_owned())?;
    let program = Program(command.split_whitespace().map(str::to_owned).collect());
    let is_gateway = program.has("{config}") || program.has("{feed}");
    let is_forwarder = program.has("{listen}") && program.has("{venue}");
    if !is_gateway && !is_forwarder {
        return Err(format!(
            "{name}: a command that has neither {{config}} nor {{listen}} and {{venue}}"
        ));
    }
    Ok((name.to_owned(), program))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from([&["wire-race"], arguments].concat())
    }

    #[test]
    fn what_is_asked_for_is_understood() {
        let lane = "mine:/bin/x --on {listen} --to {venue}";
        let told = parse(&["--json", "--quick", "--blocks", "9", "--lane", lane]).unwrap();
        assert!(told.run.is_json && told.run.is_quick);
        assert_eq!((told.blocks, told.measured), (9, 50));
        assert_eq!(told.programs[0].0, "mine");
        assert!(!told.programs[0].1.has("{feed}"));
        // Tails are promised over 60,000 samples, refused orders not counted.
        let full = parse(&[]).unwrap();
        assert!(full.blocks * full.measured * 99 / 100 >= 60_000);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (arguments, word) in [
            (&["--blocks", "0"][..], "--blocks"),
            (&["--blocks"], "--blocks"),
            (&["--fifo", "all"], "all"),
            (&["--nonsense", "1"], "--nonsense"),
            (&["--lane", "nameless"], "NAME:COMMAND"),
            (&["--lane", "a:/bin/x {venue}"], "{listen}"),
        ] {
            let error = parse(arguments).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
