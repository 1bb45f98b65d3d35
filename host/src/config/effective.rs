//! The configuration in force, written back as TOML.

use core::fmt::Write;

use gwanmun_market::Text;

use super::values::word_of;
use super::{Config, DeskConfig, LimitsConfig, SessionConfig, VenueConfig};

/// Every key with its value, defaults filled in, secrets by name.
pub(super) fn render(config: &Config) -> String {
    let mut text = String::new();
    // Writing into a String cannot fail.
    let _ = write_all(config, &mut text);
    text
}

fn write_all(config: &Config, text: &mut String) -> core::fmt::Result {
    let gateway = &config.gateway;
    writeln!(text, "[gateway]")?;
    writeln!(text, "name = {}", quoted(&gateway.name))?;
    writeln!(text, "cores = {:?}", gateway.cores)?;
    writeln!(text, "idle = {}", quoted(gateway.idle.word()))?;
    if let Some(day) = gateway.trading_day {
        writeln!(text, "trading_day = \"{day}\"")?;
    }
    writeln!(text, "transport = {}", quoted(gateway.transport.word()))?;
    writeln!(text, "hot_sessions_max = {}", gateway.hot_sessions_max)?;
    writeln!(
        text,
        "order_id_prefix = {}",
        quoted_text(gateway.order_id_prefix)
    )?;
    let journal = &config.journal;
    writeln!(text, "\n[journal]")?;
    writeln!(text, "dir = {}", quoted(journal.dir.display()))?;
    let is_default = if journal.memory_dir_is_default {
        "# default: "
    } else {
        ""
    };
    writeln!(
        text,
        "{is_default}memory_dir = {}",
        quoted(journal.memory_dir.display())
    )?;
    writeln!(text, "mode = {}", quoted(journal.mode.word()))?;
    writeln!(text, "capture = {}", journal.capture)?;
    writeln!(text, "segment_bytes = {}", journal.segment_bytes)?;
    writeln!(text, "snapshot_segments = {}", journal.snapshot_segments)?;
    writeln!(text, "free_percent_min = {}", journal.free_percent_min)?;
    writeln!(text, "reserve_bytes = {}", journal.reserve_bytes)?;
    write_limits(&config.limits, text)?;
    if let Some(dir) = &config.secrets_dir {
        writeln!(text, "\n[secrets]\ndir = {}", quoted(dir.display()))?;
    }
    for session in &config.sessions {
        write_session(session, text)?;
    }
    for venue in &config.venues {
        write_venue(venue, text)?;
    }
    writeln!(text, "\n[tables]")?;
    writeln!(text, "file = {}", quoted(config.tables.file.display()))?;
    writeln!(text, "max_age_ns = {}", config.tables.max_age_ns)?;
    config
        .desk
        .as_ref()
        .map_or(Ok(()), |desk| write_desk(desk, text))
}

fn write_limits(limits: &LimitsConfig, text: &mut String) -> core::fmt::Result {
    writeln!(text, "\n[limits]")?;
    writeln!(text, "orders_max = {}", limits.orders_max)?;
    writeln!(text, "positions_max = {}", limits.positions_max)?;
    writeln!(text, "sessions_max = {}", limits.sessions_max)?;
    writeln!(text, "connections_max = {}", limits.connections_max)?;
    writeln!(text, "message_bytes_max = {}", limits.message_bytes_max)?;
    writeln!(
        text,
        "stranger_seconds_max = {}",
        limits.stranger_seconds_max
    )?;
    writeln!(text, "stranger_bytes_max = {}", limits.stranger_bytes_max)
}

fn write_desk(desk: &DeskConfig, text: &mut String) -> core::fmt::Result {
    let operators: Vec<String> = desk.operators.iter().map(quoted).collect();
    writeln!(text, "\n[desk]")?;
    writeln!(text, "socket = {}", quoted(desk.socket.display()))?;
    writeln!(text, "operators = [{}]", operators.join(", "))
}

fn write_venue(venue: &VenueConfig, text: &mut String) -> core::fmt::Result {
    writeln!(text, "\n[[venue]]")?;
    writeln!(text, "name = {}", quoted_text(venue.name))?;
    writeln!(text, "protocol = {}", quoted(venue.protocol.word()))?;
    writeln!(text, "connect = \"{}\"", venue.connect)?;
    writeln!(text, "feed_connect = \"{}\"", venue.feed_connect)?;
    writeln!(text, "username = {}", quoted_text(venue.username))?;
    writeln!(text, "password = \"{:?}\"", venue.password)?;
    if let Some(fix) = &venue.fix {
        writeln!(text, "begin_string = \"{}\"", word_of(fix.version))?;
        writeln!(text, "sender_comp_id = {}", quoted_text(fix.sender_comp_id))?;
        writeln!(text, "target_comp_id = {}", quoted_text(fix.target_comp_id))?;
        writeln!(text, "heart_bt_int = {}", fix.heart_bt_int_s)?;
        writeln!(text, "logon_credentials = {}", fix.logon_credentials)?;
    }
    Ok(())
}

fn write_session(session: &SessionConfig, text: &mut String) -> core::fmt::Result {
    writeln!(text, "\n[[session]]")?;
    writeln!(text, "begin_string = \"{}\"", word_of(session.version))?;
    writeln!(
        text,
        "sender_comp_id = {}",
        quoted_text(session.sender_comp_id)
    )?;
    writeln!(
        text,
        "target_comp_id = {}",
        quoted_text(session.target_comp_id)
    )?;
    writeln!(text, "heart_bt_int = {}", session.heart_bt_int_s)?;
    writeln!(
        text,
        "socket_accept_host = \"{}\"",
        session.socket_accept.ip()
    )?;
    writeln!(
        text,
        "socket_accept_port = {}",
        session.socket_accept.port()
    )?;
    writeln!(text, "reset_on_logon = {}", session.reset_on_logon)?;
    let precision = word_of(session.precision);
    writeln!(text, "timestamp_precision = \"{precision}\"")?;
    writeln!(
        text,
        "enable_last_msg_seq_num_processed = {}",
        session.sends_last_msg_seq_num_processed
    )?;
    writeln!(
        text,
        "resend_request_chunk_size = {}",
        session.resend_request_numbers_max
    )?;
    writeln!(text, "check_latency = {}", session.check_latency)?;
    writeln!(text, "max_latency = {}", session.max_latency_s)?;
    if let Some(username) = session.username {
        writeln!(text, "username = {}", quoted_text(username))?;
    }
    if let Some(password) = &session.password {
        writeln!(text, "password = \"{password:?}\"")?;
    }
    super::schedule::write(session, text)?;
    writeln!(text, "enabled = {}", session.is_enabled)?;
    writeln!(text, "keep_hot = {}", session.keep_hot)?;
    let networks: Vec<String> = session
        .allow_from
        .iter()
        .map(|network| format!("\"{network}\""))
        .collect();
    if !networks.is_empty() {
        writeln!(text, "allow_from = [{}]", networks.join(", "))?;
    }
    write_tls(session, text)?;
    let accounts: Vec<String> = session
        .accounts
        .iter()
        .map(|account| quoted_text(*account))
        .collect();
    writeln!(text, "accounts = [{}]", accounts.join(", "))
}

fn write_tls(session: &SessionConfig, text: &mut String) -> core::fmt::Result {
    let Some(tls) = &session.tls else {
        return Ok(());
    };
    let certificate = quoted(tls.certificate.display());
    let key = quoted(tls.key.display());
    write!(text, "tls = {{ certificate = {certificate}, key = {key}")?;
    if let Some(client_ca) = &tls.client_ca {
        write!(text, ", client_ca = {}", quoted(client_ca.display()))?;
    }
    writeln!(text, " }}")
}

/// A TOML string.
pub(crate) fn quoted(value: impl core::fmt::Display) -> String {
    toml::Value::String(value.to_string()).to_string()
}

/// A TOML string of the bytes themselves, not of the escaped form in which a `Text` shows itself.
fn quoted_text<const N: usize>(text: Text<N>) -> String {
    quoted(String::from_utf8_lossy(text.as_bytes()))
}
