//! What people see: output that survives a closed pipe, text with control characters escaped,
//! colours only on a terminal, times in KST.

use std::io::Write;

use anstyle::{AnsiColor, Effects, Style};

/// Something wrong.
pub(crate) const BAD: Style = AnsiColor::BrightRed.on_default().effects(Effects::BOLD);
/// Something worth a look.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();
/// Something right.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// A name beside its value.
pub(crate) const NAME: Style = AnsiColor::Cyan.on_default();
/// What matters least.
pub(crate) const FAINT: Style = AnsiColor::BrightBlack.on_default();

/// Writes to the standard output; colours are dropped where it is no terminal.
///
/// # Errors
/// Whatever the output says, a closed pipe included.
pub(crate) fn out(text: &str) -> std::io::Result<()> {
    let mut out = anstream::AutoStream::auto(std::io::stdout()).lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Many pages of output, written in large pieces; colours are dropped where the output is no
/// terminal.
pub(crate) struct Pages {
    out: std::io::BufWriter<anstream::AutoStream<std::io::StdoutLock<'static>>>,
}

impl Pages {
    pub(crate) fn new() -> Pages {
        let out = anstream::AutoStream::auto(std::io::stdout()).lock();
        Pages {
            out: std::io::BufWriter::with_capacity(1 << 16, out),
        }
    }

    /// Adds text.
    ///
    /// # Errors
    /// Whatever the output says, a closed pipe included.
    pub(crate) fn write(&mut self, text: &str) -> std::io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Whatever the output says, a closed pipe included.
    pub(crate) fn finish(mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Writes one line to the standard error. When even that is gone there is nobody to tell.
pub(crate) fn note(text: &str) {
    let mut error = anstream::AutoStream::auto(std::io::stderr()).lock();
    let _ = writeln!(error, "{text}");
}

/// Text with every control character escaped, so that nobody's bytes steer the terminal that shows
/// them.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        // Marks that turn the direction of text hide as much as control characters do.
        let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || turns {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Bytes as text: UTF-8 where they are, with control characters and everything else escaped.
pub(crate) fn escaped_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(&escaped(chunk.valid()));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// `text` in `style`.
pub(crate) fn styled(style: Style, text: impl core::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A whole number with its thousands apart: `20,412`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A moment for people: `2026-11-23 09:00:00.123456789 KST`.
pub(crate) fn kst(ns: u64) -> String {
    moment(ns).map_or_else(
        || format!("{ns} ns"),
        |moment| {
            // Korea has kept nine hours all year since 1988, and the captures are of this century.
            let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
            moment
                .to_zoned(zone)
                .strftime("%Y-%m-%d %H:%M:%S%.9f KST")
                .to_string()
        },
    )
}

/// A moment for programs: `2026-11-23T00:00:00.123456789Z`.
pub(crate) fn utc(ns: u64) -> String {
    moment(ns).map_or_else(
        || format!("{ns} ns"),
        |moment| moment.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string(),
    )
}

fn moment(ns: u64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_nanosecond(i128::from(ns)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_letters_are_not() {
        assert_eq!(
            escaped("a\x1b[2J\u{9b}\n관문\u{202e}"),
            "a\\u{1b}[2J\\u{9b}\\n관문\\u{202e}"
        );
        assert_eq!(escaped_bytes(b"ok\xff\x00"), "ok\\xff\\u{0}");
    }

    #[test]
    fn numbers_and_moments() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(20_412), "20,412");
        assert_eq!(grouped(1_000_000), "1,000,000");
        let ns = 1_795_384_800_123_456_789;
        assert_eq!(kst(ns), "2026-11-23 07:00:00.123456789 KST");
        assert_eq!(utc(ns), "2026-11-22T22:00:00.123456789Z");
    }
}
