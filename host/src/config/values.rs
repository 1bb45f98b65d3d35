//! Words that a configuration value may be.

use gwanmun_fix::Version;
use gwanmun_fix::time::Precision;

/// A closed set of words in a configuration file.
pub(super) trait Word: Copy + 'static {
    /// Every word with its meaning, in the order in which they are listed to people.
    const WORDS: &'static [(&'static str, Self)];
}

impl Word for Version {
    const WORDS: &'static [(&'static str, Version)] = &[
        ("FIX.4.2", Version::Fix42),
        ("FIX.4.4", Version::Fix44),
        ("FIXT.1.1", Version::Fix50Sp2),
    ];
}

impl Word for Precision {
    const WORDS: &'static [(&'static str, Precision)] = &[
        ("seconds", Precision::Seconds),
        ("milliseconds", Precision::Milliseconds),
        ("microseconds", Precision::Microseconds),
        ("nanoseconds", Precision::Nanoseconds),
    ];
}

/// What an order core does when a turn found nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdleStrategy {
    /// Poll again at once: lowest latency, one core fully used.
    Spin,
    /// Give the core to whoever waits for it.
    Yield,
    /// Sleep until something arrives or a deadline passes.
    Park,
}

impl Word for IdleStrategy {
    const WORDS: &'static [(&'static str, IdleStrategy)] = &[
        ("spin", IdleStrategy::Spin),
        ("yield", IdleStrategy::Yield),
        ("park", IdleStrategy::Park),
    ];
}

impl IdleStrategy {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(self)
    }
}

/// How the transport watches listeners and sessions that are not hot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportChoice {
    /// io_uring where the kernel allows it, otherwise epoll, with a finding.
    Auto,
    /// io_uring or no start.
    Uring,
    /// epoll or no start.
    Epoll,
    /// Not at all: every socket is asked in every turn.
    Plain,
}

impl Word for TransportChoice {
    const WORDS: &'static [(&'static str, TransportChoice)] = &[
        ("auto", TransportChoice::Auto),
        ("uring", TransportChoice::Uring),
        ("epoll", TransportChoice::Epoll),
        ("plain", TransportChoice::Plain),
    ];
}

impl TransportChoice {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(self)
    }
}

/// What an acknowledgement waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalMode {
    /// On record in memory that survives the process.
    Memory,
    /// On disk, which survives power.
    Durable,
}

impl Word for JournalMode {
    const WORDS: &'static [(&'static str, JournalMode)] = &[
        ("memory", JournalMode::Memory),
        ("durable", JournalMode::Durable),
    ];
}

impl JournalMode {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(self)
    }
}

/// What is spoken on a venue's order line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenueProtocol {
    /// OUCH 5.0 over SoupBinTCP 3.0, in the profile of `binary/SCHEMA.md`.
    Ouch50,
    /// FIX, with us as initiator.
    Fix,
}

impl Word for VenueProtocol {
    const WORDS: &'static [(&'static str, VenueProtocol)] = &[
        ("ouch50", VenueProtocol::Ouch50),
        ("fix", VenueProtocol::Fix),
    ];
}

impl VenueProtocol {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        word_of(self)
    }
}

/// The word behind a value.
pub(super) fn word_of<W: Word + PartialEq>(value: W) -> &'static str {
    W::WORDS
        .iter()
        .find(|(_, meaning)| *meaning == value)
        .map_or("?", |(word, _)| *word)
}
