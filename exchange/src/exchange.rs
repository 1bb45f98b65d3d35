//! The venue's process: its listeners and one loop.
//!
//! In it: [`Exchange`], which is started from a [`Plan`] and runs until it is told to stop, and
//! [`run`], which does all of it from a configuration's text. One thread; it waits in poll(2), so
//! that an idle venue uses no core. A turn reads every order line and acts on it, sends what the
//! streams have, then serves the feed, each changed instrument once. Ledger and day log are flushed
//! before anything is sent.
//! Next: `order_lines.rs`, `feed_lines.rs`.

use core::fmt;
use core::net::SocketAddr;
use std::io::{self, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::clock::DayClock;
use crate::config::{Config, ConfigError};
use crate::desk::{Desk, DeskError};
use crate::events::{Event, LineKind, Operator};
use crate::feed_lines::FeedLines;
use crate::fix_lines::FixLines;
use crate::order_lines::OrderLines;
use crate::plan::{Plan, PlanError};

/// Longest wait: how long a wish to stop may go unseen when no signal interrupts the wait.
const WAIT_NS_MAX: u64 = 50_000_000;
/// How often the clock is compared with the host's.
const RECALIBRATE_NS: u64 = 1_000_000_000;

/// A venue that listens.
pub struct Exchange {
    desk: Desk,
    clock: DayClock,
    recalibrate_at_ns: u64,
    order_listener: TcpListener,
    feed_listener: TcpListener,
    orders: OrderLines,
    feed: FeedLines,
    fix: Option<(TcpListener, FixLines)>,
}

/// What a venue did until it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Member messages taken, AccountQuery not counted.
    pub messages: u64,
    /// Sequenced messages made, of all users.
    pub reports: u64,
}

/// Why a venue did not start, or did not go on.
#[derive(Debug)]
pub enum ExchangeError {
    /// The configuration's text is wrong.
    Config(ConfigError),
    /// A file that the configuration names is missing or wrong.
    Plan(PlanError),
    /// No listener at this address.
    Listen(LineKind, SocketAddr, io::Error),
    /// The ledger or the day log cannot be created, or not be gone on with.
    Record(PathBuf, DeskError),
    /// The venue stopped itself.
    Desk(DeskError),
    /// The kernel refused to wait.
    Wait(io::Error),
}

impl fmt::Display for ExchangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExchangeError::Config(error) => error.fmt(f),
            ExchangeError::Plan(error) => error.fmt(f),
            ExchangeError::Listen(kind, address, error) => {
                let kind = match kind {
                    LineKind::Order => "order",
                    LineKind::Feed => "feed",
                    LineKind::Fix => "FIX",
                };
                write!(f, "cannot listen for the {kind} line at {address}: {error}")?;
                match error.kind() {
                    ErrorKind::AddrInUse => {
                        f.write_str("; another process has the port: choose another, or port 0")
                    }
                    ErrorKind::PermissionDenied => {
                        f.write_str("; ports below 1024 need a privilege: choose a higher one")
                    }
                    ErrorKind::AddrNotAvailable => {
                        f.write_str("; no interface of this host has the address")
                    }
                    _ => Ok(()),
                }
            }
            ExchangeError::Record(path, error) => write!(f, "{}: {error}", path.display()),
            ExchangeError::Desk(error) => error.fmt(f),
            ExchangeError::Wait(error) => write!(f, "cannot wait for the lines: {error}"),
        }
    }
}

impl core::error::Error for ExchangeError {}

impl From<DeskError> for ExchangeError {
    fn from(error: DeskError) -> Self {
        ExchangeError::Desk(error)
    }
}

/// Reads a configuration, starts a venue and runs it until `stop` says so.
///
/// Relative paths in the configuration are taken from `folder`.
///
/// # Errors
/// [`ExchangeError`].
pub fn run(
    config_text: &str,
    folder: &Path,
    stop: &dyn Fn() -> bool,
    operator: &mut dyn Operator,
) -> Result<Summary, ExchangeError> {
    let config = Config::parse(config_text).map_err(ExchangeError::Config)?;
    let plan = Plan::load(&config, folder).map_err(ExchangeError::Plan)?;
    Exchange::start(&plan, operator)?.run(stop, operator)
}

impl Exchange {
    /// Begins the session, or goes on with the one that was kept, and listens.
    ///
    /// # Errors
    /// [`ExchangeError::Listen`] and [`ExchangeError::Record`].
    pub fn start(plan: &Plan, operator: &mut dyn Operator) -> Result<Self, ExchangeError> {
        let mut clock = DayClock::start();
        let now = clock.now();
        let (desk, restored) = Desk::open(plan, now, clock.day_start_ns())
            .map_err(|(path, error)| ExchangeError::Record(path, error))?;
        operator.tell(
            now.utc_ns,
            &Event::Started {
                session: &plan.session,
                trading_day: &plan.trading_day,
                instruments: desk.instrument_count(),
            },
        );
        if let Some(restored) = restored {
            clock.go_on(restored.day_start_ns);
            operator.tell(
                now.utc_ns,
                &Event::Restored {
                    messages: desk.messages(),
                    reports: desk.reports(),
                    torn_bytes: restored.torn_bytes,
                },
            );
        }
        let order_listener = listen(LineKind::Order, plan.order_listen, now.utc_ns, operator)?;
        let feed_listener = listen(LineKind::Feed, plan.feed_listen, now.utc_ns, operator)?;
        let fix = match &plan.fix {
            Some(fix) => {
                let listener = listen(LineKind::Fix, fix.listen, now.utc_ns, operator)?;
                Some((listener, FixLines::new(fix)))
            }
            None => None,
        };
        Ok(Exchange {
            desk,
            fix,
            clock,
            recalibrate_at_ns: now.utc_ns.saturating_add(RECALIBRATE_NS),
            order_listener,
            feed_listener,
            orders: OrderLines::behind(restored.map_or(0, |restored| restored.last_line)),
            feed: FeedLines::new(plan.feed_heartbeat_ns),
        })
    }

    /// Where order lines connect, with the port taken; `None` when the kernel does not tell.
    #[must_use]
    pub fn order_address(&self) -> Option<SocketAddr> {
        self.order_listener.local_addr().ok()
    }

    /// Where the feed is served; `None` when the kernel does not tell.
    #[must_use]
    pub fn feed_address(&self) -> Option<SocketAddr> {
        self.feed_listener.local_addr().ok()
    }

    /// Where FIX is spoken; `None` when nowhere, or when the kernel does not tell.
    #[must_use]
    pub fn fix_address(&self) -> Option<SocketAddr> {
        self.fix.as_ref()?.0.local_addr().ok()
    }

    /// Runs until `stop` says so, asked at least every 50 ms, or the venue cannot go on.
    ///
    /// # Errors
    /// [`ExchangeError::Desk`] and [`ExchangeError::Wait`].
    pub fn run(
        mut self,
        stop: &dyn Fn() -> bool,
        operator: &mut dyn Operator,
    ) -> Result<Summary, ExchangeError> {
        let mut result = Ok(());
        while result.is_ok() && !stop() {
            result = self.wait().and_then(|()| Ok(self.turn(operator)?));
        }
        let now = self.clock.now();
        self.orders.end_all(&self.desk, now.utc_ns, operator);
        self.feed.end_all(now, operator);
        if let Some((_, lines)) = &mut self.fix {
            lines.end_all(&self.desk, now.utc_ns, operator);
        }
        let flushed = self.desk.flush();
        let (messages, reports) = (self.desk.messages(), self.desk.reports());
        operator.tell(now.utc_ns, &Event::Stopped { messages, reports });
        result?;
        flushed?;
        Ok(Summary { messages, reports })
    }

    /// Sleeps until something arrives, can be sent or is due.
    fn wait(&self) -> Result<(), ExchangeError> {
        let now_ns = self.clock.now().utc_ns;
        let fix = self.fix.as_ref();
        let deadlines = [
            self.orders.next_deadline_ns(),
            self.feed.next_deadline_ns(),
            fix.and_then(|(_, lines)| lines.next_deadline_ns()),
        ];
        let due_ns = deadlines.into_iter().flatten().min().unwrap_or(u64::MAX);
        let wait_ns = due_ns.saturating_sub(now_ns).min(WAIT_NS_MAX);
        let timeout = Timespec {
            tv_sec: 0,
            tv_nsec: i64::try_from(wait_ns).unwrap_or(0),
        };
        let mut watched = vec![
            PollFd::new(&self.order_listener, PollFlags::IN),
            PollFd::new(&self.feed_listener, PollFlags::IN),
        ];
        if let Some((listener, _)) = fix {
            watched.push(PollFd::new(listener, PollFlags::IN));
        }
        let of_fix = fix.into_iter().flat_map(|(_, lines)| lines.sockets());
        let sockets = self.orders.sockets().chain(self.feed.sockets());
        for (socket, has_waiting) in sockets.chain(of_fix) {
            let flags = if has_waiting {
                PollFlags::IN | PollFlags::OUT
            } else {
                PollFlags::IN
            };
            watched.push(PollFd::new(socket, flags));
        }
        match poll(&mut watched, Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(ExchangeError::Wait(error.into())),
        }
    }

    fn turn(&mut self, operator: &mut dyn Operator) -> Result<(), DeskError> {
        let now = self.clock.now();
        if now.utc_ns >= self.recalibrate_at_ns {
            self.clock.recalibrate();
            self.recalibrate_at_ns = now.utc_ns.saturating_add(RECALIBRATE_NS);
        }
        while let Some((socket, peer)) = accepted(&self.order_listener) {
            self.orders.accept(socket, peer, now, operator);
        }
        while let Some((socket, peer)) = accepted(&self.feed_listener) {
            self.feed.accept(socket, peer, now, operator);
        }
        if let Some((listener, lines)) = &mut self.fix {
            while let Some((socket, peer)) = accepted(listener) {
                lines.accept(socket, peer, now);
            }
        }
        let clock = &self.clock;
        self.orders
            .receive(&mut self.desk, &|| clock.now(), operator)?;
        if let Some((_, lines)) = &mut self.fix {
            lines.receive(&mut self.desk, &|| clock.now(), operator)?;
        }
        // On record before on the wire.
        self.desk.flush()?;
        self.orders
            .send(&self.desk, self.clock.now().utc_ns, operator);
        if let Some((_, lines)) = &mut self.fix {
            lines.send(&self.desk, self.clock.now().utc_ns, operator);
        }
        let changed = (self.desk.take_changed_halts(), self.desk.take_changed());
        self.feed
            .turn(&changed, &self.desk, self.clock.now(), operator);
        Ok(())
    }
}

fn listen(
    kind: LineKind,
    address: SocketAddr,
    now_ns: u64,
    operator: &mut dyn Operator,
) -> Result<TcpListener, ExchangeError> {
    let fail = |error| ExchangeError::Listen(kind, address, error);
    let listener = TcpListener::bind(address).map_err(fail)?;
    listener.set_nonblocking(true).map_err(fail)?;
    let address = listener.local_addr().map_err(fail)?;
    operator.tell(now_ns, &Event::Listening { kind, address });
    Ok(listener)
}

/// The next connection that waits; one that failed before it was taken is none.
fn accepted(listener: &TcpListener) -> Option<(TcpStream, SocketAddr)> {
    listener.accept().ok()
}
