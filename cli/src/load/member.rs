//! One session of the load: its line, its session layer, its requests and its ledger together.
//!
//! In it: connecting without waiting, going on with the same numbers after a loss, orders that came
//! due while the line was down or full, and the two faults. Not in it: when orders are due.

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufWriter;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use super::figures::Figures;
use super::line::{Line, Lost};
use super::requests::Requests;
use crate::demo::initiator::{Initiator, InitiatorTerms, Turn};
use crate::demo::ledger::{Direction, Ledger};
use crate::demo::new_orders::NewStep;
use crate::exit::Failure;

/// Messages kept for being sent again, for each session: a session that has more than these
/// unanswered has waited minutes for its gateway at any rate that one session has.
const KEPT_MAX: usize = 65_536;
/// With so many bytes waiting for the socket, further orders wait as orders.
const WAITING_BYTES_MAX: usize = 1 << 20;
/// Pause between two attempts to connect.
const RETRY_NS: u64 = 200_000_000;
/// One read takes at most so much.
const READ_BYTES_MAX: usize = 1 << 16;

/// An order that is due.
#[derive(Clone, Copy, Debug)]
struct Due {
    new: NewStep,
    scheduled_ns: u64,
}

/// One session.
pub(super) struct Member {
    pub(super) name: String,
    index: u64,
    address: SocketAddr,
    session: Initiator,
    requests: Requests,
    ledger: Ledger<BufWriter<File>>,
    line: Option<Line>,
    due: VecDeque<Due>,
    retry_at_ns: u64,
    reads_again_at_ns: u64,
    /// Lines lost and made again.
    pub(super) reconnects: u64,
    /// The last reason for which a line ended.
    pub(super) last_loss: String,
    /// We cut or stalled it: the moment it was over, the largest while it is not. Until everything
    /// that was due before is answered, what happens is our own doing.
    fault_end_ns: Option<u64>,
    has_logged_on: bool,
    /// It is on its way out and connects no more.
    is_leaving: bool,
}

impl Member {
    /// A session that is not connected.
    pub(super) fn new(
        index: usize,
        address: SocketAddr,
        terms: InitiatorTerms,
        ledger: Ledger<BufWriter<File>>,
        prefix: String,
    ) -> Member {
        Member {
            name: terms.sender_comp_id.clone(),
            index: u64::try_from(index).unwrap_or(u64::MAX),
            address,
            session: Initiator::new(terms).keeping(KEPT_MAX).joining(),
            requests: Requests::new(prefix),
            ledger,
            line: None,
            due: VecDeque::new(),
            retry_at_ns: 0,
            reads_again_at_ns: 0,
            reconnects: 0,
            last_loss: String::new(),
            fault_end_ns: None,
            has_logged_on: false,
            is_leaving: false,
        }
    }

    pub(super) fn is_logged_on(&self) -> bool {
        self.session.is_logged_on() && self.line.is_some()
    }

    /// Whether it was logged on once: from then on it comes back by itself.
    pub(super) fn has_logged_on(&self) -> bool {
        self.has_logged_on
    }

    pub(super) fn has_line(&self) -> bool {
        self.line.is_some()
    }

    /// Requests sent and unanswered, and orders that are due and not sent.
    pub(super) fn open(&self) -> u64 {
        let due = u64::try_from(self.due.len()).unwrap_or(u64::MAX);
        self.requests.unanswered() + due
    }

    /// Orders that were due and never sent.
    pub(super) fn unsent(&self) -> u64 {
        u64::try_from(self.due.len()).unwrap_or(u64::MAX)
    }

    /// Messages that could not have been sent again, had the gateway asked.
    pub(super) fn forgotten(&self) -> u64 {
        self.session.forgotten()
    }

    /// An order is due.
    pub(super) fn offer(&mut self, new: NewStep, scheduled_ns: u64) {
        self.due.push_back(Due { new, scheduled_ns });
    }

    /// Everything that time brings: connecting, heartbeats, reading again.
    pub(super) fn on_time(
        &mut self,
        epoll: &OwnedFd,
        now_ns: u64,
        figures: &mut Figures,
    ) -> Result<(), Failure> {
        if self.line.is_none() {
            if self.is_leaving || now_ns < self.retry_at_ns {
                return Ok(());
            }
            self.retry_at_ns = now_ns + RETRY_NS;
            match Line::connect(epoll, self.address, self.index) {
                Ok(line) => {
                    self.line = Some(line);
                    self.session.on_connect(now_ns);
                }
                Err(Lost(error)) => self.last_loss = error.to_string(),
            }
            return Ok(());
        }
        if self.reads_again_at_ns != 0 && now_ns >= self.reads_again_at_ns {
            self.reads_again_at_ns = 0;
        }
        if self.reads_again_at_ns == 0
            && let Turn::Close(reason) = self.session.on_time(now_ns)
        {
            return self.lose(&reason, now_ns);
        }
        self.send(epoll, now_ns, figures)
    }

    /// The socket can be read or written.
    pub(super) fn on_ready(
        &mut self,
        epoll: &OwnedFd,
        now_ns: u64,
        figures: &mut Figures,
    ) -> Result<(), Failure> {
        let mut buffer = [0; READ_BYTES_MAX];
        let Some(line) = &mut self.line else {
            return Ok(());
        };
        match line.is_connected() {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(Lost(error)) => return self.lose(&error.to_string(), now_ns),
        }
        if self.reads_again_at_ns == 0 {
            match line.read(&mut buffer) {
                Ok(None) => {}
                Ok(Some(count)) => {
                    let bytes = buffer.get(..count).unwrap_or(&[]);
                    if let Turn::Close(reason) = self.take(bytes, now_ns, figures)? {
                        // The answer to a Logout goes out if it can.
                        self.send(epoll, now_ns, figures)?;
                        return self.lose(&reason, now_ns);
                    }
                }
                Err(Lost(error)) => return self.lose(&error.to_string(), now_ns),
            }
        }
        self.send(epoll, now_ns, figures)
    }

    fn take(&mut self, bytes: &[u8], now_ns: u64, figures: &mut Figures) -> Result<Turn, Failure> {
        self.ledger.take(Direction::In, bytes, now_ns)?;
        let requests = &mut self.requests;
        let mut settled = Vec::new();
        let turn = self.session.on_bytes(bytes, now_ns, &mut |message| {
            requests.on_message(message, now_ns, figures, &mut |number| settled.push(number));
        });
        for number in settled {
            self.session.settle(number);
        }
        if self.session.is_logged_on() {
            self.has_logged_on = true;
            if self.fault_end_ns == Some(u64::MAX) {
                self.fault_end_ns = Some(now_ns);
            }
            let oldest_ns = self.requests.oldest_unanswered_ns().unwrap_or(u64::MAX);
            if self
                .fault_end_ns
                .is_some_and(|end_ns| end_ns < now_ns.min(oldest_ns))
            {
                self.fault_end_ns = None;
            }
        }
        Ok(turn)
    }

    /// Turns due orders into messages, and writes.
    pub(super) fn send(
        &mut self,
        epoll: &OwnedFd,
        now_ns: u64,
        figures: &mut Figures,
    ) -> Result<(), Failure> {
        let Some(line) = &mut self.line else {
            return Ok(());
        };
        while self.session.is_logged_on()
            && line.waiting_bytes() + self.session.out_bytes() < WAITING_BYTES_MAX
            && let Some(Due { new, scheduled_ns }) = self.due.pop_front()
        {
            let number = self.session.next_out;
            let (msg_type, body) = self.requests.order(new, scheduled_ns, number, now_ns);
            self.session.send(msg_type, body, now_ns);
            figures.orders += 1;
            figures
                .own_delay
                .record(now_ns.saturating_sub(scheduled_ns));
            let number = self.session.next_out;
            if let Some((msg_type, body)) = self.requests.cancel(scheduled_ns, number, now_ns) {
                self.session.send(msg_type, body, now_ns);
                figures.cancels += 1;
            }
        }
        if self.fault_end_ns.is_some() {
            self.requests.on_fault();
        }
        let sent = self.write_out(epoll, now_ns);
        match sent {
            Ok(()) => Ok(()),
            Err(Lost(error)) => self.lose(&error.to_string(), now_ns),
        }
    }

    fn write_out(&mut self, epoll: &OwnedFd, now_ns: u64) -> Result<(), Lost> {
        let Some(line) = &mut self.line else {
            return Ok(());
        };
        if line.is_connected()? {
            line.push(&self.session.take_out());
            let ledger = &mut self.ledger;
            line.write(&mut |bytes| ledger.take(Direction::Out, bytes, now_ns))?;
        }
        line.watch(epoll, self.reads_again_at_ns == 0)
    }

    /// A fault: the line is dropped, and made again at once.
    pub(super) fn cut(&mut self, now_ns: u64) -> Result<bool, Failure> {
        if !self.is_logged_on() {
            return Ok(false);
        }
        self.begin_fault(u64::MAX);
        self.lose("cut on purpose", now_ns)?;
        self.retry_at_ns = now_ns;
        Ok(true)
    }

    /// A fault: nothing is read until `until_ns`.
    pub(super) fn stall(&mut self, until_ns: u64) -> bool {
        if !self.is_logged_on() {
            return false;
        }
        self.begin_fault(until_ns);
        self.reads_again_at_ns = until_ns;
        true
    }

    fn begin_fault(&mut self, end_ns: u64) {
        self.fault_end_ns = Some(end_ns);
        self.requests.on_fault();
    }

    /// Begins to log out; no line is made again.
    pub(super) fn log_out(&mut self, epoll: &OwnedFd, now_ns: u64) -> Result<(), Failure> {
        self.is_leaving = true;
        self.reads_again_at_ns = 0;
        if self.is_logged_on() {
            self.session.logout(now_ns);
        }
        if let Err(Lost(error)) = self.write_out(epoll, now_ns) {
            return self.lose(&error.to_string(), now_ns);
        }
        Ok(())
    }

    fn lose(&mut self, reason: &str, now_ns: u64) -> Result<(), Failure> {
        // Closing the socket takes it out of the epoll as well.
        self.line = None;
        self.retry_at_ns = now_ns + RETRY_NS;
        self.reads_again_at_ns = 0;
        self.ledger.line_lost(now_ns)?;
        self.last_loss = crate::show::escaped(reason);
        if self.has_logged_on && !self.is_leaving {
            self.reconnects += 1;
        }
        Ok(())
    }

    /// Closes the ledger.
    pub(super) fn finish(self, now_ns: u64) -> Result<(), Failure> {
        let file = self.ledger.finish(now_ns)?;
        file.into_inner().map_err(|error| error.into_error())?;
        Ok(())
    }
}
