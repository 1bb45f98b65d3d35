//! What is measured, from the command line.

/// What `--help` says.
pub const USAGE: &str = "\
usage: restart [--json] [--quick] [--records N] [--rounds N] [--gateway PATH] [--dir PATH]

  --json      one JSON object per lane on the standard output
  --quick     a short day and few rounds, to see that it runs and that every answer is right
  --records   records that the long day's journal has at least (10000000)
  --rounds    restarts of each lane (7; of those that read the whole day 3 at most)
  --gateway   the gateway's program; otherwise it is built and taken from beside this program
  --dir       where the gateways have their folders; the default is the system's temporary folder
";

/// Everything that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// JSON on the standard output.
    pub is_json: bool,
    /// Too short for its figures to mean anything.
    pub is_quick: bool,
    /// Records of the long day.
    pub records: u64,
    /// Restarts of each lane.
    pub rounds: usize,
    /// The gateway's program.
    pub gateway: Option<String>,
    /// Where the folders are.
    pub dir: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            is_json: false,
            is_quick: false,
            records: 10_000_000,
            rounds: 7,
            gateway: None,
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
                    (options.records, options.rounds) = (40_000, 2);
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
            let count = value.parse::<u32>().ok().filter(|&count| count > 0);
            count.ok_or(format!("{key} {value}: not a count above zero"))
        };
        match key {
            "--records" => self.records = count()?.into(),
            "--rounds" => self.rounds = count()? as usize,
            "--gateway" => self.gateway = Some(value.to_owned()),
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
        let told = parse(&["--json", "--quick", "--records", "70"]);
        let told = told.unwrap().unwrap();
        assert!(told.is_quick && told.is_json);
        assert_eq!((told.records, told.rounds), (70, 2));
        assert_eq!(parse(&["--help"]), Ok(None));
        let full = parse(&[]).unwrap().unwrap();
        assert_eq!(full.records, 10_000_000, "what is promised");
        for (arguments, word) in [
            (&["--records", "0"][..], "--records"),
            (&["--rounds"], "--rounds"),
            (&["--mode", "fast"], "--mode"),
        ] {
            assert!(parse(arguments).unwrap_err().contains(word));
        }
    }
}
