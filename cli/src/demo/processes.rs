//! The processes of a run: this program again, once as venue and once as gateway.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;
use gwanmun_runtime::signals::Termination;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::exit::{Exit, Failure};

/// How long a process may take to say what is waited for: a gateway with tables for millions of
/// orders and hundreds of sessions touches gigabytes before it listens.
const READY_PATIENCE_NS: u64 = 60_000_000_000;
/// How often it is looked whether the demonstration is interrupted.
const LOOK: Duration = Duration::from_millis(50);
/// How long it may take to end when asked to.
const END_PATIENCE_NS: u64 = 15_000_000_000;
/// How many of its last words are shown when it fails.
const LAST_WORDS: usize = 12;

/// A process that tells events as JSON lines on its standard error.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
    /// Everything it said so far.
    said: Vec<String>,
}

impl Process {
    /// Starts `gwanmun NAME --config CONFIG --json`; what it says also goes to the file `log`.
    pub(crate) fn start(name: &'static str, config: &Path, log: &Path) -> Result<Process, Failure> {
        let refuse =
            |error: std::io::Error| Failure::host(&format!("cannot start the {name}"), &error);
        let program = std::env::current_exe().map_err(refuse)?;
        let mut child = Command::new(program)
            .arg(name)
            .arg("--config")
            .arg(config)
            .arg("--json")
            // An interrupt from the terminal is for the demonstration, which ends these two in
            // order.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(refuse)?;
        let mut log = File::create(log).map_err(refuse)?;
        let (sender, lines) = channel();
        if let Some(stderr) = child.stderr.take() {
            std::thread::spawn(move || {
                let mut stderr = BufReader::new(stderr);
                let mut line = Vec::new();
                // A process may say anything; what is not UTF-8 must not end the reading.
                while stderr
                    .read_until(b'\n', &mut line)
                    .is_ok_and(|count| count > 0)
                {
                    let _ = log.write_all(&line);
                    let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                    line.clear();
                    if sender.send(text).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Process {
            name,
            child,
            lines,
            said: Vec::new(),
        })
    }

    /// The process's number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has told an event for which `wanted` gives something.
    pub(crate) fn wait_for<T>(
        &mut self,
        what: &str,
        stop: &Termination,
        wanted: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, Failure> {
        let since_ns = wall_now_ns();
        loop {
            let waited_ns = wall_now_ns().saturating_sub(since_ns);
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => {
                    let found = serde_json::from_str(&line)
                        .ok()
                        .and_then(|event| wanted(&event));
                    self.said.push(line);
                    if let Some(found) = found {
                        return Ok(found);
                    }
                }
                Err(RecvTimeoutError::Timeout) if stop.is_asked() => {
                    return Err(Failure::new(Exit::Interrupted, ""));
                }
                Err(RecvTimeoutError::Timeout) if waited_ns < READY_PATIENCE_NS => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(self.failure(&format!("did not say {what} in time")));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.failure(&format!("ended before it said {what}")));
                }
            }
        }
    }

    /// Ends it with SIGTERM and waits until it has said its last.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        self.ask_to_end();
        let since_ns = wall_now_ns();
        loop {
            let waited_ns = wall_now_ns().saturating_sub(since_ns);
            let left = Duration::from_nanos(END_PATIENCE_NS.saturating_sub(waited_ns));
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    return Err(self.failure("did not end when asked to"));
                }
            }
        }
        let status = self.child.wait();
        if status.is_ok_and(|status| status.success()) {
            Ok(())
        } else {
            Err(self.failure("ended badly"))
        }
    }

    fn ask_to_end(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // A process that is gone already needs no asking.
            let _ = kill_process(pid, Signal::TERM);
        }
    }

    fn failure(&self, what: &str) -> Failure {
        let from = self.said.len().saturating_sub(LAST_WORDS);
        let words: Vec<String> = self
            .said
            .iter()
            .skip(from)
            .map(|line| format!("\n  {}", crate::show::escaped(line)))
            .collect();
        let words = if words.is_empty() {
            " (it said nothing)".to_owned()
        } else {
            words.concat()
        };
        Failure::new(
            Exit::Host,
            format!("the {} {what}; its last words:{words}", self.name),
        )
    }
}

impl Drop for Process {
    /// No process outlives the demonstration, whatever happened to it.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// The address in the venue's event about a listener.
pub(crate) fn listening(kind: &'static str) -> impl Fn(&Value) -> Option<SocketAddr> {
    move |event| {
        let is_it = event["event"] == "listening" && event["kind"] == kind;
        if is_it {
            event["address"].as_str()?.parse().ok()
        } else {
            None
        }
    }
}

/// The address in the gateway's event about its listener.
pub(crate) fn listening_members(event: &Value) -> Option<SocketAddr> {
    if event["event"] == "listen" {
        event["address"].as_str()?.parse().ok()
    } else {
        None
    }
}

/// The gateway's event that a line stands.
pub(crate) fn logged_on(peer: &'static str) -> impl Fn(&Value) -> Option<()> {
    move |event| (event["event"] == "logon" && event["peer"] == peer).then_some(())
}
