//! Packets of a venue's lines: SoupBinTCP with OUCH messages or market-state records in it.

use gwanmun_binary::feed::{FeedRecord, HaltRecord, MarketStateRecord};
use gwanmun_binary::ouch::{Inbound, Outbound};
use gwanmun_binary::soup::packet::{LoginRequest, Packet};
use serde_json::{Value, json};

use crate::show::{self, NAME, styled};

/// A packet, ready to be shown.
pub(crate) struct Shown {
    pub(crate) is_sound: bool,
    /// What it is.
    title: String,
    /// Its fields with their names and values, one text each.
    fields: Vec<(String, String)>,
}

impl Shown {
    /// Reads what is in a packet.
    pub(crate) fn new(packet: &Packet<'_>) -> Shown {
        match packet {
            Packet::UnsequencedData(message) => match Inbound::parse(message) {
                Ok(message) => Shown::of_debug("OUCH", &format!("{message:?}")),
                Err(error) => Shown::unread(message, &format!("{error:?}")),
            },
            // Records of the market-state line begin like OUCH messages of other lengths.
            Packet::SequencedData(message)
                if [MarketStateRecord::LENGTH, HaltRecord::LENGTH].contains(&message.len()) =>
            {
                match FeedRecord::parse(message) {
                    Ok(FeedRecord::MarketState(record)) => {
                        Shown::of_debug("feed", &format!("{record:?}"))
                    }
                    Ok(FeedRecord::Halt(record)) => Shown::of_debug("feed", &format!("{record:?}")),
                    Err(_) => Shown::outbound(message),
                }
            }
            Packet::SequencedData(message) => Shown::outbound(message),
            Packet::LoginRequest(login) => Shown::login(login),
            Packet::LoginAccepted {
                session,
                sequence_number,
            } => Shown {
                is_sound: true,
                title: "SoupBinTCP LoginAccepted".to_owned(),
                fields: vec![
                    (
                        "session".to_owned(),
                        show::escaped_bytes(session.trim_ascii()),
                    ),
                    ("sequence_number".to_owned(), sequence_number.to_string()),
                ],
            },
            Packet::LoginRejected(reason) => Shown {
                is_sound: true,
                title: "SoupBinTCP LoginRejected".to_owned(),
                fields: vec![("reason".to_owned(), show::escaped_bytes(&[*reason]))],
            },
            Packet::Debug(text) => Shown {
                is_sound: true,
                title: "SoupBinTCP Debug".to_owned(),
                fields: vec![("text".to_owned(), show::escaped_bytes(text))],
            },
            other => Shown::of_debug("SoupBinTCP", &format!("{other:?}")),
        }
    }

    fn outbound(message: &[u8]) -> Shown {
        match Outbound::parse(message) {
            Ok(message) => Shown::of_debug("OUCH", &format!("{message:?}")),
            Err(error) => Shown::unread(message, &format!("{error:?}")),
        }
    }

    /// A login request without its password.
    fn login(login: &LoginRequest) -> Shown {
        let fields = vec![
            ("username".to_owned(), login.username.to_string()),
            ("password".to_owned(), "**********".to_owned()),
            (
                "requested_sequence_number".to_owned(),
                login.requested_sequence_number.to_string(),
            ),
        ];
        Shown {
            is_sound: true,
            title: "SoupBinTCP LoginRequest".to_owned(),
            fields,
        }
    }

    fn unread(message: &[u8], error: &str) -> Shown {
        let hex: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
        let fields = vec![
            ("error".to_owned(), error.to_owned()),
            ("bytes".to_owned(), hex),
        ];
        Shown {
            is_sound: false,
            title: "unreadable message".to_owned(),
            fields,
        }
    }

    /// Takes the names and values out of what a derived `Debug` writes: `Outer(Inner { name: value,
    /// .. })`. The codec names its fields by the public tables, and its texts escape themselves.
    fn of_debug(protocol: &str, text: &str) -> Shown {
        let head = text.split_once(" { ").map_or(text, |(head, _)| head);
        let name = head.rsplit('(').next().unwrap_or(head);
        let mut fields = Vec::new();
        push_fields(text, &mut fields);
        Shown {
            is_sound: true,
            title: format!("{protocol} {name}"),
            fields,
        }
    }

    /// The packet for people.
    pub(crate) fn to_lines(&self) -> String {
        let mut lines = format!("{}\n", styled(NAME, &self.title));
        for (name, value) in &self.fields {
            lines.push_str(&format!("  {name:<26} {value}\n"));
        }
        lines
    }

    /// The packet for programs.
    pub(crate) fn to_json(&self) -> Value {
        let (protocol, name) = self.title.split_once(' ').unwrap_or(("", &self.title));
        let fields: serde_json::Map<String, Value> = self
            .fields
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect();
        json!({ "protocol": protocol, "msg_name": name, "fields": fields })
    }
}

/// The fields between the braces of a derived `Debug`; those of a struct within stand in its place.
fn push_fields(text: &str, fields: &mut Vec<(String, String)>) {
    let Some((_, body)) = text.split_once(" { ") else {
        return;
    };
    for field in top_level_fields(body) {
        match field.trim().split_once(": ") {
            // An empty appendage is the ordinary case and says nothing.
            Some((_, "Appendage { bytes: [] }")) | None => {}
            Some((_, value)) if value.contains(" { ") => push_fields(value, fields),
            Some((name, value)) => fields.push((name.to_owned(), plain(value))),
        }
    }
}

/// Cuts at the commas that stand within no bracket and no quotes, up to the closing brace.
fn top_level_fields(body: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut depth = 0_i32;
    let mut is_quoted = false;
    for character in body.chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            '(' | '{' | '[' if !is_quoted => depth += 1,
            ')' | '}' | ']' if !is_quoted => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            break;
        }
        if character == ',' && depth == 0 && !is_quoted {
            fields.push(String::new());
        } else if let Some(field) = fields.last_mut() {
            field.push(character);
        }
    }
    fields
}

/// What the packets in a piece of a venue's line are, one text each; none when the piece does not
/// begin with a packet.
pub(crate) fn titles(bytes: &[u8]) -> Vec<String> {
    let mut titles = Vec::new();
    let mut rest = bytes;
    while let Ok(Some((packet, length))) = Packet::parse(rest) {
        let shown = Shown::new(&packet);
        let fields: Vec<String> = shown
            .fields
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        titles.push(format!("{} ({})", shown.title, fields.join(", ")));
        rest = rest.get(length..).unwrap_or(&[]);
    }
    titles
}

/// A value without the shell that `Debug` puts around it: a price as decimal text, text without
/// quotes.
fn plain(value: &str) -> String {
    let inner = |prefix: &str| {
        value
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_suffix(')'))
            .map(str::to_owned)
    };
    if let Some(units) = inner("Price(").and_then(|units| units.parse().ok()) {
        return price(units);
    }
    if let Some(units) =
        inner("Some(Price(").and_then(|units| units.trim_end_matches(')').parse().ok())
    {
        return price(units);
    }
    if value == "None" {
        return "none".to_owned();
    }
    // One-byte codes are shown as the letter they are on the wire.
    let code = value
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    if let Some(byte) = code.and_then(|code| code.parse::<u8>().ok())
        && byte.is_ascii_graphic()
    {
        return char::from(byte).to_string();
    }
    show::escaped(value.trim_matches('"'))
}

fn price(units: i64) -> String {
    if units == i64::MAX {
        return "none (market)".to_owned();
    }
    gwanmun_market::Price(units).to_string()
}

#[cfg(test)]
mod tests {
    use gwanmun_binary::ouch::{Canceled, Executed};

    use super::*;

    #[test]
    fn names_and_values_are_those_of_the_tables() {
        // Executed: Timestamp 8, UserRefNum 4, Quantity 4, Price 8, LiquidityFlag 1, MatchNumber 8,
        // AppendageLength 2.
        let mut bytes = vec![b'E'];
        bytes.extend_from_slice(&7_u64.to_be_bytes());
        bytes.extend_from_slice(&3_u32.to_be_bytes());
        bytes.extend_from_slice(&10_u32.to_be_bytes());
        bytes.extend_from_slice(&(-3_500_i64).to_be_bytes());
        bytes.push(b'A');
        bytes.extend_from_slice(&9_u64.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
        assert!(Executed::parse(&bytes).is_ok());
        let shown = Shown::new(&Packet::SequencedData(&bytes));
        let lines = anstream::adapter::strip_str(&shown.to_lines()).to_string();
        assert!(lines.starts_with("OUCH Executed\n"), "{lines}");
        for expected in [
            "user_ref_num               3",
            "price                      -0.35",
            "match_number               9",
        ] {
            assert!(lines.contains(expected), "{expected}: {lines}");
        }
        assert!(Canceled::parse(&bytes).is_err());
        assert!(!Shown::new(&Packet::SequencedData(b"E")).is_sound);
    }
}
