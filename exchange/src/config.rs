//! The venue's configuration file.
//!
//! In it: [`Config`] as TOML has it, checked while it is read, so that a mistake is named with its
//! place; [`ConfigError`]. Deliberately not in it: showing an error (the command line does, with
//! the file's name and the lines around), and the instrument file (see [`crate::instruments`]).
//! Secrets stand in files of their own; the key `password_file` names one. Next:
//! [`crate::exchange`].

use core::fmt;
use core::net::SocketAddr;
use core::ops::Range;
use std::path::PathBuf;

use gwanmun_market::{Phase, Symbol, Text};
use serde::Deserialize;

pub use crate::script::ScriptEntry;

/// What is wrong with a configuration or instrument file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Bytes of the file's text that are at fault; `None` when something is missing altogether or
    /// another file cannot be read.
    pub span: Option<Range<usize>>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        ConfigError {
            span: None,
            message: message.into(),
        }
    }

    pub(crate) fn at<T>(place: &toml::Spanned<T>, message: impl Into<String>) -> Self {
        ConfigError {
            span: Some(place.span()),
            message: message.into(),
        }
    }
}

impl From<&toml::de::Error> for ConfigError {
    fn from(error: &toml::de::Error) -> Self {
        ConfigError {
            span: error.span(),
            message: error.message().to_owned(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for ConfigError {}

/// Everything the venue is told at its start. Paths are as the file has them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where members' order lines connect; port 0 takes a free one.
    pub order_listen: SocketAddr,
    /// Where the market-state feed is served; port 0 takes a free one.
    pub feed_listen: SocketAddr,
    /// Session of the SoupBinTCP lines, one to ten printable characters.
    pub session: SessionName,
    /// The trading day as `YYYY-MM-DD`, shown to the operator; it decides nothing.
    #[serde(default)]
    pub trading_day: TradingDayText,
    /// Who may log on, on either listener.
    pub users: Vec<UserEntry>,
    /// Instrument file; the built-in one when absent.
    #[serde(default)]
    pub instruments: Option<PathBuf>,
    /// Where the ledger is written, a new file each time; none when absent.
    #[serde(default)]
    pub ledger: Option<PathBuf>,
    /// Where the day is kept over a restart (see [`crate::day_log`]); not kept when absent.
    #[serde(default)]
    pub day_log: Option<PathBuf>,
    /// Whether events for the operator are JSON lines; the command line reads it.
    #[serde(default)]
    pub log_json: bool,
    /// Phase of every instrument at the start.
    #[serde(default = "continuous")]
    pub phase: PhaseText,
    /// The other participants; absent means that there are none.
    #[serde(default)]
    pub seed: SeedProfile,
    /// Changes of phases, halts, boards and limits by message count.
    #[serde(default)]
    pub script: Vec<ScriptEntry>,
    /// What goes wrong on purpose.
    #[serde(default)]
    pub faults: Faults,
    /// The FIX port; absent means that there is none.
    #[serde(default)]
    pub fix: Option<FixEntry>,
    /// After so many milliseconds without a record the feed sends a heartbeat.
    #[serde(default = "feed_heartbeat_ms")]
    pub feed_heartbeat_ms: u32,
}

const fn continuous() -> PhaseText {
    PhaseText(Phase::Continuous)
}

/// Short enough that a gateway's view of the market is never old because nothing happened.
const fn feed_heartbeat_ms() -> u32 {
    100
}

impl Config {
    /// Reads a configuration file's text.
    ///
    /// # Errors
    /// [`ConfigError`] with the place in `text`.
    pub fn parse(text: &str) -> Result<Config, ConfigError> {
        let config: Config = toml::from_str(text).map_err(|error| ConfigError::from(&error))?;
        if config.users.is_empty() {
            return Err(ConfigError::new(
                "`users` names nobody; add a [[users]] section",
            ));
        }
        for (index, user) in config.users.iter().enumerate() {
            if config
                .users
                .iter()
                .take(index)
                .any(|other| other.username == user.username)
            {
                return Err(ConfigError::new(format!(
                    "user {} stands in `users` twice",
                    user.username.0
                )));
            }
        }
        for entry in config.fix.iter().flat_map(|fix| &fix.participants) {
            if config.users.iter().all(|user| user.username != entry.user) {
                return Err(ConfigError::new(format!(
                    "[[fix.participants]] names the user {}, who is not in `users`",
                    entry.user.0
                )));
            }
        }
        for entry in &config.script {
            if let Some(fault) = entry.fault() {
                let after = entry.after_messages;
                let message = format!("[[script]] after {after} messages: {fault}");
                return Err(ConfigError::new(message));
            }
        }
        Ok(config)
    }
}

/// The FIX port: FIX 4.4, beside the order lines and into the same books.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixEntry {
    /// Where participants connect; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The venue's CompID.
    pub comp_id: CompIdText,
    /// Who may log on.
    pub participants: Vec<FixParticipant>,
}

/// One participant of the FIX port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixParticipant {
    /// Its CompID.
    pub comp_id: CompIdText,
    /// The user whose account it trades for; that user opens no order line beside it.
    pub user: UserName,
}

/// SenderCompID(49) or TargetCompID(56).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct CompIdText(pub Text<32>);

impl TryFrom<String> for CompIdText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        printable(&text)
            .map(CompIdText)
            .ok_or("a CompID has one to 32 printable ASCII characters without blanks")
    }
}

/// One user of the venue's lines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserEntry {
    /// Username, one to six printable characters.
    pub username: UserName,
    /// File whose first line is the password, one to ten printable characters.
    pub password_file: PathBuf,
}

/// The other participants, made from a seed and driven by the count of members' messages alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeedProfile {
    /// Where the numbers start.
    pub seed: u64,
    /// Price levels kept filled on each side; 0 switches the participants off.
    pub levels: u32,
    /// Least quantity of a participant's order, in lots.
    pub quantity_min: u32,
    /// Largest quantity of a participant's order, in lots.
    pub quantity_max: u32,
    /// How many ticks the middle of their prices wanders to either side of the base price.
    pub drift_ticks: u32,
    /// Every so many messages the levels of the message's instrument are filled up; 0 never.
    pub refill_every: u32,
    /// Every so many messages somebody trades with a member's resting order; 0 never.
    pub cross_every: u32,
    /// One in so many cancels comes too late: its order trades just before it; 0 none.
    pub late_cancel_every: u32,
    /// One in so many replaces comes too late; 0 none.
    pub late_replace_every: u32,
}

impl SeedProfile {
    /// A lively market that shows every kind of report within some hundred messages.
    #[must_use]
    pub const fn lively(seed: u64) -> Self {
        SeedProfile {
            seed,
            levels: 5,
            quantity_min: 10,
            quantity_max: 200,
            drift_ticks: 3,
            refill_every: 4,
            cross_every: 5,
            late_cancel_every: 10,
            late_replace_every: 20,
        }
    }
}

/// What goes wrong on purpose, always by message count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Behind each of these member messages the order line that sent it is dropped: what it still
    /// brings is not read, and what is not yet sent is not sent (a replay brings it).
    pub drop_order_line_after: Vec<u64>,
    /// Every so many new orders one is refused for a reason that no table foretells; 0 never.
    pub reject_every: u32,
}

/// A SoupBinTCP session, padded with blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SessionName(pub [u8; 10]);

impl TryFrom<String> for SessionName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        printable::<10>(text.trim_end())
            .map(|session| SessionName(session.padded()))
            .ok_or("a session has one to ten printable ASCII characters")
    }
}

/// A user's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct UserName(pub Text<6>);

impl TryFrom<String> for UserName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        printable(&text)
            .map(UserName)
            .ok_or("a username has one to six printable ASCII characters without blanks")
    }
}

/// An instrument's short code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SymbolText(pub Symbol);

impl TryFrom<String> for SymbolText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        printable(&text)
            .map(SymbolText)
            .ok_or("a symbol has one to eight printable ASCII characters without blanks")
    }
}

/// One of `closed`, `opening_auction`, `continuous`, `closing_auction`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PhaseText(pub Phase);

impl TryFrom<String> for PhaseText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(PhaseText(match text.as_str() {
            "closed" => Phase::Closed,
            "opening_auction" => Phase::OpeningAuction,
            "continuous" => Phase::Continuous,
            "closing_auction" => Phase::ClosingAuction,
            _ => return Err("a phase: closed, opening_auction, continuous or closing_auction"),
        }))
    }
}

/// A date as `YYYY-MM-DD`, or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TradingDayText(pub String);

impl TryFrom<String> for TradingDayText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let shape_fits = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if shape_fits {
            Ok(TradingDayText(text))
        } else {
            Err("a date as YYYY-MM-DD")
        }
    }
}

/// The text when it is short enough, not empty, and can stand in a blank-padded field.
pub(crate) fn printable<const N: usize>(text: &str) -> Option<Text<N>> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain {
        Text::new(text.as_bytes())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../exchange.toml");

    #[test]
    fn the_example_reads() {
        let config = Config::parse(EXAMPLE).unwrap();
        assert_eq!(&config.session.0, b"KRX0000001");
        assert_eq!(config.phase.0, Phase::Continuous);
        assert_eq!(config.seed, SeedProfile::lively(20_261_123));
    }

    #[test]
    fn mistakes_are_refused_at_their_place() {
        for (from, to) in [
            ("session = \"KRX0000001\"", "session = \"KRX00000001\""),
            ("session = \"KRX0000001\"", "session = \"\""),
            ("trading_day = \"2026-11-23\"", "trading_day = \"20261123\""),
            ("phase = \"continuous\"", "phase = \"open\""),
            ("127.0.0.1:9101", "localhost"),
            ("[seed]", "[seed]\ncolour = 1"),
            ("levels = 5", "levels = -5"),
            ("username = \"GWAN01\"", "username = \"GWANMUN01\""),
        ] {
            assert!(EXAMPLE.contains(from), "{from}");
            let error = Config::parse(&EXAMPLE.replacen(from, to, 1)).unwrap_err();
            assert!(error.span.is_some(), "{to}: {error}");
        }
    }

    #[test]
    fn somebody_may_log_on_and_only_once() {
        let without = EXAMPLE.replacen("[[users]]", "[[userz]]", 1);
        assert!(Config::parse(&without).is_err());
        let user = "\n[[users]]\nusername = \"GWAN01\"\npassword_file = \"p\"\n";
        let twice = format!("{EXAMPLE}{user}");
        assert!(Config::parse(&twice).unwrap_err().message.contains("twice"));
    }
}
