//! What the input records hold, kind by kind.
//!
//! In it: the fixed payloads (Connected, Accepted, Disconnected, TableVersion, Credential,
//! Storage, Lent; Schedule in `input/schedule.rs`), each with its encoder and parser. A Received
//! payload is the raw bytes; a Start payload is text, one fact a line; a Table payload is its
//! SHA-256 and then its content; a DeadlineFired payload is empty. Not in it: effects (see
//! `effect.rs`) and record heads (see `journal.rs`). Byte tables: `captures/FORMAT.md`.

mod schedule;

pub use schedule::{Schedule, ScheduleKind};

use crate::bytes::{all_zero, array, put, u16_at, u32_at, u64_at};

/// Bytes of a Connected payload.
pub const CONNECTED_BYTES: usize = 40;
/// Bytes of an Accepted payload.
pub const ACCEPTED_BYTES: usize = 12;
/// Bytes of a SHA-256 in Table and TableVersion payloads.
pub const TABLE_HASH_BYTES: usize = 32;

mod connected_at {
    pub(super) const ROLE: usize = 0;
    pub(super) const FAMILY: usize = 1;
    pub(super) const INDEX: usize = 2;
    pub(super) const PEER_PORT: usize = 4;
    pub(super) const LOCAL_PORT: usize = 6;
    pub(super) const PEER: usize = 8;
    pub(super) const LOCAL: usize = 24;
}

const _: () = assert!(connected_at::LOCAL + 16 == CONNECTED_BYTES);

/// The payload is not what its record kind promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFault {
    /// Not the length this kind has.
    Length {
        /// Its length.
        found: usize,
    },
    /// An unknown role of a connection.
    Role(u8),
    /// An address family that is neither 4 nor 6, or two different ones.
    Family(u8),
    /// Bytes that must be zero are not.
    Reserved,
    /// An unknown kind of schedule.
    ScheduleKind(u8),
    /// A command of this kind that is unknown or has impossible parts.
    Command(u8),
}

/// Who is at the other end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Role {
    /// A member's order session.
    Member = 1,
    /// A venue's order line.
    Venue = 2,
    /// A venue's market-state line.
    Feed = 3,
}

/// An IP address as it lies in a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// IPv4.
    V4([u8; 4]),
    /// IPv6.
    V6([u8; 16]),
}

/// One end of a TCP connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Its address.
    pub address: Address,
    /// Its port.
    pub port: u16,
}

impl Endpoint {
    /// An IPv4 end.
    #[must_use]
    pub const fn v4(address: [u8; 4], port: u16) -> Self {
        Self {
            address: Address::V4(address),
            port,
        }
    }

    /// An IPv6 end.
    #[must_use]
    pub const fn v6(address: [u8; 16], port: u16) -> Self {
        Self {
            address: Address::V6(address),
            port,
        }
    }

    /// Its address in 16 bytes (IPv4 in the first four) and its family, 4 or 6.
    fn wide(&self) -> ([u8; 16], u8) {
        match self.address {
            Address::V4(short) => {
                let mut wide = [0; 16];
                put(&mut wide, 0, &short);
                (wide, 4)
            }
            Address::V6(wide) => (wide, 6),
        }
    }

    /// Something to sort and compare by.
    pub(crate) fn sortable(&self) -> ([u8; 16], u16, bool) {
        let (wide, family) = self.wide();
        (wide, self.port, family == 6)
    }

    /// The address again from 16 bytes.
    fn from_wide(wide: [u8; 16], family: u8, port: u16) -> Result<Self, InputFault> {
        let (front, rest) = wide.split_at(4);
        match family {
            4 if !all_zero(rest) => Err(InputFault::Reserved),
            4 => Ok(Self::v4(array(front, 0).unwrap_or_default(), port)),
            6 => Ok(Self::v6(wide, port)),
            other => Err(InputFault::Family(other)),
        }
    }
}

/// Payload of a Connected record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Who is at the other end.
    pub role: Role,
    /// Which session or venue of the configuration.
    pub index: u16,
    /// The other end.
    pub peer: Endpoint,
    /// Our end.
    pub local: Endpoint,
}

impl Connected {
    /// The payload. Both ends have the same family; if not, the shorter address is written in 16
    /// bytes as mapped IPv4 (`::ffff:a.b.c.d`).
    #[must_use]
    pub fn to_bytes(&self) -> [u8; CONNECTED_BYTES] {
        let ((peer, peer_family), (local, local_family)) = (self.peer.wide(), self.local.wide());
        let family = peer_family.max(local_family);
        let widened = |wide: [u8; 16], own_family: u8| {
            if own_family == family {
                return wide;
            }
            let mut mapped = [0; 16];
            put(&mut mapped, 10, &[0xFF, 0xFF]);
            put(&mut mapped, 12, &array::<4>(&wide, 0).unwrap_or_default());
            mapped
        };
        let mut bytes = [0; CONNECTED_BYTES];
        put(&mut bytes, connected_at::ROLE, &[self.role as u8, family]);
        put(&mut bytes, connected_at::INDEX, &self.index.to_le_bytes());
        put(
            &mut bytes,
            connected_at::PEER_PORT,
            &self.peer.port.to_le_bytes(),
        );
        put(
            &mut bytes,
            connected_at::LOCAL_PORT,
            &self.local.port.to_le_bytes(),
        );
        put(&mut bytes, connected_at::PEER, &widened(peer, peer_family));
        put(
            &mut bytes,
            connected_at::LOCAL,
            &widened(local, local_family),
        );
        bytes
    }

    /// Reads the payload.
    ///
    /// # Errors
    /// [`InputFault`].
    pub fn parse(payload: &[u8]) -> Result<Self, InputFault> {
        let bytes: &[u8; CONNECTED_BYTES] = exact(payload)?;
        let byte = |offset: usize| bytes.get(offset).copied().unwrap_or_default();
        let role = match byte(connected_at::ROLE) {
            1 => Role::Member,
            2 => Role::Venue,
            3 => Role::Feed,
            other => return Err(InputFault::Role(other)),
        };
        let family = byte(connected_at::FAMILY);
        let end = |address, port| {
            let wide = array(bytes, address).unwrap_or_default();
            Endpoint::from_wide(wide, family, u16_at(bytes, port).unwrap_or_default())
        };
        Ok(Self {
            role,
            index: u16_at(bytes, connected_at::INDEX).unwrap_or_default(),
            peer: end(connected_at::PEER, connected_at::PEER_PORT)?,
            local: end(connected_at::LOCAL, connected_at::LOCAL_PORT)?,
        })
    }
}

/// Payload of an Accepted record: bytes that the socket took now, and how many it had taken before
/// on this line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Bytes taken now.
    pub count: u32,
    /// Bytes of this line taken before.
    pub offset_before: u64,
}

impl Accepted {
    /// The payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; ACCEPTED_BYTES] {
        let mut bytes = [0; ACCEPTED_BYTES];
        put(&mut bytes, 0, &self.count.to_le_bytes());
        put(&mut bytes, 4, &self.offset_before.to_le_bytes());
        bytes
    }

    /// Reads the payload.
    ///
    /// # Errors
    /// [`InputFault::Length`].
    pub fn parse(payload: &[u8]) -> Result<Self, InputFault> {
        let bytes: &[u8; ACCEPTED_BYTES] = exact(payload)?;
        Ok(Self {
            count: u32_at(bytes, 0).unwrap_or_default(),
            offset_before: u64_at(bytes, 4).unwrap_or_default(),
        })
    }
}

/// Payload of a Disconnected record: why, as a code of the writer's own and as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnected<'a> {
    /// The writer's code.
    pub reason: u8,
    /// Text for people; not trusted to be UTF-8.
    pub text: &'a [u8],
}

impl<'a> Disconnected<'a> {
    /// The two parts to append.
    #[must_use]
    pub fn parts(&self) -> ([u8; 1], &'a [u8]) {
        ([self.reason], self.text)
    }

    /// Reads the payload.
    ///
    /// # Errors
    /// [`InputFault::Length`] if it is empty.
    pub fn parse(payload: &'a [u8]) -> Result<Self, InputFault> {
        let (&reason, text) = payload
            .split_first()
            .ok_or(InputFault::Length { found: 0 })?;
        Ok(Self { reason, text })
    }
}

/// Payload of a Table record: the content and the hash it is known by from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    /// SHA-256 of the content, as the writer computed it.
    pub sha256: [u8; TABLE_HASH_BYTES],
    /// The content, free-form.
    pub content: &'a [u8],
}

impl<'a> Table<'a> {
    /// Reads the payload; does not recompute the hash.
    ///
    /// # Errors
    /// [`InputFault::Length`] if it is shorter than a hash.
    pub fn parse(payload: &'a [u8]) -> Result<Self, InputFault> {
        let (sha256, content) =
            payload
                .split_first_chunk::<TABLE_HASH_BYTES>()
                .ok_or(InputFault::Length {
                    found: payload.len(),
                })?;
        Ok(Self {
            sha256: *sha256,
            content,
        })
    }
}

/// The hash of a TableVersion payload.
///
/// # Errors
/// [`InputFault::Length`] if it is not exactly a hash.
pub fn table_version(payload: &[u8]) -> Result<[u8; TABLE_HASH_BYTES], InputFault> {
    exact(payload).copied()
}

/// The one byte of a Credential (outcome) or Storage (level) payload.
///
/// # Errors
/// [`InputFault::Length`] if it is not exactly one byte.
pub fn one_byte(payload: &[u8]) -> Result<u8, InputFault> {
    exact::<1>(payload).map(|[byte]| *byte)
}

/// Up to where the journal survives the loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Persisted {
    /// Segment of the chain, from 0.
    pub segment: u32,
    /// Byte offset in it: everything before is synced. Between two records.
    pub offset: u64,
}

impl Persisted {
    /// Length of the payload.
    pub const BYTES: usize = 12;

    /// The 12 bytes of this payload.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut payload = [0; Self::BYTES];
        put(&mut payload, 0, &self.segment.to_le_bytes());
        put(&mut payload, 4, &self.offset.to_le_bytes());
        payload
    }

    /// Reads a Persisted payload.
    ///
    /// # Errors
    /// [`InputFault::Length`].
    pub fn parse(payload: &[u8]) -> Result<Self, InputFault> {
        let found = payload.len();
        let fault = InputFault::Length { found };
        if found != Self::BYTES {
            return Err(fault);
        }
        Ok(Self {
            segment: u32_at(payload, 0).ok_or(fault)?,
            offset: u64_at(payload, 4).ok_or(fault)?,
        })
    }
}

/// The segment of a Lent payload, counted from zero in the trading day's chain.
///
/// # Errors
/// [`InputFault::Length`] if it is not exactly four bytes.
pub fn lent_segment(payload: &[u8]) -> Result<u32, InputFault> {
    exact(payload).map(|bytes| u32::from_le_bytes(*bytes))
}

/// Whose lines a stop in good order ends now; the one byte of a Leaving payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// The members', by Logout(5).
    Members,
    /// The venue's and its feed's, by LogoutRequest.
    Venues,
}

impl Leaving {
    /// As its record carries it.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Leaving::Members => 1,
            Leaving::Venues => 2,
        }
    }

    /// Reads the record's byte.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Leaving> {
        match byte {
            1 => Some(Leaving::Members),
            2 => Some(Leaving::Venues),
            _ => None,
        }
    }
}

/// The payload as exactly `N` bytes.
fn exact<const N: usize>(payload: &[u8]) -> Result<&[u8; N], InputFault> {
    payload.as_array().ok_or(InputFault::Length {
        found: payload.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connected_comes_back_for_both_families() {
        let v4 = Connected {
            role: Role::Member,
            index: 513,
            peer: Endpoint::v4([10, 0, 0, 1], 40_000),
            local: Endpoint::v4([10, 0, 0, 2], 9876),
        };
        assert_eq!(Connected::parse(&v4.to_bytes()), Ok(v4));
        let six = |last| {
            let mut address = [0x20; 16];
            address[15] = last;
            address
        };
        let v6 = Connected {
            role: Role::Feed,
            index: 0,
            peer: Endpoint::v6(six(1), 1),
            local: Endpoint::v6(six(2), 65_535),
        };
        assert_eq!(Connected::parse(&v6.to_bytes()), Ok(v6));
        let mixed = Connected {
            peer: v4.peer,
            ..v6
        };
        let back = Connected::parse(&mixed.to_bytes()).unwrap();
        let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1];
        assert_eq!(back.peer, Endpoint::v6(mapped, 40_000));
        assert_eq!(back.local, v6.local);
    }

    #[test]
    fn golden_bytes() {
        let connected = Connected {
            role: Role::Venue,
            index: 3,
            peer: Endpoint::v4([1, 2, 3, 4], 0x1234),
            local: Endpoint::v4([5, 6, 7, 8], 0x5678),
        };
        let mut expected = vec![2, 4, 3, 0, 0x34, 0x12, 0x78, 0x56, 1, 2, 3, 4];
        expected.extend([0; 12]);
        expected.extend([5, 6, 7, 8]);
        expected.extend([0; 12]);
        assert_eq!(connected.to_bytes().as_slice(), expected);
        let accepted = Accepted {
            count: 0x0102,
            offset_before: 0x0A0B,
        };
        assert_eq!(
            accepted.to_bytes(),
            [2, 1, 0, 0, 0x0B, 0x0A, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(Accepted::parse(&accepted.to_bytes()), Ok(accepted));
    }

    #[test]
    fn wrong_payloads_are_named() {
        assert_eq!(
            Connected::parse(&[1; 39]),
            Err(InputFault::Length { found: 39 })
        );
        let mut bytes = [0; 40];
        assert_eq!(Connected::parse(&bytes), Err(InputFault::Role(0)));
        bytes[0] = 1;
        assert_eq!(Connected::parse(&bytes), Err(InputFault::Family(0)));
        bytes[1] = 4;
        bytes[39] = 1;
        assert_eq!(Connected::parse(&bytes), Err(InputFault::Reserved));
        assert_eq!(
            Disconnected::parse(b""),
            Err(InputFault::Length { found: 0 })
        );
        assert_eq!(one_byte(&[]), Err(InputFault::Length { found: 0 }));
        assert_eq!(one_byte(&[1, 2]), Err(InputFault::Length { found: 2 }));
        assert_eq!(
            lent_segment(&[1, 2, 3]),
            Err(InputFault::Length { found: 3 })
        );
        assert_eq!(lent_segment(&[1, 2, 0, 0]), Ok(0x0201));
        let persisted = Persisted {
            segment: 0x0102,
            offset: 0x0A0B_0000_0000,
        };
        let bytes = [2, 1, 0, 0, 0, 0, 0, 0, 0x0B, 0x0A, 0, 0];
        assert_eq!(persisted.to_bytes(), bytes);
        assert_eq!(Persisted::parse(&bytes), Ok(persisted));
        assert_eq!(
            Persisted::parse(&bytes[1..]),
            Err(InputFault::Length { found: 11 })
        );
        assert_eq!(
            table_version(&[0; 31]),
            Err(InputFault::Length { found: 31 })
        );
        assert_eq!(
            Table::parse(&[0; 31]),
            Err(InputFault::Length { found: 31 })
        );
    }
}
