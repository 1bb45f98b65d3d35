//! What a running gateway tells its operator, one line each: for people, or as JSON.
//!
//! In it: the two forms of an event. Not in it: where events come from (`gwanmun_host::Event`); the
//! order core hands them over a bounded queue and never waits for whoever prints.

use gwanmun_host::Event;
use gwanmun_host::config::Config;
use serde_json::{Value, json};

use crate::show;

/// One event, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// The event's name; stable.
    name: &'static str,
    /// Whom it is about; may hold what a peer wrote, and may be empty.
    peer: String,
    /// What happened, in words.
    detail: String,
    /// Where lines are awaited, of a `listen`.
    address: Option<String>,
}

impl EventLine {
    /// An event of the gateway's process.
    #[must_use]
    pub fn new(event: &Event, config: &Config) -> EventLine {
        let address = match event {
            Event::Listening(address) | Event::ListeningTls(address) => Some(address.to_string()),
            _ => None,
        };
        EventLine {
            name: event.name(),
            peer: event.peer(config),
            detail: event.detail(),
            address,
        }
    }

    /// The process does not start.
    #[must_use]
    pub fn refused_start(reason: &str) -> EventLine {
        EventLine {
            name: "refused_start",
            peer: String::new(),
            detail: reason.to_owned(),
            address: None,
        }
    }

    /// The event as one JSON object on one line.
    #[must_use]
    pub fn to_json(&self, process: &str, time_ns: u64) -> String {
        let mut object = json!({
            "time": show::utc(time_ns),
            "process": process,
            "event": self.name,
            "detail": self.detail,
        });
        if !self.peer.is_empty() {
            object["peer"] = Value::from(self.peer.as_str());
        }
        if let Some(address) = &self.address {
            object["address"] = Value::from(address.as_str());
        }
        object.to_string()
    }

    /// The event as one line for a person, every control character escaped.
    #[must_use]
    pub fn to_line(&self, process: &str, time_ns: u64) -> String {
        let style = match self.name {
            "refused_start" | "journal_failed" => show::BAD,
            "low_space" | "finding" | "torn_tail" | "stranger_refused" | "snapshot_failed"
            | "snapshot_refused" => show::WARNING,
            _ => show::NAME,
        };
        let time = show::styled(show::FAINT, show::kst(time_ns));
        let name = show::styled(style, self.name.replace('_', " "));
        let peer = if self.peer.is_empty() {
            String::new()
        } else {
            format!("{}: ", show::escaped(&self.peer))
        };
        format!(
            "{time} {process} {name} {peer}{}",
            show::escaped(&self.detail)
        )
    }
}

/// Prints events to the standard error.
#[derive(Clone, Copy, Debug)]
pub struct EventPrinter {
    /// Which process speaks.
    pub process: &'static str,
    /// Whether a program reads.
    pub is_json: bool,
}

impl EventPrinter {
    /// Prints one event.
    pub fn print(&self, event: &EventLine, time_ns: u64) {
        if self.is_json {
            show::note(&event.to_json(self.process, time_ns));
        } else {
            show::note(&event.to_line(self.process, time_ns));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_cannot_steer_the_terminal_nor_break_the_line() {
        let event = EventLine {
            name: "logout",
            peer: "M1\x1b[2J".into(),
            detail: "said \"bye\"\n".into(),
            address: None,
        };
        let ns = 1_795_384_800_000_000_000;
        let line = event.to_line("gateway", ns);
        assert!(line.ends_with("M1\\u{1b}[2J: said \"bye\"\\n"), "{line}");
        let json = event.to_json("gateway", ns);
        assert!(!json.contains('\x1b') && !json.contains('\n'), "{json}");
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["event"], "logout");
        assert_eq!(value["peer"], "M1\x1b[2J");
        assert_eq!(value["time"], "2026-11-22T22:00:00.000000000Z");
    }
}
