//! A program that is raced: a child process that is stopped while others have their turn.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use super::Fault;
use super::placement::involuntary_switches;
use super::watch::{Watch, rest_us};

/// How much of what a child said is told when it fails.
const SAID_BYTES_MAX: usize = 600;
/// Share of a core above which a thread counts as busy.
const BUSY_PERCENT: u64 = 5;
/// Looks at a busy thread before it is taken as it is.
const LOOKS_MAX: u32 = 400;
/// Waits for its end before it is killed: a gateway still copies and renders what it has.
const WAITS_MAX: u32 = 6;
/// Between two looks: longer than a capture thread rests.
const LOOK_US: u64 = 150_000;

/// The child. Dropping it ends it.
pub struct Child {
    process: std::process::Child,
    pid: Pid,
    said: PathBuf,
    is_paused: bool,
    ended: Option<ExitStatus>,
}

impl Child {
    /// Starts a program whose output goes to the file `said`.
    ///
    /// # Errors
    /// The file cannot be made or the program cannot be run.
    pub fn start(command: &mut Command, said: &Path) -> Result<Child, Fault> {
        let out = File::create(said)?;
        let program = command.get_program().to_string_lossy().into_owned();
        command
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        let process = command
            .spawn()
            .map_err(|error| Fault::new(format!("{program} cannot be run: {error}")))?;
        let pid = i32::try_from(process.id()).ok().and_then(Pid::from_raw);
        Ok(Child {
            process,
            pid: pid.ok_or_else(|| Fault::new("a process without a number"))?,
            said: said.to_path_buf(),
            is_paused: false,
            ended: None,
        })
    }

    /// Its number.
    #[must_use]
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// Everything it said so far.
    #[must_use]
    pub fn said(&self) -> String {
        let bytes = fs::read(&self.said).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.process.try_wait().ok().flatten();
        }
        self.ended
    }

    /// Nothing while it runs.
    ///
    /// # Errors
    /// That it has ended, how, and what it said.
    pub fn check(&mut self) -> Result<(), Fault> {
        let Some(status) = self.ended() else {
            return Ok(());
        };
        let said = self.said();
        let from = said.len().saturating_sub(SAID_BYTES_MAX);
        let tail = said.get(said.ceil_char_boundary(from)..).unwrap_or("");
        let tail = tail.trim().replace('\n', " | ");
        Err(Fault::new(format!("it ended ({status}) saying: {tail}")))
    }

    /// Stops it, and comes back when it stands.
    ///
    /// # Errors
    /// It has ended.
    pub fn pause(&mut self) -> Result<(), Fault> {
        kill_process(self.pid, Signal::STOP)?;
        // What is seen is left in place, so that the end of a process is still there for `ended`.
        let which = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(self.pid), which)?;
        self.is_paused = true;
        self.check()
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// It is gone.
    pub fn resume(&mut self) -> Result<(), Fault> {
        self.is_paused = false;
        Ok(kill_process(self.pid, Signal::CONT)?)
    }

    /// Asks it to end and waits until it has; one that does not is killed.
    ///
    /// # Errors
    /// It had to be killed.
    pub fn end(&mut self, watch: &mut Watch) -> Result<ExitStatus, Fault> {
        if self.ended().is_none() {
            self.resume()?;
            kill_process(self.pid, Signal::TERM)?;
        }
        for _ in 0..WAITS_MAX {
            watch.begin();
            while watch.rest().is_ok() {
                if let Some(status) = self.ended() {
                    return Ok(status);
                }
            }
        }
        self.kill();
        Err(Fault::new("it did not end when asked to, and was killed"))
    }

    fn kill(&mut self) {
        if self.ended().is_none() {
            let _ = self.process.kill();
            self.ended = self.process.wait().ok();
        }
    }

    /// Its threads, by name.
    #[must_use]
    pub fn threads(&self) -> Vec<(String, Pid)> {
        let tasks = format!("/proc/{}/task", self.pid.as_raw_nonzero());
        let entries = fs::read_dir(tasks).into_iter().flatten().flatten();
        entries
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse().ok()?;
                let name = fs::read_to_string(entry.path().join("comm")).ok()?;
                Some((name.trim_end().to_owned(), Pid::from_raw(number)?))
            })
            .collect()
    }

    /// The thread of that name.
    #[must_use]
    pub fn thread(&self, name: &str) -> Option<Pid> {
        let mut threads = self.threads().into_iter();
        threads.find_map(|(its, thread)| (its == name).then_some(thread))
    }

    /// Involuntary switches of all its threads so far.
    #[must_use]
    pub fn involuntary_switches(&self) -> u64 {
        let threads = self.threads().into_iter();
        threads
            .filter_map(|(_, thread)| involuntary_switches(self.pid, thread))
            .sum()
    }

    /// Processor time of a thread so far: the first figure of its `schedstat`, in nanoseconds.
    #[must_use]
    pub fn cpu_ns(&self, thread: Pid) -> Option<u64> {
        let path = format!(
            "/proc/{}/task/{}/schedstat",
            self.pid.as_raw_nonzero(),
            thread.as_raw_nonzero()
        );
        let told = fs::read_to_string(path).ok()?;
        told.split_whitespace().next()?.parse().ok()
    }

    /// Lets a thread finish what it has to do: waits until it leaves its core alone.
    pub fn settle(&self, thread: Pid) {
        for _ in 0..LOOKS_MAX {
            let before = self.cpu_ns(thread).unwrap_or(0);
            rest_us(LOOK_US);
            let used = self.cpu_ns(thread).unwrap_or(0).saturating_sub(before);
            if used * 100 < LOOK_US * 1_000 * BUSY_PERCENT {
                return;
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(name: &str, script: &str) -> Child {
        let said = std::env::temp_dir().join(format!("wire-child-{name}-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let child = Child::start(&mut command, &said).unwrap();
        let _ = fs::remove_file(said);
        child
    }

    #[test]
    fn it_stands_while_it_is_paused_and_ends_when_asked() {
        let mut child = start("paused", "while :; do :; done");
        let pid = child.pid().as_raw_nonzero();
        let state = || {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            let (_, behind) = stat.rsplit_once(") ").unwrap();
            behind.chars().next()
        };
        child.pause().unwrap();
        assert_eq!(state(), Some('T'));
        child.resume().unwrap();
        assert_ne!(state(), Some('T'));
        child.pause().unwrap();
        assert_eq!(state(), Some('T'));
        let main = child.thread("sh").unwrap();
        assert!(child.cpu_ns(main).is_some());
        let status = child.end(&mut Watch::new(true)).unwrap();
        assert!(!status.success());
        assert!(child.check().is_err());
    }

    #[test]
    fn one_that_ends_by_itself_is_told_with_its_words() {
        let said = std::env::temp_dir().join(format!("wire-child-said-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such thing; exit 2"]);
        let mut child = Child::start(&mut command, &said).unwrap();
        let mut watch = Watch::new(true);
        watch.begin();
        let fault = loop {
            match child.check() {
                Ok(()) => watch.rest().unwrap(),
                Err(fault) => break fault,
            }
        };
        assert!(fault.0.contains("no such thing"), "{fault}");
        fs::remove_file(said).unwrap();
    }

    #[test]
    fn what_cannot_be_run_is_a_fault() {
        let said = std::env::temp_dir().join(format!("wire-child-none-{}", std::process::id()));
        let missing = Child::start(&mut Command::new("/no/such/program"), &said);
        assert!(missing.is_err_and(|fault| fault.0.contains("/no/such/program")));
        fs::remove_file(said).unwrap();
    }
}
