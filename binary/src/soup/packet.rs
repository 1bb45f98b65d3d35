//! SoupBinTCP packets: two bytes of length, one of type, a payload.
//!
//! In it: [`Packet::parse`], which finds the first packet of a byte stream; [`Packet::encode`]; and
//! [`sequenced`] and [`unsequenced`], which let a message be written in place behind its head. The
//! table is in `SCHEMA.md`, section SoupBinTCP. Not in it: who may send what when (see
//! [`super::client`] and [`super::server`]).
//!
//! A packet of a fixed length is refused as soon as its head says another one, so that a stream out
//! of step does not first wait for 64 KiB of nonsense.

use gwanmun_market::Text;

/// Bytes in front of a payload: length and type.
pub const HEAD_BYTES: usize = 3;
/// Longest payload: the length field counts the type byte too.
pub const PAYLOAD_BYTES_MAX: usize = 65_534;
/// Longest packet, and so the least size of a receive buffer that never stalls.
pub const PACKET_BYTES_MAX: usize = HEAD_BYTES + PAYLOAD_BYTES_MAX;
/// Payload of a login request.
pub const LOGIN_REQUEST_BYTES: usize = 6 + 10 + 10 + NUMBER_BYTES;
/// Payload of an accepted login.
pub const LOGIN_ACCEPTED_BYTES: usize = 10 + NUMBER_BYTES;
/// A sequence number as text.
pub const NUMBER_BYTES: usize = 20;
/// Any packet that is not data or debug fits into so many bytes.
pub const CONTROL_BYTES_MAX: usize = HEAD_BYTES + LOGIN_REQUEST_BYTES;

const _: () = assert!(LOGIN_REQUEST_BYTES == 46);
const _: () = assert!(LOGIN_ACCEPTED_BYTES == 30);
const _: () = assert!(PACKET_BYTES_MAX == 2 + u16::MAX as usize);

/// Session of ten characters, blank-padded on the right.
pub type Session = [u8; 10];

/// The session that a login asks for when it takes whichever is current.
pub const SESSION_CURRENT: Session = [b' '; 10];

/// Reason of a rejected login: user name or password not accepted.
pub const REJECT_NOT_AUTHORISED: u8 = b'A';
/// Reason of a rejected login: no such session.
pub const REJECT_SESSION_NOT_AVAILABLE: u8 = b'S';

/// LoginRequest (`L`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LoginRequest {
    /// Username.
    pub username: Text<6>,
    /// Password; a secret, so `Debug` leaves it out.
    pub password: Text<10>,
    /// RequestedSession; [`SESSION_CURRENT`] for whichever is current.
    pub requested_session: Session,
    /// RequestedSequenceNumber: 1 from the start, 0 only what comes next.
    pub requested_sequence_number: u64,
}

impl core::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("LoginRequest")
            .field("username", &self.username)
            .field(
                "requested_session",
                &Text::from_padded(&self.requested_session),
            )
            .field("requested_sequence_number", &self.requested_sequence_number)
            .finish_non_exhaustive()
    }
}

/// One packet, its payload borrowed from the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `L`, client.
    LoginRequest(LoginRequest),
    /// `U`, client: one message; may be lost when the line breaks.
    UnsequencedData(&'a [u8]),
    /// `R`, client.
    ClientHeartbeat,
    /// `O`, client.
    LogoutRequest,
    /// `A`, server.
    LoginAccepted {
        /// Session that was joined.
        session: Session,
        /// Number of the next sequenced packet on this line.
        sequence_number: u64,
    },
    /// `J`, server: the reason, as [`REJECT_NOT_AUTHORISED`]; the server closes behind it.
    LoginRejected(u8),
    /// `S`, server: one message, numbered by its place in the stream.
    SequencedData(&'a [u8]),
    /// `H`, server.
    ServerHeartbeat,
    /// `Z`, server: no sequenced packet will follow in this session.
    EndOfSession,
    /// `+`, both: text for people, not part of the session.
    Debug(&'a [u8]),
}

/// Why bytes are not a packet. Nothing behind them can be trusted: the line has to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoupError {
    /// A length of zero leaves no room for the type.
    NoType,
    /// The type is none of the protocol's.
    UnknownType(u8),
    /// A packet of this type has another length.
    Length(u8),
    /// A sequence number is not digits behind spaces, or too large.
    Number,
}

impl SoupError {
    /// A short text for people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            SoupError::NoType => "packet without a type",
            SoupError::UnknownType(_) => "unknown packet type",
            SoupError::Length(_) => "wrong length for the packet type",
            SoupError::Number => "sequence number is not a number",
        }
    }
}

impl<'a> Packet<'a> {
    /// Reads the packet at the front of a stream and says how many bytes it takes there; `None`
    /// when it is not complete yet.
    ///
    /// # Errors
    /// [`SoupError`]; what is wrong in the head is found before the payload is there.
    pub fn parse(bytes: &'a [u8]) -> Result<Option<(Packet<'a>, usize)>, SoupError> {
        let Some((length, behind)) = bytes.split_first_chunk::<2>() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes(*length));
        let payload_length = length.checked_sub(1).ok_or(SoupError::NoType)?;
        let Some((&packet_type, behind)) = behind.split_first() else {
            return Ok(None);
        };
        if let Some(expected) = fixed_payload(packet_type)?
            && expected != payload_length
        {
            return Err(SoupError::Length(packet_type));
        }
        let Some(payload) = behind.get(..payload_length) else {
            return Ok(None);
        };
        Ok(Some((
            Packet::read(packet_type, payload)?,
            HEAD_BYTES + payload_length,
        )))
    }

    fn read(packet_type: u8, payload: &'a [u8]) -> Result<Packet<'a>, SoupError> {
        Ok(match packet_type {
            b'L' => Packet::LoginRequest(read_login_request(payload)?),
            b'U' => Packet::UnsequencedData(payload),
            b'R' => Packet::ClientHeartbeat,
            b'O' => Packet::LogoutRequest,
            b'A' => read_login_accepted(payload)?,
            b'J' => Packet::LoginRejected(*payload.first().ok_or(SoupError::Length(packet_type))?),
            b'S' => Packet::SequencedData(payload),
            b'H' => Packet::ServerHeartbeat,
            b'Z' => Packet::EndOfSession,
            b'+' => Packet::Debug(payload),
            unknown => return Err(SoupError::UnknownType(unknown)),
        })
    }

    /// The packet's type byte.
    #[must_use]
    pub const fn packet_type(&self) -> u8 {
        match self {
            Packet::LoginRequest(_) => b'L',
            Packet::UnsequencedData(_) => b'U',
            Packet::ClientHeartbeat => b'R',
            Packet::LogoutRequest => b'O',
            Packet::LoginAccepted { .. } => b'A',
            Packet::LoginRejected(_) => b'J',
            Packet::SequencedData(_) => b'S',
            Packet::ServerHeartbeat => b'H',
            Packet::EndOfSession => b'Z',
            Packet::Debug(_) => b'+',
        }
    }

    /// Writes the packet and returns its length in bytes; `None` when it does not fit into `into`,
    /// or a payload not into a packet.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        framed(self.packet_type(), into, |room| match *self {
            Packet::LoginRequest(login) => write_login_request(&login, room),
            Packet::UnsequencedData(payload)
            | Packet::SequencedData(payload)
            | Packet::Debug(payload) => write_all(&[payload], room),
            Packet::LoginAccepted {
                session,
                sequence_number,
            } => write_all(&[&session, &number_text(sequence_number)], room),
            Packet::LoginRejected(reason) => write_all(&[&[reason]], room),
            Packet::ClientHeartbeat
            | Packet::LogoutRequest
            | Packet::ServerHeartbeat
            | Packet::EndOfSession => Some(0),
        })
    }
}

/// Writes an UnsequencedData packet whose payload `write` puts in place, returning its length in
/// bytes; `None` when `write` gives `None` or there is no room.
pub fn unsequenced(
    into: &mut [u8],
    write: impl FnOnce(&mut [u8]) -> Option<usize>,
) -> Option<usize> {
    framed(b'U', into, write)
}

/// Writes a SequencedData packet whose payload `write` puts in place, returning its length in
/// bytes; `None` when `write` gives `None` or there is no room.
///
/// It counts nothing: [`super::Server::sequenced`] does.
pub fn sequenced(into: &mut [u8], write: impl FnOnce(&mut [u8]) -> Option<usize>) -> Option<usize> {
    framed(b'S', into, write)
}

fn framed(
    packet_type: u8,
    into: &mut [u8],
    write: impl FnOnce(&mut [u8]) -> Option<usize>,
) -> Option<usize> {
    let (head, room) = into.split_first_chunk_mut::<HEAD_BYTES>()?;
    let written = write(room)?;
    debug_assert!(
        written <= room.len(),
        "a payload lies within the room it was given"
    );
    let [high, low] = u16::try_from(written.checked_add(1)?).ok()?.to_be_bytes();
    *head = [high, low, packet_type];
    Some(HEAD_BYTES + written)
}

/// The payload's length where the type fixes it.
const fn fixed_payload(packet_type: u8) -> Result<Option<usize>, SoupError> {
    match packet_type {
        b'L' => Ok(Some(LOGIN_REQUEST_BYTES)),
        b'A' => Ok(Some(LOGIN_ACCEPTED_BYTES)),
        b'J' => Ok(Some(1)),
        b'R' | b'O' | b'H' | b'Z' => Ok(Some(0)),
        b'U' | b'S' | b'+' => Ok(None),
        unknown => Err(SoupError::UnknownType(unknown)),
    }
}

fn read_login_request(payload: &[u8]) -> Result<LoginRequest, SoupError> {
    let wrong = SoupError::Length(b'L');
    let (username, rest) = payload.split_first_chunk::<6>().ok_or(wrong)?;
    let (password, rest) = rest.split_first_chunk::<10>().ok_or(wrong)?;
    let (session, rest) = rest.split_first_chunk::<10>().ok_or(wrong)?;
    Ok(LoginRequest {
        username: Text::from_padded(username),
        password: Text::from_padded(password),
        requested_session: *session,
        requested_sequence_number: read_number(rest)?,
    })
}

fn read_login_accepted<'a>(payload: &[u8]) -> Result<Packet<'a>, SoupError> {
    let (session, rest) = payload
        .split_first_chunk::<10>()
        .ok_or(SoupError::Length(b'A'))?;
    Ok(Packet::LoginAccepted {
        session: *session,
        sequence_number: read_number(rest)?,
    })
}

fn write_login_request(login: &LoginRequest, room: &mut [u8]) -> Option<usize> {
    write_all(
        &[
            &login.username.padded(),
            &login.password.padded(),
            &login.requested_session,
            &number_text(login.requested_sequence_number),
        ],
        room,
    )
}

fn write_all(parts: &[&[u8]], room: &mut [u8]) -> Option<usize> {
    let mut written = 0_usize;
    for part in parts {
        let end = written.checked_add(part.len())?;
        room.get_mut(written..end)?.copy_from_slice(part);
        written = end;
    }
    Some(written)
}

/// Reads digits behind spaces, all of the bytes.
fn read_number(text: &[u8]) -> Result<u64, SoupError> {
    let first_digit = text
        .iter()
        .position(|&byte| byte != b' ')
        .ok_or(SoupError::Number)?;
    let mut value = 0_u64;
    for &byte in text.get(first_digit..).unwrap_or(&[]) {
        let digit = byte
            .checked_sub(b'0')
            .filter(|&digit| digit <= 9)
            .ok_or(SoupError::Number)?;
        value = value
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u64::from(digit)))
            .ok_or(SoupError::Number)?;
    }
    Ok(value)
}

/// The number right-justified behind spaces; every `u64` fits.
fn number_text(number: u64) -> [u8; NUMBER_BYTES] {
    let mut text = [b' '; NUMBER_BYTES];
    let mut rest = number;
    for slot in text.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_behind_spaces() {
        for (text, number) in [
            ("                   0", Ok(0)),
            ("                   1", Ok(1)),
            ("00000000000000000042", Ok(42)),
            ("18446744073709551615", Ok(u64::MAX)),
            ("18446744073709551616", Err(SoupError::Number)),
            ("99999999999999999999", Err(SoupError::Number)),
            ("                    ", Err(SoupError::Number)),
            ("1                   ", Err(SoupError::Number)),
            ("                 1 2", Err(SoupError::Number)),
            ("                  -1", Err(SoupError::Number)),
            ("                  +1", Err(SoupError::Number)),
            ("                 1\x0011", Err(SoupError::Number)),
        ] {
            assert_eq!(read_number(text.as_bytes()), number, "{text:?}");
        }
        for number in [0, 1, 9, 10, 42, u64::MAX] {
            assert_eq!(
                number_text(number).as_slice(),
                format!("{number:>20}").as_bytes()
            );
        }
    }

    #[test]
    fn waits_for_the_rest() {
        assert_eq!(Packet::parse(b""), Ok(None));
        assert_eq!(Packet::parse(b"\0"), Ok(None));
        assert_eq!(Packet::parse(b"\0\x01"), Ok(None));
        assert_eq!(Packet::parse(b"\0\x03U1"), Ok(None));
        assert_eq!(
            Packet::parse(b"\0\x03U12"),
            Ok(Some((Packet::UnsequencedData(b"12"), 5)))
        );
        assert_eq!(
            Packet::parse(b"\0\x03U12\0"),
            Ok(Some((Packet::UnsequencedData(b"12"), 5)))
        );
    }

    #[test]
    fn wrong_heads_are_refused_before_the_payload() {
        assert_eq!(Packet::parse(b"\0\0"), Err(SoupError::NoType));
        assert_eq!(Packet::parse(b"\0\x01?"), Err(SoupError::UnknownType(b'?')));
        assert_eq!(
            Packet::parse(b"\xFF\xFFX"),
            Err(SoupError::UnknownType(b'X'))
        );
        assert_eq!(Packet::parse(b"\xFF\xFFL"), Err(SoupError::Length(b'L')));
        assert_eq!(Packet::parse(b"\0\x2EL"), Err(SoupError::Length(b'L')));
        assert_eq!(Packet::parse(b"\0\x30L"), Err(SoupError::Length(b'L')));
        assert_eq!(Packet::parse(b"\0\x1EA"), Err(SoupError::Length(b'A')));
        assert_eq!(Packet::parse(b"\0\x01J"), Err(SoupError::Length(b'J')));
        for packet_type in [b'R', b'O', b'H', b'Z'] {
            assert_eq!(
                Packet::parse(&[0, 2, packet_type]),
                Err(SoupError::Length(packet_type)),
                "a byte too many"
            );
        }
    }

    #[test]
    fn the_longest_payload_fits_and_one_more_does_not() {
        let mut room = vec![0; PACKET_BYTES_MAX + 1];
        let payload = vec![7; PAYLOAD_BYTES_MAX + 1];
        let longest = Packet::SequencedData(&payload[1..]);
        assert_eq!(longest.encode(&mut room), Some(PACKET_BYTES_MAX));
        assert_eq!(Packet::parse(&room), Ok(Some((longest, PACKET_BYTES_MAX))));
        assert_eq!(Packet::SequencedData(&payload).encode(&mut room), None);
    }

    #[test]
    fn a_payload_is_written_in_place() {
        let mut room = [0; 8];
        let put = |room: &mut [u8]| {
            room.get_mut(..3)?.copy_from_slice(b"abc");
            Some(3)
        };
        assert_eq!(unsequenced(&mut room, put), Some(6));
        assert_eq!(&room[..6], b"\0\x04Uabc");
        assert_eq!(sequenced(&mut room, put), Some(6));
        assert_eq!(&room[..6], b"\0\x04Sabc");
        assert_eq!(sequenced(&mut room[..5], put), None);
        assert_eq!(sequenced(&mut room[..2], put), None);
    }

    #[test]
    fn a_password_is_never_shown() {
        let login = LoginRequest {
            username: Text::new(b"GATE1").unwrap(),
            password: Text::new(b"hunter2").unwrap(),
            requested_session: SESSION_CURRENT,
            requested_sequence_number: 1,
        };
        let shown = format!("{:?}", Packet::LoginRequest(login));
        assert!(
            shown.contains("GATE1") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
