//! The gateway file, section by section; sessions and venues are in `lines.rs`.

use toml::de::{DeTable, DeValue};

use gwanmun_market::Text;

use super::error::Problem;
use super::read::{self, Section};
use super::values::{IdleStrategy, JournalMode, TransportChoice};
use super::{
    Config, GatewayConfig, JournalConfig, LimitsConfig, Surroundings, TablesConfig, TradingDay,
    desk, line_keys, lines, templates,
};

/// More entries than the machine has cores cannot be meant; a second order core is not supported so
/// far.
const ORDER_CORES_MAX: usize = 1;
/// Linux's own bound on a CPU number (`CONFIG_NR_CPUS_RANGE_END`).
const CORE_MAX: i64 = 8_191;

/// Segments between two snapshots: a quarter of a gibibyte at the default size. Fewer would write
/// the whole state, some tens of MiB on a busy day, more often than it is worth; what a restart
/// then reads, about a million records, takes less than half a second.
const SNAPSHOT_SEGMENTS: u32 = 4;
/// More sockets than this, asked in every turn, make a turn longer than any way to watch them.
const HOT_SESSIONS_MAX: i64 = 64;

/// Sections of the file and their keys: what may stand there, and what the example has to explain.
pub(super) const SECTIONS: [(&str, &[&str]); 11] = [
    (
        "gateway",
        &[
            "name",
            "cores",
            "idle",
            "trading_day",
            "transport",
            "hot_sessions_max",
            "order_id_prefix",
        ],
    ),
    (
        "journal",
        &[
            "dir",
            "memory_dir",
            "mode",
            "capture",
            "segment_bytes",
            "snapshot_segments",
            "free_percent_min",
            "reserve_bytes",
        ],
    ),
    (
        "limits",
        &[
            "orders_max",
            "positions_max",
            "sessions_max",
            "connections_max",
            "message_bytes_max",
            "stranger_seconds_max",
            "stranger_bytes_max",
        ],
    ),
    ("secrets", &["dir"]),
    ("defaults", line_keys::SESSION_KEYS),
    ("session", line_keys::SESSION_KEYS),
    ("session_template", templates::TEMPLATE_KEYS),
    ("venue", line_keys::VENUE_KEYS),
    ("tables", &["file", "max_age_ns"]),
    ("desk", desk::KEYS),
    // There is nothing to set about the checks themselves yet: their terms stand in the tables
    // file.
    ("risk", &[]),
];

/// The keys of one section.
fn keys_of(section: &str) -> &'static [&'static str] {
    SECTIONS
        .iter()
        .find(|(name, _)| *name == section)
        .map_or(&[], |(_, keys)| keys)
}

/// Reads the whole file.
pub(super) fn read(source: &str, surroundings: &Surroundings) -> Result<Config, Vec<Problem>> {
    let root = parse_toml(source)?;
    let mut problems = Vec::new();
    let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
    read::unknown_keys(&root, "", &names, &mut problems);
    let section =
        |name, problems: &mut Vec<Problem>| Section::of_root(&root, name, keys_of(name), problems);
    let gateway = gateway(&section("gateway", &mut problems), &mut problems);
    let journal = journal(
        &section("journal", &mut problems),
        &gateway.name,
        surroundings,
        &mut problems,
    );
    let limits = limits(&section("limits", &mut problems), &mut problems);
    section("risk", &mut problems);
    let secrets_dir = section("secrets", &mut problems)
        .optional("dir", &mut problems, read::string)
        .map(|dir| surroundings.resolve(&dir));
    let secrets = lines::Secrets {
        dir: secrets_dir.as_deref(),
        surroundings,
    };
    let sessions = lines::sessions(&root, &secrets, &mut problems);
    lines::hot_count(&sessions, gateway.hot_sessions_max, &root, &mut problems);
    let venues = lines::venues(&root, &secrets, &mut problems);
    let tables = tables(
        &section("tables", &mut problems),
        surroundings,
        &mut problems,
    );
    let desk = desk::read(&section("desk", &mut problems), surroundings, &mut problems);
    if problems.is_empty() {
        Ok(Config {
            gateway,
            journal,
            limits,
            secrets_dir,
            sessions,
            venues,
            tables,
            desk,
            file: None,
        })
    } else {
        Err(problems)
    }
}

/// The file's tree, or everything about it that is not TOML.
pub(super) fn parse_toml(source: &str) -> Result<DeTable<'_>, Vec<Problem>> {
    let (root, errors) = DeTable::parse_recoverable(source);
    if errors.is_empty() {
        return Ok(root.into_inner());
    }
    let problem = |error: &toml::de::Error| Problem {
        span: error.span().unwrap_or(0..0),
        key: String::new(),
        message: format!("this is not TOML: {}", error.message()),
        remedy: String::new(),
    };
    Err(errors.iter().map(problem).collect())
}

fn gateway(section: &Section<'_>, problems: &mut Vec<Problem>) -> GatewayConfig {
    let prefix = section.optional("order_id_prefix", problems, order_id_prefix);
    GatewayConfig {
        name: section.required("name", problems, name).unwrap_or_default(),
        cores: section
            .optional("cores", problems, cores)
            .unwrap_or_default(),
        idle: section
            .optional("idle", problems, read::word)
            .unwrap_or(IdleStrategy::Spin),
        trading_day: section.optional("trading_day", problems, trading_day),
        transport: section
            .optional("transport", problems, read::word)
            .unwrap_or(TransportChoice::Auto),
        hot_sessions_max: section
            .optional(
                "hot_sessions_max",
                problems,
                read::integer(0..=HOT_SESSIONS_MAX, " sessions"),
            )
            .unwrap_or(8),
        order_id_prefix: prefix.or(Text::new(b"G")).unwrap_or_default(),
    }
}

fn journal(
    section: &Section<'_>,
    name: &str,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> JournalConfig {
    const MIB: u64 = 1 << 20;
    let dir = section
        .required("dir", problems, read::string)
        .unwrap_or_default();
    let memory_dir = section.optional("memory_dir", problems, read::string);
    JournalConfig {
        dir: surroundings.resolve(&dir),
        memory_dir_is_default: memory_dir.is_none(),
        memory_dir: memory_dir.map_or_else(
            || std::path::PathBuf::from(format!("/dev/shm/gwanmun-{name}")),
            |dir| surroundings.resolve(&dir),
        ),
        mode: section
            .optional("mode", problems, read::word)
            .unwrap_or(JournalMode::Memory),
        capture: section
            .optional("capture", problems, read::boolean)
            .unwrap_or(true),
        segment_bytes: section
            .optional("segment_bytes", problems, segment_bytes)
            .unwrap_or(64 * MIB),
        snapshot_segments: section
            .optional(
                "snapshot_segments",
                problems,
                read::integer(0..=1 << 16, " segments"),
            )
            .unwrap_or(SNAPSHOT_SEGMENTS),
        free_percent_min: section
            .optional(
                "free_percent_min",
                problems,
                read::integer(1..=50, " percent"),
            )
            .unwrap_or(10),
        reserve_bytes: section
            .optional(
                "reserve_bytes",
                problems,
                read::integer(0..=1 << 40, " bytes"),
            )
            .unwrap_or(64 * MIB),
    }
}

fn limits(section: &Section<'_>, problems: &mut Vec<Problem>) -> LimitsConfig {
    let mut limit = |key, range, unit, default: u32| {
        section
            .optional(key, problems, read::integer(range, unit))
            .unwrap_or(default)
    };
    LimitsConfig {
        orders_max: limit("orders_max", 1..=1 << 26, " orders", 1 << 18),
        positions_max: limit("positions_max", 1..=1 << 24, " positions", 1 << 14),
        sessions_max: limit("sessions_max", 0..=512, " sessions", 0),
        connections_max: limit("connections_max", 4..=4_096, " connections", 64),
        // The least holds every message that the gateway itself can be asked to take; a longer one
        // than the most has places that no index of fields can hold.
        message_bytes_max: limit("message_bytes_max", 1_024..=1 << 16, " bytes", 4_096),
        stranger_seconds_max: limit("stranger_seconds_max", 1..=60, " seconds", 5),
        stranger_bytes_max: limit("stranger_bytes_max", 2_048..=8_192, " bytes", 8_192),
    }
}

fn tables(
    section: &Section<'_>,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> TablesConfig {
    // A day: a longer age would never be reached within one.
    const AGE_NS_MAX: i64 = 86_400_000_000_000;
    let file = section
        .required("file", problems, read::string)
        .unwrap_or_default();
    TablesConfig {
        file: surroundings.resolve(&file),
        max_age_ns: section
            .required(
                "max_age_ns",
                problems,
                read::integer(1..=AGE_NS_MAX, " nanoseconds"),
            )
            .unwrap_or(1),
    }
}

fn name(value: &DeValue<'_>) -> Result<String, read::Expected> {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    read::string(value)
        .ok()
        .filter(|name| name.len() <= 32 && name.bytes().all(is_part))
        .ok_or_else(|| "a string of 1 to 32 of the characters a-z, 0-9 and -".into())
}

fn order_id_prefix(value: &DeValue<'_>) -> Result<Text<3>, read::Expected> {
    read::text::<3>(value)
        .ok()
        .filter(|prefix| prefix.as_bytes().iter().all(u8::is_ascii_alphanumeric))
        .ok_or_else(|| "a string of 1 to 3 letters or digits".into())
}

fn cores(value: &DeValue<'_>) -> Result<Vec<usize>, read::Expected> {
    let expected = || {
        format!(
            "an array of at most {ORDER_CORES_MAX} core number of 0 to {CORE_MAX}, like [1]; \
             [] leaves the order core unpinned"
        )
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let cores: Result<Vec<usize>, _> = array
        .iter()
        .map(|core| read::integer(0..=CORE_MAX, "")(core.get_ref()))
        .collect();
    cores
        .ok()
        .filter(|cores| cores.len() <= ORDER_CORES_MAX)
        .ok_or_else(expected)
}

fn trading_day(value: &DeValue<'_>) -> Result<TradingDay, read::Expected> {
    let parsed = if let DeValue::String(text) = value {
        TradingDay::parse(text)
    } else {
        None
    };
    parsed.ok_or_else(|| "a date as a string, like \"2026-11-23\"".into())
}

fn segment_bytes(value: &DeValue<'_>) -> Result<u64, read::Expected> {
    // The least still holds the largest message with its effects many times over; the most keeps a
    // start short.
    read::integer(1 << 16..=1 << 32, "")(value)
        .ok()
        .filter(|bytes: &u64| bytes.is_multiple_of(4_096))
        .ok_or_else(|| "a multiple of 4096 from 65536 to 4294967296".into())
}
