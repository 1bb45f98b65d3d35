//! The desk's own thread: accepts, reads one line of each peer, asks the order core and answers.
//!
//! It may block, and a peer that says nothing makes the next one wait, within bounds; the order
//! core never waits for it. One question is open at a time: an answer that did not come in time is
//! waited for before the next question is asked, so that no answer is taken for another's.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use gwanmun_captures::command::Action;
use gwanmun_runtime::local_socket::{LineError, LocalListener, LocalStream};
use gwanmun_runtime::thread;

use super::request::{self, LINE_BYTES_MAX, Request};
use super::{Answer, Ask, Desk, Operators};
use crate::capture_thread::Shared;
use crate::config::{Config, JournalMode, SessionConfig};
use crate::start_error::StartError;
use crate::trade::leave_to_order_core;

/// Between two looks whether the process ends.
const WATCH: Duration = Duration::from_millis(20);
/// How long a peer may take to say his line, and to take his answer.
const PEER_PATIENCE: Duration = Duration::from_secs(2);
/// Looks, [`WATCH`] apart, until an answer of the order core is given up: five seconds.
const ANSWER_WATCHES_MAX: usize = 250;
/// Between two looks whether an answer is durable.
const DURABLE_WATCH: Duration = Duration::from_millis(1);
/// Looks until that is given up: five seconds.
const DURABLE_WATCHES_MAX: usize = 5_000;

const NO_ANSWER: &str = "unknown the gateway did not answer in time: ask for the status, and then \
                         again if nothing has changed\n";
const NOT_DURABLE: &str = "unknown it is on record, but that is not on disk yet: ask for the \
                           status\n";

/// The desk before its thread is started.
pub(crate) struct DeskThread {
    listener: LocalListener,
    operators: Operators,
    config: Arc<Config>,
    shared: Arc<Shared>,
    asks: SyncSender<Ask>,
    answers: Receiver<Answer>,
    /// An answer that was given up has not come yet.
    is_owed: bool,
}

/// Opens the desk, where the configuration has one: the order core's end, and the thread's.
///
/// # Errors
/// [`StartError`]: no such operator, or a path that cannot be listened at.
pub(crate) fn open(
    config: &Arc<Config>,
    shared: &Arc<Shared>,
) -> Result<Option<(Desk, DeskThread)>, StartError> {
    let Some(desk) = &config.desk else {
        return Ok(None);
    };
    let operators = Operators::new(&desk.operators)?;
    let listener = LocalListener::bind(&desk.socket)
        .map_err(|errno| StartError::os("listen at", &desk.socket, errno))?;
    let (asks, asked) = sync_channel(1);
    let (answered, answers) = sync_channel(1);
    let thread = DeskThread {
        listener,
        operators,
        config: Arc::clone(config),
        shared: Arc::clone(shared),
        asks,
        answers,
        is_owed: false,
    };
    let desk = Desk {
        asks: asked,
        answers: answered,
    };
    Ok(Some((desk, thread)))
}

/// Starts the thread, if there is one.
///
/// # Errors
/// [`StartError::Thread`].
pub(crate) fn start(desk: Option<DeskThread>) -> Result<Option<JoinHandle<()>>, StartError> {
    let start = |desk: DeskThread| thread::spawn("desk", move || desk.run());
    desk.map(start).transpose().map_err(StartError::Thread)
}

impl DeskThread {
    fn run(mut self) {
        // A refusal was told by the threads before.
        let _ = leave_to_order_core(self.config.gateway.cores.first().copied());
        while !self.is_last() {
            match self.listener.accept(WATCH) {
                Ok(Some(peer)) => self.serve(peer),
                Ok(None) => {}
                // Out of descriptors or memory: that may pass.
                Err(_) => self.rest(WATCH),
            }
        }
    }

    fn is_last(&self) -> bool {
        self.shared.is_last.load(Ordering::Acquire)
    }

    /// Waits, and takes an answer that is owed where it comes meanwhile.
    fn rest(&mut self, time: Duration) {
        if self.answers.recv_timeout(time).is_ok() {
            self.is_owed = false;
        }
    }

    fn serve(&mut self, mut peer: LocalStream) {
        let mut room = [0; LINE_BYTES_MAX];
        let answer = match peer.read_line(&mut room, PEER_PATIENCE) {
            Ok(length) => {
                let line = room.get(..length).unwrap_or_default();
                self.answer(peer.uid(), line)
            }
            Err(LineError::TooLong) => {
                format!("refused a line has at most {} bytes\n", LINE_BYTES_MAX - 1)
            }
            Err(LineError::TimedOut) => "refused the line did not come in time\n".to_owned(),
            Err(LineError::Ended | LineError::Refused(_)) => return,
        };
        // Whoever does not take it asks again.
        let _ = peer.write(answer.as_bytes(), PEER_PATIENCE);
    }

    fn answer(&mut self, uid: u32, line: &[u8]) -> String {
        let Some(operator) = self.operators.name_of(uid).map(str::to_owned) else {
            return format!("refused user {uid} is no operator of this gateway\n");
        };
        let request = match request::read(line) {
            Ok(request) => request,
            Err(why) => return format!("refused {why}\n"),
        };
        match request {
            Request::Status { session } => self.status(session.as_deref()),
            Request::SetNumber {
                session,
                direction,
                number,
                requester,
                reason,
            } => {
                let session = match self.find(&session) {
                    Ok(session) => session,
                    Err(why) => return why,
                };
                let requester = self.operators.requester(&requester);
                let action = Action::SetNumber {
                    session,
                    direction,
                    number,
                };
                match request::payload((&operator, requester, &reason), action) {
                    Some((bytes, length)) => self.command(Ask::Command(bytes, length)),
                    None => "refused that is too long\n".to_owned(),
                }
            }
        }
    }

    /// A session by its TargetCompID(56), or by SenderCompID(49), a slash and that.
    fn find(&self, name: &str) -> Result<u16, String> {
        let is_it = |session: &SessionConfig| {
            let target = session.target_comp_id.as_bytes();
            let pair = [session.sender_comp_id.as_bytes(), b"/", target].concat();
            target == name.as_bytes() || pair == name.as_bytes()
        };
        let sessions = (0_u16..).zip(&self.config.sessions);
        let mut found = sessions.filter(|(_, session)| is_it(session));
        let name = name.escape_debug();
        match (found.next(), found.next()) {
            (Some((index, _)), None) => Ok(index),
            (None, _) => Err(format!("refused there is no session {name}\n")),
            (Some(_), Some(_)) => Err(format!(
                "refused there are several sessions {name}: say SENDER/TARGET\n"
            )),
        }
    }

    fn status(&mut self, name: Option<&str>) -> String {
        let sessions = match name.map(|name| self.find(name)) {
            None => 0..u16::try_from(self.config.sessions.len()).unwrap_or(u16::MAX),
            Some(Ok(index)) => index..index + 1,
            Some(Err(why)) => return why,
        };
        let mut text = String::new();
        for index in sessions {
            let Some(Answer::Session(Some((numbers, is_bound)))) = self.ask(Ask::Session(index))
            else {
                return "unknown the gateway did not answer in time\n".to_owned();
            };
            let Some(session) = self.config.sessions.get(usize::from(index)) else {
                continue;
            };
            text += &format!(
                "session {}/{} line={} in={} out={}\n",
                session.sender_comp_id,
                session.target_comp_id,
                if is_bound { "up" } else { "down" },
                numbers.next_in,
                numbers.next_out
            );
        }
        text + "done\n"
    }

    fn command(&mut self, ask: Ask) -> String {
        match self.ask(ask) {
            Some(Answer::Command {
                number,
                done,
                position,
            }) => {
                if !self.is_durable(position) {
                    return NOT_DURABLE.to_owned();
                }
                match done {
                    Ok(()) => format!("done record={number}\n"),
                    Err(refusal) => format!("refused {} (record {number})\n", refusal.text()),
                }
            }
            Some(Answer::Stopped) => "unknown the journal cannot go on\n".to_owned(),
            Some(Answer::Session(_)) | None => NO_ANSWER.to_owned(),
        }
    }

    /// The order core's answer, unless it does not come.
    fn ask(&mut self, ask: Ask) -> Option<Answer> {
        if self.is_owed {
            self.wait()?;
        }
        self.asks.try_send(ask).ok()?;
        self.is_owed = true;
        self.wait()
    }

    fn wait(&mut self) -> Option<Answer> {
        for _ in 0..ANSWER_WATCHES_MAX {
            if let Ok(answer) = self.answers.recv_timeout(WATCH) {
                self.is_owed = false;
                return Some(answer);
            }
            if self.is_last() {
                break;
            }
        }
        None
    }

    /// Whether the journal survives the loss of power up to a position, where that is its mode: an
    /// answer is given no earlier than a member's would be.
    fn is_durable(&mut self, position: u64) -> bool {
        if self.config.journal.mode == JournalMode::Memory {
            return true;
        }
        for _ in 0..DURABLE_WATCHES_MAX {
            if self.shared.persisted.load(Ordering::Acquire) >= position {
                return true;
            }
            if self.is_last() || self.shared.has_failed.load(Ordering::Acquire) {
                return false;
            }
            self.rest(DURABLE_WATCH);
        }
        false
    }
}
