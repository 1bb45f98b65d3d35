//! A process under test: started, listened to, killed or asked to stop; never left behind.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{PATIENCE_NS, until};

/// A process that tells events as JSON lines on its standard error.
pub(crate) struct Process {
    name: String,
    child: Child,
    lines: Receiver<String>,
    /// Everything it said so far.
    pub(crate) said: Vec<String>,
}

impl Process {
    pub(crate) fn start(name: &str, mut command: Command) -> Process {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start the {name}: {error}"));
        let (sender, lines) = channel();
        let stderr = child.stderr.take().expect("it was piped");
        std::thread::spawn(move || {
            let mut stderr = BufReader::new(stderr);
            let mut line = Vec::new();
            while stderr
                .read_until(b'\n', &mut line)
                .is_ok_and(|count| count > 0)
            {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                if sender.send(text).is_err() {
                    break;
                }
            }
        });
        let name = name.to_owned();
        Process {
            name,
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the event for which `wanted` gives something. What was said before counts too.
    #[track_caller]
    pub(crate) fn wait_for<T>(&mut self, what: &str, wanted: impl Fn(&Value) -> Option<T>) -> T {
        let read = |line: &String| serde_json::from_str(line).ok().and_then(|it| wanted(&it));
        if let Some(found) = self.said.iter().find_map(read) {
            return found;
        }
        let since_ns = wall_now_ns();
        loop {
            match self.lines.recv_timeout(left(since_ns)) {
                Ok(line) => {
                    let found = read(&line);
                    self.said.push(line);
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.fail(&format!("did not say {what}")),
                Err(RecvTimeoutError::Disconnected) => {
                    self.fail(&format!("ended before it said {what}"));
                }
            }
        }
    }

    /// Waits for an event by its name and, unless that is empty, whom it is about.
    #[track_caller]
    pub(crate) fn wait_for_event(&mut self, event: &str, peer: &str) -> Value {
        self.wait_for(event, |it| {
            let is_it = it["event"] == event && (peer.is_empty() || it["peer"] == peer);
            is_it.then(|| it.clone())
        })
    }

    /// Whether it has told an event, as far as its words have come.
    pub(crate) fn has_said_event(&mut self, name: &str) -> bool {
        self.said.extend(self.lines.try_iter());
        let mut events = self
            .said
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        events.any(|event| event["event"] == name)
    }

    /// How often it has told an event, as far as its words have come.
    pub(crate) fn event_count(&mut self, name: &str) -> usize {
        self.said.extend(self.lines.try_iter());
        let events = self.said.iter();
        events
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|event| event["event"] == name)
            .count()
    }

    /// How often it has told an event about somebody, as far as its words have come.
    pub(crate) fn count_about(&mut self, event: &str, peer: &str) -> usize {
        self.said.extend(self.lines.try_iter());
        let events = self.said.iter();
        events
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|it| it["event"] == event && it["peer"] == peer)
            .count()
    }

    /// Stops its clock: it does nothing more until it is killed.
    pub(crate) fn freeze(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("it has a number"), Signal::STOP).expect("it is running");
    }

    /// Stops its clock, and comes back when every thread stands.
    pub(crate) fn stand(&self) {
        self.freeze();
        let tasks = format!("/proc/{}/task", self.child.id());
        until("a process that stands", || {
            let mut tasks = std::fs::read_dir(&tasks).unwrap();
            let stands = tasks.all(|task| {
                let stat = std::fs::read_to_string(task.unwrap().path().join("stat"));
                let stat = stat.unwrap_or_default();
                stat.rsplit_once(") ")
                    .is_some_and(|(_, it)| it.starts_with('T'))
            });
            stands.then_some(())
        });
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("it has a number"), Signal::CONT).expect("it is there");
    }

    /// Ends it as a loss of the process does: it gets no chance to do anything about it.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it can be waited for");
    }

    /// Asks it to stop and waits until it has.
    #[track_caller]
    pub(crate) fn stop(self) -> Ended {
        self.ask_to_stop();
        self.ended()
    }

    /// Asks it to stop and does not wait.
    pub(crate) fn ask_to_stop(&self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        // One that is gone already needs no asking.
        let _ = kill_process(pid.expect("it has a number"), Signal::TERM);
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub(crate) fn ended(mut self) -> Ended {
        let since_ns = wall_now_ns();
        loop {
            match self.lines.recv_timeout(left(since_ns)) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => self.fail("did not end"),
            }
        }
        let status = self.child.wait().expect("it can be waited for");
        Ended {
            status,
            said: core::mem::take(&mut self.said),
        }
    }

    /// Whether it runs still.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// A line to its standard input, which only a gateway that breaks on purpose reads.
    pub(crate) fn tell(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("it was piped");
        writeln!(stdin, "{line}").expect("it listens");
        stdin.flush().expect("it listens");
    }

    #[track_caller]
    fn fail(&mut self, what: &str) -> ! {
        self.said.extend(self.lines.try_iter());
        panic!(
            "the {} {what}; it said:\n{}",
            self.name,
            self.said.join("\n")
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// How a process ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) said: Vec<String>,
}

impl Ended {
    /// Its exit code, with everything it said where that is another.
    #[track_caller]
    pub(crate) fn expect_code(&self, code: i32) {
        assert_eq!(self.status.code(), Some(code), "{}", self.said.join("\n"));
    }

    pub(crate) fn has_said(&self, words: &str) -> bool {
        self.said.iter().any(|line| line.contains(words))
    }
}

fn left(since_ns: u64) -> Duration {
    Duration::from_nanos(PATIENCE_NS.saturating_sub(wall_now_ns().saturating_sub(since_ns)))
}
