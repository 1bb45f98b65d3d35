//! The client end of a line: logs in, counts what arrives, keeps the line alive.
//!
//! In it: [`Client`], which is given packets and times and answers with small events. Not in it:
//! the socket, the buffers, and any resending: data that is lost with a line is found out by the
//! application's own query (`SCHEMA.md`, section Recovery). Next: [`super::server`].
//!
//! The owner calls [`Client::login`] when the connection stands, [`Client::on_packet`] for every
//! packet, [`Client::on_sent`] for every packet that it sends by itself, and
//! [`Client::on_deadline`] when [`Client::next_deadline_ns`] has passed.

use gwanmun_market::Text;

use super::packet::{LoginRequest, Packet, SESSION_CURRENT, Session};
use super::{Due, Silence, Terms};

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No connection, or none that was logged in on yet.
    Idle,
    /// The login request is out.
    LoginSent { due_ns: u64 },
    /// The login was accepted.
    LoggedIn,
    /// Rejected, ended or dead: the connection has to be closed.
    Ended,
}

/// The client end of one SoupBinTCP line; it outlives connections.
#[derive(Clone, Copy)]
pub struct Client {
    username: Text<6>,
    /// A secret: `Debug` leaves it out.
    password: Text<10>,
    requested_session: Session,
    state: State,
    silence: Silence,
    /// Number of the next SequencedData packet. Meaningful from the accepted login on.
    next_sequence_number: u64,
}

/// What a packet means to the owner of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientEvent<'a> {
    /// The login is accepted. A `next_sequence_number` other than the requested one means that
    /// packets are missing (above) or that the session is another one (below).
    LoggedIn {
        /// Session that was joined.
        session: Session,
        /// Number of the next sequenced packet.
        next_sequence_number: u64,
    },
    /// The login is rejected for this reason; the server closes.
    LoginRejected(u8),
    /// A message, with the number it has in the session.
    Sequenced {
        /// Its number.
        sequence_number: u64,
        /// Its bytes.
        message: &'a [u8],
    },
    /// The server is alive.
    Heartbeat,
    /// The session is over; nothing will follow.
    EndOfSession,
    /// Text for people.
    Debug,
    /// A packet that a server does not send, or not now. The line is out of step and has to be
    /// closed.
    Unexpected,
}

/// What a deadline asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientDeadline {
    /// Nothing is due, or a heartbeat is and found no room; the next call tries again.
    Nothing,
    /// A heartbeat of so many bytes was written and counts as sent.
    Heartbeat(usize),
    /// Nothing was heard for too long: the connection has to be closed.
    Dead,
    /// The login was not answered in time: the connection has to be closed.
    LoginTimedOut,
}

impl Client {
    /// A client with the protocol's own times that takes whichever session is current.
    #[must_use]
    pub const fn new(username: Text<6>, password: Text<10>) -> Self {
        Client {
            username,
            password,
            requested_session: SESSION_CURRENT,
            state: State::Idle,
            silence: Silence::new(Terms::STANDARD, 0),
            next_sequence_number: 1,
        }
    }

    /// The same with other times.
    #[must_use]
    pub const fn with_terms(mut self, terms: Terms) -> Self {
        self.silence = Silence::new(terms, 0);
        self
    }

    /// The same, asking for one session by name.
    #[must_use]
    pub const fn with_session(mut self, session: Session) -> Self {
        self.requested_session = session;
        self
    }

    /// Starts a connection: writes the login request, asking for packets from
    /// `next_sequence_number` on (1 = all, 0 = only what comes next), and returns its length in
    /// bytes. It counts as sent now. `None`, and nothing changed, when there is no room.
    pub fn login(
        &mut self,
        next_sequence_number: u64,
        now_ns: u64,
        into: &mut [u8],
    ) -> Option<usize> {
        let written = Packet::LoginRequest(LoginRequest {
            username: self.username,
            password: self.password,
            requested_session: self.requested_session,
            requested_sequence_number: next_sequence_number,
        })
        .encode(into)?;
        let terms = self.silence.terms;
        self.silence = Silence::new(terms, now_ns);
        self.state = State::LoginSent {
            due_ns: now_ns.saturating_add(terms.login_timeout_ns),
        };
        Some(written)
    }

    /// The connection is gone; the next one starts with [`Client::login`].
    pub const fn on_disconnect(&mut self) {
        self.state = State::Idle;
    }

    /// Bytes were received, be they whole packets or not.
    pub fn on_received(&mut self, now_ns: u64) {
        self.silence.on_received(now_ns);
    }

    /// The owner sent something by itself, such as an UnsequencedData packet.
    pub fn on_sent(&mut self, now_ns: u64) {
        self.silence.on_sent(now_ns);
    }

    /// Takes the next packet of the stream.
    pub fn on_packet<'p>(&mut self, packet: &Packet<'p>, now_ns: u64) -> ClientEvent<'p> {
        self.silence.on_received(now_ns);
        match (*packet, self.state) {
            (Packet::Debug(_), _) => ClientEvent::Debug,
            (
                Packet::LoginAccepted {
                    session,
                    sequence_number,
                },
                State::LoginSent { .. },
            ) => {
                self.state = State::LoggedIn;
                self.next_sequence_number = sequence_number;
                ClientEvent::LoggedIn {
                    session,
                    next_sequence_number: sequence_number,
                }
            }
            (Packet::LoginRejected(reason), State::LoginSent { .. }) => {
                self.state = State::Ended;
                ClientEvent::LoginRejected(reason)
            }
            (Packet::SequencedData(message), State::LoggedIn) => {
                let sequence_number = self.next_sequence_number;
                self.next_sequence_number = sequence_number.saturating_add(1);
                ClientEvent::Sequenced {
                    sequence_number,
                    message,
                }
            }
            (Packet::ServerHeartbeat, State::LoginSent { .. } | State::LoggedIn) => {
                ClientEvent::Heartbeat
            }
            (Packet::EndOfSession, State::LoggedIn) => {
                self.state = State::Ended;
                ClientEvent::EndOfSession
            }
            _ => {
                self.state = State::Ended;
                ClientEvent::Unexpected
            }
        }
    }

    /// When [`Client::on_deadline`] wants to be called; `None` while there is nothing to wait for.
    #[must_use]
    pub fn next_deadline_ns(&self) -> Option<u64> {
        match self.state {
            State::Idle | State::Ended => None,
            State::LoginSent { due_ns } => Some(due_ns),
            State::LoggedIn => Some(self.silence.next_deadline_ns()),
        }
    }

    /// Does what is due; harmless when nothing is.
    pub fn on_deadline(&mut self, now_ns: u64, into: &mut [u8]) -> ClientDeadline {
        match self.state {
            State::Idle | State::Ended => ClientDeadline::Nothing,
            State::LoginSent { due_ns } if now_ns >= due_ns => {
                self.state = State::Ended;
                ClientDeadline::LoginTimedOut
            }
            State::LoginSent { .. } => ClientDeadline::Nothing,
            State::LoggedIn => match self.silence.due(now_ns) {
                Due::Nothing => ClientDeadline::Nothing,
                Due::Dead => {
                    self.state = State::Ended;
                    ClientDeadline::Dead
                }
                Due::Heartbeat => match Packet::ClientHeartbeat.encode(into) {
                    Some(written) => {
                        self.silence.on_sent(now_ns);
                        ClientDeadline::Heartbeat(written)
                    }
                    None => ClientDeadline::Nothing,
                },
            },
        }
    }

    /// Writes a logout request and returns its length in bytes; the server closes on it. `None`
    /// when not logged in or without room.
    pub fn logout(&mut self, now_ns: u64, into: &mut [u8]) -> Option<usize> {
        if !self.is_logged_in() {
            return None;
        }
        let written = Packet::LogoutRequest.encode(into)?;
        self.silence.on_sent(now_ns);
        Some(written)
    }

    /// Whether the login is accepted and the line not ended.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.state == State::LoggedIn
    }

    /// Number of the next SequencedData packet: what a login after this line would ask for.
    #[must_use]
    pub const fn next_sequence_number(&self) -> u64 {
        self.next_sequence_number
    }
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client")
            .field("username", &self.username)
            .field("state", &self.state)
            .field("next_sequence_number", &self.next_sequence_number)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    fn logged_in(now_ns: u64) -> Client {
        let mut client = Client::new(Text::EMPTY, Text::EMPTY);
        let mut room = [0; 64];
        assert_eq!(client.login(1, now_ns, &mut room), Some(49));
        let accepted = Packet::LoginAccepted {
            session: *b"DAY       ",
            sequence_number: 1,
        };
        client.on_packet(&accepted, now_ns);
        assert!(client.is_logged_in());
        client
    }

    #[test]
    fn a_login_that_finds_no_room_changes_nothing() {
        let mut client = Client::new(Text::EMPTY, Text::EMPTY);
        assert_eq!(client.login(1, 0, &mut [0; 48]), None);
        assert_eq!(client.next_deadline_ns(), None);
    }

    #[test]
    fn counts_what_is_sequenced_and_nothing_else() {
        let mut client = logged_in(0);
        for (packet, event) in [
            (
                Packet::SequencedData(b"a"),
                ClientEvent::Sequenced {
                    sequence_number: 1,
                    message: b"a",
                },
            ),
            (Packet::Debug(b"?"), ClientEvent::Debug),
            (Packet::ServerHeartbeat, ClientEvent::Heartbeat),
            (
                Packet::SequencedData(b"b"),
                ClientEvent::Sequenced {
                    sequence_number: 2,
                    message: b"b",
                },
            ),
            (Packet::EndOfSession, ClientEvent::EndOfSession),
            (Packet::SequencedData(b"c"), ClientEvent::Unexpected),
        ] {
            assert_eq!(client.on_packet(&packet, 0), event);
        }
        assert_eq!(client.next_sequence_number(), 3);
        assert_eq!(client.next_deadline_ns(), None);
    }

    #[test]
    fn refuses_what_a_server_does_not_send() {
        for packet in [
            Packet::UnsequencedData(b""),
            Packet::ClientHeartbeat,
            Packet::LogoutRequest,
            Packet::LoginAccepted {
                session: SESSION_CURRENT,
                sequence_number: 1,
            },
            Packet::LoginRejected(b'A'),
        ] {
            let mut client = logged_in(0);
            assert_eq!(
                client.on_packet(&packet, 0),
                ClientEvent::Unexpected,
                "{packet:?}"
            );
            assert!(!client.is_logged_in());
        }
    }

    #[test]
    fn data_before_the_login_is_accepted_is_out_of_step() {
        let mut client = Client::new(Text::EMPTY, Text::EMPTY);
        client.login(1, 0, &mut [0; 64]).unwrap();
        assert_eq!(
            client.on_packet(&Packet::Debug(b"hi"), 0),
            ClientEvent::Debug
        );
        assert_eq!(
            client.on_packet(&Packet::SequencedData(b""), 0),
            ClientEvent::Unexpected
        );
    }

    #[test]
    fn beats_a_second_after_its_last_packet() {
        let mut client = logged_in(0);
        let mut room = [0; 3];
        assert_eq!(client.next_deadline_ns(), Some(SECOND_NS));
        assert_eq!(
            client.on_deadline(SECOND_NS - 1, &mut room),
            ClientDeadline::Nothing
        );
        client.on_sent(SECOND_NS / 2);
        assert_eq!(
            client.on_deadline(SECOND_NS, &mut room),
            ClientDeadline::Nothing
        );
        assert_eq!(client.next_deadline_ns(), Some(SECOND_NS * 3 / 2));
        assert_eq!(
            client.on_deadline(SECOND_NS * 3 / 2, &mut room[..2]),
            ClientDeadline::Nothing,
            "no room, so it stays due"
        );
        assert_eq!(
            client.on_deadline(SECOND_NS * 3 / 2, &mut room),
            ClientDeadline::Heartbeat(3)
        );
        assert_eq!(&room, b"\0\x01R");
        assert_eq!(client.next_deadline_ns(), Some(SECOND_NS * 5 / 2));
    }

    #[test]
    fn a_silent_line_is_dead_after_fifteen_seconds() {
        let mut client = logged_in(0);
        client.on_received(SECOND_NS);
        client.on_sent(15 * SECOND_NS);
        assert_eq!(client.next_deadline_ns(), Some(16 * SECOND_NS));
        assert_eq!(
            client.on_deadline(16 * SECOND_NS, &mut [0; 3]),
            ClientDeadline::Dead
        );
        assert_eq!(client.next_deadline_ns(), None);
        assert_eq!(
            client.on_deadline(17 * SECOND_NS, &mut [0; 3]),
            ClientDeadline::Nothing
        );
    }

    #[test]
    fn a_login_without_answer_times_out() {
        let terms = Terms {
            login_timeout_ns: 5,
            ..Terms::STANDARD
        };
        let mut client = Client::new(Text::EMPTY, Text::EMPTY).with_terms(terms);
        client.login(0, 100, &mut [0; 64]).unwrap();
        assert_eq!(client.next_deadline_ns(), Some(105));
        assert_eq!(client.on_deadline(104, &mut []), ClientDeadline::Nothing);
        assert_eq!(
            client.on_deadline(105, &mut []),
            ClientDeadline::LoginTimedOut
        );
        client.on_disconnect();
        assert_eq!(
            client.login(0, 200, &mut [0; 64]),
            Some(49),
            "and may try again"
        );
    }

    #[test]
    fn a_clock_that_is_set_back_delays_nothing_for_long() {
        let mut client = logged_in(1_000 * SECOND_NS);
        client.on_packet(&Packet::ServerHeartbeat, 10 * SECOND_NS);
        assert_eq!(client.next_deadline_ns(), Some(11 * SECOND_NS));
    }
}
