//! What the venue tells its operator, as events; and one way to write them down.
//!
//! In it: [`Event`], [`Operator`] who is told, [`EventLines`] which writes one line each, as text
//! or as JSON. The library prints nothing itself. Not in it: orders and reports (see
//! [`crate::ledger`]). A peer's text is shown with its control characters escaped.

use core::fmt::{self, Write as _};
use core::net::SocketAddr;
use std::io::Write;

use gwanmun_market::Text;

use crate::venue::Disposition;

/// Which of the listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Orders and their reports.
    Order,
    /// Market state.
    Feed,
    /// Orders and their reports in FIX.
    Fix,
}

impl LineKind {
    const fn text(self) -> &'static str {
        match self {
            LineKind::Order => "order",
            LineKind::Feed => "feed",
            LineKind::Fix => "fix",
        }
    }
}

/// Why a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// The peer closed its end.
    ClosedByPeer,
    /// The peer sent a LogoutRequest.
    LoggedOut,
    /// Nothing was heard for 15 seconds.
    Silent,
    /// The login was not completed in time.
    LoginTimedOut,
    /// The login was refused.
    LoginRefused,
    /// The peer sent what is no packet, or not one that a client sends then.
    OutOfStep,
    /// The peer did not read for 15 seconds while something waited for it.
    NotReading,
    /// A new login of the user took its place, after it was read to its end.
    NewLogin,
    /// Dropped on purpose, as the configuration says.
    Fault,
    /// More lines than the venue serves.
    TooManyLines,
    /// The venue stops.
    VenueStops,
    /// The socket failed.
    Socket(std::io::ErrorKind),
}

impl fmt::Display for LineEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LineEnd::ClosedByPeer => "closed by the peer",
            LineEnd::LoggedOut => "logged out",
            LineEnd::Silent => "nothing heard for 15 s",
            LineEnd::LoginTimedOut => "no login in time",
            LineEnd::LoginRefused => "login refused",
            LineEnd::OutOfStep => "sent what is no packet here",
            LineEnd::NotReading => "did not read for 15 s",
            LineEnd::NewLogin => "replaced by a new login of the user",
            LineEnd::Fault => "dropped on purpose",
            LineEnd::TooManyLines => "too many lines",
            LineEnd::VenueStops => "the venue stops",
            LineEnd::Socket(kind) => return write!(f, "socket failed: {kind}"),
        })
    }
}

/// Why a login was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// User or password are not known.
    NotAuthorised,
    /// Another session was asked for.
    SessionNotAvailable,
}

impl LoginRefusal {
    const fn text(self) -> &'static str {
        match self {
            LoginRefusal::NotAuthorised => "user or password not known",
            LoginRefusal::SessionNotAvailable => "another session was asked for",
        }
    }
}

/// Something the operator should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// The venue has its instruments and is about to listen.
    Started {
        /// Session of its lines.
        session: &'a [u8; 10],
        /// As configured; may be empty.
        trading_day: &'a str,
        /// How many instruments.
        instruments: usize,
    },
    /// A day that was kept is gone on with.
    Restored {
        /// Member messages taken so far.
        messages: u64,
        /// Sequenced messages made so far.
        reports: u64,
        /// Bytes of a record that was not whole, cut off the day log's end.
        torn_bytes: u64,
    },
    /// A listener stands.
    Listening {
        /// Which.
        kind: LineKind,
        /// Where, with the port taken.
        address: SocketAddr,
    },
    /// A login was accepted.
    LoggedIn {
        /// On which listener.
        kind: LineKind,
        /// Number of the line, as in the ledger.
        line: u32,
        /// Who.
        user: Text<6>,
        /// From where.
        peer: SocketAddr,
        /// Number of the first sequenced packet it gets.
        next_sequence_number: u64,
    },
    /// A login was refused.
    LoginRefused {
        /// On which listener.
        kind: LineKind,
        /// Who it said it was.
        user: Text<6>,
        /// From where.
        peer: SocketAddr,
        /// Why.
        refusal: LoginRefusal,
    },
    /// A line ended, logged in or not.
    Ended {
        /// On which listener.
        kind: LineKind,
        /// Number of the line.
        line: u32,
        /// Who, when logged in.
        user: Option<Text<6>>,
        /// From where.
        peer: SocketAddr,
        /// Why.
        end: LineEnd,
    },
    /// A message was ignored that no member should send; told for the first few of a line.
    Ignored {
        /// Number of the line.
        line: u32,
        /// Who.
        user: Text<6>,
        /// Why.
        disposition: Disposition,
    },
    /// The venue has stopped.
    Stopped {
        /// Member messages taken.
        messages: u64,
        /// Sequenced messages made.
        reports: u64,
    },
}

/// Who is told.
pub trait Operator {
    /// Is told of an event at a time, in nanoseconds of UTC since the epoch.
    fn tell(&mut self, time_ns: u64, event: &Event<'_>);
}

/// Nobody is told.
impl Operator for () {
    fn tell(&mut self, _: u64, _: &Event<'_>) {}
}

/// Writes a line per event. A writer that fails is not asked again: the venue goes on without.
#[derive(Debug)]
pub struct EventLines<W> {
    into: W,
    is_json: bool,
    has_failed: bool,
}

impl<W: Write> EventLines<W> {
    /// Writes into `into`, JSON objects or text.
    pub const fn new(into: W, is_json: bool) -> Self {
        EventLines {
            into,
            is_json,
            has_failed: false,
        }
    }
}

impl<W: Write> Operator for EventLines<W> {
    fn tell(&mut self, time_ns: u64, event: &Event<'_>) {
        if self.has_failed {
            return;
        }
        let line = if self.is_json {
            json_line(time_ns, event)
        } else {
            text_line(event)
        };
        let written = writeln!(self.into, "{line}").and_then(|()| self.into.flush());
        self.has_failed = written.is_err();
    }
}

enum Value {
    Number(u64),
    Text(String),
}

impl Event<'_> {
    /// The event's name in a line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Event::Started { .. } => "started",
            Event::Restored { .. } => "restored",
            Event::Listening { .. } => "listening",
            Event::LoggedIn { .. } => "logged_in",
            Event::LoginRefused { .. } => "login_refused",
            Event::Ended { .. } => "line_ended",
            Event::Ignored { .. } => "message_ignored",
            Event::Stopped { .. } => "stopped",
        }
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        let text = |text: &dyn fmt::Display| Value::Text(text.to_string());
        let number = |count: usize| Value::Number(u64::try_from(count).unwrap_or(u64::MAX));
        match *self {
            Event::Started {
                session,
                trading_day,
                instruments,
            } => vec![
                ("session", text(&session.trim_ascii_end().escape_ascii())),
                ("trading_day", text(&trading_day)),
                ("instruments", number(instruments)),
            ],
            Event::Listening { kind, address } => {
                vec![("kind", text(&kind.text())), ("address", text(&address))]
            }
            Event::LoggedIn {
                kind,
                line,
                user,
                peer,
                next_sequence_number,
            } => vec![
                ("kind", text(&kind.text())),
                ("line", Value::Number(line.into())),
                ("user", text(&user)),
                ("peer", text(&peer)),
                ("next_sequence_number", Value::Number(next_sequence_number)),
            ],
            Event::LoginRefused {
                kind,
                user,
                peer,
                refusal,
            } => vec![
                ("kind", text(&kind.text())),
                ("user", text(&user)),
                ("peer", text(&peer)),
                ("reason", text(&refusal.text())),
            ],
            Event::Ended {
                kind,
                line,
                user,
                peer,
                end,
            } => vec![
                ("kind", text(&kind.text())),
                ("line", Value::Number(line.into())),
                ("user", text(&user.unwrap_or_default())),
                ("peer", text(&peer)),
                ("reason", text(&end)),
            ],
            Event::Ignored {
                line,
                user,
                disposition,
            } => vec![
                ("line", Value::Number(line.into())),
                ("user", text(&user)),
                ("reason", text(&disposition)),
            ],
            Event::Stopped { messages, reports } => totals(messages, reports, None),
            Event::Restored {
                messages,
                reports,
                torn_bytes,
            } => totals(messages, reports, Some(torn_bytes)),
        }
    }
}

fn totals(messages: u64, reports: u64, torn_bytes: Option<u64>) -> Vec<(&'static str, Value)> {
    let mut fields = vec![
        ("messages", Value::Number(messages)),
        ("reports", Value::Number(reports)),
    ];
    fields.extend(torn_bytes.map(|count| ("torn_bytes", Value::Number(count))));
    fields
}

fn text_line(event: &Event<'_>) -> String {
    let mut line = format!("exchange: {}", event.name());
    for (key, value) in event.fields() {
        // Writing to a String cannot fail.
        let _ = match value {
            Value::Number(number) => write!(line, " {key}={number}"),
            Value::Text(text) if text.contains(' ') => write!(line, " {key}=\"{text}\""),
            Value::Text(text) => write!(line, " {key}={text}"),
        };
    }
    line
}

fn json_line(time_ns: u64, event: &Event<'_>) -> String {
    let mut line = format!("{{\"time_ns\":{time_ns},\"process\":\"exchange\"");
    let _ = write!(line, ",\"event\":\"{}\"", event.name());
    for (key, value) in event.fields() {
        let _ = match value {
            Value::Number(number) => write!(line, ",\"{key}\":{number}"),
            Value::Text(text) => write!(line, ",\"{key}\":\"{}\"", json_text(&text)),
        };
    }
    line.push('}');
    line
}

/// The inside of a JSON string. Peers' text is ASCII by now; the operator's own may be any.
fn json_text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => shown.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(shown, "\\u{:04x}", u32::from(control));
            }
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended() -> Event<'static> {
        Event::Ended {
            kind: LineKind::Order,
            line: 4,
            user: Text::new(b"A\"\x1b"),
            peer: SocketAddr::from(([127, 0, 0, 1], 9)),
            end: LineEnd::LoggedOut,
        }
    }

    #[test]
    fn a_line_per_event_with_control_characters_escaped() {
        let mut told = Vec::new();
        EventLines::new(&mut told, false).tell(1, &ended());
        EventLines::new(&mut told, true).tell(1, &ended());
        let text = String::from_utf8(told).unwrap();
        let want = "exchange: line_ended kind=order line=4 user=A\\\"\\x1b peer=127.0.0.1:9 \
                    reason=\"logged out\"\n\
                    {\"time_ns\":1,\"process\":\"exchange\",\"event\":\"line_ended\",\
                    \"kind\":\"order\",\"line\":4,\"user\":\"A\\\\\\\"\\\\x1b\",\
                    \"peer\":\"127.0.0.1:9\",\"reason\":\"logged out\"}\n";
        assert_eq!(text, want);
    }

    #[test]
    fn a_writer_that_fails_stops_nothing() {
        let mut room = [0_u8; 4];
        let mut lines = EventLines::new(&mut room[..], false);
        lines.tell(1, &ended());
        lines.tell(2, &ended());
        assert!(lines.has_failed);
    }
}
