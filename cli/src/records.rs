//! A journal's records, one by one, as people and programs see them.

mod ledger;

use std::collections::BTreeMap;

use gwanmun_audit::replay::VerdictEntry;
use gwanmun_captures::command::{Action, Command};
use gwanmun_captures::desk::action_text;
use gwanmun_captures::effect::{EffectReader, Entry, RESEND};
use gwanmun_captures::input::Role;
use gwanmun_captures::input::{
    Accepted, Connected, Disconnected, Persisted, Schedule, ScheduleKind,
};
use gwanmun_captures::journal::{ChainReader, Record, RecordKind};
use gwanmun_gateway::CommandRefusal;
use gwanmun_gateway::effect::{TAG_COMMAND, TAG_TABLES};
use serde_json::{Value, json};

use crate::decode::{FixMessage, damaged};
use crate::exit::Failure;
use crate::recording::Recording;
use crate::show::{self, BAD, FAINT, NAME, styled};

/// How much of a payload without a better form is shown.
const SHOWN_BYTES_MAX: usize = 160;

/// A record, ready to be shown.
pub(crate) struct Shown {
    pub(crate) connection: u32,
    /// Whether it holds an answer "no" to a member.
    pub(crate) is_refusal: bool,
    number: u64,
    stamp_ns: u64,
    epoch: u32,
    kind: RecordKind,
    refers_to: u64,
    payload_bytes: usize,
    /// What is in it, one line each.
    details: Vec<String>,
}

/// Gives every record to `found`.
pub(crate) fn each(
    recording: &Recording,
    found: &mut dyn FnMut(Shown) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut roles: BTreeMap<(u32, u32), Role> = BTreeMap::new();
    for next in ChainReader::new(recording.lent()) {
        let record = next.map_err(|damage| damaged(&damage))?.record;
        if record.head.kind == RecordKind::Connected
            && let Ok(connected) = Connected::parse(record.payload)
        {
            roles.insert((record.head.epoch, record.head.connection), connected.role);
        }
        found(Shown::new(&record, &roles))?;
    }
    Ok(())
}

impl Shown {
    fn new(record: &Record<'_>, roles: &BTreeMap<(u32, u32), Role>) -> Shown {
        let head = record.head;
        let role = |connection: u32| roles.get(&(head.epoch, connection)).copied();
        let mut shown = Shown {
            connection: head.connection,
            is_refusal: false,
            number: head.number,
            stamp_ns: head.stamp_ns,
            epoch: head.epoch,
            kind: head.kind,
            refers_to: head.refers_to,
            payload_bytes: record.payload.len(),
            details: Vec::new(),
        };
        match head.kind {
            RecordKind::Effect => shown.read_effect(record.payload, &role),
            RecordKind::Received => {
                let bytes = bytes_text(record.payload, role(head.connection));
                shown.details.push(bytes);
            }
            kind => shown.details.extend(input_text(kind, record.payload)),
        }
        shown
    }

    fn read_effect(&mut self, payload: &[u8], role: &dyn Fn(u32) -> Option<Role>) {
        let mut states = 0_u32;
        let mut told = Vec::new();
        for entry in EffectReader::new(payload) {
            match entry {
                Ok(Entry::Output {
                    connection,
                    flags,
                    bytes,
                    ..
                }) => {
                    let again = if flags & RESEND == 0 { "" } else { " again" };
                    let to = role(connection).map_or("?", role_word);
                    let text = bytes_text(bytes, role(connection));
                    self.is_refusal |= role(connection) == Some(Role::Member) && is_refusal(bytes);
                    self.details
                        .push(format!("-> {to} {connection}{again}: {text}"));
                }
                Ok(Entry::State { tag, bytes }) => {
                    states += 1;
                    told.extend(state_text(tag, bytes));
                    told.extend(ledger::text(tag, bytes));
                }
                Err(error) => self
                    .details
                    .push(styled(BAD, format!("unreadable: {error:?}"))),
            }
        }
        self.details.extend(told);
        if states > 0 {
            self.details.push(format!("{states} change(s) of state"));
        }
    }

    /// The record for people.
    pub(crate) fn to_lines(&self) -> String {
        let refers = match self.refers_to {
            0 => String::new(),
            number => format!("  about #{number}"),
        };
        let mut lines = format!(
            "{} {} {}  line {}{refers}\n",
            styled(FAINT, format!("#{:<8}", self.number)),
            show::kst(self.stamp_ns),
            styled(NAME, format!("{:?}", self.kind)),
            self.connection,
        );
        for detail in &self.details {
            lines.push_str(&format!("          {detail}\n"));
        }
        lines
    }

    /// The record for programs.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "number": self.number,
            "time": show::utc(self.stamp_ns),
            "epoch": self.epoch,
            "kind": format!("{:?}", self.kind),
            "connection": self.connection,
            "refers_to": self.refers_to,
            "payload_bytes": self.payload_bytes,
            "refusal": self.is_refusal,
            "details": self.details,
        })
    }
}

/// What a state entry says to people, where it is more than a change.
fn state_text(tag: u8, bytes: &[u8]) -> Option<String> {
    if let Some(entry) = VerdictEntry::read(tag, bytes) {
        let name = show::escaped_bytes(entry.cl_ord_id.as_bytes());
        return Some(format!(
            "verdict on {name}: {}, by tables {}",
            entry.verdict, entry.tables
        ));
    }
    match (tag, bytes) {
        (TAG_COMMAND, [0]) => Some("followed".to_owned()),
        (TAG_COMMAND, [number]) => Some(match CommandRefusal::from_number(*number) {
            Some(refusal) => format!("refused: {}", refusal.text()),
            None => format!("refused: {number}"),
        }),
        (TAG_TABLES, [low, high, hash @ ..]) => {
            let count = u16::from_le_bytes([*low, *high]);
            Some(format!("tables {count} in force: {}", hex(hash)))
        }
        _ => None,
    }
}

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Member => "member",
        Role::Venue => "venue",
        Role::Feed => "feed",
    }
}

/// What an input record says, beyond received bytes.
fn input_text(kind: RecordKind, payload: &[u8]) -> Option<String> {
    Some(match kind {
        RecordKind::Connected => match Connected::parse(payload) {
            Ok(Connected {
                role,
                index,
                peer,
                local,
            }) => {
                format!("{} {index}: {peer:?} at {local:?}", role_word(role))
            }
            Err(fault) => format!("unreadable: {fault:?}"),
        },
        RecordKind::Accepted => match Accepted::parse(payload) {
            Ok(Accepted {
                count,
                offset_before,
            }) => {
                format!("the socket took {count} bytes from byte {offset_before} on")
            }
            Err(fault) => format!("unreadable: {fault:?}"),
        },
        RecordKind::Disconnected => match Disconnected::parse(payload) {
            Ok(Disconnected { reason, text }) => {
                format!("reason {reason} {}", show::escaped_bytes(text))
            }
            Err(fault) => format!("unreadable: {fault:?}"),
        },
        RecordKind::Persisted => match Persisted::parse(payload) {
            Ok(Persisted { segment, offset }) => {
                format!("synced up to byte {offset} of segment {segment}")
            }
            Err(fault) => format!("unreadable: {fault:?}"),
        },
        RecordKind::Start | RecordKind::Last => cut(&show::escaped_bytes(payload)),
        RecordKind::Table | RecordKind::TableVersion => hex(payload.get(..32).unwrap_or(payload)),
        RecordKind::Schedule => schedule_text(payload),
        RecordKind::Leaving => match payload {
            [1] => "members are logged out".to_owned(),
            [2] => "the venues' lines are logged out".to_owned(),
            other => format!("unreadable: {other:?}"),
        },
        RecordKind::Command => command_text(payload),
        RecordKind::Credential | RecordKind::Storage => format!("{payload:?}"),
        _ => return None,
    })
}

/// The hours of a session.
fn schedule_text(payload: &[u8]) -> String {
    match Schedule::parse(payload) {
        Ok(Schedule {
            session,
            kind,
            from_ns,
            to_ns,
        }) => {
            let (from, to) = (show::utc(from_ns), show::utc(to_ns));
            match kind {
                ScheduleKind::Always => format!("session {session} has no hours"),
                ScheduleKind::Window => format!("session {session} is open from {from} to {to}"),
                ScheduleKind::ResetTime => {
                    format!("session {session} may be reset from {from} to {to}")
                }
            }
        }
        Err(fault) => format!("unreadable: {fault:?}"),
    }
}

/// Who asked the desk for what, and why.
fn command_text(payload: &[u8]) -> String {
    let command = match Command::parse(payload) {
        Ok(command) => command,
        Err(fault) => return format!("unreadable: {fault:?}"),
    };
    // The capture counts the rows alone; here they may be read.
    let action = match command.action {
        Action::Sessions { rows } => format!("sessions: {}", show::escaped_bytes(rows)),
        other => action_text(&other),
    };
    let requester = match command.requester {
        b"" => String::new(),
        who => format!(", asked for by {}", show::escaped_bytes(who)),
    };
    format!(
        "{action}, by {}{requester}: {}",
        show::escaped_bytes(command.operator),
        show::escaped_bytes(command.reason)
    )
}

/// Bytes of a line: FIX with bars, anything else as the codec of the venue's lines shows it, or as
/// hexadecimal digits.
fn bytes_text(bytes: &[u8], role: Option<Role>) -> String {
    if role == Some(Role::Member) || bytes.starts_with(b"8=FIX") {
        let safe = FixMessage::new(bytes.to_vec()).without_secrets();
        return cut_at(&show::escaped_bytes(&safe).replace("\\u{1}", "|"), 400);
    }
    let titles = crate::decode::packet_titles(bytes);
    if titles.is_empty() {
        return cut(&hex(bytes));
    }
    cut(&titles.join(", "))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cut(text: &str) -> String {
    cut_at(text, SHOWN_BYTES_MAX)
}

fn cut_at(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let kept: String = text.chars().take(length).collect();
    format!("{kept}...")
}

/// ExecutionReport(8) with ExecType(150) Rejected, OrderCancelReject(9), BusinessMessageReject(j)
/// or Reject(3).
fn is_refusal(message: &[u8]) -> bool {
    let has = |field: &[u8]| message.windows(field.len()).any(|window| window == field);
    has(b"\x01150=8\x01")
        || [&b"\x0135=9\x01"[..], b"\x0135=j\x01", b"\x0135=3\x01"]
            .into_iter()
            .any(has)
}
