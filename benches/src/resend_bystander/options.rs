//! What is measured, from the command line.

/// What `--help` says.
pub const USAGE: &str = "\
usage: resend-bystander [--json] [--quick] [--reports N] [--blocks N] [--ticks N] [--read-kib N]
                        [--gateway PATH] [--mode memory|durable] [--no-fifo] [--dir PATH]

  --json      one JSON object per lane on the standard output
  --quick     a short day and short turns, to see that it runs and that every answer is right
  --reports   messages of the day that are asked for again, all by one request (1000000)
  --blocks    turns of each lane (3)
  --ticks     half milliseconds of a turn at least, each with one ping (2400)
  --read-kib  KiB that the member reads in half a millisecond (32: 512 Mbit/s)
  --gateway   the gateway's program; otherwise it is built and taken from beside this program
  --mode      the journal's mode (memory)
  --no-fifo   the harness's thread is not given SCHED_FIFO
  --dir       where the gateway has its folder; the default is the system's temporary folder
";

/// Everything that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// JSON on the standard output.
    pub is_json: bool,
    /// Too short for its figures to mean anything.
    pub is_quick: bool,
    /// Messages of the day.
    pub reports: u64,
    /// Turns of each lane.
    pub blocks: usize,
    /// Least ticks of a turn.
    pub ticks: usize,
    /// Most bytes read in a tick.
    pub read_bytes: usize,
    /// The gateway's program.
    pub gateway: Option<String>,
    /// `[journal] mode`.
    pub mode: &'static str,
    /// Whether the harness asks for SCHED_FIFO.
    pub has_fifo: bool,
    /// Where the folder is.
    pub dir: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            is_json: false,
            is_quick: false,
            reports: 1_000_000,
            blocks: 3,
            ticks: 2_400,
            read_bytes: 32 << 10,
            gateway: None,
            mode: "memory",
            has_fifo: true,
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
                "--no-fifo" => options.has_fifo = false,
                "--quick" => {
                    options.is_quick = true;
                    (options.reports, options.blocks, options.ticks) = (20_000, 2, 300);
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
            "--reports" => self.reports = count()?.into(),
            "--blocks" => self.blocks = count()? as usize,
            "--ticks" => self.ticks = count()? as usize,
            "--read-kib" => self.read_bytes = (count()? as usize) << 10,
            "--gateway" => self.gateway = Some(value.to_owned()),
            "--dir" => self.dir = Some(value.to_owned()),
            "--mode" => {
                self.mode = match value {
                    "memory" => "memory",
                    "durable" => "durable",
                    other => return Err(format!("--mode {other}: memory or durable")),
                }
            }
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
        let told = parse(&["--quick", "--reports", "70", "--mode", "durable"]);
        let told = told.unwrap().unwrap();
        assert!(told.is_quick && !told.is_json);
        assert_eq!((told.reports, told.mode), (70, "durable"));
        assert_eq!(parse(&["-h"]), Ok(None));
        let full = parse(&[]).unwrap().unwrap();
        assert!(
            full.ticks >= 2_000 && full.reports == 1_000_000,
            "what is promised"
        );
        for (arguments, word) in [
            (&["--reports", "0"][..], "--reports"),
            (&["--mode", "fast"], "--mode"),
            (&["--blocks"], "--blocks"),
        ] {
            assert!(parse(arguments).unwrap_err().contains(word));
        }
    }
}
