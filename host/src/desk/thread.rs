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

use gwanmun_gateway::{Answered, CommandRefusal, Tables, Terms};
use gwanmun_runtime::local_socket::{LineError, LocalListener, LocalStream};
use gwanmun_runtime::thread;

use super::reload::Plan;
use super::request::LINE_BYTES_MAX;
use super::{Answer, Ask, Desk, Operators, verbs};
use crate::capture_thread::Shared;
use crate::config::{Config, ConfigError, JournalMode, SessionConfig};
use crate::events::Event;
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
const NOT_YET: &str = "refused the gateway has not answered the command before: ask again\n";
const NOT_DURABLE: &str = "unknown it is on record, but that is not on disk yet: ask for the \
                           status\n";

const JOURNAL_STOPPED: &str = "unknown the journal cannot go on\n";

/// What is in force once the order core has taken it.
pub(super) enum Asked {
    Sessions(Plan),
    Tables(Box<Tables>),
}

/// The desk before its thread is started.
pub(crate) struct DeskThread {
    listener: LocalListener,
    pub(super) operators: Operators,
    /// In force, as the order core has it.
    pub(super) config: Arc<Config>,
    /// In force, of the gateway.
    pub(super) terms: Terms,
    /// What the order core was asked to take.
    pub(super) asked: Option<Asked>,
    shared: Arc<Shared>,
    asks: SyncSender<Ask>,
    answers: Receiver<Answer>,
    events: SyncSender<Event>,
    /// An answer that was given up has not come yet.
    is_owed: bool,
}

/// Opens the desk, where the configuration has one: the order core's end, and the thread's.
///
/// # Errors
/// [`StartError`]: no such operator, or a path that cannot be listened at.
pub(crate) fn open(
    config: &Arc<Config>,
    terms: &Terms,
    shared: &Arc<Shared>,
    events: &SyncSender<Event>,
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
        terms: terms.clone(),
        asked: None,
        shared: Arc::clone(shared),
        asks,
        answers,
        events: events.clone(),
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
        if let Ok(answer) = self.answers.recv_timeout(time) {
            self.take(&answer);
        }
    }

    /// Tells whoever shows events, unless he is far behind.
    pub(super) fn tell(&self, event: Event) {
        let _ = self.events.try_send(event);
    }

    /// An answer has come. What was taken is in force from here on, be it that
    /// nobody waits for this answer any more.
    fn take(&mut self, answer: &Answer) {
        self.is_owed = false;
        let (Answer::Sessions { answered, .. } | Answer::Tables { answered, .. }) = answer else {
            return;
        };
        let asked = self.asked.take();
        let is_done = answered.is_some_and(|answered| answered.done.is_ok());
        let plan = match asked.filter(|_| is_done) {
            Some(Asked::Sessions(plan)) => plan,
            Some(Asked::Tables(tables)) => {
                self.terms.tables = *tables;
                return;
            }
            None => return,
        };
        self.config = plan.config;
        for (index, row) in plan.rows {
            match self.terms.members.get_mut(usize::from(index)) {
                Some(place) => *place = row,
                None => self.terms.members.push(row),
            }
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
        // What is in force is known only then, and its answer is not taken for another's.
        if self.is_owed && self.wait().is_none() {
            return NOT_YET.to_owned();
        }
        verbs::answer(self, &operator, line).unwrap_or_else(|why| format!("refused {why}\n"))
    }

    /// A session by its TargetCompID(56), or by SenderCompID(49), a slash and that.
    ///
    /// # Errors
    /// That there is none, or that there are several.
    pub(super) fn find(&self, name: &str) -> Result<u16, String> {
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
            (None, _) => Err(format!("there is no session {name}")),
            (Some(_), Some(_)) => Err(format!(
                "there are several sessions {name}: say SENDER/TARGET"
            )),
        }
    }

    /// Gives a command without rows, and tells what became of it.
    pub(super) fn command(&mut self, ask: Ask) -> String {
        let answer = self.ask(ask);
        self.told(answer, "")
    }

    /// What became of a command, for the operator: behind the facts where it was followed.
    pub(super) fn told(&mut self, answer: Option<Answer>, facts: &str) -> String {
        match answer {
            Some(
                Answer::Command {
                    answered: Some(Answered { number, done }),
                    position,
                }
                | Answer::Sessions {
                    answered: Some(Answered { number, done }),
                    position,
                    ..
                }
                | Answer::Tables {
                    answered: Some(Answered { number, done }),
                    position,
                    ..
                },
            ) => {
                let facts = if done.is_ok() { facts } else { "" };
                format!("{facts}{}", self.outcome(number, done, position))
            }
            Some(_) => JOURNAL_STOPPED.to_owned(),
            None => NO_ANSWER.to_owned(),
        }
    }

    fn outcome(&mut self, number: u64, done: Result<(), CommandRefusal>, position: u64) -> String {
        match done {
            _ if !self.is_durable(position) => NOT_DURABLE.to_owned(),
            Ok(()) => format!("done record={number}\n"),
            Err(refusal) => format!("refused {} (record {number})\n", refusal.text()),
        }
    }

    /// The order core's answer, unless it does not come.
    pub(super) fn ask(&mut self, ask: Ask) -> Option<Answer> {
        debug_assert!(!self.is_owed, "one question is open at a time");
        self.asks.try_send(ask).ok()?;
        self.is_owed = true;
        self.wait()
    }

    fn wait(&mut self) -> Option<Answer> {
        for _ in 0..ANSWER_WATCHES_MAX {
            if let Ok(answer) = self.answers.recv_timeout(WATCH) {
                self.take(&answer);
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

/// The first mistake of a file, on one line.
pub(super) fn first_problem(error: &ConfigError) -> String {
    let problem = error.problems().first();
    problem.map_or_else(
        || "the file cannot be read".to_owned(),
        |problem| {
            let (line, _) = error.line_and_column(problem);
            let text = format!("{}; {}", problem.message, problem.remedy);
            let text = text.replace('\n', " ");
            format!("{} line {line}: {text}", error.file())
        },
    )
}

#[cfg(test)]
pub(super) mod tests {
    use gwanmun_fix::session::Numbers;

    use super::*;
    use crate::config::tests::Folder;
    use crate::config::{self, GATEWAY_EXAMPLE, TABLES_EXAMPLE};

    /// A desk, and the order core's end of it.
    pub(in crate::desk) fn desk(test: &str) -> (Folder, Desk, DeskThread) {
        let folder = Folder::new(test);
        let config = folder.parse(GATEWAY_EXAMPLE);
        let config = Arc::new(config.unwrap_or_else(|error| panic!("{error}")));
        let tables = config::Tables::parse(TABLES_EXAMPLE, "t").unwrap();
        let terms = crate::terms::terms(&config, &tables).unwrap();
        let shared = Arc::new(Shared::default());
        let (events, _) = sync_channel(1);
        let opened = open(&config, &terms, &shared, &events).unwrap();
        let (desk, thread) = opened.unwrap();
        (folder, desk, thread)
    }

    fn session(next_in: u64) -> Answer {
        let numbers = Numbers {
            next_in,
            next_out: 1,
        };
        Answer::Session(Some((numbers, true)))
    }

    fn answer(thread: &mut DeskThread, line: &str) -> String {
        thread.answer(0, line.as_bytes())
    }

    #[test]
    fn an_answer_that_came_too_late_is_not_taken_for_anothers() {
        let (_folder, desk, mut thread) = desk("desk-late");
        // An order core that does not answer: the end of the process ends the waiting.
        thread.shared.is_last.store(true, Ordering::Release);
        assert!(answer(&mut thread, "status").starts_with("unknown"));
        assert!(desk.asks.try_recv().is_ok());
        assert_eq!(answer(&mut thread, "status"), NOT_YET);
        assert!(desk.asks.try_recv().is_err(), "a second question is open");
        assert!(desk.answers.try_send(session(5)).is_ok());
        let core = std::thread::spawn(move || {
            let asked = desk.asks.recv();
            assert!(matches!(asked, Ok(Ask::Session(0))));
            assert!(desk.answers.send(session(7)).is_ok());
        });
        thread.shared.is_last.store(false, Ordering::Release);
        let said = answer(&mut thread, "status");
        assert_eq!(said, "session GWANMUN/MEMBER1 line=up in=7 out=1\ndone\n");
        core.join().unwrap();
    }

    #[test]
    fn nobody_but_an_operator_is_heard() {
        let (_folder, desk, mut thread) = desk("desk-nobody");
        let refused = thread.answer(4711, b"status");
        assert_eq!(
            refused,
            "refused user 4711 is no operator of this gateway\n"
        );
        assert!(desk.asks.try_recv().is_err());
        let nonsense = answer(&mut thread, "sell");
        assert_eq!(nonsense, "refused `sell` is no command\n");
        let none = answer(&mut thread, "reload reason=r");
        assert_eq!(none, "refused the configuration was read from no file\n");
    }

    #[test]
    fn in_mode_durable_nothing_is_done_before_it_is_on_disk() {
        let (_folder, desk, mut thread) = desk("desk-durable");
        let mut durable = Config::clone(&thread.config);
        durable.journal.mode = JournalMode::Durable;
        thread.config = Arc::new(durable);
        let command = |position| Answer::Command {
            answered: Some(Answered {
                number: 9,
                done: Ok(()),
            }),
            position,
        };
        let line = "set-number session=MEMBER1 direction=in number=5 reason=r";
        thread.shared.persisted.store(100, Ordering::Release);
        for (position, has_failed, expected) in
            [(100, false, "done record=9\n"), (101, true, NOT_DURABLE)]
        {
            let shared = Arc::clone(&thread.shared);
            shared.has_failed.store(has_failed, Ordering::Release);
            assert!(desk.answers.try_send(command(position)).is_ok());
            assert_eq!(answer(&mut thread, line), expected);
            assert!(desk.asks.try_recv().is_ok());
        }
    }
}
