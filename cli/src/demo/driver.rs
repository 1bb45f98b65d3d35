//! The member of the demonstration: sends a day's steps over one FIX session and follows what
//! becomes of them.
//!
//! In it: the loop around one blocking socket, with a bounded number of requests in flight,
//! reconnects included. Not in it: the session layer ([`super::initiator`]), the state of the
//! orders (`orders`), and the ledger ([`super::ledger`]), which sees every byte before
//! either of them.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;
use gwanmun_runtime::signals::Termination;

use super::day::Day;
use super::initiator::{Initiator, InitiatorTerms, Turn};
use super::ledger::{Direction, Ledger};
use super::orders::{Orders, Tally};
use crate::exit::Failure;

/// How long one read waits; deadlines are looked at in between.
const READ_TIMEOUT: Duration = Duration::from_millis(50);
/// How long to wait for the gateway to take a connection, at first and after it has gone.
const CONNECT_PATIENCE_NS: u64 = 20_000_000_000;
/// How long nothing at all may come while requests are unanswered.
const ANSWER_PATIENCE_NS: u64 = 10_000_000_000;
/// How long nothing more must come before the day counts as over: fills may still follow the last
/// answer.
const QUIET_NS: u64 = 300_000_000;
/// How long to wait for the answer to Logout(35=5).
const LOGOUT_PATIENCE_NS: u64 = 3_000_000_000;

/// Where and how to drive.
#[derive(Clone, Debug)]
pub struct DriverTerms {
    /// The gateway's FIX port.
    pub address: SocketAddr,
    /// The session.
    pub session: InitiatorTerms,
    /// How many requests may be unanswered at a time.
    pub in_flight_max: usize,
}

/// What came of a day.
#[derive(Clone, Debug, Default)]
pub struct DriverReport {
    /// Counts of requests and their answers.
    pub tally: Tally,
    /// Requests without an answer in the end.
    pub unanswered: u64,
    /// Steps that were not sent, because the gateway was gone or the run interrupted.
    pub unsent: u64,
    /// Lines lost and made again.
    pub reconnects: u64,
    /// From the first Logon to the last answer.
    pub elapsed_ns: u64,
    /// Whether it ended by a signal.
    pub is_interrupted: bool,
}

/// Sends the day.
///
/// # Errors
/// When the gateway cannot be reached at all, or the ledger cannot be written. A gateway that goes
/// silent is no error: the report tells what is unanswered.
pub fn drive<W: Write>(
    day: &Day,
    terms: &DriverTerms,
    ledger: &mut Ledger<W>,
    stop: &Termination,
    progress: &mut dyn FnMut(usize),
) -> Result<DriverReport, Failure> {
    let mut driver = Driver {
        terms,
        session: Initiator::new(terms.session.clone()),
        orders: Orders::new(day),
        ledger,
        stop,
        last_word_ns: 0,
    };
    let mut report = DriverReport::default();
    let started_ns = wall_now_ns();
    let mut line = driver.connect()?;
    loop {
        match driver.turn(&mut line) {
            Ok(Turn::Open) => {}
            Ok(Turn::Close(_)) | Err(LineError::Lost) => {
                driver.ledger.line_lost(wall_now_ns())?;
                report.reconnects += 1;
                match driver.connect() {
                    Ok(again) => line = again,
                    Err(_) => break,
                }
            }
            Err(LineError::Ledger(error)) => return Err(error.into()),
        }
        progress(driver.orders.next_step());
        if stop.is_asked() || driver.is_over() {
            break;
        }
    }
    report.elapsed_ns = driver.last_word_ns.saturating_sub(started_ns);
    report.is_interrupted = stop.is_asked();
    driver.log_out(&mut line)?;
    report.unanswered = driver.orders.unanswered();
    report.unsent = driver.orders.unsent();
    report.tally = driver.orders.into_tally();
    Ok(report)
}

/// Why a turn could not be finished.
enum LineError {
    Lost,
    Ledger(std::io::Error),
}

impl From<std::io::Error> for LineError {
    fn from(error: std::io::Error) -> LineError {
        LineError::Ledger(error)
    }
}

struct Driver<'a, W: Write> {
    terms: &'a DriverTerms,
    session: Initiator,
    orders: Orders<'a>,
    ledger: &'a mut Ledger<W>,
    stop: &'a Termination,
    /// When the gateway last said anything.
    last_word_ns: u64,
}

impl<W: Write> Driver<'_, W> {
    fn connect(&mut self) -> Result<TcpStream, Failure> {
        let since_ns = wall_now_ns();
        loop {
            let error =
                match TcpStream::connect_timeout(&self.terms.address, Duration::from_secs(1)) {
                    Ok(line) => {
                        let set_up = line
                            .set_nodelay(true)
                            .and_then(|()| line.set_read_timeout(Some(READ_TIMEOUT)))
                            .and_then(|()| line.set_write_timeout(Some(Duration::from_secs(5))));
                        set_up.map_err(|error| Failure::host("cannot set up a socket", &error))?;
                        self.session.on_connect(wall_now_ns());
                        self.last_word_ns = wall_now_ns();
                        return Ok(line);
                    }
                    Err(error) => error,
                };
            let waited_ns = wall_now_ns().saturating_sub(since_ns);
            if waited_ns > CONNECT_PATIENCE_NS || self.stop.is_asked() {
                let what = format!("no connection to the gateway at {}", self.terms.address);
                return Err(Failure::host(&what, &error));
            }
            // A refused connection comes back at once; the pause keeps the wait from burning a
            // core.
            std::thread::park_timeout(READ_TIMEOUT);
        }
    }

    /// Sends what may be sent, then reads once.
    fn turn(&mut self, line: &mut TcpStream) -> Result<Turn, LineError> {
        let now_ns = wall_now_ns();
        if self.session.is_logged_on() && !self.stop.is_asked() {
            while let Some((msg_type, body)) =
                self.orders.next_request(self.terms.in_flight_max, now_ns)
            {
                self.session.send(msg_type, body, now_ns);
            }
        }
        if let Turn::Close(reason) = self.session.on_time(now_ns) {
            return Ok(Turn::Close(reason));
        }
        self.write(line)?;
        self.read(line)
    }

    fn write(&mut self, line: &mut TcpStream) -> Result<(), LineError> {
        let bytes = self.session.take_out();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match line.write(rest) {
                Ok(0) => return Err(LineError::Lost),
                Ok(count) => {
                    self.ledger
                        .take(Direction::Out, &rest[..count], wall_now_ns())?;
                    rest = &rest[count..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(LineError::Lost),
            }
        }
        Ok(())
    }

    fn read(&mut self, line: &mut TcpStream) -> Result<Turn, LineError> {
        let mut buffer = [0; 1 << 16];
        let count = match line.read(&mut buffer) {
            Ok(0) => return Err(LineError::Lost),
            Ok(count) => count,
            Err(error) => {
                use ErrorKind::{Interrupted, TimedOut, WouldBlock};
                return if matches!(error.kind(), WouldBlock | TimedOut | Interrupted) {
                    Ok(Turn::Open)
                } else {
                    Err(LineError::Lost)
                };
            }
        };
        let now_ns = wall_now_ns();
        self.ledger.take(Direction::In, &buffer[..count], now_ns)?;
        self.last_word_ns = now_ns;
        let orders = &mut self.orders;
        Ok(self
            .session
            .on_bytes(&buffer[..count], now_ns, &mut |message| {
                orders.on_message(message)
            }))
    }

    /// Everything is answered and nothing more comes, or the gateway has gone silent.
    fn is_over(&self) -> bool {
        let silence_ns = wall_now_ns().saturating_sub(self.last_word_ns);
        let is_answered = self.orders.unsent() == 0 && self.orders.unanswered() == 0;
        silence_ns
            >= if is_answered {
                QUIET_NS
            } else {
                ANSWER_PATIENCE_NS
            }
    }

    fn log_out(&mut self, line: &mut TcpStream) -> Result<(), Failure> {
        let since_ns = wall_now_ns();
        self.session.logout(since_ns);
        while wall_now_ns().saturating_sub(since_ns) < LOGOUT_PATIENCE_NS {
            let turn = match self.write(line) {
                Ok(()) => self.read(line),
                Err(error) => Err(error),
            };
            match turn {
                Ok(Turn::Open) => {}
                Ok(Turn::Close(_)) => {
                    // The answer to the gateway's Logout, if it was the gateway that began.
                    let _ = self.write(line);
                    break;
                }
                Err(LineError::Lost) => break,
                Err(LineError::Ledger(error)) => return Err(error.into()),
            }
        }
        self.ledger.line_lost(wall_now_ns())?;
        Ok(())
    }
}
