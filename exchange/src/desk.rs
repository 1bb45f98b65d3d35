//! Between the lines and the venue: who may log on, what is on record, what each user was sent.
//!
//! In it: [`Desk`], which writes the ledger and the day log, brings a kept day back, gives messages
//! to the venue, encodes its reports into the users' streams, and makes feed records. It has no
//! socket, so that a whole day can be played to it in memory. Next: [`crate::exchange`], which
//! moves bytes.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::soup::LoginRequest;
use gwanmun_binary::soup::packet::SESSION_CURRENT;
use gwanmun_market::Text;

use crate::clock::Moment;
use crate::day_log::{DayLog, DayLogError, Entry, Past, Session};
use crate::events::LoginRefusal;
use crate::ledger::{Ledger, masked};
use crate::plan::{Plan, User};
use crate::stream::Stream;
use crate::venue::{Disposition, Venue};

/// Room for any report: the longest, OrderReplaced, has 68 bytes, and this venue adds no options.
pub(crate) const REPORT_BYTES_MAX: usize = 128;

/// Why the venue cannot go on.
#[derive(Debug)]
pub enum DeskError {
    /// The ledger cannot be written; a venue without one could be fooled.
    Ledger(io::Error),
    /// The day log cannot be gone on with, or not be written any more.
    Day(DayLogError),
    /// A user's stream is full, see [`crate::stream::STREAM_BYTES_MAX`].
    StreamFull(Text<6>),
}

impl core::fmt::Display for DeskError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            DeskError::Ledger(error) => write!(f, "the ledger cannot be written: {error}"),
            DeskError::Day(error) => error.fmt(f),
            DeskError::StreamFull(user) => write!(f, "the stream of user {user} is full"),
        }
    }
}

impl core::error::Error for DeskError {}

impl From<DayLogError> for DeskError {
    fn from(error: DayLogError) -> Self {
        DeskError::Day(error)
    }
}

impl From<io::Error> for DeskError {
    fn from(error: io::Error) -> Self {
        DeskError::Ledger(error)
    }
}

/// A packet whose record is not complete before it is acted on.
struct Pending {
    moment: Moment,
    line: u32,
    account: Option<usize>,
    is_acted_on: bool,
    packet: Vec<u8>,
}

/// What a day was gone on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// UTC of the day's 00:00 KST, in nanoseconds.
    pub day_start_ns: u64,
    /// Highest number of an order line.
    pub last_line: u32,
    /// Bytes cut off the day log's end.
    pub torn_bytes: u64,
}

/// The venue with its users, streams, ledger and day log.
pub struct Desk {
    pub(crate) venue: Venue,
    users: Vec<User>,
    /// Invariant: one for each user.
    streams: Vec<Stream>,
    session: [u8; 10],
    ledger: Option<Ledger>,
    /// Messages behind which a line is dropped, those still to come.
    drops: Vec<u64>,
    reports: u64,
    /// Checksum of all reports so far, and whose they are.
    told: u32,
    day: Option<DayLog>,
    /// The latest packet, when there is a day log and it is not in it.
    pending: Option<Pending>,
}

impl Desk {
    /// Opens ledger and day log and begins the session, or goes on with the one that the day log
    /// tells. The ledger is written anew, from the day log as far as that goes.
    ///
    /// # Errors
    /// [`DeskError`], with the path of the ledger or the day log.
    pub fn open(
        plan: &Plan,
        now: Moment,
        day_start_ns: u64,
    ) -> Result<(Self, Option<Restored>), (PathBuf, DeskError)> {
        let day = match &plan.day_log {
            None => None,
            Some(path) => {
                let session = Session {
                    name: plan.session,
                    identity: identity(plan),
                    day_start_ns,
                    began: now,
                };
                let opened = DayLog::open(path, session);
                Some(opened.map_err(|error| (path.clone(), DeskError::Day(error)))?)
            }
        };
        let past = day.as_ref().and_then(|(_, past)| past.session());
        let began = past.map_or(now, |session| session.began);
        let fail = |error| (plan.ledger.clone().unwrap_or_default(), error);
        let ledger = plan
            .ledger
            .as_ref()
            .map(|path| {
                File::create(path).and_then(|file| Ledger::start(Box::new(BufWriter::new(file))))
            })
            .transpose()
            .map_err(|error| fail(DeskError::Ledger(error)))?;
        let mut desk = Self::with_ledger(plan, ledger, began).map_err(fail)?;
        let Some((log, past)) = day else {
            return Ok((desk, None));
        };
        let fail = |error| (plan.day_log.clone().unwrap_or_default(), error);
        let restored = desk.replay(&past).map_err(fail)?;
        desk.day = Some(log);
        Ok((desk, restored))
    }

    /// Does again what a day log tells, and says the same.
    fn replay(&mut self, past: &Past) -> Result<Option<Restored>, DeskError> {
        let Some(session) = past.session() else {
            return Ok(None);
        };
        let mut restored = Restored {
            day_start_ns: session.day_start_ns,
            last_line: 0,
            torn_bytes: past.torn_bytes(),
        };
        for (offset, entry) in past.entries() {
            let Entry { moment, line, .. } = entry;
            restored.last_line = restored.last_line.max(line);
            if entry.account.is_some_and(|it| it >= self.users.len()) {
                return Err(DayLogError::ToldOtherwise(offset).into());
            }
            self.record(line, entry.account, entry.packet, moment)?;
            if let (true, Some(account)) = (entry.is_acted_on, entry.account) {
                self.on_message(account, message_of(entry.packet), moment)?;
                self.is_drop_due();
            }
            if self.told != entry.told {
                return Err(DayLogError::ToldOtherwise(offset).into());
            }
        }
        self.flush()?;
        Ok(Some(restored))
    }

    /// Begins the session with a ledger of the caller's, or none.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn with_ledger(
        plan: &Plan,
        ledger: Option<Ledger>,
        now: Moment,
    ) -> Result<Self, DeskError> {
        let mut setup = plan.setup.clone();
        setup.accounts = plan.users.len();
        let mut desk = Desk {
            venue: Venue::new(setup, now.day_ns),
            users: plan.users.clone(),
            streams: vec![Stream::default(); plan.users.len()],
            session: plan.session,
            ledger,
            drops: plan.drop_order_line_after.clone(),
            reports: 0,
            told: 0,
            day: None,
            pending: None,
        };
        desk.take_reports(now)?;
        Ok(desk)
    }

    /// Which account a login opens.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn login(&self, login: &LoginRequest) -> Result<usize, LoginRefusal> {
        let is_user = |user: &User| user.name == login.username && user.password == login.password;
        let account = self
            .users
            .iter()
            .position(is_user)
            .ok_or(LoginRefusal::NotAuthorised)?;
        let is_current = [SESSION_CURRENT, self.session].contains(&login.requested_session);
        if is_current {
            Ok(account)
        } else {
            Err(LoginRefusal::SessionNotAvailable)
        }
    }

    /// Puts a packet of an order line on record. It comes before everything else.
    ///
    /// # Errors
    /// [`DeskError::Ledger`] and [`DeskError::Day`].
    pub fn record(
        &mut self,
        line: u32,
        account: Option<usize>,
        packet: &[u8],
        now: Moment,
    ) -> Result<(), DeskError> {
        let user = account.map_or(Text::EMPTY, |account| self.users[account].name);
        if let Some(ledger) = &mut self.ledger {
            ledger.received(now.utc_ns, line, user.as_bytes(), packet)?;
        }
        self.settle_pending()?;
        if self.day.is_some() {
            self.pending = Some(Pending {
                moment: now,
                line,
                account,
                is_acted_on: false,
                packet: masked(packet),
            });
        }
        Ok(())
    }

    /// Adds the latest packet to the day log: all that follows from it is known by now, so that
    /// packet and consequence are one record, there together or not at all.
    fn settle_pending(&mut self) -> Result<(), DeskError> {
        if let (Some(day), Some(pending)) = (&mut self.day, self.pending.take()) {
            let entry = Entry {
                moment: pending.moment,
                line: pending.line,
                account: pending.account,
                is_acted_on: pending.is_acted_on,
                told: self.told,
                packet: &pending.packet,
            };
            day.add(&entry).map_err(DayLogError::Io)?;
        }
        Ok(())
    }

    /// Gives a message to the venue; its reports, whoever's they are, are in the streams after.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn on_message(
        &mut self,
        account: usize,
        message: &[u8],
        now: Moment,
    ) -> Result<Disposition, DeskError> {
        if let Some(pending) = &mut self.pending {
            debug_assert_eq!(message_of(&pending.packet), message, "recorded first");
            pending.is_acted_on = true;
        }
        let disposition = self.venue.on_message(account, message, now.day_ns);
        self.take_reports(now)?;
        Ok(disposition)
    }

    fn take_reports(&mut self, now: Moment) -> Result<(), DeskError> {
        for report in self.venue.take_reports() {
            let mut bytes = [0; REPORT_BYTES_MAX];
            let length = report.message.encode(&mut bytes).unwrap_or(0);
            assert!(length > 0, "every report fits into its room");
            let user = self.users[report.account].name;
            let number = self.streams[report.account]
                .push(&bytes[..length])
                .ok_or(DeskError::StreamFull(user))?;
            self.reports += 1;
            self.told = crc32c::crc32c_append(self.told, user.as_bytes());
            self.told = crc32c::crc32c_append(self.told, &bytes[..length]);
            if let Some(ledger) = &mut self.ledger {
                ledger.sent(
                    now.utc_ns,
                    user.as_bytes(),
                    number,
                    &report.about,
                    &bytes[..length],
                )?;
            }
        }
        Ok(())
    }

    /// Whether the message just taken is one behind which its line is dropped; true once each.
    pub fn is_drop_due(&mut self) -> bool {
        let counted = self.venue.counted();
        let before = self.drops.len();
        self.drops.retain(|&after| after != counted);
        self.drops.len() != before
    }

    /// All that an account was ever sent.
    #[must_use]
    pub fn stream(&self, account: usize) -> &Stream {
        &self.streams[account]
    }

    /// A user's name.
    #[must_use]
    pub fn user(&self, account: usize) -> Text<6> {
        self.users[account].name
    }

    /// The session's name.
    #[must_use]
    pub const fn session(&self) -> [u8; 10] {
        self.session
    }

    /// Number of instruments.
    #[must_use]
    pub fn instrument_count(&self) -> usize {
        self.venue.instrument_count()
    }

    /// Instruments whose state is another one than at the last call.
    pub fn take_changed(&mut self) -> Vec<usize> {
        self.venue.take_changed()
    }

    /// The feed's record of an instrument as it is now.
    #[must_use]
    pub fn market_record(&self, instrument: usize, now: Moment) -> Option<MarketStateRecord> {
        let (symbol, state) = self.venue.market_state(instrument)?;
        Some(MarketStateRecord {
            timestamp_ns: now.day_ns,
            symbol,
            state,
        })
    }

    /// Hands day log and ledger to the kernel; done each turn before anything is sent, so that a
    /// killed venue loses nothing that it told.
    ///
    /// # Errors
    /// [`DeskError::Ledger`] and [`DeskError::Day`].
    pub fn flush(&mut self) -> Result<(), DeskError> {
        self.settle_pending()?;
        if let Some(day) = &mut self.day {
            day.flush().map_err(DayLogError::Io)?;
        }
        Ok(self.ledger.as_mut().map_or(Ok(()), Ledger::flush)?)
    }

    /// Member messages taken, AccountQuery not counted.
    #[must_use]
    pub const fn messages(&self) -> u64 {
        self.venue.counted()
    }

    /// Sequenced messages made, of all users.
    #[must_use]
    pub const fn reports(&self) -> u64 {
        self.reports
    }
}

/// The message of an unsequenced packet: what stands behind its length and type.
fn message_of(packet: &[u8]) -> &[u8] {
    packet.get(3..).unwrap_or_default()
}

/// Checksum of all that decides what the venue says to given messages, passwords and addresses
/// left out.
fn identity(plan: &Plan) -> u32 {
    let decides = format!(
        "{:?} {:?} {:?}",
        plan.setup, plan.users, plan.drop_order_line_after
    );
    crc32c::crc32c(decides.as_bytes())
}
