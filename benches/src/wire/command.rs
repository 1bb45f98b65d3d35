//! What the programs over the wire have in common: what they can be asked for, how they begin, and
//! how they tell what came of it.

use core::fmt::Display;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser};
use gwanmun_runtime::signals::Termination;

use super::gateway::Program;
use super::{Fault, program};

const WRONG: u8 = 1;
const HOST: u8 = 4;

/// What each of them can be asked for.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// One JSON object per lane on the standard output.
    #[arg(long = "json")]
    pub is_json: bool,
    /// So short that the figures mean nothing: to see that it runs and that every answer is right.
    #[arg(long = "quick", id = "quick")]
    pub is_quick: bool,
    /// The gateway's program; otherwise it is built and taken from beside this program.
    #[arg(long, value_name = "PATH")]
    pub gateway: Option<String>,
    /// Where lanes have their folders; the default is the system's temporary folder.
    #[arg(long, value_name = "PATH")]
    pub dir: Option<PathBuf>,
}

/// What came of a run.
pub trait Answer {
    /// Whether every answer was right, be the figures void or not.
    fn is_right(&self) -> bool;
    /// One JSON object for each lane.
    fn to_json_lines(&self) -> String;
    /// The same for people.
    fn to_text(&self) -> String;
}

/// Where a run takes place.
pub struct Place<'p> {
    /// A folder that is gone afterwards.
    pub folder: &'p Path,
    /// The gateway's command.
    pub gateway: &'p Program,
    /// Whether a signal has asked for the end.
    pub is_asked: &'p dyn Fn() -> bool,
}

/// A program from its arguments to its exit code: 0 when every answer was right, 1 when one was
/// not, 2 when the command line is not understood, 4 when it could not begin.
///
/// `begins` says in words what is about to be measured.
pub fn main<O: Parser + AsRef<RunOptions>, A: Answer>(
    begins: impl FnOnce(&O) -> String,
    measure: impl FnOnce(&O, &Place<'_>) -> Result<A, Fault>,
) -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some([mode, words @ ..]) = arguments.get(1..)
        && mode == program::EXEC
    {
        return told(program::become_program(words));
    }
    let options = match O::try_parse_from(arguments.into_iter().map(OsString::from)) {
        Ok(options) => options,
        Err(error) => return not_understood(&error),
    };
    match measured::<O, A>(&options, &begins(&options), measure) {
        Ok(answer) => {
            say(&answer.to_text());
            if options.as_ref().is_json {
                let _ = std::io::stdout().write_all(answer.to_json_lines().as_bytes());
            }
            if answer.is_right() {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(WRONG)
            }
        }
        Err(fault) => told(Err(fault)),
    }
}

/// A mode of such a program, `words` behind its name: what it has to be asked for, and its run.
pub fn mode<M: Parser>(words: &[String], run: impl FnOnce(M) -> Result<(), Fault>) -> ExitCode {
    match M::try_parse_from(words) {
        Ok(asked) => told(run(asked)),
        Err(error) => not_understood(&error),
    }
}

fn not_understood(error: &clap::Error) -> ExitCode {
    // Help goes to the standard output, a mistake to the standard error.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(WRONG))
}

/// The exit code of a mode that only works or does not.
fn told(outcome: Result<(), Fault>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            say(&format!("{fault}\n"));
            ExitCode::from(HOST)
        }
    }
}

/// Says something to whoever watches.
pub fn say(text: &str) {
    // Without a standard error there is nobody to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// A number of things, at least one.
///
/// # Errors
/// Anything else, in words.
pub fn count<N: TryFrom<u32>>(text: &str) -> Result<N, String>
where
    N::Error: Display,
{
    let count = text.parse::<u32>().ok().filter(|&count| count > 0);
    let count = count.ok_or_else(|| "not a count above zero".to_owned())?;
    N::try_from(count).map_err(|error| error.to_string())
}

/// A folder that is gone when the run is over.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn measured<O: Parser + AsRef<RunOptions>, A>(
    options: &O,
    begins: &str,
    measure: impl FnOnce(&O, &Place<'_>) -> Result<A, Fault>,
) -> Result<A, Fault> {
    let run = options.as_ref();
    let stop = Termination::on_signals();
    let stop = stop.map_err(|errno| Fault::new(format!("no signal handler: {errno:?}")))?;
    let under = run.dir.clone().unwrap_or_else(std::env::temp_dir);
    let name = format!("gwanmun-{}-{}", O::command().get_name(), std::process::id());
    let folder = Folder(under.join(name));
    fs::create_dir_all(&folder.0)?;
    let gateway = program::gateway(run.gateway.as_deref())?;
    say(&format!(
        "gateway: {}\n{begins}{}\n",
        gateway.0.get(2).map_or("", String::as_str),
        if run.is_quick {
            ": a quick run, whose figures mean nothing"
        } else {
            ""
        }
    ));
    let place = Place {
        folder: &folder.0,
        gateway: &gateway,
        is_asked: &|| stop.is_asked(),
    };
    measure(options, &place)
}
