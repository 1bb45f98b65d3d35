//! Reading FIX and OUCH for people: from text, from other programs' captures, from our own captures
//! and journals.
//!
//! In it: what kind of input it is ([`Input`]), and every message in it with its place. Not in it:
//! how it is printed (`commands::decode`), and judging a capture of ours (`commands::capture`).

mod fix;
mod meanings;
mod names;
mod ouch;
mod streams;
mod text;

use std::path::Path;

use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::recording::Recording;
use crate::show;

pub(crate) use fix::FixMessage;
pub(crate) use ouch::titles as packet_titles;
pub(crate) use streams::damaged;

/// What is read.
pub(crate) enum Input {
    /// Text of any kind, or the raw bytes of a stream.
    Text(Vec<u8>),
    /// A pcap or pcapng file.
    Capture(Vec<u8>),
    /// A journal: a trading day's folder or one segment of it.
    Journal(Vec<Vec<u8>>),
}

/// One message and where it stands.
pub(crate) struct Item {
    pub(crate) place: Place,
    pub(crate) what: What,
}

/// Where a message stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// When it was on the wire, or recorded.
    pub(crate) time_ns: Option<u64>,
    /// On which line, as people read it.
    pub(crate) line: String,
    /// What a log wrote in front of it, escaped.
    pub(crate) prefix: String,
}

/// What stands there.
pub(crate) enum What {
    /// A FIX message, right or wrong.
    Fix(FixMessage),
    /// A packet of a venue's line.
    Packet(ouch::Shown),
    /// Bytes that are missing or that nobody understands, in words.
    Damage(String),
}

impl Input {
    /// Reads a file, a journal's folder, or the standard input for `-`.
    pub(crate) fn open(path: &Path) -> Result<Input, Failure> {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)
                .map_err(|error| Failure::input(path, &error))?;
            return Ok(Input::of(bytes));
        }
        if path.is_dir() {
            return Ok(Input::Journal(Recording::open(path)?.segments));
        }
        let bytes = std::fs::read(path).map_err(|error| Failure::input(path, &error))?;
        Ok(Input::of(bytes))
    }

    fn of(bytes: Vec<u8>) -> Input {
        if bytes.starts_with(&gwanmun_captures::journal::SEGMENT_MAGIC) {
            Input::Journal(vec![bytes])
        } else if gwanmun_captures::read::CaptureReader::new(&bytes).is_ok() {
            Input::Capture(bytes)
        } else {
            Input::Text(bytes)
        }
    }

    /// Gives every message to `found`, in the order in which it became whole.
    pub(crate) fn messages(
        &self,
        found: &mut dyn FnMut(Item) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        match self {
            Input::Text(text) => text::messages(text, found),
            Input::Capture(bytes) => streams::of_capture(bytes, found),
            Input::Journal(segments) => streams::of_journal(segments, found),
        }
    }
}

impl Item {
    /// Whether there is nothing wrong with it.
    pub(crate) fn is_sound(&self) -> bool {
        match &self.what {
            What::Fix(message) => message.is_sound(),
            What::Packet(packet) => packet.is_sound,
            What::Damage(_) => false,
        }
    }

    /// The item for people.
    pub(crate) fn to_lines(&self, number: u64) -> String {
        let mut head = format!("#{number}");
        if let Some(time_ns) = self.place.time_ns {
            head.push_str(&format!("  {}", show::kst(time_ns)));
        }
        for part in [&self.place.line, &self.place.prefix] {
            if !part.is_empty() {
                head.push_str(&format!("  {part}"));
            }
        }
        let head = show::styled(show::FAINT, head);
        let body = match &self.what {
            What::Fix(message) => message.to_lines(),
            What::Packet(packet) => packet.to_lines(),
            What::Damage(text) => format!("{}\n", show::styled(show::BAD, text)),
        };
        format!("{head}\n{body}\n")
    }

    /// The item for programs.
    pub(crate) fn to_json(&self, number: u64) -> Value {
        let mut object = match &self.what {
            What::Fix(message) => message.to_json(),
            What::Packet(packet) => packet.to_json(),
            What::Damage(text) => json!({ "protocol": null, "damage": text }),
        };
        object["number"] = json!(number);
        object["time"] = json!(self.place.time_ns.map(show::utc));
        object["line"] = json!(self.place.line);
        if !self.place.prefix.is_empty() {
            object["prefix"] = json!(self.place.prefix);
        }
        object
    }
}

/// That an input holds no message at all.
pub(crate) fn nothing_in(path: &Path) -> Failure {
    let name = show::escaped(&path.display().to_string());
    let text = format!("{name} holds no FIX or OUCH message");
    Failure::new(Exit::Input, text)
}
