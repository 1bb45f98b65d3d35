//! What the gateway is told at its start: two TOML files, parsed into types that cannot be wrong.
//!
//! In it: the structs of the gateway file ([`Config`]) and of the tables file ([`Tables`]), their
//! reading with every mistake named by file, line, key and remedy ([`ConfigError`]), secrets by
//! file ([`Secret`]), and the effective configuration written back as TOML ([`Config::effective`]).
//! Not in it: acting on any of it (the host's other modules) and any change while running. Start at
//! [`Config::load`]; `gateway.example.toml` beside this crate's manifest documents every key.

mod added;
mod calendar;
mod conduct;
mod desk;
mod effective;
mod error;
mod exposure;
mod fix_venue;
mod gateway_file;
mod line_keys;
mod lines;
mod market_rules;
mod nearest;
mod network;
mod order_limits;
mod read;
mod schedule;
mod secret;
mod short_sale;
mod tables_file;
mod templates;
#[cfg(test)]
pub(crate) mod tests;
mod tls;
mod trading_day;
mod values;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use gwanmun_fix::Version;
use gwanmun_fix::time::Precision;
use gwanmun_gateway::ExposureRows;
use gwanmun_market::{
    AccountConduct, AccountId, AccountMarks, AccountTerms, ConductLimits, HoldingSource,
    Instrument, MarketRules, OrderLimits, RateLimit, Symbol, Text,
};

pub use added::added_path;
pub use calendar::{Expiry, Hours, Plan, Shown, Window, Zone};
pub(crate) use effective::quoted;
pub use error::{ConfigError, Problem};
pub use market_rules::VenueRuleRow;
pub use network::Network;
pub use secret::Secret;
pub use short_sale::ShortSales;
pub use tls::TlsConfig;
pub use trading_day::TradingDay;
pub use values::{IdleStrategy, JournalMode, TransportChoice, VenueProtocol};

/// The complete commented gateway file, which loads as it stands.
pub const GATEWAY_EXAMPLE: &str = include_str!("../../gateway.example.toml");
/// The complete commented tables file, which loads as it stands.
pub const TABLES_EXAMPLE: &str = include_str!("../../tables.example.toml");

/// The gateway file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `[gateway]`.
    pub gateway: GatewayConfig,
    /// `[journal]`.
    pub journal: JournalConfig,
    /// `[limits]`.
    pub limits: LimitsConfig,
    /// `[secrets] dir`, when given; otherwise `$CREDENTIALS_DIRECTORY` was used.
    pub secrets_dir: Option<PathBuf>,
    /// `[[session]]` over `[defaults]`, in the order of the file; at least one.
    pub sessions: Vec<SessionConfig>,
    /// `[[venue]]`; exactly one so far.
    pub venues: Vec<VenueConfig>,
    /// `[tables]`.
    pub tables: TablesConfig,
    /// `[desk]`, when there is one.
    pub desk: Option<DeskConfig>,
    /// Where it was read from, to be read again; `None` where it was no file.
    pub file: Option<PathBuf>,
}

/// `[gateway]`: the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayConfig {
    /// Short name, 1-32 of `a-z 0-9 -`; it names files.
    pub name: String,
    /// Cores to pin order cores to, one order core per entry; empty = one order core, not pinned.
    /// At most one so far.
    pub cores: Vec<usize>,
    /// What an order core does when a turn found nothing to do.
    pub idle: IdleStrategy,
    /// The trading day to work for; `None` = the KST date, which begins at 07:00
    /// ([`TradingDay::at`]).
    pub trading_day: Option<TradingDay>,
    /// How listeners and sessions that are not hot are watched.
    pub transport: TransportChoice,
    /// Sessions at most whose sockets are read in every turn; the others are watched.
    pub hot_sessions_max: u32,
    /// First characters of every OrderID(37), so that two gateways at one venue never make the same
    /// one; 1-3.
    pub order_id_prefix: Text<3>,
}

/// `[journal]`: where the truth is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalConfig {
    /// Disk folder of the trading days' chains.
    pub dir: PathBuf,
    /// Memory-backed folder of the segments being written. The default is `/dev/shm/gwanmun-NAME`.
    pub memory_dir: PathBuf,
    /// Whether `memory_dir` is the default: then a refusal falls back to `dir`, with a finding; a
    /// folder that was asked for by name is an error instead.
    pub memory_dir_is_default: bool,
    /// What an acknowledgement waits for.
    pub mode: JournalMode,
    /// Whether the capture thread renders the journal as pcapng. The journal itself is kept, copied
    /// and made durable either way.
    pub capture: bool,
    /// Bytes of one segment; a multiple of 4096.
    pub segment_bytes: u64,
    /// Segments from one snapshot to the next, which bounds what a restart reads; 0 makes none.
    pub snapshot_segments: u32,
    /// Below this share of free space risk-increasing orders are refused, in percent.
    pub free_percent_min: u32,
    /// Bytes kept back for cancels and reports once `free_percent_min` is crossed; with them gone
    /// the shard stops.
    pub reserve_bytes: u64,
}

/// `[limits]`: sizes of everything that is allocated once, at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Orders of one trading day, done ones included.
    pub orders_max: u32,
    /// Pairs of account and instrument.
    pub positions_max: u32,
    /// Sessions, those included that come while running; with fewer than there are at the start
    /// there is room for those alone.
    pub sessions_max: u32,
    /// Connections at a time, strangers included.
    pub connections_max: u32,
    /// Longest FIX message taken, in bytes.
    pub message_bytes_max: u32,
    /// How long a connection may go without a valid Logon, in seconds.
    pub stranger_seconds_max: u32,
    /// What it may cost in memory without one, 1,280 bytes of bookkeeping included.
    pub stranger_bytes_max: u32,
}

/// One `[[session]]` with a member, `[defaults]` filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// BeginString(8); behind FIXT.1.1 it is FIX.5.0SP2.
    pub version: Version,
    /// SenderCompID(49) of what the gateway sends.
    pub sender_comp_id: Text<32>,
    /// TargetCompID(56) of what the gateway sends: the member.
    pub target_comp_id: Text<32>,
    /// Longest HeartBtInt(108) that a Logon may propose, in seconds.
    pub heart_bt_int_s: u32,
    /// Where the session is awaited; several sessions may share one address.
    pub socket_accept: SocketAddr,
    /// Whether a Logon may ask for both sequence numbers to return to 1.
    pub reset_on_logon: bool,
    /// Decimals of the times that the gateway writes.
    pub precision: Precision,
    /// Whether the gateway's messages tell LastMsgSeqNumProcessed(369).
    pub sends_last_msg_seq_num_processed: bool,
    /// Most messages that one ResendRequest of the gateway asks for; 0: all that are missing.
    pub resend_request_numbers_max: u32,
    /// Whether SendingTime(52) is held against the own clock.
    pub check_latency: bool,
    /// How far SendingTime(52) may lie off, in seconds.
    pub max_latency_s: u32,
    /// Username(553) a Logon must carry, when set.
    pub username: Option<Text<32>>,
    /// Password(554) a Logon must carry, when set; never without `username`.
    pub password: Option<Secret>,
    /// When the password ends, in the session's zone.
    pub password_expires: Option<Expiry>,
    /// When the session is open; `None`: as long as the process runs.
    pub hours: Option<Hours>,
    /// The zone of both.
    pub time_zone: Zone,
    /// Whether it may log on.
    pub is_enabled: bool,
    /// Whether its socket is read in every turn from its Logon on, however silent it is; at most
    /// `hot_sessions_max` of them.
    pub keep_hot: bool,
    /// Networks from which the member may come; empty means from anywhere.
    pub allow_from: Vec<Network>,
    /// What its address speaks TLS with; `None` means plain FIX. All sessions at one address have
    /// the same.
    pub tls: Option<TlsConfig>,
    /// Accounts that the session may name; at least one.
    pub accounts: Vec<AccountId>,
}

impl SessionConfig {
    /// Whether the member may come from an address.
    #[must_use]
    pub fn is_open_to(&self, address: IpAddr) -> bool {
        self.allow_from.is_empty() || self.allow_from.iter().any(|it| it.contains(address))
    }
}

/// One `[[venue]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueConfig {
    /// What members, tables and reports call it; no other venue has this name.
    pub name: Text<8>,
    /// What is spoken on the order line.
    pub protocol: VenueProtocol,
    /// Order line.
    pub connect: SocketAddr,
    /// Market state line.
    pub feed_connect: SocketAddr,
    /// SoupBinTCP Username.
    pub username: Text<6>,
    /// SoupBinTCP Password, at most 10 bytes.
    pub password: Secret,
    /// The session of the order line where FIX is spoken on it, and only there.
    pub fix: Option<FixVenueConfig>,
}

/// The FIX session of one `[[venue]]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixVenueConfig {
    /// Version that is spoken.
    pub version: Version,
    /// Our CompID.
    pub sender_comp_id: Text<32>,
    /// The venue's CompID.
    pub target_comp_id: Text<32>,
    /// HeartBtInt(108) that is proposed, in seconds.
    pub heart_bt_int_s: u32,
    /// Whether our Logon(A) carries the venue's username and password.
    pub logon_credentials: bool,
}

/// `[tables]`: what the checks are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablesConfig {
    /// The tables file, read by [`Tables::load`].
    pub file: PathBuf,
    /// Age from which market state and tables count as missing, in nanoseconds.
    pub max_age_ns: u64,
}

/// `[desk]`: where operators give commands to the running gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskConfig {
    /// The socket's path.
    pub socket: PathBuf,
    /// Users of this machine who may use it, by name or number; at least one.
    pub operators: Vec<String>,
}

/// The tables file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// `[[account]]`, no account twice.
    pub accounts: Vec<AccountTerms>,
    /// `[[instrument]]`, no symbol twice.
    pub instruments: Vec<Instrument>,
    /// `[[limit]]`, no pair of tier and kind twice.
    pub limits: Vec<OrderLimits>,
    /// `[[conduct]]`, no tier twice.
    pub conduct_limits: Vec<ConductLimits>,
    /// `[session_rate]`.
    pub session_rate: Option<RateLimit>,
    /// What each `[[account]]` says of its conduct.
    pub account_conduct: Vec<AccountConduct>,
    /// `[[credit]]`, `[[instrument_limit]]`, `[[underlying]]`, `[[group]]` and `[firm]`: each row
    /// once, and about what is in the two lists above.
    pub exposure: ExposureRows,
    /// `[[holding]]`, no pair with one source twice; account and symbol are in the two lists above.
    pub holdings: Vec<Holding>,
    /// `venues` of the instruments that have it.
    pub venue_lists: Vec<VenueList>,
    /// What the market asks about each instrument.
    pub market_rules: Vec<(Symbol, MarketRules)>,
    /// What the market's rules want to know of each account.
    pub account_marks: Vec<(AccountId, AccountMarks)>,
    /// `[[venue_rule]]`, none of one venue's board for the same day.
    pub venue_rules: Vec<VenueRuleRow>,
    /// What is said of short sales.
    pub short_sales: ShortSales,
    /// The file's bytes, for the journal's Table record.
    pub content: Vec<u8>,
}

/// One `[[holding]]`: what an account has at the start of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Account(1).
    pub account: AccountId,
    /// Symbol(55).
    pub symbol: Symbol,
    /// Sellable quantity of shares and ETFs; signed position of derivatives.
    pub quantity: i64,
    /// Where shares and ETFs come from.
    pub source: HoldingSource,
}

/// Where one instrument trades.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueList {
    /// Symbol(55).
    pub symbol: Symbol,
    /// Names of venues, the one to be tried first in front; at least one, none twice. That the
    /// gateway file has them is not looked at here.
    pub venues: Vec<Text<8>>,
}

impl LimitsConfig {
    /// Sessions that there is room for, where so many are configured.
    #[must_use]
    pub fn session_room(&self, configured: usize) -> usize {
        configured.max(self.sessions_max as usize)
    }
}

impl Config {
    /// Reads the file at `path`, behind it the sessions that were added at the desk
    /// ([`added_path`]), and the secrets that they name. Relative paths count from the file's own
    /// folder.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        Config::load_with(path, "")
    }

    /// Reads `source`, whose mistakes are shown under the name `file`.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn parse(
        source: &str,
        file: &str,
        surroundings: &Surroundings,
    ) -> Result<Config, ConfigError> {
        gateway_file::read(source, surroundings)
            .map_err(|problems| ConfigError::new(file, source, problems))
    }

    /// The configuration in force as TOML, defaults filled in and secrets by name; it loads to an
    /// equal value.
    #[must_use]
    pub fn effective(&self) -> String {
        effective::render(self)
    }
}

impl Tables {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn load(path: &Path) -> Result<Tables, ConfigError> {
        let content = error::read_file(path)?;
        Tables::parse(&content, &path.display().to_string())
    }

    /// Reads `source`, whose mistakes are shown under the name `file`.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that is wrong.
    pub fn parse(source: &str, file: &str) -> Result<Tables, ConfigError> {
        tables_file::read(source).map_err(|problems| ConfigError::new(file, source, problems))
    }
}

/// What a gateway file refers to without naming it.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Folder from which relative paths count.
    pub base_dir: PathBuf,
    /// `$CREDENTIALS_DIRECTORY`: where secrets are when `[secrets] dir` is absent.
    pub credentials_dir: Option<PathBuf>,
}

impl Surroundings {
    /// `path` as seen from the configuration file's folder.
    fn resolve(&self, path: &str) -> PathBuf {
        self.base_dir.join(path)
    }
}
