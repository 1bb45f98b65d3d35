//! What each level asks of a candidate, and what a lane is.
//!
//! A candidate says what it can do by the traits here: [`Framer`], [`Indexer`], [`Reader`],
//! [`GroupReader`], [`Encoder`]. A [`Lane`] binds one of them to a ground; [`crate::work`] makes
//! the lanes.

use crate::clock::thread_ns;
use crate::message_sets::Order;

/// The levels, as the race prints them.
pub const LEVELS: [&str; 6] = ["frame", "index", "fields", "validated", "groups", "encode"];

/// Finds the end of the first message of a stream and verifies its CheckSum(10).
pub trait Framer {
    /// Whether it can only be given one message, not the stream.
    const WANTS_ENDS: bool = false;

    /// Bytes of the first message; `None` when it is refused.
    fn length(&mut self, bytes: &[u8]) -> Option<usize>;
}

/// Frames a message and finds every tag and value, BodyLength(9) and CheckSum(10) verified.
pub trait Indexer {
    /// Tags of the fields that it verifies but does not list.
    const LEAVES_OUT: &'static [u32] = &[];

    /// How many fields there are, all of them being indexed.
    fn count(&mut self, message: &[u8]) -> Option<usize>;

    /// The fields themselves, for the check alone.
    fn fields(&mut self, message: &[u8]) -> Option<Vec<(u32, Vec<u8>)>>;
}

/// A decimal number in a candidate's own type.
pub trait Number {
    /// In ten-thousandths.
    fn ten_thousandths(&self) -> i64;
}

impl Number for i64 {
    fn ten_thousandths(&self) -> i64 {
        *self
    }
}

impl Number for f64 {
    fn ten_thousandths(&self) -> i64 {
        (self * 10_000.0).round() as i64
    }
}

/// A UTCTimestamp in a candidate's own type.
pub trait Moment {
    /// In milliseconds since the epoch.
    fn epoch_ms(&self) -> u64;
}

/// Nanoseconds since the epoch.
impl Moment for u64 {
    fn epoch_ms(&self) -> u64 {
        self / 1_000_000
    }
}

/// The eight fields of the level `fields`, as a candidate reads them.
#[derive(Debug)]
pub struct Values<'m, N, T> {
    /// MsgSeqNum(34).
    pub msg_seq_num: u64,
    /// SendingTime(52).
    pub sending: T,
    /// TransactTime(60).
    pub transact: T,
    /// ClOrdID(11).
    pub cl_ord_id: &'m [u8],
    /// Symbol(55).
    pub symbol: &'m [u8],
    /// Side(54).
    pub side: u8,
    /// OrderQty(38).
    pub order_qty: N,
    /// Price(44).
    pub price: N,
}

/// Reads eight typed fields of an order or a report.
pub trait Reader {
    /// Its decimals.
    type Number: Number;
    /// Its times.
    type Moment: Moment;

    /// Hands the values on; `None` when the message is refused.
    fn read<R>(
        &mut self,
        message: &[u8],
        then: impl FnOnce(&Values<'_, Self::Number, Self::Moment>) -> R,
    ) -> Option<R>;
}

/// Reads type, price and size of every entry of a repeating group.
pub trait GroupReader {
    /// Its decimals.
    type Number: Number;

    /// Hands each entry on; `None` when the message is refused.
    fn read(
        &mut self,
        message: &[u8],
        each: impl FnMut(u8, Self::Number, Self::Number),
    ) -> Option<()>;
}

/// Writes a NewOrderSingle(35=D) from numbers.
pub trait Encoder {
    /// Whether its message must be ours byte by byte. Else the fields are compared without their
    /// order, and without BeginString(8), BodyLength(9) and CheckSum(10).
    const IS_SAME_BYTES: bool = true;

    /// Hands the message on; `None` when it cannot be written.
    fn encode<R>(&mut self, order: &Order, then: impl FnOnce(&[u8]) -> R) -> Option<R>;
}

/// Who runs, or why not.
pub enum Entrant {
    /// A candidate on its ground.
    Lane(Lane),
    /// One who cannot do this.
    LeftOut {
        /// The candidate.
        candidate: String,
        /// Why.
        reason: String,
    },
}

impl Entrant {
    /// One who cannot do this.
    pub fn left_out(candidate: &str, reason: impl Into<String>) -> Entrant {
        Entrant::LeftOut {
            candidate: candidate.to_owned(),
            reason: reason.into(),
        }
    }
}

/// Something that can be checked and timed.
pub trait Work {
    /// Holds every answer against the truth.
    ///
    /// # Errors
    /// What is wrong, in words.
    fn check(&mut self) -> Result<(), String>;

    /// One pass over the ground; the sum of its answers.
    ///
    /// # Errors
    /// A message was refused.
    fn pass(&mut self) -> Result<u64, String>;

    /// Times so many passes: CPU nanoseconds, and the answer of each.
    ///
    /// # Errors
    /// A message was refused, or the answer changed.
    fn time(&mut self, passes: u32) -> Result<(u64, u64), String> {
        let mut answer = None;
        let before = thread_ns();
        for _ in 0..passes {
            let found = self.pass()?;
            if *answer.get_or_insert(found) != found {
                return Err("another answer in another pass".to_owned());
            }
        }
        Ok((thread_ns().saturating_sub(before), answer.unwrap_or(0)))
    }
}

/// A candidate on its ground.
pub struct Lane {
    /// Its name.
    pub candidate: String,
    work: Box<dyn Work>,
}

impl Lane {
    /// Any work under a name.
    pub fn new(candidate: &str, work: impl Work + 'static) -> Lane {
        Lane {
            candidate: candidate.to_owned(),
            work: Box::new(work),
        }
    }

    /// See [`Work::check`].
    ///
    /// # Errors
    /// As there.
    pub fn check(&mut self) -> Result<(), String> {
        self.work.check()
    }

    /// See [`Work::time`].
    ///
    /// # Errors
    /// As there.
    pub fn time(&mut self, passes: u32) -> Result<(u64, u64), String> {
        self.work.time(passes)
    }
}
