//! `[defaults]`, `[[session]]` and `[[venue]]`: the lines to members and venues.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use gwanmun_fix::time::Precision;
use gwanmun_gateway::VENUES_MAX;
use gwanmun_market::{AccountId, Text};
use toml::de::{DeTable, DeValue};

use super::error::Problem;
use super::line_keys::{SESSION_KEYS, VENUE_KEYS};
use super::network::networks;
use super::read::{self, Section};
use super::templates::Templates;
use super::tls;
use super::values::VenueProtocol;
use super::{Secret, SessionConfig, Surroundings, VenueConfig, Version, fix_venue, schedule};

/// Each session has its buffers, allocated at the start.
const SESSIONS_MAX: usize = 512;
/// Enough for any firm's desks at one gateway; each pair with an instrument may take a position
/// slot.
const ACCOUNTS_MAX: usize = 4_096;
/// SoupBinTCP's Password field.
const SOUP_PASSWORD_BYTES_MAX: usize = 10;
/// Password(554) as far as any engine writes it.
const FIX_PASSWORD_BYTES_MAX: usize = 64;

/// Where secrets are found.
pub(super) struct Secrets<'a> {
    pub(super) dir: Option<&'a Path>,
    pub(super) surroundings: &'a Surroundings,
}

impl Secrets<'_> {
    fn read(&self, value: &DeValue<'_>, bytes_max: usize) -> Result<Secret, read::Expected> {
        let reference = if let DeValue::String(text) = value {
            text.as_ref()
        } else {
            ""
        };
        Secret::resolve(reference, self.dir, self.surroundings, bytes_max)
    }
}

/// Every session, `[defaults]` filled in.
pub(super) fn sessions(
    root: &DeTable<'_>,
    secrets: &Secrets<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<SessionConfig> {
    let defaults = Section::of_root(root, "defaults", SESSION_KEYS, problems);
    let sections = Section::each_of_root(root, "session", SESSION_KEYS, problems);
    let mut sessions: Vec<SessionConfig> = Vec::with_capacity(sections.len());
    count_of("session", sections.len(), SESSIONS_MAX, root, problems);
    let templates = Templates::new(root, problems);
    for section in sections {
        let section = templates.under(section, problems).over(&defaults);
        let session = session(&section, secrets, problems);
        let is_twin = |other: &SessionConfig| {
            other.sender_comp_id == session.sender_comp_id
                && other.target_comp_id == session.target_comp_id
                && !session.target_comp_id.is_empty()
        };
        if sessions.iter().any(is_twin) {
            section.refuse(
                "target_comp_id",
                format!(
                    "a second session with the member {}",
                    session.target_comp_id
                ),
                "a pair of sender_comp_id and target_comp_id stands once",
                problems,
            );
        }
        let is_other = |other: &SessionConfig| {
            other.socket_accept == session.socket_accept && other.tls != session.tls
        };
        if sessions.iter().any(is_other) {
            section.refuse(
                "tls",
                format!(
                    "another session at {} has another `tls`",
                    session.socket_accept
                ),
                "sessions that share an address share its `tls`, or the lack of it: give this one \
                 another socket_accept_port",
                problems,
            );
        }
        sessions.push(session);
    }
    sessions
}

fn session(
    section: &Section<'_>,
    secrets: &Secrets<'_>,
    problems: &mut Vec<Problem>,
) -> SessionConfig {
    let (username, password) = credentials(section, secrets, problems);
    let time_zone = schedule::zone(section, problems);
    let expiry = (&time_zone, password.is_some());
    let fix = fix_ends(section, problems);
    SessionConfig {
        version: fix.version,
        sender_comp_id: fix.sender_comp_id,
        target_comp_id: fix.target_comp_id,
        heart_bt_int_s: fix.heart_bt_int_s,
        socket_accept: socket_accept(section, problems),
        reset_on_logon: flag(section, "reset_on_logon", problems),
        precision: section
            .optional("timestamp_precision", problems, read::word)
            .unwrap_or(Precision::Milliseconds),
        sends_last_msg_seq_num_processed: section
            .optional("enable_last_msg_seq_num_processed", problems, read::boolean)
            .unwrap_or(false),
        resend_request_numbers_max: section
            .optional(
                "resend_request_chunk_size",
                problems,
                read::integer(0..=1_000_000, " messages"),
            )
            .unwrap_or(0),
        check_latency: section
            .optional("check_latency", problems, read::boolean)
            .unwrap_or(true),
        max_latency_s: section
            .optional(
                "max_latency",
                problems,
                read::integer(1..=86_400, " seconds"),
            )
            .unwrap_or(120),
        username,
        password,
        password_expires: schedule::expiry(section, expiry, problems),
        hours: schedule::hours(section, &time_zone, problems),
        time_zone,
        is_enabled: section
            .optional("enabled", problems, read::boolean)
            .unwrap_or(true),
        keep_hot: flag(section, "keep_hot", problems),
        accounts: section
            .required("accounts", problems, accounts)
            .unwrap_or_default(),
        allow_from: section
            .optional("allow_from", problems, networks)
            .unwrap_or_default(),
        tls: tls::read(section, secrets.surroundings, problems),
    }
}

/// What every FIX session has, a member's and a venue's.
pub(super) struct FixEnds {
    pub(super) version: Version,
    pub(super) sender_comp_id: Text<32>,
    pub(super) target_comp_id: Text<32>,
    pub(super) heart_bt_int_s: u32,
}

pub(super) fn fix_ends(section: &Section<'_>, problems: &mut Vec<Problem>) -> FixEnds {
    let seconds = read::integer(1..=3_600, " seconds");
    FixEnds {
        version: section
            .required("begin_string", problems, read::word)
            .unwrap_or_default(),
        sender_comp_id: section
            .required("sender_comp_id", problems, read::text)
            .unwrap_or_default(),
        target_comp_id: section
            .required("target_comp_id", problems, read::text)
            .unwrap_or_default(),
        heart_bt_int_s: section
            .optional("heart_bt_int", problems, seconds)
            .unwrap_or(30),
    }
}

/// A flag that is not set unless it is said.
fn flag(section: &Section<'_>, key: &str, problems: &mut Vec<Problem>) -> bool {
    let told = section.optional(key, problems, read::boolean);
    told.unwrap_or(false)
}

/// Name and password.
fn credentials(
    section: &Section<'_>,
    secrets: &Secrets<'_>,
    problems: &mut Vec<Problem>,
) -> (Option<Text<32>>, Option<Secret>) {
    let username = section.optional("username", problems, read::text);
    let password = section.optional("password", problems, |value| {
        secrets.read(value, FIX_PASSWORD_BYTES_MAX)
    });
    if password.is_some() && username.is_none() {
        let message = "`password` stands without `username`".to_owned();
        section.refuse("password", message, "set both, or neither", problems);
    }
    (username, password)
}

/// Where a session is awaited.
fn socket_accept(section: &Section<'_>, problems: &mut Vec<Problem>) -> SocketAddr {
    let host = section
        .optional("socket_accept_host", problems, host)
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let port = section
        .required(
            "socket_accept_port",
            problems,
            read::integer(0..=65_535, ""),
        )
        .unwrap_or(0);
    SocketAddr::new(host, port)
}

/// Complains when more sessions are to be kept hot than may be.
pub(super) fn hot_count(
    sessions: &[SessionConfig],
    hot_sessions_max: u32,
    root: &DeTable<'_>,
    problems: &mut Vec<Problem>,
) {
    let count = sessions.iter().filter(|session| session.keep_hot).count();
    if count > hot_sessions_max as usize {
        problems.push(Problem {
            span: root.get("session").map_or(0..0, toml::Spanned::span),
            key: "session.keep_hot".to_owned(),
            message: format!("{count} sessions with `keep_hot`"),
            remedy: format!("expected at most {hot_sessions_max}, as [gateway] hot_sessions_max"),
        });
    }
}

/// Every venue.
pub(super) fn venues(
    root: &DeTable<'_>,
    secrets: &Secrets<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<VenueConfig> {
    let sections = Section::each_of_root(root, "venue", VENUE_KEYS, problems);
    count_of("venue", sections.len(), VENUES_MAX, root, problems);
    let mut venues: Vec<VenueConfig> = Vec::with_capacity(sections.len());
    for section in sections {
        let venue = venue(&section, secrets, problems);
        let is_twin = |other: &VenueConfig| other.name == venue.name && !venue.name.is_empty();
        if venues.iter().any(is_twin) {
            section.refuse(
                "name",
                format!("a second venue with the name {}", venue.name),
                "each [[venue]] has a name of its own",
                problems,
            );
        }
        venues.push(venue);
    }
    venues
}

fn venue(section: &Section<'_>, secrets: &Secrets<'_>, problems: &mut Vec<Problem>) -> VenueConfig {
    let nowhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    let protocol = section
        .required("protocol", problems, read::word)
        .unwrap_or(VenueProtocol::Ouch50);
    VenueConfig {
        name: section
            .required("name", problems, read::text)
            .unwrap_or_default(),
        protocol,
        connect: section
            .required("connect", problems, read::address)
            .unwrap_or(nowhere),
        feed_connect: section
            .required("feed_connect", problems, read::address)
            .unwrap_or(nowhere),
        username: section
            .required("username", problems, read::text)
            .unwrap_or_default(),
        password: section
            .required("password", problems, |value| {
                secrets.read(value, SOUP_PASSWORD_BYTES_MAX)
            })
            .unwrap_or_else(Secret::placeholder),
        fix: fix_venue::read(section, protocol, problems),
    }
}

/// Complains when an array of tables has none, or more than are supported.
fn count_of(
    name: &str,
    count: usize,
    count_max: usize,
    root: &DeTable<'_>,
    problems: &mut Vec<Problem>,
) {
    let span = root.get(name).map_or(0..0, toml::Spanned::span);
    let problem = |message, remedy| Problem {
        span,
        key: name.to_owned(),
        message,
        remedy,
    };
    // An entry that is there but is no array of tables has been complained about already.
    if count == 0 && !root.contains_key(name) {
        let message = format!("the file has no [[{name}]]");
        problems.push(problem(message, format!("add at least one [[{name}]]")));
    } else if count > count_max {
        let message = format!("{count} times [[{name}]]");
        problems.push(problem(message, format!("expected at most {count_max}")));
    }
}

fn host(value: &DeValue<'_>) -> Result<IpAddr, read::Expected> {
    let parsed = if let DeValue::String(text) = value {
        text.parse().ok()
    } else {
        None
    };
    parsed.ok_or_else(|| "an IP address of this machine, like \"127.0.0.1\" or \"0.0.0.0\"".into())
}

fn accounts(value: &DeValue<'_>) -> Result<Vec<AccountId>, read::Expected> {
    let expected = || {
        "an array of 1 or more accounts that the session may name, each a string of 1 to 16 \
         printable ASCII characters, none twice"
            .to_owned()
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let mut accounts: Vec<AccountId> = Vec::with_capacity(array.len());
    for account in array {
        let account = read::text(account.get_ref()).map_err(|_| expected())?;
        if accounts.contains(&account) || accounts.len() == ACCOUNTS_MAX {
            return Err(expected());
        }
        accounts.push(account);
    }
    if accounts.is_empty() {
        Err(expected())
    } else {
        Ok(accounts)
    }
}
