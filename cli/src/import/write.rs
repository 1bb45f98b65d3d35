//! Our file: the sessions that were read, and what a settings file cannot say, to be filled in.

use core::fmt::Write as _;

use gwanmun_fix::Version;

use super::session::Session;

/// What no settings file says. It passes `--check` as it stands, beside the example tables.
const AROUND: &str = "\
# Carried over from a QuickFIX settings file by `gwanmun config import-quickfix`.
# What it could not know stands in lines that say FILL IN; `gwanmun gateway --example` explains
# every key, and `gwanmun gateway --config FILE --check` tells what is wrong.

[gateway]
name = \"gw1\"                       # FILL IN
order_id_prefix = \"G1\"             # FILL IN: one per gateway at a venue

[journal]
dir = \"journal\"                    # FILL IN: on disk
mode = \"memory\"                    # FILL IN: memory survives the process, durable survives power

[secrets]
dir = \"secrets\"

[[venue]]                          # FILL IN
name = \"KRX\"
protocol = \"ouch50\"
connect = \"127.0.0.1:9901\"
feed_connect = \"127.0.0.1:9902\"
username = \"gwan1\"
password = \"secret:krx\"

[tables]
file = \"tables.toml\"               # FILL IN: accounts, instruments, holdings
max_age_ns = 5_000_000_000         # market state older than this refuses new risk

[risk]
";

/// The whole file.
pub(super) fn gateway_file(sessions: &[Session]) -> String {
    let mut text = AROUND.to_owned();
    for session in sessions {
        // Writing to a string cannot fail.
        let _ = write_session(session, &mut text);
    }
    text
}

fn write_session(session: &Session, text: &mut String) -> core::fmt::Result {
    writeln!(text, "\n[[session]] # line {}", session.line)?;
    let begin_string = match session.version {
        Version::Fix42 => "FIX.4.2",
        Version::Fix44 => "FIX.4.4",
        Version::Fix50Sp2 => "FIXT.1.1",
    };
    writeln!(text, "begin_string = \"{begin_string}\"")?;
    writeln!(text, "sender_comp_id = {}", quoted(&session.sender_comp_id))?;
    writeln!(text, "target_comp_id = {}", quoted(&session.target_comp_id))?;
    if let Some(host) = session.host {
        writeln!(text, "socket_accept_host = \"{host}\"")?;
    }
    match session.port {
        Some(port) => writeln!(text, "socket_accept_port = {port}")?,
        None => writeln!(text, "socket_accept_port = 9876          # FILL IN")?,
    }
    if let Some(heart_bt_int_s) = session.heart_bt_int_s {
        writeln!(text, "heart_bt_int = {heart_bt_int_s}")?;
    }
    if session.reset_on_logon {
        writeln!(text, "reset_on_logon = true")?;
    }
    if let Some(check_latency) = session.check_latency {
        writeln!(text, "check_latency = {check_latency}")?;
    }
    if let Some(max_latency_s) = session.max_latency_s {
        writeln!(text, "max_latency = {max_latency_s}")?;
    }
    if let Some(precision) = session.precision {
        writeln!(text, "timestamp_precision = \"{precision}\"")?;
    }
    if session.sends_last_msg_seq_num_processed {
        writeln!(text, "enable_last_msg_seq_num_processed = true")?;
    }
    if let Some(most) = session.resend_request_numbers_max {
        writeln!(text, "resend_request_chunk_size = {most}")?;
    }
    for line in &session.hours.lines {
        writeln!(text, "{line}")?;
    }
    if !session.allow_from.is_empty() {
        let hosts = session.allow_from.iter();
        let networks: Vec<String> = hosts
            .map(|host| format!("\"{host}/{}\"", if host.is_ipv4() { 32 } else { 128 }))
            .collect();
        writeln!(text, "allow_from = [{}]", networks.join(", "))?;
    }
    writeln!(text, "accounts = [\"FILL-IN\"]             # FILL IN")
}

/// A basic string of TOML; CompIDs are printable ASCII.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
