//! What an operator asked for at the desk, and what became of it, as packets of the capture.
//!
//! The desk has no line of its own in the journal: a command is a record, and so is its effect.
//! For people who look at a day in Wireshark each is one datagram, among the orders that it stands
//! between, and says one line of text, which the packet's comment says too. In it: which records
//! are shown ([`Desk::on_record`]), their text, and the datagram. Not in it: when they come (see
//! `render.rs`), and how they are checked (see `verify/desk.rs`, which has a parser of its own).
//! What is made up in the datagram is told in `captures/FORMAT.md`.

use std::fmt::Write as _;

use crate::bytes::put;
use crate::command::{
    ACCOUNT_BYTES_MAX, Action, Command, Direction as Number, PERSON_BYTES_MAX, REASON_BYTES_MAX,
    SYMBOL_BYTES_MAX,
};
use crate::effect::{EffectReader, Entry};
use crate::journal::{Record, RecordKind};
use crate::pcapng::Direction;
use crate::tcp_synth::{Checksum, PAYLOAD_BYTES_MAX, TIME_TO_LIVE, local_mac, peer_mac};

/// Name of the interface, which stands behind the lines' three where a day has commands.
pub const INTERFACE: &str = "desk";
/// Tag of the state entry that says what became of a command: the only one with a meaning here. Its
/// body is one byte, 0 where the command was followed.
pub const OUTCOME_TAG: u8 = 11;
/// The desk's address: of a block that is for examples alone (RFC 5737), so that it is nobody's.
pub const DESK_ADDRESS: [u8; 4] = [192, 0, 2, 1];
/// The gateway's, as the desk's packets have it.
pub const GATEWAY_ADDRESS: [u8; 4] = [192, 0, 2, 2];
/// Port of both ends: syslog's, so that readers show the text as a message.
pub const PORT: u16 = 514;
/// Syslog priority of what was asked for and was followed: log audit, notice (RFC 5424, 6.2.1).
pub const PRIORITY_NOTICE: &str = "<109>";
/// Syslog priority of what was refused: log audit, warning.
pub const PRIORITY_WARNING: &str = "<108>";
/// UDP's number in an IP head.
pub const UDP: u8 = 17;
/// Longest text. An operator's byte takes six at most once it is escaped (`\u{7f}`); all words and
/// numbers around them are shorter than 256 bytes.
pub const TEXT_BYTES_MAX: usize =
    6 * (2 * PERSON_BYTES_MAX + REASON_BYTES_MAX + ACCOUNT_BYTES_MAX + SYMBOL_BYTES_MAX) + 256;

const IP_HEAD_BYTES: usize = 20;
const UDP_HEAD_BYTES: usize = 8;
const _: () = assert!(PRIORITY_NOTICE.len() + TEXT_BYTES_MAX < PAYLOAD_BYTES_MAX);
const _: () = assert!(PRIORITY_NOTICE.len() == PRIORITY_WARNING.len());

/// One line of text between the desk and the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskLine {
    /// A command comes in, and its answer goes out.
    pub direction: Direction,
    /// [`PRIORITY_NOTICE`] or [`PRIORITY_WARNING`].
    pub priority: &'static str,
    /// The text, printable throughout; at most [`TEXT_BYTES_MAX`] bytes.
    pub text: String,
}

/// Which records are said at the desk: commands, and of each the effect that has its outcome.
///
/// The gateway answers a command before it takes the next input, so one number is all it keeps; of
/// an effect that is about another record no entry is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// Number of the latest Command record, as long as it has no answer.
    asked: Option<u64>,
}

impl Desk {
    /// What this record says at the desk; `None` for all that say nothing. Records come in order.
    pub fn on_record(&mut self, record: &Record<'_>) -> Option<DeskLine> {
        let head = record.head;
        match head.kind {
            RecordKind::Command => {
                self.asked = Some(head.number);
                Some(DeskLine {
                    direction: Direction::In,
                    priority: PRIORITY_NOTICE,
                    text: command_text(head.number, record.payload),
                })
            }
            RecordKind::Effect if self.asked == Some(head.refers_to) => {
                let outcome = outcome(record.payload)?;
                self.asked = None;
                Some(answer(head.refers_to, outcome))
            }
            _ => None,
        }
    }
}

/// What became of command `number`.
fn answer(number: u64, outcome: u8) -> DeskLine {
    let (priority, text) = match outcome {
        0 => (PRIORITY_NOTICE, format!("command #{number} done")),
        why => (
            PRIORITY_WARNING,
            format!("command #{number} refused with number {why}"),
        ),
    };
    DeskLine {
        direction: Direction::Out,
        priority,
        text,
    }
}

impl DeskLine {
    /// Appends the datagram, from Ethernet on.
    pub fn write(&self, into: &mut Vec<u8>) {
        let (desk, gateway) = (peer_mac(0), local_mac());
        let ((source_mac, target_mac), (source, target)) = match self.direction {
            Direction::In => ((desk, gateway), (DESK_ADDRESS, GATEWAY_ADDRESS)),
            Direction::Out => ((gateway, desk), (GATEWAY_ADDRESS, DESK_ADDRESS)),
        };
        let payload_bytes = self.priority.len() + self.text.len();
        // Far below 64 KiB by TEXT_BYTES_MAX.
        let length = |heads: usize| u16::try_from(heads + payload_bytes).unwrap_or(u16::MAX);
        into.extend(target_mac);
        into.extend(source_mac);
        into.extend([8, 0]);
        let ip_at = into.len();
        into.extend([0x45, 0]);
        into.extend(length(IP_HEAD_BYTES + UDP_HEAD_BYTES).to_be_bytes());
        // A datagram that is not to be fragmented needs no identification (RFC 6864).
        into.extend([0, 0, 0x40, 0, TIME_TO_LIVE, UDP, 0, 0]);
        into.extend(source);
        into.extend(target);
        let mut sum = Checksum::default();
        sum.add(into.get(ip_at..).unwrap_or_default());
        put(into, ip_at + 10, &sum.finish());

        let udp_length = length(UDP_HEAD_BYTES).to_be_bytes();
        let udp_at = into.len();
        into.extend(PORT.to_be_bytes());
        into.extend(PORT.to_be_bytes());
        into.extend(udp_length);
        into.extend([0; 2]);
        into.extend(self.priority.as_bytes());
        into.extend(self.text.as_bytes());
        let mut sum = Checksum::default();
        for part in [&source[..], &target, &[0, UDP], &udp_length] {
            sum.add(part);
        }
        sum.add(into.get(udp_at..).unwrap_or_default());
        // A sum of zero would say that there is none (RFC 768).
        let stored = match sum.finish() {
            [0, 0] => [0xFF; 2],
            other => other,
        };
        put(into, udp_at + 6, &stored);
    }
}

/// What became of a command, where an effect says so: 0 where it was followed, else the number of
/// the refusal. An effect has one such entry at most; of more the first counts.
fn outcome(effect: &[u8]) -> Option<u8> {
    EffectReader::new(effect)
        .map_while(Result::ok)
        .find_map(|entry| match entry {
            Entry::State {
                tag: OUTCOME_TAG,
                bytes: &[outcome],
            } => Some(outcome),
            _ => None,
        })
}

/// Who asked for what, and why. Rows and tables are not spelled out: they may be long, and the
/// journal has them.
fn command_text(number: u64, payload: &[u8]) -> String {
    let Ok(command) = Command::parse(payload) else {
        let length = payload.len();
        return format!("command #{number}: {length} bytes that are no command");
    };
    let mut text = format!("command #{number} by {}", quoted(command.operator));
    if !command.requester.is_empty() {
        text += &format!(", asked for by {}", quoted(command.requester));
    }
    text += &format!(": {}", action_text(&command.action));
    text += &format!(", because {}", quoted(command.reason));
    text
}

/// What a command asks for, for people.
#[must_use]
pub fn action_text(action: &Action<'_>) -> String {
    match *action {
        Action::SetNumber {
            session,
            direction,
            number,
        } => {
            let which = match direction {
                Number::In => "incoming",
                Number::Out => "outgoing",
            };
            format!("next {which} number of session {session} set to {number}")
        }
        Action::Sessions { rows } => {
            let lines = rows.split(|&byte| byte == b'\n');
            let count = lines.filter(|line| line.starts_with(b"row ")).count();
            format!("terms of {count} session(s), {} bytes", rows.len())
        }
        Action::Tables { sha256, content } => {
            let hash = sha256.iter().fold(String::new(), |mut hash, byte| {
                let _ = write!(hash, "{byte:02x}");
                hash
            });
            format!("tables {hash}, {} bytes", content.len())
        }
        Action::Approve { order_id } => format!("held order {} approved", quoted(order_id)),
        Action::Ledger {
            change,
            account,
            symbol,
            quantity,
        } => {
            let (change, symbol) = (change.text(), quoted(symbol));
            format!("{change}: {quantity} of {symbol} for {}", quoted(account))
        }
    }
}

/// An operator's bytes in quotes. What could end the quotes or the line, hide, or turn the text
/// around is escaped, and so is what is not UTF-8: two different texts never look the same.
fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let is_hidden = matches!(
                character,
                '\u{61c}'
                    | '\u{200b}'..='\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{2069}'
                    | '\u{feff}'
            );
            match character {
                '"' | '\\' => text.extend(['\\', character]),
                _ if character.is_control() || is_hidden => text.extend(character.escape_unicode()),
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{COMMAND_BYTES_MAX, LedgerChange};

    fn text(operator: &[u8], requester: &[u8], reason: &[u8], action: Action<'_>) -> String {
        let command = Command {
            operator,
            requester,
            reason,
            action,
        };
        let mut bytes = [0; 2 * COMMAND_BYTES_MAX];
        let length = command.encode(&mut bytes).unwrap();
        command_text(7, &bytes[..length])
    }

    const SET: Action<'_> = Action::SetNumber {
        session: 2,
        direction: Number::Out,
        number: 90,
    };

    #[test]
    fn every_action_has_its_words() {
        let says = |action| text(b"kim", b"lee", b"lost its store", action);
        let check = |action, what: &str| {
            let expected = format!(
                "command #7 by \"kim\", asked for by \"lee\": {what}, because \"lost its store\""
            );
            assert_eq!(says(action), expected);
        };
        check(SET, "next outgoing number of session 2 set to 90");
        check(
            Action::SetNumber {
                session: 0,
                direction: Number::In,
                number: 1,
            },
            "next incoming number of session 0 set to 1",
        );
        check(
            Action::Sessions {
                rows: b"row 1\nname A\nrow 2\nname row \n",
            },
            "terms of 2 session(s), 29 bytes",
        );
        check(
            Action::Tables {
                sha256: &[0xA7; 32],
                content: b"account",
            },
            &format!("tables {}, 7 bytes", "a7".repeat(32)),
        );
        check(
            Action::Approve { order_id: b"GW17" },
            "held order \"GW17\" approved",
        );
        check(
            Action::Ledger {
                change: LedgerChange::Loan,
                account: b"ACC1",
                symbol: b"005930",
                quantity: 500,
            },
            "loan confirmed: 500 of \"005930\" for \"ACC1\"",
        );
    }

    #[test]
    fn without_a_requester_and_unreadable() {
        let alone = text(b"kim", b"", b"", SET);
        let expected = "command #7 by \"kim\": next outgoing number of session 2 set to 90, \
                        because \"\"";
        assert_eq!(alone, expected);
        let unreadable = command_text(7, b"short");
        assert_eq!(unreadable, "command #7: 5 bytes that are no command");
    }

    #[test]
    fn what_hides_or_ends_a_line_is_escaped() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(quoted(bytes), expected);
        check("김".as_bytes(), "\"김\"");
        check(b"a\"b\\c", r#""a\"b\\c""#);
        check(b"\x00\n\t\x7f", r#""\u{0}\u{a}\u{9}\u{7f}""#);
        check(b"\xff\xea\xb9", r#""\xff\xea\xb9""#);
        check(
            "\u{202e}\u{2028}\u{85}\u{200b}".as_bytes(),
            r#""\u{202e}\u{2028}\u{85}\u{200b}""#,
        );
    }

    #[test]
    fn the_longest_text_is_as_long_as_promised() {
        let longest = Action::Ledger {
            change: LedgerChange::TransferOut,
            account: &[0x7F; ACCOUNT_BYTES_MAX],
            symbol: &[0x7F; SYMBOL_BYTES_MAX],
            quantity: u64::MAX,
        };
        let person = [0x7F; PERSON_BYTES_MAX];
        let text = text(&person, &person, &[0x7F; REASON_BYTES_MAX], longest);
        assert!(text.len() <= TEXT_BYTES_MAX, "{}", text.len());
        assert!(text.len() > TEXT_BYTES_MAX - 256);
    }

    #[test]
    fn golden_datagram() {
        let line = DeskLine {
            direction: Direction::Out,
            priority: PRIORITY_NOTICE,
            text: "command #7 done".to_owned(),
        };
        let mut bytes = Vec::new();
        line.write(&mut bytes);
        let mut expected = vec![6, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 8, 0];
        expected.extend([0x45, 0, 0, 48, 0, 0, 0x40, 0, 64, 17, 0xB6, 0xB9]);
        expected.extend([192, 0, 2, 2, 192, 0, 2, 1]);
        expected.extend([2, 2, 2, 2, 0, 28, 0x57, 0x95]);
        expected.extend(b"<109>command #7 done");
        assert_eq!(bytes, expected);
    }
}
