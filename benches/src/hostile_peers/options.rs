//! What is measured, from the command line.

use crate::wire::placement::Fifo;

/// What `--help` says.
pub const USAGE: &str = "\
usage: hostile-peers [--json] [--quick] [--blocks N] [--ticks N] [--lanes NAME,...]
                     [--gateway PATH] [--fifo none|harness|both] [--dir PATH]

  --json      one JSON object per lane on the standard output
  --quick     short turns, to see that it runs and that every answer is right
  --blocks    turns of each lane (4)
  --ticks     half milliseconds of a turn, each with one ping (2400)
  --lanes     these lanes alone, besides those that they are held against
  --gateway   the gateway's program; otherwise it is built and taken from beside this program
  --fifo      whose spinning thread is given SCHED_FIFO (harness)
  --dir       where the gateway has its folder; the default is the system's temporary folder
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
    /// Ticks of a turn.
    pub ticks: usize,
    /// Lanes to run; all of them where nothing was said.
    pub lanes: Option<Vec<String>>,
    /// The gateway's program.
    pub gateway: Option<String>,
    /// Who gets SCHED_FIFO.
    pub fifo: Fifo,
    /// Where the folder is.
    pub dir: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            is_json: false,
            is_quick: false,
            blocks: 4,
            ticks: 2_400,
            lanes: None,
            gateway: None,
            fifo: Fifo::Harness,
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
                    (options.blocks, options.ticks) = (2, 300);
                }
                key => {
                    let value = rest.next();
                    let value = value.ok_or(format!("{key}: unknown, or without value"))?;
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
            "--ticks" => self.ticks = count()?,
            "--lanes" => self.lanes = Some(value.split(',').map(str::to_owned).collect()),
            "--gateway" => self.gateway = Some(value.to_owned()),
            "--fifo" => {
                self.fifo = match value {
                    "none" => Fifo::None,
                    "harness" => Fifo::Harness,
                    "both" => Fifo::Both,
                    other => return Err(format!("--fifo {other}: none, harness or both")),
                }
            }
            "--dir" => self.dir = Some(value.to_owned()),
            unknown => return Err(format!("{unknown}: unknown")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Option<Options>, String> {
        let arguments: Vec<String> = arguments.iter().map(|&word| word.to_owned()).collect();
        Options::parse(&arguments)
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
        ]);
        let told = told.unwrap().unwrap();
        assert!(told.is_json && told.is_quick);
        assert_eq!((told.blocks, told.ticks), (2, 70));
        assert_eq!(told.lanes.unwrap(), ["scan", "burst"]);
        assert_eq!(parse(&["--help"]), Ok(None));
        let full = parse(&[]).unwrap().unwrap();
        assert!(full.blocks * full.ticks >= 2_000, "pings that are promised");
        for (arguments, word) in [
            (&["--blocks", "0"][..], "--blocks"),
            (&["--blocks"], "--blocks"),
            (&["--nonsense", "1"], "--nonsense"),
        ] {
            assert!(parse(arguments).unwrap_err().contains(word));
        }
    }
}
