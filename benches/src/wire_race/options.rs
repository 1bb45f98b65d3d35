//! What is raced, from the command line.

use crate::wire::gateway::Program;
use crate::wire::placement::Fifo;

/// What `--help` says.
pub const USAGE: &str = "\
usage: wire-race [--json] [--quick] [--blocks N] [--measured N] [--unmeasured N]
                 [--lanes NAME,...] [--lane 'NAME:COMMAND ...']... [--gateway PATH]
                 [--fifo none|harness|both] [--seconds-max N] [--dir PATH]
       wire-race forwarder --listen ADDRESS --venue ADDRESS [--yield]

  --json          one JSON object per lane on the standard output
  --quick         a few turns, to see that it runs and that every answer is right
  --blocks        turns of each lane (150)
  --measured      measured messages of a turn (500)
  --unmeasured    messages before them (80)
  --lanes         these of the built-in lanes alone, besides the forwarder
  --lane          one more lane: a program of your own. {listen}, {venue}, {feed} and {config} in
                  its command are filled in. With {feed} or {config} it is a gateway (FIX to OUCH),
                  without them it passes bytes on.
  --gateway       the gateway of the built-in lanes; otherwise it is built and taken from beside
                  this program
  --fifo          whose spinning thread is given SCHED_FIFO (harness)
  --seconds-max   a run that takes longer has failed (1800)
  --dir           where lanes have their folders; the default is the system's temporary folder
";

/// Everything that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// JSON on the standard output.
    pub is_json: bool,
    /// Too short for its figures to mean anything.
    pub is_quick: bool,
    /// Turns of each lane.
    pub blocks: usize,
    /// Measured messages of a turn.
    pub measured: usize,
    /// Messages before them.
    pub unmeasured: usize,
    /// Built-in lanes to run; all of them where nothing was said.
    pub lanes: Option<Vec<String>>,
    /// Lanes of programs named on the command line.
    pub programs: Vec<(String, Program)>,
    /// The gateway's program.
    pub gateway: Option<String>,
    /// Who gets SCHED_FIFO.
    pub fifo: Fifo,
    /// Longest run.
    pub seconds_max: u64,
    /// Where lanes have their folders.
    pub dir: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            is_json: false,
            is_quick: false,
            blocks: 150,
            measured: 500,
            unmeasured: 80,
            lanes: None,
            programs: Vec::new(),
            gateway: None,
            fifo: Fifo::Harness,
            seconds_max: 1_800,
            dir: None,
        }
    }
}

impl Options {
    /// Reads the arguments behind the program's name. `None`: help is asked for.
    ///
    /// # Errors
    /// The argument that is not understood.
    pub fn parse(arguments: &[String]) -> Result<Option<Options>, String> {
        let mut options = Options::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--json" => options.is_json = true,
                "--quick" => {
                    options.is_quick = true;
                    (options.blocks, options.measured, options.unmeasured) = (4, 50, 10);
                }
                key => {
                    let value = rest
                        .next()
                        .ok_or(format!("{key}: unknown, or without value"))?;
                    options.set(key, value)?;
                }
            }
        }
        Ok(Some(options))
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let count = || {
            let count = value.parse().ok().filter(|&count| count > 0);
            count.ok_or(format!("{key} {value}: not a count above zero"))
        };
        match key {
            "--blocks" => self.blocks = count()?,
            "--measured" => self.measured = count()?,
            "--unmeasured" => self.unmeasured = count()?,
            "--seconds-max" => self.seconds_max = count()? as u64,
            "--lanes" => self.lanes = Some(value.split(',').map(str::to_owned).collect()),
            "--lane" => self.programs.push(program(value)?),
            "--gateway" => self.gateway = Some(value.to_owned()),
            "--dir" => self.dir = Some(value.to_owned()),
            "--fifo" => {
                self.fifo = match value {
                    "none" => Fifo::None,
                    "harness" => Fifo::Harness,
                    "both" => Fifo::Both,
                    other => return Err(format!("--fifo {other}: none, harness or both")),
                }
            }
            unknown => return Err(format!("{unknown}: unknown")),
        }
        Ok(())
    }
}

/// `NAME:COMMAND`, the command in words between blanks.
fn program(value: &str) -> Result<(String, Program), String> {
    let (name, command) = value
        .split_once(':')
        .ok_or(format!("--lane {value}: NAME:COMMAND is expected"))?;
    let program = Program(command.split_whitespace().map(str::to_owned).collect());
    let is_gateway = program.has("{config}") || program.has("{feed}");
    let is_forwarder = program.has("{listen}") && program.has("{venue}");
    if !is_gateway && !is_forwarder {
        return Err(format!(
            "--lane {name}: a command that has neither {{config}} nor {{listen}} and {{venue}}"
        ));
    }
    Ok((name.to_owned(), program))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Option<Options>, String> {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        Options::parse(&arguments)
    }

    #[test]
    fn what_is_asked_for_is_understood() {
        let lane = "mine:/bin/x --on {listen} --to {venue}";
        let told = parse(&["--json", "--quick", "--blocks", "9", "--lane", lane]);
        let told = told.unwrap().unwrap();
        assert!(told.is_json && told.is_quick);
        assert_eq!((told.blocks, told.measured), (9, 50));
        assert_eq!(told.programs[0].0, "mine");
        assert!(!told.programs[0].1.has("{feed}"));
        assert_eq!(parse(&["--help"]), Ok(None));
        assert_eq!(parse(&[]), Ok(Some(Options::default())));
        // Tails are promised over 60,000 samples, refused orders not counted.
        let full = Options::default();
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
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
