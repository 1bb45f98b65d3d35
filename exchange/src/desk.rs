//! Between the lines and the venue: who may log on, what is on record, what each user was sent.
//!
//! In it: [`Desk`], which writes the ledger, gives messages to the venue, encodes its reports into
//! the users' streams, and makes feed records. It has no socket, so that a whole day can be played
//! to it in memory. Next: [`crate::exchange`], which moves bytes.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::PathBuf;

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::soup::LoginRequest;
use gwanmun_binary::soup::packet::SESSION_CURRENT;
use gwanmun_market::Text;

use crate::clock::Moment;
use crate::events::LoginRefusal;
use crate::ledger::Ledger;
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
    /// A user's stream is full, see [`crate::stream::STREAM_BYTES_MAX`].
    StreamFull(Text<6>),
}

impl core::fmt::Display for DeskError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            DeskError::Ledger(error) => write!(f, "the ledger cannot be written: {error}"),
            DeskError::StreamFull(user) => write!(f, "the stream of user {user} is full"),
        }
    }
}

impl core::error::Error for DeskError {}

impl From<io::Error> for DeskError {
    fn from(error: io::Error) -> Self {
        DeskError::Ledger(error)
    }
}

/// The venue with its users, streams and ledger.
pub struct Desk {
    venue: Venue,
    users: Vec<User>,
    /// Invariant: one for each user.
    streams: Vec<Stream>,
    session: [u8; 10],
    ledger: Option<Ledger>,
    /// Messages behind which a line is dropped, those still to come.
    drops: Vec<u64>,
    reports: u64,
}

impl Desk {
    /// Opens the ledger and begins the session.
    ///
    /// # Errors
    /// [`DeskError`], and the ledger's path when it is the ledger's.
    pub fn open(plan: &Plan, now: Moment) -> Result<Self, (PathBuf, DeskError)> {
        let fail = |error| (plan.ledger.clone().unwrap_or_default(), error);
        let ledger = plan
            .ledger
            .as_ref()
            .map(|path| {
                File::create(path).and_then(|file| Ledger::start(Box::new(BufWriter::new(file))))
            })
            .transpose()
            .map_err(|error| fail(DeskError::Ledger(error)))?;
        Self::with_ledger(plan, ledger, now).map_err(fail)
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
    /// [`DeskError::Ledger`].
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

    /// Hands the ledger to the kernel; done each turn, so that a killed gateway loses nothing of
    /// it.
    ///
    /// # Errors
    /// [`DeskError::Ledger`].
    pub fn flush(&mut self) -> Result<(), DeskError> {
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
