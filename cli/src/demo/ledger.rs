//! The driver's ledger: every FIX message that went over its socket, from the raw bytes.
//!
//! It is written before any session logic sees a byte and shares no code with it or with
//! `gwanmun-fix`: a message here is what lies between `8=FIX` and a `10=nnn` field, whatever
//! BodyLength(9) says. One line per message, as CSV: [`COLUMNS`]. `raw` has `|` for SOH, other
//! control characters and bytes beyond ASCII as `\xNN`, and the values of Password(554),
//! NewPassword(925) and RawData(96) as asterisks with CheckSum(10) made anew, as the journal keeps
//! them.

use std::io::{self, Write};

/// Separates the fields of a message.
const SOH: u8 = 1;
/// A stretch of bytes without an end of message is written as it is once it is longer than this;
/// nothing that the gateway sends comes near.
const MESSAGE_BYTES_MAX: usize = 1 << 16;

/// The head line of the file.
pub const COLUMNS: &str = "ns,direction,msg_seq_num,msg_type,cl_ord_id,orig_cl_ord_id,\
order_id,exec_id,exec_type,ord_status,symbol,side,order_qty,price,\
last_qty,last_px,poss_dup,gate_code,raw";
/// Tags whose values stand in the columns between `msg_seq_num` and `raw`.
const TAGS: [u32; 16] = [
    34, 35, 11, 41, 37, 17, 150, 39, 55, 54, 38, 44, 32, 31, 43, 20110,
];
/// Tags whose values are secrets.
const SECRETS: [u32; 3] = [554, 925, 96];

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the driver.
    Out,
    /// To the driver.
    In,
}

/// The ledger of one run, over all of its connections.
#[derive(Debug)]
pub struct Ledger<W: Write> {
    into: W,
    sent: Vec<u8>,
    received: Vec<u8>,
    is_lean: bool,
}

impl<W: Write> Ledger<W> {
    /// Writes the head line.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn new(mut into: W) -> io::Result<Ledger<W>> {
        writeln!(into, "{COLUMNS}")?;
        Ok(Ledger {
            into,
            sent: Vec::new(),
            received: Vec::new(),
            is_lean: false,
        })
    }

    /// The same without `raw` for the messages of which the other columns say everything that
    /// matters: a third of the volume, for long runs.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn lean(into: W) -> io::Result<Ledger<W>> {
        let ledger = Ledger::new(into)?;
        Ok(Ledger {
            is_lean: true,
            ..ledger
        })
    }

    /// Takes bytes that the socket took or gave.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn take(&mut self, direction: Direction, bytes: &[u8], now_ns: u64) -> io::Result<()> {
        let pending = match direction {
            Direction::Out => &mut self.sent,
            Direction::In => &mut self.received,
        };
        pending.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(length) = message_length(&pending[start..]) {
            write_line(
                &mut self.into,
                direction,
                &pending[start..start + length],
                now_ns,
                self.is_lean,
            )?;
            start += length;
        }
        pending.drain(..start);
        if pending.len() > MESSAGE_BYTES_MAX {
            write_line(&mut self.into, direction, pending, now_ns, false)?;
            pending.clear();
        }
        Ok(())
    }

    /// The line is gone: what was left of a message in either direction is written as it is, with
    /// its empty columns.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn line_lost(&mut self, now_ns: u64) -> io::Result<()> {
        for (direction, pending) in [
            (Direction::Out, &mut self.sent),
            (Direction::In, &mut self.received),
        ] {
            if !pending.is_empty() {
                write_cut(&mut self.into, direction, pending, now_ns)?;
                pending.clear();
            }
        }
        self.into.flush()
    }

    /// Writes what is buffered and gives the file back.
    ///
    /// # Errors
    /// Whatever the file says.
    pub fn finish(mut self, now_ns: u64) -> io::Result<W> {
        self.line_lost(now_ns)?;
        Ok(self.into)
    }
}

/// The bytes of the whole message in a line of a ledger, back from their form in the last column.
pub(crate) fn raw_of_line(line: &str) -> Option<Vec<u8>> {
    let direction = line.split(',').nth(1)?;
    if direction != "in" && direction != "out" {
        return None;
    }
    // The last cell begins with the message, quoted or not.
    let start = line.find("8=FIX")?;
    let is_quoted = line.get(..start)?.ends_with('"');
    let cell = line.get(start..)?;
    let cell = if is_quoted {
        cell.strip_suffix('"')?.replace("\"\"", "\"")
    } else {
        cell.to_owned()
    };
    let mut bytes = Vec::with_capacity(cell.len());
    let mut rest = cell.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = behind
            .strip_prefix(b"x")
            .and_then(|digits| digits.get(..2))
            .filter(|_| first == b'\\');
        let byte = escaped
            .and_then(|digits| u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok());
        match (byte, first) {
            (Some(byte), _) => bytes.push(byte),
            (None, b'|') => bytes.push(SOH),
            (None, other) => bytes.push(other),
        }
        rest = if byte.is_some() {
            behind.get(3..).unwrap_or(&[])
        } else {
            behind
        };
    }
    Some(bytes)
}

/// Bytes up to the end of the first `10=nnn` field; `None` while there is none.
fn message_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(8)
        .position(|window| {
            matches!(window, [SOH, b'1', b'0', b'=', a, b, c, SOH]
            if [a, b, c].iter().all(|digit| digit.is_ascii_digit()))
        })
        .map(|start| start + 8)
}

/// The value of a tag's first occurrence.
fn value(message: &[u8], tag: u32) -> &[u8] {
    let wanted = tag.to_string();
    message
        .split(|byte| *byte == SOH)
        .find_map(|field| field.strip_prefix(wanted.as_bytes())?.strip_prefix(b"="))
        .unwrap_or(b"")
}

fn write_line(
    into: &mut impl Write,
    direction: Direction,
    message: &[u8],
    now_ns: u64,
    is_lean: bool,
) -> io::Result<()> {
    write!(into, "{now_ns},{}", direction_word(direction))?;
    for tag in TAGS {
        write!(into, ",{}", cell(value(message, tag)))?;
    }
    if is_lean && matches!(value(message, 35), b"8" | b"9" | b"D" | b"F" | b"G") {
        return writeln!(into, ",");
    }
    writeln!(into, ",{}", cell(&without_secrets(message)))
}

/// A piece of a message: its columns stay empty, because a half value must not be taken for a
/// value.
fn write_cut(
    into: &mut impl Write,
    direction: Direction,
    piece: &[u8],
    now_ns: u64,
) -> io::Result<()> {
    let commas = ",".repeat(TAGS.len());
    let piece = without_secrets(piece);
    writeln!(
        into,
        "{now_ns},{}-cut{commas},{}",
        direction_word(direction),
        cell(&piece)
    )
}

const fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Out => "out",
        Direction::In => "in",
    }
}

/// The message with its secrets as asterisks, and its sum made right again.
fn without_secrets(message: &[u8]) -> Vec<u8> {
    let mut safe = message.to_vec();
    let mut is_changed = false;
    let mut start = 0;
    for field in message.split(|byte| *byte == SOH) {
        let name_end = field
            .iter()
            .position(|byte| *byte == b'=')
            .map_or(0, |at| at + 1);
        let is_secret = SECRETS
            .iter()
            .any(|tag| field.starts_with(format!("{tag}=").as_bytes()));
        if is_secret {
            safe[start + name_end..start + field.len()].fill(b'*');
            is_changed = true;
        }
        start += field.len() + 1;
    }
    if is_changed && message_length(&safe) == Some(safe.len()) {
        let body = safe.len() - 7;
        let sum = safe[..body]
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        safe.truncate(body);
        safe.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
    }
    safe
}

/// One CSV cell, quoted where it must be.
fn cell(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            SOH => text.push('|'),
            b'"' => text.push_str("\"\""),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    if text.contains(['"', ',']) {
        format!("\"{text}\"")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines behind the head, for pieces sent and received.
    fn check(pieces: &[(Direction, &str)], expected: &[&str]) {
        let mut ledger = Ledger::new(Vec::new()).unwrap();
        for (direction, piece) in pieces {
            ledger
                .take(*direction, piece.replace('|', "\u{1}").as_bytes(), 7)
                .unwrap();
        }
        let text = String::from_utf8(ledger.finish(8).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], COLUMNS);
        assert_eq!(lines[1..], *expected);
    }

    const NEW: &str = "8=FIX.4.4|9=5|35=D|34=2|11=A1|55=005930|54=1|38=10|44=71500|10=123|";
    const NEW_LINE: &str = "7,out,2,D,A1,,,,,,005930,1,10,71500,,,,,\
                            8=FIX.4.4|9=5|35=D|34=2|11=A1|55=005930|54=1|38=10|44=71500|10=123|";

    #[test]
    fn every_split_gives_the_same_lines() {
        check(&[(Direction::Out, NEW)], &[NEW_LINE]);
        for at in 1..NEW.len() {
            check(
                &[(Direction::Out, &NEW[..at]), (Direction::Out, &NEW[at..])],
                &[NEW_LINE],
            );
        }
    }

    #[test]
    fn what_the_line_cuts_off_is_kept_without_columns() {
        check(
            &[(Direction::In, "8=FIX.4.4|9=5|35=8|38=1")],
            &["8,in-cut,,,,,,,,,,,,,,,,,8=FIX.4.4|9=5|35=8|38=1"],
        );
    }

    #[test]
    fn a_lean_ledger_has_the_same_columns_and_the_text_of_what_is_rare() {
        let mut ledger = Ledger::lean(Vec::new()).unwrap();
        let reject = "8=FIX.4.4|9=5|35=3|34=7|45=2|10=001|";
        for (direction, text) in [(Direction::Out, NEW), (Direction::In, reject)] {
            let bytes = text.replace('|', "\u{1}");
            ledger.take(direction, bytes.as_bytes(), 7).unwrap();
        }
        let text = String::from_utf8(ledger.finish(8).unwrap()).unwrap();
        let (columns, _) = NEW_LINE.split_once("8=FIX").unwrap();
        let expected = format!("{COLUMNS}\n{columns}\n7,in,7,3,,,,,,,,,,,,,,,{reject}\n");
        assert_eq!(text, expected);
    }

    #[test]
    fn secrets_and_control_characters_do_not_get_through() {
        check(
            &[(
                Direction::Out,
                "8=FIX.4.4|9=5|35=A|34=1|58=a,\"b\x1b|554=top|10=000|",
            )],
            &["7,out,1,A,,,,,,,,,,,,,,,\
               \"8=FIX.4.4|9=5|35=A|34=1|58=a,\"\"b\\x1b|554=***|10=187|\""],
        );
    }
}
