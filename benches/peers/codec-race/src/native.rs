//! Our lanes compiled for this machine, in a process of their own that is driven over a pipe.
//!
//! The program `ours-native` of `race-ours` is built on demand with `-C target-cpu=native` into a
//! target folder of its own, so that no other build is made anew. It runs on the same core as the
//! race and takes its turns there: while it computes, the race waits on the pipe.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;

use race_ours::level::{Entrant, Lane, Work};

/// Its name in the race.
pub const NAME: &str = "ours-native";

/// The running program.
pub struct Native {
    child: Child,
    into: Option<ChildStdin>,
    out: BufReader<ChildStdout>,
}

impl Native {
    /// Builds and starts it.
    ///
    /// # Errors
    /// What kept it from being built or started, in words.
    pub fn start() -> Result<Rc<RefCell<Native>>, String> {
        let program = build()?;
        let mut child = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let (Some(into), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        Ok(Rc::new(RefCell::new(Native {
            child,
            into: Some(into),
            out: BufReader::new(out),
        })))
    }

    /// Sends a line and gives the answer.
    fn ask(&mut self, line: &str) -> Result<String, String> {
        let into = self.into.as_mut().ok_or("it has ended")?;
        let mut answer = String::new();
        writeln!(into, "{line}")
            .and_then(|()| into.flush())
            .and_then(|()| self.out.read_line(&mut answer))
            .map_err(|error| error.to_string())?;
        match answer.trim_end().strip_prefix("error ") {
            Some(reason) => Err(reason.to_owned()),
            None if answer.is_empty() => Err("it has ended".to_owned()),
            None => Ok(answer.trim_end().to_owned()),
        }
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        // It ends with its input.
        self.into = None;
        let _ = self.child.wait();
    }
}

/// Its lane at a level and a set.
#[must_use]
pub fn entrant(native: &Result<Rc<RefCell<Native>>, String>, level: &str, set: &str) -> Entrant {
    match native {
        Err(reason) => Entrant::left_out(NAME, reason.clone()),
        Ok(native) => Entrant::Lane(Lane::new(
            NAME,
            Remote {
                native: Rc::clone(native),
                name: format!("{level} {set}"),
            },
        )),
    }
}

struct Remote {
    native: Rc<RefCell<Native>>,
    name: String,
}

impl Work for Remote {
    fn check(&mut self) -> Result<(), String> {
        self.native
            .borrow_mut()
            .ask(&format!("{} 0", self.name))
            .map(drop)
    }

    fn pass(&mut self) -> Result<u64, String> {
        self.time(1).map(|(_, answer)| answer)
    }

    fn time(&mut self, passes: u32) -> Result<(u64, u64), String> {
        let answer = self
            .native
            .borrow_mut()
            .ask(&format!("{} {passes}", self.name))?;
        let numbers = answer.split_once(' ').and_then(|(ns, answer)| {
            let ns = ns.parse().ok()?;
            Some((ns, answer.parse().ok()?))
        });
        numbers.ok_or_else(|| format!("it said: {answer}"))
    }
}

fn build() -> Result<PathBuf, String> {
    // The workspace above this package, as it was when this program was built.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = workspace.join("target").join("native");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(&workspace)
        .args([
            "build",
            "--release",
            "--locked",
            "--offline",
            "-p",
            "race-ours",
            "--quiet",
        ])
        .args(["--bin", NAME, "--target-dir"])
        .arg(&target)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", "-C target-cpu=native");
    let output = command
        .output()
        .map_err(|error| format!("no cargo: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.is_empty()).unwrap_or("");
        return Err(format!("it could not be built: {last}"));
    }
    Ok(target.join("release").join(NAME))
}
