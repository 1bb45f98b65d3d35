//! The server end of a line: takes a login, numbers what it sends, keeps the line alive.
//!
//! In it: [`Server`], one per connection, which is given packets and times and answers with small
//! events. Not in it: the store of sent messages that a replay reads (the owner has it), users and
//! their passwords (the owner decides), and the socket. Next: [`super::client`].
//!
//! The owner makes a server when a connection stands, answers
//! [`ServerEvent::LoginRequested`] with [`Server::accept`] or [`Server::reject`], and sends
//! messages by [`Server::sequenced`]: first the replay from the accepted number on, then what is
//! new; on the wire the two look alike.

use super::packet::{self, LoginRequest, Packet, Session};
use super::{Due, Silence, Terms};

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Connected, no login request yet.
    AwaitingLogin { due_ns: u64 },
    /// A login request waits for the owner's decision.
    Deciding { due_ns: u64 },
    /// The login was accepted.
    LoggedIn,
    /// Rejected, logged out, ended or dead: the connection has to be closed.
    Ended,
}

/// The server end of one SoupBinTCP connection.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    state: State,
    silence: Silence,
    /// Number of the next SequencedData packet. Meaningful from the accepted login on.
    next_sequence_number: u64,
}

/// What a packet means to the owner of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerEvent<'a> {
    /// A login to be answered by [`Server::accept`] or [`Server::reject`].
    LoginRequested(LoginRequest),
    /// A message.
    Unsequenced(&'a [u8]),
    /// The client is alive.
    Heartbeat,
    /// The client leaves: the connection has to be closed.
    LogoutRequested,
    /// Text for people.
    Debug,
    /// A packet that a client does not send, or not now. The line is out of step and has to be
    /// closed.
    Unexpected,
}

/// What a deadline asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerDeadline {
    /// Nothing is due, or a heartbeat is and found no room; the next call tries again.
    Nothing,
    /// A heartbeat of so many bytes was written and counts as sent.
    Heartbeat(usize),
    /// Nothing was heard for too long: the connection has to be closed.
    Dead,
    /// The login was not completed in time: the connection has to be closed.
    LoginTimedOut,
}

/// Number of the first packet to send after a login that asked for `requested`, when `next` is the
/// number that the next new message of the session will have: 0, and anything the session has not
/// reached, stand for "only what comes next".
#[must_use]
pub const fn first_to_send(requested: u64, next: u64) -> u64 {
    if requested == 0 || requested > next {
        next
    } else {
        requested
    }
}

impl Server {
    /// A connection that stands since `now_ns` and has not logged in.
    #[must_use]
    pub const fn new(terms: Terms, now_ns: u64) -> Self {
        Server {
            state: State::AwaitingLogin {
                due_ns: now_ns.saturating_add(terms.login_timeout_ns),
            },
            silence: Silence::new(terms, now_ns),
            next_sequence_number: 1,
        }
    }

    /// Bytes were received, be they whole packets or not.
    pub fn on_received(&mut self, now_ns: u64) {
        self.silence.on_received(now_ns);
    }

    /// The owner sent something by itself, such as a Debug packet.
    pub fn on_sent(&mut self, now_ns: u64) {
        self.silence.on_sent(now_ns);
    }

    /// Takes the next packet of the stream.
    pub fn on_packet<'p>(&mut self, packet: &Packet<'p>, now_ns: u64) -> ServerEvent<'p> {
        self.silence.on_received(now_ns);
        match (*packet, self.state) {
            (Packet::Debug(_), _) => ServerEvent::Debug,
            (Packet::LoginRequest(login), State::AwaitingLogin { due_ns }) => {
                self.state = State::Deciding { due_ns };
                ServerEvent::LoginRequested(login)
            }
            (Packet::UnsequencedData(message), State::LoggedIn) => {
                ServerEvent::Unsequenced(message)
            }
            // A client may beat as soon as it has sent its login, so before it knows the answer.
            (Packet::ClientHeartbeat, State::Deciding { .. } | State::LoggedIn) => {
                ServerEvent::Heartbeat
            }
            (Packet::LogoutRequest, State::Deciding { .. } | State::LoggedIn) => {
                self.state = State::Ended;
                ServerEvent::LogoutRequested
            }
            _ => {
                self.state = State::Ended;
                ServerEvent::Unexpected
            }
        }
    }

    /// Accepts the login that was requested: writes the answer and returns its length in bytes.
    /// `next_sequence_number` is the number of the first packet that [`Server::sequenced`] will
    /// write (see [`first_to_send`]). `None`, and nothing changed, when no login waits or there is
    /// no room.
    pub fn accept(
        &mut self,
        session: Session,
        next_sequence_number: u64,
        now_ns: u64,
        into: &mut [u8],
    ) -> Option<usize> {
        let State::Deciding { .. } = self.state else {
            return None;
        };
        let answer = Packet::LoginAccepted {
            session,
            sequence_number: next_sequence_number,
        };
        let written = answer.encode(into)?;
        self.state = State::LoggedIn;
        self.next_sequence_number = next_sequence_number;
        self.silence.on_sent(now_ns);
        Some(written)
    }

    /// Rejects the login that was requested: writes the answer and returns its length in bytes; the
    /// connection has to be closed behind it. `None`, and nothing changed, when no login waits or
    /// there is no room.
    pub fn reject(&mut self, reason: u8, now_ns: u64, into: &mut [u8]) -> Option<usize> {
        let State::Deciding { .. } = self.state else {
            return None;
        };
        let written = Packet::LoginRejected(reason).encode(into)?;
        self.state = State::Ended;
        self.silence.on_sent(now_ns);
        Some(written)
    }

    /// Writes a SequencedData packet whose message `write` puts in place, takes the next number for
    /// it, and returns its length in bytes. `None`, and no number taken, when not logged in, when
    /// `write` gives `None` or there is no room.
    pub fn sequenced(
        &mut self,
        now_ns: u64,
        into: &mut [u8],
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<usize> {
        if !self.is_logged_in() {
            return None;
        }
        let written = packet::sequenced(into, write)?;
        self.next_sequence_number = self.next_sequence_number.saturating_add(1);
        self.silence.on_sent(now_ns);
        Some(written)
    }

    /// Writes EndOfSession and returns its length in bytes; nothing may follow. `None` when not
    /// logged in or without room.
    pub fn end_of_session(&mut self, now_ns: u64, into: &mut [u8]) -> Option<usize> {
        if !self.is_logged_in() {
            return None;
        }
        let written = Packet::EndOfSession.encode(into)?;
        self.state = State::Ended;
        self.silence.on_sent(now_ns);
        Some(written)
    }

    /// When [`Server::on_deadline`] wants to be called; `None` while there is nothing to wait for.
    #[must_use]
    pub fn next_deadline_ns(&self) -> Option<u64> {
        match self.state {
            State::AwaitingLogin { due_ns } | State::Deciding { due_ns } => Some(due_ns),
            State::LoggedIn => Some(self.silence.next_deadline_ns()),
            State::Ended => None,
        }
    }

    /// Does what is due; harmless when nothing is.
    pub fn on_deadline(&mut self, now_ns: u64, into: &mut [u8]) -> ServerDeadline {
        match self.state {
            State::Ended => ServerDeadline::Nothing,
            State::AwaitingLogin { due_ns } | State::Deciding { due_ns } => {
                if now_ns < due_ns {
                    return ServerDeadline::Nothing;
                }
                self.state = State::Ended;
                ServerDeadline::LoginTimedOut
            }
            State::LoggedIn => match self.silence.due(now_ns) {
                Due::Nothing => ServerDeadline::Nothing,
                Due::Dead => {
                    self.state = State::Ended;
                    ServerDeadline::Dead
                }
                Due::Heartbeat => match Packet::ServerHeartbeat.encode(into) {
                    Some(written) => {
                        self.silence.on_sent(now_ns);
                        ServerDeadline::Heartbeat(written)
                    }
                    None => ServerDeadline::Nothing,
                },
            },
        }
    }

    /// Whether the login is accepted and the line not ended.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.state == State::LoggedIn
    }

    /// Number that the next SequencedData packet on this line gets.
    #[must_use]
    pub const fn next_sequence_number(&self) -> u64 {
        self.next_sequence_number
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Text;

    use super::super::packet::{REJECT_NOT_AUTHORISED, SESSION_CURRENT};
    use super::*;

    const LOGIN: LoginRequest = LoginRequest {
        username: Text::EMPTY,
        password: Text::EMPTY,
        requested_session: SESSION_CURRENT,
        requested_sequence_number: 1,
    };

    fn logged_in() -> Server {
        let mut server = Server::new(Terms::STANDARD, 0);
        let event = server.on_packet(&Packet::LoginRequest(LOGIN), 0);
        assert_eq!(event, ServerEvent::LoginRequested(LOGIN));
        assert_eq!(server.accept(SESSION_CURRENT, 7, 0, &mut [0; 33]), Some(33));
        server
    }

    #[test]
    fn the_first_packet_to_send() {
        for (requested, next, first) in [(0, 5, 5), (1, 5, 1), (5, 5, 5), (6, 5, 5), (0, 1, 1)] {
            assert_eq!(
                first_to_send(requested, next),
                first,
                "{requested} of {next}"
            );
        }
    }

    #[test]
    fn a_number_is_taken_only_with_a_packet() {
        let mut server = logged_in();
        let mut room = [0; 4];
        assert_eq!(server.sequenced(0, &mut room, |_| None), None);
        assert_eq!(server.sequenced(0, &mut room[..2], |_| Some(0)), None);
        assert_eq!(server.next_sequence_number(), 7);
        assert_eq!(server.sequenced(0, &mut room, |_| Some(1)), Some(4));
        assert_eq!(server.next_sequence_number(), 8);
    }

    #[test]
    fn nothing_goes_out_before_the_login_is_accepted() {
        let mut server = Server::new(Terms::STANDARD, 0);
        let mut room = [0; 64];
        assert_eq!(server.sequenced(0, &mut room, |_| Some(0)), None);
        assert_eq!(
            server.accept(SESSION_CURRENT, 1, 0, &mut room),
            None,
            "nobody asked"
        );
        assert_eq!(server.end_of_session(0, &mut room), None);
        server.on_packet(&Packet::LoginRequest(LOGIN), 0);
        assert_eq!(server.sequenced(0, &mut room, |_| Some(0)), None);
        assert_eq!(
            server.accept(SESSION_CURRENT, 1, 0, &mut room[..32]),
            None,
            "no room"
        );
        assert_eq!(server.accept(SESSION_CURRENT, 1, 0, &mut room), Some(33));
        assert_eq!(
            server.accept(SESSION_CURRENT, 1, 0, &mut room),
            None,
            "once is enough"
        );
    }

    #[test]
    fn a_rejected_login_ends_the_line() {
        let mut server = Server::new(Terms::STANDARD, 0);
        let mut room = [0; 4];
        server.on_packet(&Packet::LoginRequest(LOGIN), 0);
        assert_eq!(server.reject(REJECT_NOT_AUTHORISED, 0, &mut room), Some(4));
        assert_eq!(&room, b"\0\x02JA");
        assert_eq!(server.next_deadline_ns(), None);
        assert_eq!(
            server.on_packet(&Packet::UnsequencedData(b""), 0),
            ServerEvent::Unexpected,
            "no data from a stranger"
        );
    }

    #[test]
    fn refuses_what_a_client_does_not_send() {
        for packet in [
            Packet::SequencedData(b""),
            Packet::ServerHeartbeat,
            Packet::EndOfSession,
            Packet::LoginRequest(LOGIN),
            Packet::LoginRejected(b'A'),
        ] {
            let mut server = logged_in();
            assert_eq!(
                server.on_packet(&packet, 0),
                ServerEvent::Unexpected,
                "{packet:?}"
            );
            assert!(!server.is_logged_in());
        }
        let mut stranger = Server::new(Terms::STANDARD, 0);
        assert_eq!(
            stranger.on_packet(&Packet::Debug(b""), 0),
            ServerEvent::Debug
        );
        assert_eq!(
            stranger.on_packet(&Packet::UnsequencedData(b""), 0),
            ServerEvent::Unexpected
        );
    }

    #[test]
    fn beats_dies_and_times_out() {
        let terms = Terms {
            heartbeat_ns: 10,
            dead_ns: 35,
            login_timeout_ns: 100,
        };
        let mut server = Server::new(terms, 0);
        let mut room = [0; 64];
        assert_eq!(server.next_deadline_ns(), Some(100));
        assert_eq!(server.on_deadline(99, &mut room), ServerDeadline::Nothing);
        server.on_packet(&Packet::LoginRequest(LOGIN), 50);
        server.accept(SESSION_CURRENT, 1, 50, &mut room).unwrap();
        assert_eq!(server.next_deadline_ns(), Some(60));
        assert_eq!(
            server.on_deadline(60, &mut room),
            ServerDeadline::Heartbeat(3)
        );
        assert_eq!(&room[..3], b"\0\x01H");
        assert_eq!(
            server.on_deadline(70, &mut room),
            ServerDeadline::Heartbeat(3)
        );
        assert_eq!(
            server.on_deadline(80, &mut room),
            ServerDeadline::Heartbeat(3)
        );
        assert_eq!(server.next_deadline_ns(), Some(85));
        assert_eq!(server.on_deadline(85, &mut room), ServerDeadline::Dead);
        let mut silent = Server::new(terms, 0);
        assert_eq!(
            silent.on_deadline(100, &mut room),
            ServerDeadline::LoginTimedOut
        );
        assert_eq!(silent.next_deadline_ns(), None);
    }
}
